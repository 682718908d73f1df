//! What a script may say about a file it reads or writes.

use tilewright_base::{Outcome, bail, nearest};
use tilewright_frame::ColumnType;

/// How a matrix is laid out in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values: one line per row.
    Csv,
    /// One line `row column value` per non-zero cell, 1-based.
    Text,
    /// Matrix Market exchange format (Boisvert, Pozo, Remington 1996).
    MatrixMarket,
}

/// Formats of the language that this build does not read or write.
const LATER: [&str; 11] = [
    "binary",
    "parquet",
    "libsvm",
    "hdf5",
    "jsonl",
    "proto",
    "compressed",
    "cog",
    "delta",
    "federated",
    "arrow",
];

impl Format {
    /// All formats, by ascending name.
    pub const ALL: [Format; 3] = [Format::Csv, Format::MatrixMarket, Format::Text];

    /// Its name in scripts and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Text => "text",
            Format::MatrixMarket => "mm",
        }
    }

    /// The format of a name, in any case.
    ///
    /// # Errors
    /// For names of other formats and for unknown names.
    pub fn from_name(name: &str) -> Outcome<Format> {
        let lower = name.to_lowercase();
        if let Some(format) = Format::ALL.into_iter().find(|format| format.name() == lower) {
            return Ok(format);
        }
        if LATER.contains(&lower.as_str()) {
            bail!(Unsupported, "format \"{lower}\" is not in this build yet"; hint: "this build reads and writes \"csv\", \"mm\" and \"text\"");
        }
        let meant = nearest(&lower, Format::ALL.into_iter().map(Format::name).chain(LATER));
        match meant {
            Some(meant) => bail!(Argument, "unknown format \"{name}\""; hint: "did you mean \"{meant}\"?"),
            None => {
                bail!(Argument, "unknown format \"{name}\""; hint: "this build reads and writes \"csv\", \"mm\" and \"text\"")
            }
        }
    }
}

/// What a script says about a file to read; `None` leaves it to the metadata and then to the default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOptions {
    /// The layout.
    pub format: Option<Format>,
    /// The number of rows.
    pub rows: Option<usize>,
    /// The number of columns.
    pub cols: Option<usize>,
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
    /// Frames: the types of the columns (default all STRING).
    pub schema: Option<Vec<ColumnType>>,
}

/// The list of texts in a `naStrings` option, which separates them by `·` (U+00B7).
pub fn split_missing(text: &str) -> Vec<String> {
    text.split('\u{b7}').filter(|part| !part.is_empty()).map(str::to_string).collect()
}

/// What a script says about a file to write.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WriteOptions {
    /// The layout; by default that of the extension, else [`Format::Text`].
    pub format: Option<Format>,
    /// CSV: true to write a first line of column names `C1`, `C2`, ...
    pub header: bool,
    /// CSV: what stands between cells (default `,`, and a tab in `.tsv` files).
    pub separator: Option<String>,
    /// CSV: true to leave zeros empty.
    pub sparse: bool,
    /// A sentence for the metadata.
    pub description: Option<String>,
}
