//! The LU factorisation with partial pivoting.

use tilewright_base::Outcome;

use super::{dense, require_finite, view};
use crate::dense::Dense;

/// The factors of `P %*% a = L %*% U`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lu {
    /// The row permutation, `m x m`.
    pub p: Dense,
    /// Unit lower trapezoidal, `m x min(m, n)`.
    pub l: Dense,
    /// Upper trapezoidal, `min(m, n) x n`.
    pub u: Dense,
}

/// The LU factorisation of an `m x n` matrix with partial pivoting.
///
/// # Errors
/// Cells that are not finite.
pub fn lu(a: &Dense) -> Outcome<Lu> {
    require_finite(a, "lu")?;
    let factor = view(a).partial_piv_lu();
    let mut p = Dense::zeros(a.rows(), a.rows());
    for (i, &from) in factor.P().arrays().0.iter().enumerate() {
        p.set(i, from, 1.0);
    }
    Ok(Lu { p, l: dense(factor.L()), u: dense(factor.U()) })
}
