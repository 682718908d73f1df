//! Products of matrices that are bound from parts, from the products of the parts: what is known of a part already, or is
//! the same in all iterations of a loop, need not be computed again.
//!
//! ```text
//! t([A B]) [A B] = [t(A) A   t(A) B]          [A]  [A]
//!                  [t(B) A   t(B) B]        t([B]) [B]  = t(A) A + t(B) B
//! ```
//!
//! A binding of more than two parts is cut in two where most is known.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::Op;
use tilewright_ops::row::Named;

use super::{Body, Class, On, Rule, rule};
use crate::builder::Builder;
use crate::pattern::PLAIN;
use crate::products::{transpose, transposed};

/// Products of bindings.
pub const RULES: &[Rule] = &[
    Rule {
        name: "gram-of-side-by-side",
        text: "t(cbind(A, B)) %*% cbind(A, B) => rbind(cbind(t(A) %*% A, t(A) %*% B), cbind(t(t(A) %*% B), t(B) %*% B))",
        class: Class::Rounding,
        guards: &[super::CHEAPER],
        body: Body::Code {
            on: On::Product,
            does: "A binding times its own transpose, from the products of two parts of it.",
            examples: &[
                "t(cbind(A, B, C)) %*% cbind(A, B, C) => rbind(cbind(t(cbind(A, B)) %*% cbind(A, B), t(cbind(A, B)) %*% C), cbind(t(t(cbind(A, B)) %*% C), t(C) %*% C))",
                "rbind(A, B) %*% t(rbind(A, B)) => rbind(cbind(A %*% t(A), A %*% t(B)), cbind(t(A %*% t(B)), B %*% t(B)))",
            ],
            apply: gram_in_blocks,
        },
    },
    Rule {
        name: "gram-of-stacked",
        text: "t(rbind(A, B)) %*% rbind(A, B) => t(A) %*% A + t(B) %*% B",
        class: Class::Rounding,
        guards: &[super::CHEAPER],
        body: Body::Code {
            on: On::Product,
            does: "A transposed binding times itself is a sum over two parts of it.",
            examples: &[
                "t(rbind(A, B, C)) %*% rbind(A, B, C) => t(rbind(A, B)) %*% rbind(A, B) + t(C) %*% C",
                "cbind(A, B) %*% t(cbind(A, B)) => A %*% t(A) + B %*% t(B)",
            ],
            apply: gram_of_sum,
        },
    },
    Rule {
        name: "side-by-side-transposed-times",
        text: "t(cbind(A, B)) %*% C => rbind(t(A) %*% C, t(B) %*% C)",
        class: Class::Rounding,
        guards: &[super::CHEAPER],
        body: Body::Code {
            on: On::Product,
            does: "A transposed binding of columns times a matrix, from the products of two parts of it.",
            examples: &["t(cbind(A, B, D)) %*% C => rbind(t(cbind(A, B)) %*% C, t(D) %*% C)"],
            apply: transposed_times,
        },
    },
    rule!(
        "product-of-parts",
        "cbind(A, B) %*% rbind(C, D) => A %*% C + B %*% D",
        Rounding,
        chained(A, C),
        cheaper()
    ),
    rule!(
        "product-of-stacked",
        "t(rbind(A, B)) %*% rbind(C, D) => t(A) %*% C + t(B) %*% D",
        Rounding,
        same_rows(A, C),
        cheaper()
    ),
    rule!("stacked-times", "rbind(A, B) %*% C => rbind(A %*% C, B %*% C)", Rounding, cheaper()),
    rule!("times-side-by-side", "A %*% cbind(B, C) => cbind(A %*% B, A %*% C)", Rounding, cheaper()),
];

/// The operands of a product.
fn operands(builder: &Builder<'_>, id: NodeId) -> Option<(NodeId, NodeId)> {
    let node = builder.dag.node(id);
    (node.kind == NodeKind::Op(PLAIN)).then(|| (node.inputs[0], node.inputs[1]))
}

/// The parts of a binding of matrices by this function.
fn parts(builder: &Builder<'_>, id: NodeId, name: &str) -> Option<Vec<NodeId>> {
    let node = builder.dag.node(id);
    let NodeKind::Op(Op::Function(function, _)) = node.kind else { return None };
    let matrices = node.inputs.iter().all(|input| builder.dag.fact(*input).is_matrix());
    (function.name() == name && node.inputs.len() > 1 && matrices).then(|| node.inputs.clone())
}

/// Both operands of a product of parts.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    /// `t(A) %*% B`
    Transposed,
    /// `A %*% t(B)`
    Plain,
}

impl Side {
    /// The binding whose Gram matrix a product is.
    fn of_gram(builder: &Builder<'_>, id: NodeId) -> Option<(Side, NodeId)> {
        let (a, b) = operands(builder, id)?;
        if transposed(&builder.dag, a) == Some(b) {
            return Some((Side::Transposed, b));
        }
        (transposed(&builder.dag, b) == Some(a)).then_some((Side::Plain, a))
    }

    /// The binding whose Gram matrix has the products of the parts as blocks, and the one whose it is the sum of.
    fn bindings(self) -> (&'static str, &'static str) {
        match self {
            Side::Transposed => ("cbind", "rbind"),
            Side::Plain => ("rbind", "cbind"),
        }
    }

    fn product(self, builder: &mut Builder<'_>, a: NodeId, b: NodeId) -> Option<NodeId> {
        let (a, b) = match self {
            Side::Transposed => (builder.call("t", vec![a], [true])?, b),
            Side::Plain => (a, builder.call("t", vec![b], [true])?),
        };
        builder.product(a, b)
    }
}

/// A binding in two parts, cut where the products with `other` (or with itself) are known of a part; behind all parts but
/// the last one otherwise.
fn halves(builder: &mut Builder<'_>, bound: NodeId, other: Option<NodeId>) -> Option<(NodeId, NodeId)> {
    let NodeKind::Op(op) = builder.dag.node(bound).kind else { return None };
    let parts = builder.dag.node(bound).inputs.clone();
    let whole = |builder: &Builder<'_>, of: &[NodeId]| match of {
        [one] => Some(*one),
        several => builder.known(op, several),
    };
    let is_known = |part: &[NodeId]| {
        let is_fixed = part.iter().all(|id| builder.is_fixed(*id));
        let product = || {
            let part = whole(builder, part)?;
            let transposed = builder.known(transpose(), &[part])?;
            builder.known(PLAIN, &[transposed, other.unwrap_or(part)])
        };
        is_fixed || product().is_some()
    };
    let cut = (1..parts.len()).rev().find(|at| is_known(&parts[..*at]) || is_known(&parts[*at..]));
    let (first, last) = parts.split_at(cut.unwrap_or(parts.len() - 1));
    let mut bind = |of: &[NodeId]| match of {
        [one] => Some(*one),
        several => builder.again(op, several.to_vec()),
    };
    Some((bind(first)?, bind(last)?))
}

fn gram_in_blocks(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let (side, bound) = Side::of_gram(builder, id)?;
    parts(builder, bound, side.bindings().0)?;
    let (a, b) = halves(builder, bound, None)?;
    let (first, last) = (side.product(builder, a, a)?, side.product(builder, b, b)?);
    let between = side.product(builder, a, b)?;
    // Below the diagonal it stands transposed, and is not computed a second time.
    builder.expect(between, 2);
    let mirrored = builder.call("t", vec![between], [true])?;
    let above = builder.call("cbind", vec![first, between], [])?;
    let below = builder.call("cbind", vec![mirrored, last], [])?;
    builder.call("rbind", vec![above, below], [])
}

fn gram_of_sum(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let (side, bound) = Side::of_gram(builder, id)?;
    parts(builder, bound, side.bindings().1)?;
    let (a, b) = halves(builder, bound, None)?;
    let (first, last) = (side.product(builder, a, a)?, side.product(builder, b, b)?);
    builder.binary("+", first, last)
}

fn transposed_times(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let (a, c) = operands(builder, id)?;
    let bound = transposed(&builder.dag, a)?;
    parts(builder, bound, "cbind")?;
    let (a, b) = halves(builder, bound, Some(c))?;
    let (first, last) = (Side::Transposed.product(builder, a, c)?, Side::Transposed.product(builder, b, c)?);
    builder.call("rbind", vec![first, last], [])
}
