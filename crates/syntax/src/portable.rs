//! What a script writes that the reference's DML rejects, for those whose scripts must run there too.
//!
//! Only the syntax is looked at: an index by a vector that a variable holds, for instance, is not found.

use std::collections::HashSet;

use tilewright_base::{Code, Diagnostic, Span};

use crate::ast::*;

/// A warning for each use of syntax that the reference rejects, in order of place.
///
/// `is_library` tells which names are scripts of the library: to them the reference passes either named arguments or
/// others, while its operators and the functions of a script take both in one call.
pub fn beyond(script: &Script, is_library: &dyn Fn(&str) -> bool) -> Vec<Diagnostic> {
    let own = script.functions.iter().map(|function| function.name.text.as_str()).collect();
    let mut walk = Walk { found: Vec::new(), own, is_library };
    for function in &script.functions {
        walk.function(function);
    }
    walk.statements(&script.body);
    walk.found.sort_by_key(|warning| warning.span.map(|span| span.start));
    walk.found
}

struct Walk<'a> {
    found: Vec<Diagnostic>,
    /// The functions of the script, which hide those of the library.
    own: HashSet<&'a str>,
    is_library: &'a dyn Fn(&str) -> bool,
}

impl Walk<'_> {
    fn warn(&mut self, span: Span, what: &str, hint: impl Into<String>) {
        let message = format!("{what} is not in the reference's DML");
        self.found.push(Diagnostic::warning(Code::Lint, span, message).hint(hint));
    }

    fn function(&mut self, function: &Function) {
        for param in function.params.iter().chain(&function.results) {
            if let [first, .., last] = param.shape.as_slice() {
                let hint = "leave it out, and compare `nrow` and `ncol` in the body";
                self.warn(first.span().to(last.span()), "a declared shape", hint);
            }
            param.default.iter().for_each(|default| self.expression(default));
        }
        if function.body.is_empty() {
            self.warn(function.name.span, "a function without statements", "assign its results");
        }
        self.statements(&function.body);
    }

    fn call(&mut self, call: &Call) {
        let callee = call.callee.text.as_str();
        let is_mixed = call.args.first().is_some_and(|arg| arg.name.is_none());
        let named = call.args.iter().find_map(|arg| arg.name.as_ref()).filter(|_| is_mixed);
        if let Some(named) = named.filter(|_| (self.is_library)(callee) && !self.own.contains(callee)) {
            let what = format!("a call of `{callee}` with some arguments named and others not");
            self.warn(named.span, &what, "name all arguments, or none");
        }
        self.args(&call.args);
    }

    fn args(&mut self, args: &[Arg]) {
        args.iter().for_each(|arg| self.expression(&arg.value));
    }
}

/// Statements.
impl Walk<'_> {
    fn statements(&mut self, body: &[Stmt]) {
        body.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt) {
        let span = statement.span;
        match &statement.kind {
            StmtKind::Assign { target, update, value } => {
                self.update(target, *update);
                self.naming(target, value);
                self.target(target);
                self.expression(value);
            }
            StmtKind::MultiAssign { targets, call } => {
                targets.iter().for_each(|target| self.target(target));
                self.expression(call);
            }
            StmtKind::IfDef { target, default, .. } => {
                self.target(target);
                self.expression(default);
            }
            StmtKind::Call(call) => self.expression(call),
            StmtKind::Break => self.warn(span, "`break`", "let the condition of a `while` say when to stop"),
            StmtKind::Continue => {
                self.warn(span, "`continue`", "put the rest of the body into an `if`");
            }
            StmtKind::Return(args) => {
                let hint = "assign the results that the head declares, and put the rest into an `else`";
                self.warn(span, "`return` as a statement", hint);
                self.args(args);
            }
            StmtKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.statements(then);
                self.statements(otherwise);
            }
            StmtKind::While { condition, body } => {
                self.expression(condition);
                self.statements(body);
            }
            StmtKind::For { range, options, body, .. } => {
                self.loop_range(range);
                options.iter().for_each(|(_, value)| self.expression(value));
                self.statements(body);
            }
        }
    }

    /// Of the operators that are joined with `=` the reference has `+=`.
    fn update(&mut self, target: &Target, update: Option<Infix>) {
        if let Some(operator) = update.filter(|operator| *operator != Infix::Add) {
            let (name, symbol) = (&target.name.text, operator.symbol());
            let hint = format!("write `{name} = {name} {symbol} ...`");
            self.warn(target.span, &format!("`{symbol}=`"), hint);
        }
    }

    /// An assignment to `colnames(F)` is a call that is written where the variable is.
    fn naming(&mut self, target: &Target, value: &Expr) {
        if let ExprKind::Call(call) = &value.kind
            && call.callee.span.start <= target.span.start
            && call.callee.span.end >= target.span.end
        {
            let hint = "give the names where the frame is made: `as.frame(X, names)`, a header, metadata";
            self.warn(call.callee.span, "an assignment to `colnames`", hint);
        }
    }

    fn target(&mut self, target: &Target) {
        if target.is_element {
            self.element(target.span, "write `L[i] = ...`");
        }
        self.index(&target.indices, target.span);
    }

    fn loop_range(&mut self, range: &Expr) {
        let is_known = match &range.kind {
            ExprKind::Range(..) => true,
            ExprKind::Call(call) => call.callee.text == "seq",
            _ => false,
        };
        if !is_known {
            let hint = "loop over positions: `for (i in 1:n)`";
            self.warn(range.span, "a loop over the elements of a value", hint);
        }
        self.expression(range);
    }
}

/// Expressions.
impl Walk<'_> {
    fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Unary(_, operand) => self.expression(operand),
            ExprKind::Binary(operator, left, right) => {
                self.expression(left);
                self.expression(right);
                self.short_circuit(*operator, expr.span);
            }
            ExprKind::Range(from, to) => {
                self.expression(from);
                self.expression(to);
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Index(base, indices) => {
                self.base(base);
                self.index(indices, expr.span);
            }
            ExprKind::Element(base, at) => {
                let hint =
                    "write `L[i]`, in `as.scalar(...)`, `as.matrix(...)` or `as.list(...)` for its value";
                self.element(expr.span, hint);
                self.base(base);
                self.expression(at);
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.expression(item)),
            ExprKind::Integer(_)
            | ExprKind::Double(_)
            | ExprKind::Boolean(_)
            | ExprKind::String(_)
            | ExprKind::Variable(_)
            | ExprKind::Argument(_) => {}
        }
    }

    fn short_circuit(&mut self, operator: Infix, span: Span) {
        let single = match operator {
            Infix::AndAnd => Infix::And.symbol(),
            Infix::OrOr => Infix::Or.symbol(),
            _ => return,
        };
        let hint = format!("write `{single}`, which computes both sides, or an `if` in an `if`");
        self.warn(span, &format!("`{}`", operator.symbol()), hint);
    }

    fn element(&mut self, span: Span, hint: &str) {
        self.warn(span, "`[[ ]]`", hint);
    }

    /// What is indexed: in the reference a variable, not even in parentheses.
    fn base(&mut self, base: &Expr) {
        let length = (base.span.end - base.span.start) as usize;
        if !matches!(&base.kind, ExprKind::Variable(name) if name.len() == length) {
            self.warn(base.span, "an index of anything but a variable", "assign it to a variable first");
        }
        self.expression(base);
    }

    /// The indices of what stands at `span`.
    fn index(&mut self, indices: &[IndexRange], span: Span) {
        for index in indices {
            match index {
                IndexRange::All => {}
                IndexRange::One(at) => {
                    if let ExprKind::List(_) = at.kind {
                        let hint = "multiply by a selection matrix: `table(seq(1, n), I) %*% X`";
                        self.warn(at.span, "an index by a list", hint);
                    }
                    self.expression(at);
                }
                IndexRange::Range(from, to) => {
                    if from.is_none() || to.is_none() {
                        let place = from.as_ref().or(to.as_ref()).map_or(span, |end| end.span);
                        let hint = "write both ends, `X[2:nrow(X), ]`, or none, `X[, 1]`";
                        self.warn(place, "a range with an open end", hint);
                    }
                    [from, to].into_iter().flatten().for_each(|end| self.expression(end));
                }
            }
        }
    }
}
