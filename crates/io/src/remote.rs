//! Files at other places: `s3://`, `gs://`, `az://`, `http://` and `https://`.
//!
//! A place is a path like any other to the readers and writers; [`store`] connects to what serves it, [`object`] reads
//! pieces of what is there, [`listing`] finds the files of folders and patterns. What is written goes there as a whole
//! when it is complete. Credentials come from the variables that the tools of each service use.

pub mod listing;
pub mod object;
pub mod store;

use std::borrow::Cow;
use std::error::Error;
use std::path::{Path, PathBuf};

use object_store::ObjectStoreExt;
use tilewright_base::{Code, Fault, Outcome, fault};

use self::store::{Place, wait};

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

/// The beginnings of paths, what serves them, and what to do when it refuses.
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

    /// Where its credentials come from.
    fn remedy(self) -> &'static str {
        match self {
            Service::S3 => {
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or AWS_SKIP_SIGNATURE=true for what is public; AWS_ENDPOINT_URL names another server than Amazon's"
            }
            Service::Google => {
                "set GOOGLE_APPLICATION_CREDENTIALS to a file of credentials, or GOOGLE_SKIP_SIGNATURE=true for what is public"
            }
            Service::Azure => {
                "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_KEY, or AZURE_SKIP_SIGNATURE=true for what is public"
            }
            Service::Http => {
                "the server wants credentials that `read` and `write` cannot give; a signed link has them inside"
            }
        }
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

/// Stores all bytes of a file of this machine under a remote path, in place of what is there.
///
/// # Errors
/// When the service does not answer, or refuses.
pub fn upload(path: &Path, file: &Path) -> Outcome<()> {
    let place = Place::of(path)?;
    let bytes =
        std::fs::read(file).map_err(|error| fault!(File, "cannot write {}: {error}", path.display()))?;
    wait(place.store.put(&place.location, bytes.into()))
        .map_err(|error| cannot(path, "write", &error))
        .map(drop)
}

/// The metadata beside a remote file, all of it; `None` where there is none, or nobody may see it: services refuse what
/// is not there to those who may not list.
///
/// # Errors
/// When the service does not answer; the message is about the file itself.
pub fn beside(path: &Path, metadata: &Path) -> Outcome<Option<Vec<u8>>> {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    let place = Place::of(metadata)?;
    let found = wait(async { place.store.get(&place.location).await?.bytes().await });
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
    match wait(place.store.delete(&place.location)) {
        Err(error) if !matches!(error, object_store::Error::NotFound { .. }) => {
            Err(cannot(path, "delete", &error))
        }
        _ => Ok(()),
    }
}

/// Why something remote cannot be read or written, with the remedy.
pub fn cannot(path: &Path, what: &str, error: &object_store::Error) -> Fault {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    let name = path.display();
    let Some(service) = Service::of(path) else { return fault!(File, "cannot {what} {name}: {error}") };
    match error {
        NotFound { .. } if what == "write" => {
            fault!(File, "cannot write {name}: there is no such bucket or folder")
        }
        NotFound { .. } => {
            let fault = Fault::new(Code::File, format!("no such file: {name}"));
            if service == Service::Http { fault } else { fault.hint("the name of a folder ends in `/`") }
        }
        PermissionDenied { .. } | Unauthenticated { .. } => {
            fault!(File, "no permission to {what} {name}"; hint: "{}", service.remedy())
        }
        _ => {
            let fault = fault!(File, "cannot {what} {name}: {}", cause(error));
            if service == Service::Http { fault } else { fault.hint(service.remedy()) }
        }
    }
}

/// The innermost error, which says what happened and not what was tried.
fn cause(error: &dyn Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
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
}
