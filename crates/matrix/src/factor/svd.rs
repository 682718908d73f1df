//! The singular value decomposition.

use faer::Par;
use faer::linalg::svd::ComputeSvdVectors::Thin;
use tilewright_base::{Outcome, fault};

use super::{dense, library_matrix, library_scratch, normalise_signs, require_finite, view};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The factors of `a = U %*% S %*% t(V)`, with `k = min(m, n)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Svd {
    /// The left singular vectors, `m x k`.
    pub u: Dense,
    /// The singular values on the diagonal, `k x k`, descending.
    pub s: Dense,
    /// The right singular vectors, `n x k`; the largest component of each is positive.
    pub v: Dense,
}

/// The thin singular value decomposition of an `m x n` matrix.
///
/// # Errors
/// Cells that are not finite, or no convergence.
pub fn svd(a: &Dense) -> Outcome<Svd> {
    require_finite(a, "svd")?;
    let size = a.rows().min(a.cols());
    let mut s = Dense::zeros(size, size);
    if size == 0 {
        return Ok(Svd { u: Dense::zeros(a.rows(), 0), s, v: Dense::zeros(a.cols(), 0) });
    }
    let svd = view(a).thin_svd().map_err(|_| fault!(Numeric, "the singular values did not converge"))?;
    let values = svd.S().column_vector();
    (0..size).for_each(|i| s.set(i, i, values[i]));
    let (mut u, mut v) = (dense(svd.U()), dense(svd.V()));
    normalise_signs(&mut v, Some(&mut u));
    Ok(Svd { u, s, v })
}

/// What [`svd`] needs for an `m x n` matrix: the vectors in the form of the library, and what that works in.
pub fn svd_scratch(m: usize, n: usize) -> Scratch {
    let size = m.min(n);
    let work = faer::linalg::svd::svd_scratch::<f64>(m, n, Thin, Thin, Par::Seq, Default::default());
    library_matrix(m, size).and(library_matrix(n, size)).and(library_scratch(work))
}
