//! Sparse by sparse where most rows of the left side are empty: only the others are multiplied.
//!
//! What is left to do for each row is its entry in the row pointers, which is copied in stretches.

use rayon::prelude::*;

use super::multiply::multiply;
use crate::csr::Csr;
use crate::scratch::Scratch;

/// Rows for each stored cell, at least, that make it worth to leave out the empty ones.
const ROWS_PER_CELL: usize = 4;

/// Rows from which on leaving out is worth it.
const MANY_ROWS: usize = 1 << 16;

/// Rows that one task looks at.
const CHUNK_ROWS: usize = 1 << 16;

/// Whether so many rows are empty that they are to be left out.
pub(super) fn are_few(a: &Csr) -> bool {
    a.rows() >= MANY_ROWS && a.nnz() <= a.rows() / ROWS_PER_CELL
}

/// `a %*% b`, by way of the rows of `a` that are not empty.
pub(super) fn multiply_few(a: &Csr, b: &Csr) -> Csr {
    let occupied = occupied(a.row_ptr());
    let starts = occupied.iter().map(|&i| a.row_ptr()[i]).chain([a.nnz()]).collect();
    let others = Csr::assembled(occupied.len(), a.cols(), starts, a.col(), a.val());
    let product = multiply(&others, b);
    let mut row_ptr = vec![0; a.rows() + 1];
    row_ptr.par_chunks_mut(CHUNK_ROWS).enumerate().for_each(|(chunk, ptr)| {
        let start = chunk * CHUNK_ROWS;
        // Entry `i` tells the cells of the rows before `i`.
        let (mut rank, mut at) = (occupied.partition_point(|&i| i < start), 0);
        while at < ptr.len() {
            let end = occupied.get(rank).map_or(ptr.len(), |&i| ptr.len().min(i + 1 - start));
            ptr[at..end].fill(product.row_ptr()[rank]);
            (at, rank) = (end, rank + 1);
        }
    });
    product.with_row_ptr(row_ptr)
}

/// What leaving out the empty ones of `m` rows with at most `left` stored cells needs beside the multiplication: the
/// numbers of the others, before and after they are put together, the cells, and the rows of the product.
pub(super) fn few_rows_scratch(m: usize, left: usize) -> Scratch {
    let left = left.min(m / ROWS_PER_CELL);
    let rows = Scratch::vector::<usize>(left) * 3;
    rows.and(Scratch::csr(left, left)).only_if(m >= MANY_ROWS)
}

/// The rows that are not empty.
fn occupied(row_ptr: &[usize]) -> Vec<usize> {
    let rows = row_ptr.len() - 1;
    let chunks = (0..rows.div_ceil(CHUNK_ROWS)).into_par_iter().map(|chunk| {
        let start = chunk * CHUNK_ROWS;
        let ptr = &row_ptr[start..=rows.min(start + CHUNK_ROWS)];
        let is_occupied = |(at, pair): (usize, &[usize])| (pair[0] < pair[1]).then_some(start + at);
        ptr.windows(2).enumerate().filter_map(is_occupied).collect::<Vec<_>>()
    });
    chunks.collect::<Vec<_>>().concat()
}
