//! The bytes of a file, and places in them.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use tilewright_base::{Code, Fault, Outcome, bail, fault, nearest};

/// How much of a file [`head`] reads.
const HEAD: u64 = 64 << 10;

/// A text file in memory.
#[derive(Debug)]
pub struct Source {
    /// Where it was read from, for messages.
    pub path: PathBuf,
    /// All of it, without a byte-order mark.
    pub bytes: Vec<u8>,
}

impl Source {
    /// Reads a whole text file.
    ///
    /// # Errors
    /// When it cannot be read, or is evidently not text.
    pub fn load(path: &Path) -> Outcome<Source> {
        let mut bytes = fs::read(path).map_err(|error| cannot_read(path, &error))?;
        if bytes.starts_with(BYTE_ORDER_MARK) {
            bytes.drain(..BYTE_ORDER_MARK.len());
        }
        check_is_text(path, &bytes)?;
        Ok(Source { path: path.to_path_buf(), bytes })
    }

    /// A fault at a byte of the file: `file:line:column: message`.
    pub fn fault(&self, offset: usize, message: impl std::fmt::Display) -> Fault {
        let (line, column) = self.position(offset);
        fault!(File, "{}:{line}:{column}: {message}", self.path.display())
    }

    /// The 1-based line and column (in characters) of a byte.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.bytes[..offset.min(self.bytes.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = 1 + memchr::memchr_iter(b'\n', before).count();
        (line, 1 + String::from_utf8_lossy(&before[line_start..]).chars().count())
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The first bytes of a file, enough for banners and first lines, without a byte-order mark.
///
/// # Errors
/// When it cannot be read.
pub fn head(path: &Path) -> Outcome<Vec<u8>> {
    let cannot = |error| cannot_read(path, &error);
    let mut bytes = Vec::new();
    fs::File::open(path).map_err(cannot)?.take(HEAD).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// The start of files that are not text, what they are, and what to do.
const BINARY: [(&[u8], &str, &str); 8] = [
    (b"SEQ", "a Hadoop SequenceFile", "write it as csv there, and read that"),
    (b"PAR1", "a Parquet file", "this build reads text formats only"),
    (b"ARROW1", "an Arrow file", "this build reads text formats only"),
    (b"\x89HDF", "an HDF5 file", "this build reads text formats only"),
    (b"\x93NUMPY", "a NumPy file", "save it with `numpy.savetxt(path, a, delimiter=\",\")`"),
    (b"\x1f\x8b", "compressed by gzip", "decompress it first: `gunzip`"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "decompress it first: `zstd -d`"),
    (b"PK\x03\x04", "a zip archive", "unpack it first: `unzip`"),
];

/// Refuses bytes that are evidently not text.
///
/// # Errors
/// What they are instead.
pub fn check_is_text(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let name = path.display();
    if let Some((_, what, advice)) = BINARY.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        bail!(Unsupported, "{name} is {what}, which this build does not read"; hint: "{advice}");
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        bail!(File, "{name} is text in UTF-16"; hint: "save it in UTF-8");
    }
    if memchr::memchr(0, &bytes[..bytes.len().min(HEAD as usize)]).is_some() {
        bail!(File, "{name} is not a text file"; hint: "this build reads csv, text and mm files");
    }
    Ok(())
}

/// Why a file cannot be read, with the name that may have been meant.
pub fn cannot_read(path: &Path, error: &std::io::Error) -> Fault {
    let name = path.display();
    match error.kind() {
        ErrorKind::NotFound => missing(path),
        ErrorKind::PermissionDenied => fault!(File, "no permission to read {name}"),
        ErrorKind::IsADirectory => {
            fault!(File, "{name} is a folder, not a file"; hint: "files split into the parts of a folder are not in this build yet")
        }
        _ => fault!(File, "cannot read {name}: {error}"),
    }
}

fn missing(path: &Path) -> Fault {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let fault = Fault::new(Code::File, format!("no such file: {}", path.display()));
    if !folder.is_dir() {
        return fault.hint(format!("the folder {} does not exist", folder.display()));
    }
    let entries: Vec<String> = fs::read_dir(folder)
        .map(|all| all.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let with_extension =
        entries.iter().filter(|entry| entry.starts_with(&format!("{wanted}."))).min().map(String::as_str);
    match with_extension.or_else(|| nearest(&wanted, entries.iter().map(String::as_str))) {
        Some(meant) => fault.hint(format!("did you mean {}?", path.with_file_name(meant).display())),
        None => fault,
    }
}
