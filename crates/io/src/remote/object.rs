//! What is stored under a remote path, read in pieces: whatever is asked for, by threads at once, or in blocks that are
//! kept where less is asked for.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use object_store::{Error, ObjectStoreExt};
use rayon::prelude::*;
use tilewright_base::Outcome;

use super::Service;
use super::problem::{cannot, is_interrupted};
use super::store::{Place, fetch, wait};
use crate::bytes::Bytes;
use crate::progress::Progress;

/// Smaller reads fetch as much, so that formats may read a few bytes at a time.
const BLOCK: u64 = 256 << 10;

/// As many blocks are kept.
const KEPT: usize = 64;

/// How often bytes are asked for whose answer breaks off.
const ATTEMPTS: u32 = 4;

/// What one request fetches of a whole object.
const PIECE: usize = 8 << 20;

/// An object of known length.
#[derive(Debug)]
pub struct Object {
    path: PathBuf,
    place: Place,
    len: u64,
    /// Blocks that have been fetched, by their numbers.
    blocks: Mutex<BTreeMap<u64, bytes::Bytes>>,
    /// All of it, from a server that gives no pieces.
    whole: OnceLock<object_store::Result<bytes::Bytes>>,
}

impl Object {
    /// Asks for the length of what is stored under a remote path.
    ///
    /// # Errors
    /// When nothing is, or the service does not answer or refuses.
    pub fn open(path: &Path) -> Outcome<Object> {
        let place = Place::of(path)?;
        let object = |len| Object {
            path: path.to_path_buf(),
            place: place.clone(),
            len,
            blocks: Mutex::default(),
            whole: OnceLock::new(),
        };
        match wait(place.store.head(&place.location)) {
            Ok(meta) => Ok(object(meta.size)),
            // Servers of the web may not say how much there is before they send it, and a signed link may be one for
            // reading only.
            Err(Error::Generic { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. })
                if Service::of(path) == Some(Service::Http) =>
            {
                let bytes = object(0).fetch_whole().map_err(|error| cannot(path, "read", &error))?;
                Ok(Object { whole: OnceLock::from(Ok(bytes.clone())), ..object(bytes.len() as u64) })
            }
            Err(error) => Err(cannot(path, "read", &error)),
        }
    }

    /// Its bytes in all.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True where there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first bytes, or all of them.
    ///
    /// # Errors
    /// When the service does not answer or refuses.
    pub fn read(&self, limit: Option<u64>) -> Outcome<Bytes> {
        let len = limit.map_or(self.len, |limit| limit.min(self.len));
        let progress = Progress::new(&self.path, len);
        let filled = Bytes::filled(len as usize, |bytes| {
            bytes.par_chunks_mut(PIECE).enumerate().try_for_each(|(at, piece)| {
                self.read_at((at * PIECE) as u64, piece)?;
                progress.advance(piece.len());
                Ok::<(), io::Error>(())
            })
        });
        filled.map_err(|error| self.fault(&error))
    }

    /// Fills `out` with what begins at `offset`.
    ///
    /// # Errors
    /// When the object ends before, or the service does not answer or refuses: an [`Error`] inside.
    pub fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let len = out.len() as u64;
        if offset.checked_add(len).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if len >= BLOCK {
            out.copy_from_slice(&self.range(offset, len)?);
            return Ok(());
        }
        let mut done = 0;
        while done < len {
            let at = offset + done;
            let block = self.block(at / BLOCK)?;
            let from = (at % BLOCK) as usize;
            let count = (block.len() - from).min((len - done) as usize);
            out[done as usize..][..count].copy_from_slice(&block[from..from + count]);
            done += count as u64;
        }
        Ok(())
    }

    /// Why it cannot be read.
    pub fn fault(&self, error: &io::Error) -> tilewright_base::Fault {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(inner) => cannot(&self.path, "read", inner),
            None => crate::source::cannot_read(&self.path, error),
        }
    }

    fn block(&self, number: u64) -> io::Result<bytes::Bytes> {
        let blocks = || self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = blocks().get(&number) {
            return Ok(block.clone());
        }
        let start = number * BLOCK;
        let block = self.range(start, BLOCK.min(self.len - start))?;
        let mut kept = blocks();
        // Formats look at the ends of a file again and again; what lies between they read in order.
        if kept.len() >= KEPT {
            kept.pop_first();
        }
        kept.insert(number, block.clone());
        Ok(block)
    }

    /// So many bytes; there are as many.
    fn range(&self, offset: u64, len: u64) -> io::Result<bytes::Bytes> {
        let range = offset..offset + len;
        let bytes = match self.whole.get() {
            Some(_) => self.of_whole(offset, len)?,
            None => match again(|| wait(self.place.store.get_range(&self.place.location, range.clone()))) {
                Err(Error::NotSupported { .. }) => self.of_whole(offset, len)?,
                other => other.map_err(io::Error::other)?,
            },
        };
        // It may have become shorter since it was opened.
        if bytes.len() as u64 == len { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn of_whole(&self, offset: u64, len: u64) -> io::Result<bytes::Bytes> {
        match self.whole.get_or_init(|| self.fetch_whole()) {
            Ok(bytes) if (bytes.len() as u64) < offset + len => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(bytes) => Ok(bytes.slice(offset as usize..(offset + len) as usize)),
            Err(error) => Err(io::Error::other(error.to_string())),
        }
    }

    fn fetch_whole(&self) -> object_store::Result<bytes::Bytes> {
        match Service::of(&self.path) {
            Some(Service::Http) => again(|| fetch(&self.path)),
            _ => again(|| wait(async { self.place.store.get(&self.place.location).await?.bytes().await })),
        }
    }
}

/// Asks again where an answer breaks off.
fn again<T>(mut ask: impl FnMut() -> object_store::Result<T>) -> object_store::Result<T> {
    for attempt in 1..ATTEMPTS {
        match ask() {
            Err(error) if is_interrupted(&error) => std::thread::sleep(Duration::from_millis(100) * attempt),
            other => return other,
        }
    }
    ask()
}
