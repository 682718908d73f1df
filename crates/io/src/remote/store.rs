//! Connections to services, each made once, and the place of a path in them.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::http::HttpBuilder;
use object_store::path::Path as Location;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use tilewright_base::{Outcome, bail, fault};
use tokio::runtime::{Builder, Runtime};
use url::{Position, Url};

use super::{Service, cannot};

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
        let store = connection(service, &base).map_err(|error| cannot(path, "reach", &error))?;
        Ok(Place { store, location })
    }
}

/// The connection to a bucket or server, made when it is first asked for.
fn connection(service: Service, base: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    static CONNECTIONS: Mutex<BTreeMap<String, Arc<dyn ObjectStore>>> = Mutex::new(BTreeMap::new());
    let mut connections = CONNECTIONS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = connections.get(base) {
        return Ok(store.clone());
    }
    let store = connect(service, base)?;
    connections.insert(base.to_string(), store.clone());
    Ok(store)
}

fn connect(service: Service, base: &str) -> object_store::Result<Arc<dyn ObjectStore>> {
    // Another part of the program may have chosen its cryptography before; that one serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let store: Arc<dyn ObjectStore> = match service {
        Service::S3 => {
            let builder = AmazonS3Builder::from_env().with_url(base).with_retry(retry());
            // A server that is named as one without encryption is meant to be spoken to like this.
            let is_plain = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]
                .iter()
                .any(|name| std::env::var(name).is_ok_and(|url| url.starts_with("http://")));
            Arc::new(if is_plain { builder.with_allow_http(true) } else { builder }.build()?)
        }
        Service::Google => {
            Arc::new(GoogleCloudStorageBuilder::from_env().with_url(base).with_retry(retry()).build()?)
        }
        Service::Azure => {
            Arc::new(MicrosoftAzureBuilder::from_env().with_url(base).with_retry(retry()).build()?)
        }
        Service::Http => {
            let options = ClientOptions::new().with_allow_http(true).with_timeout_disabled();
            let options = options.with_read_timeout(Duration::from_secs(60));
            let builder = HttpBuilder::new().with_url(base).with_client_options(options);
            Arc::new(builder.with_retry(retry()).build()?)
        }
    };
    Ok(store)
}

/// A service that does not answer is asked for some seconds, not for minutes.
fn retry() -> RetryConfig {
    let backoff = BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: 3, retry_timeout: Duration::from_secs(10) }
}

/// Waits for the answer to a request; any thread may, several at once.
///
/// # Errors
/// Those of the request.
pub fn wait<T>(request: impl Future<Output = object_store::Result<T>>) -> object_store::Result<T> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(1).thread_name("requests").enable_all().build()
    });
    match runtime {
        Ok(runtime) => runtime.block_on(request),
        Err(error) => {
            Err(object_store::Error::Generic { store: "requests", source: error.to_string().into() })
        }
    }
}
