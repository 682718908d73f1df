//! What a script may say about a file it reads or writes.

use tilewright_base::{Outcome, bail};
use tilewright_frame::ColumnType;

use crate::format::Format;
use crate::source::Encoding;

/// What a script says about a file to read; `None` leaves it to the metadata and then to the default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOptions {
    /// The layout.
    pub format: Option<&'static Format>,
    /// The number of rows.
    pub rows: Option<usize>,
    /// The number of columns.
    pub cols: Option<usize>,
    /// The number of cells that are not zero.
    pub nnz: Option<usize>,
    /// CSV: true when the first line holds column names (default false).
    pub header: Option<bool>,
    /// CSV: what stands between cells, one or more characters (default `,`, and a tab in `.tsv` files).
    pub separator: Option<String>,
    /// CSV: true when empty cells are allowed (default true).
    pub fill: Option<bool>,
    /// CSV: the value of empty cells (default 0).
    pub default: Option<f64>,
    /// CSV: cell texts that read as NaN, or as a missing cell of a frame.
    pub missing: Option<Vec<String>>,
    /// CSV: `.` or `,` before the fraction of a number (default `.`; with `,` cells are separated by `;` by default).
    pub decimal: Option<u8>,
    /// Text formats: how characters are bytes (default UTF-8).
    pub encoding: Option<Encoding>,
    /// LIBSVM: what stands between an index and its value (default `:`).
    pub index_separator: Option<String>,
    /// HDF5: the data set (default the only one that is a matrix).
    pub data_set: Option<String>,
    /// Frames: the types of the columns (default all STRING; of JSON lines found from the data).
    pub schema: Option<Vec<ColumnType>>,
}

impl ReadOptions {
    /// The arguments that say something which only some formats know. No header is what all others have.
    pub fn given(&self) -> Vec<&'static str> {
        let given = [
            ("header", self.header == Some(true)),
            ("sep", self.separator.is_some()),
            ("fill", self.fill.is_some()),
            ("default", self.default.is_some()),
            ("naStrings", self.missing.is_some()),
            ("decimal", self.decimal.is_some()),
            ("encoding", self.encoding.is_some()),
            ("indSep", self.index_separator.is_some()),
            ("dataset", self.data_set.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}

/// The list of texts in a `naStrings` option, which separates them by `·` (U+00B7).
pub fn split_missing(text: &str) -> Vec<String> {
    text.split('\u{b7}').filter(|part| !part.is_empty()).map(str::to_string).collect()
}

/// The byte of a `decimal` option.
///
/// # Errors
/// When it is neither a point nor a comma.
pub fn decimal(text: &str) -> Outcome<u8> {
    match text {
        "." | "," => Ok(text.as_bytes()[0]),
        _ => bail!(Argument, "`decimal` is \"{text}\""; hint: "\".\" or \",\""),
    }
}

/// What a script says about a file to write.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WriteOptions {
    /// The layout; by default that of the extension, else text.
    pub format: Option<&'static Format>,
    /// CSV: true to write a first line of column names `C1`, `C2`, ...
    pub header: bool,
    /// CSV: what stands between cells (default `,`, and a tab in `.tsv` files).
    pub separator: Option<String>,
    /// CSV: true to leave zeros empty.
    pub sparse: bool,
    /// HDF5: the name of the data set (default `X`).
    pub data_set: Option<String>,
    /// Binary: true to compress by zstd; HDF5: by deflate.
    pub compress: bool,
    /// Binary: true to add rows to the file instead of replacing it.
    pub append: bool,
    /// LIBSVM: what stands between an index and its value (default `:`).
    pub index_separator: Option<String>,
    /// A sentence for the metadata.
    pub description: Option<String>,
}

impl WriteOptions {
    /// The arguments that say something which only some formats know.
    pub fn given(&self) -> Vec<&'static str> {
        let given = [
            ("header", self.header),
            ("sep", self.separator.is_some()),
            ("sparse", self.sparse),
            ("compress", self.compress),
            ("indSep", self.index_separator.is_some()),
            ("dataset", self.data_set.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }
}
