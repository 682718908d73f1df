//! Matrix by vector and vector by matrix: loops that read the matrix once, at memory bandwidth.
//!
//! Several rows are read side by side: that many independent sums hide the latency of the multiply-adds, and one
//! load of the vector (or of the accumulator) serves all of them.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::lanes::Lanes;
use super::tree::{GRAIN_CELLS, even_cuts, tree_scratch, tree_sum};
use crate::dense::Dense;
use crate::scratch::{Scratch, partials};

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
    let mut out = Dense::unset(x.rows(), 1);
    let matrix = Matrix { cells: x.cells(), stride: x.cols() };
    dots(matrix, v, 0..x.rows(), 0..x.cols(), out.cells_mut());
    out
}

/// `out = x[rows, ] %*% t(v)` on the calling thread, for a `v` with few rows, which are as long as those of `x`.
pub(super) fn times_few(x: &[f64], v: &Dense, rows: Range<usize>, out: &mut [f64]) {
    let (matrix, k) = (Matrix { cells: x, stride: v.cols() }, v.rows());
    let v = Matrix { cells: v.cells(), stride: v.cols() };
    Arch::new().dispatch(ManyDots { matrix, v, rows, out, k });
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

/// The partial results of [`vector_times`] for a `rows x cols` matrix.
pub(super) fn vector_times_scratch(rows: usize, cols: usize) -> Scratch {
    let leaves = rows.div_ceil(GRAIN_CELLS / cols.clamp(1, STRIP));
    let held = Scratch::paged::<f64>(cols.min(STRIP)) * partials(cols.div_ceil(STRIP), leaves);
    held.only_if(cols > 1)
}

/// The partial results of [`chain_vector`] for a `rows x cols` matrix.
pub(super) fn chain_vector_scratch(rows: usize, cols: usize) -> Scratch {
    tree_scratch(cols, rows.div_ceil((GRAIN_CELLS / cols.max(1)).max(CHAIN_ROWS)))
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

/// `t(x) %*% y` of two columns, on the calling thread.
pub(super) fn dot(x: &[f64], y: &[f64]) -> f64 {
    let (mut out, matrix) = ([0.0], Matrix { cells: x, stride: x.len() });
    Arch::new().dispatch(Dots { matrix, v: y, rows: 0..1, cols: 0..x.len(), out: &mut out });
    out[0]
}

/// `out += t(x) %*% y` of some rows of `x`, on the calling thread.
pub(super) fn add_vector_times(x: &[f64], y: &[f64], out: &mut [f64]) {
    let matrix = Matrix { cells: x, stride: out.len() };
    let (rows, cols) = (0..y.len(), 0..out.len());
    Arch::new().dispatch(Combine { matrix, y, rows, cols, out });
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
        let mut rows = [&self.cells[..0]; N];
        for (r, row) in rows.iter_mut().enumerate() {
            *row = &self.cells[(i + r) * self.stride..][cols.clone()];
        }
        rows
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
        let (lanes, v) = (Lanes::new(simd, cols.len() % S::F64_LANES), &v[cols.clone()]);
        let mut i = rows.start;
        let (groups, rest) = out.as_chunks_mut::<ROWS>();
        for group in groups {
            group.copy_from_slice(dots_of(simd, lanes, matrix.rows::<ROWS>(i, &cols), [v]).as_flattened());
            i += ROWS;
        }
        for cell in rest {
            [[*cell]] = dots_of(simd, lanes, matrix.rows::<1>(i, &cols), [v]);
            i += 1;
        }
    }
}

/// `out = x[rows, ] %*% t(v)`, where `v` has few rows.
struct ManyDots<'a> {
    matrix: Matrix<'a>,
    v: Matrix<'a>,
    rows: Range<usize>,
    out: &'a mut [f64],
    k: usize,
}

impl ManyDots<'_> {
    /// `N` rows against all vectors, four vectors at a time.
    #[inline(always)]
    fn step<const N: usize, S: Simd>(&mut self, simd: S, lanes: Lanes<S>, i: usize) {
        let all = 0..self.matrix.stride;
        let rows = self.matrix.rows::<N>(i, &all);
        let out = &mut self.out[(i - self.rows.start) * self.k..][..N * self.k];
        let mut c = 0;
        while c + 4 <= self.k {
            let dots = dots_of(simd, lanes, rows, self.v.rows::<4>(c, &all));
            for r in 0..N {
                out[r * self.k + c..][..4].copy_from_slice(&dots[r]);
            }
            c += 4;
        }
        while c < self.k {
            let dots = dots_of(simd, lanes, rows, self.v.rows::<1>(c, &all));
            for r in 0..N {
                out[r * self.k + c] = dots[r][0];
            }
            c += 1;
        }
    }
}

impl WithSimd for ManyDots<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let lanes = Lanes::new(simd, self.matrix.stride % S::F64_LANES);
        let Range { start: mut i, end } = self.rows;
        while i + ROWS <= end {
            self.step::<ROWS, S>(simd, lanes, i);
            i += ROWS;
        }
        while i < end {
            self.step::<1, S>(simd, lanes, i);
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
        let lanes = Lanes::new(simd, out.len() % S::F64_LANES);
        let mut i = rows.start;
        let (groups, rest) = y[rows].as_chunks::<ROWS>();
        for group in groups {
            add_scaled(simd, lanes, matrix.rows::<ROWS>(i, &cols), *group, out);
            i += ROWS;
        }
        for &y in rest {
            add_scaled(simd, lanes, matrix.rows::<1>(i, &cols), [y], out);
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
    fn step<const N: usize, S: Simd>(&mut self, simd: S, lanes: Lanes<S>, i: usize) {
        let rows = self.matrix.rows::<N>(i, &(0..self.v.len()));
        let dots = dots_of(simd, lanes, rows, [self.v]);
        let mut inner = [0.0; N];
        inner.copy_from_slice(dots.as_flattened());
        if let Some(w) = self.w {
            inner.iter_mut().zip(&w[i..i + N]).for_each(|(q, w)| *q *= w);
        }
        add_scaled(simd, lanes, rows, inner, self.out);
    }
}

impl WithSimd for Chain<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Range { start: mut i, end } = self.rows;
        let lanes = Lanes::new(simd, self.v.len() % S::F64_LANES);
        while self.v.len() <= WIDE && i + ROWS <= end {
            self.step::<ROWS, S>(simd, lanes, i);
            i += ROWS;
        }
        while i < end {
            self.step::<1, S>(simd, lanes, i);
            i += 1;
        }
    }
}

/// The dot products of `N` rows with `K` vectors of the same length.
///
/// Plain loops: closures that standard combinators call are not compiled for the instruction set of `S`.
#[inline(always)]
fn dots_of<const N: usize, const K: usize, S: Simd>(
    simd: S,
    lanes: Lanes<S>,
    rows: [&[f64]; N],
    vectors: [&[f64]; K],
) -> [[f64; K]; N] {
    let whole = vectors[0].len() / S::F64_LANES;
    let (heads, tails) = registers::<N, S>(rows, whole);
    let (vectors, rests) = registers::<K, S>(vectors, whole);
    let mut sums = [[simd.splat_f64s(0.0); K]; N];
    for l in 0..whole {
        for r in 0..N {
            for c in 0..K {
                sums[r][c] = simd.mul_add_e_f64s(heads[r][l], vectors[c][l], sums[r][c]);
            }
        }
    }
    let mut dots = [[0.0; K]; N];
    for r in 0..N {
        for c in 0..K {
            if !rests[c].is_empty() {
                let (x, y) = (lanes.load(tails[r]), lanes.load(rests[c]));
                sums[r][c] = simd.mul_add_e_f64s(x, y, sums[r][c]);
            }
            dots[r][c] = simd.reduce_sum_f64s(sums[r][c]);
        }
    }
    dots
}

/// `out += Σ y[r] * rows[r]`.
#[inline(always)]
fn add_scaled<const N: usize, S: Simd>(
    simd: S,
    lanes: Lanes<S>,
    rows: [&[f64]; N],
    y: [f64; N],
    out: &mut [f64],
) {
    let (whole, rest) = S::as_mut_simd_f64s(out);
    let (heads, tails) = registers::<N, S>(rows, whole.len());
    let mut scale = [simd.splat_f64s(0.0); N];
    for r in 0..N {
        scale[r] = simd.splat_f64s(y[r]);
    }
    for (l, out) in whole.iter_mut().enumerate() {
        let mut sum = *out;
        for r in 0..N {
            sum = simd.mul_add_e_f64s(heads[r][l], scale[r], sum);
        }
        *out = sum;
    }
    if !rest.is_empty() {
        let mut sum = lanes.load(rest);
        for r in 0..N {
            sum = simd.mul_add_e_f64s(lanes.load(tails[r]), scale[r], sum);
        }
        lanes.store(rest, sum);
    }
}

/// Rows as `whole` registers and a rest.
#[inline(always)]
fn registers<const N: usize, S: Simd>(rows: [&[f64]; N], whole: usize) -> ([&[S::f64s]; N], [&[f64]; N]) {
    let (mut heads, mut tails): ([&[S::f64s]; N], [&[f64]; N]) = ([&[]; N], [&[]; N]);
    for r in 0..N {
        let (head, tail) = S::as_simd_f64s(rows[r]);
        heads[r] = &head[..whole];
        tails[r] = tail;
    }
    (heads, tails)
}
