//! Control flow: `if`, `for`, `parfor`, `while`, and the blocks they hold.
//!
//! An error in a head does not hide those in its block: the parser goes on at the `{`.

use tilewright_base::{Code, Diagnostic, Span};

use crate::ast::{Expr, ExprKind, Name, Stmt, StmtKind};
use crate::token::{Token, TokenKind};

use super::jump::Around;
use super::{MAX_NESTING, Parse, Parser, Reported};

/// What stands between the parentheses of `for` and `parfor`.
struct ForHead {
    variable: Name,
    range: Expr,
    options: Vec<(Name, Expr)>,
    span: Span,
}

impl Parser<'_> {
    pub(super) fn if_statement(&mut self) -> Parse<Stmt> {
        let word = self.advance();
        let head = self.head(|parser| parser.condition(word))?;
        let then = self.body(word)?;
        self.skip_semicolons_before_else();
        let otherwise = match self.eat(TokenKind::Else) {
            Some(word) => self.body(word)?,
            None => Vec::new(),
        };
        let (condition, span) = head.ok_or(Reported)?;
        Ok(Stmt { kind: StmtKind::If { condition, then, otherwise }, span })
    }

    pub(super) fn while_statement(&mut self) -> Parse<Stmt> {
        let word = self.advance();
        let head = self.head(|parser| parser.condition(word))?;
        let body = self.within(Around::Loop, |parser| parser.body(word))?;
        let (condition, span) = head.ok_or(Reported)?;
        Ok(Stmt { kind: StmtKind::While { condition, body }, span })
    }

    pub(super) fn for_statement(&mut self) -> Parse<Stmt> {
        let word = self.advance();
        let parallel = word.kind == TokenKind::Parfor;
        let head = self.head(|parser| parser.for_head(word))?;
        let around = if parallel { Around::ParallelLoop } else { Around::Loop };
        let body = self.within(around, |parser| parser.body(word))?;
        let ForHead { variable, range, options, span } = head.ok_or(Reported)?;
        Ok(Stmt { kind: StmtKind::For { variable, range, parallel, options, body }, span })
    }

    /// What `parse` reads before a `{`; none if it failed and the `{` was found.
    pub(super) fn head<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<Option<T>> {
        match parse(self) {
            Ok(head) => Ok(Some(head)),
            Err(reported) => {
                self.brackets = 0;
                if self.skip_to_brace() { Ok(None) } else { Err(reported) }
            }
        }
    }

    /// Moves to the `{` of the current statement, if it has one.
    fn skip_to_brace(&mut self) -> bool {
        loop {
            match self.kind() {
                TokenKind::LeftBrace => return true,
                TokenKind::RightBrace | TokenKind::Semicolon | TokenKind::End => return false,
                _ if self.at_new_statement() => return false,
                _ => self.advance(),
            };
        }
    }

    /// Takes the `(` behind a keyword.
    fn open_head(&mut self, word: Token, form: &str) -> Parse<Token> {
        if let Some(open) = self.eat(TokenKind::LeftParen) {
            return Ok(open);
        }
        let found = self.describe(self.peek());
        let message = format!("expected `(` after `{}`, found {found}", self.slice(word));
        Err(self.report(self.error(self.peek(), message).hint(format!("write `{form}`"))))
    }

    fn condition(&mut self, word: Token) -> Parse<(Expr, Span)> {
        let name = self.slice(word);
        let open = self.open_head(word, &format!("{name} (condition) {{ ... }}"))?;
        let condition = self.expression()?;
        self.close(TokenKind::RightParen, open, format_args!("the condition of `{name}`"))?;
        Ok((condition, self.span_from(word)))
    }

    fn for_head(&mut self, word: Token) -> Parse<ForHead> {
        let name = self.slice(word);
        let form = format!("{name} (i in 1:n) {{ ... }}");
        let open = self.open_head(word, &form)?;
        let variable = self.expect_name(format_args!("the variable of `{name}`"))?;
        self.foreign_words.bind(&variable.text);
        if self.kind() != TokenKind::In {
            let found = self.describe(self.peek());
            let message = format!("expected `in` after the variable of `{name}`, found {found}");
            return Err(self.report(self.error(self.peek(), message).hint(format!("write `{form}`"))));
        }
        self.advance();
        let range = self.loop_range()?;
        let options = self.options(word)?;
        self.close(TokenKind::RightParen, open, format_args!("the head of `{name}`"))?;
        Ok(ForHead { variable, range, options, span: self.span_from(word) })
    }

    fn loop_range(&mut self) -> Parse<Expr> {
        let from = self.expression()?;
        if self.eat(TokenKind::Colon).is_none() {
            return Ok(from);
        }
        let to = self.expression()?;
        let span = from.span.to(to.span);
        if self.kind() == TokenKind::Colon {
            return Err(self.third_part());
        }
        Ok(Expr { kind: ExprKind::Range(Box::new(from), Box::new(to)), span })
    }

    /// Reports the second `:` of a range.
    pub(super) fn third_part(&mut self) -> Reported {
        let error = self.error(self.peek(), "a range has no third part");
        self.report(error.hint("write `seq(from, to, step)`"))
    }

    fn options(&mut self, word: Token) -> Parse<Vec<(Name, Expr)>> {
        let mut options = Vec::new();
        while self.eat(TokenKind::Comma).is_some() {
            let name = self.expect_name(format_args!("an option of `{}`", self.slice(word)))?;
            self.expect(TokenKind::Assign, format_args!("`=` and a value for the option `{}`", name.text))?;
            if word.kind == TokenKind::For {
                let message = format!("the option `{}` has no effect here", name.text);
                let warning = Diagnostic::warning(Code::Lint, name.span, message);
                self.report(warning.hint("only `parfor` has options"));
            }
            options.push((name, self.expression()?));
        }
        Ok(options)
    }

    /// A block, or a single statement.
    pub(super) fn body(&mut self, word: Token) -> Parse<Vec<Stmt>> {
        self.blocks += 1;
        if self.blocks > MAX_NESTING {
            let message = format!("blocks nest more than {MAX_NESTING} deep here");
            let error = self.error(word, message);
            self.report(error.hint("move inner blocks, or the branches of a long `else if`, into functions"));
            // What follows has no structure that could be trusted.
            self.at = self.tokens.len() - 1;
            self.cut_short = true;
            self.blocks -= 1;
            return Err(Reported);
        }
        let body = if self.kind() == TokenKind::LeftBrace { self.block(word) } else { self.single(word) };
        self.blocks -= 1;
        body
    }

    fn single(&mut self, word: Token) -> Parse<Vec<Stmt>> {
        if matches!(
            self.kind(),
            TokenKind::End | TokenKind::RightBrace | TokenKind::Semicolon | TokenKind::Else
        ) {
            let name = self.slice(word);
            return Err(self.unexpected(format_args!("`{{` or a statement for this `{name}`")));
        }
        Ok(self.statement()?.into_iter().collect())
    }

    fn block(&mut self, word: Token) -> Parse<Vec<Stmt>> {
        let open = self.advance();
        let mut body = Vec::new();
        self.statements(&mut body);
        self.close(TokenKind::RightBrace, open, format_args!("the block of `{}`", self.slice(word)))?;
        Ok(body)
    }

    fn skip_semicolons_before_else(&mut self) {
        let mut ahead = 0;
        while self.ahead(ahead).kind == TokenKind::Semicolon {
            ahead += 1;
        }
        if self.ahead(ahead).kind == TokenKind::Else {
            self.at += ahead;
        }
    }
}
