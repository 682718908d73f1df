//! Drops assignments that nobody reads, and the nodes that only they needed.

use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Dag, Program, Root};

/// Drops what nobody reads from every function.
pub fn remove_dead(mut program: Program) -> Program {
    for function in &mut program.functions {
        let results: Live = function.results.iter().copied().collect();
        liveness::visit_mut(&mut function.body, &results, &mut |dag, live| prune(dag, live));
    }
    program
}

fn prune(dag: &mut Dag, live: &Live) {
    dag.roots.retain(|root| match root {
        Root::Assign(variable, _) => live.contains(variable),
        Root::Effect(_) => true,
    });
    dag.compact();
}
