//! Two or three element-wise operators that are one.

use super::{Rule, rule};

/// `[x > 0] - [x < 0] = sign x`, `x [x > 0] = max(x, 0)`, `x sign x = |x|`, `|x| |y| = |x y|`, `|x| = x` for `x ≥ 0`,
/// `1 / (1 + exp(-x)) = logistic x`.
pub const RULES: &[Rule] = &[
    rule!("sign-by-comparisons", "(X > 0) - (X < 0) => sign(X)", IgnoresNan),
    rule!("positive-part", "X * (X > 0) => max(X, 0)", IgnoresNan),
    rule!("negative-part", "X * (X < 0) => min(X, 0)", IgnoresNan),
    rule!("times-own-sign", "X * sign(X) => abs(X)", Exact),
    rule!("abs-of-not-negative", "abs(X) => X", Exact, not_negative(X)),
    rule!("square-of-abs", "abs(X) ^ 2 => X ^ 2", Exact),
    rule!("abs-times-abs", "abs(X) * abs(Y) => abs(X * Y)", Exact),
    rule!("logistic-function", "1 / (1 + exp(-X)) => logistic(X)", Rounding),
    rule!("logistic-function-of-negated", "1 / (1 + exp(X)) => logistic(-X)", Rounding),
    rule!("fill-zeros", "X + (X == 0) * s => replace(X, 0, s)", Exact, number(s)),
];
