//! Diagonal matrices that are never built, and diagonals of what need not be built.

use super::{Rule, rule};

/// `diag(v) B` scales the rows of B, `A diag(v)` the columns of A; `diag(A B)ᵢ = Σⱼ aᵢⱼ bⱼᵢ`.
pub const RULES: &[Rule] = &[
    rule!("product-of-diagonals", "diag(V) %*% diag(W) => diag(V * W)", Rounding, column(V, W)),
    rule!("diagonal-times", "diag(V) %*% B => V * B", Rounding, column(V)),
    rule!("times-diagonal", "A %*% diag(V) => A * t(V)", Rounding, column(V)),
    rule!(
        "diagonal-of-product",
        "diag(A %*% B) => rowSums(A * t(B))",
        Rounding,
        square_product(A, B),
        cheaper()
    ),
    rule!(
        "scaled-transpose-times",
        "(t(A) * t(V)) %*% B => t(A * V) %*% B",
        Rounding,
        column_of(V, A),
        cheaper()
    ),
    rule!("diagonal-of-diagonal-matrix", "diag(diag(V)) => V", Exact, column(V)),
    rule!("diagonal-of-transpose", "diag(t(X)) => diag(X)", Exact, square(X), not_column(X)),
    rule!(
        "diagonal-of-sum",
        "diag(A + B) => diag(A) + diag(B)",
        Exact,
        same_shape(A, B),
        not_column(A),
        cheaper()
    ),
    rule!(
        "diagonal-of-cell-product",
        "diag(A * B) => diag(A) * diag(B)",
        Exact,
        same_shape(A, B),
        not_column(A),
        cheaper()
    ),
    rule!("transpose-of-diagonal-matrix", "t(diag(V)) => diag(V)", Exact, column(V)),
    rule!("scaled-diagonal-matrix", "diag(V) * s => diag(V * s)", Exact, column(V)),
    rule!("sum-of-diagonal-matrices", "diag(V) + diag(W) => diag(V + W)", Exact, column(V, W)),
    rule!("sum-of-diagonal", "sum(diag(X)) => trace(X)", Rounding, square(X), not_column(X)),
    rule!("sum-of-diagonal-matrix", "sum(diag(V)) => sum(V)", Rounding, column(V)),
    rule!("trace-of-diagonal-matrix", "trace(diag(V)) => sum(V)", Rounding, column(V)),
    rule!("determinant-of-diagonal-matrix", "det(diag(V)) => prod(V)", Rounding, column(V)),
    rule!("trace-of-product", "trace(A %*% B) => sum(A * t(B))", Rounding, square_product(A, B), cheaper()),
    rule!("trace-of-sum", "trace(A + B) => trace(A) + trace(B)", Rounding, same_shape(A, B), cheaper()),
    rule!(
        "trace-of-difference",
        "trace(A - B) => trace(A) - trace(B)",
        Rounding,
        same_shape(A, B),
        cheaper()
    ),
    rule!(
        "lower-triangle",
        "X * cumsum(diag(matrix(1, rows=n, cols=1))) => lower.tri(X, diag=TRUE, values=TRUE)",
        Exact,
        square(X),
        rows_are(X, n)
    ),
];
