//! What mutation tests and fuzz targets do with arbitrary bytes, a function per reader: the bytes are read in every way, and
//! nothing may panic. Whether they are refused does not matter, but small chunks must give what one large chunk gives.

// Each test and target uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use tilewright_base::Outcome;
use tilewright_io::source::Source;
use tilewright_io::{
    Format, ReadOptions, csv, frame_csv, libsvm, matrix_market, metadata, read_frame, read_list, read_matrix,
};
use tilewright_matrix::Dense;

/// The first byte chooses the layout.
pub fn csv(bytes: &[u8]) {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let bit = |at: u32| choice >> at & 1 == 1;
    let layout = csv::Layout {
        header: bit(0),
        fill: !bit(1),
        separator: if bit(2) { ";" } else { "," }.into(),
        decimal: if bit(3) { b',' } else { b'.' },
        missing: if bit(4) { vec!["NA".into(), "1".into()] } else { Vec::new() },
        default: 7.0,
    };
    let source = Source::of(Path::new("x.csv"), text.to_vec());
    let matrix = |chunk| {
        let table = csv::parse_in_chunks(&source, &layout, chunk)?;
        Ok((bits(&table.cells), table.empty, table.first_empty))
    };
    same(matrix(3), matrix(1 << 20));
    let frame = |chunk| frame_csv::parse_in_chunks(&source, &layout, None, chunk);
    same(frame(3).map(|frame| format!("{frame:?}")), frame(1 << 20).map(|frame| format!("{frame:?}")));
}

/// A whole file, with its banner.
pub fn matrix_market(bytes: &[u8]) {
    let source = Source::of(Path::new("x.mtx"), bytes.to_vec());
    // A header may ask for a dense matrix of as many cells as the file has lines.
    refused_or(matrix_market::parse(&source));
}

/// The first byte chooses how wide the matrix is.
pub fn libsvm(bytes: &[u8]) {
    let Some((&choice, text)) = bytes.split_first() else { return };
    let source = Source::of(Path::new("x.svm"), text.to_vec());
    let layout = libsvm::Layout::new(None, None).unwrap();
    let cols = (choice < 128).then_some(usize::from(choice));
    let matrix = |chunk| {
        let table = libsvm::parse_in_chunks(&source, &layout, cols, chunk)?;
        Ok((format!("{:?}", table.cells), table.queries))
    };
    same(matrix(3), matrix(1 << 20));
}

/// A whole file of our own format.
pub fn binary(bytes: &[u8]) {
    read_as(bytes, "binary");
}

/// A whole array.
pub fn npy(bytes: &[u8]) {
    read_as(bytes, "npy");
}

/// A whole file of a format, in every way in which it can be read.
pub fn read_as(bytes: &[u8], format: &str) {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let unique = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(format!("tilewright-body-{}-{}", unique.0, unique.1));
    fs::write(&path, bytes).unwrap();
    let options = ReadOptions { format: Some(Format::from_name(format).unwrap()), ..ReadOptions::default() };
    refused_or(metadata(&path, &options));
    refused_or(read_matrix(&path, &options));
    refused_or(read_frame(&path, &options));
    refused_or(read_list(&path));
    fs::remove_file(path).unwrap();
}

/// A refusal has something to say.
fn refused_or<T>(outcome: Outcome<T>) {
    if let Err(fault) = outcome {
        assert!(!fault.message().is_empty());
    }
}

fn same<T: PartialEq + Debug>(small: Outcome<T>, large: Outcome<T>) {
    match (small, large) {
        (Ok(small), Ok(large)) => assert_eq!(small, large),
        (small, large) => assert_eq!(
            small.map_err(|fault| fault.to_string()).err(),
            large.map_err(|fault| fault.to_string()).err()
        ),
    }
}

fn bits(cells: &Dense) -> (usize, usize, Vec<u64>) {
    (cells.rows(), cells.cols(), cells.cells().iter().map(|cell| cell.to_bits()).collect())
}
