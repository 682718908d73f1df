//! Right and left indexing: `X[rows, columns]`, `L[i]`, `L[[i]]` and the same as targets of an assignment.
//!
//! Inputs are what is indexed, for left indexing the value, then the index values of the rows and of the columns: none
//! for everything, one for a position (or several, as a vector), two for a range. Positions count from 1, both ends
//! included.
//!
//! - `choice`: from index values to positions
//! - `matrix`, `frame`, `list`: what is chosen of a matrix, of a frame, of a list
//! - `scratch`: the memory that choosing from a matrix takes

mod choice;
mod frame;
mod list;
mod matrix;
mod scratch;

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Scratch;
use tilewright_value::Value;

use crate::facts::{Dim, Facts, Kind};

/// How one side of an index is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Everything; no input.
    All,
    /// One position, or several in a vector or list; one input.
    One,
    /// From, to; two inputs.
    Range,
    /// One element itself, `L[[i]]`; one input.
    Element,
}

impl Side {
    /// The number of inputs.
    pub fn inputs(self) -> usize {
        match self {
            Side::All => 0,
            Side::One | Side::Element => 1,
            Side::Range => 2,
        }
    }
}

/// How both sides of an index are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form {
    /// The rows of a matrix, the elements of a list.
    pub rows: Side,
    /// The columns.
    pub cols: Side,
}

impl Form {
    /// `L[[i]]`
    pub const ELEMENT: Form = Form { rows: Side::Element, cols: Side::All };

    fn split<T>(self, indices: &[T]) -> (&[T], &[T]) {
        indices.split_at(self.rows.inputs())
    }

    /// What is known of `X[...]`.
    ///
    /// # Errors
    /// When positions are known to be outside.
    pub fn infer(self, inputs: &[Facts]) -> Outcome<Facts> {
        let (x, indices) = (&inputs[0], &inputs[1..]);
        match x.kind {
            Kind::List => list::infer(self, x, indices),
            Kind::Frame { .. } => frame::infer(self, x, indices),
            Kind::Unknown => Ok(Facts::UNKNOWN),
            _ => matrix::infer(self, x, indices),
        }
    }

    /// What is known of `X` after `X[...] = value`.
    ///
    /// # Errors
    /// When positions are known to be outside or the value is known not to fit.
    pub fn infer_assign(self, inputs: &[Facts]) -> Outcome<Facts> {
        let (x, value, indices) = (&inputs[0], &inputs[1], &inputs[2..]);
        match x.kind {
            Kind::List => list::infer_assign(self, x, value, indices),
            Kind::Frame { .. } => frame::infer_assign(self, x, value, indices),
            Kind::Unknown => Ok(Facts::UNKNOWN),
            _ => matrix::infer_assign(self, x, value, indices),
        }
    }

    /// The cells that `X[...] = value` writes to a matrix; at most all of them where the part is not known. None if
    /// neither is.
    pub fn assigned(self, inputs: &[&Facts]) -> Option<f64> {
        let all = inputs[0].dense_bytes()? / 8.0;
        let indices: Vec<Facts> = inputs[2..].iter().map(|facts| (*facts).clone()).collect();
        let part = matrix::part(self, inputs[0], &indices).ok().map(|(rows, cols)| rows.times(cols));
        Some(match part.and_then(Dim::known) {
            Some(cells) => all.min(cells as f64),
            // A matrix fits the part.
            None if inputs[1].is_matrix() => {
                all.min(inputs[1].dense_bytes().map_or(all, |bytes| bytes / 8.0))
            }
            None => all,
        })
    }

    /// `X[...]`.
    ///
    /// # Errors
    /// When positions are outside.
    pub fn run(self, inputs: &[Value]) -> Outcome<Value> {
        match &inputs[0] {
            Value::List(x) => list::run(self, x, &inputs[1..]),
            Value::Frame(x) => frame::run(self, x, &inputs[1..]),
            x => matrix::run(self, x.as_matrix()?, &inputs[1..]),
        }
    }

    /// `X[...] = value`; writes in place when `inputs[0]` is the last handle of its block.
    ///
    /// # Errors
    /// When positions are outside or the value does not fit.
    pub fn run_assign(self, mut inputs: Vec<Value>) -> Outcome<Value> {
        let indices = inputs.split_off(2);
        let value = inputs.pop().expect("invariant: left indexing has a value");
        match inputs.pop().expect("invariant: left indexing has a target") {
            Value::List(x) => list::run_assign(self, x, value, &indices),
            Value::Frame(x) => frame::run_assign(self, x, &value, &indices),
            Value::Matrix(x) => matrix::run_assign(self, x, &value, &indices),
            x => bail!(Type, "{} has no parts that could be assigned to", x.describe()),
        }
    }

    /// What `X[...]` needs beside its inputs and the result.
    pub fn scratch(self, inputs: &[Facts], result: &Facts) -> Option<Scratch> {
        match inputs[0].kind {
            Kind::List => Some(Scratch::NONE),
            Kind::Frame { .. } | Kind::Unknown => None,
            _ => scratch::part(self, &inputs[0], &inputs[1..], result),
        }
    }

    /// What `X[...] = value` needs beside its inputs and the result.
    pub fn scratch_assign(self, inputs: &[Facts], result: &Facts) -> Option<Scratch> {
        match inputs[0].kind {
            Kind::List => Some(Scratch::NONE),
            Kind::Frame { .. } | Kind::Unknown => None,
            _ => scratch::assign(self, &inputs[0], &inputs[1], &inputs[2..], result),
        }
    }

    /// The definition of `X[...]`.
    ///
    /// # Errors
    /// As [`Form::run`].
    pub fn reference(self, inputs: &[Value]) -> Outcome<Value> {
        match &inputs[0] {
            Value::List(x) => list::run(self, x, &inputs[1..]),
            Value::Frame(x) => frame::reference(self, x, &inputs[1..]),
            x => matrix::reference(self, x.as_matrix()?, &inputs[1..]),
        }
    }

    /// The definition of `X[...] = value`.
    ///
    /// # Errors
    /// As [`Form::run_assign`].
    pub fn reference_assign(self, inputs: &[Value]) -> Outcome<Value> {
        match &inputs[0] {
            Value::Matrix(x) => matrix::reference_assign(self, x, &inputs[1], &inputs[2..]),
            Value::Frame(x) => frame::reference_assign(self, x, &inputs[1], &inputs[2..]),
            _ => self.run_assign(inputs.to_vec()),
        }
    }
}
