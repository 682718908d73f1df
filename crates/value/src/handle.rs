//! Handles: what variables and instructions hold instead of blocks.
//!
//! A block is reached only through the guard of [`Matrix::pin`], so that a buffer pool can take blocks that
//! nobody has pinned out of memory. Writing goes through [`Matrix::into_block`]: it hands out the block itself
//! when this handle is the last one (copy on write otherwise).

use std::ops::Deref;
use std::sync::Arc;

use crate::Block;

/// A handle of a matrix; cloning it does not copy cells.
#[derive(Debug, Clone)]
pub struct Matrix {
    block: Arc<Block>,
    /// Whether the cells are truth values, the result of a comparison: what selects when it stands as an index.
    logical: bool,
}

/// A block in memory for as long as the guard lives.
pub struct Pinned<'a>(&'a Block);

impl Deref for Pinned<'_> {
    type Target = Block;

    fn deref(&self) -> &Block {
        self.0
    }
}

impl Matrix {
    /// A handle of a new block.
    pub fn new(block: impl Into<Block>) -> Matrix {
        Matrix { block: Arc::new(block.into()), logical: false }
    }

    /// The same cells, marked as truth values or as numbers.
    pub fn marked(self, logical: bool) -> Matrix {
        Matrix { logical, ..self }
    }

    /// Whether the cells are truth values: the result of a comparison or a boolean operator.
    pub fn is_logical(&self) -> bool {
        self.logical
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.block.rows()
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.block.cols()
    }

    /// Brings the block into memory and keeps it there while the guard lives.
    pub fn pin(&self) -> Pinned<'_> {
        Pinned(&self.block)
    }

    /// Whether this is the only handle of its block.
    pub fn is_unique(&self) -> bool {
        Arc::strong_count(&self.block) == 1
    }

    /// The block to write: moved out when this is the only handle, copied otherwise.
    pub fn into_block(self) -> Block {
        Arc::try_unwrap(self.block).unwrap_or_else(|shared| (*shared).clone())
    }

    /// The block to write when this is the only handle, else the handle back.
    ///
    /// # Errors
    /// The handle, when others hold the block too.
    pub fn into_unique(self) -> Result<Block, Matrix> {
        let logical = self.logical;
        Arc::try_unwrap(self.block).map_err(|block| Matrix { block, logical })
    }
}
