//! Right and left indexing: `X[rows, columns]` and `X[rows, columns] = value`.
//!
//! Inputs are the matrix, for left indexing the value, then the index scalars of the rows and of the columns: none
//! for everything, one for a single position, two for a range. Positions count from 1, both ends included.

use std::ops::Range;

use tilewright_base::{Outcome, bail, fault};
use tilewright_matrix::{reference, slice};
use tilewright_value::{Block, Scalar, Value};

use crate::facts::{Dim, Facts, Kind};

/// How one side of an index is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Everything; no input.
    All,
    /// One position; one input.
    One,
    /// From, to; two inputs.
    Range,
}

impl Side {
    /// The number of inputs.
    pub fn inputs(self) -> usize {
        match self {
            Side::All => 0,
            Side::One => 1,
            Side::Range => 2,
        }
    }

    fn known(self, scalars: &[Facts], extent: Dim) -> Outcome<Option<(i64, i64)>> {
        let at = |k: usize| -> Outcome<Option<i64>> {
            scalars[k].constant.as_ref().map(Scalar::as_integer).transpose()
        };
        Ok(match self {
            Side::All => extent.known().map(|n| (1, n as i64)),
            Side::One => at(0)?.map(|i| (i, i)),
            Side::Range => at(0)?.zip(at(1)?),
        })
    }

    fn given(self, scalars: &[Value], extent: usize) -> Outcome<(i64, i64)> {
        let at = |k: usize| scalars[k].as_scalar()?.as_integer();
        Ok(match self {
            Side::All => (1, extent as i64),
            Side::One => (at(0)?, at(0)?),
            Side::Range => (at(0)?, at(1)?),
        })
    }
}

/// How both sides of an index are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form {
    /// The rows.
    pub rows: Side,
    /// The columns.
    pub cols: Side,
}

fn extent(side: Side, bounds: Option<(i64, i64)>, all: Dim) -> Dim {
    match (side, bounds) {
        (Side::All, _) => all,
        (Side::One, _) => Dim::Known(1),
        (Side::Range, Some((from, to))) => Dim::Known((to - from + 1).max(0) as u64),
        (Side::Range, None) => Dim::Unknown,
    }
}

/// Checks `from:to` against what is there; an empty range `n+1:n` selects nothing.
fn check(bounds: (i64, i64), extent: u64, what: &str, shape: &str) -> Outcome<()> {
    let (from, to) = bounds;
    let outside = from < 1 || to > extent as i64 || from > to + 1;
    if outside {
        let asked = if from == to { format!("{what} {from}") } else { format!("{what}s {from} to {to}") };
        let fault = fault!(Index, "{asked} of {shape}");
        return Err(match (from, to) {
            (0, 0) => fault.hint("positions count from 1"),
            _ if from > to + 1 => fault.hint("a range runs from the smaller to the larger position"),
            _ => fault.hint(format!("valid are {what}s 1 to {extent}")),
        });
    }
    Ok(())
}

impl Form {
    fn split<T>(self, scalars: &[T]) -> (&[T], &[T]) {
        scalars.split_at(self.rows.inputs())
    }

    fn bounds(self, x: &Facts, scalars: &[Facts]) -> Outcome<(Dim, Dim)> {
        for scalar in scalars {
            scalar.expect_scalar("an index")?;
        }
        let (rows, cols) = x.dims();
        let (row_scalars, col_scalars) = self.split(scalars);
        let (row_bounds, col_bounds) =
            (self.rows.known(row_scalars, rows)?, self.cols.known(col_scalars, cols)?);
        let shape = x.describe();
        if let (Some(bounds), Some(n)) = (row_bounds, rows.known()) {
            check(bounds, n, "row", &shape)?;
        }
        if let (Some(bounds), Some(n)) = (col_bounds, cols.known()) {
            check(bounds, n, "column", &shape)?;
        }
        Ok((extent(self.rows, row_bounds, rows), extent(self.cols, col_bounds, cols)))
    }

    /// Checked 0-based half-open ranges.
    fn ranges(self, x: &Block, scalars: &[Value]) -> Outcome<(Range<usize>, Range<usize>)> {
        let (row_scalars, col_scalars) = self.split(scalars);
        let rows = self.rows.given(row_scalars, x.rows())?;
        let cols = self.cols.given(col_scalars, x.cols())?;
        let shape = || format!("a {}x{} matrix", x.rows(), x.cols());
        if rows.0 < 1 || rows.1 > x.rows() as i64 || rows.0 > rows.1 + 1 {
            check(rows, x.rows() as u64, "row", &shape())?;
        }
        if cols.0 < 1 || cols.1 > x.cols() as i64 || cols.0 > cols.1 + 1 {
            check(cols, x.cols() as u64, "column", &shape())?;
        }
        Ok((rows.0 as usize - 1..rows.1 as usize, cols.0 as usize - 1..cols.1 as usize))
    }

    /// What is known of `X[...]`.
    ///
    /// # Errors
    /// When positions are known to be outside.
    pub fn infer(self, inputs: &[Facts]) -> Outcome<Facts> {
        if inputs[0].kind == Kind::List {
            bail!(Unsupported, "indexing of lists is not in this build yet");
        }
        inputs[0].expect_matrix("what is indexed")?;
        let (rows, cols) = self.bounds(&inputs[0], &inputs[1..])?;
        Ok(Facts::matrix(rows, cols).with_nnz(inputs[0].nnz.at_most()))
    }

    /// What is known of `X` after `X[...] = value`.
    ///
    /// # Errors
    /// When positions are known to be outside or the value is known not to fit.
    pub fn infer_assign(self, inputs: &[Facts]) -> Outcome<Facts> {
        if inputs[0].kind == Kind::List {
            bail!(Unsupported, "assignment to elements of lists is not in this build yet");
        }
        let (rows, cols) = inputs[0].expect_matrix("what is assigned to")?;
        let part = self.bounds(&inputs[0], &inputs[2..])?;
        if let Kind::Matrix { rows: r, cols: c } = inputs[1].kind {
            if r.conflicts(part.0) || c.conflicts(part.1) {
                bail!(
                    Shape,
                    "a {r}x{c} matrix cannot be assigned to a {}x{} part of a {rows}x{cols} matrix",
                    part.0,
                    part.1
                );
            }
        } else if inputs[1].kind != Kind::Unknown {
            let number = inputs[1].is_scalar()
                && inputs[1].scalar_type() != Some(tilewright_value::ScalarType::String);
            if !number {
                bail!(Type, "{} cannot be assigned to cells of a matrix", inputs[1].describe());
            }
        }
        Ok(Facts::matrix(rows, cols))
    }

    /// `X[...]`.
    ///
    /// # Errors
    /// When positions are outside.
    pub fn run(self, inputs: &[Value]) -> Outcome<Value> {
        let x = inputs[0].as_matrix()?;
        let block = x.pin();
        let (rows, cols) = self.ranges(&block, &inputs[1..])?;
        if rows.len() == block.rows() && cols.len() == block.cols() {
            return Ok(Value::Matrix(x.clone()));
        }
        Ok(match &*block {
            Block::Dense(dense) => Block::Dense(slice::slice_dense(dense, rows, cols)),
            Block::Sparse(csr) => Block::Sparse(slice::slice_sparse(csr, rows, cols)).compact(),
        }
        .into())
    }

    /// `X[...] = value`; writes in place when `inputs[0]` is the last handle of its block.
    ///
    /// # Errors
    /// When positions are outside or the value does not fit.
    pub fn run_assign(self, mut inputs: Vec<Value>) -> Outcome<Value> {
        let scalars = inputs.split_off(2);
        let value = inputs.pop().expect("invariant: left indexing has a value");
        let Some(Value::Matrix(x)) = inputs.pop() else {
            bail!(Type, "only matrices can be assigned to by position")
        };
        let (rows, cols) = self.ranges(&x.pin(), &scalars)?;
        let part = (rows.len(), cols.len());
        let scalar = match &value {
            Value::Scalar(scalar) => Some(scalar.as_double()?),
            _ => None,
        };
        if scalar.is_none() && (value.as_matrix()?.rows(), value.as_matrix()?.cols()) != part {
            let m = value.as_matrix()?;
            bail!(
                Shape,
                "a {}x{} matrix cannot be assigned to a {}x{} part",
                m.rows(),
                m.cols(),
                part.0,
                part.1
            );
        }
        Ok(match (x.into_block(), scalar) {
            (Block::Dense(x), Some(scalar)) => slice::assign_scalar_dense(x, rows, cols, scalar).into(),
            (Block::Sparse(x), Some(scalar)) => slice::assign_scalar_sparse(x, rows, cols, scalar).into(),
            (Block::Dense(x), None) => {
                Block::Dense(slice::assign_dense(x, rows, cols, &value.as_matrix()?.pin().dense()))
            }
            (Block::Sparse(x), None) => {
                Block::Sparse(slice::assign_sparse(x, rows, cols, &value.as_matrix()?.pin().sparse()))
                    .compact()
            }
        }
        .into())
    }

    /// The definition of `X[...]`.
    ///
    /// # Errors
    /// As [`Form::run`].
    pub fn reference(self, inputs: &[Value]) -> Outcome<Value> {
        let block = inputs[0].as_matrix()?.pin();
        let (rows, cols) = self.ranges(&block, &inputs[1..])?;
        Ok(Block::Dense(reference::reorg::slice(&block.dense(), rows, cols)).into())
    }

    /// The definition of `X[...] = value`.
    ///
    /// # Errors
    /// As [`Form::run_assign`].
    pub fn reference_assign(self, inputs: &[Value]) -> Outcome<Value> {
        let x = inputs[0].as_matrix()?.pin();
        let (rows, cols) = self.ranges(&x, &inputs[2..])?;
        let value = match &inputs[1] {
            Value::Scalar(scalar) => {
                tilewright_matrix::Dense::filled(rows.len(), cols.len(), scalar.as_double()?)
            }
            other => other.as_matrix()?.pin().dense().into_owned(),
        };
        if (value.rows(), value.cols()) != (rows.len(), cols.len()) {
            bail!(
                Shape,
                "a {}x{} matrix cannot be assigned to a {}x{} part",
                value.rows(),
                value.cols(),
                rows.len(),
                cols.len()
            );
        }
        Ok(Block::Dense(reference::reorg::assign(&x.dense(), rows, cols, &value)).into())
    }
}
