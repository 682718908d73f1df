//! The DAG of a basic block.
//!
//! Nodes stand in topological order: inputs come before their uses. What the block does is listed in its roots, in
//! program order: effects keep this order, assignments take effect at the end of the block.

use std::collections::HashSet;
use std::sync::Arc;

use tilewright_base::Span;
use tilewright_ops::function::Present;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Facts, Op};
use tilewright_pipeline::Pipeline;
use tilewright_value::Scalar;

use crate::program::{FunctionId, VarId};

/// A node of one [`Dag`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// What a node computes.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// A scalar.
    Literal(Scalar),
    /// The value of a variable at the start of the block.
    Variable(VarId),
    /// Whether a variable has a value at the start of the block.
    Exists(VarId),
    /// An operator without side effects.
    Op(Op),
    /// Operators in one pass over the rows of shared inputs; only plans have them.
    Pipeline(Arc<Pipeline>),
    /// A later result of a node with several (the first is the node itself).
    Result(usize),
    /// A call of a function of the program.
    Call(FunctionId),
    /// A statement with a side effect, with the arguments that are present.
    Statement(Statement, Present),
    /// `R[...] = value` for a result of the enclosing parallel loop, merged after the loop; inputs as of
    /// left indexing.
    Scatter(VarId, tilewright_ops::index::Form),
    /// `R += value` for a result of the enclosing parallel loop.
    Accumulate(VarId),
}

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it computes.
    pub kind: NodeKind,
    /// Its inputs in order.
    pub inputs: Vec<NodeId>,
    /// The source it came from, kept through rewrites.
    pub span: Span,
    /// What is known of its results; empty until inferred.
    pub facts: Vec<Facts>,
}

impl Node {
    /// What is known of the first result.
    pub fn fact(&self) -> &Facts {
        self.facts.first().unwrap_or(&Facts::UNKNOWN)
    }
}

/// What a block does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The variable holds the node's value after the block.
    Assign(VarId, NodeId),
    /// The node is executed for its effect.
    Effect(NodeId),
}

impl Root {
    /// The node.
    pub fn node(self) -> NodeId {
        match self {
            Root::Assign(_, node) | Root::Effect(node) => node,
        }
    }

    /// The same of another node.
    pub fn with_node(self, node: NodeId) -> Root {
        match self {
            Root::Assign(variable, _) => Root::Assign(variable, node),
            Root::Effect(_) => Root::Effect(node),
        }
    }
}

/// A basic block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dag {
    /// Nodes, inputs first.
    pub nodes: Vec<Node>,
    /// Effects and assignments in program order; at most one assignment per variable.
    pub roots: Vec<Root>,
}

impl Dag {
    /// Adds a node without facts.
    pub fn add(&mut self, kind: NodeKind, inputs: Vec<NodeId>, span: Span) -> NodeId {
        self.nodes.push(Node { kind, inputs, span, facts: Vec::new() });
        NodeId(self.nodes.len() as u32 - 1)
    }

    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// What is known of the value of a node.
    pub fn fact(&self, id: NodeId) -> &Facts {
        self.node(id).fact()
    }

    /// Ids and nodes in order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(at as u32), node))
    }

    /// Makes a variable hold a node's value after the block; [`Dag::settle`] drops what it was assigned before.
    pub fn assign(&mut self, variable: VarId, node: NodeId) {
        self.roots.push(Root::Assign(variable, node));
    }

    /// Keeps the last assignment of each variable.
    pub fn settle(&mut self) {
        let mut seen = HashSet::new();
        let is_last = |root: &Root| match root {
            Root::Assign(variable, _) => seen.insert(*variable),
            Root::Effect(_) => true,
        };
        let mut last: Vec<bool> = self.roots.iter().rev().map(is_last).collect();
        self.roots.retain(|_| last.pop() == Some(true));
    }

    /// The node that a variable holds after the block, if the block assigns it.
    pub fn assigned(&self, variable: VarId) -> Option<NodeId> {
        self.roots.iter().find_map(|root| match root {
            Root::Assign(other, node) if *other == variable => Some(*node),
            _ => None,
        })
    }

    /// How often each node is an input or assigned to a variable.
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.nodes.len()];
        let inputs = self.nodes.iter().flat_map(|node| node.inputs.iter().copied());
        for node in inputs.chain(self.roots.iter().map(|root| root.node())) {
            uses[node.0 as usize] += 1;
        }
        uses
    }

    /// Drops the nodes that no root needs.
    pub fn compact(&mut self) {
        let needed = self.needed();
        let mut moved = vec![NodeId(0); self.nodes.len()];
        let mut kept = Vec::with_capacity(self.nodes.len());
        for (at, mut node) in std::mem::take(&mut self.nodes).into_iter().enumerate() {
            if needed[at] {
                node.inputs.iter_mut().for_each(|input| *input = moved[input.0 as usize]);
                moved[at] = NodeId(kept.len() as u32);
                kept.push(node);
            }
        }
        self.nodes = kept;
        for root in &mut self.roots {
            let (Root::Assign(_, node) | Root::Effect(node)) = root;
            *node = moved[node.0 as usize];
        }
    }

    /// Which nodes the roots need.
    pub fn needed(&self) -> Vec<bool> {
        self.needed_by(|_| true)
    }

    /// Which nodes some of the roots need.
    pub fn needed_by(&self, wanted: impl Fn(&Root) -> bool) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        for root in self.roots.iter().filter(|root| wanted(root)) {
            needed[root.node().0 as usize] = true;
        }
        for at in (0..self.nodes.len()).rev() {
            if needed[at] {
                for input in &self.nodes[at].inputs {
                    needed[input.0 as usize] = true;
                }
            }
        }
        needed
    }
}
