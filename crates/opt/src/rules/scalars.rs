//! Casts between scalars and matrices of one cell.

use super::{Rule, rule};

/// A cell as a matrix as a scalar is the cell.
pub const RULES: &[Rule] = &[
    rule!("scalar-of-matrix-of-scalar", "as.scalar(as.matrix(s)) => as.double(s)", Exact, number(s)),
    rule!("matrix-of-scalar-of-matrix", "as.matrix(as.scalar(X)) => X", Exact, one_cell(X)),
    rule!("matrix-of-matrix", "as.matrix(X) => X", Exact),
    rule!("sum-of-cell", "sum(X) => as.scalar(X)", Exact, one_cell(X)),
    rule!("mean-of-cell", "mean(X) => as.scalar(X)", Exact, one_cell(X)),
    rule!("min-of-cell", "min(X) => as.scalar(X)", Exact, one_cell(X)),
    rule!("max-of-cell", "max(X) => as.scalar(X)", Exact, one_cell(X)),
    rule!("product-of-cell", "prod(X) => as.scalar(X)", Exact, one_cell(X)),
    rule!("trace-of-cell", "trace(X) => as.scalar(X)", Exact, one_cell(X)),
    rule!("times-cell", "X %*% Y => X * as.scalar(Y)", Exact, one_cell(Y), single_column(X), cheaper()),
    rule!("cell-times", "Y %*% X => X * as.scalar(Y)", Exact, one_cell(Y), single_row(X), cheaper()),
    rule!("transpose-of-cell", "t(X) => X", Exact, one_cell(X)),
];
