//! Rows in the order of the values of some columns.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::{Column, Frame};

/// The 0-based positions of the rows sorted by columns at 0-based positions, the first one first.
///
/// Numbers are compared by value, texts by their code points, truth values with `false` first; NaN counts as larger
/// than all numbers, a missing cell as larger than everything. The sort is stable in both directions.
pub fn order(frame: &Frame, by: &[usize], decreasing: bool) -> Vec<usize> {
    let columns: Vec<&Column> = by.iter().map(|&j| &frame.columns()[j]).collect();
    let mut rows: Vec<usize> = (0..frame.rows()).collect();
    rows.par_sort_by(|&a, &b| {
        let of = |column: &&Column| compare(column, a, b);
        let order = columns.iter().map(of).find(|order| order.is_ne()).unwrap_or(Ordering::Equal);
        if decreasing { order.reverse() } else { order }
    });
    rows
}

/// How two cells of a column are ordered.
fn compare(column: &Column, a: usize, b: usize) -> Ordering {
    match (column.is_missing(a), column.is_missing(b)) {
        (false, false) => match column {
            Column::Boolean(cells) => cells.value(a).cmp(&cells.value(b)),
            Column::Int32(cells) => cells.value(a).cmp(&cells.value(b)),
            Column::Int64(cells) => cells.value(a).cmp(&cells.value(b)),
            Column::Fp32(cells) => compare_numbers(cells.value(a).into(), cells.value(b).into()),
            Column::Fp64(cells) => compare_numbers(cells.value(a), cells.value(b)),
            Column::String(cells) => cells.value(a).cmp(cells.value(b)),
        },
        (a, b) => a.cmp(&b),
    }
}

fn compare_numbers(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}
