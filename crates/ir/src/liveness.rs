//! Which variables are read after a block, so that last reads can take values and unread assignments vanish.

use crate::dag::{Dag, NodeKind, Root};
use crate::program::Block;

pub use crate::live::Live;

/// Loops that stand deeper in each other than this are not followed from one iteration to the next: each level
/// multiplies the work.
pub const FOLLOWED: usize = 6;

/// The variables live before blocks, given those live after them.
pub fn before(blocks: &[Block], after: &Live) -> Live {
    blocks.iter().rev().fold(after.clone(), |live, block| before_block(block, &live))
}

fn before_block(block: &Block, after: &Live) -> Live {
    before_dag(block.dag(), &after_head(block, after))
}

/// The variables live between the head of a block and what follows it inside or after the block.
pub fn after_head(block: &Block, after: &Live) -> Live {
    let mut live = match block {
        Block::Basic(_) => return after.clone(),
        Block::If { .. } => Live::new(),
        // A loop may end at once.
        Block::While { .. } | Block::For { .. } => after.clone(),
    };
    let inside = after_inner(block, after);
    match block {
        Block::Basic(_) => {}
        Block::If { condition, then, otherwise, .. } => {
            live.merge(&before(then, &inside));
            live.merge(&before(otherwise, &inside));
            live.insert(*condition);
        }
        Block::While { condition, body, .. } => {
            live.merge(&before(body, &inside));
            live.insert(*condition);
        }
        Block::For { bounds, body, parallel, .. } => {
            live.merge(&before(body, &inside));
            live.extend([bounds.0, bounds.1].into_iter().chain(bounds.2));
            live.extend(
                parallel.iter().flat_map(|parallel| parallel.results.iter().copied().chain(parallel.degree)),
            );
        }
    }
    live
}

/// The variables live at the end of the blocks inside of a block: after a branch, or after one iteration.
pub fn after_inner(block: &Block, after: &Live) -> Live {
    match block {
        Block::Basic(_) | Block::If { .. } => after.clone(),
        _ if block.loops() > FOLLOWED => with_all_reads(block, after),
        Block::While { head, condition, body, leave, .. } => {
            let mut live = fixed_point(after, |live| {
                let mut between = live.clone();
                between.insert(*condition);
                between.merge(&before(body, live));
                before_dag(head, &between)
            });
            live.extend(*leave);
            live
        }
        Block::For { variable, body, leave, .. } => {
            let mut live = fixed_point(after, |live| before(body, live));
            live.insert(*variable);
            live.extend(*leave);
            live
        }
    }
}

/// More than what is live at the end of an iteration: every variable that is read anywhere inside.
fn with_all_reads(block: &Block, after: &Live) -> Live {
    let mut live = after.clone();
    block.visit_dags(&mut |dag| {
        live.extend(dag.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Variable(variable) | NodeKind::Exists(variable) => Some(*variable),
            NodeKind::Scatter(variable, _) | NodeKind::Accumulate(variable) => Some(*variable),
            _ => None,
        }));
    });
    block.visit(&mut |block| match block {
        Block::For { variable, leave, .. } => live.extend([*variable].into_iter().chain(*leave)),
        Block::While { leave, .. } => live.extend(*leave),
        Block::Basic(_) | Block::If { .. } => {}
    });
    live
}

/// The least set that holds `start` and what `step` makes of the set.
fn fixed_point(start: &Live, step: impl Fn(&Live) -> Live) -> Live {
    let mut live = start.clone();
    while live.merge(&step(&live)) {}
    live
}

/// Calls `visit` with each DAG and the variables live after it.
pub fn visit<'a>(blocks: &'a [Block], after: &Live, visit: &mut impl FnMut(&'a Dag, &Live)) {
    let mut live = after.clone();
    for block in blocks.iter().rev() {
        let inner = after_inner(block, &live);
        match block {
            Block::Basic(_) => {}
            Block::If { then, otherwise, .. } => {
                self::visit(then, &inner, visit);
                self::visit(otherwise, &inner, visit);
            }
            Block::While { body, .. } | Block::For { body, .. } => self::visit(body, &inner, visit),
        }
        let head = after_head(block, &live);
        visit(block.dag(), &head);
        live = before_dag(block.dag(), &head);
    }
}

/// Calls `visit` with each DAG to change and the variables live after it.
pub fn visit_mut(blocks: &mut [Block], after: &Live, visit: &mut impl FnMut(&mut Dag, &Live)) {
    let mut live = after.clone();
    for block in blocks.iter_mut().rev() {
        let inner = after_inner(block, &live);
        match block {
            Block::Basic(_) => {}
            Block::If { then, otherwise, .. } => {
                visit_mut(then, &inner, visit);
                visit_mut(otherwise, &inner, visit);
            }
            Block::While { body, .. } | Block::For { body, .. } => visit_mut(body, &inner, visit),
        }
        let head = after_head(block, &live);
        visit(block.dag_mut(), &head);
        live = before_dag(block.dag(), &head);
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
            NodeKind::Variable(variable) | NodeKind::Exists(variable) if needed => live.insert(*variable),
            NodeKind::Scatter(variable, _) | NodeKind::Accumulate(variable) => live.insert(*variable),
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
