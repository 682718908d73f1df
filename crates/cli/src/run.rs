//! `tilewright run`

use std::process::ExitCode;

use tilewright_base::Outcome;
use tilewright_engine::Session;

use crate::arguments::RunArguments;
use crate::{compile, machine, report, words};

/// Runs a script.
///
/// # Errors
/// When the command line is wrong or the script cannot be read.
pub fn run(arguments: &RunArguments) -> Outcome<ExitCode> {
    let mut options = compile::options(&arguments.compile, &arguments.script)?;
    options.threads = arguments.machine.threads.map(usize::from);
    options.seed = arguments.machine.seed;
    options.memory = arguments.machine.memory.or_else(machine::memory_budget);
    let script = words::script(&arguments.script.words[0])?;
    let mut session = Session::new(options);
    let quiet = arguments.compile.quiet;
    let compiled = match session.compile(&script.name, &script.text) {
        Ok(compiled) => compiled,
        Err(diagnostics) => return Ok(report::diagnostics(&session, &diagnostics, &script.name, quiet)),
    };
    report::diagnostics(&session, &compiled.warnings, &script.name, quiet);
    let (done, _, mut diagnostics) = session.run(&compiled, std::io::stdout());
    diagnostics.extend(done.err());
    Ok(report::diagnostics(&session, &diagnostics, &script.name, quiet))
}
