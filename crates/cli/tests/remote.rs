//! Scripts that read and write files of services: what the variables say reaches the service.
#![allow(clippy::unwrap_used)]

#[path = "../../io/tests/server/mod.rs"]
mod server;

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use server::{Kind, Request, Server};

/// What a script prints, and what it complains about.
fn run(text: &str, variables: &[(&str, &str)]) -> (String, String) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let unique = format!("tilewright-remote-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let script = std::env::temp_dir().join(unique);
    std::fs::write(&script, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tilewright"));
    command.arg("run").arg(&script).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    let output = command.output().unwrap();
    std::fs::remove_file(script).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

/// The variables for a server that stands for S3.
fn s3(url: &str) -> Vec<(&str, &str)> {
    vec![
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "own-key"),
        ("AWS_SECRET_ACCESS_KEY", "own-secret"),
        ("AWS_REGION", "eu-north-1"),
    ]
}

#[test]
fn what_is_written_to_s3_is_read_there() {
    let server = Server::start(Kind::Usual);
    let script = r#"
        X = matrix(seq(1, 6), 3, 2)
        write(X, "s3://bucket/a b/x.csv", format = "csv")
        Y = read("s3://bucket/a b/x.csv")
        print(sum(Y) + " " + nrow(Y))
        F = as.frame(X)
        write(F, "s3://bucket/f.parquet", format = "parquet")
        G = read("s3://bucket/f.parquet", data_type = "frame")
        print(ncol(G))
    "#;
    let (out, err) = run(script, &s3(&server.url("")));
    assert_eq!((out.as_str(), err.as_str()), ("21.0 3\n2\n", ""));
    assert_eq!(server.get("bucket/a b/x.csv").unwrap(), b"1,2\n3,4\n5,6\n");
    assert!(server.get("bucket/a b/x.csv.mtd").is_some());
    for request in server.requests() {
        let signed = &request.headers["authorization"];
        assert!(signed.contains("AWS4-HMAC-SHA256") && signed.contains("own-key"), "{signed}");
        assert!(signed.contains("/eu-north-1/s3/"), "{signed}");
    }
}

#[test]
fn folders_and_patterns_of_s3_are_read() {
    let server = Server::start(Kind::Usual);
    for (name, text) in
        [("part-2.csv", "3,4\n"), ("part-10.csv", "5,6\n"), ("part-1.csv", "1,2\n"), ("_SUCCESS", "")]
    {
        server.put(&format!("bucket/out/{name}"), text);
    }
    server.put("bucket/out/inner/part-3.csv", "7,8\n");
    server.put("bucket/2024-01/x.csv", "1\n");
    server.put("bucket/2024-02/x.csv", "2\n");
    server.put("bucket/2025-01/x.csv", "4\n");
    let script = r#"
        print(toString(read("s3://bucket/out/", format = "csv"), decimal = 0))
        print(sum(read("s3://bucket/out/part-[12].csv")))
        print(sum(read("s3://bucket/2024-*/x.csv")))
    "#;
    let (out, err) = run(script, &s3(&server.url("")));
    assert_eq!((out.as_str(), err.as_str()), ("1 2\n3 4\n5 6\n\n10.0\n3.0\n", ""));
}

#[test]
fn google_and_azure_are_read() {
    let server = Server::start(Kind::Usual);
    server.put("bucket/x.csv", "1,2\n");
    let url = server.url("");
    let google =
        [("GOOGLE_BASE_URL", url.as_str()), ("GOOGLE_SKIP_SIGNATURE", "true"), ("GOOGLE_ALLOW_HTTP", "true")];
    assert_eq!(run("print(sum(read('gs://bucket/x.csv')))", &google), ("3.0\n".into(), String::new()));
    let azure = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "me"),
        ("AZURE_ENDPOINT", url.as_str()),
        ("AZURE_SKIP_SIGNATURE", "true"),
        ("AZURE_ALLOW_HTTP", "true"),
    ];
    assert_eq!(run("print(sum(read('az://bucket/x.csv')))", &azure), ("3.0\n".into(), String::new()));
}

#[test]
fn what_s3_refuses_is_told_with_the_remedy() {
    let server = Server::start(Kind::Forbidding);
    let (out, err) = run("X = read('s3://bucket/x.csv')\nprint(sum(X))", &s3(&server.url("")));
    assert_eq!(out, "");
    assert!(err.contains("no permission to read s3://bucket/x.csv"), "{err}");
    assert!(err.contains("AWS_ACCESS_KEY_ID"), "{err}");
    let server = Server::start(Kind::Usual);
    let (_, err) = run("X = read('s3://bucket/x.csv')\nprint(sum(X))", &s3(&server.url("")));
    assert!(err.contains("no such file: s3://bucket/x.csv"), "{err}");
}

/// A large enough matrix to be sent in pieces: 2 million doubles.
const LARGE: &str = r#"write(matrix(seq(1, 2000000), 1000, 2000), "s3://bucket/x.npy", format = "npy")"#;

#[test]
fn large_files_go_to_s3_in_pieces() {
    let server = Server::start(Kind::Usual);
    let script = format!("{LARGE}\nprint(sum(read('s3://bucket/x.npy')) - 2000001000000)");
    let (out, err) = run(&script, &s3(&server.url("")));
    assert_eq!((out.as_str(), err.as_str()), ("0.0\n", ""));
    let pieces = server.requests().iter().filter(|request| request.target.contains("partNumber=")).count();
    assert_eq!(pieces, 2, "16 MB in pieces of 8 MiB");
}

#[test]
fn an_upload_that_fails_leaves_what_was_there() {
    let server = Server::start(Kind::Full);
    server.put("bucket/x.npy", "older");
    server.put("bucket/x.npy.mtd", "{}");
    let (_, err) = run(LARGE, &s3(&server.url("")));
    assert!(err.contains("cannot write s3://bucket/x.npy: Sorry."), "{err}");
    assert_eq!(server.get("bucket/x.npy").unwrap(), b"older");
    assert_eq!(server.get("bucket/x.npy.mtd").unwrap(), b"{}");
    // A piece that is still on its way may come to the server after this.
    let gives_up = |request: &Request| request.method == "DELETE" && request.target.contains("uploadId=");
    assert!(server.requests().iter().any(gives_up), "the upload is ended");
}

#[test]
fn a_bucket_that_is_missing_is_told() {
    let server = Server::start(Kind::Empty);
    for script in [
        "write(matrix(1, 2, 2), 's3://bucket/x.csv', format = 'csv')",
        "print(sum(read('s3://bucket/out/')))",
    ] {
        let (_, err) = run(script, &s3(&server.url("")));
        assert!(err.contains("there is no such bucket"), "{err}");
    }
}

#[test]
fn a_folder_is_listed_once() {
    let server = Server::start(Kind::Usual);
    server.put("bucket/out/part-1.csv", "1,2\n");
    let (out, err) = run("print(sum(read('s3://bucket/out/', format = 'csv')))", &s3(&server.url("")));
    assert_eq!((out.as_str(), err.as_str()), ("3.0\n", ""));
    let lists = server.requests().iter().filter(|request| request.target.contains("list-type=2")).count();
    assert_eq!(lists, 1);
}
