//! Function definitions and the types of their parameters.

use tilewright_base::{Code, Diagnostic, nearest};

use crate::ast::{Function, Kind, Name, Param};
use crate::token::{Token, TokenKind};

use super::{Parse, Parser, Reported, doc};

/// What stands between the name and the body of a definition.
struct Head {
    params: Vec<Param>,
    results: Vec<Param>,
}

/// The spellings of types, in lower case.
const KINDS: [(&str, Kind); 13] = [
    ("matrix", Kind::Matrix),
    ("frame", Kind::Frame),
    ("list", Kind::List),
    ("double", Kind::Double),
    ("integer", Kind::Integer),
    ("int", Kind::Integer),
    ("boolean", Kind::Boolean),
    ("bool", Kind::Boolean),
    ("string", Kind::String),
    ("str", Kind::String),
    ("scalar", Kind::Unknown),
    ("unknown", Kind::Unknown),
    ("float", Kind::Double),
];

impl Parser<'_> {
    /// `name = function(params) return (results) { body }`.
    pub(super) fn function(&mut self) -> Parse<()> {
        let first = self.peek();
        let name = self.definition_name();
        let head = self.head(|parser| parser.function_head(&name.text))?;
        let body = self.in_function(|parser| parser.body(first))?;
        let Head { params, results } = head.ok_or(Reported)?;
        let is_first = self.script.functions.is_empty();
        let doc = doc::comment_of(self.text, &self.script.comments, first.start, is_first);
        let span = self.span_from(first);
        self.script.functions.push(Function { name, doc, params, results, body, span });
        Ok(())
    }

    /// `name = externalFunction(params) return (results) implemented in (key=value, ...)`.
    pub(super) fn external_function(&mut self) -> Parse<()> {
        let name = self.definition_name();
        self.params("parameter")?;
        self.results()?;
        self.expect_word("implemented")?;
        self.expect(TokenKind::In, "`in` after `implemented`")?;
        let open = self.expect(TokenKind::LeftParen, "`(` after `implemented in`")?;
        while self.kind() == TokenKind::Name {
            self.advance();
            self.expect(TokenKind::Assign, "`=` and a value")?;
            self.expression()?;
            if self.eat(TokenKind::Comma).is_none() {
                break;
            }
        }
        self.close(TokenKind::RightParen, open, format_args!("`implemented in`"))?;
        let message = format!("the external function `{}` is left out: they are not supported", name.text);
        let warning = Diagnostic::warning(Code::Unsupported, name.span, message);
        self.report(warning.hint("write it in DML"));
        Ok(())
    }

    /// Takes `name = function`, which the caller has seen.
    fn definition_name(&mut self) -> Name {
        let token = self.advance();
        self.advance();
        self.advance();
        let name = self.slice(token);
        if self.blocks > 0 {
            let error = self.error(token, format!("the function `{name}` is defined inside of a block"));
            self.report(error.hint("define it at the top level; or is a `}` missing above?"));
        } else if name.contains("::") {
            let error = self.error(token, "a definition has no namespace");
            self.report(error.hint("the namespace is given by the `source` that loads this file"));
        }
        self.name(token)
    }

    fn function_head(&mut self, name: &str) -> Parse<Head> {
        let params = self.params("parameter")?;
        let results = self.results()?;
        if self.kind() != TokenKind::LeftBrace {
            return Err(self.unexpected(format_args!("`{{` to begin the body of `{name}`")));
        }
        Ok(Head { params, results })
    }

    fn results(&mut self) -> Parse<Vec<Param>> {
        if self.slice(self.peek()) != "return" {
            return Ok(Vec::new());
        }
        self.advance();
        let results = self.params("result")?;
        for result in &results {
            if let Some(default) = &result.default {
                let error = Diagnostic::error(Code::Syntax, default.span, "a result has no default");
                self.report(error.hint("assign it at the beginning of the body"));
            }
        }
        Ok(results)
    }

    fn expect_word(&mut self, word: &str) -> Parse<()> {
        if self.slice(self.peek()) != word {
            return Err(self.unexpected(format_args!("`{word}`")));
        }
        self.advance();
        Ok(())
    }

    /// Parameters or results in parentheses; `noun` is what one of them is called.
    fn params(&mut self, noun: &str) -> Parse<Vec<Param>> {
        let open = self.expect(TokenKind::LeftParen, format_args!("`(` and the {noun}s"))?;
        let mut params: Vec<Param> = Vec::new();
        while self.kind() != TokenKind::RightParen || !params.is_empty() {
            let param = self.param(noun)?;
            if let Some(first) = params.iter().find(|other| other.name.text == param.name.text) {
                let message = format!("there are two {noun}s `{}`", param.name.text);
                let error = Diagnostic::error(Code::Name, param.name.span, message);
                self.report(error.label(first.name.span, "this is the first one"));
            }
            params.push(param);
            if self.eat(TokenKind::Comma).is_none() {
                break;
            }
        }
        self.close(TokenKind::RightParen, open, format_args!("the {noun}s"))?;
        Ok(params)
    }

    fn param(&mut self, noun: &str) -> Parse<Param> {
        let kind = if self.at_type() { self.declared_kind()? } else { Kind::Unknown };
        let name = self.expect_name(format_args!("a {noun}"))?;
        self.foreign_words.bind(&name.text);
        let shape = self.shape(kind)?;
        let default = match self.eat(TokenKind::Assign) {
            Some(_) => Some(self.expression()?),
            None => None,
        };
        Ok(Param { kind, name, shape, default })
    }

    /// Whether a type stands before the name; `X [n, 1]` is a name with a shape.
    fn at_type(&self) -> bool {
        let next = self.ahead(1).kind;
        let typed = matches!(next, TokenKind::Name) || next.is_keyword();
        let bracketed = next == TokenKind::LeftBracket && self.ahead(3).kind != TokenKind::Comma;
        self.kind() == TokenKind::Name && (typed || bracketed)
    }

    /// `Matrix[Double]`, `Double`, ...; an unknown type is reported and taken for none.
    fn declared_kind(&mut self) -> Parse<Kind> {
        let outer = self.advance();
        let kind = self.kind_of(outer);
        let Some(open) = self.eat(TokenKind::LeftBracket) else { return Ok(kind) };
        let token = self.expect(TokenKind::Name, "a value type such as `Double`")?;
        let inner = self.kind_of(token);
        self.close(TokenKind::RightBracket, open, format_args!("the type"))?;
        let scalar = self.slice(outer).eq_ignore_ascii_case("scalar");
        Ok(if scalar { inner } else { kind })
    }

    fn kind_of(&mut self, token: Token) -> Kind {
        let word = self.slice(token);
        let lower = word.to_ascii_lowercase();
        if let Some((_, kind)) = KINDS.iter().find(|(spelling, _)| *spelling == lower) {
            return *kind;
        }
        if lower == "tensor" {
            let error = self.unsupported(self.span(token), "tensors are not supported");
            self.report(error.hint("use a matrix"));
            return Kind::Unknown;
        }
        let error = self.error(token, format!("`{word}` is not a type"));
        let hint = match nearest(&lower, KINDS.iter().map(|(spelling, _)| *spelling)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the types are Matrix[Double], Frame[Unknown], List[Unknown], Double, Integer, Boolean, String; \
                     parameters are separated by commas"
                .to_string(),
        };
        self.report(error.hint(hint));
        Kind::Unknown
    }
}
