//! From matrices and to matrices.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;

use crate::cell::{decimal, number_of};
use crate::frame::default_names;
use crate::{Cell, Column, ColumnType, Frame};

/// A matrix as a frame. Each column gets the first type that holds its cells as they are: truth values, integers,
/// numbers whose digits fit 32 bits, doubles. NaN stays a number.
pub fn from_dense(x: &Dense) -> Frame {
    let column = |j: usize| {
        let cells = || (0..x.rows()).map(|i| x.get(i, j));
        match kind_of(cells()) {
            ColumnType::Boolean => Column::Boolean(cells().map(|value| Some(value != 0.0)).collect()),
            ColumnType::Int32 => Column::Int32(cells().map(|value| value as i32).collect::<Vec<_>>().into()),
            ColumnType::Int64 => Column::Int64(cells().map(|value| value as i64).collect::<Vec<_>>().into()),
            ColumnType::Fp32 => Column::Fp32(cells().map(|value| value as f32).collect::<Vec<_>>().into()),
            _ => Column::Fp64(cells().collect::<Vec<_>>().into()),
        }
    };
    Frame::from_parts(x.rows(), default_names(x.cols()), (0..x.cols()).map(column).collect())
}

/// The first type that holds all values; doubles when there are none.
fn kind_of(values: impl Iterator<Item = f64> + Clone) -> ColumnType {
    match values.clone().map(kind_of_value).max() {
        // A whole number beside fractions may need more digits than they do.
        Some(ColumnType::Fp32) if !values.clone().all(is_short_fraction) => ColumnType::Fp64,
        kind => kind.unwrap_or(ColumnType::Fp64),
    }
}

/// True when a number of 32 bits has the same decimal text.
pub(crate) fn is_short_fraction(value: f64) -> bool {
    value.is_nan() || decimal(value as f32) == value
}

/// True when a number of 32 bits stands for the same integer.
pub(crate) fn is_short_integer(value: i64) -> bool {
    i128::from(value) == value as f32 as i128 && is_short_fraction(value as f64)
}

pub(crate) fn kind_of_value(value: f64) -> ColumnType {
    if value == 0.0 || value == 1.0 {
        ColumnType::Boolean
    } else if value.fract() == 0.0 && value.abs() < 2f64.powi(63) {
        let is_short = (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
        if is_short { ColumnType::Int32 } else { ColumnType::Int64 }
    } else if is_short_fraction(value) {
        ColumnType::Fp32
    } else {
        ColumnType::Fp64
    }
}

/// 1 where a cell has no value, be it a missing cell, NaN or an empty text, and 0 elsewhere.
pub fn missing(x: &Frame) -> Dense {
    Dense::from_fn(x.rows(), x.cols(), |i, j| f64::from(u8::from(x.columns()[j].lacks_value(i))))
}

/// A frame as a matrix: texts are read as numbers, missing cells and empty texts are NaN, truth values 1 and 0.
///
/// # Errors
/// Names row, column and text of the first cell that is no number.
pub fn to_dense(frame: &Frame) -> Outcome<Dense> {
    let mut dense = Dense::zeros(frame.rows(), frame.cols());
    for (j, column) in frame.columns().iter().enumerate() {
        for i in 0..frame.rows() {
            let number = match column.str(i) {
                Some(text) => number_of(text.trim()),
                None => column.cell(i).number(),
            };
            let Some(value) = number else { return not_a_number(frame, i, j, &column.cell(i)) };
            dense.set(i, j, value);
        }
    }
    Ok(dense)
}

fn not_a_number<T>(frame: &Frame, i: usize, j: usize, cell: &Cell) -> Outcome<T> {
    let name = &frame.names()[j];
    bail!(Value, "row {} of column {} (\"{name}\") is {cell}, not a number", i + 1, j + 1; hint: "take the columns of numbers, `F[, a:b]`, before `as.matrix`")
}
