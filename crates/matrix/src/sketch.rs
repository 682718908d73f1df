//! Estimates of the number of different values from the smallest of their hashes.
//!
//! Of `n` different hashes that are spread evenly over an interval, the `k`-th smallest lies near the fraction `k / n`
//! of it, so that its place tells `n` (k minimum values; Bar-Yossef et al., "Counting distinct elements in a data
//! stream", 2002; the unbiased form is Beyer et al., "On synopses for distinct-value estimation under multiset
//! operations", 2007). The relative standard error is `1 / sqrt(k - 2)`: 1.6 % for the [`SIZE`] of a sketch. Up to
//! that many different values the count is exact, because the hash maps different values to different hashes.
//! All NaN count as one value, and so do both zeros. The definition is in [`crate::reference::sketch`].

use rayon::prelude::*;

use crate::csr::Csr;
use crate::dense::Dense;
use crate::scratch::{Scratch, at_once};

/// The number of hashes that a sketch keeps.
pub const SIZE: usize = 4096;

/// Cells of one chunk of work.
const CHUNK: usize = 1 << 16;

/// The smallest hashes of the values that it has seen.
#[derive(Debug, Clone, Default)]
pub struct Sketch {
    /// At most twice [`SIZE`]; the first `sorted` ascend and differ.
    hashes: Vec<u64>,
    sorted: usize,
}

impl Sketch {
    /// Of some values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Sketch {
        let mut sketch = Sketch::default();
        values.into_iter().for_each(|value| sketch.add(hash(value)));
        sketch
    }

    /// Of the values of both.
    pub fn merged(mut self, other: Sketch) -> Sketch {
        other.hashes.into_iter().for_each(|hash| self.add(hash));
        self
    }

    /// The number of different values.
    pub fn estimate(mut self) -> f64 {
        self.settle();
        estimate(&self.hashes)
    }

    fn add(&mut self, hash: u64) {
        if self.sorted == SIZE && hash >= self.hashes[SIZE - 1] {
            return;
        }
        self.hashes.push(hash);
        if self.hashes.len() == 2 * SIZE {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self.hashes.truncate(SIZE);
        self.sorted = self.hashes.len();
    }
}

/// The estimate from the smallest hashes, ascending, at most [`SIZE`] of them.
pub(crate) fn estimate(least: &[u64]) -> f64 {
    match least.last() {
        Some(&last) if least.len() == SIZE => {
            let place = (last as f64 + 1.0) / 2.0_f64.powi(64);
            ((SIZE - 1) as f64 / place).round()
        }
        _ => least.len() as f64,
    }
}

/// A number for each value: a bijection of 64-bit words that mixes all bits (SplitMix64; Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", 2014).
pub(crate) fn hash(value: f64) -> u64 {
    let bits = match value {
        0.0 => 0,
        nan if nan.is_nan() => f64::NAN.to_bits(),
        other => other.to_bits(),
    };
    let mut word = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// The estimate for all cells.
pub fn count_dense(x: &Dense) -> f64 {
    sketch(x.cells()).estimate()
}

/// The estimate for all cells; the cells that are not stored add a zero.
pub fn count_sparse(x: &Csr) -> f64 {
    let gaps = x.val().len() < x.rows() * x.cols();
    sketch(x.val()).merged(Sketch::of(gaps.then_some(0.0))).estimate()
}

/// What [`count_dense`] and [`count_sparse`] need for `n` values: a sketch for each chunk.
pub fn count_scratch(n: usize) -> Scratch {
    Scratch::vector::<u64>(2 * SIZE) * n.div_ceil(CHUNK).max(1)
}

/// What [`count_rows`] needs for a `rows x cols` matrix, and [`count_cols`] for one of `rows` columns: a sketch for each
/// line at work.
pub fn count_lines_scratch(rows: usize, cols: usize) -> Scratch {
    let sketch = Scratch::vector::<u64>(cols.saturating_mul(2).min(2 * SIZE));
    Scratch::vector::<f64>(rows).and(sketch * at_once(rows))
}

fn sketch(values: &[f64]) -> Sketch {
    let chunks: Vec<Sketch> =
        values.par_chunks(CHUNK).map(|chunk| Sketch::of(chunk.iter().copied())).collect();
    chunks.into_iter().reduce(Sketch::merged).unwrap_or_default()
}

/// The estimate for each row.
pub fn count_rows(x: &Dense) -> Dense {
    let counts: Vec<f64> =
        (0..x.rows()).into_par_iter().map(|i| Sketch::of(x.row(i).iter().copied()).estimate()).collect();
    Dense::from_cells(x.rows(), 1, &counts)
}

/// The estimate for each column.
pub fn count_cols(x: &Dense) -> Dense {
    let column = |j: usize| (0..x.rows()).map(move |i| x.get(i, j));
    let counts: Vec<f64> = (0..x.cols()).into_par_iter().map(|j| Sketch::of(column(j)).estimate()).collect();
    Dense::from_cells(1, x.cols(), &counts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::reference::sketch::estimate as naive_estimate;

    #[test]
    fn few_values_are_counted_exactly() {
        let x = Dense::from_fn(100, 30, |i, j| ((i * 30 + j) % 701) as f64);
        assert_eq!(count_dense(&x), 701.0);
        assert_eq!(count_dense(&Dense::from_cells(1, 6, &[0.0, -0.0, f64::NAN, -f64::NAN, 1.0, 1.0])), 3.0);
        assert_eq!(count_dense(&Dense::zeros(0, 5)), 0.0);
        assert_eq!(count_sparse(&Csr::from_dense(&Dense::from_cells(2, 2, &[0.0, 2.0, 0.0, 2.0]))), 2.0);
        assert_eq!(count_dense(&Dense::from_fn(SIZE - 1, 2, |i, _| i as f64)), (SIZE - 1) as f64);
    }

    #[test]
    fn many_values_are_estimated_within_four_standard_errors() {
        for (rows, scale) in [(5_000, 1.0), (40_000, 0.1), (200_000, 1e-300)] {
            let x = Dense::from_fn(rows, 2, |i, _| i as f64 * scale + 1.0);
            let distinct = x.cells().iter().map(|x| x.to_bits()).collect::<BTreeSet<_>>().len() as f64;
            let relative = count_dense(&x) / distinct - 1.0;
            assert!(relative.abs() < 4.0 / (SIZE as f64).sqrt(), "{relative}");
            assert_eq!(count_dense(&x), naive_estimate(x.cells().iter().copied()));
            assert_eq!(count_cols(&x).get(0, 1), naive_estimate((0..rows).map(|i| x.get(i, 1))));
        }
    }

    #[test]
    fn a_row_is_counted_like_all_of_it() {
        let x = Dense::from_fn(3, 9_000, |i, j| (j / (i + 1)) as f64);
        let counts = count_rows(&x);
        assert_eq!(counts.get(2, 0), 3_000.0);
        assert_eq!(counts.get(0, 0), naive_estimate(x.row(0).iter().copied()));
    }
}
