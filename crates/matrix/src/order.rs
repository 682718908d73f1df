//! Sorting rows: `order(X, by, decreasing)` as sorted values, or as a permutation of row indices.
//!
//! The sort is stable in both directions: rows with equal keys keep their order. NaN is the largest key: last when
//! ascending, first when descending; -0 equals 0. [`crate::select::gather_rows_dense`] applies the permutation.
//!
//! ```text
//! cells --splitters--> 64 buckets, stable, in parallel --quicksort of each--> order
//! ```
//!
//! `values` sorts cells, `index` positions; more than one column sorts the runs of equal cells of the one before.
//! The naive definition is [`crate::reference::reorg::order`].

mod buckets;
mod index;
#[cfg(target_arch = "x86_64")]
mod leaf;
pub(crate) mod quicksort;
pub(crate) mod ranks;
mod splitters;
mod values;

use std::borrow::Cow;

use rayon::prelude::*;

use crate::{Csr, Dense, Scratch};

/// Which rows come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Those with small keys.
    Ascending,
    /// Those with large keys.
    Descending,
}

/// Up to this many rows with equal keys are sorted by comparing the further columns.
const FEW_ROWS: usize = 64;

/// From this many rows on, columns are copied in parallel.
const PARALLEL_ROWS: usize = 1 << 15;

/// The sorted cells of a column.
///
/// # Panics
/// When `x` has not one column.
pub fn values(x: &Dense, direction: Direction) -> Dense {
    assert_eq!(x.cols(), 1, "a column");
    let mut sorted = Dense::unset(x.rows(), 1);
    values::sort(x.cells(), direction, sorted.cells_mut());
    sorted
}

/// What [`values`] needs for `rows` rows.
pub fn values_scratch(rows: usize) -> Scratch {
    values::sort_scratch(rows)
}

/// The 0-based row indices in sorted order: by column `by[0]`, among equals by column `by[1]`, and so on.
///
/// # Panics
/// When a column of `by` leaves the matrix.
pub fn dense(x: &Dense, by: &[usize], direction: Direction) -> Vec<usize> {
    let mut rows = vec![0; x.rows()];
    write_rows(x, by, direction, |i| i, &mut rows);
    if let [first, further @ ..] = by
        && !further.is_empty()
    {
        sort_runs(x, *first, further, direction, &mut rows);
    }
    rows
}

/// What [`dense`] needs for a `rows x cols` matrix sorted by `keys` columns: the column, and for further ones the runs of
/// equal cells.
pub fn dense_scratch(rows: usize, cols: usize, keys: usize) -> Scratch {
    let column = Scratch::vector::<f64>(rows).only_if(cols > 1);
    let first = column.and(index::sort_scratch(rows));
    let run = Scratch::vector::<f64>(rows).and(Scratch::vector::<usize>(rows));
    let runs = Scratch::vector::<&mut [usize]>(rows / 2) * 2;
    first.or(runs.and(run).and(index::sort_scratch(rows)).only_if(keys > 1)).only_if(keys > 0)
}

/// What [`positions`] needs, as [`dense_scratch`].
pub fn positions_scratch(rows: usize, cols: usize, keys: usize) -> Scratch {
    dense_scratch(rows, cols, keys).and(Scratch::vector::<usize>(rows).only_if(keys > 1))
}

/// What [`sparse`] needs, as [`dense_scratch`]: the columns and what they need.
pub fn sparse_scratch(rows: usize, keys: usize) -> Scratch {
    Scratch::dense(rows, keys).and(dense_scratch(rows, keys, keys))
}

/// What [`sparse_positions`] needs, as [`dense_scratch`].
pub fn sparse_positions_scratch(rows: usize, keys: usize) -> Scratch {
    Scratch::dense(rows, keys).and(positions_scratch(rows, keys, keys))
}

/// The 1-based row indices in sorted order, as a column.
///
/// # Panics
/// When a column of `by` leaves the matrix.
pub fn positions(x: &Dense, by: &[usize], direction: Direction) -> Dense {
    let mut column = Dense::unset(x.rows(), 1);
    let one_based = |i: usize| (i + 1) as f64;
    if by.len() <= 1 {
        write_rows(x, by, direction, one_based, column.cells_mut());
    } else {
        let rows = dense(x, by, direction);
        let cells = column.cells_mut().par_iter_mut().with_min_len(PARALLEL_ROWS);
        cells.zip(rows).for_each(|(cell, i)| *cell = one_based(i));
    }
    column
}

/// The 0-based row indices of a sparse matrix in sorted order.
///
/// # Panics
/// When a column of `by` leaves the matrix.
pub fn sparse(x: &Csr, by: &[usize], direction: Direction) -> Vec<usize> {
    dense(&columns_of(x, by), &(0..by.len()).collect::<Vec<_>>(), direction)
}

/// The 1-based row indices of a sparse matrix in sorted order, as a column.
///
/// # Panics
/// When a column of `by` leaves the matrix.
pub fn sparse_positions(x: &Csr, by: &[usize], direction: Direction) -> Dense {
    positions(&columns_of(x, by), &(0..by.len()).collect::<Vec<_>>(), direction)
}

fn columns_of(x: &Csr, by: &[usize]) -> Dense {
    assert!(by.iter().all(|&j| j < x.cols()), "columns {by:?} of {}", x.cols());
    Dense::from_fn(x.rows(), by.len(), |i, j| x.get(i, by[j]))
}

/// Writes `row(i)` of the rows `i` in the order of the first column of `by`.
fn write_rows<T: Send>(
    x: &Dense,
    by: &[usize],
    direction: Direction,
    row: impl Fn(usize) -> T + Sync,
    out: &mut [T],
) {
    match by {
        [] => out.iter_mut().enumerate().for_each(|(i, out)| *out = row(i)),
        [column, ..] => index::sort(&column_of(x, *column), direction, row, out),
    }
}

/// What [`ascending`] needs for `n` cells, beside the positions.
pub(crate) fn ascending_scratch(n: usize) -> Scratch {
    index::sort_scratch(n)
}

/// The 0-based positions of cells in ascending order, NaN last.
pub(crate) fn ascending(cells: &[f64]) -> Vec<usize> {
    let mut positions = vec![0; cells.len()];
    index::sort(cells, Direction::Ascending, |k| k, &mut positions);
    positions
}

/// `size` of the cells, which is no more than there are; which ones follows from the number of cells.
///
/// One of each stretch, spread within it (Fibonacci hashing, Knuth, TAOCP 3, 6.4), as cells may be periodic.
fn sample(cells: &[f64], size: usize) -> Vec<f64> {
    let stride = cells.len() / size;
    let within = |k: usize| (k as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    (0..size).map(|k| cells[k * stride + within(k) as usize % stride]).collect()
}

fn column_of(x: &Dense, j: usize) -> Cow<'_, [f64]> {
    assert!(j < x.cols(), "column {j} of {}", x.cols());
    if x.cols() == 1 {
        return Cow::Borrowed(x.cells());
    }
    let rows = x.cells().par_chunks_exact(x.cols()).with_min_len(PARALLEL_ROWS);
    Cow::Owned(rows.map(|row| row[j]).collect())
}

/// Sorts the rows that have equal cells in column `last` by the `further` columns. They ascend.
fn sort_runs(x: &Dense, last: usize, further: &[usize], direction: Direction, rows: &mut [usize]) {
    let [next, behind @ ..] = further else { return };
    let key_of = |i: usize, j: usize| key(x.get(i, j), direction);
    let runs = rows.chunk_by_mut(|&a, &b| key_of(a, last) == key_of(b, last));
    let runs: Vec<&mut [usize]> = runs.filter(|run| run.len() > 1).collect();
    runs.into_par_iter().for_each(|run| {
        if run.len() <= FEW_ROWS {
            let keys = |i: usize| further.iter().map(move |&j| key_of(i, j));
            return run.sort_unstable_by(|&a, &b| keys(a).cmp(keys(b)).then(a.cmp(&b)));
        }
        sort_run(x, *next, direction, run);
        sort_runs(x, *next, behind, direction, run);
    });
}

/// Sorts rows, which ascend, by one column.
fn sort_run(x: &Dense, by: usize, direction: Direction, rows: &mut [usize]) {
    let cells: Vec<f64> = rows.iter().map(|&i| x.get(i, by)).collect();
    let unsorted = rows.to_vec();
    index::sort(&cells, direction, |k| unsorted[k], rows);
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
