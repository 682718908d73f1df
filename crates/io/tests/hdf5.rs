//! HDF5 files of h5py (`data/make.py` made them) and our own: every type, layout and shape, and which data set is meant.

#![allow(clippy::unwrap_used)]

mod folder;
mod samples;

use std::fs;
use std::path::{Path, PathBuf};

use folder::Folder;
use samples::{assert_same_cells, matrices};
use tilewright_base::Outcome;
use tilewright_io::*;
use tilewright_matrix::Dense;
use tilewright_value::Block;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn named(data_set: &str) -> ReadOptions {
    ReadOptions { data_set: Some(data_set.into()), ..ReadOptions::default() }
}

/// Rows, columns and cells; what is known before is what is read.
fn matrix(path: &Path, options: &ReadOptions) -> Outcome<(usize, usize, Vec<f64>)> {
    let known = metadata(path, options)?.unwrap();
    let block = read_matrix(path, options)?.block;
    assert_eq!((known.rows, known.cols), (Some(block.rows()), Some(block.cols())));
    Ok((block.rows(), block.cols(), block.dense().cells().to_vec()))
}

/// The message, and what helps, without the folder.
fn refused(path: &Path, options: &ReadOptions) -> String {
    let folder = format!("{}/", path.parent().unwrap().display());
    let fault = matrix(path, options).unwrap_err();
    let diagnostic = fault.nowhere();
    let hints: String = diagnostic.hints.iter().map(|hint| format!(" | {hint}")).collect();
    format!("{}{hints}", diagnostic.message).replace(&folder, "")
}

#[test]
fn numbers_of_every_type() {
    let types = [
        "f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "big-f8", "big-f4", "big-i2",
        "big-u8",
    ];
    for name in types {
        let expected = (2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        assert_eq!(matrix(&path("h5py-types.h5"), &named(name)), Ok(expected), "{name}");
    }
    let truth = matrix(&path("h5py-types.h5"), &named("bool"));
    assert_eq!(truth, Ok((2, 3, vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0])));
    // 2^62 + 1 and -2^53 - 1 have no doubles of their own.
    let large = matrix(&path("h5py-types.h5"), &named("large"));
    assert_eq!(large, Ok((3, 1, vec![4611686018427387904.0, -9007199254740992.0, 3.0])));
}

#[test]
fn cells_in_every_layout() {
    let cells: Vec<f64> = (0..140).map(f64::from).collect();
    let layouts = [
        "contiguous",
        "compact",
        "chunked",
        "whole",
        "rows",
        "gzip",
        "shuffle",
        "lzf",
        "integers",
        "early",
        "growing",
    ];
    for file in ["h5py-earliest.h5", "h5py-v110.h5"] {
        for layout in layouts.iter().filter(|name| (file, **name) != ("h5py-v110.h5", "growing")) {
            let found = matrix(&path(file), &named(layout));
            assert_eq!(found, Ok((20, 7, cells.clone())), "{file}, {layout}");
        }
    }
    let told = refused(&path("h5py-v110.h5"), &named("growing"));
    assert!(told.starts_with("h5py-v110.h5: a malformed HDF5 file, or one that is not read: "), "{told}");
    let told = refused(&path("h5py-latest.h5"), &ReadOptions::default());
    assert!(
        told.starts_with("h5py-latest.h5: its chunks are in the form of HDF5 2.0, which is not read | "),
        "{told}"
    );
}

#[test]
fn shapes() {
    let found = |name: &str| matrix(&path("h5py-shapes.h5"), &named(name));
    assert_eq!(found("number"), Ok((1, 1, vec![2.5])));
    assert_eq!(found("/deep/empty"), Ok((0, 4, vec![])));
    assert_eq!(found("unwritten"), Ok((2, 2, vec![7.0; 4])));
    let (rows, cols, cells) = found("deep/er/vector").unwrap();
    let bits: Vec<u64> = cells.iter().map(|cell| cell.to_bits()).collect();
    let expected = [1.5, f64::NAN, f64::NEG_INFINITY, -0.0].map(f64::to_bits);
    assert_eq!((rows, cols, &bits[..]), (4, 1, &expected[..]));
}

#[test]
fn what_is_no_matrix_says_what_it_is() {
    let cases = [
        ("cube", "has 3 dimensions (2x3x4), and a matrix has two"),
        ("text", "holds texts, and a matrix holds numbers"),
        ("texts", "holds texts, and a matrix holds numbers"),
        ("table", "holds records (a table, or complex numbers), and a matrix holds numbers"),
        ("complex", "holds records (a table, or complex numbers), and a matrix holds numbers"),
        ("reference", "holds references to other data sets, and a matrix holds numbers"),
        ("odd", "holds floats of 80 bits of another kind than IEEE 754 has, which are not read"),
    ];
    for (name, expected) in cases {
        let expected = format!("h5py-shapes.h5: data set \"{name}\" {expected}");
        assert_eq!(refused(&path("h5py-shapes.h5"), &named(name)), expected);
    }
    let nothing = refused(&path("h5py-shapes.h5"), &named("nothing"));
    assert_eq!(nothing, "h5py-shapes.h5: data set \"nothing\": it has no cells, and no shape");
}

#[test]
fn the_only_matrix_is_meant_and_one_of_several_is_named() {
    let expected = (2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(matrix(&path("h5py-one.h5"), &ReadOptions::default()), Ok(expected));
    let linked = refused(&path("h5py-links.h5"), &ReadOptions::default());
    assert!(linked.ends_with(" | a data set that is named is read nevertheless: `dataset=`"), "{linked}");
    assert_eq!(matrix(&path("h5py-links.h5"), &named("X")).map(|found| found.0), Ok(2));
    let several = refused(&path("h5py-shapes.h5"), &ReadOptions::default());
    let expected = "h5py-shapes.h5 holds 4 matrices, and `read` reads one: \"/number\" (1x1), \
                    \"/unwritten\" (2x2), \"/deep/empty\" (0x4), \"/deep/er/vector\" (4x1) | say which: `read(..., dataset = \"/number\")`";
    assert_eq!(several, expected);
    let cases = [
        ("group/Y", "there is no data set \"group/Y\" | did you mean \"/group/X\"?"),
        ("elsewhere/to", "there is no data set \"elsewhere/to\" | the file has /names, /group/X"),
    ];
    for (name, expected) in cases {
        assert_eq!(refused(&path("h5py-one.h5"), &named(name)), format!("h5py-one.h5: {expected}"));
    }
    let wrong = ReadOptions { rows: Some(3), ..ReadOptions::default() };
    let fault = read_matrix(&path("h5py-one.h5"), &wrong).unwrap_err();
    assert!(fault.message().ends_with("has 2 rows, but the script says 3"), "{fault}");
}

#[test]
fn names_are_written_and_remembered() {
    let folder = Folder::new();
    let long = format!("/{}/{}", "g".repeat(300), "h/i/größe");
    for compress in [false, true] {
        for (name, block) in matrices() {
            for data_set in [None, Some("Y"), Some("a/b c"), Some(&*long)] {
                let path = folder.path("m.h5");
                let data_set = data_set.map(str::to_string);
                let options =
                    WriteOptions { data_set: data_set.clone(), compress, ..WriteOptions::default() };
                write_matrix(&path, &block, &options).unwrap();
                let known = metadata(&path, &ReadOptions::default()).unwrap().unwrap();
                assert_eq!(known.data_set, data_set);
                for asked in [None, Some(data_set.unwrap_or("X".into()))] {
                    let options = ReadOptions { data_set: asked, ..ReadOptions::default() };
                    let read = read_matrix(&path, &options).unwrap().block;
                    assert_same_cells(&read, &block, !matches!(block, Block::Sparse(_)), name);
                }
            }
        }
    }
    for name in ["", "/", "a/", "./a", "a\0b"] {
        let options = WriteOptions { data_set: Some(name.into()), ..WriteOptions::default() };
        let one = Block::Dense(Dense::zeros(1, 1));
        let fault = write_matrix(&folder.path("n.h5"), &one, &options).unwrap_err();
        assert!(fault.message().starts_with("`dataset` of `write` is"), "{fault}");
        assert!(!folder.path("n.h5").exists());
    }
}

/// Several windows, whose ends are within chunks, or not.
#[test]
fn large_matrices_are_read_by_windows() {
    let folder = Folder::new();
    let path = folder.path("large.h5");
    for (rows, cols) in [(700_001, 3), (3, 700_001), (1100, 1031)] {
        let block = Block::Dense(Dense::from_fn(rows, cols, |i, j| (i * cols + j) as f64));
        for compress in [false, true] {
            write_matrix(&path, &block, &WriteOptions { compress, ..WriteOptions::default() }).unwrap();
            let read = read_matrix(&path, &ReadOptions::default()).unwrap().block;
            assert_same_cells(&read, &block, true, &format!("{rows}x{cols}, {compress}"));
        }
    }
}

#[test]
fn files_that_lack_cells_are_refused() {
    let folder = Folder::new();
    let path = folder.path("m.h5");
    let whole = |compress| {
        let block = Block::Dense(Dense::from_fn(300, 40, |i, j| (i * j) as f64));
        write_matrix(&path, &block, &WriteOptions { compress, ..WriteOptions::default() }).unwrap();
        fs::remove_file(folder.path("m.h5.mtd")).unwrap();
        fs::read(&path).unwrap()
    };
    for compress in [false, true] {
        let bytes = whole(compress);
        for len in [8, 95, 96, 200, 1000, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&path, &bytes[..len]).unwrap();
            let told = refused(&path, &ReadOptions::default());
            assert!(told.starts_with("m.h5"), "{compress}, {len}: {told}");
        }
    }
    // A header of so many rows.
    let mut bytes = whole(false);
    let rows = 300u64.to_le_bytes();
    let at = bytes.windows(8).position(|bytes| bytes == rows).unwrap();
    bytes[at..at + 8].copy_from_slice(&(1u64 << 40).to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let told = refused(&path, &ReadOptions::default());
    let expected = format!(
        "m.h5: data set \"/X\": it says that it has 1099511627776x40 cells of 8 bytes, more than the {} bytes of the file can hold",
        bytes.len()
    );
    assert_eq!(told, expected);
}
