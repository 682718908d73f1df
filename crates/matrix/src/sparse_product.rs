//! Products with a sparse side.
//!
//! Cells that are not stored never meet the other side, so their zeros absorb by construction. A zero of a *dense*
//! side that meets a stored NaN or infinity does not: a kernel first runs with plain multiplication and, when the
//! result has a NaN, once more with absorbing multiplication. Work is cut by non-zeros; results that depend on all
//! rows are summed in a fixed tree (`tree_sum`) while they are small and computed in strips of the output, or from
//! a transpose, when they are large: memory stays bounded and the bits do not depend on the threads.
//!
//! - `multiply`, `row_sums`, `few_rows`, `into_dense`: sparse by sparse
//! - `panel`: sparse by dense with several columns, and the other way round
//! - `vector`: sparse by one dense vector

mod few_rows;
mod into_dense;
mod multiply;
mod panel;
mod row_sums;
mod vector;

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use crate::csr::Csr;
use crate::dense::Dense;
use crate::product::repair::{absorbing_dot, absorbing_product, has_nan};
use crate::product::tree::tree_scratch;
use crate::product::tree::{for_rows, tree_sum, weighted_cuts};
use crate::product::{mirror_lower, tree};
use crate::scratch::{Scratch, at_once};
use crate::transpose;
pub use into_dense::{csr_csr_dense, csr_csr_dense_scratch, likely_nnz, likely_nnz_scratch};
use panel::{AddOuter, RowsTimes, SIDE, side_times};

/// Multiply-adds that are worth a task of their own.
const GRAIN: usize = 1 << 17;

/// Results up to this many cells (8 MiB) are summed from partial results.
const PARTIAL_CELLS: usize = 1 << 20;

/// Multiply-adds per cell of a partial result at least, so that merging is cheap next to them.
const PER_CELL: usize = 8;

/// Strips of a large result.
const STRIPS: usize = 64;

/// Results up to this wide are computed for several rows of a dense left side together: 2 MiB of sums.
const SIDE_COLS: usize = 1 << 15;

/// `a %*% b`, sparse `m x k` by dense `k x n`.
///
/// # Panics
/// When the inner dimensions differ.
pub fn csr_dense(a: &Csr, b: &Dense) -> Dense {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    let n = b.cols();
    let mut c = Dense::unset(a.rows(), n);
    if c.cells().is_empty() {
        return c;
    }
    for_rows(&stored_cuts(a, GRAIN / n), n, c.cells_mut(), &|rows, out| {
        if n == 1 {
            vector::times_vector(a, b.cells(), rows.clone(), out);
        } else {
            Arch::new().dispatch(RowsTimes { a, b, rows: rows.clone(), out });
        }
        // While the cells are still in the cache.
        if has_nan(out) {
            for (i, row) in rows.zip(out.chunks_exact_mut(n)) {
                repair_row(a.row(i), b, row);
            }
        }
    });
    c
}

/// What [`csr_dense`] needs: nothing, whatever the shapes.
pub fn csr_dense_scratch() -> Scratch {
    Scratch::NONE
}

/// Computes the NaN cells of a row of `a %*% b` again, with absorbing zeros.
fn repair_row((col, val): (&[u32], &[f64]), b: &Dense, row: &mut [f64]) {
    for (j, cell) in row.iter_mut().enumerate().filter(|(_, cell)| cell.is_nan()) {
        *cell = absorbing_dot(col.iter().zip(val).map(|(&l, &x)| (x, b.get(l as usize, j))));
    }
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
    if n <= SIDE_COLS {
        with_repair(|| dense_csr_by_sides(a, b), || dense_csr_by_rows(a, b))
    } else {
        dense_csr_by_rows(a, b)
    }
}

/// What [`dense_csr`] needs for `m x k` by `k x n` with `stored` cells: sums for each task.
pub fn dense_csr_scratch(m: usize, n: usize, k: usize, stored: usize) -> Scratch {
    if m == 1 {
        return Scratch::dense(k, 1).and(tcsr_dense_scratch(n, 1, k, stored));
    }
    let tasks = m.div_ceil((GRAIN / stored.saturating_add(n).max(1)).next_multiple_of(SIDE).max(SIDE));
    (Scratch::vector::<[f64; SIDE]>(n) * at_once(tasks)).only_if(n <= SIDE_COLS)
}

fn dense_csr_by_sides(a: &Dense, b: &Csr) -> Dense {
    let n = b.cols();
    let mut c = Dense::unset(a.rows(), n);
    if c.cells().is_empty() {
        return c;
    }
    let height = (GRAIN / (b.nnz() + n)).next_multiple_of(SIDE).max(SIDE);
    for_rows(&tree::even_cuts(a.rows(), height), n, c.cells_mut(), &|rows, out| {
        let mut sums = vec![[0.0; SIDE]; n];
        for (start, out) in rows.clone().step_by(SIDE).zip(out.chunks_mut(SIDE * n)) {
            let rows = start..rows.end.min(start + SIDE);
            Arch::new().dispatch(
                #[inline(always)]
                || side_times(a, b, rows, &mut sums, out),
            );
        }
    });
    c
}

fn dense_csr_by_rows(a: &Dense, b: &Csr) -> Dense {
    let n = b.cols();
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

/// `t(a) %*% b`, sparse `k x m` and dense `k x n` give `m x n`; small results without the transpose.
///
/// # Panics
/// When the numbers of rows differ.
pub fn tcsr_dense(a: &Csr, b: &Dense) -> Dense {
    assert_eq!(a.rows(), b.rows(), "inner dimensions");
    let (m, n) = (a.cols(), b.cols());
    if m * n > PARTIAL_CELLS {
        return csr_dense(&transpose::sparse(a), b);
    }
    with_repair(|| tcsr_dense_plain(a, b), || tcsr_dense_absorbing(a, b))
}

/// What [`tcsr_dense`] needs for `t(k x m)` with `stored` cells by `k x n`: partial results, or the transpose for a
/// large result.
pub fn tcsr_dense_scratch(m: usize, n: usize, k: usize, stored: usize) -> Scratch {
    if m.saturating_mul(n) > PARTIAL_CELLS {
        return Scratch::csr(m, stored).and(transpose::sparse_scratch(k, m, stored));
    }
    sum_by_columns_scratch((m, n), n, k, stored)
}

fn tcsr_dense_plain(a: &Csr, b: &Dense) -> Dense {
    let n = b.cols();
    sum_by_columns(a, n, n, &|rows, _, out| {
        if n == 1 {
            vector::vector_times(a, b.cells(), rows, out);
        } else {
            Arch::new().dispatch(AddOuter { a, b, rows, out });
        }
    })
}

fn tcsr_dense_absorbing(a: &Csr, b: &Dense) -> Dense {
    let n = b.cols();
    sum_by_columns(a, n, n, &|rows, _, out| {
        for i in rows {
            let (col, val) = a.row(i);
            for (&j, &x) in col.iter().zip(val) {
                add_scaled(x, b.row(i), &mut out[j as usize * n..][..n], absorbing_product);
            }
        }
    })
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
        let cuts = stored_cuts(b, (GRAIN / m).max(PER_CELL * n));
        tree_sum(&cuts, c.cells_mut(), &|rows, out| leaf(rows, 0..m, out));
    } else {
        in_strips(&mut c, &|outputs, out| leaf(0..a.rows(), outputs, out));
    }
    c
}

/// What [`tdense_csr`] needs for `t(k x m)` by `k x n` with `stored` cells: partial results of a small result.
pub fn tdense_csr_scratch(m: usize, n: usize, k: usize, stored: usize) -> Scratch {
    let cells = m.saturating_mul(n);
    let grain = (GRAIN / m.max(1)).max(PER_CELL * n.min(PARTIAL_CELLS));
    tree_scratch(cells, stored.saturating_add(k).div_ceil(grain)).only_if(cells <= PARTIAL_CELLS)
}

/// `t(a) %*% a` of a sparse matrix: half the work of a product, exactly symmetric.
pub fn gram(a: &Csr) -> Dense {
    let n = a.cols();
    let mut c = sum_by_columns(a, n, a.nnz() / a.rows().max(1), &|rows, outputs, out| {
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

/// What [`gram`] needs for a `rows x cols` matrix with `stored` cells: partial results of a small result.
pub fn gram_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    sum_by_columns_scratch((cols, cols), stored / rows.max(1), rows, stored)
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
    let plain = || if v.cols() == 1 { chain_vector(x, v, w) } else { chain_by(x, v, w, plain) };
    with_repair(plain, || chain_by(x, v, w, absorbing_product))
}

/// What [`chain`] needs for a `rows x cols` matrix with `stored` cells and `k` vectors: partial results, or for a large
/// result the inner product and what the outer one needs.
pub fn chain_scratch(rows: usize, cols: usize, k: usize, stored: usize) -> Scratch {
    let cells = cols.saturating_mul(k);
    if cells > PARTIAL_CELLS {
        return Scratch::dense(rows, k).and(tcsr_dense_scratch(cols, k, rows, stored));
    }
    let grain = if k == 1 { GRAIN } else { GRAIN / k.max(1) }.max(PER_CELL * cols).max(1);
    let leaves = stored.saturating_add(rows).div_ceil(grain);
    tree_scratch(cells, leaves).and(Scratch::vector::<f64>(k) * at_once(leaves))
}

fn chain_vector(x: &Csr, v: &Dense, w: Option<&Dense>) -> Dense {
    let mut c = Dense::zeros(x.cols(), 1);
    let cuts = stored_cuts(x, GRAIN.max(PER_CELL * x.cols()));
    tree_sum(&cuts, c.cells_mut(), &|rows, out| {
        vector::chain_vector(x, v.cells(), w.map(Dense::cells), rows, out);
    });
    c
}

fn chain_by(x: &Csr, v: &Dense, w: Option<&Dense>, times: impl Times) -> Dense {
    let k = v.cols();
    let mut c = Dense::zeros(x.cols(), k);
    if c.cells().is_empty() {
        return c;
    }
    let cuts = stored_cuts(x, (GRAIN / k).max(PER_CELL * x.cols()));
    tree_sum(&cuts, c.cells_mut(), &|rows, out| {
        let mut inner = vec![0.0; k];
        for i in rows {
            let (col, val) = x.row(i);
            inner.fill(0.0);
            for (&l, &x) in col.iter().zip(val) {
                add_scaled(x, v.row(l as usize), &mut inner, times);
            }
            if let Some(w) = w {
                inner.iter_mut().for_each(|q| *q = times(*q, w.get(i, 0)));
            }
            for (&j, &x) in col.iter().zip(val) {
                add_scaled(x, &inner, &mut out[j as usize * k..][..k], times);
            }
        }
    });
    c
}

/// `a %*% b`, both sparse, row by row (Gustavson 1978). Cells that cancel to zero are not stored.
///
/// # Panics
/// When the inner dimensions differ.
pub fn csr_csr(a: &Csr, b: &Csr) -> Csr {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    if few_rows::are_few(a) { few_rows::multiply_few(a, b) } else { multiply::multiply(a, b) }
}

/// What [`csr_csr`] needs for `m x k` with `left` stored cells by `k x n` with `right` of them. Most is room for the
/// result as if all stored cells met; of matrices without structure it takes little beside the result.
pub fn csr_csr_scratch(m: usize, n: usize, left: usize, right: usize) -> Scratch {
    few_rows::few_rows_scratch(m, left).and(multiply::multiply_scratch(m, n, left, right))
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
    if !result.cells().par_chunks(GRAIN).any(has_nan) {
        return result;
    }
    drop(result);
    absorbing()
}

/// Row boundaries with about `grain` stored cells per chunk; an empty row counts as one.
fn stored_cuts(a: &Csr, grain: usize) -> Vec<usize> {
    weighted_cuts(a.rows(), grain.max(1), |i| a.row_ptr()[i] + i)
}

/// What rows of `a` contribute to a result that has a row of `n` cells for every column of `a`.
///
/// A stored cell takes about `work` multiply-adds. `leaf(rows, outputs, out)` adds the contribution of a range of
/// rows of `a` to the rows `outputs` of the result, which are all while the result is small.
fn sum_by_columns(
    a: &Csr,
    n: usize,
    work: usize,
    leaf: &(impl Fn(Range<usize>, Range<usize>, &mut [f64]) + Sync),
) -> Dense {
    let m = a.cols();
    let mut c = Dense::zeros(m, n);
    if c.cells().is_empty() {
        return c;
    }
    if m * n <= PARTIAL_CELLS {
        let cuts = stored_cuts(a, GRAIN.max(PER_CELL * m * n) / work.max(1));
        tree_sum(&cuts, c.cells_mut(), &|rows, out| leaf(rows, 0..m, out));
    } else {
        in_strips(&mut c, &|outputs, out| leaf(0..a.rows(), outputs, out));
    }
    c
}

/// The partial results of [`sum_by_columns`] for an `m x n` result of `rows` rows with `stored` cells.
fn sum_by_columns_scratch((m, n): (usize, usize), work: usize, rows: usize, stored: usize) -> Scratch {
    let cells = m.saturating_mul(n);
    let grain = (GRAIN.max(PER_CELL * cells.min(PARTIAL_CELLS)) / work.max(1)).max(1);
    tree_scratch(cells, stored.saturating_add(rows).div_ceil(grain)).only_if(cells <= PARTIAL_CELLS)
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
