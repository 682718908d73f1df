//! Sorting rows: `order(X, by, decreasing)` as a permutation of row indices.
//!
//! The sort is stable in both directions: rows with equal keys keep their order. NaN is the largest key: last when
//! ascending, first when descending; -0 equals 0. [`crate::select::gather_rows_dense`] applies the permutation.
//!
//! Keys are mapped to integers of the same order, and the row index is the last key. So no two keys are equal, and
//! the fast unstable (also parallel) sorts have only one possible result: the stable one.

use rayon::prelude::*;

use crate::{Csr, Dense};

/// Which rows come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Those with small keys.
    Ascending,
    /// Those with large keys.
    Descending,
}

/// From this many rows on, the sort is parallel.
const PARALLEL_ROWS: usize = 1 << 15;

/// The 0-based row indices in sorted order: by column `by[0]`, among equals by column `by[1]`, and so on.
///
/// # Panics
/// When a column of `by` leaves the matrix.
pub fn dense(x: &Dense, by: &[usize], direction: Direction) -> Vec<usize> {
    match by {
        [] => (0..x.rows()).collect(),
        [column] => by_one((0..x.rows()).map(|i| key(x.get(i, *column), direction))),
        _ => by_many(
            by.len(),
            (0..x.rows()).flat_map(|i| by.iter().map(move |&j| key(x.get(i, j), direction))),
        ),
    }
}

/// The 0-based row indices of a sparse matrix in sorted order.
///
/// # Panics
/// When a column of `by` leaves the matrix.
pub fn sparse(x: &Csr, by: &[usize], direction: Direction) -> Vec<usize> {
    assert!(by.iter().all(|&j| j < x.cols()), "columns {by:?} of {}", x.cols());
    let keys = Dense::from_fn(x.rows(), by.len(), |i, j| x.get(i, by[j]));
    dense(&keys, &(0..by.len()).collect::<Vec<_>>(), direction)
}

/// An integer that orders like `x`, with NaN above everything.
///
/// The bits of positive doubles order like the doubles, those of negative doubles the other way round.
fn key(x: f64, direction: Direction) -> u64 {
    let sign = 1 << 63;
    let bits = (x + 0.0).to_bits();
    let ascending = match bits & sign {
        _ if x.is_nan() => u64::MAX,
        0 => bits | sign,
        _ => !bits,
    };
    match direction {
        Direction::Ascending => ascending,
        Direction::Descending => !ascending,
    }
}

fn by_one(keys: impl Iterator<Item = u64>) -> Vec<usize> {
    let mut pairs: Vec<(u64, usize)> = keys.enumerate().map(|(i, key)| (key, i)).collect();
    if pairs.len() < PARALLEL_ROWS {
        pairs.sort_unstable();
    } else {
        pairs.par_sort_unstable();
    }
    pairs.into_iter().map(|(_, i)| i).collect()
}

/// Sorts by rows of `width` keys.
fn by_many(width: usize, keys: impl Iterator<Item = u64>) -> Vec<usize> {
    let keys: Vec<u64> = keys.collect();
    let row = |i: usize| &keys[i * width..(i + 1) * width];
    let compare = |a: &usize, b: &usize| row(*a).cmp(row(*b)).then(a.cmp(b));
    let mut index: Vec<usize> = (0..keys.len() / width).collect();
    if index.len() < PARALLEL_ROWS {
        index.sort_unstable_by(compare);
    } else {
        index.par_sort_unstable_by(compare);
    }
    index
}
