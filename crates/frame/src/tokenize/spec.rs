//! Specifications of tokens: how texts are split, and what is told of the tokens.

use std::ops::RangeInclusive;

use regex::Regex;
use serde_json::{Map, Value};
use tilewright_base::{Outcome, bail, fault};

use crate::keys::{flag, known, quoted, size, suggested, text};
use crate::named::{Named, list};
use crate::transform::json;
use crate::{Frame, pattern};

const KEYS: [&str; 7] =
    ["algo", "algo_params", "out", "out_params", "id_cols", "tokenize_col", "format_wide"];
const ALGORITHMS: [&str; 2] = ["split", "ngram"];
const OUTPUTS: [&str; 3] = ["count", "position", "hash"];

/// How specifications are written.
const EXAMPLE: &str = "{algo: split, out: count, id_cols: [1], tokenize_col: 2}";

/// White space.
const SPACE: &str = "\\s+";

/// Buckets of hashes, where nothing is said.
const BUCKETS: usize = 1 << 20;

/// Buckets are numbered by 32 bits.
const MOST_BUCKETS: u32 = 1 << 31;

/// Longer sequences of tokens say nothing.
const LONGEST_GRAM: u32 = 1 << 10;

/// Each column has memory of its own.
const MOST_COLUMNS: usize = 1 << 20;

/// What is told of the tokens of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// How often each is there; by first appearance, or sorted.
    Count {
        /// Whether tokens are sorted by their characters.
        sorted: bool,
    },
    /// Where each begins.
    Position,
    /// How many have each hash.
    Hash {
        /// The number of buckets.
        buckets: usize,
    },
}

/// A specification.
#[derive(Debug, Clone)]
pub struct Spec {
    pub(super) regex: Regex,
    /// How many parts make a token.
    pub(super) lengths: RangeInclusive<usize>,
    pub(super) output: Output,
    pub(super) is_wide: bool,
    ids: Vec<Named>,
    column: Named,
}

/// The 0-based positions of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Of those that tell where a token comes from.
    pub(super) ids: Vec<usize>,
    /// Of the texts.
    pub(super) column: usize,
}

impl Spec {
    /// Reads a text, as [`json`] allows to write it.
    ///
    /// # Errors
    /// Names the key that is wrong or missing, and what may stand there.
    pub fn parse(text: &str) -> Outcome<Spec> {
        Spec::from_json(&json::parse(text, EXAMPLE)?)
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// As [`Spec::parse`].
    pub fn from_json(json: &Value) -> Outcome<Spec> {
        let Value::Object(keys) = json else {
            bail!(Value, "a specification is an object, found {json}"; hint: "it is written as `{EXAMPLE}`")
        };
        known(keys, "the specification", &KEYS)?;
        let algorithm = choice(keys, "algo", &ALGORITHMS)?;
        let output = choice(keys, "out", &OUTPUTS)?;
        let (regex, lengths) = splitting(algorithm, &params(keys, "algo_params")?)?;
        let output = self::output(output, &params(keys, "out_params")?)?;
        let is_wide = keys.get("format_wide").map_or(Ok(false), |value| flag("format_wide", value))?;
        if is_wide && matches!(output, Output::Count { .. }) {
            bail!(Value, "`format_wide` is true, and counts have no places side by side"; hint: "`out: position` or `out: hash` have; `bag_of_words` of `transformencode` counts words in a column each")
        }
        required(keys, "id_cols")?;
        let ids =
            list(keys, "id_cols").iter().map(|value| column("id_cols", value)).collect::<Outcome<_>>()?;
        let column = column("tokenize_col", required(keys, "tokenize_col")?)?;
        Ok(Spec { regex, lengths, output, is_wide, ids, column })
    }

    /// True when all columns are given by number.
    pub fn is_by_number(&self) -> bool {
        self.ids.iter().chain([&self.column]).all(|named| matches!(named, Named::Number(_)))
    }

    /// The columns among some of these names.
    ///
    /// # Errors
    /// When one does not exist.
    pub fn places(&self, names: &[String]) -> Outcome<Places> {
        let id = |named: &Named| named.position("id_cols", names);
        let ids = self.ids.iter().map(id).collect::<Outcome<_>>()?;
        Ok(Places { ids, column: self.column.position("tokenize_col", names)? })
    }

    /// How many columns stand behind those that are copied, if that does not depend on the texts.
    ///
    /// # Errors
    /// When they would be too many, or too few for all hashes.
    pub fn own_columns(&self, most: Option<usize>) -> Outcome<Option<usize>> {
        let width = self.width(most)?;
        Ok(if self.is_wide { width } else { Some(2) })
    }

    /// How many columns are copied.
    pub fn ids(&self) -> usize {
        self.ids.len()
    }

    /// True when each row of the frame becomes one.
    pub fn is_wide(&self) -> bool {
        self.is_wide
    }

    /// How many columns of tokens stand side by side, if that does not depend on the texts.
    ///
    /// # Errors
    /// When they are too many, or too few for all hashes.
    pub(super) fn width(&self, most: Option<usize>) -> Outcome<Option<usize>> {
        if most == Some(0) {
            bail!(Value, "`max_tokens` is 0; it is 1 or more, or left out")
        }
        let width = match (self.output, most) {
            _ if !self.is_wide => return Ok(None),
            (Output::Hash { buckets }, Some(most)) if most < buckets => {
                bail!(Value, "`format_wide` has a column for each of {buckets} hashes, and `max_tokens` is {most}"; hint: "`out_params: {{num_features: {most}}}` makes as many hashes")
            }
            (Output::Hash { buckets }, None) => Some(buckets),
            (_, most) => most,
        };
        match width {
            Some(width) if width > MOST_COLUMNS => {
                bail!(Value, "`format_wide` would make {width} columns of tokens; at most {MOST_COLUMNS} are possible"; hint: "`max_tokens` says how many there are")
            }
            width => Ok(width),
        }
    }

    /// The names of the columns of the result: those that are copied keep theirs.
    pub(super) fn names(&self, frame: &Frame, places: &Places, width: usize) -> Vec<String> {
        let mut names: Vec<String> = places.ids.iter().map(|&id| frame.names()[id].clone()).collect();
        let own = match self.output {
            Output::Count { .. } => ["token", "count"],
            Output::Position => ["position", "token"],
            Output::Hash { .. } => ["hash", "count"],
        };
        match (self.is_wide, self.output) {
            (false, _) => names.extend(own.map(String::from)),
            (true, Output::Hash { .. }) => names.extend((1..=width).map(|at| format!("hash{at}"))),
            (true, _) => names.extend((1..=width).map(|at| format!("token{at}"))),
        }
        names
    }
}

/// Several parts as one token.
pub(super) fn gram<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = parts.map(|part| format!("'{part}'")).collect();
    format!("({})", quoted.join(", "))
}

fn required<'a>(keys: &'a Map<String, Value>, key: &str) -> Outcome<&'a Value> {
    keys.get(key).ok_or_else(
        || fault!(Value, "the specification has no `{key}`"; hint: "it is written as `{EXAMPLE}`"),
    )
}

/// One of the words that may stand under a key.
fn choice<'a>(keys: &Map<String, Value>, key: &str, choices: &[&'a str]) -> Outcome<&'a str> {
    let Some(given) = keys.get(key).map(text) else {
        bail!(Value, "the specification has no `{key}`"; hint: "it is one of {}", quoted(choices))
    };
    let found = choices.iter().find(|choice| choice.eq_ignore_ascii_case(&given)).copied();
    found.ok_or_else(|| suggested(fault!(Value, "`{key}` is \"{given}\""), &given, choices))
}

/// The object under a key, empty where there is none.
fn params(keys: &Map<String, Value>, key: &'static str) -> Outcome<Params> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(Params { key, keys: Map::new() }),
        Some(Value::Object(own)) => Ok(Params { key, keys: own.clone() }),
        // A list of the language without elements.
        Some(Value::Array(items)) if items.is_empty() => Ok(Params { key, keys: Map::new() }),
        Some(other) => bail!(Value, "`{key}` is {other}; it is an object such as `{{regex: \",\"}}`"),
    }
}

/// Parameters of an algorithm or of an output.
struct Params {
    key: &'static str,
    keys: Map<String, Value>,
}

impl Params {
    /// Complains about keys that `of` does not know.
    fn known(&self, of: &str, own: &[&str]) -> Outcome<()> {
        match self.keys.keys().next() {
            Some(key) if own.is_empty() => {
                bail!(Value, "`{}` has the key `{key}`, and {of} has no parameters", self.key)
            }
            _ => known(&self.keys, &format!("`{}` of {of}", self.key), own),
        }
    }

    fn size(&self, key: &str, default: usize, most: u32) -> Outcome<usize> {
        self.keys.get(key).map_or(Ok(default), |value| size(&format!("`{key}`"), value, most))
    }
}

/// What separates the parts of a text, and how many parts make a token.
fn splitting(algorithm: &str, params: &Params) -> Outcome<(Regex, RangeInclusive<usize>)> {
    let lengths = if algorithm == "split" {
        params.known("`split`", &["regex"])?;
        1..=1
    } else {
        params.known("`ngram`", &["regex", "min_gram", "max_gram"])?;
        let least = params.size("min_gram", 1, LONGEST_GRAM)?;
        let most = params.size("max_gram", least.max(2), LONGEST_GRAM)?;
        if least > most {
            bail!(Value, "`min_gram` is {least}, more than `max_gram`, {most}")
        }
        least..=most
    };
    let regex = match params.keys.get("regex") {
        None => pattern::expression(SPACE)?,
        Some(Value::String(given)) => pattern::expression(given)?,
        Some(other) => bail!(Value, "`regex` is {other}; it is a text"),
    };
    Ok((regex, lengths))
}

fn output(output: &str, params: &Params) -> Outcome<Output> {
    Ok(match output {
        "count" => {
            params.known("`count`", &["sort_alpha"])?;
            let sorted =
                params.keys.get("sort_alpha").map_or(Ok(false), |value| flag("sort_alpha", value))?;
            Output::Count { sorted }
        }
        "position" => {
            params.known("`position`", &[])?;
            Output::Position
        }
        _ => {
            params.known("`hash`", &["num_features"])?;
            Output::Hash { buckets: params.size("num_features", BUCKETS, MOST_BUCKETS)? }
        }
    })
}

/// A column by number, or by name.
fn column(key: &str, value: &Value) -> Outcome<Named> {
    match value {
        Value::String(name) => Ok(Named::Name(name.clone())),
        Value::Number(_) => Ok(Named::Number(size(&format!("`{key}`"), value, u32::MAX)?)),
        _ => bail!(Value, "`{key}` is {value}; columns are given by number, or by name"),
    }
}
