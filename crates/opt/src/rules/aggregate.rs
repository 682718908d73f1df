//! Aggregates of the same cells in another order, and aggregates of aggregates.

use super::{Rule, rule};

/// An aggregate over all cells asks neither for their order nor for the way there.
pub const RULES: &[Rule] = &[
    rule!("sum-of-row-sums", "sum(rowSums(X)) => sum(X)", Rounding),
    rule!("sum-of-column-sums", "sum(colSums(X)) => sum(X)", Rounding),
    rule!("mean-of-row-means", "mean(rowMeans(X)) => mean(X)", Rounding, has_cells(X)),
    rule!("mean-of-column-means", "mean(colMeans(X)) => mean(X)", Rounding, has_cells(X)),
    rule!("min-of-row-mins", "min(rowMins(X)) => min(X)", Exact),
    rule!("min-of-column-mins", "min(colMins(X)) => min(X)", Exact),
    rule!("max-of-row-maxs", "max(rowMaxs(X)) => max(X)", Exact),
    rule!("max-of-column-maxs", "max(colMaxs(X)) => max(X)", Exact),
    rule!("product-of-row-products", "prod(rowProds(X)) => prod(X)", Rounding),
    rule!("product-of-column-products", "prod(colProds(X)) => prod(X)", Rounding),
    rule!("sum-of-transpose", "sum(t(X)) => sum(X)", Rounding),
    rule!("sum-of-reverse", "sum(rev(X)) => sum(X)", Rounding),
    rule!(
        "sum-of-reshaped",
        "sum(matrix(X, rows=r, cols=c, byrow=b)) => sum(X)",
        Rounding,
        positive(r, c),
        has_cells(X)
    ),
    rule!("mean-of-transpose", "mean(t(X)) => mean(X)", Rounding),
    rule!("mean-of-reverse", "mean(rev(X)) => mean(X)", Rounding),
    rule!(
        "mean-of-reshaped",
        "mean(matrix(X, rows=r, cols=c, byrow=b)) => mean(X)",
        Rounding,
        positive(r, c),
        has_cells(X)
    ),
    rule!("min-of-transpose", "min(t(X)) => min(X)", Exact),
    rule!("min-of-reverse", "min(rev(X)) => min(X)", Exact),
    rule!(
        "min-of-reshaped",
        "min(matrix(X, rows=r, cols=c, byrow=b)) => min(X)",
        Exact,
        positive(r, c),
        has_cells(X)
    ),
    rule!("max-of-transpose", "max(t(X)) => max(X)", Exact),
    rule!("max-of-reverse", "max(rev(X)) => max(X)", Exact),
    rule!(
        "max-of-reshaped",
        "max(matrix(X, rows=r, cols=c, byrow=b)) => max(X)",
        Exact,
        positive(r, c),
        has_cells(X)
    ),
    rule!("product-of-transpose", "prod(t(X)) => prod(X)", Rounding),
    rule!("product-of-reverse", "prod(rev(X)) => prod(X)", Rounding),
    rule!(
        "product-of-reshaped",
        "prod(matrix(X, rows=r, cols=c, byrow=b)) => prod(X)",
        Rounding,
        positive(r, c),
        has_cells(X)
    ),
    rule!("variance-of-transpose", "var(t(X)) => var(X)", Rounding),
    rule!("variance-of-reverse", "var(rev(X)) => var(X)", Rounding),
    rule!(
        "variance-of-reshaped",
        "var(matrix(X, rows=r, cols=c, byrow=b)) => var(X)",
        Rounding,
        positive(r, c),
        has_cells(X)
    ),
    rule!("deviation-of-transpose", "sd(t(X)) => sd(X)", Rounding),
    rule!("deviation-of-reverse", "sd(rev(X)) => sd(X)", Rounding),
    rule!(
        "deviation-of-reshaped",
        "sd(matrix(X, rows=r, cols=c, byrow=b)) => sd(X)",
        Rounding,
        positive(r, c),
        has_cells(X)
    ),
    rule!("column-sums-of-transpose", "colSums(t(X)) => t(rowSums(X))", Rounding),
    rule!("row-sums-of-transpose", "rowSums(t(X)) => t(colSums(X))", Rounding),
    rule!("column-sums-of-reverse", "colSums(rev(X)) => colSums(X)", Rounding),
    rule!("column-means-of-transpose", "colMeans(t(X)) => t(rowMeans(X))", Rounding),
    rule!("row-means-of-transpose", "rowMeans(t(X)) => t(colMeans(X))", Rounding),
    rule!("column-means-of-reverse", "colMeans(rev(X)) => colMeans(X)", Rounding),
    rule!("column-mins-of-transpose", "colMins(t(X)) => t(rowMins(X))", Exact),
    rule!("row-mins-of-transpose", "rowMins(t(X)) => t(colMins(X))", Exact),
    rule!("column-mins-of-reverse", "colMins(rev(X)) => colMins(X)", Exact),
    rule!("column-maxs-of-transpose", "colMaxs(t(X)) => t(rowMaxs(X))", Exact),
    rule!("row-maxs-of-transpose", "rowMaxs(t(X)) => t(colMaxs(X))", Exact),
    rule!("column-maxs-of-reverse", "colMaxs(rev(X)) => colMaxs(X)", Exact),
    rule!("column-products-of-transpose", "colProds(t(X)) => t(rowProds(X))", Rounding),
    rule!("row-products-of-transpose", "rowProds(t(X)) => t(colProds(X))", Rounding),
    rule!("column-products-of-reverse", "colProds(rev(X)) => colProds(X)", Rounding),
    rule!("column-variances-of-transpose", "colVars(t(X)) => t(rowVars(X))", Rounding),
    rule!("row-variances-of-transpose", "rowVars(t(X)) => t(colVars(X))", Rounding),
    rule!("column-variances-of-reverse", "colVars(rev(X)) => colVars(X)", Rounding),
    rule!("column-deviations-of-transpose", "colSds(t(X)) => t(rowSds(X))", Rounding),
    rule!("row-deviations-of-transpose", "rowSds(t(X)) => t(colSds(X))", Rounding),
    rule!("column-deviations-of-reverse", "colSds(rev(X)) => colSds(X)", Rounding),
    rule!("trace-of-transpose", "trace(t(X)) => trace(X)", Exact),
    rule!("determinant-of-transpose", "det(t(X)) => det(X)", IgnoresNan),
    rule!("determinant-of-product", "det(A %*% B) => det(A) * det(B)", IgnoresNan, square(A, B)),
    rule!("sum-of-sum", "sum(A + B) => sum(A) + sum(B)", IgnoresNan, same_shape(A, B), cheaper()),
    rule!("sum-of-difference", "sum(A - B) => sum(A) - sum(B)", IgnoresNan, same_shape(A, B), cheaper()),
    rule!("sum-of-side-by-side", "sum(cbind(A, B)) => sum(A) + sum(B)", Rounding, cheaper()),
    rule!("sum-of-stacked", "sum(rbind(A, B)) => sum(A) + sum(B)", Rounding, cheaper()),
    rule!("row-sums-of-side-by-side", "rowSums(cbind(A, B)) => rowSums(A) + rowSums(B)", Rounding, cheaper()),
    rule!("column-sums-of-stacked", "colSums(rbind(A, B)) => colSums(A) + colSums(B)", Rounding, cheaper()),
    rule!(
        "column-sums-of-side-by-side",
        "colSums(cbind(A, B)) => cbind(colSums(A), colSums(B))",
        Exact,
        cheaper()
    ),
    rule!("row-sums-of-stacked", "rowSums(rbind(A, B)) => rbind(rowSums(A), rowSums(B))", Exact, cheaper()),
    rule!("sum-without-empty", "sum(removeEmpty(target=X, margin=m, empty.return=e)) => sum(X)", Rounding),
    rule!(
        "row-sums-without-empty",
        "rowSums(removeEmpty(target=X, margin=\"cols\", empty.return=e)) => rowSums(X)",
        Rounding
    ),
    rule!(
        "column-sums-without-empty",
        "colSums(removeEmpty(target=X, margin=\"rows\", empty.return=e)) => colSums(X)",
        Rounding
    ),
    rule!(
        "column-sums-of-running-sum",
        "colSums(cumsum(X)) => t(seq(nrow(X), 1)) %*% X",
        IgnoresNan,
        has_cells(X),
        cheaper()
    ),
];
