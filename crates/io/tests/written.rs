//! What is written and how: rows that are appended, permissions, endings, and types on the way back.

#![allow(clippy::unwrap_used)]

mod folder;

use folder::Folder;
use std::fs;
use tilewright_base::Outcome;
use tilewright_frame::{Cell, Column, ColumnType, Frame};
use tilewright_io::*;
use tilewright_matrix::Dense;
use tilewright_value::{Block, List, Scalar};

fn plain() -> WriteOptions {
    WriteOptions::default()
}

fn appending() -> WriteOptions {
    WriteOptions { append: true, ..plain() }
}

/// The message and the hints of a refusal, without the folder's own path.
fn told<T: std::fmt::Debug>(folder: &Folder, outcome: Outcome<T>) -> String {
    let diagnostic = outcome.unwrap_err().nowhere();
    let hints: String = diagnostic.hints.iter().map(|hint| format!(" | {hint}")).collect();
    format!("{}{hints}", diagnostic.message).replace(&format!("{}/", folder.as_path().display()), "")
}

fn column(kind: ColumnType, cells: &[Cell]) -> Column {
    Column::from_cells(kind, cells.iter().cloned())
}

fn frame(columns: Vec<Column>, names: &[&str]) -> Frame {
    let rows = columns.first().map_or(0, Column::len);
    Frame::new(rows, columns).unwrap().named(names.iter().map(|name| name.to_string()).collect()).unwrap()
}

fn person(names: [&str; 2], cells: [Cell; 2]) -> Frame {
    let kind = |cell: &Cell| match cell {
        Cell::Integer(_) => ColumnType::Int64,
        _ => ColumnType::String,
    };
    frame(cells.iter().map(|cell| column(kind(cell), std::slice::from_ref(cell))).collect(), &names)
}

fn texts(frame: &Frame) -> Vec<Vec<String>> {
    let row = |i| (0..frame.cols()).map(|j| frame.cell(i, j).to_string()).collect();
    (0..frame.rows()).map(row).collect()
}

fn read(folder: &Folder, name: &str, schema: &str) -> Outcome<Frame> {
    let schema = (!schema.is_empty()).then(|| ColumnType::schema(schema).unwrap());
    read_frame(&folder.path(name), &ReadOptions { schema, ..ReadOptions::default() }).map(|read| read.frame)
}

#[test]
fn appended_rows_are_matched_by_name() {
    let folder = Folder::new();
    let path = folder.path("x.tw");
    let (ann, bob) = (Cell::Text("ann".into()), Cell::Text("bob".into()));
    write_frame(&path, &person(["name", "age"], [ann, Cell::Integer(34)]), &plain()).unwrap();
    write_frame(&path, &person(["age", "name"], [Cell::Integer(28), bob.clone()]), &appending()).unwrap();
    let all = [["\"ann\"", "34"], ["\"bob\"", "28"]];
    assert_eq!(texts(&read(&folder, "x.tw", "").unwrap()), all);
    let other = person(["name", "years"], [bob.clone(), Cell::Integer(28)]);
    assert_eq!(
        told(&folder, write_frame(&path, &other, &appending())),
        "the frame to append has the columns \"name\", \"years\", not those of x.tw: \"age\" is missing | columns of all parts have the same names, in any order"
    );
    let text = person(["name", "age"], [bob.clone(), bob]);
    assert_eq!(
        told(&folder, write_frame(&path, &text, &appending())),
        "column \"age\" of the frame in x.tw is INT64, and that of the rows to append is STRING | `applySchema` changes the types of columns"
    );
    assert_eq!(texts(&read(&folder, "x.tw", "").unwrap()), all);
}

#[test]
fn lists_and_scalars_are_not_appended() {
    let folder = Folder::new();
    let (list, scalar) = (folder.path("l.tw"), folder.path("s"));
    write_list(&list, &List::new(Vec::new()), &plain()).unwrap();
    write_scalar(&scalar, &Scalar::Double(1.0), &plain()).unwrap();
    let before = [&list, &scalar].map(|path| fs::read(path).unwrap());
    assert_eq!(
        told(&folder, write_list(&list, &List::new(Vec::new()), &appending())),
        "`append=TRUE` adds rows, and a list has none; l.tw stays as it is | matrices and frames are appended; without `append=TRUE` the file is replaced"
    );
    assert!(
        told(&folder, write_scalar(&scalar, &Scalar::Double(2.0), &appending()))
            .starts_with("`append=TRUE` adds rows, and a scalar has none; s stays as it is")
    );
    assert_eq!([&list, &scalar].map(|path| fs::read(path).unwrap()), before);
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let block = Block::Dense(Dense::zeros(1, 1));
    for mode in [0o600, 0o640, 0o755, 0o444] {
        let path = folder.path("x.csv");
        let _ = fs::remove_file(&path);
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        // The administrator may write everything.
        let may_write = fs::File::options().write(true).open(&path).is_ok();
        let written = write_matrix(&path, &block, &plain());
        let is = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!((is, written.is_ok()), (mode, may_write), "{mode:o}");
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, if may_write { "0\n" } else { "old" });
    }
}

#[test]
fn links_to_files_of_this_machine() {
    let folder = Folder::new();
    let link = format!("file://{}", folder.path("a%20b.csv").display());
    let link = std::path::Path::new(&link);
    write_matrix(link, &Block::Dense(Dense::zeros(2, 3)), &plain()).unwrap();
    assert_eq!(fs::read_to_string(folder.path("a b.csv")).unwrap(), "0,0,0\n0,0,0\n");
    assert_eq!(read_matrix(link, &ReadOptions::default()).unwrap().block.rows(), 2);
    let elsewhere = std::path::Path::new("hdfs://h/f.csv");
    let fault = write_matrix(elsewhere, &Block::Dense(Dense::zeros(1, 1)), &plain()).unwrap_err();
    assert_eq!(fault.message(), "hdfs://h/f.csv begins with an unknown scheme");
    assert!(read_matrix(elsewhere, &ReadOptions::default()).is_err());
    assert!(!std::path::Path::new("hdfs:").exists());
}

#[test]
fn endings_that_promise_something_else_are_refused() {
    let folder = Folder::new();
    let block = Block::Dense(Dense::zeros(1, 1));
    let csv = WriteOptions { format: Some(Format::from_name("csv").unwrap()), ..plain() };
    let write = |name: &str, options: &WriteOptions| write_matrix(&folder.path(name), &block, options);
    assert_eq!(
        told(&folder, write("x.csv.bz2", &plain())),
        "cannot write x.csv.bz2: .bz2 promises bzip2, which is not written | text formats are compressed as .gz or .zst: x.csv.gz"
    );
    assert!(told(&folder, write("x.csv.xz", &csv)).contains(".xz promises xz"));
    for name in ["x.xlsx", "x.json", "x.orc"] {
        assert!(told(&folder, write(name, &plain())).starts_with(&format!("cannot write {name}: .")));
        write(name, &csv).unwrap();
    }
    // Names without an ending, and with one that says nothing, are written as text.
    for name in ["x", "x.dat", "x.2024"] {
        write(name, &plain()).unwrap();
    }
    write_scalar(&folder.path("page.json"), &Scalar::string("{}"), &plain()).unwrap();
    assert!(write_scalar(&folder.path("page.bz2"), &Scalar::string("{}"), &plain()).is_err());
    assert!(write_list(&folder.path("l.json"), &List::new(Vec::new()), &plain()).is_err());
}

#[test]
fn streams_of_arrow_are_written_by_their_ending() {
    let folder = Folder::new();
    let cells: Vec<f64> = (0..150_000).map(f64::from).collect();
    let block = Block::Dense(Dense::from_cells(75_000, 2, &cells));
    for (name, is_file) in [("x.arrows", false), ("x.arrow", true)] {
        write_matrix(&folder.path(name), &block, &plain()).unwrap();
        assert_eq!(fs::read(folder.path(name)).unwrap().starts_with(b"ARROW1"), is_file);
        let read = read_matrix(&folder.path(name), &ReadOptions::default()).unwrap();
        assert_eq!(read.block.dense().cells(), block.dense().cells());
    }
}

#[test]
fn schemas_apply_to_typed_files() {
    let doubles = |cells: &[f64]| {
        column(ColumnType::Fp64, &cells.iter().map(|cell| Cell::Double(*cell)).collect::<Vec<_>>())
    };
    let large = column(ColumnType::Int64, &[Cell::Integer((1 << 53) + 1), Cell::Missing]);
    let written = frame(vec![doubles(&[1.5, 2.0]), doubles(&[0.0, 1.0]), large], &["a", "b", "n"]);
    for ending in ["parquet", "arrow", "tw"] {
        let folder = Folder::new();
        let name = format!("s.{ending}");
        write_frame(&folder.path(&name), &written, &plain()).unwrap();
        let typed = read(&folder, &name, "STRING,BOOLEAN,INT64").unwrap();
        assert_eq!(typed.schema(), [ColumnType::String, ColumnType::Boolean, ColumnType::Int64]);
        assert_eq!(typed.names(), ["a", "b", "n"]);
        let should = [["\"1.5\"", "false", "9007199254740993"], ["\"2.0\"", "true", "a missing cell"]];
        assert_eq!(texts(&typed), should, "{ending}");
        let refused = |schema: &str| told(&folder, read(&folder, &name, schema));
        assert_eq!(
            refused("INT32,BOOLEAN,INT64"),
            format!("{name}: column \"a\": row 1 is 1.5, which is no INT32")
        );
        assert_eq!(
            refused("FP64,FP64,FP64"),
            format!(
                "{name}: column \"n\": row 1 is 9007199254740993, which FP64 rounds | `schema` may say INT64 or STRING there"
            )
        );
        assert_eq!(refused("FP64"), format!("{name}: 1 type for 3 columns"));
    }
}

#[test]
fn arguments_of_other_formats_are_refused() {
    let folder = Folder::new();
    let block = Block::Dense(Dense::zeros(1, 1));
    let header = WriteOptions { header: true, ..plain() };
    assert_eq!(
        told(&folder, write_matrix(&folder.path("x.parquet"), &block, &header)),
        "`write` of format \"parquet\" takes no `header` | leave it out; `format=` says another format"
    );
    let compress = WriteOptions { compress: true, ..plain() };
    assert!(told(&folder, write_matrix(&folder.path("x.csv"), &block, &compress)).contains("`compress`"));
    write_matrix(&folder.path("x.parquet"), &block, &plain()).unwrap();
    let missing = ReadOptions { missing: Some(vec!["NA".into()]), ..ReadOptions::default() };
    let read = read_frame(&folder.path("x.parquet"), &missing);
    assert!(told(&folder, read).starts_with("`read` of format \"parquet\" takes no `naStrings`"));
}

#[test]
fn nothing_is_lost_without_columns() {
    let folder = Folder::new();
    for ending in ["parquet", "arrow", "tw", "csv", "npy"] {
        let path = folder.path(&format!("n.{ending}"));
        write_matrix(&path, &Block::Dense(Dense::zeros(3, 0)), &plain()).unwrap();
        let options = ReadOptions { rows: (ending == "npy").then_some(3), ..ReadOptions::default() };
        let block = read_matrix(&path, &options).unwrap().block;
        assert_eq!((block.rows(), block.cols()), (3, 0), "{ending}");
    }
    let path = folder.path("f.parquet");
    write_frame(&path, &Frame::new(3, Vec::new()).unwrap(), &plain()).unwrap();
    assert_eq!(read(&folder, "f.parquet", "").unwrap().rows(), 3);
}

#[test]
fn wide_files_come_back() {
    let folder = Folder::new();
    for (rows, cols) in [(2, 3001), (1, 1000), (3, 65), (0, 70)] {
        let cells: Vec<f64> = (0..rows * cols).map(|at| at as f64 / 3.0).collect();
        let block = Block::Dense(Dense::from_cells(rows, cols, &cells));
        let path = folder.path("w.parquet");
        write_matrix(&path, &block, &plain()).unwrap();
        let read = read_matrix(&path, &ReadOptions::default()).unwrap();
        assert_eq!((read.block.rows(), read.block.cols()), (rows, cols));
        assert_eq!(read.block.dense().cells(), block.dense().cells());
        let frame = self::read(&folder, "w.parquet", "").unwrap();
        assert_eq!((frame.rows(), frame.cols()), (rows, cols));
        assert_eq!(frame.names()[cols - 1], format!("C{cols}"));
        if rows > 0 {
            assert_eq!(frame.cell(rows - 1, cols - 1), Cell::Double((rows * cols - 1) as f64 / 3.0));
        }
    }
}
