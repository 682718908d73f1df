//! Plans as data: instructions are nodes, registers that a block reads are its variables.

use std::collections::HashMap;

use tilewright_base::SourceMap;
use tilewright_ir::outline::{Assignment, BlockOutline, FunctionOutline, NodeOutline, Outline, literal};
use tilewright_ir::{FunctionId, Machine};

use crate::cost::Costs;
use crate::instruction::{Function, Instruction, Kind, Operand, Plan, Register, Step};
use crate::print::name;

/// The outline of a plan, with the time that instructions are estimated to take on a machine.
pub fn outline(plan: &Plan, sources: &SourceMap, machine: &Machine) -> Outline {
    let functions = plan.functions.iter().filter(|function| !function.body.is_empty());
    let functions = functions.map(|function| {
        let costs = Costs::new(plan, machine);
        let mut outliner = Outliner { plan, sources, function, costs, next: 0 };
        let names = |registers: &[Register]| registers.iter().map(|at| name(*at, function)).collect();
        FunctionOutline {
            name: function.name.clone(),
            parameters: names(&function.params),
            results: names(&function.results),
            blocks: outliner.steps(&function.body),
        }
    });
    Outline { functions: functions.collect() }
}

struct Outliner<'a> {
    plan: &'a Plan,
    sources: &'a SourceMap,
    function: &'a Function,
    costs: Costs<'a>,
    next: usize,
}

impl Outliner<'_> {
    fn steps(&mut self, steps: &[Step]) -> Vec<BlockOutline> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &Step) -> BlockOutline {
        let id = self.next;
        self.next += 1;
        let none: &[Step] = &[];
        let (kind, variable, head, body, otherwise): (_, _, &[Instruction], _, _) = match step {
            Step::Basic(instructions) => ("basic", None, instructions, none, none),
            Step::Dynamic(piece) => ("dynamic", None, &[], &piece.generic[..], none),
            Step::If { head, condition, then, otherwise, .. } => {
                ("if", Some(*condition), head, &then[..], &otherwise[..])
            }
            Step::While { head, condition, body, .. } => ("while", Some(*condition), head, &body[..], none),
            Step::For { head, variable, body, parallel, .. } => {
                let kind = if parallel.is_some() { "parfor" } else { "for" };
                (kind, Some(*variable), head, &body[..], none)
            }
        };
        let (nodes, assigns) = self.nodes(head);
        let variable = variable.map(|register| name(register, self.function));
        let (body, otherwise) = (self.steps(body), self.steps(otherwise));
        BlockOutline { id, kind, variable, nodes, assigns, body, otherwise }
    }

    fn nodes(&mut self, instructions: &[Instruction]) -> (Vec<NodeOutline>, Vec<Assignment>) {
        let mut nodes: Vec<NodeOutline> = Vec::new();
        // The node that each register holds.
        let mut held: HashMap<Register, u32> = HashMap::new();
        for instruction in instructions {
            let line = self.line(instruction);
            let input = |operand: &Operand| match operand {
                Operand::Literal(value) => leaf(&mut nodes, "literal", literal(value), line),
                Operand::Copy(register) | Operand::Take(register) => *held
                    .entry(*register)
                    .or_insert_with(|| leaf(&mut nodes, "variable", name(*register, self.function), line)),
            };
            let inputs: Vec<u32> = instruction.inputs.iter().map(input).collect();
            let node = self.node(nodes.len() as u32, instruction, inputs);
            let mut outputs = instruction.outputs.iter().enumerate();
            if let Some((_, Some(first))) = outputs.next() {
                held.insert(*first, node.id);
            }
            let of = node.id;
            nodes.push(node);
            for (at, output) in outputs {
                if let Some(register) = output {
                    let id = leaf(&mut nodes, "result", (at + 1).to_string(), line);
                    nodes[id as usize].inputs = vec![of];
                    held.insert(*register, id);
                }
            }
        }
        let variables = self.function.variables.len() as u32;
        let is_read = |node: u32| nodes[node as usize].op == "variable";
        let mut assigns: Vec<_> =
            held.into_iter().filter(|(at, node)| at.0 < variables && !is_read(*node)).collect();
        assigns.sort();
        let assigns = assigns.into_iter();
        let assigns =
            assigns.map(|(at, node)| Assignment { variable: name(at, self.function), node }).collect();
        (nodes, assigns)
    }

    fn node(&mut self, id: u32, instruction: &Instruction, inputs: Vec<u32>) -> NodeOutline {
        let (op, named) = match &instruction.kind {
            Kind::Op(op) => (op.name(), None),
            Kind::Pipeline(pipeline) => ("pipeline", Some(pipeline.name())),
            Kind::Call(FunctionId(at)) => ("call", Some(self.plan.functions[*at as usize].name.clone())),
            Kind::Exists(register) => ("exists", Some(name(*register, self.function))),
            Kind::Statement(statement, _) => (statement.name(), None),
            Kind::Move => ("move", None),
            Kind::Scatter(..) => ("scatter", None),
            Kind::Accumulate(_) => ("accumulate", None),
        };
        let cost = self.costs.instruction(instruction);
        let known = |amount: f64| Some(amount).filter(|_| cost.is_complete);
        let node = NodeOutline {
            id,
            op: op.into(),
            name: named,
            inputs,
            memory: known(cost.memory),
            time: known(cost.time),
            line: self.line(instruction),
            ..NodeOutline::default()
        };
        node.with_facts(&instruction.facts)
    }

    fn line(&self, instruction: &Instruction) -> usize {
        self.sources.file(instruction.span.file).line_column(instruction.span.start).0
    }
}

/// Adds a node without inputs.
fn leaf(nodes: &mut Vec<NodeOutline>, op: &str, name: String, line: usize) -> u32 {
    let id = nodes.len() as u32;
    nodes.push(NodeOutline { id, op: op.into(), name: Some(name), line, ..NodeOutline::default() });
    id
}
