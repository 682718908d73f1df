//! What specifications of all kinds have in common: keys that are known or not, words of a choice, numbers and texts.

use serde_json::{Map, Value};
use tilewright_base::{Fault, Outcome, bail, fault, nearest};

/// Complains about keys that mean nothing.
pub(crate) fn known(keys: &Map<String, Value>, what: &str, known: &[&str]) -> Outcome<()> {
    match keys.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(suggested(fault!(Value, "{what} has the unknown key `{key}`"), key, known)),
    }
}

/// A fault with what was meant, or what there is.
pub(crate) fn suggested(fault: Fault, given: &str, choices: &[&str]) -> Fault {
    match nearest(given, choices.iter().copied()) {
        Some(meant) => fault.hint(format!("did you mean `{meant}`?")),
        None => fault.hint(format!("it is one of {}", quoted(choices))),
    }
}

/// Words for a message.
pub(crate) fn quoted(choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ")
}

/// A truth value.
pub(crate) fn flag(key: &str, value: &Value) -> Outcome<bool> {
    match text(value).to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => bail!(Value, "`{key}` is {value}; it is true or false"),
    }
}

/// A number of things, at least one.
pub(crate) fn size(what: &str, value: &Value, most: u32) -> Outcome<usize> {
    let number = text(value).trim().parse::<f64>().ok();
    match number.filter(|number| number.fract() == 0.0 && *number >= 1.0 && *number <= f64::from(most)) {
        Some(number) => Ok(number as usize),
        None => bail!(Value, "{what} is {value}; it is a whole number from 1 to {most}"),
    }
}

/// A text or number as text.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
