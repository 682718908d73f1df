//! Names and numbers, and what is wrong with those that are neither.

use tilewright_base::nearest;

use super::Lexer;
use crate::token::TokenKind;

/// The only names with a dot.
const DOTTED: [&str; 17] = [
    "as.scalar",
    "as.matrix",
    "as.frame",
    "as.list",
    "as.double",
    "as.integer",
    "as.logical",
    "as.boolean",
    "index.return",
    "empty.return",
    "lower.tail",
    "lower.tri",
    "upper.tri",
    "is.na",
    "is.nan",
    "is.infinite",
    "read.csv",
];

/// Dotted names of other languages and what to write for them.
const FOREIGN: [(&str, &str); 7] = [
    ("as.numeric", "as.double(x)"),
    ("as.character", "toString(x)"),
    ("as.vector", "as.matrix(x)"),
    ("is.null", "exists(x)"),
    ("write.csv", "write(X, \"path\", format=\"csv\")"),
    ("write.table", "write(X, \"path\", format=\"csv\")"),
    ("read.table", "read(\"path\", format=\"csv\")"),
];

impl<'a> Lexer<'a> {
    /// `name` or `namespace::name`.
    pub(super) fn name(&mut self) {
        self.part();
        let mut qualifiers = 0;
        while self.byte(0) == Some(b':') && self.byte(1) == Some(b':') && self.part_follows() {
            self.at += 2;
            self.part();
            qualifiers += 1;
        }
        let name = self.slice();
        if name == "_" {
            return self.push(TokenKind::Underscore);
        }
        if qualifiers > 1 {
            let hint = "a sourced file's own sources are not visible: source that file here too";
            self.error(self.start, self.at, format!("`{name}` has more than one namespace"), hint);
        }
        if let Some(wrong) = name.split("::").find(|part| !is_name(part)) {
            self.wrong_name(wrong);
        }
        self.push(TokenKind::of_word(name));
    }

    /// Takes letters, digits, underscores and dots.
    fn part(&mut self) {
        let rest = &self.text[self.at..];
        let ascii = rest.bytes().position(|b| !b.is_ascii_alphanumeric() && b != b'_').unwrap_or(rest.len());
        let ends = |c: char| !c.is_alphanumeric() && c != '_' && c != '.';
        self.at += ascii + rest[ascii..].find(ends).unwrap_or(rest.len() - ascii);
    }

    /// Whether a letter stands behind the `::` at the current place.
    fn part_follows(&self) -> bool {
        self.byte(2).is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
    }

    /// Reports a name, the first time it occurs.
    fn wrong_name(&mut self, name: &'a str) {
        if !self.wrong_names.insert(name) {
            return;
        }
        let foreign = FOREIGN.iter().find(|(word, _)| *word == name);
        let near = nearest(name, DOTTED).filter(|_| name.contains('.'));
        let repaired: String = name
            .trim_start_matches(['_', '.'])
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let hint = match (foreign, near) {
            (Some((_, instead)), _) => format!("write `{instead}`"),
            (_, Some(near)) => format!("did you mean `{near}`?"),
            _ if is_name(&repaired) => format!("call it `{repaired}`"),
            _ => "choose another name".to_string(),
        };
        let message = format!("`{name}` is not a name: a name is a letter, then letters, digits and `_`");
        self.error(self.start, self.at, message, hint);
    }

    /// `123`, `1.5`, `1.`, `.5`, `1e3`.
    pub(super) fn number(&mut self) {
        self.digits();
        let mut integer = true;
        if self.byte(0) == Some(b'.') {
            integer = false;
            self.at += 1;
            self.digits();
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
            if self.byte(1 + sign).is_some_and(|byte| byte.is_ascii_digit()) {
                integer = false;
                self.at += 1 + sign;
                self.digits();
            }
        }
        let digits_end = self.at;
        self.part();
        if self.at > digits_end {
            return self.wrong_number(digits_end);
        }
        let double = self.slice().parse::<f64>().unwrap_or(f64::NAN);
        match self.slice().parse::<i64>() {
            Ok(value) if integer => self.push(TokenKind::Integer(value)),
            Err(_) if integer => self.too_large(double),
            _ => self.push(TokenKind::Double(double)),
        }
    }

    fn digits(&mut self) {
        while self.byte(0).is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn too_large(&mut self, value: f64) {
        let message = "this integer is too large: the largest is 9223372036854775807";
        self.error(self.start, self.at, message, format!("write it as a double: `{value:e}`"));
        self.push(TokenKind::Double(value));
    }

    fn wrong_number(&mut self, digits_end: usize) {
        let (number, rest) = self.slice().split_at(digits_end - self.start);
        let hint = match rest {
            "L" | "l" if !number.contains(['.', 'e', 'E']) => {
                format!("integers need no suffix: write `{number}`")
            }
            _ if is_name(rest) => {
                format!("write `{number} * {rest}` for a product; a name begins with a letter")
            }
            _ => "numbers are written 12, 1.5, .5, 1e-3".to_string(),
        };
        let shown: String = self.slice().chars().take(24).collect();
        self.error(self.start, self.at, format!("`{shown}` is not a number"), hint);
        self.push(TokenKind::Double(0.0));
    }
}

fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && (bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || DOTTED.contains(&text))
}
