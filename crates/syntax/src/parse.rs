//! DML text to its tree, with as many errors as there are.
//!
//! Invariants: no input panics or overflows the stack (brackets and blocks nest at most [`MAX_NESTING`] deep,
//! and no tree is higher than [`MAX_HEIGHT`], however it came about); time and memory are linear in the text.
//! After an error the rest of the statement is skipped and parsing goes on with the next one.
//!
//! - `statement`: assignments, calls, `source`; `control`: `if`, `for`, `while` and blocks
//! - `jump`: `break`, `continue`, `return`
//! - `function`: definitions and their types; `shape`: declared shapes; `doc`: the comment that belongs to one
//! - `expression`: operators by precedence; `operand`: calls, indexing, literals
//! - [`parse_input`]: what is typed in a session
//! - `slips`: hints for what users of other languages write

mod control;
mod doc;
mod expression;
mod function;
mod input;
mod jump;
mod operand;
mod shape;
mod slips;
mod statement;

pub use input::{Input, parse_input};

use std::fmt::{Arguments, Display};

use tilewright_base::{Code, Diagnostic, FileId, Severity, Span};

use crate::ast::{Name, Script};
use crate::lexer::{self, Lexed, MAX_ERRORS};
use crate::token::{Token, TokenKind};

/// Brackets in an expression, and blocks in blocks (an `else if` is a block in a block), nest at most this deep.
pub const MAX_NESTING: usize = 256;

/// The height of the highest expression tree: a chain `a + b + ...` has at most this many operators.
pub const MAX_HEIGHT: usize = 2000;

/// The tree of a text and what is wrong with it, in order of place.
///
/// With errors the tree holds the statements that could be read; it must not be run. `file` is only noted in
/// the spans, nothing is read.
pub fn parse(file: FileId, text: &str) -> (Script, Vec<Diagnostic>) {
    if u32::try_from(text.len()).is_err() {
        let span = Span::new(file, 0, 0);
        let error = Diagnostic::error(Code::Syntax, span, "a script cannot be larger than 4 GB");
        return (Script::default(), vec![error]);
    }
    let lexed = lexer::lex(file, text);
    let mut parser = Parser::new(file, text, lexed);
    parser.program();
    parser.finish()
}

/// An error that has been reported already; the caller recovers or passes it on.
struct Reported;

type Parse<T> = Result<T, Reported>;

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    script: Script,
    diagnostics: Vec<Diagnostic>,
    errors: usize,
    /// Errors at the end of the text are not reported.
    cut_short: bool,
    /// The path of the last `setwd`.
    directory: Option<String>,
    /// Open brackets around the current place, within its statement.
    brackets: usize,
    /// Open blocks around the current place.
    blocks: usize,
    /// What a jump at the current place would leave.
    around: jump::Around,
    /// The current place is in a function.
    in_function: bool,
    /// The script has a function that is called `return`.
    defines_return: bool,
    /// The token behind the last complete statement.
    statement_end: usize,
    foreign_words: slips::ForeignWords,
    /// Outside of blocks an expression may stand alone.
    shows_values: bool,
}

impl<'a> Parser<'a> {
    fn new(file: FileId, text: &'a str, lexed: Lexed) -> Parser<'a> {
        let defines_return = jump::defines_return(text, &lexed.tokens);
        Parser {
            file,
            text,
            tokens: lexed.tokens,
            at: 0,
            script: Script { comments: lexed.comments, ..Script::default() },
            diagnostics: lexed.diagnostics,
            errors: 0,
            cut_short: lexed.cut_short,
            directory: None,
            brackets: 0,
            blocks: 0,
            around: jump::Around::Nothing,
            in_function: false,
            defines_return,
            statement_end: usize::MAX,
            foreign_words: slips::ForeignWords::default(),
            shows_values: false,
        }
    }

    fn program(&mut self) {
        let mut body = Vec::new();
        self.statements(&mut body);
        while self.kind() != TokenKind::End {
            let brace = self.advance();
            self.report(
                self.error(brace, "this `}` closes nothing").hint("remove it, or add the `{` it belongs to"),
            );
            self.statements(&mut body);
        }
        self.script.body = body;
    }

    fn finish(mut self) -> (Script, Vec<Diagnostic>) {
        let slips = self.foreign_words.unbound();
        self.diagnostics.extend(slips);
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span.map(|span| span.start));
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        let mut errors = 0;
        let excess = self.diagnostics.iter().position(|diagnostic| {
            errors += usize::from(is_error(diagnostic));
            errors > MAX_ERRORS
        });
        if let Some(excess) = excess {
            self.diagnostics.truncate(excess + 1);
            self.diagnostics[excess].message = "too many errors; from here on none is reported".into();
            self.diagnostics[excess].hints.clear();
            self.diagnostics[excess].labels.clear();
        }
        (self.script, self.diagnostics)
    }
}

/// Moving over the tokens.
impl<'a> Parser<'a> {
    fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    fn kind(&self) -> TokenKind {
        self.tokens[self.at].kind
    }

    /// The token `ahead` of the current one, or the end.
    fn ahead(&self, ahead: usize) -> Token {
        self.tokens[(self.at + ahead).min(self.tokens.len() - 1)]
    }

    /// The token before the current one; at the beginning the current one.
    fn previous(&self) -> Token {
        self.tokens[self.at.saturating_sub(1)]
    }

    /// Takes the current token; the end stays.
    fn advance(&mut self) -> Token {
        let token = self.peek();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        (self.kind() == kind).then(|| self.advance())
    }

    /// Takes a token of a kind, or reports that `what` was expected.
    fn expect(&mut self, kind: TokenKind, what: impl Display) -> Parse<Token> {
        self.eat(kind).ok_or_else(|| self.unexpected(what))
    }

    /// Takes the bracket that closes `open`, the bracket of `what`.
    fn close(&mut self, kind: TokenKind, open: Token, what: Arguments<'_>) -> Parse<Token> {
        if let Some(token) = self.eat(kind) {
            return Ok(token);
        }
        let symbol = match kind {
            TokenKind::RightParen => ")",
            TokenKind::RightBracket => "]",
            _ => "}",
        };
        let found = self.describe(self.peek());
        let message = format!("expected `{symbol}` to close {what}, found {found}");
        let error = self.error(self.peek(), message).label(self.span(open), "opened here");
        Err(self.report(self.with_slip(error, true)))
    }

    fn expect_name(&mut self, what: impl Display) -> Parse<Name> {
        let token = self.peek();
        if token.kind.is_keyword() {
            let word = self.slice(token);
            let error = self.error(token, format!("`{word}` is a reserved word and cannot name {what}"));
            return Err(self.report(error.hint("choose another name")));
        }
        self.expect(TokenKind::Name, format_args!("the name of {what}")).map(|token| self.name(token))
    }

    fn name(&self, token: Token) -> Name {
        Name { text: self.slice(token).to_string(), span: self.span(token) }
    }

    fn slice(&self, token: Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    fn slice_of(&self, span: Span) -> &'a str {
        &self.text[span.start as usize..span.end as usize]
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start as usize, token.end as usize)
    }

    /// From the start of a token to the end of the last one taken.
    fn span_from(&self, token: Token) -> Span {
        self.span(token).to(self.span(self.previous()))
    }

    /// Notes a further open bracket.
    fn enter(&mut self, open: Token) -> Parse<()> {
        self.brackets += 1;
        if self.brackets > MAX_NESTING {
            let message = format!("this expression nests more than {MAX_NESTING} brackets deep");
            return Err(self.report(self.error(open, message).hint("assign its inner parts to variables")));
        }
        Ok(())
    }
}

/// Telling the user.
impl Parser<'_> {
    fn error(&self, token: Token, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Code::Syntax, self.span(token), message)
    }

    /// An error about a form that the language has and this parser does not accept.
    fn unsupported(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Code::Unsupported, span, message)
    }

    /// Keeps a diagnostic, unless it follows from one that has been reported.
    fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        let start = diagnostic.span.map(|span| span.start);
        let here = start == Some(self.peek().start);
        let silent = match self.kind() {
            TokenKind::Bad => here,
            TokenKind::End => here && self.cut_short,
            _ => false,
        };
        let repeated = self.diagnostics.last().is_some_and(|last| last.span.map(|span| span.start) == start);
        if !silent && !repeated && self.errors <= MAX_ERRORS {
            self.errors += usize::from(diagnostic.severity == Severity::Error);
            self.diagnostics.push(diagnostic);
        }
        Reported
    }

    /// Reports that the current token is not what was expected.
    fn unexpected(&mut self, what: impl Display) -> Reported {
        let found = self.describe(self.peek());
        let error = self.error(self.peek(), format!("expected {what}, found {found}"));
        self.report(self.with_slip(error, false))
    }

    /// Adds the hint for what a user of another language may have meant by the current token.
    fn with_slip(&self, error: Diagnostic, after_operand: bool) -> Diagnostic {
        match self.slip(after_operand) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// A token as it is called in a message.
    fn describe(&self, token: Token) -> String {
        if token.kind == TokenKind::End {
            return "the end of the file".into();
        }
        let line = self.slice(token).lines().next().unwrap_or_default();
        let short: String = line.chars().take(32).collect();
        let dots = if short.len() < self.slice(token).len() { "..." } else { "" };
        format!("`{short}{dots}`")
    }
}
