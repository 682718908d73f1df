//! Functions without effects: a call of one matters only for its results.
//!
//! They execute no statement, come to an end (no `while`, no recursion), and call only such functions. They may fail, as
//! operators may: what nobody needs does not fail either.

use tilewright_ir::{Block, FunctionId, NodeKind, Program};

/// What is known of a function so far.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Unseen,
    /// Its calls are being looked at: a call of it is recursive.
    Open,
    Silent,
    Loud,
}

/// Which functions of a program have no effects.
pub fn silent_functions(program: &Program) -> Vec<bool> {
    let mut states = vec![State::Unseen; program.functions.len()];
    for id in 0..program.functions.len() as u32 {
        visit(program, FunctionId(id), &mut states);
    }
    states.into_iter().map(|state| state == State::Silent).collect()
}

fn visit(program: &Program, id: FunctionId, states: &mut [State]) -> bool {
    let at = id.0 as usize;
    if states[at] == State::Unseen {
        states[at] = State::Open;
        let mut silent = true;
        let mut calls = Vec::new();
        for block in &program.function(id).body {
            block.visit(&mut |block| {
                silent &= !matches!(block, Block::While { .. });
                for node in &block.dag().nodes {
                    match node.kind {
                        NodeKind::Statement(..) => silent = false,
                        NodeKind::Call(callee) => calls.push(callee),
                        _ => {}
                    }
                }
            });
        }
        silent = silent && calls.into_iter().all(|callee| visit(program, callee, states));
        states[at] = if silent { State::Silent } else { State::Loud };
    }
    states[at] == State::Silent
}
