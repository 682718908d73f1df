//! Columns as numbers.

use arrow_array::{Array, Float64Array};
use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, fault};

use super::CHUNK;
use crate::cell::number_of;
use crate::{Cell, Column};

/// The numbers of a column, NaN for missing cells; shared with it where it holds just them.
///
/// # Errors
/// Names row and text of the first cell that is no number.
pub fn numbers(column: &Column) -> Outcome<Float64Array> {
    match column {
        Column::Fp64(cells) if cells.null_count() == 0 => Ok(cells.clone()),
        _ => converted(column),
    }
}

fn converted(column: &Column) -> Outcome<Float64Array> {
    let number = |at: usize| match column.str(at) {
        Some(text) => number_of(text.trim()),
        None => column.cell(at).number(),
    };
    let mut numbers = vec![0.0; column.len()];
    let bad: Vec<Option<usize>> = numbers
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, numbers)| {
            for (to, at) in numbers.iter_mut().zip(chunk * CHUNK..) {
                match number(at) {
                    Some(number) => *to = number,
                    None => return Some(at),
                }
            }
            None
        })
        .collect();
    match bad.into_iter().flatten().next() {
        Some(at) => Err(not_a_number(at, &column.cell(at))),
        None => Ok(Float64Array::from(numbers)),
    }
}

/// The fault of a cell that is no number.
pub(super) fn not_a_number(row: usize, cell: &Cell) -> Fault {
    fault!(Value, "row {} is {cell}, not a number", row + 1; hint: "`recode`, `dummycode` and `hash` make numbers of texts")
}
