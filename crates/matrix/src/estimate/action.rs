//! What a matrix does to rows that are sent through it: row `i` of `A(x)` joins the rows `x[k]` for the cells `(i, k)`
//! of `A` that are not zero.
//!
//! That is a product whose sum is another one, so that chains are applied from right to left through the cells of
//! their leaves, and no result in between is ever made. Sums join both sides, bound matrices part or stack the rows.
//! The structure of `A * B` and of `A == 0` cannot be said this way.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::panel::{Join, Panel, join_all, join_into};
use super::{Leaf, Op, Shape, Sketch};
use crate::{Csr, transpose};

/// Rows of one task.
const TASK_ROWS: usize = 256;

/// A matrix as leaves and operations.
#[derive(Clone, Debug)]
pub(super) enum Action<'a> {
    Leaf(Arc<Pattern<'a>>),
    Transposed(Arc<Pattern<'a>>),
    /// The cells of the diagonal that are not zero.
    Diagonal(Arc<Vec<bool>>),
    Product(Arc<[Action<'a>; 2]>),
    Plus(Arc<[Action<'a>; 2]>),
    /// Side by side; the left one has so many columns.
    Cbind(Arc<[Action<'a>; 2]>, usize),
    Rbind(Arc<[Action<'a>; 2]>),
}

/// The cells of a leaf, both ways where needed.
#[derive(Debug)]
pub(super) struct Pattern<'a> {
    pub(super) by_row: Cow<'a, Csr>,
    by_column: OnceLock<Csr>,
}

impl Pattern<'_> {
    pub(super) fn by_column(&self) -> &Csr {
        self.by_column.get_or_init(|| transpose::sparse(&self.by_row))
    }
}

impl<'a> Action<'a> {
    /// Of a leaf whose cells are there.
    pub(super) fn leaf(leaf: Leaf<'a>) -> Option<Action<'a>> {
        let by_row = leaf.pattern()?;
        Some(Action::Leaf(Arc::new(Pattern { by_row, by_column: OnceLock::new() })))
    }

    /// Of a result, where it can be said of the actions of its inputs.
    pub(super) fn result(op: Op, inputs: &[(Shape, Option<&Action<'a>>)]) -> Option<Action<'a>> {
        let (shape, first) = *inputs.first()?;
        let first = first?.clone();
        let both = |first: Action<'a>| Some(Arc::new([first, inputs.get(1)?.1?.clone()]));
        match op {
            Op::Product => both(first).map(Action::Product),
            Op::Plus => both(first).map(Action::Plus),
            Op::Cbind => Some(Action::Cbind(both(first)?, shape.cols)),
            Op::Rbind => both(first).map(Action::Rbind),
            Op::Transpose => Some(first.transposed(shape)),
            Op::NotZero => Some(first),
            Op::Reshape(to) if to == shape => Some(first),
            Op::DiagMatrix => Some(first.on_diagonal()),
            Op::Times | Op::EqualsZero | Op::DiagVector | Op::Reshape(_) => None,
        }
    }

    /// `t(A)` of a matrix of that shape.
    fn transposed(&self, shape: Shape) -> Action<'a> {
        match self {
            Action::Leaf(pattern) => Action::Transposed(pattern.clone()),
            Action::Transposed(pattern) => Action::Leaf(pattern.clone()),
            Action::Diagonal(cells) => Action::Diagonal(cells.clone()),
            Action::Product(parts) => {
                let inner = parts[0].cols();
                let left = parts[0].transposed(Shape { rows: shape.rows, cols: inner });
                let right = parts[1].transposed(Shape { rows: inner, cols: shape.cols });
                Action::Product(Arc::new([right, left]))
            }
            Action::Plus(parts) => Action::Plus(Arc::new([0, 1].map(|part| parts[part].transposed(shape)))),
            Action::Cbind(parts, left) => {
                let widths = [*left, shape.cols - left];
                let part = |part: usize| Shape { rows: shape.rows, cols: widths[part] };
                Action::Rbind(Arc::new([0, 1].map(|at| parts[at].transposed(part(at)))))
            }
            Action::Rbind(parts) => {
                let top = parts[0].rows();
                let heights = [top, shape.rows - top];
                let part = |part: usize| Shape { rows: heights[part], cols: shape.cols };
                Action::Cbind(Arc::new([0, 1].map(|at| parts[at].transposed(part(at)))), top)
            }
        }
    }

    fn rows(&self) -> usize {
        match self {
            Action::Leaf(pattern) => pattern.by_row.rows(),
            Action::Transposed(pattern) => pattern.by_row.cols(),
            Action::Diagonal(cells) => cells.len(),
            Action::Product(parts) | Action::Plus(parts) | Action::Cbind(parts, _) => parts[0].rows(),
            Action::Rbind(parts) => parts[0].rows() + parts[1].rows(),
        }
    }

    pub(super) fn cols(&self) -> usize {
        match self {
            Action::Leaf(pattern) => pattern.by_row.cols(),
            Action::Transposed(pattern) => pattern.by_row.rows(),
            Action::Diagonal(cells) => cells.len(),
            Action::Product(parts) => parts[1].cols(),
            Action::Plus(parts) | Action::Rbind(parts) => parts[0].cols(),
            Action::Cbind(parts, left) => left + parts[1].cols(),
        }
    }

    /// `diag(A)` of a column: which of its cells are not zero is what it does to one row.
    fn on_diagonal(&self) -> Action<'a> {
        let reached = self.apply::<Reached>(&Panel { width: 1, numbers: vec![true] });
        Action::Diagonal(Arc::new(reached.numbers))
    }

    /// The rows `x`, one for each column, sent through: one for each row.
    pub(super) fn apply<J: Join>(&self, x: &Panel<J::Number>) -> Panel<J::Number> {
        match self {
            Action::Leaf(pattern) => gather::<J>(&pattern.by_row, x),
            Action::Transposed(pattern) => gather::<J>(pattern.by_column(), x),
            Action::Diagonal(cells) => {
                let mut out = x.clone();
                let rows = out.numbers.chunks_mut(x.width).zip(&**cells);
                rows.filter(|(_, cell)| !**cell).for_each(|(row, _)| row.fill(J::NONE));
                out
            }
            Action::Product(parts) => parts[0].apply::<J>(&parts[1].apply::<J>(x)),
            Action::Plus(parts) => join_all::<J>(parts[0].apply::<J>(x), &parts[1].apply::<J>(x)),
            Action::Cbind(parts, left) => {
                let (top, bottom) = x.split(*left);
                join_all::<J>(parts[0].apply::<J>(&top), &parts[1].apply::<J>(&bottom))
            }
            Action::Rbind(parts) => parts[0].apply::<J>(x).above(parts[1].apply::<J>(x)),
        }
    }
}

/// The actions of the inputs of an operation.
pub(super) fn of_inputs<'s, 'a, S>(
    inputs: &[Sketch<'s, S>],
    action: impl Fn(&'s S) -> Option<&'s Action<'a>>,
) -> Vec<(Shape, Option<&'s Action<'a>>)> {
    inputs.iter().map(|input| (input.shape, input.structure.and_then(&action))).collect()
}

/// Whether a cell is not zero.
#[derive(Clone, Copy)]
struct Reached;

impl Join for Reached {
    type Number = bool;
    const NONE: bool = false;

    fn join(a: bool, b: bool) -> bool {
        a | b
    }
}

fn gather<J: Join>(cells: &Csr, x: &Panel<J::Number>) -> Panel<J::Number> {
    let mut numbers = vec![J::NONE; cells.rows() * x.width];
    numbers.par_chunks_mut(x.width * TASK_ROWS).enumerate().for_each(|(task, rows)| {
        for (i, row) in (task * TASK_ROWS..).zip(rows.chunks_mut(x.width)) {
            for &k in cells.row(i).0 {
                join_into::<J>(row, x.row(k as usize));
            }
        }
    });
    Panel { width: x.width, numbers }
}
