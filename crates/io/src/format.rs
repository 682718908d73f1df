//! The formats of files, one row each.
//!
//! A format is a file with a `static FORMAT` and its line in [`ALL`]: choice by name, extension and first bytes, reading
//! and writing, and what the messages list follow from the row. A format lacks what it leaves `None`.

use std::path::Path;

use tilewright_base::{Outcome, bail, nearest};
use tilewright_frame::Frame;
use tilewright_value::Block;

use crate::compression::uncompressed_name;
use crate::metadata::Metadata;
use crate::options::WriteOptions;
use crate::output::Draft;
use crate::parts::Parts;
use crate::remote::without_query;
use crate::{
    arrow_file, binary_file, csv_file, hdf5, json_lines, libsvm, matrix_market, npy, npz, parquet_file,
    source, text,
};

/// How values are laid out in files.
pub struct Format {
    /// Its name in scripts and metadata.
    pub name: &'static str,
    /// The endings of file names that promise it, in small letters.
    pub extensions: &'static [&'static str],
    /// True when its bytes are text, so that it may be compressed and be in parts.
    pub is_text: bool,
    /// True when a file without such an ending, whose first bytes these are, has this format; the ending comes first.
    pub sniff: fn(&str, &[u8]) -> bool,
    /// Adds what the file says of itself and is cheap to know: its size, before the file is read.
    pub peek: fn(&Path, &mut Metadata) -> Outcome<()>,
    /// Reads a matrix, of which the metadata is known; what the user should know is added to the warnings.
    pub read_matrix: Option<ReadMatrix>,
    /// Appends a matrix.
    pub write_matrix: Option<WriteMatrix>,
    /// Reads a frame, of which the metadata is known.
    pub read_frame: Option<ReadFrame>,
    /// Appends a frame.
    pub write_frame: Option<WriteFrame>,
    /// The arguments of `read` that it takes, beside those of all formats.
    pub read_arguments: &'static [&'static str],
    /// The arguments of `write` that it takes, beside those of all formats.
    pub write_arguments: &'static [&'static str],
    /// The entries of the metadata beside a written file that only this format has; `None` when nothing is written
    /// beside it.
    pub describe: Option<Describe>,
}

/// Reads a matrix from a file; warnings are added to the list.
pub type ReadMatrix = fn(&Path, &Metadata, &mut Vec<String>) -> Outcome<Counted>;

/// A matrix and the number of its cells that are not zero.
#[derive(Debug)]
pub struct Counted {
    /// The matrix.
    pub block: Block,
    /// Its cells that are not zero.
    pub nnz: usize,
}

impl<B: Into<Block>> From<B> for Counted {
    fn from(block: B) -> Counted {
        let block = block.into();
        Counted { nnz: block.nnz(), block }
    }
}

/// Reads a frame from a file; warnings are added to the list.
pub type ReadFrame = fn(&Path, &Metadata, &mut Vec<String>) -> Outcome<Frame>;

/// Appends a matrix to a file on its way.
pub type WriteMatrix = fn(&mut Draft, &Block, &WriteOptions) -> Outcome<()>;

/// Appends a frame to a file on its way.
pub type WriteFrame = fn(&mut Draft, &Frame, &WriteOptions) -> Outcome<()>;

/// Names and values of entries of metadata.
pub type Describe = fn(&WriteOptions) -> Vec<(&'static str, serde_json::Value)>;

/// All formats, by ascending name.
pub static ALL: [&Format; 11] = [
    &arrow_file::FORMAT,
    &binary_file::FORMAT,
    &csv_file::FORMAT,
    &hdf5::FORMAT,
    &json_lines::FORMAT,
    &libsvm::FORMAT,
    &matrix_market::FORMAT,
    &npy::FORMAT,
    &npz::FORMAT,
    &parquet_file::FORMAT,
    &text::FORMAT,
];

/// Formats of the language that this build does not read or write.
const LATER: [&str; 5] = ["proto", "compressed", "cog", "delta", "federated"];

impl Format {
    /// The format of a name, in any case.
    ///
    /// # Errors
    /// For names of other formats and for unknown names.
    pub fn from_name(name: &str) -> Outcome<&'static Format> {
        let lower = name.to_lowercase();
        if let Some(format) = ALL.into_iter().find(|format| format.name == lower) {
            return Ok(format);
        }
        let known = format!("this build reads and writes {}", names(|_| true));
        if LATER.contains(&lower.as_str()) {
            bail!(Unsupported, "format \"{lower}\" is not in this build yet"; hint: "{known}");
        }
        match nearest(&lower, ALL.into_iter().map(|format| format.name).chain(LATER)) {
            Some(meant) => bail!(Argument, "unknown format \"{name}\""; hint: "did you mean \"{meant}\"?"),
            None => bail!(Argument, "unknown format \"{name}\""; hint: "{known}"),
        }
    }

    /// Refuses arguments of `function` that say nothing of files of this format; `known` are those that it takes.
    ///
    /// # Errors
    /// Names the first other one.
    pub fn check_arguments(&self, function: &str, given: &[&str], known: &[&str]) -> Outcome<()> {
        let Some(other) = given.iter().find(|name| !known.contains(name)) else { return Ok(()) };
        let name = self.name;
        if known.is_empty() {
            bail!(Argument, "`{function}` of format \"{name}\" takes no `{other}`"; hint: "leave it out; `format=` says another format");
        }
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        bail!(Argument, "`{function}` of format \"{name}\" takes no `{other}`"; hint: "it takes {}", known.join(", "))
    }

    /// The format that the ending of a name promises; that of a compression stands behind it.
    pub fn promised(path: &Path) -> Option<&'static Format> {
        let extension = extension(path);
        ALL.into_iter().find(|format| format.extensions.contains(&extension.as_str()))
    }

    /// The format of a file: as declared, else by the ending of its name, else by its first bytes.
    ///
    /// # Errors
    /// When none of them tells.
    pub fn of(path: &Path, known: &Metadata) -> Outcome<&'static Format> {
        if let Some(format) = known.format.or_else(|| Format::promised(path)) {
            return Ok(format);
        }
        let parts = Parts::of(path)?;
        let first = parts.first(path);
        if let Some(format) = Format::promised(first) {
            return Ok(format);
        }
        let (extension, head) = (extension(first), source::head(first)?);
        if let Some(format) = ALL.into_iter().find(|format| (format.sniff)(&extension, &head)) {
            return Ok(format);
        }
        source::check_is_text(path, &head)?;
        let names = names(|format| format.read_matrix.is_some());
        bail!(File, "the format of {} is unknown", path.display(); hint: "say it with `format=` ({names}), or write a .mtd file beside it")
    }
}

/// The ending of a name without that of a compression, in small letters.
pub fn extension(path: &Path) -> String {
    extension_of(&uncompressed_name(path))
}

/// The ending of a name, in small letters.
pub fn extension_of(path: &Path) -> String {
    without_query(path).extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The names of the formats that can do something, as messages list them: `"csv", "mm" and "text"`.
pub fn names(can: impl Fn(&Format) -> bool) -> String {
    let quoted: Vec<String> =
        ALL.into_iter().filter(|format| can(format)).map(|format| format!("\"{}\"", format.name)).collect();
    match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => quoted.concat(),
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Format) -> bool {
        self.name == other.name
    }
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
