//! Drops results of functions that no call reads, so that nothing computes them.
//!
//! ```text
//! [a, b] = f(X)      a = f(X)
//! print(a)       =>  print(a)
//! f: a = sum(X)      f: a = sum(X)
//!    b = solve(X)
//! ```
//!
//! A result counts as read once a call reads it from a place that is needed itself, from the main program on: results
//! that a recursive function only passes to itself vanish as well. What calls by a computed name may reach keeps all of
//! its results. The effects of a function stay, whatever is read of it.

use std::collections::BTreeSet;

use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Dag, Function, FunctionId, NodeId, NodeKind, Program, Root};

use crate::remove_dead::remove_dead;
use crate::{Fired, Options};

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "remove-unused-results";

/// Drops unread results of every function, and what was computed for them.
pub fn remove_unused_results(mut program: Program, options: &Options, fired: &mut Fired) -> Program {
    if options.disabled.contains(NAME) {
        return program;
    }
    loop {
        let read = read_results(&program);
        let unread = program.functions.iter().zip(&read).map(|(function, read)| {
            let unread = read.iter().filter(|read| !**read).count();
            fired.pass(NAME, function.span, unread);
            unread
        });
        if unread.sum::<usize>() == 0 {
            return program;
        }
        for (function, read) in program.functions.iter_mut().zip(&read) {
            let mut read = read.iter();
            function.results.retain(|_| read.next() == Some(&true));
        }
        // Nothing reads a dropped result any more after this: the others are numbered anew. A call that was read only
        // for it may have gone, too, so that there is another round.
        program = remove_dead(program);
        program.visit_dags_mut(&mut |dag| renumber(dag, &read));
    }
}

/// Which results of each function are read.
fn read_results(program: &Program) -> Vec<Vec<bool>> {
    let named: BTreeSet<FunctionId> =
        program.scopes.iter().flat_map(|scope| scope.values().copied()).collect();
    let is_kept = |id: FunctionId, function: &Function| {
        id == Program::MAIN || named.contains(&id) || function.body.is_empty()
    };
    let ids = (0..program.functions.len() as u32).map(FunctionId);
    let mut read: Vec<Vec<bool>> = ids
        .clone()
        .zip(&program.functions)
        .map(|(id, function)| vec![is_kept(id, function); function.results.len()])
        .collect();
    let mut pending: BTreeSet<FunctionId> = ids.collect();
    while let Some(id) = pending.pop_first() {
        let function = program.function(id);
        let results = function.results.iter().zip(&read[id.0 as usize]);
        let results: Live = results.filter(|(_, read)| **read).map(|(result, _)| *result).collect();
        liveness::visit(&function.body, &results, &mut |dag, after| {
            visit_reads(dag, after, &mut |callee, at| {
                if !std::mem::replace(&mut read[callee.0 as usize][at], true) {
                    pending.insert(callee);
                }
            });
        });
    }
    read
}

/// Calls `visit` with each result of a call that something needed reads.
fn visit_reads(dag: &Dag, after: &Live, visit: &mut impl FnMut(FunctionId, usize)) {
    let callee = |id: NodeId| match dag.node(id).kind {
        NodeKind::Call(callee) => Some(callee),
        _ => None,
    };
    for (node, needed) in dag.nodes.iter().zip(liveness::needed(dag, after)) {
        let at = if let NodeKind::Result(at) = node.kind { at } else { 0 };
        for callee in node.inputs.iter().filter_map(|input| callee(*input)).filter(|_| needed) {
            visit(callee, at);
        }
    }
    for root in &dag.roots {
        if let Root::Assign(variable, node) = root
            && let Some(callee) = callee(*node).filter(|_| after.contains(variable))
        {
            visit(callee, 0);
        }
    }
}

/// Gives the results of calls their numbers among those that are read; the first of them is the call itself.
fn renumber(dag: &mut Dag, read: &[Vec<bool>]) {
    let mut moved: Vec<NodeId> = (0..dag.nodes.len() as u32).map(NodeId).collect();
    for at in 0..dag.nodes.len() {
        let Dag { nodes, .. } = dag;
        nodes[at].inputs.iter_mut().for_each(|input| *input = moved[input.0 as usize]);
        match nodes[at].kind {
            NodeKind::Call(callee) => {
                let mut read = read[callee.0 as usize].iter();
                nodes[at].facts.retain(|_| read.next() != Some(&false));
            }
            NodeKind::Result(result) => {
                let call = nodes[at].inputs[0];
                let NodeKind::Call(callee) = nodes[call.0 as usize].kind else { continue };
                let earlier = read[callee.0 as usize][..result].iter().filter(|read| **read).count();
                nodes[at].kind = NodeKind::Result(earlier);
                if earlier == 0 {
                    moved[at] = call;
                }
            }
            _ => {}
        }
    }
    for root in &mut dag.roots {
        *root = root.with_node(moved[root.node().0 as usize]);
    }
    dag.compact();
}
