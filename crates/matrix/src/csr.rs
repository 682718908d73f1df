//! Sparse blocks in compressed sparse row form (CSR).
//!
//! Invariant: `row_ptr` has `rows + 1` non-decreasing entries from 0 to the number of stored cells; the column
//! indices of a row ascend strictly; stored values are not zero (NaN and infinities may be stored).

use std::sync::Arc;

use rayon::prelude::*;

use crate::assemble::{
    Room, sparse_rows, sparse_rows_counted, sparse_rows_counted_scratch, sparse_rows_scratch,
};
use crate::build::dense_rows;
use crate::compress::append_nonzero;
use crate::dense::Dense;
use crate::scratch::Scratch;
use crate::store::Store;

/// A sparse matrix of doubles in CSR form. Matrices with cells in the same places may share where they are.
#[derive(Clone, PartialEq, Debug)]
pub struct Csr {
    rows: usize,
    cols: usize,
    row_ptr: Arc<Vec<usize>>,
    col: Arc<Store<u32>>,
    val: Store<f64>,
}

impl Csr {
    /// The widest matrix that 32-bit column indices address.
    pub const MAX_COLS: usize = u32::MAX as usize;

    /// No stored cells.
    pub fn empty(rows: usize, cols: usize) -> Csr {
        Csr::assembled(rows, cols, vec![0; rows + 1], Vec::new(), Vec::new())
    }

    /// From its parts, which keep the invariant of the module.
    ///
    /// # Panics
    /// When the lengths of the parts do not fit or a column lies outside, and in debug builds when the invariant is
    /// broken in another way.
    pub fn from_parts(rows: usize, cols: usize, row_ptr: Vec<usize>, col: Vec<u32>, val: Vec<f64>) -> Csr {
        // Kernels rely on this one for the safety of memory. Without an early exit it vectorises.
        let largest = col.iter().fold(0, |largest, &j| largest.max(j));
        assert!(col.is_empty() || (largest as usize) < cols, "column {largest} of {cols}");
        Csr::assembled(rows, cols, row_ptr, col, val)
    }

    /// From parts that `fill` writes as a whole, into recycled memory: where each row ends among the stored cells, and
    /// their columns and values.
    ///
    /// # Errors
    /// Those of `fill`.
    ///
    /// # Panics
    /// As of [`Csr::from_parts`].
    pub fn filled<E>(
        rows: usize,
        cols: usize,
        stored: usize,
        fill: impl FnOnce(&mut [usize], &mut [u32], &mut [f64]) -> Result<(), E>,
    ) -> Result<Csr, E> {
        let (mut row_ptr, mut col, mut val) = (vec![0; rows + 1], Store::unset(stored), Store::unset(stored));
        fill(&mut row_ptr[1..], col.values_mut(), val.values_mut())?;
        assert!(row_ptr.is_sorted(), "row pointers ascend");
        let largest = col.par_chunks(1 << 16).map(|col| col.iter().fold(0, |largest, &j| largest.max(j)));
        let largest = largest.max().unwrap_or(0);
        assert!(stored == 0 || (largest as usize) < cols, "column {largest} of {cols}");
        Ok(Csr::assembled(rows, cols, row_ptr, col, val))
    }

    /// As [`Csr::from_parts`] for a kernel whose columns lie inside by construction.
    pub(crate) fn assembled(
        rows: usize,
        cols: usize,
        row_ptr: Vec<usize>,
        col: impl Into<Store<u32>>,
        val: impl Into<Store<f64>>,
    ) -> Csr {
        let (row_ptr, col, val) = (Arc::new(row_ptr), Arc::new(col.into()), val.into());
        Csr { rows, cols, row_ptr, col, val }.checked()
    }

    fn checked(self) -> Csr {
        let Csr { rows, cols, row_ptr, col, val } = &self;
        assert!(*cols <= Csr::MAX_COLS && row_ptr.len() == rows + 1 && col.len() == val.len());
        assert_eq!(row_ptr[*rows], col.len(), "the last row pointer is the number of stored cells");
        debug_assert!(self.keeps_invariant());
        self
    }

    fn keeps_invariant(&self) -> bool {
        (0..self.rows).all(|i| {
            let (col, val) = self.row(i);
            col.windows(2).all(|pair| pair[0] < pair[1])
                && col.last().is_none_or(|&last| (last as usize) < self.cols)
                && val.iter().all(|&v| v != 0.0)
        })
    }

    /// Row by row, in parallel: row `i` is appended by `append(i, room)`, by ascending column. There are `stored` cells,
    /// and at most `widest` in a row.
    ///
    /// # Panics
    /// When there are more cells in a row, or more columns than 32 bits address.
    pub fn from_rows(
        rows: usize,
        cols: usize,
        stored: usize,
        widest: usize,
        append: impl Fn(usize, &mut Room<'_>) + Sync,
    ) -> Csr {
        sparse_rows_counted(rows, cols, stored, |i| i.saturating_mul(widest), append)
    }

    /// The non-zero cells of a dense matrix.
    pub fn from_dense(dense: &Dense) -> Csr {
        let cols = dense.cols();
        sparse_rows(dense.rows(), cols, |i| i * cols, |i, room| append_nonzero(dense.row(i), 0, room))
    }

    /// What [`Csr::from_dense`] needs for a `rows x cols` matrix: room as if no cell were zero.
    pub fn from_dense_scratch(rows: usize, cols: usize) -> Scratch {
        sparse_rows_scratch(rows, cols, rows.saturating_mul(cols), cols)
    }

    /// As [`Csr::from_dense`], when the number of cells that are not zero is known.
    pub fn from_dense_counted(dense: &Dense, stored: usize) -> Csr {
        let (rows, cols) = (dense.rows(), dense.cols());
        let append = |i: usize, room: &mut Room<'_>| append_nonzero(dense.row(i), 0, room);
        sparse_rows_counted(rows, cols, stored, |i| i * cols, append)
    }

    /// What [`Csr::from_dense_counted`] needs for a `rows x cols` matrix.
    pub fn from_dense_counted_scratch(rows: usize, cols: usize) -> Scratch {
        sparse_rows_counted_scratch(rows, rows.saturating_mul(cols), cols)
    }

    /// The same matrix with all cells stored.
    pub fn to_dense(&self) -> Dense {
        dense_rows(self.rows, self.cols, |i, row| {
            row.fill(0.0);
            let (col, val) = self.row(i);
            for (&j, &x) in col.iter().zip(val) {
                row[j as usize] = x;
            }
        })
    }

    /// The number of rows.
    #[inline]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    #[inline]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The number of stored cells, none of which is zero.
    #[inline]
    pub fn nnz(&self) -> usize {
        self.col.len()
    }

    /// The column indices and values of row `i` (0-based), by ascending column.
    #[inline]
    pub fn row(&self, i: usize) -> (&[u32], &[f64]) {
        let range = self.row_ptr[i]..self.row_ptr[i + 1];
        (&self.col[range.clone()], &self.val[range])
    }

    /// Where each row starts among the stored cells (`rows + 1` entries).
    #[inline]
    pub fn row_ptr(&self) -> &[usize] {
        &self.row_ptr
    }

    /// The column index of every stored cell.
    #[inline]
    pub fn col(&self) -> &[u32] {
        &self.col
    }

    /// The value of every stored cell.
    #[inline]
    pub fn val(&self) -> &[f64] {
        &self.val
    }

    /// Whether both have the same shape and the same cells stored.
    pub fn has_cells_of(&self, other: &Csr) -> bool {
        let is_shared = Arc::ptr_eq(&self.row_ptr, &other.row_ptr) && Arc::ptr_eq(&self.col, &other.col);
        self.cols == other.cols && (is_shared || self.row_ptr == other.row_ptr && self.col() == other.col())
    }

    /// The cell at 0-based `(i, j)`.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        let (col, val) = self.row(i);
        col.binary_search(&(j as u32)).map_or(0.0, |at| val[at])
    }

    /// The same stored cells in other rows.
    ///
    /// # Panics
    /// When the row pointers are of other numbers of cells.
    pub(crate) fn with_row_ptr(self, row_ptr: Vec<usize>) -> Csr {
        Csr { rows: row_ptr.len() - 1, row_ptr: Arc::new(row_ptr), ..self }.checked()
    }

    /// Other values, none of them zero, in the same places, which are shared.
    ///
    /// # Panics
    /// When the numbers of cells differ.
    pub(crate) fn with_val(&self, val: Store<f64>) -> Csr {
        let (row_ptr, col) = (Arc::clone(&self.row_ptr), Arc::clone(&self.col));
        Csr { rows: self.rows, cols: self.cols, row_ptr, col, val }.checked()
    }

    /// Row pointers, columns and values, by value; what is shared is copied.
    pub fn into_parts(self) -> (Vec<usize>, Vec<u32>, Vec<f64>) {
        let col = Arc::try_unwrap(self.col).map_or_else(|shared| shared.to_vec(), Store::into_vec);
        (Arc::unwrap_or_clone(self.row_ptr), col, self.val.into_vec())
    }
}
