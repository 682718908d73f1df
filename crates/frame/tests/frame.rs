//! Slices, binding and assignment against tables of texts, and what columns hold.

use proptest::prelude::*;
use tilewright_frame::assign::{Assigned, assign};
use tilewright_frame::{Cell, ColumnType, Frame, bind, convert, reference};
use tilewright_matrix::Dense;

/// A frame without Arrow: texts by rows, `None` where a cell is missing.
type Model = Vec<Vec<Option<String>>>;

/// What a cell of a type is drawn from, as the text that it prints as.
fn texts(kind: ColumnType) -> &'static [&'static str] {
    match kind {
        ColumnType::Boolean => &["true", "false"],
        ColumnType::Int32 => &["0", "-7", "2147483647"],
        ColumnType::Int64 => &["9007199254740993", "-1", "12"],
        ColumnType::Fp32 => &["0.1", "-2.5", "1.0E20"],
        ColumnType::Fp64 => &["0.123456789012", "-1.0E300", "NaN"],
        ColumnType::String => &["", "b c", "Zürich", "\"q\",\n", "17"],
    }
}

fn kinds() -> impl Strategy<Value = ColumnType> {
    proptest::sample::select(ColumnType::ALL.to_vec())
}

fn column(kind: ColumnType, rows: usize) -> impl Strategy<Value = Vec<Option<String>>> {
    let cell = proptest::option::of(proptest::sample::select(texts(kind).to_vec()));
    proptest::collection::vec(cell.prop_map(|text| text.map(str::to_string)), rows)
}

fn table(rows: usize, schema: Vec<ColumnType>) -> impl Strategy<Value = (Model, Vec<ColumnType>)> {
    let columns: Vec<_> = schema.iter().map(|kind| column(*kind, rows)).collect();
    columns.prop_map(move |columns| {
        let model = (0..rows).map(|i| columns.iter().map(|column| column[i].clone()).collect()).collect();
        (model, schema.clone())
    })
}

fn any_table() -> impl Strategy<Value = (Model, Vec<ColumnType>)> {
    (0usize..6, proptest::collection::vec(kinds(), 1..5)).prop_flat_map(|(rows, schema)| table(rows, schema))
}

fn frame(model: &Model, schema: &[ColumnType]) -> Frame {
    let cell = |text: &Option<String>| text.as_ref().map_or(Cell::Missing, |text| Cell::Text(text.clone()));
    let cells: Vec<Cell> = model.iter().flatten().map(cell).collect();
    let empty = || Frame::filled(&Cell::Missing, 0, schema).expect("no cells");
    if cells.is_empty() { empty() } else { Frame::from_cells(&cells, schema).expect("cells that fit") }
}

fn model(frame: &Frame) -> Model {
    (0..frame.rows()).map(|i| (0..frame.cols()).map(|j| frame.cell(i, j).text()).collect()).collect()
}

fn same(a: &Frame, b: &Frame) {
    assert_eq!(model(a), model(b));
    assert_eq!((a.schema(), a.names(), a.rows()), (b.schema(), b.names(), b.rows()));
}

fn positions(from: &[u8], len: usize) -> Vec<usize> {
    if len == 0 { Vec::new() } else { from.iter().map(|&at| at as usize % len).collect() }
}

proptest! {
    #[test]
    fn frames_hold_what_they_are_made_of((table, schema) in any_table()) {
        let frame = frame(&table, &schema);
        prop_assert_eq!(model(&frame), table);
        prop_assert_eq!(frame.schema(), schema);
    }

    #[test]
    fn rows_and_columns_are_chosen_as_from_a_table(
        (table, schema) in any_table(),
        rows in proptest::collection::vec(any::<u8>(), 0..6),
        cols in proptest::collection::vec(any::<u8>(), 1..5),
        cut in any::<(u8, u8)>(),
    ) {
        let frame = frame(&table, &schema);
        let (rows, cols) = (positions(&rows, frame.rows()), positions(&cols, frame.cols()));
        let expected: Model =
            rows.iter().map(|&i| cols.iter().map(|&j| table[i][j].clone()).collect()).collect();
        let chosen = frame.take_cols(&cols).take_rows(&rows);
        prop_assert_eq!(model(&chosen), expected);
        same(&chosen, &reference::gather(&frame, &rows, &cols));
        let (from, to) = (cut.0 as usize % (frame.rows() + 1), cut.1 as usize % (frame.rows() + 1));
        let range = from.min(to)..from.max(to);
        let part = frame.slice_rows(range.clone());
        prop_assert_eq!(model(&part), table[range.clone()].to_vec());
        // A part of a part starts where the part starts.
        let all: Vec<usize> = (0..part.rows()).rev().collect();
        let reversed: Model = table[range].iter().rev().cloned().collect();
        prop_assert_eq!(model(&part.take_rows(&all)), reversed);
    }

    #[test]
    fn binding_is_that_of_tables(
        (a, b, schema) in (0usize..5, 0usize..5, proptest::collection::vec(kinds(), 1..4))
            .prop_flat_map(|(m, n, schema)| {
                (table(m, schema.clone()), table(n, schema.clone())).prop_map(move |(a, b)| (a.0, b.0, schema.clone()))
            }),
        shift in 0usize..4,
    ) {
        let (x, y) = (frame(&a, &schema), frame(&b, &schema));
        let both = bind::rbind(&[&x, &y]).unwrap();
        prop_assert_eq!(model(&both), [a.clone(), b].concat());
        same(&both, &reference::rbind(&[&x, &y]).unwrap());
        let cols = x.cols();
        let turned: Vec<usize> = (0..cols).map(|j| (j + shift) % cols).collect();
        let other = x.take_cols(&turned);
        let wide = bind::cbind(&[&x, &other]).unwrap();
        let expected: Model = a.iter().zip(model(&other)).map(|(l, r)| [l.clone(), r].concat()).collect();
        prop_assert_eq!(model(&wide), expected);
        same(&wide, &reference::cbind(&[&x, &other]).unwrap());
        // Columns of several types hold both, and nothing is lost.
        if x.rows() > 0 {
            same(&bind::rbind(&[&x, &other]).unwrap(), &reference::rbind(&[&x, &other]).unwrap());
        }
    }

    #[test]
    fn assignment_is_that_of_tables(
        (table, schema) in any_table(),
        rows in proptest::collection::vec(any::<u8>(), 0..6),
        col in any::<u8>(),
        from in any::<u8>(),
        consecutive in any::<bool>(),
    ) {
        let x = frame(&table, &schema);
        prop_assume!(x.rows() > 0);
        let col = col as usize % x.cols();
        let mut rows = positions(&rows, x.rows());
        if consecutive {
            rows = (from as usize % x.rows()..x.rows()).collect();
        }
        let source = from as usize % x.rows();
        let mut expected = table.clone();
        rows.iter().for_each(|&i| expected[i][col] = table[source][col].clone());
        let value = x.cell(source, col);
        let changed = assign(x.clone(), &rows, &[col], Assigned::Cell(&value)).unwrap();
        prop_assert_eq!(model(&changed), expected);
        same(&changed, &reference::assign(&x, &rows, &[col], Assigned::Cell(&value)).unwrap());
        let part = x.take_rows(&rows);
        let all: Vec<usize> = (0..x.cols()).collect();
        let back = assign(changed, &rows, &all, Assigned::Frame(&part)).unwrap();
        prop_assert_eq!(model(&back), table);
    }

    #[test]
    fn matrices_come_back_as_they_were(cells in proptest::collection::vec(
        prop_oneof![any::<f64>(), Just(0.1), Just(1.0), Just(5e9), Just(f64::NAN), (-9i32..9).prop_map(f64::from)], 6)
    ) {
        let x = Dense::from_cells(3, 2, &cells);
        let back = convert::to_dense(&convert::from_dense(&x)).unwrap();
        for (a, b) in x.cells().iter().zip(back.cells()) {
            prop_assert!(a == b || (a.is_nan() && b.is_nan()), "{} became {}", a, b);
        }
    }
}

#[test]
fn columns_of_matrices_get_the_first_type_that_holds_them() {
    let kinds = |cells: &[f64]| convert::from_dense(&Dense::from_cells(1, cells.len(), cells)).schema();
    use ColumnType::*;
    assert_eq!(
        kinds(&[1.0, 3.0, 5e9, 2.5, 0.1, 0.123456789012, 1e20, f64::INFINITY]),
        [Boolean, Int32, Int64, Fp32, Fp32, Fp64, Fp32, Fp32]
    );
}

#[test]
fn bound_columns_take_the_type_that_holds_both() {
    use ColumnType::*;
    let one = |kind, text: &str| Frame::from_cells(&[Cell::Text(text.into())], &[kind]).unwrap();
    let cases = [
        (Boolean, "TRUE", Int64, "5", Int64, ["1", "5"]),
        (Int32, "7", Int64, "5", Int64, ["7", "5"]),
        (Fp32, "2.5", Int64, "5", Fp32, ["2.5", "5.0"]),
        (Fp32, "2.5", Int64, "16777217", Fp64, ["2.5", "1.6777217E7"]),
        (Fp32, "2.5", Fp64, "0.1", Fp64, ["2.5", "0.1"]),
        (Boolean, "TRUE", String, "x", String, ["true", "x"]),
        (Fp64, "2.5", String, "x", String, ["2.5", "x"]),
    ];
    for (a, x, b, y, kind, expected) in cases {
        let both = bind::rbind(&[&one(a, x), &one(b, y)]).unwrap();
        assert_eq!(both.schema(), [kind], "{a} and {b}");
        assert_eq!(model(&both), expected.map(|text| vec![Some(text.to_string())]));
    }
}

#[test]
fn equal_names_are_given_up_when_bound() {
    let x = convert::from_dense(&Dense::zeros(1, 2));
    let named = x.clone().named(vec!["a".into(), "b".into()]).unwrap();
    assert_eq!(bind::cbind(&[&x, &named]).unwrap().names(), ["C1", "C2", "a", "b"]);
    assert_eq!(bind::cbind(&[&named, &x, &x]).unwrap().names(), ["C1", "C2", "C3", "C4", "C5", "C6"]);
    assert_eq!(bind::rbind(&[&named, &x]).unwrap().names(), ["a", "b"]);
    assert_eq!(named.position("b"), Ok(1));
    assert!(named.position("B").is_err());
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let ints = Frame::filled(&Cell::Integer(1), 2, &[ColumnType::Int32, ColumnType::Int32]).unwrap();
    let text = Cell::Text("q".into());
    let fault = assign(ints.clone(), &[1], &[0], Assigned::Cell(&text)).unwrap_err();
    assert_eq!(fault.message(), "\"q\" does not fit row 2 of column 1 (\"C1\"), which is INT32");
    let fault = assign(ints.clone(), &[0, 1], &[0], Assigned::Frame(&ints)).unwrap_err();
    assert_eq!(fault.message(), "a 2x2 frame cannot be assigned to a 2x1 part");
    let texts = Frame::filled(&text, 1, &[ColumnType::String]).unwrap();
    let fault = convert::to_dense(&texts).unwrap_err();
    assert_eq!(fault.message(), "row 1 of column 1 (\"C1\") is \"q\", not a number");
    assert!(bind::rbind(&[&ints, &texts]).is_err() && bind::cbind(&[&ints, &texts]).is_err());
}
