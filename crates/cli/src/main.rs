//! The `tilewright` command line.
//!
//! - [`arguments`]: what may be given; [`words`]: the script and its arguments
//! - [`run`], [`check`], [`explain`], [`fmt`], [`new`], [`ops`], [`repl`], [`calibrate`]: one file per command; [`compile`]: what they share
//! - [`stdout`]: what scripts print; [`progress`]: loops that take long; [`json`]: diagnostics for programs; [`report`]: diagnostics and exit codes
//! - [`interrupt`]: Ctrl-C; [`machine`]: the memory budget; [`described`]: the machine of
//!   estimates

mod arguments;
mod calibrate;
mod check;
mod compile;
mod described;
mod explain;
mod fmt;
mod interrupt;
mod json;
mod machine;
mod new;
mod ops;
mod progress;
mod repl;
mod report;
mod run;
mod stdout;
mod words;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use clap_complete::Shell;

use crate::arguments::{Command, CommandLine};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    report::quiet_panics();
    let command = match CommandLine::try_parse() {
        Ok(line) => line.command,
        Err(error) => return usage(&error),
    };
    interrupt::install();
    let done = match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Fmt(arguments) => fmt::fmt(&arguments),
        Command::New(arguments) => new::new(&arguments),
        Command::Ops(arguments) => ops::ops(&arguments),
        Command::Repl(arguments) => repl::repl(&arguments),
        Command::Calibrate(arguments) => calibrate::calibrate(&arguments),
        Command::Completions { shell } => Ok(completions(shell)),
    };
    done.unwrap_or_else(|fault| report::fault(fault, report::USAGE))
}

/// Shows what clap has to say: help and version on standard output, errors on standard error with our hints.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed stream cannot be told that it is closed.
    let _ = error.print();
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    if let Some(hint) = words::hint(&words) {
        report::print_error(&format!("\nhelp: {hint}"));
    }
    ExitCode::from(report::USAGE)
}

fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "tilewright", &mut script);
    stdout::print(&String::from_utf8_lossy(&script))
}
