//! How many different values there are, and which.
//!
//! All NaN count as one value, and so do both zeros. Values come out in the order of their first occurrence. The
//! naive definitions are in [`crate::reference::distinct`].

use std::collections::HashSet;

use rayon::prelude::*;

use crate::csr::Csr;
use crate::dense::Dense;

/// From this many values on, the sort is parallel.
const PARALLEL_VALUES: usize = 1 << 15;

/// The number of different values of all cells.
pub fn count_dense(x: &Dense) -> usize {
    count(x.cells())
}

/// The number of different values of all cells; the cells that are not stored add a zero.
pub fn count_sparse(x: &Csr) -> usize {
    let mut values = x.val().to_vec();
    if values.len() < x.rows() * x.cols() {
        values.push(0.0);
    }
    count(&values)
}

/// The number of different values of each row.
pub fn count_rows(x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), 1, |i, _| count(x.row(i)) as f64)
}

/// The number of different values of each column.
pub fn count_cols(x: &Dense) -> Dense {
    Dense::from_fn(1, x.cols(), |_, j| count(&column(x, j)) as f64)
}

/// The different values of all cells, row by row: a column.
pub fn unique(x: &Dense) -> Dense {
    let values = first_occurrences(x.cells());
    Dense::from_cells(values.len(), 1, &values)
}

/// The different values of each row, to the left, with zeros behind them; as wide as the longest row of them.
pub fn unique_rows(x: &Dense) -> Dense {
    let lines: Vec<Vec<f64>> = (0..x.rows()).map(|i| first_occurrences(x.row(i))).collect();
    let longest = lines.iter().map(Vec::len).max().unwrap_or(0);
    Dense::from_fn(x.rows(), longest, |i, k| lines[i].get(k).copied().unwrap_or(0.0))
}

/// The different values of each column, at the top, with zeros below them; as high as the longest column of them.
pub fn unique_cols(x: &Dense) -> Dense {
    let lines: Vec<Vec<f64>> = (0..x.cols()).map(|j| first_occurrences(&column(x, j))).collect();
    let longest = lines.iter().map(Vec::len).max().unwrap_or(0);
    Dense::from_fn(longest, x.cols(), |k, j| lines[j].get(k).copied().unwrap_or(0.0))
}

fn column(x: &Dense, j: usize) -> Vec<f64> {
    (0..x.rows()).map(|i| x.get(i, j)).collect()
}

fn count(values: &[f64]) -> usize {
    let mut keys: Vec<u64> = values.iter().map(|&value| key(value)).collect();
    if keys.len() < PARALLEL_VALUES {
        keys.sort_unstable();
    } else {
        keys.par_sort_unstable();
    }
    keys.dedup();
    keys.len()
}

fn first_occurrences(values: &[f64]) -> Vec<f64> {
    let mut seen = HashSet::new();
    values.iter().copied().filter(|&value| seen.insert(key(value))).collect()
}

/// Equal for equal values, for both zeros and for any two NaN.
fn key(value: f64) -> u64 {
    match value {
        0.0 => 0,
        nan if nan.is_nan() => f64::NAN.to_bits(),
        other => other.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference::distinct as naive;
    use crate::testing::{any_dense, assert_same};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agree_with_the_definitions(x in any_dense()) {
            prop_assert_eq!(count_dense(&x), naive::count(&x));
            prop_assert_eq!(count_sparse(&Csr::from_dense(&x)), naive::count(&x));
            assert_same(&count_rows(&x), &naive::count_rows(&x));
            assert_same(&count_cols(&x), &naive::count_cols(&x));
            assert_same(&unique(&x), &naive::unique(&x));
            assert_same(&unique_rows(&x), &naive::unique_rows(&x));
            assert_same(&unique_cols(&x), &naive::unique_cols(&x));
        }
    }
}
