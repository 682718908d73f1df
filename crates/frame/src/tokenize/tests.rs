//! Tokens against those of SystemDS 3.4, and against the definition.

use proptest::prelude::*;

use super::*;
use crate::{Cell, ColumnType};

fn texts(cells: &[&str]) -> Column {
    Column::from_texts(cells.iter().map(|cell| Some(*cell).filter(|cell| !cell.is_empty())))
}

/// The texts of which the reference gave the tokens below.
fn example() -> Frame {
    let lines = ["The cat sat on the cat mat", "One two; three.", "", "It's a-b c_d 3.5  double"];
    Frame::new(4, vec![texts(&["a", "b", "c", "d"]), texts(&lines)]).expect("columns of one length")
}

/// The cells of each row, with blanks between them.
fn shown(frame: &Frame) -> Vec<String> {
    let cell = |i: usize, j: usize| frame.cell(i, j).text().unwrap_or("-".into());
    (0..frame.rows()).map(|i| (0..frame.cols()).map(|j| cell(i, j)).collect::<Vec<_>>().join(" ")).collect()
}

fn tokens(spec: &str, most: Option<usize>) -> Vec<String> {
    let spec = spec.replacen('{', "{id_cols: [1], tokenize_col: 2, ", 1);
    shown(&tokenize(&example(), &Spec::parse(&spec).expect(&spec), most).expect(&spec))
}

#[test]
fn tokens_are_those_of_the_reference() {
    let cases: [(&str, Option<usize>, &[&str]); 7] = [
        (
            "{algo: split, out: count, out_params: {sort_alpha: true}}",
            Some(3),
            &[
                "a The 1",
                "a cat 2",
                "a mat 1",
                "b One 1",
                "b three. 1",
                "b two; 1",
                "d 3.5 1",
                "d It's 1",
                "d a-b 1",
            ],
        ),
        (
            "{algo: split, out: position}",
            Some(3),
            &[
                "a 1 The",
                "a 5 cat",
                "a 9 sat",
                "b 1 One",
                "b 5 two;",
                "b 10 three.",
                "d 1 It's",
                "d 6 a-b",
                "d 10 c_d",
            ],
        ),
        (
            "{algo: split, out: hash}",
            Some(2),
            &["a 3552 1", "a 84050 1", "b 69201 1", "b 79431 1", "d 50491 1", "d 94711 1"],
        ),
        (
            "{algo: split, out: hash, out_params: {num_features: 3}, format_wide: true}",
            Some(5),
            &["a 3 3 1 0 0", "b 1 0 2 0 0", "c 0 0 0 0 0", "d 3 2 0 0 0"],
        ),
        (
            "{algo: split, algo_params: {regex: '[;. ]'}, out: position, format_wide: true}",
            Some(6),
            &[
                "a The cat sat on the cat",
                "b One two three - - -",
                "c - - - - - -",
                "d It's a-b c_d 3 5 double",
            ],
        ),
        (
            "{algo: ngram, algo_params: {min_gram: 2, max_gram: 3}, out: position}",
            Some(20),
            &[
                "a 1 ('The', 'cat')",
                "a 5 ('cat', 'sat')",
                "a 9 ('sat', 'on')",
                "a 13 ('on', 'the')",
                "a 16 ('the', 'cat')",
                "a 20 ('cat', 'mat')",
                "a 1 ('The', 'cat', 'sat')",
                "a 5 ('cat', 'sat', 'on')",
                "a 9 ('sat', 'on', 'the')",
                "a 13 ('on', 'the', 'cat')",
                "a 16 ('the', 'cat', 'mat')",
                "b 1 ('One', 'two;')",
                "b 5 ('two;', 'three.')",
                "b 1 ('One', 'two;', 'three.')",
                "d 1 ('It's', 'a-b')",
                "d 6 ('a-b', 'c_d')",
                "d 10 ('c_d', '3.5')",
                "d 14 ('3.5', 'double')",
                "d 1 ('It's', 'a-b', 'c_d')",
                "d 6 ('a-b', 'c_d', '3.5')",
                "d 10 ('c_d', '3.5', 'double')",
            ],
        ),
        // Its order is that of a hash table; here tokens come as they first appear.
        (
            "{algo: split, out: count}",
            None,
            &[
                "a The 1",
                "a cat 2",
                "a sat 1",
                "a on 1",
                "a the 1",
                "a mat 1",
                "b One 1",
                "b two; 1",
                "b three. 1",
                "d It's 1",
                "d a-b 1",
                "d c_d 1",
                "d 3.5 1",
                "d double 1",
            ],
        ),
    ];
    for (spec, most, expected) in cases {
        assert_eq!(tokens(spec, most), expected, "{spec}");
    }
}

#[test]
fn columns_keep_types_and_names() {
    let frame = Frame::new(2, vec![texts(&["x y", "z"]), Column::Fp64(vec![1.5, 2.0].into())]);
    let frame = frame.and_then(|frame| frame.named(vec!["text".into(), "id".into()])).expect("a frame");
    let of = |spec: &str, most| tokenize(&frame, &Spec::parse(spec).expect(spec), most).expect(spec);
    let long = of("{algo: split, out: count, id_cols: [id], tokenize_col: text}", None);
    assert_eq!(long.names(), ["id", "token", "count"]);
    assert_eq!(long.schema(), [ColumnType::Fp64, ColumnType::String, ColumnType::Int64]);
    let wide = of("{algo: split, out: position, id_cols: id, tokenize_col: text, format_wide: true}", None);
    assert_eq!(wide.names(), ["id", "token1", "token2"]);
    assert_eq!(shown(&wide), ["1.5 x y", "2.0 z -"]);
    let numbers = of("{algo: split, out: count, id_cols: [], tokenize_col: 2}", Some(1));
    assert_eq!(shown(&numbers), ["1.5 1", "2.0 1"]);
}

#[test]
fn errors_name_the_key() {
    let spec = |rest: &str| format!("{{algo: split, out: count, id_cols: [1], tokenize_col: 2{rest}}}");
    let complaint = |text: &str, most| {
        let told =
            Spec::parse(text).and_then(|spec| tokenize(&example(), &spec, most)).expect_err(text).nowhere();
        format!("{} / {}", told.message, told.hints.join(" / "))
    };
    let cases = [
        ("{}".to_string(), "has no `algo` / it is one of `split`, `ngram`"),
        ("{algo: whitespace}".into(), "`algo` is \"whitespace\" / it is one of `split`, `ngram`"),
        ("{algo: split}".into(), "has no `out` / it is one of `count`, `position`, `hash`"),
        ("{algo: split, out: cout}".into(), "did you mean `count`?"),
        ("{algo: split, out: count}".into(), "has no `id_cols`"),
        ("{algo: split, out: count, id_cols: 1}".into(), "has no `tokenize_col`"),
        (
            "{algo: split, out: count, id_cols: [1], tokenize_col: [2]}".into(),
            "`tokenize_col` is [2]; columns are",
        ),
        (
            "{algo: split, out: count, id_cols: [3], tokenize_col: 2}".into(),
            "`id_cols` names column 3; the columns are 1 to 2",
        ),
        ("{algo: split, out: count, id_cols: [0], tokenize_col: 2}".into(), "`id_cols` is 0"),
        (
            "{algo: split, out: count, id_cols: [C1], tokenize_col: C3}".into(),
            "`tokenize_col` names the column \"C3\"",
        ),
        (spec(", tokenise_col: 1"), "unknown key `tokenise_col` / did you mean `tokenize_col`?"),
        (
            spec(", algo_params: {regx: ' '}"),
            "`algo_params` of `split` has the unknown key `regx` / did you mean `regex`?",
        ),
        (spec(", algo_params: {regex: '['}"), "the regular expression \"[\" is not understood"),
        (spec(", algo_params: {regex: 3}"), "`regex` is 3; it is a text"),
        (spec(", algo_params: [1]"), "`algo_params` is [1]; it is an object"),
        (spec(", out_params: {sort_alpha: 3}"), "`sort_alpha` is 3; it is true or false"),
        (spec(", format_wide: true"), "counts have no places side by side"),
        ("{algo: ngram, algo_params: {min_gram: 0}, out: count}".into(), "`min_gram` is 0"),
        (
            "{algo: ngram, algo_params: {min_gram: 3, max_gram: 2}, out: count}".into(),
            "`min_gram` is 3, more than `max_gram`, 2",
        ),
        (
            "{algo: split, out: position, out_params: {a: 1}}".into(),
            "`out_params` has the key `a`, and `position` has no parameters",
        ),
        ("{algo: split, out: hash, out_params: {num_features: 0}}".into(), "`num_features` is 0"),
        ("[1]".into(), "a specification is an object, found [1]"),
    ];
    for (text, expected) in cases {
        let told = complaint(&text, None);
        assert!(told.contains(expected), "{text}: {told}");
    }
    assert!(complaint(&spec(""), Some(0)).contains("`max_tokens` is 0"));
    let wide =
        |out: &str| format!("{{algo: split, out: {out}, id_cols: [], tokenize_col: 2, format_wide: true}}");
    assert!(complaint(&wide("hash"), Some(9)).contains("num_features: 9"), "fewer columns than hashes");
    assert!(
        complaint(&wide("position"), Some(usize::MAX)).contains("at most 1048576"),
        "no memory for so many"
    );
}

fn frames() -> impl Strategy<Value = Frame> {
    let text =
        prop::collection::vec(prop::sample::select(vec!["a", "b", "é", "𝔘", " ", "  ", ",", "-"]), 0..12);
    prop::collection::vec((text, any::<bool>()), 0..6).prop_map(|lines| {
        let cells = lines
            .iter()
            .map(|(text, missing)| if *missing { Cell::Missing } else { Cell::Text(text.concat()) });
        let ids = Column::Int64((0..lines.len() as i64).map(Some).collect());
        Frame::new(lines.len(), vec![ids, Column::from_cells(ColumnType::String, cells)]).expect("one length")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn fast_paths_do_what_the_definition_says(
        frame in frames(),
        regex in prop::sample::select(vec!["\\\\s+", "", "b*", "[, ]", "x", "."]),
        algo in prop::sample::select(vec!["split", "ngram"]),
        out in prop::sample::select(vec![
            "count", "count, out_params: {sort_alpha: true}", "position", "position, format_wide: true",
            "hash", "hash, out_params: {num_features: 5}, format_wide: true",
        ]),
        most in prop::option::of(1usize..9),
    ) {
        let text = format!(
            "{{algo: {algo}, algo_params: {{regex: \"{regex}\"}}, out: {out}, id_cols: [1], tokenize_col: 2}}"
        );
        let spec = Spec::parse(&text).expect(&text);
        match (tokenize(&frame, &spec, most), reference::tokenize(&frame, &spec, most)) {
            (Ok(fast), Ok(slow)) => {
                prop_assert_eq!(fast.names(), slow.names());
                prop_assert_eq!(fast.schema(), slow.schema());
                prop_assert_eq!(shown(&fast), shown(&slow), "{}", text);
            }
            (fast, slow) => prop_assert!(fast.is_err() && slow.is_err(), "{} {:?} {:?}", text, fast, slow),
        }
    }
}

/// Many rows, so that they are cut.
#[test]
fn nothing_depends_on_threads() {
    let rows = 2 * CHUNK + 5;
    let lines: Vec<String> = (0..rows).map(|at| format!("w{} x{} w{}", at % 7, at % 3, at % 2)).collect();
    let frame = Frame::new(rows, vec![Column::from_texts(lines.iter().map(|line| Some(line.as_str())))])
        .expect("one column");
    let spec =
        Spec::parse("{algo: split, out: count, id_cols: [], tokenize_col: 1}").expect("a specification");
    let first = shown(&reference::tokenize(&frame, &spec, Some(2)).expect("tokens"));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        assert_eq!(pool.install(|| shown(&tokenize(&frame, &spec, Some(2)).expect("tokens"))), first);
    }
}
