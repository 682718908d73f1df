//! The printed form of programs: one line a node.
//!
//! ```text
//! %3 = %*% %1 %2   [10x10]   broadcast   3:7
//! ```

use std::fmt::Write;

use tilewright_base::SourceMap;
use tilewright_value::Scalar;

use crate::dag::{Dag, Node, NodeKind, Root};
use crate::program::{Block, Function, Program};

/// The program as text.
pub fn print(program: &Program, sources: &SourceMap) -> String {
    let mut printer = Printer { out: String::new(), sources, program };
    for function in &program.functions {
        if !function.body.is_empty() {
            printer.function(function);
        }
    }
    printer.out
}

struct Printer<'a> {
    out: String,
    sources: &'a SourceMap,
    program: &'a Program,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{:width$}{}", "", text.trim_end(), width = 2 * depth);
    }

    fn function(&mut self, function: &Function) {
        let params = function.params.iter().enumerate().map(|(at, id)| {
            let facts = function.param_facts.get(at).map_or(String::new(), |facts| format!(" {facts}"));
            format!("{}{facts}", function.name_of(*id))
        });
        let params = params.collect::<Vec<_>>().join(", ");
        let results: Vec<_> = function.results.iter().map(|id| function.name_of(*id)).collect();
        let arrow = if results.is_empty() { String::new() } else { format!(" -> {}", results.join(", ")) };
        self.line(0, &format!("{}({params}){arrow}", function.name));
        self.blocks(1, &function.body, function);
    }

    fn blocks(&mut self, depth: usize, blocks: &[Block], function: &Function) {
        for block in blocks {
            self.block(depth, block, function);
        }
    }

    fn block(&mut self, depth: usize, block: &Block, function: &Function) {
        match block {
            Block::Basic(dag) => {
                self.line(depth, "block");
                self.dag(depth + 1, dag, function);
            }
            Block::If { head, condition, then, otherwise, .. } => {
                self.line(depth, &format!("if {}", function.name_of(*condition)));
                self.dag(depth + 1, head, function);
                self.line(depth, "then");
                self.blocks(depth + 1, then, function);
                if !otherwise.is_empty() {
                    self.line(depth, "else");
                    self.blocks(depth + 1, otherwise, function);
                }
            }
            Block::While { head, condition, body, .. } => {
                self.line(depth, &format!("while {}", function.name_of(*condition)));
                self.dag(depth + 1, head, function);
                self.line(depth, "do");
                self.blocks(depth + 1, body, function);
            }
            Block::For { head, variable, body, parallel, .. } => {
                let word = if parallel.is_some() { "parfor" } else { "for" };
                self.line(depth, &format!("{word} {}", function.name_of(*variable)));
                self.dag(depth + 1, head, function);
                self.line(depth, "do");
                self.blocks(depth + 1, body, function);
            }
        }
    }

    fn dag(&mut self, depth: usize, dag: &Dag, function: &Function) {
        let needed = dag.needed();
        for (id, node) in dag.iter().filter(|(id, _)| needed[id.0 as usize]) {
            let inputs: Vec<_> = node.inputs.iter().map(|input| format!("%{}", input.0)).collect();
            let facts: Vec<_> = node.facts.iter().map(ToString::to_string).collect();
            let locality = match &node.kind {
                NodeKind::Op(op) if node.fact().is_matrix() || uses_matrix(dag, node) => op.locality().word(),
                _ => "",
            };
            let file = self.sources.file(node.span.file);
            let (line, column) = file.line_column(node.span.start);
            let of = self.program.sites.calls(node.span).next();
            let of = of.map_or(String::new(), |call| format!(" of {}", call.function));
            let head = format!("%{} = {} {}", id.0, self.kind(&node.kind, function), inputs.join(" "));
            self.line(
                depth,
                &format!("{head:<40} {:<24} {locality:<12} {line}:{column}{of}", facts.join(", ")),
            );
        }
        for root in &dag.roots {
            if let Root::Assign(variable, node) = root {
                self.line(depth, &format!("{} = %{}", function.name_of(*variable), node.0));
            }
        }
    }

    fn kind(&self, kind: &NodeKind, function: &Function) -> String {
        match kind {
            NodeKind::Literal(Scalar::String(text)) => format!("{text:?}"),
            NodeKind::Literal(scalar) => scalar.to_string(),
            NodeKind::Variable(variable) => function.name_of(*variable).into(),
            NodeKind::Exists(variable) => format!("exists {}", function.name_of(*variable)),
            NodeKind::Op(op) => op.name().into(),
            NodeKind::Pipeline(pipeline) => pipeline.name(),
            NodeKind::Result(at) => format!("result {}", at + 1),
            NodeKind::Call(id) => format!("call {}", self.program.function(*id).name),
            NodeKind::Statement(statement, _) => statement.name().into(),
            NodeKind::Scatter(variable, _) => format!("scatter {}", function.name_of(*variable)),
            NodeKind::Accumulate(variable) => format!("accumulate {}", function.name_of(*variable)),
        }
    }
}

fn uses_matrix(dag: &Dag, node: &Node) -> bool {
    node.inputs.iter().any(|input| dag.fact(*input).is_matrix())
}
