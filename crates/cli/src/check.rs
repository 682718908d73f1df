//! `tilewright check`

use std::process::ExitCode;

use tilewright_base::Outcome;
use tilewright_engine::Session;

use crate::arguments::CheckArguments;
use crate::{compile, report, words};

/// Reports all that is wrong with a script, as far as it is known without running it.
///
/// # Errors
/// When the command line is wrong or the script cannot be read.
pub fn check(arguments: &CheckArguments) -> Outcome<ExitCode> {
    let options = compile::options(&arguments.compile, &arguments.script)?;
    let script = words::script(arguments.script.path())?;
    let mut session = Session::new(options);
    let found = match session.compile(&script.name, &script.text) {
        Ok(compiled) => compiled.warnings,
        Err(found) => found,
    };
    let failure = format!("{} is not correct", script.name);
    Ok(report::diagnostics(&session, &found, &failure, arguments.compile.quiet))
}
