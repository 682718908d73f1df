//! What stands for services where the program is built without them: it says so.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};

use tilewright_base::{Fault, Outcome, bail};

use crate::bytes::Bytes;

fn absent<T>(path: &Path) -> Outcome<T> {
    bail!(Unsupported, "{} is not a file of this machine, and this program was built without others", path.display(); hint: "build it with the feature `remote`, or fetch the file first")
}

/// A file of a service, of which there are none.
#[derive(Debug)]
pub struct Object(Infallible);

impl Object {
    /// Opens nothing.
    ///
    /// # Errors
    /// Always.
    pub fn open(path: &Path) -> Outcome<Object> {
        absent(path)
    }

    /// Its bytes in all.
    pub fn len(&self) -> u64 {
        match self.0 {}
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        match self.0 {}
    }

    /// The first bytes, or all of them.
    ///
    /// # Errors
    /// None: there is no such object.
    pub fn read(&self, _limit: Option<u64>) -> Outcome<Bytes> {
        match self.0 {}
    }

    /// Fills `out`.
    ///
    /// # Errors
    /// None: there is no such object.
    pub fn read_at(&self, _offset: u64, _out: &mut [u8]) -> io::Result<()> {
        match self.0 {}
    }

    /// Why it cannot be read.
    pub fn fault(&self, _error: &io::Error) -> Fault {
        match self.0 {}
    }
}

/// Stores nothing.
///
/// # Errors
/// Always.
pub fn upload(path: &Path, _file: &Path) -> Outcome<()> {
    absent(path)
}

/// Finds no metadata.
///
/// # Errors
/// Always.
pub fn beside(path: &Path, _metadata: &Path) -> Outcome<Option<Vec<u8>>> {
    absent(path)
}

/// Deletes nothing.
///
/// # Errors
/// Always.
pub fn delete(path: &Path) -> Outcome<()> {
    absent(path)
}

/// Lists nothing.
///
/// # Errors
/// Always.
pub fn folder(path: &Path) -> Outcome<Vec<PathBuf>> {
    absent(path)
}

/// Matches nothing.
///
/// # Errors
/// Always.
pub fn matches(path: &Path) -> Outcome<Vec<PathBuf>> {
    absent(path)
}
