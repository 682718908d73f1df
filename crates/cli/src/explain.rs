//! `tilewright explain`

use std::process::ExitCode;

use tilewright_base::Outcome;
use tilewright_engine::Session;

use crate::arguments::ExplainArguments;
use crate::{compile, report, stdout, words};

/// Shows what the compiler makes of a script.
///
/// # Errors
/// When the command line is wrong or the script cannot be read.
pub fn explain(arguments: &ExplainArguments) -> Outcome<ExitCode> {
    let options = compile::options(&arguments.compile, &arguments.script)?;
    let script = words::script(arguments.script.path())?;
    let mut session = Session::new(options);
    match session.explain(&script.name, &script.text, arguments.level.into()) {
        Ok(text) => Ok(stdout::print(&text)),
        Err(found) => {
            let failure = format!("could not explain {}", script.name);
            Ok(report::diagnostics(&session, &found, &failure, arguments.compile.quiet))
        }
    }
}
