//! Rows times a matrix with few columns, on the calling thread.
//!
//! ```text
//!               right.row(l)  b b b | b b b        registers of the right side
//! x[i,   l]  y                c c c                c: registers of the result, 8 rows by up to 3 across,
//! x[i+1, l]  y                c c c                   kept over all l
//! ```

use pulp::{Arch, Simd, WithSimd};

use super::lanes::Lanes;
use crate::dense::Dense;

/// Columns are filled up to a multiple of this, the lanes of the widest registers.
const PAD: usize = 8;

/// Rows of a tile.
const ROWS: usize = 8;

/// Registers of a tile side by side.
const ACROSS: usize = 3;

/// The right side of products, its rows filled up with zeros to whole registers.
#[derive(Debug, Clone)]
pub struct Right {
    cells: Dense,
    cols: usize,
}

impl Right {
    /// Of a matrix.
    pub fn new(right: &Dense) -> Right {
        let cols = right.cols();
        let cell = |i, j| if j < cols { right.get(i, j) } else { 0.0 };
        Right { cells: Dense::from_fn(right.rows(), cols.next_multiple_of(PAD), cell), cols }
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.cells.rows()
    }

    /// A cell.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.cells.get(i, j)
    }
}

/// `out = x %*% right`, for rows as long as `right` has rows.
///
/// # Panics
/// When lengths do not fit.
pub(crate) fn times_narrow(x: &[f64], right: &Right, out: &mut [f64]) {
    let (depth, cols) = (right.rows(), right.cols);
    if cols == 0 {
        return;
    }
    assert_eq!(x.len(), out.len() / cols * depth, "rows of a product");
    Arch::new().dispatch(TimesNarrow { x, right, out });
}

struct TimesNarrow<'a> {
    x: &'a [f64],
    right: &'a Right,
    out: &'a mut [f64],
}

impl WithSimd for TimesNarrow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (rows, cols) = (self.out.len() / self.right.cols, self.right.cols);
        for j in (0..cols).step_by(ACROSS * S::F64_LANES) {
            let width = (cols - j).min(ACROSS * S::F64_LANES);
            let mut i = 0;
            while i < rows {
                let last = width.div_ceil(S::F64_LANES);
                i += match (rows - i >= ROWS, last) {
                    (true, 1) => self.tile::<ROWS, 1, S>(simd, i, j, width),
                    (true, 2) => self.tile::<ROWS, 2, S>(simd, i, j, width),
                    (true, _) => self.tile::<ROWS, ACROSS, S>(simd, i, j, width),
                    (false, 1) => self.tile::<1, 1, S>(simd, i, j, width),
                    (false, 2) => self.tile::<1, 2, S>(simd, i, j, width),
                    (false, _) => self.tile::<1, ACROSS, S>(simd, i, j, width),
                };
            }
        }
    }
}

impl TimesNarrow<'_> {
    /// Computes `M` rows and `width` columns from `(i, j)` on; answers `M`.
    #[inline(always)]
    #[expect(
        clippy::needless_range_loop,
        reason = "iterators over registers are not inlined into dispatched code"
    )]
    #[expect(clippy::manual_memcpy, reason = "a copy of a slice of registers would keep all sums in memory")]
    fn tile<const M: usize, const V: usize, S: Simd>(
        &mut self,
        simd: S,
        i: usize,
        j: usize,
        width: usize,
    ) -> usize {
        let (depth, cols) = (self.right.rows(), self.right.cols);
        let mut rows = [&self.x[..0]; M];
        for r in 0..M {
            rows[r] = &self.x[(i + r) * depth..][..depth];
        }
        let stride = self.right.cells.cols();
        let right = self.right.cells.cells();
        let mut sums = [[simd.splat_f64s(0.0); V]; M];
        for l in 0..depth {
            let (registers, _) = S::as_simd_f64s(&right[l * stride + j..][..V * S::F64_LANES]);
            for r in 0..M {
                let x = simd.splat_f64s(rows[r][l]);
                for v in 0..V {
                    sums[r][v] = simd.mul_add_e_f64s(x, registers[v], sums[r][v]);
                }
            }
        }
        let lanes = Lanes::new(simd, width - (V - 1) * S::F64_LANES);
        for r in 0..M {
            let out = &mut self.out[(i + r) * cols + j..][..width];
            let (whole, rest) = out.split_at_mut((V - 1) * S::F64_LANES);
            let (whole, _) = S::as_mut_simd_f64s(whole);
            for v in 0..V - 1 {
                whole[v] = sums[r][v];
            }
            lanes.store(rest, sums[r][V - 1]);
        }
        M
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::product::matmul;

    #[test]
    fn narrow_products_are_those_of_the_definition() {
        for (m, k, n) in [(1, 1, 1), (3, 2, 8), (8, 5, 9), (17, 20, 10), (9, 0, 3), (25, 7, 24), (10, 3, 33)]
        {
            let cell = |i: usize, j: usize| (i * 7 + j * 3) as f64 % 5.0 - 2.0;
            let (a, b) = (Dense::from_fn(m, k, cell), Dense::from_fn(k, n, |i, j| cell(j, i)));
            let mut out = vec![f64::NAN; m * n];
            times_narrow(a.cells(), &Right::new(&b), &mut out);
            assert_eq!(Dense::from_cells(m, n, &out), matmul(&a, &b), "{m}x{k} by {k}x{n}");
        }
    }
}
