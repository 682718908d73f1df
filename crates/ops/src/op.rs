//! The closed kinds of operators, and what is asked of each of them.

use tilewright_base::Outcome;
use tilewright_value::Value;

use crate::aggregate::{AggregateOp, Over};
use crate::binary::BinaryOp;
use crate::context::Context;
use crate::cumulative::CumulativeOp;
use crate::facts::{Facts, Kind};
use crate::function::{Args, FunctionOp, Present, Purity};
use crate::index::Form;
use crate::locality::Locality;
use crate::product::Product;
use crate::range;
use crate::row::Named;
use crate::select;
use crate::unary::UnaryOp;

/// An operator: inputs to results, without side effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Element-wise, one operand.
    Unary(UnaryOp),
    /// Element-wise, two operands.
    Binary(BinaryOp),
    /// `ifelse`.
    Select,
    /// An aggregate over all cells, rows or columns.
    Aggregate(AggregateOp, Over),
    /// A running aggregate.
    Cumulative(CumulativeOp),
    /// A matrix product.
    Product(Product),
    /// `X[...]`.
    Index(Form),
    /// `X[...] = value`.
    Assign(Form),
    /// A named function with the arguments that are present.
    Function(FunctionOp, Present),
}

impl Op {
    /// The name in plans and statistics.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Unary(op) => op.name(),
            Op::Binary(op) => op.name(),
            Op::Select => select::NAME,
            Op::Aggregate(op, over) => op.name_over(*over),
            Op::Cumulative(op) => op.name(),
            Op::Product(form) => form.name(),
            Op::Index(_) => "[]",
            Op::Assign(_) => "[]=",
            Op::Function(op, _) => op.name,
        }
    }

    /// The number of results.
    pub fn results(&self) -> usize {
        match self {
            Op::Function(op, _) => op.results.len(),
            _ => 1,
        }
    }

    /// How far it looks.
    pub fn locality(&self) -> Locality {
        match self {
            Op::Unary(_) | Op::Binary(_) | Op::Select => Locality::Elementwise,
            Op::Aggregate(op, over) => op.locality(*over),
            Op::Cumulative(op) => op.locality(),
            Op::Product(form) => form.locality(),
            Op::Index(form) if form.rows == crate::index::Side::All => Locality::RowLocal,
            Op::Index(_) | Op::Assign(_) => Locality::Collect,
            Op::Function(op, _) => op.locality,
        }
    }

    /// True when equal inputs give equal results, so that two of them can be one.
    pub fn is_pure(&self, inputs: &[Facts]) -> bool {
        match self {
            Op::Function(op, present) => match op.purity {
                Purity::Pure => true,
                Purity::Impure => false,
                Purity::Seeded => {
                    let seed = Args::new(*op, *present, inputs).get("seed").and_then(Facts::number);
                    seed.is_some_and(|seed| seed != -1.0)
                }
            },
            _ => true,
        }
    }

    /// Whether it draws random numbers by the seed of its [`Context`] unless it is given one.
    pub fn is_seeded(&self) -> bool {
        matches!(self, Op::Function(op, _) if op.purity == Purity::Seeded)
    }

    /// What is known of the results.
    ///
    /// # Errors
    /// When the inputs are known not to fit.
    pub fn infer(&self, inputs: &[Facts]) -> Outcome<Vec<Facts>> {
        let logical = Some(self.is_logical());
        let mut results = self.infer_results(inputs)?;
        if *self != Op::Index(Form::ELEMENT) {
            results.iter_mut().filter(|facts| facts.is_matrix()).for_each(|facts| facts.logical = logical);
        }
        if let [result] = &mut results[..] {
            *result = range::bounded(self, inputs, std::mem::replace(result, Facts::UNKNOWN));
        }
        Ok(results)
    }

    fn infer_results(&self, inputs: &[Facts]) -> Outcome<Vec<Facts>> {
        Ok(vec![match self {
            Op::Unary(op) => op.infer(&inputs[0])?,
            Op::Binary(op) => op.infer(&inputs[0], &inputs[1])?,
            Op::Select => select::infer(&inputs[0], &inputs[1], &inputs[2])?,
            Op::Aggregate(op, over) => op.infer(*over, &inputs[0])?,
            Op::Cumulative(op) => op.infer(&inputs[0])?,
            Op::Product(form) => form.infer(inputs)?,
            Op::Index(form) => form.infer(inputs)?,
            Op::Assign(form) => form.infer_assign(inputs)?,
            Op::Function(op, present) => return (op.infer)(&Args::new(*op, *present, inputs)),
        }])
    }

    /// True when matrices that it computes hold truth values.
    pub fn is_logical(&self) -> bool {
        match self {
            Op::Unary(op) => op.is_logical(),
            Op::Binary(op) => op.is_logical(),
            _ => false,
        }
    }

    /// Computes the results.
    ///
    /// # Errors
    /// When the inputs do not fit or the computation fails.
    pub fn run(&self, inputs: Vec<Value>, context: &mut Context) -> Outcome<Vec<Value>> {
        Ok(self.marked(self.run_unmarked(inputs, context)?))
    }

    fn marked(&self, results: Vec<Value>) -> Vec<Value> {
        let logical = self.is_logical();
        let mark = |value| match value {
            Value::Matrix(matrix) => Value::Matrix(matrix.marked(logical)),
            value => value,
        };
        // An element of a list stays what it is.
        if matches!(self, Op::Index(Form::ELEMENT)) {
            results
        } else {
            results.into_iter().map(mark).collect()
        }
    }

    fn run_unmarked(&self, mut inputs: Vec<Value>, context: &mut Context) -> Outcome<Vec<Value>> {
        Ok(vec![match self {
            Op::Unary(op) => match inputs.swap_remove(0) {
                Value::Scalar(x) => op.scalar(&x)?.into(),
                Value::Matrix(x) => match x.into_unique() {
                    Ok(block) => op.block(block).into(),
                    Err(shared) => op.shared_block(&shared.pin()).into(),
                },
                other => op.other(&other)?,
            },
            Op::Binary(op) => {
                let b = inputs.swap_remove(1);
                op.run(inputs.swap_remove(0), b)?
            }
            Op::Select => select::run(&inputs[0], &inputs[1], &inputs[2])?,
            Op::Aggregate(op, over) => op.run(*over, &inputs[0])?,
            Op::Cumulative(op) => op.run(&inputs[0])?,
            Op::Product(form) => form.run(&inputs, context.precision)?,
            Op::Index(form) => form.run(&inputs)?,
            Op::Assign(form) => form.run_assign(inputs)?,
            Op::Function(op, present) => return (op.run)(&Args::new(*op, *present, &inputs), context),
        }])
    }

    /// Computes the results by the definition: dense, naive, one cell after the other.
    ///
    /// # Errors
    /// As [`Op::run`].
    pub fn reference(&self, inputs: &[Value], context: &mut Context) -> Outcome<Vec<Value>> {
        Ok(self.marked(self.reference_unmarked(inputs, context)?))
    }

    fn reference_unmarked(&self, inputs: &[Value], context: &mut Context) -> Outcome<Vec<Value>> {
        Ok(vec![match self {
            Op::Unary(op) => op.reference(&inputs[0])?,
            Op::Binary(op) => op.reference(&inputs[0], &inputs[1])?,
            Op::Select => select::reference(&inputs[0], &inputs[1], &inputs[2])?,
            Op::Aggregate(op, over) => op.reference(*over, &inputs[0])?,
            Op::Cumulative(op) => op.reference(&inputs[0])?,
            Op::Product(form) => form.reference(inputs)?,
            Op::Index(form) => form.reference(inputs)?,
            Op::Assign(form) => form.reference_assign(inputs)?,
            Op::Function(op, present) => return (op.reference)(&Args::new(*op, *present, inputs), context),
        }])
    }

    /// Bytes of memory that it needs beside its inputs and results, of which the first is given; `None` if unknown.
    pub fn scratch(&self, inputs: &[Facts], result: &Facts) -> Option<f64> {
        let scratch = match self {
            Op::Unary(op) => op.scratch(&inputs[0]),
            Op::Binary(op) => op.scratch(&inputs[0], &inputs[1]),
            Op::Select => select::scratch(inputs),
            Op::Aggregate(op, over) => op.scratch(*over, &inputs[0]),
            Op::Cumulative(op) => op.scratch(&inputs[0]),
            Op::Product(form) => form.scratch(inputs),
            Op::Index(form) => form.scratch(inputs, result),
            Op::Assign(form) => form.scratch_assign(inputs, result),
            Op::Function(op, present) => (op.scratch)(&Args::new(*op, *present, inputs), result),
        };
        scratch.map(|scratch| scratch.bytes() as f64)
    }

    /// Floating-point operations for inputs and a result of known dimensions, on the cells that may be other than zero.
    pub fn flops(&self, inputs: &[&Facts], result: &Facts) -> Option<f64> {
        match self {
            Op::Unary(op) => Some(op.flops() * result.stored()?),
            Op::Binary(op) if op.name() == "^" && is_short(inputs[1]) => result.stored(),
            Op::Binary(op) => Some(op.flops() * result.stored()?),
            Op::Aggregate(op, _) if op.reads_diagonal() => {
                Some(op.flops() * inputs[0].dims().0.known()? as f64)
            }
            Op::Aggregate(op, _) => Some(op.flops() * inputs[0].stored()?),
            Op::Cumulative(_) | Op::Select => result.stored(),
            Op::Product(form) => form.flops(inputs),
            Op::Function(op, present) => match op.flops {
                Some(flops) => {
                    let owned: Vec<Facts> = inputs.iter().map(|facts| (*facts).clone()).collect();
                    flops(&Args::new(*op, *present, &owned), result)
                }
                None => per_cell(result),
            },
            Op::Assign(form) if inputs[0].is_matrix() => form.assigned(inputs),
            Op::Index(_) | Op::Assign(_) => per_cell(result),
        }
    }
}

/// One operation for each cell.
fn per_cell(result: &Facts) -> Option<f64> {
    match result.kind {
        Kind::Matrix { .. } => result.stored(),
        _ => Some(1.0),
    }
}

/// Exponents that are products, quotients and roots.
fn is_short(exponent: &Facts) -> bool {
    exponent.number().is_some_and(|exponent| [2.0, 3.0, -1.0, 0.5, 1.0].contains(&exponent))
}
