//! Statements that end the straight-line code around them: those that read the clock, so that they time what stands
//! between them, and those that ask whether a variable has a value, so that no assignment moves past the question.

use tilewright_ops::function::Purity;
use tilewright_ops::functions;
use tilewright_syntax::ast::{Expr, ExprKind, IndexRange, Stmt, StmtKind};

/// The name of the question whether a variable has a value.
pub const EXISTS: &str = "exists";

/// True when an expression of the statement itself (not of the statements inside of it) is one of those.
pub fn stands_alone(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Assign { target, value, .. } => asks(value) || in_ranges(&target.indices),
        StmtKind::Call(call) | StmtKind::MultiAssign { call, .. } => asks(call),
        StmtKind::IfDef { default, .. } => asks(default),
        StmtKind::If { .. } | StmtKind::While { .. } | StmtKind::For { .. } => false,
    }
}

fn asks(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            let name = &call.callee.text;
            let impure = functions::find(name).is_some_and(|function| function.purity == Purity::Impure);
            impure || name == EXISTS || call.args.iter().any(|arg| asks(&arg.value))
        }
        ExprKind::Unary(_, operand) => asks(operand),
        ExprKind::Binary(_, left, right) | ExprKind::Range(left, right) => asks(left) || asks(right),
        ExprKind::Index(target, ranges) => asks(target) || in_ranges(ranges),
        ExprKind::List(items) => items.iter().any(asks),
        _ => false,
    }
}

fn in_ranges(ranges: &[IndexRange]) -> bool {
    ranges.iter().any(|range| match range {
        IndexRange::All => false,
        IndexRange::One(at) => asks(at),
        IndexRange::Range(from, to) => asks(from) || asks(to),
    })
}
