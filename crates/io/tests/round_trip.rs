//! What is written reads back as it was, in every format; chunks do not change what is read.

#![allow(clippy::unwrap_used)]

mod folder;

use folder::Folder;
use proptest::prelude::*;
use std::fs;
use tilewright_io::*;
use tilewright_matrix::Dense;
use tilewright_value::{Block, Scalar, ScalarType};

fn special() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => Just(0.0),
        2 => (-50i32..50).prop_map(f64::from),
        2 => any::<f64>(),
        1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, f64::MAX, 0.1, -1e-7]),
    ]
}

fn matrix() -> impl Strategy<Value = Dense> {
    let shapes = prop_oneof![
        (0usize..7, 0usize..7),
        Just((1, 1)),
        Just((0, 4)),
        Just((4, 0)),
        Just((1, 300)),
        Just((200, 1)),
        Just((90, 3)),
    ];
    (shapes, any::<bool>()).prop_flat_map(|((rows, cols), filled)| {
        let cells = if filled { special().boxed() } else { Just(0.0).boxed() };
        prop::collection::vec(cells, rows * cols).prop_map(move |cells| Dense::from_cells(rows, cols, &cells))
    })
}

/// The same numbers, where any NaN equals any NaN and any zero any zero.
fn assert_same(actual: &Block, expected: &Dense) {
    assert_eq!((actual.rows(), actual.cols()), (expected.rows(), expected.cols()));
    for (a, e) in actual.dense().cells().iter().zip(expected.cells()) {
        assert!(a == e || a.is_nan() && e.is_nan(), "{a} is not {e}");
    }
}

fn every_way() -> Vec<WriteOptions> {
    let csv = |header, separator: Option<&str>, sparse| WriteOptions {
        format: Some(&csv_file::FORMAT),
        header,
        separator: separator.map(str::to_string),
        sparse,
        description: Some("a \"test\"".into()),
        ..WriteOptions::default()
    };
    vec![
        csv(false, None, false),
        csv(true, Some(";"), true),
        csv(false, Some("\t"), true),
        csv(true, Some("::"), false),
        csv(false, Some(" "), false),
        WriteOptions { format: Some(&text::FORMAT), ..WriteOptions::default() },
        WriteOptions { format: Some(&matrix_market::FORMAT), ..WriteOptions::default() },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn matrices_read_back(dense in matrix(), sparse in any::<bool>()) {
        let folder = Folder::new();
        let block = Block::Dense(dense.clone());
        let block = if sparse { Block::Sparse(block.sparse().into_owned()) } else { block };
        for options in every_way() {
            let path = folder.path("m.mtx");
            write_matrix(&path, &block, &options).unwrap();
            let known = metadata(&path, &ReadOptions::default()).unwrap().unwrap();
            prop_assert_eq!((known.rows, known.cols), (Some(dense.rows()), Some(dense.cols())));
            prop_assert_eq!(known.format, options.format);
            let read = read_matrix(&path, &ReadOptions::default()).unwrap();
            assert_same(&read.block, &dense);
            prop_assert_eq!(read.warnings, Vec::<String>::new());
        }
        let mut names: Vec<_> = fs::read_dir(folder.as_path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        prop_assert_eq!(names, ["m.mtx"], "no temporary and no stale metadata is left");
    }

    #[test]
    fn chunks_do_not_matter(dense in matrix(), chunk in 1usize..200, crlf in any::<bool>()) {
        let folder = Folder::new();
        let path = folder.path("m");
        for options in every_way() {
            write_matrix(&path, &Block::Dense(dense.clone()), &options).unwrap();
            if crlf {
                fs::write(&path, fs::read_to_string(&path).unwrap().replace('\n', "\r\n")).unwrap();
            }
            let source = source::Source::load(&path).unwrap();
            if options.format == Some(&text::FORMAT) {
                let shape = triples::Shape {
                    rows: dense.rows(),
                    cols: dense.cols(),
                    values: true,
                    symmetry: triples::Symmetry::General,
                    repeated: triples::Repeated::Refuse,
                };
                let (csr, lines) = triples::parse_in_chunks(&source, 0, shape, chunk).unwrap();
                prop_assert_eq!(lines, dense.nnz());
                assert_same(&Block::Sparse(csr), &dense);
            } else if options.format == Some(&csv_file::FORMAT) && dense.rows() * dense.cols() > 0 {
                let known = metadata(&path, &ReadOptions::default()).unwrap().unwrap();
                let layout = known.csv_layout(&path);
                assert_same(&Block::Dense(csv::parse_in_chunks(&source, &layout, chunk).unwrap().cells), &dense);
                prop_assert_eq!(csv::shape(&source, &layout).unwrap(), (dense.rows(), dense.cols()));
            }
        }
    }
}

#[test]
fn scalars_read_back() {
    let folder = Folder::new();
    let path = folder.path("s");
    let scalars = [
        Scalar::Integer(i64::MIN),
        Scalar::Double(0.1),
        Scalar::Double(1e300),
        Scalar::Double(f64::NEG_INFINITY),
        Scalar::Boolean(true),
        Scalar::string("two\nlines, \"quoted\""),
    ];
    for scalar in scalars {
        write_scalar(&path, &scalar, &WriteOptions::default()).unwrap();
        let known = metadata(&path, &ReadOptions::default()).unwrap().unwrap();
        assert_eq!((known.data_type, known.value_type), (DataType::Scalar, Some(scalar.kind())));
        assert_eq!(read_scalar(&path, scalar.kind()).unwrap(), scalar);
    }
    fs::write(&path, " 3.0\n").unwrap();
    assert_eq!(read_scalar(&path, ScalarType::Integer).unwrap(), Scalar::Integer(3));
}

#[test]
fn large_files_are_cut_and_joined() {
    let folder = Folder::new();
    let path = folder.path("large.csv");
    let dense = Dense::from_fn(60_000, 12, |i, j| (i * 12 + j) as f64 / 8.0 - 1000.0);
    write_matrix(&path, &Block::Dense(dense.clone()), &WriteOptions::default()).unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 4 * lines::CHUNK as u64);
    assert_same(&read_matrix(&path, &ReadOptions::default()).unwrap().block, &dense);
}

#[test]
fn files_are_written_as_documented() {
    let folder = Folder::new();
    let block = Block::Dense(Dense::from_cells(2, 3, &[1.0, 0.0, 0.5, 0.0, f64::NAN, -3.0]));
    let path = folder.path("new/folder/a.csv");
    write_matrix(&path, &block, &WriteOptions { header: true, ..WriteOptions::default() }).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "C1,C2,C3\n1,0,0.5\n0,NaN,-3\n");
    let mtd = fs::read_to_string(folder.path("new/folder/a.csv.mtd")).unwrap();
    let expected = "{\n  \"data_type\": \"matrix\",\n  \"value_type\": \"double\",\n  \"rows\": 2,\n  \"cols\": 3,\n  \
                    \"nnz\": 4,\n  \"format\": \"csv\",\n  \"header\": true,\n  \"sep\": \",\"\n}\n";
    assert_eq!(mtd, expected);
    let path = folder.path("b");
    write_matrix(&path, &block, &WriteOptions::default()).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "1 1 1\n1 3 0.5\n2 2 NaN\n2 3 -3\n");
    let path = folder.path("c.mtx");
    fs::write(folder.path("c.mtx.mtd"), "{\"rows\": 9}").unwrap();
    write_matrix(&path, &block, &WriteOptions::default()).unwrap();
    let expected = "%%MatrixMarket matrix coordinate real general\n2 3 4\n1 1 1\n1 3 0.5\n2 2 NaN\n2 3 -3\n";
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    assert!(!folder.path("c.mtx.mtd").exists(), "stale metadata is deleted");
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_devices_stay_devices() {
    let folder = Folder::new();
    fs::write(folder.path("real.csv"), "old").unwrap();
    std::os::unix::fs::symlink(folder.path("real.csv"), folder.path("link.csv")).unwrap();
    let block = Block::Dense(Dense::filled(1, 1, 2.0));
    write_matrix(&folder.path("link.csv"), &block, &WriteOptions::default()).unwrap();
    assert!(fs::symlink_metadata(folder.path("link.csv")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(folder.path("real.csv")).unwrap(), "2\n");
    write_matrix(std::path::Path::new("/dev/null"), &block, &WriteOptions::default()).unwrap();
    assert!(!std::path::Path::new("/dev/null").is_file());
}
