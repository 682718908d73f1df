//! Files that several threads read at once, each at its own place.
//!
//! A read goes from the page cache right to where the bytes are wanted, one copy, and a file that another program cuts
//! short meanwhile is an error; reading mapped memory would end the process.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tilewright_base::{Fault, Outcome, fault};

use crate::source::cannot_read;

/// An open file of known length.
#[derive(Debug)]
pub struct Pieces {
    /// Where it is, for messages.
    pub path: PathBuf,
    file: File,
    len: u64,
}

impl Pieces {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Outcome<Pieces> {
        let cannot = |error| cannot_read(path, &error);
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if metadata.is_dir() {
            return Err(cannot(io::ErrorKind::IsADirectory.into()));
        }
        Ok(Pieces { path: path.to_path_buf(), file, len: metadata.len() })
    }

    /// The bytes of the file when it was opened.
    pub fn len(&self) -> u64 {
        self.len
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
            _ => cannot_read(&self.path, &error),
        })
    }

    /// As [`Pieces::read`], with the error of the system.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read.
    pub fn read_raw(&self, offset: u64, bytes: &mut [u8]) -> io::Result<()> {
        read_exact_at(&self.file, bytes, offset)
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
