//! Files that NumPy, SciPy, pandas, polars and pyarrow wrote (`data/make.py` made them) are read.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use tilewright_base::Outcome;
use tilewright_frame::{Cell, ColumnType, Frame};
use tilewright_io::*;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn matrix(name: &str) -> Outcome<(usize, usize, Vec<f64>)> {
    let block = read_matrix(&path(name), &ReadOptions::default())?.block;
    Ok((block.rows(), block.cols(), block.dense().cells().to_vec()))
}

fn frame(name: &str) -> Outcome<Frame> {
    Ok(read_frame(&path(name), &ReadOptions::default())?.frame)
}

/// The message without the folder.
fn message<T>(outcome: Outcome<T>) -> String {
    let folder = format!("{}/", path("").display()).replace("//", "/");
    outcome.err().unwrap().message().replace(&folder, "")
}

#[test]
fn arrays_of_every_type_and_order() {
    let types =
        ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "big-f8", "big-i2", "fortran"];
    let cells = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    for name in types {
        assert_eq!(matrix(&format!("numpy-{name}.npy")), Ok((2, 3, cells.clone())), "{name}");
    }
    for name in ["numpy-one.npz", "numpy-compressed.npz"] {
        assert_eq!(matrix(name), Ok((2, 3, cells.clone())), "{name}");
    }
    assert_eq!(matrix("numpy-bool.npy"), Ok((2, 3, vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0])));
    assert_eq!(matrix("numpy-number.npy"), Ok((1, 1, vec![2.5])));
    assert_eq!(matrix("numpy-empty.npy"), Ok((0, 4, vec![])));
    let (rows, cols, cells) = matrix("numpy-vector.npy").unwrap();
    let bits: Vec<u64> = cells.iter().map(|value| value.to_bits()).collect();
    let expected = [1.5, f64::NAN, f64::NEG_INFINITY, -0.0].map(f64::to_bits);
    assert_eq!((rows, cols, &bits[..]), (4, 1, &expected[..]));
}

#[test]
fn arrays_that_are_no_matrices_say_what_they_are() {
    let cases = [
        ("numpy-cube.npy", "numpy-cube.npy: the array has 3 dimensions, and a matrix has two"),
        ("numpy-text.npy", "numpy-text.npy: the array holds texts, and a matrix holds numbers"),
        ("numpy-two.npz", "numpy-two.npz holds 2 arrays (x, y), and `read` reads one"),
        ("scipy-bsr.npz", "scipy-bsr.npz: sparse matrices of SciPy's format \"bsr\" are not read"),
        ("scipy-dia.npz", "scipy-dia.npz: sparse matrices of SciPy's format \"dia\" are not read"),
    ];
    for (name, expected) in cases {
        assert_eq!(message(matrix(name)), expected);
    }
}

#[test]
fn sparse_matrices_of_every_format() {
    let cells = |first: f64| vec![0.0, first, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 7.0];
    for name in ["csr", "csc", "coo", "plain", "repeated"] {
        assert_eq!(matrix(&format!("scipy-{name}.npz")), Ok((3, 4, cells(2.5))), "{name}");
    }
    assert_eq!(matrix("scipy-int.npz"), Ok((3, 4, cells(2.0))));
}

#[test]
fn columns_of_numbers_are_a_matrix() {
    let cells: Vec<f64> = (0..30).map(|at| (at / 3) as f64 + (at % 3) as f64 / 4.0).collect();
    let mut names: Vec<String> =
        ["none", "snappy", "gzip", "zstd", "lz4"].map(|name| format!("numbers-{name}.parquet")).to_vec();
    names.extend(["pandas.parquet", "pandas.feather", "polars.parquet", "polars.arrow"].map(String::from));
    for name in names {
        assert_eq!(matrix(&name), Ok((10, 3, cells.clone())), "{name}");
        let frame = frame(&name).unwrap();
        assert_eq!((frame.rows(), frame.names()), (10, &["x0", "x1", "x2"].map(String::from)[..]), "{name}");
        assert_eq!((frame.cell(9, 2), frame.schema()[0]), (Cell::Double(9.5), ColumnType::Fp64), "{name}");
    }
    assert_eq!(message(matrix("empty.parquet")), "empty.parquet: column \"s\" holds texts, not numbers");
    let empty = frame("empty.parquet").unwrap();
    assert_eq!((empty.rows(), empty.schema()), (0, vec![ColumnType::Fp64, ColumnType::String]));
}

/// First and last cell of each column; the one between them is missing.
#[test]
fn columns_of_every_type() {
    use ColumnType::{Boolean, Fp32, Fp64, Int32, Int64, String};
    let expected = [
        ("int8", Int32, "1", "-3"),
        ("uint16", Int32, "1", "65535"),
        ("int32", Int32, "1", "-3"),
        ("int64", Int64, "1", "4611686018427387904"),
        ("uint64", Int64, "1", "4611686018427387904"),
        ("half", Fp32, "0.5", "-2.0"),
        ("float", Fp32, "0.25", "-2.5"),
        ("double", Fp64, "0.1", "NaN"),
        ("bool", Boolean, "true", "false"),
        ("größe", String, "Zürich", "日本"),
        ("large", String, "a", ""),
        ("view", String, "a", "a text of more than twelve bytes"),
        ("category", String, "x", "y"),
        ("decimal", Fp64, "1.1", "-0.07"),
        ("date", String, "2024-02-29", "1969-12-31"),
        ("time", String, "01:02:03.500", "23:59:00"),
        ("moment", String, "2024-02-29T12:30:00", "1969-12-31T23:59:59.250"),
        ("utc", String, "1970-01-01T00:00:01Z", "1969-12-31T23:59:59Z"),
    ];
    for file in ["pyarrow.parquet", "pyarrow.feather", "pyarrow.arrow", "pyarrow.arrows"] {
        let frame = frame(file).unwrap();
        assert_eq!(frame.rows(), 3);
        for (name, kind, first, last) in expected {
            if file == "pyarrow.parquet" && name == "view" {
                continue;
            }
            let j = frame.position(name).unwrap();
            let text = |i: usize| frame.cell(i, j).text().unwrap().to_string();
            let found = (frame.schema()[j], text(0), text(2));
            assert_eq!(found, (kind, first.to_string(), last.to_string()), "{file}, {name}");
            assert_eq!(frame.cell(1, j), Cell::Missing, "{file}, {name}");
        }
        let null = frame.position("null").unwrap();
        assert!((0..3).all(|i| frame.cell(i, null) == Cell::Missing), "{file}");
    }
    let mixed = frame("polars-mixed.parquet").unwrap();
    let cells = |i: usize| (0..3).map(|j| mixed.cell(i, j).text().unwrap().to_string()).collect::<Vec<_>>();
    assert_eq!(
        (cells(0), cells(2)),
        (["1", "a", "p"].map(Into::into).to_vec(), ["3", "ü", "p"].map(Into::into).to_vec())
    );
    assert_eq!((mixed.cell(1, 0), mixed.cell(1, 1)), (Cell::Missing, Cell::Missing));
}

#[test]
fn types_that_frames_do_not_have_are_named() {
    for name in ["pyarrow-nested.parquet", "pyarrow-nested.arrow"] {
        let message = message(frame(name));
        let expected = format!("{name}: column \"nested\" is of type List(Int64");
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn other_compressions_of_parquet_are_named() {
    assert_eq!(
        message(matrix("numbers-brotli.parquet")),
        "numbers-brotli.parquet is compressed by Brotli, which is not read"
    );
}
