//! Estimates of the number of different values from the ordered set of all their hashes.

use std::collections::BTreeSet;

use crate::dense::Dense;
use crate::sketch::{self, SIZE, hash};

/// The estimate for some values.
pub fn estimate(values: impl IntoIterator<Item = f64>) -> f64 {
    let all: BTreeSet<u64> = values.into_iter().map(hash).collect();
    sketch::estimate(&all.into_iter().take(SIZE).collect::<Vec<_>>())
}

/// The estimate for all cells.
pub fn count(x: &Dense) -> f64 {
    estimate(x.cells().iter().copied())
}

/// The estimate for each row.
pub fn count_rows(x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), 1, |i, _| estimate(x.row(i).iter().copied()))
}

/// The estimate for each column.
pub fn count_cols(x: &Dense) -> Dense {
    Dense::from_fn(1, x.cols(), |_, j| estimate((0..x.rows()).map(|i| x.get(i, j))))
}
