//! What readers accept, warn of and refuse, by file text.

#![allow(clippy::unwrap_used)]

mod folder;

use folder::Folder;
use std::fs;
use tilewright_base::Outcome;
use tilewright_io::*;
use tilewright_value::ScalarType;

/// A text with the folder's own path left out.
fn strip(folder: &Folder, text: &str) -> String {
    text.replace(&format!("{}/", folder.as_path().display()), "")
        .replace(&folder.as_path().display().to_string(), "FOLDER")
}

/// Writes `text` (and metadata, if any) to `name` and reads it.
fn read_file(
    name: &str,
    text: impl AsRef<[u8]>,
    mtd: &str,
    options: &ReadOptions,
) -> (Outcome<Read>, Folder) {
    let folder = Folder::new();
    fs::write(folder.path(name), text).unwrap();
    if !mtd.is_empty() {
        fs::write(folder.path(&format!("{name}.mtd")), mtd).unwrap();
    }
    (read_matrix(&folder.path(name), options), folder)
}

/// The rows of a file that reads without a warning.
fn rows(name: &str, text: impl AsRef<[u8]>, options: &ReadOptions) -> Vec<Vec<f64>> {
    let (read, _folder) = read_file(name, text, "", options);
    let read = read.unwrap();
    assert_eq!(read.warnings, Vec::<String>::new());
    let dense = read.block.dense().into_owned();
    (0..dense.rows()).map(|i| dense.row(i).to_vec()).collect()
}

/// The message and the hints of a refused file.
fn refused(name: &str, text: impl AsRef<[u8]>, mtd: &str, options: &ReadOptions) -> String {
    let (read, folder) = read_file(name, text, mtd, options);
    let diagnostic = read.unwrap_err().nowhere();
    let hints: String = diagnostic.hints.iter().map(|hint| format!(" | {hint}")).collect();
    strip(&folder, &format!("{}{hints}", diagnostic.message))
}

fn plain() -> ReadOptions {
    ReadOptions::default()
}

fn header() -> ReadOptions {
    ReadOptions { header: Some(true), ..plain() }
}

fn separated(separator: &str) -> ReadOptions {
    ReadOptions { separator: Some(separator.into()), ..plain() }
}

#[test]
fn csv_accepts_what_people_write() {
    let expected = vec![vec![1.0, 2.5], vec![-3.0, 1e5]];
    let cases = [
        ("1,2.5\n-3,1e5\n", plain()),
        ("1,2.5\n-3,1e5", plain()),
        ("\u{feff}1,2.5\r\n-3,1e5\r\n\r\n", plain()),
        (" 1 ,\t2.5\n -3, +1E5 \n\n\n", plain()),
        ("a,b\n1,2.5\n-3,1e5\n", header()),
        ("\"a, b\",c\n1,2.5\n-3,1e5\n", header()),
        ("\"1\",\" 2.5\"\n-3,\"1e5\" \n", plain()),
        ("1;2.5\n-3;1e5\n", separated(";")),
        ("1\t2.5\n-3\t1e5\n", separated("\t")),
        ("1 2.5\n-3 1e5\n", separated(" ")),
        ("1::2.5\n-3::1e5\n", separated("::")),
        ("1e2.5\n-3e1E5\n", separated("e")),
    ];
    for (text, options) in cases {
        assert_eq!(rows("a.csv", text, &options), expected, "{text:?}");
    }
    assert_eq!(rows("a.tsv", "1\t2\n", &plain()), [[1.0, 2.0]]);
    assert_eq!(rows("a.txt", "1,2\n", &plain()), [[1.0, 2.0]]);
    let special = &rows("a.csv", "inf,-Infinity,NaN,nan\n", &plain())[0];
    assert_eq!(special[..2], [f64::INFINITY, f64::NEG_INFINITY]);
    assert!(special[2..].iter().all(|value| value.is_nan()));
}

#[test]
fn csv_counts_empty_and_missing_cells() {
    let (read, folder) = read_file("a.csv", "1,,3\n,\"\",6\n", "", &plain());
    let read = read.unwrap();
    assert_eq!(read.block.dense().cells(), [1.0, 0.0, 3.0, 0.0, 0.0, 6.0]);
    assert_eq!(read.warnings.len(), 1);
    assert_eq!(strip(&folder, &read.warnings[0]), "a.csv: 3 empty cells read as 0 (the first at 1:3)");
    let nines = ReadOptions { default: Some(9.0), ..plain() };
    assert_eq!(rows("a.csv", "1,\n,4\n", &nines), [[1.0, 9.0], [9.0, 4.0]]);
    let missing = ReadOptions { missing: Some(split_missing("NA\u{b7}-999")), ..plain() };
    let cells = &rows("a.csv", "NA, -999 ,3,\"NA\"\n", &missing)[0];
    assert!(cells[0].is_nan() && cells[1].is_nan() && cells[2] == 3.0 && cells[3].is_nan());
}

#[test]
fn csv_refuses_with_place_and_reason() {
    let strict = ReadOptions { fill: Some(false), ..plain() };
    let cases = [
        ("1,2\n3,abc\n", plain(), "a.csv:2:3: cell 2 is \"abc\", not a number"),
        ("1,2\nx,y\n3,z\n", plain(), "a.csv:2:1: cell 1 is \"x\", not a number (and 2 more bad cells)"),
        (
            "1,2\n3\n4,5,6\n",
            plain(),
            "a.csv:2:1: expected 2 cells as in the first row, found only 1: \"3\" (and 1 more row of another length)",
        ),
        (
            "1,2\n3,4,5\nu,6\n",
            plain(),
            "a.csv:2:1: expected 2 cells as in the first row, found 3: \"3,4,5\" (and 1 more bad cell)",
        ),
        ("1,2\n\n3,4\n", plain(), "a.csv:2:1: the line is empty, expected 2 cells"),
        (
            "id,x\n1,2\n",
            plain(),
            "a.csv:1:1: cell 1 is \"id\", not a number (and 1 more bad cell) | the first line looks like column names: `header=TRUE` skips it",
        ),
        (
            "1;2\n3;4\n",
            plain(),
            "a.csv:1:1: cell 1 is \"1;2\", not a number (and 1 more bad cell) | is the separator \";\"? Say so with `sep=`",
        ),
        ("1,NA\n", plain(), "a.csv:1:3: cell 2 is \"NA\", not a number | `naStrings=\"NA\"` reads it as NaN"),
        ("1,\"2\n3,4\n", plain(), "a.csv:1:3: the quoted cell does not end"),
        (
            "1,\"2,5\"\n",
            plain(),
            "a.csv:1:3: cell 2 is \"2,5\", not a number | `decimal=\",\"` reads a comma before the fraction",
        ),
        (
            "\"1,000\",2\n",
            plain(),
            "a.csv:1:1: cell 1 is \"1,000\", not a number | numbers are written without separators of thousands",
        ),
        ("5%,$3\n6,7\n", plain(), "a.csv:1:1: cell 1 is \"5%\", not a number (and 1 more bad cell)"),
        ("1d,1f\n2,3\n", plain(), "a.csv:1:1: cell 1 is \"1d\", not a number (and 1 more bad cell)"),
        (
            "NA,NA\n2,3\n",
            plain(),
            "a.csv:1:1: cell 1 is \"NA\", not a number (and 1 more bad cell) | `naStrings=\"NA\"` reads it as NaN",
        ),
        (
            "1,2\r3,4\r",
            plain(),
            "a.csv:1:3: cell 2 is \"2 3\", not a number | the lines end in carriage returns alone: write them with line feeds",
        ),
        (
            "a,b\r3,4\r",
            header(),
            "a.csv has no rows: its lines end in carriage returns alone | write them with line feeds",
        ),
        ("1,\n", strict, "a.csv:1:3: cell 2 is empty | `fill=TRUE` reads empty cells as 0, or as `default`"),
        ("ü,1\nä,b\n", header(), "a.csv:2:1: cell 1 is \"ä\", not a number (and 1 more bad cell)"),
        ("", plain(), "a.csv has no rows | `rows=0, cols=n` reads it as an empty matrix"),
        ("a,b\n", header(), "a.csv has no rows | `rows=0, cols=n` reads it as an empty matrix"),
        ("1\n", separated(""), "the separator of a CSV file is at least one character"),
    ];
    for (text, options, expected) in cases {
        assert_eq!(refused("a.csv", text, "", &options), expected, "{text:?}");
    }
    let long = format!("1,{}\n", "x".repeat(100));
    let expected = format!("a.csv:1:3: cell 2 is \"{}...\", not a number", "x".repeat(40));
    assert_eq!(refused("a.csv", long, "", &plain()), expected);
}

#[test]
fn a_ragged_file_does_not_claim_memory() {
    let text = format!("{}\n{}", ",".repeat(100_000), "1\n".repeat(100_000));
    let message = refused("a.csv", text, "", &plain());
    assert!(
        message.starts_with("a.csv:2:1: expected 100001 cells as in the first row, found only 1"),
        "{message}"
    );
}

#[test]
fn text_and_matrix_market() {
    let sized = ReadOptions { rows: Some(2), cols: Some(3), ..plain() };
    let expected = vec![vec![0.0, 0.0, 5.0], vec![-1.5, 0.0, 0.0]];
    assert_eq!(rows("a.ijv", "2 1 -1.5\n1\t3  5\n", &sized), expected);
    assert_eq!(rows("a.txt", "2 1 -1.5\r\n1 3 5\r\n\r\n", &sized), expected);
    let coordinate =
        "%%MatrixMarket matrix coordinate real general\n% a comment\n\n2 3 3\n2 1 -1.5\n1 3 2\n1 3 3\n";
    assert_eq!(rows("a.mtx", coordinate, &plain()), expected);
    assert_eq!(rows("a", coordinate.replace("real", "INTEGER"), &plain()), expected);
    assert_eq!(rows("a.mtx", coordinate.replace("real", "unsigned-integer"), &plain()), expected);
    let array = "%%MatrixMarket matrix array real general\n2 3\n0\n-1.5\n0\n0\n5\n0\n";
    assert_eq!(rows("a.mm", array, &plain()), expected);
    let symmetric = "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n";
    assert_eq!(rows("a.mtx", symmetric, &plain()), [[1.0, 1.0], [1.0, 0.0]]);
    let skew = "%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 4\n";
    assert_eq!(rows("a.mtx", skew, &plain()), [[0.0, -4.0], [4.0, 0.0]]);
    let lower = "%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n";
    assert_eq!(rows("a.mtx", lower, &plain()), [[1.0, 2.0], [2.0, 3.0]]);
    let below = "%%MatrixMarket matrix array real skew-symmetric\n2 2\n7\n";
    assert_eq!(rows("a.mtx", below, &plain()), [[0.0, -7.0], [7.0, 0.0]]);
}

#[test]
fn text_and_matrix_market_refuse() {
    let sized = ReadOptions { rows: Some(2), cols: Some(2), ..plain() };
    let cases = [
        (
            "a.ijv",
            "1 1 5\n",
            plain(),
            "a.ijv: the text format does not say how large the matrix is | pass `rows=` and `cols=`, or write a .mtd file beside it",
        ),
        ("a.ijv", "1 1 5\n3 1 5\n", sized.clone(), "a.ijv:2:1: row 3 is outside of 1 to 2"),
        (
            "a.ijv",
            "1 1 x\n2 2 2\n3 3 3\n",
            sized.clone(),
            "a.ijv:1:1: expected `row column value`, found \"1 1 x\" (and 1 more problem)",
        ),
        ("a.ijv", "1 0 5\n", sized.clone(), "a.ijv:1:1: column 0 is outside of 1 to 2"),
        ("a.ijv", "1 1\n", sized.clone(), "a.ijv:1:1: expected `row column value`, found \"1 1\""),
        ("a.ijv", "1 1 x\n", sized.clone(), "a.ijv:1:1: expected `row column value`, found \"1 1 x\""),
        ("a.ijv", "1 1 1\n2 2 2\n1 1 3\n", sized, "a.ijv: the cell in row 1, column 1 is given 2 times"),
        (
            "a.mtx",
            "1 1 1\n",
            plain(),
            "a.mtx:1:1: not a Matrix Market file | its first line is like `%%MatrixMarket matrix coordinate real general`",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix coordinate real general\n2 2\n",
            plain(),
            "a.mtx:2:1: expected `rows columns entries`, found \"2 2\"",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n",
            plain(),
            "a.mtx says 2 cell lines, but has 1",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix coordinate complex general\n2 2 0\n",
            plain(),
            "a.mtx: complex matrices cannot be read",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n",
            plain(),
            "a.mtx:2:1: a symmetric matrix is square, not 2x3",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix array real general\n2 1\n1\n",
            plain(),
            "a.mtx: a 2x1 array has 2 values, but the file has 1",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix array real general\n1 1\nx\n",
            plain(),
            "a.mtx:3:1: \"x\" is not a number",
        ),
        (
            "a.mtx",
            "%%MatrixMarket matrix array real general\n99999999 99999999\n1\n",
            plain(),
            "a.mtx: a 99999999x99999999 array has 9999999800000001 values, but the file has 1",
        ),
    ];
    for (name, text, options, expected) in cases {
        assert_eq!(refused(name, text, "", &options), expected, "{text:?}");
    }
}

#[test]
fn lying_metadata_is_refused() {
    let text = "1,2\n3,4\n";
    let cases = [
        ("{\"rows\": 3, \"cols\": 2}", "a.csv has 2 rows, but a.csv.mtd says 3"),
        ("{\"rows\": 2, \"cols\": 5}", "a.csv has 2 columns, but a.csv.mtd says 5"),
        (
            "{\"rows\": 2, \"header\": true}",
            "a.csv has 1 row, but a.csv.mtd says 2 | is there no header line? `header=FALSE` reads the first line",
        ),
        ("{\"rows\": 1.5}", "a.csv.mtd: expected a whole number for \"rows\", found 1.5"),
        ("{\"header\": 3}", "a.csv.mtd: expected true or false for \"header\", found 3"),
        ("{\"rows\": 2,}", "a.csv.mtd:1:12: not JSON: trailing comma at line 1 column 12"),
        ("[]", "a.csv.mtd: expected a JSON object"),
        ("{\"format\": \"proto\"}", "a.csv.mtd: format \"proto\" is not in this build yet"),
        ("{\"format\": \"cvs\"}", "a.csv.mtd: unknown format \"cvs\""),
        ("{\"value_type\": \"fp32\"}", "a.csv.mtd: value_type \"fp32\" is not in this build yet"),
        (
            "{\"data_type\": \"frame\"}",
            "a.csv holds a frame, not a matrix, says its .mtd file | `data_type=` in `read` says what to read",
        ),
    ];
    for (mtd, expected) in cases {
        assert_eq!(refused("a.csv", text, mtd, &plain()), expected, "{mtd}");
    }
    let two = ReadOptions { rows: Some(2), ..plain() };
    let expected = "the script says rows=2, but a.csv.mtd says 3 | leave out `rows=`, or correct or delete the .mtd file";
    assert_eq!(refused("a.csv", text, "{\"rows\": 3}", &two), expected);
    let nine = ReadOptions { cols: Some(9), ..plain() };
    assert_eq!(refused("a.csv", text, "", &nine), "a.csv has 2 columns, but the script says 9");
    let (read, folder) = read_file("a.csv", text, "{\"rows\": \"2\", \"cols\": -1, \"nnz\": 3}", &plain());
    let warnings = read.unwrap().warnings;
    assert_eq!(strip(&folder, &warnings.join("|")), "a.csv.mtd says 3 non-zeros, but the file has 4");
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let folder = Folder::new();
    fs::write(folder.path("train.csv"), "1\n").unwrap();
    let message = |name: &str| {
        let options = ReadOptions { format: Some(&csv_file::FORMAT), ..plain() };
        let diagnostic = read_matrix(&folder.path(name), &options).unwrap_err().nowhere();
        strip(&folder, &format!("{} | {}", diagnostic.message, diagnostic.hints.join(" | ")))
    };
    assert_eq!(message("trian.csv"), "no such file: trian.csv | did you mean train.csv?");
    assert_eq!(message("train"), "no such file: train | did you mean train.csv?");
    assert_eq!(message("no/x.csv"), "no such file: no/x.csv | the folder no does not exist");
    fs::create_dir(folder.path("parts")).unwrap();
    assert!(message("parts").starts_with("the folder parts has no files of data"));
    let binary: [(&[u8], &str); 5] = [
        (b"SEQ\x06...", "x is a Hadoop SequenceFile, not a text file"),
        (b"\x89HDF...", "x is an HDF5 file, not a text file"),
        (b"\xFF\xFE1\0,\x002\0", "x is text in UTF-16"),
        (b"1,2\n\0\0", "x is not a text file"),
        (b"1 2 3\n", "the format of x is unknown"),
    ];
    for (bytes, expected) in binary {
        let found = refused("x", bytes, "", &plain());
        assert_eq!(found.split(" | ").next(), Some(expected));
    }
    fs::write(folder.path("s"), "abc\n").unwrap();
    let scalar = |kind| strip(&folder, read_scalar(&folder.path("s"), kind).unwrap_err().message());
    assert_eq!(scalar(ScalarType::Double), "s:1:1: expected a double, found \"abc\"");
    assert_eq!(scalar(ScalarType::Boolean), "s:1:1: expected a boolean, found \"abc\"");
}

#[test]
fn metadata_tells_what_can_be_told_cheaply() {
    let folder = Folder::new();
    let known = |name: &str, text: &str| {
        fs::write(folder.path(name), text).unwrap();
        let known = metadata(&folder.path(name), &plain()).unwrap().unwrap();
        (known.rows, known.cols, known.format)
    };
    assert_eq!(known("a.csv", "1,2,3\n4,5,6\n\n"), (Some(2), Some(3), Some(&csv_file::FORMAT)));
    let market = "%%MatrixMarket matrix coordinate real general\n7 8 0\n";
    assert_eq!(known("a.mtx", market), (Some(7), Some(8), Some(&matrix_market::FORMAT)));
    assert_eq!(known("a.ijv", "1 1 1\n"), (None, None, Some(&text::FORMAT)));
    assert_eq!(known("a.dat", "1 1 1\n"), (None, None, None));
    assert_eq!(metadata(&folder.path("missing"), &plain()).unwrap(), None);
    let formats = [
        ("CSV", Ok(&csv_file::FORMAT)),
        ("proto", Err("format \"proto\" is not in this build yet")),
        ("cvs", Err("unknown format \"cvs\"")),
    ];
    for (name, expected) in formats {
        let found = Format::from_name(name);
        assert_eq!(found.as_ref().map(|format| *format).map_err(|fault| fault.message()), expected);
    }
}

#[test]
fn unwritable_targets_say_why() {
    let folder = Folder::new();
    let block = tilewright_value::Block::Dense(tilewright_matrix::Dense::zeros(1, 1));
    let message = write_matrix(folder.as_path(), &block, &WriteOptions::default()).unwrap_err();
    assert_eq!(strip(&folder, message.message()), "cannot write FOLDER: it is a folder");
}

#[test]
fn the_number_of_non_zeros_is_checked() {
    let options = ReadOptions { nnz: Some(1), ..plain() };
    let (read, folder) = read_file("a.csv", "1,2\n3,4\n", "", &options);
    let warnings = read.unwrap().warnings;
    assert_eq!(strip(&folder, &warnings.join("|")), "the script says 1 non-zero, but a.csv has 4");
    let options = ReadOptions { nnz: Some(4), ..plain() };
    assert_eq!(read_file("a.csv", "1,2\n3,4\n", "", &options).0.unwrap().warnings.len(), 0);
}

#[test]
fn a_format_takes_only_its_own_arguments() {
    assert_eq!(
        refused("a.mtx", "%%MatrixMarket matrix array real general\n1 1\n5\n", "", &separated(";")),
        "`read` of format \"mm\" takes no `sep` | leave it out; `format=` says another format"
    );
    assert_eq!(
        refused("a.svm", "1 1:2\n", "", &ReadOptions { fill: Some(true), ..separated(" ") }),
        "`read` of format \"libsvm\" takes no `fill` | it takes `sep`, `indSep`, `encoding`"
    );
    // No header is what all formats but CSV have.
    let none = ReadOptions { header: Some(false), ..plain() };
    assert_eq!(rows("a.svm", "1 1:2\n", &none), [[2.0, 1.0]]);
    let schema = ReadOptions { schema: Some(vec![tilewright_frame::ColumnType::Fp64]), ..plain() };
    assert_eq!(
        refused("a.csv", "1\n", "", &schema),
        "`schema` says the types of columns of frames, and a.csv is read as a matrix | `data_type=\"frame\"` in `read` reads it as a frame"
    );
}

#[cfg(unix)]
#[test]
fn endless_devices_are_refused() {
    for options in [plain(), ReadOptions { format: Some(Format::from_name("csv").unwrap()), ..plain() }] {
        let fault = read_matrix(std::path::Path::new("/dev/zero"), &options).unwrap_err();
        assert_eq!(fault.message(), "/dev/zero is a device, whose data may have no end");
    }
    let fault = read_scalar(std::path::Path::new("/dev/zero"), ScalarType::String).unwrap_err();
    assert_eq!(fault.message(), "/dev/zero is a device, whose data may have no end");
}
