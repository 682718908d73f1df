//! Functions of strings.
//!
//! Each has a plain Rust function on `&str` that says what happens to one string; the rows apply it to a scalar, or to
//! each cell of a frame, whose missing cells stay missing. Positions and lengths count characters (Unicode scalar
//! values), from 1.

use regex::Regex;
use tilewright_base::{Outcome, bail};
use tilewright_frame::pattern::{expression, template};
use tilewright_frame::{Cell, Column, ColumnType, Frame};
use tilewright_value::{List, Scalar, ScalarType, Value};

use crate::context::Context;
use crate::facts::{Facts, Kind};
use crate::function::{Args, FunctionRow, Param, Params, required};
use crate::locality::Locality;
use crate::printf;

const S: Param = required("s");

macro_rules! row {
    ($name:literal, $doc:literal, [$($param:expr),*], $result:expr, $run:expr) => {
        FunctionRow::pure($name, $doc, Params::Named(&[$($param),*]), |args| infer(args, $result), $run, $run).looking(Locality::Elementwise)
    };
}

/// Functions of strings.
pub static TABLE: &[FunctionRow] = &[
    row!("nchar", "The number of characters.", [S], Facts::INTEGER, |args, _| {
        each(args, |s| Scalar::Integer(nchar(s)))
    }),
    row!(
        "substr",
        "The characters from position `start` to position `stop`, as far as there are any.",
        [S, required("start"), required("stop")],
        Facts::STRING,
        |args, _| {
            let (start, stop) = (args.integer("start")?, args.integer("stop")?);
            each(args, |s| Scalar::string(substr(s, start, stop)))
        }
    ),
    row!(
        "strsplit",
        "A list of the parts between the occurrences of `sep` (of the characters, if `sep` is empty).",
        [S, required("sep")],
        Facts::LIST,
        |args, _| {
            let (s, sep) = (args.text("s")?, args.text("sep")?);
            let entries = strsplit(&s, &sep).into_iter().map(|part| Value::from(Scalar::string(part)).into());
            Ok(vec![Value::List(List::new(entries.collect()))])
        }
    ),
    row!(
        "gsub",
        "The string with every match of the regular expression `pattern` replaced; `$1` or `\\1` in `replacement` is the first group.",
        [required("pattern"), required("replacement"), S],
        Facts::STRING,
        |args, _| {
            let pattern = expression(&args.text("pattern")?)?;
            let replacement = args.text("replacement")?;
            each(args, |s| Scalar::string(gsub(&pattern, &replacement, s)))
        }
    ),
    row!(
        "grepl",
        "Whether the regular expression `pattern` matches anywhere in the string.",
        [required("pattern"), S],
        Facts::BOOLEAN,
        |args, _| {
            let pattern = expression(&args.text("pattern")?)?;
            each(args, |s| Scalar::Boolean(pattern.is_match(s)))
        }
    ),
    row!("toupper", "The string in capital letters.", [S], Facts::STRING, |args, _| {
        each(args, |s| Scalar::string(s.to_uppercase()))
    }),
    row!("tolower", "The string in small letters.", [S], Facts::STRING, |args, _| {
        each(args, |s| Scalar::string(s.to_lowercase()))
    }),
    row!("trim", "The string without blanks at its ends.", [S], Facts::STRING, |args, _| {
        each(args, |s| Scalar::string(s.trim()))
    }),
    FunctionRow::pure(
        "sprintf",
        "The format with its directives filled in, as `print` does it: `sprintf(\"%d of %5.2f\", n, x)`.",
        Params::Many("format"),
        infer_sprintf,
        sprintf,
        sprintf,
    )
    .looking(Locality::Elementwise),
];

/// The number of characters.
pub fn nchar(s: &str) -> i64 {
    s.chars().count() as i64
}

/// The characters from the 1-based position `start` to `stop`; positions beyond the ends are cut off.
pub fn substr(s: &str, start: i64, stop: i64) -> &str {
    let start = start.max(1);
    let taken = stop.saturating_sub(start).saturating_add(1).max(0) as usize;
    let place = |chars: usize| s.char_indices().nth(chars).map_or(s.len(), |(at, _)| at);
    let from = place(start as usize - 1);
    &s[from..place((start as usize - 1).saturating_add(taken))]
}

/// The parts between the occurrences of `sep`, or the characters.
pub fn strsplit<'a>(s: &'a str, sep: &str) -> Vec<&'a str> {
    if sep.is_empty() {
        return s.char_indices().map(|(at, c)| &s[at..at + c.len_utf8()]).collect();
    }
    s.split(sep).collect()
}

/// The string with every match replaced.
pub fn gsub(pattern: &Regex, replacement: &str, s: &str) -> String {
    pattern.replace_all(s, template(replacement).as_str()).into_owned()
}

fn one(scalar: Scalar) -> Outcome<Vec<Value>> {
    Ok(vec![scalar.into()])
}

fn text(text: impl AsRef<str>) -> Outcome<Vec<Value>> {
    one(Scalar::string(text.as_ref()))
}

/// The function of a scalar, or of each cell of a frame.
fn each(args: &Args<'_, Value>, f: impl Fn(&str) -> Scalar) -> Outcome<Vec<Value>> {
    let Value::Frame(frame) = args.at("s")? else { return one(f(&args.text("s")?)) };
    let cell = |cell: Cell| match cell.text().map(|text| f(&text)) {
        None => Cell::Missing,
        Some(Scalar::Integer(value)) => Cell::Integer(value),
        Some(Scalar::Boolean(value)) => Cell::Boolean(value),
        Some(other) => Cell::Text(other.to_string()),
    };
    let kind = match f("").kind() {
        ScalarType::Integer => ColumnType::Int64,
        ScalarType::Boolean => ColumnType::Boolean,
        ScalarType::Double | ScalarType::String => ColumnType::String,
    };
    let columns = frame.columns().iter().map(|column| Column::from_cells(kind, column.cells().map(cell)));
    let mapped = Frame::new(frame.rows(), columns.collect())?.named(frame.names().to_vec())?;
    Ok(vec![Value::Frame(mapped)])
}

/// What is transformed is a scalar or a frame, the other arguments are scalars, positions are numbers.
fn infer(args: &Args<'_, Facts>, result: Facts) -> Outcome<Vec<Facts>> {
    ["start", "stop", "sep", "pattern", "replacement"].iter().try_for_each(|name| args.scalar(name))?;
    let result = match args.at("s")?.kind {
        Kind::Frame { rows, cols } if result.is_scalar() => Facts::frame(rows, cols),
        Kind::Unknown if result.is_scalar() => Facts::UNKNOWN,
        _ => {
            args.scalar("s")?;
            result
        }
    };
    for name in ["start", "stop"] {
        if args.get(name).and_then(Facts::scalar_type) == Some(ScalarType::String) {
            bail!(Type, "`{name}` of `{}` must be a number, found a string", args.function());
        }
    }
    if let Some(pattern) = args.text("pattern") {
        expression(pattern)?;
    }
    Ok(vec![result])
}

fn infer_sprintf(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let format = &args.all()[0];
    if !matches!(format.kind, Kind::Unknown | Kind::Scalar(None | Some(ScalarType::String))) {
        bail!(Type, "`sprintf` begins with a format, found {}", format.describe(); hint: "sprintf(\"%d rows\", n)");
    }
    args.all().iter().try_for_each(|facts| facts.expect_scalar("an argument of `sprintf`"))?;
    Ok(vec![Facts::STRING])
}

fn sprintf(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let scalars = args.all().iter().map(Value::as_scalar).collect::<Outcome<Vec<_>>>()?;
    let [Scalar::String(format), rest @ ..] = &scalars[..] else {
        bail!(Type, "`sprintf` begins with a format"; hint: "sprintf(\"%d rows\", n)");
    };
    text(printf::format(format, rest)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_are_cut_off() {
        let cases = [
            ("abcdef", 2, 4, "bcd"),
            ("abc", 0, 2, "ab"),
            ("abc", 2, 99, "bc"),
            ("abc", 3, 2, ""),
            ("abc", 5, 9, ""),
            ("µ日😀x", 2, 3, "日😀"),
            ("abc", i64::MIN, i64::MAX, "abc"),
        ];
        for (s, start, stop, expected) in cases {
            assert_eq!(substr(s, start, stop), expected, "{s} {start} {stop}");
        }
    }

    #[test]
    fn strings_are_split_and_joined_to_the_same() {
        for (s, sep, expected) in [
            ("a,b,,c", ",", vec!["a", "b", "", "c"]),
            ("abc", "", vec!["a", "b", "c"]),
            ("", ",", vec![""]),
            ("a, b", ", ", vec!["a", "b"]),
        ] {
            assert_eq!(strsplit(s, sep), expected);
            assert_eq!(strsplit(s, sep).join(sep), s);
        }
    }

    #[test]
    fn groups_are_replaced_in_both_notations() {
        let swap = |replacement| gsub(&expression("(a+)(b)").unwrap(), replacement, "xaab ab");
        assert_eq!(swap("$2$1"), "xbaa ba");
        assert_eq!(swap("\\2_\\1x"), "xb_aax b_ax");
        assert_eq!(swap("$1x"), "xaax ax");
        assert_eq!(swap("\\$1 $"), "x$1 $ $1 $");
        assert!(expression("(").is_err());
    }
}
