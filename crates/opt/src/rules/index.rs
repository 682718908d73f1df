//! Parts of what need not be computed as a whole, and parts that are the whole.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::index::{Form, Side};
use tilewright_ops::{Dim, Facts, Op};

use super::{Body, Class, On, Rule, rule};
use crate::builder::Builder;

/// `(Xᵀ)ᵢⱼ = xⱼᵢ`, `(a ∘ b)ᵢ = aᵢ ∘ bᵢ`.
pub const RULES: &[Rule] = &[
    rule!("cell-of-transpose", "t(X)[i, j] => X[j, i]", Exact),
    rule!("row-of-transpose", "t(X)[i, ] => t(X[, i])", Exact),
    rule!("column-of-transpose", "t(X)[, j] => t(X[j, ])", Exact),
    rule!("rows-of-transpose", "t(X)[i:j, ] => t(X[, i:j])", Exact),
    rule!("columns-of-transpose", "t(X)[, i:j] => t(X[i:j, ])", Exact),
    Rule {
        name: "whole-range",
        text: "X[1:3, 1:2] => X",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Index,
            does: "All rows and all columns are the matrix itself.",
            examples: &["X[, 1:2] => X", "X[1:3, ] => X", "X[, ] => X"],
            apply: whole_range,
        },
    },
    Rule {
        name: "part-of-cells",
        text: "(X + Y)[i, j] => X[i, j] + Y[i, j]",
        class: Class::Exact,
        guards: &[crate::guards::Guard { name: "cheaper", holds: crate::guards::cheaper, on: &[] }],
        body: Body::Code {
            on: On::Index,
            does: "A part of an element-wise operator of matrices of one shape is the operator of their parts.",
            examples: &[
                "exp(X)[i, ] => exp(X[i, ])",
                "(X * s)[i:j, ] => X[i:j, ] * s",
                "(s - X)[, j] => s - X[, j]",
                "(X - Y)[, i:j] => X[, i:j] - Y[, i:j]",
            ],
            apply: part_of_cells,
        },
    },
    Rule {
        name: "whole-assignment",
        text: "X[1:3, 1:2] = Y => Y",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Assign,
            does: "Where every cell is assigned to, the value is what is left.",
            examples: &["X[, 1:2] = s => matrix(s, rows=nrow(X), cols=2)"],
            apply: whole_assignment,
        },
    },
];

/// Whether indices cover the rows and columns of a matrix from the first to the last in their order.
fn covers_all(builder: &Builder<'_>, form: Form, x: &Facts, indices: &[NodeId]) -> bool {
    let number = |at: usize| indices.get(at).and_then(|id| builder.dag.fact(*id).number());
    let covers = |side: Side, first: usize, all: Dim| match side {
        Side::All => true,
        Side::Range => {
            number(first) == Some(1.0)
                && all.known().is_some_and(|n| n > 0 && number(first + 1) == Some(n as f64))
        }
        Side::One | Side::Element => false,
    };
    x.is_matrix()
        && form.rows != Side::Element
        && covers(form.rows, 0, x.dims().0)
        && covers(form.cols, form.rows.inputs(), x.dims().1)
}

fn whole_range(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let NodeKind::Op(Op::Index(form)) = node.kind else { return None };
    let x = node.inputs[0];
    covers_all(builder, form, builder.dag.fact(x), &node.inputs[1..]).then_some(x)
}

fn whole_assignment(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let NodeKind::Op(Op::Assign(form)) = node.kind else { return None };
    let (x, value) = (builder.dag.fact(node.inputs[0]), node.inputs[1]);
    if !covers_all(builder, form, x, &node.inputs[2..]) {
        return None;
    }
    let (rows, cols) = (x.dims().0.known()?, x.dims().1.known()?);
    let written = builder.dag.fact(value);
    if crate::guards::number(&[written]) {
        return builder.constant(value, rows, cols);
    }
    (written.is_matrix() && written.dims() == x.dims()).then_some(value)
}

fn part_of_cells(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let NodeKind::Op(Op::Index(form)) = node.kind else { return None };
    let (whole, indices, span) = (node.inputs[0], node.inputs[1..].to_vec(), node.span);
    let cells = builder.dag.node(whole);
    let NodeKind::Op(op @ (Op::Unary(_) | Op::Binary(_))) = cells.kind else { return None };
    let operands = cells.inputs.clone();
    let dims = cells.fact().dims();
    let positions = indices.iter().all(|index| builder.dag.fact(*index).is_scalar());
    let fits = |facts: &Facts| crate::guards::number(&[facts]) || (facts.is_matrix() && facts.dims() == dims);
    let known = dims.0.known().is_some() && dims.1.known().is_some();
    if form.rows == Side::Element
        || !positions
        || !known
        || !operands.iter().all(|id| fits(builder.dag.fact(*id)))
    {
        return None;
    }
    let mut parts = Vec::with_capacity(operands.len());
    for operand in operands {
        let part = if builder.dag.fact(operand).is_matrix() {
            let inputs = std::iter::once(operand).chain(indices.iter().copied()).collect();
            builder.op(Op::Index(form), inputs, span).ok()?
        } else {
            operand
        };
        parts.push(part);
    }
    builder.op(op, parts, span).ok()
}
