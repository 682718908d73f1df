//! How many cells of an expression over matrices will not be zero, before it is computed.
//!
//! A [`workspace::Workspace`] holds the expression: leaves and operations on them, each a node that later ones name. It
//! sketches a leaf when an estimate first depends on more than its count, once, and carries sketches through
//! operations ([`Estimator::propagate`]). One file per estimator; [`method::Method`] lists them by name.
//!
//! What is counted is the structure: terms of a sum are taken not to cancel each other, products not to underflow.
//!
//! ```text
//!   count of the inputs ──▶ bounds and average (`bounds`)   ─┐
//!   sketch of the inputs ──▶ Estimator::count               ─┴─▶ estimate within bounds
//! ```
//!
//! Invariant: `lower <= count <= upper` of a node holds for the true number of non-zero cells, whichever estimator is
//! used, as long as the counts of the leaves are true. Estimates and sketches never depend on the number of threads.
//! The definition is [`crate::reference::estimate`].

mod action;
pub mod bitset;
mod bounds;
mod counting;
pub mod density_map;
pub mod hashing;
pub mod layered_graph;
pub mod metadata_average;
pub mod metadata_worst;
pub mod method;
pub mod mnc;
mod panel;
mod random;
pub mod row_wise;
pub mod sampling;
#[cfg(test)]
mod tests;
pub mod workspace;

use std::borrow::Cow;

use crate::{Csr, Dense};

/// A matrix that an expression begins with.
#[derive(Clone, Copy, Debug)]
pub enum Leaf<'a> {
    /// A sparse block.
    Sparse(&'a Csr),
    /// A dense block.
    Dense(&'a Dense),
    /// A matrix of which only the size and something of the number of non-zero cells are known; these are taken to lie
    /// evenly.
    Known {
        /// Rows and columns.
        shape: Shape,
        /// The number of cells that are not zero.
        count: Estimate,
    },
}

impl<'a> Leaf<'a> {
    /// Rows and columns.
    pub fn shape(self) -> Shape {
        match self {
            Leaf::Sparse(x) => Shape { rows: x.rows(), cols: x.cols() },
            Leaf::Dense(x) => Shape { rows: x.rows(), cols: x.cols() },
            Leaf::Known { shape, .. } => shape,
        }
    }

    /// The number of cells that are not zero; counts the cells of a dense block.
    pub fn estimate(self) -> Estimate {
        match self {
            Leaf::Sparse(x) => Estimate::exact(x.nnz() as f64),
            Leaf::Dense(x) => Estimate::exact(x.nnz() as f64),
            Leaf::Known { shape, count } => count.within(shape),
        }
    }

    /// Its cells in CSR form, if they are there.
    pub fn pattern(self) -> Option<Cow<'a, Csr>> {
        match self {
            Leaf::Sparse(x) => Some(Cow::Borrowed(x)),
            Leaf::Dense(x) => Some(Cow::Owned(Csr::from_dense(x))),
            Leaf::Known { .. } => None,
        }
    }
}

/// Rows and columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
}

impl Shape {
    /// The number of cells.
    pub fn cells(self) -> f64 {
        self.rows as f64 * self.cols as f64
    }
}

/// An operation whose result has another structure than its inputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    /// `A %*% B`.
    Product,
    /// `A + B` of equal shapes, and whatever else is zero where both are (`-`, `|`, `max(abs(A), abs(B))`).
    Plus,
    /// `A * B` of equal shapes, and whatever else is zero where one is (`&`).
    Times,
    /// `t(A)`.
    Transpose,
    /// `cbind(A, B)`.
    Cbind,
    /// `rbind(A, B)`.
    Rbind,
    /// `diag(v)` of a column: the matrix with `v` on its diagonal.
    DiagMatrix,
    /// `diag(A)` of a square matrix: its diagonal as a column.
    DiagVector,
    /// `matrix(A, rows, cols)`: the same cells, row by row, in another shape.
    Reshape(Shape),
    /// `A != 0`, and whatever else is zero where `A` is (`abs(A)`, `sqrt(A)`).
    NotZero,
    /// `A == 0`.
    EqualsZero,
}

impl Op {
    /// The shape of the result; none where the operation does not take inputs of these shapes.
    pub fn shape(self, inputs: &[Shape]) -> Option<Shape> {
        match (self, inputs) {
            (Op::Product, [a, b]) if a.cols == b.rows => Some(Shape { rows: a.rows, cols: b.cols }),
            (Op::Plus | Op::Times, [a, b]) if a == b => Some(*a),
            (Op::Cbind, [a, b]) if a.rows == b.rows => Some(Shape { rows: a.rows, cols: a.cols + b.cols }),
            (Op::Rbind, [a, b]) if a.cols == b.cols => Some(Shape { rows: a.rows + b.rows, cols: a.cols }),
            (Op::Transpose, [a]) => Some(Shape { rows: a.cols, cols: a.rows }),
            (Op::DiagMatrix, [a]) if a.cols == 1 => Some(Shape { rows: a.rows, cols: a.rows }),
            (Op::DiagVector, [a]) if a.rows == a.cols => Some(Shape { rows: a.rows, cols: 1 }),
            (Op::Reshape(shape), [a]) if same_cells(shape, *a) => Some(shape),
            (Op::NotZero | Op::EqualsZero, [a]) => Some(*a),
            _ => None,
        }
    }

    /// Whether counts of the inputs leave the count of the result open.
    pub(crate) fn needs_structure(self) -> bool {
        matches!(self, Op::Product | Op::Plus | Op::Times | Op::DiagVector)
    }
}

fn same_cells(a: Shape, b: Shape) -> bool {
    a.rows as u128 * a.cols as u128 == b.rows as u128 * b.cols as u128
}

/// What is known of the number of cells that are not zero.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Estimate {
    /// What is expected, between the bounds.
    pub nnz: f64,
    /// There are at least as many.
    pub lower: f64,
    /// There are at most as many.
    pub upper: f64,
}

impl Estimate {
    /// A count.
    pub fn exact(nnz: f64) -> Estimate {
        Estimate { nnz, lower: nnz, upper: nnz }
    }

    /// The same in order: the bounds between none and all cells, the estimate between them. What is not a number bounds
    /// nothing.
    pub fn within(self, shape: Shape) -> Estimate {
        let upper = self.upper.min(shape.cells()).max(0.0);
        let lower = self.lower.max(0.0).min(upper);
        Estimate { nnz: self.nnz.max(lower).min(upper), lower, upper }
    }
}

/// An input of an operation: its shape, its estimate, and what an estimator keeps of it.
#[derive(Debug)]
pub struct Sketch<'s, S> {
    /// Rows and columns.
    pub shape: Shape,
    /// The number of cells that are not zero.
    pub estimate: Estimate,
    /// What the estimator keeps; none where it has nothing or was not asked.
    pub structure: Option<&'s S>,
}

/// What an estimator says of a result.
#[derive(Debug)]
pub struct Counted<S> {
    /// The number of cells that are not zero, which the bounds may still correct.
    pub nnz: f64,
    /// There are at least as many: a claim that holds if those of the inputs do.
    pub lower: f64,
    /// There are at most as many: a claim that holds if those of the inputs do.
    pub upper: f64,
    /// What the estimator keeps of the result, where counting has made it.
    pub structure: Option<S>,
}

impl<S> Counted<S> {
    /// An estimate without bounds of its own.
    pub fn about(nnz: f64) -> Counted<S> {
        Counted { nnz, lower: 0.0, upper: f64::INFINITY, structure: None }
    }

    /// A count.
    pub fn exactly(nnz: f64) -> Counted<S> {
        Counted { nnz, lower: nnz, upper: nnz, structure: None }
    }

    /// Together with what is kept of the result.
    pub fn with(mut self, structure: S) -> Counted<S> {
        self.structure = Some(structure);
        self
    }
}

/// A way to estimate. Where it has no answer (`None`), the average of evenly distributed cells is taken
/// (the module `bounds`), on the estimates of the inputs.
pub trait Estimator<'a>: Send + Sync {
    /// What it keeps of a matrix.
    type Structure: Send + Sync;

    /// Sketches a leaf.
    fn leaf(&self, leaf: Leaf<'a>) -> Option<Self::Structure>;

    /// Counts the cells of a result. Where counts of the inputs say all (transposing, binding, `diag(v)`, reshaping,
    /// comparing with zero), it is asked without structures and need not answer.
    fn count(&self, op: Op, inputs: &[Sketch<'_, Self::Structure>]) -> Option<Counted<Self::Structure>>;

    /// Sketches a result from the sketches of its inputs, where [`Estimator::count`] has not done so.
    fn propagate(
        &self,
        op: Op,
        inputs: &[Sketch<'_, Self::Structure>],
        result: (Shape, Estimate),
    ) -> Option<Self::Structure>;

    /// The multiply-adds of cells that are not zero in the product of two matrices, where the structures tell.
    fn multiply_adds(&self, _: &Self::Structure, _: &Self::Structure) -> Option<f64> {
        None
    }
}
