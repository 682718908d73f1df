//! Matrices and frames that careless formats change.

// Each test uses a part of it.
#![allow(dead_code)]

use tilewright_frame::{Cell, Column, ColumnType, Frame};
use tilewright_matrix::{Csr, Dense};
use tilewright_value::Block;

/// The binary formats that hold matrices, as far as this build has them.
pub fn binary_formats() -> Vec<&'static str> {
    let formats = ["arrow", "binary", "hdf5", "npy", "npz", "parquet"];
    formats.into_iter().filter(|format| *format != "hdf5" || cfg!(feature = "hdf5")).collect()
}

/// Matrices of every kind of shape and content.
pub fn matrices() -> Vec<(&'static str, Block)> {
    let special = [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, f64::MAX, 0.1];
    let sparse = |rows: usize, cols: usize, step: usize| {
        let cell = |i: usize, j: usize| {
            if (i * cols + j) % step == 3 { (i + 1) as f64 / (j + 1) as f64 } else { 0.0 }
        };
        Csr::from_dense(&Dense::from_fn(rows, cols, cell))
    };
    vec![
        ("dense", Block::Dense(Dense::from_fn(37, 5, |i, j| i as f64 / 7.0 - j as f64))),
        ("sparse", Block::Sparse(sparse(40, 23, 31))),
        ("no rows", Block::Dense(Dense::zeros(0, 3))),
        ("one cell", Block::Dense(Dense::filled(1, 1, -2.5))),
        ("wide", Block::Dense(Dense::from_fn(2, 700, |i, j| (i * 700 + j) as f64))),
        ("wide and sparse", Block::Sparse(sparse(3, 5000, 997))),
        ("all zero", Block::Sparse(Csr::empty(6, 4))),
        ("special", Block::Dense(Dense::from_cells(4, 2, &special))),
        ("column", Block::Dense(Dense::from_fn(300, 1, |i, _| (i as f64).sqrt()))),
    ]
}

/// Frames of every kind of shape and content.
pub fn frames() -> Vec<(&'static str, Frame)> {
    let texts = ["", "a", "Zürich", "日本", "two\nlines", "\"quoted\", and more", "\u{1f600}"];
    let mixed = |rows: usize| {
        let cell = |kind: ColumnType| {
            move |i: usize| match kind {
                _ if i % 5 == 4 => Cell::Missing,
                ColumnType::Boolean => Cell::Boolean(i.is_multiple_of(3)),
                ColumnType::Int32 => Cell::Integer(i as i64 - 10),
                ColumnType::Int64 => Cell::Integer(i64::MAX - i as i64),
                ColumnType::Fp32 => Cell::Double(f64::from(i as f32 / 4.0)),
                ColumnType::Fp64 => {
                    Cell::Double([0.1, f64::NAN, -0.0, f64::INFINITY][i % 4] * (i as f64 + 1.0))
                }
                ColumnType::String => Cell::Text(texts[i % texts.len()].into()),
            }
        };
        let column = |kind: &ColumnType| Column::from_cells(*kind, (0..rows).map(cell(*kind)));
        let names = ["ja?", "größe", "数", "a b", "x,y", "name"].map(String::from).to_vec();
        Frame::new(rows, ColumnType::ALL.iter().map(column).collect()).unwrap().named(names).unwrap()
    };
    let wide: Vec<Column> = (0..300)
        .map(|j| Column::from_cells(ColumnType::Int32, (0..2).map(|i| Cell::Integer(i + j))))
        .collect();
    let one = vec![Column::from_cells(ColumnType::String, std::iter::once(Cell::Text("ü".into())))];
    vec![
        ("mixed", mixed(23)),
        ("no rows", mixed(0)),
        ("one cell", Frame::new(1, one).unwrap()),
        ("wide", Frame::new(2, wide).unwrap()),
    ]
}

/// The same cells: bit for bit, where any NaN equals any NaN.
pub fn assert_same_cells(is: &Block, should: &Block, signed_zeros: bool, what: &str) {
    assert_eq!((is.rows(), is.cols()), (should.rows(), should.cols()), "{what}");
    for (at, (a, b)) in is.dense().cells().iter().zip(should.dense().cells()).enumerate() {
        let same = if signed_zeros { a.to_bits() == b.to_bits() } else { a == b };
        assert!(same || a.is_nan() && b.is_nan(), "{what}: cell {at} is {a}, not {b}");
    }
}

/// The same names, types and cells.
pub fn assert_same_frames(is: &Frame, should: &Frame, what: &str) {
    assert_eq!(
        (is.rows(), is.names(), is.schema()),
        (should.rows(), should.names(), should.schema()),
        "{what}"
    );
    for j in 0..should.cols() {
        for i in 0..should.rows() {
            let (a, b) = (is.cell(i, j), should.cell(i, j));
            let same = match (&a, &b) {
                (Cell::Double(a), Cell::Double(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                (a, b) => a == b,
            };
            assert!(same, "{what}: row {i} of column {j} is {a:?}, not {b:?}");
        }
    }
}
