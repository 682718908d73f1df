//! What the tests of the kernels share: matrices of edge cases, comparison, pools of several sizes.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::dense::Dense;

/// `len` cells: often zero, now and then NaN, infinite or negative zero.
pub fn values(len: usize) -> impl Strategy<Value = Vec<f64>> {
    let cell = prop_oneof![
        6 => Just(0.0),
        6 => -4.0..4.0,
        3 => (-3..4_i32).prop_map(f64::from),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)],
    ];
    vec(cell, len)
}

/// Matrices of all kinds of shapes: empty, scalar, vectors, small, wide; with special values, finite, all zero,
/// of one non-zero.
pub fn any_dense() -> impl Strategy<Value = Dense> {
    let shape = prop_oneof![
        Just((0, 0)),
        (Just(0), 1..5_usize),
        (1..5_usize, Just(0)),
        Just((1, 1)),
        (Just(1), 1..40_usize),
        (1..40_usize, Just(1)),
        (1..12_usize, 1..12_usize),
        (1..4_usize, 500..1500_usize),
        (200..500_usize, 1..7_usize),
    ];
    (shape, 0..5u8).prop_flat_map(|((rows, cols), kind)| {
        values(rows * cols).prop_map(move |mut cells| {
            let len = cells.len();
            match kind {
                0 => cells.fill(0.0),
                1 => cells.iter_mut().enumerate().for_each(|(k, x)| *x = f64::from(k == len / 2)),
                2 | 3 => cells.iter_mut().for_each(|x| *x = if x.is_finite() { *x } else { 1.5 }),
                _ => {}
            }
            Dense::from_cells(rows, cols, &cells)
        })
    })
}

/// Equal shapes and cells; a NaN equals a NaN and 0 equals -0.
pub fn assert_same(actual: &Dense, expected: &Dense) {
    assert_close(actual, expected, 0.0);
}

/// As [`assert_same`], with a relative tolerance (absolute below 1).
pub fn assert_close(actual: &Dense, expected: &Dense, tolerance: f64) {
    assert_eq!((actual.rows(), actual.cols()), (expected.rows(), expected.cols()), "shapes");
    for (k, (&x, &y)) in actual.cells().iter().zip(expected.cells()).enumerate() {
        let close = x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= tolerance * y.abs().max(1.0);
        assert!(close, "cell {k} of {}x{}: {x:e}, not {y:e}", actual.rows(), actual.cols());
    }
}

/// Runs `check` in pools of 1, 2, 3 and 7 threads.
pub fn in_pools(check: impl Fn() + Send + Sync) {
    for threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(&check);
    }
}
