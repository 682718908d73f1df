//! Aggregates and cumulative functions as simple loops over lists of cells: the oracle of `aggregate.rs`,
//! `sparse_aggregate.rs` and `cumulative.rs`.

use crate::dense::Dense;

/// `f` of all cells.
pub fn full(f: impl Fn(&[f64]) -> f64, x: &Dense) -> f64 {
    f(x.cells())
}

/// `f` of every row (rows x 1).
pub fn rows(f: impl Fn(&[f64]) -> f64, x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), 1, |i, _| f(x.row(i)))
}

/// `f` of every column (1 x columns).
pub fn cols(f: impl Fn(&[f64]) -> f64, x: &Dense) -> Dense {
    Dense::from_fn(1, x.cols(), |_, j| {
        let column: Vec<f64> = (0..x.rows()).map(|i| x.get(i, j)).collect();
        f(&column)
    })
}

/// The sum, with the rounding errors summed apart (Neumaier 1974).
pub fn sum(cells: &[f64]) -> f64 {
    let (mut sum, mut low) = (0.0_f64, 0.0);
    for &x in cells {
        let next = sum + x;
        low += if sum.abs() >= x.abs() { (sum - next) + x } else { (x - next) + sum };
        sum = next;
    }
    if low.is_finite() { sum + low } else { sum }
}

/// The sum of the squares.
pub fn sum_of_squares(cells: &[f64]) -> f64 {
    let squares: Vec<f64> = cells.iter().map(|x| x * x).collect();
    sum(&squares)
}

/// The product, without overflow on the way: mantissas and exponents apart.
pub fn product(cells: &[f64]) -> f64 {
    let (mut mantissa, mut exponent) = (1.0_f64, 0_i64);
    for &x in cells {
        mantissa *= x;
        while mantissa.is_finite() && mantissa.abs() >= 2.0 {
            (mantissa, exponent) = (mantissa / 2.0, exponent + 1);
        }
        while mantissa != 0.0 && mantissa.abs() < 1.0 {
            (mantissa, exponent) = (mantissa * 2.0, exponent - 1);
        }
    }
    let factor = if exponent > 0 { 2.0 } else { 0.5 };
    (0..exponent.abs().min(4000)).fold(mantissa, |product, _| product * factor)
}

/// The smallest cell, infinity of none, NaN when there is a NaN.
pub fn min(cells: &[f64]) -> f64 {
    cells.iter().fold(f64::INFINITY, |m, &x| if m.is_nan() || x.is_nan() { f64::NAN } else { m.min(x) })
}

/// The largest cell, minus infinity of none, NaN when there is a NaN.
pub fn max(cells: &[f64]) -> f64 {
    cells.iter().fold(f64::NEG_INFINITY, |m, &x| if m.is_nan() || x.is_nan() { f64::NAN } else { m.max(x) })
}

/// The arithmetic mean, NaN of none.
pub fn mean(cells: &[f64]) -> f64 {
    sum(cells) / cells.len() as f64
}

/// The sample variance (divisor n - 1) in two passes, 0 of one cell, NaN of none.
pub fn variance(cells: &[f64]) -> f64 {
    if cells.is_empty() {
        return f64::NAN;
    }
    let mean = mean(cells);
    let squares: Vec<f64> = cells.iter().map(|x| (x - mean) * (x - mean)).collect();
    sum(&squares) / (cells.len() - 1).max(1) as f64
}

/// The square root of the sample variance.
pub fn standard_deviation(cells: &[f64]) -> f64 {
    variance(cells).sqrt()
}

/// The number of cells that are not zero (NaN counts).
pub fn count_nonzero(cells: &[f64]) -> f64 {
    cells.iter().filter(|&&x| x != 0.0).count() as f64
}

/// The 1-based column of the largest cell that is not NaN, the last one of equals; 1 if all are NaN, 0 if none.
pub fn index_max(cells: &[f64]) -> f64 {
    let mut best: Option<usize> = None;
    for (j, x) in cells.iter().enumerate().filter(|(_, x)| !x.is_nan()) {
        if best.is_none_or(|best| *x >= cells[best]) {
            best = Some(j);
        }
    }
    best.map_or(if cells.is_empty() { 0.0 } else { 1.0 }, |best| (best + 1) as f64)
}

/// The 1-based column of the smallest cell, by the rules of [`index_max`].
pub fn index_min(cells: &[f64]) -> f64 {
    let negated: Vec<f64> = cells.iter().map(|x| -x).collect();
    index_max(&negated)
}

/// The sum of the diagonal.
pub fn trace(x: &Dense) -> f64 {
    let diagonal: Vec<f64> = (0..x.rows()).map(|i| x.get(i, i)).collect();
    sum(&diagonal)
}

/// `Y[i,j] = step(Y[i-1,j], X[i,j])` down each column, the first row as it is.
pub fn cumulate(step: impl Fn(f64, f64) -> f64, x: &Dense) -> Dense {
    let mut y = x.clone();
    for i in 1..x.rows() {
        for j in 0..x.cols() {
            y.set(i, j, step(y.get(i - 1, j), x.get(i, j)));
        }
    }
    y
}

/// `Y[i,j] = step(Y[i,j-1], X[i,j])` along each row, the first column as it is.
pub fn cumulate_rows(step: impl Fn(f64, f64) -> f64, x: &Dense) -> Dense {
    let mut y = x.clone();
    for i in 0..x.rows() {
        for j in 1..x.cols() {
            y.set(i, j, step(y.get(i, j - 1), x.get(i, j)));
        }
    }
    y
}

/// `y[i] = X[i,1] + X[i,2] * y[i-1]` with 0 before the first row; `x` is rows x 2, the result rows x 1.
pub fn cumsumprod(x: &Dense) -> Dense {
    let mut last = 0.0;
    Dense::from_fn(x.rows(), 1, |i, _| {
        last = x.get(i, 0) + x.get(i, 1) * last;
        last
    })
}
