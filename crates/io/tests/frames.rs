//! Frames that are written read back as they were, in every format and with every separator.

#![allow(clippy::unwrap_used)]

mod folder;

use folder::Folder;
use proptest::prelude::*;
use std::fs;
use tilewright_frame::{Cell, Column, ColumnType, Frame};
use tilewright_io::*;

/// Texts that a careless reader or writer changes.
const TEXTS: [&str; 14] =
    ["", " ", "a", "a b", " a", "\t", "a,b", "\"", "say \"hi\"", "two\nlines", "\r\n", ":", "Zürich", "1e3"];

fn cell(kind: ColumnType) -> BoxedStrategy<Cell> {
    let filled = match kind {
        ColumnType::String => {
            prop::sample::select(TEXTS.to_vec()).prop_map(|text| Cell::Text(text.into())).boxed()
        }
        ColumnType::Boolean => any::<bool>().prop_map(Cell::Boolean).boxed(),
        ColumnType::Int32 => any::<i32>().prop_map(|value| Cell::Integer(value.into())).boxed(),
        ColumnType::Int64 => any::<i64>().prop_map(Cell::Integer).boxed(),
        ColumnType::Fp32 => prop::sample::select(vec![0.1, -2.5, 1e20]).prop_map(Cell::Double).boxed(),
        ColumnType::Fp64 => any::<f64>().prop_map(|value| Cell::Double(value + 0.0)).boxed(),
    };
    prop_oneof![1 => Just(Cell::Missing), 3 => filled].boxed()
}

fn frame() -> impl Strategy<Value = Frame> {
    let schema = prop::collection::vec(prop::sample::select(ColumnType::ALL.to_vec()), 1..5);
    (0usize..6, schema).prop_flat_map(|(rows, schema)| {
        let columns: Vec<_> = schema.iter().map(|kind| prop::collection::vec(cell(*kind), rows)).collect();
        let names = prop::collection::vec(prop::sample::select(vec!["id", "a,b", "\"", "x y"]), schema.len());
        (columns, names).prop_map(move |(columns, names)| {
            let column =
                |(kind, cells): (&ColumnType, Vec<Cell>)| Column::from_cells(*kind, cells.into_iter());
            let columns = schema.iter().zip(columns).map(column).collect();
            Frame::new(rows, columns).unwrap().named(names.into_iter().map(String::from).collect()).unwrap()
        })
    })
}

fn assert_same(is: &Frame, should: &Frame) {
    assert_eq!((is.rows(), is.schema()), (should.rows(), should.schema()));
    for j in 0..should.cols() {
        for i in 0..should.rows() {
            assert_eq!(is.cell(i, j).text(), should.cell(i, j).text(), "row {i}, column {j}");
        }
    }
}

proptest! {
    // Each case writes a file.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn csv_keeps_every_cell(
        frame in frame(),
        header in any::<bool>(),
        separator in prop::sample::select(vec![",", ";", "\t", "::", " "]),
    ) {
        let folder = Folder::new();
        let path = folder.path("frame.csv");
        let separator = Some(separator.to_string());
        let options = WriteOptions { format: Some(&csv_file::FORMAT), header, separator, ..WriteOptions::default() };
        write_frame(&path, &frame, &options).unwrap();
        let back = read_frame(&path, &ReadOptions::default()).unwrap().frame;
        assert_same(&back, &frame);
        if header {
            prop_assert_eq!(back.names(), frame.names());
        }
    }

    #[test]
    fn text_keeps_every_cell_of_one_line(frame in frame()) {
        let folder = Folder::new();
        let path = folder.as_path().join("frame.txt");
        let written = write_frame(&path, &frame, &WriteOptions { format: Some(&text::FORMAT), ..WriteOptions::default() });
        let has_lines = |column: &Column| (0..frame.rows()).any(|i| column.str(i).is_some_and(|text| text.contains(['\n', '\r'])));
        prop_assert_eq!(written.is_err(), frame.columns().iter().any(has_lines));
        if written.is_ok() {
            assert_same(&read_frame(&path, &ReadOptions::default()).unwrap().frame, &frame);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(bytes in "[a,\"\n\r ;1]{0,40}", header in any::<bool>()) {
        let folder = Folder::new();
        let path = folder.path("any.csv");
        fs::write(&path, bytes).unwrap();
        let options = ReadOptions { header: Some(header), ..ReadOptions::default() };
        if let Err(fault) = read_frame(&path, &options) {
            prop_assert!(fault.message().contains("any.csv:"), "{}", fault);
        }
    }
}
