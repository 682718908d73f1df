//! Products so small that packing or cutting would cost more than the arithmetic.

use pulp::{Arch, Simd, WithSimd};

use crate::dense::Dense;

/// Multiply-adds of a small product, at most.
const WORK: usize = 1 << 12;

/// Rows that share a load of the right-hand side.
const ROWS: usize = 4;

/// Whether `m x k` by `k x n` is small.
pub(super) fn is_small(m: usize, n: usize, k: usize) -> bool {
    m.saturating_mul(n).saturating_mul(k) <= WORK
}

/// `a %*% b` for small operands.
pub(super) fn multiply_small(a: &Dense, b: &Dense) -> Dense {
    let mut c = Dense::unset(a.rows(), b.cols());
    let (k, n) = (a.cols(), b.cols());
    Arch::new().dispatch(Product { a: a.cells(), b: b.cells(), c: c.cells_mut(), k, n });
    c
}

/// Row-major `c = a %*% b`, where `a` has `k` columns and `b` has `n`.
struct Product<'a> {
    a: &'a [f64],
    b: &'a [f64],
    c: &'a mut [f64],
    k: usize,
    n: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Product { a, b, c, k, n } = self;
        if n == 0 {
            return;
        }
        let groups = c.chunks_mut(ROWS * n).enumerate();
        for (group, c) in groups {
            let height = c.len() / n;
            let row = |r: usize| &a[(group * ROWS + r.min(height - 1)) * k..][..k];
            let rows = [row(0), row(1), row(2), row(3)];
            for left in (0..n).step_by(S::F64_LANES) {
                let width = S::F64_LANES.min(n - left);
                let mut sums = [simd.splat_f64s(0.0); ROWS];
                for l in 0..k {
                    let right = simd.partial_load_f64s(&b[l * n + left..][..width]);
                    sums[0] = simd.mul_add_f64s(simd.splat_f64s(rows[0][l]), right, sums[0]);
                    sums[1] = simd.mul_add_f64s(simd.splat_f64s(rows[1][l]), right, sums[1]);
                    sums[2] = simd.mul_add_f64s(simd.splat_f64s(rows[2][l]), right, sums[2]);
                    sums[3] = simd.mul_add_f64s(simd.splat_f64s(rows[3][l]), right, sums[3]);
                }
                for (r, sum) in sums.into_iter().enumerate().take(height) {
                    simd.partial_store_f64s(&mut c[r * n + left..][..width], sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;

    #[test]
    fn small_products_are_those_of_the_definition() {
        for (m, k, n) in
            [(1, 1, 1), (0, 3, 2), (2, 0, 3), (3, 2, 0), (5, 3, 17), (4, 10, 8), (10, 10, 10), (16, 16, 16)]
        {
            let cell = |i: usize, j: usize| (i * 7 + j * 3) as f64 % 5.0 - 2.0;
            let (a, b) = (Dense::from_fn(m, k, cell), Dense::from_fn(k, n, |i, j| cell(j, i)));
            assert_eq!(multiply_small(&a, &b), reference::product::matmul(&a, &b), "{m}x{k} by {k}x{n}");
        }
    }
}
