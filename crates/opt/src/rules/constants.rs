//! Matrices of one value, and vectors repeated by a product with ones, as operands of element-wise operators.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Op};

use super::{Body, Class, On, Rule};
use crate::builder::Builder;
use crate::cost;

/// Element-wise operators repeat scalars and vectors themselves.
pub const RULES: &[Rule] = &[
    Rule {
        name: "constant-operand",
        text: "matrix(c, rows=nrow(X), cols=ncol(X)) / X => c / X",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Binary,
            does: "A matrix of one value whose shape the other operand has becomes that value.",
            examples: &[
                "X - matrix(c, rows=nrow(X), cols=ncol(X)) => X - c",
                "X * matrix(c, rows=1, cols=ncol(X)) => X * c",
                "matrix(c, rows=nrow(X), cols=1) >= X => c >= X",
            ],
            apply: constant_operand,
        },
    },
    Rule {
        name: "repeated-vector",
        text: "X * (Y %*% matrix(1, rows=1, cols=3)) => X * Y",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Binary,
            does: "A column times a row of ones, or a column of ones times a row, beside a matrix of its shape is the \
                   vector.",
            examples: &[
                "(Y %*% matrix(1, rows=1, cols=3)) - X => Y - X",
                "X + matrix(1, rows=3, cols=1) %*% Y => X + Y",
            ],
            apply: repeated_vector,
        },
    },
];

/// The operands of a node with two of them, one as what `part` makes of it, in their order.
fn with_part(
    builder: &Builder<'_>,
    id: NodeId,
    part: impl Fn(NodeId, NodeId) -> Option<NodeId>,
) -> Option<(&'static str, NodeId, NodeId)> {
    let node = builder.dag.node(id);
    let NodeKind::Op(Op::Binary(op)) = node.kind else { return None };
    let (a, b) = (node.inputs[0], node.inputs[1]);
    part(a, b).map(|a| (op.name(), a, b)).or_else(|| part(b, a).map(|b| (op.name(), a, b)))
}

fn constant_operand(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let (op, a, b) = with_part(builder, id, |constant, other| {
        let (value, rows, cols) = builder.filled(constant)?;
        (has_rows(builder, other, rows, "nrow", |facts| facts.dims().0.known())
            && has_rows(builder, other, cols, "ncol", |facts| facts.dims().1.known()))
        .then_some(value)
    })?;
    // A product with zeros is more than a product with a number that is zero: it is known to be zero.
    let zero = |id: NodeId| builder.dag.fact(id).number() == Some(0.0);
    if op == "*" && (zero(a) || zero(b)) {
        return None;
    }
    builder.binary(op, a, b)
}

/// Whether the number of rows (or columns) that a node says is known to be that of a matrix, or 1.
fn has_rows(
    builder: &Builder<'_>,
    of: NodeId,
    said: NodeId,
    name: &str,
    known: fn(&Facts) -> Option<u64>,
) -> bool {
    let facts = builder.dag.fact(of);
    let number = builder.dag.fact(said).number();
    let asked = match &builder.dag.node(said).kind {
        NodeKind::Op(Op::Function(function, _)) => {
            function.name() == name && builder.dag.node(said).inputs == [of]
        }
        _ => false,
    };
    let same = number.zip(known(facts)).is_some_and(|(said, known)| said == known as f64);
    facts.is_matrix() && (asked || same || (number == Some(1.0) && known(facts).is_some_and(|n| n > 0)))
}

fn repeated_vector(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let (op, a, b) = with_part(builder, id, |product, other| {
        let same = builder.dag.fact(product).dims() == builder.dag.fact(other).dims();
        if !cost::is_product(&builder.dag, product)
            || !same
            || builder.dag.fact(other).dense_bytes().is_none()
        {
            return None;
        }
        let [left, right] = builder.dag.node(product).inputs[..] else { return None };
        let ones = |id: NodeId| {
            let (value, ..) = builder.filled(id)?;
            (builder.dag.fact(value).number() == Some(1.0)).then_some(())
        };
        let column = builder.dag.fact(left).dims().1.is(1);
        column.then(|| ones(right).map(|()| left).or_else(|| ones(left).map(|()| right)))?
    })?;
    builder.binary(op, a, b)
}
