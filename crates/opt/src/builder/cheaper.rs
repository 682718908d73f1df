//! Whether a rule pays: what its right side adds, against what nobody needs any more of its left side.

use tilewright_ir::{NodeId, NodeKind};
use tilewright_ops::Op;

use super::Builder;
use crate::cost;

impl Builder<'_> {
    /// Whether what is new costs no more than what nobody needs any more. Nodes below `new` were there before, but for
    /// those that were abandoned.
    pub(super) fn is_cheaper(&self, old: NodeId, built: NodeId, new: usize) -> bool {
        let machine = &self.options.machine;
        let mut kept = Vec::new();
        let spent = self.cost_from(built, |Edge { id, in_product, .. }| {
            let at = id.0 as usize;
            let old = at < new && !self.abandoned.get(at).copied().unwrap_or(false);
            kept.extend(old.then_some((id, in_product)));
            !old
        });
        // A transpose that only a product read did not have to be made.
        let mut made = Some(0.0);
        let saved = self.cost_from(old, |Edge { id, uses, in_product, .. }| {
            let needed = self.consumers.get(id.0 as usize).copied().unwrap_or(0) > uses;
            let stays = kept.iter().find(|(kept, _)| *kept == id);
            if stays.is_some_and(|(_, still)| in_product && !needed && !still) {
                made = made.zip(cost::made(&self.dag, id, machine)).map(|(made, own)| made + own);
            }
            id == old || (stays.is_none() && !needed)
        });
        let spent = spent.zip(made).map(|(spent, made)| spent + made);
        saved.zip(spent).is_some_and(|(saved, spent)| !cost::is_less(saved, spent))
    }

    /// The cost of a node and those it needs that count, which may depend on how many consumers of theirs count.
    fn cost_from(&self, id: NodeId, mut counts: impl FnMut(Edge) -> bool) -> Option<f64> {
        let (mut total, machine) = (0.0, &self.options.machine);
        // Consumers have larger numbers than their inputs: from the largest down, all consumers of a node are known.
        let mut edges = vec![Edge { id, uses: 1, in_product: false, share: 1.0 }];
        while let Some(edge) = take_last(&mut edges) {
            let id = edge.id;
            let in_product = edge.in_product;
            let share = edge.share.min(self.share(id));
            if !counts(edge) {
                continue;
            }
            let own = match in_product {
                true => cost::in_product(&self.dag, id, machine)?,
                false => cost::node(&self.dag, id, machine)?,
            };
            total += share * own;
            let inputs = self.dag.node(id).inputs.iter().enumerate();
            edges.extend(inputs.map(|(at, input)| {
                let in_product = cost::reads_transposed(&self.dag, id, at);
                Edge { id: *input, uses: 1, in_product, share }
            }));
        }
        Some(total)
    }

    /// How often a node is computed for each time that the DAG is: a product or an aggregate of what is the same in all
    /// iterations of the loop is computed before it.
    fn share(&self, id: NodeId) -> f64 {
        let is_hoisted = matches!(self.dag.node(id).kind, NodeKind::Op(Op::Product(_) | Op::Aggregate(..)));
        match &self.around {
            Some(around) if is_hoisted && self.fixed[id.0 as usize] => 1.0 / around.iterations,
            _ => 1.0,
        }
    }
}

/// What consumers that were taken ask of a node.
#[derive(Debug, Clone, Copy)]
struct Edge {
    id: NodeId,
    /// How many of them there are.
    uses: usize,
    /// Whether all of them are products.
    in_product: bool,
    /// How often the node is computed for them.
    share: f64,
}

/// Takes the node of the largest number out of a list of edges, its edges put together.
fn take_last(edges: &mut Vec<Edge>) -> Option<Edge> {
    let last = edges.iter().map(|edge| edge.id).max()?;
    let mut taken = Edge { id: last, uses: 0, in_product: true, share: 0.0 };
    edges.retain(|edge| {
        if edge.id == last {
            taken.uses = taken.uses.saturating_add(edge.uses);
            taken.in_product &= edge.in_product;
            taken.share = taken.share.max(edge.share);
        }
        edge.id != last
    });
    Some(taken)
}
