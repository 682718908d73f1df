//! What can be computed at the stored cells of sparse drivers alone.
//!
//! A register that has the columns of the drivers and is computed cell by cell needs values only where some driver has
//! stored cells, if in the end nothing looks at it elsewhere: whatever leaves the cells (an aggregate, a product, a
//! result) reads what is zero wherever all drivers are. So `sum(X * log(U %*% t(V)))` computes the product at the stored
//! cells of X, and `sum((W * (U %*% t(V)) - X)^2)` at those of W and of X.

use tilewright_ops::Op;
use tilewright_ops::product::Product;

use crate::functions::{self, Kind};
use crate::pipeline::{Made, Pipeline, Role, Source};

/// Where a step's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// In every cell.
    Dense,
    /// At the stored cells of the drivers.
    Stored,
}

/// The shapes and numbers that decide about domains.
#[derive(Debug, Clone, Copy)]
pub struct Shapes<'a> {
    /// The columns of each input.
    pub inputs: &'a [usize],
    /// The columns of what each step makes.
    pub steps: &'a [usize],
    /// The values of scalar inputs, as far as they are known.
    pub numbers: &'a [Option<f64>],
}

/// Where each step's values are needed, if those of some need only be at the stored cells of `drivers`, which have as many columns;
/// `None` where something needs others.
pub fn domains(pipeline: &Pipeline, drivers: &[usize], shapes: Shapes<'_>) -> Option<Vec<Domain>> {
    let width = shapes.inputs[*drivers.first()?];
    if width <= 1 {
        return None;
    }
    let mut analysis = Analysis { pipeline, drivers, width, shapes, domains: Vec::new(), safe: Vec::new() };
    (0..pipeline.steps.len()).try_for_each(|at| analysis.step(at))?;
    let Analysis { domains, safe, .. } = analysis;
    let is_wrong = |step: &usize| domains[*step] == Domain::Stored && !safe[*step];
    (!pipeline.results.iter().any(is_wrong)).then_some(domains)
}

struct Analysis<'a> {
    pipeline: &'a Pipeline,
    drivers: &'a [usize],
    width: usize,
    shapes: Shapes<'a>,
    domains: Vec<Domain>,
    /// Whether a step's value is zero wherever the drivers are.
    safe: Vec<bool>,
}

impl Analysis<'_> {
    fn step(&mut self, at: usize) -> Option<()> {
        let step = &self.pipeline.steps[at];
        let (domain, safe) = match &step.op {
            op if is_elementwise(op) => {
                let is_cell = step.args.iter().any(|arg| self.is_cell(*arg));
                if is_cell { (Domain::Stored, self.keeps_zero(at)) } else { (Domain::Dense, false) }
            }
            Op::Product(Product::Plain | Product::TransposedRight)
                if self.shapes.steps[at] == self.width && !self.is_cell(step.args[0]) =>
            {
                (Domain::Stored, false)
            }
            op if functions::kind(op) == Some(Kind::Outer) && self.shapes.steps[at] == self.width => {
                (Domain::Stored, false)
            }
            Op::Aggregate(row, _) if self.is_cell(step.args[0]) && row.panel()?.stored_rows.is_none() => {
                return None;
            }
            Op::Product(Product::Gram) if self.is_cell(step.args[0]) => return None,
            Op::Index(_) | Op::Cumulative(_) | Op::Function(..)
                if step.args.iter().any(|arg| self.is_cell(*arg)) =>
            {
                return None;
            }
            _ => {
                let cells = || step.args.iter().filter(|arg| self.is_cell(**arg));
                let all_safe = cells().all(|arg| self.is_safe(*arg));
                let is_product = matches!(step.op, Op::Product(_));
                if !all_safe
                    || is_product
                        && (cells().count() > 1
                            || self.shapes.steps[at] == self.width && self.pipeline.made(at) == Made::Panel)
                {
                    return None;
                }
                (Domain::Dense, false)
            }
        };
        self.domains.push(domain);
        self.safe.push(safe);
        Some(())
    }

    /// Whether an operand has a value for each cell of the drivers.
    fn is_cell(&self, source: Source) -> bool {
        match source {
            Source::Input(at) => {
                self.pipeline.inputs[at] == Role::Panel && self.shapes.inputs[at] == self.width
            }
            Source::Step(at) => self.domains[at] == Domain::Stored,
            Source::Number(_) => false,
        }
    }

    fn is_safe(&self, source: Source) -> bool {
        match source {
            Source::Input(at) => self.drivers.contains(&at),
            Source::Step(at) => self.safe[at],
            Source::Number(_) => false,
        }
    }

    fn number(&self, source: Source) -> Option<f64> {
        match source {
            Source::Input(at) => self.shapes.numbers[at],
            Source::Number(number) => Some(number),
            Source::Step(_) => None,
        }
    }

    /// Whether an element-wise step makes zeros of those of the drivers.
    fn keeps_zero(&self, at: usize) -> bool {
        let step = &self.pipeline.steps[at];
        let safe = |k: usize| self.is_safe(step.args[k]);
        match &step.op {
            Op::Unary(op) => op.keeps_zero() && safe(0),
            Op::Binary(op) => {
                let left = safe(0).then_some(0.0).or_else(|| self.number(step.args[0]));
                let right = safe(1).then_some(0.0).or_else(|| self.number(step.args[1]));
                let absorbs = op.zero_left() && safe(0) || op.zero_right() && safe(1);
                let both = left.zip(right).is_some_and(|(a, b)| op.cell(a, b) == 0.0);
                absorbs || both
            }
            Op::Select => safe(1) && safe(2),
            Op::Function(..) => safe(0) && self.number(step.args[1]).is_some_and(|pattern| pattern != 0.0),
            _ => false,
        }
    }
}

/// Whether each cell depends on the same cells of the operands.
pub(crate) fn is_elementwise(op: &Op) -> bool {
    matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Select) || functions::kind(op) == Some(Kind::Replace)
}
