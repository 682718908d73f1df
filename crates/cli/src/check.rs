//! `tilewright check`

use std::process::ExitCode;

use tilewright_base::{Outcome, Severity, fault};
use tilewright_engine::Session;

use crate::arguments::{CheckArguments, Format};
use crate::{compile, json, report, stdout, words};

/// Reports all that is wrong with a script, as far as it is known without running it.
///
/// # Errors
/// When the command line is wrong or the script cannot be read.
pub fn check(arguments: &CheckArguments) -> Outcome<ExitCode> {
    let mut options = compile::options(&arguments.compile, &arguments.script)?;
    options.portable = arguments.portable;
    let script = words::script(arguments.script.path())?;
    let mut session = Session::new(options);
    let mut found = match session.compile(&script.name, &script.text) {
        Ok(compiled) => compiled.warnings,
        Err(found) => found,
    };
    if arguments.format == Format::Text {
        let failure = format!("{} is not correct", script.name);
        return Ok(report::diagnostics(&session, &found, &failure, arguments.compile.quiet));
    }
    let has_failed = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    found.retain(|diagnostic| !arguments.compile.quiet || diagnostic.severity == Severity::Error);
    let lines = json::lines(&found, session.sources())
        .map_err(|error| fault!(Internal, "a diagnostic is not JSON: {error}"))?;
    let printed = stdout::print(&lines);
    Ok(if has_failed { ExitCode::from(report::FAILED) } else { printed })
}
