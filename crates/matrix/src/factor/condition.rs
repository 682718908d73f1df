//! Condition estimates in the 1-norm from a few solves with a factorisation.
//!
//! Hager, "Condition estimates" (1984); Higham, "FORTRAN codes for estimating the one-norm" (1988).

use faer::{Mat, MatMut, MatRef};

/// Solves with the matrix or its transpose in place.
pub(super) trait Solver {
    /// The order of the matrix.
    fn order(&self) -> usize;
    /// `rhs = solve(A, rhs)`.
    fn solve(&self, rhs: MatMut<'_, f64>);
    /// `rhs = solve(t(A), rhs)`.
    fn solve_transposed(&self, rhs: MatMut<'_, f64>);
}

/// The largest column sum of magnitudes.
pub(super) fn norm_1(a: MatRef<'_, f64>) -> f64 {
    (0..a.ncols()).map(|j| column_sum(a, j)).fold(0.0, f64::max)
}

/// The reciprocal condition number of a matrix with 1-norm `norm`; 0 when singular, 1 for an empty matrix.
pub(super) fn reciprocal_condition(solver: &impl Solver, norm: f64) -> f64 {
    if solver.order() == 0 {
        return 1.0;
    }
    let condition = norm * inverse_norm(solver);
    if condition.is_finite() && condition > 0.0 { 1.0 / condition } else { 0.0 }
}

/// A lower bound, nearly always within a factor 3, of the 1-norm of the inverse.
fn inverse_norm(solver: &impl Solver) -> f64 {
    let n = solver.order();
    let mut x = Mat::from_fn(n, 1, |_, _| 1.0 / n as f64);
    let (mut estimate, mut unit) = (0.0, n);
    for _ in 0..5 {
        solver.solve(x.as_mut());
        let norm = column_sum(x.as_ref(), 0);
        if !norm.is_finite() {
            return f64::INFINITY;
        }
        if norm <= estimate {
            break;
        }
        estimate = norm;
        let mut gradient = Mat::from_fn(n, 1, |i, _| if x[(i, 0)] < 0.0 { -1.0 } else { 1.0 });
        solver.solve_transposed(gradient.as_mut());
        let steepest = (0..n).max_by(|&i, &j| gradient[(i, 0)].abs().total_cmp(&gradient[(j, 0)].abs()));
        let steepest = steepest.expect("invariant: the order is not zero");
        if steepest == unit {
            break;
        }
        unit = steepest;
        x = Mat::from_fn(n, 1, |i, _| if i == unit { 1.0 } else { 0.0 });
    }
    estimate.max(alternating_bound(solver))
}

/// Higham's safeguard: the growth of a vector of alternating signs.
fn alternating_bound(solver: &impl Solver) -> f64 {
    let n = solver.order();
    let mut x = Mat::from_fn(n, 1, |i, _| {
        let size = 1.0 + i as f64 / (n.max(2) - 1) as f64;
        if i % 2 == 0 { size } else { -size }
    });
    solver.solve(x.as_mut());
    let bound = 2.0 * column_sum(x.as_ref(), 0) / (3.0 * n as f64);
    if bound.is_nan() { f64::INFINITY } else { bound }
}

fn column_sum(a: MatRef<'_, f64>, j: usize) -> f64 {
    (0..a.nrows()).map(|i| a[(i, j)].abs()).sum()
}
