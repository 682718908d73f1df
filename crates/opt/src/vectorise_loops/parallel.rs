//! The iteration of a parallel loop as one of a loop in order.
//!
//! Iterations of a parallel loop run on copies and note what they write, `scatter R[i, ] = value`. In order they write
//! to the matrix itself. Other variables that they assign belong to the iteration.

use std::collections::HashMap;

use tilewright_ir::{Dag, NodeId, NodeKind, Root, VarId};
use tilewright_ops::Op;

/// The body of a loop in order that does what a parallel one does; none if it adds to results as a whole.
pub fn in_order(body: &Dag) -> Option<Dag> {
    let mut dag = body.clone();
    let mut now: HashMap<VarId, NodeId> = HashMap::new();
    for at in 0..dag.nodes.len() {
        match dag.nodes[at].kind {
            NodeKind::Scatter(variable, form) => {
                let base = dag.nodes[at].inputs[0];
                // What was written before in this iteration.
                if let (NodeKind::Variable(_), Some(written)) = (&dag.node(base).kind, now.get(&variable)) {
                    dag.nodes[at].inputs[0] = *written;
                }
                let inputs: Vec<_> =
                    dag.nodes[at].inputs.iter().map(|input| dag.fact(*input).clone()).collect();
                dag.nodes[at].facts = Op::Assign(form).infer(&inputs).ok()?;
                dag.nodes[at].kind = NodeKind::Op(Op::Assign(form));
                now.insert(variable, NodeId(at as u32));
            }
            NodeKind::Accumulate(_) | NodeKind::Call(_) | NodeKind::Statement(..) => return None,
            _ => {}
        }
    }
    let mut written: Vec<(VarId, NodeId)> = now.into_iter().collect();
    written.sort_by_key(|(_, node)| *node);
    dag.roots = written.into_iter().map(|(variable, node)| Root::Assign(variable, node)).collect();
    dag.compact();
    Some(dag)
}
