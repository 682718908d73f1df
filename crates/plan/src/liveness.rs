//! Which variables are read after a block, so that last reads can take values and unread assignments vanish.

use std::collections::BTreeSet;

use tilewright_ir::{Block, Dag, NodeKind, Root, VarId};

/// Variables that are read later.
pub type Live = BTreeSet<VarId>;

/// The variables live before blocks, given those live after them.
pub fn before(blocks: &[Block], after: &Live) -> Live {
    blocks.iter().rev().fold(after.clone(), |live, block| before_block(block, &live))
}

fn before_block(block: &Block, after: &Live) -> Live {
    match block {
        Block::Basic(dag) => before_dag(dag, after),
        Block::If { head, condition, then, otherwise, .. } => {
            let mut live = before(then, after);
            live.extend(before(otherwise, after));
            live.insert(*condition);
            before_dag(head, &live)
        }
        Block::While { head, condition, body, .. } => {
            before_dag(head, &in_loop(head, *condition, body, after))
        }
        Block::For { head, variable, bounds, body, parallel, .. } => {
            let mut live = in_body(*variable, body, after);
            live.remove(variable);
            // A loop that runs zero times leaves the variable as it was.
            live.extend(after.iter().copied());
            live.extend([bounds.0, bounds.1].into_iter().chain(bounds.2));
            live.extend(
                parallel.iter().flat_map(|parallel| parallel.results.iter().copied().chain(parallel.degree)),
            );
            before_dag(head, &live)
        }
    }
}

/// Variables live between the head of a `while` loop and what follows it.
pub fn in_loop(head: &Dag, condition: VarId, body: &[Block], after: &Live) -> Live {
    let mut live = after.clone();
    live.insert(condition);
    loop {
        let mut next = live.clone();
        next.extend(before(body, &before_dag(head, &live)));
        if next == live {
            return live;
        }
        live = next;
    }
}

/// Variables live at the end of each iteration of a `for` loop.
pub fn in_body(variable: VarId, body: &[Block], after: &Live) -> Live {
    let mut live = after.clone();
    live.insert(variable);
    loop {
        let mut next = live.clone();
        next.extend(before(body, &live));
        if next == live {
            return live;
        }
        live = next;
    }
}

fn before_dag(dag: &Dag, after: &Live) -> Live {
    let mut live = after.clone();
    for root in &dag.roots {
        if let Root::Assign(variable, _) = root {
            live.remove(variable);
        }
    }
    for (node, needed) in dag.nodes.iter().zip(needed(dag, after)) {
        match &node.kind {
            NodeKind::Variable(variable) if needed => _ = live.insert(*variable),
            NodeKind::Scatter(variable, _) | NodeKind::Accumulate(variable) => _ = live.insert(*variable),
            _ => {}
        }
    }
    live
}

/// Which nodes effects and live assignments need.
pub fn needed(dag: &Dag, after: &Live) -> Vec<bool> {
    dag.needed_by(|root| match root {
        Root::Assign(variable, _) => after.contains(variable),
        Root::Effect(_) => true,
    })
}
