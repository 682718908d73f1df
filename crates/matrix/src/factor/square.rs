//! The factorisation of a square matrix that solving and inverting share.

use faer::linalg::solvers::{Llt, Solve};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Mat, MatMut, Par, Side};

use super::condition::{Solver, norm_1, reciprocal_condition};
use super::elimination::{Elimination, elimination_scratch};
use super::{in_columns, library_matrix, view};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// What is known of a square matrix before its cells are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Zero above the diagonal.
    Lower,
    /// Zero below the diagonal.
    Upper,
    /// Equal to its transpose, cell by cell.
    Symmetric,
}

/// What a square matrix is solved by: itself where its structure allows, Cholesky for symmetric positive definite
/// matrices, LU with partial pivoting for all others.
pub(super) enum Square<'a> {
    /// A diagonal matrix: its diagonal.
    Diagonal(Vec<f64>),
    /// A lower triangular matrix.
    Lower(&'a Dense),
    /// An upper triangular matrix.
    Upper(&'a Dense),
    /// `A = L t(L)`.
    Cholesky(Llt<f64>),
    /// `P A = L U`.
    Lu(Elimination),
}

impl<'a> Square<'a> {
    /// Factorises a square, finite matrix.
    pub(super) fn new(a: &'a Dense) -> Square<'a> {
        let n = a.rows();
        let no_upper = (0..n).all(|i| a.row(i)[i + 1..].iter().all(|&x| x == 0.0));
        let no_lower = (0..n).all(|i| a.row(i)[..i].iter().all(|&x| x == 0.0));
        match (no_upper, no_lower) {
            (true, true) => Square::Diagonal((0..n).map(|i| a.get(i, i)).collect()),
            (true, false) => Square::Lower(a),
            (false, true) => Square::Upper(a),
            (false, false) => Square::full(a, is_symmetric(a)),
        }
    }

    /// Factorises a square, finite matrix whose cells are not looked at for its structure.
    pub(super) fn of(a: &'a Dense, structure: Structure) -> Square<'a> {
        match structure {
            Structure::Lower => Square::Lower(a),
            Structure::Upper => Square::Upper(a),
            Structure::Symmetric => Square::full(a, true),
        }
    }

    fn full(a: &Dense, is_symmetric: bool) -> Square<'a> {
        if is_symmetric
            && (0..a.rows()).all(|i| a.get(i, i) > 0.0)
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

    /// The inverse, exactly symmetric where the matrix is positive definite.
    pub(super) fn inverse(&self) -> Mat<f64> {
        let n = self.order();
        let mut inverse = Mat::identity(n, n);
        self.solve(inverse.as_mut());
        if let Square::Cholesky(_) = self {
            for j in 0..n {
                (0..j).for_each(|i| inverse[(i, j)] = inverse[(j, i)]);
            }
        }
        inverse
    }
}

/// What [`Square::new`] needs for an `n x n` matrix, with its result, and solving with it for `k` right-hand sides.
pub(super) fn square_scratch(n: usize, k: usize) -> Scratch {
    // Elimination solves with a copy of the right-hand sides.
    library_matrix(n, n).or(elimination_scratch(n, n).and(library_matrix(n, k.max(1))))
}

impl Solver for Square<'_> {
    fn order(&self) -> usize {
        match self {
            Square::Diagonal(diagonal) => diagonal.len(),
            Square::Lower(triangle) | Square::Upper(triangle) => triangle.rows(),
            Square::Cholesky(factor) => factor.L().nrows(),
            Square::Lu(factor) => factor.order(),
        }
    }

    fn solve(&self, rhs: MatMut<'_, f64>) {
        match self {
            Square::Diagonal(diagonal) => divide_rows(rhs, diagonal),
            Square::Lower(triangle) => in_columns(rhs, &|part| {
                solve_lower_triangular_in_place(view(triangle), part, Par::Seq);
            }),
            Square::Upper(triangle) => in_columns(rhs, &|part| {
                solve_upper_triangular_in_place(view(triangle), part, Par::Seq);
            }),
            Square::Cholesky(factor) => in_columns(rhs, &|part| factor.solve_in_place(part)),
            Square::Lu(factor) => factor.solve(rhs),
        }
    }

    fn solve_transposed(&self, rhs: MatMut<'_, f64>) {
        match self {
            Square::Diagonal(diagonal) => divide_rows(rhs, diagonal),
            Square::Lower(triangle) => {
                solve_upper_triangular_in_place(view(triangle).transpose(), rhs, Par::Seq);
            }
            Square::Upper(triangle) => {
                solve_lower_triangular_in_place(view(triangle).transpose(), rhs, Par::Seq);
            }
            Square::Cholesky(factor) => factor.solve_in_place(rhs),
            Square::Lu(factor) => factor.solve_transposed(rhs),
        }
    }
}

/// Row `i` by cell `i` of the diagonal.
fn divide_rows(rhs: MatMut<'_, f64>, diagonal: &[f64]) {
    for (row, &x) in rhs.row_iter_mut().zip(diagonal) {
        row.iter_mut().for_each(|cell| *cell /= x);
    }
}

fn is_symmetric(a: &Dense) -> bool {
    (0..a.rows()).all(|i| (0..i).all(|j| a.get(i, j) == a.get(j, i)))
}
