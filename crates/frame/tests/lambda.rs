//! Expressions on cells, against what Java prints for them.

mod common;

use common::in_pools;
use tilewright_frame::lambda::{Lambda, Margin};
use tilewright_frame::{Cell, Column, Frame};

fn texts(texts: &[Option<&str>]) -> Frame {
    Frame::new(texts.len(), vec![Column::from_texts(texts.iter().copied())]).expect("one column")
}

fn lambda(text: &str, margin: Margin) -> Lambda {
    Lambda::parse(text, margin).unwrap_or_else(|fault| panic!("{fault}"))
}

fn cells(frame: &Frame) -> Vec<Option<String>> {
    (0..frame.rows()).flat_map(|i| (0..frame.cols()).map(move |j| frame.cell(i, j).text())).collect()
}

/// An expression, with texts and what OpenJDK 17 prints of `String.valueOf` of its value for them.
type Case = (&'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ("x.length()", &[("", "0"), ("ab c", "4"), ("Straße", "6")]),
    (r#"x.toLowerCase() + "!""#, &[("ABC", "abc!"), ("ÄÖ", "äö!")]),
    ("x.toUpperCase().trim()", &[(" straße ", "STRASSE"), ("a", "A")]),
    ("x.substring(1)", &[("abc", "bc"), ("a", "")]),
    ("x.substring(1, 3)", &[("abcd", "bc")]),
    ("x.charAt(0)", &[("abc", "a")]),
    ("x.charAt(0) + 1", &[("abc", "98")]),
    (r#"x.charAt(0) + "b""#, &[("abc", "ab")]),
    (r#"x.indexOf('c') * 10 + x.indexOf("b")"#, &[("abc", "21"), ("", "-11")]),
    (r#"x.indexOf("a", 1) + x.lastIndexOf("a")"#, &[("abca", "6"), ("a", "-1")]),
    (r#"x.replace("a", "b").replace('b', '-')"#, &[("aabx", "---x")]),
    (r#"x.replaceAll("[a-zA-Z]+", "<$0>")"#, &[("ab1c", "<ab>1<c>"), ("", "")]),
    (r#"x.replaceAll("(a)(b)", "$2$1")"#, &[("xabab", "xbaba")]),
    (r##"x.replaceFirst("\\d", "#")"##, &[("a1b2", "a#b2")]),
    (r#"x.matches("a|ab")"#, &[("ab", "true"), ("abc", "false"), ("a", "true")]),
    (r#"x.split(",")[0] + x.split(",").length"#, &[("a,b,,", "a2"), ("", "1"), ("q", "q1")]),
    (r#"x.split("")[1]"#, &[("abc", "b")]),
    (r#"x.split("-", 2)[1]"#, &[("a-b-c", "b-c")]),
    (
        r#"x.contains("b") && !x.startsWith("a") || x.endsWith("c")"#,
        &[("ab", "false"), ("bb", "true"), ("xc", "true"), ("q", "false")],
    ),
    (r#"x.equals("a") ? 1 : x.equalsIgnoreCase("B") ? 2 : 3"#, &[("a", "1"), ("b", "2"), ("c", "3")]),
    (r#"x.isEmpty() ? "none" : x"#, &[("", "none"), ("v", "v")]),
    ("x.length() > 2 ? x.length() : 0.5", &[("abc", "3.0"), ("", "0.5")]),
    ("7 / 2 + 7 % 4 - -7 / 2", &[("", "9")]),
    ("-7 % 4 + 7.0 / 2", &[("", "0.5")]),
    ("1 + 2 + x + 1 + 2", &[("|", "3|12")]),
    (
        "Double.parseDouble(x) * 2",
        &[("1.5", "3.0"), (" 3 ", "6.0"), ("1e10", "2.0E10"), ("NaN", "NaN"), ("-Infinity", "-Infinity")],
    ),
    ("Double.valueOf(x) / 0", &[("1", "Infinity"), ("0", "NaN"), ("-2", "-Infinity")]),
    ("Integer.parseInt(x) / 3", &[("10", "3"), ("-10", "-3")]),
    ("(int) Double.parseDouble(x)", &[("2.9", "2"), ("-2.9", "-2")]),
    ("(char) (x.charAt(0) + 1)", &[("a", "b")]),
    ("(double) x.length() / 2", &[("abc", "1.5")]),
    ("Math.round(Double.parseDouble(x))", &[("2.5", "3"), ("-2.5", "-2"), ("0.49", "0")]),
    ("Math.max(x.length(), 2) + Math.min(1.5, 2)", &[("a", "3.5"), ("abcd", "5.5")]),
    (r#"Math.abs(-3) + "" + Math.abs(-3.0)"#, &[("", "33.0")]),
    ("Math.pow(2, 10) + Math.sqrt(16)", &[("", "1028.0")]),
    ("Math.floor(-1.5) + Math.ceil(1.2) + Math.rint(2.5) + Math.signum(-3)", &[("", "1.0")]),
    ("Math.log10(1000) * Math.PI", &[("", "9.42477796076938")]),
    (r#"x.compareTo("abc")"#, &[("abd", "1"), ("ab", "-1"), ("abc", "0"), ("", "-3")]),
    ("x.hashCode()", &[("hello", "99162322"), ("ü", "252"), ("", "0")]),
    (r#"x.concat("-").repeat(2)"#, &[("ab", "ab-ab-")]),
    (
        "Character.isDigit(x.charAt(0)) != Character.isLetter(x.charAt(1))",
        &[("1a", "false"), ("12", "true"), ("ab", "true")],
    ),
    ("Character.getNumericValue(x.charAt(0))", &[("7", "7"), ("b", "11"), ("-", "-1")]),
    (r#"String.join("+", x.split(" "))"#, &[("a b c", "a+b+c")]),
    ("x.charAt(0) >= 'a' && x.charAt(0) <= 'z'", &[("q", "true"), ("Q", "false")]),
    ("Boolean.parseBoolean(x) == true", &[("TRUE", "true"), ("yes", "false")]),
    // The helpers are those of the reference, asked with these texts.
    (
        "UtilFunctions.isBoolean(x)",
        &[
            ("TRUE", "true"),
            ("False", "true"),
            ("t", "false"),
            ("1", "false"),
            ("", "false"),
            (" true", "false"),
        ],
    ),
    (
        "UtilFunctions.isIntegerNumber(x)",
        &[("12", "true"), ("007", "true"), ("-12", "false"), ("1.0", "false"), ("", "true"), (" ", "false")],
    ),
    ("UtilFunctions.isIntegerNumber(x)", &[("99999999999999999999", "true"), ("\u{661}", "false")]),
    (
        r#"UtilFunctions.jaccardSim(x, "bcd")"#,
        &[("abc", "0.5"), ("bcd", "1.0"), ("bc a", "0.4"), ("xyz", "0.0"), ("", "0.0")],
    ),
    (r#""\t\"" + x + "\\""#, &[("q", "\t\"q\\")]),
    ("1e3 + 0.1f * 0 + 2d + 10L", &[("", "1012.0")]),
    ("!(x.length() == 1) ? x.charAt(x.length() - 1) : '?'", &[("ab", "b"), ("a", "?")]),
];

#[test]
fn values_are_those_of_java() {
    for (text, pairs) in CASES {
        let lambda = lambda(&format!("x -> {text}"), Margin::Cells);
        for (given, expected) in *pairs {
            let mapped = lambda.map(&texts(&[Some(given)])).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert_eq!(mapped.cell(0, 0), Cell::Text((*expected).into()), "{text} of {given:?}");
        }
    }
}

#[test]
fn missing_cells_stay_and_names_are_kept() {
    let frame = texts(&[Some("a"), None]).named(vec!["n".into()]).expect("a name");
    let mapped = lambda("(y) -> y + y", Margin::Cells).map(&frame).expect("texts");
    assert_eq!((cells(&mapped), mapped.names()), (vec![Some("aa".into()), None], &["n".to_string()][..]));
    let numbers = Frame::new(2, vec![Column::Fp64(vec![1.5, 2.0].into())]).expect("numbers");
    assert_eq!(
        cells(&lambda("x -> x.length()", Margin::Cells).map(&numbers).expect("texts")),
        [Some("3".into()), Some("3".into())]
    );
}

#[test]
fn rows_and_columns_are_arrays() {
    let columns =
        [[Some("1"), Some("2")], [Some("3"), None]].map(|column| Column::from_texts(column.into_iter()));
    let frame = Frame::new(2, columns.to_vec()).expect("two columns");
    let of = |text: &str, margin| lambda(text, margin).map(&frame).map(|mapped| cells(&mapped));
    let sums = "x -> UtilFunctions.copyAsStringToArray(x, x.length + x[0])";
    assert_eq!(
        of(sums, Margin::Rows).expect("arrays"),
        ["21", "21", "22", "22"].map(|text| Some(text.into()))
    );
    assert_eq!(
        of(sums, Margin::Cols).expect("arrays"),
        ["21", "23", "21", "23"].map(|text| Some(text.into()))
    );
    assert_eq!(
        of("x -> x", Margin::Rows).expect("arrays"),
        ["1", "3", "2", ""].map(|text| Some(text.into()))
    );
    let numbers = "x -> UtilFunctions.convertStringToDoubleArray(x)";
    assert_eq!(
        lambda(numbers, Margin::Rows).map(&frame.slice_rows(0..1)).map(|f| cells(&f)).expect("numbers"),
        ["1.0", "3.0"].map(|text| Some(text.into()))
    );
    let fault = of(numbers, Margin::Rows).expect_err("an empty text is no number");
    assert!(fault.message().starts_with("row 2: in "), "{fault}");
    let fault = of("x -> x[0].split(\"\")", Margin::Rows).expect_err("one value");
    assert!(fault.message().contains("gives 1 value for 2 cells"), "{fault}");
}

#[test]
fn two_parameters_compare_the_cells_of_a_column() {
    let frame = texts(&[Some("abc"), Some("bcd"), None]);
    // Of the four letters two are shared.
    let mapped =
        lambda("(x, y) -> UtilFunctions.jaccardSim(x, y)", Margin::Cells).map(&frame).expect("numbers");
    let expected = ["0.0", "0.5", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0", "0.0"];
    assert_eq!(cells(&mapped), expected.map(|text| Some(text.to_string())));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        ("x", "at its end (character 2): `->` is missing"),
        ("x -> ", "at its end (character 6): a value is missing"),
        ("x -> y", "at `y` (character 6): `y` is no parameter"),
        ("x -> x.foo()", "at `x.foo()` (character 6): a text has no method `foo`"),
        ("x -> x.charAt(\"a\")", "at `x.charAt(\"a\")` (character 6): `charAt` does not take (text)"),
        ("x -> x * 2", "at `x` (character 6): this must be a number, it is a text"),
        ("x -> x == \"a\"", "at `x == \"a\"` (character 6): texts are not compared"),
        ("x -> x[0]", "at `x` (character 6): this must be an array, it is a text"),
        ("x -> x.split(\",\")", "at `x.split(\",\")` (character 6): the result is an array of texts"),
        ("x -> x.length", "at `x.length` (character 6): a text has no field `length`"),
        ("x -> Foo.bar(x)", "at `Foo` (character 6): `Foo` is no parameter and no class"),
        ("x -> Math.cube(2)", "at `Math.cube(2)` (character 6): Math has no method `cube`"),
        ("x -> x.matches(\"(\")", "at `\"(\"` (character 16): the regular expression"),
        ("x -> \"a", "at `\"a` (character 6): the closing \" is missing"),
        ("x -> 'ab'", "at `'ab'` (character 6): single quotes hold one character"),
        ("x -> x.matches(\"\\d\")", "at `\\d` (character 17): `\\d` stands for nothing"),
        ("x -> x ä", "at `ä` (character 8): the expression should end here"),
        ("x -> x # y", "at `#` (character 8): `#` is no sign of it"),
        ("x -> x.length() ? 1 : 2", "at `x.length()` (character 6): this must be a truth value"),
        ("x -> 12ab", "at `12ab` (character 6): `12ab` is no number"),
        ("(x, y, z) -> x", "at `(x, y, z) -> ` (character 1): 3 parameters where 2 can be"),
    ];
    for (text, expected) in cases {
        let fault = Lambda::parse(text, Margin::Cells).expect_err(text);
        assert!(fault.message().contains(expected), "{fault}\n{expected}");
    }
    let deep = format!("x -> {}x{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(Lambda::parse(&deep, Margin::Cells).expect_err("deep").message().contains("nested too deeply"));
    let deep = format!("x -> {}1", "-".repeat(5_000));
    assert!(Lambda::parse(&deep, Margin::Cells).expect_err("deep").message().contains("nested too deeply"));
}

#[test]
fn cells_without_a_value_are_named() {
    let cases = [
        ("x -> x.charAt(3)", "at `x.charAt(3)` (character 6) there is no character 3 in a text of 2"),
        ("x -> x.substring(2, 1)", "characters 2 to 1 are not in a text of 2"),
        ("x -> x.split(\",\")[1]", "there is no element 1 in an array of 1"),
        ("x -> Double.parseDouble(x)", "\"ab\" is no number"),
        ("x -> Integer.parseInt(x)", "\"ab\" is no whole number"),
        ("x -> 1 / (x.length() - 2)", "a whole number is divided by zero"),
        ("x -> UtilFunctions.toMillis(x)", "\"ab\" is no date in a known form"),
        ("x -> x.repeat(-1)", "a text cannot be repeated -1 times"),
        ("x -> x.matches(x + \"(\")", "the regular expression"),
    ];
    for (text, expected) in cases {
        let fault = lambda(text, Margin::Cells).map(&texts(&[None, Some("ab")])).expect_err(text);
        assert!(fault.message().starts_with("row 2 of column 1 (\"C1\") is \"ab\": in "), "{fault}");
        assert!(fault.message().contains(expected), "{fault}\n{expected}");
    }
}

#[test]
fn the_first_failure_is_told_whatever_the_threads() {
    let owned: Vec<String> = (0..20_000).map(|i| format!("{}", i % 15_000)).collect();
    let rows: Vec<Option<&str>> =
        owned.iter().map(|text| (!text.ends_with('3')).then_some(text.as_str())).collect();
    let frame = texts(&rows);
    let fails = lambda("x -> 1 / (Integer.parseInt(x) - 14999) + x.charAt(0)", Margin::Cells);
    in_pools(|| {
        let works = lambda("x -> x.length() > 2 ? x.substring(2) : x + 1", Margin::Cells);
        assert_eq!(cells(&works.map(&frame).unwrap()), cells(&works.map_in_order(&frame).unwrap()));
        let fault = fails.map(&frame).expect_err("row 15000 fails");
        assert!(fault.message().starts_with("row 15000 "), "{fault}");
    });
}
