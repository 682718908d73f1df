//! What `run`, `check`, `explain` and `repl` have in common: options of the session.

use std::ffi::OsString;

use tilewright_base::{Outcome, bail, nearest};
use tilewright_engine::{Fusion, Options, rules};

use crate::arguments::{CompileOptions, ScriptWords};
use crate::words;

/// The options of a session.
///
/// # Errors
/// When a rule is unknown, the library is no folder, or the words after the script are wrong.
pub fn options(compile: &CompileOptions, script: &ScriptWords) -> Outcome<Options> {
    session_options(compile, script.arguments())
}

/// The options of a session with the words that are its arguments.
///
/// # Errors
/// As [`options`].
pub fn session_options(compile: &CompileOptions, rest: &[OsString]) -> Outcome<Options> {
    if let Some(hint) = words::foreign_option(rest) {
        bail!(Argument, "{hint}");
    }
    if compile.quiet {
        tilewright_engine::hide_progress();
    }
    compile.no_rewrite.iter().try_for_each(|name| check_rule(name))?;
    if let Some(folder) = compile.lib.as_ref().filter(|folder| !folder.is_dir()) {
        bail!(File, "the library {} is not a folder", folder.display());
    }
    Ok(Options {
        arguments: words::arguments(rest)?,
        mode: compile.mode(),
        no_rewrite: compile.no_rewrite.iter().cloned().collect(),
        estimator: compile.estimator,
        fusion: if compile.no_fusion { Fusion::None } else { compile.fusion },
        fuel: compile.fuel,
        library: compile.lib.clone(),
        ..Options::default()
    })
}

fn check_rule(name: &str) -> Outcome<()> {
    let names = || rules::all().map(|rule| rule.name).chain(rules::PASSES.iter().copied()).chain(["all"]);
    if names().any(|known| known == name) {
        return Ok(());
    }
    match nearest(name, names()) {
        Some(near) => bail!(Name, "there is no rewrite rule `{name}`"; hint: "did you mean `{near}`?"),
        None => {
            bail!(Name, "there is no rewrite rule `{name}`"; hint: "`tilewright run --stats` shows the rules that fired")
        }
    }
}
