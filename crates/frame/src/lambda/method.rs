//! What expressions can call: methods of values, and functions of classes. One row each.

use regex::Regex;
use tilewright_base::Outcome;

use super::value::Type::{self, Any, Char, Double, Doubles, Text, Texts, Truth, Whole};
use super::value::Val;
use super::{date, math};
use crate::cell::number_of;
use crate::pattern;

/// What a method or function is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A value of a type.
    Value(Type),
    /// A class.
    Class(&'static str),
}

/// The values that a call is made with, the one that it is a method of first; and its regular expression, if that is
/// written out.
pub struct Given<'r, 'a> {
    pub(super) values: Vec<Val<'a>>,
    pub(super) pattern: Option<&'r Regex>,
}

/// What a call gives, or why there is nothing.
pub type Gives<'a> = Result<Val<'a>, String>;

/// What a regular expression has to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// There is none.
    No,
    /// Parts of the text.
    Parts,
    /// All of it.
    Whole,
}

impl Pattern {
    /// The compiled expression.
    pub(super) fn compile(self, text: &str) -> Outcome<Regex> {
        match self {
            Pattern::Whole => {
                pattern::expression(text)?;
                pattern::expression(&format!("\\A(?:{text})\\z"))
            }
            _ => pattern::expression(text),
        }
    }
}

/// A method or function.
pub struct Method {
    /// What it is of.
    pub of: Of,
    /// Its name.
    pub name: &'static str,
    /// The types of its arguments.
    pub takes: &'static [Type],
    /// The type of its value.
    pub gives: Type,
    /// Whether its first argument is a regular expression.
    pub pattern: Pattern,
    /// What it does.
    pub run: for<'r, 'a> fn(Given<'r, 'a>) -> Gives<'a>,
}

impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl<'a> Given<'_, 'a> {
    fn text(&self, at: usize) -> &str {
        match &self.values[at] {
            Val::Text(text) => text,
            _ => "",
        }
    }

    fn whole(&self, at: usize) -> i64 {
        self.values[at].whole()
    }

    fn double(&self, at: usize) -> f64 {
        self.values[at].double()
    }

    fn char(&self, at: usize) -> char {
        match self.values[at] {
            Val::Char(value) => value,
            _ => '\0',
        }
    }

    fn take(&mut self, at: usize) -> Val<'a> {
        std::mem::replace(&mut self.values[at], Val::Null)
    }

    fn texts(&self, at: usize) -> &[String] {
        match &self.values[at] {
            Val::Texts(texts) => texts,
            _ => &[],
        }
    }

    fn doubles(&self, at: usize) -> &[f64] {
        match &self.values[at] {
            Val::Doubles(numbers) => numbers,
            _ => &[],
        }
    }

    /// Does something with the regular expression that is the first argument.
    fn matching<T>(&self, pattern: Pattern, run: impl FnOnce(&Regex) -> T) -> Result<T, String> {
        match self.pattern {
            Some(pattern) => Ok(run(pattern)),
            None => {
                pattern.compile(self.text(1)).map(|pattern| run(&pattern)).map_err(|f| f.message().into())
            }
        }
    }
}

/// The part of a text between two positions that count characters.
fn part(text: &str, from: i64, to: Option<i64>) -> Gives<'static> {
    let length = text.chars().count() as i64;
    let to = to.unwrap_or(length);
    if from < 0 || to > length || from > to {
        return Err(format!("characters {from} to {to} are not in a text of {length}"));
    }
    let place = |chars: i64| text.char_indices().nth(chars as usize).map_or(text.len(), |(at, _)| at);
    Ok(Val::of(&text[place(from)..place(to)]))
}

/// The character position of a byte position, -1 if there is none.
fn position(text: &str, at: Option<usize>) -> Gives<'static> {
    Ok(Val::Whole(at.map_or(-1, |at| text[..at].chars().count() as i64)))
}

fn find_from(text: &str, what: &str, from: i64) -> Gives<'static> {
    let start = text.char_indices().nth(from.max(0) as usize).map_or(text.len(), |(at, _)| at);
    position(text, text[start..].find(what).map(|at| start + at))
}

fn character(text: &str, at: i64) -> Gives<'static> {
    match usize::try_from(at).ok().and_then(|at| text.chars().nth(at)) {
        Some(c) => Ok(Val::Char(c)),
        None => Err(format!("there is no character {at} in a text of {}", text.chars().count())),
    }
}

fn hash(text: &str) -> i64 {
    let step = |hash: i32, unit: u16| hash.wrapping_mul(31).wrapping_add(i32::from(unit));
    i64::from(text.encode_utf16().fold(0i32, step))
}

/// How two texts are ordered: the difference of the first units that differ, else of the lengths.
fn compare(a: &str, b: &str) -> i64 {
    let differing = a.encode_utf16().zip(b.encode_utf16()).find(|(a, b)| a != b);
    let length = |text: &str| text.encode_utf16().count() as i64;
    differing.map_or(length(a) - length(b), |(a, b)| i64::from(a) - i64::from(b))
}

fn parse_double(text: &str) -> Gives<'static> {
    let trimmed = text.trim();
    let is_word = matches!(trimmed.to_ascii_lowercase().as_str(), "" | "true" | "false");
    match number_of(trimmed) {
        Some(number) if !is_word => Ok(Val::Double(number)),
        _ => Err(format!("\"{text}\" is no number")),
    }
}

fn parse_whole(text: &str) -> Gives<'static> {
    text.parse().map(Val::Whole).map_err(|_| format!("\"{text}\" is no whole number"))
}

/// The characters that two texts share among those that one of them has (P. Jaccard, 1901).
fn jaccard(a: &str, b: &str) -> f64 {
    let distinct = |text: &str| text.chars().collect::<std::collections::BTreeSet<char>>();
    let (a, b) = (distinct(a), distinct(b));
    let all = a.union(&b).count();
    if all == 0 { 1.0 } else { a.intersection(&b).count() as f64 / all as f64 }
}

macro_rules! row {
    ($of:expr, $name:literal, [$($takes:expr),*], $gives:expr, $run:expr) => {
        Method { of: $of, name: $name, takes: &[$($takes),*], gives: $gives, pattern: Pattern::No, run: $run }
    };
    ($of:expr, $name:literal, [$($takes:expr),*], $gives:expr, $pattern:expr, $run:expr) => {
        Method { of: $of, name: $name, takes: &[$($takes),*], gives: $gives, pattern: $pattern, run: $run }
    };
}

const TEXT: Of = Of::Value(Text);

/// Methods of texts.
static OF_TEXTS: &[Method] = &[
    row!(TEXT, "length", [], Whole, |a| Ok(Val::Whole(a.text(0).chars().count() as i64))),
    row!(TEXT, "isEmpty", [], Truth, |a| Ok(Val::Truth(a.text(0).is_empty()))),
    row!(TEXT, "isBlank", [], Truth, |a| Ok(Val::Truth(a.text(0).trim().is_empty()))),
    row!(TEXT, "toLowerCase", [], Text, |a| Ok(Val::of(a.text(0).to_lowercase()))),
    row!(TEXT, "toUpperCase", [], Text, |a| Ok(Val::of(a.text(0).to_uppercase()))),
    row!(TEXT, "trim", [], Text, |a| Ok(Val::of(a.text(0).trim_matches(|c| c <= ' ')))),
    row!(TEXT, "strip", [], Text, |a| Ok(Val::of(a.text(0).trim()))),
    row!(TEXT, "toString", [], Text, |mut a| Ok(a.take(0))),
    row!(TEXT, "substring", [Whole], Text, |a| part(a.text(0), a.whole(1), None)),
    row!(TEXT, "substring", [Whole, Whole], Text, |a| part(a.text(0), a.whole(1), Some(a.whole(2)))),
    row!(TEXT, "charAt", [Whole], Char, |a| character(a.text(0), a.whole(1))),
    row!(TEXT, "indexOf", [Text], Whole, |a| find_from(a.text(0), a.text(1), 0)),
    row!(TEXT, "indexOf", [Text, Whole], Whole, |a| find_from(a.text(0), a.text(1), a.whole(2))),
    row!(TEXT, "indexOf", [Char], Whole, |a| find_from(a.text(0), a.char(1).encode_utf8(&mut [0; 4]), 0)),
    row!(TEXT, "indexOf", [Char, Whole], Whole, |a| find_from(
        a.text(0),
        a.char(1).encode_utf8(&mut [0; 4]),
        a.whole(2)
    )),
    row!(TEXT, "lastIndexOf", [Text], Whole, |a| position(a.text(0), a.text(0).rfind(a.text(1)))),
    row!(TEXT, "lastIndexOf", [Char], Whole, |a| position(a.text(0), a.text(0).rfind(a.char(1)))),
    row!(TEXT, "contains", [Text], Truth, |a| Ok(Val::Truth(a.text(0).contains(a.text(1))))),
    row!(TEXT, "startsWith", [Text], Truth, |a| Ok(Val::Truth(a.text(0).starts_with(a.text(1))))),
    row!(TEXT, "endsWith", [Text], Truth, |a| Ok(Val::Truth(a.text(0).ends_with(a.text(1))))),
    row!(TEXT, "equals", [Any], Truth, |a| Ok(Val::Truth(a.values[0] == a.values[1]))),
    row!(TEXT, "equalsIgnoreCase", [Text], Truth, |a| Ok(Val::Truth(
        a.text(0).to_lowercase() == a.text(1).to_lowercase()
    ))),
    row!(TEXT, "compareTo", [Text], Whole, |a| Ok(Val::Whole(compare(a.text(0), a.text(1))))),
    row!(TEXT, "concat", [Text], Text, |a| Ok(Val::of(format!("{}{}", a.text(0), a.text(1))))),
    row!(TEXT, "repeat", [Whole], Text, |a| match usize::try_from(a.whole(1)) {
        Ok(times) if times.saturating_mul(a.text(0).len()) < 1 << 24 => Ok(Val::of(a.text(0).repeat(times))),
        _ => Err(format!("a text cannot be repeated {} times", a.whole(1))),
    }),
    row!(TEXT, "hashCode", [], Whole, |a| Ok(Val::Whole(hash(a.text(0))))),
    row!(TEXT, "replace", [Text, Text], Text, |a| Ok(Val::of(a.text(0).replace(a.text(1), a.text(2))))),
    row!(TEXT, "replace", [Char, Char], Text, |a| Ok(Val::of(
        a.text(0).replace(a.char(1), a.char(2).encode_utf8(&mut [0; 4]))
    ))),
    row!(TEXT, "replaceAll", [Text, Text], Text, Pattern::Parts, |a| {
        let template = pattern::template(a.text(2));
        a.matching(Pattern::Parts, |pattern| Val::of(pattern.replace_all(a.text(0), template.as_str())))
    }),
    row!(TEXT, "replaceFirst", [Text, Text], Text, Pattern::Parts, |a| {
        let template = pattern::template(a.text(2));
        a.matching(Pattern::Parts, |pattern| Val::of(pattern.replace(a.text(0), template.as_str())))
    }),
    row!(TEXT, "matches", [Text], Truth, Pattern::Whole, |a| {
        a.matching(Pattern::Whole, |pattern| Val::Truth(pattern.is_match(a.text(0))))
    }),
    row!(TEXT, "split", [Text], Texts, Pattern::Parts, |a| split(&a, 0)),
    row!(TEXT, "split", [Text, Whole], Texts, Pattern::Parts, |a| split(&a, a.whole(2))),
];

fn split<'a>(a: &Given<'_, 'a>, limit: i64) -> Gives<'a> {
    let owned = |parts: Vec<&str>| parts.into_iter().map(str::to_string).collect();
    a.matching(Pattern::Parts, |pattern| Val::Texts(owned(pattern::split(pattern, limit, a.text(0)))))
}

const STRING: Of = Of::Class("String");
const NUMBER: Of = Of::Class("Double");
const INTEGER: Of = Of::Class("Integer");
const LONG: Of = Of::Class("Long");
const TRUTH: Of = Of::Class("Boolean");
const CHARACTER: Of = Of::Class("Character");
const HELPERS: Of = Of::Class("UtilFunctions");
const ARRAYS: Of = Of::Class("Arrays");

/// Functions of classes that are no mathematics.
static OF_CLASSES: &[Method] = &[
    row!(STRING, "valueOf", [Any], Text, |mut a| Ok(Val::Text(a.take(0).text()))),
    row!(STRING, "join", [Text, Texts], Text, |a| Ok(Val::of(a.texts(1).join(a.text(0))))),
    row!(NUMBER, "parseDouble", [Text], Double, |a| parse_double(a.text(0))),
    row!(NUMBER, "valueOf", [Text], Double, |a| parse_double(a.text(0))),
    row!(NUMBER, "valueOf", [Double], Double, |a| Ok(Val::Double(a.double(0)))),
    row!(NUMBER, "toString", [Double], Text, |mut a| Ok(Val::Text(a.take(0).text()))),
    row!(NUMBER, "isNaN", [Double], Truth, |a| Ok(Val::Truth(a.double(0).is_nan()))),
    row!(INTEGER, "parseInt", [Text], Whole, |a| parse_whole(a.text(0))),
    row!(INTEGER, "valueOf", [Text], Whole, |a| parse_whole(a.text(0))),
    row!(INTEGER, "toString", [Whole], Text, |mut a| Ok(Val::Text(a.take(0).text()))),
    row!(LONG, "parseLong", [Text], Whole, |a| parse_whole(a.text(0))),
    row!(LONG, "valueOf", [Text], Whole, |a| parse_whole(a.text(0))),
    row!(TRUTH, "parseBoolean", [Text], Truth, |a| Ok(Val::Truth(a.text(0).eq_ignore_ascii_case("true")))),
    row!(CHARACTER, "isDigit", [Char], Truth, |a| Ok(Val::Truth(a.char(0).is_numeric()))),
    row!(CHARACTER, "isLetter", [Char], Truth, |a| Ok(Val::Truth(a.char(0).is_alphabetic()))),
    row!(CHARACTER, "isLetterOrDigit", [Char], Truth, |a| Ok(Val::Truth(a.char(0).is_alphanumeric()))),
    row!(CHARACTER, "isUpperCase", [Char], Truth, |a| Ok(Val::Truth(a.char(0).is_uppercase()))),
    row!(CHARACTER, "isLowerCase", [Char], Truth, |a| Ok(Val::Truth(a.char(0).is_lowercase()))),
    row!(CHARACTER, "isWhitespace", [Char], Truth, |a| Ok(Val::Truth(a.char(0).is_whitespace()))),
    row!(CHARACTER, "toUpperCase", [Char], Char, |a| {
        Ok(Val::Char(a.char(0).to_uppercase().next().unwrap_or(a.char(0))))
    }),
    row!(CHARACTER, "toLowerCase", [Char], Char, |a| {
        Ok(Val::Char(a.char(0).to_lowercase().next().unwrap_or(a.char(0))))
    }),
    row!(CHARACTER, "getNumericValue", [Char], Whole, |a| {
        Ok(Val::Whole(a.char(0).to_digit(36).map_or(-1, i64::from)))
    }),
    row!(ARRAYS, "stream", [Doubles], Doubles, |mut a| Ok(a.take(0))),
    row!(ARRAYS, "toString", [Texts], Text, |mut a| Ok(Val::Text(a.take(0).text()))),
    row!(Of::Value(Doubles), "sum", [], Double, |a| Ok(Val::Double(a.doubles(0).iter().sum()))),
    row!(HELPERS, "toMillis", [Text], Whole, |a| match date::milliseconds(a.text(0)) {
        Some(value) => Ok(Val::Whole(value)),
        None => Err(format!("\"{}\" is no date in a known form", a.text(0))),
    }),
    row!(HELPERS, "jaccardSim", [Text, Text], Double, |a| Ok(Val::Double(jaccard(a.text(0), a.text(1))))),
    row!(HELPERS, "isBoolean", [Text], Truth, |a| {
        Ok(Val::Truth(matches!(a.text(0).to_lowercase().as_str(), "true" | "false")))
    }),
    // Digits only, without a sign and however many: what the scripts that call it rely on.
    row!(HELPERS, "isIntegerNumber", [Text], Truth, |a| {
        Ok(Val::Truth(a.text(0).bytes().all(|byte| byte.is_ascii_digit())))
    }),
    row!(HELPERS, "convertStringToDoubleArray", [Texts], Doubles, |a| {
        let parsed = a.texts(0).iter().map(|text| parse_double(text).map(|value| value.double()));
        Ok(Val::Doubles(parsed.collect::<Result<_, _>>()?))
    }),
    row!(HELPERS, "copyAsStringToArray", [Texts, Any], Texts, |mut a| {
        let text = a.take(1).text().into_owned();
        Ok(Val::Texts(vec![text; a.texts(0).len()]))
    }),
];

/// All rows.
pub(super) fn all() -> impl Iterator<Item = &'static Method> {
    OF_TEXTS.iter().chain(OF_CLASSES).chain(math::TABLE)
}

/// Whether there is a class of a name.
pub(super) fn is_class(name: &str) -> bool {
    all().any(|method| matches!(method.of, Of::Class(class) if class == name))
}

/// What can be called on a value or a class: `length(), charAt(int)`.
pub(super) fn listed(of: Of) -> String {
    let one = |method: &Method| {
        let takes: Vec<&str> = method.takes.iter().map(|kind| kind.short()).collect();
        format!("{}({})", method.name, takes.join(", "))
    };
    all().filter(|method| method.of == of).map(one).collect::<Vec<_>>().join(", ")
}
