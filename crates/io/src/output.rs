//! Files appear whole or not at all: they are written under a temporary name in their folder, then renamed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, bail, fault};

use crate::compression::Sink;
use crate::remote::{is_remote, upload, without_query};

/// Temporary files that are neither renamed nor deleted yet.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Deletes the temporary files of writes that have not finished; for the handler of Ctrl-C.
pub fn remove_temporaries() {
    for path in std::mem::take(&mut *unfinished()) {
        // Nothing can be done about a file that cannot be deleted while the process ends.
        let _ = fs::remove_file(path);
    }
}

/// A file on its way, compressed where its ending says so: invisible under its name until [`Draft::publish`], deleted if
/// that does not happen.
pub struct Draft {
    /// As the user named it, for messages.
    path: PathBuf,
    /// Where it will stand: `path` behind its links.
    target: PathBuf,
    /// Where it is written; `None` for devices and pipes, which are written directly.
    temporary: Option<PathBuf>,
    sink: Sink,
}

impl Draft {
    /// Starts a file for `path`; missing folders above it are made.
    ///
    /// # Errors
    /// When `path` is a folder or may not be written.
    pub fn create(path: &Path) -> Outcome<Draft> {
        if is_remote(path) {
            return Draft::elsewhere(path);
        }
        let cannot = |error: io::Error| cannot_write(path, &error);
        if path.is_dir() {
            bail!(File, "cannot write {}: it is a folder", path.display());
        }
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let mut older = None;
        if target.exists() {
            // Whoever may not write the file does not replace it either, though the folder would allow that.
            let file = File::options().write(true).open(&target).map_err(cannot)?;
            if !target.is_file() {
                let path = path.to_path_buf();
                return Ok(Draft { path, target, temporary: None, sink: Sink::Plain(file) });
            }
            older = Some(file.metadata().map_err(cannot)?);
        }
        let Some(name) = target.file_name() else {
            bail!(File, "cannot write {}: it has no file name", path.display())
        };
        if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(cannot)?;
        }
        let temporary = target.with_file_name(temporary_name(&name.to_string_lossy()));
        let draft = Draft::started(path, target, temporary.clone())?;
        if let Some(older) = older {
            // Before there is anything to read in it.
            adopt(&temporary, &older).map_err(cannot)?;
        }
        Ok(draft)
    }

    /// A file for another place is made among the temporary ones of this machine.
    fn elsewhere(path: &Path) -> Outcome<Draft> {
        let name = without_query(path);
        if name.to_string_lossy().ends_with('/') {
            bail!(File, "cannot write {}: it is a folder", path.display());
        }
        let temporary = std::env::temp_dir()
            .join(temporary_name(&name.file_name().unwrap_or_default().to_string_lossy()));
        Draft::started(path, path.to_path_buf(), temporary)
    }

    fn started(path: &Path, target: PathBuf, temporary: PathBuf) -> Outcome<Draft> {
        unfinished().insert(temporary.clone());
        let created = File::create(&temporary).and_then(|file| Sink::new(path, file));
        if created.is_err() {
            unfinished().remove(&temporary);
        }
        Ok(Draft {
            path: path.to_path_buf(),
            target,
            temporary: Some(temporary),
            sink: created.map_err(|error| cannot_write(path, &error))?,
        })
    }

    /// Where the file will stand, as the user named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True when the file goes to a device or a pipe, which keeps no metadata beside it.
    pub fn is_direct(&self) -> bool {
        self.temporary.is_none()
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn append(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.sink.write_all(bytes).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Replaces the first bytes.
    ///
    /// # Errors
    /// When the disk fails, or the file is a pipe.
    pub fn overwrite(&mut self, bytes: &[u8]) -> Outcome<()> {
        let cannot = |error| cannot_write(&self.path, &error);
        let file = self.sink.plain().map_err(cannot)?;
        file.seek(SeekFrom::Start(0)).map_err(cannot)?;
        file.write_all(bytes).map_err(cannot)?;
        file.seek(SeekFrom::End(0)).map(drop).map_err(cannot)
    }

    /// Appends rows that `format` turns into text, many at a time on all threads; `cells` is the size of a row.
    ///
    /// # Errors
    /// As of [`Draft::append`].
    pub fn append_rows(
        &mut self,
        rows: usize,
        cells: usize,
        format: impl Fn(usize, &mut Vec<u8>) + Sync,
    ) -> Outcome<()> {
        const CHUNK_CELLS: usize = 1 << 15;
        const CHUNKS_AT_ONCE: usize = 32;
        let height = (CHUNK_CELLS / cells.max(1)).max(1);
        let starts: Vec<usize> = (0..rows).step_by(height).collect();
        let chunk = |&start: &usize| {
            let mut text = Vec::new();
            (start..rows.min(start + height)).for_each(|row| format(row, &mut text));
            text
        };
        for batch in starts.chunks(CHUNKS_AT_ONCE) {
            let texts: Vec<Vec<u8>> =
                if let [start] = batch { vec![chunk(start)] } else { batch.par_iter().map(chunk).collect() };
            texts.iter().try_for_each(|text| self.append(text))?;
        }
        Ok(())
    }

    /// Gives the complete file its name, in place of an older file.
    ///
    /// # Errors
    /// When it may not be renamed, or the service that is to store it refuses.
    pub fn publish(mut self) -> Outcome<()> {
        let sink = std::mem::replace(&mut self.sink, Sink::Done);
        sink.finish().map_err(|error| cannot_write(&self.path, &error))?;
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        if is_remote(&self.path) {
            let stored = upload(&self.path, &temporary);
            // What matters is whether it arrived.
            let _ = fs::remove_file(&temporary);
            unfinished().remove(&temporary);
            return stored;
        }
        let renamed = fs::rename(&temporary, &self.target);
        if renamed.is_err() {
            // The error of the rename is the one to tell.
            let _ = fs::remove_file(&temporary);
        }
        unfinished().remove(&temporary);
        renamed.map_err(|error| cannot_write(&self.path, &error))
    }
}

/// Gives a file the owner and the permissions of the one that it will replace.
#[cfg(unix)]
fn adopt(file: &Path, older: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let own = fs::metadata(file)?;
    if (own.uid(), own.gid()) != (older.uid(), older.gid()) {
        // Only the administrator may give files away; those of others become one's own.
        let _ = chown(file, Some(older.uid()), Some(older.gid()));
    }
    fs::set_permissions(file, older.permissions())
}

#[cfg(not(unix))]
fn adopt(_file: &Path, _older: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// A name that no other file of this or another process has.
fn temporary_name(name: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(".{name}.{}-{}.part", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// For libraries that write files; errors name the file, as those of [`Draft::append`].
impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let named = |error: io::Error| io::Error::new(error.kind(), cannot_write(&self.path, &error));
        self.sink.write(bytes).map_err(named)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

impl Seek for Draft {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.sink.plain()?.seek(to)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            // The reason why the file was given up is already on its way to the user.
            let _ = fs::remove_file(&temporary);
            unfinished().remove(&temporary);
        }
    }
}

/// Why a file cannot be written.
pub fn cannot_write(path: &Path, error: &io::Error) -> Fault {
    let name = path.display();
    match error.kind() {
        ErrorKind::PermissionDenied => fault!(File, "no permission to write {name}"),
        ErrorKind::StorageFull => fault!(File, "cannot write {name}: the disk is full"),
        _ => fault!(File, "cannot write {name}: {error}"),
    }
}
