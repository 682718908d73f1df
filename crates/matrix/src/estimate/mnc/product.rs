//! `A %*% B` of sketches.
//!
//! For inner index `k` let `a` be the cells of column `k` of A, `a1` those alone in their row, `b` the cells of row `k` of
//! B, `b1` those alone in their column. Pairs of `a1` by `b` and of `a - a1` by `b1` fill cells of the result that no
//! other pair fills. The pairs of `a - a1` by `b - b1` fill cells of `p` = rows of A by columns of B that have more than
//! one cell, of which one stays empty with probability `prod (1 - (a - a1) (b - b1) / p)`.

use rayon::prelude::*;

use super::counts::{Counts, Side};
use crate::estimate::Counted;
use crate::estimate::random::{mixed, rounded};

/// Inner indices of one task.
const CHUNK: usize = 1 << 14;

/// Sums over the inner dimension.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// Cells that one pair fills.
    certain: f64,
    /// Pairs that may meet in a cell.
    pairs: f64,
    /// The most of them of one inner index, which fill as many cells.
    most: f64,
    /// The logarithm of the probability that a cell stays empty.
    empty: f64,
}

impl Sums {
    fn plus(self, other: Sums) -> Sums {
        Sums {
            certain: self.certain + other.certain,
            pairs: self.pairs + other.pairs,
            most: self.most.max(other.most),
            empty: self.empty + other.empty,
        }
    }
}

/// The count of the product.
pub(super) fn count(a: &Counts, b: &Counts) -> Counted<Counts> {
    let is_exact = a.is_exact && b.is_exact;
    if a.rows.max <= 1 || b.cols.max <= 1 {
        let pairs = sums(&a.cols, &b.rows, f64::INFINITY).pairs_of_all();
        return if is_exact { Counted::exactly(pairs) } else { Counted::about(pairs) };
    }
    let places = places(a, b);
    let sums = sums(&a.cols, &b.rows, places);
    let open = if places > 0.0 { -places * sums.empty.exp_m1() } else { 0.0 };
    // A row and a column that both have cells in more than half of the places share one.
    let shared = a.rows.over_half as f64 * b.cols.over_half as f64;
    let lower = (sums.certain + sums.most.min(places)).max(shared);
    let upper = sums.certain + sums.pairs.min(places);
    let nnz = (sums.certain + open).min(upper).max(lower);
    if is_exact { Counted { nnz, lower, upper, structure: None } } else { Counted::about(nnz) }
}

impl Sums {
    /// All pairs, wherever they fall.
    fn pairs_of_all(self) -> f64 {
        self.certain + self.pairs
    }
}

/// The cells that pairs may meet in.
fn places(a: &Counts, b: &Counts) -> f64 {
    // What is alone is only left out where it is counted apart.
    let many =
        |side: &Side, across: &Side| side.nonempty - if across.alone.is_some() { side.single } else { 0 };
    many(&a.rows, &a.cols) as f64 * many(&b.cols, &b.rows) as f64
}

/// The sums over columns of A and rows of B.
fn sums(a: &Side, b: &Side, places: f64) -> Sums {
    let partial = |chunk: usize| {
        let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(a.len());
        let alone = |side: &Side, k: usize| side.alone.as_ref().map_or(0.0, |alone| f64::from(alone[k]));
        let mut sums = Sums::default();
        for k in range.filter(|&k| a.counts[k] > 0 && b.counts[k] > 0) {
            let (a1, b1) = (alone(a, k), alone(b, k));
            let (cells, row) = (f64::from(a.counts[k]), f64::from(b.counts[k]));
            let pairs = (cells - a1) * (row - b1);
            sums.certain += a1 * row + (cells - a1) * b1;
            sums.pairs += pairs;
            sums.most = sums.most.max(pairs);
            sums.empty += ln_rest(pairs / places);
        }
        sums
    };
    let chunks: Vec<Sums> = (0..a.len().div_ceil(CHUNK)).into_par_iter().map(partial).collect();
    chunks.into_iter().fold(Sums::default(), Sums::plus)
}

/// `ln(1 - x)` of a probability; by its series where that is exact to the last places.
fn ln_rest(x: f64) -> f64 {
    if x < 1e-5 { -x * (1.0 + x * (0.5 + x / 3.0)) } else { (-x.min(1.0)).ln_1p() }
}

/// The sketch of the product, of so many cells: rows of A and columns of B, scaled.
pub(super) fn counts(a: &Counts, b: &Counts, nnz: f64, seed: u64) -> Counts {
    if a.is_full_diagonal() {
        return b.clone();
    }
    if b.is_full_diagonal() {
        return a.clone();
    }
    let salt = mixed(seed ^ nnz.to_bits());
    let mut rows = scaled(&a.rows, nnz, b.cols.nonempty, salt);
    let mut cols = scaled(&b.cols, nnz, a.rows.nonempty, !salt);
    // Rows (or columns) that a diagonal matrix leaves are those of the other matrix.
    if a.is_diagonal {
        rows = kept(&b.rows, &a.rows);
    }
    if b.is_diagonal {
        cols = kept(&a.cols, &b.cols);
    }
    let mut counts = Counts::new(rows, cols);
    counts.is_diagonal = a.is_diagonal && b.is_diagonal;
    counts.is_exact = counts.is_diagonal && a.is_exact && b.is_exact;
    counts
}

fn kept(counts: &Side, by: &Side) -> Vec<u32> {
    counts.counts.iter().zip(&by.counts).map(|(&count, &kept)| if kept > 0 { count } else { 0 }).collect()
}

/// Counts that add up to about `total`, at most `most` each.
fn scaled(side: &Side, total: f64, most: usize, seed: u64) -> Vec<u32> {
    let scale = if side.total > 0.0 { total / side.total } else { 0.0 };
    let scaled = |(i, &count): (usize, &u32)| rounded((f64::from(count) * scale).min(most as f64), i, seed);
    side.counts.par_iter().enumerate().map(scaled).collect()
}
