//! Reads the keys of a specification.

use serde_json::{Map, Value};
use tilewright_base::{Outcome, bail, fault};

use super::{Action, BinMethod, Coding, Entry, Impute, Spec};
use crate::keys::{flag, known, quoted, size, suggested, text};
use crate::named::{Named, list};

const KEYS: [&str; 10] =
    ["ids", "recode", "dummycode", "bin", "hash", "K", "impute", "omit", "word_embedding", "bag_of_words"];

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
    let simple = [
        ("recode", Action::Code(Coding::Recode)),
        ("dummycode", Action::Dummycode),
        ("omit", Action::Omit),
        ("word_embedding", Action::Code(Coding::WordEmbedding)),
        ("bag_of_words", Action::Code(Coding::BagOfWords)),
    ];
    for (key, action) in simple {
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
        Ok(Item { key, column: Named::of(key, column, by_number)?, keys })
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

fn columns(keys: &Map<String, Value>, key: &str, by_number: bool) -> Outcome<Vec<Named>> {
    list(keys, key).iter().map(|value| Named::of(key, value, by_number)).collect()
}
