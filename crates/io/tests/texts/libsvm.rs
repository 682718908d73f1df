//! LIBSVM files, as they are read, refused and written.

use super::*;
use tilewright_matrix::Dense;
use tilewright_value::Block;

fn read(text: &str, options: &ReadOptions) -> (Folder, Outcome<Read>) {
    let folder = files(&[("a.libsvm", text.as_bytes())]);
    let read = read_matrix(&folder.path("a.libsvm"), options);
    (folder, read)
}

#[test]
fn labels_are_the_last_column() {
    let text = "# a comment\n+1 1:0.5 3:2 # the first\r\n\n-1\n0 2:-1e3\t3:0\n";
    let expected = [[0.5, 0.0, 2.0, 1.0], [0.0, 0.0, 0.0, -1.0], [0.0, -1000.0, 0.0, 0.0]].concat();
    let block = read(text, &plain()).1.unwrap().block;
    assert_eq!((block.rows(), block.dense().cells()), (3, &expected[..]));
    let wide = read(text, &ReadOptions { cols: Some(6), ..plain() }).1.unwrap().block;
    assert_eq!((wide.cols(), wide.dense().get(0, 5), wide.dense().get(0, 2)), (6, 1.0, 2.0));
    let other = ReadOptions { separator: Some(",".into()), index_separator: Some("=".into()), ..plain() };
    assert_eq!(read("3,1=2,2=4\n", &other).1.unwrap().block.dense().cells(), [2.0, 4.0, 3.0]);
}

/// As SystemDS 3.4 writes `matrix("1.5 0 2 0 0 3 4 0 0", rows=3, cols=3)` without and with separators; the label is the last
/// column there too.
#[test]
fn commas_are_found_in_the_first_line_with_an_index() {
    let expected = [1.5, 0.0, 2.0, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0];
    for text in [
        "2.0,1:1.5\n3.0\n0.0,1:4.0\n",
        "# 1 1:1\n2.0,1:1.5 # 3\r\n3.0\n0.0,1:4.0\n",
        "2.0 1:1.5\n3.0\n0.0 1:4.0\n",
    ] {
        let read = read(text, &ReadOptions { cols: Some(3), ..plain() }).1.unwrap();
        assert_eq!(read.block.dense().cells(), expected, "{text:?}");
    }
    assert_eq!(read("3\n1,qid:2,1:2\n", &plain()).1.unwrap().block.dense().cells(), [0.0, 3.0, 2.0, 1.0]);
    let equals = ReadOptions { index_separator: Some("=".into()), ..plain() };
    assert_eq!(read("3,1=2,2=4\n", &equals).1.unwrap().block.dense().cells(), [2.0, 4.0, 3.0]);
    // What is said is not looked for.
    let blanks = ReadOptions { separator: Some(" ".into()), ..plain() };
    let (folder, refused) = read("2.0,1:1.5\n", &blanks);
    let expected = "a.libsvm:1:1: the label is \"2.0,1:1.5\", not a number | a line starts with its label";
    assert_eq!(told(&folder, refused), expected);
}

#[test]
fn queries_are_left_out_with_a_warning() {
    let (_folder, read) = read("1 qid:3 1:2\n2 qid:4 1:3\n", &plain());
    let read = read.unwrap();
    assert_eq!(read.block.dense().cells(), [2.0, 1.0, 3.0, 2.0]);
    assert!(read.warnings[0].ends_with("a.libsvm: 2 query numbers left out (`qid`)"), "{:?}", read.warnings);
}

#[test]
fn what_is_wrong_has_a_place() {
    let narrow = ReadOptions { cols: Some(3), ..plain() };
    let cases = [
        ("1 0:2\n", plain(), "a.libsvm:1:3: index 0: indices count from 1"),
        ("1 2:1\n1 3:1 2:1\n", plain(), "a.libsvm:2:7: index 2 stands behind 3: indices ascend"),
        ("1 2:1 2:1\n1 x\n", plain(), "a.libsvm:1:7: index 2 is given twice (and 1 more problem)"),
        ("1 a:1\n", plain(), "a.libsvm:1:3: expected `index:value`, found \"a:1\""),
        ("1 1:\n", plain(), "a.libsvm:1:3: expected `index:value`, found \"1:\""),
        (
            "1:2 2:3\n",
            plain(),
            "a.libsvm:1:1: the label is \"1:2\", not a number | a line starts with its label",
        ),
        ("1,2 2:3\n", plain(), "a.libsvm:1:1: the label is \"1,2\", not a number"),
        ("1 3:1\n", narrow, "a.libsvm:1:3: index 3 is the column of labels or outside of 3 columns"),
        (
            "1 99999999999:1\n",
            plain(),
            "a.libsvm:1:3: index 99999999999 is larger than a sparse matrix can have in this build",
        ),
    ];
    for (text, options, expected) in cases {
        let (folder, read) = read(text, &options);
        assert_eq!(told(&folder, read), expected, "{text:?}");
    }
}

#[test]
fn written_files_read_back() {
    let folder = Folder::new();
    let path = folder.path("a.libsvm");
    let dense = Dense::from_cells(
        3,
        4,
        &[0.0, 2.5, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, f64::NAN, 0.0, f64::INFINITY, -1.0],
    );
    let block = Block::Dense(dense.clone());
    for block in [Block::Sparse(block.sparse().into_owned()), block] {
        write_matrix(&path, &block, &WriteOptions::default()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1 2:2.5\n0\n-1 1:NaN 3:Infinity\n");
        let back = read_matrix(&path, &plain()).unwrap().block;
        assert_eq!(format!("{:?}", back.dense().cells()), format!("{:?}", dense.cells()));
    }
    let options = WriteOptions {
        separator: Some(";".into()),
        index_separator: Some("/".into()),
        ..WriteOptions::default()
    };
    write_matrix(&path, &Block::Dense(dense), &options).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().next(), Some("1;2/2.5"));
    assert_eq!(read_matrix(&path, &plain()).unwrap().block.cols(), 4);
    let empty = Block::Dense(Dense::zeros(2, 0));
    assert!(told(&folder, write_matrix(&path, &empty, &WriteOptions::default())).contains("no labels"));
}
