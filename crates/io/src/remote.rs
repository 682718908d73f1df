//! Files at other places: `s3://`, `gs://`, `az://`, `http://` and `https://`.
//!
//! A place is a path like any other to the readers and writers; `store` connects to what serves it, `object` reads
//! pieces of what is there, `listing` finds the files of folders and patterns, `transfer` stores what was written as a
//! whole when it is complete. Credentials come from the variables that the tools of each service use, and never come into
//! a message. Without the feature `remote` there is `absent` in their place, which says so.

#[cfg(not(feature = "remote"))]
mod absent;
#[cfg(feature = "remote")]
mod listing;
#[cfg(feature = "remote")]
mod object;
#[cfg(feature = "remote")]
mod problem;
#[cfg(feature = "remote")]
mod store;
#[cfg(feature = "remote")]
mod transfer;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use tilewright_base::Outcome;

#[cfg(not(feature = "remote"))]
pub use absent::{Object, beside, delete, folder, matches, upload};
#[cfg(feature = "remote")]
pub use listing::{folder, matches};
#[cfg(feature = "remote")]
pub use object::Object;
#[cfg(feature = "remote")]
pub use transfer::{beside, delete, upload};

/// What serves files elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Amazon S3, and whatever speaks its protocol.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
    /// Any server of the web.
    Http,
}

/// The beginnings of paths, and what serves them.
const SCHEMES: [(&str, Service); 7] = [
    ("s3://", Service::S3),
    ("s3a://", Service::S3),
    ("gs://", Service::Google),
    ("az://", Service::Azure),
    ("abfs://", Service::Azure),
    ("http://", Service::Http),
    ("https://", Service::Http),
];

impl Service {
    /// What serves a path; none serves a file of this machine.
    pub fn of(path: &Path) -> Option<Service> {
        let text = path.to_str()?;
        SCHEMES.iter().find(|(scheme, _)| text.starts_with(scheme)).map(|(_, service)| *service)
    }
}

/// True for paths of other places than this machine.
pub fn is_remote(path: &Path) -> bool {
    Service::of(path).is_some()
}

/// True for a file of this machine, and for all that is elsewhere, of which only a request would tell.
pub fn may_be_file(path: &Path) -> bool {
    is_remote(path) || path.is_file()
}

/// A path without the query of a link: `https://host/x.csv` of `https://host/x.csv?token=1`.
pub fn without_query(path: &Path) -> Cow<'_, Path> {
    match split_query(path) {
        Some((name, _)) => Cow::Owned(PathBuf::from(name)),
        None => Cow::Borrowed(path),
    }
}

/// A link before and from the `?` on, where it has one.
pub fn split_query(path: &Path) -> Option<(&str, &str)> {
    if Service::of(path) != Some(Service::Http) {
        return None;
    }
    let text = path.to_str()?;
    text.find(['?', '#']).map(|at| text.split_at(at))
}

/// True for the name of a folder: it ends in a slash. Servers of the web have no folders.
pub fn is_folder(path: &Path) -> bool {
    path.to_string_lossy().ends_with('/') && has_folders(path)
}

/// True where files are listed, so that names may be patterns; links have such characters for other reasons.
pub fn has_folders(path: &Path) -> bool {
    Service::of(path) != Some(Service::Http)
}

/// The outcome of something about `path` without what the path keeps secret: the query of a link, which may hold a
/// token, and a password before the name of the host.
///
/// # Errors
/// Those of the outcome.
pub fn without_secrets<T>(path: &Path, outcome: Outcome<T>) -> Outcome<T> {
    outcome.map_err(|fault| fault.rephrased(|text| hide_secrets(path, text)))
}

/// A text without what `path` keeps secret.
pub fn hide_secrets(path: &Path, text: &str) -> String {
    let (name, query) = split_query(path).unwrap_or((path.to_str().unwrap_or_default(), ""));
    let shown = if query.len() > 1 { text.replace(query, "?...") } else { text.to_string() };
    let user = (Service::of(path) == Some(Service::Http)).then(|| {
        let host = name.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or_default());
        host.rsplit_once('@').map(|(user, _)| format!("{user}@"))
    });
    user.flatten().map_or(shown.clone(), |user| shown.replace(&user, "...@"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_this_machine_are_not_remote() {
        for local in ["x.csv", "/data/x.csv", "folder/s3/x.csv", "s3:/x", "ftp://host/x.csv", ""] {
            assert!(!is_remote(Path::new(local)), "{local}");
        }
        assert_eq!(Service::of(Path::new("s3://bucket/x.csv")), Some(Service::S3));
        assert_eq!(Service::of(Path::new("https://host/x.csv")), Some(Service::Http));
    }

    #[test]
    fn only_links_have_queries() {
        let name = |path: &'static str| without_query(Path::new(path)).display().to_string();
        assert_eq!(name("https://host/a/x.csv.gz?token=a/b.c"), "https://host/a/x.csv.gz");
        assert_eq!(name("s3://bucket/x?.csv"), "s3://bucket/x?.csv");
        assert_eq!(name("x?.csv"), "x?.csv");
    }

    #[test]
    fn secrets_of_links_are_not_told() {
        let path = Path::new("https://me:pass@host/x.csv?token=abc");
        let told = hide_secrets(
            path,
            "cannot read https://me:pass@host/x.csv?token=abc: https://me:pass@host/x.csv.mtd?token=abc",
        );
        assert_eq!(told, "cannot read https://...@host/x.csv?...: https://...@host/x.csv.mtd?...");
        for plain in ["https://host/a@b.csv", "s3://bucket/x?y.csv", "x.csv"] {
            assert_eq!(hide_secrets(Path::new(plain), plain), plain);
        }
    }
}
