//! The rule that a zero absorbs in products: 0 * NaN = 0 * Inf = 0.
//!
//! Invariant: arithmetic without the rule turns every case where it matters into a NaN result, so computing the
//! NaN cells again with the rule is enough.

use rayon::prelude::*;

use crate::dense::Dense;

/// Cells that one task scans.
const SCAN: usize = 1 << 15;

/// `x * y`, where a zero on either side gives zero.
#[inline(always)]
pub(crate) fn absorbing_product(x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 { 0.0 } else { x * y }
}

/// The sum of absorbing products, in order.
pub(crate) fn absorbing_dot(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    pairs.map(|(x, y)| absorbing_product(x, y)).sum()
}

/// Replaces every NaN of `c` by `cell(i, j)`.
pub(crate) fn repair(c: &mut Dense, cell: impl Fn(usize, usize) -> f64 + Sync) {
    let cols = c.cols();
    let scan = |(at, cells): (usize, &mut [f64])| {
        if !has_nan(cells) {
            return;
        }
        for (offset, x) in cells.iter_mut().enumerate().filter(|(_, x)| x.is_nan()) {
            let index = at * SCAN + offset;
            *x = cell(index / cols, index % cols);
        }
    };
    if c.cells().len() <= SCAN {
        scan((0, c.cells_mut()));
    } else {
        c.cells_mut().par_chunks_mut(SCAN).enumerate().for_each(scan);
    }
}

/// Whether any of the cells is NaN; without an early exit, so that it vectorises.
pub(crate) fn has_nan(cells: &[f64]) -> bool {
    cells.iter().fold(false, |found, x| found | x.is_nan())
}
