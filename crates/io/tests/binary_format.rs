//! Our own format: panels, ranges of rows, appended rows, lists, and what is said of corrupted files.

#![allow(clippy::unwrap_used)]

mod folder;
mod samples;

use std::fs;
use std::path::Path;

use folder::Folder;
use proptest::prelude::*;
use samples::{assert_same_cells, assert_same_frames, frames, matrices};
use tilewright_io::binary::{self, Contents, directory::Node};
use tilewright_io::output::Draft;
use tilewright_io::*;
use tilewright_matrix::{Csr, Dense};
use tilewright_value::list::Entry;
use tilewright_value::{Block, List, Matrix, Scalar, Value};

fn write(path: &Path, contents: Contents<'_>, compress: bool) {
    let mut draft = Draft::create(path).unwrap();
    binary::write(&mut draft, contents, compress).unwrap();
    draft.publish().unwrap();
}

fn read_block(path: &Path) -> Block {
    let Value::Matrix(matrix) = binary::read(path).unwrap() else { panic!("not a matrix") };
    matrix.into_block()
}

/// Rows of which some panels are dense and others sparse, in several panels.
fn patchy(rows: usize, cols: usize) -> Dense {
    Dense::from_fn(rows, cols, |i, j| match i * 4 / rows {
        0 | 2 => (i * cols + j) as f64 + 0.5,
        _ if (i + j) % 50 == 0 => -(i as f64) - 1.0,
        _ => 0.0,
    })
}

#[test]
fn panels_are_dense_or_sparse_by_their_bytes() {
    let folder = Folder::new();
    let path = folder.path("m.tw");
    let dense = patchy(40_000, 32);
    write(&path, Contents::Matrix(&Block::Dense(dense.clone()), false), false);
    let Node::Matrix(node) = binary::describe(&path).unwrap() else { panic!("not a matrix") };
    let kinds: Vec<_> = node.panels.iter().map(|panel| format!("{:?}", panel.kind)).collect();
    assert!(
        kinds.iter().any(|kind| kind == "Dense") && kinds.iter().any(|kind| kind == "Sparse"),
        "{kinds:?}"
    );
    assert_eq!(node.nnz(), dense.nnz());
    assert!(fs::metadata(&path).unwrap().len() < 8 * 40_000 * 32 * 6 / 10);
    for threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let again = folder.path("again.tw");
        pool.install(|| write(&again, Contents::Matrix(&Block::Dense(dense.clone()), false), false));
        assert!(fs::read(&again).unwrap() == fs::read(&path).unwrap(), "files do not depend on threads");
        let read = pool.install(|| read_block(&path));
        assert_same_cells(&read, &Block::Dense(dense.clone()), true, "patchy");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn ranges_of_rows_are_those_of_the_whole(
        (start, len) in (0usize..9000, 0usize..9000),
        which in 0usize..3,
        compress in any::<bool>(),
    ) {
        let folder = Folder::new();
        let path = folder.path("m.tw");
        let dense = patchy(9000, 41);
        let block = match which {
            0 => Block::Dense(dense),
            1 => Block::Sparse(Csr::from_dense(&dense)),
            _ => Block::Sparse(Csr::from_dense(&Dense::from_fn(9000, 41, |i, j| f64::from((i * 41 + j) % 17 == 0)))),
        };
        write(&path, Contents::Matrix(&block, false), compress);
        let range = start..9000.min(start + len);
        let part = match binary::read_rows(&path, range.clone()).unwrap() {
            Value::Matrix(matrix) => matrix.into_block(),
            other => panic!("{}", other.describe()),
        };
        let all = block.dense();
        let expected = Dense::from_cells(range.len(), 41, &all.cells()[range.start * 41..range.end * 41]);
        assert_same_cells(&part, &Block::Dense(expected), true, "range");
    }

    #[test]
    fn appended_rows_follow_the_others(cuts in prop::collection::vec(0usize..60, 1..4), compress in any::<bool>()) {
        let folder = Folder::new();
        let path = folder.path("m.tw");
        let options = WriteOptions { append: true, compress, ..WriteOptions::default() };
        let all = Dense::from_fn(cuts.iter().sum(), 4, |i, j| if j % 2 == 0 { i as f64 } else { 0.0 });
        let mut from = 0;
        for rows in cuts {
            let part = Dense::from_cells(rows, 4, &all.cells()[from * 4..(from + rows) * 4]);
            write_matrix(&path, &Block::Dense(part), &options).unwrap();
            from += rows;
            let read = read_matrix(&path, &ReadOptions::default()).unwrap();
            let expected = Dense::from_cells(from, 4, &all.cells()[..from * 4]);
            assert_same_cells(&read.block, &Block::Dense(expected), true, "appended");
        }
    }

    #[test]
    fn no_changed_byte_goes_unnoticed(at in 0usize..4000, bit in 0u8..8, compress in any::<bool>()) {
        let folder = Folder::new();
        let path = folder.path("m.tw");
        let dense = Dense::from_fn(50, 7, |i, j| (i * j) as f64);
        write(&path, Contents::Matrix(&Block::Dense(dense.clone()), false), compress);
        let mut bytes = fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        match binary::read(&path) {
            // Bytes between panels mean nothing.
            Ok(Value::Matrix(matrix)) => assert_same_cells(&matrix.into_block(), &Block::Dense(dense), true, "changed"),
            Ok(other) => panic!("{}", other.describe()),
            Err(fault) => prop_assert!(fault.message().contains("m.tw"), "{}", fault),
        }
    }

    #[test]
    fn what_is_cut_off_is_missed(keep in 0usize..4000) {
        let folder = Folder::new();
        let path = folder.path("m.tw");
        write(&path, Contents::Matrix(&Block::Dense(Dense::from_fn(50, 7, |i, j| (i * j) as f64)), false), false);
        let bytes = fs::read(&path).unwrap();
        let keep = keep % bytes.len();
        fs::write(&path, &bytes[..keep]).unwrap();
        prop_assert!(binary::read(&path).is_err());
    }
}

#[test]
fn corruption_is_told_with_file_rows_and_place() {
    let folder = Folder::new();
    let path = folder.path("m.tw");
    let block = Block::Dense(Dense::from_fn(60_000, 5, |i, j| (i + j) as f64));
    let entries = vec![Entry { name: Some("W".into()), value: block.into() }];
    write(&path, Contents::List(&List::new(entries)), false);
    let mut bytes = fs::read(&path).unwrap();
    let whole = bytes.clone();
    bytes[1_500_000] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let message =
        |path: &Path| binary::read(path).unwrap_err().message().replace(&*path.to_string_lossy(), "m.tw");
    let expected = "m.tw: rows 26215 to 52428 of matrix $W (the panel at byte 1048640) are corrupted: its checksum differs";
    assert_eq!(message(&path), expected);
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(message(&path).starts_with("m.tw is truncated: it has "), "{}", message(&path));
    let mut newer = whole.clone();
    newer[8] = 9;
    fs::write(&path, &newer).unwrap();
    assert_eq!(message(&path), "m.tw is of version 9 of the format \"binary\"; this build reads version 1");
    let mut directory = whole.clone();
    *directory.last_mut().unwrap() ^= 1;
    fs::write(&path, &directory).unwrap();
    assert_eq!(
        message(&path),
        "m.tw: the directory at the end of the file is corrupted: its checksum differs"
    );
}

/// Counts of a directory decide on formats before cells are read, so they are compared with the cells.
#[test]
fn a_wrong_count_of_non_zeros_is_told() {
    let folder = Folder::new();
    let path = folder.path("m.tw");
    write(&path, Contents::Matrix(&Block::Dense(Dense::from_fn(3, 2, |i, _| i as f64)), false), false);
    let whole = fs::read(&path).unwrap();
    for (count, words) in [(3u64, "more"), (5, "fewer")] {
        let mut bytes = whole.clone();
        // Behind the count of the last panel stand three fields of 8 bytes and its checksum.
        let (directory, at) =
            (u64::from_le_bytes(bytes[16..24].try_into().unwrap()) as usize, bytes.len() - 36);
        assert_eq!(bytes[at..at + 8], 4u64.to_le_bytes());
        bytes[at..at + 8].copy_from_slice(&count.to_le_bytes());
        let crc = crc32fast::hash(&bytes[directory..]);
        bytes[32..36].copy_from_slice(&crc.to_le_bytes());
        let crc = crc32fast::hash(&bytes[..60]);
        bytes[60..64].copy_from_slice(&crc.to_le_bytes());
        fs::write(&path, &bytes).unwrap();
        let message = read_matrix(&path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(
            message.contains(&format!("it has {words} cells that are not zero than its directory says")),
            "{message}"
        );
    }
}

#[test]
fn an_interrupted_append_leaves_what_was_there() {
    let folder = Folder::new();
    let path = folder.path("m.tw");
    let block = Block::Dense(Dense::from_fn(9, 3, |i, j| (i + j) as f64));
    write(&path, Contents::Matrix(&block, false), false);
    // As of a process that ended before it wrote the head.
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([7; 5000]);
    fs::write(&path, bytes).unwrap();
    assert_same_cells(&read_block(&path), &block, true, "interrupted");
    assert_eq!(binary::append::append(&path, &Contents::Matrix(&block, false), false), Ok(18));
    assert_eq!(read_block(&path).rows(), 18);
    let narrow = Block::Dense(Dense::zeros(1, 2));
    let fault = binary::append::append(&path, &Contents::Matrix(&narrow, false), false).unwrap_err();
    assert!(
        fault.message().ends_with("holds a matrix of 3 columns, and the rows to append have 2 columns"),
        "{fault}"
    );
    assert_eq!(read_block(&path).rows(), 18);
    let scalar = Scalar::Integer(1);
    assert!(binary::append::append(&path, &Contents::Scalar(&scalar), false).is_err());
}

#[test]
fn lists_hold_everything() {
    let folder = Folder::new();
    let path = folder.path("model.tw");
    let named = |name: &str, value: Value| Entry { name: Some(name.into()), value };
    let mut entries: Vec<Entry> =
        matrices().into_iter().map(|(name, block)| named(name, block.into())).collect();
    entries.extend(frames().into_iter().map(|(name, frame)| named(name, frame.into())));
    let scalars =
        [Scalar::Integer(-3), Scalar::Double(f64::NAN), Scalar::Boolean(true), Scalar::string("日本\n")];
    entries.extend(scalars.iter().map(|scalar| Entry::from(Value::from(scalar.clone()))));
    let logical = Value::Matrix(Matrix::new(Dense::filled(2, 2, 1.0)).marked(true));
    let inner = List::new(vec![logical.into(), Value::List(List::default()).into()]);
    entries.push(named("inner", Value::List(inner)));
    let list = List::new(entries);
    for compress in [false, true] {
        let options = WriteOptions { compress, ..WriteOptions::default() };
        write_list(&path, &list, &options).unwrap();
        assert_eq!(data_type(&path).unwrap().0, DataType::List);
        assert_same(&Value::List(read_list(&path).unwrap()), &Value::List(list.clone()), "model");
    }
    fs::remove_file(metadata::mtd_path(&path)).unwrap();
    assert_eq!(data_type(&path).unwrap().0, DataType::List);
    let csv = write_list(&folder.path("model.csv"), &list, &WriteOptions::default()).unwrap_err();
    assert_eq!(csv.message(), "csv files hold no lists");
}

fn assert_same(is: &Value, should: &Value, what: &str) {
    match (is, should) {
        (Value::Scalar(Scalar::Double(a)), Value::Scalar(Scalar::Double(b))) => {
            assert_eq!(a.to_bits(), b.to_bits())
        }
        (Value::Scalar(a), Value::Scalar(b)) => assert_eq!(a, b),
        (Value::Matrix(a), Value::Matrix(b)) => {
            assert_eq!(a.is_logical(), b.is_logical());
            assert_same_cells(&a.pin(), &b.pin(), true, what);
        }
        (Value::Frame(a), Value::Frame(b)) => assert_same_frames(a, b, what),
        (Value::List(a), Value::List(b)) => {
            assert_eq!(a.len(), b.len());
            for ((name, a), (other, b)) in a.iter().zip(b.iter()) {
                assert_eq!(name, other);
                assert_same(a, b, name.unwrap_or(what));
            }
        }
        _ => panic!("{what}: {}, not {}", is.describe(), should.describe()),
    }
}

#[test]
fn scalars_read_back() {
    let folder = Folder::new();
    let path = folder.path("s.tw");
    for scalar in
        [Scalar::Integer(i64::MIN), Scalar::Double(-0.0), Scalar::Boolean(false), Scalar::string("ü")]
    {
        write_scalar(&path, &scalar, &WriteOptions::default()).unwrap();
        let (kind, value_type) = data_type(&path).unwrap();
        assert_eq!((kind, value_type), (DataType::Scalar, Some(scalar.kind())));
        assert_eq!(read_scalar(&path, scalar.kind()).unwrap(), scalar);
    }
}
