//! Eigenvalues and eigenvectors of symmetric matrices.

use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd_scratch};
use faer::{Par, Side};
use tilewright_base::{Outcome, fault};

use super::{dense, library_matrix, library_scratch, normalise_signs, require_finite, require_symmetric};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The eigenvalues and eigenvectors of a symmetric matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Eigen {
    /// The eigenvalues, `n x 1`, ascending.
    pub values: Dense,
    /// The orthonormal eigenvectors as columns, `n x n`; the largest component of each is positive.
    pub vectors: Dense,
}

/// Checks what a matrix must be to have an eigendecomposition here: finite and symmetric.
///
/// # Errors
/// When it is not.
pub fn check(a: &Dense) -> Outcome<()> {
    require_finite(a, "eigen")?;
    require_symmetric(a, "eigen").map(|_| ())
}

/// The eigendecomposition of a symmetric matrix.
///
/// # Errors
/// Not square, cells that are not finite, not symmetric up to rounding, or no convergence.
pub fn eigen_symmetric(a: &Dense) -> Outcome<Eigen> {
    check(a)?;
    let symmetric = require_symmetric(a, "eigen")?;
    if a.rows() == 0 {
        return Ok(Eigen { values: Dense::zeros(0, 1), vectors: Dense::zeros(0, 0) });
    }
    let eigen = symmetric
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| fault!(Numeric, "the eigenvalues did not converge"))?;
    let values = eigen.S().column_vector();
    let values = Dense::from_fn(a.rows(), 1, |i, _| values[i]);
    let mut vectors = dense(eigen.U());
    normalise_signs(&mut vectors, None);
    Ok(Eigen { values, vectors })
}

/// What [`eigen_symmetric`] needs for an `n x n` matrix: its symmetric part and the vectors in the form of the library, and
/// what that works in.
pub fn eigen_symmetric_scratch(n: usize) -> Scratch {
    let work = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, Default::default());
    (library_matrix(n, n) * 2).and(library_scratch(work))
}
