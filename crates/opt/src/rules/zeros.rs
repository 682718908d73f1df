//! What is known to be zero everywhere is not computed.

use tilewright_base::Span;
use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::aggregate::Over;
use tilewright_ops::row::Named;
use tilewright_ops::{Op, product::Product};
use tilewright_value::Scalar;

use super::{Body, Class, On, Rule};
use crate::builder::Builder;

/// Zeros absorb in products, and aggregates of zeros are zero.
pub const RULES: &[Rule] = &[
    Rule {
        name: "zeros",
        text: "matrix(0, rows=3, cols=2) %*% X => matrix(0, rows=3, cols=ncol(X))",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Zeros,
            does: "A matrix without non-zeros is an operand that has its shape and none either, or a matrix of zeros.",
            examples: &[
                "X * matrix(0, rows=3, cols=2) => matrix(0, rows=3, cols=2)",
                "abs(matrix(0, rows=3, cols=2)) => matrix(0, rows=3, cols=2)",
                "t(matrix(0, rows=3, cols=2) * X) => matrix(0, rows=2, cols=3)",
                "rev(matrix(0, rows=3, cols=2)) => matrix(0, rows=3, cols=2)",
                "matrix(0, rows=3, cols=2)[2, ] => matrix(0, rows=1, cols=2)",
                "order(matrix(0, rows=3, cols=2)) => matrix(0, rows=3, cols=2)",
            ],
            apply: zeros,
        },
    },
    Rule {
        name: "aggregate-of-zeros",
        text: "max(matrix(0, rows=3, cols=2) * X) => 0",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Aggregate,
            does: "An aggregate over cells that are all zero is zero.",
            examples: &[
                "mean(matrix(0, rows=3, cols=2) * X) => 0",
                "var(matrix(0, rows=3, cols=2) * X) => 0",
            ],
            apply: aggregate_of_zeros,
        },
    },
    Rule {
        name: "count-of-non-zeros",
        text: "sum(matrix(2, rows=3, cols=2) != 0) => 6",
        class: Class::Exact,
        guards: &[],
        body: Body::Code {
            on: On::Aggregate,
            does: "A number of non-zeros that is known is not counted.",
            examples: &["sum(matrix(2, rows=3, cols=2) == 0) => 0"],
            apply: count_of_non_zeros,
        },
    },
];

/// Operators that only fail for shapes, which are known to fit, or for positions, which have to be known.
fn never_fails(builder: &Builder<'_>, op: &Op, inputs: &[NodeId]) -> bool {
    match op {
        Op::Unary(_) | Op::Binary(_) | Op::Product(Product::Plain) | Op::Cumulative(_) => true,
        Op::Aggregate(_, over) => *over != Over::All,
        Op::Index(_) => inputs[1..].iter().all(|index| builder.dag.fact(*index).number().is_some()),
        Op::Function(function, _) => {
            ["t", "rev", "cbind", "rbind", "lower.tri", "upper.tri", "order"].contains(&function.name())
        }
        _ => false,
    }
}

fn zeros(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let NodeKind::Op(op) = node.kind else { return None };
    let (facts, inputs) = (node.fact(), &node.inputs);
    let (rows, cols) = (facts.dims().0.known()?, facts.dims().1.known()?);
    if !never_fails(builder, &op, inputs) {
        return None;
    }
    let same = |input: &&NodeId| {
        let own = builder.dag.fact(**input);
        own.is_matrix()
            && own.nnz.bound() == Some(0)
            && own.dims() == facts.dims()
            && own.logical == facts.logical
    };
    if let Some(input) = inputs.iter().find(same) {
        return Some(*input);
    }
    // Zeros of a sparse matrix take less memory than new ones.
    let bytes: f64 = inputs.iter().filter_map(|input| builder.dag.fact(*input).least_bytes()).sum();
    (facts.dense_bytes()? <= bytes.max(SMALL)).then(|| builder.zeros(rows, cols))?
}

/// Bytes that may be spent on zeros in any case.
const SMALL: f64 = 65536.0;

const OF_ZEROS: [&str; 8] = ["sum", "mean", "min", "max", "prod", "var", "sd", "trace"];

fn aggregate_of_zeros(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let NodeKind::Op(Op::Aggregate(op, Over::All)) = node.kind else { return None };
    let facts = builder.dag.fact(node.inputs[0]);
    let zero = facts.is_matrix() && facts.nnz.bound() == Some(0) && crate::guards::has_cells(&[facts]);
    let span: Span = node.span;
    (zero && OF_ZEROS.contains(&op.name())).then(|| builder.literal(Scalar::Double(0.0), span))
}

fn count_of_non_zeros(builder: &mut Builder<'_>, id: NodeId) -> Option<NodeId> {
    let node = builder.dag.node(id);
    let (span, test) = (node.span, builder.dag.node(node.inputs[0]));
    let (NodeKind::Op(Op::Aggregate(sum, Over::All)), NodeKind::Op(Op::Binary(op))) =
        (node.kind.clone(), test.kind.clone())
    else {
        return None;
    };
    let (a, b) = (builder.dag.fact(test.inputs[0]), builder.dag.fact(test.inputs[1]));
    let x = if b.number() == Some(0.0) && b.is_scalar() { a } else { b };
    let other = if b.number() == Some(0.0) && b.is_scalar() { b } else { a };
    let tilewright_ops::Nnz::Exact(nnz) = x.nnz else { return None };
    let cells = x.dense_bytes()? / 8.0;
    let counted = match op.name() {
        "!=" => nnz as f64,
        "==" => cells - nnz as f64,
        _ => return None,
    };
    let fits = sum.name() == "sum" && x.is_matrix() && other.is_scalar() && other.number() == Some(0.0);
    fits.then(|| builder.literal(Scalar::Double(counted), span))
}
