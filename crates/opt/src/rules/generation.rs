//! Matrices that are made from numbers: constants, sequences, permutations.

use super::{Rule, rule};

/// `cᵀ = c` in another shape, `Σ c = c r k`, `n … 1` is `1 … n` reversed, a table by row is
/// one-hot. Values that are drawn at random are never
/// changed: a seeded script keeps its numbers.
pub const RULES: &[Rule] = &[
    rule!(
        "transpose-of-constant",
        "t(matrix(c, rows=r, cols=k)) => matrix(c, rows=k, cols=r)",
        Exact,
        number(c)
    ),
    rule!(
        "reverse-of-constant",
        "rev(matrix(c, rows=r, cols=k)) => matrix(c, rows=r, cols=k)",
        Exact,
        number(c)
    ),
    rule!(
        "reshaped-constant",
        "matrix(matrix(c, rows=r, cols=k), rows=n, cols=m, byrow=b) => matrix(c, rows=n, cols=m)",
        Exact,
        number(c),
        positive(r, k, n, m)
    ),
    rule!("scalar-of-constant", "as.scalar(matrix(c, rows=1, cols=1)) => as.double(c)", Exact, number(c)),
    rule!(
        "sum-of-constant",
        "sum(matrix(c, rows=r, cols=k)) => as.double(c) * r * k",
        IgnoresNan,
        number(c),
        positive(r, k)
    ),
    rule!(
        "mean-of-constant",
        "mean(matrix(c, rows=r, cols=k)) => as.double(c)",
        Rounding,
        number(c),
        positive(r, k)
    ),
    rule!(
        "min-of-constant",
        "min(matrix(c, rows=r, cols=k)) => as.double(c)",
        Exact,
        number(c),
        positive(r, k)
    ),
    rule!(
        "max-of-constant",
        "max(matrix(c, rows=r, cols=k)) => as.double(c)",
        Exact,
        number(c),
        positive(r, k)
    ),
    rule!(
        "row-sums-of-constant",
        "rowSums(matrix(c, rows=r, cols=k)) => matrix(as.double(c) * k, rows=r, cols=1)",
        IgnoresNan,
        number(c),
        positive(r, k)
    ),
    rule!(
        "column-sums-of-constant",
        "colSums(matrix(c, rows=r, cols=k)) => matrix(as.double(c) * r, rows=1, cols=k)",
        IgnoresNan,
        number(c),
        positive(r, k)
    ),
    rule!(
        "running-sum-of-constant",
        "cumsum(matrix(c, rows=n, cols=1)) => seq(1, n) * c",
        Rounding,
        number(c),
        positive(n),
        cheaper()
    ),
    rule!(
        "one-hot-codes-of-any-size",
        "table(seq(1, n), V) => rexpand(V)",
        Exact,
        column(V),
        rows_are(V, n),
        positive(n)
    ),
    rule!(
        "one-hot-codes",
        "table(seq(1, n), V, m, k) => rexpand(V, k)",
        Exact,
        column(V),
        rows_are(V, n),
        rows_are(V, m),
        positive(n)
    ),
    rule!(
        "order-of-constant",
        "order(matrix(c, rows=r, cols=k), by=b, decreasing=d) => matrix(c, rows=r, cols=k)",
        Exact,
        number(b, c)
    ),
    rule!(
        "positions-of-constant",
        "order(matrix(c, rows=r, cols=k), by=b, decreasing=d, index.return=TRUE) => seq(1, r)",
        Exact,
        number(b, c),
        positive(r)
    ),
    rule!("order-of-ascending", "order(seq(a, b)) => seq(a, b)", Exact, ascending(a, b)),
    rule!("order-of-ascending-steps", "order(seq(a, b, s)) => seq(a, b, s)", Exact, ascending(a, b)),
    rule!("order-of-descending", "order(seq(a, b), decreasing=TRUE) => seq(a, b)", Exact, descending(a, b)),
    rule!(
        "order-of-descending-steps",
        "order(seq(a, b, s), decreasing=TRUE) => seq(a, b, s)",
        Exact,
        descending(a, b)
    ),
    rule!("reverse-of-sequence", "rev(seq(a, b)) => seq(b, a)", Exact, whole(a, b)),
    rule!(
        "reverse-of-steps",
        "rev(seq(a, b, s)) => seq(a + s * ((b - a) %/% s), a, -s)",
        Exact,
        whole(a, b, s)
    ),
    rule!(
        "reversing-permutation",
        "table(seq(1, n), seq(n, 1, -1)) %*% X => rev(X)",
        Exact,
        positive(n),
        rows_are(X, n)
    ),
    rule!(
        "table-with-constant",
        "table(A, matrix(c, rows=r, cols=k)) => table(A, c)",
        Exact,
        number(c),
        shape_is(A, r, k)
    ),
];
