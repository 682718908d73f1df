//! Cell-by-cell functions, one cell at a time: the oracle of `map.rs`, `broadcast.rs` and `sparse_map.rs`.

use crate::dense::Dense;

/// `f` of every cell.
pub fn unary(f: impl Fn(f64) -> f64, x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), x.cols(), |i, j| f(x.get(i, j)))
}

/// `f` of every pair of cells; an operand of one row or one column stretches.
pub fn binary(f: impl Fn(f64, f64) -> f64, a: &Dense, b: &Dense) -> Dense {
    let (rows, cols) = stretched(&[a, b]);
    Dense::from_fn(rows, cols, |i, j| f(at(a, i, j), at(b, i, j)))
}

/// `f` of every triple of cells; an operand of one row or one column stretches.
pub fn ternary(f: impl Fn(f64, f64, f64) -> f64, a: &Dense, b: &Dense, c: &Dense) -> Dense {
    let (rows, cols) = stretched(&[a, b, c]);
    Dense::from_fn(rows, cols, |i, j| f(at(a, i, j), at(b, i, j), at(c, i, j)))
}

/// The rows and columns of the operands that do not stretch.
fn stretched(operands: &[&Dense]) -> (usize, usize) {
    let rows = operands.iter().map(|x| x.rows()).find(|&rows| rows != 1).unwrap_or(1);
    let cols = operands.iter().map(|x| x.cols()).find(|&cols| cols != 1).unwrap_or(1);
    for x in operands {
        assert!(x.rows() == rows || x.rows() == 1, "{} rows against {rows}", x.rows());
        assert!(x.cols() == cols || x.cols() == 1, "{} columns against {cols}", x.cols());
    }
    (rows, cols)
}

fn at(x: &Dense, i: usize, j: usize) -> f64 {
    x.get(if x.rows() == 1 { 0 } else { i }, if x.cols() == 1 { 0 } else { j })
}
