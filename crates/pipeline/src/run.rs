//! A run: chunks of rows on all cores.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use tilewright_base::Outcome;
use tilewright_matrix::buffer::Buffer;
use tilewright_matrix::panel::Copies;
use tilewright_matrix::{Dense, sparse_map};
use tilewright_ops::{Context, Op};
use tilewright_value::{Block, Matrix, Value};

use crate::domain::Domain;
use crate::layout::{Held, Layout, runs_in};
use crate::panel::{Worker, repeated};
use crate::pipeline::{Made, Pipeline};
use crate::scan::Scans;
use crate::sink::Sink;

/// Cells that are worth a task of their own.
const GRAIN: usize = 1 << 18;

/// Cells of the widest register of a panel: a few of them stay in the first-level cache, many in the second-level one.
pub(crate) const PANEL: usize = 1 << 11;

/// Stored cells of a panel of several rows at most.
const STORED: usize = 1 << 11;

/// With fewer cells than this, waking other threads costs more than it gains.
const PARALLEL_FROM: usize = 1 << 16;

/// Cells of a result that no cache keeps until it is read again.
const FAR: usize = 1 << 22;

/// Operations on a cell of a step that is long enough for memory to be asked meanwhile.
const LONG: f64 = 16.0;

/// Doubles in a cache line.
const LINE: usize = 8;

/// How sums of products treat a zero beside NaN or infinity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    /// IEEE.
    Plain,
    /// A zero absorbs.
    Absorbing,
}

impl Pipeline {
    /// The results in order.
    ///
    /// # Errors
    /// When an input is no matrix or number.
    pub fn run(&self, inputs: &[Value], context: &mut Context) -> Outcome<Vec<Value>> {
        let held = inputs.iter().map(Held::of).collect::<Outcome<Vec<_>>>()?;
        match Layout::new(self, &held) {
            Some(layout) if runs_in(context.precision, self) => match Run::new(&layout).results() {
                Some(results) => Ok(results),
                // An operator of its own tells what is wrong.
                None => self.unfused(inputs, context),
            },
            _ => self.unfused(inputs, context),
        }
    }
}

/// The steps of many operations on each cell of dense drivers.
fn long_steps(layout: &Layout<'_>) -> Vec<usize> {
    let is_long = |step: &usize| match layout.pipeline.steps[*step].op {
        Op::Unary(op) => layout.driver.is_none() && op.flops() >= LONG,
        _ => false,
    };
    (0..layout.widths.len()).filter(is_long).collect()
}

/// A run of a layout.
pub(crate) struct Run<'a> {
    pub(crate) layout: &'a Layout<'a>,
    /// Rows of a panel at most.
    pub(crate) height: usize,
    /// The steps of many operations on each cell: the next panel of the drivers is asked for meanwhile. Processors do so
    /// by themselves while steps follow each other quickly.
    pub(crate) long: Vec<usize>,
    /// Whether results are written past the caches.
    pub(crate) far: bool,
    /// Stored cells of a panel of several rows at most.
    pub(crate) stored: usize,
    pub(crate) arithmetic: Arithmetic,
    /// Rows that are repeated, as often as a panel has rows, for inputs that have such.
    pub(crate) repeated: Vec<Option<Buffer>>,
    /// The steps whose rows are results, in the order of the steps.
    pub(crate) rows: Vec<usize>,
    /// The steps that add up, in order.
    pub(crate) sinks: Vec<usize>,
    /// What chunks take over from the rows before.
    pub(crate) scans: Scans,
    /// Whether some step could not be computed.
    pub(crate) has_failed: AtomicBool,
}

impl<'a> Run<'a> {
    fn new(layout: &'a Layout<'a>) -> Run<'a> {
        let steps = 0..layout.widths.len();
        let is_result = |step: &usize| layout.pipeline.results.contains(step);
        let is_panel = |step: &usize| layout.made[*step] == Made::Panel;
        let rows: Vec<usize> = steps.clone().filter(is_panel).filter(is_result).collect();
        let sinks = steps.filter(|step| layout.made[*step] == Made::Partial).collect();
        // Whole cache lines, so that panels begin with one.
        let height = match PANEL / layout.widest() {
            low @ ..LINE => low.max(1),
            height => height / LINE * LINE,
        };
        let written = rows.iter().map(|step| layout.widths[*step]).sum::<usize>() * layout.rows;
        let repeated = layout.inputs.iter().map(|input| repeated(input, height)).collect();
        Run {
            layout,
            height,
            long: long_steps(layout),
            far: layout.driver.is_none() && written >= FAR && Copies::go_past_the_cache(),
            stored: STORED,
            arithmetic: Arithmetic::Plain,
            repeated,
            rows,
            sinks,
            scans: Scans::default(),
            has_failed: AtomicBool::new(false),
        }
    }

    /// The results; `None` where a step cannot be computed.
    fn results(mut self) -> Option<Vec<Value>> {
        let mut targets: Vec<Target> = self.rows.iter().map(|step| self.target(*step)).collect();
        let cuts = self.cuts();
        self.scan(&cuts);
        let mut sinks = self.chunks(&cuts, targets.iter_mut().map(Target::cells).collect());
        if self.has_failed.load(Ordering::Relaxed) {
            return None;
        }
        if sinks.iter().any(Sink::is_in_doubt) {
            self.arithmetic = Arithmetic::Absorbing;
            sinks = self.chunks(&cuts, targets.iter_mut().map(Target::cells).collect());
        }
        Some(self.collect(sinks, targets))
    }

    fn target(&self, step: usize) -> Target {
        match (self.layout.domains[step], &self.layout.driver) {
            (Domain::Stored, Some(driver)) => Target::Stored(vec![0.0; driver.cells.nnz()]),
            _ => Target::Dense(Dense::unset(self.layout.rows, self.layout.widths[step])),
        }
    }

    /// Boundaries of chunks: by cells, and by stored cells of the driver.
    fn cuts(&self) -> Vec<usize> {
        let layout = self.layout;
        let per_row = layout.cells_per_row().max(1);
        let scanned = crate::scan::steps(layout.pipeline).map(|step| layout.widths[step]);
        let partial = self.sinks.iter().map(|step| self.partial_cells(*step)).chain(scanned).sum::<usize>();
        let grain = GRAIN.max(partial.saturating_mul(4));
        let weight = |row: usize| {
            let stored = layout.driver.as_ref().map_or(0, |driver| 4 * driver.cells.row_ptr()[row]);
            stored + row * per_row
        };
        let (mut cuts, rows) = (vec![0], layout.rows);
        while *cuts.last().expect("invariant: not empty") < rows {
            let start = *cuts.last().expect("invariant: not empty");
            let limit = weight(start) + grain;
            let (mut low, mut high) = (start + 1, rows);
            while low < high {
                let mid = low.midpoint(high);
                if weight(mid) < limit { low = mid + 1 } else { high = mid }
            }
            // Whole panels, as long as the driver does not say otherwise.
            let whole = start + (low - start).next_multiple_of(self.height);
            cuts.push(if layout.driver.is_none() { whole.min(rows) } else { low });
        }
        cuts
    }

    fn partial_cells(&self, step: usize) -> usize {
        let args = &self.layout.pipeline.steps[step].args;
        let width = self.layout.width(args[0]);
        match &self.layout.pipeline.steps[step].op {
            Op::Aggregate(_, tilewright_ops::aggregate::Over::All) => 1,
            Op::Aggregate(..) => width,
            _ => width * self.layout.width(args.get(1).copied().unwrap_or(args[0])),
        }
    }

    /// Runs the chunks between cuts; `outs` begin at the first of them.
    fn chunks(&self, cuts: &[usize], outs: Vec<&mut [f64]>) -> Vec<Sink> {
        let (start, end) = (cuts[0], cuts[cuts.len() - 1]);
        if cuts.len() <= 2 {
            return Worker::new(self).chunk(start..end, outs);
        }
        let mid = cuts.len() / 2;
        let (top, bottom) = self.split(outs, start..cuts[mid]);
        let (first, second) = (|| self.chunks(&cuts[..=mid], top), || self.chunks(&cuts[mid..], bottom));
        let work = (end - start) * self.layout.cells_per_row();
        let (mut sinks, others) = if work < PARALLEL_FROM && self.layout.driver.is_none() {
            (first(), second())
        } else {
            rayon::join(first, second)
        };
        sinks.iter_mut().zip(others).for_each(|(sink, other)| sink.merge(other));
        sinks
    }

    /// The parts of `outs` that belong to the first `rows`, and the rest.
    fn split<'o>(
        &self,
        outs: Vec<&'o mut [f64]>,
        rows: Range<usize>,
    ) -> (Vec<&'o mut [f64]>, Vec<&'o mut [f64]>) {
        let len = |step: &usize| self.cells_of(*step, &rows);
        self.rows.iter().zip(outs).map(|(step, out)| out.split_at_mut(len(step))).unzip()
    }

    /// The values that a step has in some rows.
    pub(crate) fn cells_of(&self, step: usize, rows: &Range<usize>) -> usize {
        match (self.layout.domains[step], &self.layout.driver) {
            (Domain::Stored, Some(driver)) => {
                driver.cells.row_ptr()[rows.end] - driver.cells.row_ptr()[rows.start]
            }
            _ => rows.len() * self.layout.widths[step],
        }
    }

    fn collect(&self, sinks: Vec<Sink>, targets: Vec<Target>) -> Vec<Value> {
        let layout = self.layout;
        let mut values: Vec<Option<Value>> = vec![None; layout.widths.len()];
        for (step, sink) in self.sinks.iter().zip(sinks) {
            values[*step] = Some(sink.finish());
        }
        for (step, target) in self.rows.iter().zip(targets) {
            let block = match (target, &layout.driver) {
                (Target::Stored(values), Some(driver)) => {
                    Block::Sparse(sparse_map::with_values(&driver.cells, values))
                }
                (Target::Stored(_), None) => unreachable!("invariant: a driver has stored cells"),
                (Target::Dense(dense), _) => Block::Dense(layout.unflattened(dense)),
            };
            let is_logical = layout.pipeline.steps[*step].op.is_logical();
            values[*step] = Some(Value::Matrix(Matrix::new(block).marked(is_logical)));
        }
        let value = |step: &usize| values[*step].clone().expect("invariant: every result was made");
        layout.pipeline.results.iter().map(value).collect()
    }
}

/// Where the rows of a result go.
enum Target {
    Dense(Dense),
    /// Values at the stored cells of the driver.
    Stored(Vec<f64>),
}

impl Target {
    fn cells(&mut self) -> &mut [f64] {
        match self {
            Target::Dense(dense) => dense.cells_mut(),
            Target::Stored(cells) => cells,
        }
    }
}
