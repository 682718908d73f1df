//! Linear systems and least squares.

use std::cmp::Ordering;

use faer::linalg::solvers::{Qr, SolveLstsq};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Mat, MatMut, Par};
use tilewright_base::{Outcome, bail, fault};

use super::condition::{Solver, norm_1, reciprocal_condition};
use super::qr::qr_scratch;
pub use super::square::Structure;
use super::square::{Square, square_scratch};
use super::svd::svd_scratch;
use super::{SINGULAR, dense, library_matrix, require_finite, view};
use crate::dense::Dense;
use crate::scratch::Scratch;

/// The answer to a linear system.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// The solution, one column per right-hand side.
    pub x: Dense,
    /// What the user should know: the system was singular, or nearly so.
    pub warning: Option<String>,
}

/// `x` with `a %*% x = b`, `m x n` and `m x k` give `n x k`.
///
/// Square systems are divided when `a` is diagonal, substituted when it is triangular, and go through Cholesky when it is
/// symmetric positive definite and LU with partial pivoting otherwise. Others are solved in the sense of least squares: by QR when there are more rows than columns, and
/// with the smallest norm when there are fewer. When the reciprocal condition number is below 1e-15, the answer
/// is the least-squares solution of smallest norm and carries a warning.
///
/// # Errors
/// Cells that are not finite; different numbers of rows.
pub fn solve(a: &Dense, b: &Dense) -> Outcome<Solved> {
    check(a, b)?;
    match a.rows().cmp(&a.cols()) {
        Ordering::Equal => solve_square(a, b, Square::new(a)),
        Ordering::Greater => solve_tall(a, b),
        Ordering::Less => smallest(a, b),
    }
}

/// As [`solve`], for a square matrix of which something is known.
///
/// # Errors
/// As [`solve`].
pub fn solve_structured(a: &Dense, b: &Dense, structure: Structure) -> Outcome<Solved> {
    check(a, b)?;
    solve_square(a, b, Square::of(a, structure))
}

/// As [`solve`] of the matrix with the diagonal `d`, an `n x 1` column, which is not built unless it is singular.
///
/// # Errors
/// As [`solve`].
pub fn solve_diagonal(d: &Dense, b: &Dense) -> Outcome<Solved> {
    check(d, b)?;
    let n = d.rows();
    let size = |i: usize| d.get(i, 0).abs();
    let largest = (0..n).map(size).fold(0.0, f64::max);
    // Of nothing but zeros as well.
    let is_singular = largest == 0.0 || (0..n).any(|i| size(i) / largest < SINGULAR);
    if n > 0 && is_singular {
        let a = Dense::from_fn(n, n, |i, j| if i == j { d.get(i, 0) } else { 0.0 });
        return solve(&a, b);
    }
    Ok(Solved { x: Dense::from_fn(n, b.cols(), |i, j| b.get(i, j) / d.get(i, 0)), warning: None })
}

fn check(a: &Dense, b: &Dense) -> Outcome<()> {
    if a.rows() != b.rows() {
        bail!(
            Shape,
            "solve needs as many rows left as right, these are {}x{} and {}x{}",
            a.rows(),
            a.cols(),
            b.rows(),
            b.cols()
        );
    }
    require_finite(a, "solve")?;
    require_finite(b, "solve")
}

fn solve_tall(a: &Dense, b: &Dense) -> Outcome<Solved> {
    let factor = view(a).qr();
    let condition = reciprocal_condition(&Triangle(&factor), norm_1(factor.thin_R()));
    if condition < SINGULAR {
        return Ok(Solved { warning: Some(warning(condition)), ..smallest(a, b)? });
    }
    let x = factor.solve_lstsq(view(b).to_owned());
    Ok(Solved { x: dense(x.as_ref()), warning: None })
}

fn solve_square(a: &Dense, b: &Dense, factor: Square<'_>) -> Outcome<Solved> {
    let condition = factor.reciprocal_condition(a);
    if condition < SINGULAR {
        return Ok(Solved { warning: Some(warning(condition)), ..smallest(a, b)? });
    }
    let mut x = view(b).to_owned();
    factor.solve(x.as_mut());
    Ok(Solved { x: dense(x.as_ref()), warning: None })
}

/// What [`solve`] needs for an `m x n` system with `k` right-hand sides: its factors, and the solution in the form of the
/// library. A system that turns out to be singular is solved again, for which [`smallest_scratch`] comes on top.
pub fn solve_scratch(m: usize, n: usize, k: usize) -> Scratch {
    let solution = library_matrix(m, k);
    match m.cmp(&n) {
        Ordering::Equal => solution.and(square_scratch(n, k)),
        // The reflections are applied to the right-hand sides a block at a time.
        Ordering::Greater => solution.and(qr_scratch(m, n)).and(library_matrix(n, k)),
        Ordering::Less => smallest_scratch(m, n, k),
    }
}

/// What the least-squares solution of smallest norm needs: the singular vectors.
pub fn smallest_scratch(m: usize, n: usize, k: usize) -> Scratch {
    svd_scratch(m, n).and(library_matrix(m.min(n), k)).and(library_matrix(n, k))
}

/// The least-squares solution of smallest norm, from the singular values that are not rounding errors.
fn smallest(a: &Dense, b: &Dense) -> Outcome<Solved> {
    let (m, n) = (a.rows(), a.cols());
    let size = m.min(n);
    if size == 0 {
        return Ok(Solved { x: Dense::zeros(n, b.cols()), warning: None });
    }
    let svd = view(a).thin_svd().map_err(|_| fault!(Numeric, "the singular values did not converge"))?;
    let s = svd.S().column_vector();
    let cutoff = m.max(n) as f64 * f64::EPSILON * s[0];
    let mut coefficients: Mat<f64> = svd.U().transpose() * view(b);
    for i in 0..size {
        let scale = if s[i] > cutoff { 1.0 / s[i] } else { 0.0 };
        coefficients.row_mut(i).iter_mut().for_each(|x| *x *= scale);
    }
    let x: Mat<f64> = svd.V() * &coefficients;
    let singular = s[size - 1] <= cutoff;
    let condition = if s[0] > 0.0 { s[size - 1] / s[0] } else { 0.0 };
    Ok(Solved { x: dense(x.as_ref()), warning: singular.then(|| warning(condition)) })
}

fn warning(condition: f64) -> String {
    format!(
        "the system is singular or nearly so (reciprocal condition {condition:.1e}); \
         the answer is the least-squares solution of smallest norm"
    )
}

/// The triangular factor of a tall matrix, whose condition is that of the matrix.
struct Triangle<'a>(&'a Qr<f64>);

impl Solver for Triangle<'_> {
    fn order(&self) -> usize {
        self.0.thin_R().ncols()
    }

    fn solve(&self, rhs: MatMut<'_, f64>) {
        solve_upper_triangular_in_place(self.0.thin_R(), rhs, Par::Seq);
    }

    fn solve_transposed(&self, rhs: MatMut<'_, f64>) {
        solve_lower_triangular_in_place(self.0.thin_R().transpose(), rhs, Par::Seq);
    }
}
