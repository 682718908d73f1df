//! Whole files that go to a service, and small ones that come from it.
//!
//! A large file goes in pieces that appear together when the last one has arrived, or not at all, so what was stored
//! before stays whole until then. Servers of the web take a file in one request.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use object_store::{Error, ObjectStoreExt, Result, WriteMultipart};
use tilewright_base::{Outcome, fault};

use super::Service;
use super::listing::forget;
use super::problem::cannot;
use super::store::{Place, fetch, wait};

/// The least size of a piece of an upload; smaller files go in one.
const PIECE: u64 = 8 << 20;

/// Services take no more than 10,000 pieces.
const PIECES: u64 = 9_000;

/// Pieces on their way at once.
const AT_ONCE: usize = 4;

/// Stores all bytes of a file of this machine under a remote path, in place of what is there.
///
/// # Errors
/// When the service does not answer, or refuses; what is there is then as before.
pub fn upload(path: &Path, file: &Path) -> Outcome<()> {
    let unreadable = |error: io::Error| fault!(File, "cannot write {}: {error}", path.display());
    let file = File::open(file).map_err(unreadable)?;
    let len = file.metadata().map_err(unreadable)?.len();
    let sent = if len > PIECE && Service::of(path) != Some(Service::Http) {
        let place = Place::of(path)?;
        wait(in_pieces(&place, file, len))
    } else {
        let place = Place::to_fill(path, len)?;
        let mut bytes = Vec::with_capacity(len as usize);
        (&file).read_to_end(&mut bytes).map_err(unreadable)?;
        wait(place.store.put(&place.location, bytes.into())).map(drop)
    };
    forget();
    sent.map_err(|error| cannot(path, "write", &error))
}

async fn in_pieces(place: &Place, mut file: File, len: u64) -> Result<()> {
    let piece = PIECE.max(len.div_ceil(PIECES)) as usize;
    let upload = place.store.put_multipart(&place.location).await?;
    let mut writer = WriteMultipart::new_with_chunk_size(upload, piece);
    loop {
        let mut bytes = Vec::with_capacity(piece);
        let read = (&mut file).take(piece as u64).read_to_end(&mut bytes);
        let read = read.map_err(|error| Error::Generic { store: "file", source: error.into() });
        let ready = match read {
            Ok(0) => return writer.finish().await.map(drop),
            Ok(_) => writer.wait_for_capacity(AT_ONCE).await,
            Err(error) => Err(error),
        };
        if let Err(error) = ready {
            // Why it is given up is what matters; a service deletes pieces that nobody completes.
            let _ = writer.abort().await;
            return Err(error);
        }
        writer.put(bytes.into());
    }
}

/// The metadata beside a remote file, all of it; `None` where there is none, or nobody may see it: services refuse what
/// is not there to those who may not list.
///
/// # Errors
/// When the service does not answer; the message is about the file itself.
pub fn beside(path: &Path, metadata: &Path) -> Outcome<Option<Vec<u8>>> {
    use Error::{NotFound, PermissionDenied, Unauthenticated};
    // What is wrong with the path is told of the path.
    let place = Place::of(path).and_then(|_| Place::of(metadata))?;
    let found = match wait(async { place.store.get(&place.location).await?.bytes().await }) {
        // Servers of the web may not say how much there is.
        Err(Error::Generic { .. }) if Service::of(path) == Some(Service::Http) => fetch(metadata),
        found => found,
    };
    match found {
        // Servers of the web may answer with a page whatever they are asked for.
        Ok(bytes)
            if Service::of(path) == Some(Service::Http) && !bytes.trim_ascii_start().starts_with(b"{") =>
        {
            Ok(None)
        }
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(NotFound { .. } | PermissionDenied { .. } | Unauthenticated { .. }) => Ok(None),
        Err(error) => Err(cannot(path, "read", &error)),
    }
}

/// Deletes what is stored under a remote path, if anything is.
///
/// # Errors
/// When it is there and the service refuses.
pub fn delete(path: &Path) -> Outcome<()> {
    let place = Place::of(path)?;
    // Servers of the web may know no deletion, so they are only asked for one where there is something.
    if wait(place.store.head(&place.location)).is_err() {
        return Ok(());
    }
    let deleted = wait(place.store.delete(&place.location));
    forget();
    match deleted {
        Err(error) if !matches!(error, Error::NotFound { .. }) => Err(cannot(path, "delete", &error)),
        _ => Ok(()),
    }
}
