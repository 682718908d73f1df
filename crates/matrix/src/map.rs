//! Element-wise loops over slices of cells, and the drivers that run them over whole dense matrices.
//!
//! A loop is generic over the function of one cell, so that the function is inlined into it and the whole is
//! compiled once per instruction set; the best one is chosen at run time. An operator row keeps such loops as plain
//! function pointers, made by [`unary_loop!`](crate::unary_loop) and [`binary_loops!`](crate::binary_loops).
//! Invariant: a cell of the result depends on the cells at its own place only, so the cut into chunks never shows.
//! Matrices of different shapes meet in `broadcast.rs`, sparse ones in `sparse_map.rs`.

use pulp::Arch;
use rayon::prelude::*;

use crate::dense::Dense;

/// Cells in a chunk of parallel work: a few of them fit in the second-level cache.
pub(crate) const CHUNK: usize = 1 << 14;

/// Cells in a tile that is copied to the stack: operands of a tile stay in the first-level cache.
pub(crate) const TILE: usize = 1 << 10;

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

/// The [`UnaryLoop`](crate::map::UnaryLoop) of a path or of a closure without captures.
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

/// `out[i] = f(x[i])`.
///
/// # Panics
/// When the lengths differ, as in the other loops of this module.
#[inline(always)]
pub fn unary(x: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64 + Copy) {
    assert_eq!(x.len(), out.len(), "cells of operand and result");
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = f(x);
            }
        },
    );
}

/// `cells[i] = f(cells[i])`.
#[inline(always)]
pub fn unary_in_place(cells: &mut [f64], f: impl Fn(f64) -> f64 + Copy) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for x in cells {
                *x = f(*x);
            }
        },
    );
}

/// `out[i] = f(x[i], y[i])`.
#[inline(always)]
pub fn binary_vv(x: &[f64], y: &[f64], out: &mut [f64], f: impl Fn(f64, f64) -> f64 + Copy) {
    assert!(x.len() == out.len() && y.len() == out.len(), "cells of operands and result");
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for ((out, &x), &y) in out.iter_mut().zip(x).zip(y) {
                *out = f(x, y);
            }
        },
    );
}

/// `out[i] = f(x[i], y)`.
#[inline(always)]
pub fn binary_vs(x: &[f64], y: f64, out: &mut [f64], f: impl Fn(f64, f64) -> f64 + Copy) {
    unary(x, out, |x| f(x, y));
}

/// `out[i] = f(x, y[i])`.
#[inline(always)]
pub fn binary_sv(x: f64, y: &[f64], out: &mut [f64], f: impl Fn(f64, f64) -> f64 + Copy) {
    unary(y, out, |y| f(x, y));
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
