//! The factorisation of a square matrix that solving and inverting share.

use faer::linalg::solvers::{DenseSolveCore, Llt, Solve};
use faer::{Mat, MatMut, Side};

use super::condition::{Solver, norm_1, reciprocal_condition};
use super::elimination::Elimination;
use super::view;
use crate::dense::Dense;

/// Cholesky for symmetric positive definite matrices, LU with partial pivoting for all others.
pub(super) enum Square {
    /// `A = L t(L)`.
    Cholesky(Llt<f64>),
    /// `P A = L U`.
    Lu(Elimination),
}

impl Square {
    /// Factorises a square, finite matrix.
    pub(super) fn new(a: &Dense) -> Square {
        if may_be_positive_definite(a)
            && let Ok(factor) = view(a).llt(Side::Lower)
        {
            return Square::Cholesky(factor);
        }
        Square::Lu(Elimination::new(a))
    }

    /// The estimate of the reciprocal condition number of `a`, from which `self` was made.
    pub(super) fn reciprocal_condition(&self, a: &Dense) -> f64 {
        reciprocal_condition(self, norm_1(view(a)))
    }

    /// The inverse.
    pub(super) fn inverse(&self) -> Mat<f64> {
        match self {
            Square::Cholesky(factor) => factor.inverse(),
            Square::Lu(factor) => factor.inverse(),
        }
    }
}

impl Solver for Square {
    fn order(&self) -> usize {
        match self {
            Square::Cholesky(factor) => factor.L().nrows(),
            Square::Lu(factor) => factor.order(),
        }
    }

    fn solve(&self, rhs: MatMut<'_, f64>) {
        match self {
            Square::Cholesky(factor) => factor.solve_in_place(rhs),
            Square::Lu(factor) => factor.solve(rhs),
        }
    }

    fn solve_transposed(&self, rhs: MatMut<'_, f64>) {
        match self {
            Square::Cholesky(factor) => factor.solve_in_place(rhs),
            Square::Lu(factor) => factor.solve_transposed(rhs),
        }
    }
}

fn may_be_positive_definite(a: &Dense) -> bool {
    (0..a.rows()).all(|i| a.get(i, i) > 0.0 && (0..i).all(|j| a.get(i, j) == a.get(j, i)))
}
