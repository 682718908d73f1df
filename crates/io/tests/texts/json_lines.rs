//! JSON lines: the schema is found, and what is wrong names line and key.

use super::*;
use proptest::prelude::*;
use tilewright_frame::{Cell, Column, ColumnType};

fn read(text: &str, options: &ReadOptions) -> (Folder, Outcome<ReadFrame>) {
    let folder = files(&[("a.jsonl", text.as_bytes())]);
    let read = read_frame(&folder.path("a.jsonl"), options);
    (folder, read)
}

#[test]
fn the_schema_is_found() {
    let text = "{\"id\": 1, \"x\": 0.5, \"ok\": true, \"s\": \"a\\u00fc\\n\", \"mix\": 1}\n\n\
                {\"x\": 3, \"id\": 9007199254740993, \"mix\": \"b\", \"late\": null}\r\n";
    let frame = read(text, &plain()).1.unwrap().frame;
    assert_eq!(frame.names(), ["id", "x", "ok", "s", "mix", "late"]);
    use ColumnType::*;
    assert_eq!(frame.schema(), [Int64, Fp64, Boolean, String, String, String]);
    assert_eq!(
        cells(&frame),
        [["1", "0.5", "true", "aü\n", "1", "-"], ["9007199254740993", "3.0", "-", "-", "b", "-"]]
    );
    let typed = ReadOptions { schema: ColumnType::schema("INT32,STRING").ok(), ..plain() };
    let frame = read("{\"a\": 1.0, \"b\": 2}\n", &typed).1.unwrap().frame;
    assert_eq!((frame.schema(), cells(&frame)), (vec![Int32, String], vec![vec!["1".into(), "2".into()]]));
}

#[test]
fn what_is_wrong_names_line_and_key() {
    let typed = ReadOptions { schema: ColumnType::schema("INT32").ok(), ..plain() };
    let cases = [
        (
            "{\"a\": 1}\n{\"a\": [1]}\n{\"a\": {}}\n",
            plain(),
            "a.jsonl:2:1: \"a\" holds a list, not a single value (and 1 more problem) | columns of frames hold numbers, texts and truth values",
        ),
        ("{\"a\": 1, \"a\": 2}\n", plain(), "a.jsonl:1:1: the key \"a\" is given twice"),
        (
            "[1]\n",
            plain(),
            "a.jsonl:1:1: not a JSON object of a row: invalid type: sequence, expected `{\"name\": value, ...}`",
        ),
        (
            "{\"a\": 1}\n{\"a\": 2\n",
            plain(),
            "a.jsonl:2:7: not a JSON object of a row: EOF while parsing an object",
        ),
        ("{\"a\": NaN}\n", plain(), "a.jsonl:1:7: not a JSON object of a row: expected value"),
        ("{\"a\": 1}\n{\"a\": 1.5}\n", typed.clone(), "a.jsonl:2:1: \"a\" is 1.5, which is no INT32"),
        ("{\"a\": 1, \"b\": 2}\n", typed, "a.jsonl:1:1: 1 type for 2 keys"),
    ];
    for (text, options, expected) in cases {
        let (folder, read) = read(text, &options);
        assert_eq!(told(&folder, read), expected, "{text:?}");
    }
    let folder = files(&[("a.jsonl", b"{\"a\": 1}\n")]);
    let message = told(&folder, read_matrix(&folder.path("a.jsonl"), &plain()));
    assert!(message.starts_with("jsonl files hold frames, not matrices"), "{message}");
}

#[test]
fn nan_is_null() {
    let folder = Folder::new();
    let path = folder.path("a.jsonl");
    let numbers = [Cell::Double(f64::NAN), Cell::Double(f64::INFINITY), Cell::Missing, Cell::Double(0.1)];
    let columns = vec![Column::from_cells(ColumnType::Fp64, numbers.into_iter())];
    let frame = Frame::new(4, columns.clone()).unwrap();
    write_frame(&path, &frame, &WriteOptions::default()).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "{\"C1\":null}\n{\"C1\":null}\n{\"C1\":null}\n{\"C1\":0.1}\n"
    );
    assert_eq!(cells(&read_frame(&path, &plain()).unwrap().frame), [["-"], ["-"], ["-"], ["0.1"]]);
    let twice = Frame::new(4, [&columns[..], &columns].concat()).unwrap().named(vec!["a".into(), "a".into()]);
    let message = told(&folder, write_frame(&path, &twice.unwrap(), &WriteOptions::default()));
    assert!(message.starts_with("column 2 is named \"a\" like one before it"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn frames_read_back(
        rows in prop::collection::vec((any::<Option<i64>>(), "\\PC{0,4}", any::<f64>(), any::<Option<bool>>()), 1..9),
        chunk in 1usize..60,
    ) {
        let number = rows.len();
        let finite = |value: f64| if value.is_finite() { Cell::Double(value) } else { Cell::Missing };
        let columns = vec![
            Column::from_cells(ColumnType::Int64, rows.iter().map(|row| row.0.map_or(Cell::Missing, Cell::Integer))),
            Column::from_texts(rows.iter().map(|row| Some(row.1.as_str()))),
            Column::from_cells(ColumnType::Fp64, rows.iter().map(|row| finite(row.2))),
            Column::from_cells(ColumnType::Boolean, rows.iter().map(|row| row.3.map_or(Cell::Missing, Cell::Boolean))),
        ];
        let names = ["a\"b", "ü", "", "d e"].map(String::from).to_vec();
        let frame = Frame::new(number, columns).unwrap().named(names).unwrap();
        let folder = Folder::new();
        let path = folder.path("a.jsonl");
        write_frame(&path, &frame, &WriteOptions::default()).unwrap();
        let source = source::Source::load(&path).unwrap();
        let back = tilewright_io::json_lines::parse_in_chunks(&source, Some(&frame.schema()), chunk).unwrap();
        prop_assert_eq!(back.names(), frame.names());
        prop_assert_eq!(cells(&back), cells(&frame));
    }
}
