//! `ifelse(condition, a, b)`: cells of `a` where the condition is not zero, cells of `b` elsewhere.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Scratch, broadcast, reference};
use tilewright_value::{Block, Value};

use crate::binary::repeated_shape;
use crate::facts::{Facts, Kind};
use crate::operand::as_block;
use crate::scratch::densified;

/// The name in scripts.
pub const NAME: &str = "ifelse";
/// What it computes.
pub const DOC: &str =
    "`ifelse(condition, a, b)`: cells of `a` where the condition is not zero, of `b` elsewhere.";

/// Selects; three scalars give a scalar.
///
/// # Errors
/// For operands that are neither numbers nor matrices.
pub fn run(condition: &Value, a: &Value, b: &Value) -> Outcome<Value> {
    choose(condition, a, b, broadcast::select)
}

/// The definition: cell by cell.
///
/// # Errors
/// As [`run`].
pub fn reference(condition: &Value, a: &Value, b: &Value) -> Outcome<Value> {
    choose(condition, a, b, |c, a, b| {
        reference::cell::ternary(|c, a, b| if c != 0.0 { a } else { b }, c, a, b)
    })
}

type Select = fn(
    &tilewright_matrix::Dense,
    &tilewright_matrix::Dense,
    &tilewright_matrix::Dense,
) -> tilewright_matrix::Dense;

fn choose(condition: &Value, a: &Value, b: &Value, select: Select) -> Outcome<Value> {
    if let Value::Scalar(scalar) = condition {
        let (chosen, other) = if scalar.as_boolean()? { (a, b) } else { (b, a) };
        let repeated = match (chosen, other) {
            (Value::Matrix(x), Value::Matrix(y)) => (x.rows(), x.cols()) != (y.rows(), y.cols()),
            (Value::Scalar(_), Value::Matrix(_)) => true,
            _ => false,
        };
        if !repeated {
            return Ok(chosen.clone());
        }
    }
    let (condition, a, b) = (as_block(condition)?, as_block(a)?, as_block(b)?);
    Ok(Block::Dense(select(&condition.dense(), &a.dense(), &b.dense())).into())
}

/// What is known of the result.
///
/// # Errors
/// When shapes do not fit.
pub fn infer(condition: &Facts, a: &Facts, b: &Facts) -> Outcome<Facts> {
    let operands = [condition, a, b];
    if let Some(frame) = operands.iter().find(|facts| facts.is_frame()) {
        frame.expect_matrix(&format!("an operand of `{NAME}`"))?;
    }
    if operands.iter().any(|facts| facts.kind == Kind::List) {
        bail!(Type, "`{NAME}` needs scalars or matrices, found a list");
    }
    if operands.iter().any(|facts| facts.kind == Kind::Unknown) {
        return Ok(Facts::UNKNOWN);
    }
    if operands.iter().all(|facts| facts.is_scalar()) {
        return Ok(if a.kind == b.kind { Facts { constant: None, ..a.clone() } } else { Facts::SCALAR });
    }
    let (rows, cols) = repeated_shape(NAME, a, b)?;
    let both = Facts::matrix(rows, cols);
    let (rows, cols) = repeated_shape(NAME, condition, &both)?;
    Ok(Facts::matrix(rows, cols))
}

/// What it needs beside its operands and the result.
pub fn scratch(operands: &[Facts]) -> Option<Scratch> {
    let [condition, a, b] = operands else { return None };
    // A single condition takes one of two matrices of a shape as it is.
    let takes = condition.is_scalar() && a.is_matrix() && b.is_matrix() && a.dims() == b.dims();
    if takes { Some(Scratch::NONE) } else { densified(operands) }
}
