//! Reads the keys of a specification.

use serde_json::{Map, Value};
use tilewright_base::{Fault, Outcome, bail, fault, nearest};

use super::{Action, BinMethod, Coding, Entry, Impute, Named, Spec};

const KEYS: [&str; 9] =
    ["ids", "recode", "dummycode", "bin", "hash", "K", "impute", "omit", "word_embedding"];

const BIN_METHODS: [&str; 3] = ["equi-width", "equi-height", "equi-height-approx"];

const IMPUTE_METHODS: [&str; 3] = ["global_mean", "global_mode", "constant"];

/// Buckets are numbered by 32 bits.
const MOST_BUCKETS: u32 = 1 << 31;

/// Each bin has its edges in the meta data.
const MOST_BINS: u32 = 1 << 20;

/// The specification that JSON describes.
pub(super) fn spec(json: &Value) -> Outcome<Spec> {
    let Value::Object(keys) = json else {
        bail!(Value, "a specification is an object, found {json}"; hint: "it is written as `{{ids: true, recode: [1, 3]}}`")
    };
    known(keys, "the specification", &KEYS)?;
    let by_number = match keys.get("ids") {
        None => false,
        Some(value) => flag("ids", value)?,
    };
    let mut entries = Vec::new();
    let simple =
        [("recode", Action::Code(Coding::Recode)), ("dummycode", Action::Dummycode), ("omit", Action::Omit)];
    let embedding = ("word_embedding", Action::Code(Coding::WordEmbedding));
    for (key, action) in simple.into_iter().chain([embedding]) {
        for column in columns(keys, key, by_number)? {
            entries.push(Entry { key, column, action: action.clone() });
        }
    }
    let hashed = columns(keys, "hash", by_number)?;
    if !hashed.is_empty() {
        let Some(buckets) = keys.get("K") else {
            bail!(Value, "`hash` needs `K`, the number of buckets"; hint: "for example `K: 100`")
        };
        let action = Action::Code(Coding::Hash { buckets: size("`K`", buckets, MOST_BUCKETS)? });
        entries.extend(hashed.into_iter().map(|column| Entry {
            key: "hash",
            column,
            action: action.clone(),
        }));
    }
    for (key, action) in [("bin", bin as fn(&Item<'_>) -> Outcome<Action>), ("impute", impute)] {
        for value in list(keys, key) {
            let item = Item::new(key, value, by_number)?;
            entries.push(Entry { key, column: item.column.clone(), action: action(&item)? });
        }
    }
    Ok(Spec { by_number, entries })
}

/// An object in the list of `bin` or `impute`.
struct Item<'a> {
    key: &'static str,
    column: Named,
    keys: &'a Map<String, Value>,
}

impl<'a> Item<'a> {
    fn new(key: &'static str, value: &'a Value, by_number: bool) -> Outcome<Item<'a>> {
        let own: &[&str] = if key == "bin" { &["method", "numbins"] } else { &["method", "value"] };
        let Value::Object(keys) = value else {
            bail!(Value, "`{key}` is a list of objects, found {value} in it"; hint: "each is written as `{{id: 1, method: ...}}`")
        };
        known(keys, &format!("`{key}`"), &[&["id", "name"], own].concat())?;
        let id = if by_number { "id" } else { "name" };
        let Some(column) = keys.get(id).or_else(|| keys.get(if by_number { "name" } else { "id" })) else {
            bail!(Value, "an object of `{key}` names no column"; hint: "give its `{id}`")
        };
        Ok(Item { key, column: self::column(key, column, by_number)?, keys })
    }

    /// One of the words that `method` may be.
    fn method(&self, choices: &[&'static str]) -> Outcome<&'static str> {
        let Some(given) = self.keys.get("method") else {
            bail!(Value, "`{}` of {} has no `method`", self.key, self.column; hint: "it is one of {}", quoted(choices))
        };
        let text = text(given);
        let found = choices.iter().find(|choice| choice.eq_ignore_ascii_case(&text)).copied();
        found.ok_or_else(|| {
            let fault = fault!(Value, "`{}` of {} has the method \"{text}\"", self.key, self.column);
            suggested(fault, &text, choices)
        })
    }
}

fn bin(item: &Item<'_>) -> Outcome<Action> {
    let method = match item.keys.contains_key("method").then(|| item.method(&BIN_METHODS)).transpose()? {
        None | Some("equi-width") => BinMethod::EquiWidth,
        Some(_) => BinMethod::EquiHeight,
    };
    let Some(bins) = item.keys.get("numbins") else {
        bail!(Value, "`bin` of {} has no `numbins`, the number of bins", item.column)
    };
    let bins = size(&format!("`numbins` of {}", item.column), bins, MOST_BINS)?;
    Ok(Action::Code(Coding::Bin { method, bins }))
}

fn impute(item: &Item<'_>) -> Outcome<Action> {
    Ok(Action::Impute(match item.method(&IMPUTE_METHODS)? {
        "global_mean" => Impute::Mean,
        "global_mode" => Impute::Mode,
        _ => match item.keys.get("value").map(text) {
            Some(value) if !value.is_empty() => Impute::Constant(value),
            _ => bail!(Value, "`impute` of {} by a constant has no `value`", item.column),
        },
    }))
}

/// Complains about keys that mean nothing.
fn known(keys: &Map<String, Value>, what: &str, known: &[&str]) -> Outcome<()> {
    match keys.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(suggested(fault!(Value, "{what} has the unknown key `{key}`"), key, known)),
    }
}

fn suggested(fault: Fault, given: &str, choices: &[&str]) -> Fault {
    match nearest(given, choices.iter().copied()) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault.hint(format!("it is one of {}", quoted(choices))),
    }
}

fn quoted(choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ")
}

/// What stands under a key; one thing counts as a list of it.
fn list<'a>(keys: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    match keys.get(key) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(other) => std::slice::from_ref(other),
    }
}

fn columns(keys: &Map<String, Value>, key: &str, by_number: bool) -> Outcome<Vec<Named>> {
    list(keys, key).iter().map(|value| column(key, value, by_number)).collect()
}

fn column(key: &str, value: &Value, by_number: bool) -> Outcome<Named> {
    match (value, by_number) {
        (Value::Number(_) | Value::String(_), true) => {
            // Lists of the language have doubles where numbers are computed.
            let number = text(value)
                .trim()
                .parse::<f64>()
                .ok()
                .filter(|number| number.fract() == 0.0 && *number >= 0.0);
            number.map(|number| Named::Number(number as usize)).ok_or_else(|| {
                fault!(Value, "`{key}` lists {value}, and `ids` is true: columns are given by number"; hint: "leave out `ids` to give them by name")
            })
        }
        (Value::String(name), false) => Ok(Named::Name(name.clone())),
        (Value::Number(_), false) => {
            bail!(Value, "`{key}` lists {value}, and `ids` is not true: columns are given by name"; hint: "`ids: true` makes them numbers")
        }
        _ => {
            bail!(Value, "`{key}` lists {value}, which is no column"; hint: "it is a list of columns such as `[1, 3]`, or of names")
        }
    }
}

fn flag(key: &str, value: &Value) -> Outcome<bool> {
    match text(value).to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => bail!(Value, "`{key}` is {value}; it is true or false"),
    }
}

/// A number of things, at least one.
fn size(what: &str, value: &Value, most: u32) -> Outcome<usize> {
    let number = text(value).trim().parse::<f64>().ok();
    match number.filter(|number| number.fract() == 0.0 && *number >= 1.0 && *number <= f64::from(most)) {
        Some(number) => Ok(number as usize),
        None => bail!(Value, "{what} is {value}; it is a whole number from 1 to {most}"),
    }
}

/// A text or number as text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Named::Number(number) => write!(f, "column {number}"),
            Named::Name(name) => write!(f, "column \"{name}\""),
        }
    }
}
