//! Parts of a frame, as of a matrix; columns may also be given by name: `F[, "age"]`.

use std::borrow::Cow;

use tilewright_base::{Outcome, bail};
use tilewright_frame::assign::{self, Assigned};
use tilewright_frame::{Frame, convert, reference};
use tilewright_value::list::Entry;
use tilewright_value::{List, Scalar, ScalarType, Value};

use super::choice::{Choice, Extent};
use super::{Form, Side, matrix};
use crate::facts::{Dim, Facts, Kind};

/// What is known of `F[...]`.
///
/// # Errors
/// When positions are known to be outside.
pub fn infer(form: Form, x: &Facts, indices: &[Facts]) -> Outcome<Facts> {
    let (rows, cols) = part(form, x, indices)?;
    Ok(Facts::frame(rows, cols))
}

/// What is known of `F` after `F[...] = value`.
///
/// # Errors
/// When positions are known to be outside or the value is known not to fit.
pub fn infer_assign(form: Form, x: &Facts, value: &Facts, indices: &[Facts]) -> Outcome<Facts> {
    let (rows, cols) = part(form, x, indices)?;
    if value.kind == Kind::List {
        bail!(Type, "a list cannot be assigned to cells of a frame"; hint: "`as.frame(L)` makes a frame of a list");
    }
    let (r, c) = value.dims();
    let fits = |given: Dim, wanted: Dim| given.may_be(1) || !given.conflicts(wanted);
    if !fits(r, rows) || !fits(c, cols) {
        bail!(Shape, "{} cannot be assigned to a {rows}x{cols} part of {}", value.describe(), x.describe());
    }
    Ok(x.clone())
}

/// Known dimensions of the part.
fn part(form: Form, x: &Facts, indices: &[Facts]) -> Outcome<(Dim, Dim)> {
    if form.rows == Side::Element {
        bail!(Type, "`[[ ]]` takes an element of a list, found {}", x.describe(); hint: "`F[, j]` takes a column, `as.scalar(F[i, j])` a cell");
    }
    let first_col = form.rows.inputs();
    let place = |(k, index): (usize, &Facts)| {
        let is_name = k >= first_col && index.scalar_type() == Some(ScalarType::String);
        if is_name { Facts::INTEGER } else { index.clone() }
    };
    matrix::part(form, x, &indices.iter().enumerate().map(place).collect::<Vec<_>>())
}

/// `F[...]`.
///
/// # Errors
/// When positions are outside.
pub fn run(form: Form, x: &Frame, indices: &[Value]) -> Outcome<Value> {
    let (rows, cols) = chosen(form, x, indices)?;
    let x = match cols {
        Choice::Range(cols) if cols.len() == x.cols() => x.clone(),
        cols => x.take_cols(&cols.positions()),
    };
    Ok(Value::Frame(match rows {
        Choice::Range(rows) => x.slice_rows(rows),
        Choice::Positions(rows) => x.take_rows(&rows),
    }))
}

/// `F[...] = value`; columns that are not assigned to are shared with the frame as it was.
///
/// # Errors
/// When positions are outside, or the value does not fit the part or the types of its columns.
pub fn run_assign(form: Form, x: Frame, value: &Value, indices: &[Value]) -> Outcome<Value> {
    with_assigned(form, &x.clone(), value, indices, |rows, cols, value| assign::assign(x, rows, cols, value))
}

/// The definition of `F[...]`.
///
/// # Errors
/// As [`run`].
pub fn reference(form: Form, x: &Frame, indices: &[Value]) -> Outcome<Value> {
    let (rows, cols) = chosen(form, x, indices)?;
    Ok(Value::Frame(reference::gather(x, &rows.positions(), &cols.positions())))
}

/// The definition of `F[...] = value`.
///
/// # Errors
/// As [`run_assign`].
pub fn reference_assign(form: Form, x: &Frame, value: &Value, indices: &[Value]) -> Outcome<Value> {
    with_assigned(form, x, value, indices, |rows, cols, value| reference::assign(x, rows, cols, value))
}

fn with_assigned(
    form: Form,
    x: &Frame,
    value: &Value,
    indices: &[Value],
    assign: impl FnOnce(&[usize], &[usize], Assigned<'_>) -> Outcome<Frame>,
) -> Outcome<Value> {
    let (rows, cols) = chosen(form, x, indices)?;
    let (rows, cols) = (rows.positions(), cols.positions());
    Ok(Value::Frame(match value {
        Value::Scalar(scalar) => assign(&rows, &cols, Assigned::Cell(&scalar.to_cell()))?,
        Value::Frame(frame) => assign(&rows, &cols, Assigned::Frame(frame))?,
        other => {
            let frame = convert::from_dense(&other.as_matrix()?.pin().dense());
            assign(&rows, &cols, Assigned::Frame(&frame))?
        }
    }))
}

fn chosen(form: Form, x: &Frame, indices: &[Value]) -> Outcome<(Choice, Choice)> {
    let (row_indices, col_indices) = form.split(indices);
    let whole = || format!("a {}x{} frame", x.rows(), x.cols());
    let rows = Extent { what: "row", count: x.rows(), whole: &whole };
    let cols = Extent { what: "column", count: x.cols(), whole: &whole };
    let col_indices = col_indices.iter().map(|index| placed(x, index)).collect::<Outcome<Vec<_>>>()?;
    let col_indices: Vec<Value> = col_indices.into_iter().map(Cow::into_owned).collect();
    Ok((rows.choose(form.rows, row_indices)?, cols.choose(form.cols, &col_indices)?))
}

/// Positions in place of the names of columns.
fn placed<'a>(x: &Frame, index: &'a Value) -> Outcome<Cow<'a, Value>> {
    Ok(match index {
        Value::Scalar(Scalar::String(name)) => {
            Cow::Owned(Scalar::Integer(x.position(name)? as i64 + 1).into())
        }
        Value::List(list) => {
            let entry = |value| Ok(Entry::from(placed(x, value)?.into_owned()));
            Cow::Owned(Value::List(List::new(list.values().map(entry).collect::<Outcome<_>>()?)))
        }
        _ => Cow::Borrowed(index),
    })
}
