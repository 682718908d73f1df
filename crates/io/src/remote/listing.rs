//! The files of remote folders and patterns.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use object_store::path::Path as Location;
use object_store::{Extensions, ListResult, ObjectStore};
use tilewright_base::{Outcome, bail};

use super::problem::cannot;
use super::store::{Place, wait};

/// How long a listing is believed: a script that reads a folder asks for it several times.
const FRESH: Duration = Duration::from_secs(5);

/// Listings that were made not long ago, by the path that was asked for.
static LISTINGS: Mutex<BTreeMap<PathBuf, (Instant, Vec<PathBuf>)>> = Mutex::new(BTreeMap::new());

fn listings() -> MutexGuard<'static, BTreeMap<PathBuf, (Instant, Vec<PathBuf>)>> {
    LISTINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forgets what was listed, since something was stored or deleted.
pub fn forget() {
    listings().clear();
}

/// A listing made not long ago, or a new one.
fn listed(path: &Path, list: impl FnOnce() -> Outcome<Vec<PathBuf>>) -> Outcome<Vec<PathBuf>> {
    listings().retain(|_, (made, _)| made.elapsed() < FRESH);
    if let Some((_, files)) = listings().get(path) {
        return Ok(files.clone());
    }
    let files = list()?;
    listings().insert(path.to_path_buf(), (Instant::now(), files.clone()));
    Ok(files)
}

/// The files right in a folder, in any order.
///
/// # Errors
/// When the service does not answer or refuses.
pub fn folder(path: &Path) -> Outcome<Vec<PathBuf>> {
    listed(path, || list_folder(path))
}

fn list_folder(path: &Path) -> Outcome<Vec<PathBuf>> {
    let place = Place::of(path)?;
    let found = list(path, &*place.store, &place.location)?;
    let root = root(path);
    Ok(found.objects.iter().map(|object| named(&root, &object.location)).collect())
}

/// The files that a pattern matches, in any order: `*` stands for any characters of a name, `?` for one, `[ab]` for one
/// of some.
///
/// # Errors
/// When it is no pattern, or the service does not answer or refuses.
pub fn matches(path: &Path) -> Outcome<Vec<PathBuf>> {
    listed(path, || list_matches(path))
}

fn list_matches(path: &Path) -> Outcome<Vec<PathBuf>> {
    let root = root(path);
    let place = Place::of(Path::new(&root))?;
    let text = path.to_string_lossy();
    let segments: Vec<&str> = text[root.len()..].split('/').filter(|segment| !segment.is_empty()).collect();
    let (mut folders, mut files) = (vec![Location::default()], Vec::new());
    for (at, segment) in segments.iter().enumerate() {
        let is_last = at + 1 == segments.len();
        if !segment.contains(['*', '?', '[']) && !is_last {
            let inside = |folder: &Location| Location::parse(format!("{folder}/{segment}"));
            let inner: Result<Vec<Location>, _> = folders.iter().map(inside).collect();
            folders = inner.map_err(|error| cannot(path, "list", &error.into()))?;
            continue;
        }
        let found = matching(path, &*place.store, &folders, segment)?;
        folders = found.common_prefixes;
        if is_last {
            files = found.objects;
        }
    }
    Ok(files.iter().map(|file| named(&root, &file.location)).collect())
}

/// The files and folders right in some folders whose names match a pattern.
fn matching(
    path: &Path,
    store: &dyn ObjectStore,
    folders: &[Location],
    pattern: &str,
) -> Outcome<ListResult> {
    let pattern = match glob::Pattern::new(pattern) {
        Ok(pattern) => pattern,
        Err(error) => bail!(Argument, "{} is no pattern of file names: {error}", path.display()),
    };
    let fits = |location: &Location| location.filename().is_some_and(|name| pattern.matches(name));
    let mut all =
        ListResult { common_prefixes: Vec::new(), objects: Vec::new(), extensions: Extensions::default() };
    for folder in folders {
        let found = list(path, store, folder)?;
        all.objects.extend(found.objects.into_iter().filter(|object| fits(&object.location)));
        all.common_prefixes.extend(found.common_prefixes.into_iter().filter(&fits));
    }
    Ok(all)
}

fn list(path: &Path, store: &dyn ObjectStore, folder: &Location) -> Outcome<ListResult> {
    let prefix = (!folder.as_ref().is_empty()).then_some(folder);
    wait(store.list_with_delimiter(prefix)).map_err(|error| cannot(path, "list", &error))
}

/// The path of the bucket, without a slash.
fn root(path: &Path) -> String {
    let text = path.to_string_lossy();
    let start = text.find("://").map_or(0, |at| at + 3);
    let end = text[start..].find('/').map_or(text.len(), |at| start + at);
    text[..end].to_string()
}

fn named(root: &str, location: &Location) -> PathBuf {
    PathBuf::from(format!("{root}/{location}"))
}
