//! Factorisations, linear systems, eigenvalues and singular values of dense matrices.
//!
//! LU runs on our own parallel products (`elimination`); the other factorisations are those of a library, called
//! without threads. Either way results are the same bits for any number of threads.
//! This module adds what a user sees: checks of the input, condition estimates, a unique sign of vectors, and an
//! answer (with a warning) for singular systems. Every input must be finite; 0x0 matrices are legal.

pub mod cholesky;
mod condition;
pub mod det;
pub mod eigen;
mod elimination;
pub mod inverse;
pub mod lu;
pub mod qr;
mod sign;
pub mod solve;
pub mod sqrt;
mod square;
pub mod svd;

use faer::dyn_stack::StackReq;
use faer::{Mat, MatMut, MatRef};
use tilewright_base::{Outcome, bail};

use crate::dense::Dense;
use crate::scratch::Scratch;

pub(crate) use sign::normalise_signs;

/// Below this reciprocal condition number a system counts as singular: no digit of its solution is certain.
pub(crate) const SINGULAR: f64 = 1e-15;

/// How far a matrix may be from symmetric, relative to its largest cell, to count as symmetric up to rounding.
const ASYMMETRY: f64 = 1e-10;

/// A dense matrix as the library sees it.
fn view(a: &Dense) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(a.cells(), a.rows(), a.cols())
}

/// A matrix of the library as a dense block.
fn dense(a: MatRef<'_, f64>) -> Dense {
    Dense::from_fn(a.nrows(), a.ncols(), |i, j| a[(i, j)])
}

/// A matrix of the library, which begins its columns at multiples of a register.
fn library_matrix(rows: usize, cols: usize) -> Scratch {
    Scratch::vector::<f64>(rows.saturating_add(15).saturating_mul(cols))
}

/// What the library says that it works in.
fn library_scratch(work: StackReq) -> Scratch {
    Scratch::of_bytes(work.unaligned_bytes_required())
}

/// Right-hand sides that one task solves for.
const COLUMNS: usize = 64;

/// Runs `solve` on groups of columns, in parallel.
fn in_columns(rhs: MatMut<'_, f64>, solve: &(impl Fn(MatMut<'_, f64>) + Sync)) {
    if rhs.ncols() <= COLUMNS {
        return solve(rhs);
    }
    let mid = (rhs.ncols() / 2).next_multiple_of(COLUMNS);
    let (left, right) = rhs.split_at_col_mut(mid);
    rayon::join(|| in_columns(left, solve), || in_columns(right, solve));
}

/// Fails unless all cells are finite.
fn require_finite(a: &Dense, function: &str) -> Outcome<()> {
    let count = a.cells().iter().filter(|x| !x.is_finite()).count();
    if count > 0 {
        bail!(Numeric, "{count} of {} cells in the input of {function} are NaN or infinite", a.cells().len();
            hint: "find them with is.nan and is.infinite, set them with replace");
    }
    Ok(())
}

/// Fails unless the matrix is square.
fn require_square(a: &Dense, function: &str) -> Outcome<()> {
    if a.rows() != a.cols() {
        bail!(Shape, "{function} needs a square matrix, this one is {}x{}", a.rows(), a.cols());
    }
    Ok(())
}

/// The average of a matrix and its transpose; fails when they differ by more than rounding.
fn require_symmetric(a: &Dense, function: &str) -> Outcome<Mat<f64>> {
    require_square(a, function)?;
    let largest = a.cells().iter().fold(0.0, |max: f64, x| max.max(x.abs()));
    for i in 0..a.rows() {
        for j in 0..i {
            let (lower, upper) = (a.get(i, j), a.get(j, i));
            if (lower - upper).abs() > ASYMMETRY * largest {
                bail!(Numeric, "{function} needs a symmetric matrix, but cell [{}, {}] is {lower} and [{}, {}] is {upper}",
                    i + 1, j + 1, j + 1, i + 1; hint: "(A + t(A)) / 2 is the symmetric part of A");
            }
        }
    }
    Ok(Mat::from_fn(a.rows(), a.cols(), |i, j| a.get(i, j).midpoint(a.get(j, i))))
}
