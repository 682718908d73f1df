//! Lines that are no statements: `?name` and `:command`.

use std::ffi::OsStr;
use std::fmt::Write;

use tilewright_base::number::print_bytes;
use tilewright_base::{Outcome, bail, nearest};
use tilewright_engine::Level;
use tilewright_engine::ast::Function;
use tilewright_engine::value::Value;

use super::{Next, Shell};
use crate::{ops, words};

/// A command: its name, how it is written, what it does, its function.
type Command = (&'static str, &'static str, &'static str, fn(&mut Shell, &str) -> Outcome<Next>);

const COMMANDS: &[Command] = &[
    (":explain", ":explain STATEMENTS", "the instructions that would be executed", explain),
    (":facts", ":facts STATEMENTS", "what is known of each value before running", facts),
    (":help", ":help", "this list", list),
    (":load", ":load FILE", "run a script; its variables and functions stay", load),
    (":quit", ":quit", "leave (also Ctrl-D)", |_, _| Ok(Next::Leave)),
    (":reset", ":reset", "forget all variables, functions and sourced files", reset),
    (":vars", ":vars", "the variables and functions of the session", variables),
];

/// Whether a line is a command.
pub fn is_command(text: &str) -> bool {
    text.trim_start().starts_with([':', '?'])
}

/// The names of all commands.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, ..)| *name)
}

/// Runs a command; what is wrong with it is told.
///
/// # Errors
/// When nothing can be written.
pub fn run(shell: &mut Shell, text: &str) -> Outcome<Next> {
    let done = match text.strip_prefix('?') {
        Some(name) => help(shell, name.trim()),
        None => command(shell, text),
    };
    done.or_else(|fault| {
        shell.tell(&[fault.nowhere()]);
        Ok(Next::Input)
    })
}

fn command(shell: &mut Shell, text: &str) -> Outcome<Next> {
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match COMMANDS.iter().find(|(known, ..)| *known == name) {
        Some((.., run)) => run(shell, rest.trim()),
        None => match nearest(name, names()) {
            Some(near) => bail!(Name, "there is no command `{name}`"; hint: "did you mean `{near}`?"),
            None => bail!(Name, "there is no command `{name}`"; hint: "`:help` lists them all"),
        },
    }
}

fn help(shell: &mut Shell, name: &str) -> Outcome<Next> {
    if name.is_empty() {
        return list(shell, "");
    }
    let own = shell.interactive.functions().find(|function| function.name.text == name).map(described);
    let text = own.map_or_else(|| ops::help(name), Ok)?;
    shell.print(&text)?;
    Ok(Next::Input)
}

/// The head of a function of the session and the comment above it.
fn described(function: &Function) -> String {
    let names = |params: &[tilewright_engine::ast::Param]| {
        params.iter().map(|param| param.name.text.clone()).collect::<Vec<_>>().join(", ")
    };
    let mut out = format!("{}({})", function.name.text, names(&function.params));
    if !function.results.is_empty() {
        let _ = write!(out, " return ({})", names(&function.results));
    }
    out.push('\n');
    for line in function.doc.lines() {
        let _ = write!(out, "\n  {line}");
    }
    out + if function.doc.is_empty() { "" } else { "\n" }
}

fn list(shell: &mut Shell, _: &str) -> Outcome<Next> {
    let mut out = String::from("?NAME                 help on an operator or function\n");
    for (_, written, doc, _) in COMMANDS {
        let _ = writeln!(out, "{written:<20}  {doc}");
    }
    shell.print(&out)?;
    Ok(Next::Input)
}

fn explain(shell: &mut Shell, text: &str) -> Outcome<Next> {
    explained(shell, text, Level::Plan)
}

fn facts(shell: &mut Shell, text: &str) -> Outcome<Next> {
    explained(shell, text, Level::Facts)
}

fn explained(shell: &mut Shell, text: &str, level: Level) -> Outcome<Next> {
    if text.is_empty() {
        bail!(Argument, "there is nothing to explain"; hint: "write statements or an expression behind it");
    }
    match shell.interactive.explain(text, level) {
        Ok(explained) => shell.print(&explained)?,
        Err(diagnostics) => shell.tell(&diagnostics),
    }
    Ok(Next::Input)
}

fn load(shell: &mut Shell, path: &str) -> Outcome<Next> {
    let path = path.trim_matches(['"', '\'']);
    if path.is_empty() {
        bail!(Argument, "`:load` needs the path of a script");
    }
    let script = words::script(OsStr::new(path))?;
    shell.run(&script.name, &script.text)?;
    Ok(Next::Input)
}

fn reset(shell: &mut Shell, _: &str) -> Outcome<Next> {
    shell.interactive.reset();
    Ok(Next::Input)
}

fn variables(shell: &mut Shell, _: &str) -> Outcome<Next> {
    let session = &shell.interactive;
    let mut rows: Vec<(String, String)> =
        session.variables().map(|(name, value)| (name.to_string(), told(value))).collect();
    rows.extend(session.functions().map(|function| (function.name.text.clone(), "a function".into())));
    rows.extend(session.namespaces().map(|name| (name.to_string(), "a sourced file".into())));
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let text: String = rows.iter().map(|(name, told)| format!("{name:<width$}  {told}\n")).collect();
    shell.print(&text)?;
    Ok(Next::Input)
}

/// The kind and dimensions of a value; the value of a scalar, the size of others.
fn told(value: &Value) -> String {
    let kind = value.describe();
    match value {
        Value::Scalar(scalar) => format!("{kind}, {scalar}"),
        other => format!("{kind}, {}", print_bytes(other.bytes() as f64)),
    }
}
