//! Which variables the body of a parallel loop accesses, where and in which parts.
//!
//! The body is walked in the order of execution. At every place it is known which variables this iteration
//! has assigned for certain, and for scalars what they are worth in terms of the loop variables.

use std::collections::{BTreeMap, BTreeSet};

use tilewright_base::Span;
use tilewright_ops::catalogue::{self, Entry};
use tilewright_syntax::ast::{Call, Expr, ExprKind, IndexRange, Infix, Name, Prefix, Stmt, StmtKind, Target};

use super::linear::{Bounds, Form, Symbol};
use super::overlap::{Part, Ranges};

/// How a variable is accessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// All of it is read.
    Read,
    /// Only its dimensions are read.
    Dimensions,
    /// A part is read.
    ReadPart(Part),
    /// A part is written.
    WritePart(Part),
    /// Something is added to all of it.
    Accumulate,
    /// All of it is assigned.
    Assign,
}

/// An access to a variable.
#[derive(Debug, Clone)]
pub struct Access {
    /// How.
    pub kind: Kind,
    /// Where.
    pub span: Span,
    /// Whether the same iteration has assigned all of the variable before.
    pub own: bool,
}

/// All accesses of a body.
#[derive(Debug, Default)]
pub struct Accesses {
    /// By variable, in order.
    pub by_variable: BTreeMap<String, Vec<Access>>,
    /// The ranges of inner loops.
    pub ranges: Ranges,
    /// The calls of `stop`.
    pub stops: Vec<Span>,
    /// The statements `return`.
    pub returns: Vec<Span>,
}

/// Collects the accesses of a loop's body.
pub fn collect(variable: &Name, body: &[Stmt], constant: &dyn Fn(&str) -> Option<i64>) -> Accesses {
    let iteration = Bounds::exact(Form::symbol(Symbol::Iteration));
    let mut scope = Scope::default();
    scope.assign(&variable.text, iteration);
    let (mut replaced, mut changed) = (BTreeSet::new(), BTreeSet::new());
    targets(body, &mut |name, whole| {
        changed.insert(name);
        if whole {
            replaced.insert(name);
        }
    });
    let (found, jumps) = (Accesses::default(), Vec::new());
    let mut walk = Walk { found, scope, jumps, replaced, changed, constant };
    walk.statements(body);
    walk.found
}

/// What is known at a place.
#[derive(Debug, Clone, Default)]
struct Scope {
    /// The variables this iteration has assigned, whichever way it came.
    assigned: BTreeSet<String>,
    /// The values of scalars among them.
    values: BTreeMap<String, Bounds>,
    /// A jump stands before this place, so that it is not reached.
    is_dead: bool,
}

impl Scope {
    fn assign(&mut self, name: &str, value: Bounds) {
        self.assigned.insert(name.into());
        self.values.insert(name.into(), value);
    }

    /// What holds after either of two ways, if it can be reached that way.
    fn join(self, other: Scope) -> Scope {
        match (self.is_dead, other.is_dead) {
            (true, _) => return other,
            (_, true) => return self,
            _ => {}
        }
        let assigned = self.assigned.intersection(&other.assigned).cloned().collect();
        let mut values = self.values;
        values.retain(|name, value| other.values.get(name) == Some(value));
        Scope { assigned, values, is_dead: false }
    }
}

struct Walk<'a> {
    found: Accesses,
    scope: Scope,
    /// What holds where jumps leave the body of the innermost loop.
    jumps: Vec<Scope>,
    /// Variables that are assigned as a whole anywhere in the body.
    replaced: BTreeSet<&'a str>,
    /// Variables that are assigned, or a part of which is, anywhere in the body.
    changed: BTreeSet<&'a str>,
    constant: &'a dyn Fn(&str) -> Option<i64>,
}

/// Statements.
impl Walk<'_> {
    fn statements(&mut self, body: &[Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Assign { target, update, value } => {
                self.expression(value);
                let bounds = self.value(value);
                match update {
                    Some(operator) => self.update(target, *operator, &bounds, statement.span),
                    None => self.assign(target, bounds, statement.span),
                }
            }
            StmtKind::MultiAssign { targets, call } => {
                self.expression(call);
                for target in targets {
                    self.assign(target, Bounds::default(), target.span);
                }
            }
            StmtKind::IfDef { target, default, .. } => {
                self.expression(default);
                self.assign(target, Bounds::default(), statement.span);
            }
            StmtKind::Call(call) => self.expression(call),
            StmtKind::Break | StmtKind::Continue => self.jump(),
            StmtKind::Return(args) => {
                args.iter().for_each(|arg| self.expression(&arg.value));
                self.found.returns.push(statement.span);
                self.jump();
            }
            StmtKind::If { condition, then, otherwise } => {
                self.expression(condition);
                self.branches(then, otherwise);
            }
            StmtKind::While { condition, body } => {
                self.expression(condition);
                self.while_loop(body);
            }
            StmtKind::For { variable, range, parallel, options, body } => {
                self.expression(range);
                options.iter().for_each(|(_, option)| self.expression(option));
                self.for_loop(variable, range, *parallel, body);
            }
        }
    }

    fn branches(&mut self, then: &[Stmt], otherwise: &[Stmt]) {
        let before = self.scope.clone();
        self.statements(then);
        let after_then = std::mem::replace(&mut self.scope, before);
        self.statements(otherwise);
        self.scope = std::mem::take(&mut self.scope).join(after_then);
    }

    fn jump(&mut self) {
        self.jumps.push(self.scope.clone());
        self.scope.is_dead = true;
    }

    fn while_loop(&mut self, body: &[Stmt]) {
        self.forget(body);
        let before = self.scope.clone();
        self.round(body);
        self.scope = before;
    }

    /// One round of an inner loop, up to where its body ends or a jump leaves it.
    fn round(&mut self, body: &[Stmt]) {
        let outer = std::mem::take(&mut self.jumps);
        self.statements(body);
        for jump in std::mem::replace(&mut self.jumps, outer) {
            self.scope = std::mem::take(&mut self.scope).join(jump);
        }
    }

    /// A loop over `a:b` runs at least once, so what it assigns is assigned afterwards.
    fn for_loop(&mut self, variable: &Name, range: &Expr, parallel: bool, body: &[Stmt]) {
        let value = self.loop_value(range);
        self.forget(body);
        let before = self.scope.clone();
        self.record(&variable.text, Kind::Assign, variable.span);
        self.scope.assign(&variable.text, value);
        self.round(body);
        let runs = matches!(range.kind, ExprKind::Range(..)) && !parallel;
        let after = std::mem::replace(&mut self.scope, before);
        if runs {
            self.scope.assigned = after.assigned;
        }
        self.scope.values.remove(&variable.text);
    }

    /// Forgets the values of what a loop's body assigns: an earlier round may have.
    fn forget(&mut self, body: &[Stmt]) {
        targets(body, &mut |name, _| {
            self.scope.values.remove(name);
        });
    }

    fn assign(&mut self, target: &Target, value: Bounds, span: Span) {
        let name = &target.name.text;
        if target.indices.is_empty() {
            self.record(name, Kind::Assign, span);
            self.scope.assign(name, value);
        } else {
            let part = self.part(&target.indices);
            self.record(name, Kind::WritePart(part), target.span);
        }
    }

    /// `x += value` and the like; only sums can be merged, the others read what they assign.
    fn update(&mut self, target: &Target, operator: Infix, value: &Bounds, span: Span) {
        let name = &target.name.text;
        if !target.indices.is_empty() {
            let part = self.part(&target.indices);
            self.record(name, Kind::ReadPart(part.clone()), target.span);
            self.record(name, Kind::WritePart(part), target.span);
        } else if operator == Infix::Add {
            let sum = self.scope.values.get(name).map(|old| old.plus(value));
            self.record(name, Kind::Accumulate, span);
            self.scope.values.extend(sum.map(|sum| (name.clone(), sum)));
        } else {
            let new = combined(operator, &self.variable(name), value);
            self.record(name, Kind::Read, target.span);
            self.assign(target, new, span);
        }
    }

    fn record(&mut self, name: &str, kind: Kind, span: Span) {
        let own = self.scope.assigned.contains(name);
        self.found.by_variable.entry(name.into()).or_default().push(Access { kind, span, own });
    }
}

/// Expressions.
impl Walk<'_> {
    fn expression(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Variable(name) => self.record(name, Kind::Read, expr.span),
            ExprKind::Unary(_, operand) => self.expression(operand),
            ExprKind::Binary(_, left, right) | ExprKind::Range(left, right) => {
                self.expression(left);
                self.expression(right);
            }
            ExprKind::Call(call) => self.call(call, expr.span),
            ExprKind::Index(base, indices) => {
                let part = self.part(indices);
                self.read_part(base, part, expr.span);
            }
            ExprKind::Element(base, at) => {
                self.expression(at);
                let part = Part { rows: self.value(at), cols: Bounds::default() };
                self.read_part(base, part, expr.span);
            }
            ExprKind::List(items) => items.iter().for_each(|item| self.expression(item)),
            ExprKind::Integer(_)
            | ExprKind::Double(_)
            | ExprKind::Boolean(_)
            | ExprKind::String(_)
            | ExprKind::Argument(_) => {}
        }
    }

    fn read_part(&mut self, base: &Expr, part: Part, span: Span) {
        match &base.kind {
            ExprKind::Variable(name) => self.record(name, Kind::ReadPart(part), span),
            _ => self.expression(base),
        }
    }

    fn call(&mut self, call: &Call, span: Span) {
        if let Some(name) = dimension_of(call) {
            return self.record(name, Kind::Dimensions, span);
        }
        if call.callee.text == "stop" {
            self.found.stops.push(span);
        }
        call.args.iter().for_each(|arg| self.expression(&arg.value));
    }

    /// Reads the indices; a single one stands for rows.
    fn part(&mut self, indices: &[IndexRange]) -> Part {
        let mut sides = indices.iter().map(|index| match index {
            IndexRange::All => Bounds::default(),
            IndexRange::One(at) => {
                self.expression(at);
                self.value(at)
            }
            IndexRange::Range(from, to) => {
                let from = self.end_of_range(from.as_ref(), Bounds::exact(Form::constant(1)));
                let to = self.end_of_range(to.as_ref(), Bounds::default());
                Bounds::between(from, to)
            }
        });
        let rows = sides.next().unwrap_or_default();
        Part { rows, cols: sides.next().unwrap_or_default() }
    }

    /// Reads one end of a range; `open` is what it is worth if it is left out.
    fn end_of_range(&mut self, end: Option<&Expr>, open: Bounds) -> Bounds {
        let Some(end) = end else { return open };
        self.expression(end);
        self.value(end)
    }
}

/// The values of scalars.
impl Walk<'_> {
    fn value(&self, expr: &Expr) -> Bounds {
        match &expr.kind {
            ExprKind::Integer(value) => Bounds::exact(Form::constant(*value)),
            ExprKind::Double(value) if value.fract() == 0.0 && value.abs() < 1e15 => {
                Bounds::exact(Form::constant(*value as i64))
            }
            ExprKind::Variable(name) => self.variable(name),
            ExprKind::Argument(name) => invariant(format!("${name}")),
            ExprKind::Unary(Prefix::Plus, operand) => self.value(operand),
            ExprKind::Unary(Prefix::Minus, operand) => self.value(operand).scaled(-1),
            ExprKind::Binary(operator, a, b) => combined(*operator, &self.value(a), &self.value(b)),
            ExprKind::Call(call) => self.call_value(call),
            _ => Bounds::default(),
        }
    }

    fn variable(&self, name: &str) -> Bounds {
        if let Some(value) = self.scope.values.get(name) {
            return value.clone();
        }
        match (self.constant)(name) {
            _ if self.changed.contains(name) => Bounds::default(),
            Some(value) => Bounds::exact(Form::constant(value)),
            None => invariant(name.into()),
        }
    }

    fn call_value(&self, call: &Call) -> Bounds {
        if let Some(name) = dimension_of(call) {
            let symbol = format!("{}({name})", call.callee.text);
            return if self.replaced.contains(name) { Bounds::default() } else { invariant(symbol) };
        }
        let mut values: Vec<Bounds> = call.args.iter().map(|arg| self.value(&arg.value)).collect();
        match call.callee.text.as_str() {
            "min" if values.len() > 1 => Bounds::minimum(values),
            "max" if values.len() > 1 => Bounds::maximum(values),
            "as.scalar" | "as.double" if values.len() == 1 => values.remove(0),
            name if values.len() == 1 && keeps_whole_numbers(name) => {
                let whole = values.remove(0);
                if whole.form().is_some_and(Form::is_whole) { whole } else { Bounds::default() }
            }
            _ => Bounds::default(),
        }
    }

    /// The value of the variable of an inner loop: a new symbol if it takes whole numbers.
    fn loop_value(&mut self, range: &Expr) -> Bounds {
        let (from, to, step) = match &range.kind {
            ExprKind::Range(from, to) => (from.as_ref(), to.as_ref(), None),
            ExprKind::Call(call) if call.callee.text == "seq" => match call.args.as_slice() {
                [from, to] => (&from.value, &to.value, None),
                [from, to, step] => (&from.value, &to.value, Some(&step.value)),
                _ => return Bounds::default(),
            },
            _ => return Bounds::default(),
        };
        let (from, to) = (self.value(from), self.value(to));
        let whole_step = step.is_none_or(|step| self.value(step).as_constant().is_some());
        if !whole_step || !from.form().is_some_and(Form::is_whole) {
            return Bounds::default();
        }
        self.found.ranges.push(loop_range(from, to).unwrap_or_default());
        Bounds::exact(Form::symbol(Symbol::Inner(self.found.ranges.len() - 1)))
    }
}

/// The value of `a operator b`.
fn combined(operator: Infix, a: &Bounds, b: &Bounds) -> Bounds {
    match operator {
        Infix::Add => a.plus(b),
        Infix::Subtract => a.plus(&b.scaled(-1)),
        Infix::Multiply => a.times(b),
        _ => Bounds::default(),
    }
}

/// The smallest and the largest value of a loop over `from:to`, which may count down.
fn loop_range(from: Bounds, to: Bounds) -> Option<Bounds> {
    let length = to.form()?.minus(from.form()?)?.as_constant()?;
    Some(if length >= 0 { Bounds::between(from, to) } else { Bounds::between(to, from) })
}

fn invariant(name: String) -> Bounds {
    Bounds::exact(Form::symbol(Symbol::Invariant(name)))
}

/// The variable of which a call asks a dimension, which no write to a part changes.
fn dimension_of(call: &Call) -> Option<&str> {
    let [arg] = call.args.as_slice() else { return None };
    match (&arg.value.kind, call.callee.text.as_str()) {
        (ExprKind::Variable(name), "nrow" | "ncol" | "length") => Some(name),
        _ => None,
    }
}

/// Visits all variables that statements assign, and whether as a whole.
fn targets<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a str, bool)) {
    let mut target = |target: &'a Target| visit(&target.name.text, target.indices.is_empty());
    for statement in body {
        match &statement.kind {
            StmtKind::Assign { target: t, .. } | StmtKind::IfDef { target: t, .. } => target(t),
            StmtKind::MultiAssign { targets, .. } => targets.iter().for_each(&mut target),
            StmtKind::Call(_)
            | StmtKind::Break
            | StmtKind::Continue
            | StmtKind::Return(_)
            | StmtKind::If { .. }
            | StmtKind::While { .. }
            | StmtKind::For { .. } => {}
        }
    }
    for statement in body {
        match &statement.kind {
            StmtKind::If { then, otherwise, .. } => {
                targets(then, visit);
                targets(otherwise, visit);
            }
            StmtKind::While { body, .. } => targets(body, visit),
            StmtKind::For { variable, body, .. } => {
                visit(&variable.text, true);
                targets(body, visit);
            }
            _ => {}
        }
    }
}

/// A cast to integers, and the operators that round: whole numbers are their own results.
fn keeps_whole_numbers(name: &str) -> bool {
    match catalogue::find(name, 1) {
        Some(Entry::Unary(op)) => [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0].into_iter().all(|x| op.cell(x) == x),
        Some(Entry::Function(function)) => function.name == "as.integer",
        _ => false,
    }
}
