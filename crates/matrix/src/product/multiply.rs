//! Matrix by matrix: a recursive cut, in parallel, around the sequential product of the library.
//!
//! Invariant: the cut depends on the shape alone. Outputs are cut into tiles first (disjoint, no merging), then a
//! long inner dimension is halved and the halves are added, so that tall inputs run in parallel too.

use faer::linalg::matmul::{matmul, triangular};
use faer::{Accum, MatMut, MatRef, Par};

use crate::dense::Dense;

/// Multiply-adds that are worth a task of their own: a fraction of a millisecond.
const GRAIN: usize = 1 << 25;

/// Output tiles are cut down to this side: large enough that packing the operands is cheap.
const TILE: usize = 256;

/// The inner dimension is cut only when it is this many times longer than the output is wide.
const INNER: usize = 16;

/// A dense matrix as the library sees it.
pub(crate) fn view(a: &Dense) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(a.cells(), a.rows(), a.cols())
}

/// A dense matrix to write, as the library sees it.
pub(super) fn view_mut(a: &mut Dense) -> MatMut<'_, f64> {
    let (rows, cols) = (a.rows(), a.cols());
    MatMut::from_row_major_slice_mut(a.cells_mut(), rows, cols)
}

/// `c = a %*% b`, whatever `c` comes in as.
pub(crate) fn multiply(mut c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let (m, n, k) = (c.nrows(), c.ncols(), a.ncols());
    if m * n * k == 0 {
        return c.fill(0.0);
    }
    if m * n * k <= GRAIN || (m.max(n) <= TILE && k <= INNER * m.max(n)) {
        matmul(c, Accum::Replace, a, b, 1.0, Par::Seq);
    } else if m.max(n) <= TILE {
        let mid = half(k);
        let ((a0, a1), (b0, b1)) = (a.split_at_col(mid), b.split_at_row(mid));
        add_halves(c, |c| multiply(c, a0, b0), |c| multiply(c, a1, b1));
    } else if m >= n {
        let mid = half(m);
        let ((c0, c1), (a0, a1)) = (c.split_at_row_mut(mid), a.split_at_row(mid));
        rayon::join(|| multiply(c0, a0, b), || multiply(c1, a1, b));
    } else {
        let mid = half(n);
        let ((c0, c1), (b0, b1)) = (c.split_at_col_mut(mid), b.split_at_col(mid));
        rayon::join(|| multiply(c0, a, b0), || multiply(c1, a, b1));
    }
}

/// The lower triangle of `c = t(a) %*% a`, whatever `c` comes in as.
pub(super) fn multiply_triangle(mut c: MatMut<'_, f64>, a: MatRef<'_, f64>) {
    let (n, k) = (c.nrows(), a.nrows());
    if n * k == 0 {
        return c.fill(0.0);
    }
    if n > TILE {
        let mid = half(n);
        let (c00, _, c10, c11) = c.split_at_mut(mid, mid);
        let (a0, a1) = a.split_at_col(mid);
        rayon::join(
            || multiply(c10, a1.transpose(), a0),
            || rayon::join(|| multiply_triangle(c00, a0), || multiply_triangle(c11, a1)),
        );
    } else if n * n * k > GRAIN && k > INNER * n {
        let (a0, a1) = a.split_at_row(half(k));
        add_halves(c, |c| multiply_triangle(c, a0), |c| multiply_triangle(c, a1));
    } else {
        use triangular::BlockStructure::{Rectangular, TriangularLower};
        let (lhs, rhs) = (a.transpose(), a);
        triangular::matmul(
            c,
            TriangularLower,
            Accum::Replace,
            lhs,
            Rectangular,
            rhs,
            Rectangular,
            1.0,
            Par::Seq,
        );
    }
}

/// `c = first + second`.
fn add_halves(
    mut c: MatMut<'_, f64>,
    first: impl FnOnce(MatMut<'_, f64>) + Send,
    second: impl FnOnce(MatMut<'_, f64>) + Send,
) {
    let mut other = Dense::unset(c.nrows(), c.ncols());
    rayon::join(|| first(c.as_mut()), || second(view_mut(&mut other)));
    for i in 0..c.nrows() {
        c.as_mut().row_mut(i).iter_mut().zip(other.row(i)).for_each(|(x, y)| *x += y);
    }
}

/// Half of a dimension, rounded up to whole SIMD registers and cache lines.
fn half(n: usize) -> usize {
    (n / 2).next_multiple_of(8)
}
