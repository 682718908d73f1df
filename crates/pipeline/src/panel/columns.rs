//! Columns of rows: those that a step chooses, and rows side by side.

use std::ops::Range;

use tilewright_value::Scalar;

use crate::layout::{Bound, Layout};
use crate::pipeline::Source;

/// The columns `from` to `to`, both counted from 1, of `width` ones; `None` where some of them are not there.
pub(crate) fn range(from: f64, to: f64, width: usize) -> Option<Range<usize>> {
    let position = |end: f64| Scalar::Double(end).as_integer().ok();
    let (from, to) = (position(from)?, position(to)?);
    let is_inside = from >= 1 && to <= i64::try_from(width).ok()? && from <= to + 1;
    is_inside.then(|| from as usize - 1..to as usize)
}

/// A number that all rows share.
pub(crate) fn number(inputs: &[Bound<'_>], source: Source) -> Option<f64> {
    match source {
        Source::Number(number) => Some(number),
        Source::Input(at) => match inputs[at] {
            Bound::Number(number) => Some(number),
            _ => None,
        },
        Source::Step(_) => None,
    }
}

/// The columns that the bounds of a step choose of `width` ones.
pub(crate) fn chosen(inputs: &[Bound<'_>], bounds: &[Source], width: usize) -> Option<Range<usize>> {
    let number = |bound: &Source| number(inputs, *bound);
    match bounds {
        [one] => range(number(one)?, number(one)?, width),
        [from, to] => range(number(from)?, number(to)?, width),
        _ => None,
    }
}

/// The columns that step `at` chooses.
pub(super) fn of_step(layout: &Layout<'_>, at: usize) -> Range<usize> {
    let args = &layout.pipeline.steps[at].args;
    chosen(&layout.inputs, &args[1..], layout.width(args[0])).expect("invariant: checked by the layout")
}

/// `out = cells[, columns]` of rows of `width` cells.
pub(super) fn slice(cells: &[f64], width: usize, columns: Range<usize>, out: &mut [f64]) {
    copy(cells, (width, columns.start), columns.len(), out, (columns.len(), 0));
}

/// `out[, start + (1:width)] = cells` of rows of `width` cells, where those of `out` have `all`.
pub(super) fn bind(cells: &[f64], width: usize, start: usize, out: &mut [f64], all: usize) {
    copy(cells, (width, 0), width, out, (all, start));
}

/// Copies `count` columns; of both sides the columns, and the first one.
fn copy(
    from: &[f64],
    (width, first): (usize, usize),
    count: usize,
    to: &mut [f64],
    (all, start): (usize, usize),
) {
    let rows = from.chunks_exact(width).zip(to.chunks_exact_mut(all));
    if count == 1 {
        rows.for_each(|(from, to)| to[start] = from[first]);
    } else {
        rows.for_each(|(from, to)| to[start..start + count].copy_from_slice(&from[first..first + count]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lie_inside() {
        assert_eq!(range(2.0, 3.0, 3), Some(1..3));
        assert_eq!(range(2.9, 3.9, 3), Some(1..3));
        assert_eq!(range(4.0, 3.0, 3), Some(3..3));
        for (from, to) in [(0.0, 2.0), (1.0, 4.0), (3.0, 1.0), (f64::NAN, 2.0), (1.0, f64::INFINITY)] {
            assert_eq!(range(from, to, 3), None, "{from} to {to}");
        }
    }
}
