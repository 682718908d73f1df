//! Loops down columns: a running result per column, several rows per step.
//!
//! Rows of a narrow matrix come here too, after a small transpose, so that lanes are rows (`aggregate.rs`).

use pulp::{Arch, Simd, WithSimd};

use super::lanes::two_sum;

/// Rows that are taken in for one load and store of the running results.
const ROWS: usize = 4;

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

    /// The strip in pieces of `height` rows; the last one may be lower.
    pub fn pieces(self, height: usize) -> impl Iterator<Item = Strip<'a>> {
        (0..self.height).step_by(height).map(move |k| Strip {
            cells: &self.cells[k * self.stride..],
            height: height.min(self.height - k),
            ..self
        })
    }
}

/// Compensated sums of terms, one per column.
pub struct ColumnSums {
    /// The rounded sums.
    pub sum: Vec<f64>,
    /// The sums of the rounding errors.
    pub low: Vec<f64>,
}

impl ColumnSums {
    /// Sums of nothing.
    pub fn new(width: usize) -> ColumnSums {
        ColumnSums { sum: vec![0.0; width], low: vec![0.0; width] }
    }

    /// Adds `term(x, centre)` for every cell, in the order of the rows; each column has its centre.
    pub fn add(&mut self, strip: Strip<'_>, centre: &[f64], term: impl Fn(f64, f64) -> f64 + Copy) {
        Arch::new().dispatch(Add { sums: self, strip, centre, term });
    }
}

struct Add<'a, F> {
    sums: &'a mut ColumnSums,
    strip: Strip<'a>,
    centre: &'a [f64],
    term: F,
}

impl<F: Fn(f64, f64) -> f64 + Copy> WithSimd for Add<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Add { sums, strip, centre, term } = self;
        let mut k = 0;
        while k + ROWS <= strip.height {
            add_rows::<ROWS, F>(sums, strip, k, centre, term);
            k += ROWS;
        }
        while k < strip.height {
            add_rows::<1, F>(sums, strip, k, centre, term);
            k += 1;
        }
    }
}

#[inline(always)]
fn add_rows<const N: usize, F: Fn(f64, f64) -> f64>(
    sums: &mut ColumnSums,
    strip: Strip<'_>,
    k: usize,
    centre: &[f64],
    term: F,
) {
    let width = strip.width;
    let (sum, low, centre) = (&mut sums.sum[..width], &mut sums.low[..width], &centre[..width]);
    let mut rows = [strip.row(k); N];
    for (r, row) in rows.iter_mut().enumerate() {
        *row = strip.row(k + r);
    }
    for j in 0..width {
        let (mut s, mut l) = (sum[j], low[j]);
        for row in rows {
            let (next, lost) = two_sum(s, term(row[j], centre[j]));
            s = next;
            l += lost;
        }
        sum[j] = s;
        low[j] = l;
    }
}
