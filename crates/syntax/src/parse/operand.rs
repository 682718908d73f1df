//! Operands: literals, variables, calls, indexing, brackets.

use crate::ast::{Arg, Call, Expr, ExprKind, IndexRange};
use crate::token::{Token, TokenKind};

use super::expression::Tall;
use super::{Parse, Parser, jump};

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
            let open = self.peek();
            let is_element = open.is_double && self.ahead(1).start == open.end;
            value = if is_element { self.element(value)? } else { self.index(value)? };
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
            if word == jump::RETURN && !self.defines_return {
                return Err(self.return_in_expression(token));
            }
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
        let (args, height) = self.args(callee)?;
        let kind = ExprKind::Call(Call { callee: self.name(callee), args });
        self.tall(Expr { kind, span: self.span_from(callee) }, height)
    }

    /// Arguments in parentheses, and the height of the highest.
    pub(super) fn args(&mut self, callee: Token) -> Parse<(Vec<Arg>, usize)> {
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
        Ok((args, height))
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
        let mut end = |parser: &mut Self| -> Parse<Expr> {
            let end = parser.tall_expression()?;
            *height = end.height.max(*height);
            Ok(end.expr)
        };
        let first = if self.kind() == TokenKind::Colon { None } else { Some(end(self)?) };
        if self.eat(TokenKind::Colon).is_none() {
            return Ok(first.map_or(IndexRange::All, IndexRange::One));
        }
        let last = if self.at_index_end() { None } else { Some(end(self)?) };
        if self.kind() == TokenKind::Colon {
            return Err(self.third_part());
        }
        Ok(IndexRange::Range(first, last))
    }

    fn at_index_end(&self) -> bool {
        matches!(self.kind(), TokenKind::Comma | TokenKind::RightBracket)
    }

    /// `[[i]]` behind a list.
    fn element(&mut self, base: Tall) -> Parse<Tall> {
        let open = self.advance();
        self.enter(open)?;
        let inner = self.advance();
        let at = self.tall_expression()?;
        self.close(TokenKind::RightBracket, inner, format_args!("the element"))?;
        self.close(TokenKind::RightBracket, open, format_args!("the element"))?;
        self.brackets -= 1;
        let span = base.expr.span.to(self.span(self.previous()));
        let height = base.height.max(at.height);
        self.tall(Expr { kind: ExprKind::Element(Box::new(base.expr), Box::new(at.expr)), span }, height)
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
