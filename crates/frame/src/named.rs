//! Columns as specifications name them: by number or by name.

use serde_json::{Map, Value};
use tilewright_base::{Fault, Outcome, bail, fault, nearest};

use crate::frame::listed;
use crate::keys::text;

/// A column as a specification names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// Its 1-based number.
    Number(usize),
    Name(String),
}

impl Named {
    /// The column in a value under `key`.
    ///
    /// # Errors
    /// When it is none, or is named in the other way.
    pub(crate) fn of(key: &str, value: &Value, by_number: bool) -> Outcome<Named> {
        match (value, by_number) {
            (Value::Number(number), true) if number.as_f64().is_none_or(|n| n.fract() != 0.0 || n < 1.0) => {
                bail!(Value, "`{key}` lists {value}, which is no column: they are counted from 1")
            }
            (Value::Number(_) | Value::String(_), true) => {
                // Lists of the language have doubles where numbers are computed.
                let number = text(value)
                    .trim()
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.fract() == 0.0 && *number >= 1.0);
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

    /// The 0-based position among columns of these names.
    ///
    /// # Errors
    /// When there is no such column.
    pub(crate) fn position(&self, key: &str, names: &[String]) -> Outcome<usize> {
        match self {
            Named::Number(number) if (1..=names.len()).contains(number) => Ok(number - 1),
            Named::Number(number) => {
                bail!(Value, "`{key}` names column {number}; the columns are 1 to {}", names.len())
            }
            Named::Name(name) => {
                names.iter().position(|own| own == name).ok_or_else(|| unknown(key, name, names))
            }
        }
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

/// What stands under a key; one thing counts as a list of it.
pub(crate) fn list<'a>(keys: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    match keys.get(key) {
        None | Some(Value::Null) => &[],
        // A list of the language without elements.
        Some(Value::Object(keys)) if keys.is_empty() => &[],
        Some(Value::Array(items)) => items,
        Some(other) => std::slice::from_ref(other),
    }
}

fn unknown(key: &str, name: &str, names: &[String]) -> Fault {
    let fault = fault!(Value, "`{key}` names the column \"{name}\", which is not there");
    match nearest(name, names.iter().map(String::as_str)) {
        Some(meant) => fault.hint(format!("did you mean \"{meant}\"?")),
        None => fault.hint(format!("the columns are {}", listed(names))),
    }
}
