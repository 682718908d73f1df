//! The LU factorisation with partial pivoting.

use tilewright_base::Outcome;

use super::elimination::{Elimination, elimination_scratch};
use super::require_finite;
use crate::dense::Dense;
use crate::scratch::Scratch;

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
    let Elimination { packed, order, .. } = Elimination::new(a);
    let (m, n) = (a.rows(), a.cols());
    let size = m.min(n);
    let mut p = Dense::zeros(m, m);
    order.iter().enumerate().for_each(|(i, &from)| p.set(i, from, 1.0));
    let (mut l, mut u) = (Dense::zeros(m, size), Dense::zeros(size, n));
    for i in 0..m {
        let diagonal = i.min(size);
        l.row_mut(i)[..diagonal].copy_from_slice(&packed.row(i)[..diagonal]);
        if i < size {
            l.set(i, i, 1.0);
            u.row_mut(i)[i..].copy_from_slice(&packed.row(i)[i..]);
        }
    }
    Ok(Lu { p, l, u })
}

/// What [`lu`] needs for an `m x n` matrix: its factors in one.
pub fn lu_scratch(m: usize, n: usize) -> Scratch {
    elimination_scratch(m, n)
}
