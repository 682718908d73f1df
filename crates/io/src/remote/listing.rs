//! The files of remote folders and patterns.

use std::path::{Path, PathBuf};

use object_store::path::Path as Location;
use object_store::{Extensions, ListResult, ObjectStore};
use tilewright_base::{Outcome, bail};

use super::store::{Place, wait};
use super::{Service, cannot};

/// True for the name of a folder: it ends in a slash. Servers of the web have no folders.
pub fn is_folder(path: &Path) -> bool {
    path.to_string_lossy().ends_with('/') && Service::of(path) != Some(Service::Http)
}

/// True where names are patterns if they look like it; links have such characters for other reasons.
pub fn has_patterns(path: &Path) -> bool {
    Service::of(path) != Some(Service::Http)
}

/// The files right in a folder, in any order.
///
/// # Errors
/// When the service does not answer or refuses.
pub fn folder(path: &Path) -> Outcome<Vec<PathBuf>> {
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
