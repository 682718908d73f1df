//! Building blocks row by row: dense rows in parallel when they are many, the sparse rows of a splice. Whole sparse
//! results are built in [`crate::assemble`].
//!
//! Invariant: chunks of rows follow from the shape alone, and every row is written by one task, so the result does
//! not depend on the number of threads. The operations of [`crate::reorg`], [`crate::bind`], [`crate::slice`] and
//! [`crate::select`] are built on it.

use std::ops::Range;

use rayon::prelude::*;

use crate::Dense;

/// From this many cells on, work is cut into parallel chunks.
pub(crate) const PARALLEL_CELLS: usize = 1 << 17;

/// About how many cells one parallel task writes: 256 KiB.
const CHUNK_CELLS: usize = 1 << 15;

/// A dense matrix whose row `i` is written as a whole by `fill(i, row)`. Without columns nothing is called.
pub(crate) fn dense_rows(rows: usize, cols: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Dense {
    let mut out = Dense::unset(rows, cols);
    if cols == 0 {
        return out;
    }
    let height = (CHUNK_CELLS / cols).max(1);
    let fill_chunk = |(chunk, cells): (usize, &mut [f64])| {
        for (i, row) in cells.chunks_exact_mut(cols).enumerate() {
            fill(chunk * height + i, row);
        }
    };
    if rows * cols < PARALLEL_CELLS {
        fill_chunk((0, out.cells_mut()));
    } else {
        out.cells_mut().par_chunks_mut(height * cols).enumerate().for_each(fill_chunk);
    }
    out
}

impl Dense {
    /// Row by row, in parallel when they are many: `fill(i, row)` writes all cells of row `i`.
    pub fn from_rows(rows: usize, cols: usize, fill: impl Fn(usize, &mut [f64]) + Sync) -> Dense {
        dense_rows(rows, cols, fill)
    }
}

/// A dense matrix of the shape of `x` whose cells are `f` of the cells of `x`.
pub(crate) fn dense_map(x: &Dense, f: impl Fn(f64) -> f64 + Sync) -> Dense {
    let mut out = Dense::unset(x.rows(), x.cols());
    let map_chunk = |(to, from): (&mut [f64], &[f64])| {
        to.iter_mut().zip(from).for_each(|(to, &from)| *to = f(from));
    };
    if x.cells().len() < PARALLEL_CELLS {
        map_chunk((out.cells_mut(), x.cells()));
    } else {
        let from = x.cells().par_chunks(CHUNK_CELLS);
        out.cells_mut().par_chunks_mut(CHUNK_CELLS).zip(from).for_each(map_chunk);
    }
    out
}

/// Cuts `out` at ranges that ascend and do not overlap.
pub(crate) fn cut<'a, T>(mut out: &'a mut [T], ranges: &[Range<usize>]) -> Vec<&'a mut [T]> {
    let mut at = 0;
    let mut parts = Vec::with_capacity(ranges.len());
    for range in ranges {
        let (_, from) = out.split_at_mut(range.start - at);
        let (part, behind) = from.split_at_mut(range.len());
        parts.push(part);
        (out, at) = (behind, range.end);
    }
    parts
}

/// Copies a row of equal length. A single cell is written directly: vectors have millions of such rows.
pub(crate) fn copy_row(to: &mut [f64], from: &[f64]) {
    match (to, from) {
        ([to], [from]) => *to = *from,
        (to, from) => to.copy_from_slice(from),
    }
}

/// The stored cells of consecutive sparse rows while they are appended, by ascending column within a row.
#[derive(Default)]
pub(crate) struct Cells {
    pub(crate) col: Vec<u32>,
    pub(crate) val: Vec<f64>,
}

impl Cells {
    /// Appends one cell of the current row, unless it is zero.
    pub(crate) fn push(&mut self, col: usize, value: f64) {
        if value != 0.0 {
            self.col.push(col as u32);
            self.val.push(value);
        }
    }

    /// Appends stored cells as they are.
    pub(crate) fn extend(&mut self, (col, val): (&[u32], &[f64])) {
        self.col.extend_from_slice(col);
        self.val.extend_from_slice(val);
    }

    /// Appends stored cells, their columns moved right by `offset`.
    pub(crate) fn extend_right(&mut self, (col, val): (&[u32], &[f64]), offset: usize) {
        self.col.extend(col.iter().map(|&j| j + offset as u32));
        self.val.extend_from_slice(val);
    }
}
