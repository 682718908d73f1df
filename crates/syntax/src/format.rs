//! DML text in one layout: one statement a line, two spaces a block, braces everywhere, lines of at most 100 columns.
//!
//! The formatter moves tokens, it does not print the tree: quotes, digits, parentheses and the spelling of types
//! stay as they are written, and so do statements that leave no trace in the tree (`setwd`, external functions).
//! The tree only tells where statements begin. What is added are braces around single statements; what is dropped
//! are semicolons, a byte order mark, and `<-`, which becomes `=`.
//!
//! Invariants: the text means the same afterwards ([`is_same`]), every comment is still there, in order, and
//! formatting again changes nothing.
//!
//! - `page`: lines, blank lines and comments
//! - `line`: spaces within a line, and where a long one is broken

mod line;
mod page;

use std::collections::HashSet;
use std::ops::Range;

use tilewright_base::{Diagnostic, FileId, Severity};

use crate::ast::{Script, Stmt, StmtKind};
use crate::lexer;
use crate::parse;
use crate::print;
use crate::token::{Token, TokenKind};

use line::Line;
use page::Page;

/// The text in the one layout.
///
/// # Errors
/// All diagnostics of the parser when one of them is an error.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let (script, diagnostics) = parse(file, text);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    let tokens = lexer::lex(file, text).tokens;
    let starts = starts(&script, &tokens);
    let page = Page::new(text, &script.comments);
    let mut formatter = Formatter { text, tokens: &tokens, starts, at: 0, page };
    formatter.statements();
    Ok(formatter.page.finish())
}

/// Whether two texts are free of errors, mean the same and hold the same comments.
pub fn is_same(one: &str, other: &str) -> bool {
    let meaning = meaning(one);
    meaning.is_some() && meaning == self::meaning(other)
}

/// The tree as canonical text, and the comments without their layout.
fn meaning(text: &str) -> Option<(String, Vec<String>)> {
    let (mut script, diagnostics) = parse(FileId(0), text);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return None;
    }
    for function in &mut script.functions {
        function.doc.clear();
    }
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let comments = script.comments.iter().map(|comment| words(&comment.text)).collect();
    Some((print(&script), comments))
}

/// The first bytes of all statements, definitions included.
fn starts(script: &Script, tokens: &[Token]) -> HashSet<u32> {
    let mut starts = HashSet::new();
    note(&script.body, &mut starts);
    for function in &script.functions {
        note(&function.body, &mut starts);
    }
    for (at, token) in tokens.iter().enumerate() {
        if matches!(token.kind, TokenKind::Source | TokenKind::Setwd) || defines(&tokens[at..]) {
            starts.insert(token.start);
        }
    }
    starts
}

fn note(statements: &[Stmt], starts: &mut HashSet<u32>) {
    for statement in statements {
        starts.insert(statement.span.start);
        match &statement.kind {
            StmtKind::If { then, otherwise, .. } => {
                note(then, starts);
                note(otherwise, starts);
            }
            StmtKind::While { body, .. } | StmtKind::For { body, .. } => note(body, starts),
            _ => {}
        }
    }
}

/// Whether `f = function` begins here.
fn defines(tokens: &[Token]) -> bool {
    let [name, sign, word, ..] = tokens else { return false };
    name.kind == TokenKind::Name
        && sign.kind.is_plain_assign()
        && matches!(word.kind, TokenKind::Function | TokenKind::ExternalFunction)
}

struct Formatter<'a> {
    text: &'a str,
    tokens: &'a [Token],
    starts: HashSet<u32>,
    at: usize,
    page: Page<'a>,
}

impl Formatter<'_> {
    /// Statements up to a `}` or the end.
    fn statements(&mut self) {
        loop {
            match self.kind() {
                TokenKind::RightBrace | TokenKind::End => return,
                TokenKind::Semicolon => self.at += 1,
                _ => self.statement(),
            }
        }
    }

    fn statement(&mut self) {
        let start = self.tokens[self.at].start;
        self.page.comments_before(start);
        match self.kind() {
            TokenKind::If => self.branches(),
            TokenKind::For | TokenKind::Parfor | TokenKind::While => self.block(),
            _ if defines(&self.tokens[self.at..]) && self.kind_after(2) == TokenKind::Function => {
                self.block();
            }
            _ => {
                let tokens = self.take();
                self.write(tokens, "");
            }
        }
    }

    /// A head with its block.
    fn block(&mut self) {
        let head = self.take();
        self.write(head, " {");
        self.body();
        self.page.close();
    }

    /// `if` with all that hangs on it by `else`.
    fn branches(&mut self) {
        let head = self.take();
        self.write(head, " {");
        self.body();
        while self.at_else() {
            let word = self.tokens[self.at];
            self.at += 1;
            if self.kind() != TokenKind::If {
                self.page.go_on("} else {", word.end);
                self.body();
                break;
            }
            let head = self.take();
            let tokens = &self.tokens[head.clone()];
            let line = Line { lead: "} else ", tail: " {", indent: self.page.indent() };
            self.page.go_on(&line.lay_out(self.text, tokens), self.tokens[head.end - 1].end);
            self.body();
        }
        self.page.close();
    }

    /// The block behind a head, in braces or not, without the `}`.
    fn body(&mut self) {
        self.page.open();
        if self.kind() == TokenKind::LeftBrace {
            self.page.pass(self.tokens[self.at]);
            self.at += 1;
            self.statements();
            self.page.pass(self.tokens[self.at]);
            self.at += 1;
        } else {
            self.statement();
            self.page.comments_behind();
        }
    }

    /// Whether an `else` follows; moves to it over semicolons.
    fn at_else(&mut self) -> bool {
        let mut ahead = 0;
        while self.kind_after(ahead) == TokenKind::Semicolon {
            ahead += 1;
        }
        let found = self.kind_after(ahead) == TokenKind::Else;
        self.at += if found { ahead } else { 0 };
        found
    }

    /// Moves over a simple statement or the head of a block.
    fn take(&mut self) -> Range<usize> {
        use TokenKind::{Else, End, LeftBrace, RightBrace, Semicolon};
        let from = self.at;
        self.at += 1;
        while !matches!(self.kind(), LeftBrace | RightBrace | Semicolon | Else | End)
            && !self.starts.contains(&self.tokens[self.at].start)
        {
            self.at += 1;
        }
        from..self.at
    }

    fn write(&mut self, tokens: Range<usize>, tail: &str) {
        let tokens = &self.tokens[tokens];
        let line = Line { lead: "", tail, indent: self.page.indent() };
        if let [first, .., last] | [first @ last] = tokens {
            self.page.line(&line.lay_out(self.text, tokens), first.start, last.end);
        }
    }

    fn kind(&self) -> TokenKind {
        self.kind_after(0)
    }

    fn kind_after(&self, ahead: usize) -> TokenKind {
        self.tokens.get(self.at + ahead).map_or(TokenKind::End, |token| token.kind)
    }
}
