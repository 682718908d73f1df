//! How tightly operators bind; the parser and the printer both follow this table.

use crate::ast::{Infix, Prefix};

/// The rank of an infix operator: a higher one binds tighter.
pub(crate) fn infix(operator: Infix) -> u8 {
    match operator {
        Infix::Or | Infix::OrOr => 1,
        Infix::And | Infix::AndAnd => 2,
        Infix::Greater
        | Infix::GreaterEqual
        | Infix::Less
        | Infix::LessEqual
        | Infix::Equal
        | Infix::NotEqual => 4,
        Infix::Add | Infix::Subtract => 5,
        Infix::Multiply | Infix::Divide => 6,
        Infix::IntDivide | Infix::Modulo => 7,
        Infix::MatMult => 8,
        Infix::Power => 10,
    }
}

/// The rank of a prefix operator on the same scale.
pub(crate) fn prefix(operator: Prefix) -> u8 {
    match operator {
        Prefix::Not => 3,
        Prefix::Minus | Prefix::Plus => 9,
    }
}

/// Whether `a op b op c` is `a op (b op c)`.
pub(crate) fn is_right_associative(operator: Infix) -> bool {
    operator == Infix::Power
}
