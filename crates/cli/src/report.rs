//! What goes to standard error, and how the process ends.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use tilewright_base::number::count;
use tilewright_base::{Diagnostic, Fault, Severity};
use tilewright_engine::{Options, Session};

/// The script failed.
pub const FAILED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;

/// Prints a line to standard error; if nobody reads it, nothing can be done.
pub fn print_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints warnings (unless `quiet`) and errors; more than one error ends with their number and `failure`
/// (`could not run s.dml`). Returns how the process ends.
pub fn diagnostics(session: &Session, diagnostics: &[Diagnostic], failure: &str, quiet: bool) -> ExitCode {
    each(session, diagnostics, quiet);
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    if errors > 1 {
        print_error(&format!("error: {failure}: {}", count(errors, "error")));
    }
    if errors > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

/// Prints warnings (unless `quiet`) and errors.
pub fn each(session: &Session, diagnostics: &[Diagnostic], quiet: bool) {
    let colour = colour();
    for diagnostic in diagnostics.iter().filter(|d| !quiet || d.severity == Severity::Error) {
        print_error(&session.render(diagnostic, colour));
    }
}

/// Prints a fault that has no place in a script.
pub fn fault(fault: Fault, code: u8) -> ExitCode {
    print_error(&Session::new(Options::default()).render(&fault.nowhere(), colour()));
    ExitCode::from(code)
}

/// Panics are defects: the engine catches them and reports them as errors. The panic itself is shown, with where it
/// happened, only to those who ask by `RUST_BACKTRACE`.
pub fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

/// Whether standard error shows colour: a terminal, and `NO_COLOR` unset or empty.
fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
