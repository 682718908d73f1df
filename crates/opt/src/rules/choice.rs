//! `ifelse` whose condition is settled, or both of whose sides are the same.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::Facts;

use super::{Body, Class, On, Rule, rule};
use crate::builder::Builder;

/// `if c then a else a` is `a`; `if ¬c then a else b` is `if c then b else a`.
pub const RULES: &[Rule] = &[
    rule!("choose-same", "ifelse(C, A, A) => A", Exact, same_shape(A, C)),
    rule!("choose-same-by-number", "ifelse(c, A, A) => A", Exact, number(c)),
    rule!("choose-by-not", "ifelse(!C, A, B) => ifelse(C, B, A)", Exact),
    Rule {
        name: "settled-choice",
        text: "ifelse(matrix(0, rows=3, cols=2), A, B) => B",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Choice,
            does: "A condition that is zero everywhere or nowhere leaves one side, if that side has the shape of all.",
            examples: &["ifelse(matrix(2, rows=3, cols=2), A, B) => A", "ifelse(TRUE, A, B) => A"],
            apply: settled_choice,
        },
    },
];

fn settled_choice(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let [condition, a, b] = node.inputs[..] else { return None };
    let chosen = if settled(builder, condition)? { a } else { b };
    let (whole, part) = (node.fact(), builder.dag.fact(chosen));
    (part.is_matrix() && whole.dense_bytes().is_some() && whole.dims() == part.dims()).then_some(chosen)
}

/// The value of a condition that has one value everywhere.
fn settled(builder: &Builder<'_>, condition: NodeId) -> Option<bool> {
    let facts: &Facts = builder.dag.fact(condition);
    if facts.is_scalar() {
        return facts.constant.as_ref()?.as_boolean().ok();
    }
    if facts.nnz.bound() == Some(0) {
        return Some(false);
    }
    let NodeKind::Op(_) = builder.dag.node(condition).kind else { return None };
    let (value, ..) = builder.filled(condition)?;
    builder.dag.fact(value).number().map(|value| value != 0.0)
}
