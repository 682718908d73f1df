//! How many different values there are, and which.
//!
//! All NaN count as one value, and so do both zeros. Values come out in the order of their first occurrence. The
//! naive definitions are in [`crate::reference::distinct`].

use std::collections::HashSet;

use rayon::prelude::*;

use crate::csr::Csr;
use crate::dense::Dense;
use crate::order::{self, ranks};
use crate::scratch::{Scratch, at_once};

/// From this many values on, a parallel sort finds first occurrences sooner than a table of those seen.
const MANY_VALUES: usize = 1 << 16;

/// Values per task.
const CHUNK: usize = 1 << 16;

/// The number of different values of all cells.
pub fn count_dense(x: &Dense) -> usize {
    count(x.cells())
}

/// The number of different values of all cells; the cells that are not stored add a zero.
pub fn count_sparse(x: &Csr) -> usize {
    let mut values = Vec::with_capacity(x.nnz() + 1);
    values.extend_from_slice(x.val());
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

/// What [`count_dense`] needs for `n` cells: a sorted copy.
pub fn count_scratch(n: usize) -> Scratch {
    ranks::sorted_scratch(n)
}

/// What [`count_sparse`] needs for `stored` cells.
pub fn count_sparse_scratch(stored: usize) -> Scratch {
    let values = stored.saturating_add(1);
    Scratch::vector::<f64>(values).and(count_scratch(values))
}

/// What [`count_rows`] needs for rows of `cols` cells, and [`count_cols`] for columns of `cols` cells.
pub fn count_lines_scratch(cols: usize) -> Scratch {
    Scratch::vector::<f64>(cols).and(count_scratch(cols))
}

/// What [`unique`] needs for `n` cells, when most of them differ: their order, and the first ones of each value.
pub fn unique_scratch(n: usize) -> Scratch {
    if n < MANY_VALUES {
        return Scratch::vector::<[u64; 4]>(n.saturating_mul(2));
    }
    let positions = Scratch::vector::<usize>(n);
    let firsts = (Scratch::vector::<usize>(n) * 4).and(Scratch::vector::<f64>(n));
    positions.and(order::ascending_scratch(n).or(firsts))
}

/// What [`unique_rows`] needs for a `rows x cols` matrix, when most cells differ, and [`unique_cols`] for columns of `cols`
/// cells.
pub fn unique_lines_scratch(rows: usize, cols: usize) -> Scratch {
    let line = Scratch::vector::<f64>(cols.saturating_mul(2)).and(Scratch::vector::<Vec<f64>>(1));
    (line * rows).and(Scratch::vector::<f64>(cols)).and(unique_scratch(cols) * at_once(1))
}

fn column(x: &Dense, j: usize) -> Vec<f64> {
    (0..x.rows()).map(|i| x.get(i, j)).collect()
}

fn count(values: &[f64]) -> usize {
    let sorted = ranks::sorted(values);
    let begins = (1..sorted.len()).into_par_iter().with_min_len(CHUNK);
    let further = begins.filter(|&k| key(sorted[k]) != key(sorted[k - 1])).count();
    further + usize::from(!values.is_empty())
}

fn first_occurrences(values: &[f64]) -> Vec<f64> {
    if values.len() < MANY_VALUES {
        let mut seen = HashSet::new();
        return values.iter().copied().filter(|&value| seen.insert(key(value))).collect();
    }
    // Equal values keep their order, so the first of each run comes first.
    let positions = order::ascending(values);
    let is_first = |k: &usize| *k == 0 || key(values[positions[*k]]) != key(values[positions[k - 1]]);
    let mut firsts: Vec<usize> = (0..values.len())
        .into_par_iter()
        .with_min_len(CHUNK)
        .filter(is_first)
        .map(|k| positions[k])
        .collect();
    firsts.par_sort_unstable();
    firsts.into_iter().map(|k| values[k]).collect()
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

    #[test]
    fn many_values_on_several_threads() {
        let x = Dense::from_fn(100_003, 1, |i, _| match i * 7_919 % 40_009 {
            0 => f64::NAN,
            k @ 1..9 => 0.0 * (4.5 - k as f64),
            k => k as f64,
        });
        let mut seen = std::collections::BTreeSet::new();
        let expected: Vec<f64> = x.cells().iter().copied().filter(|&v| seen.insert(key(v))).collect();
        crate::testing::in_pools(|| {
            assert_eq!(count_dense(&x), 40_002);
            assert_same(&unique(&x), &Dense::from_cells(expected.len(), 1, &expected));
        });
    }

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
