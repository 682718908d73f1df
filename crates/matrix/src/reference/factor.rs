//! Textbook factorisations, with the result conventions of [`crate::factor`].
//!
//! Sources: Golub and Van Loan, "Matrix Computations" (4th edition), algorithms 3.4.1 (elimination), 4.2.1
//! (Cholesky), 5.2.1 (Householder QR), 8.5.3 (cyclic Jacobi) and 8.6.4 (one-sided Jacobi).

use tilewright_base::{Outcome, bail};

use super::product::{matmul, matmul_tn};
use super::reorg::transpose;
use crate::dense::Dense;
use crate::factor::eigen::Eigen;
use crate::factor::lu::Lu;
use crate::factor::normalise_signs;
use crate::factor::qr::Qr;
use crate::factor::svd::Svd;

/// Jacobi sweeps after which convergence is hopeless; ten are typical.
const SWEEPS: usize = 100;

/// `P %*% a = L %*% U` by elimination with partial pivoting.
pub fn lu(a: &Dense) -> Lu {
    let (m, n) = (a.rows(), a.cols());
    let size = m.min(n);
    let mut work = a.clone();
    let mut order: Vec<usize> = (0..m).collect();
    for k in 0..size {
        let mut pivot = k;
        for i in k + 1..m {
            if work.get(i, k).abs() > work.get(pivot, k).abs() {
                pivot = i;
            }
        }
        order.swap(k, pivot);
        swap_rows(&mut work, k, pivot);
        if work.get(k, k) == 0.0 {
            continue;
        }
        for i in k + 1..m {
            let factor = work.get(i, k) / work.get(k, k);
            work.set(i, k, factor);
            for j in k + 1..n {
                work.set(i, j, work.get(i, j) - factor * work.get(k, j));
            }
        }
    }
    Lu {
        p: Dense::from_fn(m, m, |i, j| f64::from(order[i] == j)),
        l: Dense::from_fn(m, size, |i, j| match i.cmp(&j) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 1.0,
            std::cmp::Ordering::Greater => work.get(i, j),
        }),
        u: Dense::from_fn(size, n, |i, j| if i <= j { work.get(i, j) } else { 0.0 }),
    }
}

/// The determinant: the product of the pivots with the sign of the permutation.
pub fn det(a: &Dense) -> f64 {
    let Lu { p, u, .. } = lu(a);
    let mut order: Vec<usize> =
        (0..p.rows()).map(|i| (0..p.cols()).map(|j| j * p.get(i, j) as usize).sum()).collect();
    let mut det = 1.0;
    for i in 0..order.len() {
        while order[i] != i {
            let target = order[i];
            order.swap(i, target);
            det = -det;
        }
        det *= u.get(i, i);
    }
    det
}

/// `x` with `a %*% x = b`: elimination for square systems, else least squares; of smallest norm when there are
/// fewer rows than columns or the columns depend on each other.
///
/// # Errors
/// A pivot that is zero.
pub fn solve(a: &Dense, b: &Dense) -> Outcome<Dense> {
    let (m, n) = (a.rows(), a.cols());
    if m < n || is_dependent(a) {
        return Ok(smallest(a, b));
    }
    if m == n {
        let Lu { p, l, u } = lu(a);
        return back_substitute(&u, &forward_substitute(&l, &matmul(&p, b)));
    }
    let Qr { h, r } = qr(a);
    let rotated = reflect_all(&h, b.clone());
    let top = |x: &Dense| Dense::from_fn(n, x.cols(), |i, j| x.get(i, j));
    back_substitute(&top(&r), &top(&rotated))
}

/// Singular values up to this fraction of the largest are rounding errors.
fn cutoff(a: &Dense) -> f64 {
    a.rows().max(a.cols()) as f64 * f64::EPSILON
}

fn is_dependent(a: &Dense) -> bool {
    let Svd { s, .. } = svd(a);
    let last = s.rows();
    last > 0 && s.get(last - 1, last - 1) <= cutoff(a) * s.get(0, 0)
}

/// The least-squares solution of smallest norm, `V S+ t(U) b`.
fn smallest(a: &Dense, b: &Dense) -> Dense {
    let Svd { u, s, v } = svd(a);
    let rotated = matmul_tn(&u, b);
    let scale = |i: usize| if s.get(i, i) > cutoff(a) * s.get(0, 0) { 1.0 / s.get(i, i) } else { 0.0 };
    matmul(&v, &Dense::from_fn(rotated.rows(), rotated.cols(), |i, j| scale(i) * rotated.get(i, j)))
}

/// The inverse by Gauss-Jordan elimination with partial pivoting.
///
/// # Errors
/// A singular matrix.
pub fn inverse(a: &Dense) -> Outcome<Dense> {
    let n = a.rows();
    let mut work = Dense::from_fn(n, 2 * n, |i, j| if j < n { a.get(i, j) } else { f64::from(i == j - n) });
    for k in 0..n {
        let mut pivot = k;
        for i in k + 1..n {
            if work.get(i, k).abs() > work.get(pivot, k).abs() {
                pivot = i;
            }
        }
        swap_rows(&mut work, k, pivot);
        let scale = work.get(k, k);
        if scale == 0.0 {
            bail!(Numeric, "the matrix is singular");
        }
        work.row_mut(k).iter_mut().for_each(|x| *x /= scale);
        for i in (0..n).filter(|&i| i != k) {
            let factor = work.get(i, k);
            for j in k..2 * n {
                work.set(i, j, work.get(i, j) - factor * work.get(k, j));
            }
        }
    }
    Ok(Dense::from_fn(n, n, |i, j| work.get(i, n + j)))
}

/// The principal square root: of a symmetric matrix by its eigenvalues, of others by the coupled iteration of Denman
/// and Beavers (1976): `Y <- (Y + Z^-1) / 2` and `Z <- (Z + Y^-1) / 2` from `Y = A` and the identity; `Y` tends to the root.
///
/// # Errors
/// Negative eigenvalues, or no convergence.
pub fn sqrt(a: &Dense) -> Outcome<Dense> {
    let n = a.rows();
    if (0..n).all(|i| (0..i).all(|j| a.get(i, j) == a.get(j, i))) {
        let Eigen { values, vectors } = eigen_symmetric(a);
        if values.cells().iter().any(|value| *value < -1e-12) {
            bail!(Numeric, "an eigenvalue is negative");
        }
        let root = Dense::from_fn(n, n, |i, j| vectors.get(i, j) * values.get(j, 0).max(0.0).sqrt());
        return Ok(matmul(&root, &transpose(&vectors)));
    }
    let mut y = a.clone();
    let mut z = Dense::from_fn(n, n, |i, j| f64::from(i == j));
    let mean = |a: &Dense, b: &Dense| Dense::from_fn(n, n, |i, j| 0.5 * (a.get(i, j) + b.get(i, j)));
    for _ in 0..200 {
        let next = mean(&y, &inverse(&z)?);
        z = mean(&z, &inverse(&y)?);
        let moved = next.cells().iter().zip(y.cells()).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
        let size = next.cells().iter().fold(0.0, |most: f64, a| most.max(a.abs()));
        y = next;
        if moved <= 1e-13 * size {
            return Ok(y);
        }
    }
    bail!(Numeric, "the iteration for the square root does not converge")
}

/// The lower Cholesky factor.
///
/// # Errors
/// A pivot that is not positive.
pub fn cholesky(a: &Dense) -> Outcome<Dense> {
    let n = a.rows();
    let mut l = Dense::zeros(n, n);
    for j in 0..n {
        let pivot = a.get(j, j) - (0..j).map(|k| l.get(j, k) * l.get(j, k)).sum::<f64>();
        if pivot <= 0.0 {
            bail!(Numeric, "pivot {} is not positive", j + 1);
        }
        l.set(j, j, pivot.sqrt());
        for i in j + 1..n {
            let rest = a.get(i, j) - (0..j).map(|k| l.get(i, k) * l.get(j, k)).sum::<f64>();
            l.set(i, j, rest / pivot.sqrt());
        }
    }
    Ok(l)
}

/// Householder vectors and triangular factor.
pub fn qr(a: &Dense) -> Qr {
    let (m, n) = (a.rows(), a.cols());
    let (mut h, mut r) = (Dense::zeros(m, n), a.clone());
    for k in 0..m.min(n) {
        let norm = (k..m).map(|i| r.get(i, k) * r.get(i, k)).sum::<f64>().sqrt();
        let head = r.get(k, k) + if r.get(k, k) < 0.0 { -norm } else { norm };
        h.set(k, k, 1.0);
        if head != 0.0 {
            (k + 1..m).for_each(|i| h.set(i, k, r.get(i, k) / head));
        }
        reflect(&h, k, &mut r);
        (k + 1..m).for_each(|i| r.set(i, k, 0.0));
        let length = (k..m).map(|i| h.get(i, k) * h.get(i, k)).sum::<f64>();
        (k..m).for_each(|i| h.set(i, k, h.get(i, k) * 2.0 / length));
    }
    Qr { h, r }
}

/// Eigenvalues (ascending) and vectors of a symmetric matrix by cyclic Jacobi rotations.
pub fn eigen_symmetric(a: &Dense) -> Eigen {
    let n = a.rows();
    let mut work = a.clone();
    let mut vectors = Dense::from_fn(n, n, |i, j| f64::from(i == j));
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let (app, aqq, apq) = (work.get(p, p), work.get(q, q), work.get(p, q));
                if apq.abs() <= f64::MIN_POSITIVE.max(1e-17 * (app.abs() + aqq.abs())) {
                    continue;
                }
                let (c, s) = rotation(app, aqq, apq);
                rotate_columns(&mut work, p, q, c, s);
                rotate_rows(&mut work, p, q, c, s);
                // What rounding leaves of it would be rotated for ever.
                work.set(p, q, 0.0);
                work.set(q, p, 0.0);
                rotate_columns(&mut vectors, p, q, c, s);
                rotated = true;
            }
        }
        if !rotated {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| work.get(i, i).total_cmp(&work.get(j, j)));
    let mut vectors = Dense::from_fn(n, n, |i, j| vectors.get(i, order[j]));
    normalise_signs(&mut vectors, None);
    Eigen { values: Dense::from_fn(n, 1, |i, _| work.get(order[i], order[i])), vectors }
}

/// The thin singular value decomposition by one-sided Jacobi rotations.
///
/// A left vector of a singular value that is zero comes out as zeros.
pub fn svd(a: &Dense) -> Svd {
    if a.rows() < a.cols() {
        let Svd { u, s, v } = svd(&transposed(a));
        let (mut u, mut v) = (v, u);
        normalise_signs(&mut v, Some(&mut u));
        return Svd { u, s, v };
    }
    let (m, n) = (a.rows(), a.cols());
    // Products of columns are rounded: what is below that is orthogonal.
    let rounding = f64::EPSILON * (4.0 + (m as f64).sqrt());
    let mut work = a.clone();
    let mut v = Dense::from_fn(n, n, |i, j| f64::from(i == j));
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                let (app, aqq, apq) =
                    (column_dot(&work, p, p), column_dot(&work, q, q), column_dot(&work, p, q));
                if apq.abs() <= f64::MIN_POSITIVE.max(rounding * (app * aqq).sqrt()) {
                    continue;
                }
                let (c, s) = rotation(app, aqq, apq);
                rotate_columns(&mut work, p, q, c, s);
                rotate_columns(&mut v, p, q, c, s);
                rotated = true;
            }
        }
        if !rotated {
            break;
        }
    }
    let norms: Vec<f64> = (0..n).map(|j| column_dot(&work, j, j).sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| norms[j].total_cmp(&norms[i]));
    let scale = |j: usize| if norms[order[j]] > 0.0 { 1.0 / norms[order[j]] } else { 0.0 };
    let mut u = Dense::from_fn(m, n, |i, j| work.get(i, order[j]) * scale(j));
    let mut v = Dense::from_fn(n, n, |i, j| v.get(i, order[j]));
    normalise_signs(&mut v, Some(&mut u));
    Svd { u, s: Dense::from_fn(n, n, |i, j| if i == j { norms[order[i]] } else { 0.0 }), v }
}

/// `t(Q) %*% b` for the Householder vectors of a QR factorisation.
pub fn reflect_all(h: &Dense, mut b: Dense) -> Dense {
    for k in 0..h.rows().min(h.cols()) {
        reflect(h, k, &mut b);
    }
    b
}

/// `b = (I - 2 / (t(h) %*% h) * h %*% t(h)) %*% b` for column `k` of the Householder vectors.
fn reflect(h: &Dense, k: usize, b: &mut Dense) {
    let length = column_dot(h, k, k);
    for j in 0..b.cols() {
        let dot: f64 = (k..h.rows()).map(|i| h.get(i, k) * b.get(i, j)).sum();
        for i in k..h.rows() {
            b.set(i, j, b.get(i, j) - 2.0 / length * dot * h.get(i, k));
        }
    }
}

fn forward_substitute(l: &Dense, b: &Dense) -> Dense {
    let mut x = b.clone();
    for j in 0..b.cols() {
        for i in 0..l.rows() {
            let known: f64 = (0..i).map(|k| l.get(i, k) * x.get(k, j)).sum();
            x.set(i, j, x.get(i, j) - known);
        }
    }
    x
}

fn back_substitute(u: &Dense, b: &Dense) -> Outcome<Dense> {
    let n = u.rows();
    let mut x = b.clone();
    for j in 0..b.cols() {
        for i in (0..n).rev() {
            if u.get(i, i) == 0.0 {
                bail!(Numeric, "the matrix is singular");
            }
            let known: f64 = (i + 1..n).map(|k| u.get(i, k) * x.get(k, j)).sum();
            x.set(i, j, (x.get(i, j) - known) / u.get(i, i));
        }
    }
    Ok(x)
}

/// Cosine and sine of the rotation that makes the off-diagonal cell of a symmetric 2x2 matrix zero.
fn rotation(app: f64, aqq: f64, apq: f64) -> (f64, f64) {
    let tau = (aqq - app) / (2.0 * apq);
    let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    (c, t * c)
}

fn rotate_columns(a: &mut Dense, p: usize, q: usize, c: f64, s: f64) {
    for i in 0..a.rows() {
        let (x, y) = (a.get(i, p), a.get(i, q));
        a.set(i, p, c * x - s * y);
        a.set(i, q, s * x + c * y);
    }
}

fn rotate_rows(a: &mut Dense, p: usize, q: usize, c: f64, s: f64) {
    for j in 0..a.cols() {
        let (x, y) = (a.get(p, j), a.get(q, j));
        a.set(p, j, c * x - s * y);
        a.set(q, j, s * x + c * y);
    }
}

fn column_dot(a: &Dense, p: usize, q: usize) -> f64 {
    (0..a.rows()).map(|i| a.get(i, p) * a.get(i, q)).sum()
}

fn swap_rows(a: &mut Dense, p: usize, q: usize) {
    for j in 0..a.cols() {
        let (x, y) = (a.get(p, j), a.get(q, j));
        a.set(p, j, y);
        a.set(q, j, x);
    }
}

fn transposed(a: &Dense) -> Dense {
    Dense::from_fn(a.cols(), a.rows(), |i, j| a.get(j, i))
}
