//! Elements that change nothing or everything, and operators that undo or repeat each other.

use super::{Rule, rule};

/// `x·1 = x`, `x + 0 = x`, `x·0 = 0` (a zero absorbs in matrices), `max(x, x) = x`, `f(f(x)) = f(x)`.
pub const RULES: &[Rule] = &[
    rule!("times-one", "X * 1 => X", Exact),
    rule!("divide-by-one", "X / 1 => X", Exact),
    rule!("minus-zero", "X - 0 => X", Exact),
    rule!("plus-zero", "X + 0 => X", Exact),
    rule!("power-one", "X ^ 1 => X", Exact),
    rule!("power-zero", "X ^ 0 => matrix(1, rows=nrow(X), cols=ncol(X))", Exact),
    rule!("times-zero", "X * 0 => matrix(0, rows=nrow(X), cols=ncol(X))", Exact),
    rule!("minus-itself", "X - X => matrix(0, rows=nrow(X), cols=ncol(X))", IgnoresNan),
    rule!("times-itself", "X * X => X ^ 2", Exact),
    rule!("plus-itself", "X + X => X * 2", Exact),
    rule!("min-of-itself", "min(X, X) => X", Exact),
    rule!("max-of-itself", "max(X, X) => X", Exact),
    rule!("abs-of-abs", "abs(abs(X)) => abs(X)", Exact),
    rule!("floor-of-floor", "floor(floor(X)) => floor(X)", Exact),
    rule!("ceil-of-ceil", "ceil(ceil(X)) => ceil(X)", Exact),
    rule!("round-of-round", "round(round(X)) => round(X)", Exact),
    rule!("root-of-square", "sqrt(X ^ 2) => abs(X)", IgnoresNan),
];
