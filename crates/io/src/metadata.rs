//! What is known of a file before it is read: the `.mtd` file beside it, or its head.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_value::ScalarType;

use crate::options::{Format, ReadOptions};

/// What kind of value a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DataType {
    /// A matrix.
    #[default]
    Matrix,
    /// A scalar.
    Scalar,
    /// A table of typed columns.
    Frame,
    /// A list.
    List,
}

/// What is known of a file before it is read. Sizes are checked when it is read, so they may be relied on;
/// the number of non-zeros is only what the writer said.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metadata {
    /// Matrix, scalar, frame or list.
    pub data_type: DataType,
    /// The type of cells, or of the scalar.
    pub value_type: Option<ScalarType>,
    /// The number of rows.
    pub rows: Option<usize>,
    /// The number of columns.
    pub cols: Option<usize>,
    /// The number of cells that are not zero; an estimate.
    pub nnz: Option<usize>,
    /// The layout.
    pub format: Option<Format>,
    /// CSV: true when the first line holds column names.
    pub header: Option<bool>,
    /// CSV: what stands between cells.
    pub separator: Option<String>,
    /// CSV: true when empty cells are allowed.
    pub fill: Option<bool>,
    /// CSV: the value of empty cells.
    pub default: Option<f64>,
    /// CSV: cell texts that read as NaN.
    pub missing: Option<Vec<String>>,
}

/// What is known of the file at `path` before it is read; `None` when that is nothing.
///
/// # Errors
/// When metadata is malformed, contradicts `options`, or names a format that this build does not read.
pub fn metadata(path: &Path, _options: &ReadOptions) -> Outcome<Option<Metadata>> {
    bail!(Unsupported, "{}: metadata is not in this build yet", path.display())
}
