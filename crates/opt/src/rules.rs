//! The rewrite rules: sentences of DML, `before => after`. Capitals are matrices, small letters scalars.
//!
//! A rule states its numeric class: `exact` (the same values), `rounding` (another order of the same terms) or
//! `ignores-nan` (equal for finite values; NaN and infinities may show or vanish). `--no-rewrite NAME` switches one
//! off. Both sides of every rule are checked on random matrices by a test.

use crate::guards::{self, Guard};

/// What may differ between the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing.
    Exact,
    /// The last digits.
    Rounding,
    /// The last digits, and what NaN and infinities do.
    IgnoresNan,
}

impl Class {
    /// The word in documents.
    pub fn word(self) -> &'static str {
        match self {
            Class::Exact => "exact",
            Class::Rounding => "rounding",
            Class::IgnoresNan => "ignores-nan",
        }
    }
}

/// A rule.
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// `before => after`
    pub text: &'static str,
    /// What may differ.
    pub class: Class,
    /// What must hold.
    pub guards: &'static [Guard],
}

macro_rules! rule {
    ($name:literal, $text:literal, $class:ident $(, $guard:ident($($on:ident),+))*) => {
        Rule {
            name: $name,
            text: $text,
            class: Class::$class,
            guards: &[$(Guard { name: stringify!($guard), holds: guards::$guard, on: &[$(stringify!($on)),+] }),*],
        }
    };
}

/// All rules; of several that match, the first wins.
pub static RULES: &[Rule] = &[
    // Operators that undo each other, and neutral elements.
    rule!("transpose-transpose", "t(t(X)) => X", Exact),
    rule!("cell-of-transpose", "t(X)[i, j] => X[j, i]", Exact),
    rule!("row-of-transpose", "t(X)[i, ] => t(X[, i])", Exact),
    rule!("column-of-transpose", "t(X)[, j] => t(X[j, ])", Exact),
    rule!("reverse-reverse", "rev(rev(X)) => X", Exact),
    rule!("negate-negate", "-(-X) => X", Exact),
    rule!("times-one", "X * 1 => X", Exact),
    rule!("divide-by-one", "X / 1 => X", Exact),
    rule!("minus-zero", "X - 0 => X", Exact),
    rule!("plus-zero", "X + 0 => X", Exact),
    rule!("power-one", "X ^ 1 => X", Exact),
    rule!("negate-difference", "-(A - B) => B - A", Exact),
    rule!("not-equal", "!(A == B) => A != B", Exact),
    rule!("not-unequal", "!(A != B) => A == B", Exact),
    rule!("not-greater", "!(A > B) => A <= B", IgnoresNan),
    rule!("not-less", "!(A < B) => A >= B", IgnoresNan),
    rule!("choose-same", "ifelse(C, A, A) => A", Exact, same_shape(A, C)),
    // One pass instead of two.
    rule!("times-itself", "X * X => X ^ 2", Exact),
    rule!("plus-itself", "X + X => X * 2", Exact),
    rule!("product-of-negated", "(-A) %*% B => -(A %*% B)", Exact),
    // Aggregates of aggregates and of other orders of the same cells.
    rule!("sum-of-row-sums", "sum(rowSums(X)) => sum(X)", Rounding),
    rule!("sum-of-column-sums", "sum(colSums(X)) => sum(X)", Rounding),
    rule!("min-of-row-mins", "min(rowMins(X)) => min(X)", Exact),
    rule!("min-of-column-mins", "min(colMins(X)) => min(X)", Exact),
    rule!("max-of-row-maxs", "max(rowMaxs(X)) => max(X)", Exact),
    rule!("max-of-column-maxs", "max(colMaxs(X)) => max(X)", Exact),
    rule!("sum-of-transpose", "sum(t(X)) => sum(X)", Rounding),
    rule!("mean-of-transpose", "mean(t(X)) => mean(X)", Rounding),
    rule!("min-of-transpose", "min(t(X)) => min(X)", Exact),
    rule!("max-of-transpose", "max(t(X)) => max(X)", Exact),
    rule!("sum-of-reverse", "sum(rev(X)) => sum(X)", Rounding),
    rule!("trace-of-transpose", "trace(t(X)) => trace(X)", Exact),
    rule!("column-sums-of-transpose", "colSums(t(X)) => t(rowSums(X))", Rounding),
    rule!("row-sums-of-transpose", "rowSums(t(X)) => t(colSums(X))", Rounding),
    rule!("column-sums-of-row", "colSums(X) => X", Exact, row(X)),
    rule!("row-sums-of-column", "rowSums(X) => X", Exact, column(X)),
    rule!("column-means-of-row", "colMeans(X) => X", Exact, row(X)),
    rule!("row-means-of-column", "rowMeans(X) => X", Exact, column(X)),
    rule!("column-sums-of-column", "colSums(X) => as.matrix(sum(X))", Rounding, column(X)),
    rule!("row-sums-of-row", "rowSums(X) => as.matrix(sum(X))", Rounding, row(X)),
    rule!("running-sum-of-row", "cumsum(X) => X", Exact, row(X)),
    rule!("sum-of-scaled", "sum(s * X) => s * sum(X)", IgnoresNan),
    // Products: less work, smaller intermediates.
    rule!("trace-of-product", "trace(A %*% B) => sum(A * t(B))", Rounding, square_product(A, B)),
    rule!("sum-of-product", "sum(A %*% B) => sum(t(colSums(A)) * rowSums(B))", IgnoresNan, not_dot(A, B)),
    rule!("column-sums-of-product", "colSums(A %*% B) => colSums(A) %*% B", IgnoresNan, not_row(A)),
    rule!("row-sums-of-product", "rowSums(A %*% B) => A %*% rowSums(B)", IgnoresNan, not_column(B)),
    rule!("cell-of-product", "(A %*% B)[i, j] => A[i, ] %*% B[, j]", Rounding),
    rule!("row-of-product", "(A %*% B)[i, ] => A[i, ] %*% B", Rounding),
    rule!("column-of-product", "(A %*% B)[, j] => A %*% B[, j]", Rounding),
    rule!("diagonal-times", "diag(V) %*% B => V * B", Rounding, column(V)),
    rule!("times-diagonal", "A %*% diag(V) => A * t(V)", Rounding, column(V)),
    rule!("diagonal-of-product", "diag(A %*% B) => rowSums(A * t(B))", Rounding, square_product(A, B)),
    rule!("sum-of-diagonal", "sum(diag(X)) => trace(X)", Rounding, square(X), not_column(X)),
    rule!("sum-of-diagonal-matrix", "sum(diag(V)) => sum(V)", Rounding, column(V)),
    rule!("common-left-factor", "A %*% B + A %*% C => A %*% (B + C)", IgnoresNan, same_shape(B, C)),
    rule!("common-right-factor", "A %*% C + B %*% C => (A + B) %*% C", IgnoresNan, same_shape(A, B)),
    rule!("transpose-of-transposed-product", "t(t(A) %*% B) => t(B) %*% A", Rounding),
    rule!("transpose-of-product-transposed", "t(A %*% t(B)) => B %*% t(A)", Rounding),
    rule!("inverse-times", "inv(A) %*% B => solve(A, B)", IgnoresNan),
];
