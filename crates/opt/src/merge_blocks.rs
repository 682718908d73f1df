//! Makes one block of neighbouring straight-line blocks, and drops blocks that do nothing.
//!
//! ```text
//! block  A = t(X)                          block  A = t(X)
//! if TRUE { B = A %*% X }      =>                 B = A %*% X
//! block  print(sum(B))                            print(sum(B))
//! ```
//!
//! Such neighbours are what known conditions leave behind. In one DAG they share subexpressions and match rules. What
//! does nothing is a branch without statements (effects of its condition stay) and a loop over a range that is known to be
//! empty. Blocks that ask the clock or whether a variable has a value stay apart, so that nothing moves past them.

use std::collections::HashMap;

use tilewright_ir::{Block, Dag, Function, Node, NodeId, NodeKind, Program, Root, VarId};
use tilewright_ops::Facts;
use tilewright_value::{Scalar, ScalarType};

use crate::builder::Builder;
use crate::context::Context;
use crate::flow::Symbols;
use crate::infallible::cannot_fail;
use crate::{Fired, Options, uses};

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "merge-blocks";

/// No more than so many blocks become one: each is compared with all before it.
const RUN: usize = 64;

/// Merges the blocks of every function.
pub fn merge_blocks(mut program: Program, options: &Options, fired: &mut Fired) -> Program {
    if options.disabled.contains(NAME) {
        return program;
    }
    for function in &mut program.functions {
        merge_in(function, &Symbols::above(function), options, fired);
    }
    program
}

/// Merges the blocks of one function.
pub fn merge_in(function: &mut Function, symbols: &Symbols, options: &Options, fired: &mut Fired) {
    if options.disabled.contains(NAME) {
        return;
    }
    Context::change(function, symbols, (options, fired), |context, blocks| Merger { context }.blocks(blocks));
}

/// Merges blocks.
pub struct Merger<'c, 'a> {
    /// Where.
    pub context: &'c mut Context<'a>,
}

impl Merger<'_, '_> {
    fn blocks(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let simplified = blocks.into_iter().filter_map(|block| self.simplified(block)).collect();
        self.neighbours(simplified)
    }

    /// A block with what is inside of it merged; none if it does nothing.
    fn simplified(&mut self, mut block: Block) -> Option<Block> {
        match &mut block {
            Block::Basic(_) => {}
            Block::If { then, otherwise, .. } => {
                *then = self.blocks(std::mem::take(then));
                *otherwise = self.blocks(std::mem::take(otherwise));
            }
            Block::While { body, .. } | Block::For { body, .. } => {
                *body = self.blocks(std::mem::take(body));
            }
        }
        if !matches!(block, Block::Basic(_)) && does_nothing(&block) {
            if let Block::If { span, .. } | Block::While { span, .. } | Block::For { span, .. } = &block {
                self.context.fired.pass(NAME, *span, 1);
            }
            block = Block::Basic(std::mem::take(block.dag_mut()));
        }
        let is_empty = matches!(&block, Block::Basic(dag) if dag.roots.is_empty());
        (!is_empty).then_some(block)
    }

    /// Makes one of straight-line blocks that follow each other; blocks inside of others are left alone.
    pub fn neighbours(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        if self.context.options.disabled.contains(NAME) {
            return blocks;
        }
        let mut out: Vec<Block> = Vec::with_capacity(blocks.len());
        let mut run: Vec<Dag> = Vec::new();
        for block in blocks {
            match block {
                Block::Basic(dag) if !stands_alone(&dag) => {
                    if run.len() == RUN || delays(&run, &dag) {
                        out.extend(self.merged(&mut run));
                    }
                    let is_cut = dag.roots.iter().any(|root| self.cuts(root));
                    run.push(dag);
                    if is_cut {
                        out.extend(self.merged(&mut run));
                    }
                }
                block => {
                    out.extend(self.merged(&mut run));
                    out.push(block);
                }
            }
        }
        out.extend(self.merged(&mut run));
        out
    }

    fn cuts(&self, root: &Root) -> bool {
        matches!(root, Root::Assign(variable, _) if self.context.measured.contains(variable))
    }

    fn merged(&mut self, run: &mut Vec<Dag>) -> Option<Block> {
        if run.len() < 2 {
            return run.pop().map(Block::Basic);
        }
        if let Some(node) = run.iter().flat_map(|dag| &dag.nodes).next() {
            self.context.fired.pass(NAME, node.span, run.len() - 1);
        }
        let mut merging = Merging { builder: self.context.builder(), values: HashMap::new() };
        run.drain(..).for_each(|dag| merging.append(&dag));
        let mut dag = merging.builder.finish();
        dag.settle();
        dag.compact();
        Some(Block::Basic(dag))
    }
}

/// Whether nothing depends on whether a block runs, except for its head.
fn does_nothing(block: &Block) -> bool {
    match block {
        Block::If { head, condition, then, otherwise, .. } => {
            // Nothing else is a truth value for certain.
            let is_sure = |facts: &Facts| {
                matches!(facts.scalar_type(), Some(ScalarType::Boolean | ScalarType::Integer))
            };
            let sure = head.assigned(*condition).is_some_and(|node| is_sure(head.fact(node)));
            sure && then.is_empty() && otherwise.is_empty()
        }
        Block::For { head, bounds: (from, to, Some(step)), .. } => {
            let number = |id: VarId| head.fact(head.assigned(id)?).number();
            let values = number(*from).zip(number(*to)).zip(number(*step));
            values.is_some_and(|((from, to), step)| (to - from) * step < 0.0 && step.is_finite())
        }
        _ => false,
    }
}

/// Whether a block must stay apart from its neighbours.
fn stands_alone(dag: &Dag) -> bool {
    dag.nodes.iter().any(|node| match &node.kind {
        NodeKind::Exists(_) => true,
        NodeKind::Op(op) => {
            let inputs: Vec<Facts> = node.inputs.iter().map(|input| dag.fact(*input).clone()).collect();
            !op.is_seeded() && !op.is_pure(&inputs)
        }
        _ => false,
    })
}

/// Whether in one block an error of earlier ones would show only after effects of later ones: where the last one assigns
/// a variable again, its old value is computed when somebody needs it.
fn delays(run: &[Dag], last: &Dag) -> bool {
    let mut has_effects = has_effects(last);
    run.iter().rev().any(|before| {
        let delays = has_effects && delays_errors(before, last);
        has_effects |= self::has_effects(before);
        delays
    })
}

/// Whether what may fail in a block has a variable that a later block assigns again.
fn delays_errors(before: &Dag, last: &Dag) -> bool {
    let replaced = |root: &Root| match root {
        Root::Assign(variable, _) => last.assigned(*variable).is_some(),
        Root::Effect(_) => false,
    };
    if !before.roots.iter().any(replaced) {
        return false;
    }
    let needed = before.needed_by(replaced);
    before.iter().any(|(id, _)| needed[id.0 as usize] && !cannot_fail(before, id))
}

fn has_effects(dag: &Dag) -> bool {
    dag.roots.iter().any(|root| matches!(root, Root::Effect(_)))
}

struct Merging<'a> {
    builder: Builder<'a>,
    /// What the blocks so far have assigned.
    values: HashMap<VarId, NodeId>,
}

impl Merging<'_> {
    fn append(&mut self, dag: &Dag) {
        let mut moved: Vec<NodeId> = Vec::with_capacity(dag.nodes.len());
        // Whether the variables are read behind the blocks is not known.
        let mut uses = uses::uses(dag, None);
        for root in dag.roots.iter().filter(|root| matches!(root, Root::Assign(..))) {
            let uses = &mut uses[root.node().0 as usize];
            *uses = uses.saturating_sub(1);
        }
        for (node, uses) in dag.nodes.iter().zip(uses) {
            self.builder.refuel();
            let inputs = node.inputs.iter().map(|input| moved[input.0 as usize]).collect();
            let id = self.node(node, inputs);
            self.builder.consumed(id, uses);
            moved.push(id);
        }
        let assigned = dag.roots.iter().filter_map(|root| match root {
            Root::Assign(variable, node) => Some((*variable, moved[node.0 as usize])),
            Root::Effect(_) => None,
        });
        self.values.extend(assigned);
        let roots = dag.roots.iter().map(|root| match root {
            Root::Assign(variable, node) => Root::Assign(*variable, moved[node.0 as usize]),
            Root::Effect(node) => Root::Effect(moved[node.0 as usize]),
        });
        self.builder.dag.roots.extend(roots);
    }

    fn node(&mut self, node: &Node, inputs: Vec<NodeId>) -> NodeId {
        let span = node.span;
        match &node.kind {
            NodeKind::Literal(value) => self.builder.literal(value.clone(), span),
            NodeKind::Variable(variable) => match self.values.get(variable) {
                Some(value) => *value,
                None => self.builder.variable(*variable, node.fact().clone(), span),
            },
            NodeKind::Exists(variable) if self.values.contains_key(variable) => {
                self.builder.literal(Scalar::Boolean(true), span)
            }
            NodeKind::Result(at) => self.builder.result(*at, inputs[0], span),
            NodeKind::Op(op) => match self.builder.op(*op, inputs.clone(), span) {
                Ok(id) => id,
                // What is known to fail here fails while running, in its turn.
                Err(_) => self.builder.push(node.kind.clone(), inputs, span, node.facts.clone()),
            },
            _ => self.builder.push(node.kind.clone(), inputs, span, node.facts.clone()),
        }
    }
}
