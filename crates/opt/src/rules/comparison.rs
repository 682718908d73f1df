//! Comparisons and truth values.

use super::{Rule, rule};

/// `¬(a = b)` is `a ≠ b`, `¬(a > b)` is `a ≤ b` but for NaN, a truth value is equal to 1 when it is true.
pub const RULES: &[Rule] = &[
    rule!("not-equal", "!(A == B) => A != B", Exact),
    rule!("not-unequal", "!(A != B) => A == B", Exact),
    rule!("not-greater", "!(A > B) => A <= B", IgnoresNan),
    rule!("not-less", "!(A < B) => A >= B", IgnoresNan),
    rule!("not-at-least", "!(A >= B) => A < B", IgnoresNan),
    rule!("not-at-most", "!(A <= B) => A > B", IgnoresNan),
    rule!("not-equal-to-number", "!(A == s) => A != s", Exact),
    rule!("not-unequal-to-number", "!(A != s) => A == s", Exact),
    rule!("not-greater-than-number", "!(A > s) => A <= s", IgnoresNan),
    rule!("not-less-than-number", "!(A < s) => A >= s", IgnoresNan),
    rule!("not-at-least-number", "!(A >= s) => A < s", IgnoresNan),
    rule!("not-at-most-number", "!(A <= s) => A > s", IgnoresNan),
    rule!("not-not", "!(!L) => L", Exact, truth(L)),
    rule!("truth-equals-one", "L == 1 => L", Exact, truth(L)),
    rule!("truth-differs-from-zero", "L != 0 => L", Exact, truth(L)),
    rule!("truth-equals-zero", "L == 0 => !L", Exact, truth(L)),
    rule!("truth-differs-from-one", "L != 1 => !L", Exact, truth(L)),
    rule!("and-itself", "L & L => L", Exact, truth(L)),
    rule!("or-itself", "L | L => L", Exact, truth(L)),
    rule!("and-not-itself", "a & !a => FALSE", Exact, number(a)),
    rule!("or-not-itself", "a | !a => TRUE", Exact, number(a)),
];
