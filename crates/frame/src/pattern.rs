//! Regular expressions of scripts.

use regex::Regex;
use tilewright_base::{Outcome, bail};

/// A compiled regular expression.
///
/// # Errors
/// When it is malformed.
pub fn expression(pattern: &str) -> Outcome<Regex> {
    match Regex::new(pattern) {
        Ok(expression) => Ok(expression),
        Err(error) => {
            let all = error.to_string();
            let reason = all.lines().last().unwrap_or_default().trim_start_matches("error: ");
            bail!(Value, "the regular expression \"{pattern}\" is not understood: {reason}"; hint: "a backslash before `.`, `(`, `[`, `*` and the like takes them as they are: \"\\\\.\"")
        }
    }
}

/// A replacement as the library writes it: `$1` and `\1` are the group whatever follows, every other dollar sign and
/// every escaped character stand for themselves.
pub fn template(replacement: &str) -> String {
    let mut out = String::new();
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        let group = matches!(c, '$' | '\\') && chars.peek().is_some_and(char::is_ascii_digit);
        match c {
            _ if group => {
                out.push_str("${");
                while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                    out.push(digit);
                }
                out.push('}');
            }
            '\\' => match chars.next() {
                Some('$') => out.push_str("$$"),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            '$' => out.push_str("$$"),
            other => out.push(other),
        }
    }
    out
}

/// The parts between the matches, without empty ones at the end; at most `limit` parts if it is positive, all of them
/// if it is negative. A match of nothing at the beginning does not split, as in Java.
pub fn split<'a>(pattern: &Regex, limit: i64, text: &'a str) -> Vec<&'a str> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for found in pattern.find_iter(text) {
        if limit > 0 && parts.len() as i64 == limit - 1 {
            break;
        }
        if found.end() == 0 || (found.is_empty() && found.start() == text.len()) {
            continue;
        }
        parts.push(&text[start..found.start()]);
        start = found.end();
    }
    if start == 0 {
        return vec![text];
    }
    parts.push(&text[start..]);
    while limit == 0 && parts.last().is_some_and(|part| part.is_empty()) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_as_in_java() {
        // Printed by `String.split` of OpenJDK 17.
        let cases: [(&str, &str, i64, &[&str]); 9] = [
            (",", "a,b,,c,,", 0, &["a", "b", "", "c"]),
            (",", "a,b,,c,,", -1, &["a", "b", "", "c", "", ""]),
            (",", "a,b,,c,,", 2, &["a", "b,,c,,"]),
            (",", "", 0, &[""]),
            (",", ",a", 0, &["", "a"]),
            (",", ",", 0, &[]),
            ("", "abc", 0, &["a", "b", "c"]),
            ("[0-9]+", "a12b3", 0, &["a", "b"]),
            ("x", "abc", 0, &["abc"]),
        ];
        for (pattern, text, limit, expected) in cases {
            assert_eq!(
                split(&expression(pattern).unwrap(), limit, text),
                expected,
                "{pattern} {text} {limit}"
            );
        }
    }
}
