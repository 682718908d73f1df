//! Statements that leave their place: `break`, `continue`, `return(...)`.
//!
//! The three words are no keywords. `break` and `continue` are statements where they stand alone, else names; `return`
//! is one before a parenthesis, unless the script defines a function of that name.

use tilewright_base::{Code, Diagnostic};

use crate::ast::{Stmt, StmtKind};
use crate::token::{Token, TokenKind};

use super::{Parse, Parser, Reported};

pub(super) const RETURN: &str = "return";

/// The innermost loop around a place, within its function.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Around {
    Nothing,
    Loop,
    ParallelLoop,
}

/// Whether `return = function` occurs.
pub(super) fn defines_return(text: &str, tokens: &[Token]) -> bool {
    tokens.windows(3).any(|window| {
        let [name, sign, word] = window else { return false };
        name.kind == TokenKind::Name
            && sign.kind.is_plain_assign()
            && word.kind == TokenKind::Function
            && text.get(name.start as usize..name.end as usize) == Some(RETURN)
    })
}

impl Parser<'_> {
    /// What `parse` reads in the body of a loop.
    pub(super) fn within<T>(&mut self, around: Around, parse: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.around, around);
        let inner = parse(self);
        self.around = outer;
        inner
    }

    /// What `parse` reads in the body of a function.
    pub(super) fn in_function<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.in_function, true);
        let inner = self.within(Around::Nothing, parse);
        self.in_function = outer;
        inner
    }

    /// The jump at the current place, if there is one.
    pub(super) fn jump(&mut self) -> Parse<Option<Stmt>> {
        let token = self.peek();
        match self.slice(token) {
            "break" if self.stands_alone() => self.loop_jump(StmtKind::Break).map(Some),
            "continue" if self.stands_alone() => self.loop_jump(StmtKind::Continue).map(Some),
            RETURN if self.ahead(1).kind == TokenKind::LeftParen && !self.defines_return => {
                self.return_statement().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether the word at the current place is followed by the end of its statement.
    fn stands_alone(&self) -> bool {
        use TokenKind::{Else, End, LeftBracket, Name, RightBrace, Semicolon};
        let next = self.ahead(1);
        match next.kind {
            Semicolon | RightBrace | Else | End | Name => true,
            LeftBracket => next.first_on_line,
            kind => kind.begins_statement(),
        }
    }

    fn loop_jump(&mut self, kind: StmtKind) -> Parse<Stmt> {
        let token = self.advance();
        let word = self.slice(token);
        match (self.around, &kind) {
            (Around::Nothing, _) => {
                let hint = if self.in_function {
                    "`return()` ends a function; it cannot end a loop of its caller"
                } else {
                    "`break` and `continue` belong into the body of a `for` or `while`"
                };
                let error = self.error(token, format!("`{word}` stands outside of a loop"));
                self.report(error.hint(hint));
            }
            (Around::ParallelLoop, StmtKind::Break) => {
                let error = self.error(token, "`break` cannot end a `parfor`: all iterations run");
                self.report(error.hint("use `for`, or `continue` to end this iteration only"));
            }
            _ => {}
        }
        Ok(Stmt { kind, span: self.span(token) })
    }

    fn return_statement(&mut self) -> Parse<Stmt> {
        let token = self.advance();
        let (args, _) = self.args(token)?;
        let span = self.span_from(token);
        if !self.in_function {
            let error = Diagnostic::error(Code::Syntax, span, "`return` stands outside of a function");
            self.report(error.hint("`stop(\"message\")` ends a script with an error; else use `if`"));
        }
        Ok(Stmt { kind: StmtKind::Return(args), span })
    }

    /// Reports a `return(` within an expression.
    pub(super) fn return_in_expression(&mut self, token: Token) -> Reported {
        let error = self.error(token, "`return` is a statement of its own, it has no value");
        self.report(error.hint("write `return(x)` on a line of its own"))
    }
}
