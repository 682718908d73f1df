//! The bytes of a file, and places in them.

use std::fs;
use std::io::ErrorKind;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use tilewright_base::{Code, Fault, Outcome, bail, fault, nearest};

use crate::bytes::Bytes;
use crate::compression;
use crate::lines::{self, Lines};
use crate::parts::Parts;
use crate::progress::Progress;

/// How much of a file [`head`] reads.
const HEAD: u64 = 64 << 10;

/// A text in memory: of one file, or of the parts of a folder or the matches of a pattern, one after the other.
#[derive(Debug)]
pub struct Source {
    /// Where it was read from, for messages.
    pub path: PathBuf,
    /// All of it, in UTF-8 without a byte-order mark, decompressed.
    pub bytes: Bytes,
    /// How much of it has been parsed.
    pub progress: Progress,
    /// The files of it, by ascending start; none where it is one file.
    parts: Vec<Part>,
}

/// A file whose text starts at a byte of a [`Source`].
#[derive(Debug)]
struct Part {
    start: usize,
    path: PathBuf,
    /// The lines of a header that stand before `start`.
    skipped: usize,
}

/// How the characters of a text are bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, with a byte-order mark or without.
    #[default]
    Utf8,
    /// ISO 8859-1: a byte is the character of its number.
    Latin1,
}

impl Encoding {
    /// The encoding of a name, in any case.
    ///
    /// # Errors
    /// For names of other encodings.
    pub fn from_name(name: &str) -> Outcome<Encoding> {
        match name.to_lowercase().replace(['-', '_', ' '], "").as_str() {
            "utf8" => Ok(Encoding::Utf8),
            "latin1" | "iso88591" => Ok(Encoding::Latin1),
            _ => bail!(Argument, "unknown encoding \"{name}\""; hint: "\"utf-8\" or \"latin-1\""),
        }
    }

    fn decode(self, bytes: Bytes) -> Bytes {
        match self {
            Encoding::Latin1 if !bytes.is_ascii() => {
                bytes.iter().copied().map(char::from).collect::<String>().into_bytes().into()
            }
            _ => bytes,
        }
    }
}

/// The length of the header at the start of a text.
pub type HeaderLength<'a> = &'a (dyn Fn(&[u8]) -> usize + Sync);

impl Source {
    /// Reads a whole text in UTF-8.
    ///
    /// # Errors
    /// When it cannot be read, or is evidently not text.
    pub fn load(path: &Path) -> Outcome<Source> {
        Source::load_as(path, None, None)
    }

    /// The text of a file that is in memory.
    pub fn of(path: &Path, bytes: impl Into<Bytes>) -> Source {
        let bytes = bytes.into();
        let progress = Progress::new(path, bytes.len() as u64);
        Source { path: path.to_path_buf(), bytes, progress, parts: Vec::new() }
    }

    /// Reads a whole text; of parts with a header the later ones are without it.
    ///
    /// All parts that one writer left in a folder may repeat the header of the first, or none; every file that a
    /// pattern matches has to have the same one.
    ///
    /// # Errors
    /// When a part cannot be read, is evidently not text, or has another header.
    pub fn load_as(
        path: &Path,
        encoding: Option<Encoding>,
        header: Option<HeaderLength<'_>>,
    ) -> Outcome<Source> {
        let encoding = encoding.unwrap_or_default();
        let parts = Parts::of(path)?;
        let (files, must_repeat) = match &parts {
            Parts::File => return Ok(Source::of(path, text_of(path, encoding)?)),
            Parts::Folder(files) => (files, false),
            Parts::Matches(files) => (files, true),
        };
        let (mut bytes, mut starts) = (Vec::new(), Vec::new());
        let mut repeats = must_repeat.then_some(true);
        for file in files {
            let text = text_of(file, encoding)?;
            let mut skipped = 0;
            if let Some(length) = header.filter(|_| !bytes.is_empty() && !text.is_empty()) {
                let first = bytes[..length(&bytes)].trim_ascii_end();
                let own = &text[..length(&text)];
                let is_same = own.trim_ascii_end() == first;
                if *repeats.get_or_insert(is_same) != is_same {
                    let (name, first) = (file.display(), files[0].display());
                    bail!(File, "{name}:1:1: the first line is not the header of {first}, as in other parts"; hint: "columns of all files have the same names in the same order");
                }
                skipped = if is_same { own.len() } else { 0 };
            }
            let lines = memchr::memchr_iter(b'\n', &text[..skipped]).count();
            starts.push(Part { start: bytes.len(), path: file.clone(), skipped: lines });
            bytes.extend_from_slice(&text[skipped..]);
            if bytes.last().is_some_and(|last| *last != b'\n') {
                bytes.push(b'\n');
            }
        }
        Ok(Source { parts: starts, ..Source::of(path, bytes) })
    }

    /// The result of `parse` on so many bytes of the text, which count as parsed.
    pub fn parsed<T>(&self, bytes: usize, parse: impl FnOnce() -> T) -> T {
        let result = parse();
        self.progress.advance(bytes);
        result
    }

    /// A fault at a byte of the text: `file:line:column: message`.
    pub fn fault(&self, offset: usize, message: impl std::fmt::Display) -> Fault {
        let (file, line, column) = self.place(offset);
        fault!(File, "{}:{line}:{column}: {message}", file.display())
    }

    /// The file, 1-based line and column (in characters) of a byte, as text: `2:3`, or `part-1:2:3` of a part.
    pub fn position(&self, offset: usize) -> String {
        let (file, line, column) = self.place(offset);
        match &self.parts[..] {
            [] => format!("{line}:{column}"),
            _ => format!("{}:{line}:{column}", file.display()),
        }
    }

    fn place(&self, offset: usize) -> (&Path, usize, usize) {
        // Of parts without any text, which start at the same byte, the last one has it.
        let at = self.parts.partition_point(|part| part.start <= offset);
        let part = at.checked_sub(1).map(|at| &self.parts[at]);
        let start = part.map_or(0, |part| part.start);
        let before = &self.bytes[start..offset.clamp(start, self.bytes.len().max(start))];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = 1 + memchr::memchr_iter(b'\n', before).count() + part.map_or(0, |part| part.skipped);
        let column = 1 + String::from_utf8_lossy(&before[line_start..]).chars().count();
        (part.map_or(&self.path, |part| &part.path), line, column)
    }
}

impl Lines for Source {
    fn path(&self) -> &Path {
        &self.path
    }

    fn fault(&self, offset: usize, message: impl std::fmt::Display) -> Fault {
        Source::fault(self, offset, message)
    }

    fn in_order<T: Send>(
        &self,
        (start, bytes): (usize, usize),
        parse: impl Fn(usize, &[u8]) -> T + Sync,
        mut take: impl FnMut(T, f64) -> Outcome<ControlFlow<()>> + Send,
    ) -> Outcome<()> {
        let text = &self.bytes[start..];
        let chunks = lines::chunks(text, bytes).into_iter().map(Ok);
        let parse = |chunk: Range<usize>| {
            let parsed = self.parsed(chunk.len(), || parse(start + chunk.start, &text[chunk.clone()]));
            Ok((parsed, chunk.end as f64 / text.len() as f64))
        };
        lines::in_order(chunks, parse, |(parsed, share)| take(parsed, share))
    }
}

/// The text of one file.
fn text_of(path: &Path, encoding: Encoding) -> Outcome<Bytes> {
    let bytes = without_mark(compression::read(path, None)?);
    check_is_text(path, &bytes)?;
    Ok(encoding.decode(bytes))
}

/// What may stand before a text in UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The first bytes of a file, or of the first of several, decompressed; enough for banners and first lines, without a
/// byte-order mark.
///
/// # Errors
/// When it cannot be read.
pub fn head(path: &Path) -> Outcome<Vec<u8>> {
    Ok(without_mark(compression::read(Parts::of(path)?.first(path), Some(HEAD))?).into_vec())
}

fn without_mark(bytes: Bytes) -> Bytes {
    if bytes.starts_with(BYTE_ORDER_MARK) { bytes.without(BYTE_ORDER_MARK.len()) } else { bytes }
}

/// The start of files that are not text, what they are, and what to do.
const BINARY: [(&[u8], &str, &str); 10] = [
    (b"BZh91AY&SY", "compressed by bzip2", "decompress it first: `bunzip2`"),
    (b"\xFD7zXZ\0", "compressed by xz", "decompress it first: `unxz`"),
    (b"\x04\x22\x4D\x18", "compressed by LZ4", "decompress it first: `unlz4`"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", "unpack it first"),
    (b"SEQ", "a Hadoop SequenceFile", "write it as csv there, and read that"),
    (b"PAR1", "a Parquet file", "`format=\"parquet\"` reads it"),
    (b"ARROW1", "an Arrow file", "`format=\"arrow\"` reads it"),
    (b"\x89HDF", "an HDF5 file", "`format=\"hdf5\"` reads it"),
    (b"\x93NUMPY", "a NumPy file", "`format=\"npy\"` reads it"),
    (b"PK\x03\x04", "a zip archive", "unpack it first: `unzip`; `format=\"npz\"` reads arrays of NumPy"),
];

/// Refuses bytes that are evidently not text.
///
/// # Errors
/// What they are instead.
pub fn check_is_text(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let name = path.display();
    if let Some((_, what, advice)) = BINARY.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        bail!(Unsupported, "{name} is {what}, not a text file"; hint: "{advice}");
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        bail!(File, "{name} is text in UTF-16"; hint: "save it in UTF-8");
    }
    if memchr::memchr(0, &bytes[..bytes.len().min(HEAD as usize)]).is_some() {
        bail!(File, "{name} is not a text file"; hint: "`format=` in `read` says of which format it is");
    }
    Ok(())
}

/// Refuses devices that may never end.
///
/// # Errors
/// For all devices but terminals and the empty one.
#[cfg(unix)]
pub fn check_ends(path: &Path, file: &fs::File) -> Outcome<()> {
    use std::io::IsTerminal;
    use std::os::unix::fs::FileTypeExt;
    let is_device = file.metadata().is_ok_and(|file| file.file_type().is_char_device());
    if is_device && !file.is_terminal() && path != Path::new("/dev/null") {
        bail!(File, "{} is a device, whose data may have no end", path.display(); hint: "files, pipes and the standard input are read");
    }
    Ok(())
}

/// Refuses nothing where devices have no paths.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn check_ends(_path: &Path, _file: &fs::File) -> Outcome<()> {
    Ok(())
}

/// Why a file cannot be read, with the name that may have been meant.
pub fn cannot_read(path: &Path, error: &std::io::Error) -> Fault {
    let name = path.display();
    match error.kind() {
        ErrorKind::NotFound => missing(path),
        ErrorKind::PermissionDenied => fault!(File, "no permission to read {name}"),
        ErrorKind::IsADirectory => {
            fault!(File, "{name} is a folder, not a file")
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
