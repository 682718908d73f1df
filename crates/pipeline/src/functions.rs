//! Functions of the catalogue that can be steps.

use tilewright_ops::function::Present;
use tilewright_ops::{Op, functions};

use crate::pipeline::Role;

/// What a function does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `cbind(A, B, ...)` of panels.
    Bind,
    /// `replace(X, pattern, replacement)`.
    Replace,
    /// `seq(from, to)` or `seq(from, to, incr)`: rows from nothing.
    Sequence,
    /// `matrix(number, rows, cols)`: rows from nothing.
    Constant,
    /// `rexpand(codes, max)`: a one in the column of each row's code.
    OneHot,
    /// `outer(u, v, operator)`: a row for each cell of u.
    Outer,
}

/// What an operator does to rows, if it is a function that can be a step.
pub(crate) fn kind(op: &Op) -> Option<Kind> {
    let Op::Function(row, _) = op else { return None };
    match row.name {
        "cbind" => Some(Kind::Bind),
        "replace" => Some(Kind::Replace),
        "seq" => Some(Kind::Sequence),
        "matrix" => Some(Kind::Constant),
        "rexpand" => Some(Kind::OneHot),
        "outer" => Some(Kind::Outer),
        _ => None,
    }
}

/// Whether it can be a step of operands with these roles.
pub(crate) fn takes(kind: Kind, args: &[Role]) -> bool {
    let all = |wanted: Role| args.iter().all(|role| *role == wanted);
    match kind {
        Kind::Bind => all(Role::Panel),
        Kind::Replace => args == [Role::Panel, Role::Scalar, Role::Scalar],
        Kind::Sequence => (2..=3).contains(&args.len()) && all(Role::Scalar),
        Kind::Constant => args.len() == 4 && all(Role::Scalar),
        Kind::OneHot => args == [Role::Panel, Role::Scalar],
        Kind::Outer => args == [Role::Panel, Role::Row, Role::Scalar],
    }
}

/// The function of a name with so many operands.
pub(crate) fn find(name: &str, operands: usize) -> Option<Op> {
    let row = functions::find(name)?;
    let op = |present: Present| Op::Function(row, present);
    let many = kind(&op(Present::new([])))? == Kind::Bind;
    Some(op(if many { Present::new([]) } else { Present::new((0..operands).map(|_| true)) }))
}
