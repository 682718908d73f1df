//! Products: less work, smaller intermediates, fewer transposes.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::{Op, binary};

use super::{Body, Class, On, Rule, rule};
use crate::builder::Builder;
use crate::cost;

/// `Σ A B = (Σᵢ aᵢ) (Σⱼ bⱼ)`, `(A B)ᵢⱼ = aᵢ bⱼ`, `A B + A C = A (B + C)`, `(A B)ᵀ = Bᵀ Aᵀ`.
pub const RULES: &[Rule] = &[
    rule!("sum-of-product", "sum(A %*% B) => as.scalar(colSums(A) %*% rowSums(B))", IgnoresNan, cheaper()),
    rule!("column-sums-of-product", "colSums(A %*% B) => colSums(A) %*% B", IgnoresNan, cheaper()),
    rule!("row-sums-of-product", "rowSums(A %*% B) => A %*% rowSums(B)", IgnoresNan, cheaper()),
    rule!("cell-of-product", "(A %*% B)[i, j] => A[i, ] %*% B[, j]", Rounding, cheaper()),
    rule!("row-of-product", "(A %*% B)[i, ] => A[i, ] %*% B", Rounding, cheaper()),
    rule!("column-of-product", "(A %*% B)[, j] => A %*% B[, j]", Rounding, cheaper()),
    rule!("rows-of-product", "(A %*% B)[i:j, ] => A[i:j, ] %*% B", Rounding, cheaper()),
    rule!("columns-of-product", "(A %*% B)[, i:j] => A %*% B[, i:j]", Rounding, cheaper()),
    rule!(
        "common-left-factor",
        "A %*% B + A %*% C => A %*% (B + C)",
        IgnoresNan,
        same_shape(B, C),
        cheaper()
    ),
    rule!(
        "common-right-factor",
        "A %*% C + B %*% C => (A + B) %*% C",
        IgnoresNan,
        same_shape(A, B),
        cheaper()
    ),
    rule!(
        "common-left-factor-of-difference",
        "A %*% B - A %*% C => A %*% (B - C)",
        IgnoresNan,
        same_shape(B, C),
        cheaper()
    ),
    rule!(
        "common-right-factor-of-difference",
        "A %*% C - B %*% C => (A - B) %*% C",
        IgnoresNan,
        same_shape(A, B),
        cheaper()
    ),
    rule!("transpose-of-transposed-sum", "t(t(A) %*% t(B) + C) => B %*% A + t(C)", Rounding, cheaper()),
    rule!("transpose-of-transposed-product", "t(t(A) %*% B) => t(B) %*% A", Rounding, cheaper()),
    rule!("transpose-of-product-transposed", "t(A %*% t(B)) => B %*% t(A)", Rounding, cheaper()),
    rule!("inverse-times", "inv(A) %*% B => solve(A, B)", IgnoresNan),
    rule!("times-inverse", "B %*% inv(A) => t(solve(t(A), t(B)))", IgnoresNan, cheaper()),
    rule!("inverse-of-transpose", "t(inv(t(A))) => inv(A)", IgnoresNan),
    rule!(
        "product-beside-zeros",
        "cbind(A %*% B, matrix(0, rows=r, cols=1)) => A %*% cbind(B, matrix(0, rows=nrow(B), cols=1))",
        Exact,
        cheaper()
    ),
    Rule {
        name: "weights-together",
        text: "U * (V * (X %*% W)) => (U * V) * (X %*% W)",
        class: Class::IgnoresNan,
        guards: &[],
        body: Body::Code {
            on: On::Binary,
            does: "Two columns that weigh a product with a column one after the other are multiplied first, so that a \
                   chain `t(X) %*% (w * (X %*% v))` shows.",
            examples: &["((X %*% W) * V) * U => (U * V) * (X %*% W)"],
            apply: weights_together,
        },
    },
];

/// The operands of a `*`.
fn factors(builder: &Builder<'_>, id: NodeId) -> Option<(NodeId, NodeId)> {
    let node = builder.dag.node(id);
    match node.kind {
        NodeKind::Op(Op::Binary(op)) if binary::find("*") == Some(op) => {
            Some((node.inputs[0], node.inputs[1]))
        }
        _ => None,
    }
}

fn weights_together(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let (a, b) = factors(builder, id)?;
    let weights = |outer: NodeId, inner: NodeId| {
        let (c, d) = factors(builder, inner)?;
        let is_product = |id| cost::is_product(&builder.dag, id);
        let (weight, product) = if is_product(d) { (c, d) } else { (d, c) };
        let column = |id| crate::guards::column(&[builder.dag.fact(id)]);
        let fits = is_product(product) && !is_product(weight) && !is_product(outer);
        (fits && column(outer) && column(weight) && column(product)).then_some((outer, weight, product))
    };
    let (u, v, product) = weights(a, b).or_else(|| weights(b, a))?;
    let together = builder.binary("*", u, v)?;
    builder.binary("*", together, product)
}
