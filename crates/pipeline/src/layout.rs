//! What a run is about: inputs as their roles read them, widths, what each product needs of its right side.

use std::borrow::Cow;
use std::sync::Arc;

use tilewright_base::Outcome;
use tilewright_matrix::panel::Right;
use tilewright_matrix::{Csr, Dense, transpose};
use tilewright_ops::product::Product;
use tilewright_ops::{Op, Precision, binary};
use tilewright_value::handle::Pinned;
use tilewright_value::{Block, Scalar, Value};

use crate::domain::{Domain, Shapes, is_elementwise};
use crate::driver::{Driver, drivers};
use crate::functions::{self, Kind};
use crate::panel::{columns, generate, one_hot};
use crate::pipeline::{Made, Pipeline, Role, Source, Step};

/// An input, held in memory.
pub(crate) enum Held<'a> {
    Number(f64),
    Text(Arc<str>),
    Matrix(Pinned<'a>),
}

impl<'a> Held<'a> {
    pub(crate) fn of(value: &'a Value) -> Outcome<Held<'a>> {
        Ok(match value {
            Value::Matrix(matrix) => Held::Matrix(matrix.pin()),
            Value::Scalar(Scalar::String(text)) => Held::Text(text.clone()),
            scalar => Held::Number(scalar.as_scalar()?.as_double()?),
        })
    }

    fn block(&self) -> Option<&Block> {
        match self {
            Held::Number(_) | Held::Text(_) => None,
            Held::Matrix(pinned) => Some(pinned),
        }
    }
}

/// An input as steps read it.
pub(crate) enum Bound<'a> {
    Number(f64),
    /// A row that is repeated.
    Row(Cow<'a, Dense>),
    /// The cells of a driver.
    Dense(&'a [f64]),
    /// A sparse driver.
    Sparse(&'a Csr),
    /// The right side of products, which [`Layout::right`] has as they need it.
    Whole,
}

/// Everything about a run that does not change from panel to panel.
pub(crate) struct Layout<'a> {
    pub(crate) pipeline: &'a Pipeline,
    /// The number of rows of the drivers; of cells, where cells are all that counts.
    pub(crate) rows: usize,
    /// The columns of the drivers where cells are all that counts.
    flat_width: Option<usize>,
    pub(crate) inputs: Vec<Bound<'a>>,
    /// The columns of each input.
    pub(crate) input_widths: Vec<usize>,
    /// The columns of what each step makes.
    pub(crate) widths: Vec<usize>,
    /// What each step makes.
    pub(crate) made: Vec<Made>,
    /// What each step does to cells: of `outer`, the operator that it names.
    pub(crate) cellwise: Vec<Op>,
    /// The last step that reads each step; its own number if nothing does, none of them if it is a result.
    pub(crate) last_use: Vec<usize>,
    /// The steps that are one-hot and of which only codes are read.
    pub(crate) coded: Vec<bool>,
    /// Where each step's values are.
    pub(crate) domains: Vec<Domain>,
    /// The stored cells of sparse drivers, where these are all that is computed.
    pub(crate) driver: Option<Driver<'a>>,
    /// The whole right side of each product that has one.
    pub(crate) right: Vec<Option<RightSide<'a>>>,
}

/// The right side of a product as its kernel reads it.
pub(crate) enum RightSide<'a> {
    /// A row for each column of the result.
    Vectors(Cow<'a, Dense>),
    /// A row for each column of the left side, which is dense.
    Narrow(Right),
    /// A row for each column of the left side, of which stored cells or codes are there.
    Rows(Cow<'a, Dense>),
}

/// Results of fewer columns are computed one dot product after the other.
const NARROW: usize = 3;

impl<'a> Layout<'a> {
    /// The layout of a run; `None` if nothing is there to be computed in panels.
    pub(crate) fn new(pipeline: &'a Pipeline, held: &'a [Held<'a>]) -> Option<Layout<'a>> {
        let size = |held: &Held<'_>| held.block().map_or((1, 1), |block| (block.rows(), block.cols()));
        let sizes: Vec<(usize, usize)> = held.iter().map(size).collect();
        let first = pipeline.inputs.iter().position(|role| *role == Role::Panel)?;
        let rows = sizes[first].0;
        let input_widths: Vec<usize> = sizes.iter().map(|size| size.1).collect();
        let inputs: Vec<Bound<'a>> =
            pipeline.inputs.iter().zip(held).map(|(role, held)| bound(*role, held)).collect();
        let chosen = |at: usize, width: usize| match &pipeline.steps[at] {
            Step { op: Op::Index(_), args, .. } => Some(columns::chosen(&inputs, &args[1..], width)?.len()),
            step => generate::width(step, &inputs, rows),
        };
        let widths = widths(pipeline, &sizes, chosen)?;
        if rows == 0 || widths.contains(&0) || input_widths.contains(&0) {
            return None;
        }
        let made: Vec<Made> = (0..pipeline.steps.len()).map(|at| pipeline.made(at)).collect();
        let (driver, domains) = driver(pipeline, held, &input_widths, &widths).map_or_else(
            || (None, vec![Domain::Dense; widths.len()]),
            |(driver, domains)| (Some(driver), domains),
        );
        let cellwise =
            (0..pipeline.steps.len()).map(|at| cellwise(pipeline, at, held)).collect::<Option<_>>()?;
        let coded = one_hot::coded(pipeline, &domains);
        let mut layout = Layout {
            pipeline,
            rows,
            flat_width: None,
            inputs,
            input_widths,
            last_use: last_use(pipeline, &coded),
            coded,
            widths,
            made,
            cellwise,
            domains,
            driver,
            right: Vec::new(),
        };
        layout.right = (0..pipeline.steps.len()).map(|at| layout.right_side(at, held)).collect();
        layout.flatten();
        Some(layout)
    }

    /// The right side of a product as its kernel reads it.
    fn right_side(&self, at: usize, held: &'a [Held<'a>]) -> Option<RightSide<'a>> {
        let step = &self.pipeline.steps[at];
        let Op::Product(form @ (Product::Plain | Product::TransposedRight)) = step.op else { return None };
        let Source::Input(input) = step.args[1] else { return None };
        let right = held[input].block()?.dense();
        let turned = |right: Cow<'a, Dense>, is_turned: bool| match is_turned {
            true => Cow::Owned(transpose::dense(&right)),
            false => right,
        };
        let is_transposed = form == Product::TransposedRight;
        Some(if self.is_stored(step.args[0]) || self.codes(step.args[0]).is_some() {
            RightSide::Rows(turned(right, is_transposed))
        } else if self.domains[at] == Domain::Stored || self.widths[at] < NARROW {
            RightSide::Vectors(turned(right, !is_transposed))
        } else {
            RightSide::Narrow(Right::new(&turned(right, is_transposed)))
        })
    }

    /// The codes that stand for a step.
    pub(crate) fn codes(&self, source: Source) -> Option<Source> {
        let step = source.step().filter(|step| self.coded[*step])?;
        Some(self.pipeline.steps[step].args[0])
    }

    /// Whether a source has values at the cells of the driver only. Of other sparse inputs of its columns, all other
    /// cells do not matter.
    pub(crate) fn is_stored(&self, source: Source) -> bool {
        match source {
            Source::Input(at) => match (&self.driver, &self.inputs[at]) {
                (Some(driver), Bound::Sparse(csr)) => csr.cols() == driver.cells.cols(),
                _ => false,
            },
            Source::Step(at) => self.domains[at] == Domain::Stored,
            Source::Number(_) => false,
        }
    }

    /// Whether an input has stored what the driver has, so that its values are those at the cells of the driver.
    pub(crate) fn is_aligned(&self, input: usize) -> bool {
        self.driver.as_ref().is_some_and(|driver| driver.is_aligned[input])
    }

    /// The columns of a source; a number has one.
    pub(crate) fn width(&self, source: Source) -> usize {
        match source {
            Source::Input(at) => self.input_widths[at],
            Source::Step(at) => self.widths[at],
            Source::Number(_) => 1,
        }
    }

    /// Where rows do not matter, all cells stand below each other: panels of any size can be cut.
    fn flatten(&mut self) {
        let width = self.widths[0];
        let step_is_flat = |step: &crate::Step| match step.op {
            Op::Aggregate(_, over) => over == tilewright_ops::aggregate::Over::All,
            op => is_elementwise(&op) || functions::kind(&op) == Some(Kind::Constant),
        };
        let input_is_flat = |(input, own): (&Bound<'_>, &usize)| match input {
            Bound::Dense(_) => *own == width,
            Bound::Row(_) => *own == 1,
            Bound::Number(_) => true,
            Bound::Sparse(_) | Bound::Whole => false,
        };
        let panels = self.made.iter().zip(&self.widths).filter(|(made, _)| **made == Made::Panel);
        let is_flat = self.pipeline.steps.iter().all(step_is_flat)
            && self.inputs.iter().zip(&self.input_widths).all(input_is_flat)
            && panels.clone().all(|(_, own)| *own == width);
        if is_flat && width > 1 {
            self.flat_width = Some(width);
            self.rows *= width;
            self.widths.fill(1);
            self.input_widths.fill(1);
        }
    }

    /// A result in its own shape.
    pub(crate) fn unflattened(&self, dense: Dense) -> Dense {
        match self.flat_width {
            Some(width) => dense.reshaped(self.rows / width, width),
            None => dense,
        }
    }

    /// Cells of all drivers and registers that a row takes.
    pub(crate) fn cells_per_row(&self) -> usize {
        let drivers = self.inputs.iter().zip(&self.input_widths);
        let read = drivers.filter(|(input, _)| matches!(input, Bound::Dense(_))).map(|(_, width)| width);
        let panels = self.widths.iter().zip(&self.made).zip(&self.domains);
        let made = panels.filter(|((_, made), domain)| **made == Made::Panel && **domain == Domain::Dense);
        read.sum::<usize>() + made.map(|((width, _), _)| width).sum::<usize>()
    }

    /// The widest register of a panel.
    pub(crate) fn widest(&self) -> usize {
        let dense = self.widths.iter().zip(&self.domains).filter(|(_, domain)| **domain == Domain::Dense);
        let own = dense.map(|(width, _)| *width).max().unwrap_or(1);
        let inputs = self.inputs.iter().zip(&self.input_widths).enumerate();
        let read = inputs.filter(|(at, (input, _))| match input {
            Bound::Dense(_) => self.driver.is_none(),
            Bound::Sparse(_) => !self.is_stored(Source::Input(*at)),
            _ => false,
        });
        own.max(read.map(|(_, (_, width))| *width).max().unwrap_or(1)).max(1)
    }
}

/// The columns of each step; of an aggregate over all rows, of its operand. `chosen` tells how many a step chooses of so
/// many or makes from nothing, `None` where it cannot.
pub(crate) fn widths(
    pipeline: &Pipeline,
    sizes: &[(usize, usize)],
    chosen: impl Fn(usize, usize) -> Option<usize>,
) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = Vec::with_capacity(pipeline.steps.len());
    for (at, step) in pipeline.steps.iter().enumerate() {
        let of = |arg: &Source| match arg {
            Source::Input(at) => sizes[*at].1,
            Source::Step(at) => widths[*at],
            Source::Number(_) => 1,
        };
        let right_rows = |arg: &Source| match arg {
            Source::Input(at) => sizes[*at].0,
            _ => 1,
        };
        let width = match &step.op {
            Op::Aggregate(_, tilewright_ops::aggregate::Over::Rows) => 1,
            Op::Product(Product::Plain | Product::TransposedLeft) => of(&step.args[1]),
            Op::Product(Product::TransposedRight) => right_rows(&step.args[1]),
            Op::Index(_) => chosen(at, of(&step.args[0]))?,
            op => match functions::kind(op) {
                Some(Kind::Bind) => step.args.iter().map(of).sum(),
                Some(Kind::Sequence | Kind::Constant | Kind::OneHot) => chosen(at, 1)?,
                Some(Kind::Outer) => of(&step.args[1]),
                _ => step.args.iter().map(of).find(|width| *width != 1).unwrap_or(1),
            },
        };
        widths.push(width);
    }
    Some(widths)
}

/// What a step does to cells; `None` where `outer` names no operator.
fn cellwise(pipeline: &Pipeline, at: usize, held: &[Held<'_>]) -> Option<Op> {
    let step = &pipeline.steps[at];
    match (functions::kind(&step.op), step.args.last()) {
        (Some(Kind::Outer), Some(Source::Input(name))) => match &held[*name] {
            Held::Text(name) => binary::find(name).map(Op::Binary),
            _ => None,
        },
        (Some(Kind::Outer), _) => None,
        _ => Some(step.op),
    }
}

fn last_use(pipeline: &Pipeline, coded: &[bool]) -> Vec<usize> {
    let mut last: Vec<usize> = (0..pipeline.steps.len()).collect();
    for (at, step) in pipeline.steps.iter().enumerate() {
        for read in step.args.iter().filter_map(|arg| arg.step()) {
            last[read] = at;
            if let (true, Source::Step(codes)) = (coded[read], pipeline.steps[read].args[0]) {
                last[codes] = at;
            }
        }
    }
    for result in &pipeline.results {
        last[*result] = pipeline.steps.len();
    }
    last
}

fn bound<'a>(role: Role, held: &'a Held<'a>) -> Bound<'a> {
    match (role, held) {
        (_, Held::Number(number)) => Bound::Number(*number),
        (_, Held::Text(_)) => Bound::Number(f64::NAN),
        (Role::Scalar, Held::Matrix(matrix)) => Bound::Number(matrix.get(0, 0)),
        (Role::Row, Held::Matrix(matrix)) => Bound::Row(matrix.dense()),
        (Role::Whole, Held::Matrix(_)) => Bound::Whole,
        (Role::Panel, Held::Matrix(matrix)) => match &**matrix {
            Block::Dense(dense) => Bound::Dense(dense.cells()),
            Block::Sparse(csr) => Bound::Sparse(csr),
        },
    }
}

/// The stored cells of sparse inputs at which alone the pipeline can be computed, and where each step's values are.
fn driver<'a>(
    pipeline: &Pipeline,
    held: &'a [Held<'a>],
    inputs: &[usize],
    steps: &[usize],
) -> Option<(Driver<'a>, Vec<Domain>)> {
    let numbers: Vec<Option<f64>> = held
        .iter()
        .map(|held| match held {
            Held::Number(number) => Some(*number),
            Held::Text(_) | Held::Matrix(_) => None,
        })
        .collect();
    let sparse = |(role, held): (&Role, &'a Held<'a>)| match held.block() {
        Some(Block::Sparse(csr)) if *role == Role::Panel => Some(csr),
        _ => None,
    };
    let sparse: Vec<Option<&Csr>> = pipeline.inputs.iter().zip(held).map(sparse).collect();
    let mut order: Vec<usize> = (0..sparse.len()).filter(|at| sparse[*at].is_some()).collect();
    order.sort_by_key(|at| (sparse[*at].map(Csr::nnz), *at));
    let shapes = Shapes { inputs, steps, numbers: &numbers };
    let (chosen, domains) = drivers(pipeline, &order, shapes)?;
    Some((Driver::new(&chosen, &sparse)?, domains))
}

/// Products of panels are computed in doubles.
pub(crate) fn runs_in(precision: Precision, pipeline: &Pipeline) -> bool {
    precision == Precision::Double || !pipeline.steps.iter().any(|step| matches!(step.op, Op::Product(_)))
}
