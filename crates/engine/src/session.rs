//! A session compiles scripts, runs and explains them.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tilewright_base::number::print_bytes;
use tilewright_base::{Code, Diagnostic, Fault, Severity, SourceMap, fault, render};
use tilewright_ir::outline::{Outline, outline};
use tilewright_ir::{Machine, Program};
use tilewright_lower::{Arguments, Sources};
use tilewright_ops::Precision;
use tilewright_opt::fuse::{Effort, fuse_with_effort};
use tilewright_opt::optimise::Verify;
use tilewright_opt::{Estimator, Fired, Fusion, Optimised, choose_forms, choose_operators};
use tilewright_plan::print::Shown;
use tilewright_plan::{Plan, Recompile};
use tilewright_runtime::output::StreamOutput;
use tilewright_runtime::{Activity, Config, Interpreter, Mode, Stats};
use tilewright_value::{OutOfMemory, Value};

use crate::compiler::LibraryCompiler;
use crate::inputs::Files;
use crate::library::Library;

/// How scripts are compiled and run.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The arguments of the script, by name.
    pub arguments: Arguments,
    /// How operators are executed.
    pub mode: Mode,
    /// Threads; as many as there are cores if absent.
    pub threads: Option<usize>,
    /// The seed of random operators that name none.
    pub seed: Option<u64>,
    /// How exactly products of dense matrices are computed.
    pub precision: Precision,
    /// The memory budget in bytes.
    pub memory: Option<f64>,
    /// The machine that costs are estimated for; a nominal one unless given.
    pub machine: Machine,
    /// Rules that are switched off; `all` for every one of them.
    pub no_rewrite: BTreeSet<String>,
    /// How the cells of products that are not zero are estimated.
    pub estimator: Estimator,
    /// No more than so many rewrites happen.
    pub fuel: Option<usize>,
    /// How operators are grouped into pipelines.
    pub fusion: Fusion,
    /// Note how each rewrite changed its expression.
    pub trace_rewrites: bool,
    /// A folder of scripts in place of the library in the binary.
    pub library: Option<PathBuf>,
    /// Warn of what the reference does not accept.
    pub portable: bool,
    /// Set by the user to end a run before its next instruction.
    pub interrupt: Option<&'static AtomicBool>,
    /// Where a run notes which loops it is in.
    pub activity: Option<&'static Activity>,
}

/// Wall time of the phases of compilation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Text to syntax tree.
    pub parse: Duration,
    /// Syntax tree to IR, library scripts included.
    pub lower: Duration,
    /// Facts, rewrites, forms of products.
    pub optimise: Duration,
    /// IR to plan.
    pub plan: Duration,
}

/// What choosing the pipelines of a DAG took.
#[derive(Debug, Clone)]
pub struct Planning {
    /// The searches, one for each set of operators that could stand in one pipeline.
    pub efforts: Vec<Effort>,
    /// Wall time.
    pub time: Duration,
}

/// A compiled script.
pub struct Compiled {
    /// The IR as it was written.
    lowered: Program,
    plan: Plan,
    /// Warnings, in order.
    pub warnings: Vec<Diagnostic>,
    /// What the rules did.
    pub fired: Fired,
    /// What they did in the runs so far.
    while_running: Mutex<Fired>,
    /// What compilation took.
    pub timings: Timings,
}

impl Compiled {
    /// What the rules did while the script was running, to pieces whose sizes only the runs so far have told.
    pub fn fired_while_running(&self) -> Fired {
        self.while_running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The names of the results of the main function.
    pub(crate) fn results(&self) -> impl Iterator<Item = &str> {
        let main = self.plan.program.function(Program::MAIN);
        main.results.iter().map(|id| main.name_of(*id))
    }
}

/// What `explain` shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The syntax tree, as canonical DML.
    Ast,
    /// The IR as written, with facts.
    Facts,
    /// The IR after rewriting.
    Rewritten,
    /// The instructions.
    Plan,
    /// The instructions that a run came to, with the sizes that were known then.
    Runtime,
}

/// Compiles and runs scripts.
pub struct Session {
    pub(crate) options: Options,
    pub(crate) sources: SourceMap,
}

impl Session {
    /// A session.
    pub fn new(options: Options) -> Session {
        Session { options, sources: SourceMap::default() }
    }

    /// A diagnostic as text.
    pub fn render(&self, diagnostic: &Diagnostic, colour: bool) -> String {
        render::render(diagnostic, &self.sources, colour)
    }

    /// The sources that spans of this session speak of.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Compiles a script; `name` is shown in diagnostics and is where sourced files are looked for.
    ///
    /// # Errors
    /// All that is wrong with it, as far as it can be known before running.
    pub fn compile(&mut self, name: &str, text: &str) -> Result<Compiled, Vec<Diagnostic>> {
        guarded(|| self.compile_parts(name, text)).unwrap_or_else(|fault| Err(vec![fault.nowhere()]))
    }

    pub(crate) fn library(&self) -> Library {
        Library { folder: self.options.library.clone() }
    }

    fn compile_parts(&mut self, name: &str, text: &str) -> Result<Compiled, Vec<Diagnostic>> {
        let mut timings = Timings::default();
        let mut clock = Instant::now();
        let mut lap = move || std::mem::replace(&mut clock, Instant::now()).elapsed();
        let file = self.sources.add(name, text);
        let (script, mut warnings) = tilewright_syntax::parse(file, text);
        timings.parse = lap();
        if warnings.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(warnings);
        }
        let library = self.library();
        if self.options.portable {
            let is_library = |name: &str| library.library(name).is_some();
            warnings.extend(tilewright_syntax::portable::beyond(&script, &is_library));
        }
        let lowered = tilewright_lower::lower(&self.sources, file, script, &library, &self.options.arguments);
        let lowered = after(&mut warnings, lowered)?;
        timings.lower = lap();
        self.plan(lowered, warnings, timings)
    }

    /// The rest of compilation, from the IR on.
    ///
    /// # Errors
    /// What is known to fail, after the warnings so far.
    pub(crate) fn plan(
        &self,
        lowered: Program,
        mut warnings: Vec<Diagnostic>,
        mut timings: Timings,
    ) -> Result<Compiled, Vec<Diagnostic>> {
        let clock = Instant::now();
        let optimised = tilewright_opt::optimise(&lowered, &Files, &self.rewriting());
        let optimised = optimised.map(|Optimised { program, diagnostics, fired, as_written }| {
            ((program, fired, as_written), diagnostics)
        });
        let (program, fired, as_written) = after(&mut warnings, optimised)?;
        timings.optimise = clock.elapsed();
        let clock = Instant::now();
        let plan = emit(program, &self.rewriting(), as_written);
        timings.plan = clock.elapsed();
        let while_running = Mutex::default();
        Ok(Compiled { lowered, plan, warnings, fired, while_running, timings })
    }

    fn rewriting(&self) -> tilewright_opt::Options {
        let as_written = self.options.mode == Mode::Oracle || self.options.no_rewrite.contains("all");
        let Options { no_rewrite, fuel, trace_rewrites: trace, estimator, fusion, .. } = &self.options;
        let (disabled, fuel, trace, estimator) = (no_rewrite.clone(), *fuel, *trace, *estimator);
        let (fusion, machine) = (*fusion, Machine::default());
        let verify = Verify::default();
        tilewright_opt::Options { disabled, as_written, fuel, fusion, trace, estimator, machine, verify }
    }

    /// Runs a compiled script; prints go to `stream`. Returns how it ended, the stream and the warnings.
    pub fn run<W: Write + Send>(
        &self,
        compiled: &Compiled,
        stream: W,
    ) -> (Result<(), Diagnostic>, W, Vec<Diagnostic>) {
        self.run_with(compiled, stream, None)
    }

    /// As [`Session::run`], counting what operators take.
    pub fn run_with<W: Write + Send>(
        &self,
        compiled: &Compiled,
        stream: W,
        stats: Option<&Stats>,
    ) -> (Result<(), Diagnostic>, W, Vec<Diagnostic>) {
        let (done, stream, warnings) = self.execute(compiled, Vec::new(), stream, stats);
        (done.map(|_| ()), stream, warnings)
    }

    /// Runs a compiled program on the arguments of its main function; with the values of its results.
    pub(crate) fn execute<W: Write + Send>(
        &self,
        compiled: &Compiled,
        args: Vec<Value>,
        stream: W,
        stats: Option<&Stats>,
    ) -> (Result<Vec<Option<Value>>, Diagnostic>, W, Vec<Diagnostic>) {
        let output = StreamOutput::new(stream);
        let Options { mode, seed, precision, memory, interrupt, activity, .. } = self.options;
        let config = Config { mode, seed, precision, memory, interrupt, activity };
        let (library, arguments) = (self.library(), &self.options.arguments);
        let mut rewriting = self.rewriting();
        rewriting.fuel = rewriting.fuel.map(|fuel| fuel.saturating_sub(compiled.fired.len()));
        let compiler = LibraryCompiler::new(&self.sources, &library, arguments, rewriting);
        let run = || {
            let interpreter = Interpreter::new(&compiled.plan, config, &output, stats, &compiler);
            guarded(|| interpreter.run(args)).unwrap_or_else(|fault| Err(fault.nowhere()))
        };
        let done = match self.options.threads {
            None => run(),
            Some(threads) => match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
                Ok(pool) => pool.install(run),
                Err(error) => {
                    Err(Fault::new(Code::Value, format!("{threads} threads cannot be started: {error}"))
                        .nowhere())
                }
            },
        };
        let fired = compiler.into_fired();
        compiled.while_running.lock().unwrap_or_else(PoisonError::into_inner).append(fired);
        let (stream, warnings) = output.into_parts();
        (done, stream, warnings)
    }

    /// What the compiler made of a script.
    ///
    /// # Errors
    /// As [`Session::compile`].
    pub fn explain(&mut self, name: &str, text: &str, level: Level) -> Result<String, Vec<Diagnostic>> {
        if level == Level::Ast {
            let file = self.sources.add(name, text);
            let (script, diagnostics) = tilewright_syntax::parse(file, text);
            let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
            return if failed { Err(diagnostics) } else { Ok(tilewright_syntax::print(&script)) };
        }
        let compiled = self.compile(name, text)?;
        if level == Level::Runtime {
            self.run(&compiled, std::io::sink()).0.map_err(|error| vec![error])?;
        }
        self.explained(compiled, level)
    }

    fn printed(&self, plan: &Plan, shown: Shown) -> String {
        tilewright_plan::print::print(plan, &self.sources, shown, &self.machine())
    }

    /// The machine with the threads that may be used.
    pub fn machine(&self) -> Machine {
        let machine = &self.options.machine;
        self.options.threads.map_or_else(|| machine.clone(), |threads| machine.limited(threads))
    }

    /// What the compiler made of a program, as data.
    ///
    /// # Errors
    /// As [`Session::compile`]; of a level that is no program.
    pub fn outline(&mut self, name: &str, text: &str, level: Level) -> Result<Outline, Vec<Diagnostic>> {
        let compiled = self.compile(name, text)?;
        Ok(match level {
            Level::Ast | Level::Rewritten => outline(&self.rewritten(&compiled), &self.sources),
            Level::Facts => outline(&as_written(compiled.lowered)?, &self.sources),
            Level::Plan | Level::Runtime => {
                tilewright_plan::outline::outline(&compiled.plan, &self.sources, &self.machine())
            }
        })
    }

    /// What choosing pipelines takes, for each DAG of a compiled program that is known before running.
    pub fn fusion(&self, compiled: &Compiled) -> Vec<Planning> {
        let mut program = Program::clone(&compiled.plan.program);
        let mut plannings = Vec::new();
        let rewriting = self.rewriting();
        program.visit_dags_mut(&mut |dag| {
            choose_operators(dag, &rewriting);
            let clock = Instant::now();
            let efforts = fuse_with_effort(dag, &rewriting);
            plannings.push(Planning { efforts, time: clock.elapsed() });
        });
        plannings
    }

    fn rewritten(&self, compiled: &Compiled) -> Program {
        let mut program = Program::clone(&compiled.plan.program);
        program.visit_dags_mut(&mut |dag| choose_operators(dag, &self.rewriting()));
        program
    }

    /// What the compiler made of a program.
    ///
    /// # Errors
    /// What is known to fail before rewriting.
    pub(crate) fn explained(&self, compiled: Compiled, level: Level) -> Result<String, Vec<Diagnostic>> {
        Ok(match level {
            Level::Ast | Level::Rewritten => {
                tilewright_ir::print::print(&self.rewritten(&compiled), &self.sources)
            }
            Level::Facts => tilewright_ir::print::print(&as_written(compiled.lowered)?, &self.sources),
            Level::Plan => self.printed(&compiled.plan, Shown::BeforeRunning),
            Level::Runtime => self.printed(&compiled.plan, Shown::AsRun),
        })
    }
}

/// A program as it was written, with facts.
fn as_written(lowered: Program) -> Result<Program, Vec<Diagnostic>> {
    let options = tilewright_opt::Options { as_written: true, ..tilewright_opt::Options::default() };
    Ok(tilewright_opt::optimise(&lowered, &Files, &options)?.program)
}

/// The plan of an optimised program, or of one as it was written.
pub(crate) fn emit(program: Program, options: &tilewright_opt::Options, as_written: bool) -> Plan {
    let recompile = if as_written { Recompile::Nothing } else { Recompile::Unknown };
    tilewright_plan::emit(Arc::new(program), &|dag| choose_forms(dag, options), recompile)
}

/// What a phase made, with its warnings after the earlier ones; its errors after them as well.
///
/// # Errors
/// All found so far, when the phase failed.
pub(crate) fn after<T>(
    warnings: &mut Vec<Diagnostic>,
    phase: Result<(T, Vec<Diagnostic>), Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    match phase {
        Ok((made, found)) => {
            warnings.extend(found);
            Ok(made)
        }
        Err(found) => Err(std::mem::take(warnings).into_iter().chain(found).collect()),
    }
}

/// Runs a part of the compiler or the interpreter; a defect of ours becomes an error instead of an abort.
pub(crate) fn guarded<T>(f: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|panic| {
        if let Some(OutOfMemory { bytes }) = panic.downcast_ref() {
            let bytes = print_bytes(*bytes as f64);
            return fault!(Memory, "the system has no memory for a matrix of {bytes}"; hint: "`--memory SIZE` sets a budget, so that the operator is named");
        }
        let text =
            panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Fault::new(Code::Internal, format!("Tilewright has a defect: {}", text.unwrap_or("an unknown panic")))
            .hint("please report it with the script; `--oracle` or `--no-rewrite all` may get around it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recompilations(script: &str) -> u64 {
        let mut session = Session::new(Options::default());
        let compiled = session.compile("test", script).unwrap_or_else(|errors| panic!("{errors:?}"));
        let stats = Stats::default();
        let (done, ..) = session.run_with(&compiled, std::io::sink(), Some(&stats));
        done.unwrap();
        stats.recompilations().count
    }

    #[test]
    fn batches_of_equal_sizes_share_a_plan() {
        let epoch = "X = rand(rows=1000, cols=4, seed=1)
            b = matrix(0, 4, 1)
            for (i in 1:ceil(nrow(X) / 32)) {
              B = X[((i - 1) * 32 + 1):min(i * 32, nrow(X)), ]
              b = b - 0.1 * (t(B) %*% (B %*% b - 1)) / nrow(B)
            }
            print(sum(b))";
        assert_eq!(recompilations(epoch), 2);
    }

    #[test]
    fn what_is_known_before_running_is_compiled_once() {
        assert_eq!(recompilations("X = rand(rows=10, cols=4, seed=1)\nprint(sum(t(X) %*% X))"), 0);
    }
}
