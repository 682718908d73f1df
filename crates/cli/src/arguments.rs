//! What may stand on the command line.
//!
//! Options stand before the script; from the script on, every word belongs to the script, also words that look
//! like options. Clap reads the options, [`words`](crate::words) the rest.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use tilewright_engine::ops::Precision;
use tilewright_engine::{Estimator, Fusion, Level, Mode};

use crate::machine;

/// Runs scripts of linear algebra and machine learning (DML): dense or sparse, on all cores.
#[derive(Debug, Parser)]
#[command(name = "tilewright", version, after_help = EXAMPLES, subcommand_required = true, arg_required_else_help = true)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  tilewright run hello.dml                          run a script
  tilewright run train.dml data=X.csv reg=0.1       $data and $reg in the script
  tilewright run --stats --threads 2 train.dml      what took the time, on two cores
  echo 'print(sum(rand(9, 9)))' | tilewright run -  a script from standard input
  tilewright check train.dml                        all errors, without running
  tilewright explain --level plan train.dml         what will be executed
  tilewright fmt *.dml                              one layout for all scripts
  tilewright ops solve                              how an operator is called
  tilewright new classification                     a script to start from
  tilewright repl                                   try statements one by one

Exit codes: 0 done, 1 the script failed, 2 wrong usage.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a script
    #[command(override_usage = "tilewright run [OPTIONS] SCRIPT [NAME=VALUE | VALUE]...", after_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// Report all errors of a script without running it
    #[command(override_usage = "tilewright check [OPTIONS] SCRIPT [NAME=VALUE | VALUE]...", after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Show what the compiler makes of a script
    #[command(override_usage = "tilewright explain [OPTIONS] SCRIPT [NAME=VALUE | VALUE]...", after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// Bring scripts into one layout; comments and meaning stay
    #[command(after_help = FMT_EXAMPLES)]
    Fmt(FmtArguments),
    /// Write a script to start from; without a task, list the tasks
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArguments),
    /// List operators, statements and library functions, or explain one
    #[command(after_help = OPS_EXAMPLES)]
    Ops(OpsArguments),
    /// Run statements as they are typed; an expression alone prints its value
    #[command(override_usage = "tilewright repl [OPTIONS] [NAME=VALUE | VALUE]...", after_help = REPL_EXAMPLES)]
    Repl(ReplArguments),
    /// Measure this machine, so that estimates of time are those of this machine
    #[command(after_help = CALIBRATE_EXAMPLES)]
    Calibrate(CalibrateArguments),
    /// Print a completion script for a shell
    #[command(
        after_help = "Example:\n  tilewright completions bash > ~/.local/share/bash-completion/completions/tilewright"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const RUN_EXAMPLES: &str = "\
Everything after the script belongs to the script: NAME=VALUE is $NAME, bare values are $1, $2, ...

Examples:
  tilewright run train.dml data=X.csv reg=0.1
  tilewright run --seed 7 --memory 8G simulate.dml 1000 out.csv
  tilewright run --oracle train.dml                 the slow definition, to check a result
  tilewright run --no-rewrite sum-of-product train.dml
  tilewright run --trace rewrites --fuel 3 train.dml";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  tilewright explain train.dml data=X.csv
  tilewright explain --level facts train.dml        what is known of every value
  tilewright explain --level plan train.dml         what will be executed, with memory and time
  tilewright explain --format dot train.dml | dot -Tsvg > train.svg";

const FMT_EXAMPLES: &str = "\
Examples:
  tilewright fmt train.dml lib/*.dml                rewrites the files that change
  tilewright fmt --check *.dml                      exit code 1 if a file would change
  tilewright fmt - < train.dml                      to standard output";

const CHECK_EXAMPLES: &str = "\
Examples:
  tilewright check train.dml data=X.csv
  tilewright check --format json train.dml          one JSON object per error or warning, for editors";

const REPL_EXAMPLES: &str = "\
A line that begins with `:` is a command (`:help` lists them), `?name` shows help on a name.
Without a terminal only results are printed.

Examples:
  tilewright repl data=X.csv
  echo 'sum(seq(1, 9))' | tilewright repl";

const CALIBRATE_EXAMPLES: &str = "\
`explain --level plan` and `run --stats` show estimates of time. Without a measurement they are those of a nominal
machine with the cores and caches of this one. Nothing is measured but by this command.

Examples:
  tilewright calibrate                              half a minute; keeps machine.json among the settings
  tilewright calibrate --dry-run --samples          each operator, measured and estimated
  tilewright calibrate --show                       what is in use";

const NEW_EXAMPLES: &str = "\
Examples:
  tilewright new                                    the tasks
  tilewright new classification                     writes classification.dml
  tilewright new regression prices.dml              writes prices.dml
  tilewright new clustering -                       to standard output";

const OPS_EXAMPLES: &str = "\
Examples:
  tilewright ops                                    all of them
  tilewright ops rowSums                            one of them
  tilewright ops --search variance                  what speaks of a word
  tilewright ops --missing                          what the language has and this build has not";

/// `tilewright run`
#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub machine: MachineOptions,
    #[command(flatten)]
    pub compile: CompileOptions,
    /// Report phases, the ten heaviest operators and rewrites on standard error
    #[arg(long)]
    pub stats: bool,
    /// Tell on standard error what the compiler does
    #[arg(long, value_enum, value_name = "WHAT")]
    pub trace: Vec<Trace>,
    #[command(flatten)]
    pub script: ScriptWords,
}

/// What can be told of a compilation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Trace {
    /// Each rewrite: the rule, its place, the expression before and after
    Rewrites,
}

/// Limits of the machine, the seed, and the precision.
#[derive(Debug, Args)]
pub struct MachineOptions {
    /// Threads to use [default: all cores, within the CPU quota]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Memory budget, such as 500M or 8G [default: 80 % of memory, within the container's limit]
    #[arg(long, value_name = "SIZE", value_parser = machine::parse_size)]
    pub memory: Option<f64>,
    /// Seed of random operators that name none [default: from the clock]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Precision in which dense matrices are multiplied; they are doubles in memory
    #[arg(long, value_enum, default_value = "double")]
    pub precision: Digits,
}

/// The precision of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Digits {
    /// 64 bits, about 16 digits
    Double,
    /// 32 bits, about 7 digits, at up to twice the speed
    Single,
}

impl From<Digits> for Precision {
    fn from(digits: Digits) -> Precision {
        match digits {
            Digits::Double => Precision::Double,
            Digits::Single => Precision::Single,
        }
    }
}

/// How the script is compiled.
#[derive(Debug, Args)]
pub struct CompileOptions {
    /// Run the definition of every operator: no rewrites, dense, one thread
    #[arg(long)]
    pub oracle: bool,
    /// Keep every matrix in sparse form; for tests
    #[arg(long, hide = true, conflicts_with = "oracle")]
    pub force_sparse: bool,
    /// Switch a rewrite rule off, or `all`; may be repeated
    #[arg(long, value_name = "NAME|all")]
    pub no_rewrite: Vec<String>,
    /// How cells of products that are not zero are estimated
    #[arg(long, value_name = "NAME", value_parser = estimator(), default_value = Estimator::default().name())]
    pub estimator: Estimator,
    /// How operators are grouped into pipelines: by their cost, as many as can be, or none; `exhaustive` looks at every
    /// choice
    #[arg(long, value_name = "HOW", value_parser = fusion(), default_value = "cost")]
    pub fusion: Fusion,
    /// Run every operator alone: `--fusion none`
    #[arg(long, conflicts_with = "fusion")]
    pub no_fusion: bool,
    /// Let only the first N rewrites happen, to find the one that breaks a script
    #[arg(long, value_name = "N")]
    pub fuel: Option<usize>,
    /// Take library scripts from this folder instead of the binary
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub lib: Option<PathBuf>,
    /// Print no warnings, and show no progress
    #[arg(long)]
    pub quiet: bool,
}

/// An estimator by its name; all of them are listed where the name is none.
fn estimator() -> impl TypedValueParser<Value = Estimator> {
    let named = |method: &Estimator| PossibleValue::new(method.name()).help(method.doc());
    PossibleValuesParser::new(Estimator::ALL.iter().map(named))
        .map(|name| Estimator::named(&name).unwrap_or_default())
}

/// A way to group operators by its name.
fn fusion() -> impl TypedValueParser<Value = Fusion> {
    PossibleValuesParser::new(Fusion::NAMES.map(|(name, _)| name)).map(|chosen| {
        let named = Fusion::NAMES.into_iter().find(|(name, _)| *name == chosen);
        named.map_or(Fusion::default(), |(_, fusion)| fusion)
    })
}

impl CompileOptions {
    /// How operators are executed.
    pub fn mode(&self) -> Mode {
        match (self.oracle, self.force_sparse) {
            (true, _) => Mode::Oracle,
            (_, true) => Mode::ForcedSparse,
            _ => Mode::Fast,
        }
    }
}

/// `tilewright check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// How errors and warnings are told
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Warn of syntax that Apache SystemDS does not accept
    #[arg(long)]
    pub portable: bool,
    #[command(flatten)]
    pub compile: CompileOptions,
    #[command(flatten)]
    pub script: ScriptWords,
}

/// How errors and warnings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, with the lines of the script, on standard error
    Text,
    /// For programs, one JSON object per line, on standard output
    Json,
}

/// `tilewright repl`
#[derive(Debug, Args)]
pub struct ReplArguments {
    #[command(flatten)]
    pub machine: MachineOptions,
    #[command(flatten)]
    pub compile: CompileOptions,
    /// Arguments: `NAME=VALUE` is `$NAME`, bare values are `$1`, `$2`, ...
    #[arg(value_name = "NAME=VALUE | VALUE", trailing_var_arg = true)]
    pub words: Vec<OsString>,
}

/// `tilewright explain`
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// How the program is shown; all but text for the levels facts, rewritten and plan
    #[arg(long, value_enum, default_value = "text")]
    pub format: Shape,
    /// How far the script is compiled
    #[arg(long, value_enum, default_value = "rewritten")]
    pub level: Stage,
    #[command(flatten)]
    pub compile: CompileOptions,
    #[command(flatten)]
    pub script: ScriptWords,
}

/// How a program is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// For people, one line a node
    Text,
    /// For Graphviz, one cluster a block
    Dot,
    /// For programs, one JSON object
    Json,
}

/// The stages that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The syntax tree, as DML
    Ast,
    /// The program as written, with what is known of each value
    Facts,
    /// The program after rewriting
    Rewritten,
    /// The instructions
    Plan,
    /// The instructions that a run came to (what the script prints is not shown)
    Runtime,
}

impl From<Stage> for Level {
    fn from(stage: Stage) -> Level {
        match stage {
            Stage::Ast => Level::Ast,
            Stage::Facts => Level::Facts,
            Stage::Rewritten => Level::Rewritten,
            Stage::Plan => Level::Plan,
            Stage::Runtime => Level::Runtime,
        }
    }
}

/// `tilewright fmt`
#[derive(Debug, Args)]
pub struct FmtArguments {
    /// Change nothing, name the files that would change; exit code 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Scripts (`-` for standard input, which goes to standard output)
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<OsString>,
}

/// `tilewright calibrate`
#[derive(Debug, Args)]
pub struct CalibrateArguments {
    /// Show the description that is in use, measure nothing
    #[arg(long, conflicts_with_all = ["dry_run", "samples"])]
    pub show: bool,
    /// Measure, but keep what was kept before
    #[arg(long)]
    pub dry_run: bool,
    /// List each operator that is measured
    #[arg(long)]
    pub samples: bool,
}

/// `tilewright new`
#[derive(Debug, Args)]
pub struct NewArguments {
    /// What is to be done with data; without it the tasks are listed
    pub task: Option<String>,
    /// The file to write, which must not exist (`-` for standard output) [default: TASK.dml]
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
}

/// `tilewright ops`
#[derive(Debug, Args)]
pub struct OpsArguments {
    /// An operator, statement or library function; of another word, what speaks of it
    pub name: Option<String>,
    /// List what has a word in its name, signature or documentation
    #[arg(long, value_name = "WORD", conflicts_with_all = ["name", "missing"])]
    pub search: Option<String>,
    /// List functions of the language that this build does not have
    #[arg(long, conflicts_with = "name")]
    pub missing: bool,
}

/// The script and the words that belong to it.
#[derive(Debug, Args)]
pub struct ScriptWords {
    /// The script (`-` for standard input), then its arguments
    #[arg(value_name = "SCRIPT", required = true, trailing_var_arg = true, value_hint = ValueHint::FilePath)]
    words: Vec<OsString>,
}

impl ScriptWords {
    /// The script.
    pub fn path(&self) -> &OsStr {
        self.words.first().expect("invariant: clap requires a script")
    }

    /// The words that belong to the script.
    pub fn arguments(&self) -> &[OsString] {
        self.words.get(1..).unwrap_or_default()
    }
}
