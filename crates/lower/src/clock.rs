//! Statements that read the clock end the straight-line code around them, so that they time what stands between them.

use tilewright_ops::function::Purity;
use tilewright_ops::functions;
use tilewright_syntax::ast::{Expr, ExprKind, IndexRange, Stmt, StmtKind};

/// True when an expression of the statement itself (not of the statements inside of it) calls an impure function.
pub fn is_read_by(statement: &Stmt) -> bool {
    match &statement.kind {
        StmtKind::Assign { target, value, .. } => reads(value) || in_ranges(&target.indices),
        StmtKind::Call(call) | StmtKind::MultiAssign { call, .. } => reads(call),
        StmtKind::IfDef { default, .. } => reads(default),
        StmtKind::Return(args) => args.iter().any(|arg| reads(&arg.value)),
        StmtKind::Break | StmtKind::Continue => false,
        StmtKind::If { .. } | StmtKind::While { .. } | StmtKind::For { .. } => false,
    }
}

fn reads(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            let impure =
                functions::find(&call.callee.text).is_some_and(|function| function.purity == Purity::Impure);
            impure || call.args.iter().any(|arg| reads(&arg.value))
        }
        ExprKind::Unary(_, operand) => reads(operand),
        ExprKind::Binary(_, left, right) | ExprKind::Range(left, right) | ExprKind::Element(left, right) => {
            reads(left) || reads(right)
        }
        ExprKind::Index(target, ranges) => reads(target) || in_ranges(ranges),
        ExprKind::List(items) => items.iter().any(reads),
        _ => false,
    }
}

fn in_ranges(ranges: &[IndexRange]) -> bool {
    ranges.iter().any(|range| match range {
        IndexRange::All => false,
        IndexRange::One(at) => reads(at),
        IndexRange::Range(from, to) => from.iter().chain(to).any(reads),
    })
}
