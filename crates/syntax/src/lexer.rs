//! Cuts text into tokens and comments.
//!
//! Every error leaves a token behind that lets the parser go on: a plausible one (a misspelt name is still a
//! name) or [`TokenKind::Bad`], about which the parser keeps silent. The last token is [`TokenKind::End`].
//!
//! A string may span lines. If some string never ends, a quote is missing somewhere above; the text is then
//! read again with strings that end at their line, so that the error stands where the quote is missing.

mod bracket;
mod word;

use std::collections::HashSet;

use tilewright_base::{Code, Diagnostic, FileId, Span};

use crate::ast::{Comment, Infix};
use crate::token::{Token, TokenKind};

/// More errors than this are not reported.
pub(crate) const MAX_ERRORS: usize = 100;

/// The tokens and comments of a text.
pub(crate) struct Lexed {
    pub tokens: Vec<Token>,
    pub comments: Vec<Comment>,
    pub diagnostics: Vec<Diagnostic>,
    /// The text ends in an unterminated comment: what is missing at its end is no news.
    pub cut_short: bool,
}

/// Cuts `text`, which is shorter than 4 GB.
pub(crate) fn lex(file: FileId, text: &str) -> Lexed {
    let mut lexer = Lexer::new(file, text, true);
    lexer.run();
    if lexer.unterminated {
        lexer = Lexer::new(file, text, false);
        lexer.run();
    }
    let Lexer { mut tokens, comments, diagnostics, cut_short, .. } = lexer;
    bracket::mark(&mut tokens);
    Lexed { tokens, comments, diagnostics, cut_short }
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    /// First byte of the current token.
    start: usize,
    first_on_line: bool,
    strings_span_lines: bool,
    unterminated: bool,
    cut_short: bool,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    diagnostics: Vec<Diagnostic>,
    /// The names that have been reported.
    wrong_names: HashSet<&'a str>,
}

impl<'a> Lexer<'a> {
    fn new(file: FileId, text: &'a str, strings_span_lines: bool) -> Lexer<'a> {
        Lexer {
            file,
            text,
            at: 0,
            start: 0,
            first_on_line: true,
            strings_span_lines,
            unterminated: false,
            cut_short: false,
            tokens: Vec::new(),
            comments: Vec::new(),
            diagnostics: Vec::new(),
            wrong_names: HashSet::new(),
        }
    }

    fn run(&mut self) {
        self.at = if self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        while let Some(byte) = self.byte(0) {
            self.start = self.at;
            match byte {
                b'\n' => {
                    self.first_on_line = true;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' | 0x0c => self.at += 1,
                b'#' => self.line_comment(),
                b'/' if self.byte(1) == Some(b'*') => self.block_comment(),
                b'"' | b'\'' => self.string(byte),
                b'0'..=b'9' => self.number(),
                b'.' if self.byte(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
                b'$' => self.argument(),
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => self.name(),
                0x80.. => self.other_character(),
                _ => self.operator(),
            }
        }
        self.start = self.text.trim_end().len();
        self.at = self.start;
        self.push(TokenKind::End);
    }

    /// The byte `ahead` of the current one.
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// The current token's text so far.
    fn slice(&self) -> &'a str {
        &self.text[self.start..self.at]
    }

    fn push(&mut self, kind: TokenKind) {
        let (start, end) = (self.start as u32, self.at as u32);
        let first_on_line = std::mem::take(&mut self.first_on_line);
        self.tokens.push(Token { kind, start, end, first_on_line, opens_target: false, is_double: false });
    }

    fn error(&mut self, start: usize, end: usize, message: impl Into<String>, hint: impl Into<String>) {
        if self.diagnostics.len() <= MAX_ERRORS {
            let span = Span::new(self.file, start, end);
            self.diagnostics.push(Diagnostic::error(Code::Syntax, span, message).hint(hint));
        }
    }

    fn line_comment(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').unwrap_or(rest.len());
        self.comment(self.slice().trim_end());
    }

    fn block_comment(&mut self) {
        let rest = &self.text[self.at + 2..];
        let Some(length) = rest.find("*/") else {
            self.error(self.start, self.start + 2, "this comment has no end", "close it by `*/`");
            self.at += 2;
            self.push(TokenKind::Bad);
            self.cut_short = true;
            self.at = self.text.len();
            return self.comment(self.slice().trim_end());
        };
        self.at += length + 4;
        self.first_on_line |= self.slice().contains('\n');
        self.comment(self.slice());
    }

    fn comment(&mut self, text: &str) {
        let span = Span::new(self.file, self.start, self.start + text.len());
        self.comments.push(Comment { text: text.to_string(), span });
    }

    fn string(&mut self, quote: u8) {
        self.at += 1;
        loop {
            match self.byte(0) {
                None => return self.unterminated_string(),
                Some(b'\n') if !self.strings_span_lines => return self.unterminated_string(),
                Some(b'\\') => self.escape(),
                Some(byte) => {
                    self.at += 1;
                    if byte == quote {
                        return self.push(TokenKind::Text);
                    }
                }
            }
        }
    }

    fn escape(&mut self) {
        let begin = self.at;
        self.at += 1;
        let Some(next) = self.text[self.at..].chars().next() else { return };
        if next == '\n' && !self.strings_span_lines {
            return;
        }
        self.at += next.len_utf8();
        if !"btnfr\"'\\".contains(next) {
            let escape = self.text[begin..self.at].escape_debug().to_string().replace("\\\\", "\\");
            let hint = "write `\\\\` for a backslash; the escapes are \\b \\t \\n \\f \\r \\\" \\' \\\\";
            self.error(begin, self.at, format!("unknown escape `{escape}` in a string"), hint);
        }
    }

    fn unterminated_string(&mut self) {
        self.unterminated = true;
        self.at = self.start + self.slice().trim_end_matches('\r').len();
        let quote = &self.text[self.start..self.start + 1];
        self.error(self.start, self.at, "this string has no end", format!("close it by `{quote}`"));
        self.push(TokenKind::Bad);
    }

    fn argument(&mut self) {
        self.at += 1;
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        while self.byte(0).is_some_and(letters) {
            self.at += 1;
        }
        let name = &self.text[self.start + 1..self.at];
        let positional = name.bytes().all(|byte| byte.is_ascii_digit());
        if name.is_empty() || !(positional || name.as_bytes()[0].is_ascii_alphabetic()) {
            let hint = "an argument is `$name` or, by its position, `$1`";
            self.error(self.start, self.at, format!("`{}` is not an argument", self.slice()), hint);
            return self.push(TokenKind::Bad);
        }
        self.push(TokenKind::Argument);
    }

    fn other_character(&mut self) {
        match self.text[self.at..].chars().next() {
            Some(character) if character.is_alphabetic() => self.name(),
            Some(character) if character.is_whitespace() => self.at += character.len_utf8(),
            _ => self.unknown_characters(),
        }
    }

    /// One error for a run of characters that DML does not have.
    fn unknown_characters(&mut self) {
        let rest = &self.text[self.at..];
        let known = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || "()[]{},;:=\"'#$".contains(c);
        let first = rest.chars().next().map_or(1, char::len_utf8);
        self.at += first + rest[first..].find(known).unwrap_or(rest.len() - first);
        let hint = match self.slice().chars().next() {
            Some('\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}') => {
                "strings stand in straight quotes: \"text\""
            }
            Some('−' | '–') => "the minus sign is `-`",
            Some('`') => "names need no quotes",
            Some('~') => "DML has no formulas: pass matrices",
            Some('@') => "the matrix product is `%*%`",
            _ => "remove it",
        };
        let shown: String = self.slice().chars().take(12).collect();
        self.error(self.start, self.at, format!("`{shown}` is not part of DML"), hint);
        self.push(TokenKind::Bad);
    }

    fn operator(&mut self) {
        let rest = &self.text[self.at..];
        let known = OPERATORS.iter().find(|(symbol, _)| rest.starts_with(symbol));
        if let Some((symbol, kind)) = known {
            self.at += symbol.len();
            return self.push(*kind);
        }
        if !rest.starts_with('%') {
            return self.unknown_characters();
        }
        let word = rest[1..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(0);
        let closed = (1..=8).contains(&word) && rest[1 + word..].starts_with('%');
        self.at += if closed { word + 2 } else { 1 };
        self.push(TokenKind::Foreign);
    }
}

/// Operators and punctuation; of two that begin alike the longer one stands first.
const OPERATORS: [(&str, TokenKind); 37] = [
    ("%*%", TokenKind::Infix(Infix::MatMult)),
    ("%/%", TokenKind::Infix(Infix::IntDivide)),
    ("%%", TokenKind::Infix(Infix::Modulo)),
    ("(", TokenKind::LeftParen),
    (")", TokenKind::RightParen),
    ("[", TokenKind::LeftBracket),
    ("]", TokenKind::RightBracket),
    ("{", TokenKind::LeftBrace),
    ("}", TokenKind::RightBrace),
    (",", TokenKind::Comma),
    (";", TokenKind::Semicolon),
    (":", TokenKind::Colon),
    ("==", TokenKind::Infix(Infix::Equal)),
    ("=", TokenKind::Assign),
    ("<-", TokenKind::Arrow),
    ("<=", TokenKind::Infix(Infix::LessEqual)),
    ("<>", TokenKind::Foreign),
    ("<", TokenKind::Infix(Infix::Less)),
    (">=", TokenKind::Infix(Infix::GreaterEqual)),
    (">", TokenKind::Infix(Infix::Greater)),
    ("!=", TokenKind::Infix(Infix::NotEqual)),
    ("!", TokenKind::Not),
    ("+=", TokenKind::Update(Infix::Add)),
    ("-=", TokenKind::Update(Infix::Subtract)),
    ("*=", TokenKind::Update(Infix::Multiply)),
    ("/=", TokenKind::Update(Infix::Divide)),
    ("->", TokenKind::Foreign),
    ("**", TokenKind::Foreign),
    ("+", TokenKind::Infix(Infix::Add)),
    ("-", TokenKind::Infix(Infix::Subtract)),
    ("*", TokenKind::Infix(Infix::Multiply)),
    ("/", TokenKind::Infix(Infix::Divide)),
    ("^", TokenKind::Infix(Infix::Power)),
    ("&&", TokenKind::Infix(Infix::AndAnd)),
    ("&", TokenKind::Infix(Infix::And)),
    ("||", TokenKind::Infix(Infix::OrOr)),
    ("|", TokenKind::Infix(Infix::Or)),
];
