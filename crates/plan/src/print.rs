//! The printed form of plans: one line an instruction, with what it is estimated to take.

use std::fmt::Write;

use tilewright_base::SourceMap;
use tilewright_base::number::{count, print_bytes, print_seconds};
use tilewright_ir::outline::literal;
use tilewright_ir::{FunctionId, Machine};
use tilewright_pipeline::{Pipeline, Source};

use crate::cost::{self, Cost, Costs};
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

/// The plan as text: registers are variables by name or `$n`; a trailing `.` marks the last read. Functions and loops
/// show the sums of what is inside.
pub fn print(plan: &Plan, sources: &SourceMap, shown: Shown, machine: &Machine) -> String {
    let costs = Costs::new(plan, machine);
    let mut printer = Printer { out: String::new(), sources, plan, shown, costs };
    for (at, function) in plan.functions.iter().enumerate() {
        if function.body.is_empty() {
            continue;
        }
        let params: Vec<_> = function.params.iter().map(|register| name(*register, function)).collect();
        let cost = printer.costs.function(FunctionId(at as u32));
        printer.estimated(0, &format!("{}({})", function.name, params.join(", ")), "", cost);
        printer.steps(1, &function.body, function);
    }
    printer.out
}

/// A register by the name of its variable, or by its number.
pub(crate) fn name(register: Register, function: &Function) -> String {
    function.variables.get(register.0 as usize).cloned().unwrap_or_else(|| format!("${}", register.0))
}

struct Printer<'a> {
    out: String,
    sources: &'a SourceMap,
    plan: &'a Plan,
    shown: Shown,
    costs: Costs<'a>,
}

/// Where the columns of facts begin.
const FACTS: usize = 48;

impl Printer<'_> {
    /// A line for several instructions.
    fn estimated(&mut self, depth: usize, head: &str, facts: &str, cost: Cost) {
        let (memory, time) = (memory(cost), time(cost));
        self.columns(depth, head, &format!("{facts:<22} {memory:>9} {time:>9}"));
    }

    fn columns(&mut self, depth: usize, head: &str, columns: &str) {
        let width = FACTS.saturating_sub(2 * depth);
        self.line(depth, &format!("{head:<width$} {columns}"));
    }

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
                    let (cost, times) = (self.costs.step(step), times(None));
                    self.estimated(depth, "loop", &times, cost);
                    self.instructions(depth + 1, head, function);
                    self.line(depth, &format!("while {}", name(*condition, function)));
                    self.steps(depth + 1, body, function);
                }
                Step::For { head, variable, bounds, body, parallel, .. } => {
                    self.instructions(depth, head, function);
                    let word = if parallel.is_some() { "parfor" } else { "for" };
                    let (from, to) = (name(bounds.0, function), name(bounds.1, function));
                    let head = format!("{word} {} in {from}:{to}", name(*variable, function));
                    let (cost, times) = (self.costs.step(step), times(cost::iterations(step)));
                    self.estimated(depth, &head, &times, cost);
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
        let cost = self.costs.instruction(instruction);
        let (memory, time) = match (&instruction.kind, instruction.work) {
            (Kind::Move | Kind::Exists(_) | Kind::Scatter(..) | Kind::Accumulate(_), _) => Default::default(),
            (Kind::Statement(..), Some(_)) => Default::default(),
            _ => (memory(cost), time(cost)),
        };
        let line = self.sources.file(instruction.span.file).line_column(instruction.span.start).0;
        let of = self.plan.program.sites.calls(instruction.span).next();
        let of = of.map_or(String::new(), |call| format!(" of {}", call.function));
        let head = format!("{} = {kind} {}", outputs.join(", "), inputs.join(" "));
        let facts = instruction.facts.to_string();
        self.columns(
            depth,
            &head,
            &format!("{facts:<22} {memory:>9} {time:>9}  {locality:<12} line {line}{of}"),
        );
        if let Kind::Pipeline(pipeline) = &instruction.kind {
            self.pipeline(depth + 1, pipeline, &inputs);
        }
    }

    /// The steps of a pipeline: registers are numbered, inputs have their names; results are marked.
    fn pipeline(&mut self, depth: usize, pipeline: &Pipeline, inputs: &[String]) {
        for (at, step) in pipeline.steps.iter().enumerate() {
            let arg = |arg: &Source| match arg {
                Source::Input(at) => inputs[*at].trim_end_matches('.').to_string(),
                arg => arg.to_string(),
            };
            let args: Vec<_> = step.args.iter().map(arg).collect();
            let line = self.sources.file(step.span.file).line_column(step.span.start).0;
            let result = pipeline.results.iter().position(|result| *result == at);
            let mark = result.map_or(String::new(), |at| format!("-> {}", at + 1));
            let head = format!("%{at} = {} {}", step.op.name(), args.join(" "));
            self.columns(depth, &head, &format!("{mark:<56} line {line}"));
        }
    }

    fn kind(&self, kind: &Kind, function: &Function) -> (String, &'static str) {
        match kind {
            Kind::Op(op) => (op.name().into(), op.locality().word()),
            Kind::Pipeline(_) => ("pipeline".into(), "pipeline"),
            Kind::Exists(register) => (format!("exists {}", name(*register, function)), ""),
            Kind::Call(id) => (format!("call {}", self.plan.functions[id.0 as usize].name), ""),
            Kind::Statement(statement, _) => (statement.name().into(), ""),
            Kind::Move => ("move".into(), ""),
            Kind::Scatter(k, _) => (format!("scatter {}", k + 1), ""),
            Kind::Accumulate(k) => (format!("accumulate {}", k + 1), ""),
        }
    }
}

/// Bytes of an estimate; nothing for scalars, `?` where no size is known.
fn memory(cost: Cost) -> String {
    if cost.is_complete && cost.memory == 0.0 {
        String::new()
    } else {
        at_least(cost, cost.memory, print_bytes)
    }
}

fn time(cost: Cost) -> String {
    at_least(cost, cost.time, print_seconds)
}

/// An amount; of an incomplete estimate it is a lower bound, or nothing is known.
fn at_least(cost: Cost, amount: f64, print: fn(f64) -> String) -> String {
    match cost.is_complete {
        true => print(amount),
        false if amount == 0.0 => "?".into(),
        false => format!(">{}", print(amount)),
    }
}

/// How often a loop runs.
fn times(known: Option<f64>) -> String {
    known.map_or_else(|| format!("? times, as {}", cost::ITERATIONS), |times| count(times as usize, "time"))
}

fn operand(operand: &Operand, function: &Function) -> String {
    match operand {
        Operand::Literal(scalar) => literal(scalar),
        Operand::Copy(register) => name(*register, function),
        Operand::Take(register) => format!("{}.", name(*register, function)),
    }
}
