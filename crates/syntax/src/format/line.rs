//! The tokens of a statement, or of the head of a block, as a line.
//!
//! A line that is too long is broken behind commas and operators, at the outermost brackets that allow it and there
//! behind the operator that binds least; what follows hangs one level deeper (two below the head of a block, so
//! that it is not taken for the block).

use crate::ast::Infix;
use crate::precedence;
use crate::token::{Token, TokenKind};

/// Columns of a line, if it can be broken.
const WIDTH: usize = 100;

/// How the line begins and ends.
pub(super) struct Line<'a> {
    /// Stands before the tokens.
    pub lead: &'a str,
    /// Stands behind the tokens; not empty for the head of a block.
    pub tail: &'a str,
    /// Columns before the line.
    pub indent: usize,
}

/// A token as it is written.
struct Word<'a> {
    text: &'a str,
    /// A space stands before it on the same line.
    space: bool,
    /// How well the line can be broken before it, if at all; the least is the best.
    level: Option<Level>,
    /// The `return` of a definition.
    is_return: bool,
}

/// The weight of the brackets around a place, and the rank of the operator before it (0 for a comma).
type Level = (usize, u8);

impl Line<'_> {
    /// The line without its indentation; several lines if it is too long.
    pub fn lay_out(&self, source: &str, tokens: &[Token]) -> String {
        let words = words(source, tokens);
        let mut text = self.lead.to_string();
        let used = self.indent + self.lead.len();
        let is_long = used + width(&words) + self.tail.len() > WIDTH;
        // A long head has its results on a line of their own.
        match words.iter().position(|word| word.is_return).filter(|_| is_long) {
            Some(at) => {
                self.fill(&mut text, &words[..at], used, 0);
                self.hang(&mut text);
                self.fill(&mut text, &words[at..], self.indent + self.hanging(), self.tail.len());
            }
            None => self.fill(&mut text, &words, used, self.tail.len()),
        }
        text.push_str(self.tail);
        text
    }

    /// Writes words behind the `used` columns of a line and, if there is no room, to further lines; the last one
    /// needs room for a tail.
    fn fill(&self, text: &mut String, mut words: &[Word<'_>], mut used: usize, tail: usize) {
        while let Some(cut) = cut(words, WIDTH.saturating_sub(used), tail) {
            push(text, &words[..cut]);
            self.hang(text);
            used = self.indent + self.hanging();
            words = &words[cut..];
        }
        push(text, words);
    }

    fn hanging(&self) -> usize {
        if self.tail.is_empty() { 2 } else { 4 }
    }

    fn hang(&self, text: &mut String) {
        text.push('\n');
        text.push_str(&" ".repeat(self.indent + self.hanging()));
    }
}

/// The columns of a word within a line.
fn columns(word: &Word<'_>) -> usize {
    word.text.chars().count() + usize::from(word.space)
}

fn width(words: &[Word<'_>]) -> usize {
    words.iter().map(columns).sum()
}

/// Where to break words that do not fit: at the best place that fits, else at the first place there is.
fn cut(words: &[Word<'_>], room: usize, tail: usize) -> Option<usize> {
    let mut best: Option<(Level, usize)> = None;
    let mut used = 0;
    let mut fits = true;
    for (at, word) in words.iter().enumerate() {
        if at > 0
            && let Some(level) = word.level
        {
            match best {
                None if used > room => return Some(at),
                Some((least, _)) if level > least => {}
                _ => best = Some((level, at)),
            }
        }
        used += columns(word);
        let end = if at + 1 == words.len() { tail } else { 0 };
        fits = used + end <= room;
        if !fits && best.is_some() {
            break;
        }
    }
    best.filter(|_| !fits).map(|(_, at)| at)
}

fn push(text: &mut String, words: &[Word<'_>]) {
    for (at, word) in words.iter().enumerate() {
        if word.space && at > 0 {
            text.push(' ');
        }
        text.push_str(word.text);
    }
}

/// An open bracket.
#[derive(Clone, Copy, PartialEq)]
enum Bracket {
    /// Around arguments, parameters, an expression or the elements of a list.
    Around,
    /// Of an index or a type.
    Index,
}

/// What is known at a token from those before it.
struct Reader<'a> {
    source: &'a str,
    brackets: Vec<Bracket>,
    /// The token before.
    before: Option<Token>,
    /// What the token before that is.
    earlier: Option<TokenKind>,
    /// The token before is a sign or `!` before its operand.
    after_prefix: bool,
    is_definition: bool,
}

fn words<'a>(source: &'a str, tokens: &[Token]) -> Vec<Word<'a>> {
    let is_definition = super::defines(tokens);
    let mut reader = Reader {
        source,
        brackets: Vec::new(),
        before: None,
        earlier: None,
        after_prefix: false,
        is_definition,
    };
    tokens.iter().map(|token| reader.word(*token)).collect()
}

impl<'a> Reader<'a> {
    fn word(&mut self, token: Token) -> Word<'a> {
        let written = &self.source[token.start as usize..token.end as usize];
        let text = if token.kind == TokenKind::Arrow { "=" } else { written };
        let is_return = self.is_definition && self.brackets.is_empty() && text == "return";
        let word = Word { text, space: self.space(token), level: self.level(), is_return };
        self.pass(token, is_return);
        word
    }

    fn pass(&mut self, token: Token, is_return: bool) {
        let kind = token.kind;
        let is_sign = matches!(kind, TokenKind::Infix(Infix::Add | Infix::Subtract));
        let is_prefix = kind == TokenKind::Not || is_sign && !self.is_after_operand();
        match kind {
            TokenKind::LeftParen => self.brackets.push(Bracket::Around),
            TokenKind::LeftBracket if self.is_after_operand() => self.brackets.push(Bracket::Index),
            TokenKind::LeftBracket => self.brackets.push(Bracket::Around),
            TokenKind::RightParen | TokenKind::RightBracket => {
                self.brackets.pop();
            }
            _ => {}
        }
        self.after_prefix = is_prefix;
        self.earlier = self.before.map(|before| before.kind);
        // A keyword in all but name: a space stands before its parenthesis.
        let kind = if is_return { TokenKind::In } else { kind };
        self.before = Some(Token { kind, ..token });
    }

    /// Whether an operator here would have a left side, and a bracket something to index.
    fn is_after_operand(&self) -> bool {
        self.before.is_some_and(|before| {
            before.kind.is_operand() || matches!(before.kind, TokenKind::RightParen | TokenKind::RightBracket)
        })
    }

    /// Whether a `[` here begins the shape of a parameter: `Matrix[Double] X [n, m]`, not `Matrix[Double]`.
    fn is_before_shape(&self) -> bool {
        use TokenKind::{Name, RightBracket};
        let is_name = self.before.is_some_and(|before| before.kind == Name);
        let is_typed = matches!(self.earlier, Some(Name | RightBracket));
        self.is_definition && self.brackets.len() == 1 && is_name && is_typed
    }

    fn space(&self, token: Token) -> bool {
        use TokenKind::*;
        let Some(before) = self.before else { return false };
        let is_tight = |kind| matches!(kind, Colon | Infix(crate::ast::Infix::Power));
        match (before.kind, token.kind) {
            // An index that is left out, or its first end: `X[1, ]`, `X[1, :3]`.
            (Comma, _) => true,
            _ if self.after_prefix || is_tight(before.kind) || is_tight(token.kind) => false,
            // `L[[1]]` is an element, `X[ [1]]` an index by a list.
            (LeftBracket, LeftBracket) if self.brackets.last() == Some(&Bracket::Index) => {
                before.is_double && before.end < token.start
            }
            (LeftParen | LeftBracket, _) | (_, RightParen | RightBracket | Comma) => false,
            (Name | Function | ExternalFunction | IfDef | Source | Setwd, LeftParen) => false,
            (_, LeftBracket) => !self.is_after_operand() || self.is_before_shape(),
            _ => true,
        }
    }

    /// How well a line can be broken here.
    fn level(&self) -> Option<Level> {
        let rank = match self.before?.kind {
            TokenKind::Comma => 0,
            TokenKind::Infix(operator) if operator != Infix::Power && !self.after_prefix => {
                precedence::infix(operator)
            }
            _ => return None,
        };
        // An index is better kept together than what stands around it.
        let weight = |bracket: &Bracket| if *bracket == Bracket::Index { 3 } else { 1 };
        Some((self.brackets.iter().map(weight).sum(), rank))
    }
}
