//! What the brackets of a text tell once it is cut: where assignments begin, and which brackets are double.

use crate::token::{Token, TokenKind};

/// An open bracket.
struct Open {
    /// The token that opens it.
    at: usize,
    /// A comma stands in it, not in a bracket within.
    has_comma: bool,
}

/// Marks each `[` whose `]` stands before an assignment, and each that holds a single bracket.
pub(super) fn mark(tokens: &mut [Token]) {
    let mut open: Vec<Open> = Vec::new();
    for at in 0..tokens.len() {
        let opener = match tokens[at].kind {
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => {
                open.push(Open { at, has_comma: false });
                continue;
            }
            TokenKind::Comma => {
                if let Some(open) = open.last_mut() {
                    open.has_comma = true;
                }
                continue;
            }
            TokenKind::RightParen => TokenKind::LeftParen,
            TokenKind::RightBracket => TokenKind::LeftBracket,
            TokenKind::RightBrace => TokenKind::LeftBrace,
            _ => continue,
        };
        // Unclosed brackets end with the bracket around them, but no bracket ends a block.
        while let Some(from) = open.pop_if(|from| {
            let kind = tokens[from.at].kind;
            kind == opener || kind != TokenKind::LeftBrace
        }) {
            if tokens[from.at].kind == opener {
                if opener == TokenKind::LeftBracket {
                    mark_one(tokens, &from, at);
                }
                break;
            }
        }
    }
}

/// Marks a `[` that the token `to` closes, or the `[` around it.
fn mark_one(tokens: &mut [Token], from: &Open, to: usize) {
    let next = tokens.get(to + 1).map(|token| token.kind);
    tokens[from.at].opens_target = next.is_some_and(TokenKind::is_plain_assign);
    let around = from.at.checked_sub(1).filter(|around| tokens[*around].kind == TokenKind::LeftBracket);
    if let Some(around) = around {
        tokens[around].is_double = next == Some(TokenKind::RightBracket) && !from.has_comma;
    }
}
