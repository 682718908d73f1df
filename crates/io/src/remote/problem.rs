//! What went wrong with a service, in words, with the remedy.

use std::path::Path;

use object_store::Error;
use object_store::client::HttpError;
use tilewright_base::{Code, Fault, fault};

use super::Service;

/// The longest explanation of a service that is passed on, in characters.
const LONGEST: usize = 200;

impl Service {
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

/// Why something remote cannot be read or written, with the remedy.
pub fn cannot(path: &Path, what: &str, error: &Error) -> Fault {
    use Error::{NotFound, PermissionDenied, Unauthenticated};
    let name = path.display();
    let Some(service) = Service::of(path) else { return fault!(File, "cannot {what} {name}: {error}") };
    let said = innermost(error);
    if ["NoSuchBucket", "ContainerNotFound", "bucket does not exist"].iter().any(|code| said.contains(code)) {
        return fault!(File, "cannot {what} {name}: there is no such bucket"; hint: "the name behind `://` is the one of a bucket, which has to exist before");
    }
    match error {
        NotFound { .. } if what == "write" => {
            fault!(File, "cannot write {name}: there is no such bucket or folder")
        }
        NotFound { .. } => {
            let fault = Fault::new(Code::File, format!("no such file: {name}"));
            if service == Service::Http {
                fault
            } else {
                fault.hint("is the name of the bucket right? The name of a folder ends in `/`")
            }
        }
        PermissionDenied { .. } | Unauthenticated { .. } => {
            let code = between(&said, "<Code>", "</Code>").filter(|code| *code != "AccessDenied");
            let code = code.map_or(String::new(), |code| format!(": {code}"));
            fault!(File, "no permission to {what} {name}{code}"; hint: "{}", service.remedy())
        }
        _ if asks_the_machine(error) => {
            fault!(File, "no permission to {what} {name}: there are no credentials"; hint: "{}", service.remedy())
        }
        _ => {
            let fault = fault!(File, "cannot {what} {name}: {}", explanation(&said));
            match service {
                _ if is_interrupted(error) => fault.hint("the connection was lost several times; try again, or fetch the file by other means first"),
                Service::Http => fault.hint("does the server run, and is its name right?"),
                _ => fault.hint(service.remedy()),
            }
        }
    }
}

/// True where a body ended before its time or did not come: asking again may help.
pub fn is_interrupted(error: &Error) -> bool {
    let Error::Generic { source, .. } = error else { return false };
    // Within an error of a request, which was repeated already, it would stand deeper.
    source.is::<HttpError>()
        || source
            .downcast_ref::<reqwest::Error>()
            .is_some_and(|error| !error.is_status() && !error.is_connect())
}

/// True for a request that asks the machine, as one of the service's own would know, who it is.
fn asks_the_machine(error: &Error) -> bool {
    let text = error.to_string();
    ["169.254.169.254", "metadata.google.internal", "latest/meta-data"].iter().any(|host| text.contains(host))
}

/// The innermost error, which says what happened and not what was tried.
fn innermost(error: &Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// What a service says about an error, on one line that is not long.
fn explanation(said: &str) -> String {
    let text = between(said, "<Message>", "</Message>").unwrap_or(said);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}
