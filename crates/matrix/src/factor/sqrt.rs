//! The principal square root of a matrix.

use faer::Side;
use tilewright_base::{Fault, Outcome, fault};

use super::eigen::eigen_symmetric_scratch;
use super::inverse::inverse_scratch;
use super::square::Square;
use super::{ASYMMETRY, dense, require_finite, require_square};
use crate::dense::Dense;
use crate::product;
use crate::scratch::Scratch;

/// Steps of the iteration after which it counts as divergent; each doubles the correct digits once it is near.
const STEPS: usize = 100;

/// The matrix `R` with `R %*% R = A` whose eigenvalues have positive real parts (or are zero).
///
/// A symmetric matrix goes by its eigenvalues, every other one by the product form of the iteration of Denman and
/// Beavers (Higham, "Functions of Matrices", 2008, section 6.3).
///
/// # Errors
/// Not square, cells that are not finite, a negative eigenvalue, and singular matrices that are not symmetric.
pub fn sqrt(a: &Dense) -> Outcome<Dense> {
    require_square(a, "sqrtMatrixJava")?;
    require_finite(a, "sqrtMatrixJava")?;
    if a.rows() == 0 {
        return Ok(a.clone());
    }
    if is_symmetric(a) { symmetric(a) } else { general(a) }
}

fn is_symmetric(a: &Dense) -> bool {
    let largest = a.cells().iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    let same = |i: usize, j: usize| (a.get(i, j) - a.get(j, i)).abs() <= ASYMMETRY * largest;
    (0..a.rows()).all(|i| (0..i).all(|j| same(i, j)))
}

/// `V %*% diag(sqrt(w)) %*% t(V)`; eigenvalues below zero by no more than rounding count as zero.
fn symmetric(a: &Dense) -> Outcome<Dense> {
    let n = a.rows();
    let eigen = super::view(a)
        .self_adjoint_eigen(Side::Lower)
        .map_err(|_| fault!(Numeric, "the eigenvalues did not converge"))?;
    let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
    let largest = values.iter().fold(0.0, |max: f64, value| max.max(value.abs()));
    if values.iter().any(|value| *value < -(n as f64) * f64::EPSILON * largest) {
        return Err(none());
    }
    let vectors = dense(eigen.U());
    let scaled = Dense::from_fn(n, n, |i, j| vectors.get(i, j) * values[j].max(0.0).sqrt());
    Ok(product::matmul_nt(&scaled, &vectors))
}

/// `M <- (I + (M + M^-1) / 2) / 2` and `X <- X (I + M^-1) / 2` from `M = X = A`: `M` tends to the identity and `X` to the
/// root.
fn general(a: &Dense) -> Outcome<Dense> {
    let n = a.rows();
    let scale = a.cells().iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    let mut x = Dense::from_fn(n, n, |i, j| a.get(i, j) / scale);
    let mut m = x.clone();
    let one = |i: usize, j: usize| f64::from(u8::from(i == j));
    let mut before = f64::INFINITY;
    for _ in 0..STEPS {
        let inverse = dense(Square::new(&m).inverse().as_ref());
        let half = Dense::from_fn(n, n, |i, j| 0.5 * (one(i, j) + inverse.get(i, j)));
        x = product::matmul(&x, &half);
        m = Dense::from_fn(n, n, |i, j| 0.5 * (one(i, j) + 0.5 * (m.get(i, j) + inverse.get(i, j))));
        let distance = (0..n * n).map(|at| (m.cells()[at] - one(at / n, at % n)).abs()).fold(0.0, f64::max);
        // Near the root the distance falls quadratically until rounding stops it.
        if distance <= n as f64 * f64::EPSILON || (distance < 1e-10 && distance >= before) {
            let root = scale.sqrt();
            return Ok(Dense::from_fn(n, n, |i, j| x.get(i, j) * root));
        }
        if distance.is_nan() {
            break;
        }
        before = distance;
    }
    Err(none())
}

fn none() -> Fault {
    fault!(Numeric, "the matrix has no real principal square root";
        hint: "its eigenvalues must not be negative, and not zero unless it is symmetric")
}

/// What [`sqrt`] needs for an `n x n` matrix: of the iteration the iterates, an inverse and the factor by which they are
/// multiplied; a symmetric matrix takes no more than its eigenvectors twice beside what finding them takes.
pub fn sqrt_scratch(n: usize) -> Scratch {
    let product = product::matmul_scratch(n, n, n).or(product::matmul_nt_scratch(n, n, n));
    let iteration = (Scratch::dense(n, n) * 4).and(product.or(inverse_scratch(n)));
    let symmetric = eigen_symmetric_scratch(n).or((Scratch::dense(n, n) * 3).and(product));
    iteration.or(symmetric)
}
