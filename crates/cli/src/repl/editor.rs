//! The session on a terminal: a prompt, lines that go on while something is open, a history, completion.
//!
//! rustyline edits the lines: it is small, has no event loop of its own and brings history, completion and input over
//! several lines, which is all that is asked of it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use etcetera::BaseStrategy;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use tilewright_base::{Fault, Outcome, fault};
use tilewright_engine::is_open;

use super::completion::Names;
use super::{Next, Shell, commands};
use crate::interrupt;

const PROMPT: &str = "> ";

/// Talks until the user leaves.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn talk(mut shell: Shell) -> Outcome<ExitCode> {
    let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
    let mut editor: Editor<Assistant, FileHistory> =
        Editor::with_config(config).map_err(|error| unreadable(&error))?;
    editor.set_helper(Some(Assistant { names: Names::new() }));
    let history = history();
    if let Some(path) = &history {
        // The first session has no history.
        let _ = editor.load_history(path);
    }
    shell.print(&format!("tilewright {}; `:help` lists commands\n", env!("CARGO_PKG_VERSION")))?;
    loop {
        if let Some(assistant) = editor.helper_mut() {
            assistant.names.refresh(&shell.interactive);
        }
        interrupt::input_ended();
        let input = match editor.readline(PROMPT) {
            Ok(input) => input,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(unreadable(&error)),
        };
        if let Some(path) = &history {
            // A session without a history is better than none.
            let _ = editor.append_history(path);
        }
        interrupt::input_begins();
        if let Next::Leave = shell.input(&input)? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn unreadable(error: &ReadlineError) -> Fault {
    fault!(File, "cannot read from the terminal: {error}")
}

/// The file of the history, in the user's folder for data.
fn history() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.data_dir().join("tilewright");
    fs::create_dir_all(&folder).ok()?;
    Some(folder.join("history"))
}

/// What the editor asks while a line is written.
struct Assistant {
    names: Names,
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.names.complete(&line[..pos]))
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let input = context.input();
        let is_done = commands::is_command(input) || !is_open(input);
        Ok(if is_done { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Assistant {
    type Hint = String;
}

impl Highlighter for Assistant {}

impl Helper for Assistant {}
