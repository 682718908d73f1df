//! The Cholesky factorisation.

use faer::Side;
use faer::linalg::cholesky::llt::factor::LltError;
use tilewright_base::{Outcome, fault};

use super::{dense, library_matrix, require_finite, require_symmetric};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The lower triangular `L` with positive diagonal and `L %*% t(L) = a`.
///
/// # Errors
/// Not square, cells that are not finite, not symmetric up to rounding, or not positive definite.
pub fn cholesky(a: &Dense) -> Outcome<Dense> {
    require_finite(a, "cholesky")?;
    let symmetric = require_symmetric(a, "cholesky")?;
    let factor = symmetric.llt(Side::Lower).map_err(|LltError::NonPositivePivot { index }| {
        fault!(Numeric, "cholesky needs a positive definite matrix, but pivot {} is not positive", index + 1;
            hint: "a matrix t(X) %*% X needs linearly independent columns; adding a small diagonal helps")
    })?;
    Ok(dense(factor.L()))
}

/// What [`cholesky`] needs for an `n x n` matrix: its symmetric part and the factor in the form of the library.
pub fn cholesky_scratch(n: usize) -> Scratch {
    library_matrix(n, n) * 2
}
