//! `tilewright explain`

use std::process::ExitCode;

use tilewright_base::{Outcome, bail, fault};
use tilewright_engine::{Outline, Session, dot};

use crate::arguments::{ExplainArguments, Shape, Stage};
use crate::{compile, described, report, stdout, words};

/// Shows what the compiler makes of a script.
///
/// # Errors
/// When the command line is wrong or the script cannot be read.
pub fn explain(arguments: &ExplainArguments) -> Outcome<ExitCode> {
    let mut options = compile::options(&arguments.compile, &arguments.script)?;
    options.machine = described::machine()?;
    let script = words::script(arguments.script.path())?;
    let mut session = Session::new(options);
    let (level, (name, text)) = (arguments.level.into(), (&script.name, &script.text));
    let shown = match arguments.format {
        Shape::Text => session.explain(name, text, level),
        shape => {
            check_level(arguments.level)?;
            match session.outline(name, text, level) {
                Ok(outline) if shape == Shape::Dot => Ok(dot(&outline)),
                Ok(outline) => Ok(json(&outline)?),
                Err(found) => Err(found),
            }
        }
    };
    match shown {
        Ok(text) => Ok(stdout::print(&text)),
        Err(found) => {
            let failure = format!("could not explain {}", script.name);
            Ok(report::diagnostics(&session, &found, &failure, arguments.compile.quiet))
        }
    }
}

fn check_level(level: Stage) -> Outcome<()> {
    match level {
        Stage::Facts | Stage::Rewritten | Stage::Plan => Ok(()),
        Stage::Ast | Stage::Runtime => {
            bail!(Argument, "only the levels facts, rewritten and plan have formats other than text")
        }
    }
}

fn json(outline: &Outline) -> Outcome<String> {
    let text = serde_json::to_string_pretty(outline);
    Ok(text.map_err(|error| fault!(Internal, "an outline is not JSON: {error}"))? + "\n")
}
