//! Turns loops over the rows or columns of matrices into operators on ranges.
//!
//! ```text
//! for (i in a:b) X[i, 1] = Y[i, 2] + Z[i, 1]       =>  X[a:b, 1] = Y[a:b, 2] + Z[a:b, 1]
//! for (i in a:b) s = s + as.scalar(X[i, 1])        =>  s = s + sum(X[a:b, 1])
//! for (i in a:b) R[i, 1] = sum(X[i, ] %*% v)       =>  R[a:b, 1] = rowSums(X[a:b, ] %*% v)
//! parfor (i in a:b) R[, i] = exp(X %*% B[, i])     =>  R[, a:b] = exp(X %*% B[, a:b])
//! parfor (i in a:b) s[i, 1] = sum(X %*% B[, i])    =>  s[a:b, 1] = t(colSums(X %*% B[, a:b]))
//! for (i in a:b) for (j in c:d) X[i, j] = i * Y[i, j]  =>  X[a:b, c:d] = seq(a, b) * Y[a:b, c:d]
//! ```
//!
//! The body has to be straight-line code in which no iteration reads what another one writes (`rows` says which
//! expressions have a form over all iterations). Where it is not known that the range counts up and lies inside of the
//! matrices, the loop as written stays as the other branch of a test of that, so that its errors stay what they are.
//! Sums over iterations add in another order: class `rounding`.

mod parallel;
mod rows;

use tilewright_ir::{Block, Dag, Function, NodeKind, Program, Root, VarId};
use tilewright_ops::Facts;

use crate::context::Context;
use crate::flow::Symbols;
use crate::merge_blocks::Merger;
use crate::variables::Variables;
use crate::{Fired, Options, remove_dead};
use rows::{Along, Loop};

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "vectorise-loops";

/// The names of variables that hold whether a range is as it has to be.
const TEST: &str = "%inside";

/// Vectorises the loops of every function, inner ones first. Nobody reads what assignments without use have assigned.
pub fn vectorise_loops(mut program: Program, options: &Options, fired: &mut Fired) -> Program {
    if options.disabled.contains(NAME) {
        return program;
    }
    for function in &mut program.functions {
        while has_loops(function) && vectorise_once(function, options, fired) {
            // What an inner loop has left in its variables may be read by nobody now, and must not hinder the outer one.
            remove_dead::remove_dead_in(&mut function.body, &function.results.iter().copied().collect());
        }
    }
    program
}

fn has_loops(function: &Function) -> bool {
    function.body.iter().any(|block| block.loops() > 0)
}

/// Vectorises loops without inner loops; whether there were any.
fn vectorise_once(function: &mut Function, options: &Options, fired: &mut Fired) -> bool {
    let mut assigned = Variables::new(function.variables.len());
    let mut changed = false;
    let symbols = Symbols::above(function);
    Context::change(function, &symbols, (options, fired), |context, blocks| {
        let mut vectoriser = Vectoriser { context, changed: false };
        let blocks = vectoriser.blocks(blocks, &mut assigned);
        changed = vectoriser.changed;
        blocks
    });
    changed
}

struct Vectoriser<'c, 'a> {
    context: &'c mut Context<'a>,
    changed: bool,
}

impl Vectoriser<'_, '_> {
    /// Vectorises the loops of blocks. `assigned` has the facts that variables have at a place, as far as straight-line
    /// code before it tells: those inside of a loop hold for all of its iterations, and say less.
    fn blocks(&mut self, blocks: Vec<Block>, assigned: &mut Variables) -> Vec<Block> {
        let mut out = Vec::with_capacity(blocks.len());
        let mut changed = false;
        for mut block in blocks {
            note(block.dag(), assigned);
            match &mut block {
                Block::Basic(_) => {}
                // The other branch of a test is a loop as written.
                Block::If { condition, .. } if self.is_test(*condition) => {}
                Block::If { then, otherwise, .. } => {
                    *then = self.blocks(std::mem::take(then), &mut assigned.clone());
                    *otherwise = self.blocks(std::mem::take(otherwise), &mut assigned.clone());
                }
                Block::While { body, .. } | Block::For { body, .. } => {
                    let body = std::mem::take(body);
                    let mut inside = assigned.clone();
                    forget(&block, &mut inside);
                    let body = self.blocks(body, &mut inside);
                    set_body(&mut block, body);
                }
            }
            let made = self.vectorised(&block, assigned);
            forget(&block, assigned);
            changed |= made.is_some();
            match made {
                Some(blocks) => out.extend(blocks),
                None => out.push(block),
            }
        }
        self.changed |= changed;
        if changed { Merger { context: self.context }.neighbours(out) } else { out }
    }

    fn is_test(&self, condition: VarId) -> bool {
        self.context.variables[condition.0 as usize].name.starts_with(TEST)
    }

    /// A loop as operators on ranges.
    fn vectorised(&mut self, block: &Block, assigned: &Variables) -> Option<Vec<Block>> {
        let Block::For { head, variable, bounds, body, parallel, leave: None, span } = block else {
            return None;
        };
        let [Block::Basic(written)] = body.as_slice() else { return None };
        let in_order = if parallel.is_some() { Some(parallel::in_order(written)?) } else { None };
        let iteration = in_order.as_ref().unwrap_or(written);
        let condition = VarId(self.context.variables.len() as u32);
        let counted = Loop::new((head, *variable, *bounds), assigned, condition, *span)?;
        let mut made = None;
        for along in Along::ALL {
            let steps = self.context.fired.len();
            made = rows::over_all(iteration, &counted, along, self.context.builder());
            if made.is_some() {
                break;
            }
            self.context.fired.truncate(steps);
        }
        let made = made?;
        self.context.fired.pass(NAME, *span, 1);
        let (bounds_set, fast) = (Block::Basic(head.clone()), Block::Basic(made.fast));
        let Some(test) = made.test else { return Some(vec![bounds_set, fast]) };
        let condition = self.context.variable(TEST);
        let mut written = block.clone();
        *written.dag_mut() = Dag::default();
        let (then, otherwise) = (vec![fast], vec![written]);
        Some(vec![bounds_set, Block::If { head: test, condition, then, otherwise, span: *span }])
    }
}

fn set_body(block: &mut Block, new: Vec<Block>) {
    if let Block::While { body, .. } | Block::For { body, .. } = block {
        *body = new;
    }
}

/// Notes what straight-line code assigns.
fn note(dag: &Dag, assigned: &mut Variables) {
    for root in &dag.roots {
        if let Root::Assign(variable, node) = root {
            assigned.set(*variable, dag.fact(*node).clone());
        }
    }
}

/// Forgets what blocks inside of a block may assign.
fn forget(block: &Block, assigned: &mut Variables) {
    let children = block.children();
    children.for_each(|child| {
        child.visit(&mut |block| {
            let roots = block.dag().roots.iter();
            roots.for_each(|root| {
                if let Root::Assign(variable, _) = root {
                    assigned.set(*variable, Facts::UNKNOWN);
                }
            });
            block.dag().nodes.iter().for_each(|node| {
                if let NodeKind::Scatter(variable, _) | NodeKind::Accumulate(variable) = node.kind {
                    assigned.set(variable, Facts::UNKNOWN);
                }
            });
            if let Block::For { variable, .. } = block {
                assigned.set(*variable, Facts::UNKNOWN);
            }
        });
    });
    if let Block::For { variable, .. } = block {
        assigned.set(*variable, Facts::UNKNOWN);
    }
}
