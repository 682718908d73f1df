//! Dense blocks: row-major cells in one aligned buffer.

use rayon::prelude::*;

use crate::aggregate::lanes::count_nonzero;
use crate::buffer::{Buffer, Owner};

/// A dense matrix of doubles, row-major and contiguous, 64-byte aligned unless the cells are shared.
#[derive(Clone, PartialEq)]
pub struct Dense {
    rows: usize,
    cols: usize,
    data: Buffer,
}

impl Dense {
    /// All cells zero.
    pub fn zeros(rows: usize, cols: usize) -> Dense {
        Dense { rows, cols, data: Buffer::zeroed(rows * cols) }
    }

    /// Cells of any value, for results that are written as a whole.
    pub fn unset(rows: usize, cols: usize) -> Dense {
        Dense { rows, cols, data: Buffer::unset(rows * cols) }
    }

    /// All cells `value`.
    pub fn filled(rows: usize, cols: usize, value: f64) -> Dense {
        if value.to_bits() == 0 {
            return Dense::zeros(rows, cols);
        }
        let mut dense = Dense::unset(rows, cols);
        dense.data.fill_all(value);
        dense
    }

    /// From row-major cells.
    ///
    /// # Panics
    /// When `cells.len() != rows * cols`.
    pub fn from_cells(rows: usize, cols: usize, cells: &[f64]) -> Dense {
        assert_eq!(cells.len(), rows * cols, "cells of a {rows}x{cols} matrix");
        Dense { rows, cols, data: Buffer::copy_of(cells) }
    }

    /// Row-major cells where their owner has them; they are copied only before they are written.
    ///
    /// # Panics
    /// When they are not `rows * cols`.
    pub fn shared(rows: usize, cols: usize, owner: Owner) -> Dense {
        let data = Buffer::shared(owner);
        assert_eq!(data.len(), rows * cols, "cells of a {rows}x{cols} matrix");
        Dense { rows, cols, data }
    }

    /// Cell by cell from a function of 0-based row and column.
    pub fn from_fn(rows: usize, cols: usize, mut cell: impl FnMut(usize, usize) -> f64) -> Dense {
        let mut dense = Dense::unset(rows, cols);
        for i in 0..rows {
            for (j, out) in dense.row_mut(i).iter_mut().enumerate() {
                *out = cell(i, j);
            }
        }
        dense
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The cells, row-major.
    pub fn cells(&self) -> &[f64] {
        &self.data
    }

    /// The cells, row-major, to write.
    pub fn cells_mut(&mut self) -> &mut [f64] {
        &mut self.data
    }

    /// Row `i` (0-based).
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.cols..(i + 1) * self.cols]
    }

    /// Row `i` (0-based), to write.
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        let cols = self.cols;
        &mut self.data[i * cols..(i + 1) * cols]
    }

    /// The cell at 0-based `(i, j)`.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.cols + j]
    }

    /// Writes the cell at 0-based `(i, j)`.
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.cols + j] = value;
    }

    /// The same cells under another shape.
    ///
    /// # Panics
    /// When the number of cells differs.
    pub fn reshaped(self, rows: usize, cols: usize) -> Dense {
        assert_eq!(rows * cols, self.data.len(), "reshape keeps the number of cells");
        Dense { rows, cols, data: self.data }
    }

    /// The number of cells that are not zero (NaN counts).
    pub fn nnz(&self) -> usize {
        /// Cells that one thread counts at once; so many are counted faster than they are handed out.
        const CHUNK: usize = 1 << 17;
        let count = |cells: &[f64]| count_nonzero(cells) as usize;
        if self.cells().len() <= CHUNK {
            return count(self.cells());
        }
        self.cells().par_chunks(CHUNK).map(count).sum()
    }
}

impl std::fmt::Debug for Dense {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "Dense {}x{}", self.rows, self.cols)?;
        (0..self.rows.min(10)).try_for_each(|i| writeln!(f, "{:?}", &self.row(i)[..self.cols.min(10)]))
    }
}
