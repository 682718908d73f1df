//! Matrix products take their physical form: transposes are not materialised, chains read their matrix once.
//!
//! ```text
//! t(X) %*% X                  -> Gram
//! X %*% t(X)                  -> GramRows
//! t(X) %*% (X %*% v)          -> Chain           v with few columns
//! t(X) %*% (w * (X %*% v))    -> WeightedChain   w a column
//! t(A) %*% B, A %*% t(B)      -> TransposedLeft, TransposedRight
//! ```

use std::sync::LazyLock;

use tilewright_ir::{Dag, NodeId, NodeKind};
use tilewright_ops::function::{FunctionOp, Present};
use tilewright_ops::product::Product;
use tilewright_ops::{Op, binary, functions};

use crate::Options;

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "choose-products";

/// A chain holds one partial result per column of `v` and chunk of rows, so `v` has to be narrow.
const CHAIN_COLUMNS: u64 = 16;

/// Chooses the form of every product of a DAG.
pub fn choose_products(dag: &mut Dag, options: &Options) {
    if options.as_written || options.disabled.contains(NAME) {
        return;
    }
    let uses = dag.uses();
    for at in 0..dag.nodes.len() {
        let id = NodeId(at as u32);
        if let Some((form, inputs)) = chosen(dag, id, &uses) {
            let node = &mut dag.nodes[at];
            node.kind = NodeKind::Op(Op::Product(form));
            node.inputs = inputs;
        }
    }
}

fn chosen(dag: &Dag, id: NodeId, uses: &[usize]) -> Option<(Product, Vec<NodeId>)> {
    let node = dag.node(id);
    if node.kind == NodeKind::Op(Op::Product(Product::TransposedLeft)) {
        return chain(dag, node.inputs[0], node.inputs[1], uses);
    }
    if node.kind != NodeKind::Op(Op::Product(Product::Plain)) {
        return None;
    }
    let (left, right) = (node.inputs[0], node.inputs[1]);
    match (transposed(dag, left), transposed(dag, right)) {
        (Some(x), _) if x == right => Some((Product::Gram, vec![x])),
        (_, Some(x)) if x == left => Some((Product::GramRows, vec![x])),
        (Some(x), _) => chain(dag, x, right, uses).or(Some((Product::TransposedLeft, vec![x, right]))),
        (None, Some(x)) => Some((Product::TransposedRight, vec![left, x])),
        (None, None) => None,
    }
}

/// The operator `t`.
pub fn transpose() -> Op {
    static FUNCTION: LazyLock<FunctionOp> =
        LazyLock::new(|| functions::find("t").expect("invariant: `t` is a function"));
    Op::Function(*FUNCTION, Present::new([true]))
}

/// The matrix that a node is the transpose of.
pub fn transposed(dag: &Dag, id: NodeId) -> Option<NodeId> {
    let node = dag.node(id);
    (node.kind == NodeKind::Op(transpose())).then(|| node.inputs[0])
}

/// `right` as `X %*% v` or `w * (X %*% v)` for the X whose transpose stands on the left. A chain does not leave the
/// inner product behind, so nobody else may want it.
fn chain(dag: &Dag, x: NodeId, right: NodeId, uses: &[usize]) -> Option<(Product, Vec<NodeId>)> {
    let once = |id: NodeId| uses[id.0 as usize] == 1;
    if !once(right) {
        return None;
    }
    if let Some(v) = times(dag, x, right) {
        return Some((Product::Chain, vec![x, v]));
    }
    let node = dag.node(right);
    let NodeKind::Op(Op::Binary(op)) = node.kind else { return None };
    if binary::find("*") != Some(op) {
        return None;
    }
    let (a, b) = (node.inputs[0], node.inputs[1]);
    let weighted = |w: NodeId, product: NodeId| {
        let v = times(dag, x, product).filter(|_| once(product))?;
        let (w_facts, rows) = (dag.fact(w), dag.fact(x).dims().0);
        let column = w_facts.is_matrix()
            && w_facts.dims().1.is(1)
            && w_facts.dims().0 == rows
            && rows.known().is_some();
        (column && !rows.is(1)).then(|| (Product::WeightedChain, vec![x, v, w]))
    };
    weighted(a, b).or_else(|| weighted(b, a))
}

/// The `v` of `X %*% v`, if it is narrow.
fn times(dag: &Dag, x: NodeId, product: NodeId) -> Option<NodeId> {
    let node = dag.node(product);
    let plain = node.kind == NodeKind::Op(Op::Product(Product::Plain));
    let narrow = |v: NodeId| dag.fact(v).dims().1.known().is_some_and(|cols| cols <= CHAIN_COLUMNS);
    (plain && node.inputs[0] == x && narrow(node.inputs[1])).then(|| node.inputs[1])
}
