//! Drops assignments that nobody reads, and the nodes that only they needed; among these, calls of functions that have no
//! effects.

use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Block, Dag, NodeKind, Program, Root};

use crate::silent::silent_functions;

/// Drops what nobody reads from every function.
pub fn remove_dead(mut program: Program) -> Program {
    let silent = silent_functions(&program);
    for function in &mut program.functions {
        let results: Live = function.results.iter().copied().collect();
        liveness::visit_mut(&mut function.body, &results, &mut |dag, live| prune(dag, live, &silent));
    }
    program
}

/// Drops what nobody reads from blocks that are followed by reads of the variables in `after`.
pub fn remove_dead_in(blocks: &mut [Block], after: &Live) {
    liveness::visit_mut(blocks, after, &mut |dag, live| prune(dag, live, &[]));
}

fn prune(dag: &mut Dag, live: &Live, silent: &[bool]) {
    let is_silent = |dag: &Dag, root: &Root| match dag.node(root.node()).kind {
        NodeKind::Call(callee) => silent.get(callee.0 as usize) == Some(&true),
        _ => false,
    };
    let is_wanted = |root: &Root| match root {
        Root::Assign(variable, _) => live.contains(variable),
        Root::Effect(_) => !is_silent(dag, root),
    };
    let needed = dag.needed_by(is_wanted);
    let kept: Vec<bool> = dag
        .roots
        .iter()
        // A call whose results are read keeps its place among the effects.
        .map(|root| is_wanted(root) || matches!(root, Root::Effect(node) if needed[node.0 as usize]))
        .collect();
    let mut kept = kept.into_iter();
    dag.roots.retain(|_| kept.next() == Some(true));
    dag.compact();
}
