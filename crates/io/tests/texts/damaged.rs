//! Random and mutated files: each reader gives a result or tells what is wrong, and never ends the process.

use super::*;
use proptest::prelude::*;
use tilewright_frame::ColumnType;

/// A valid file of each text format.
const VALID: [(&str, &str); 9] = [
    ("a.csv", "1,2.5,-3\n\"4\",,6e2\n7,8,NaN\n"),
    ("b.csv", "name,\"x,y\"\n\"two\nlines\",3\nplain,4\n"),
    ("a.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n1 1 5\n3 2 -1\n"),
    ("b.mtx", "%%MatrixMarket matrix array integer skew-symmetric\n3 3\n1\n2\n3\n"),
    ("c.mtx", "%%MatrixMarket matrix coordinate pattern general\n2 3 2\n1 1\n2 3\n"),
    ("a.ijv", "1 1 5\n2 3 -1e3\n3 1 7\n"),
    ("a.libsvm", "1 1:2 3:4 # c\n-1 qid:3 2:0.5\n"),
    ("a.jsonl", "{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2.5, \"b\": null}\n"),
    ("c.csv", "1;2\r\n3;4\r\n"),
];

/// What metadata may say of it.
const METADATA: [&str; 6] = [
    "",
    "{\"rows\": 3, \"cols\": 3}",
    "{\"rows\": 900000000000, \"cols\": 900000000000}",
    "{\"rows\": 900000000000000, \"cols\": 2}",
    "{\"cols\": 4000000000}",
    "{\"header\": true, \"sep\": \";\", \"decimal\": \",\", \"naStrings\": \"1\"}",
];

/// Reads a file in all ways; what is read is as it was said to be.
fn try_all(name: &str, bytes: &[u8], mtd: &str) {
    let folder = files(&[(name, bytes)]);
    let path = folder.path(name);
    if !mtd.is_empty() {
        fs::write(folder.path(&format!("{name}.mtd")), mtd).unwrap();
    }
    let said = declared(&path, &plain()).unwrap();
    let _ = metadata(&path, &plain());
    let fits = |rows: usize, cols: usize| {
        said.rows.is_none_or(|said| said == rows) && said.cols.is_none_or(|said| said == cols)
    };
    match read_matrix(&path, &plain()) {
        Ok(read) => assert!(fits(read.block.rows(), read.block.cols()), "{name} {bytes:?}"),
        Err(fault) => assert!(!fault.message().is_empty()),
    }
    let typed = ReadOptions { schema: ColumnType::schema("INT32,FP64").ok(), ..plain() };
    for options in [plain(), typed, ReadOptions { encoding: Some(Encoding::Latin1), ..header() }] {
        if let Ok(read) = read_frame(&path, &options) {
            assert!(fits(read.frame.rows(), read.frame.cols()), "{name} {bytes:?}");
        }
    }
}

/// A change of one place.
#[derive(Debug, Clone)]
enum Change {
    Byte(usize, u8),
    Insert(usize, Vec<u8>),
    Delete(usize, usize),
    Cut(usize),
    Repeat(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let odd = prop::sample::select(vec![
        "\"",
        "\n",
        ",",
        ";",
        "-",
        ":",
        "0",
        "99999999999999999999",
        "1e999",
        "nan",
        "\r",
        "\0",
        "%",
        "#",
        "{",
        "[",
        "é",
        "\u{feff}",
    ]);
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (any::<usize>(), odd).prop_map(|(at, text)| Change::Insert(at, text.as_bytes().to_vec())),
        (any::<usize>(), 1usize..9).prop_map(|(at, length)| Change::Delete(at, length)),
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), 1usize..30).prop_map(|(at, length)| Change::Repeat(at, length)),
    ]
}

fn changed(mut bytes: Vec<u8>, change: &Change) -> Vec<u8> {
    let place = |at: usize, length: usize| at % (length + 1);
    let length = bytes.len();
    match change {
        Change::Byte(at, byte) if length > 0 => bytes[at % length] = *byte,
        Change::Byte(..) => {}
        Change::Insert(at, text) => drop(bytes.splice(place(*at, length)..place(*at, length), text.clone())),
        Change::Delete(at, number) => {
            drop(bytes.drain(place(*at, length)..length.min(place(*at, length) + number)))
        }
        Change::Cut(at) => bytes.truncate(place(*at, length)),
        Change::Repeat(at, number) => {
            let from = place(*at, length);
            let copy = bytes[from..length.min(from + number)].to_vec();
            bytes.extend(copy);
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 400 } else { 4000 }))]

    #[test]
    fn mutated_files(
        file in prop::sample::select(VALID.to_vec()),
        changes in prop::collection::vec(change(), 1..5),
        mtd in prop::sample::select(METADATA.to_vec()),
    ) {
        let bytes = changes.iter().fold(file.1.as_bytes().to_vec(), changed);
        try_all(file.0, &bytes, mtd);
    }

    #[test]
    fn random_bytes(
        name in prop::sample::select(VALID.map(|(name, _)| name).to_vec()),
        ending in prop::sample::select(vec!["", ".gz", ".zst"]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        try_all(&format!("{name}{ending}"), &bytes, "");
    }

    #[test]
    fn mutated_compressed_files(changes in prop::collection::vec(change(), 1..4), fast in any::<bool>()) {
        let text: String = (0..50).map(|i| format!("{i},{}\n", i * i)).collect();
        let (name, valid) = if fast {
            ("a.csv.zst", zstd::encode_all(text.as_bytes(), 1).unwrap())
        } else {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
            ("a.csv.gz", encoder.finish().unwrap())
        };
        try_all(name, &changes.iter().fold(valid, changed), "");
    }
}

#[test]
fn lying_headers_claim_no_memory() {
    let lies: [(&str, &str, &str); 5] = [
        ("a.mtx", "%%MatrixMarket matrix coordinate real general\n900000000000 5 1\n1 1 1\n", ""),
        ("a.mtx", "%%MatrixMarket matrix array real general\n0 18446744073709551615\n", ""),
        ("a.ijv", "1 1 1\n", "{\"rows\": 4000000000, \"cols\": 2}"),
        ("a.ijv", "1 1 a\n", "{\"rows\": 90000, \"cols\": 90000, \"data_type\": \"frame\"}"),
        ("a.csv", "", "{\"cols\": 4000000000, \"data_type\": \"frame\"}"),
    ];
    let expected = [
        "a.mtx: 900000000000 rows are more than 6 bytes of cells can fill",
        "",
        "a.ijv: 4000000000 rows are more than 6 bytes of cells can fill",
        "a.ijv: a 90000x90000 frame has more cells than its 6 bytes can fill",
        "a.csv has 0 columns, but a.csv.mtd says 4000000000",
    ];
    for ((name, text, mtd), expected) in lies.into_iter().zip(expected) {
        let folder = files(&[(name, text.as_bytes())]);
        if !mtd.is_empty() {
            fs::write(folder.path(&format!("{name}.mtd")), mtd).unwrap();
        }
        let path = folder.path(name);
        if mtd.contains("frame") {
            assert_eq!(told(&folder, read_frame(&path, &plain())), expected);
        } else if expected.is_empty() {
            assert_eq!(read_matrix(&path, &plain()).unwrap().block.rows(), 0);
        } else {
            assert_eq!(told(&folder, read_matrix(&path, &plain())), expected);
        }
    }
}

#[test]
fn half_matrices_hold_their_half() {
    let banner = |kind: &str| format!("%%MatrixMarket matrix coordinate real {kind}\n2 2 1\n");
    let cases = [
        (
            banner("symmetric") + "1 2 5\n",
            "a.mtx:3:1: a cell above the diagonal, but of symmetric matrices the lower half is stored",
        ),
        (
            banner("skew-symmetric") + "1 1 5\n",
            "a.mtx:3:1: a cell on the diagonal of a skew-symmetric matrix, which is zero",
        ),
    ];
    for (text, expected) in cases {
        let folder = files(&[("a.mtx", text.as_bytes())]);
        assert_eq!(told(&folder, read_matrix(&folder.path("a.mtx"), &plain())), expected);
    }
}
