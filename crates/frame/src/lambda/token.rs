//! The words and signs of an expression.

use std::ops::Range;

use super::Problem;

/// A word or sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Name(String),
    Whole(i64),
    Double(f64),
    Text(String),
    Char(char),
    Sign(&'static str),
    End,
}

/// One of them, and its bytes in the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
}

/// Longer signs stand before those that they begin with.
const SIGNS: [&str; 23] = [
    "->", "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(", ")",
    "[", "]", ",", ".",
];

/// All tokens of a text, with one at its end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let is_number = first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit()));
        let (kind, length) = match first {
            '"' | '\'' => quoted(rest, at)?,
            _ if is_number => number(rest, at)?,
            _ if first.is_alphabetic() || matches!(first, '_' | '$') => {
                let ends = |c: char| !c.is_alphanumeric() && c != '_' && c != '$';
                let length = rest.find(ends).unwrap_or(rest.len());
                (Kind::Name(rest[..length].into()), length)
            }
            _ => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => (Kind::Sign(sign), sign.len()),
                None => {
                    return Err(Problem::new(
                        at..at + first.len_utf8(),
                        format!("`{first}` is no sign of it"),
                    ));
                }
            },
        };
        tokens.push(Token { kind, at: at..at + length });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, at: text.len()..text.len() });
    Ok(tokens)
}

fn number(rest: &str, at: usize) -> Result<(Kind, usize), Problem> {
    let bytes = rest.as_bytes();
    let mut length = 0;
    while length < bytes.len() {
        let sign_of_exponent =
            matches!(bytes[length], b'+' | b'-') && length > 0 && matches!(bytes[length - 1], b'e' | b'E');
        if !(bytes[length].is_ascii_alphanumeric() || bytes[length] == b'.' || sign_of_exponent) {
            break;
        }
        length += 1;
    }
    let word = &rest[..length];
    let digits = word.strip_suffix(['L', 'l', 'd', 'D', 'f', 'F']).unwrap_or(word);
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit()) && !word.ends_with(['d', 'D', 'f', 'F']);
    let kind = match is_whole {
        true => digits.parse().map(Kind::Whole).ok(),
        false => digits.parse().map(Kind::Double).ok(),
    };
    match kind {
        Some(kind) => Ok((kind, length)),
        None => Err(Problem::new(at..at + length, format!("`{word}` is no number"))),
    }
}

/// A text in double quotes or a character in single ones, which begins the text.
fn quoted(rest: &str, at: usize) -> Result<(Kind, usize), Problem> {
    let mut chars = rest.char_indices().skip(1);
    let quote = if rest.starts_with('"') { '"' } else { '\'' };
    let mut value = String::new();
    while let Some((place, c)) = chars.next() {
        match c {
            _ if c == quote => {
                let length = place + 1;
                let mut of_char = value.chars();
                return match (quote, of_char.next(), of_char.next()) {
                    ('"', ..) => Ok((Kind::Text(value), length)),
                    (_, Some(only), None) => Ok((Kind::Char(only), length)),
                    _ => Err(Problem::new(
                        at..at + length,
                        "single quotes hold one character; a text stands in double ones",
                    )),
                };
            }
            '\\' => {
                let Some((next, escaped)) = chars.next() else { break };
                match escape(escaped) {
                    Some(c) => value.push(c),
                    None => {
                        let what = format!("`\\{escaped}` stands for nothing");
                        let at = at + place..at + next + escaped.len_utf8();
                        return Err(Problem::new(at, what).hint("a backslash of a regular expression is written twice in the expression, four times in the script: \"\\\\\\\\d\""));
                    }
                }
            }
            c => value.push(c),
        }
    }
    Err(Problem::new(at..at + rest.len(), format!("the closing {quote} is missing")))
}

fn escape(c: char) -> Option<char> {
    Some(match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        '0' => '\0',
        '"' | '\'' | '\\' => c,
        _ => return None,
    })
}
