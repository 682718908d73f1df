//! `t(X)` of a sparse matrix: a counting sort by column, which keeps rows ascending within a column.
//!
//! Blocks of rows count their columns, then each block writes its cells behind those of the blocks above:
//!
//! ```text
//!   column of X     |  0           |  1     | ..
//!   cells of t(X)   | a a b c c c  | a c c  | ..     from the row blocks a, b, c
//! ```

#![allow(unsafe_code)]

use rayon::prelude::*;

use crate::Csr;
use crate::product::tree::weighted_cuts;
use crate::scratch::Scratch;
use crate::store::Store;

/// Row blocks at most: they bound the memory of the counts.
const BLOCKS: usize = 8;

/// Stored cells per block at least.
const BLOCK_CELLS: usize = 1 << 15;

/// `t(x)` of a sparse matrix, in time linear in its rows, columns and stored cells.
pub fn sparse(x: &Csr) -> Csr {
    let (stored, cols) = (x.nnz(), x.cols());
    let weight = |i: usize| x.row_ptr()[i] + i;
    let size = (weight(x.rows()).div_ceil(BLOCKS)).max(BLOCK_CELLS).max(2 * cols);
    let cuts = weighted_cuts(x.rows(), size, weight);
    let mut counts: Vec<Vec<usize>> =
        cuts.par_windows(2).map(|rows| column_counts(x, rows[0], rows[1])).collect();
    let row_ptr = counts_to_starts(&mut counts, cols);
    let (mut col, mut val) = (Store::with_capacity(stored), Store::with_capacity(stored));
    let to = Target { col: col.spare().as_mut_ptr().cast(), val: val.spare().as_mut_ptr().cast() };
    cuts.par_windows(2).zip(counts).for_each(|(rows, mut next)| {
        for i in rows[0]..rows[1] {
            let (columns, values) = x.row(i);
            for (&j, &value) in columns.iter().zip(values) {
                // SAFETY: each place below the number of stored cells belongs to one cell: a block has counted as
                // many cells of the column as it writes, from the place on that all cells before leave free.
                unsafe { to.write(next[j as usize], i as u32, value) };
                next[j as usize] += 1;
            }
        }
    });
    // SAFETY: all places were written.
    unsafe {
        col.set_len(stored);
        val.set_len(stored);
    }
    Csr::assembled(cols, x.rows(), row_ptr, col, val)
}

/// What [`sparse`] needs for a `rows x cols` matrix with `stored` cells: a count per column for each block of rows.
pub fn sparse_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    let weight = stored.saturating_add(rows);
    let size = weight.div_ceil(BLOCKS).max(BLOCK_CELLS).max(cols.saturating_mul(2));
    Scratch::vector::<usize>(cols) * weight.div_ceil(size)
}

/// The stored cells of each column in some rows.
fn column_counts(x: &Csr, start: usize, end: usize) -> Vec<usize> {
    let mut counts = vec![0; x.cols()];
    for &j in &x.col()[x.row_ptr()[start]..x.row_ptr()[end]] {
        counts[j as usize] += 1;
    }
    counts
}

/// Turns the counts of each block into where its first cell of the column goes; returns where each column starts.
fn counts_to_starts(counts: &mut [Vec<usize>], cols: usize) -> Vec<usize> {
    let mut starts = Vec::with_capacity(cols + 1);
    let mut next = 0;
    for j in 0..cols {
        starts.push(next);
        for counts in &mut *counts {
            next += std::mem::replace(&mut counts[j], next);
        }
    }
    starts.push(next);
    starts
}

/// The memory of the result, which several threads write.
struct Target {
    col: *mut u32,
    val: *mut f64,
}

// SAFETY: threads write to different places, and nobody reads before all are done.
unsafe impl Sync for Target {}

impl Target {
    /// Writes one cell.
    ///
    /// # Safety
    /// `at` is below the capacity of both parts, and no other thread writes there.
    #[inline(always)]
    unsafe fn write(&self, at: usize, col: u32, val: f64) {
        // SAFETY: as of this function.
        unsafe {
            self.col.add(at).write(col);
            self.val.add(at).write(val);
        }
    }
}
