//! Connections to services, each made once, and the place of a path in them.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::http::HttpBuilder;
use object_store::path::Path as Location;
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, Error, ObjectStore, RetryConfig};
use reqwest::{Client, StatusCode};
use tilewright_base::{Outcome, bail, fault};
use tokio::runtime::{Builder, Handle, Runtime};
use url::{Position, Url};

use super::Service;
use super::problem::cannot;

/// How long is waited for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How long is waited for the next bytes of an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes per second that an upload has at least, or it counts as stuck.
const SLOWEST: u64 = 64 << 10;

/// How often a request is repeated that got no answer, or one of a server in trouble.
const RETRIES: usize = 3;

/// A file in a service.
#[derive(Debug, Clone)]
pub struct Place {
    /// The connection.
    pub store: Arc<dyn ObjectStore>,
    /// The name of the file there.
    pub location: Location,
}

impl Place {
    /// The place of a remote path.
    ///
    /// # Errors
    /// When the path is malformed, or the variables of the service are.
    pub fn of(path: &Path) -> Outcome<Place> {
        let (service, base, location) = parts(path)?;
        let store = connection(service, &base).map_err(|error| cannot(path, "reach", &error))?;
        Ok(Place { store, location })
    }

    /// The place of a remote path that so many bytes are sent to in one request, which may take its time.
    ///
    /// # Errors
    /// As of [`Place::of`].
    pub fn to_fill(path: &Path, bytes: u64) -> Outcome<Place> {
        let (service, base, location) = parts(path)?;
        let patience = PATIENCE + Duration::from_secs(bytes / SLOWEST);
        let store =
            if bytes / SLOWEST == 0 { connection(service, &base) } else { connect(service, &base, patience) };
        Ok(Place { store: store.map_err(|error| cannot(path, "reach", &error))?, location })
    }
}

/// What serves a path, the bucket or server, and the name there.
fn parts(path: &Path) -> Outcome<(Service, String, Location)> {
    let name = path.display();
    let Some((service, text)) = Service::of(path).zip(path.to_str()) else {
        bail!(Argument, "{name} is not the path of a service")
    };
    let wrong = |error: &dyn std::fmt::Display| fault!(Argument, "{name} is no path: {error}");
    let (base, location) = if service == Service::Http {
        let url = Url::parse(text).map_err(|error| wrong(&error))?;
        let mut base = url[..Position::BeforePath].to_string();
        // The query of a link belongs to each request.
        base.extend(url.query().map(|query| format!("/?{query}")));
        (base, Location::from_url_path(url.path()).map_err(|error| wrong(&error))?)
    } else {
        // A name may hold any character, so it is no URL to decode.
        let start = text.find("://").map_or(0, |at| at + 3);
        let (bucket, key) = text[start..].split_once('/').unwrap_or((&text[start..], ""));
        if bucket.is_empty() {
            bail!(Argument, "{name} names no bucket"; hint: "{}bucket/folder/file.csv", &text[..start]);
        }
        let base = format!("{}{bucket}", &text[..start]);
        (base, Location::parse(key).map_err(|error| wrong(&error))?)
    };
    Ok((service, base, location))
}

/// The connection to a bucket or server, made when it is first asked for.
fn connection(service: Service, base: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    static CONNECTIONS: Mutex<BTreeMap<String, Arc<dyn ObjectStore>>> = Mutex::new(BTreeMap::new());
    let mut connections = CONNECTIONS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = connections.get(base) {
        return Ok(store.clone());
    }
    let store = connect(service, base, PATIENCE)?;
    connections.insert(base.to_string(), store.clone());
    Ok(store)
}

fn connect(service: Service, base: &str, patience: Duration) -> object_store::Result<Arc<dyn ObjectStore>> {
    install_cryptography();
    let retry = RetryConfig {
        backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
        max_retries: RETRIES,
        retry_timeout: patience * 2,
    };
    let store: Arc<dyn ObjectStore> = match service {
        Service::S3 => {
            let mut builder = AmazonS3Builder::from_env().with_url(base).with_retry(retry);
            for (key, value) in timeouts(Some("AWS_"), patience) {
                builder = builder.with_config(AmazonS3ConfigKey::Client(key), value);
            }
            // A server that is named as one without encryption is meant to be spoken to like this.
            let is_plain = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
                .iter()
                .any(|name| std::env::var(name).is_ok_and(|url| url.starts_with("http://")));
            Arc::new(if is_plain { builder.with_allow_http(true) } else { builder }.build()?)
        }
        Service::Google => {
            let mut builder = GoogleCloudStorageBuilder::from_env().with_url(base).with_retry(retry);
            for (key, value) in timeouts(Some("GOOGLE_"), patience) {
                builder = builder.with_config(GoogleConfigKey::Client(key), value);
            }
            Arc::new(builder.build()?)
        }
        Service::Azure => {
            let mut builder = MicrosoftAzureBuilder::from_env().with_url(base).with_retry(retry);
            for (key, value) in timeouts(Some("AZURE_"), patience) {
                builder = builder.with_config(AzureConfigKey::Client(key), value);
            }
            Arc::new(builder.build()?)
        }
        Service::Http => {
            let mut options = ClientOptions::new().with_allow_http(true);
            for (key, value) in timeouts(None, patience) {
                options = options.with_config(key, value);
            }
            let builder = HttpBuilder::new().with_url(base).with_client_options(options);
            Arc::new(builder.with_retry(retry).build()?)
        }
    };
    Ok(store)
}

/// How long is waited for a connection, and for the next bytes, unless variables of the service say otherwise. A request as
/// a whole may take as long as bytes come.
fn timeouts(prefix: Option<&str>, patience: Duration) -> impl Iterator<Item = (ClientConfigKey, String)> {
    let of = |name: &str, key, time: Duration| {
        let is_given = prefix.is_some_and(|prefix| std::env::var_os(format!("{prefix}{name}")).is_some());
        (!is_given).then(|| (key, format!("{}s", time.as_secs())))
    };
    let day = Duration::from_secs(24 * 60 * 60);
    [
        of("TIMEOUT", ClientConfigKey::Timeout, day),
        of("CONNECT_TIMEOUT", ClientConfigKey::ConnectTimeout, CONNECT),
        of("READ_TIMEOUT", ClientConfigKey::ReadTimeout, patience),
    ]
    .into_iter()
    .flatten()
}

fn install_cryptography() {
    // Another part of the program may have chosen its cryptography before; that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// All of a link, from a server that does not say how much that is.
///
/// # Errors
/// When it does not answer, refuses, or stops before the end.
pub fn fetch(path: &Path) -> object_store::Result<Bytes> {
    static CLIENT: OnceLock<reqwest::Result<Client>> = OnceLock::new();
    let client = CLIENT.get_or_init(|| {
        install_cryptography();
        Client::builder().connect_timeout(CONNECT).read_timeout(PATIENCE).build()
    });
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| Error::Generic { store: "HTTP", source: error };
    let client = client.as_ref().map_err(|error| failed(error.to_string().into()))?;
    let request = client.get(path.to_string_lossy().as_ref());
    let refused = |status, source: reqwest::Error| {
        let (path, source) = (String::new(), Box::new(source.without_url()));
        match status {
            Some(StatusCode::NOT_FOUND) => Error::NotFound { path, source },
            Some(StatusCode::FORBIDDEN) => Error::PermissionDenied { path, source },
            Some(StatusCode::UNAUTHORIZED) => Error::Unauthenticated { path, source },
            _ => failed(source),
        }
    };
    let answer = async { request.send().await?.error_for_status()?.bytes().await };
    wait(async { answer.await.map_err(|error| refused(error.status(), error)) })
}

/// Waits for the answer to a request; any thread may, several at once.
///
/// # Errors
/// Those of the request.
pub fn wait<T: Send>(
    request: impl Future<Output = object_store::Result<T>> + Send,
) -> object_store::Result<T> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(1).thread_name("requests").enable_all().build()
    });
    let failed = |text: String| Error::Generic { store: "requests", source: text.into() };
    let runtime = runtime.as_ref().map_err(|error| failed(error.to_string()))?;
    if Handle::try_current().is_err() {
        return runtime.block_on(request);
    }
    // A thread that runs requests of others may not wait itself.
    std::thread::scope(|scope| scope.spawn(|| runtime.block_on(request)).join())
        .unwrap_or_else(|_| Err(failed("the request was given up".into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_is_possible_within_a_runtime() {
        let runtime = Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
        let answer = runtime.block_on(async { wait(async { Ok(7) }) });
        assert_eq!(answer.expect("the answer"), 7);
    }
}
