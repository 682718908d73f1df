//! Operands as kernels read them: a scalar counts as one cell, and dense cells are borrowed where they are there.

use std::ops::Deref;

use tilewright_base::Outcome;
use tilewright_matrix::Dense;
use tilewright_value::handle::Pinned;
use tilewright_value::{Block, Value};

/// The block of an operand: a pinned matrix, or a scalar as one cell.
pub enum Operand<'a> {
    /// A matrix.
    Pinned(Pinned<'a>),
    /// A scalar.
    Cell(Block),
}

impl Deref for Operand<'_> {
    type Target = Block;

    fn deref(&self) -> &Block {
        match self {
            Operand::Pinned(pinned) => pinned,
            Operand::Cell(block) => block,
        }
    }
}

/// The cells of an operand: its own when it is dense, a copy when it is sparse.
pub struct Cells<'a>(Operand<'a>);

impl Deref for Cells<'_> {
    type Target = Dense;

    fn deref(&self) -> &Dense {
        match &*self.0 {
            Block::Dense(dense) => dense,
            Block::Sparse(_) => panic!("invariant: sparse operands were copied"),
        }
    }
}

impl<'a> Operand<'a> {
    /// The cells.
    pub fn cells(self) -> Cells<'a> {
        let copy = match &*self {
            Block::Dense(_) => None,
            Block::Sparse(csr) => Some(csr.to_dense()),
        };
        Cells(copy.map_or(self, |dense| Operand::Cell(dense.into())))
    }
}

/// A number as a 1x1 block.
pub(crate) fn one_cell(value: f64) -> Block {
    Block::Dense(Dense::filled(1, 1, value))
}

/// A matrix as itself, a scalar as a 1x1 block.
pub(crate) fn as_block(value: &Value) -> Outcome<Operand<'_>> {
    Ok(match value {
        Value::Scalar(scalar) => Operand::Cell(one_cell(scalar.as_double()?)),
        other => Operand::Pinned(other.as_matrix()?.pin()),
    })
}
