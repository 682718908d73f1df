//! Writing: data and metadata, renamed into place when complete.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_value::{Block, Scalar};

use crate::options::WriteOptions;

/// Writes a matrix to `path`, and its metadata to `<path>.mtd` (Matrix Market files have none).
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_matrix(path: &Path, _block: &Block, _options: &WriteOptions) -> Outcome<()> {
    bail!(Unsupported, "{}: writing is not in this build yet", path.display())
}

/// Writes a scalar to `path` as text, and its metadata to `<path>.mtd`.
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_scalar(path: &Path, _scalar: &Scalar) -> Outcome<()> {
    bail!(Unsupported, "{}: writing is not in this build yet", path.display())
}
