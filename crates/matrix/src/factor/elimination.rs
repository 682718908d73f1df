//! Gaussian elimination with partial pivoting, blocked so that nearly all work is parallel matrix products.
//!
//! A zero pivot (a column without a non-zero cell) is skipped, so singular matrices have factors, too.

use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_unit_lower_triangular_in_place,
    solve_unit_upper_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{MatMut, MatRef, Par};
use pulp::{Arch, Simd, WithSimd};

use super::condition::Solver;
use super::{in_columns, view};
use crate::dense::Dense;
use crate::product::multiply::{multiply_add, multiply_scratch};
use crate::scratch::Scratch;

/// Columns that are eliminated together.
const BLOCK: usize = 64;

/// The factors of `P %*% a = L %*% U`, packed into one matrix.
pub(super) struct Elimination {
    /// `U` on and above the diagonal, `L` without its unit diagonal below.
    pub packed: Dense,
    /// Row `i` of `P %*% a` is row `order[i]` of `a`.
    pub order: Vec<usize>,
    /// Whether the number of row swaps is odd.
    pub odd: bool,
}

impl Elimination {
    /// Factorises an `m x n` matrix of finite cells.
    pub(super) fn new(a: &Dense) -> Elimination {
        let order = (0..a.rows()).collect();
        let mut factor = Elimination { packed: a.clone(), order, odd: false };
        let size = a.rows().min(a.cols());
        for start in (0..size).step_by(BLOCK) {
            let end = size.min(start + BLOCK);
            (start..end).for_each(|k| factor.eliminate(k, end));
            factor.update(start, end);
        }
        factor
    }

    /// Finds the pivot of column `k` and eliminates below it, in the columns before `end`.
    fn eliminate(&mut self, k: usize, end: usize) {
        let a = &mut self.packed;
        let mut pivot = k;
        for i in k + 1..a.rows() {
            if a.get(i, k).abs() > a.get(pivot, k).abs() {
                pivot = i;
            }
        }
        let cols = a.cols();
        if pivot != k {
            let (top, bottom) = a.cells_mut().split_at_mut(pivot * cols);
            top[k * cols..][..cols].swap_with_slice(&mut bottom[..cols]);
            self.order.swap(k, pivot);
            self.odd = !self.odd;
        }
        let (top, bottom) = a.cells_mut().split_at_mut((k + 1) * cols);
        let row = &top[k * cols..][k..end];
        if row[0] == 0.0 {
            return;
        }
        Arch::new().dispatch(Subtract { row, below: bottom, stride: cols, start: k });
    }

    /// Applies the eliminated columns `start..end` to the columns from `end` on.
    fn update(&mut self, start: usize, end: usize) {
        let (m, n) = (self.packed.rows(), self.packed.cols());
        if end == n {
            return;
        }
        let below = Dense::from_fn(m - end, end - start, |i, j| -self.packed.get(end + i, start + j));
        let packed = MatMut::from_row_major_slice_mut(self.packed.cells_mut(), m, n);
        let (corner, right, _, rest) = packed
            .subrows_mut(start, m - start)
            .subcols_mut(start, n - start)
            .split_at_mut(end - start, end - start);
        let mut right = right;
        in_columns(right.as_mut(), &|part| {
            solve_unit_lower_triangular_in_place(corner.as_ref(), part, Par::Seq);
        });
        multiply_add(rest, view(&below), right.as_ref());
    }

    fn packed(&self) -> MatRef<'_, f64> {
        view(&self.packed)
    }
}

/// What [`Elimination::new`] needs for an `m x n` matrix, with its result: the factors, and the update of what is right
/// of a block.
pub(super) fn elimination_scratch(m: usize, n: usize) -> Scratch {
    let factors = Scratch::dense(m, n).and(Scratch::vector::<usize>(m));
    let update = Scratch::dense(m, BLOCK.min(n)).and(multiply_scratch(m, n, BLOCK));
    factors.and(update)
}

/// Subtracts multiples of a pivot's row from the rows below, so that their cells in its column would be zero; the factors
/// take their place.
struct Subtract<'a> {
    /// The pivot and what is right of it.
    row: &'a [f64],
    below: &'a mut [f64],
    /// Cells from row to row of `below`.
    stride: usize,
    /// The column of the pivot.
    start: usize,
}

impl WithSimd for Subtract<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Subtract { row, below, stride, start } = self;
        for below in below.chunks_exact_mut(stride) {
            let below = &mut below[start..start + row.len()];
            let factor = below[0] / row[0];
            below[0] = factor;
            for (x, y) in below[1..].iter_mut().zip(&row[1..]) {
                *x -= factor * y;
            }
        }
    }
}

impl Solver for Elimination {
    fn order(&self) -> usize {
        self.packed.rows()
    }

    fn solve(&self, mut rhs: MatMut<'_, f64>) {
        let given = rhs.to_owned();
        for (i, &from) in self.order.iter().enumerate() {
            rhs.as_mut().row_mut(i).copy_from(given.row(from));
        }
        in_columns(rhs, &|mut part| {
            solve_unit_lower_triangular_in_place(self.packed(), part.as_mut(), Par::Seq);
            solve_upper_triangular_in_place(self.packed(), part, Par::Seq);
        });
    }

    fn solve_transposed(&self, mut rhs: MatMut<'_, f64>) {
        solve_lower_triangular_in_place(self.packed().transpose(), rhs.as_mut(), Par::Seq);
        solve_unit_upper_triangular_in_place(self.packed().transpose(), rhs.as_mut(), Par::Seq);
        let solved = rhs.to_owned();
        for (i, &to) in self.order.iter().enumerate() {
            rhs.as_mut().row_mut(to).copy_from(solved.row(i));
        }
    }
}
