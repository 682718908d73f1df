//! What operators need in memory beside their inputs and results, from what is known of the inputs.
//!
//! Kernels tell it for sizes; here sizes come from facts. `None` means that it is not known. An operand counts as sparse
//! when its non-zeros are known: those of a dense matrix are not counted while running.

use tilewright_matrix::{Csr, Scratch};
use tilewright_value::block::prefers_sparse;

use crate::facts::{Facts, Kind};

/// A matrix of known dimensions.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Its rows.
    pub rows: usize,
    /// Its columns.
    pub cols: usize,
    /// Its stored cells, if it is sparse.
    pub stored: Option<usize>,
}

impl Shape {
    /// Rows times columns.
    pub fn cells(self) -> usize {
        self.rows.saturating_mul(self.cols)
    }

    /// The transpose.
    pub fn turned(self) -> Shape {
        Shape { rows: self.cols, cols: self.rows, ..self }
    }

    /// Its dense cells, where it is not dense already.
    pub fn densified(self) -> Scratch {
        Scratch::dense(self.rows, self.cols).only_if(self.stored.is_some())
    }

    /// Its non-zero cells, where it is not sparse already, and what finding them takes.
    pub fn sparsified(self) -> Scratch {
        let (rows, cols) = (self.rows, self.cols);
        Csr::from_dense_scratch(rows, cols).and(Scratch::csr(rows, 0)).only_if(self.stored.is_none())
    }

    /// The stored cells of a sparse result that becomes dense, unless it has so few of them, at most `stored`, that it
    /// stays sparse.
    pub fn expanded(self, stored: usize) -> Scratch {
        let stays = prefers_sparse(self.rows, self.cols, stored);
        Scratch::csr(self.rows, stored.min(self.cells())).only_if(!stays)
    }

    /// A dense result that may become sparse.
    pub fn compacted(self) -> Scratch {
        Scratch::dense(self.rows, self.cols).and(Csr::from_dense_counted_scratch(self.rows, self.cols))
    }
}

impl Facts {
    /// The dimensions, if they are known; a scalar counts as 1x1.
    pub fn shape(&self) -> Option<Shape> {
        let (rows, cols) = self.dims();
        let stored = if self.is_matrix() { self.nnz.bound().map(|nnz| nnz as usize) } else { None };
        Some(Shape { rows: rows.known()? as usize, cols: cols.known()? as usize, stored })
    }
}

/// The dense cells of all operands that are sparse.
pub fn densified<'a>(operands: impl IntoIterator<Item = &'a Facts>) -> Option<Scratch> {
    let each = operands.into_iter().filter(|facts| matches!(facts.kind, Kind::Matrix { .. } | Kind::Unknown));
    each.map(|facts| facts.shape().map(Shape::densified))
        .try_fold(Scratch::NONE, |sum, scratch| Some(sum.and(scratch?)))
}
