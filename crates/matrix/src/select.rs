//! Lines of a matrix by choice: `removeEmpty` and rows or columns by index.
//!
//! A line (a row or a column) is empty when all of its cells are zero; NaN is not zero. The naive definitions are
//! in [`crate::reference::reorg`].

use rayon::prelude::*;

use crate::assemble::{sparse_rows, sparse_rows_exact, sparse_rows_scratch};
use crate::build::{PARALLEL_CELLS, copy_row, dense_rows};
use crate::scratch::at_once;
use crate::{Csr, Dense, Scratch, transpose};

/// Which lines of a matrix are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Margin {
    /// Its rows.
    Rows,
    /// Its columns.
    Cols,
}

/// What `removeEmpty` returns when no line remains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmptyReturn {
    /// One line of zeros, so that scripts need no special case.
    ZeroLine,
    /// No line.
    NoLine,
}

/// `removeEmpty(x, margin, select)`: the lines that are not empty or, given `select` (one value per line), those
/// with a selecting value that is not zero.
///
/// # Panics
/// When `select` has not one value per line.
pub fn remove_empty_dense(x: &Dense, margin: Margin, select: Option<&[f64]>, empty: EmptyReturn) -> Dense {
    let kept = kept_lines(lines((x.rows(), x.cols()), margin), select, || match margin {
        Margin::Rows => (0..x.rows()).map(|i| x.row(i).iter().any(|&v| v != 0.0)).collect(),
        Margin::Cols => columns_in_use(x),
    });
    if kept.is_empty() {
        let (rows, cols) = nothing_left((x.rows(), x.cols()), margin, empty);
        return Dense::zeros(rows, cols);
    }
    match margin {
        Margin::Rows => gather_rows_dense(x, &kept),
        Margin::Cols => gather_cols_dense(x, &kept),
    }
}

/// What [`remove_empty_dense`] needs for a `rows x cols` matrix: which lines are in use and which stay.
pub fn remove_empty_dense_scratch(rows: usize, cols: usize, margin: Margin) -> Scratch {
    let lines = lines((rows, cols), margin);
    let marks = match margin {
        Margin::Rows => Scratch::vector::<bool>(lines),
        Margin::Cols => Scratch::vector::<bool>(lines) * (2 * at_once(rows).max(1)),
    };
    marks.and(Scratch::vector::<usize>(lines) * 2)
}

/// What [`remove_empty_sparse`] needs for a `rows x cols` matrix with `stored` cells.
pub fn remove_empty_sparse_scratch(rows: usize, cols: usize, stored: usize, margin: Margin) -> Scratch {
    let lines = lines((rows, cols), margin);
    let kept = Scratch::vector::<bool>(lines).and(Scratch::vector::<usize>(lines) * 2);
    kept.and(match margin {
        Margin::Rows => gather_rows_sparse_scratch(rows),
        Margin::Cols => gather_ascending_scratch(rows, cols, stored),
    })
}

/// `removeEmpty(x, margin, select)` of a sparse matrix.
///
/// # Panics
/// When `select` has not one value per line.
pub fn remove_empty_sparse(x: &Csr, margin: Margin, select: Option<&[f64]>, empty: EmptyReturn) -> Csr {
    let kept = kept_lines(lines((x.rows(), x.cols()), margin), select, || match margin {
        Margin::Rows => x.row_ptr().windows(2).map(|ends| ends[0] < ends[1]).collect(),
        Margin::Cols => {
            let mut in_use = vec![false; x.cols()];
            x.col().iter().for_each(|&j| in_use[j as usize] = true);
            in_use
        }
    });
    if kept.is_empty() {
        let (rows, cols) = nothing_left((x.rows(), x.cols()), margin, empty);
        return Csr::empty(rows, cols);
    }
    match margin {
        Margin::Rows => gather_rows_sparse(x, &kept),
        Margin::Cols => gather_cols_sparse(x, &kept),
    }
}

/// How many positions one task converts.
const POSITIONS: usize = 1 << 14;

/// 1-based positions among `count` as 0-based indices.
///
/// # Errors
/// Where the first value stands that is no whole number from 1 to `count`.
pub fn positions(values: &[f64], count: usize) -> Result<Vec<usize>, usize> {
    // What is no position does not come back from an integer, or is zero or too large.
    let is_position = |value: f64| {
        let position = value as usize;
        position as f64 == value && position.wrapping_sub(1) < count
    };
    let first_wrong = |(chunk, values): (usize, &[f64])| {
        let at = values.iter().position(|value| !is_position(*value))?;
        Some(chunk * POSITIONS + at)
    };
    let wrong = values.par_chunks(POSITIONS).enumerate().filter_map(first_wrong);
    if let Some(first) = wrong.min() {
        return Err(first);
    }
    Ok(values.par_iter().with_min_len(POSITIONS).map(|value| *value as usize - 1).collect())
}

/// The rows with the given 0-based indices, in that order and as often as they are named.
///
/// # Panics
/// When an index leaves the matrix; the same holds for the other three.
pub fn gather_rows_dense(x: &Dense, index: &[usize]) -> Dense {
    if x.cols() == 1 {
        return gather_cells(x.cells(), index);
    }
    dense_rows(index.len(), x.cols(), |i, row| copy_row(row, x.row(index[i])))
}

/// As [`gather_rows_dense`], of a column.
fn gather_cells(cells: &[f64], index: &[usize]) -> Dense {
    let mut out = Dense::unset(index.len(), 1);
    let gather = |(to, index): (&mut [f64], &[usize])| {
        to.iter_mut().zip(index).for_each(|(to, &i)| *to = cells[i]);
    };
    if index.len() < PARALLEL_CELLS {
        gather((out.cells_mut(), index));
    } else {
        out.cells_mut().par_chunks_mut(POSITIONS).zip(index.par_chunks(POSITIONS)).for_each(gather);
    }
    out
}

/// The columns with the given 0-based indices, in that order and as often as they are named.
pub fn gather_cols_dense(x: &Dense, index: &[usize]) -> Dense {
    dense_rows(x.rows(), index.len(), |i, row| {
        let from = x.row(i);
        row.iter_mut().zip(index).for_each(|(to, &j)| *to = from[j]);
    })
}

/// The rows with the given 0-based indices of a sparse matrix.
pub fn gather_rows_sparse(x: &Csr, index: &[usize]) -> Csr {
    let mut start = Vec::with_capacity(index.len() + 1);
    let mut stored = 0;
    start.push(0);
    start.extend(index.iter().map(|&i| {
        stored += x.row(i).0.len();
        stored
    }));
    sparse_rows_exact(index.len(), x.cols(), |i| start[i], |i, room| room.extend(x.row(index[i])))
}

/// What [`gather_rows_sparse`] needs for `count` indices; the dense gathers need nothing.
pub fn gather_rows_sparse_scratch(count: usize) -> Scratch {
    Scratch::vector::<usize>(count.saturating_add(1))
}

/// What [`gather_cols_sparse`] needs for `count` indices of a `rows x cols` matrix with `stored` cells, of which the
/// result has no more than `chosen`. Ascending indices need less.
pub fn gather_cols_sparse_scratch(
    rows: usize,
    cols: usize,
    stored: usize,
    count: usize,
    chosen: usize,
) -> Scratch {
    let turned = Scratch::csr(cols, stored).and(Scratch::csr(count, chosen));
    let work = transpose::sparse_scratch(rows, cols, stored)
        .or(gather_rows_sparse_scratch(count))
        .or(transpose::sparse_scratch(count, rows, chosen));
    turned.and(work).or(gather_ascending_scratch(rows, cols, stored))
}

fn gather_ascending_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    Scratch::vector::<u32>(cols).and(sparse_rows_scratch(rows, cols, stored, cols))
}

/// The columns with the given 0-based indices of a sparse matrix. Ascending indices need one pass over the stored
/// cells, others two transpositions.
pub fn gather_cols_sparse(x: &Csr, index: &[usize]) -> Csr {
    if !index.windows(2).all(|pair| pair[0] < pair[1]) {
        return transpose::sparse(&gather_rows_sparse(&transpose::sparse(x), index));
    }
    const DROPPED: u32 = u32::MAX;
    let mut position = vec![DROPPED; x.cols()];
    index.iter().enumerate().for_each(|(to, &from)| position[from] = to as u32);
    sparse_rows(
        x.rows(),
        index.len(),
        |i| x.row_ptr()[i],
        |i, room| {
            let (col, val) = x.row(i);
            for (&j, &value) in col.iter().zip(val).filter(|(j, _)| position[**j as usize] != DROPPED) {
                room.push(position[j as usize], value);
            }
        },
    )
}

fn lines(shape: (usize, usize), margin: Margin) -> usize {
    match margin {
        Margin::Rows => shape.0,
        Margin::Cols => shape.1,
    }
}

/// The indices of the lines that stay: by `select`, or else by whether they are in use.
fn kept_lines(lines: usize, select: Option<&[f64]>, in_use: impl FnOnce() -> Vec<bool>) -> Vec<usize> {
    let keep = match select {
        Some(select) => select.iter().map(|&v| v != 0.0).collect(),
        None => in_use(),
    };
    assert_eq!(keep.len(), lines, "one selecting value per line");
    keep.iter().enumerate().filter(|(_, keep)| **keep).map(|(i, _)| i).collect()
}

fn nothing_left(shape: (usize, usize), margin: Margin, empty: EmptyReturn) -> (usize, usize) {
    let lines = match empty {
        EmptyReturn::ZeroLine => 1,
        EmptyReturn::NoLine => 0,
    };
    match margin {
        Margin::Rows => (lines, shape.1),
        Margin::Cols => (shape.0, lines),
    }
}

/// Which columns have a cell that is not zero.
fn columns_in_use(x: &Dense) -> Vec<bool> {
    let cols = x.cols();
    if cols == 0 || x.cells().len() < PARALLEL_CELLS {
        return mark_columns(vec![false; cols], x.cells());
    }
    let chunk = (PARALLEL_CELLS / cols).max(1) * cols;
    let either = |mut a: Vec<bool>, b: Vec<bool>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
        a
    };
    let none = || vec![false; cols];
    x.cells().par_chunks(chunk).fold(none, mark_columns).reduce(none, either)
}

fn mark_columns(mut in_use: Vec<bool>, cells: &[f64]) -> Vec<bool> {
    for row in cells.chunks_exact(in_use.len().max(1)) {
        in_use.iter_mut().zip(row).for_each(|(used, &v)| *used |= v != 0.0);
    }
    in_use
}
