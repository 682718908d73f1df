//! The determinant.

use tilewright_base::Outcome;

use super::elimination::{Elimination, elimination_scratch};
use super::{require_finite, require_square};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The determinant of a square matrix, by LU with partial pivoting; 1 for the empty matrix.
///
/// # Errors
/// Not square, or cells that are not finite.
pub fn det(a: &Dense) -> Outcome<f64> {
    require_square(a, "det")?;
    require_finite(a, "det")?;
    let Elimination { packed, odd, .. } = Elimination::new(a);
    let sign = if odd { -1.0 } else { 1.0 };
    Ok((0..a.rows()).fold(sign, |product, i| product * packed.get(i, i)))
}

/// What [`det`] needs for an `n x n` matrix: its factors.
pub fn det_scratch(n: usize) -> Scratch {
    elimination_scratch(n, n)
}
