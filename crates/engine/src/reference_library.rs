//! The functions of the reference's library, as facts: names, order and defaults of parameters, results.
//!
//! Ours have the same heads, so that scripts run unchanged; a test compares them. `docs/algorithms/README.md` tells which
//! are here.

use crate::library;

/// A line for each function: `name(type param=default, ...) -> (type result, ...)`.
const HEADS: &str = include_str!("reference_library.txt");

/// The functions that are not here, with the reason.
pub const NOT_HERE: [(&str, &str); 5] = [
    ("apply_pipeline", CLEANING),
    ("bandit", CLEANING),
    ("executePipeline", CLEANING),
    ("fit_pipeline", CLEANING),
    ("topk_cleaning", CLEANING),
];

const CLEANING: &str = "searches pipelines of cleaning steps; the steps are here";

/// The names of all functions of the reference's library, in its order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = HEADS.lines().filter_map(|line| Some(line.split_once('(')?.0)).collect();
    names.dedup();
    names
}

/// True when our library has a function of this name.
pub fn is_here(name: &str) -> bool {
    library::text(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manual;

    /// A parameter or result: its kind, name and default.
    #[derive(Debug, PartialEq)]
    struct Declared {
        kind: String,
        name: String,
        default: Option<String>,
    }

    /// Splits at commas outside of brackets and quotes.
    fn split(list: &str) -> Vec<String> {
        let (mut depth, mut parts, mut quoted) = (0, vec![String::new()], false);
        for sign in list.chars() {
            quoted ^= sign == '"';
            depth += i32::from("([".contains(sign)) - i32::from(")]".contains(sign));
            match sign {
                ',' if depth == 0 && !quoted => parts.push(String::new()),
                _ => parts.last_mut().expect("one at least").push(sign),
            }
        }
        parts.into_iter().map(|part| part.trim().to_string()).filter(|part| !part.is_empty()).collect()
    }

    fn declared(text: &str) -> Declared {
        let (head, default) = text.split_once('=').map_or((text, None), |(head, value)| (head, Some(value)));
        let (kind, name) = head.trim().rsplit_once(char::is_whitespace).expect("a kind and a name");
        let kind = kind.to_lowercase();
        let kind = kind.strip_prefix("scalar[").map_or(kind.as_str(), |inner| inner.trim_end_matches(']'));
        let kind = kind.split('[').next().unwrap_or_default().trim().to_string();
        let kind = if kind == "int" { "integer".into() } else { kind };
        Declared { kind, name: name.into(), default: default.map(value) }
    }

    /// A default without spaces and names of arguments; numbers as numbers.
    fn value(text: &str) -> String {
        let text: String = text.chars().filter(|sign| !sign.is_whitespace()).collect();
        let text = text.replace("rows=", "").replace("cols=", "").replace("0.0,", "0,");
        let number = text.trim_end_matches('.').parse::<f64>();
        number.map_or(text.to_lowercase(), |number| number.to_string())
    }

    /// Parameters and results of a head: the two lists in brackets that `between` parts.
    fn head(text: &str, between: &str) -> (Vec<Declared>, Vec<Declared>) {
        let (params, results) = text.rsplit_once(between).unwrap_or((text, "()"));
        let list = |text: &str| {
            let inner = text.split_once('(').map_or("", |(_, rest)| rest).trim_end();
            let inner = inner.strip_suffix(')').unwrap_or(inner);
            split(inner).iter().map(|part| declared(part)).collect::<Vec<_>>()
        };
        (list(params), list(results))
    }

    #[test]
    fn heads_are_those_of_the_reference() {
        let mut differences = Vec::new();
        for item in manual::items().iter().filter(|item| item.kind == "library") {
            let wanted: Vec<&str> =
                HEADS.lines().filter(|line| line.split('(').next() == Some(&item.name)).collect();
            let ours = head(&item.signature, "return");
            let is_known = wanted.iter().any(|line| head(line, "->") == ours);
            if !wanted.is_empty() && !is_known {
                differences.push(format!(
                    "{}\n  here      {ours:?}\n  reference {:?}",
                    item.name,
                    head(wanted[0], "->")
                ));
            }
        }
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    #[test]
    fn what_is_not_here_has_a_reason() {
        let absent: Vec<&str> = names().into_iter().filter(|name| !is_here(name)).collect();
        let explained: Vec<&str> = NOT_HERE.iter().map(|(name, _)| *name).collect();
        assert_eq!(absent, explained);
    }
}
