//! A matrix in memory: dense or sparse, and the choice between the two by bytes.

use std::borrow::Cow;

use tilewright_matrix::{Csr, Dense};

/// A matrix in memory.
#[derive(Debug, Clone)]
pub enum Block {
    /// All cells.
    Dense(Dense),
    /// The non-zero cells.
    Sparse(Csr),
}

/// Bytes of a dense block: 8 per cell.
pub fn dense_bytes(rows: f64, cols: f64) -> f64 {
    8.0 * rows * cols
}

/// Bytes of a sparse block: 12 per non-zero and 8 per row.
pub fn sparse_bytes(rows: f64, nnz: f64) -> f64 {
    12.0 * nnz + 8.0 * rows
}

/// True when CSR takes fewer bytes and there is more than one column.
pub fn prefers_sparse(rows: usize, cols: usize, nnz: usize) -> bool {
    cols > 1
        && cols <= Csr::MAX_COLS
        && sparse_bytes(rows as f64, nnz as f64) < dense_bytes(rows as f64, cols as f64)
}

impl Block {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Block::Dense(dense) => dense.rows(),
            Block::Sparse(csr) => csr.rows(),
        }
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        match self {
            Block::Dense(dense) => dense.cols(),
            Block::Sparse(csr) => csr.cols(),
        }
    }

    /// The number of cells that are not zero; counts the cells of a dense block.
    pub fn nnz(&self) -> usize {
        match self {
            Block::Dense(dense) => dense.nnz(),
            Block::Sparse(csr) => csr.nnz(),
        }
    }

    /// The bytes of its cells.
    pub fn bytes(&self) -> usize {
        match self {
            Block::Dense(dense) => dense_bytes(dense.rows() as f64, dense.cols() as f64) as usize,
            Block::Sparse(csr) => sparse_bytes(csr.rows() as f64, csr.nnz() as f64) as usize,
        }
    }

    /// The cell at 0-based `(i, j)`.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        match self {
            Block::Dense(dense) => dense.get(i, j),
            Block::Sparse(csr) => csr.get(i, j),
        }
    }

    /// As dense cells, copied only if sparse.
    pub fn dense(&self) -> Cow<'_, Dense> {
        match self {
            Block::Dense(dense) => Cow::Borrowed(dense),
            Block::Sparse(csr) => Cow::Owned(csr.to_dense()),
        }
    }

    /// As non-zero cells, copied only if dense.
    pub fn sparse(&self) -> Cow<'_, Csr> {
        match self {
            Block::Dense(dense) => Cow::Owned(Csr::from_dense(dense)),
            Block::Sparse(csr) => Cow::Borrowed(csr),
        }
    }

    /// The same matrix in the format of fewer bytes.
    pub fn compact(self) -> Block {
        let stored = self.nnz();
        self.compact_counted(stored)
    }

    /// As [`Block::compact`], when the number of cells that are not zero is known.
    pub fn compact_counted(self, stored: usize) -> Block {
        let sparse = prefers_sparse(self.rows(), self.cols(), stored);
        match self {
            Block::Dense(dense) if sparse => Block::Sparse(Csr::from_dense_counted(&dense, stored)),
            Block::Sparse(csr) if !sparse => Block::Dense(csr.to_dense()),
            block => block,
        }
    }
}

impl From<Dense> for Block {
    fn from(dense: Dense) -> Block {
        Block::Dense(dense)
    }
}

impl From<Csr> for Block {
    fn from(csr: Csr) -> Block {
        Block::Sparse(csr)
    }
}
