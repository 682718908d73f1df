//! Reading: the format of a file, then its reader.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_value::{Block, Scalar, ScalarType};

use crate::options::ReadOptions;

/// A matrix read from a file.
#[derive(Debug)]
pub struct Read {
    /// The matrix, in the format of fewer bytes.
    pub block: Block,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads the matrix at `path`.
///
/// # Errors
/// When the file is missing, malformed or not as its metadata and `options` say.
pub fn read_matrix(path: &Path, _options: &ReadOptions) -> Outcome<Read> {
    bail!(Unsupported, "{}: reading is not in this build yet", path.display())
}

/// Reads the scalar at `path`.
///
/// # Errors
/// When the file is missing or does not hold one scalar of the type.
pub fn read_scalar(path: &Path, _value_type: ScalarType) -> Outcome<Scalar> {
    bail!(Unsupported, "{}: reading is not in this build yet", path.display())
}
