//! What chunks of rows add up to.

use tilewright_matrix::panel::{self, Running};
use tilewright_matrix::{Dense, transpose};
use tilewright_ops::Op;
use tilewright_ops::aggregate::Over;
use tilewright_value::{Block, Value};

use crate::layout::Layout;

/// The partial result of a step.
pub(crate) enum Sink {
    /// An aggregate.
    Running(Box<dyn Running>, Over),
    /// A sum of products of rows.
    Product(Sum),
}

/// `t(A) %*% B`, or its transpose where that has longer rows.
pub(crate) struct Sum {
    pub(crate) cells: Dense,
    pub(crate) is_turned: bool,
}

impl Sink {
    /// Of no rows.
    pub(crate) fn new(layout: &Layout<'_>, step: usize) -> Sink {
        let (op, args) = (&layout.pipeline.steps[step].op, &layout.pipeline.steps[step].args);
        let width = layout.width(args[0]);
        match op {
            Op::Aggregate(row, over) => {
                let kernels = row.panel().expect("invariant: made by `made`");
                let make = if *over == Over::Columns { kernels.columns } else { kernels.full };
                Sink::Running(make(width), *over)
            }
            _ => {
                let other = layout.width(args.get(1).copied().unwrap_or(args[0]));
                let is_turned = match args.get(1) {
                    _ if layout.is_stored(args[0]) || layout.codes(args[0]).is_some() => false,
                    Some(right) if layout.is_stored(*right) => true,
                    _ => width > other,
                };
                let (rows, cols) = if is_turned { (other, width) } else { (width, other) };
                Sink::Product(Sum { cells: Dense::zeros(rows, cols), is_turned })
            }
        }
    }

    /// Adds what rows behind these added up to.
    pub(crate) fn merge(&mut self, other: Sink) {
        match (self, other) {
            (Sink::Running(own, _), Sink::Running(other, _)) => own.merge(other),
            (Sink::Product(own), Sink::Product(other)) => {
                own.cells.cells_mut().iter_mut().zip(other.cells.cells()).for_each(|(x, y)| *x += y);
            }
            _ => unreachable!("invariant: parts of one result are merged"),
        }
    }

    /// Whether plain arithmetic may have missed a zero that absorbs.
    pub(crate) fn is_in_doubt(&self) -> bool {
        matches!(self, Sink::Product(sum) if panel::has_nan(sum.cells.cells()))
    }

    /// The value.
    pub(crate) fn finish(self) -> Value {
        match self {
            Sink::Running(running, Over::All) => running.finish()[0].into(),
            Sink::Running(running, _) => {
                let cells = running.finish();
                Block::Dense(Dense::from_cells(1, cells.len(), &cells)).into()
            }
            Sink::Product(Sum { cells, is_turned: false }) => Block::Dense(cells).into(),
            Sink::Product(Sum { cells, is_turned: true }) => Block::Dense(transpose::dense(&cells)).into(),
        }
    }
}
