//! Loops to blocks.

use std::collections::BTreeSet;

use tilewright_base::{Code, Diagnostic, Span, nearest};
use tilewright_ir::{Block, Parallel, VarId};
use tilewright_syntax::ast::{Arg, Call, Expr, ExprKind, Infix, Name, Stmt, StmtKind};

use crate::function::{Done, FunctionLowerer};
use crate::jump::Flags;
use crate::parfor;
use crate::short_circuit::{assign, variable};

/// What iterations of a parallel loop write to.
#[derive(Clone)]
pub struct Shared {
    /// Variables of which iterations write disjoint parts.
    pub scattered: BTreeSet<String>,
    /// Variables to which iterations add.
    pub accumulated: BTreeSet<String>,
    /// Those among `scattered` of which the body also reads parts.
    pub read: BTreeSet<String>,
}

/// A `for` or `parfor` as it is written.
#[derive(Clone, Copy)]
pub struct For<'s> {
    /// The loop variable.
    pub variable: &'s Name,
    /// What it runs over.
    pub range: &'s Expr,
    /// `parfor`.
    pub parallel: bool,
    /// Options of a `parfor`.
    pub options: &'s [(Name, Expr)],
    /// The statements.
    pub body: &'s [Stmt],
    /// The place of the head.
    pub span: Span,
}

impl FunctionLowerer<'_, '_> {
    pub(crate) fn while_loop(&mut self, condition: &Expr, body: &[Stmt]) -> Done {
        let flags = self.flags(body, condition.span);
        self.start_loop(flags.as_ref());
        let head = self.head("while", &[condition]);
        self.define_all(body);
        let (body, leave) = self.loop_body(flags, body);
        let (head, held) = head?;
        self.blocks.push(Block::While { head, condition: held[0], body, leave, span: condition.span });
        Ok(())
    }

    /// A variable assigned later in a loop's body may have a value at its start.
    fn define_all(&mut self, body: &[Stmt]) {
        for name in assigned(body) {
            self.define(&name);
        }
    }

    /// The blocks of a loop's body, and the variable that ends the loop.
    fn loop_body(&mut self, flags: Option<Flags>, body: &[Stmt]) -> (Vec<Block>, Option<VarId>) {
        let Some(flags) = flags else { return (self.nested(|inner| inner.statements(body)), None) };
        let leave = flags.leave.as_ref().map(|name| self.variable_id(&name.text));
        self.loops.push(flags.clone());
        let blocks = self.nested(|inner| {
            inner.set_flag(&flags.skip, false);
            inner.statements(body);
        });
        self.loops.pop();
        (blocks, leave)
    }

    pub(crate) fn for_loop(&mut self, written: For<'_>) -> Done {
        let Some(bounds) = loop_bounds(written.range) else { return self.for_each(written) };
        let nested = self.shared.is_some();
        let shared = if written.parallel { self.independence(written)? } else { None };
        let shared = shared.filter(|_| !nested);
        let degree = written.options.iter().find(|(name, _)| name.text == "par").map(|(_, value)| value);
        let degree = degree.filter(|_| shared.is_some());
        let flags = self.flags(written.body, written.span);
        self.start_loop(flags.as_ref());
        let exprs: Vec<&Expr> = bounds.iter().copied().chain(degree).collect();
        let head = self.head("for", &exprs);
        let variable = self.define(&written.variable.text);
        self.define_all(written.body);
        let results = shared.as_ref().map(|shared| {
            let names = shared.scattered.iter().chain(&shared.accumulated);
            names.map(|name| self.variable_id(name)).collect::<Vec<_>>()
        });
        let outer = self.shared.clone();
        if shared.is_some() {
            self.shared = shared;
        }
        let (body, leave) = self.loop_body(flags, written.body);
        self.shared = outer;
        let (head, held) = head?;
        let parallel = results.map(|results| Parallel { results, degree: degree.and(held.last().copied()) });
        let increment = (bounds.len() == 3).then(|| held[2]);
        let bounds = (held[0], held[1], increment);
        self.blocks.push(Block::For { head, variable, bounds, body, parallel, leave, span: written.span });
        Ok(())
    }

    /// `for (x in items)` as `for (k in seq(1, length(items), 1)) { x = items[[k]] ... }`.
    fn for_each(&mut self, written: For<'_>) -> Done {
        let span = written.range.span;
        let (items, k) = (self.fresh("items", span), self.fresh("at", span));
        self.statement(&assign(&items, written.range.clone()))?;
        let range = seq_along(&items);
        let element = ExprKind::Element(Box::new(variable(&items)), Box::new(variable(&k)));
        let first = assign(written.variable, Expr { kind: element, span });
        let body: Vec<Stmt> = std::iter::once(first).chain(written.body.iter().cloned()).collect();
        self.for_loop(For { variable: &k, range: &range, body: &body, ..written })
    }

    /// How the iterations of a parallel loop come together, checked unless `check=0`.
    fn independence(&mut self, written: For<'_>) -> Result<Option<Shared>, Diagnostic> {
        let For { variable, options, body, span, .. } = written;
        const OPTIONS: &str =
            "check par mode taskpartitioner tasksize datapartitioner resultmerge opt log profile";
        let known = |name: &str| OPTIONS.split(' ').any(|option| option == name);
        if let Some((name, _)) = options.iter().find(|(name, _)| !known(&name.text)) {
            let error = Diagnostic::error(
                Code::Argument,
                name.span,
                format!("`parfor` has no option `{}`", name.text),
            );
            return Err(match nearest(&name.text, OPTIONS.split(' ')) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("options are {}", OPTIONS.replace(' ', ", "))),
            });
        }
        let unchecked = options.iter().any(|(name, value)| {
            name.text == "check" && matches!(value.kind, ExprKind::Integer(0) | ExprKind::Boolean(false))
        });
        let defined = &self.defined;
        match parfor::check(variable, body, &|name| defined.contains(name), &|_| None) {
            Ok(found) => Ok(Some(Shared {
                scattered: found.scattered.into_iter().collect(),
                accumulated: found.accumulated.into_iter().collect(),
                read: found.read,
            })),
            Err(_) if unchecked => Ok(Some(unchecked_results(body, defined))),
            Err(mut diagnostics) => {
                let first = diagnostics.remove(0);
                self.modules.diagnostics.extend(diagnostics);
                Err(first.label(span, "in this parallel loop"))
            }
        }
    }
}

/// With `check=0` every left-indexed variable from before the loop is a result, and every `+=` an accumulation.
fn unchecked_results(body: &[Stmt], defined: &BTreeSet<String>) -> Shared {
    let mut shared =
        Shared { scattered: BTreeSet::new(), accumulated: BTreeSet::new(), read: BTreeSet::new() };
    visit(body, &mut |statement| {
        if let StmtKind::Assign { target, update, .. } = &statement.kind {
            let name = &target.name.text;
            if defined.contains(name) && !target.indices.is_empty() {
                shared.scattered.insert(name.clone());
                shared.read.insert(name.clone());
            } else if defined.contains(name) && *update == Some(Infix::Add) {
                shared.accumulated.insert(name.clone());
            }
        }
    });
    shared
}

/// From, to and increment of a range; none for a value whose elements are meant.
fn loop_bounds(range: &Expr) -> Option<Vec<&Expr>> {
    match &range.kind {
        ExprKind::Range(from, to) => Some(vec![from, to]),
        ExprKind::Call(call) if call.callee.text == "seq" && matches!(call.args.len(), 2 | 3) => {
            Some(call.args.iter().map(|arg| &arg.value).collect())
        }
        _ => None,
    }
}

/// `seq(1, length(items), 1)`: nothing for an empty value.
fn seq_along(items: &Name) -> Expr {
    let span = items.span;
    let call = |name: &str, values: Vec<Expr>| {
        let callee = Name { text: name.into(), span };
        let args = values.into_iter().map(|value| Arg { name: None, value }).collect();
        Expr { kind: ExprKind::Call(Call { callee, args }), span }
    };
    let one = Expr { kind: ExprKind::Integer(1), span };
    call("seq", vec![one.clone(), call("length", vec![variable(items)]), one])
}

pub(crate) fn visit<'s>(body: &'s [Stmt], f: &mut impl FnMut(&'s Stmt)) {
    for statement in body {
        f(statement);
        match &statement.kind {
            StmtKind::If { then, otherwise, .. } => {
                visit(then, f);
                visit(otherwise, f);
            }
            StmtKind::While { body, .. } | StmtKind::For { body, .. } => visit(body, f),
            _ => {}
        }
    }
}

/// The names of all variables that statements assign.
pub(crate) fn assigned(body: &[Stmt]) -> Vec<String> {
    let mut names = Vec::new();
    visit(body, &mut |statement| match &statement.kind {
        StmtKind::Assign { target, .. } | StmtKind::IfDef { target, .. } => {
            names.push(target.name.text.clone())
        }
        StmtKind::MultiAssign { targets, .. } => {
            names.extend(targets.iter().map(|target| target.name.text.clone()))
        }
        StmtKind::For { variable, .. } => names.push(variable.text.clone()),
        _ => {}
    });
    names
}
