//! Rows from nothing: sequences and constants.

use std::ops::Range;

use tilewright_matrix::sequence;
use tilewright_value::Scalar;

use super::columns;
use crate::functions::{self, Kind};
use crate::layout::{Bound, Layout};
use crate::pipeline::{Source, Step};

/// The columns of rows from nothing, which are `rows`; `None` if they are not.
pub(crate) fn width(step: &Step, inputs: &[Bound<'_>], rows: usize) -> Option<usize> {
    let number = |at: usize| columns::number(inputs, step.args[at]);
    let size = |at: usize| usize::try_from(Scalar::Double(number(at)?).as_integer().ok()?).ok();
    match functions::kind(&step.op)? {
        Kind::Sequence => {
            let (from, to, incr) = ends(inputs, &step.args)?;
            (sequence::length(from, to, incr) == rows).then_some(1)
        }
        Kind::Constant => size(2).filter(|_| size(1) == Some(rows)),
        Kind::OneHot => size(1),
        Kind::Bind | Kind::Replace | Kind::Outer => None,
    }
}

/// From, to and increment of a sequence.
fn ends(inputs: &[Bound<'_>], args: &[Source]) -> Option<(f64, f64, f64)> {
    let number = |at: usize| columns::number(inputs, args[at]);
    let (from, to) = (number(0)?, number(1)?);
    let incr = if args.len() == 3 { number(2)? } else { sequence::unit_step(from, to) };
    Some((from, to, incr))
}

/// Writes some rows of step `at`.
pub(super) fn rows(layout: &Layout<'_>, at: usize, rows: &Range<usize>, out: &mut [f64]) {
    let step = &layout.pipeline.steps[at];
    match (functions::kind(&step.op), ends(&layout.inputs, &step.args)) {
        (Some(Kind::Sequence), Some(ends)) => sequence::fill(ends, rows.start, out),
        _ => out.fill(columns::number(&layout.inputs, step.args[0]).unwrap_or(f64::NAN)),
    }
}
