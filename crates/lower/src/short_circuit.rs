//! `&&` and `||`: the right side is evaluated only if the left one does not decide.
//!
//! A statement that contains them follows statements that compute them into variables of the compiler's own:
//!
//! ```text
//! x = f(a && b)      %and = FALSE; if (a) { if (b) { %and = TRUE } }; x = f(%and)
//! x = f(a || b)      %or = TRUE; if (a) { } else { if (b) { } else { %or = FALSE } }; x = f(%or)
//! ```
//!
//! Calls of functions to the left of an operator that is moved to the front are moved with it, so that what they print
//! keeps its order.

use tilewright_base::Span;
use tilewright_ops::catalogue;
use tilewright_syntax::ast::{Expr, ExprKind, IndexRange, Infix, Name, Stmt, StmtKind, Target};

use crate::function::FunctionLowerer;

/// True when an expression contains `&&` or `||`.
pub fn is_lazy(expr: &Expr) -> bool {
    any(expr, &|expr| matches!(expr.kind, ExprKind::Binary(Infix::AndAnd | Infix::OrOr, ..)))
}

/// True when an expression calls a function that may print.
fn has_effect(expr: &Expr) -> bool {
    any(expr, &|expr| match &expr.kind {
        ExprKind::Call(call) => catalogue::find(&call.callee.text, call.args.len()).is_none(),
        _ => false,
    })
}

/// True when a predicate holds for an expression or one inside of it.
fn any(expr: &Expr, holds: &dyn Fn(&Expr) -> bool) -> bool {
    holds(expr) || expr.children().into_iter().any(|child| any(child, holds))
}

impl FunctionLowerer<'_, '_> {
    /// Statements that compute the lazy operators of a statement, and the statement that reads their results; none if
    /// it has no such operator.
    pub(crate) fn without_lazy(&mut self, statement: &Stmt) -> Option<(Vec<Stmt>, Stmt)> {
        let mut before = Vec::new();
        let mut eager = |expr: &Expr| self.eager(expr, false, &mut before);
        let lazy_target = |target: &Target| target.indices.iter().flat_map(IndexRange::parts).any(is_lazy);
        let kind = match &statement.kind {
            StmtKind::Assign { target, update, value } if is_lazy(value) || lazy_target(target) => {
                let target = eager_target(target, &mut eager);
                StmtKind::Assign { target, update: *update, value: eager(value) }
            }
            StmtKind::MultiAssign { targets, call } if is_lazy(call) || targets.iter().any(lazy_target) => {
                let targets = targets.iter().map(|target| eager_target(target, &mut eager)).collect();
                StmtKind::MultiAssign { targets, call: eager(call) }
            }
            StmtKind::Call(call) if is_lazy(call) => StmtKind::Call(eager(call)),
            StmtKind::If { condition, then, otherwise } if is_lazy(condition) => {
                let condition = eager(condition);
                StmtKind::If { condition, then: then.clone(), otherwise: otherwise.clone() }
            }
            StmtKind::While { condition, body } if is_lazy(condition) => StmtKind::While {
                condition: truth(true, condition.span),
                body: self.lazy_body(condition, body),
            },
            StmtKind::For { variable, range, parallel, options, body } if is_lazy(range) => StmtKind::For {
                variable: variable.clone(),
                range: eager(range),
                parallel: *parallel,
                options: options.clone(),
                body: body.clone(),
            },
            StmtKind::Return(args) if args.iter().any(|arg| is_lazy(&arg.value)) => {
                let mut args = args.clone();
                args.iter_mut().for_each(|arg| arg.value = eager(&arg.value));
                StmtKind::Return(args)
            }
            _ => return None,
        };
        Some((before, Stmt { kind, span: statement.span }))
    }

    /// The body of `while (condition)` as that of an endless loop, which ends itself.
    fn lazy_body(&mut self, condition: &Expr, body: &[Stmt]) -> Vec<Stmt> {
        let span = condition.span;
        let mut statements = Vec::new();
        let condition = self.eager(condition, false, &mut statements);
        let otherwise = vec![Stmt { kind: StmtKind::Break, span }];
        statements.push(Stmt { kind: StmtKind::If { condition, then: Vec::new(), otherwise }, span });
        statements.extend(body.iter().cloned());
        statements
    }

    /// The expression without lazy operators, whose statements go to `before`; `later` when such statements follow.
    fn eager(&mut self, expr: &Expr, later: bool, before: &mut Vec<Stmt>) -> Expr {
        let span = expr.span;
        if !is_lazy(expr) {
            if !later || !has_effect(expr) {
                return expr.clone();
            }
            let value = self.fresh("value", span);
            before.push(assign(&value, expr.clone()));
            return variable(&value);
        }
        if let ExprKind::Binary(infix @ (Infix::AndAnd | Infix::OrOr), left, right) = &expr.kind {
            return self.lazy(*infix, left, right, before);
        }
        let mut copy = expr.clone();
        let mut parts = copy.children_mut();
        let lazy: Vec<bool> = parts.iter().map(|part| is_lazy(part)).collect();
        for (at, part) in parts.iter_mut().enumerate() {
            let later = later || lazy[at + 1..].contains(&true);
            **part = self.eager(part, later, before);
        }
        copy
    }

    fn lazy(&mut self, infix: Infix, left: &Expr, right: &Expr, before: &mut Vec<Stmt>) -> Expr {
        let and = infix == Infix::AndAnd;
        let result = self.fresh(if and { "and" } else { "or" }, left.span.to(right.span));
        let left = self.eager(left, false, before);
        before.push(assign(&result, truth(!and, result.span)));
        let mut inner = Vec::new();
        let right = self.eager(right, false, &mut inner);
        inner.push(branch(right, and, vec![assign(&result, truth(and, result.span))]));
        before.push(branch(left, and, inner));
        variable(&result)
    }

    /// A variable of the compiler's own.
    pub(crate) fn fresh(&mut self, what: &str, span: Span) -> Name {
        self.hidden_names += 1;
        Name { text: format!("%{what}.{}", self.hidden_names), span }
    }
}

fn eager_target(target: &Target, eager: &mut impl FnMut(&Expr) -> Expr) -> Target {
    let mut target = target.clone();
    target.indices.iter_mut().flat_map(IndexRange::parts_mut).for_each(|part| *part = eager(part));
    target
}

/// `if (condition) { body }`, or `if (condition) { } else { body }`.
fn branch(condition: Expr, when: bool, body: Vec<Stmt>) -> Stmt {
    let span = condition.span;
    let (then, otherwise) = if when { (body, Vec::new()) } else { (Vec::new(), body) };
    Stmt { kind: StmtKind::If { condition, then, otherwise }, span }
}

/// `name = value`
pub fn assign(name: &Name, value: Expr) -> Stmt {
    let target = Target { name: name.clone(), indices: Vec::new(), is_element: false, span: name.span };
    Stmt { kind: StmtKind::Assign { target, update: None, value }, span: name.span }
}

/// The value of a variable.
pub fn variable(name: &Name) -> Expr {
    Expr { kind: ExprKind::Variable(name.text.clone()), span: name.span }
}

/// A truth value.
pub fn truth(value: bool, span: Span) -> Expr {
    Expr { kind: ExprKind::Boolean(value), span }
}
