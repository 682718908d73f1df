//! Operands: literals, variables, calls, indexing, brackets.

use tilewright_base::Span;

use crate::ast::{Arg, Call, Expr, ExprKind, IndexRange};
use crate::token::{Token, TokenKind};

use super::expression::Tall;
use super::{Parse, Parser};

/// Where an operand stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// At the beginning of a statement: it may be what is assigned.
    Statement,
    /// In an expression: a `[a, b] =` behind it begins the next statement.
    Value,
}

impl Parser<'_> {
    /// An operand and the indexing behind it.
    pub(super) fn postfix(&mut self, place: Place) -> Parse<Tall> {
        let mut value = self.primary()?;
        while self.kind() == TokenKind::LeftBracket {
            let assigned = place == Place::Statement && matches!(value.expr.kind, ExprKind::Variable(_));
            if !assigned && self.at_next_targets() {
                break;
            }
            value = self.index(value)?;
        }
        Ok(value)
    }

    /// Whether the `[` at the current place begins the statement `[a, b] = f()`.
    fn at_next_targets(&self) -> bool {
        self.peek().opens_target && self.previous().end < self.peek().start
    }

    fn primary(&mut self) -> Parse<Tall> {
        let token = self.peek();
        let kind = match token.kind {
            TokenKind::Name => return self.name_or_call(token),
            TokenKind::LeftParen => return self.parenthesised(),
            TokenKind::LeftBracket => return self.list(),
            TokenKind::Integer(value) => ExprKind::Integer(value),
            TokenKind::Double(value) => ExprKind::Double(value),
            TokenKind::True => ExprKind::Boolean(true),
            TokenKind::False => ExprKind::Boolean(false),
            TokenKind::Text => ExprKind::String(unescape(self.slice(token))),
            TokenKind::Argument => ExprKind::Argument(self.slice(token)[1..].to_string()),
            _ => return Err(self.unexpected("an expression")),
        };
        self.advance();
        self.tall(Expr { kind, span: self.span(token) }, 0)
    }

    fn name_or_call(&mut self, token: Token) -> Parse<Tall> {
        let word = self.slice(token);
        if self.ahead(1).kind == TokenKind::LeftParen {
            self.advance();
            return self.call(token);
        }
        if word == "not" && self.ahead(1).kind.is_operand() && !self.ahead(1).first_on_line {
            let error = self.error(token, "`not` is not an operator of DML").hint("write `!`");
            return Err(self.report(error));
        }
        self.advance();
        if word.contains("::") {
            let what =
                format!("`(`: `{word}` is a function of a sourced file, and only functions are shared");
            return Err(self.unexpected(what));
        }
        self.foreign_words.used(word, self.span(token));
        self.tall(Expr { kind: ExprKind::Variable(word.to_string()), span: self.span(token) }, 0)
    }

    fn call(&mut self, callee: Token) -> Parse<Tall> {
        let open = self.advance();
        self.enter(open)?;
        let (mut args, mut height) = (Vec::new(), 0);
        while self.kind() != TokenKind::RightParen || !args.is_empty() {
            let (arg, arg_height) = self.arg()?;
            args.push(arg);
            height = height.max(arg_height);
            if self.eat(TokenKind::Comma).is_none() {
                break;
            }
        }
        self.close(TokenKind::RightParen, open, format_args!("the call of `{}`", self.slice(callee)))?;
        self.brackets -= 1;
        let kind = ExprKind::Call(Call { callee: self.name(callee), args });
        self.tall(Expr { kind, span: self.span_from(callee) }, height)
    }

    fn arg(&mut self) -> Parse<(Arg, usize)> {
        let mut name = None;
        if self.kind() == TokenKind::Name && self.ahead(1).kind.is_plain_assign() {
            name = Some(self.name(self.peek()));
            self.advance();
            let sign = self.advance();
            if sign.kind == TokenKind::Arrow {
                let error = self.error(sign, "`<-` cannot name an argument");
                self.report(error.hint("write `name=value`, or `a < -b` for a comparison"));
            }
        }
        let value = self.tall_expression()?;
        Ok((Arg { name, value: value.expr }, value.height))
    }

    fn parenthesised(&mut self) -> Parse<Tall> {
        let open = self.advance();
        self.enter(open)?;
        let mut inner = self.tall_expression()?;
        self.close(TokenKind::RightParen, open, format_args!("the parenthesis"))?;
        self.brackets -= 1;
        inner.expr.span = self.span_from(open);
        Ok(inner)
    }

    fn list(&mut self) -> Parse<Tall> {
        let open = self.advance();
        self.enter(open)?;
        let (mut items, mut height) = (Vec::new(), 0);
        while self.kind() != TokenKind::RightBracket || !items.is_empty() {
            let item = self.tall_expression()?;
            items.push(item.expr);
            height = height.max(item.height);
            if self.eat(TokenKind::Comma).is_none() {
                break;
            }
        }
        self.close(TokenKind::RightBracket, open, format_args!("the list"))?;
        self.brackets -= 1;
        self.tall(Expr { kind: ExprKind::List(items), span: self.span_from(open) }, height)
    }

    fn index(&mut self, base: Tall) -> Parse<Tall> {
        let open = self.advance();
        self.enter(open)?;
        let next = self.peek();
        if next.kind == TokenKind::LeftBracket && next.start == open.end {
            let span = self.span(open).to(self.span(next));
            let error = self.unsupported(span, "`[[ ]]` is not supported yet");
            let hint =
                "`L[i]` takes an element of a list; `as.scalar(L[i])` or `as.matrix(L[i])` gives its value";
            return Err(self.report(error.hint(hint)));
        }
        let mut height = base.height;
        let mut ranges = vec![self.index_range(&mut height)?];
        if self.eat(TokenKind::Comma).is_some() {
            ranges.push(self.index_range(&mut height)?);
        } else if ranges[0] == IndexRange::All {
            return Err(self.unexpected("an index"));
        }
        if self.kind() == TokenKind::Comma {
            let error = self.error(self.peek(), "an index has at most two parts: rows and columns");
            return Err(
                self.report(error.label(self.span(open), "opened here").hint("write `X[rows, columns]`"))
            );
        }
        self.close(TokenKind::RightBracket, open, format_args!("the index"))?;
        self.brackets -= 1;
        let span = base.expr.span.to(self.span(self.previous()));
        self.tall(Expr { kind: ExprKind::Index(Box::new(base.expr), ranges), span }, height)
    }

    /// One side of an index; raises `height` to that of its expressions.
    fn index_range(&mut self, height: &mut usize) -> Parse<IndexRange> {
        if self.at_index_end() {
            return Ok(IndexRange::All);
        }
        if self.kind() == TokenKind::Colon {
            return Err(self.open_range(self.span(self.peek()), "begin it with 1: `X[1:n, ]`"));
        }
        let first = self.tall_expression()?;
        *height = first.height.max(*height);
        let Some(colon) = self.eat(TokenKind::Colon) else { return Ok(IndexRange::One(first.expr)) };
        if self.at_index_end() {
            return Err(
                self.open_range(self.span(colon), "end it with `nrow(X)` or `ncol(X)`: `X[2:nrow(X), ]`")
            );
        }
        let last = self.tall_expression()?;
        *height = last.height.max(*height);
        Ok(IndexRange::Range(first.expr, last.expr))
    }

    fn at_index_end(&self) -> bool {
        matches!(self.kind(), TokenKind::Comma | TokenKind::RightBracket)
    }

    fn open_range(&mut self, colon: Span, hint: &str) -> super::Reported {
        self.report(self.unsupported(colon, "a range with an open end is not supported yet").hint(hint))
    }
}

/// The text between quotes, with its escapes resolved (unknown ones, reported by the lexer, stay).
pub(super) fn unescape(quoted: &str) -> String {
    let inner = &quoted[1..quoted.len() - 1];
    let mut text = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('b') => text.push('\u{8}'),
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('f') => text.push('\u{c}'),
            Some('r') => text.push('\r'),
            Some(escaped @ ('"' | '\'' | '\\')) => text.push(escaped),
            other => text.extend(std::iter::once('\\').chain(other)),
        }
    }
    text
}
