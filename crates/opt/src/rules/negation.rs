//! Signs that vanish, join another operator or move to where fewer cells are.

use super::{Rule, rule};

/// `-(-x) = x`, `-(a - b) = b - a`, `a + (-b) = a - b`, `(-x)² = x²`, `(-A) B = -(A B)`.
pub const RULES: &[Rule] = &[
    rule!("negate-negate", "-(-X) => X", Exact),
    rule!("negate-difference", "-(A - B) => B - A", Exact),
    rule!("times-minus-one", "X * -1 => -X", Exact),
    rule!("divide-by-minus-one", "X / -1 => -X", Exact),
    rule!("zero-minus", "0 - X => -X", Exact),
    rule!("plus-negated", "A + -B => A - B", Exact),
    rule!("minus-negated", "A - -B => A + B", Exact),
    rule!("negated-times-negated", "-A * -B => A * B", Exact),
    rule!("square-of-negated", "(-X) ^ 2 => X ^ 2", Exact),
    rule!("abs-of-negated", "abs(-X) => abs(X)", Exact),
    rule!("negated-times-scalar", "-X * s => X * -s", Exact, number(s)),
    rule!("negate-scaled", "-(X * s) => X * -s", Exact, number(s)),
    rule!("negated-divided", "-X / s => X / -s", Exact, number(s)),
    rule!("product-of-negated", "-A %*% B => -(A %*% B)", Exact, cheaper()),
    rule!("product-with-negated", "A %*% -B => -(A %*% B)", Exact, cheaper()),
    rule!("sum-of-negated", "sum(-X) => -sum(X)", Exact),
    rule!("mean-of-negated", "mean(-X) => -mean(X)", Exact),
    rule!("row-sums-of-negated", "rowSums(-X) => -rowSums(X)", Exact, cheaper()),
    rule!("column-sums-of-negated", "colSums(-X) => -colSums(X)", Exact, cheaper()),
    rule!("trace-of-negated", "trace(-X) => -trace(X)", Exact),
    rule!("min-of-negated", "min(-X) => -max(X)", Exact),
    rule!("max-of-negated", "max(-X) => -min(X)", Exact),
];
