//! Which nodes of a loop's body are worth a variable that lives as long as the loop.
//!
//! Flops are those of the node and all it is made of, as far as that is fixed:
//! - results of up to 1 MiB: at least 32 flops
//! - larger ones: at least 16 flops per cell, as of a product or a function such as `exp`, and not of `2 * X`, for which
//!   a copy of X would stay in memory
//! - of unknown sizes: products, aggregates, and element-wise operators of 16 flops per cell
//! - products that only products in the loop need: where they pay in spite of another order of the chain,
//!   `(A %*% B) %*% v` as `A %*% (B %*% v)`, over all iterations
//! - nothing of which only what stands at the cells of a sparse matrix is wanted, `U %*% t(V)` in `S * (U %*% t(V))`: a
//!   pipeline computes it there alone
//! - transposes where something else than a product needs them, whatever their size: products read them as they are

use tilewright_ir::{Dag, NodeId, NodeKind, Root, VarId};
use tilewright_ops::product::Product;
use tilewright_ops::{Facts, Op, functions};

use crate::infallible::{cannot_fail, is_complete, is_number};

/// Results of up to so many bytes are small.
const SMALL: f64 = 1_048_576.0;
/// Flops that pay for a small result.
const FLOPS: f64 = 32.0;
/// Flops per cell that pay for a large result.
const PER_CELL: f64 = 16.0;
/// A loop's condition may be computed once more if it takes no more flops than this.
const CHEAP: f64 = 10_000.0;

/// What a node that is the same in all iterations takes.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// In all; infinite where sizes are unknown.
    flops: f64,
    /// For each cell of its result.
    per_cell: f64,
}

/// The nodes of a DAG that are worth hoisting, in order; none of them serves only others.
pub fn chosen(dag: &Dag, is_fixed: &dyn Fn(VarId) -> bool, iterations: f64) -> Vec<NodeId> {
    let costs = costs(dag, is_fixed);
    if costs.iter().all(Option::is_none) {
        return Vec::new();
    }
    let sampled = sampled(dag);
    let mut stays = vec![false; dag.nodes.len()];
    let mut by_others = vec![false; dag.nodes.len()];
    for root in &dag.roots {
        stays[root.node().0 as usize] = true;
        by_others[root.node().0 as usize] |= matches!(root, Root::Assign(..));
    }
    let mut in_chain = vec![false; dag.nodes.len()];
    let mut chosen = Vec::new();
    for at in (0..dag.nodes.len()).rev() {
        if !stays[at] {
            continue;
        }
        let (id, node) = (NodeId(at as u32), &dag.nodes[at]);
        let leaves_chain = by_others[at] || !in_chain[at];
        if leaves_chain
            && !sampled[at]
            && costs[at].is_some_and(|cost| is_worth(dag, id, cost, by_others[at]))
        {
            chosen.push(id);
            continue;
        }
        let is_product = matches!(node.kind, NodeKind::Op(Op::Product(_)));
        for input in &node.inputs {
            stays[input.0 as usize] = true;
            by_others[input.0 as usize] |= !is_product;
            in_chain[input.0 as usize] |= is_product && !pays_in_chain(dag, id, *input, iterations);
        }
    }
    chosen.reverse();
    chosen
}

/// The large nodes that are only read cell by cell, up to what is sparse.
fn sampled(dag: &Dag) -> Vec<bool> {
    let is_sparse = |facts: &Facts| facts.least_bytes() < facts.dense_bytes();
    let mut read = vec![false; dag.nodes.len()];
    let mut sampled = vec![true; dag.nodes.len()];
    dag.roots.iter().for_each(|root| sampled[root.node().0 as usize] = false);
    for at in (0..dag.nodes.len()).rev() {
        let node = &dag.nodes[at];
        sampled[at] &= read[at] && node.fact().dense_bytes().is_some_and(|bytes| bytes > SMALL);
        let is_cellwise = matches!(node.kind, NodeKind::Op(Op::Unary(_) | Op::Binary(_) | Op::Select));
        let samples = is_cellwise && (is_sparse(node.fact()) || sampled[at]);
        for input in &node.inputs {
            read[input.0 as usize] = true;
            sampled[input.0 as usize] &= samples;
        }
    }
    sampled
}

fn is_worth(dag: &Dag, id: NodeId, cost: Cost, by_others: bool) -> bool {
    let node = dag.node(id);
    let NodeKind::Op(op) = &node.kind else { return false };
    let bytes = node.fact().dense_bytes();
    let is_transpose = matches!(op, Op::Function(function, _) if functions::find("t") == Some(*function));
    match bytes {
        Some(bytes) if bytes <= SMALL => cost.flops >= FLOPS && (by_others || !is_transpose),
        _ if is_transpose => by_others,
        Some(bytes) => cost.flops >= PER_CELL * bytes / 8.0,
        None => cost.per_cell >= PER_CELL,
    }
}

/// Whether a product that is an operand of another one is better computed before the loop than in another order of the
/// chain in each iteration; sizes that are not known say no. An operand that is no product is in no chain.
fn pays_in_chain(dag: &Dag, outer: NodeId, inner: NodeId, iterations: f64) -> bool {
    if dag.node(inner).kind != NodeKind::Op(Op::Product(Product::Plain)) {
        return true;
    }
    let size = |id: NodeId| {
        let (rows, cols) = dag.fact(id).dims();
        Some((rows.known()? as f64, cols.known()? as f64))
    };
    let (left, right) = (dag.node(outer).inputs[0], dag.node(outer).inputs[1]);
    let other = if left == inner { right } else { left };
    let sizes = size(inner).zip(size(dag.node(inner).inputs[0])).zip(size(other));
    sizes.is_some_and(|(((rows, cols), (_, between)), other)| {
        let width = if left == inner { other.1 } else { other.0 };
        let (once, hoisted) = (rows * between * cols, rows * cols * width);
        let reordered = between * cols * width + rows * between * width;
        once + iterations * hoisted <= iterations * reordered.min(once + hoisted)
    })
}

/// What nodes take that are the same in all iterations and cannot fail; none of others.
fn costs(dag: &Dag, is_fixed: &dyn Fn(VarId) -> bool) -> Vec<Option<Cost>> {
    let nothing = Cost { flops: 0.0, per_cell: 0.0 };
    let mut costs: Vec<Option<Cost>> = Vec::with_capacity(dag.nodes.len());
    for (id, node) in dag.iter() {
        costs.push(match &node.kind {
            NodeKind::Literal(_) => Some(nothing),
            NodeKind::Variable(variable) => {
                (is_fixed(*variable) && is_complete(node.fact()) && is_number(node.fact())).then_some(nothing)
            }
            NodeKind::Op(op) => {
                let inputs = node.inputs.iter().map(|input| costs[input.0 as usize]);
                inputs.collect::<Option<Vec<_>>>().and_then(|inputs| cost(dag, id, op, &inputs))
            }
            _ => None,
        });
    }
    costs
}

fn cost(dag: &Dag, id: NodeId, op: &Op, inputs: &[Cost]) -> Option<Cost> {
    if op.results() != 1 || !is_pure(dag, id, op) || !cannot_fail(dag, id) {
        return None;
    }
    let own = flops(dag, id, op).unwrap_or(f64::INFINITY);
    let before = inputs.iter().map(|cost| cost.per_cell).fold(0.0, f64::max);
    let per_cell = match op {
        Op::Product(_) | Op::Aggregate(..) => f64::INFINITY,
        Op::Unary(row) => row.flops() + before,
        Op::Binary(row) => row.flops() + before,
        _ => before,
    };
    Some(Cost { flops: inputs.iter().map(|cost| cost.flops).sum::<f64>() + own, per_cell })
}

fn flops(dag: &Dag, id: NodeId, op: &Op) -> Option<f64> {
    let facts: Vec<&Facts> = dag.node(id).inputs.iter().map(|input| dag.fact(*input)).collect();
    op.flops(&facts, dag.fact(id))
}

fn is_pure(dag: &Dag, id: NodeId, op: &Op) -> bool {
    let facts: Vec<Facts> = dag.node(id).inputs.iter().map(|input| dag.fact(*input).clone()).collect();
    op.is_pure(&facts)
}

/// Whether a loop's condition has no effect and takes little, so that it may be computed once more.
pub fn is_cheap(head: &Dag) -> bool {
    let is_cheap = |id: NodeId| match &head.node(id).kind {
        NodeKind::Literal(_) | NodeKind::Variable(_) => Some(0.0),
        NodeKind::Op(op) => flops(head, id, op).filter(|_| is_pure(head, id, op)),
        _ => None,
    };
    let flops: Option<f64> = head.iter().map(|(id, _)| is_cheap(id)).sum();
    let effects = head.roots.iter().any(|root| matches!(root, Root::Effect(_)));
    !effects && flops.is_some_and(|flops| flops <= CHEAP)
}
