//! What nodes cost, to decide between two ways to compute the same: seconds by the work of their operators
//! ([`Work::moved`]) on a machine ([`Machine::cost`]).
//!
//! Few non-zeros make matrices small and operators on them cheap, as far as they are known. Scalars cost nothing,
//! neither does the transpose of a product's operand, which the product reads as it is (see [`crate::products`]).

use tilewright_ir::{Dag, Machine, NodeId, NodeKind, Work};
use tilewright_ops::product::Product;
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Op};

use crate::pattern::PLAIN;
use crate::products::transposed;

/// Costs are sums in different orders: what differs by less than this part is the same.
const SAME: f64 = 1e-9;

/// Whether a cost is less than another one by more than rounding.
pub fn is_less(a: f64, b: f64) -> bool {
    a < b * (1.0 - SAME)
}

/// The cost of one node, if the dimensions are known.
pub fn node(dag: &Dag, id: NodeId, machine: &Machine) -> Option<f64> {
    let node = dag.node(id);
    let NodeKind::Op(op) = &node.kind else { return Some(0.0) };
    if !node.fact().is_matrix() && !node.inputs.iter().any(|input| dag.fact(*input).is_matrix()) {
        return Some(0.0);
    }
    let moved = |op: &Op, inputs: &[&Facts]| Some(machine.cost(&Work::moved(op, inputs, &node.facts)?));
    // Of a symmetric result one half is computed.
    if let Some((form, x)) = gram(dag, id) {
        return moved(&Op::Product(form), &[dag.fact(x)]);
    }
    let inputs: Vec<&Facts> = node.inputs.iter().map(|input| dag.fact(*input)).collect();
    moved(op, &inputs)
}

/// The cost of a node that only products consume.
pub fn in_product(dag: &Dag, id: NodeId, machine: &Machine) -> Option<f64> {
    if is_function(dag, id, "t") { Some(0.0) } else { node(dag, id, machine) }
}

/// What a node costs that only products consumed, and now somebody else does as well.
pub fn made(dag: &Dag, id: NodeId, machine: &Machine) -> Option<f64> {
    if is_function(dag, id, "t") { node(dag, id, machine) } else { Some(0.0) }
}

/// Whether a node is a product.
pub fn is_product(dag: &Dag, id: NodeId) -> bool {
    dag.node(id).kind == NodeKind::Op(PLAIN)
}

/// The form of the product of a matrix and its own transpose, and the matrix.
fn gram(dag: &Dag, id: NodeId) -> Option<(Product, NodeId)> {
    if !is_product(dag, id) {
        return None;
    }
    let (a, b) = (dag.node(id).inputs[0], dag.node(id).inputs[1]);
    if transposed(dag, a) == Some(b) {
        Some((Product::Gram, b))
    } else {
        (transposed(dag, b) == Some(a)).then_some((Product::GramRows, a))
    }
}

/// Whether a node reads an input as it is although it asks for its transpose: a product does, but of two transposes
/// it reads only the left one so.
pub fn reads_transposed(dag: &Dag, consumer: NodeId, at: usize) -> bool {
    let both = || dag.node(consumer).inputs.iter().all(|input| is_function(dag, *input, "t"));
    is_product(dag, consumer) && (at == 0 || !both())
}

/// The cost of all nodes of a DAG.
pub fn total(dag: &Dag, machine: &Machine) -> Option<f64> {
    let mut only_products = vec![true; dag.nodes.len()];
    for (id, node) in dag.iter() {
        for (at, input) in node.inputs.iter().enumerate() {
            only_products[input.0 as usize] &= reads_transposed(dag, id, at);
        }
    }
    dag.roots.iter().for_each(|root| only_products[root.node().0 as usize] = false);
    let cost = |id: NodeId| match only_products[id.0 as usize] {
        true => in_product(dag, id, machine),
        false => node(dag, id, machine),
    };
    dag.iter().map(|(id, _)| cost(id)).sum()
}

fn is_function(dag: &Dag, id: NodeId, name: &str) -> bool {
    matches!(dag.node(id).kind, NodeKind::Op(Op::Function(function, _)) if function.name() == name)
}
