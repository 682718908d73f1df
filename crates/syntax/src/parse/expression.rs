//! Expressions: operators by precedence.
//!
//! Operators that wait for their right side stand on an explicit stack, so that chains of any length cost no
//! machine stack; only brackets recurse. Trees that would be too high for those who walk them are an error.

use crate::ast::{Expr, ExprKind, Infix, Prefix};
use crate::precedence;
use crate::token::{Token, TokenKind};

use super::operand::Place;
use super::{MAX_HEIGHT, Parse, Parser};

/// An expression with the height of its tree.
pub(super) struct Tall {
    pub expr: Expr,
    pub height: usize,
}

/// An operator that waits for its right side.
enum Pending {
    Prefix(Prefix, Token),
    Infix(Infix, Tall),
}

impl Pending {
    /// Whether this operator takes the operand that stands between it and `next`.
    fn binds_before(&self, next: Infix) -> bool {
        let rank = match self {
            Pending::Prefix(operator, _) => precedence::prefix(*operator),
            Pending::Infix(operator, _) => precedence::infix(*operator),
        };
        let other = precedence::infix(next);
        rank > other || (rank == other && !precedence::is_right_associative(next))
    }
}

impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.tall_expression().map(|tall| tall.expr)
    }

    pub(super) fn tall_expression(&mut self) -> Parse<Tall> {
        let mut pending = Vec::new();
        loop {
            while let Some(operator) = self.prefix() {
                pending.push(Pending::Prefix(operator, self.advance()));
            }
            let mut value = self.postfix(Place::Value)?;
            let next = self.infix();
            while let Some(top) = pending.pop_if(|top| next.is_none_or(|next| top.binds_before(next))) {
                value = self.apply(top, value)?;
            }
            match next {
                Some(operator) => pending.push(Pending::Infix(operator, value)),
                None => return Ok(value),
            }
        }
    }

    /// An expression one higher than the highest of its parts.
    pub(super) fn tall(&mut self, expr: Expr, parts: usize) -> Parse<Tall> {
        if parts >= MAX_HEIGHT {
            let message = format!(
                "this expression is too large: more than {MAX_HEIGHT} operators depend on each other"
            );
            let error = self.error(self.previous(), message);
            return Err(self.report(error.hint("assign parts of it to variables, or use a loop")));
        }
        Ok(Tall { expr, height: parts + 1 })
    }

    fn prefix(&mut self) -> Option<Prefix> {
        match self.kind() {
            TokenKind::Not => Some(Prefix::Not),
            TokenKind::Infix(Infix::Subtract) => Some(Prefix::Minus),
            TokenKind::Infix(Infix::Add) => Some(Prefix::Plus),
            _ => None,
        }
    }

    /// Takes the infix operator at the current place; one of another language is reported and taken for ours.
    fn infix(&mut self) -> Option<Infix> {
        if let TokenKind::Infix(operator) = self.kind() {
            self.advance();
            return Some(operator);
        }
        let (operator, hint) = self.foreign_operator()?;
        let token = self.peek();
        let error = self.error(token, format!("`{}` is not an operator of DML", self.slice(token)));
        self.report(error.hint(hint));
        self.advance();
        Some(operator)
    }

    fn apply(&mut self, operator: Pending, right: Tall) -> Parse<Tall> {
        match operator {
            Pending::Prefix(operator, token) => {
                let span = self.span(token).to(right.expr.span);
                let kind = ExprKind::Unary(operator, Box::new(right.expr));
                self.tall(Expr { kind, span }, right.height)
            }
            Pending::Infix(operator, left) => {
                let span = left.expr.span.to(right.expr.span);
                let kind = ExprKind::Binary(operator, Box::new(left.expr), Box::new(right.expr));
                self.tall(Expr { kind, span }, left.height.max(right.height))
            }
        }
    }
}
