//! What goes to standard error, and how the process ends.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use tilewright_base::number::count;
use tilewright_base::{Diagnostic, Fault, Severity};
use tilewright_engine::Session;

/// The script failed.
pub const FAILED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;

/// Prints to standard error; if nobody reads it, nothing can be done.
pub fn print_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints warnings and errors; more than one error ends with their number. Returns how the process ends.
pub fn diagnostics(session: &Session, diagnostics: &[Diagnostic], script: &str, quiet: bool) -> ExitCode {
    let colour = colour();
    let shown = diagnostics.iter().filter(|d| !quiet || d.severity == Severity::Error);
    for diagnostic in shown {
        print_error(&session.render(diagnostic, colour));
    }
    let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
    if errors > 1 {
        print_error(&format!("error: could not run {script}: {}", count(errors, "error")));
    }
    if errors > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
}

/// Prints a fault that has no place in a script.
pub fn fault(fault: Fault, code: u8) -> ExitCode {
    let session = Session::new(tilewright_engine::Options::default());
    print_error(&session.render(&fault.nowhere(), colour()));
    ExitCode::from(code)
}

/// Panics are defects; the engine catches them and reports them as errors, once.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// Whether standard error shows colour: a terminal, and `NO_COLOR` unset or empty.
fn colour() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
