//! Shapes that a function declares for its parameters and results: `Matrix[Double] X [n, 3]`.

use tilewright_base::{Code, Diagnostic, Span};

use crate::ast::{Extent, Kind};
use crate::token::TokenKind;

use super::{Parse, Parser};

impl Parser<'_> {
    /// The shape behind a parameter of some type; empty if there is none.
    pub(super) fn shape(&mut self, kind: Kind) -> Parse<Vec<Extent>> {
        let open = self.peek();
        if self.eat(TokenKind::LeftBracket).is_none() {
            return Ok(Vec::new());
        }
        let mut extents = vec![self.extent()?];
        while self.eat(TokenKind::Comma).is_some() {
            extents.push(self.extent()?);
        }
        self.close(TokenKind::RightBracket, open, format_args!("the shape"))?;
        let span = self.span_from(open);
        if !matches!(kind, Kind::Matrix | Kind::Frame | Kind::Unknown) {
            let error = Diagnostic::error(Code::Syntax, span, "only a matrix or a frame has a shape");
            self.report(error.hint("leave the shape out"));
        } else if extents.len() != 2 {
            self.refuse_extents(&extents, span);
        }
        Ok(extents)
    }

    fn extent(&mut self) -> Parse<Extent> {
        let token = self.peek();
        let extent = match token.kind {
            TokenKind::Underscore => Extent::Any(self.span(token)),
            TokenKind::Name => Extent::Name(self.name(token)),
            TokenKind::Integer(value) => Extent::Known(value.unsigned_abs(), self.span(token)),
            _ => return Err(self.no_extent()),
        };
        self.advance();
        match self.kind() {
            TokenKind::Infix(_) | TokenKind::LeftParen | TokenKind::LeftBracket => Err(self.no_extent()),
            _ => Ok(extent),
        }
    }

    fn no_extent(&mut self) -> super::Reported {
        let found = self.describe(self.peek());
        let message = format!("expected a number, a name or `_` in a declared shape, found {found}");
        let hint = "equal names stand for equal sizes, `_` for any; compute nothing here";
        self.report(self.error(self.peek(), message).hint(hint))
    }

    /// Reports a shape that has not two extents.
    fn refuse_extents(&mut self, extents: &[Extent], span: Span) {
        let message = "a shape has two extents: rows and columns";
        let hint = match extents {
            [only] => {
                let only = self.slice_of(only.span());
                format!("write `[{only}, 1]` for a column, `[1, {only}]` for a row")
            }
            _ => "write `[rows, columns]`".to_string(),
        };
        self.report(Diagnostic::error(Code::Syntax, span, message).hint(hint));
    }
}
