//! The inverse.

use tilewright_base::{Outcome, bail};

use super::square::{Square, square_scratch};
use super::{SINGULAR, dense, library_matrix, require_finite, require_square};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The inverse of a square matrix.
///
/// # Errors
/// Not square, cells that are not finite, or a reciprocal condition number below 1e-15.
pub fn inverse(a: &Dense) -> Outcome<Dense> {
    require_square(a, "inverse")?;
    require_finite(a, "inverse")?;
    let factor = Square::new(a);
    let condition = factor.reciprocal_condition(a);
    if condition < SINGULAR {
        bail!(Numeric, "the matrix is singular or nearly so (reciprocal condition {condition:.1e})";
            hint: "solve(A, B) answers in the sense of least squares");
    }
    Ok(dense(factor.inverse().as_ref()))
}

/// What [`inverse`] needs for an `n x n` matrix: its factors, and the inverse in the form of the library.
pub fn inverse_scratch(n: usize) -> Scratch {
    square_scratch(n, n).and(library_matrix(n, n))
}
