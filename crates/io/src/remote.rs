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

use tilewright_base::{Outcome, bail};

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

/// A path as the rest of this crate knows it: schemes are in small letters, and `file:///folder/x.csv` is
/// `/folder/x.csv`.
///
/// # Errors
/// When it begins with a scheme that is not known.
pub fn resolved(path: &Path) -> Outcome<Cow<'_, Path>> {
    let Some((scheme, rest)) = path.to_str().and_then(split_scheme) else { return Ok(Cow::Borrowed(path)) };
    let scheme = scheme.to_lowercase();
    if scheme == "file" {
        return local(path, rest).map(Cow::Owned);
    }
    let known = PathBuf::from(format!("{scheme}://{rest}"));
    if Service::of(&known).is_none() {
        let (name, schemes) = (hide_password(rest), SCHEMES.map(|(scheme, _)| scheme).join(", "));
        bail!(Argument, "{scheme}://{name} begins with an unknown scheme"; hint: "known are {schemes} and file://; files of other services have to be fetched first");
    }
    Ok(Cow::Owned(known))
}

/// The scheme before `://`, and what is behind it. One letter is the name of a drive.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let may_be = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    let is_scheme = scheme.len() > 1 && scheme.starts_with(|letter: char| letter.is_ascii_alphabetic());
    (is_scheme && scheme.chars().all(may_be)).then_some((scheme, rest))
}

/// The file that a link to this machine means.
fn local(path: &Path, rest: &str) -> Outcome<PathBuf> {
    let name = rest.strip_prefix("localhost/").map(|name| format!("/{name}")).unwrap_or(rest.to_string());
    if !name.starts_with('/') {
        bail!(Argument, "{} names no file of this machine", path.display(); hint: "file:///folder/file.csv, with three slashes, or the path alone");
    }
    Ok(PathBuf::from(name.replace("%20", " ")))
}

/// What is behind a scheme, without the password before the name of the host.
fn hide_password(rest: &str) -> String {
    let host = rest.split('/').next().unwrap_or_default();
    match host.rsplit_once('@') {
        Some((user, _)) => rest.replacen(user, "...", 1),
        None => rest.to_string(),
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
    fn schemes_are_resolved() {
        let name = |path: &str| resolved(Path::new(path)).map(|path| path.display().to_string());
        let is = |path: &str| name(path).unwrap_or_else(|fault| fault.message().to_string());
        for (path, resolved) in [
            ("x.csv", "x.csv"),
            ("s3:/x", "s3:/x"),
            ("c://x", "c://x"),
            ("a b://x", "a b://x"),
            ("S3://Bucket/X.csv", "s3://Bucket/X.csv"),
            ("HTTPS://host/x?A=B", "https://host/x?A=B"),
            ("file:///d/x%20y.csv", "/d/x y.csv"),
            ("FILE://localhost/d/x.csv", "/d/x.csv"),
            ("file://host/x.csv", "file://host/x.csv names no file of this machine"),
            ("hdfs://h:9000/f.csv", "hdfs://h:9000/f.csv begins with an unknown scheme"),
            ("ftp://me:secret@h/f.csv", "ftp://...@h/f.csv begins with an unknown scheme"),
        ] {
            assert_eq!(is(path), resolved);
        }
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
