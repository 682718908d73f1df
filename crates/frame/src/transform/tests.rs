//! Encoding and decoding against values of other programs, and against the definition.

use std::borrow::Cow;

use proptest::prelude::*;
use tilewright_matrix::{Csr, Dense};

use super::*;
use crate::{Cell, Column, ColumnType, Frame};

/// Runs `check` in pools of 1, 2, 3 and 7 threads.
fn in_pools(check: impl Fn() + Send + Sync) {
    for threads in [1, 2, 3, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(&check);
    }
}

fn text(text: &str) -> Cell {
    if text.is_empty() { Cell::Missing } else { Cell::Text(text.into()) }
}

fn texts(cells: &[&str]) -> Column {
    Column::from_cells(ColumnType::String, cells.iter().map(|cell| text(cell)))
}

fn numbers(cells: &[f64]) -> Column {
    Column::Fp64(cells.to_vec().into())
}

fn frame(columns: Vec<Column>) -> Frame {
    Frame::new(columns[0].len(), columns).expect("columns of one length")
}

fn spec(text: &str) -> Spec {
    Spec::parse(text).expect(text)
}

/// The texts of a column, empty where they are missing.
fn shown(frame: &Frame, j: usize) -> Vec<String> {
    frame.columns()[j].cells().map(|cell| cell.text().unwrap_or_default()).collect()
}

fn same(a: &Dense, b: &Dense) -> bool {
    let bits =
        |x: &Dense| x.cells().iter().map(|v| if v.is_nan() { 1 } else { v.to_bits() }).collect::<Vec<_>>();
    (a.rows(), a.cols()) == (b.rows(), b.cols()) && bits(a) == bits(b)
}

fn same_frames(a: &Frame, b: &Frame) -> bool {
    let cells = |x: &Frame| x.columns().iter().map(|c| c.cells().map(|c| format!("{c}")).collect()).collect();
    let (x, y): (Vec<Vec<String>>, Vec<Vec<String>>) = (cells(a), cells(b));
    a.names() == b.names() && a.schema() == b.schema() && x == y
}

#[test]
fn codes_count_values_by_first_appearance() {
    let frame =
        frame(vec![texts(&["b", "", "a", "b", "c", "a"]), numbers(&[2.5, 1.0, f64::NAN, 2.5, -0.0, 0.0])]);
    let spec = spec("{ids: true, recode: [1, 2]}");
    let (encoded, meta) = encode(&frame, &spec, None).expect("codes");
    let nan = f64::NAN;
    let codes = [1.0, 1.0, nan, 2.0, 2.0, nan, 1.0, 1.0, 3.0, 3.0, 2.0, 4.0];
    assert!(same(&encoded.to_dense(), &Dense::from_cells(6, 2, &codes)));
    assert_eq!(shown(&meta, 0), ["b·1", "a·2", "c·3", ""]);
    assert_eq!(shown(&meta, 1), ["2.5·1", "1.0·2", "-0.0·3", "0.0·4"]);
}

#[test]
fn what_was_not_learned_has_no_code() {
    let spec = spec("{ids: true, recode: [1], dummycode: [2], bin: [{id: 3, numbins: 2}]}");
    let learned = frame(vec![texts(&["b", "a"]), texts(&["x", "y"]), numbers(&[0.0, 10.0])]);
    let (_, meta) = encode(&learned, &spec, None).expect("codes");
    let new = frame(vec![texts(&["c", "a", ""]), texts(&["y", "z", ""]), numbers(&[-3.0, 99.0, f64::NAN])]);
    let (encoded, unseen) = apply(&new, &spec, &meta, None).expect("codes");
    let nan = f64::NAN;
    let cells = [nan, 0.0, 1.0, 1.0, 2.0, 0.0, 0.0, 2.0, nan, 0.0, 0.0, nan];
    assert!(same(&encoded.to_dense(), &Dense::from_cells(3, 4, &cells)));
    // Missing cells and numbers outside of the bins are no values that were not seen.
    let once = |column, first: &str| Unseen { column, unit: "cell", count: 1, first: text(first) };
    assert_eq!(unseen, [once(0, "c"), once(1, "z")]);
}

/// Edges and bins as `numpy.linspace`, `numpy.quantile` of the method `inverted_cdf` and `numpy.digitize` give them.
#[test]
fn bins_are_those_of_numpy() {
    let frame = frame(vec![numbers(&[1.5, -2.0, 7.0, 7.0, 3.0, 0.25, 10.0, 4.0])]);
    let cases = [
        ("equi-width", ["-2.0·2.0", "2.0·6.0", "6.0·10.0"], [1.0, 1.0, 3.0, 3.0, 2.0, 1.0, 3.0, 2.0]),
        ("equi-height", ["-2.0·1.5", "1.5·7.0", "7.0·10.0"], [1.0, 1.0, 2.0, 2.0, 2.0, 1.0, 3.0, 2.0]),
    ];
    for (method, edges, codes) in cases {
        let spec = spec(&format!("{{ids: true, bin: [{{id: 1, method: {method}, numbins: 3}}]}}"));
        let (encoded, meta) = encode(&frame, &spec, None).expect("bins");
        assert_eq!(shown(&meta, 0), edges);
        assert_eq!(encoded.to_dense().cells(), codes);
    }
}

/// Hashes from Java's documented formula, `s[0]*31^(n-1) + ... + s[n-1]`, computed in Python.
#[test]
fn buckets_follow_the_polynomial() {
    let expected =
        [("abc", 96_354), ("hello", 99_162_322), ("polygenelubricants", -2_147_483_648), ("😀", 1_772_899)];
    for (text, hash) in expected {
        assert_eq!(i64::from(hash::bucket(text, 100)), i64::from(hash).rem_euclid(100) + 1, "{text}");
    }
}

#[test]
fn missing_cells_are_imputed_and_coded() {
    let columns = vec![
        texts(&["b", "", "a", "a"]),
        texts(&["x", "", "", "y"]),
        numbers(&[1.0, f64::NAN, 2.0, 6.0]),
        Column::Int32(vec![Some(1), None, Some(2), Some(2)].into()),
    ];
    let spec = spec(
        "{ids: true, recode: [1, 2], impute: [{id: 1, method: global_mode}, {id: 2, method: constant, value: 'n·a'},
        {id: 3, method: global_mean}, {id: 4, method: global_mode}]}",
    );
    let frame = frame(columns);
    let (encoded, meta) = encode(&frame, &spec, None).expect("codes");
    let cells = [1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 3.0, 2.0, 2.0, 3.0, 2.0, 2.0, 2.0, 2.0, 6.0, 2.0];
    assert!(same(&encoded.to_dense(), &Dense::from_cells(4, 4, &cells)));
    assert_eq!(shown(&meta, 0), ["b·1", "a·2", "·a", ""]);
    assert_eq!(shown(&meta, 1), ["x·1", "y·2", "n·a·3", "·n·a"]);
    assert_eq!(shown(&meta, 2)[0], "·3.0");
    let (again, unseen) = apply(&frame, &spec, &meta, None).expect("codes");
    assert!(same(&again.to_dense(), &encoded.to_dense()));
    assert_eq!(unseen, []);
}

/// Codes as SystemDS 3.4 gives them for the same column: values that are there are numbered first, in every type.
#[test]
fn what_is_imputed_does_not_change_the_codes_of_values() {
    let int = |cells: &[Option<i32>]| Column::Int32(cells.to_vec().into());
    let cases = [
        (
            texts(&["", "b", "a", "a", ""]),
            "global_mode",
            vec![2.0, 1.0, 2.0, 2.0, 2.0],
            vec!["b·1", "a·2", "·a"],
        ),
        (
            texts(&["", "b", "a", "a", ""]),
            "constant, value: a",
            vec![2.0, 1.0, 2.0, 2.0, 2.0],
            vec!["b·1", "a·2", "·a"],
        ),
        // Further ones by hand: there the value is none of those that are there.
        (texts(&["", "b", "a"]), "constant, value: c", vec![3.0, 1.0, 2.0], vec!["b·1", "a·2", "c·3", "·c"]),
        (
            int(&[None, Some(4), Some(1)]),
            "global_mean",
            vec![3.0, 1.0, 2.0],
            vec!["4.0·1", "1.0·2", "2.5·3", "·2.5"],
        ),
        (
            int(&[None, Some(3), Some(1)]),
            "global_mean",
            vec![3.0, 1.0, 2.0],
            vec!["3·1", "1·2", "2·3", "·2.0"],
        ),
        (texts(&["b", "a"]), "constant, value: c", vec![1.0, 2.0], vec!["b·1", "a·2", "·c"]),
        (texts(&["", ""]), "constant, value: c", vec![1.0, 1.0], vec!["c·1", "·c"]),
    ];
    for (column, method, codes, lines) in cases {
        let spec = spec(&format!("{{ids: true, recode: [1], impute: [{{id: 1, method: {method}}}]}}"));
        let frame = frame(vec![column]);
        let (encoded, meta) = encode(&frame, &spec, None).expect(method);
        assert_eq!(encoded.to_dense().cells(), codes, "{method}");
        assert_eq!(shown(&meta, 0), lines, "{method}");
        let (again, unseen) = apply(&frame, &spec, &meta, None).expect(method);
        assert_eq!((again.to_dense().cells(), unseen), (codes.as_slice(), vec![]), "{method}");
    }
}

/// Vocabulary and counts as SystemDS 3.4 gives them for these texts.
#[test]
fn bags_count_words() {
    let lines =
        ["zebra apple Mango-juice don't 3.5 x2y a_b", "UPPER upper Upper Über", "", "123 zebra ZEBRA"];
    let words = ["zebra", "apple", "mango", "juice", "don", "t", "x", "y", "a", "b", "upper", "über"];
    let target = frame(vec![numbers(&[1.0, 2.0, 3.0, 4.0]), texts(&lines)]);
    let text = "{ids: true, bag_of_words: [2]}";
    let (encoded, meta) = encode(&target, &spec(text), None).expect("counts");
    let coded: Vec<String> = words.iter().zip(1..).map(|(word, code)| format!("{word}·{code}")).collect();
    assert_eq!(shown(&meta, 1), coded);
    let mut expected = Dense::zeros(4, 13);
    (0..4).for_each(|i| expected.set(i, 0, i as f64 + 1.0));
    (1..11).for_each(|j| expected.set(0, j, 1.0));
    [(1, 11, 3.0), (1, 12, 1.0), (3, 1, 2.0)].into_iter().for_each(|(i, j, count)| expected.set(i, j, count));
    assert!(same(&encoded.to_dense(), &expected), "{:?}", encoded.to_dense());
    let map = column_map(&meta, &spec(text), None).expect("columns");
    assert_eq!(map.cells(), [1.0, 1.0, 1.0, 2.0, 2.0, 13.0]);

    let new = frame(vec![numbers(&[1.0]), texts(&["Okapi, zebra; okapi gnu Zebra!"])]);
    let (encoded, unseen) = apply(&new, &spec(text), &meta, None).expect("counts");
    assert_eq!(encoded.to_dense().cells()[..3], [1.0, 2.0, 0.0]);
    assert_eq!(unseen, [Unseen { column: 1, unit: "word", count: 3, first: Cell::Text("okapi".into()) }]);

    let (decoded, _) = decode(Cells::Dense(&expected), &spec(text), &meta).expect("words");
    assert_eq!(shown(&decoded, 1), ["zebra apple mango juice don t x y a b", "upper über", "", "zebra"]);
    let numbered = encode(&target, &spec("{ids: true, bag_of_words: [1]}"), None).expect_err("no texts");
    assert!(numbered.message().contains("its cells are FP64"), "{numbered}");
}

#[test]
fn rows_without_values_are_left_out() {
    let frame = frame(vec![texts(&["b", "", "a"]), numbers(&[f64::NAN, 1.0, 2.0])]);
    let (encoded, meta) = encode(&frame, &spec("{recode: [C1], omit: [C1, C2]}"), None).expect("codes");
    assert_eq!(encoded.to_dense().cells(), [1.0, 2.0]);
    assert_eq!(shown(&meta, 0), ["a·1"]);
}

#[test]
fn words_become_their_vectors() {
    let words = frame(vec![texts(&["up", "down"]), numbers(&[1.0, -1.0]), numbers(&[0.5, 0.0])]);
    let embedding = Embedding::of_frame(&words).expect("an embedding");
    let target = frame(vec![texts(&["down", "sideways", "up", ""])]);
    let spec = spec("{ids: true, word_embedding: [1]}");
    let expected = Dense::from_cells(4, 2, &[-1.0, 0.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0]);
    let (encoded, meta) = encode(&target, &spec, Some(&embedding)).expect("vectors");
    assert!(same(&encoded.to_dense(), &expected));
    // By code, where the meta data tell which word has which code.
    let vectors = Embedding::of_codes(Cow::Owned(Dense::from_cells(2, 2, &[1.0, 0.5, -1.0, 0.0])));
    let (encoded, unseen) = apply(&target, &spec, &meta, Some(&vectors)).expect("vectors");
    assert!(same(&encoded.to_dense(), &expected));
    assert_eq!(
        unseen,
        [Unseen { column: 0, unit: "cell", count: 1, first: text("sideways") }],
        "it has no vector"
    );
    assert!(encode(&target, &spec, Some(&vectors)).is_err(), "three words, two vectors");
    assert!(encode(&target, &spec, None).is_err());
}

#[test]
fn codes_are_decoded() {
    let target = frame(vec![texts(&["b", "a", ""]), numbers(&[0.0, 10.0, 4.0]), texts(&["x", "", "y"])]);
    let spec = spec("{ids: true, recode: [1], bin: [{id: 2, numbins: 2}], dummycode: [3]}");
    let (encoded, meta) = encode(&target, &spec, None).expect("codes");
    for cells in [Cells::Dense(&encoded.to_dense()), Cells::Sparse(&encoded.to_csr())] {
        let (decoded, _) = decode(cells, &spec, &meta).expect("values");
        assert_eq!(shown(&decoded, 0), ["b", "a", ""]);
        assert_eq!(shown(&decoded, 1), ["2.5", "7.5", "2.5"]);
        assert_eq!(shown(&decoded, 2), ["x", "", "y"]);
        assert_eq!(decoded.schema(), [ColumnType::String, ColumnType::Fp64, ColumnType::String]);
    }
    assert!(decode(Cells::Dense(&Dense::zeros(2, 3)), &spec, &meta).is_err());
    let dense = Dense::from_cells(
        3,
        4,
        &[1.5, 1.0, 1.0, 0.0, 1.999_999_999, 99.0, 0.0, 1.0, 99.0, f64::NAN, 0.0, 0.0],
    );
    let (decoded, unseen) = decode(Cells::Dense(&dense), &spec, &meta).expect("values");
    assert_eq!(shown(&decoded, 0), ["", "a", ""], "a code is a whole number");
    let of = |column, count, first| Unseen { column, unit: "code", count, first: Cell::Double(first) };
    assert_eq!(unseen, [of(0, 2, 1.5), of(1, 1, 99.0)]);
}

/// A value is found whatever type it was learned in; as texts, `1`, `1.0` and `01` differ.
#[test]
fn codes_of_numbers_are_found_by_value() {
    let spec = spec("{ids: true, recode: [1]}");
    let of = |kind, cells: &[&str]| {
        frame(vec![Column::from_cells(kind, cells.iter().filter_map(|cell| text(cell).fit(kind)))])
    };
    let numeric =
        [ColumnType::Boolean, ColumnType::Int32, ColumnType::Int64, ColumnType::Fp32, ColumnType::Fp64];
    for (learned, applied) in numeric.into_iter().flat_map(|kind| numeric.map(|other| (kind, other))) {
        let (_, meta) = encode(&of(learned, &["1", "0"]), &spec, None).expect("codes");
        let (encoded, unseen) = apply(&of(applied, &["0", "1", "1"]), &spec, &meta, None).expect("codes");
        assert_eq!(
            (encoded.to_dense().cells(), unseen),
            (&[2.0, 1.0, 1.0][..], vec![]),
            "{learned} {applied}"
        );
    }
    let (_, meta) = encode(&of(ColumnType::String, &["01", "1.0", "1", "2.5"]), &spec, None).expect("codes");
    let codes = |kind, cells: &[&str]| {
        let (encoded, _) = apply(&of(kind, cells), &spec, &meta, None).expect("codes");
        encoded
            .to_dense()
            .cells()
            .iter()
            .map(|code| if code.is_nan() { 0.0 } else { *code })
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(ColumnType::Int32, &["1", "2"]), [3.0, 0.0]);
    assert_eq!(codes(ColumnType::Fp64, &["1", "2.5"]), [2.0, 4.0]);
    assert_eq!(codes(ColumnType::Boolean, &["true", "false"]), [1.0, 0.0], "the first of equal ones");
    assert_eq!(codes(ColumnType::String, &["1", "2.50"]), [3.0, 0.0]);
}

#[test]
fn meta_data_that_do_not_fit_are_told() {
    let rules = |text: &str| spec(text).rules(&["C1".to_string()]).expect(text);
    let cases = [
        (vec!["a"], "{ids: true, recode: [1]}", "row 1 is \"a\", not `value·code`"),
        (vec!["a·1", "b·x"], "{ids: true, recode: [1]}", "row 2 is \"b·x\""),
        (vec!["a·1", "b·3"], "{ids: true, recode: [1]}", "row 2 has the code 3; codes are 1 to 2, each once"),
        (vec!["a·1", "b·1"], "{ids: true, recode: [1]}", "row 2 has the code 1"),
        (
            vec!["0.0·1.0"],
            "{ids: true, bin: [{id: 1, numbins: 2}]}",
            "there are 1 bins, the specification says 2",
        ),
        (vec!["0.0-1.0"], "{ids: true, bin: [{id: 1, numbins: 1}]}", "not `lower·upper`"),
        (vec!["7"], "{ids: true, hash: [1], K: 8}", "is \"7\", the specification says 8"),
    ];
    for (lines, text, expected) in cases {
        let fault = meta::from_frame(&frame(vec![texts(&lines)]), &rules(text)).expect_err(text);
        assert!(fault.message().contains(expected), "{text}: {fault}");
        assert!(fault.message().starts_with("column 1 (\"C1\") of the meta data: "), "{fault}");
    }
    let read =
        meta::from_frame(&frame(vec![texts(&["b·2", "", "a·1", "·a"])]), &rules("{ids: true, recode: [1]}"));
    let values = meta::Learned::Values(vec!["a".into(), "b".into()]);
    assert_eq!(read.expect("meta data")[0], meta::ColumnMeta { learned: values, imputed: None });
}

#[test]
fn too_many_columns_are_no_matrix() {
    let frame = frame(vec![texts(&["a"]), texts(&["b"])]);
    let spec = spec("{ids: true, hash: [1, 2], K: 2147483648, dummycode: [1, 2]}");
    let fault = encode(&frame, &spec, None).expect_err("2^32 columns");
    assert!(fault.message().contains("4294967296 columns"), "{fault}");
}

/// Many rows, so that they are cut; the same bits for any number of threads.
#[test]
fn nothing_depends_on_threads() {
    let rows = 3 * CHUNK + 17;
    let mut state = 1u64;
    let mut next = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let words: Vec<String> = (0..rows).map(|at| format!("w{}", next(1 + at as u64 / 50))).collect();
    let words = Column::from_texts(words.iter().map(|word| Some(word.as_str()).filter(|word| *word != "w3")));
    let values: Vec<f64> = (0..rows).map(|_| next(1_000) as f64 / 7.0 - 50.0).collect();
    let integers: Vec<Option<i64>> =
        (0..rows).map(|_| Some(next(90) as i64).filter(|value| *value > 4)).collect();
    let lines: Vec<String> =
        (0..rows).map(|at| format!("w{} x{}y w", words.str(at).unwrap_or(""), next(3))).collect();
    let lines = Column::from_texts(lines.iter().map(|line| Some(line.as_str())));
    let columns = vec![words, numbers(&values), numbers(&values), Column::Int64(integers.into()), lines];
    let frame = Frame::new(rows, columns).expect("a frame");
    let spec = spec(
        "{ids: true, dummycode: [1, 4], bin: [{id: 2, method: equi-height, numbins: 9}, {id: 3, numbins: 5}],
        impute: [{id: 4, method: global_mean}], bag_of_words: [5]}",
    );
    let run = || {
        let (encoded, meta) = encode(&frame, &spec, None).expect("codes");
        let csr = encoded.to_csr();
        let (decoded, _) = decode(Cells::Sparse(&csr), &spec, &meta).expect("values");
        (csr, format!("{meta:?}{decoded:?}"))
    };
    let first = run();
    in_pools(|| {
        let other = run();
        assert!(first.0 == other.0 && first.1 == other.1);
    });
    // One pass over all rows: the first row of each value has the next code.
    let recoded = recode::learn(&frame.columns()[0]);
    let mut seen = std::collections::HashMap::new();
    for (at, &code) in recoded.codes.iter().enumerate() {
        let next = seen.len() as u32 + 1;
        let expected = frame.columns()[0].str(at).map_or(0, |word| *seen.entry(word).or_insert(next));
        assert_eq!(code, expected, "row {at}");
    }
}

/// Cells of a type, a third of them missing.
fn cells(kind: ColumnType, rows: usize) -> impl Strategy<Value = Column> {
    let words = ["a", "b·2", "·", "3", "x y a, Y", "", "2.5", "NaN"];
    let numbers = [0.0, -0.0, 1.0, 2.5, -7.0, 1e10, 0.1, f64::NAN];
    let cell = (0usize..12).prop_map(move |at| {
        let cell = match kind {
            _ if at >= 8 => Cell::Missing,
            ColumnType::String => Cell::Text(words[at].into()),
            ColumnType::Boolean => Cell::Boolean(at % 2 == 0),
            ColumnType::Int32 | ColumnType::Int64 => Cell::Integer(at as i64 - 2),
            _ => Cell::Double(numbers[at]),
        };
        cell.fit(kind).unwrap_or(Cell::Missing)
    });
    prop::collection::vec(cell, rows).prop_map(move |cells| Column::from_cells(kind, cells.into_iter()))
}

/// A frame to learn from and one to apply to, whose columns may be of other types.
fn frames() -> impl Strategy<Value = (Frame, Frame)> {
    let kinds = prop::collection::vec((0usize..6, prop::option::of(0usize..6)), 1..5);
    (0usize..12, kinds).prop_flat_map(|(rows, kinds)| {
        let of = |at: usize, rows: usize| cells(ColumnType::ALL[at], rows);
        let learned: Vec<_> = kinds.iter().map(|&(at, _)| of(at, rows)).collect();
        let applied: Vec<_> =
            kinds.iter().map(|&(at, other)| of(other.unwrap_or(at), rows / 2 + 1)).collect();
        (learned, applied).prop_map(move |(a, b)| {
            (Frame::new(rows, a).expect("rows"), Frame::new(rows / 2 + 1, b).expect("rows"))
        })
    })
}

/// What a column is asked to become.
fn spec_of(choices: &[(usize, usize, bool)]) -> String {
    let mut keys = [const { Vec::new() }; 7];
    for (at, &(coding, missing, dummycode)) in choices.iter().enumerate() {
        let id = at + 1;
        match coding {
            0 => keys[0].push(format!("{id}")),
            1 => keys[1].push(format!("{id}")),
            2 => keys[2].push(format!("{{id: {id}, method: equi-width, numbins: 3}}")),
            3 => keys[2].push(format!("{{id: {id}, method: equi-height, numbins: 4}}")),
            4 => keys[6].push(format!("{id}")),
            _ => {}
        }
        match missing {
            0 => keys[3].push(format!("{{id: {id}, method: global_mean}}")),
            1 => keys[3].push(format!("{{id: {id}, method: global_mode}}")),
            2 => keys[3].push(format!("{{id: {id}, method: constant, value: 2}}")),
            3 => keys[3].push(format!("{{id: {id}, method: constant, value: 'b·2'}}")),
            4 => keys[4].push(format!("{id}")),
            _ => {}
        }
        if dummycode && coding != 4 {
            keys[5].push(format!("{id}"));
        }
    }
    let [recode, hash, bin, impute, omit, dummycode, words] = keys.map(|entries| entries.join(", "));
    format!(
        "{{ids: true, recode: [{recode}], hash: [{hash}], K: 5, bin: [{bin}], impute: [{impute}], omit: [{omit}], dummycode: [{dummycode}], bag_of_words: [{words}]}}"
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn fast_paths_do_what_the_definition_says(
        (frame, new) in frames(),
        choices in prop::collection::vec((0usize..8, 0usize..9, any::<bool>()), 5),
    ) {
        let text = spec_of(&choices[..frame.cols()]);
        let spec = spec(&text);
        let fast = encode(&frame, &spec, None);
        let slow = reference::encode(&frame, &spec, None);
        prop_assert_eq!(fast.is_ok(), slow.is_ok(), "{} {:?} {:?}", text, fast.err(), slow.err());
        if let (Ok((encoded, meta)), Ok((dense, defined))) = (fast, slow) {
            prop_assert!(same_frames(&meta, &defined), "{} {:?} {:?}", text, meta, defined);
            prop_assert!(same(&encoded.to_dense(), &dense), "{} {:?} {:?}", text, encoded, dense);
            // A stored cell is not zero, so the sign of zero is lost.
            let csr = encoded.to_csr();
            prop_assert_eq!(&format!("{csr:?}"), &format!("{:?}", Csr::from_dense(&dense)), "{}", text);
            for (cells, x) in [(Cells::Dense(&dense), &dense), (Cells::Sparse(&csr), &csr.to_dense())] {
                let defined = reference::decode(x, &spec, &meta).expect("it was encoded");
                let (decoded, _) = decode(cells, &spec, &meta).expect("as before");
                prop_assert!(same_frames(&decoded, &defined), "{} {:?} {:?}", text, decoded, defined);
            }
            let (fast, slow) = (apply(&new, &spec, &meta, None), reference::apply(&new, &spec, &meta, None));
            prop_assert_eq!(fast.is_ok(), slow.is_ok(), "{}", text);
            if let (Ok((fast, _)), Ok(slow)) = (fast, slow) {
                prop_assert!(same(&fast.to_dense(), &slow), "{} {:?} {:?} {:?}", text, meta, fast, slow);
            }
        }
    }
}
