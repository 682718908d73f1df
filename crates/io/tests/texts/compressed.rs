//! Compressed files are written by their ending, read by their bytes, and refused when damaged.

use super::*;
use flate2::write::GzEncoder;
use std::io::Write;
use tilewright_frame::{Column, Frame};
use tilewright_matrix::Dense;
use tilewright_value::Block;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_text_format_is_compressed_by_its_ending() {
    let folder = Folder::new();
    let dense = Dense::from_fn(300, 4, |i, j| if (i + j) % 3 == 0 { i as f64 + 0.5 } else { 0.0 });
    for name in ["m.csv.gz", "m.tsv.zst", "m.mtx.gz", "m.ijv.zst", "m.libsvm.gz"] {
        let path = folder.path(name);
        write_matrix(&path, &Block::Dense(dense.clone()), &WriteOptions::default()).unwrap();
        let head = fs::read(&path).unwrap();
        let magic: &[u8] = if name.ends_with("gz") { b"\x1f\x8b" } else { b"\x28\xb5\x2f\xfd" };
        assert!(head.starts_with(magic), "{name}");
        assert!(head.len() < 3000, "{name} has {} bytes", head.len());
        let read = read_matrix(&path, &plain()).unwrap();
        assert_eq!(read.block.dense().cells(), dense.cells(), "{name}");
        assert!(metadata(&path, &plain()).unwrap().unwrap().format.is_some(), "{name}");
    }
    let frame = Frame::new(2, vec![Column::from_texts([Some("a"), None].into_iter())]).unwrap();
    for name in ["f.csv.zst", "f.jsonl.gz", "f.ijv.gz"] {
        write_frame(&folder.path(name), &frame, &WriteOptions::default()).unwrap();
        let read = read_frame(&folder.path(name), &plain()).unwrap().frame;
        assert_eq!(cells(&read), [["a"], ["-"]], "{name}");
    }
}

#[test]
fn members_and_frames_follow_each_other() {
    let twice = |part: fn(&[u8]) -> Vec<u8>| [part(b"1,2\n3"), part(b",4\n")].concat();
    let zstd = twice(|bytes| zstd::encode_all(bytes, 3).unwrap());
    // What is compressed is told by its bytes, whatever the ending says.
    let folder = files(&[("a.csv.gz", &twice(gzip)), ("b.csv.zst", &zstd), ("c.csv", &zstd)]);
    for name in ["a.csv.gz", "b.csv.zst", "c.csv"] {
        assert_eq!(rows(&folder.path(name), &plain()), [[1.0, 2.0], [3.0, 4.0]]);
    }
}

#[test]
fn damaged_files_are_refused() {
    let text: String = (0..2000).map(|i| format!("{i},{}\n", i * 7919 % 1009)).collect();
    let (gz, zst) = (gzip(text.as_bytes()), zstd::encode_all(text.as_bytes(), 3).unwrap());
    let mut wrong_sum = gz.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let folder = files(&[
        ("cut.csv.gz", &gz[..gz.len() / 2]),
        ("tail.csv.gz", &gz[..gz.len() - 3]),
        ("cut.csv.zst", &zst[..zst.len() - 1]),
        ("sum.csv.gz", &wrong_sum),
        ("text.csv.gz", text.as_bytes()),
        ("empty.csv.gz", b""),
        ("more.csv.gz", &[&gz[..], b"garbage behind it"].concat()),
        ("more.csv.zst", &[&zst[..], b"garbage behind it"].concat()),
    ]);
    let message = |name: &str| told(&folder, read_matrix(&folder.path(name), &plain()));
    assert_eq!(message("cut.csv.gz"), "cut.csv.gz is cut off: its gzip data ends too early");
    assert_eq!(message("tail.csv.gz"), "tail.csv.gz is cut off: its gzip data ends too early");
    assert_eq!(message("cut.csv.zst"), "cut.csv.zst is cut off: its zstd data ends too early");
    assert!(message("sum.csv.gz").starts_with("the gzip data of sum.csv.gz is damaged"));
    for (name, how) in [("more.csv.gz", "gzip"), ("more.csv.zst", "zstd")] {
        assert!(message(name).starts_with(&format!("{name} has other bytes behind its {how} data |")));
    }
    for name in ["text.csv.gz", "empty.csv.gz"] {
        assert!(message(name).starts_with(&format!("{name} is not compressed by gzip, or is cut off")));
    }
}

#[test]
fn other_compressions_are_named() {
    let folder = files(&[
        ("a.csv.bz2", b"BZh91AY&SY\x01\x02"),
        ("a.csv.xz", b"\xFD7zXZ\0\0\x04"),
        ("a.csv", b"\x04\x22\x4D\x18\x64"),
    ]);
    let message = |name: &str| told(&folder, read_matrix(&folder.path(name), &plain()));
    assert_eq!(
        message("a.csv.bz2"),
        "a.csv.bz2 is compressed by bzip2, not a text file | decompress it first: `bunzip2`"
    );
    assert_eq!(
        message("a.csv.xz"),
        "a.csv.xz is compressed by xz, not a text file | decompress it first: `unxz`"
    );
    assert!(message("a.csv").starts_with("a.csv is compressed by LZ4, not a text file"));
}
