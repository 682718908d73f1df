//! What a node costs: floating-point operations plus bytes read and written, a byte counting as one operation.
//!
//! Few non-zeros make matrices small and operators on them cheap, as far as they are known. Scalars cost nothing,
//! neither does the transpose of a product's operand, which the product reads as it is (see [`crate::products`]).

use tilewright_ir::{Dag, NodeId, NodeKind};
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Op};

use crate::pattern::PLAIN;
use crate::products::transposed;

/// The cost of one node, if the dimensions are known.
pub fn node(dag: &Dag, id: NodeId) -> Option<f64> {
    let node = dag.node(id);
    let NodeKind::Op(op) = &node.kind else { return Some(0.0) };
    let inputs = || node.inputs.iter().map(|input| dag.fact(*input));
    let result = node.fact();
    if !result.is_matrix() && !inputs().any(Facts::is_matrix) || only_looks(op) {
        return Some(0.0);
    }
    let written = if result.is_matrix() { result.least_bytes()? } else { 0.0 };
    let read = match op {
        Op::Index(_) => written,
        // Of a square matrix these read the diagonal.
        op if looks_at_diagonal(op, dag.fact(node.inputs[0])) => {
            8.0 * dag.fact(node.inputs[0]).dims().0.known()? as f64
        }
        _ if is_gram(dag, id) => dag.fact(node.inputs[0]).least_bytes()?,
        _ => inputs().filter(|input| input.is_matrix()).map(Facts::least_bytes).sum::<Option<f64>>()?,
    };
    // Of a symmetric result one half is computed.
    let share = if is_gram(dag, id) { 0.5 } else { 1.0 };
    Some(share * operations(op, dag, &node.inputs, result)? + read + written)
}

/// The cost of a node that only products consume.
pub fn in_product(dag: &Dag, id: NodeId) -> Option<f64> {
    if is_function(dag, id, "t") { Some(0.0) } else { node(dag, id) }
}

/// What a node costs that only products consumed, and now somebody else does as well.
pub fn made(dag: &Dag, id: NodeId) -> Option<f64> {
    if is_function(dag, id, "t") { node(dag, id) } else { Some(0.0) }
}

/// Whether a node is a product.
pub fn is_product(dag: &Dag, id: NodeId) -> bool {
    dag.node(id).kind == NodeKind::Op(PLAIN)
}

/// Whether a node is the product of a matrix and its own transpose.
fn is_gram(dag: &Dag, id: NodeId) -> bool {
    is_product(dag, id) && {
        let (a, b) = (dag.node(id).inputs[0], dag.node(id).inputs[1]);
        transposed(dag, a) == Some(b) || transposed(dag, b) == Some(a)
    }
}

/// Whether a node reads an input as it is although it asks for its transpose: a product does, but of two transposes
/// it reads only the left one so.
pub fn reads_transposed(dag: &Dag, consumer: NodeId, at: usize) -> bool {
    let both = || dag.node(consumer).inputs.iter().all(|input| is_function(dag, *input, "t"));
    is_product(dag, consumer) && (at == 0 || !both())
}

/// The cost of all nodes of a DAG.
pub fn total(dag: &Dag) -> Option<f64> {
    let mut only_products = vec![true; dag.nodes.len()];
    for (id, node) in dag.iter() {
        for (at, input) in node.inputs.iter().enumerate() {
            only_products[input.0 as usize] &= reads_transposed(dag, id, at);
        }
    }
    dag.roots.iter().for_each(|root| only_products[root.node().0 as usize] = false);
    let costs = dag
        .iter()
        .map(|(id, _)| if only_products[id.0 as usize] { in_product(dag, id) } else { node(dag, id) });
    costs.sum()
}

/// Sizes and casts of one cell.
fn only_looks(op: &Op) -> bool {
    matches!(op, Op::Function(function, _) if
        ["nrow", "ncol", "length", "as.scalar", "as.matrix"].contains(&function.name()))
}

fn is_function(dag: &Dag, id: NodeId, name: &str) -> bool {
    matches!(dag.node(id).kind, NodeKind::Op(Op::Function(function, _)) if function.name() == name)
}

fn looks_at_diagonal(op: &Op, x: &Facts) -> bool {
    let square = !x.dims().1.is(1);
    match op {
        Op::Aggregate(op, _) => op.name() == "trace",
        Op::Function(function, _) => function.name() == "diag" && square,
        _ => false,
    }
}

fn operations(op: &Op, dag: &Dag, inputs: &[NodeId], result: &Facts) -> Option<f64> {
    let input = |at: usize| dag.fact(inputs[at]);
    match op {
        Op::Aggregate(..) if looks_at_diagonal(op, input(0)) => Some(4.0 * input(0).dims().0.known()? as f64),
        op => {
            let facts: Vec<Facts> = inputs.iter().map(|input| dag.fact(*input).clone()).collect();
            op.flops(&facts, result)
        }
    }
}
