//! `tilewright repl`: statements are read, run and remembered; an expression alone prints its value.
//!
//! On a terminal there is a prompt, a history and completion ([`editor`]). Otherwise lines are read as they come and
//! only results are printed, so that a session can be written down and tested; the exit code is 1 if an input failed.
//!
//! - [`commands`]: lines that begin with `:` or `?`
//! - [`editor`], [`completion`]: the terminal

mod commands;
mod completion;
mod editor;

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use tilewright_base::{Diagnostic, Outcome, Severity, fault};
use tilewright_engine::{Interactive, is_open};

use crate::arguments::ReplArguments;
use crate::stdout::{Stdout, cannot_write};
use crate::{compile, described, interrupt, machine, report};

/// The name of inputs in diagnostics.
const NAME: &str = "<input>";

/// Runs a session.
///
/// # Errors
/// When the command line is wrong, standard input is no text or nothing can be written.
pub fn repl(arguments: &ReplArguments) -> Outcome<ExitCode> {
    let mut options = compile::session_options(&arguments.compile, &arguments.words)?;
    options.threads = arguments.machine.threads.map(usize::from);
    options.seed = arguments.machine.seed;
    options.precision = arguments.machine.precision.into();
    options.memory = arguments.machine.memory.or_else(machine::memory_budget);
    options.machine = described::machine()?;
    let is_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    options.interrupt = is_terminal.then_some(interrupt::requested());
    let shell = Shell {
        interactive: Interactive::new(options),
        quiet: arguments.compile.quiet,
        has_failed: false,
        comments: String::new(),
    };
    if is_terminal { editor::talk(shell) } else { follow(shell) }
}

/// Runs the lines of standard input.
fn follow(mut shell: Shell) -> Outcome<ExitCode> {
    let mut input = String::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| fault!(File, "cannot read standard input: {error}"))?;
        if !input.is_empty() {
            input.push('\n');
        }
        input.push_str(&line);
        if commands::is_command(&input) || !is_open(&input) {
            match shell.input(&input)? {
                Next::Leave => return Ok(shell.code()),
                Next::Input => input.clear(),
            }
        }
    }
    shell.input(&input)?;
    Ok(shell.code())
}

/// What comes after an input.
enum Next {
    Input,
    Leave,
}

/// A session and how its outcome is told.
struct Shell {
    interactive: Interactive,
    quiet: bool,
    has_failed: bool,
    /// Comments since the last statement.
    comments: String,
}

impl Shell {
    /// Runs a statement or a command.
    ///
    /// # Errors
    /// When nothing can be written.
    fn input(&mut self, text: &str) -> Outcome<Next> {
        if commands::is_command(text) {
            return commands::run(self, text.trim());
        }
        // A comment belongs to what follows: it may document a function.
        self.comments.push_str(text);
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            self.comments.push('\n');
            return Ok(Next::Input);
        }
        let text = std::mem::take(&mut self.comments);
        self.run(NAME, &text)?;
        Ok(Next::Input)
    }

    /// Runs statements of a named text.
    fn run(&mut self, name: &str, text: &str) -> Outcome<()> {
        let ended = self.interactive.run(name, text, Stdout::new());
        ended.stream.finish().map_err(|error| cannot_write(&error))?;
        self.tell(&ended.diagnostics);
        Ok(())
    }

    /// Shows what is wrong.
    fn tell(&mut self, diagnostics: &[Diagnostic]) {
        self.has_failed |= diagnostics.iter().any(|found| found.severity == Severity::Error);
        report::each(self.interactive.session(), diagnostics, self.quiet);
    }

    /// Prints what a command has to say.
    fn print(&self, text: &str) -> Outcome<()> {
        let mut stdout = Stdout::new();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.finish());
        written.map_err(|error| cannot_write(&error))
    }

    fn code(&self) -> ExitCode {
        ExitCode::from(if self.has_failed { report::FAILED } else { 0 })
    }
}
