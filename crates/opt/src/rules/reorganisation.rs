//! Cells that are moved: transposes, reversals, new shapes, bindings, sorting.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::Op;
use tilewright_ops::row::Named;

use super::{Body, Class, On, Rule, rule};
use crate::builder::Builder;

/// `(Xᵀ)ᵀ = X`, `Aᵀ + Bᵀ = (A + B)ᵀ`, `Aᵀ Bᵀ = (B A)ᵀ`; what is bound twice is bound at once.
pub const RULES: &[Rule] = &[
    rule!("transpose-transpose", "t(t(X)) => X", Exact),
    rule!("reverse-reverse", "rev(rev(X)) => X", Exact),
    rule!("reshape-to-own-shape", "matrix(X, rows=r, cols=c, byrow=b) => X", Exact, shape_is(X, r, c)),
    rule!(
        "reshape-twice",
        "matrix(matrix(X, rows=p, cols=q), rows=r, cols=c) => matrix(X, rows=r, cols=c)",
        Exact,
        positive(p, q, r, c),
        has_cells(X)
    ),
    rule!("running-sum-between-transposes", "t(cumsum(t(X))) => rowcumsum(X)", Exact),
    rule!("running-sum-along-transposed", "t(rowcumsum(t(X))) => cumsum(X)", Exact),
    rule!("sum-of-transposes", "t(A) + t(B) => t(A + B)", Exact, same_shape(A, B), cheaper()),
    rule!("difference-of-transposes", "t(A) - t(B) => t(A - B)", Exact, same_shape(A, B), cheaper()),
    rule!("cell-product-of-transposes", "t(A) * t(B) => t(A * B)", Exact, same_shape(A, B), cheaper()),
    rule!("product-of-transposes", "t(A) %*% t(B) => t(B %*% A)", Rounding, cheaper()),
    rule!(
        "order-of-order",
        "order(order(X, by=a, decreasing=d), by=b, decreasing=d) => order(X, by=cbind(b, a), decreasing=d)",
        Exact,
        number(a, b)
    ),
    Rule {
        name: "binding-of-bindings",
        text: "cbind(X, cbind(Y, Z)) => cbind(X, Y, Z)",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Functions(&["cbind", "rbind"]),
            does: "Bindings of matrices inside of a binding of the same direction become one.",
            examples: &["rbind(rbind(X, Y), Z, rbind(X, X)) => rbind(X, Y, Z, X, X)"],
            apply: binding_of_bindings,
        },
    },
    Rule {
        name: "transpose-of-bound-transposes",
        text: "t(cbind(t(X), t(Y))) => rbind(X, Y)",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Functions(&["t"]),
            does: "The transpose of bound transposes is a binding in the other direction.",
            examples: &["t(rbind(t(X), t(Y), t(Z))) => cbind(X, Y, Z)"],
            apply: transpose_of_bound_transposes,
        },
    },
];

fn function(builder: &Builder<'_>, id: NodeId) -> Option<&'static str> {
    match builder.dag.node(id).kind {
        NodeKind::Op(Op::Function(function, _)) => Some(function.0.name()),
        _ => None,
    }
}

fn binding_of_bindings(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let name = function(builder, id)?;
    let inputs = &builder.dag.node(id).inputs;
    let matrices = |of: &[NodeId]| of.iter().all(|input| builder.dag.fact(*input).is_matrix());
    let inner = |input: &NodeId| {
        let own = &builder.dag.node(*input).inputs;
        if function(builder, *input) == Some(name) && matrices(own) { Some(own.clone()) } else { None }
    };
    if !matrices(inputs) || !inputs.iter().any(|input| inner(input).is_some()) {
        return None;
    }
    let flat = inputs.iter().flat_map(|input| inner(input).unwrap_or_else(|| vec![*input])).collect();
    builder.call(name, flat, [])
}

fn transpose_of_bound_transposes(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let bound = builder.dag.node(id).inputs[0];
    let other = match function(builder, bound)? {
        "cbind" => "rbind",
        "rbind" => "cbind",
        _ => return None,
    };
    let transposed =
        |input: &NodeId| (function(builder, *input)? == "t").then(|| builder.dag.node(*input).inputs[0]);
    let parts = builder.dag.node(bound).inputs.iter().map(transposed).collect::<Option<Vec<_>>>()?;
    builder.call(other, parts, [])
}
