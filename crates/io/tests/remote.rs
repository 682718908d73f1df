//! Every format is read from and written to a server of the web; what the server refuses is told.

#![allow(clippy::unwrap_used)]

mod folder;
mod server;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use folder::Folder;
use server::{Kind, Server};
use tilewright_base::Fault;
use tilewright_frame::{Cell, ColumnType, Frame};
use tilewright_io::*;
use tilewright_matrix::Dense;
use tilewright_value::{Block, Scalar, ScalarType};

/// File names of all formats of matrices, and compressed ones.
const NAMES: &[&str] = &[
    "x.csv",
    "x.csv.gz",
    "x.tsv.zst",
    "x.txt",
    "x.mtx",
    "x.svm",
    "x.npy",
    "x.npz",
    #[cfg(feature = "hdf5")]
    "x.h5",
    "x.parquet",
    "x.arrow",
    "x.tw",
];

fn sample() -> Block {
    // Long enough for several blocks of a binary file.
    Block::Dense(Dense::from_fn(
        20_000,
        3,
        |i, j| if (i + j) % 4 == 0 { 0.0 } else { (i * 3 + j) as f64 / 8.0 },
    ))
}

fn cells(block: &Block) -> Vec<f64> {
    block.dense().cells().to_vec()
}

fn read_at(url: &str) -> Block {
    let read =
        read_matrix(Path::new(url), &ReadOptions::default()).unwrap_or_else(|fault| panic!("{url}: {fault}"));
    assert!(read.warnings.is_empty(), "{url}: {:?}", read.warnings);
    read.block
}

/// A server with the sample in a format, written here.
fn with_sample(kind: Kind, name: &str) -> (Server, Folder) {
    let (server, folder) = (Server::start(kind), Folder::new());
    write_matrix(&folder.path(name), &sample(), &WriteOptions::default()).unwrap();
    for file in [name.to_string(), format!("{name}.mtd")] {
        if let Ok(bytes) = fs::read(folder.path(&file)) {
            server.put(&format!("data/{file}"), bytes);
        }
    }
    (server, folder)
}

#[test]
fn every_format_is_read() {
    for kind in [Kind::Usual, Kind::WithoutRanges, Kind::WithoutLength, Kind::Chunked, Kind::ReadOnly] {
        for &name in NAMES {
            let (server, folder) = with_sample(kind, name);
            let here = read_matrix(&folder.path(name), &ReadOptions::default()).unwrap().block;
            let there = read_at(&server.url(&format!("data/{name}")));
            assert_eq!((there.rows(), there.cols()), (here.rows(), here.cols()), "{name}");
            assert_eq!(cells(&there), cells(&here), "{name}");
        }
    }
}

#[test]
fn what_is_known_before_reading_takes_a_part_of_the_file() {
    for name in ["x.npy", "x.parquet", "x.tw"] {
        let (server, _folder) = with_sample(Kind::Usual, name);
        let url = server.url(&format!("data/{name}"));
        // Sizes come from the file where no metadata stands beside it.
        let plain = Server::start(Kind::Usual);
        plain.put(name, server.get(&format!("data/{name}")).unwrap());
        for url in [url, plain.url(name)] {
            let known = metadata(Path::new(&url), &ReadOptions::default()).unwrap().unwrap();
            assert_eq!((known.rows, known.cols), (Some(20_000), Some(3)), "{url}");
        }
        let whole = |request: &server::Request| {
            request.method == "GET"
                && request.target.ends_with(name)
                && !request.headers.contains_key("range")
        };
        assert!(!plain.requests().iter().any(whole), "{name}: {:?}", plain.requests());
    }
    // Of text only its length is asked for.
    let (server, _folder) = with_sample(Kind::Usual, "x.csv");
    let known = metadata(Path::new(&server.url("data/x.csv")), &ReadOptions::default()).unwrap().unwrap();
    assert_eq!(known.rows, Some(20_000), "as the metadata says");
    assert!(
        !server.requests().iter().any(|request| request.target.ends_with(".csv")),
        "{:?}",
        server.requests()
    );
}

#[test]
fn every_format_is_written() {
    for &name in NAMES {
        let (server, folder) = (Server::start(Kind::Usual), Folder::new());
        let url = server.url(&format!("new/{name}"));
        write_matrix(&folder.path(name), &sample(), &WriteOptions::default()).unwrap();
        write_matrix(Path::new(&url), &sample(), &WriteOptions::default()).unwrap();
        for file in [name.to_string(), format!("{name}.mtd")] {
            let here = fs::read(folder.path(&file)).ok();
            assert_eq!(server.get(&format!("new/{file}")), here, "{file}");
        }
        assert_eq!(cells(&read_at(&url)).len(), 60_000, "{name}");
    }
}

#[test]
fn frames_and_scalars_travel_too() {
    let server = Server::start(Kind::Usual);
    let frame =
        Frame::filled(&Cell::Text("é,\"x\"".into()), 3, &[ColumnType::String, ColumnType::String]).unwrap();
    for name in ["f.csv", "f.jsonl", "f.parquet", "f.tw"] {
        let url = server.url(name);
        write_frame(Path::new(&url), &frame, &WriteOptions::default()).unwrap();
        let read = read_frame(Path::new(&url), &ReadOptions::default()).unwrap().frame;
        assert_eq!(read.cell(2, 1), frame.cell(2, 1), "{name}");
    }
    let url = server.url("s.json");
    write_scalar(Path::new(&url), &Scalar::string("{a: 1}"), &WriteOptions::default()).unwrap();
    assert_eq!(read_scalar(Path::new(&url), ScalarType::String).unwrap(), Scalar::string("{a: 1}"));
    assert_eq!(data_type(Path::new(&url)).unwrap().0, DataType::Scalar);
}

#[test]
fn metadata_of_an_older_file_goes() {
    let server = Server::start(Kind::Usual);
    let url = server.url("x.mtx");
    server.put("x.mtx.mtd", "{\"rows\": 7}");
    write_matrix(Path::new(&url), &sample(), &WriteOptions::default()).unwrap();
    assert_eq!(server.get("x.mtx.mtd"), None);
    assert_eq!(read_at(&url).rows(), 20_000);
}

#[test]
fn a_link_keeps_its_query() {
    let server = Server::start(Kind::Usual);
    server.put("a b/x.csv", "1,2\n3,4\n");
    assert_eq!(cells(&read_at(&server.url("a b/x.csv?token=a/b.c&n=1"))), [1.0, 2.0, 3.0, 4.0]);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.target.ends_with("?token=a/b.c&n=1")), "{requests:?}");
    assert_eq!(cells(&read_at(&server.url("a%20b/x.csv"))), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_page_is_no_metadata() {
    let server = Server::start(Kind::Talkative);
    server.put("x.csv", "1,2\n3,4\n");
    assert_eq!(cells(&read_at(&server.url("x.csv"))), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn an_empty_file_is_read() {
    let server = Server::start(Kind::Usual);
    server.put("x.csv", "");
    let options = ReadOptions { rows: Some(0), cols: Some(4), ..ReadOptions::default() };
    let read = read_matrix(Path::new(&server.url("x.csv")), &options).unwrap();
    assert_eq!((read.block.rows(), read.block.cols()), (0, 4));
}

fn failure(url: &str) -> Fault {
    read_matrix(Path::new(url), &ReadOptions::default()).map(|read| read.block.rows()).unwrap_err()
}

#[test]
fn faults_name_the_url_and_the_remedy() {
    let server = Server::start(Kind::Usual);
    let missing = server.url("x.csv");
    assert_eq!(failure(&missing).to_string(), format!("no such file: {missing}"));
    let forbidden = Server::start(Kind::Forbidding).url("x.csv");
    let fault = failure(&forbidden);
    assert_eq!(fault.to_string(), format!("no permission to read {forbidden}"));
    let hints = fault.nowhere().hints;
    assert!(hints[0].contains("credentials"), "{hints:?}");
    let write = write_matrix(Path::new(&forbidden), &sample(), &WriteOptions::default()).unwrap_err();
    assert_eq!(write.to_string(), format!("no permission to write {forbidden}"));
    server.put("bad.csv", "1,2\n3,x\n");
    let bad = server.url("bad.csv");
    assert!(failure(&bad).to_string().starts_with(&format!("{bad}:2:3: ")), "{}", failure(&bad));
    assert_eq!(failure("s3:///x.csv").to_string(), "s3:///x.csv names no bucket");
}

#[test]
fn a_server_that_is_not_there_is_told_soon() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/x.csv");
    let start = Instant::now();
    let fault = failure(&url).to_string();
    assert!(fault.starts_with(&format!("cannot read {url}: ")) && fault.contains("refused"), "{fault}");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn rows_are_not_appended_elsewhere() {
    let server = Server::start(Kind::Usual);
    let url = server.url("x.tw");
    let options = WriteOptions { append: true, ..WriteOptions::default() };
    let fault = write_matrix(Path::new(&url), &sample(), &options).unwrap_err();
    assert!(fault.to_string().contains(&url), "{fault}");
}

#[test]
fn answers_that_break_off_are_asked_for_again() {
    let (server, folder) = with_sample(Kind::Unsteady, "x.parquet");
    let here = read_matrix(&folder.path("x.parquet"), &ReadOptions::default()).unwrap().block;
    assert_eq!(cells(&read_at(&server.url("data/x.parquet"))), cells(&here));
    let server = Server::start(Kind::Breaking);
    server.put("x.csv", "1,2\n".repeat(1000));
    let url = server.url("x.csv");
    let fault = failure(&url);
    assert!(fault.to_string().starts_with(&format!("cannot read {url}: ")), "{fault}");
    let hints = fault.nowhere().hints;
    assert!(hints[0].contains("connection was lost"), "{hints:?}");
    assert!(server.requests().len() < 30, "{} requests", server.requests().len());
}

#[test]
fn redirections_are_followed_to_an_end() {
    let server = Server::start(Kind::Redirecting);
    server.put("data/x.csv", "1,2\n3,4\n");
    assert_eq!(cells(&read_at(&server.url("x.csv"))), [1.0, 2.0, 3.0, 4.0]);
    let url = server.url("loop/x.csv");
    let fault = failure(&url).to_string();
    assert!(fault.starts_with(&format!("cannot read {url}: ")) && fault.contains("redirect"), "{fault}");
}

#[test]
fn secrets_of_links_are_not_in_messages() {
    let server = Server::start(Kind::Usual);
    server.put("bad.csv", "1,2\n3,x\n");
    server.put("empty.csv", "1,\n");
    let url = |name: &str| server.url(&format!("{name}?token=hidden"));
    for name in ["bad.csv", "none.csv", "bad.parquet"] {
        let fault = failure(&url(name));
        assert!(fault.message().contains(&server.url(&format!("{name}?..."))), "{fault}");
        assert!(!format!("{:?}", fault.nowhere()).contains("hidden"));
    }
    let warned = read_matrix(Path::new(&url("empty.csv")), &ReadOptions::default()).unwrap().warnings;
    assert!(warned[0].contains("1 empty cell") && !warned[0].contains("hidden"), "{warned:?}");
    let forbidden = Server::start(Kind::Forbidding).url("x.csv?token=hidden");
    let write = write_matrix(Path::new(&forbidden), &sample(), &WriteOptions::default()).unwrap_err();
    assert!(!format!("{:?}", write.nowhere()).contains("hidden"));
}
