//! What counts alone say of a result: its bounds, and its average when cells lie evenly and independently.

use super::{Estimate, Op, Shape};

/// The shape and the count of an input.
pub(super) type Input = (Shape, Estimate);

/// The bounds of the result of `op`, and its average between them.
pub(super) fn of_counts(op: Op, inputs: &[Input], shape: Shape) -> Estimate {
    let within = |nnz: f64, lower: f64, upper: f64| Estimate { nnz, lower, upper }.within(shape);
    match (op, inputs) {
        (Op::Product, [a, b]) => {
            let average = shape.cells() * product_density(density(a), density(b), a.0.cols as f64);
            within(average, product_lower(a, b), product_upper(a, b))
        }
        (Op::Plus, [(_, a), (_, b)]) => {
            let average = shape.cells() * either(density(&inputs[0]), density(&inputs[1]));
            within(average, a.lower.max(b.lower), a.upper + b.upper)
        }
        (Op::Times, [(_, a), (_, b)]) => {
            let average = shape.cells() * density(&inputs[0]) * density(&inputs[1]);
            within(average, a.lower + b.lower - shape.cells(), a.upper.min(b.upper))
        }
        (Op::Cbind | Op::Rbind, [(_, a), (_, b)]) => {
            within(a.nnz + b.nnz, a.lower + b.lower, a.upper + b.upper)
        }
        (Op::DiagVector, [input @ (of, a)]) => {
            let diagonal = of.rows as f64;
            within(diagonal * density(input), a.lower - (of.cells() - diagonal), a.upper)
        }
        (Op::EqualsZero, [(_, a)]) => {
            let cells = shape.cells();
            within(cells - a.nnz, cells - a.upper, cells - a.lower)
        }
        (_, [(_, a), ..]) => within(a.nnz, a.lower, a.upper),
        (_, []) => within(0.0, 0.0, 0.0),
    }
}

/// The part of the cells that are not zero.
fn density((shape, estimate): &Input) -> f64 {
    share(estimate.nnz, shape.cells())
}

/// `part / whole`, and 0 of nothing.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// That one of two independent events happens.
pub(super) fn either(a: f64, b: f64) -> f64 {
    a + b - a * b
}

/// `1 - (1 - a b)^n`: that one of `n` pairs of independent cells is not zero.
pub(super) fn product_density(a: f64, b: f64, n: f64) -> f64 {
    // Without inner dimension there is no pair; the logarithm of a full one is infinite.
    if n == 0.0 { 0.0 } else { -(n * (-(a * b).min(1.0)).ln_1p()).exp_m1() }
}

/// At most this many rows of A and columns of B are not empty, and all cells elsewhere are zero.
fn product_upper((a, count_a): &Input, (b, count_b): &Input) -> f64 {
    count_a.upper.min(a.rows as f64) * count_b.upper.min(b.cols as f64)
}

/// A zero spoils one row of A, so that the others are full: they meet every column of B that is not empty, of which
/// there are at least as many as full columns would be. The same holds for the columns of B.
fn product_lower((a, count_a): &Input, (b, count_b): &Input) -> f64 {
    let inner = a.cols as f64;
    if inner == 0.0 {
        return 0.0;
    }
    let full_rows = (a.rows as f64 - (a.cells() - count_a.lower)).max(0.0);
    let full_cols = (b.cols as f64 - (b.cells() - count_b.lower)).max(0.0);
    let rows = (count_a.lower / inner).ceil();
    let cols = (count_b.lower / inner).ceil();
    (full_rows * cols).max(full_cols * rows)
}
