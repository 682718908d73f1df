//! A server of files in memory for tests: enough of HTTP, and of the listing of S3.

// Each test uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// How it differs from a server that does everything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Usual,
    /// Sends files as a whole, whatever is asked for.
    WithoutRanges,
    /// Does not say how long a file is before it sends it.
    WithoutLength,
    /// Refuses everything.
    Forbidding,
    /// Answers all that it does not have with a page.
    Talkative,
    /// Sends files in chunks, without their length.
    Chunked,
    /// Answers with half of what it says it sends, each time.
    Breaking,
    /// Breaks off the first answers with a body, then does everything.
    Unsteady,
    /// Sends names to the same below `data`, and those to themselves.
    Redirecting,
    /// Gives files, but refuses to tell about them.
    ReadOnly,
    /// Has no buckets.
    Empty,
    /// Refuses the second piece of a file.
    Full,
}

#[derive(Clone)]
pub struct Server {
    address: String,
    kind: Kind,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// With its query.
    pub target: String,
    pub headers: BTreeMap<String, String>,
}

impl Server {
    /// Starts one that lives as long as the process.
    pub fn start(kind: Kind) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Server { address, kind, files: Arc::default(), requests: Arc::default() };
        let own = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let own = own.clone();
                // A client that goes away before the answer is no failure of the test.
                thread::spawn(move || own.answer(&mut stream.unwrap()));
            }
        });
        server
    }

    /// The address of a file, or of the server.
    pub fn url(&self, name: &str) -> String {
        format!("{}{}{name}", self.address, if name.is_empty() { "" } else { "/" })
    }

    pub fn put(&self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.files.lock().unwrap().insert(name.into(), bytes.into());
    }

    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.files.lock().unwrap().get(name).cloned()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    fn answer(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(String::from);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = BTreeMap::new();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_lowercase(), value.trim().to_string());
        }
        let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let request = Request { method, target, headers };
        self.requests.lock().unwrap().push(request.clone());
        let (status, headers, body) = self.respond(&request, body);
        write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n")?;
        if request.method == "HEAD" {
            return Ok(());
        }
        let is_first =
            self.requests.lock().unwrap().iter().filter(|request| request.method == "GET").count() < 4;
        match self.kind {
            Kind::Chunked if headers.contains("chunked") => {
                for chunk in body.chunks(1000) {
                    write!(stream, "{:x}\r\n", chunk.len())?;
                    stream.write_all(chunk)?;
                    stream.write_all(b"\r\n")?;
                }
                stream.write_all(b"0\r\n\r\n")
            }
            Kind::Breaking => stream.write_all(&body[..body.len() / 2]),
            Kind::Unsteady if is_first => stream.write_all(&body[..body.len() / 2]),
            _ => stream.write_all(&body),
        }
    }

    /// Status, headers and body.
    fn respond(&self, request: &Request, body: Vec<u8>) -> (&'static str, String, Vec<u8>) {
        let with_length =
            |status, body: Vec<u8>| (status, format!("Content-Length: {}\r\n", body.len()), body);
        let error =
            |code: &str| format!("<Error><Code>{code}</Code><Message>Sorry.</Message></Error>").into_bytes();
        match self.kind {
            Kind::Empty => return with_length("404 Not Found", error("NoSuchBucket")),
            Kind::Full if request.target.contains("partNumber=2") => {
                return with_length("400 Bad Request", error("Quota"));
            }
            Kind::ReadOnly if request.method == "HEAD" => return with_length("403 Forbidden", Vec::new()),
            Kind::Redirecting if request.target.starts_with("/data/") => {}
            Kind::Redirecting => {
                let is_loop = request.target.starts_with("/loop");
                let to = if is_loop { "/loop".to_string() } else { format!("/data{}", request.target) };
                return ("302 Found", format!("Location: {to}\r\nContent-Length: 0\r\n"), Vec::new());
            }
            _ => {}
        }
        if self.kind == Kind::Forbidding {
            return with_length("403 Forbidden", b"<Error><Code>AccessDenied</Code></Error>".to_vec());
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let name = decoded(path.trim_start_matches('/'));
        let mut files = self.files.lock().unwrap();
        match request.method.as_str() {
            "POST" if query.starts_with("uploads") => with_length(
                "200 OK",
                b"<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"
                    .to_vec(),
            ),
            "POST" => {
                let pieces = files.iter().filter(|(piece, _)| piece.starts_with(&format!("{name}#")));
                let whole = pieces.flat_map(|(_, bytes)| bytes.clone()).collect();
                files.retain(|piece, _| !piece.starts_with(&format!("{name}#")));
                files.insert(name, whole);
                with_length(
                    "200 OK",
                    b"<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>".to_vec(),
                )
            }
            "DELETE" if query.contains("uploadId=") => {
                files.retain(|piece, _| !piece.starts_with(&format!("{name}#")));
                with_length("204 No Content", Vec::new())
            }
            "PUT" if query.contains("partNumber=") => {
                let number = query.split('&').find_map(|pair| pair.strip_prefix("partNumber=")).unwrap();
                files.insert(format!("{name}#{number:0>5}"), body);
                ("200 OK", "Content-Length: 0\r\nETag: \"1\"\r\n".into(), Vec::new())
            }
            "PUT" => {
                files.insert(name, body);
                ("200 OK", "Content-Length: 0\r\nETag: \"1\"\r\n".into(), Vec::new())
            }
            "DELETE" => {
                files.remove(&name);
                with_length("204 No Content", Vec::new())
            }
            _ if query.contains("list-type=2") => with_length("200 OK", listing(&files, &name, query)),
            _ => match files.get(&name) {
                Some(file) => self.file(file, request),
                None if self.kind == Kind::Talkative => {
                    with_length("200 OK", b"<html>Welcome</html>".to_vec())
                }
                None => with_length("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            },
        }
    }

    fn file(&self, file: &[u8], request: &Request) -> (&'static str, String, Vec<u8>) {
        let about = "ETag: \"1\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";
        let range = request
            .headers
            .get("range")
            .filter(|_| !matches!(self.kind, Kind::WithoutRanges | Kind::Chunked));
        if let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) {
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            let part = file[first..(last + 1).min(file.len())].to_vec();
            let of = format!("Content-Range: bytes {first}-{}/{}\r\n", first + part.len() - 1, file.len());
            return ("206 Partial Content", format!("Content-Length: {}\r\n{of}{about}", part.len()), part);
        }
        let length = match self.kind {
            Kind::WithoutLength | Kind::Chunked if request.method == "HEAD" => String::new(),
            Kind::Chunked => "Transfer-Encoding: chunked\r\n".into(),
            _ => format!("Content-Length: {}\r\n", file.len()),
        };
        ("200 OK", format!("{length}{about}"), file.to_vec())
    }
}

/// The files and folders right below a prefix, as S3 lists them.
fn listing(files: &BTreeMap<String, Vec<u8>>, bucket: &str, query: &str) -> Vec<u8> {
    let prefix =
        query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).map_or(String::new(), decoded);
    let (mut keys, mut folders) = (String::new(), Vec::new());
    for (name, bytes) in files {
        let Some(key) = name.strip_prefix(bucket).and_then(|key| key.strip_prefix('/')) else { continue };
        let Some(rest) = key.strip_prefix(&prefix) else { continue };
        match rest.split_once('/') {
            Some((folder, _)) => folders.push(format!("{prefix}{folder}/")),
            None => {
                keys += &format!(
                    "<Contents><Key>{key}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>1</ETag><Size>{}</Size></Contents>",
                    bytes.len()
                );
            }
        }
    }
    folders.dedup();
    let prefixes =
        folders.iter().map(|name| format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"));
    format!("<ListBucketResult>{keys}{}</ListBucketResult>", prefixes.collect::<String>()).into_bytes()
}

/// Text without `%xx`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%')
            .then(|| u8::from_str_radix(std::str::from_utf8(&after[..2]).unwrap(), 16).unwrap());
        rest = if code.is_some() { &after[2..] } else { after };
        bytes.push(code.unwrap_or(byte));
    }
    String::from_utf8(bytes).unwrap()
}
