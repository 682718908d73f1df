//! Compressed files: what is read is told by its first bytes, what is written by the ending of its name.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use tilewright_base::{Fault, Outcome, bail, fault};

use crate::bytes::Bytes;
use crate::format::extension_of;
use crate::remote::{Object, is_remote, without_query};
use crate::source::{cannot_read, check_ends};

/// How the bytes of a file are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952, in one or more members.
    Gzip,
    /// RFC 8878, in one or more frames.
    Zstd,
}

use Compression::{Gzip, Zstd};

impl Compression {
    /// What the ending of a name promises.
    pub fn promised(path: &Path) -> Option<Compression> {
        match extension_of(path).as_str() {
            "gz" => Some(Gzip),
            "zst" => Some(Zstd),
            _ => None,
        }
    }

    /// What the first bytes of a file show.
    pub fn of(head: &[u8]) -> Option<Compression> {
        let starts = |magic: &[u8]| head.starts_with(magic);
        if starts(b"\x1f\x8b") { Some(Gzip) } else { starts(b"\x28\xb5\x2f\xfd").then_some(Zstd) }
    }

    fn name(self) -> &'static str {
        match self {
            Gzip => "gzip",
            Zstd => "zstd",
        }
    }

    /// What is in the file at `path`, decompressed.
    ///
    /// # Errors
    /// When the decompressor cannot be made.
    pub fn decoder<'a>(self, path: &Path, file: impl Read + Send + 'a) -> Outcome<Box<dyn Read + Send + 'a>> {
        Ok(match self {
            Gzip => Box::new(MultiGzDecoder::new(io::BufReader::with_capacity(1 << 18, file))),
            Zstd => Box::new(zstd::Decoder::new(file).map_err(|error| self.broken(path, &error))?),
        })
    }

    /// Why a [`Compression::decoder`] gave up.
    pub fn broken(self, path: &Path, error: &io::Error) -> Fault {
        let (name, how) = (path.display(), self.name());
        match error.kind() {
            ErrorKind::UnexpectedEof => fault!(File, "{name} is cut off: its {how} data ends too early"),
            ErrorKind::OutOfMemory => fault!(Memory, "{name} holds more than the memory, decompressed"),
            // The first piece began as one, or the file would not be taken for compressed: a later one does not.
            _ if self.lacks_beginning(error) => fault!(File, "{name} has other bytes behind its {how} data")
                .hint(format!("several files of {how} may follow each other, and nothing else")),
            _ => fault!(File, "the {how} data of {name} is damaged: {error}"),
        }
    }

    /// True for the error of bytes that do not begin as compressed ones; only its text tells it from a wrong checksum.
    fn lacks_beginning(self, error: &io::Error) -> bool {
        let text = error.to_string();
        match self {
            Gzip => text.contains("invalid gzip header"),
            Zstd => text.contains("Unknown frame descriptor"),
        }
    }
}

/// A name without the ending of a compression: `x.csv` of `x.csv.gz`.
pub fn uncompressed_name(path: &Path) -> Cow<'_, Path> {
    let name = without_query(path);
    match Compression::promised(path) {
        Some(_) => Cow::Owned(name.with_extension("")),
        None => name,
    }
}

/// The first `limit` bytes of what is in a file, or all of them, decompressed; memory grows with what is there.
///
/// # Errors
/// When the file cannot be read, is cut off or damaged, or is not compressed as its ending promises.
pub fn read(path: &Path, limit: Option<u64>) -> Outcome<Bytes> {
    if is_remote(path) {
        return read_remote(path, limit);
    }
    let cannot = |error: io::Error| cannot_read(path, &error);
    let mut file = File::open(path).map_err(cannot)?;
    check_ends(path, &file)?;
    let mut magic = Vec::new();
    (&mut file).take(4).read_to_end(&mut magic).map_err(cannot)?;
    let Some(compression) = told(path, &magic)? else { return read_plain(path, file, magic, limit) };
    file.rewind().map_err(cannot)?;
    decompress(path, compression, file, limit)
}

/// How bytes with these first ones are compressed, which has to be as the ending of the name promises.
fn told(path: &Path, magic: &[u8]) -> Outcome<Option<Compression>> {
    let compression = Compression::of(magic);
    if let Some(promised) = Compression::promised(path).filter(|_| compression.is_none()) {
        let name = path.display();
        bail!(File, "{name} is not compressed by {}, or is cut off", promised.name(); hint: "a file that is not compressed has no such ending");
    }
    Ok(compression)
}

/// As [`read`], from a service.
fn read_remote(path: &Path, limit: Option<u64>) -> Outcome<Bytes> {
    // Twice a block of zstd, so that what is decompressed reaches the limit of a head.
    const ENOUGH: u64 = 256 << 10;
    let bytes = Object::open(path)?.read(limit.map(|limit| limit.max(ENOUGH)))?;
    match (told(path, &bytes)?, limit) {
        (Some(compression), _) => decompress(path, compression, &bytes[..], limit),
        (None, None) => Ok(bytes),
        (None, Some(limit)) => Ok(bytes[..bytes.len().min(limit as usize)].to_vec().into()),
    }
}

fn decompress(
    path: &Path,
    compression: Compression,
    file: impl Read + Send,
    limit: Option<u64>,
) -> Outcome<Bytes> {
    let decoder = compression.decoder(path, file)?;
    let mut bytes = Vec::new();
    pull(decoder.take(limit.unwrap_or(u64::MAX)), &mut bytes)
        .map_err(|error| compression.broken(path, &error))?;
    Ok(bytes.into())
}

/// All bytes of a stream; the error of a lack of memory instead of the end of the process.
fn pull(mut stream: impl Read, bytes: &mut Vec<u8>) -> io::Result<()> {
    const PIECE: usize = 1 << 20;
    loop {
        let length = bytes.len();
        bytes.try_reserve(PIECE).map_err(|_| io::Error::from(ErrorKind::OutOfMemory))?;
        (&mut stream).take(PIECE as u64).read_to_end(bytes)?;
        if bytes.len() == length {
            return Ok(());
        }
    }
}

/// The bytes of a file that is not compressed; `magic` are the first ones, which have been read.
fn read_plain(path: &Path, mut file: File, mut bytes: Vec<u8>, limit: Option<u64>) -> Outcome<Bytes> {
    let cannot = |error: io::Error| cannot_read(path, &error);
    if let Some(limit) = limit {
        let rest = limit.saturating_sub(bytes.len() as u64);
        file.take(rest).read_to_end(&mut bytes).map_err(cannot)?;
        return Ok(bytes.into());
    }
    let length = file.metadata().ok().filter(|file| file.is_file()).map_or(0, |file| file.len());
    if length >= LARGE {
        return read_large(&file, length).map_err(cannot);
    }
    file.read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes.into())
}

/// Files from this size on are read by all threads.
const LARGE: u64 = 16 << 20;

/// A whole large file; threads read pieces of it and touch their memory first.
#[cfg(unix)]
fn read_large(file: &File, length: u64) -> io::Result<Bytes> {
    use rayon::prelude::*;
    use std::os::unix::fs::FileExt;
    const PIECE: usize = 4 << 20;
    Bytes::filled(length as usize, |bytes| {
        let pieces = bytes.par_chunks_mut(PIECE).enumerate();
        pieces.try_for_each(|(at, piece)| file.read_exact_at(piece, (at * PIECE) as u64))
    })
}

#[cfg(not(unix))]
fn read_large(mut file: &File, length: u64) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(length as usize);
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

/// A file that is being written, compressed or not.
pub enum Sink {
    /// As it is.
    Plain(File),
    /// Compressed by gzip.
    Gzip(GzEncoder<File>),
    /// Compressed by zstd, with a checksum.
    Zstd(zstd::Encoder<'static, File>),
    /// Complete.
    Done,
}

impl Sink {
    /// Compresses what is written to `file` as the ending of `path` promises.
    ///
    /// # Errors
    /// When the compressor cannot be made.
    pub fn new(path: &Path, file: File) -> io::Result<Sink> {
        Ok(match Compression::promised(path) {
            None => Sink::Plain(file),
            Some(Gzip) => Sink::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Some(Zstd) => {
                let mut encoder = zstd::Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Sink::Zstd(encoder)
            }
        })
    }

    /// The file, where nothing stands between.
    ///
    /// # Errors
    /// When what is written is compressed.
    pub fn plain(&mut self) -> io::Result<&mut File> {
        match self {
            Sink::Plain(file) => Ok(file),
            Sink::Gzip(_) | Sink::Zstd(_) | Sink::Done => Err(ErrorKind::NotSeekable.into()),
        }
    }

    /// Writes what is left in the compressor.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Sink::Plain(_) | Sink::Done => Ok(()),
            Sink::Gzip(encoder) => encoder.finish().map(drop),
            Sink::Zstd(encoder) => encoder.finish().map(drop),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Plain(file) => file.write(bytes),
            Sink::Gzip(encoder) => encoder.write(bytes),
            Sink::Zstd(encoder) => encoder.write(bytes),
            Sink::Done => Err(ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Plain(file) => file.flush(),
            Sink::Gzip(encoder) => encoder.flush(),
            Sink::Zstd(encoder) => encoder.flush(),
            Sink::Done => Ok(()),
        }
    }
}
