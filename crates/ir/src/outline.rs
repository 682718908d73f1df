//! Programs as data: functions, their blocks, the nodes of each block.
//!
//! The one form that other programs read, of the IR and of plans alike. Ids of nodes count within their block, ids of
//! blocks within their function. What is not known is absent.

use serde::Serialize;
use tilewright_base::SourceMap;
use tilewright_ops::{Facts, Nnz};
use tilewright_value::Scalar;

use crate::dag::{Dag, Node, NodeId, NodeKind, Root};
use crate::program::{Block, Function, Program};
use crate::work;

/// A program.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Outline {
    /// Its functions; the first one is the main program.
    pub functions: Vec<FunctionOutline>,
}

/// A function.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FunctionOutline {
    /// Its name.
    pub name: String,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// The names of its results.
    pub results: Vec<String>,
    /// Its blocks in order.
    pub blocks: Vec<BlockOutline>,
}

/// A statement block.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BlockOutline {
    /// Unique in its function.
    pub id: usize,
    /// `basic`, `if`, `while`, `for`, `parfor` or `dynamic` (compiled again when it is reached).
    pub kind: &'static str,
    /// The variable of the condition or of the loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// What it computes, or what its head computes.
    pub nodes: Vec<NodeOutline>,
    /// The variables that nodes are assigned to.
    pub assigns: Vec<Assignment>,
    /// The body of a loop, or what is done if the condition is true.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<BlockOutline>,
    /// What is done if the condition is false.
    #[serde(rename = "else", skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<BlockOutline>,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NodeOutline {
    /// Unique in its block.
    pub id: u32,
    /// The operator; `literal`, `variable`, or what else it is.
    pub op: String,
    /// The name of a variable or function, or the value of a literal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The nodes that it reads, in order.
    pub inputs: Vec<u32>,
    /// Rows of its result.
    pub rows: Option<u64>,
    /// Columns of its result.
    pub cols: Option<u64>,
    /// The non-zeros of its result, or a bound.
    pub nnz: Option<u64>,
    /// Whether the number of non-zeros is exact.
    pub exact: bool,
    /// Bytes of its inputs, its results, and what it needs beside them; of a leaf, its own.
    pub memory: Option<f64>,
    /// Seconds that it is estimated to take, in plans.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<f64>,
    /// The line of the source that it came from.
    pub line: usize,
}

/// A variable and the node that it holds after the block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assignment {
    /// The variable.
    pub variable: String,
    /// The node.
    pub node: u32,
}

impl NodeOutline {
    /// A node with what is known of its result.
    pub fn with_facts(self, facts: &Facts) -> NodeOutline {
        let (rows, cols) = facts.dims();
        let sized = facts.is_matrix() || facts.is_frame();
        let known = |n: Option<u64>| n.filter(|_| sized);
        NodeOutline {
            rows: known(rows.known()),
            cols: known(cols.known()),
            nnz: facts.nnz.bound(),
            exact: matches!(facts.nnz, Nnz::Exact(_)),
            ..self
        }
    }
}

/// The outline of a program.
pub fn outline(program: &Program, sources: &SourceMap) -> Outline {
    let outliner = Outliner { program, sources };
    let functions = program.functions.iter().filter(|function| !function.body.is_empty());
    Outline { functions: functions.map(|function| outliner.function(function)).collect() }
}

/// A literal as nodes show it.
pub fn literal(value: &Scalar) -> String {
    match value {
        Scalar::String(text) => format!("{text:?}"),
        scalar => scalar.to_string(),
    }
}

struct Outliner<'a> {
    program: &'a Program,
    sources: &'a SourceMap,
}

impl Outliner<'_> {
    fn function(&self, function: &Function) -> FunctionOutline {
        let names = |ids: &[crate::VarId]| ids.iter().map(|id| function.name_of(*id).into()).collect();
        let mut next = 0;
        FunctionOutline {
            name: function.name.clone(),
            parameters: names(&function.params),
            results: names(&function.results),
            blocks: self.blocks(&function.body, function, &mut next),
        }
    }

    fn blocks(&self, blocks: &[Block], function: &Function, next: &mut usize) -> Vec<BlockOutline> {
        blocks.iter().map(|block| self.block(block, function, next)).collect()
    }

    fn block(&self, block: &Block, function: &Function, next: &mut usize) -> BlockOutline {
        let id = *next;
        *next += 1;
        let (kind, variable): (_, Option<crate::VarId>) = match block {
            Block::Basic(_) => ("basic", None),
            Block::If { condition, .. } => ("if", Some(*condition)),
            Block::While { condition, .. } => ("while", Some(*condition)),
            Block::For { variable, parallel: None, .. } => ("for", Some(*variable)),
            Block::For { variable, .. } => ("parfor", Some(*variable)),
        };
        let (body, otherwise): (&[Block], &[Block]) = match block {
            Block::Basic(_) => (&[], &[]),
            Block::If { then, otherwise, .. } => (then, otherwise),
            Block::While { body, .. } | Block::For { body, .. } => (body, &[]),
        };
        BlockOutline {
            id,
            kind,
            variable: variable.map(|id| function.name_of(id).into()),
            nodes: self.nodes(block.dag(), function),
            assigns: assigns(block.dag(), function),
            body: self.blocks(body, function, next),
            otherwise: self.blocks(otherwise, function, next),
        }
    }

    fn nodes(&self, dag: &Dag, function: &Function) -> Vec<NodeOutline> {
        let needed = dag.needed();
        let nodes = dag.iter().filter(|(id, _)| needed[id.0 as usize]);
        nodes.map(|(id, node)| self.node(dag, id, node, function)).collect()
    }

    fn node(&self, dag: &Dag, id: NodeId, node: &Node, function: &Function) -> NodeOutline {
        let name_of = |variable: crate::VarId| function.name_of(variable).to_string();
        let (op, name) = match &node.kind {
            NodeKind::Pipeline(pipeline) => ("pipeline", Some(pipeline.name())),
            NodeKind::Literal(value) => ("literal", Some(literal(value))),
            NodeKind::Variable(variable) => ("variable", Some(name_of(*variable))),
            NodeKind::Exists(variable) => ("exists", Some(name_of(*variable))),
            NodeKind::Op(op) => (op.name(), None),
            NodeKind::Result(at) => ("result", Some((at + 1).to_string())),
            NodeKind::Call(id) => ("call", Some(self.program.function(*id).name.clone())),
            NodeKind::Statement(statement, _) => (statement.name(), None),
            NodeKind::Scatter(variable, _) => ("scatter", Some(name_of(*variable))),
            NodeKind::Accumulate(variable) => ("accumulate", Some(name_of(*variable))),
        };
        let file = self.sources.file(node.span.file);
        let outline = NodeOutline {
            id: id.0,
            op: op.into(),
            name,
            inputs: node.inputs.iter().map(|input| input.0).collect(),
            memory: memory(dag, node),
            line: file.line_column(node.span.start).0,
            ..NodeOutline::default()
        };
        outline.with_facts(node.fact())
    }
}

fn assigns(dag: &Dag, function: &Function) -> Vec<Assignment> {
    let roots = dag.roots.iter().filter_map(|root| match root {
        Root::Assign(variable, node) => {
            Some(Assignment { variable: function.name_of(*variable).into(), node: node.0 })
        }
        Root::Effect(_) => None,
    });
    roots.collect()
}

fn memory(dag: &Dag, node: &Node) -> Option<f64> {
    match &node.kind {
        NodeKind::Op(_) | NodeKind::Pipeline(_) => work::of_node(dag, node).map(|work| work.memory()),
        _ => work::bytes(node.fact()),
    }
}
