//! Types of cells, values of wrong type or length, sorted rows, swapped values.

mod common;

use common::in_pools;
use proptest::prelude::*;
use tilewright_frame::schema::{self, Dropped};
use tilewright_frame::{Cell, Column, ColumnType, Frame, convert, reference, sort, swap};
use tilewright_matrix::Dense;

use ColumnType::*;

type Text = std::string::String;

fn texts(columns: &[&[Option<&str>]]) -> Frame {
    let rows = columns.first().map_or(0, |column| column.len());
    Frame::new(rows, columns.iter().map(|column| Column::from_texts(column.iter().copied())).collect())
        .expect("columns of one length")
}

fn column(cells: &[&str]) -> Frame {
    texts(&[&cells.iter().map(|cell| Some(*cell)).collect::<Vec<_>>()])
}

fn cells(frame: &Frame) -> Vec<Option<Text>> {
    (0..frame.rows()).flat_map(|i| (0..frame.cols()).map(move |j| frame.cell(i, j).text())).collect()
}

/// Texts of all kinds, so that few of them make a column of any type.
fn any_text() -> impl Strategy<Value = Option<Text>> {
    let some = [
        "",
        " ",
        "0",
        "1",
        "1.0",
        "true",
        "F",
        "-7",
        " 12 ",
        "3.00",
        "2147483648",
        "9007199254740993",
        "0.5",
        "0.1",
        "0.123456789012",
        "1e300",
        "16777217",
        "NaN",
        "-inf",
        "99999999999999999999",
        "a",
        "b c",
        "-",
    ];
    proptest::option::of(proptest::sample::select(some.to_vec()).prop_map(str::to_string))
}

fn any_frame() -> impl Strategy<Value = Frame> {
    (0usize..5, 1usize..4).prop_flat_map(|(rows, cols)| {
        let column = proptest::collection::vec(any_text(), rows);
        proptest::collection::vec(column, cols).prop_map(move |columns| {
            let column = |cells: &Vec<Option<Text>>| Column::from_texts(cells.iter().map(Option::as_deref));
            Frame::new(rows, columns.iter().map(column).collect()).expect("columns of one length")
        })
    })
}

fn kinds() -> impl Strategy<Value = Vec<ColumnType>> {
    proptest::collection::vec(proptest::sample::select(ColumnType::ALL.to_vec()), 3)
}

#[test]
fn the_first_type_that_holds_a_column_is_found() {
    let cases: [(&[&str], ColumnType); 20] = [
        (&["true", "F", ""], Boolean),
        (&["0", "1.0", "TRUE"], Boolean),
        (&["0", "1", "-5"], Int32),
        (&["3.00", " 4 "], Int32),
        (&["2147483647"], Int32),
        (&["2147483648"], Int64),
        (&["-9223372036854775808"], Int64),
        (&["9223372036854775808"], String),
        (&["0.5", "2"], Fp32),
        (&["0.1"], Fp32),
        (&["0.1", "16777217"], Fp64),
        (&["0.123456789012"], Fp64),
        (&["1e40"], Fp64),
        (&["NaN", "3"], Fp32),
        (&["true", "5"], String),
        (&["1", "x"], String),
        (&["", " "], String),
        (&[], String),
        (&["-"], String),
        (&["2024-01-01"], String),
    ];
    for (cells, expected) in cases {
        assert_eq!(schema::detect(&column(cells)), [expected], "{cells:?}");
    }
    let numbers = convert::from_dense(&Dense::from_cells(2, 3, &[1.0, 7.0, 0.1, 0.0, 5e9, 2.5]));
    assert_eq!(schema::detect(&numbers), numbers.schema());
    let wide = Frame::new(2, vec![Column::Fp64(vec![3.0, 4.0].into()), Column::Int64(vec![0, 1].into())]);
    assert_eq!(schema::detect(&wide.expect("two columns")), [Int32, Boolean]);
}

#[test]
fn types_are_applied_or_the_cell_is_named() {
    let frame = texts(&[&[Some("1"), None, Some("")], &[Some("2.5"), Some("x"), Some("y")]]);
    let typed = schema::apply(&frame, &[Int32, String]).expect("all fit");
    assert_eq!(typed.schema(), [Int32, String]);
    assert_eq!(
        cells(&typed).iter().map(Option::as_deref).collect::<Vec<_>>(),
        [Some("1"), Some("2.5"), None, Some("x"), None, Some("y")]
    );
    let fault = schema::apply(&frame, &[Int32, Fp64]).expect_err("x is no number");
    assert_eq!(
        fault.message(),
        "row 2 of column 2 (\"C2\") is \"x\", which is no FP64, and 1 more in this column"
    );
    assert!(schema::apply(&frame, &[Int32]).is_err());
}

#[test]
fn invalid_values_are_dropped_and_counted() {
    let frame = texts(&[&[Some("1"), Some("a"), Some("2.5")], &[Some("true"), Some("3"), None]]);
    let (kept, dropped) = schema::drop_invalid_type(&frame, &[Int64, Boolean]).expect("two types");
    assert_eq!(cells(&kept), [Some("1".into()), Some("true".into()), None, None, None, None]);
    assert_eq!(dropped, Dropped { count: 3, first: Some((1, 0)) });
    let (kept, dropped) = schema::drop_invalid_length(&frame, &[1.0, -1.0]).expect("two lengths");
    assert_eq!(cells(&kept)[2..], [Some("a".into()), Some("3".into()), None, None]);
    assert_eq!(dropped, Dropped { count: 1, first: Some((2, 0)) });
    // The German word has six characters in seven bytes.
    assert_eq!(schema::drop_invalid_length(&column(&["Straße"]), &[6.0]).expect("one length").1.count, 0);
    assert_eq!(schema::drop_invalid_length(&column(&["Straße"]), &[5.0]).expect("one length").1.count, 1);
}

#[test]
fn values_in_each_others_columns_are_swapped() {
    let swapped =
        |columns: &[&[Option<&str>]], kinds: &[ColumnType]| cells(&swap::swap(&texts(columns), kinds));
    let text = |text: &str| Some(text.to_string());
    let names: &[Option<&str>] = &[Some("ann"), Some("35"), Some("cid")];
    let ages: &[Option<&str>] = &[Some("41"), Some("bob"), Some("x")];
    // The last row has two texts, and nothing to swap.
    assert_eq!(
        swapped(&[names, ages], &[String, Int32]),
        [text("ann"), text("41"), text("bob"), text("35"), text("cid"), text("x")]
    );
    // A missing cell gives way; a text moves to the column of texts of its length.
    let short: &[Option<&str>] = &[Some("yz"), Some("4")];
    let long: &[Option<&str>] = &[Some("a long one"), None];
    let count: &[Option<&str>] = &[Some("5"), Some("ab")];
    assert_eq!(
        swapped(&[long, short, count], &[String, String, Int64]),
        [text("a long one"), text("yz"), text("5"), None, text("ab"), text("4")]
    );
    // A whole number may stand among fractions, and there is no better place for it.
    let whole: &[Option<&str>] = &[Some("7")];
    assert_eq!(swapped(&[whole, &[Some("0.5")]], &[Fp64, Int32]), [text("7"), text("0.5")]);
}

#[test]
fn rows_are_sorted_by_values() {
    let frame = texts(&[&[Some("b"), None, Some("Z"), Some("a"), Some("b")]]);
    assert_eq!(sort::order(&frame, &[0], false), [2, 3, 0, 4, 1]);
    assert_eq!(sort::order(&frame, &[0], true), [1, 0, 4, 3, 2]);
    let numbers = Frame::new(4, vec![Column::Fp64(vec![Some(2.0), Some(f64::NAN), None, Some(-0.5)].into())]);
    assert_eq!(sort::order(&numbers.expect("numbers"), &[0], false), [3, 0, 1, 2]);
}

#[test]
fn long_columns_are_cut_and_nothing_depends_on_threads() {
    let rows = 70_001;
    let owned: Vec<Text> = (0..rows).map(|i| format!("{}", i * 7919 % 1000)).collect();
    let mut cells: Vec<Option<&str>> = owned.iter().map(|text| Some(text.as_str())).collect();
    cells[40_000] = Some("0.25");
    cells[70_000] = Some("word");
    let frame = texts(&[&cells, &cells[..rows]]);
    let first = frame.slice_rows(0..70_000);
    in_pools(|| {
        assert_eq!(schema::detect(&frame), [String, String]);
        assert_eq!(schema::detect(&first), [Fp32, Fp32]);
        let (_, dropped) = schema::drop_invalid_type(&frame, &[Int32, Fp32]).expect("two types");
        assert_eq!(dropped, Dropped { count: 3, first: Some((40_000, 0)) });
        assert_eq!(sort::order(&frame, &[0], false), reference_order(&cells));
    });
}

/// The order of texts by a stable sort of the standard library.
fn reference_order(cells: &[Option<&str>]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..cells.len()).collect();
    rows.sort_by_key(|&row| cells[row]);
    rows
}

proptest! {
    #[test]
    fn found_types_hold_their_columns(frame in any_frame()) {
        let found = schema::detect(&frame);
        prop_assert_eq!(&found, &reference::detect(&frame));
        let typed = schema::apply(&frame, &found).expect("what was found fits");
        // Types that were applied are found again.
        prop_assert_eq!(schema::detect(&typed), typed.schema());
        let (_, dropped) = schema::drop_invalid_type(&frame, &found).expect("as many types");
        prop_assert_eq!(dropped.count, 0);
        for (j, kind) in found.iter().enumerate() {
            for i in (0..frame.rows()).filter(|_| *kind != String) {
                let (before, after) = (frame.cell(i, j).number(), typed.cell(i, j).number());
                if let Some(number) = before {
                    prop_assert!(after == before || (number.is_nan() && after.is_none_or(f64::is_nan)));
                }
            }
        }
    }

    #[test]
    fn what_is_left_fits((frame, kinds) in (any_frame(), kinds())) {
        let kinds = &kinds[..frame.cols()];
        let (kept, dropped) = schema::drop_invalid_type(&frame, kinds).expect("as many types");
        prop_assert_eq!(cells(&kept), cells(&reference::drop_invalid_type(&frame, kinds)));
        let typed = schema::apply(&kept, kinds).expect("what is left fits");
        prop_assert_eq!(cells(&typed), cells(&reference::apply_schema(&kept, kinds).expect("fits")));
        prop_assert_eq!(schema::apply(&frame, kinds).is_ok(), dropped.count == 0);
        let (short, _) = schema::drop_invalid_length(&typed, &vec![3.0; kinds.len()]).expect("as many lengths");
        prop_assert_eq!(cells(&short), cells(&reference::drop_invalid_length(&typed, &vec![3.0; kinds.len()])));
    }

    #[test]
    fn rows_are_sorted_as_defined((frame, kinds, decreasing) in (any_frame(), kinds(), any::<bool>())) {
        let (kept, _) = schema::drop_invalid_type(&frame, &kinds[..frame.cols()]).expect("as many types");
        let typed = schema::apply(&kept, &kinds[..frame.cols()]).expect("what is left fits");
        let by: Vec<usize> = (0..frame.cols()).rev().collect();
        prop_assert_eq!(sort::order(&typed, &by, decreasing), reference::order(&typed, &by, decreasing));
    }

    #[test]
    fn swapping_keeps_the_values_of_a_row((frame, kinds) in (any_frame(), kinds())) {
        let swapped = swap::swap(&frame, &kinds[..frame.cols()]);
        for i in 0..frame.rows() {
            let sorted = |frame: &Frame| {
                let mut row: Vec<Option<Text>> = (0..frame.cols()).map(|j| frame.cell(i, j).text()).collect();
                row.sort();
                row
            };
            prop_assert_eq!(sorted(&swapped), sorted(&frame));
        }
        let misplaced = |frame: &Frame| {
            let fits = |i: usize, j: usize| frame.cell(i, j) == Cell::Missing || frame.cell(i, j).fit(kinds[j]).is_some();
            (0..frame.rows()).flat_map(|i| (0..frame.cols()).map(move |j| (i, j))).filter(|&(i, j)| !fits(i, j)).count()
        };
        prop_assert!(misplaced(&swapped) <= misplaced(&frame));
    }
}
