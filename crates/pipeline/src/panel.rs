//! The steps of one panel: operands are looked up or laid out, kernels write registers, registers are used again.
//!
//! - `columns`: columns of rows
//! - `generate`: rows from nothing
//! - `one_hot`: codes as rows

pub(crate) mod columns;
pub(crate) mod generate;
pub(crate) mod one_hot;

use std::ops::Range;
use std::sync::atomic::Ordering;

use tilewright_matrix::buffer::Buffer;
use tilewright_matrix::panel::{self, Cells, Copies, Space};
use tilewright_matrix::{Csr, replace};
use tilewright_ops::Op;
use tilewright_ops::cumulative::{self, CumulativeOp};

use crate::domain::Domain;
use crate::driver::Driver;
use crate::functions::{self, Kind};
use crate::layout::{Bound, Layout, RightSide};
use crate::pipeline::{Made, Source};
use crate::run::{Arithmetic, Run};
use crate::sink::{Sink, Sum};

/// What a thread works with in a chunk of rows.
pub(crate) struct Worker<'r> {
    run: &'r Run<'r>,
    sinks: Vec<Sink>,
    /// Registers that are free.
    free: Vec<Buffer>,
    space: Space,
    /// The last row of each running result down the rows, by its step.
    last: Vec<(usize, Vec<f64>)>,
    /// The steps that run, where not all do.
    wanted: Option<&'r [bool]>,
}

/// Cells of a long step between which memory is asked for what comes next.
const PIECE: usize = 128;

/// Some rows, and the stored cells of the driver in them.
struct Panel<'r> {
    rows: Range<usize>,
    /// The rows of the panel behind.
    next: Range<usize>,
    stored: Range<usize>,
    columns: &'r [u32],
    /// Where the stored cells of each row end, counted from the first of the panel.
    ends: Vec<usize>,
}

/// A value of a panel.
enum Register<'o> {
    Own(Buffer, usize),
    Result(&'o mut [f64]),
}

impl Register<'_> {
    fn cells(&self) -> &[f64] {
        match self {
            Register::Own(cells, len) => &cells[..*len],
            Register::Result(cells) => cells,
        }
    }

    fn cells_mut(&mut self) -> &mut [f64] {
        match self {
            Register::Own(cells, len) => &mut cells[..*len],
            Register::Result(cells) => cells,
        }
    }
}

/// The values of a panel so far.
struct Values<'o> {
    /// Sparse drivers in dense form, and dense ones at the stored cells.
    inputs: Vec<Option<Buffer>>,
    steps: Vec<Option<Register<'o>>>,
}

impl<'r> Worker<'r> {
    pub(crate) fn new(run: &'r Run<'r>) -> Worker<'r> {
        let sinks = run.sinks.iter().map(|step| Sink::new(run.layout, *step)).collect();
        Worker { run, sinks, free: Vec::new(), space: Space::default(), last: Vec::new(), wanted: None }
    }

    /// Runs the panels of some rows, whose results go to `outs`.
    pub(crate) fn chunk(mut self, rows: Range<usize>, outs: Vec<&mut [f64]>) -> Vec<Sink> {
        self.panels(&rows, outs);
        if self.run.layout.driver.is_some() {
            self.push_zeros(rows.len() as u64);
        }
        self.sinks
    }

    /// The last row of each running result behind some rows, of which only the wanted steps run.
    pub(crate) fn totals(mut self, rows: Range<usize>, wanted: &'r [bool]) -> Vec<(usize, Vec<f64>)> {
        self.wanted = Some(wanted);
        self.panels(&rows, Vec::new());
        self.last
    }

    fn panels(&mut self, rows: &Range<usize>, mut outs: Vec<&mut [f64]>) {
        self.last = self.run.scans.before(rows.start);
        let mut values = Values {
            inputs: self.run.layout.inputs.iter().map(|_| None).collect(),
            steps: self.run.layout.widths.iter().map(|_| None).collect(),
        };
        let mut copies = Copies::default();
        let mut start = rows.start;
        while start < rows.end {
            let panel = self.panel_from(start, rows.end);
            start = panel.rows.end;
            let mut far = Vec::new();
            for (step, out) in self.run.rows.iter().zip(&mut outs) {
                let (own, rest) = std::mem::take(out).split_at_mut(self.run.cells_of(*step, &panel.rows));
                *out = rest;
                if self.run.far {
                    far.push((*step, own));
                } else {
                    values.steps[*step] = Some(Register::Result(own));
                }
            }
            self.panel(&panel, &mut values);
            for (step, out) in far {
                let register = values.steps[step].as_ref();
                copies.copy_over(out, register.expect("invariant: results are kept").cells());
            }
            self.recycle(&mut values);
        }
    }

    /// The panel that begins at a row: as many rows as registers hold.
    fn panel_from(&self, start: usize, limit: usize) -> Panel<'r> {
        let mut end = limit.min(start + self.run.height);
        let Some(Driver { cells: csr, .. }) = &self.run.layout.driver else {
            let next = end..limit.min(end + self.run.height);
            return Panel { rows: start..end, next, stored: 0..0, columns: &[], ends: Vec::new() };
        };
        let first = csr.row_ptr()[start];
        while end > start + 1 && csr.row_ptr()[end] - first > self.run.stored {
            end = start + (end - start) / 2;
        }
        let ends = csr.row_ptr()[start + 1..=end].iter().map(|end| end - first).collect();
        let stored = first..csr.row_ptr()[end];
        Panel { rows: start..end, next: end..end, columns: &csr.col()[stored.clone()], stored, ends }
    }

    /// Runs the steps on a panel.
    fn panel(&mut self, panel: &Panel<'r>, values: &mut Values<'_>) {
        let layout = self.run.layout;
        let wanted = self.wanted;
        for at in (0..layout.widths.len()).filter(|at| wanted.is_none_or(|wanted| wanted[*at])) {
            self.lay_out(at, panel, values);
            match layout.made[at] {
                Made::Panel => self.compute(at, panel, values),
                Made::Partial => self.add(at, panel, values),
            }
            self.release(at, values);
        }
    }

    /// Gives back what a panel used.
    fn recycle(&mut self, values: &mut Values<'_>) {
        self.free.extend(values.inputs.iter_mut().filter_map(Option::take));
        for register in &mut values.steps {
            if let Some(Register::Own(cells, _)) = register.take() {
                self.free.push(cells);
            }
        }
    }

    /// Asks for a part of the next rows of the drivers: memory is at work while a long step computes.
    fn prefetch(&self, next: &Range<usize>, (part, parts): (usize, usize)) {
        let layout = self.run.layout;
        for (input, width) in layout.inputs.iter().zip(&layout.input_widths) {
            if let Bound::Dense(cells) = input {
                let (start, len) = (next.start * width, next.len() * width);
                panel::prefetch(&cells[start + len * part / parts..start + len * (part + 1) / parts]);
            }
        }
    }

    /// Computes an element-wise step, in pieces if it is long.
    fn apply(
        &mut self,
        at: usize,
        next: &Range<usize>,
        operands: [Cells<'_>; 3],
        width: usize,
        out: &mut [f64],
    ) {
        let op = &self.run.layout.cellwise[at];
        let (long, count) = (&self.run.long, self.run.long.len());
        let rank = long.iter().position(|step| *step == at);
        let (Some(rank), Op::Unary(unary), Cells::Full(cells)) = (rank, op, operands[0]) else {
            return apply(op, operands, width, out, &mut self.space);
        };
        let (map, pieces) = (unary.map(), out.len().div_ceil(PIECE));
        for (k, (out, cells)) in out.chunks_mut(PIECE).zip(cells.chunks(PIECE)).enumerate() {
            self.prefetch(next, (rank * pieces + k, count * pieces));
            map(cells, out);
        }
    }

    /// A register of at least `len` cells.
    fn take(&mut self, len: usize) -> Buffer {
        match self.free.pop() {
            Some(cells) if cells.len() >= len => cells,
            _ => Buffer::unset(len.max(self.run.height * self.run.layout.widest())),
        }
    }

    /// Gives back what was read for the last time by step `at`.
    fn release(&mut self, at: usize, values: &mut Values<'_>) {
        let layout = self.run.layout;
        for arg in &layout.pipeline.steps[at].args {
            if let Source::Step(read) = arg
                && layout.last_use[*read] == at
                && matches!(values.steps[*read], Some(Register::Own(..)))
                && let Some(Register::Own(cells, _)) = values.steps[*read].take()
            {
                self.free.push(cells);
            }
        }
    }

    /// Brings sparse operands of a step into dense form, or to the cells of the driver.
    fn lay_out(&mut self, at: usize, panel: &Panel<'r>, values: &mut Values<'_>) {
        let layout = self.run.layout;
        for arg in &layout.pipeline.steps[at].args {
            let Source::Input(input) = arg else { continue };
            let Bound::Sparse(csr) = &layout.inputs[*input] else { continue };
            if values.inputs[*input].is_some() || layout.is_aligned(*input) {
                continue;
            }
            let mut cells;
            if layout.is_stored(*arg) {
                cells = self.take(panel.stored.len());
                let out = &mut cells[..panel.stored.len()];
                panel::stored_at(csr, panel.rows.start, (panel.columns, &panel.ends), out);
            } else {
                cells = self.take(panel.rows.len() * csr.cols());
                densify(csr, &panel.rows, &mut cells);
            }
            values.inputs[*input] = Some(cells);
        }
    }

    fn compute(&mut self, at: usize, panel: &Panel<'r>, values: &mut Values<'_>) {
        let layout = self.run.layout;
        let len = match layout.domains[at] {
            _ if layout.coded[at] => 0,
            Domain::Dense => panel.rows.len() * layout.widths[at],
            Domain::Stored => panel.stored.len(),
        };
        let mut register = match values.steps[at].take() {
            Some(register) => register,
            None => Register::Own(self.take(len), len),
        };
        let out = register.cells_mut();
        match (&layout.pipeline.steps[at].op, layout.domains[at]) {
            (Op::Aggregate(..), _) => self.row_aggregate(at, panel, values, out),
            (Op::Product(_), Domain::Dense) => self.product(at, panel, values, out),
            (Op::Product(_), Domain::Stored) => self.sampled(at, panel, values, out),
            (Op::Index(_), _) => move_columns(layout, at, panel, values, out),
            (Op::Cumulative(op), _) => self.cumulate(*op, at, panel, values, out),
            (op, domain) => match functions::kind(op) {
                Some(Kind::Bind) => move_columns(layout, at, panel, values, out),
                Some(Kind::Sequence | Kind::Constant) => generate::rows(layout, at, &panel.rows, out),
                Some(Kind::OneHot) => self.expand(at, panel, values, out),
                Some(Kind::Replace | Kind::Outer) | None => self.cells(at, (panel, domain), values, out),
            },
        }
        values.steps[at] = Some(register);
    }

    /// One-hot rows, if their cells are read.
    fn expand(&self, at: usize, panel: &Panel<'r>, values: &Values<'_>, out: &mut [f64]) {
        let layout = self.run.layout;
        let codes = full(layout, panel, values, layout.pipeline.steps[at].args[0]);
        if !one_hot::are_codes(codes) {
            self.run.has_failed.store(true, Ordering::Relaxed);
        }
        if !layout.coded[at] {
            one_hot::rows(codes, layout.widths[at], out);
        }
    }

    /// An element-wise step.
    fn cells(
        &mut self,
        at: usize,
        (panel, domain): (&Panel<'r>, Domain),
        values: &Values<'_>,
        out: &mut [f64],
    ) {
        let layout = self.run.layout;
        let args = &layout.pipeline.steps[at].args;
        let (mut gathered, mut operands) = ([const { None }; 3], [Cells::Number(0.0); 3]);
        let width = if domain == Domain::Stored { out.len() } else { layout.widths[at] };
        if domain == Domain::Stored {
            for (arg, space) in args.iter().zip(&mut gathered) {
                if is_gathered(layout, *arg) {
                    let mut cells = self.take(out.len());
                    gather(layout, panel, values, *arg, &mut cells[..out.len()]);
                    *space = Some(cells);
                }
            }
        }
        for ((arg, space), operand) in args.iter().zip(&gathered).zip(&mut operands) {
            let repeated = match arg {
                Source::Input(input) if domain == Domain::Dense => self.run.repeated[*input].as_ref(),
                _ => None,
            };
            *operand = match (space, repeated) {
                (Some(cells), _) | (None, Some(cells)) => Cells::Full(&cells[..out.len()]),
                (None, None) => operand_of(layout, panel, values, *arg, width),
            };
        }
        if width > 0 {
            self.apply(at, &panel.next, operands, width, out);
        }
        self.free.extend(gathered.into_iter().flatten());
    }

    fn row_aggregate(&self, at: usize, panel: &Panel<'r>, values: &Values<'_>, out: &mut [f64]) {
        let layout = self.run.layout;
        let step = &layout.pipeline.steps[at];
        let Op::Aggregate(row, _) = &step.op else { return };
        let kernels = row.panel().expect("invariant: made by `made`");
        let (cells, width) = (full(layout, panel, values, step.args[0]), layout.width(step.args[0]));
        match kernels.stored_rows {
            Some(stored_rows) if layout.is_stored(step.args[0]) => {
                stored_rows(cells, &panel.ends, width, out);
            }
            _ => (kernels.rows)(cells, width, out),
        }
    }

    /// A running result.
    fn cumulate(
        &mut self,
        op: CumulativeOp,
        at: usize,
        panel: &Panel<'r>,
        values: &Values<'_>,
        out: &mut [f64],
    ) {
        let layout = self.run.layout;
        let (cells, width) =
            (full(layout, panel, values, layout.pipeline.steps[at].args[0]), layout.widths[at]);
        match op.panel() {
            Some(cumulative::Panel::Along(along)) => along(cells, width, out),
            Some(cumulative::Panel::Down { run, .. }) => {
                let last = self.last.iter_mut().find(|(step, _)| *step == at);
                let (_, last) = last.expect("invariant: running results are listed");
                run(last, cells, width, out);
            }
            None => {}
        }
    }

    /// A product whose rows are computed whole.
    fn product(&self, at: usize, panel: &Panel<'r>, values: &Values<'_>, out: &mut [f64]) {
        let layout = self.run.layout;
        let left = layout.pipeline.steps[at].args[0];
        let codes = layout.codes(left);
        let cells = full(layout, panel, values, codes.unwrap_or(left));
        match right(layout, at) {
            RightSide::Rows(rows) if codes.is_some() => one_hot::choose(cells, rows, out),
            RightSide::Vectors(vectors) => panel::times(cells, vectors, out),
            RightSide::Narrow(right) => panel::times_narrow(cells, right, out),
            RightSide::Rows(rows) => {
                let mut start = 0;
                for (out, end) in out.chunks_exact_mut(layout.widths[at]).zip(&panel.ends) {
                    panel::times_stored(&panel.columns[start..*end], &cells[start..*end], rows, out);
                    start = *end;
                }
            }
        }
    }

    /// A product at the stored cells of the driver.
    fn sampled(&self, at: usize, panel: &Panel<'r>, values: &Values<'_>, out: &mut [f64]) {
        let layout = self.run.layout;
        let left = layout.pipeline.steps[at].args[0];
        let RightSide::Vectors(right) = right(layout, at) else { return };
        let cells = full(layout, panel, values, left);
        panel::dots_at(cells, right, (panel.columns, &panel.ends), out);
    }

    /// Adds the panel to a sink.
    fn add(&mut self, at: usize, panel: &Panel<'r>, values: &Values<'_>) {
        let layout = self.run.layout;
        let sink = self.run.sinks.iter().position(|step| *step == at).expect("invariant: sinks are listed");
        let args = &layout.pipeline.steps[at].args;
        let coded = layout.codes(args[0]);
        let left = full(layout, panel, values, coded.unwrap_or(args[0]));
        match &mut self.sinks[sink] {
            Sink::Running(running, _) if coded.is_some() => {
                let columns = one_hot::columns(left, layout.width(args[0]));
                running.push_at(&columns, &vec![1.0; columns.len()]);
            }
            Sink::Product(sum) if coded.is_some() => {
                let (right, stored) = (full(layout, panel, values, args[1]), (panel.columns, &*panel.ends));
                if layout.is_stored(args[1]) {
                    one_hot::add_stored(left, stored, right, &mut sum.cells);
                } else {
                    panel::add_rows_at(left, right, &mut sum.cells);
                }
            }
            Sink::Running(running, _) if layout.is_stored(args[0]) => running.push_at(panel.columns, left),
            Sink::Running(running, _) => running.push(left),
            Sink::Product(sum) => {
                let right = args.get(1).map_or(left, |right| full(layout, panel, values, *right));
                let source = args.get(1).copied().unwrap_or(args[0]);
                if layout.is_stored(args[0]) {
                    scatter(panel, left, (right, layout.width(source)), self.run.arithmetic, sum);
                } else if layout.is_stored(source) {
                    scatter(panel, right, (left, layout.width(args[0])), self.run.arithmetic, sum);
                } else {
                    let (left, right) = ((left, layout.width(args[0])), (right, layout.width(source)));
                    let (left, right) = if sum.is_turned { (right, left) } else { (left, right) };
                    match self.run.arithmetic {
                        Arithmetic::Plain => panel::add_product(left, right, sum.cells.cells_mut()),
                        Arithmetic::Absorbing => {
                            panel::add_absorbing_product(left, right, sum.cells.cells_mut());
                        }
                    }
                }
            }
        }
    }

    /// What was not stored in the driver is zero in what stored cells add up to.
    fn push_zeros(&mut self, rows: u64) {
        let layout = self.run.layout;
        for (step, sink) in self.run.sinks.iter().zip(&mut self.sinks) {
            if let Sink::Running(running, _) = sink
                && layout.is_stored(layout.pipeline.steps[*step].args[0])
            {
                running.push_zeros(rows);
            }
        }
    }
}

/// Columns that a step chooses, or puts side by side.
fn move_columns(layout: &Layout<'_>, at: usize, panel: &Panel<'_>, values: &Values<'_>, out: &mut [f64]) {
    let args = &layout.pipeline.steps[at].args;
    let (cells, width) = (|arg: Source| full(layout, panel, values, arg), |arg: Source| layout.width(arg));
    if let Op::Index(_) = layout.pipeline.steps[at].op {
        return columns::slice(cells(args[0]), width(args[0]), columns::of_step(layout, at), out);
    }
    let mut start = 0;
    for arg in args {
        columns::bind(cells(*arg), width(*arg), start, out, layout.widths[at]);
        start += width(*arg);
    }
}

/// Rows of this many columns or more are repeated one by one.
const REPEATED: usize = 48;

/// A narrow row, as often as a panel has rows.
pub(crate) fn repeated(input: &Bound<'_>, height: usize) -> Option<Buffer> {
    match input {
        Bound::Row(row) if (2..REPEATED).contains(&row.cols()) => {
            let mut cells = Buffer::unset(height * row.cols());
            cells.chunks_exact_mut(row.cols()).for_each(|to| to.copy_from_slice(row.cells()));
            Some(cells)
        }
        _ => None,
    }
}

/// `sum[columns[p], ] += scale[p] * right[row of p, ]`.
fn scatter(
    panel: &Panel<'_>,
    scale: &[f64],
    (right, width): (&[f64], usize),
    arithmetic: Arithmetic,
    sum: &mut Sum,
) {
    let mut start = 0;
    for (row, end) in right.chunks_exact(width).zip(&panel.ends) {
        for (column, scale) in panel.columns[start..*end].iter().zip(&scale[start..*end]) {
            let out = sum.cells.row_mut(*column as usize);
            match arithmetic {
                Arithmetic::Plain if width == 1 => out[0] += scale * row[0],
                Arithmetic::Plain => panel::add_scaled(*scale, row, out),
                Arithmetic::Absorbing => {
                    panel::add_absorbing_product((&[*scale], 1), (row, width), out);
                }
            }
        }
        start = *end;
    }
}

fn apply(op: &Op, [a, b, c]: [Cells<'_>; 3], width: usize, out: &mut [f64], space: &mut Space) {
    match op {
        Op::Unary(op) => panel::unary(op.map(), a, width, out, space),
        Op::Binary(op) if op.is_absorbing() => panel::binary(&panel::ABSORBING, a, b, width, out, space),
        Op::Binary(op) => panel::binary(op.loops(), a, b, width, out, space),
        Op::Select => panel::select([a, b, c], width, out, space),
        _ => {
            if let (Cells::Full(cells), Cells::Number(pattern), Cells::Number(replacement)) = (a, b, c) {
                replace::replace_cells(cells, pattern, replacement, out);
            }
        }
    }
}

/// The right side of a product.
fn right<'l>(layout: &'l Layout<'_>, at: usize) -> &'l RightSide<'l> {
    layout.right[at].as_ref().expect("invariant: a product with a whole right side has it")
}

/// An operand of an element-wise step that makes rows of `width` cells.
fn operand_of<'v>(
    layout: &'v Layout<'_>,
    panel: &Panel<'_>,
    values: &'v Values<'_>,
    source: Source,
    width: usize,
) -> Cells<'v> {
    match source {
        Source::Number(number) => Cells::Number(number),
        Source::Input(at) => match &layout.inputs[at] {
            Bound::Number(number) => Cells::Number(*number),
            Bound::Row(row) if row.cols() == 1 => Cells::Number(row.get(0, 0)),
            Bound::Row(row) => Cells::Row(row.cells()),
            _ => rows_of(layout, panel, values, source, width),
        },
        Source::Step(_) => rows_of(layout, panel, values, source, width),
    }
}

fn rows_of<'v>(
    layout: &'v Layout<'_>,
    panel: &Panel<'_>,
    values: &'v Values<'_>,
    source: Source,
    width: usize,
) -> Cells<'v> {
    let cells = full(layout, panel, values, source);
    let is_column = !layout.is_stored(source) && layout.width(source) == 1 && width != 1;
    if is_column { Cells::Column(cells) } else { Cells::Full(cells) }
}

/// The cells of a driver or step in a panel.
fn full<'v>(layout: &'v Layout<'_>, panel: &Panel<'_>, values: &'v Values<'_>, source: Source) -> &'v [f64] {
    match source {
        Source::Step(at) => {
            values.steps[at].as_ref().expect("invariant: operands are made before their uses").cells()
        }
        Source::Input(at) => match &layout.inputs[at] {
            Bound::Sparse(csr) if layout.is_aligned(at) => &csr.val()[panel.stored.clone()],
            Bound::Dense(cells) => {
                let width = layout.input_widths[at];
                &cells[panel.rows.start * width..panel.rows.end * width]
            }
            _ => {
                let laid_out = values.inputs[at].as_ref().expect("invariant: sparse operands are laid out");
                let is_stored = layout.is_stored(source);
                let whole = panel.rows.len() * layout.input_widths[at];
                &laid_out[..if is_stored { panel.stored.len() } else { whole }]
            }
        },
        Source::Number(_) => &[],
    }
}

/// Whether an operand of a step at stored cells has to be collected from elsewhere.
fn is_gathered(layout: &Layout<'_>, source: Source) -> bool {
    match source {
        Source::Number(_) => false,
        Source::Step(_) => !layout.is_stored(source),
        Source::Input(at) => match &layout.inputs[at] {
            Bound::Number(_) => false,
            Bound::Row(row) => row.cols() > 1,
            _ => !layout.is_stored(source),
        },
    }
}

/// The cells of an operand at the stored cells of the driver.
fn gather(layout: &Layout<'_>, panel: &Panel<'_>, values: &Values<'_>, source: Source, out: &mut [f64]) {
    if let Source::Input(at) = source
        && let Bound::Row(row) = &layout.inputs[at]
    {
        let row = row.cells();
        return out.iter_mut().zip(panel.columns).for_each(|(out, column)| *out = row[*column as usize]);
    }
    let (cells, width) = (full(layout, panel, values, source), layout.width(source));
    let mut start = 0;
    for (row, end) in cells.chunks_exact(width).zip(&panel.ends) {
        let range = start..*end;
        if width == 1 {
            out[range].fill(row[0]);
        } else {
            let columns = &panel.columns[range.clone()];
            out[range].iter_mut().zip(columns).for_each(|(out, column)| *out = row[*column as usize]);
        }
        start = *end;
    }
}

/// Some rows of a sparse matrix in dense form.
fn densify(csr: &Csr, rows: &Range<usize>, out: &mut [f64]) {
    let width = csr.cols();
    for (i, out) in rows.clone().zip(out.chunks_exact_mut(width)) {
        out.fill(0.0);
        let (columns, cells) = csr.row(i);
        columns.iter().zip(cells).for_each(|(column, cell)| out[*column as usize] = *cell);
    }
}
