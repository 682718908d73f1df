//! The printed form of plans: one line an instruction, with what it is estimated to take.

use std::fmt::Write;

use tilewright_base::SourceMap;
use tilewright_base::number::print_bytes;

use crate::dynamic::{Asked, Dynamic};
use crate::instruction::{Function, Instruction, Kind, Operand, Plan, Register, Step};

/// Which steps of pieces that are compiled while running are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those for any sizes.
    BeforeRunning,
    /// Those for each of the sizes that came up in a run.
    AsRun,
}

/// The plan as text: registers are variables by name or `$n`; a trailing `.` marks the last read.
pub fn print(plan: &Plan, sources: &SourceMap, shown: Shown) -> String {
    let mut printer = Printer { out: String::new(), sources, plan, shown };
    for function in plan.functions.iter().filter(|function| !function.body.is_empty()) {
        let params: Vec<_> = function.params.iter().map(|register| name(*register, function)).collect();
        printer.line(0, &format!("{}({})", function.name, params.join(", ")));
        printer.steps(1, &function.body, function);
    }
    printer.out
}

fn name(register: Register, function: &Function) -> String {
    function.variables.get(register.0 as usize).cloned().unwrap_or_else(|| format!("${}", register.0))
}

struct Printer<'a> {
    out: String,
    sources: &'a SourceMap,
    plan: &'a Plan,
    shown: Shown,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{:width$}{}", "", text.trim_end(), width = 2 * depth);
    }

    fn steps(&mut self, depth: usize, steps: &[Step], function: &Function) {
        for step in steps {
            match step {
                Step::Basic(instructions) => self.instructions(depth, instructions, function),
                Step::Dynamic(piece) => self.dynamic(depth, piece, function),
                Step::If { head, condition, then, otherwise, .. } => {
                    self.instructions(depth, head, function);
                    self.line(depth, &format!("if {}", name(*condition, function)));
                    self.steps(depth + 1, then, function);
                    if !otherwise.is_empty() {
                        self.line(depth, "else");
                        self.steps(depth + 1, otherwise, function);
                    }
                }
                Step::While { head, condition, body, .. } => {
                    self.line(depth, "loop");
                    self.instructions(depth + 1, head, function);
                    self.line(depth, &format!("while {}", name(*condition, function)));
                    self.steps(depth + 1, body, function);
                }
                Step::For { head, variable, bounds, body, parallel, .. } => {
                    self.instructions(depth, head, function);
                    let word = if parallel.is_some() { "parfor" } else { "for" };
                    let (from, to) = (name(bounds.0, function), name(bounds.1, function));
                    self.line(depth, &format!("{word} {} in {from}:{to}", name(*variable, function)));
                    self.steps(depth + 1, body, function);
                }
            }
        }
    }

    fn dynamic(&mut self, depth: usize, piece: &Dynamic, function: &Function) {
        let asked = piece.inputs.iter().filter(|input| input.asked != Asked::Nothing);
        let names: Vec<_> = asked.map(|input| name(Register(input.variable.0), function)).collect();
        if self.shown == Shown::BeforeRunning {
            self.line(depth, &format!("when running, compiled for {}", names.join(", ")));
            self.steps(depth + 1, &piece.generic, function);
            return;
        }
        for (facts, variant) in piece.variants.all() {
            let known: Vec<_> =
                names.iter().zip(facts).map(|(name, facts)| format!("{name} {facts}")).collect();
            self.line(depth, &format!("compiled for {}", known.join(", ")));
            self.steps(depth + 1, &variant.steps, function);
        }
    }

    fn instructions(&mut self, depth: usize, instructions: &[Instruction], function: &Function) {
        for instruction in instructions {
            self.instruction(depth, instruction, function);
        }
    }

    fn instruction(&mut self, depth: usize, instruction: &Instruction, function: &Function) {
        let output =
            |output: &Option<Register>| output.map_or("_".into(), |register| name(register, function));
        let outputs: Vec<_> = instruction.outputs.iter().map(output).collect();
        let inputs: Vec<_> = instruction.inputs.iter().map(|input| operand(input, function)).collect();
        let (kind, locality) = self.kind(&instruction.kind, function);
        let matrix =
            instruction.facts.is_matrix() || !inputs.is_empty() && matches!(instruction.kind, Kind::Op(_));
        let locality = if matrix { locality } else { "" };
        let memory = instruction.facts.dense_bytes().filter(|_| instruction.facts.is_matrix());
        let memory = memory.map_or(String::new(), print_bytes);
        let line = self.sources.file(instruction.span.file).line_column(instruction.span.start).0;
        let head = format!("{} = {kind} {}", outputs.join(", "), inputs.join(" "));
        self.line(
            depth,
            &format!(
                "{head:<44} {:<22} {memory:>9} {locality:<12} line {line}",
                instruction.facts.to_string()
            ),
        );
    }

    fn kind(&self, kind: &Kind, function: &Function) -> (String, &'static str) {
        match kind {
            Kind::Op(op) => (op.name().into(), op.locality().word()),
            Kind::Exists(register) => (format!("exists {}", name(*register, function)), ""),
            Kind::Call(id) => (format!("call {}", self.plan.functions[id.0 as usize].name), ""),
            Kind::Statement(statement, _) => (statement.name().into(), ""),
            Kind::Move => ("move".into(), ""),
            Kind::Scatter(k, _) => (format!("scatter {}", k + 1), ""),
            Kind::Accumulate(k) => (format!("accumulate {}", k + 1), ""),
        }
    }
}

fn operand(operand: &Operand, function: &Function) -> String {
    match operand {
        Operand::Literal(tilewright_value::Scalar::String(text)) => format!("{text:?}"),
        Operand::Literal(scalar) => scalar.to_string(),
        Operand::Copy(register) => name(*register, function),
        Operand::Take(register) => format!("{}.", name(*register, function)),
    }
}
