//! Statements, and how parsing goes on after a wrong one.

use tilewright_base::{Code, Diagnostic, Span};

use crate::ast::{Arg, Call, Expr, ExprKind, IndexRange, Name, Source, Stmt, StmtKind, Target};
use crate::token::{Token, TokenKind};

use super::jump::Around;
use super::operand::{Place, unescape};
use super::{Parse, Parser, Reported};

impl Parser<'_> {
    /// Statements up to a `}` or the end.
    pub(super) fn statements(&mut self, body: &mut Vec<Stmt>) {
        loop {
            let from = self.at;
            match self.kind() {
                TokenKind::RightBrace | TokenKind::End => return,
                TokenKind::Semicolon => {
                    self.advance();
                }
                _ => match self.statement() {
                    Ok(statement) => {
                        body.extend(statement);
                        self.statement_end = self.at;
                    }
                    Err(Reported) => self.recover(from),
                },
            }
        }
    }

    /// A statement, or none if it is one that the script keeps elsewhere.
    pub(super) fn statement(&mut self) -> Parse<Option<Stmt>> {
        let token = self.peek();
        match token.kind {
            _ if self.value_begins() => self.value().map(Some),
            TokenKind::If => self.if_statement().map(Some),
            TokenKind::While => self.while_statement().map(Some),
            TokenKind::For | TokenKind::Parfor => self.for_statement().map(Some),
            TokenKind::Source => self.source().map(|()| None),
            TokenKind::Setwd => self.setwd().map(|()| None),
            TokenKind::LeftBracket => self.multi_assignment().map(Some),
            TokenKind::Else => self.stray_else(),
            TokenKind::LeftBrace => self.stray_block(),
            TokenKind::Function => self.unnamed_function(),
            TokenKind::Name if self.ahead(1).kind.is_plain_assign() => match self.ahead(2).kind {
                TokenKind::Function => self.function().map(|()| None),
                TokenKind::ExternalFunction => self.external_function().map(|()| None),
                _ => self.assignment_or_call().map(Some),
            },
            TokenKind::Name => match self.jump()? {
                Some(jump) => Ok(Some(jump)),
                None => self.assignment_or_call().map(Some),
            },
            _ => Err(self.no_statement(token)),
        }
    }

    /// Skips the rest of a wrong statement that began at the token `from`.
    fn recover(&mut self, from: usize) {
        self.brackets = 0;
        if self.at == from && !matches!(self.kind(), TokenKind::LeftBrace | TokenKind::RightBrace) {
            self.advance();
        }
        loop {
            match self.kind() {
                TokenKind::End | TokenKind::RightBrace => return,
                TokenKind::Semicolon if !self.closer_follows() => return,
                TokenKind::LeftBrace => {
                    // Errors are reported by the block itself; its statements belong to nothing.
                    let _statements = self.within(Around::Loop, |parser| parser.body(parser.peek()));
                }
                _ if self.at_new_statement() => return,
                _ => {
                    self.advance();
                }
            }
        }
    }

    /// Whether the next token closes a bracket, so that a `;` here stands inside of it.
    fn closer_follows(&self) -> bool {
        matches!(self.ahead(1).kind, TokenKind::RightParen | TokenKind::RightBracket)
    }

    /// Whether a line begins here that looks like a new statement rather than the rest of an old one.
    pub(super) fn at_new_statement(&self) -> bool {
        let (token, next, before) = (self.peek(), self.ahead(1).kind, self.previous().kind);
        if !token.first_on_line {
            return false;
        }
        let inside = matches!(before, TokenKind::Comma | TokenKind::LeftParen | TokenKind::LeftBracket);
        let continued = inside || matches!(before, TokenKind::Infix(_) | TokenKind::Not | TokenKind::Assign);
        match token.kind {
            TokenKind::Name if next.is_plain_assign() && self.ahead(2).kind == TokenKind::Function => true,
            TokenKind::Name if next.is_assign() => !inside,
            TokenKind::Name => matches!(next, TokenKind::LeftParen | TokenKind::LeftBracket) && !continued,
            TokenKind::LeftBracket => token.opens_target && !continued,
            kind => kind.begins_statement(),
        }
    }

    fn assignment_or_call(&mut self) -> Parse<Stmt> {
        let first = self.at;
        let head = self.postfix(Place::Statement)?.expr;
        let sign = self.peek();
        match sign.kind {
            kind if kind.is_assign() => self.assignment(head),
            TokenKind::Infix(_) | TokenKind::Not | TokenKind::Foreign => Err(self.no_effect(&head, first)),
            _ => match &head.kind {
                ExprKind::Call(call) if self.block_follows() => Err(self.call_with_block(&call.callee)),
                ExprKind::Call(_) => Ok(Stmt { span: head.span, kind: StmtKind::Call(head) }),
                _ => Err(self.no_effect(&head, first)),
            },
        }
    }

    fn assignment(&mut self, head: Expr) -> Parse<Stmt> {
        if let (Some(frame), true) = (named_columns(&head), self.kind().is_plain_assign()) {
            return self.naming(head.span, frame);
        }
        let target = self.target(head)?;
        let update = match self.advance().kind {
            TokenKind::Update(operator) => Some(operator),
            _ => None,
        };
        if self.kind() == TokenKind::IfDef && update.is_none() {
            return self.ifdef(target);
        }
        let value = self.expression()?;
        self.refuse_after_value()?;
        let span = target.span.to(value.span);
        Ok(Stmt { kind: StmtKind::Assign { target, update, value }, span })
    }

    /// `colnames(F) = names`: the frame `F` under these names, which is what `as.frame(F, names)` says.
    fn naming(&mut self, head: Span, frame: Name) -> Parse<Stmt> {
        self.advance();
        let names = self.expression()?;
        self.refuse_after_value()?;
        let span = head.to(names.span);
        let of = Expr { kind: ExprKind::Variable(frame.text.clone()), span: frame.span };
        let args = [of, names].map(|value| Arg { name: None, value }).to_vec();
        let callee = Name { text: "as.frame".into(), span: head };
        let value = Expr { kind: ExprKind::Call(Call { callee, args }), span };
        let target = Target { span: frame.span, name: frame, indices: Vec::new(), is_element: false };
        Ok(Stmt { kind: StmtKind::Assign { target, update: None, value }, span })
    }

    /// Reports what cannot follow the right side of an assignment and begins no statement either.
    fn refuse_after_value(&mut self) -> Parse<()> {
        let token = self.peek();
        let error = match token.kind {
            kind if kind.is_assign() => self
                .error(token, "an assignment has no value that could be assigned again")
                .hint("write one statement per variable, or `==` to compare"),
            TokenKind::Colon => self
                .error(token, "a range is no value")
                .hint("write `seq(a, b)`; ranges `a:b` stand in an index or a `for` head"),
            TokenKind::Foreign => {
                self.with_slip(self.error(token, format!("unexpected {}", self.describe(token))), true)
            }
            _ => return Ok(()),
        };
        Err(self.report(error))
    }

    fn multi_assignment(&mut self) -> Parse<Stmt> {
        let open = self.advance();
        let mut targets = Vec::new();
        loop {
            if self.kind() != TokenKind::Name {
                return Err(self.unexpected("a variable"));
            }
            let target = self.postfix(Place::Statement)?.expr;
            targets.push(self.target(target)?);
            if self.eat(TokenKind::Comma).is_none() {
                break;
            }
        }
        self.close(TokenKind::RightBracket, open, format_args!("the list of variables"))?;
        if !self.kind().is_plain_assign() {
            return Err(self.unexpected("`=` and a call after the list of variables"));
        }
        self.advance();
        let call = self.expression()?;
        if !matches!(call.kind, ExprKind::Call(_)) {
            let error =
                Diagnostic::error(Code::Syntax, call.span, "several variables take the results of a call");
            return Err(self.report(error.hint("write `[a, b] = f(x)`")));
        }
        let span = self.span(open).to(call.span);
        Ok(Stmt { kind: StmtKind::MultiAssign { targets, call }, span })
    }

    /// The expression as something that can be assigned.
    fn target(&mut self, expr: Expr) -> Parse<Target> {
        let span = expr.span;
        let is_element = matches!(expr.kind, ExprKind::Element(..));
        let (base, indices) = match expr.kind {
            ExprKind::Index(base, indices) => (*base, indices),
            ExprKind::Element(base, at) => (*base, vec![IndexRange::One(*at)]),
            kind => (Expr { kind, span }, Vec::new()),
        };
        let ExprKind::Variable(text) = base.kind else {
            let error =
                Diagnostic::error(Code::Syntax, span, "only a variable or a part of one can be assigned");
            let hint = match base.kind {
                ExprKind::Call(_) => "a function is defined by `f = function(x) { ... }`",
                ExprKind::Index(..) | ExprKind::Element(..) => {
                    "assign the inner part to a variable, change that, and assign it back"
                }
                _ => "write `x = value` or `X[i, j] = value`",
            };
            return Err(self.report(error.hint(hint)));
        };
        self.foreign_words.bind(&text);
        Ok(Target { name: Name { text, span: base.span }, indices, is_element, span })
    }

    fn ifdef(&mut self, target: Target) -> Parse<Stmt> {
        self.advance();
        let open = self.expect(TokenKind::LeftParen, "`(` after `ifdef`")?;
        let token = self.expect(TokenKind::Argument, "an argument `$name` as the first of `ifdef`")?;
        let argument = Name { text: self.slice(token)[1..].to_string(), span: self.span(token) };
        self.expect(TokenKind::Comma, "`,` and a default value")?;
        let default = self.expression()?;
        let close = self.close(TokenKind::RightParen, open, format_args!("the `ifdef`"))?;
        if let TokenKind::Infix(_) = self.kind() {
            let error = self.error(self.peek(), "`ifdef` cannot be part of an expression");
            return Err(self.report(error.hint("assign it to a variable of its own first")));
        }
        let span = target.span.to(self.span(close));
        Ok(Stmt { kind: StmtKind::IfDef { target, argument, default }, span })
    }

    fn source(&mut self) -> Parse<()> {
        let word = self.advance();
        let path = self.path(word)?;
        if self.slice(self.peek()) != "as" {
            return Err(self.unexpected("`as` and a namespace"));
        }
        self.advance();
        let namespace = self.expect_name("a namespace")?;
        let span = self.span_from(word);
        if self.blocks > 0 {
            let warning = Diagnostic::warning(
                Code::Lint,
                span,
                "this file is loaded whether or not this place is reached",
            );
            self.report(warning.hint("move `source` to the top of the script"));
        }
        self.script.sources.push(Source { path, namespace, directory: self.directory.clone(), span });
        Ok(())
    }

    fn setwd(&mut self) -> Parse<()> {
        let word = self.advance();
        self.directory = Some(self.path(word)?);
        Ok(())
    }

    /// The constant string in the parentheses behind `source` or `setwd`.
    fn path(&mut self, word: Token) -> Parse<String> {
        let name = self.slice(word);
        let open = self.expect(TokenKind::LeftParen, format_args!("`(` after `{name}`"))?;
        let path = self.expect(TokenKind::Text, format_args!("the path of `{name}` as a constant string"))?;
        self.close(TokenKind::RightParen, open, format_args!("`{name}`"))?;
        Ok(unescape(self.slice(path)))
    }
}

/// What is no statement.
impl Parser<'_> {
    fn stray_else(&mut self) -> Parse<Option<Stmt>> {
        let word = self.advance();
        let error = self.error(word, "this `else` belongs to no `if`");
        self.report(error.hint("`else` stands directly behind the `}`, or the single statement, of an `if`"));
        if self.kind() == TokenKind::LeftBrace { self.body(word).map(|_| None) } else { Ok(None) }
    }

    fn stray_block(&mut self) -> Parse<Option<Stmt>> {
        let brace = self.peek();
        let error = self.error(brace, "this block belongs to nothing");
        self.report(
            error.hint("a block follows `if (...)`, `for (...)`, `while (...)` or a function's head"),
        );
        self.body(brace).map(|_| None)
    }

    fn unnamed_function(&mut self) -> Parse<Option<Stmt>> {
        let word = self.advance();
        let name = if self.kind() == TokenKind::Name { self.slice(self.peek()) } else { "f" };
        let error = self.error(word, "a function is defined by assigning it to a name");
        self.report(error.hint(format!("write `{name} = function(x) return (y) {{ ... }}`")));
        match self.head::<()>(|_| Err(Reported))? {
            Some(()) => Ok(None),
            None => self.in_function(|parser| parser.body(word)).map(|_| None),
        }
    }

    fn no_statement(&mut self, token: Token) -> Reported {
        if self.follows_statement(self.at) {
            return self.missing_operator(token);
        }
        self.unexpected("a statement")
    }

    /// Whether the token stands behind a complete statement on the same line.
    pub(super) fn follows_statement(&self, at: usize) -> bool {
        let before = self.tokens[at.saturating_sub(1)].kind;
        at == self.statement_end && !self.tokens[at].first_on_line && before != TokenKind::RightBrace
    }

    pub(super) fn missing_operator(&mut self, token: Token) -> Reported {
        let found = self.describe(token);
        let error =
            self.error(token, format!("expected an operator or the end of the statement, found {found}"));
        let hint = match token.kind {
            TokenKind::Argument => format!("an element of a list is `L[\"{}\"]`", &self.slice(token)[1..]),
            _ => "separate statements by `;` or a new line".to_string(),
        };
        self.report(error.hint(hint))
    }

    /// Reports a statement that is an expression; it began at the token `first`.
    fn no_effect(&mut self, head: &Expr, first: usize) -> Reported {
        let next = self.peek();
        if self.follows_statement(first) {
            return self.missing_operator(self.tokens[first]);
        }
        if let TokenKind::Infix(_) | TokenKind::Not | TokenKind::Foreign = next.kind {
            let error =
                Diagnostic::error(Code::Syntax, head.span, "the value of this expression is not used");
            let hint = match self.slice(next) {
                "==" => "to assign, write `=`",
                "->" => "write `name = value`",
                _ => "assign it to a variable, or `print` it",
            };
            return self.report(error.hint(hint));
        }
        match &head.kind {
            ExprKind::Variable(word) => self.lone_word(word),
            _ => self.unexpected("`=` and a value"),
        }
    }

    fn lone_word(&mut self, word: &str) -> Reported {
        let next = self.peek();
        let ends = next.first_on_line
            || matches!(next.kind, TokenKind::Semicolon | TokenKind::RightBrace | TokenKind::End);
        let hint = match word {
            "next" if ends => "to go on with the next iteration, write `continue`".to_string(),
            "break" | "continue" => format!("`{word}` stands alone"),
            "return" => "write `return(x)`, or `return()` where the results are assigned".to_string(),
            "repeat" | "do" => "write `while (TRUE) { ... }`".to_string(),
            "elif" | "elsif" | "elseif" => "write `else if (condition) { ... }`".to_string(),
            "def" | "fn" | "func" => "write `f = function(x) return (y) { ... }`".to_string(),
            _ if next.kind.is_operand() && !ends => format!("to call a function, write `{word}(...)`"),
            _ => format!("to print a value, write `print({word})`"),
        };
        let found = self.describe(next);
        let error = self.error(next, format!("expected `=` or `(` after `{word}`, found {found}"));
        self.report(error.hint(hint))
    }

    fn block_follows(&self) -> bool {
        self.kind() == TokenKind::LeftBrace && !self.peek().first_on_line
    }

    /// Reports a call with a block: a control structure of another language.
    fn call_with_block(&mut self, callee: &Name) -> Reported {
        let error = Diagnostic::error(Code::Syntax, callee.span, "a block cannot follow this call");
        let hint = match callee.text.as_str() {
            "elif" | "elsif" | "elseif" => "write `else if (condition) { ... }`",
            "foreach" => "write `for (i in 1:n) { ... }`",
            _ => {
                "blocks follow `if (...)`, `else`, `for (...)`, `parfor (...)`, `while (...)` and `f = function(...)`"
            }
        };
        self.report(error.hint(hint))
    }
}

/// The variable of `colnames(F)`.
fn named_columns(head: &Expr) -> Option<Name> {
    let ExprKind::Call(call) = &head.kind else { return None };
    let [Arg { name: None, value }] = call.args.as_slice() else { return None };
    match &value.kind {
        ExprKind::Variable(text) if call.callee.text == "colnames" => {
            Some(Name { text: text.clone(), span: value.span })
        }
        _ => None,
    }
}
