//! The interpreter: steps, instructions, calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tilewright_base::number::print_bytes;
use tilewright_base::{At, Code, Diagnostic, Fault, Outcome, Severity, Span, bail, fault};
use tilewright_ir::{FunctionId, VarId, Work};
use tilewright_ops::statement::Statement;
use tilewright_ops::{Context, Facts, Op, Precision};
use tilewright_pipeline::Pipeline;
use tilewright_plan::{Compiler, Dynamic, Found, Function, Instruction, Kind, Operand, Plan, Register, Step};
use tilewright_value::{Block, Matrix, Scalar, Value, bytes_in_use};

use crate::activity::{Activity, Running};
use crate::frame::{Frame, Path, Write};
use crate::iterations::Iterations;
use crate::output::{Called, Output};
use crate::parallel::ParallelLoop;
use crate::statement;
use crate::stats::Stats;

/// How operators are executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// By the kernels.
    #[default]
    Fast,
    /// By the kernels, with every matrix in sparse form.
    ForcedSparse,
    /// By the definition: naive, dense, in order.
    Oracle,
}

/// How a plan is run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Config {
    /// How operators are executed.
    pub mode: Mode,
    /// The seed of random operators that name none; from the clock if absent.
    pub seed: Option<u64>,
    /// How exactly products of dense matrices are computed by the kernels; the definition is always double.
    pub precision: Precision,
    /// The memory budget in bytes.
    pub memory: Option<f64>,
    /// Set by the user to end the run before its next instruction.
    pub interrupt: Option<&'static AtomicBool>,
    /// Where loops that are running are noted.
    pub activity: Option<&'static Activity>,
}

/// Calls deeper than this are an error.
const DEPTH: usize = 1_000;

/// With less stack left than this, a call continues on a new piece of [`STACK_MORE`] bytes: workers have small stacks.
const STACK_LEFT: usize = 256 << 10;
const STACK_MORE: usize = 4 << 20;

/// Results of fewer bytes than this (64 MiB) are not weighed against what is in use.
const SMALL: f64 = 67_108_864.0;

/// Runs a plan.
pub struct Interpreter<'a> {
    plan: &'a Plan,
    config: Config,
    seed: u64,
    started: Instant,
    output: &'a dyn Output,
    stats: Option<&'a Stats>,
    compiler: &'a dyn Compiler,
    /// The program that called for the plan of a library function.
    outer: Option<&'a Interpreter<'a>>,
}

/// The bytes of the largest input that nobody else holds: the result may be written into it.
fn reusable(inputs: &[Value]) -> f64 {
    let unique = |value: &&Value| matches!(value, Value::Matrix(matrix) if matrix.is_unique());
    inputs.iter().filter(unique).map(Value::bytes).max().unwrap_or(0) as f64
}

/// Says what an operator needs: bytes of inputs, result and scratch.
fn too_large(name: &str, [inputs, result, scratch]: [f64; 3], budget: f64, in_use: f64) -> Fault {
    let needed = result + scratch;
    let taken = if needed > budget {
        String::new()
    } else {
        format!(", and {} of it are in use", print_bytes(in_use))
    };
    let working =
        if scratch > 0.0 { format!(" and {} to work in", print_bytes(scratch)) } else { String::new() };
    fault!(Memory,
        "`{}` needs {} for its result{working}, beside {} of inputs; the memory budget is {}{taken}",
        name, print_bytes(result), print_bytes(inputs), print_bytes(budget);
        hint: "`--memory SIZE` raises the budget")
}

/// Whether an iteration has asked for the end of its loop.
fn is_left(frame: &Frame, leave: Option<Register>) -> bool {
    let left = leave.and_then(|register| frame.get(register));
    matches!(left, Some(Value::Scalar(Scalar::Boolean(true))))
}

impl<'a> Interpreter<'a> {
    /// An interpreter of a plan.
    pub fn new(
        plan: &'a Plan,
        config: Config,
        output: &'a dyn Output,
        stats: Option<&'a Stats>,
        compiler: &'a dyn Compiler,
    ) -> Interpreter<'a> {
        let clock = || std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
        let seed = config.seed.unwrap_or_else(clock);
        let started = Instant::now();
        Interpreter { plan, config, seed, started, output, stats, compiler, outer: None }
    }

    /// The same with another output.
    pub fn with_output<'b>(&'b self, output: &'b dyn Output) -> Interpreter<'b> {
        Interpreter { output, ..*self }
    }

    /// The same with the plan of a library function, which still reaches the functions of this one by name.
    pub(crate) fn with_plan<'b>(&'b self, plan: &'b Plan) -> Interpreter<'b> {
        Interpreter { plan, outer: Some(self), ..*self }
    }

    /// The compiler of what is known only now.
    pub(crate) fn compiler(&self) -> &dyn Compiler {
        self.compiler
    }

    /// A function of the plan.
    pub(crate) fn function(&self, id: FunctionId) -> &Function {
        &self.plan.functions[id.0 as usize]
    }

    /// What a name means in a call by a computed name in a file: a function of this plan and who runs it.
    pub(crate) fn named(&self, scope: usize, name: &str) -> Option<(&Interpreter<'a>, FunctionId)> {
        match (self.plan.scopes.get(scope).and_then(|scope| scope.get(name)), self.outer) {
            (Some(id), _) => Some((self, *id)),
            // The main program of the script that called for this library function.
            (None, Some(outer)) => outer.named(0, name),
            (None, None) => None,
        }
    }

    /// The names that calls by a computed name in a file may use.
    pub(crate) fn names(&self, scope: usize) -> Vec<String> {
        self.plan.scopes[scope].keys().cloned().collect()
    }

    /// Where it prints.
    pub fn output(&self) -> &dyn Output {
        self.output
    }

    /// True when operators are executed by their definition.
    pub fn is_oracle(&self) -> bool {
        self.config.mode == Mode::Oracle
    }

    /// Runs the main program on its arguments; a result that has no value at the end is none.
    ///
    /// # Errors
    /// Whatever stops the script.
    pub fn run(&self, args: Vec<Value>) -> Result<Vec<Option<Value>>, Diagnostic> {
        let main = &self.plan.functions[0];
        let mut frame = Frame::new(main, args.into_iter().map(Some), Path::START, 0);
        self.steps(&mut frame, main, &main.body)?;
        Ok(main.results.iter().map(|register| frame.get(*register).cloned()).collect())
    }

    /// Notes the begin of a loop, if somebody looks.
    pub(crate) fn running(&self, span: Span, function: &Function, total: Option<u64>) -> Running<'_> {
        let is_main = self.outer.is_none() && std::ptr::eq(function, &raw const self.plan.functions[0]);
        let name = (!is_main).then_some(function.name.as_str());
        Running::new(self.config.activity, span, name, total)
    }

    /// Runs steps.
    ///
    /// # Errors
    /// Whatever stops the script.
    pub fn steps(&self, frame: &mut Frame, function: &Function, steps: &[Step]) -> Result<(), Diagnostic> {
        for step in steps {
            self.step(frame, function, step)?;
        }
        Ok(())
    }

    fn step(&self, frame: &mut Frame, function: &Function, step: &Step) -> Result<(), Diagnostic> {
        match step {
            Step::Basic(instructions) => self.instructions(frame, function, instructions),
            Step::Dynamic(piece) => self.dynamic(frame, function, piece),
            Step::If { head, condition, then, otherwise, span } => {
                self.instructions(frame, function, head)?;
                let holds = self.condition(frame, function, *condition, *span)?;
                self.steps(frame, function, if holds { then } else { otherwise })
            }
            Step::While { head, condition, body, leave, span } => {
                let path = frame.path;
                let here = path.settled();
                let running = self.running(*span, function, None);
                for iteration in 0.. {
                    frame.path = here.step(*span, iteration);
                    self.instructions(frame, function, head)?;
                    if !self.condition(frame, function, *condition, *span)? {
                        break;
                    }
                    self.steps(frame, function, body)?;
                    running.advance();
                    if is_left(frame, *leave) {
                        break;
                    }
                }
                frame.path = path;
                Ok(())
            }
            Step::For { head, variable, bounds, body, parallel, leave, span } => {
                self.instructions(frame, function, head)?;
                let iterations = self.iterations(frame, function, *bounds).at(*span)?;
                if let Some(parallel) = parallel {
                    let (variable, span) = (*variable, *span);
                    let parallel_loop =
                        ParallelLoop { interpreter: self, function, variable, body, parallel, span };
                    return parallel_loop.run(frame, &iterations);
                }
                let path = frame.path;
                let here = path.settled();
                let running = self.running(*span, function, Some(iterations.count()));
                for (iteration, value) in iterations.values().enumerate() {
                    frame.path = here.step(*span, iteration as u64);
                    frame.set(*variable, value);
                    self.steps(frame, function, body)?;
                    running.advance();
                    if is_left(frame, *leave) {
                        break;
                    }
                }
                frame.path = path;
                Ok(())
            }
        }
    }

    /// Runs a piece by the steps for the sizes that are there.
    fn dynamic(&self, frame: &mut Frame, function: &Function, piece: &Dynamic) -> Result<(), Diagnostic> {
        let asked = piece.asked(|variable| frame.get(Register(variable.0)));
        let started = Instant::now();
        let mut failed = None;
        let make = || {
            let matrix = |variable: VarId| match frame.get(Register(variable.0)) {
                Some(Value::Matrix(matrix)) => Some(matrix.clone()),
                _ => None,
            };
            match self.compiler.variant(&self.plan.program, piece, &asked, &matrix) {
                Ok(variant) => Some(variant),
                Err(warning) if warning.severity == Severity::Warning => {
                    self.output.warn(warning);
                    None
                }
                Err(error) => {
                    failed = Some(error);
                    None
                }
            }
        };
        let found = piece.variants.get(&asked, make);
        if let Some(error) = failed {
            return Err(error);
        }
        if let (Some(stats), Found::Made(_)) = (self.stats, &found) {
            stats.add_recompilation(started.elapsed());
        }
        match found {
            Found::Known(variant) | Found::Made(variant) => {
                frame.reserve(variant.registers);
                self.steps(frame, function, &variant.steps)
            }
            Found::Generic => self.steps(frame, function, &piece.generic),
        }
    }

    fn condition(
        &self,
        frame: &mut Frame,
        function: &Function,
        register: Register,
        span: Span,
    ) -> Result<bool, Diagnostic> {
        frame.take(register, function).and_then(|value| value.as_scalar()?.as_boolean()).at(span)
    }

    fn iterations(
        &self,
        frame: &mut Frame,
        function: &Function,
        bounds: (Register, Register, Option<Register>),
    ) -> Outcome<Iterations> {
        let mut scalar = |register| frame.read(&Operand::Copy(register), function)?.as_scalar();
        let (from, to) = (scalar(bounds.0)?, scalar(bounds.1)?);
        Iterations::new(&from, &to, bounds.2.map(scalar).transpose()?.as_ref())
    }

    fn instructions(
        &self,
        frame: &mut Frame,
        function: &Function,
        instructions: &[Instruction],
    ) -> Result<(), Diagnostic> {
        instructions.iter().try_for_each(|instruction| {
            self.instruction(frame, function, instruction).map_err(|mut diagnostic| {
                // The step of a pipeline that failed has a place of its own.
                let own = diagnostic.span.filter(|_| matches!(instruction.kind, Kind::Pipeline(_)));
                let calls = self.plan.program.sites.calls(own.unwrap_or(instruction.span));
                diagnostic.trace.extend(calls.cloned());
                diagnostic
            })
        })
    }

    fn instruction(
        &self,
        frame: &mut Frame,
        function: &Function,
        instruction: &Instruction,
    ) -> Result<(), Diagnostic> {
        self.check_interrupt(instruction.span)?;
        if self.scalars(frame, instruction)? {
            return Ok(());
        }
        let read = |operand: &Operand| frame.read(operand, function);
        let inputs =
            instruction.inputs.iter().map(read).collect::<Outcome<Vec<Value>>>().at(instruction.span)?;
        let results = match &instruction.kind {
            Kind::Op(op) => self.operator(op, inputs, frame, instruction)?,
            Kind::Pipeline(pipeline) => self.pipeline(pipeline, &inputs, instruction)?,
            Kind::Move => inputs,
            Kind::Exists(register) => vec![Scalar::Boolean(frame.get(*register).is_some()).into()],
            Kind::Call(id) => {
                self.call(*id, inputs.into_iter().map(Some).collect(), frame, instruction.span)?
            }
            Kind::Statement(kind @ (Statement::Eval | Statement::EvalList), _) => {
                vec![self.eval(*kind, &inputs, (frame, function), instruction.span)?]
            }
            Kind::Statement(kind, present) => {
                let mut warnings = Vec::new();
                let done = self.statement(*kind, *present, &inputs, &mut warnings);
                self.warn(warnings, instruction.span);
                done.at(instruction.span)?.into_iter().collect()
            }
            Kind::Scatter(k, form) => {
                let mut inputs = inputs;
                let target = inputs.remove(0);
                let checked = std::iter::once(&target).chain(&inputs).map(Facts::of).collect::<Vec<_>>();
                form.infer_assign(&checked).at(instruction.span)?;
                frame.writes.push(Write::Part(*k, *form, inputs));
                Vec::new()
            }
            Kind::Accumulate(k) => {
                let value = inputs.into_iter().next().expect("invariant: an accumulation has a value");
                if !matches!(value, Value::Matrix(_)) {
                    return Err(Diagnostic::error(
                        Code::Parallel,
                        instruction.span,
                        "only matrices are accumulated in parallel, found a scalar",
                    )
                    .hint("write each term to its own cell, `R[i,1] = ...`, and sum after the loop"));
                }
                frame.writes.push(Write::Sum(*k, value));
                Vec::new()
            }
        };
        for (register, value) in instruction.outputs.iter().zip(results) {
            if let Some(register) = register {
                frame.set(*register, value);
            }
        }
        Ok(())
    }

    fn check_interrupt(&self, span: Span) -> Result<(), Diagnostic> {
        match self.config.interrupt {
            Some(interrupt) if interrupt.load(Ordering::Relaxed) => {
                Err(Diagnostic::error(Code::Stop, span, "interrupted"))
            }
            _ => Ok(()),
        }
    }

    /// Two scalars and an element-wise operator need none of the care that matrices need; true when that was it.
    fn scalars(&self, frame: &mut Frame, instruction: &Instruction) -> Result<bool, Diagnostic> {
        let (Kind::Op(Op::Binary(op)), [a, b], [Some(output)]) =
            (&instruction.kind, &instruction.inputs[..], &instruction.outputs[..])
        else {
            return Ok(false);
        };
        let (Some(a), Some(b)) = (frame.scalar(a), frame.scalar(b)) else { return Ok(false) };
        let value = op.scalar(a, b).at(instruction.span)?;
        frame.set(*output, value.into());
        Ok(true)
    }

    fn statement(
        &self,
        kind: Statement,
        present: tilewright_ops::function::Present,
        inputs: &[Value],
        warnings: &mut Vec<Fault>,
    ) -> Outcome<Option<Value>> {
        let args = statement::Arguments::new(kind, present, inputs);
        match kind {
            Statement::Print => {
                self.output.print(&statement::print(inputs)?)?;
                warnings.extend(statement::cut_off(inputs));
            }
            Statement::Stop => return Err(statement::stop(inputs)),
            Statement::Warning => warnings.push(statement::warning(inputs)),
            Statement::Assert => statement::assert(inputs)?,
            Statement::Write => statement::write(&args)?,
            Statement::Conform => statement::conform(inputs)?,
            Statement::Read => {
                let value = statement::read(&args, warnings)?;
                return Ok(Some(self.formatted(value)));
            }
            Statement::Eval | Statement::EvalList => bail!(Internal, "a call by name is no statement"),
        }
        Ok(None)
    }

    /// Calls a function; an argument that is left out has no value inside.
    ///
    /// # Errors
    /// Whatever stops the function.
    pub(crate) fn call(
        &self,
        id: FunctionId,
        args: Vec<Option<Value>>,
        frame: &Frame,
        span: Span,
    ) -> Result<Vec<Value>, Diagnostic> {
        let function = &self.plan.functions[id.0 as usize];
        if frame.depth >= DEPTH {
            let message = format!("more than {DEPTH} calls of functions inside each other");
            return Err(
                Diagnostic::error(Code::Value, span, message).hint("does the recursion come to an end?")
            );
        }
        let path = frame.path.step(span, u64::from(function.span.start));
        let mut inner = Frame::new(function, args, path, frame.depth + 1);
        let trace = |mut diagnostic: Diagnostic| {
            if diagnostic.trace.len() <= DEPTH {
                diagnostic.trace.push(tilewright_base::Frame { function: function.name.clone(), call: span });
            }
            diagnostic
        };
        let output = Called { output: self.output, function: &function.name, call: span };
        let callee = self.with_output(&output);
        stacker::maybe_grow(STACK_LEFT, STACK_MORE, || callee.steps(&mut inner, function, &function.body))
            .map_err(trace)?;
        let results = function.results.iter().map(|register| inner.read(&Operand::Copy(*register), function));
        results.collect::<Outcome<_>>().at(function.span).map_err(trace)
    }

    fn operator(
        &self,
        op: &Op,
        inputs: Vec<Value>,
        frame: &Frame,
        instruction: &Instruction,
    ) -> Result<Vec<Value>, Diagnostic> {
        let span = instruction.span;
        self.admit(op, &inputs).at(span)?;
        let facts = self.stats.map(|_| inputs.iter().map(Facts::of).collect::<Vec<_>>());
        let started = self.stats.map(|_| Instant::now());
        let seed = if op.is_seeded() { frame.path.seed(self.seed, span) } else { 0 };
        let (started_at, precision) = (self.started, self.config.precision);
        let mut context = Context { seed, started: started_at, precision, warnings: Vec::new() };
        let results = match self.config.mode {
            Mode::Oracle => op.reference(&inputs, &mut context),
            Mode::Fast | Mode::ForcedSparse => op.run(inputs, &mut context),
        };
        self.warn(std::mem::take(&mut context.warnings), span);
        let results = match (results.at(span)?, self.config.mode) {
            (results, Mode::Fast) => results,
            (results, _) => results.into_iter().map(|value| self.formatted(value)).collect(),
        };
        if let (Some(stats), Some(started), Some(facts)) = (self.stats, started, facts) {
            let time = started.elapsed();
            let made: Vec<Facts> = results.iter().map(Facts::of).collect();
            let inputs: Vec<&Facts> = facts.iter().collect();
            let done = Work::of_distinct(op, &inputs, &made, |at| instruction.repeats(at));
            stats.add(op.name(), time, done, instruction.work().as_ref());
        }
        Ok(results)
    }

    fn pipeline(
        &self,
        pipeline: &Pipeline,
        inputs: &[Value],
        instruction: &Instruction,
    ) -> Result<Vec<Value>, Diagnostic> {
        let span = instruction.span;
        let facts: Vec<Facts> = inputs.iter().map(Facts::of).collect();
        let made = pipeline.infer(&facts).map_err(|(fault, span)| fault.at(span))?;
        self.admit_pipeline(pipeline, inputs, &facts, &made).at(span)?;
        let started = self.stats.map(|_| Instant::now());
        let mut context = Context { precision: self.config.precision, ..Context::new(0) };
        let results = match self.config.mode {
            Mode::Oracle => pipeline.reference(inputs, &mut context),
            Mode::Fast | Mode::ForcedSparse => pipeline.run(inputs, &mut context),
        };
        let mut results = results.at(span)?;
        if self.config.mode != Mode::Fast {
            results = results.into_iter().map(|value| self.formatted(value)).collect();
        }
        if let (Some(stats), Some(started)) = (self.stats, started) {
            let time = started.elapsed();
            let made: Vec<Facts> = results.iter().map(Facts::of).collect();
            let done = Work::of_pipeline(pipeline, &facts.iter().collect::<Vec<_>>(), &made);
            let unfused = pipeline.estimate(&facts).map_or(0.0, |estimate| estimate.unfused);
            stats.add_saved(unfused - done.map_or(unfused, |work| work.bytes()));
            stats.add(&pipeline.name(), time, done, instruction.work().as_ref());
        }
        Ok(results)
    }

    /// Weighs the results of a pipeline and what it works in against the memory budget.
    fn admit_pipeline(
        &self,
        pipeline: &Pipeline,
        inputs: &[Value],
        facts: &[Facts],
        made: &[Facts],
    ) -> Outcome<()> {
        let Some(budget) = self.config.memory else { return Ok(()) };
        let results = pipeline.results.iter().filter_map(|step| made[*step].least_bytes()).sum::<f64>();
        let scratch = pipeline.estimate(facts).map_or(0.0, |estimate| estimate.scratch);
        self.weigh(&pipeline.name(), inputs, [results, scratch], budget)
    }

    /// Checks inputs against the operator's shape rule, and its results and what its kernel works in against the memory
    /// budget.
    fn admit(&self, op: &Op, inputs: &[Value]) -> Outcome<()> {
        let facts: Vec<Facts> = inputs.iter().map(Facts::of).collect();
        let results = op.infer(&facts)?;
        let Some(budget) = self.config.memory else { return Ok(()) };
        // How full the product of two sparse matrices gets is seen only while it is computed.
        let unforeseen =
            matches!(op, Op::Product(_)) && facts.iter().all(|facts| facts.nnz.bound().is_some());
        if unforeseen {
            return Ok(());
        }
        // The definition is dense, and says nothing of what it works in.
        let bytes = if self.is_oracle() { Facts::dense_bytes } else { Facts::least_bytes };
        let result: f64 = results.iter().filter_map(bytes).sum();
        let scratch = match results.first() {
            Some(first) if !self.is_oracle() => op.scratch(&facts, first).unwrap_or(0.0),
            _ => 0.0,
        };
        self.weigh(op.name(), inputs, [result, scratch], budget)
    }

    /// Whether results and what is needed beside them fit in what is left of the budget.
    fn weigh(&self, name: &str, inputs: &[Value], [result, scratch]: [f64; 2], budget: f64) -> Outcome<()> {
        let needed = result + scratch;
        let in_use = if needed < SMALL { 0.0 } else { bytes_in_use() as f64 - reusable(inputs) };
        if needed + in_use > budget {
            let inputs = inputs.iter().map(Value::bytes).sum::<usize>() as f64;
            return Err(too_large(name, [inputs, result, scratch], budget, in_use));
        }
        Ok(())
    }

    /// The value in the format that the mode asks for.
    pub(crate) fn formatted(&self, value: Value) -> Value {
        match (self.config.mode, value) {
            (Mode::ForcedSparse, Value::Matrix(matrix)) => {
                let sparse = Block::Sparse(matrix.pin().sparse().into_owned());
                Value::Matrix(Matrix::new(sparse).marked(matrix.is_logical()))
            }
            (Mode::Oracle, Value::Matrix(matrix)) => {
                let dense = Block::Dense(matrix.pin().dense().into_owned());
                Value::Matrix(Matrix::new(dense).marked(matrix.is_logical()))
            }
            (_, value) => value,
        }
    }

    fn warn(&self, warnings: Vec<Fault>, span: Span) {
        for fault in warnings {
            self.output.warn(Diagnostic { severity: Severity::Warning, ..fault.at(span) });
        }
    }
}
