//! Products with a sparse side.
//!
//! Cells that are not stored never meet the other side, so their zeros absorb by construction. A zero of a *dense*
//! side that meets a stored NaN or infinity does not: a kernel first runs with plain multiplication and, when the
//! result has a NaN, once more with absorbing multiplication (`with_repair`). Work is cut by non-zeros; results
//! that depend on all rows are summed in a fixed tree (`tree_sum`) while they are small and computed in strips
//! of the output when they are large, so memory stays bounded and the bits do not depend on the threads.

mod multiply;
mod row_sums;

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use crate::csr::Csr;
use crate::dense::Dense;
use crate::product::repair::{absorbing_product, has_nan};
use crate::product::tree::{for_rows, tree_sum, weighted_cuts};
use crate::product::{mirror_lower, tree};

/// Multiply-adds that are worth a task of their own.
const GRAIN: usize = 1 << 17;

/// Results up to this many cells (8 MiB) are summed from partial results, larger ones computed in strips.
const PARTIAL_CELLS: usize = 1 << 20;

/// Strips of a large result.
const STRIPS: usize = 64;

/// `a %*% b`, sparse `m x k` by dense `k x n`.
///
/// # Panics
/// When the inner dimensions differ.
pub fn csr_dense(a: &Csr, b: &Dense) -> Dense {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    with_repair(|| csr_dense_by(a, b, plain), || csr_dense_by(a, b, absorbing_product))
}

fn csr_dense_by(a: &Csr, b: &Dense, times: impl Times) -> Dense {
    let n = b.cols();
    let mut c = Dense::zeros(a.rows(), n);
    let cuts = stored_cuts(a, GRAIN / n.max(1));
    for_rows(&cuts, n, c.cells_mut(), &|rows, out| {
        Arch::new().dispatch(|| {
            for (i, out) in rows.clone().zip(out.chunks_exact_mut(n.max(1))) {
                row_times(a.row(i), b, out, times);
            }
        });
    });
    c
}

/// `a %*% b`, dense `m x k` by sparse `k x n`.
///
/// # Panics
/// When the inner dimensions differ.
pub fn dense_csr(a: &Dense, b: &Csr) -> Dense {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    let n = b.cols();
    if a.rows() == 1 {
        let column = Dense::from_cells(a.cols(), 1, a.cells());
        return tcsr_dense(b, &column).reshaped(1, n);
    }
    let mut c = Dense::zeros(a.rows(), n);
    let cuts = tree::even_cuts(a.rows(), GRAIN / (b.nnz() + n + 1));
    for_rows(&cuts, n, c.cells_mut(), &|rows, out| {
        for (i, out) in rows.zip(out.chunks_exact_mut(n.max(1))) {
            for (l, &x) in a.row(i).iter().enumerate().filter(|(_, x)| **x != 0.0) {
                scatter(b.row(l), x, out);
            }
        }
    });
    c
}

/// `t(a) %*% b` without the transpose, sparse `k x m` and dense `k x n` give `m x n`.
///
/// # Panics
/// When the numbers of rows differ.
pub fn tcsr_dense(a: &Csr, b: &Dense) -> Dense {
    assert_eq!(a.rows(), b.rows(), "inner dimensions");
    with_repair(|| tcsr_dense_by(a, b, plain), || tcsr_dense_by(a, b, absorbing_product))
}

fn tcsr_dense_by(a: &Csr, b: &Dense, times: impl Times) -> Dense {
    let (m, n) = (a.cols(), b.cols());
    let mut c = Dense::zeros(m, n);
    if c.cells().is_empty() {
        return c;
    }
    sum_rows(a, n, n, &mut c, &|rows, outputs, out| {
        Arch::new().dispatch(|| {
            for i in rows.clone() {
                let (col, val) = within(a.row(i), &outputs);
                for (&j, &x) in col.iter().zip(val) {
                    let at = (j as usize - outputs.start) * n;
                    add_scaled(x, b.row(i), &mut out[at..at + n], times);
                }
            }
        });
    });
    c
}

/// `t(a) %*% b` without the transpose, dense `k x m` and sparse `k x n` give `m x n`.
///
/// # Panics
/// When the numbers of rows differ.
pub fn tdense_csr(a: &Dense, b: &Csr) -> Dense {
    assert_eq!(a.rows(), b.rows(), "inner dimensions");
    let (m, n) = (a.cols(), b.cols());
    let mut c = Dense::zeros(m, n);
    if c.cells().is_empty() {
        return c;
    }
    let leaf = |rows: Range<usize>, outputs: Range<usize>, out: &mut [f64]| {
        for i in rows {
            let left = &a.row(i)[outputs.clone()];
            for (&x, out) in left.iter().zip(out.chunks_exact_mut(n)).filter(|(x, _)| **x != 0.0) {
                scatter(b.row(i), x, out);
            }
        }
    };
    if m * n <= PARTIAL_CELLS {
        let cuts = stored_cuts(b, (GRAIN / m).max(2 * n));
        tree_sum(&cuts, c.cells_mut(), &|rows, out| leaf(rows, 0..m, out));
    } else {
        in_strips(&mut c, &|outputs, out| leaf(0..a.rows(), outputs, out));
    }
    c
}

/// `t(a) %*% a` of a sparse matrix: half the work of a product, exactly symmetric.
pub fn gram(a: &Csr) -> Dense {
    let n = a.cols();
    let mut c = Dense::zeros(n, n);
    sum_rows(a, n, a.nnz() / a.rows().max(1), &mut c, &|rows, outputs, out| {
        for i in rows {
            let (col, val) = within(a.row(i), &outputs);
            let full = a.row(i);
            for (&j, &x) in col.iter().zip(val) {
                let end = full.0.partition_point(|&other| other <= j);
                let at = (j as usize - outputs.start) * n;
                scatter((&full.0[..end], &full.1[..end]), x, &mut out[at..at + n]);
            }
        }
    });
    mirror_lower(&mut c);
    c
}

/// `t(x) %*% (w * (x %*% v))` for sparse `x`, reading it once; without `w`, `t(x) %*% (x %*% v)`.
///
/// `v` is `cols x k` for a small `k`, `w` is `rows x 1`, the result is `cols x k`.
///
/// # Panics
/// When the shapes do not fit.
pub fn chain(x: &Csr, v: &Dense, w: Option<&Dense>) -> Dense {
    assert_eq!(x.cols(), v.rows(), "inner dimensions");
    assert!(w.is_none_or(|w| (w.rows(), w.cols()) == (x.rows(), 1)), "one weight per row");
    if v.cells().len() > PARTIAL_CELLS {
        let mut inner = csr_dense(x, v);
        for i in 0..w.map_or(0, Dense::rows) {
            let weight = w.map_or(1.0, |w| w.get(i, 0));
            inner.row_mut(i).iter_mut().for_each(|q| *q = absorbing_product(*q, weight));
        }
        return tcsr_dense(x, &inner);
    }
    with_repair(|| chain_by(x, v, w, plain), || chain_by(x, v, w, absorbing_product))
}

fn chain_by(x: &Csr, v: &Dense, w: Option<&Dense>, times: impl Times) -> Dense {
    let k = v.cols();
    let mut c = Dense::zeros(x.cols(), k);
    if c.cells().is_empty() {
        return c;
    }
    let cuts = stored_cuts(x, (GRAIN / k).max(2 * x.cols()));
    tree_sum(&cuts, c.cells_mut(), &|rows, out| {
        let mut inner = vec![0.0; k];
        Arch::new().dispatch(|| {
            for i in rows.clone() {
                let row = x.row(i);
                inner.fill(0.0);
                row_times(row, v, &mut inner, times);
                if let Some(w) = w {
                    inner.iter_mut().for_each(|q| *q = times(*q, w.get(i, 0)));
                }
                for (&j, &x) in row.0.iter().zip(row.1) {
                    let at = j as usize * k;
                    add_scaled(x, &inner, &mut out[at..at + k], times);
                }
            }
        });
    });
    c
}

/// `a %*% b`, both sparse, row by row (Gustavson 1978). Cells that cancel to zero are not stored.
///
/// # Panics
/// When the inner dimensions differ.
pub fn csr_csr(a: &Csr, b: &Csr) -> Csr {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    multiply::multiply(a, b)
}

/// A multiplication of two numbers.
trait Times: Fn(f64, f64) -> f64 + Copy + Sync {}

impl<F: Fn(f64, f64) -> f64 + Copy + Sync> Times for F {}

#[inline(always)]
fn plain(x: f64, y: f64) -> f64 {
    x * y
}

/// The plain result, or the absorbing one when the plain one has a NaN.
fn with_repair(plain: impl FnOnce() -> Dense, absorbing: impl FnOnce() -> Dense) -> Dense {
    let result = plain();
    if has_nan(result.cells()) { absorbing() } else { result }
}

/// Row boundaries with about `grain` stored cells per chunk; an empty row counts as one.
fn stored_cuts(a: &Csr, grain: usize) -> Vec<usize> {
    weighted_cuts(a.rows(), grain.max(1), |i| a.row_ptr()[i] + i)
}

/// Sums what rows of `a` contribute to `c`, which has a row of `n` cells for every column of `a`.
///
/// A stored cell takes about `work` multiply-adds. `leaf(rows, outputs, out)` adds the contribution of a range of rows of `a` to the rows `outputs` of the result.
fn sum_rows(
    a: &Csr,
    n: usize,
    work: usize,
    c: &mut Dense,
    leaf: &(impl Fn(Range<usize>, Range<usize>, &mut [f64]) + Sync),
) {
    let m = a.cols();
    if m * n <= PARTIAL_CELLS {
        let cuts = stored_cuts(a, GRAIN.max(2 * m * n) / work.max(1));
        tree_sum(&cuts, c.cells_mut(), &|rows, out| leaf(rows, 0..m, out));
    } else {
        in_strips(c, &|outputs, out| leaf(0..a.rows(), outputs, out));
    }
}

/// Runs `leaf` for every strip of rows of a large result.
fn in_strips(c: &mut Dense, leaf: &(impl Fn(Range<usize>, &mut [f64]) + Sync)) {
    let cuts = tree::even_cuts(c.rows(), c.rows().div_ceil(STRIPS));
    let width = c.cols();
    for_rows(&cuts, width, c.cells_mut(), leaf);
}

/// The stored cells of a row whose columns lie in a range.
#[inline(always)]
fn within<'a>((col, val): (&'a [u32], &'a [f64]), range: &Range<usize>) -> (&'a [u32], &'a [f64]) {
    let start = if range.start == 0 { 0 } else { col.partition_point(|&j| (j as usize) < range.start) };
    let len = match col.last() {
        Some(&last) if last as usize >= range.end => {
            col[start..].partition_point(|&j| (j as usize) < range.end)
        }
        _ => col.len() - start,
    };
    (&col[start..start + len], &val[start..start + len])
}

/// `out += x * row` for a sparse row.
#[inline(always)]
fn scatter((col, val): (&[u32], &[f64]), x: f64, out: &mut [f64]) {
    for (&j, &y) in col.iter().zip(val) {
        out[j as usize] += x * y;
    }
}

/// `out += x * row` for a dense row.
#[inline(always)]
fn add_scaled(x: f64, row: &[f64], out: &mut [f64], times: impl Times) {
    out.iter_mut().zip(row).for_each(|(out, &y)| *out += times(x, y));
}

/// `out += row %*% b` for a sparse row; with one column a dot product in four independent sums.
#[inline(always)]
fn row_times((col, val): (&[u32], &[f64]), b: &Dense, out: &mut [f64], times: impl Times) {
    let [out] = out else {
        for (&l, &x) in col.iter().zip(val) {
            add_scaled(x, b.row(l as usize), out, times);
        }
        return;
    };
    let b = b.cells();
    let mut sums = [0.0; 4];
    let ((cols, col), (vals, val)) = (col.as_chunks::<4>(), val.as_chunks::<4>());
    for (col, val) in cols.iter().zip(vals) {
        for r in 0..4 {
            sums[r] += times(val[r], b[col[r] as usize]);
        }
    }
    let rest: f64 = col.iter().zip(val).map(|(&l, &x)| times(x, b[l as usize])).sum();
    *out += (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest;
}
