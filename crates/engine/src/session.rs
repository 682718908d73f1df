//! A session compiles scripts, runs and explains them.

use std::collections::BTreeSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tilewright_base::number::print_bytes;
use tilewright_base::{Code, Diagnostic, Fault, Severity, SourceMap, fault, render};
use tilewright_ir::Program;
use tilewright_lower::{Arguments, Sources};
use tilewright_ops::Precision;
use tilewright_opt::Fired;
use tilewright_plan::Plan;
use tilewright_runtime::output::StreamOutput;
use tilewright_runtime::{Config, Interpreter, Mode, Stats};
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
    /// Rules that are switched off; `all` for every one of them.
    pub no_rewrite: BTreeSet<String>,
    /// A folder of scripts in place of the library in the binary.
    pub library: Option<PathBuf>,
    /// Warn of what the reference does not accept.
    pub portable: bool,
    /// Set by the user to end a run before its next instruction.
    pub interrupt: Option<&'static AtomicBool>,
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

/// A compiled script.
pub struct Compiled {
    /// The IR as it was written.
    lowered: Program,
    /// The IR that the plan was made from.
    program: Program,
    plan: Plan,
    /// Warnings, in order.
    pub warnings: Vec<Diagnostic>,
    /// How often each rule fired.
    pub fired: Fired,
    /// What compilation took.
    pub timings: Timings,
}

impl Compiled {
    /// The names of the results of the main function.
    pub(crate) fn results(&self) -> impl Iterator<Item = &str> {
        let main = self.program.function(Program::MAIN);
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
        let optimised = tilewright_opt::optimise(lowered.clone(), &Files, &self.rewriting());
        let optimised = optimised.map(|(program, found, fired)| ((program, fired), found));
        let (program, fired) = after(&mut warnings, optimised)?;
        timings.optimise = clock.elapsed();
        let clock = Instant::now();
        let plan = tilewright_plan::emit(&program);
        timings.plan = clock.elapsed();
        Ok(Compiled { lowered, program, plan, warnings, fired, timings })
    }

    fn rewriting(&self) -> tilewright_opt::Options {
        let as_written = self.options.mode == Mode::Oracle || self.options.no_rewrite.contains("all");
        tilewright_opt::Options { disabled: self.options.no_rewrite.clone(), as_written }
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
        let Options { mode, seed, precision, memory, interrupt, .. } = self.options;
        let config = Config { mode, seed, precision, memory, interrupt };
        let (library, arguments) = (self.library(), &self.options.arguments);
        let compiler = LibraryCompiler::new(&self.sources, &library, arguments, self.rewriting());
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
        self.explained(compiled, level)
    }

    /// What the compiler made of a program.
    ///
    /// # Errors
    /// What is known to fail before rewriting.
    pub(crate) fn explained(&self, compiled: Compiled, level: Level) -> Result<String, Vec<Diagnostic>> {
        Ok(match level {
            Level::Ast | Level::Rewritten => tilewright_ir::print::print(&compiled.program, &self.sources),
            Level::Facts => {
                let options =
                    tilewright_opt::Options { as_written: true, ..tilewright_opt::Options::default() };
                let (program, ..) = tilewright_opt::optimise(compiled.lowered, &Files, &options)?;
                tilewright_ir::print::print(&program, &self.sources)
            }
            Level::Plan => tilewright_plan::print::print(&compiled.plan, &self.sources),
        })
    }
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
