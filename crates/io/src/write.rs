//! Writing: data and metadata, renamed into place when both are complete.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_value::{Block, Scalar};

use crate::binary::{self, Contents};
use crate::compression::{Compression, uncompressed_name};
use crate::format::{Format, extension, names};
use crate::metadata::{self, mtd_path};
use crate::options::WriteOptions;
use crate::output::{Draft, cannot_write};
use crate::remote::{self, is_remote};
use crate::{binary_file, endings, text};

/// Writes a matrix to `path`, and its metadata to `<path>.mtd` (some formats have none).
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_matrix(path: &Path, block: &Block, options: &WriteOptions) -> Outcome<()> {
    let (format, options) = settle(path, options)?;
    let Some(writer) = format.write_matrix else {
        let names = names(|format| format.write_matrix.is_some());
        bail!(Argument, "{} files hold frames, not matrices", format.name; hint: "matrices are written as {names}")
    };
    if options.append {
        return binary_file::append_matrix(path, block, format, &options);
    }
    let mut draft = Draft::create(path)?;
    writer(&mut draft, block, &options)?;
    let metadata =
        format.describe.map(|describe| metadata::of_matrix(block, format, describe(&options), &options));
    publish(draft, path, metadata)
}

/// The format of a file to write, text if nothing says another one, and the options with the separator of the ending.
///
/// # Errors
/// When the separator cannot be one, the name promises something else, or the format does not know an argument.
pub fn settle(path: &Path, options: &WriteOptions) -> Outcome<(&'static Format, WriteOptions)> {
    endings::check_compression(path)?;
    let said = options.format.or_else(|| Format::promised(path));
    if said.is_none() {
        endings::check_format(path, "text")?;
    }
    let format = said.unwrap_or(&text::FORMAT);
    format.check_arguments("write", &options.given(), format.write_arguments)?;
    if Compression::promised(path).is_some() && !format.is_text {
        bail!(Argument, "files of format {} are not compressed as a whole", format.name; hint: "write {}", uncompressed_name(path).display());
    }
    let separator = options.separator.clone().or_else(|| (extension(path) == "tsv").then(|| "\t".into()));
    if separator.as_ref().is_some_and(|text| text.is_empty() || text.contains(['"', '\n', '\r'])) {
        bail!(Argument, "a separator has at least one character, and no quote or line end");
    }
    Ok((format, WriteOptions { separator, ..options.clone() }))
}

/// Writes a scalar to `path` as text, or in our own format, and its metadata to `<path>.mtd`.
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_scalar(path: &Path, scalar: &Scalar, options: &WriteOptions) -> Outcome<()> {
    let is_binary = options.format.or_else(|| Format::promised(path)) == Some(&binary_file::FORMAT);
    let format = if is_binary { &binary_file::FORMAT } else { &text::FORMAT };
    binary_file::check_no_rows(path, "a scalar", options)?;
    // A text may be in any language, so that other endings say nothing.
    endings::check_compression(path)?;
    let mut draft = Draft::create(path)?;
    if is_binary {
        binary::write(&mut draft, Contents::Scalar(scalar), false)?;
    } else {
        draft.append(format!("{scalar}\n").as_bytes())?;
    }
    publish(draft, path, Some(metadata::of_scalar(scalar, format)))
}

/// Renames the data into place and the metadata beside it; metadata of an older file must not outlive it.
///
/// # Errors
/// When a file may not be renamed.
pub fn publish(data: Draft, path: &Path, metadata: Option<String>) -> Outcome<()> {
    if data.is_direct() {
        return data.publish();
    }
    let Some(metadata) = metadata else {
        // An upload fails more often than a deletion; what is there has to keep its metadata then.
        if is_remote(path) {
            data.publish()?;
            return remove_metadata(path);
        }
        remove_metadata(path)?;
        return data.publish();
    };
    let mut beside = Draft::create(&mtd_path(path))?;
    beside.append(metadata.as_bytes())?;
    data.publish()?;
    beside.publish()
}

/// Deletes the metadata beside a file, if there is any.
///
/// # Errors
/// When it may not be deleted.
pub fn remove_metadata(path: &Path) -> Outcome<()> {
    let mtd = mtd_path(path);
    if is_remote(path) {
        return remote::delete(&mtd);
    }
    match fs::remove_file(&mtd) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(cannot_write(&mtd, &error)),
        _ => Ok(()),
    }
}
