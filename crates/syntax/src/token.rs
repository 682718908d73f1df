//! The pieces of DML text that the parser looks at.
//!
//! A token owns no text: names, strings and arguments are slices of the source by their place.

use crate::ast::Infix;

/// A piece of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// No other token stands before it on its line.
    pub first_on_line: bool,
    /// A `[` whose `]` stands before an assignment: `[a, b] = f()` or `X[i, j] = e`.
    pub opens_target: bool,
    /// A `[` that holds a `[` directly behind it and nothing else, and that one no comma: `[[i]]`.
    pub is_double: bool,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TokenKind {
    /// A name, `ns::name` included.
    Name,
    Integer(i64),
    Double(f64),
    /// A string with its quotes.
    Text,
    /// `$name` or `$1`.
    Argument,
    True,
    False,
    Source,
    Setwd,
    If,
    Else,
    For,
    Parfor,
    While,
    In,
    Function,
    ExternalFunction,
    IfDef,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    Comma,
    Semicolon,
    Colon,
    /// A `_` alone.
    Underscore,
    /// `=`
    Assign,
    /// `<-`
    Arrow,
    /// `+=`, `-=`, `*=`, `/=`
    Update(Infix),
    Not,
    Infix(Infix),
    /// An operator of another language: `**`, `%o%`, `->`, `<>`, a lone `%`.
    Foreign,
    /// Text that the lexer has already complained about.
    Bad,
    /// The end of the text.
    End,
}

impl TokenKind {
    /// The keyword of a word, or a name.
    pub fn of_word(word: &str) -> TokenKind {
        match word {
            "TRUE" => TokenKind::True,
            "FALSE" => TokenKind::False,
            "source" => TokenKind::Source,
            "setwd" => TokenKind::Setwd,
            "if" => TokenKind::If,
            "else" => TokenKind::Else,
            "for" => TokenKind::For,
            "parfor" => TokenKind::Parfor,
            "while" => TokenKind::While,
            "in" => TokenKind::In,
            "function" => TokenKind::Function,
            "externalFunction" => TokenKind::ExternalFunction,
            "ifdef" => TokenKind::IfDef,
            _ => TokenKind::Name,
        }
    }

    /// `=` or `<-`.
    pub fn is_plain_assign(self) -> bool {
        matches!(self, TokenKind::Assign | TokenKind::Arrow)
    }

    /// Any assignment.
    pub fn is_assign(self) -> bool {
        self.is_plain_assign() || matches!(self, TokenKind::Update(_))
    }

    /// A word or literal that an expression can begin with (brackets and signs are not counted).
    pub fn is_operand(self) -> bool {
        use TokenKind::*;
        matches!(self, Name | Integer(_) | Double(_) | Text | Argument | True | False)
    }

    /// A keyword that only a statement begins with.
    pub fn begins_statement(self) -> bool {
        use TokenKind::*;
        matches!(self, Source | Setwd | If | For | Parfor | While)
    }

    /// A keyword: a word that cannot be a name.
    pub fn is_keyword(self) -> bool {
        use TokenKind::*;
        self.begins_statement()
            || matches!(self, True | False | Else | In | Function | ExternalFunction | IfDef)
    }
}
