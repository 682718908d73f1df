//! Products of panels on the calling thread, IEEE.

use pulp::Arch;

use super::tile::AddProduct;
use super::vector::{add_vector_times, dot, times_few};
use crate::dense::Dense;

/// `out = x %*% t(vectors)` for rows as long as each of the few `vectors`.
pub(crate) fn times(x: &[f64], vectors: &Dense, out: &mut [f64]) {
    if vectors.cols() == 0 {
        return out.fill(0.0);
    }
    let rows = x.len() / vectors.cols();
    times_few(x, vectors, 0..rows, out);
}

/// `out += t(left) %*% right` for panels of `m` and `n` columns.
pub(crate) fn add_product((left, m): (&[f64], usize), (right, n): (&[f64], usize), out: &mut [f64]) {
    if m == 0 || n == 0 {
        return;
    }
    if m == 1 && n == 1 {
        out[0] += dot(left, right);
        return;
    }
    if m == 1 {
        return add_vector_times(right, left, out);
    }
    let depth = left.len() / m;
    Arch::new().dispatch(AddProduct { left, right, m, n, depth, lower: false, out });
}
