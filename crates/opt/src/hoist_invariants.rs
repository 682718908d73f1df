//! Computes once, before a loop, what is the same in all of its iterations.
//!
//! ```text
//! for (i in 1:k) {                        %invariant1 = t(X) %*% X
//!   b = b - (t(X) %*% X) %*% b     =>     for (i in 1:k) {
//! }                                         b = b - %invariant1 %*% b
//!                                         }
//! ```
//!
//! Hoisted are operators of the body's own straight-line code (not of branches in it) that are pure, cannot fail by what is
//! known ([`crate::infallible`]), read only variables that have a value before the loop and are not assigned in it, and are
//! worth their memory (`worth`). Where it is not known that the loop runs at all, it stands in a branch on its condition
//! together with what is hoisted. Inner loops come first, so that what they hoist moves on out of outer ones.

mod worth;

use std::collections::HashMap;

use tilewright_base::Span;
use tilewright_ir::{Block, Dag, Function, Live, Node, NodeId, NodeKind, Program, Root, VarId, Variable};
use tilewright_ops::{Facts, Op, binary};
use tilewright_value::ScalarType;

use crate::builder::Builder;
use crate::context::{Context, new_variable};
use crate::flow::Symbols;
use crate::merge_blocks::Merger;
use crate::{Fired, Options, uses};

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "hoist-invariants";

/// Hoists out of the loops of every function.
pub fn hoist_invariants(mut program: Program, options: &Options, fired: &mut Fired) -> Program {
    if options.disabled.contains(NAME) {
        return program;
    }
    for function in &mut program.functions {
        if !function.body.iter().any(|block| block.loops() > 0) {
            continue;
        }
        let assigned = present_params(function);
        hoist_in(function, assigned, &Symbols::above(function), options, fired);
    }
    program
}

/// Hoists out of the loops of one function. `assigned` holds the variables that have a value at its entry.
pub fn hoist_in(
    function: &mut Function,
    mut assigned: Live,
    symbols: &Symbols,
    options: &Options,
    fired: &mut Fired,
) {
    if options.disabled.contains(NAME) {
        return;
    }
    Context::change(function, symbols, (options, fired), |context, blocks| {
        Hoister { context, iterations: 1.0 }.blocks(blocks, &mut assigned)
    });
}

/// The parameters that have a value in every call: all that the function does not ask about.
fn present_params(function: &Function) -> Live {
    let mut present: Live = function.params.iter().copied().collect();
    function.body.iter().for_each(|block| {
        block.visit_dags(&mut |dag| {
            dag.nodes.iter().for_each(|node| {
                if let NodeKind::Exists(variable) = node.kind {
                    present.remove(&variable);
                }
            });
        });
    });
    present
}

struct Hoister<'c, 'a> {
    context: &'c mut Context<'a>,
    /// How often the place is reached, by the loops around it.
    iterations: f64,
}

/// A loop of an unknown number of iterations counts as so many.
pub const ITERATIONS: f64 = 10.0;

/// Whether the body of a loop runs.
enum Runs {
    /// At least once.
    Once,
    /// Where this DAG makes the variable true.
    If(Dag, VarId),
    /// That cannot be asked.
    Perhaps,
}

impl Hoister<'_, '_> {
    /// Hoists out of loops among blocks. `assigned` holds the variables that have a value for certain.
    fn blocks(&mut self, blocks: Vec<Block>, assigned: &mut Live) -> Vec<Block> {
        let mut out = Vec::with_capacity(blocks.len());
        let mut hoisted = false;
        for mut block in blocks {
            assigned.extend(assigned_by(block.dag()));
            match &mut block {
                Block::Basic(_) => out.push(block),
                Block::If { then, otherwise, .. } => {
                    let mut other = assigned.clone();
                    *then = self.blocks(std::mem::take(then), assigned);
                    *otherwise = self.blocks(std::mem::take(otherwise), &mut other);
                    assigned.keep_common(&other);
                    out.push(block);
                }
                Block::While { body, span, .. } => {
                    let (span, around) = (*span, self.iterations);
                    self.iterations *= ITERATIONS;
                    *body = self.blocks(std::mem::take(body), &mut assigned.clone());
                    hoisted |= self.hoist((block, span), assigned, &mut out);
                    self.iterations = around;
                }
                Block::For { head, bounds, body, variable, span, .. } => {
                    let (span, around) = (*span, self.iterations);
                    self.iterations *= counted(head, *bounds).unwrap_or(ITERATIONS);
                    let mut inside = assigned.clone();
                    inside.insert(*variable);
                    *body = self.blocks(std::mem::take(body), &mut inside);
                    hoisted |= self.hoist((block, span), assigned, &mut out);
                    self.iterations = around;
                }
            }
        }
        if hoisted { Merger { context: self.context }.neighbours(out) } else { out }
    }

    /// Puts a loop behind what is hoisted out of it; whether that is anything.
    fn hoist(&mut self, (mut block, span): (Block, Span), assigned: &Live, out: &mut Vec<Block>) -> bool {
        let changed = changed_by(&block);
        let is_fixed = |variable: VarId| !changed.contains(&variable) && assigned.contains(&variable);
        let before = out.len();
        if let Block::While { head, .. } = &mut block {
            out.extend(self.moved(std::iter::once(head), &is_fixed));
        }
        let runs = self.runs(&block, span);
        let inside = match &mut block {
            Block::While { body, .. } | Block::For { body, .. } if !matches!(runs, Runs::Perhaps) => {
                let moved = self.moved(body.iter_mut().map(Block::dag_mut), &is_fixed);
                body.retain(|block| !matches!(block, Block::Basic(dag) if dag.roots.is_empty()));
                moved
            }
            _ => None,
        };
        let hoisted = inside.is_some() || out.len() > before;
        match (inside, runs) {
            (Some(inside), Runs::If(head, condition)) => {
                if let Block::For { head, .. } = &mut block {
                    out.push(Block::Basic(std::mem::take(head)));
                }
                let then = vec![inside, block];
                out.push(Block::If { head, condition, then, otherwise: Vec::new(), span });
            }
            (inside, _) => {
                out.extend(inside);
                out.push(block);
            }
        }
        hoisted
    }

    /// Takes what is fixed out of DAGs, into a block before the loop.
    fn moved<'d>(
        &mut self,
        dags: impl Iterator<Item = &'d mut Dag>,
        is_fixed: &dyn Fn(VarId) -> bool,
    ) -> Option<Block> {
        let Context { options, fired, symbols, variables, .. } = &mut *self.context;
        let builder = Builder::new(options, fired, symbols.clone());
        let mut moving = Moving { builder, variables, values: Vec::new() };
        for dag in dags {
            let chosen = worth::chosen(dag, is_fixed, self.iterations);
            if !chosen.is_empty() {
                moving.take(dag, &chosen);
            }
        }
        let hoisted = moving.values.len();
        let place = moving.builder.dag.nodes.first().map(|node| node.span);
        let block = moving.finish();
        if let Some(span) = place {
            self.context.fired.pass(NAME, span, hoisted);
        }
        block
    }

    fn runs(&mut self, block: &Block, span: Span) -> Runs {
        match block {
            Block::For { bounds: (_, _, None), .. } => Runs::Once,
            Block::For { head, bounds: (from, to, Some(step)), .. } => {
                let facts = |id: VarId| head.assigned(id).map(|node| head.fact(node));
                let (Some(first), Some(last), Some(step)) = (facts(*from), facts(*to), facts(*step)) else {
                    return Runs::Perhaps;
                };
                let Some(step) = step.number().filter(|step| *step != 0.0 && step.is_finite()) else {
                    return Runs::Perhaps;
                };
                if let (Some(first), Some(last)) = (first.number(), last.number()) {
                    return if (last - first) * step >= 0.0 { Runs::Once } else { Runs::Perhaps };
                }
                let integer = |facts: &Facts| facts.scalar_type() == Some(ScalarType::Integer);
                if !integer(first) || !integer(last) {
                    return Runs::Perhaps;
                }
                self.compared((*from, first), (*to, last), if step > 0.0 { "<=" } else { ">=" }, span)
            }
            Block::While { head, condition, .. } if worth::is_cheap(head) => {
                Runs::If(head.clone(), *condition)
            }
            _ => Runs::Perhaps,
        }
    }

    /// A test of two variables.
    fn compared(&mut self, a: (VarId, &Facts), b: (VarId, &Facts), name: &str, span: Span) -> Runs {
        let Some(row) = binary::find(name) else { return Runs::Perhaps };
        let mut dag = Dag::default();
        let mut inputs = Vec::new();
        for (variable, facts) in [a, b] {
            let (kind, facts) = (NodeKind::Variable(variable), vec![facts.clone()]);
            dag.nodes.push(Node { kind, inputs: Vec::new(), span, facts });
            inputs.push(NodeId(dag.nodes.len() as u32 - 1));
        }
        dag.nodes.push(Node {
            kind: NodeKind::Op(Op::Binary(row)),
            inputs,
            span,
            facts: vec![Facts::BOOLEAN],
        });
        let condition = self.context.variable("%runs");
        dag.assign(condition, NodeId(2));
        Runs::If(dag, condition)
    }
}

/// The number of iterations, if the bounds are known.
pub fn counted(head: &Dag, (from, to, step): (VarId, VarId, Option<VarId>)) -> Option<f64> {
    let number = |id: VarId| head.fact(head.assigned(id)?).number();
    let distance = number(to)? - number(from)?;
    let step = step.map_or(Some(distance.signum()), number)?;
    Some((distance / step).floor() + 1.0).filter(|count| *count >= 1.0)
}

/// What is hoisted out of one loop.
struct Moving<'a, 'v> {
    builder: Builder<'a>,
    variables: &'v mut Vec<Variable>,
    /// The values, each with the variable that holds it.
    values: Vec<(NodeId, VarId)>,
}

/// The names of variables that hold what is hoisted.
const HOISTED: &str = "%invariant";

impl Moving<'_, '_> {
    /// Puts variables in the place of nodes of a DAG.
    fn take(&mut self, dag: &mut Dag, chosen: &[NodeId]) {
        let copies = self.copies(dag, chosen);
        for id in chosen {
            let copy = copies[id];
            let kind = match &self.builder.dag.node(copy).kind {
                kind @ (NodeKind::Literal(_) | NodeKind::Variable(_)) => kind.clone(),
                _ => NodeKind::Variable(self.holder(copy, *id, dag)),
            };
            let node = &mut dag.nodes[id.0 as usize];
            (node.kind, node.inputs) = (kind, Vec::new());
        }
        dag.compact();
    }

    /// The variable of a value. What an inner loop has hoisted keeps its variable.
    fn holder(&mut self, copy: NodeId, id: NodeId, dag: &mut Dag) -> VarId {
        if let Some((_, variable)) = self.values.iter().find(|(value, _)| *value == copy) {
            return *variable;
        }
        let own = |root: &Root| match root {
            Root::Assign(variable, node) if *node == id => {
                self.variables[variable.0 as usize].name.starts_with(HOISTED).then_some(*variable)
            }
            _ => None,
        };
        let variable = match dag.roots.iter().find_map(own) {
            Some(variable) => {
                dag.roots.retain(|root| *root != Root::Assign(variable, id));
                variable
            }
            None => new_variable(self.variables, HOISTED),
        };
        self.values.push((copy, variable));
        variable
    }

    /// Nodes and all that they are made of, built anew.
    fn copies(&mut self, dag: &Dag, chosen: &[NodeId]) -> HashMap<NodeId, NodeId> {
        let mut needed = vec![false; dag.nodes.len()];
        chosen.iter().for_each(|id| needed[id.0 as usize] = true);
        for at in (0..needed.len()).rev() {
            if needed[at] {
                dag.nodes[at].inputs.iter().for_each(|input| needed[input.0 as usize] = true);
            }
        }
        let uses = uses::uses(dag, None);
        let mut copies = HashMap::new();
        for (id, node) in dag.iter().filter(|(id, _)| needed[id.0 as usize]) {
            self.builder.refuel();
            let copy = self.copy(node, &copies);
            self.builder.consumed(copy, uses[id.0 as usize]);
            copies.insert(id, copy);
        }
        copies
    }

    fn copy(&mut self, node: &Node, copies: &HashMap<NodeId, NodeId>) -> NodeId {
        let (inputs, span) = (node.inputs.iter().map(|input| copies[input]).collect::<Vec<_>>(), node.span);
        match &node.kind {
            NodeKind::Literal(value) => self.builder.literal(value.clone(), span),
            NodeKind::Variable(variable) => self.builder.variable(*variable, node.fact().clone(), span),
            NodeKind::Op(op) => match self.builder.op(*op, inputs.clone(), span) {
                Ok(id) => id,
                Err(_) => self.builder.push(node.kind.clone(), inputs, span, node.facts.clone()),
            },
            _ => self.builder.push(node.kind.clone(), inputs, span, node.facts.clone()),
        }
    }

    fn finish(self) -> Option<Block> {
        let mut builder = self.builder;
        builder.dag.roots =
            self.values.iter().map(|(value, variable)| Root::Assign(*variable, *value)).collect();
        (!self.values.is_empty()).then(|| Block::Basic(builder.finish()))
    }
}

fn assigned_by(dag: &Dag) -> impl Iterator<Item = VarId> + '_ {
    dag.roots.iter().filter_map(|root| match root {
        Root::Assign(variable, _) => Some(*variable),
        Root::Effect(_) => None,
    })
}

/// The variables that a loop assigns.
pub fn changed_by(block: &Block) -> Live {
    let mut changed = Live::new();
    block.visit(&mut |block| {
        changed.extend(assigned_by(block.dag()));
        changed.extend(block.dag().nodes.iter().filter_map(|node| match node.kind {
            NodeKind::Scatter(variable, _) | NodeKind::Accumulate(variable) => Some(variable),
            _ => None,
        }));
        if let Block::For { variable, .. } = block {
            changed.insert(*variable);
        }
    });
    changed
}
