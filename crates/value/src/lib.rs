//! The values of a running script: scalars, matrices, frames and lists.
//!
//! - [`scalar`]: one number, truth value or string
//! - [`block`]: a matrix in memory, dense or sparse, with the choice between the two
//! - [`handle`]: what instructions hold instead of blocks
//! - [`list`]: ordered, optionally named values

pub mod block;
pub mod handle;
pub mod list;
pub mod scalar;

pub use block::Block;
pub use handle::Matrix;
pub use list::List;
pub use scalar::{Scalar, ScalarType};
pub use tilewright_matrix::pages::{OutOfMemory, bytes_in_use};

use tilewright_base::{Outcome, bail};
use tilewright_frame::Frame;

/// A value of a script.
#[derive(Debug, Clone)]
pub enum Value {
    /// One number, truth value or string.
    Scalar(Scalar),
    /// A matrix of doubles.
    Matrix(Matrix),
    /// A table of typed columns.
    Frame(Frame),
    /// A list of values.
    List(List),
}

impl Value {
    /// What it is, for messages: `a 3x4 matrix`, `an integer`.
    pub fn describe(&self) -> String {
        match self {
            Value::Scalar(scalar) => scalar.kind().describe().into(),
            Value::Matrix(matrix) => format!("a {}x{} matrix", matrix.rows(), matrix.cols()),
            Value::Frame(frame) => format!("a {}x{} frame", frame.rows(), frame.cols()),
            Value::List(list) => {
                format!("a list of {}", tilewright_base::number::count(list.len(), "element"))
            }
        }
    }

    /// The matrix, or a type error.
    ///
    /// # Errors
    /// When it is not a matrix.
    pub fn as_matrix(&self) -> Outcome<&Matrix> {
        match self {
            Value::Matrix(matrix) => Ok(matrix),
            Value::Frame(_) => {
                bail!(Type, "expected a matrix, found {}", self.describe(); hint: "`as.matrix(F)` makes a matrix of a frame of numbers")
            }
            Value::Scalar(Scalar::String(_)) | Value::List(_) => {
                bail!(Type, "expected a matrix, found {}", self.describe())
            }
            Value::Scalar(_) => {
                bail!(Type, "expected a matrix, found {}", self.describe(); hint: "`as.matrix(x)` makes a 1x1 matrix of a scalar")
            }
        }
    }

    /// The scalar; a 1x1 matrix or frame counts as its cell.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn as_scalar(&self) -> Outcome<Scalar> {
        match self {
            Value::Scalar(scalar) => Ok(scalar.clone()),
            Value::Matrix(matrix) if matrix.rows() == 1 && matrix.cols() == 1 => {
                Ok(Scalar::Double(matrix.pin().get(0, 0)))
            }
            Value::Frame(frame) if frame.rows() == 1 && frame.cols() == 1 => Ok(Scalar::of_cell(frame)),
            other => bail!(Type, "expected a scalar, found {}", other.describe()),
        }
    }

    /// The bytes it occupies in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Value::Scalar(_) => size_of::<Scalar>(),
            Value::Matrix(matrix) => matrix.pin().bytes(),
            Value::Frame(frame) => frame.bytes(),
            Value::List(list) => list.iter().map(|(_, value)| value.bytes()).sum(),
        }
    }
}

impl From<Scalar> for Value {
    fn from(scalar: Scalar) -> Value {
        Value::Scalar(scalar)
    }
}

impl From<Block> for Value {
    fn from(block: Block) -> Value {
        Value::Matrix(Matrix::new(block))
    }
}

impl From<Frame> for Value {
    fn from(frame: Frame) -> Value {
        Value::Frame(frame)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Scalar(Scalar::Double(value))
    }
}
