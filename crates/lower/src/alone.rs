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
        StmtKind::Assign { target, value, .. } => {
            asks(value) || target.indices.iter().flat_map(IndexRange::parts).any(asks)
        }
        StmtKind::Call(call) | StmtKind::MultiAssign { call, .. } => asks(call),
        StmtKind::IfDef { default, .. } => asks(default),
        StmtKind::Return(args) => args.iter().any(|arg| asks(&arg.value)),
        StmtKind::Break | StmtKind::Continue => false,
        StmtKind::If { .. } | StmtKind::While { .. } | StmtKind::For { .. } => false,
    }
}

fn asks(expr: &Expr) -> bool {
    let here = match &expr.kind {
        ExprKind::Call(call) => {
            let name = &call.callee.text;
            name == EXISTS || functions::find(name).is_some_and(|function| function.purity == Purity::Impure)
        }
        _ => false,
    };
    here || expr.children().into_iter().any(asks)
}
