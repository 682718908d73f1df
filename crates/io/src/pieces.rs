//! Files that several threads read at once, each at its own place, on this machine or elsewhere.
//!
//! A read of a file of this machine goes from the page cache right to where the bytes are wanted, one copy, and a file that another program cuts
//! short meanwhile is an error; reading mapped memory would end the process.

use std::borrow::Borrow;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use tilewright_base::{Fault, Outcome, fault};

use crate::progress::Progress;
use crate::remote::{Object, is_remote};
use crate::source::{cannot_read, check_ends};

/// An open file of known length.
#[derive(Debug)]
pub struct Pieces {
    /// Where it is, for messages.
    pub path: PathBuf,
    place: Place,
    len: u64,
    progress: Progress,
    /// How often all of it is read.
    passes: usize,
}

#[derive(Debug)]
enum Place {
    Here(File),
    Elsewhere(Box<Object>),
}

impl Pieces {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Outcome<Pieces> {
        if is_remote(path) {
            let object = Object::open(path)?;
            let len = object.len();
            return Ok(Pieces::new(path, Place::Elsewhere(Box::new(object)), len));
        }
        let cannot = |error| cannot_read(path, &error);
        let file = File::open(path).map_err(cannot)?;
        check_ends(path, &file)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(cannot(io::ErrorKind::IsADirectory.into()));
        }
        Ok(Pieces::new(path, Place::Here(file), metadata.len()))
    }

    fn new(path: &Path, place: Place, len: u64) -> Pieces {
        Pieces { path: path.to_path_buf(), place, len, progress: Progress::new(path, len), passes: 1 }
    }

    /// The same file, which is read as a whole so often; that counts in how far it has been read.
    pub fn in_passes(self, passes: usize) -> Pieces {
        Pieces { passes, ..self }
    }

    /// The bytes of the file when it was opened.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// How much of the file has been read in its passes, from 0 to 1.
    pub fn share(&self) -> f64 {
        self.progress.share()
    }

    /// True for a file of no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Fills `bytes` with what begins at `offset`.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read.
    pub fn read(&self, offset: u64, bytes: &mut [u8]) -> Outcome<()> {
        self.read_raw(offset, bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.truncated(offset.saturating_add(bytes.len() as u64)),
            _ => match &self.place {
                Place::Here(_) => cannot_read(&self.path, &error),
                Place::Elsewhere(object) => object.fault(&error),
            },
        })
    }

    /// As [`Pieces::read`], with the error of the system.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read.
    pub fn read_raw(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        match &self.place {
            Place::Here(file) => read_exact_at(file, bytes, offset)?,
            Place::Elsewhere(object) => object.read_at(offset, bytes)?,
        }
        self.progress.advance(bytes.len() / self.passes);
        Ok(())
    }

    /// The `len` bytes from `offset` on; nothing is allocated for bytes that the file does not have.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read.
    pub fn bytes(&self, offset: u64, len: u64) -> Outcome<Vec<u8>> {
        match offset.checked_add(len) {
            Some(end) if end <= self.len => {}
            end => return Err(self.truncated(end.unwrap_or(u64::MAX))),
        }
        let mut bytes = vec![0; len as usize];
        self.read(offset, &mut bytes)?;
        Ok(bytes)
    }

    fn truncated(&self, needed: u64) -> Fault {
        let (name, len) = (self.path.display(), self.len);
        fault!(File, "{name} is truncated: it has {len} bytes, and its contents take {needed}")
    }

    /// A fault of this file: `file: message`.
    pub fn fault(&self, message: impl std::fmt::Display) -> Fault {
        fault!(File, "{}: {message}", self.path.display())
    }
}

/// A file read from place to place, for libraries that want one.
#[derive(Debug)]
pub struct Reader<P = Pieces> {
    file: P,
    at: u64,
}

impl<P: Borrow<Pieces>> Reader<P> {
    /// Starts at the first byte of a file.
    pub fn new(file: P) -> Reader<P> {
        Reader { file, at: 0 }
    }
}

impl<P: Borrow<Pieces>> Read for Reader<P> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let file = self.file.borrow();
        let count =
            bytes.len().min(usize::try_from(file.len().saturating_sub(self.at)).unwrap_or(usize::MAX));
        file.read_raw(self.at, &mut bytes[..count])?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<P: Borrow<Pieces>> Seek for Reader<P> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.file.borrow().len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        offset += read as u64;
    }
    Ok(())
}
