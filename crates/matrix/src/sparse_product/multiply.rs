//! Sparse by sparse, row by row (Gustavson 1978), cut by multiply-adds.

use rayon::prelude::*;

use super::row_sums::{RowSums, row_sums_scratch};
use crate::assemble::{Room, sparse_rows, sparse_rows_scratch, sparse_rows_with};
use crate::csr::Csr;
use crate::scratch::{Scratch, at_once};

/// Rows whose products are counted by one task.
const COUNT_ROWS: usize = 1 << 13;

/// Results up to this wide are always summed by [`RowSums`].
const NARROW: usize = 1 << 16;

/// Results wider than this never are: its marks take 64 MiB for each thread.
const WIDE: usize = 1 << 28;

/// `a %*% b`. Products are added in the order of the stored cells of the row of `a`, whatever way is taken.
pub(super) fn multiply(a: &Csr, b: &Csr) -> Csr {
    let before = products_before(a, b);
    let total = before[a.rows()];
    let most = |i: usize| before[i];
    if b.cols() <= (16 * total).clamp(NARROW, WIDE) {
        let append = |sums: &mut RowSums<'_>, i, room: &mut Room<'_>| sums.append(a.row(i), room);
        sparse_rows_with(a.rows(), b.cols(), most, || RowSums::new(b), append)
    } else {
        sparse_rows(a.rows(), b.cols(), most, |i, room| append_by_sorting(a.row(i), b, room))
    }
}

/// What [`multiply`] needs for `m x k` with `left` stored cells by `k x n` with `right` of them: where rows start, the
/// sums of a row for each task, and what rows are put together with. The most is as if all stored cells met.
pub(super) fn multiply_scratch(m: usize, n: usize, left: usize, right: usize) -> Scratch {
    let met = left.saturating_mul(n.min(right)).min(m.saturating_mul(right));
    let sums = row_sums_scratch(n, right);
    let sorted = Scratch::vector::<(u32, f64)>(right) * 3;
    let sums = if n <= NARROW { sums } else { sums.or(sorted) };
    let starts = Scratch::vector::<usize>(m.saturating_add(1));
    starts.and(sums * at_once(m)).and(sparse_rows_scratch(m, n, met, right))
}

/// The number of products of stored cells in all rows before each one.
pub(super) fn products_before(a: &Csr, b: &Csr) -> Vec<usize> {
    let mut before = vec![0; a.rows() + 1];
    let (starts, ends) = (&b.row_ptr()[..b.rows()], &b.row_ptr()[1..]);
    before[1..].par_chunks_mut(COUNT_ROWS).enumerate().for_each(|(chunk, counts)| {
        for (i, count) in (chunk * COUNT_ROWS..).zip(counts) {
            for &l in a.row(i).0 {
                *count += ends[l as usize] - starts[l as usize];
            }
        }
    });
    for i in 0..a.rows() {
        before[i + 1] += before[i];
    }
    before
}

/// Sums a row by a stable sort of its products: for results much wider than the work.
fn append_by_sorting((left, scale): (&[u32], &[f64]), b: &Csr, room: &mut Room<'_>) {
    let mut products: Vec<(u32, f64)> = Vec::new();
    for (&l, &x) in left.iter().zip(scale) {
        let (col, val) = b.row(l as usize);
        products.extend(col.iter().zip(val).map(|(&j, &y)| (j, x * y)));
    }
    products.sort_by_key(|&(j, _)| j);
    for group in products.chunk_by(|left, right| left.0 == right.0) {
        room.push(group[0].0, group[1..].iter().fold(group[0].1, |sum, &(_, product)| sum + product));
    }
}
