//! `tilewright fmt`: scripts in one layout.
//!
//! A file is replaced as a whole or not at all, and only if it changes. A file with errors stays as it is.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use tilewright_base::{FileId, Outcome, bail, fault};
use tilewright_engine::format::{self, is_same};
use tilewright_engine::{Options, Session};

use crate::arguments::FmtArguments;
use crate::words::{self, Script};
use crate::{report, stdout};

/// Formats the files, or with `--check` names those that would change.
///
/// # Errors
/// When a file cannot be read; then none is changed.
pub fn fmt(arguments: &FmtArguments) -> Outcome<ExitCode> {
    let scripts: Vec<Script> =
        arguments.files.iter().map(|path| words::script(path)).collect::<Outcome<_>>()?;
    let mut code = ExitCode::SUCCESS;
    let mut output = String::new();
    for (path, script) in arguments.files.iter().zip(&scripts) {
        let is_done = one(path, script, arguments.check, &mut output).unwrap_or_else(|fault| {
            report::fault(fault, report::FAILED);
            false
        });
        if !is_done {
            code = ExitCode::from(report::FAILED);
        }
    }
    let printed = stdout::print(&output);
    Ok(if printed == ExitCode::SUCCESS { code } else { printed })
}

/// Formats or checks a script; whether all is well with it. What is to be printed is added to `output`.
fn one(path: &OsStr, script: &Script, check: bool, output: &mut String) -> Outcome<bool> {
    let Some(text) = formatted(script)? else { return Ok(false) };
    let changes = text != script.text;
    if check {
        if changes {
            *output += &format!("{}\n", script.name);
        }
        return Ok(!changes);
    }
    if path == "-" {
        *output += &text;
    } else if changes {
        replace(path, &text)?;
    }
    Ok(true)
}

/// The script's text in the one layout; none, after a report, if it has errors.
fn formatted(script: &Script) -> Outcome<Option<String>> {
    let Script { name, text } = script;
    let Ok(formatted) = format::format(FileId(0), text) else {
        let mut session = Session::new(Options::default());
        let errors = session.compile(name, text).err().unwrap_or_default();
        report::diagnostics(&session, &errors, &format!("{name} is not changed"), false);
        return Ok(None);
    };
    if !is_same(text, &formatted) {
        bail!(Internal, "formatting would change what {name} means"; hint: "the file stays as it is; please report this");
    }
    Ok(Some(formatted))
}

/// Replaces the text of a file at once; its permissions stay, and a link still leads to it.
fn replace(path: &OsStr, text: &str) -> Outcome<()> {
    let shown = Path::new(path).display();
    let cannot = |error| fault!(File, "cannot write {shown}: {error}");
    let path = fs::canonicalize(path).map_err(cannot)?;
    let permissions = fs::metadata(&path).map_err(cannot)?.permissions();
    if permissions.readonly() {
        bail!(File, "cannot write {shown}: it is read-only");
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::write(&temporary, text)
        .and_then(|()| fs::set_permissions(&temporary, permissions))
        .and_then(|()| fs::rename(&temporary, &path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(cannot)
}
