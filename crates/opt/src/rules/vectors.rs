//! Vectors, for which an aggregate, a running aggregate or a cell-wise product is something simpler.

use super::{Rule, rule};

/// Of a row, the sums of the columns are the row; `Σ u v = uᵀ v`; `Σᵢ xᵢⱼ vᵢ = (vᵀ X)ⱼ`.
pub const RULES: &[Rule] = &[
    rule!("column-sums-of-row", "colSums(X) => X", Exact, single_row(X)),
    rule!("row-sums-of-column", "rowSums(X) => X", Exact, single_column(X)),
    rule!("column-sums-of-column", "colSums(X) => as.matrix(sum(X))", Rounding, column(X)),
    rule!("row-sums-of-row", "rowSums(X) => as.matrix(sum(X))", Rounding, row(X)),
    rule!("column-means-of-row", "colMeans(X) => X", Exact, single_row(X)),
    rule!("row-means-of-column", "rowMeans(X) => X", Exact, single_column(X)),
    rule!("column-means-of-column", "colMeans(X) => as.matrix(mean(X))", Rounding, column(X)),
    rule!("row-means-of-row", "rowMeans(X) => as.matrix(mean(X))", Rounding, row(X)),
    rule!("column-mins-of-row", "colMins(X) => X", Exact, single_row(X)),
    rule!("row-mins-of-column", "rowMins(X) => X", Exact, single_column(X)),
    rule!("column-mins-of-column", "colMins(X) => as.matrix(min(X))", Exact, column(X)),
    rule!("row-mins-of-row", "rowMins(X) => as.matrix(min(X))", Exact, row(X)),
    rule!("column-maxs-of-row", "colMaxs(X) => X", Exact, single_row(X)),
    rule!("row-maxs-of-column", "rowMaxs(X) => X", Exact, single_column(X)),
    rule!("column-maxs-of-column", "colMaxs(X) => as.matrix(max(X))", Exact, column(X)),
    rule!("row-maxs-of-row", "rowMaxs(X) => as.matrix(max(X))", Exact, row(X)),
    rule!("column-products-of-row", "colProds(X) => X", Exact, single_row(X)),
    rule!("row-products-of-column", "rowProds(X) => X", Exact, single_column(X)),
    rule!("column-products-of-column", "colProds(X) => as.matrix(prod(X))", Rounding, column(X)),
    rule!("row-products-of-row", "rowProds(X) => as.matrix(prod(X))", Rounding, row(X)),
    rule!("running-sum-of-row", "cumsum(X) => X", Exact, single_row(X)),
    rule!("running-product-of-row", "cumprod(X) => X", Exact, single_row(X)),
    rule!("running-minimum-of-row", "cummin(X) => X", Exact, single_row(X)),
    rule!("running-maximum-of-row", "cummax(X) => X", Exact, single_row(X)),
    rule!("running-sum-along-column", "rowcumsum(X) => X", Exact, single_column(X)),
    rule!("reverse-of-row", "rev(X) => X", Exact, single_row(X)),
    rule!("sum-of-squares-of-column", "sum(V ^ 2) => as.scalar(t(V) %*% V)", Rounding, column(V)),
    rule!("sum-of-squares-of-row", "sum(V ^ 2) => as.scalar(V %*% t(V))", Rounding, row(V)),
    rule!("dot-of-columns", "sum(U * V) => as.scalar(t(U) %*% V)", Rounding, column(U, V), same_shape(U, V)),
    rule!("dot-of-rows", "sum(U * V) => as.scalar(U %*% t(V))", Rounding, row(U, V), same_shape(U, V)),
    rule!("weighted-column-sums", "colSums(X * V) => t(V) %*% X", Rounding, column_of(V, X), not_column(X)),
    rule!("weighted-row-sums", "rowSums(X * V) => X %*% t(V)", Rounding, row_of(V, X), not_row(X)),
];
