//! The time and memory that steps are estimated to take on a machine.
//!
//! Times add up: a loop counts its body as often as it runs ([`ITERATIONS`] times where that is not known), a branch the
//! mean of its sides, a call its function; a call inside of its own function is not followed again. Memory is the most
//! that is held at a time: what registers hold, with the result and what the kernel needs beside it; arguments are held
//! by the caller. Of what has unknown sizes nothing is added, and the estimate says that it is only a lower bound.

use std::collections::HashMap;

use tilewright_ir::{FunctionId, Machine};

use crate::instruction::{Instruction, Kind, Operand, Plan, Register, Step};

/// A loop of an unknown number of iterations counts as so many.
pub const ITERATIONS: f64 = 10.0;

/// An estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Seconds.
    pub time: f64,
    /// Bytes that are held at a time, at most.
    pub memory: f64,
    /// Whether all sizes were known; a lower bound otherwise.
    pub is_complete: bool,
}

impl Cost {
    /// That of doing nothing.
    pub const NONE: Cost = Cost { time: 0.0, memory: 0.0, is_complete: true };

    /// One after the other.
    pub fn then(self, next: Cost) -> Cost {
        Cost {
            time: self.time + next.time,
            memory: self.memory.max(next.memory),
            is_complete: self.is_complete && next.is_complete,
        }
    }

    /// The same so many times.
    pub fn times(self, count: f64) -> Cost {
        Cost { time: self.time * count, ..self }
    }

    /// One or the other.
    fn or(self, other: Cost) -> Cost {
        self.times(0.5).then(other.times(0.5))
    }
}

/// Estimates for a plan on a machine.
pub struct Costs<'a> {
    plan: &'a Plan,
    machine: Machine,
    /// The machine for an iteration of a parallel loop.
    single: Machine,
    functions: HashMap<(FunctionId, bool), Cost>,
    /// The functions that are being looked at.
    active: Vec<FunctionId>,
    /// Inside of a parallel loop.
    is_parallel: bool,
}

/// What registers hold: values by number, since several can hold the same one.
#[derive(Clone, Default)]
struct Held {
    values: HashMap<Register, (usize, f64)>,
    next: usize,
}

impl<'a> Costs<'a> {
    /// Nothing estimated yet.
    pub fn new(plan: &'a Plan, machine: &Machine) -> Costs<'a> {
        let (machine, single) = (machine.clone(), machine.limited(1));
        Costs { plan, machine, single, functions: HashMap::new(), active: Vec::new(), is_parallel: false }
    }

    /// A call of a function.
    pub fn function(&mut self, id: FunctionId) -> Cost {
        let key = (id, self.is_parallel);
        if let Some(known) = self.functions.get(&key) {
            return *known;
        }
        if self.active.contains(&id) {
            return Cost::NONE;
        }
        self.active.push(id);
        let plan = self.plan;
        let cost = self.steps(&plan.functions[id.0 as usize].body);
        self.active.pop();
        self.functions.insert(key, cost);
        cost
    }

    /// One instruction alone.
    pub fn instruction(&mut self, instruction: &Instruction) -> Cost {
        if let Kind::Call(id) = instruction.kind {
            return self.function(id);
        }
        let machine = if self.is_parallel { &self.single } else { &self.machine };
        match &instruction.work {
            Some(work) => Cost { time: machine.time(work), memory: work.memory(), is_complete: true },
            None => Cost { is_complete: false, ..Cost::NONE },
        }
    }

    /// Steps alone.
    pub fn steps(&mut self, steps: &[Step]) -> Cost {
        self.steps_with(steps, &mut Held::default())
    }

    /// A step alone.
    pub fn step(&mut self, step: &Step) -> Cost {
        self.step_with(step, &mut Held::default())
    }

    fn steps_with(&mut self, steps: &[Step], held: &mut Held) -> Cost {
        steps.iter().fold(Cost::NONE, |cost, step| cost.then(self.step_with(step, held)))
    }

    fn step_with(&mut self, step: &Step, held: &mut Held) -> Cost {
        match step {
            Step::Basic(instructions) => self.instructions(instructions, held),
            Step::Dynamic(piece) => self.steps_with(&piece.generic, held),
            Step::If { head, then, otherwise, .. } => {
                let head = self.instructions(head, held);
                let mut other = held.clone();
                let (then, otherwise) = (self.steps_with(then, held), self.steps_with(otherwise, &mut other));
                if other.bytes() > held.bytes() {
                    *held = other;
                }
                head.then(then.or(otherwise))
            }
            Step::While { head, body, .. } => {
                let head = self.instructions(head, held);
                let body = self.steps_with(body, held);
                // The condition is computed once more than the body.
                head.then(head.then(body).times(ITERATIONS))
            }
            Step::For { head, body, parallel, .. } => {
                let head_cost = self.instructions(head, held);
                let count = iterations(step).unwrap_or(ITERATIONS);
                let body = if parallel.is_some() {
                    self.parallel(body, count, held)
                } else {
                    self.steps_with(body, held).times(count)
                };
                head_cost.then(if count > 0.0 { body } else { Cost::NONE })
            }
        }
    }

    /// Iterations that run at the same time, each on one thread.
    fn parallel(&mut self, body: &[Step], count: f64, held: &mut Held) -> Cost {
        let threads = (self.machine.cores as f64).min(count).max(1.0);
        if self.is_parallel || threads == 1.0 {
            return self.steps_with(body, held).times(count);
        }
        self.is_parallel = true;
        let before = held.bytes();
        let body = self.steps_with(body, held);
        self.is_parallel = false;
        let memory = before + (body.memory - before).max(0.0) * threads;
        Cost { memory, ..body.times((count / threads).ceil()) }
    }

    fn instructions(&mut self, instructions: &[Instruction], held: &mut Held) -> Cost {
        let mut total = Cost::NONE;
        for instruction in instructions {
            let cost = self.instruction(instruction);
            let beside = match (&instruction.kind, &instruction.work) {
                (Kind::Call(_), _) => cost.memory,
                (_, Some(work)) => work.results + work.scratch,
                (_, None) => result_bytes(instruction),
            };
            let memory = cost.memory.max(held.bytes() + beside);
            total = total.then(Cost { memory, ..cost });
            held.execute(instruction);
        }
        total
    }
}

/// How often the body of a `for` runs, if its bounds are known.
pub fn iterations(step: &Step) -> Option<f64> {
    let Step::For { head, bounds: (from, to, by), .. } = step else { return None };
    let value = |register: &Register| {
        let makes = |instruction: &&Instruction| instruction.outputs.contains(&Some(*register));
        head.iter().rev().find(makes)?.facts.number()
    };
    let (from, to) = (value(from)?, value(to)?);
    // Without an increment a loop runs downwards where it has to.
    let by = match by {
        Some(register) => value(register)?,
        None => (to - from).signum(),
    };
    Some(if from == to { 1.0 } else { ((to - from) / by).floor().max(-1.0) + 1.0 })
}

/// Bytes of a result, as far as they are known.
fn result_bytes(instruction: &Instruction) -> f64 {
    match &instruction.work {
        Some(work) => work.results,
        None => tilewright_ir::work::bytes(&instruction.facts).unwrap_or(0.0),
    }
}

impl Held {
    /// Bytes of the different values.
    fn bytes(&self) -> f64 {
        let mut values: Vec<(usize, f64)> = self.values.values().copied().collect();
        values.sort_by_key(|(number, _)| *number);
        values.dedup_by_key(|(number, _)| *number);
        values.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Last reads take values out, results are put in.
    fn execute(&mut self, instruction: &Instruction) {
        let moved = match (&instruction.kind, instruction.inputs.first()) {
            (Kind::Move, Some(Operand::Copy(from) | Operand::Take(from))) => self.values.get(from).copied(),
            _ => None,
        };
        for input in &instruction.inputs {
            if let Operand::Take(register) = input {
                self.values.remove(register);
            }
        }
        let value = moved.unwrap_or_else(|| {
            self.next += 1;
            (self.next, result_bytes(instruction))
        });
        let mut outputs = instruction.outputs.iter().flatten();
        if let Some(first) = outputs.next() {
            self.values.insert(*first, value);
        }
        // All results together count with the first one.
        for register in outputs {
            self.values.remove(register);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tilewright_base::{FileId, Span};
    use tilewright_ir::{Class, Parallel, Program, Rates, Work};
    use tilewright_ops::Facts;
    use tilewright_value::Scalar;

    use super::*;
    use crate::Function;

    /// 1 us in any case, 1 GB/s at one thread and 4 GB/s at four, whether read or written.
    fn machine() -> Machine {
        let rates = |rate| Rates {
            read: rate,
            write: rate,
            cached: rate,
            flops: 1e12,
            fitted: std::collections::BTreeMap::new(),
        };
        let (one, all) = (rates(1e9), rates(4e9));
        Machine { cores: 4, caches: [0.0; 3], overhead: 1e-6, scalar: 1e-7, one, all }
    }

    fn instruction(kind: Kind, inputs: Vec<Operand>, output: u32, work: Option<Work>) -> Instruction {
        Instruction {
            kind,
            inputs,
            outputs: vec![Some(Register(output))],
            span: Span::new(FileId(0), 0, 0),
            facts: Facts::UNKNOWN,
            work,
        }
    }

    /// Reads and writes so many bytes.
    fn copy(from: Operand, to: u32, bytes: f64, scratch: f64) -> Instruction {
        let work = Work {
            class: Class::Reorganise,
            inputs: bytes,
            results: bytes,
            scratch,
            read: bytes,
            written: bytes,
            flops: 0.0,
        };
        let op = tilewright_ops::Op::Unary(tilewright_ops::unary::find("abs").unwrap());
        instruction(Kind::Op(op), vec![from], to, Some(work))
    }

    fn constant(value: i64, to: u32) -> Instruction {
        let moved = instruction(Kind::Move, vec![], to, Some(Work::SCALAR));
        Instruction { facts: Facts::constant(Scalar::Integer(value)), ..moved }
    }

    fn repeated(head: Vec<Instruction>, body: Vec<Step>, parallel: Option<Parallel>) -> Step {
        let bounds = (Register(90), Register(91), None);
        let (variable, span) = (Register(92), Span::new(FileId(0), 0, 0));
        Step::For { head, variable, bounds, body, parallel, leave: None, span }
    }

    /// The cost of functions, of which the first is asked for.
    fn cost(bodies: Vec<Vec<Step>>) -> Cost {
        let function = |body| Function {
            name: "f".into(),
            variables: Vec::new(),
            params: Vec::new(),
            declared: Vec::new(),
            scope: 0,
            results: Vec::new(),
            registers: 100,
            body,
            span: Span::new(FileId(0), 0, 0),
        };
        let functions = bodies.into_iter().map(function).collect();
        let program = Arc::new(Program {
            functions: Vec::new(),
            scopes: Vec::new(),
            sites: tilewright_base::Sites::default(),
        });
        let plan = Plan { functions, scopes: Vec::new(), program };
        Costs::new(&plan, &machine()).function(FunctionId(0))
    }

    fn check(body: Vec<Step>, time: f64, memory: f64) {
        let cost = cost(vec![body]);
        assert!((cost.time - time).abs() < 1e-12, "{} s are not {time} s", cost.time);
        assert_eq!((cost.memory, cost.is_complete), (memory, true));
    }

    fn take(register: u32) -> Operand {
        Operand::Take(Register(register))
    }

    fn keep(register: u32) -> Operand {
        Operand::Copy(Register(register))
    }

    #[test]
    fn instructions_add_their_times_and_hold_what_is_read_later() {
        // 2 x 1000 bytes are 2 us and 1 us beside.
        check(vec![Step::Basic(vec![copy(take(0), 1, 1e3, 0.0)])], 3e-6, 2e3);
        // The first result is held while the second and the third are made.
        let chain =
            vec![copy(take(0), 1, 1e3, 0.0), copy(keep(1), 2, 1e3, 0.0), copy(take(2), 3, 1e3, 500.0)];
        check(vec![Step::Basic(chain)], 9e-6, 3.5e3);
        // It is not held when it was read last.
        let chain = vec![copy(take(0), 1, 1e3, 0.0), copy(take(1), 2, 1e3, 0.0), copy(take(2), 3, 1e3, 0.0)];
        check(vec![Step::Basic(chain)], 9e-6, 2e3);
    }

    #[test]
    fn large_work_has_all_threads() {
        check(vec![Step::Basic(vec![copy(take(0), 1, 2e6, 0.0)])], 1e-3 + 1e-6, 4e6);
    }

    #[test]
    fn loops_count_their_iterations() {
        let body = || vec![Step::Basic(vec![copy(keep(0), 1, 1e3, 0.0)])];
        let head = |from, to| vec![constant(from, 90), constant(to, 91)];
        // Two scalars, then 3 us a time.
        check(vec![repeated(head(1, 5), body(), None)], 2e-7 + 15e-6, 2e3);
        check(vec![repeated(head(5, 1), body(), None)], 2e-7 + 15e-6, 2e3);
        check(vec![repeated(Vec::new(), body(), None)], 30e-6, 2e3);
        // Eight iterations on four threads, each with its own result beside the input.
        let parallel = repeated(head(1, 8), body(), Some(Parallel::default()));
        check(vec![parallel], 2e-7 + 6e-6, 8e3);
        let span = Span::new(FileId(0), 0, 0);
        let head = vec![constant(1, 90)];
        let repeated = Step::While { head, condition: Register(90), body: body(), leave: None, span };
        check(vec![repeated], 11e-7 + 30e-6, 2e3);
    }

    #[test]
    fn a_branch_is_the_mean_of_its_sides() {
        let then = vec![Step::Basic(vec![copy(keep(0), 1, 3e3, 0.0)])];
        let span = Span::new(FileId(0), 0, 0);
        let head = vec![constant(1, 90)];
        let branch = Step::If { head, condition: Register(90), then, otherwise: Vec::new(), span };
        check(vec![branch], 1e-7 + 3.5e-6, 6e3);
    }

    #[test]
    fn calls_cost_what_functions_cost_and_recursion_once() {
        let call = |id| instruction(Kind::Call(FunctionId(id)), Vec::new(), 1, None);
        let main = vec![Step::Basic(vec![call(1), call(1)])];
        let inner = vec![Step::Basic(vec![copy(take(0), 1, 1e3, 0.0), call(1)])];
        let cost = cost(vec![main, inner]);
        assert!((cost.time - 6e-6).abs() < 1e-12 && cost.is_complete, "{cost:?}");
    }

    #[test]
    fn what_has_no_known_size_leaves_a_lower_bound() {
        let unknown = instruction(Kind::Move, vec![], 1, None);
        let cost = cost(vec![vec![Step::Basic(vec![copy(take(0), 1, 1e3, 0.0), unknown])]]);
        assert!(!cost.is_complete);
        assert!((cost.time - 3e-6).abs() < 1e-12, "{cost:?}");
    }
}
