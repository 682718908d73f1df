//! What is typed in a session, bit by bit: expressions may stand alone, and a text may not be at its end yet.

use tilewright_base::{Diagnostic, FileId, Severity};

use crate::ast::{ExprKind, Script, Stmt, StmtKind};
use crate::lexer;
use crate::token::TokenKind;

use super::{Parse, Parser};

/// One input of a session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input {
    /// The tree. An expression alone, outside of blocks, is a [`StmtKind::Call`] of any expression.
    pub script: Script,
    /// What is wrong with the text, in order of place.
    pub diagnostics: Vec<Diagnostic>,
    /// The folder of `source` after this input.
    pub directory: Option<String>,
    /// Nothing is wrong but that the text ends too early: with an open bracket, block, comment, or operator.
    pub is_open: bool,
}

/// The tree of an input of a session; `directory` is the folder that earlier inputs have set by `setwd`.
pub fn parse_input(file: FileId, text: &str, directory: Option<String>) -> Input {
    if u32::try_from(text.len()).is_err() {
        let (script, diagnostics) = super::parse(file, text);
        return Input { script, diagnostics, directory, is_open: false };
    }
    let lexed = lexer::lex(file, text);
    let open_comment = lexed.cut_short;
    let mut parser = Parser::new(file, text, lexed);
    parser.shows_values = true;
    parser.directory = directory;
    parser.program();
    let directory = parser.directory.take();
    let end = parser.tokens.last().map_or(0, |token| token.start);
    let (script, diagnostics) = parser.finish();
    let mut errors =
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).peekable();
    let is_open = errors.peek().is_some()
        && errors.all(|error| open_comment || error.span.is_some_and(|span| span.start >= end));
    Input { script, diagnostics, directory, is_open }
}

impl Parser<'_> {
    /// Whether an expression alone begins here, rather than an assignment or a call.
    pub(super) fn value_begins(&self) -> bool {
        if !self.shows_values || self.blocks > 0 || self.follows_statement(self.at) {
            return false;
        }
        let bracketed = matches!(self.kind(), TokenKind::LeftParen | TokenKind::Not | TokenKind::Infix(_));
        (self.kind().is_operand() || bracketed) && !self.assigns()
    }

    /// Whether a name, perhaps with an index, is followed by a sign of assignment.
    fn assigns(&self) -> bool {
        let mut depth = 0;
        let mut rest = self.tokens[self.at..].iter().skip(1).map(|token| token.kind).skip_while(|kind| {
            match kind {
                TokenKind::LeftBracket => depth += 1,
                TokenKind::RightBracket if depth > 0 => {
                    depth -= 1;
                    return true;
                }
                _ => {}
            }
            depth > 0 && *kind != TokenKind::End
        });
        self.kind() == TokenKind::Name && rest.next().is_some_and(TokenKind::is_assign)
    }

    /// An expression alone; what follows on the same line is separated by `;`, but behind a call.
    pub(super) fn value(&mut self) -> Parse<Stmt> {
        let value = self.expression()?;
        let next = self.peek();
        let ends = matches!(next.kind, TokenKind::Semicolon | TokenKind::End | TokenKind::RightBrace);
        if !ends && !next.first_on_line && !matches!(value.kind, ExprKind::Call(_)) {
            return Err(self.missing_operator(next));
        }
        Ok(Stmt { span: value.span, kind: StmtKind::Call(value) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str) -> Input {
        parse_input(FileId(0), text, None)
    }

    #[test]
    fn an_expression_alone_is_a_statement() {
        for text in ["x", "1 + 2", "-x", "!x", "(x)", "X[1, ]", "\"a\"", "$n", "f(x)[1, 2]", "x == 3", "TRUE"]
        {
            let found = input(text);
            assert_eq!(found.diagnostics, [], "{text}");
            assert!(matches!(&found.script.body[..], [Stmt { kind: StmtKind::Call(_), .. }]), "{text}");
        }
        let found = input("x = 3; x\ny[2, 1] = x; f(x); if (x > 2) print(x)");
        assert_eq!((found.diagnostics, found.script.body.len()), (vec![], 5));
        assert!(
            matches!(&found.script.body[1].kind, StmtKind::Call(e) if e.kind == ExprKind::Variable("x".into()))
        );
    }

    #[test]
    fn expressions_alone_stand_outside_of_blocks_and_by_themselves() {
        for text in ["if (x) { y }", "x y", "1 2", "x = 1 2", "(x) = 3", "f(x) y"] {
            let found = input(text);
            assert!(!found.diagnostics.is_empty() && !found.is_open, "{text}");
        }
    }

    #[test]
    fn an_input_is_open_when_only_its_end_is_missing() {
        let open = [
            "x = 1 +",
            "f(1,",
            "X[1",
            "if (x) {",
            "while (x)",
            "f = function(x) return (y)",
            "x = ",
            "/* text",
            "x = (1 + # note\n",
            "f = function(x) return (y) {\n  y = x\n",
            "source(\"a\") as",
        ];
        for text in open {
            assert!(input(text).is_open, "{text}: {:?}", input(text).diagnostics);
        }
        for text in ["", "x = 1", "x = )", "x = \"a", "f(1))", "}", "x = = ", "# note", "if (x) y = 1"] {
            assert!(!input(text).is_open, "{text}");
        }
    }

    #[test]
    fn the_folder_of_sources_stays() {
        let first = input("setwd(\"lib\")");
        let second = parse_input(FileId(0), "source(\"a.dml\") as a", first.directory);
        assert_eq!(second.script.sources[0].directory.as_deref(), Some("lib"));
    }
}
