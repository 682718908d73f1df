//! Chains of products as what they are made of, so that what else goes over the rows of their matrix can share its scan.
//!
//! ```text
//! t(X) %*% (X %*% v)        X is read once, by a kernel of its own
//! t(X) %*% (w * (X %*% v))
//! ```
//!
//! A chain whose matrix nobody else reads stays what it is. So does one that is opened and finds no company.

use tilewright_ir::{Dag, Node, NodeId, NodeKind};
use tilewright_ops::product::Product;
use tilewright_ops::{Op, binary};
use tilewright_pipeline::Role;

use super::candidates::{Table, fits_a_panel};
use super::plan::Group;
use crate::Options;
use crate::products;

/// The nodes that chains became, in order.
pub(super) struct Opened(Vec<Vec<NodeId>>);

impl Opened {
    /// Opens the chains of a DAG that may share the scan of their matrix.
    pub(super) fn of(dag: &mut Dag) -> Opened {
        let mut opened = Opened(Vec::new());
        if dag.nodes.iter().all(|node| chain(node).is_none()) {
            return opened;
        }
        let wanted: Vec<bool> = {
            let table = Table::of(dag);
            dag.iter().map(|(id, node)| chain(node).is_some() && has_company(&table, id)).collect()
        };
        if !wanted.contains(&true) {
            return opened;
        }
        let mut moved: Vec<NodeId> = Vec::with_capacity(dag.nodes.len());
        let mut made = Dag::default();
        for (node, is_wanted) in dag.nodes.iter().zip(wanted) {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|input| moved[input.0 as usize]).collect();
            let own = if is_wanted { products_of(&mut made, node, &inputs) } else { None };
            let last = match own {
                Some(own) => {
                    opened.0.push(own);
                    NodeId(made.nodes.len() as u32 - 1)
                }
                None => push(&mut made, Node { inputs, ..node.clone() }),
            };
            moved.push(last);
        }
        made.roots = dag.roots.iter().map(|root| root.with_node(moved[root.node().0 as usize])).collect();
        *dag = made;
        opened
    }

    /// Whether a group is nothing but a chain.
    pub(super) fn is_chain(&self, group: &Group) -> bool {
        self.0.contains(&group.nodes)
    }

    /// Makes chains again of what did not become part of a pipeline.
    pub(super) fn close(&self, dag: &mut Dag, options: &Options) {
        if !self.0.is_empty() {
            products::choose_products(dag, options);
            dag.compact();
        }
    }
}

/// The matrix of a chain.
fn chain(node: &Node) -> Option<NodeId> {
    let is_chain = matches!(node.kind, NodeKind::Op(Op::Product(Product::Chain | Product::WeightedChain)));
    is_chain.then(|| node.inputs[0])
}

/// Whether another node goes over the rows of a chain's matrix, and its products fit a panel.
fn has_company(table: &Table<'_>, id: NodeId) -> bool {
    let [x, v] = [table.dag.node(id).inputs[0], table.dag.node(id).inputs[1]];
    let goes_over_rows = |reader: &NodeId| {
        let node = table.dag.node(*reader);
        let roles = table.candidate(*reader).map(|candidate| &candidate.roles);
        let mut of_rows = roles.into_iter().flat_map(|roles| node.inputs.iter().zip(roles));
        *reader != id
            && (chain(node) == Some(x) || of_rows.any(|(input, role)| *input == x && *role == Role::Panel))
    };
    fits_a_panel(table.dag.fact(v)) && table.readers[x.0 as usize].iter().any(goes_over_rows)
}

/// Adds the products of a chain: `X %*% v`, the same times the weights, `t(X)` times that.
fn products_of(dag: &mut Dag, node: &Node, inputs: &[NodeId]) -> Option<Vec<NodeId>> {
    let start = dag.nodes.len();
    let mut right = add(dag, Op::Product(Product::Plain), vec![inputs[0], inputs[1]], node)?;
    if let Some(weights) = inputs.get(2) {
        right = add(dag, Op::Binary(binary::find("*")?), vec![*weights, right], node)?;
    }
    add(dag, Op::Product(Product::TransposedLeft), vec![inputs[0], right], node)?;
    Some((start..dag.nodes.len()).map(|at| NodeId(at as u32)).collect())
}

fn add(dag: &mut Dag, op: Op, inputs: Vec<NodeId>, chain: &Node) -> Option<NodeId> {
    let operands: Vec<_> = inputs.iter().map(|input| dag.fact(*input).clone()).collect();
    let facts = op.infer(&operands).ok()?;
    Some(push(dag, Node { kind: NodeKind::Op(op), inputs, span: chain.span, facts }))
}

fn push(dag: &mut Dag, node: Node) -> NodeId {
    dag.nodes.push(node);
    NodeId(dag.nodes.len() as u32 - 1)
}
