//! The determinant.

use tilewright_base::Outcome;

use super::{require_finite, require_square, view};
use crate::dense::Dense;

/// The determinant of a square matrix, by LU with partial pivoting; 1 for the empty matrix.
///
/// # Errors
/// Not square, or cells that are not finite.
pub fn det(a: &Dense) -> Outcome<f64> {
    require_square(a, "det")?;
    require_finite(a, "det")?;
    Ok(if a.rows() == 0 { 1.0 } else { view(a).determinant() })
}
