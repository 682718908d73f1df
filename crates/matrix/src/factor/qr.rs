//! The QR factorisation as Householder vectors and triangular factor.

use faer::linalg::qr::no_pivoting::factor::recommended_block_size;
use tilewright_base::Outcome;

use super::{library_matrix, require_finite, view};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The factors of `a = Q %*% R`.
#[derive(Debug, Clone, PartialEq)]
pub struct Qr {
    /// The Householder vectors, `m x n`: column `j` has zeros above its diagonal cell, and
    /// `t(h) %*% h` is twice that cell.
    ///
    /// `Q` is the product, over the first `min(m, n)` columns `h` from left to right, of the reflections
    /// `I - 2 / (t(h) %*% h) * h %*% t(h)`, which is `I - h %*% t(h) / h[j]`. Further columns are zero.
    pub h: Dense,
    /// The upper trapezoidal factor, `m x n`, rows below the diagonal are zero.
    pub r: Dense,
}

/// The QR factorisation of an `m x n` matrix by Householder reflections.
///
/// Every column is reflected, also when it is zero below its diagonal, so `Q` follows from the vectors alone.
///
/// # Errors
/// Cells that are not finite.
pub fn qr(a: &Dense) -> Outcome<Qr> {
    require_finite(a, "qr")?;
    let (m, n) = (a.rows(), a.cols());
    let (mut h, mut r) = (Dense::zeros(m, n), Dense::zeros(m, n));
    let size = m.min(n);
    if size == 0 {
        return Ok(Qr { h, r });
    }
    let factor = view(a).qr();
    let (basis, triangle, coefficients) = (factor.Q_basis(), factor.R(), factor.Q_coeff());
    for j in 0..size {
        h.set(j, j, 1.0);
        (j + 1..m).for_each(|i| h.set(i, j, basis[(i, j)]));
        let scale = 2.0 / (j..m).map(|i| h.get(i, j) * h.get(i, j)).sum::<f64>();
        (j..m).for_each(|i| h.set(i, j, scale * h.get(i, j)));
        // An infinite coefficient means that no reflection was made; the reflection of the vector (1, 0, ..)
        // changes the sign of row j.
        let skipped = !coefficients[(j % coefficients.nrows(), j)].is_finite();
        (j..n).for_each(|l| r.set(j, l, if skipped { -triangle[(j, l)] } else { triangle[(j, l)] }));
    }
    Ok(Qr { h, r })
}

/// What [`qr`] needs for an `m x n` matrix: both factors in the form of the library.
pub fn qr_scratch(m: usize, n: usize) -> Scratch {
    let size = m.min(n);
    let block = recommended_block_size::<f64>(m, n);
    let factors = library_matrix(m, n).and(library_matrix(size, size));
    factors.and(library_matrix(block, size)).and(library_matrix(block, n))
}
