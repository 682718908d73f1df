//! Texts of specifications: JSON, and how people write it. Keys and words need no quotes, single quotes will do.
//!
//! The text is made strict first; each byte of the strict text knows the byte it came from, so that an error shows the
//! place in the text as it was written.

use std::collections::HashSet;

use serde_json::Value;
use tilewright_base::{Outcome, bail, fault};

/// How much of the text behind an error is shown.
const SHOWN: usize = 20;

/// The value that a text describes.
///
/// # Errors
/// Says what is wrong, before which part of the text, and shows an `example`.
pub fn parse(text: &str, example: &str) -> Outcome<Value> {
    let strict = Strict::of(text);
    if let Some(key) = strict.repeated() {
        bail!(Value, "the key `{key}` stands twice in the specification"; hint: "a key has one list of all its columns")
    }
    serde_json::from_str(&strict.text).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        // Line breaks became blanks, so the column is a position.
        let at = strict.origins.get(error.column().saturating_sub(1)).copied().unwrap_or(text.len());
        let at = if error.is_eof() { text.len() } else { at };
        let rest: String = text[at..].chars().take(SHOWN).collect();
        let place = if rest.is_empty() { "at its end".into() } else { format!("at `{rest}`") };
        fault!(Value, "the specification is no JSON: {reason} {place}"; hint: "it is written as `{example}`")
    })
}

/// Strict JSON on one line.
struct Strict {
    text: String,
    /// For each byte the place of the character that it stands for.
    origins: Vec<usize>,
}

impl Strict {
    fn of(text: &str) -> Strict {
        let mut strict = Strict { text: String::new(), origins: Vec::new() };
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            at += match first {
                '"' | '\'' => strict.quoted(text, at, first),
                _ if ends_word(first) => {
                    strict.push(if first.is_whitespace() { ' ' } else { first }, at);
                    first.len_utf8()
                }
                _ => strict.word(text, at),
            };
        }
        strict
    }

    /// A key that an object has twice: of such keys JSON keeps the last one only.
    fn repeated(&self) -> Option<&str> {
        let mut open: Vec<HashSet<&str>> = Vec::new();
        let mut at = 0;
        while let Some(first) = self.text[at..].chars().next() {
            at += first.len_utf8();
            match first {
                '{' | '[' => open.push(HashSet::new()),
                '}' | ']' => drop(open.pop()),
                '"' => {
                    let mut is_escaped = false;
                    let is_end = |char: char| {
                        let is_end = char == '"' && !is_escaped;
                        is_escaped = !is_escaped && char == '\\';
                        is_end
                    };
                    let key = &self.text[at..at + self.text[at..].find(is_end)?];
                    at += key.len() + 1;
                    let is_key = self.text[at..].trim_start().starts_with(':');
                    if is_key && open.last_mut().is_some_and(|keys| !keys.insert(key)) {
                        return Some(key);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn push(&mut self, char: char, from: usize) {
        self.text.push(char);
        self.origins.resize(self.text.len(), from);
    }

    /// A text in quotes of either kind that begins at `start`; the length it has.
    fn quoted(&mut self, text: &str, start: usize, quote: char) -> usize {
        self.push('"', start);
        let mut is_escaped = false;
        for (offset, char) in text[start..].char_indices().skip(1) {
            let from = start + offset;
            match char {
                _ if is_escaped => {
                    if char != '\'' {
                        self.push('\\', from);
                    }
                    self.push(char, from);
                }
                '\\' => {}
                _ if char == quote => {
                    self.push('"', from);
                    return offset + 1;
                }
                '"' => {
                    self.push('\\', from);
                    self.push('"', from);
                }
                _ => self.push(char, from),
            }
            is_escaped = !is_escaped && char == '\\';
        }
        text.len() - start
    }

    /// A word without quotes that begins at `start`: a literal of JSON, or a text; the length it has.
    fn word(&mut self, text: &str, start: usize) -> usize {
        let rest = &text[start..];
        let word = &rest[..rest.find(ends_word).unwrap_or(rest.len())];
        let lower = word.to_lowercase();
        let is_literal = matches!(lower.as_str(), "true" | "false" | "null");
        let is_number = serde_json::from_str::<serde_json::Number>(word).is_ok();
        let (quote, shown) = match (is_literal, is_number) {
            (true, _) => ("", lower.as_str()),
            (_, true) => ("", word),
            _ => ("\"", word),
        };
        for char in quote.chars().chain(shown.chars()).chain(quote.chars()) {
            if char == '\\' {
                self.push('\\', start);
            }
            self.push(char, start);
        }
        word.len()
    }
}

fn ends_word(char: char) -> bool {
    char.is_whitespace() || matches!(char, '{' | '}' | '[' | ']' | ',' | ':' | '"' | '\'')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn people_leave_out_quotes() {
        let cases = [
            ("{}", json!({})),
            ("{ids:true,recode:[1,zip]}", json!({"ids": true, "recode": [1, "zip"]})),
            (
                "{'a b': 'it\\'s \"x\"',\n c: -2.5e3, d: equi-width}",
                json!({"a b": "it's \"x\"", "c": -2500.0, "d": "equi-width"}),
            ),
            (r#"{"a": "tab\t\u00e9 \\ 'q'", ü: FALSE}"#, json!({"a": "tab\té \\ 'q'", "ü": false})),
            (r"[a\b, 01, null]", json!(["a\\b", "01", null])),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text, "{}"), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_key_stands_once_in_an_object() {
        for text in ["{recode: [1], recode: [2]}", "{bin: [{a: 1, 'a': 2}]}", r#"{"x\\": 1, "x\\" : 2}"#] {
            let fault = parse(text, "{}").expect_err(text);
            assert!(fault.message().contains("stands twice"), "{text}: {fault}");
        }
        for text in ["{bin: [{a: 1}, {a: 2}], a: a, b: 'a'}", "{a: [a, a], \"b\": {a: \"}\"}}"] {
            assert!(parse(text, "{}").is_ok(), "{text}");
        }
    }

    #[test]
    fn errors_show_the_place_as_written() {
        let cases = [
            ("{ids:true recode:[1]}", "at `recode:[1]}`"),
            ("{ids: true, recode: [1, 2}", "at `}`"),
            ("{ids: true", "at its end"),
            ("{a: 'x", "at its end"),
            ("", "at its end"),
            ("{ü: [é é]}", "at `é]}`"),
        ];
        for (text, place) in cases {
            let message = parse(text, "{}").expect_err(text).message().to_string();
            assert!(message.ends_with(place), "{text}: {message}");
        }
    }
}
