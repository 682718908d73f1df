//! Drops assignments that nobody reads, and the nodes that only they needed.

use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Block, Dag, Program, Root};

/// Drops what nobody reads from every function.
pub fn remove_dead(mut program: Program) -> Program {
    for function in &mut program.functions {
        let results: Live = function.results.iter().copied().collect();
        remove_dead_in(&mut function.body, &results);
    }
    program
}

/// Drops what nobody reads from blocks that are followed by reads of the variables in `after`.
pub fn remove_dead_in(blocks: &mut [Block], after: &Live) {
    liveness::visit_mut(blocks, after, &mut |dag, live| prune(dag, live));
}

fn prune(dag: &mut Dag, live: &Live) {
    dag.roots.retain(|root| match root {
        Root::Assign(variable, _) => live.contains(variable),
        Root::Effect(_) => true,
    });
    dag.compact();
}
