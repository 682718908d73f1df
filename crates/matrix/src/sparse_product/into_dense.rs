//! Sparse by sparse with a dense result, and the question whether the result gets that dense.

use super::multiply::products_before;
use super::{GRAIN, scatter};
use crate::csr::Csr;
use crate::dense::Dense;
use crate::product::tree::{for_rows, weighted_cuts};
use crate::scratch::Scratch;

/// Rows of a product whose cells are counted to estimate all of them, at most.
const SAMPLES: usize = 64;

/// Rows for each one that is counted, at least.
const ROWS_PER_SAMPLE: usize = 16;

/// The number of stored cells of `a %*% b`, as estimated from some rows that are counted, unless a bound tells
/// already that `is_few` holds: then the bound.
///
/// The rows stand at equal distances of the work, so that heavy ones are counted for what they contribute. `is_few`
/// holds for all numbers below one that it holds for.
///
/// # Panics
/// When the inner dimensions differ.
pub fn likely_nnz(a: &Csr, b: &Csr, is_few: impl Fn(usize) -> bool) -> usize {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    let bound = a.nnz().saturating_mul(b.nnz().min(b.cols()));
    if is_few(bound) {
        return bound;
    }
    let longest = b.row_ptr().windows(2).fold(0, |longest, pair| longest.max(pair[1] - pair[0]));
    let bound = a.nnz().saturating_mul(longest);
    if is_few(bound) {
        return bound;
    }
    let before = products_before(a, b);
    let total = before[a.rows()];
    if total == 0 || is_few(total) {
        return total;
    }
    let samples = (a.rows() / ROWS_PER_SAMPLE).clamp(1, SAMPLES);
    let mut marks = vec![0; b.cols().div_ceil(64)];
    let share = total as f64 / samples as f64;
    let cells = |sample: usize| {
        let at = (share * (sample as f64 + 0.5)) as usize;
        let i = before.partition_point(|&before| before <= at).clamp(1, a.rows()) - 1;
        let products = before[i + 1] - before[i];
        count(a.row(i).0, b, &mut marks) as f64 * share / products.max(1) as f64
    };
    (0..samples).map(cells).sum::<f64>() as usize
}

/// What [`likely_nnz`] needs for `m` rows and `n` columns: where rows start, and a bit for each column.
pub fn likely_nnz_scratch(m: usize, n: usize) -> Scratch {
    csr_csr_dense_scratch(m).and(Scratch::vector::<u64>(n.div_ceil(64)))
}

/// The columns of a row of the product; `marks` has a bit for each, and none is set before and after.
fn count(left: &[u32], b: &Csr, marks: &mut [u64]) -> usize {
    let mut count = 0;
    for &l in left {
        for &j in b.row(l as usize).0 {
            let (word, bit) = (&mut marks[j as usize >> 6], 1 << (j & 63));
            count += usize::from(*word & bit == 0);
            *word |= bit;
        }
    }
    marks.fill(0);
    count
}

/// `a %*% b`, both sparse, for a result that is dense: the same cells as of [`csr_csr`](super::csr_csr).
///
/// # Panics
/// When the inner dimensions differ.
pub fn csr_csr_dense(a: &Csr, b: &Csr) -> Dense {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    let n = b.cols();
    let mut c = Dense::unset(a.rows(), n);
    if c.cells().is_empty() {
        return c;
    }
    let before = products_before(a, b);
    let cuts = weighted_cuts(a.rows(), GRAIN, |i| before[i] + i * n);
    for_rows(&cuts, n, c.cells_mut(), &|rows, out| {
        for (i, out) in rows.zip(out.chunks_exact_mut(n)) {
            out.fill(0.0);
            let (col, val) = a.row(i);
            for (&l, &x) in col.iter().zip(val) {
                scatter(b.row(l as usize), x, out);
            }
        }
    });
    c
}

/// What [`csr_csr_dense`] needs for `m` rows: where they start.
pub fn csr_csr_dense_scratch(m: usize) -> Scratch {
    Scratch::vector::<usize>(m.saturating_add(1))
}
