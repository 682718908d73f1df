//! CSV with decimal commas, other encodings, quotes and malformed rows.

use super::*;
use proptest::prelude::*;
use tilewright_base::Outcome;
use tilewright_frame::ColumnType;

fn frame(text: &[u8], options: &ReadOptions) -> (Folder, Outcome<ReadFrame>) {
    let folder = files(&[("a.csv", text)]);
    let read = read_frame(&folder.path("a.csv"), options);
    (folder, read)
}

fn texts(text: &[u8], options: &ReadOptions) -> Vec<Vec<String>> {
    cells(&frame(text, options).1.unwrap().frame)
}

#[test]
fn decimal_commas() {
    let comma = ReadOptions { decimal: Some(b','), ..plain() };
    let folder = files(&[("a.csv", b"1,5;-2\n+,25;1e3\n"), ("b.csv", b"1.5;2\n"), ("c.csv", b"1,5\t2\n")]);
    assert_eq!(rows(&folder.path("a.csv"), &comma), [[1.5, -2.0], [0.25, 1000.0]]);
    let message = told(&folder, read_matrix(&folder.path("b.csv"), &comma));
    assert_eq!(message, "b.csv:1:1: cell 1 is \"1.5\", not a number");
    let tab = ReadOptions { separator: Some("\t".into()), ..comma.clone() };
    assert_eq!(rows(&folder.path("c.csv"), &tab), [[1.5, 2.0]]);
    let same = ReadOptions { separator: Some(",".into()), ..comma.clone() };
    let message = told(&folder, read_matrix(&folder.path("c.csv"), &same));
    assert!(message.starts_with("`sep` and `decimal` of a CSV file are the same"), "{message}");
    let schema = Some(vec![ColumnType::Fp64, ColumnType::String, ColumnType::Fp32]);
    let typed = ReadOptions { schema, ..comma };
    assert_eq!(texts(b"1,5;1,5;0,5\n", &typed), [["1.5", "1,5", "0.5"]]);
    let (folder, read) = frame(b"1,5;x;0,5\n1.5;x;0.5\n", &typed);
    let message = told(&folder, read);
    assert!(
        message.starts_with("a.csv:2:1: cell 1 is \"1.5\", which is no FP64 (and 1 more problem)"),
        "{message}"
    );
}

#[test]
fn latin_1_on_request() {
    let latin = ReadOptions { encoding: Some(Encoding::Latin1), ..plain() };
    assert_eq!(texts(b"Z\xFCrich,\xE9t\xE9\n", &latin), [["Zürich", "été"]]);
    let (folder, read) = frame(b"a,b\nZ\xFCrich,1\n", &plain());
    let expected = "a.csv:2:2: not UTF-8 text | `encoding=\"latin-1\"` reads each byte as a character";
    assert_eq!(told(&folder, read), expected);
    assert_eq!(texts("\u{feff}Zürich,é\r\n".as_bytes(), &plain()), [["Zürich", "é"]]);
    let (folder, read) = frame(
        b"\xE9;1\n\xE9;x\n",
        &ReadOptions {
            schema: ColumnType::schema("STRING,INT64").ok(),
            separator: Some(";".into()),
            ..latin
        },
    );
    assert!(told(&folder, read).starts_with("a.csv:2:3: cell 2 is \"x\", which is no INT64"));
    assert_eq!(Encoding::from_name("ISO-8859-1").unwrap(), Encoding::Latin1);
    assert!(Encoding::from_name("utf-16").is_err());
}

#[test]
fn quotes_hold_separators_and_line_ends() {
    let text =
        b"name,born\r\n\"Smith, J.\",1970-01-31\r\n\"two\r\nlines\",\"say \"\"hi\"\"\"\r\n5\" pipe,\r\n";
    let read = frame(text, &header()).1.unwrap().frame;
    assert_eq!(read.names(), ["name", "born"]);
    assert_eq!(
        cells(&read),
        [["Smith, J.", "1970-01-31"], ["two\r\nlines", "say \"hi\""], ["5\" pipe", "-"]]
    );
    let folder = files(&[("a.csv", b"\"a\nb\",c\n1,2\n"), ("b.csv", b"1,\"2\n\"\nx,3\n")]);
    assert_eq!(rows(&folder.path("a.csv"), &header()), [[1.0, 2.0]]);
    let message = told(&folder, read_matrix(&folder.path("b.csv"), &plain()));
    assert_eq!(message, "b.csv:3:1: cell 1 is \"x\", not a number");
    let known = metadata(&folder.path("a.csv"), &header()).unwrap().unwrap();
    assert_eq!((known.rows, known.cols), (Some(1), Some(2)));
}

#[test]
fn frames_tell_the_first_problem_and_count_the_others() {
    let two = |schema: &str| ReadOptions { schema: ColumnType::schema(schema).ok(), ..plain() };
    let cases: [(&[u8], &str, &str); 5] = [
        (
            b"a,1\nb\nc,x\nd,2,3\n",
            "STRING,INT64",
            "a.csv:2:1: expected 2 cells as in the first row, found only 1: \"b\" (and 2 more problems) | a cell that holds the separator or a line end stands in quotes",
        ),
        (
            b"a,1\nb,x\n",
            "STRING,INT32",
            "a.csv:2:3: cell 2 is \"x\", which is no INT32 | `naStrings=\"x\"` reads it as a missing cell, a STRING in `schema` as it is",
        ),
        (
            b"a,\"1\"2\n",
            "STRING,INT32",
            "a.csv:1:6: a separator or the end of the line must follow the quoted cell | inside of quotes, two quotes stand for one",
        ),
        (b"a,1\n\"b,2\nc,3\n", "STRING,INT32", "a.csv:2:1: the quoted cell does not end"),
        (b"a,1\n", "STRING", "a.csv:1:1: 1 type for 2 columns"),
    ];
    for (text, schema, expected) in cases {
        let (folder, read) = frame(text, &two(schema));
        assert_eq!(told(&folder, read), expected);
    }
}

proptest! {
    #[test]
    fn chunks_and_threads_do_not_change_frames(
        text in "(([a-c \"]|\"\"){0,3}[,\n]|\"[a,\n]{0,4}\"[,\n]){0,20}",
        chunk in 1usize..40,
        header in any::<bool>(),
    ) {
        let source = source::Source::of(Path::new("a.csv"), text.into_bytes());
        let layout = csv::Layout { header, ..csv::Layout::default() };
        let whole = frame_csv::parse_in_chunks(&source, &layout, None, usize::MAX >> 1);
        let cut = frame_csv::parse_in_chunks(&source, &layout, None, chunk);
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => {
                prop_assert_eq!(whole.names(), cut.names());
                prop_assert_eq!(cells(&whole), cells(&cut));
            }
            (Err(whole), Err(cut)) => {
                // A quote without an end spoils more rows of a large chunk, but the place and the words are the same.
                let first = |fault: &tilewright_base::Fault| fault.message().split(" (and").next().unwrap().to_string();
                prop_assert_eq!(first(&whole), first(&cut));
            }
            (whole, cut) => prop_assert!(false, "{:?} and {:?}", whole.err(), cut.err()),
        }
    }
}
