//! Element-wise loops over slices of cells, and the drivers that run them over whole dense matrices.
//!
//! A loop is generic over the function of one cell, so that the function is inlined into it and the whole is
//! compiled once per instruction set; the best one is chosen at run time. An operator row keeps such loops as plain
//! function pointers, made by [`unary_loop!`](crate::unary_loop) and [`binary_loops!`](crate::binary_loops).
//! Invariant: a cell of the result depends on the cells at its own place only, so the cut into chunks never shows.
//! Matrices of different shapes meet in `broadcast.rs`, sparse ones in `sparse_map.rs`.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::dense::Dense;
use crate::prefetch::prefetch_behind;

/// Cells in a chunk of parallel work: a few of them fit in the second-level cache.
pub(crate) const CHUNK: usize = 1 << 14;

/// Cells in a tile that is copied to the stack: operands of a tile stay in the first-level cache.
pub(crate) const TILE: usize = 1 << 10;

/// Cells of a long loop body between two requests for memory.
const STEP: usize = 32;

/// With fewer cells than this, waking other threads costs more than it gains.
pub(crate) const PARALLEL_FROM: usize = 1 << 16;

/// `out[i] = f(x[i])` over slices of the same length.
pub type UnaryLoop = fn(&[f64], &mut [f64]);

/// The three loops of a binary function: two slices, or a slice with a scalar on either side.
#[derive(Clone, Copy, Debug)]
pub struct BinaryLoops {
    /// `out[i] = f(x[i], y[i])`.
    pub vv: fn(&[f64], &[f64], &mut [f64]),
    /// `out[i] = f(x[i], y)`.
    pub vs: fn(&[f64], f64, &mut [f64]),
    /// `out[i] = f(x, y[i])`.
    pub sv: fn(f64, &[f64], &mut [f64]),
}

/// The function of one cell, for the loops of this module. Every closure and function is one.
pub trait UnaryCell: Copy {
    /// True for a long body with fused multiply-adds: a scalar needs the instructions of the loops, and the loops ask
    /// for memory ahead.
    const FUSED: bool = true;

    /// The value, by operations without branches.
    fn of(self, x: f64) -> f64;

    /// Whether `of` is right for this cell.
    #[inline(always)]
    fn covers(self, _x: f64) -> bool {
        true
    }

    /// The value of a cell that `of` does not cover.
    fn rare(self, x: f64) -> f64 {
        self.of(x)
    }
}

impl<F: Fn(f64) -> f64 + Copy> UnaryCell for F {
    const FUSED: bool = false;

    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        self(x)
    }
}

/// The function of two cells, as [`UnaryCell`].
pub trait BinaryCell: Copy {
    /// As [`UnaryCell::FUSED`].
    const FUSED: bool = true;

    /// The value, by operations without branches.
    fn of(self, x: f64, y: f64) -> f64;

    /// Whether `of` is right for these cells.
    #[inline(always)]
    fn covers(self, _x: f64, _y: f64) -> bool {
        true
    }

    /// The value of cells that `of` does not cover.
    fn rare(self, x: f64, y: f64) -> f64 {
        self.of(x, y)
    }

    /// `out[i] = f(x[i], y)`.
    #[inline(always)]
    fn with_right(self, x: &[f64], y: f64, out: &mut [f64]) {
        unary(x, out, WithRight(self, y));
    }
}

impl<F: Fn(f64, f64) -> f64 + Copy> BinaryCell for F {
    const FUSED: bool = false;

    #[inline(always)]
    fn of(self, x: f64, y: f64) -> f64 {
        self(x, y)
    }
}

/// The [`UnaryLoop`](crate::map::UnaryLoop) of a cell function: a path, a closure without captures, or a name of
/// `math`.
#[macro_export]
macro_rules! unary_loop {
    ($f:expr) => {{
        fn run(x: &[f64], out: &mut [f64]) {
            $crate::map::unary(x, out, $f)
        }
        run as $crate::map::UnaryLoop
    }};
}

/// The [`BinaryLoops`](crate::map::BinaryLoops) of a path or of a closure without captures.
#[macro_export]
macro_rules! binary_loops {
    ($f:expr) => {{
        fn vv(x: &[f64], y: &[f64], out: &mut [f64]) {
            $crate::map::binary_vv(x, y, out, $f)
        }
        fn vs(x: &[f64], y: f64, out: &mut [f64]) {
            $crate::map::binary_vs(x, y, out, $f)
        }
        fn sv(x: f64, y: &[f64], out: &mut [f64]) {
            $crate::map::binary_sv(x, y, out, $f)
        }
        $crate::map::BinaryLoops { vv, vs, sv }
    }};
}

/// Every cell of `x` through `loop_`.
pub fn map_dense(loop_: UnaryLoop, x: &Dense) -> Dense {
    let mut out = Dense::unset(x.rows(), x.cols());
    let cells = x.cells();
    for_chunks(out.cells_mut(), CHUNK, cells.len(), |start, out| {
        loop_(&cells[start..start + out.len()], out);
    });
    out
}

/// Every cell of `x` through `loop_`, in the memory of `x`.
pub fn map_dense_in_place(loop_: UnaryLoop, mut x: Dense) -> Dense {
    let cells = x.cells().len();
    for_chunks(x.cells_mut(), CHUNK, cells, |_, chunk| {
        let mut copy = [0.0; TILE];
        for tile in chunk.chunks_mut(TILE) {
            let copy = &mut copy[..tile.len()];
            copy.copy_from_slice(tile);
            loop_(copy, tile);
        }
    });
    x
}

/// The product in which a zero absorbs: 0 times NaN or infinity is 0, everything else is IEEE.
#[inline(always)]
pub fn absorbing_product(x: f64, y: f64) -> f64 {
    let product = x * y;
    if product.is_nan() && (x == 0.0 || y == 0.0) { 0.0 } else { product }
}

/// [`absorbing_product`] for loops: the plain product, and what is NaN is looked at again.
#[derive(Clone, Copy, Debug)]
pub struct Absorbing;

impl BinaryCell for Absorbing {
    const FUSED: bool = false;

    #[inline(always)]
    fn of(self, x: f64, y: f64) -> f64 {
        x * y
    }

    #[inline(always)]
    fn covers(self, x: f64, y: f64) -> bool {
        !(x * y).is_nan()
    }

    fn rare(self, x: f64, y: f64) -> f64 {
        absorbing_product(x, y)
    }
}

/// `out[i] = f(x[i])`.
///
/// # Panics
/// When the lengths differ, as in the other loops of this module.
#[inline(always)]
pub fn unary(x: &[f64], out: &mut [f64], f: impl UnaryCell) {
    assert_eq!(x.len(), out.len(), "cells of operand and result");
    if !Arch::new().dispatch(OverOne { x, out, f }) {
        patch(x, out, f);
    }
}

/// `cells[i] = f(cells[i])`.
#[inline(always)]
pub fn unary_in_place(cells: &mut [f64], f: impl UnaryCell) {
    let mut copy = [0.0; TILE];
    for tile in cells.chunks_mut(TILE) {
        let copy = &mut copy[..tile.len()];
        copy.copy_from_slice(tile);
        unary(copy, tile, f);
    }
}

/// `out[i] = f(x[i], y[i])`.
#[inline(always)]
pub fn binary_vv(x: &[f64], y: &[f64], out: &mut [f64], f: impl BinaryCell) {
    assert!(x.len() == out.len() && y.len() == out.len(), "cells of operands and result");
    if !Arch::new().dispatch(OverTwo { x, y, out, f }) {
        patch_two(x, y, out, f);
    }
}

/// `out[i] = f(x[i], y)`.
#[inline(always)]
pub fn binary_vs(x: &[f64], y: f64, out: &mut [f64], f: impl BinaryCell) {
    f.with_right(x, y, out);
}

/// `out[i] = f(x, y[i])`.
#[inline(always)]
pub fn binary_sv(x: f64, y: &[f64], out: &mut [f64], f: impl BinaryCell) {
    unary(y, out, WithLeft(f, x));
}

/// `f(x)` with the bits that [`unary`] gives.
#[inline(always)]
pub fn apply<F: UnaryCell>(f: F, x: f64) -> f64 {
    if !F::FUSED {
        f.of(x)
    } else if f.covers(x) {
        Arch::new().dispatch(At { x, f })
    } else {
        f.rare(x)
    }
}

/// `f(x, y)` with the bits that [`binary_vv`] gives.
#[inline(always)]
pub fn apply_two<F: BinaryCell>(f: F, x: f64, y: f64) -> f64 {
    apply(WithRight(f, y), x)
}

/// The loop of [`unary`], which tells whether the function covers all cells. The bodies of dispatched operations are
/// methods and not closures: what calls a large closure is not inlined, and would be compiled for the wrong machine.
struct OverOne<'a, F> {
    x: &'a [f64],
    out: &'a mut [f64],
    f: F,
}

impl<F: UnaryCell> WithSimd for OverOne<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> bool {
        let OverOne { x, out, f } = self;
        if !F::FUSED {
            return over_one(x, out, f);
        }
        let (steps, x) = x.as_chunks::<STEP>();
        let (out_steps, out) = out.as_chunks_mut::<STEP>();
        let mut all_covered = over_one(x, out, f);
        for k in 0..steps.len() {
            let (x, out) = (&steps[k], &mut out_steps[k]);
            prefetch_behind(x);
            prefetch_behind(out);
            all_covered &= over_one(x, out, f);
        }
        all_covered
    }
}

#[inline(always)]
fn over_one(x: &[f64], out: &mut [f64], f: impl UnaryCell) -> bool {
    let (mut all_covered, x) = (true, &x[..out.len()]);
    for k in 0..out.len() {
        out[k] = f.of(x[k]);
        all_covered &= f.covers(x[k]);
    }
    all_covered
}

/// The loop of [`binary_vv`], as [`OverOne`].
struct OverTwo<'a, F> {
    x: &'a [f64],
    y: &'a [f64],
    out: &'a mut [f64],
    f: F,
}

impl<F: BinaryCell> WithSimd for OverTwo<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> bool {
        let OverTwo { x, y, out, f } = self;
        let (mut all_covered, x, y) = (true, &x[..out.len()], &y[..out.len()]);
        for k in 0..out.len() {
            out[k] = f.of(x[k], y[k]);
            all_covered &= f.covers(x[k], y[k]);
        }
        all_covered
    }
}

/// A function at a cell that it covers.
struct At<F> {
    x: f64,
    f: F,
}

impl<F: UnaryCell> WithSimd for At<F> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> f64 {
        self.f.of(self.x)
    }
}

/// A binary function with its right operand.
#[derive(Clone, Copy)]
pub(crate) struct WithRight<F>(pub F, pub f64);

/// A binary function with its left operand.
#[derive(Clone, Copy)]
struct WithLeft<F>(F, f64);

impl<F: BinaryCell> UnaryCell for WithRight<F> {
    const FUSED: bool = F::FUSED;

    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        self.0.of(x, self.1)
    }

    #[inline(always)]
    fn covers(self, x: f64) -> bool {
        self.0.covers(x, self.1)
    }

    fn rare(self, x: f64) -> f64 {
        self.0.rare(x, self.1)
    }
}

impl<F: BinaryCell> UnaryCell for WithLeft<F> {
    const FUSED: bool = F::FUSED;

    #[inline(always)]
    fn of(self, y: f64) -> f64 {
        self.0.of(self.1, y)
    }

    #[inline(always)]
    fn covers(self, y: f64) -> bool {
        self.0.covers(self.1, y)
    }

    fn rare(self, y: f64) -> f64 {
        self.0.rare(self.1, y)
    }
}

/// Does again the cells that the loop did not cover.
#[cold]
#[inline(never)]
fn patch(x: &[f64], out: &mut [f64], f: impl UnaryCell) {
    for (out, &x) in out.iter_mut().zip(x) {
        if !f.covers(x) {
            *out = f.rare(x);
        }
    }
}

#[cold]
#[inline(never)]
fn patch_two(x: &[f64], y: &[f64], out: &mut [f64], f: impl BinaryCell) {
    for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
        if !f.covers(x, y) {
            *out = f.rare(x, y);
        }
    }
}

/// Runs `body(start, chunk)` over the chunks of `out`, in parallel when `work` cells are worth it.
pub(crate) fn for_chunks(
    out: &mut [f64],
    chunk: usize,
    work: usize,
    body: impl Fn(usize, &mut [f64]) + Send + Sync,
) {
    if work < PARALLEL_FROM {
        out.chunks_mut(chunk).enumerate().for_each(|(k, out)| body(k * chunk, out));
    } else {
        out.par_chunks_mut(chunk).enumerate().for_each(|(k, out)| body(k * chunk, out));
    }
}

/// `body(0), body(1), ...` up to `count`, in order, computed in parallel when `work` cells are worth it.
pub(crate) fn collect_parts<T: Send>(
    count: usize,
    work: usize,
    body: impl Fn(usize) -> T + Send + Sync,
) -> Vec<T> {
    if work < PARALLEL_FROM {
        (0..count).map(body).collect()
    } else {
        (0..count).into_par_iter().map(body).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::cell;
    use crate::testing::{any_dense, assert_same, in_pools};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn loops_match_the_reference(x in any_dense()) {
            let root = unary_loop!(f64::sqrt);
            let expected = cell::unary(f64::sqrt, &x);
            assert_same(&map_dense(root, &x), &expected);
            assert_same(&map_dense_in_place(root, x.clone()), &expected);
            let mut cells = x.cells().to_vec();
            unary_in_place(&mut cells, f64::sqrt);
            assert_same(&Dense::from_cells(x.rows(), x.cols(), &cells), &expected);
        }
    }

    #[test]
    fn threads_do_not_show() {
        let x = Dense::from_fn(311, 257, |i, j| (i * 257 + j) as f64);
        let line = unary_loop!(|x| x * 3.0 + 1.0);
        let expected = cell::unary(|x| x * 3.0 + 1.0, &x);
        in_pools(|| assert_same(&map_dense(line, &x), &expected));
        in_pools(|| assert_same(&map_dense_in_place(line, x.clone()), &expected));
    }

    #[test]
    fn zero_absorbs() {
        assert_eq!(absorbing_product(0.0, f64::NAN), 0.0);
        assert_eq!(absorbing_product(f64::INFINITY, -0.0), 0.0);
        assert!(absorbing_product(f64::NAN, 2.0).is_nan());
    }
}
