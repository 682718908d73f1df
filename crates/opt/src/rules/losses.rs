//! Squared losses of a sparse matrix and a product that is never built.

use super::{Rule, rule};

/// With `P = A B`: `Σ (X - P)² = Σ X² - 2 Σ (X Bᵀ) ∘ A + Σ (Aᵀ A) ∘ (B Bᵀ)`, as `Σ X ∘ P = Σ (X Bᵀ) ∘ A` and
/// `Σ P² = tr(Bᵀ Aᵀ A B)`. For a column `u` and a row `vᵀ` these are `Σ X² - 2 uᵀ X v + |u|² |v|²`.
/// (Wang et al., SPORES, VLDB 2020.)
pub const RULES: &[Rule] = &[
    rule!(
        "squared-loss",
        "sum((X - A %*% B) ^ 2) => sum(X ^ 2) - 2 * sum((X %*% t(B)) * A) + sum((t(A) %*% A) * (B %*% t(B)))",
        IgnoresNan,
        sparse(X),
        product_of_shape(A, B, X),
        cheaper()
    ),
    rule!(
        "squared-loss-of-product",
        "sum((A %*% B - X) ^ 2) => sum(X ^ 2) - 2 * sum((X %*% t(B)) * A) + sum((t(A) %*% A) * (B %*% t(B)))",
        IgnoresNan,
        sparse(X),
        product_of_shape(A, B, X),
        cheaper()
    ),
    rule!("residual-times", "(X - A %*% B) %*% C => X %*% C - A %*% (B %*% C)", IgnoresNan, cheaper()),
    rule!(
        "product-residual-times",
        "(A %*% B - X) %*% C => A %*% (B %*% C) - X %*% C",
        IgnoresNan,
        cheaper()
    ),
    rule!("times-residual", "C %*% (X - A %*% B) => C %*% X - (C %*% A) %*% B", IgnoresNan, cheaper()),
    rule!(
        "times-product-residual",
        "C %*% (A %*% B - X) => (C %*% A) %*% B - C %*% X",
        IgnoresNan,
        cheaper()
    ),
];
