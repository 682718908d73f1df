//! Deviations from the mean.

use super::{Rule, rule};

/// `Σᵢ (xᵢⱼ - x̄ⱼ) = 0`.
pub const RULES: &[Rule] = &[
    rule!(
        "column-means-of-centred",
        "colMeans(X - colMeans(X)) => matrix(0, rows=1, cols=ncol(X))",
        IgnoresNan,
        has_cells(X)
    ),
    rule!(
        "column-sums-of-centred",
        "colSums(X - colMeans(X)) => matrix(0, rows=1, cols=ncol(X))",
        IgnoresNan,
        has_cells(X)
    ),
    rule!(
        "row-means-of-centred",
        "rowMeans(X - rowMeans(X)) => matrix(0, rows=nrow(X), cols=1)",
        IgnoresNan,
        has_cells(X)
    ),
    rule!(
        "row-sums-of-centred",
        "rowSums(X - rowMeans(X)) => matrix(0, rows=nrow(X), cols=1)",
        IgnoresNan,
        has_cells(X)
    ),
];
