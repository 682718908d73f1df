//! Matrix by vector and vector by matrix: loops that read the matrix once, at memory bandwidth.
//!
//! Several rows are read side by side: that many independent sums hide the latency of the multiply-adds, and one
//! load of the vector (or of the accumulator) serves all of them.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::tree::{GRAIN_CELLS, even_cuts, tree_sum};
use crate::dense::Dense;

/// Rows read side by side.
const ROWS: usize = 4;

/// Columns of an accumulator that stays in the L1 cache.
const STRIP: usize = 4096;

/// Above this width one row fills a good part of the L2 cache and the chain reads row by row.
const WIDE: usize = 1 << 14;

/// Rows per partial result of the chain at least, so that merging is cheap next to reading.
const CHAIN_ROWS: usize = 32;

/// `x %*% v` as a column.
pub(super) fn times_vector(x: &Dense, v: &[f64]) -> Dense {
    let mut out = Dense::zeros(x.rows(), 1);
    let matrix = Matrix { cells: x.cells(), stride: x.cols() };
    dots(matrix, v, 0..x.rows(), 0..x.cols(), out.cells_mut());
    out
}

/// `t(x) %*% y` as a column.
pub(super) fn vector_times(x: &Dense, y: &[f64]) -> Dense {
    let (rows, cols) = (x.rows(), x.cols());
    let mut out = Dense::zeros(cols, 1);
    if cols == 1 {
        let row = Matrix { cells: x.cells(), stride: rows };
        dots(row, y, 0..1, 0..rows, out.cells_mut());
        return out;
    }
    let matrix = Matrix { cells: x.cells(), stride: cols };
    let cuts = even_cuts(rows, GRAIN_CELLS / cols.clamp(1, STRIP));
    out.cells_mut().par_chunks_mut(STRIP).enumerate().for_each(|(strip, out)| {
        let cols = strip * STRIP..strip * STRIP + out.len();
        tree_sum(&cuts, out, &|rows, out| {
            Arch::new().dispatch(Combine { matrix, y, rows, cols: cols.clone(), out });
        });
    });
    out
}

/// `t(x) %*% (w * (x %*% v))` as a column, reading `x` once.
pub(super) fn chain_vector(x: &Dense, v: &[f64], w: Option<&[f64]>) -> Dense {
    let mut out = Dense::zeros(x.cols(), 1);
    let matrix = Matrix { cells: x.cells(), stride: x.cols() };
    let cuts = even_cuts(x.rows(), (GRAIN_CELLS / x.cols().max(1)).max(CHAIN_ROWS));
    tree_sum(&cuts, out.cells_mut(), &|rows, out| {
        Arch::new().dispatch(Chain { matrix, v, w, rows, out });
    });
    out
}

/// `out[i] = x[rows[i], cols] . v[cols]`: halves the rows, then the columns, down to the grain.
fn dots(matrix: Matrix<'_>, v: &[f64], rows: Range<usize>, cols: Range<usize>, out: &mut [f64]) {
    if rows.len() * cols.len() <= GRAIN_CELLS {
        Arch::new().dispatch(Dots { matrix, v, rows, cols, out });
    } else if rows.len() > 1 {
        let mid = rows.start + (rows.len() / 2).next_multiple_of(ROWS).min(rows.len() - 1);
        let (top, bottom) = out.split_at_mut(mid - rows.start);
        rayon::join(
            || dots(matrix, v, rows.start..mid, cols.clone(), top),
            || dots(matrix, v, mid..rows.end, cols.clone(), bottom),
        );
    } else {
        let mid = cols.start + (cols.len() / 2).next_multiple_of(8);
        let mut other = [0.0];
        rayon::join(
            || dots(matrix, v, rows.clone(), cols.start..mid, out),
            || dots(matrix, v, rows.clone(), mid..cols.end, &mut other),
        );
        out[0] += other[0];
    }
}

/// Row-major cells.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    cells: &'a [f64],
    stride: usize,
}

impl<'a> Matrix<'a> {
    /// Some columns of `N` neighbouring rows.
    #[inline(always)]
    fn rows<const N: usize>(self, i: usize, cols: &Range<usize>) -> [&'a [f64]; N] {
        std::array::from_fn(|r| {
            &self.cells[(i + r) * self.stride + cols.start..(i + r) * self.stride + cols.end]
        })
    }
}

/// `out = x[rows, cols] %*% v[cols]`.
struct Dots<'a> {
    matrix: Matrix<'a>,
    v: &'a [f64],
    rows: Range<usize>,
    cols: Range<usize>,
    out: &'a mut [f64],
}

impl WithSimd for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Dots { matrix, v, rows, cols, out } = self;
        let v = &v[cols.clone()];
        let mut i = rows.start;
        let (groups, rest) = out.as_chunks_mut::<ROWS>();
        for group in groups {
            *group = dot(simd, matrix.rows::<ROWS>(i, &cols), v);
            i += ROWS;
        }
        for cell in rest {
            [*cell] = dot(simd, matrix.rows::<1>(i, &cols), v);
            i += 1;
        }
    }
}

/// `out += t(x[rows, cols]) %*% y[rows]`.
struct Combine<'a> {
    matrix: Matrix<'a>,
    y: &'a [f64],
    rows: Range<usize>,
    cols: Range<usize>,
    out: &'a mut [f64],
}

impl WithSimd for Combine<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Combine { matrix, y, rows, cols, out } = self;
        let mut i = rows.start;
        let (groups, rest) = y[rows].as_chunks::<ROWS>();
        for group in groups {
            add_scaled(simd, matrix.rows::<ROWS>(i, &cols), *group, out);
            i += ROWS;
        }
        for &y in rest {
            add_scaled(simd, matrix.rows::<1>(i, &cols), [y], out);
            i += 1;
        }
    }
}

/// `out += t(x[rows, ]) %*% (w[rows] * (x[rows, ] %*% v))`.
struct Chain<'a> {
    matrix: Matrix<'a>,
    v: &'a [f64],
    w: Option<&'a [f64]>,
    rows: Range<usize>,
    out: &'a mut [f64],
}

impl Chain<'_> {
    #[inline(always)]
    fn step<const N: usize, S: Simd>(&mut self, simd: S, i: usize) {
        let rows = self.matrix.rows::<N>(i, &(0..self.v.len()));
        let mut inner = dot(simd, rows, self.v);
        if let Some(w) = self.w {
            inner.iter_mut().zip(&w[i..i + N]).for_each(|(q, w)| *q *= w);
        }
        add_scaled(simd, rows, inner, self.out);
    }
}

impl WithSimd for Chain<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Range { start: mut i, end } = self.rows;
        while self.v.len() <= WIDE && i + ROWS <= end {
            self.step::<ROWS, S>(simd, i);
            i += ROWS;
        }
        while i < end {
            self.step::<1, S>(simd, i);
            i += 1;
        }
    }
}

/// The dot products of `N` rows with `v`.
#[inline(always)]
fn dot<const N: usize, S: Simd>(simd: S, rows: [&[f64]; N], v: &[f64]) -> [f64; N] {
    let (body, tail) = S::as_simd_f64s(v);
    let rows = rows.map(|row| {
        let (row, rest) = S::as_simd_f64s(&row[..v.len()]);
        (&row[..body.len()], rest)
    });
    let mut sums = [simd.splat_f64s(0.0); N];
    for (l, &v) in body.iter().enumerate() {
        for (sum, row) in sums.iter_mut().zip(&rows) {
            *sum = simd.mul_add_e_f64s(row.0[l], v, *sum);
        }
    }
    if !tail.is_empty() {
        let v = simd.partial_load_f64s(tail);
        for (sum, row) in sums.iter_mut().zip(&rows) {
            *sum = simd.mul_add_e_f64s(simd.partial_load_f64s(row.1), v, *sum);
        }
    }
    sums.map(|sum| simd.reduce_sum_f64s(sum))
}

/// `out += Σ y[r] * rows[r]`.
#[inline(always)]
fn add_scaled<const N: usize, S: Simd>(simd: S, rows: [&[f64]; N], y: [f64; N], out: &mut [f64]) {
    let rows = rows.map(|row| S::as_simd_f64s(&row[..out.len()]));
    let y = y.map(|y| simd.splat_f64s(y));
    let (body, tail) = S::as_mut_simd_f64s(out);
    let heads = rows.map(|row| &row.0[..body.len()]);
    for (l, out) in body.iter_mut().enumerate() {
        let mut sum = *out;
        for (row, y) in heads.iter().zip(y) {
            sum = simd.mul_add_e_f64s(row[l], y, sum);
        }
        *out = sum;
    }
    if !tail.is_empty() {
        let mut sum = simd.partial_load_f64s(tail);
        for (row, y) in rows.iter().zip(y) {
            sum = simd.mul_add_e_f64s(simd.partial_load_f64s(row.1), y, sum);
        }
        simd.partial_store_f64s(tail, sum);
    }
}
