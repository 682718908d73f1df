//! `A + B` and `A * B` of sketches.
//!
//! Cells of row `i` of A and of B share `rA[i] rB[i] w` columns, where `w = sum_j cA[j] cB[j] / (nnz(A) nnz(B))` is the
//! probability that two cells, drawn one from each matrix, lie in the same column; columns in the same way. So masks
//! whose columns (or rows) are full are counted exactly.

use super::counts::{Counts, Side};
use crate::estimate::Counted;
use crate::estimate::random::{mixed, rounded};

/// The probability that a cell of each lie in the same row.
fn agreement(a: &Side, b: &Side) -> f64 {
    let pairs: f64 = a.counts.iter().zip(&b.counts).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    let all = a.total * b.total;
    if all > 0.0 { pairs / all } else { 0.0 }
}

/// The cells that rows share: at least what does not fit in beside each other, at most all of the smaller one.
fn shared<'s>(a: &'s Side, b: &'s Side, across: usize, w: f64) -> impl Iterator<Item = f64> + 's {
    a.counts.iter().zip(&b.counts).map(move |(&a, &b)| {
        let (a, b) = (f64::from(a), f64::from(b));
        (a * b * w).min(a.min(b)).max(a + b - across as f64)
    })
}

/// Bounds of the shared cells, of rows.
fn bounds(a: &Side, b: &Side, across: usize) -> (f64, f64) {
    let smaller = a.counts.iter().zip(&b.counts).map(|(&a, &b)| f64::from(a.min(b)));
    (shared(a, b, across, 0.0).sum(), smaller.sum())
}

/// Expected cells of `A * B`, and their bounds.
fn overlap(a: &Counts, b: &Counts) -> (f64, f64, f64) {
    let (rows, cols) = (a.rows.len(), a.cols.len());
    let nnz = shared(&a.rows, &b.rows, cols, agreement(&a.cols, &b.cols)).sum::<f64>();
    let (by_row, by_col) = (bounds(&a.rows, &b.rows, cols), bounds(&a.cols, &b.cols, rows));
    let (lower, upper) = (by_row.0.max(by_col.0), by_row.1.min(by_col.1));
    (nnz.min(upper).max(lower), lower, upper)
}

/// The count of `A * B`.
pub(super) fn count_common(a: &Counts, b: &Counts) -> Counted<Counts> {
    let (nnz, lower, upper) = overlap(a, b);
    claimed(a, b, Counted { nnz, lower, upper, structure: None })
}

/// The count of `A + B`: both without what they share.
pub(super) fn count_either(a: &Counts, b: &Counts) -> Counted<Counts> {
    let (nnz, lower, upper) = overlap(a, b);
    let both = a.rows.total + b.rows.total;
    claimed(a, b, Counted { nnz: both - nnz, lower: both - upper, upper: both - lower, structure: None })
}

/// Without the bounds, where counts are estimates.
fn claimed(a: &Counts, b: &Counts, counted: Counted<Counts>) -> Counted<Counts> {
    if a.is_exact && b.is_exact { counted } else { Counted::about(counted.nnz) }
}

/// The sketch of `A * B`.
pub(super) fn common(a: &Counts, b: &Counts, seed: u64) -> Counts {
    let mut counts = combined(a, b, seed, |_, _, shared| shared);
    counts.is_diagonal = a.is_diagonal || b.is_diagonal;
    counts
}

/// The sketch of `A + B`.
pub(super) fn either(a: &Counts, b: &Counts, seed: u64) -> Counts {
    let mut counts = combined(a, b, seed, |a, b, shared| a + b - shared);
    counts.is_diagonal = a.is_diagonal && b.is_diagonal;
    counts
}

/// Each row and column by what both share.
fn combined(a: &Counts, b: &Counts, seed: u64, f: impl Fn(f64, f64, f64) -> f64 + Copy) -> Counts {
    let side = |a: &Side, b: &Side, across: usize, w: f64, seed: u64| {
        let shared = shared(a, b, across, w);
        let both = a.counts.iter().zip(&b.counts).zip(shared).enumerate();
        both.map(|(i, ((&a, &b), shared))| rounded(f(f64::from(a), f64::from(b), shared), i, seed)).collect()
    };
    let salt = mixed(seed ^ a.rows.total.to_bits() ^ b.rows.total.to_bits().rotate_left(1));
    let rows = side(&a.rows, &b.rows, a.cols.len(), agreement(&a.cols, &b.cols), salt);
    let cols = side(&a.cols, &b.cols, a.rows.len(), agreement(&a.rows, &b.rows), !salt);
    Counts::new(rows, cols)
}
