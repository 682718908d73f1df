//! Folders of parts, and patterns.

use super::*;

fn part(number: usize) -> String {
    format!("x.csv/part-{number}")
}

#[test]
fn a_folder_is_its_parts_in_order() {
    let folder = files(&[
        (&part(10), b"5,6"),
        (&part(2), b"3,4\n"),
        (&part(0), b"\xEF\xBB\xBF1,2\n"),
        (&part(1), b""),
        ("x.csv/_SUCCESS", b""),
        ("x.csv/.part-0.crc", b"\0\x01"),
        ("x.csv/part-0.crc", b"\0\x01"),
        ("x.csv/_temporary/part-7", b"9,9\n"),
        ("x.csv.mtd", b"{\"rows\": 3, \"cols\": 2}"),
    ]);
    assert_eq!(rows(&folder.path("x.csv"), &plain()), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    assert_eq!(rows(&folder.path("x.csv/"), &plain()).len(), 3);
    fs::write(folder.path("x.csv.mtd"), "{\"rows\": 4}").unwrap();
    assert_eq!(
        told(&folder, read_matrix(&folder.path("x.csv"), &plain())),
        "x.csv has 3 rows, but x.csv.mtd says 4"
    );
    fs::remove_file(folder.path("x.csv.mtd")).unwrap();
    let known = metadata(&folder.path("x.csv"), &plain()).unwrap().unwrap();
    assert_eq!((known.rows, known.cols), (Some(3), Some(2)));
    fs::write(folder.path(&part(2)), "3,4\n5,x\n").unwrap();
    let message = told(&folder, read_matrix(&folder.path("x.csv"), &plain()));
    assert_eq!(message, "x.csv/part-2:2:3: cell 2 is \"x\", not a number");
    fs::write(folder.path(&part(2)), "3,4\n5,\n").unwrap();
    let warnings = read_matrix(&folder.path("x.csv"), &plain()).unwrap().warnings;
    assert!(warnings[0].ends_with("part-2:2:3)"), "{}", warnings[0]);
    fs::create_dir(folder.path("x.csv/more")).unwrap();
    assert!(
        told(&folder, read_matrix(&folder.path("x.csv"), &plain()))
            .starts_with("x.csv holds the folder x.csv/more")
    );
}

#[test]
fn parts_of_cells_and_of_objects() {
    let folder = files(&[
        ("c/part-0", b"1 1 5\n"),
        ("c/part-1", b"2 2 6\n1 2 7\n"),
        ("l.libsvm/part-0", b"1 1:2\n"),
        ("l.libsvm/part-1", b"-1 3:4\n"),
        ("j.jsonl/part-0", b"{\"a\": 1}\n"),
        ("j.jsonl/part-1", b"{\"a\": 2, \"b\": \"x\"}"),
        ("m.mtx/part-0", b"%%MatrixMarket matrix coordinate real general\n1 1 0\n"),
    ]);
    let sized = ReadOptions { rows: Some(2), cols: Some(2), format: Some(&text::FORMAT), ..plain() };
    assert_eq!(rows(&folder.path("c"), &sized), [[5.0, 7.0], [0.0, 6.0]]);
    assert_eq!(rows(&folder.path("l.libsvm"), &plain()), [[2.0, 0.0, 0.0, 1.0], [0.0, 0.0, 4.0, -1.0]]);
    assert_eq!(
        cells(&read_frame(&folder.path("j.jsonl"), &plain()).unwrap().frame),
        [["1", "-"], ["2", "x"]]
    );
    let message = told(&folder, read_matrix(&folder.path("m.mtx"), &plain()));
    assert_eq!(message, "m.mtx has several files, but a Matrix Market matrix is one");
}

#[test]
fn headers_of_parts() {
    let first = |second: &'static str| {
        files(&[("x.csv/a", b"u,v\n1,2\n"), ("x.csv/b", second.as_bytes()), ("x.csv/c", second.as_bytes())])
    };
    let one = first("3,4\n");
    assert_eq!(rows(&one.path("x.csv"), &header()), [[1.0, 2.0], [3.0, 4.0], [3.0, 4.0]]);
    let all = first("u,v\r\n3,4");
    assert_eq!(rows(&all.path("x.csv"), &header()).len(), 3);
    let csv = ReadOptions { format: Some(&csv_file::FORMAT), ..header() };
    assert_eq!(rows(&all.path("x.csv/*"), &csv).len(), 3);
    fs::write(all.path("x.csv/b"), "u,v\n3,4\n5,y\n").unwrap();
    let message = told(&all, read_matrix(&all.path("x.csv"), &header()));
    assert_eq!(message, "x.csv/b:3:3: cell 2 is \"y\", not a number");
    fs::write(all.path("x.csv/c"), "v,u\n3,4\n").unwrap();
    let message = told(&all, read_frame(&all.path("x.csv"), &header()));
    assert!(message.starts_with("x.csv/c:1:1: the first line is not the header of x.csv/a"), "{message}");
    // Files that a pattern matches are complete by themselves.
    let message = told(&one, read_matrix(&one.path("x.csv/*"), &csv));
    assert!(message.starts_with("x.csv/b:1:1: the first line is not the header of x.csv/a"), "{message}");
}

#[test]
fn patterns() {
    let folder = files(&[
        ("d/a2.csv", b"2\n"),
        ("d/a10.csv.gz", b""),
        ("d/a10.csv", b"10\n"),
        ("d/b.csv", b"7\n"),
        ("d/.a3.csv", b"3\n"),
        ("e/a2.csv", b"12\n"),
        ("e/a2.csv.mtd", b"{\"header\": false, \"rows\": 1, \"cols\": 1, \"nnz\": 1}"),
        ("odd[1].csv", b"4\n"),
    ]);
    assert_eq!(rows(&folder.path("d/a*.csv"), &plain()), [[2.0], [10.0]]);
    assert_eq!(rows(&folder.path("d/[ab]*.csv"), &plain()), [[2.0], [10.0], [7.0]]);
    assert_eq!(rows(&folder.path("?/a2.*"), &plain()), [[2.0], [12.0]]);
    assert_eq!(rows(&folder.path("e/*"), &plain()), [[12.0]]);
    assert_eq!(rows(&folder.path("odd[1].csv"), &plain()), [[4.0]]);
    let known = metadata(&folder.path("d/a*.csv"), &plain()).unwrap().unwrap();
    assert_eq!((known.rows, known.cols), (Some(2), Some(1)));
    let message = told(&folder, read_matrix(&folder.path("d/z*.csv"), &plain()));
    assert!(message.starts_with("no file matches d/z*.csv"), "{message}");
    let message = told(&folder, read_matrix(&folder.path("d/[.csv"), &plain()));
    assert!(message.starts_with("d/[.csv is no pattern of file names"), "{message}");
}

/// A frame of one row of texts.
fn row(names: &[&str], texts: &[&str]) -> Frame {
    let columns = texts.iter().map(|text| Column::from_texts([Some(*text)].into_iter())).collect();
    Frame::new(1, columns).unwrap().named(names.iter().map(|name| name.to_string()).collect()).unwrap()
}

#[test]
fn columns_of_parts_are_matched_by_name() {
    for ending in ["parquet", "arrow", "tw"] {
        let folder = Folder::new();
        let write = |part: &str, names: &[&str], texts: &[&str]| {
            let path = folder.path(&format!("x.{ending}/{part}.{ending}"));
            write_frame(&path, &row(names, texts), &WriteOptions::default()).unwrap();
        };
        let read = || read_frame(&folder.path(&format!("x.{ending}")), &plain());
        write("1", &["age", "score", "id"], &["34", "0.5", "a"]);
        write("2", &["id", "age", "score"], &["b", "28", "0.75"]);
        let frame = read().unwrap().frame;
        assert_eq!(frame.names(), ["age", "score", "id"]);
        assert_eq!(cells(&frame), [["34", "0.5", "a"], ["28", "0.75", "b"]], "{ending}");
        write("2", &["id", "age", "points"], &["b", "28", "0.75"]);
        assert_eq!(
            told(&folder, read()),
            format!(
                "x.{ending}/2.{ending} has the columns \"id\", \"age\", \"points\", not those of x.{ending}/1.{ending}: \"score\" is missing | columns of all parts have the same names, in any order"
            )
        );
        write("2", &["id", "age", "age"], &["b", "28", "0.75"]);
        assert!(told(&folder, read()).contains("two are named \"age\""));
    }
}

#[test]
fn columns_of_matrices_are_matched_by_name() {
    let numbers = |names: &[&str], values: [f64; 2]| {
        let columns = values
            .iter()
            .map(|value| Column::from_cells(ColumnType::Fp64, [Cell::Double(*value)].into_iter()));
        let names = names.iter().map(|name| name.to_string()).collect();
        Frame::new(1, columns.collect()).unwrap().named(names).unwrap()
    };
    for ending in ["parquet", "arrow"] {
        let folder = Folder::new();
        let write = |part: &str, frame: &Frame| {
            let path = folder.path(&format!("x.{ending}/{part}.{ending}"));
            write_frame(&path, frame, &WriteOptions::default()).unwrap();
        };
        write("1", &numbers(&["a", "b"], [1.0, 2.0]));
        write("2", &numbers(&["b", "a"], [20.0, 10.0]));
        write("3", &numbers(&["a", "b"], [5.0, 6.0]));
        let path = folder.path(&format!("x.{ending}"));
        let as_matrix = ReadOptions { rows: Some(3), ..plain() };
        assert_eq!(rows(&path, &as_matrix), [[1.0, 2.0], [10.0, 20.0], [5.0, 6.0]], "{ending}");
        write("3", &numbers(&["a", "c"], [5.0, 6.0]));
        assert!(told(&folder, read_matrix(&path, &plain())).contains("\"b\" is missing"));
    }
}
