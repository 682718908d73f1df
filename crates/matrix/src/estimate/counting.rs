//! Counts of the cells of rows and columns.

use rayon::prelude::*;

use crate::Csr;
use crate::product::tree::weighted_cuts;

/// Row blocks at most: they bound the memory of the counts.
const BLOCKS: usize = 8;

/// Stored cells per block at least.
const BLOCK_CELLS: usize = 1 << 16;

/// The stored cells of each row.
pub(super) fn row_counts(x: &Csr) -> Vec<u32> {
    x.row_ptr().windows(2).map(|ends| (ends[1] - ends[0]) as u32).collect()
}

/// The stored cells of each column.
pub(super) fn column_counts(x: &Csr) -> Vec<u32> {
    let weight = |i: usize| x.row_ptr()[i];
    let size = x.nnz().div_ceil(BLOCKS).max(BLOCK_CELLS).max(2 * x.cols());
    let cuts = weighted_cuts(x.rows(), size, weight);
    let counted = |rows: &[usize]| {
        let mut counts = vec![0_u32; x.cols()];
        x.col()[weight(rows[0])..weight(rows[1])].iter().for_each(|&j| counts[j as usize] += 1);
        counts
    };
    let add = |mut counts: Vec<u32>, more: Vec<u32>| {
        counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        counts
    };
    cuts.par_windows(2).map(counted).reduce_with(add).unwrap_or_else(|| vec![0; x.cols()])
}
