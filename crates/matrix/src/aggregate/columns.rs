//! Loops down columns: a running result per column, several rows per step.
//!
//! Rows of a narrow matrix come here too, after a small transpose, so that lanes are rows (`aggregate.rs`).

use std::ops::Range;

use pulp::{Arch, Scalar, Simd, WithSimd};

use super::lanes::two_sum_simd;

/// Rows that are taken in for one load and store of the running results.
const ROWS: usize = 16;

/// Some neighbouring columns of some rows.
#[derive(Clone, Copy, Debug)]
pub struct Strip<'a> {
    /// The cells from the first one on.
    pub cells: &'a [f64],
    /// The distance between rows.
    pub stride: usize,
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
}

impl<'a> Strip<'a> {
    /// The cells of row `k`.
    #[inline(always)]
    pub fn row(self, k: usize) -> &'a [f64] {
        &self.cells[k * self.stride..][..self.width]
    }

    /// Up to `width` columns from `j` on.
    pub fn columns(self, j: usize, width: usize) -> Strip<'a> {
        Strip { cells: self.cells.get(j..).unwrap_or(&[]), width: width.min(self.width - j), ..self }
    }

    /// The strip in pieces of `height` rows; the last one may be lower.
    pub fn pieces(self, height: usize) -> impl Iterator<Item = Strip<'a>> {
        (0..self.height).step_by(height).map(move |k| Strip {
            cells: &self.cells[k * self.stride..],
            height: height.min(self.height - k),
            ..self
        })
    }
}

/// What is summed for a cell of a column that has a centre.
pub trait ColumnTerm: Copy {
    /// The terms of a register of cells.
    fn of<S: Simd>(self, simd: S, x: S::f64s, centre: S::f64s) -> S::f64s;
}

/// The cell.
#[derive(Clone, Copy)]
pub struct Cell;

/// Its square.
#[derive(Clone, Copy)]
pub struct Square;

/// Its distance from the centre.
#[derive(Clone, Copy)]
pub struct FromCentre;

/// The square of its distance from the centre.
#[derive(Clone, Copy)]
pub struct SquareFromCentre;

impl ColumnTerm for Cell {
    #[inline(always)]
    fn of<S: Simd>(self, _simd: S, x: S::f64s, _centre: S::f64s) -> S::f64s {
        x
    }
}

impl ColumnTerm for Square {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::f64s, _centre: S::f64s) -> S::f64s {
        simd.mul_f64s(x, x)
    }
}

impl ColumnTerm for FromCentre {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::f64s, centre: S::f64s) -> S::f64s {
        simd.sub_f64s(x, centre)
    }
}

impl ColumnTerm for SquareFromCentre {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::f64s, centre: S::f64s) -> S::f64s {
        let distance = simd.sub_f64s(x, centre);
        simd.mul_f64s(distance, distance)
    }
}

/// Columns whose sums are kept together.
pub const COLUMNS: usize = 128;

/// Centres of columns whose terms need none.
pub static NO_CENTRES: [f64; COLUMNS] = [0.0; COLUMNS];

/// Compensated sums of terms, one per column.
pub struct ColumnSums {
    /// The rounded sums.
    pub sum: [f64; COLUMNS],
    /// The sums of the rounding errors.
    pub low: [f64; COLUMNS],
}

impl Default for ColumnSums {
    /// Sums of nothing.
    fn default() -> ColumnSums {
        ColumnSums { sum: [0.0; COLUMNS], low: [0.0; COLUMNS] }
    }
}

impl ColumnSums {
    /// Adds the term of every cell, in the order of the rows.
    ///
    /// # Panics
    /// When the strip has more than [`COLUMNS`] columns, or one without a centre.
    pub fn add(&mut self, strip: Strip<'_>, centre: &[f64], term: impl ColumnTerm) {
        let (sum, low) = (&mut self.sum[..strip.width], &mut self.low[..strip.width]);
        Arch::new().dispatch(Add { sum, low, strip, centre: &centre[..strip.width], term });
    }
}

/// Adds rows as long as `sum` to the sums of their columns, whose rounding errors add up in `low`.
pub fn add_rows(sum: &mut [f64], low: &mut [f64], cells: &[f64]) {
    let width = sum.len();
    let strip = Strip { cells, stride: width, width, height: cells.len() / width };
    for (k, (sum, low)) in sum.chunks_mut(COLUMNS).zip(low.chunks_mut(COLUMNS)).enumerate() {
        let strip = strip.columns(k * COLUMNS, COLUMNS);
        Arch::new().dispatch(Add { sum, low, strip, centre: &NO_CENTRES[..strip.width], term: Cell });
    }
}

struct Add<'a, T> {
    sum: &'a mut [f64],
    low: &'a mut [f64],
    strip: Strip<'a>,
    centre: &'a [f64],
    term: T,
}

impl<T: ColumnTerm> WithSimd for Add<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (width, height) = (self.strip.width, self.strip.height);
        let mut k = 0;
        while k < height {
            let end = height.min(k + ROWS);
            let mut j = 0;
            while j + 4 * S::F64_LANES <= width {
                self.block::<4, S>(simd, j, k..end);
                j += 4 * S::F64_LANES;
            }
            while j + S::F64_LANES <= width {
                self.block::<1, S>(simd, j, k..end);
                j += S::F64_LANES;
            }
            while j < width {
                self.block::<1, Scalar>(Scalar::new(), j, k..end);
                j += 1;
            }
            k = end;
        }
    }
}

impl<T: ColumnTerm> Add<'_, T> {
    /// Takes in some rows of `R` registers of columns from `j` on.
    #[inline(always)]
    fn block<const R: usize, S: Simd>(&mut self, simd: S, j: usize, rows: Range<usize>) {
        let cells = R * S::F64_LANES;
        let (sums, _) = S::as_mut_simd_f64s(&mut self.sum[j..][..cells]);
        let (lows, _) = S::as_mut_simd_f64s(&mut self.low[j..][..cells]);
        let (centre, _) = S::as_simd_f64s(&self.centre[j..][..cells]);
        let zero = simd.splat_f64s(0.0);
        let (mut sum, mut low) = ([zero; R], [zero; R]);
        for r in 0..R {
            (sum[r], low[r]) = (sums[r], lows[r]);
        }
        for k in rows {
            let (row, _) = S::as_simd_f64s(&self.strip.cells[k * self.strip.stride + j..][..cells]);
            for r in 0..R {
                let (next, lost) = two_sum_simd(simd, sum[r], self.term.of(simd, row[r], centre[r]));
                sum[r] = next;
                low[r] = simd.add_f64s(low[r], lost);
            }
        }
        for r in 0..R {
            (sums[r], lows[r]) = (sum[r], low[r]);
        }
    }
}
