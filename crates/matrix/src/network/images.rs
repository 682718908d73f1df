//! Batches of images as kernels read them: a few cells of a row at a time, whatever the format.

use std::ops::Range;

use crate::{Csr, Dense};

/// The rows of a matrix that holds an image per row.
#[derive(Debug, Clone, Copy)]
pub enum Images<'a> {
    /// All cells are stored.
    Dense(&'a Dense),
    /// The non-zero cells are stored; an image becomes dense only while it is worked on.
    Sparse(&'a Csr),
}

impl<'a> Images<'a> {
    /// The number of images.
    pub fn rows(self) -> usize {
        match self {
            Images::Dense(x) => x.rows(),
            Images::Sparse(x) => x.rows(),
        }
    }

    /// The number of cells of an image.
    pub fn cols(self) -> usize {
        match self {
            Images::Dense(x) => x.cols(),
            Images::Sparse(x) => x.cols(),
        }
    }

    /// The cell at 0-based `(i, j)`.
    pub fn get(self, i: usize, j: usize) -> f64 {
        match self {
            Images::Dense(x) => x.get(i, j),
            Images::Sparse(x) => x.get(i, j),
        }
    }

    /// Some cells of row `i`; those of a sparse matrix are written to `scratch`.
    pub(super) fn cells<'s>(self, i: usize, cells: Range<usize>, scratch: &'s mut Vec<f64>) -> &'s [f64]
    where
        'a: 's,
    {
        match self {
            Images::Dense(x) => &x.row(i)[cells],
            Images::Sparse(x) => {
                scratch.clear();
                scratch.resize(cells.len(), 0.0);
                let (col, val) = x.row(i);
                let first = col.partition_point(|&j| (j as usize) < cells.start);
                let stored = col[first..].iter().zip(&val[first..]);
                for (&j, &value) in stored.take_while(|(j, _)| (**j as usize) < cells.end) {
                    scratch[j as usize - cells.start] = value;
                }
                scratch
            }
        }
    }

    /// The whole of row `i`.
    pub(super) fn image<'s>(self, i: usize, scratch: &'s mut Vec<f64>) -> &'s [f64]
    where
        'a: 's,
    {
        self.cells(i, 0..self.cols(), scratch)
    }
}

impl<'a> From<&'a Dense> for Images<'a> {
    fn from(x: &'a Dense) -> Images<'a> {
        Images::Dense(x)
    }
}

impl<'a> From<&'a Csr> for Images<'a> {
    fn from(x: &'a Csr) -> Images<'a> {
        Images::Sparse(x)
    }
}
