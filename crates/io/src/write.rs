//! Writing: data and metadata, renamed into place when both are complete.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_value::{Block, Scalar};

use crate::csv_writer;
use crate::matrix_market;
use crate::metadata::{self, mtd_path, usual_separator};
use crate::options::{Format, WriteOptions};
use crate::output::{Draft, cannot_write};
use crate::triples;

/// Writes a matrix to `path`, and its metadata to `<path>.mtd` (Matrix Market files have none).
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_matrix(path: &Path, block: &Block, options: &WriteOptions) -> Outcome<()> {
    let format = options.format.unwrap_or_else(|| usual_format(path));
    let separator = options.separator.as_deref().unwrap_or_else(|| usual_separator(path));
    if separator.is_empty() || separator.contains(['"', '\n', '\r']) {
        bail!(Argument, "a separator of CSV cells has at least one character, and no quote or line end");
    }
    let mut draft = Draft::create(path)?;
    let metadata = match format {
        Format::Csv => {
            csv_writer::write(&mut draft, block, separator, options)?;
            Some(metadata::of_matrix(block, format, separator, options))
        }
        Format::Text => {
            triples::write(&mut draft, block)?;
            Some(metadata::of_matrix(block, format, separator, options))
        }
        Format::MatrixMarket => {
            matrix_market::write(&mut draft, block)?;
            None
        }
    };
    publish(draft, path, metadata)
}

/// Writes a scalar to `path` as text, and its metadata to `<path>.mtd`.
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_scalar(path: &Path, scalar: &Scalar) -> Outcome<()> {
    let mut draft = Draft::create(path)?;
    draft.append(format!("{scalar}\n").as_bytes())?;
    publish(draft, path, Some(metadata::of_scalar(scalar)))
}

/// The format that an extension promises, else text.
pub fn usual_format(path: &Path) -> Format {
    match path.extension().unwrap_or_default().to_string_lossy().to_lowercase().as_str() {
        "csv" | "tsv" => Format::Csv,
        "mtx" | "mm" => Format::MatrixMarket,
        _ => Format::Text,
    }
}

/// Renames the data into place and the metadata beside it; metadata of an older file must not outlive it.
///
/// # Errors
/// When a file may not be renamed.
pub fn publish(data: Draft, path: &Path, metadata: Option<String>) -> Outcome<()> {
    if data.is_direct() {
        return data.publish();
    }
    let mtd = mtd_path(path);
    let Some(metadata) = metadata else {
        if let Err(error) = fs::remove_file(&mtd)
            && error.kind() != ErrorKind::NotFound
        {
            return Err(cannot_write(&mtd, &error));
        }
        return data.publish();
    };
    let mut beside = Draft::create(&mtd)?;
    beside.append(metadata.as_bytes())?;
    data.publish()?;
    beside.publish()
}
