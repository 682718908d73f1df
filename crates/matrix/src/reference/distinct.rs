//! The naive definitions of [`crate::distinct`]: every value is compared with all that were seen before.

use crate::dense::Dense;

/// The number of different values.
pub fn count(x: &Dense) -> usize {
    seen(x.cells()).len()
}

/// The number of different values of each row.
pub fn count_rows(x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), 1, |i, _| seen(x.row(i)).len() as f64)
}

/// The number of different values of each column.
pub fn count_cols(x: &Dense) -> Dense {
    Dense::from_fn(1, x.cols(), |_, j| seen(&column(x, j)).len() as f64)
}

/// The different values.
pub fn unique(x: &Dense) -> Dense {
    let values = seen(x.cells());
    Dense::from_cells(values.len(), 1, &values)
}

/// The different values of each row, filled up with zeros.
pub fn unique_rows(x: &Dense) -> Dense {
    let mut width = 0;
    for i in 0..x.rows() {
        width = width.max(seen(x.row(i)).len());
    }
    let mut out = Dense::zeros(x.rows(), width);
    for i in 0..x.rows() {
        for (k, value) in seen(x.row(i)).into_iter().enumerate() {
            out.set(i, k, value);
        }
    }
    out
}

/// The different values of each column, filled up with zeros.
pub fn unique_cols(x: &Dense) -> Dense {
    let mut height = 0;
    for j in 0..x.cols() {
        height = height.max(seen(&column(x, j)).len());
    }
    let mut out = Dense::zeros(height, x.cols());
    for j in 0..x.cols() {
        for (k, value) in seen(&column(x, j)).into_iter().enumerate() {
            out.set(k, j, value);
        }
    }
    out
}

fn column(x: &Dense, j: usize) -> Vec<f64> {
    (0..x.rows()).map(|i| x.get(i, j)).collect()
}

fn seen(values: &[f64]) -> Vec<f64> {
    let mut seen: Vec<f64> = Vec::new();
    for &value in values {
        if !seen.iter().any(|&other| other == value || (other.is_nan() && value.is_nan())) {
            seen.push(value);
        }
    }
    seen
}
