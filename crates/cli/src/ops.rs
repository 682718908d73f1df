//! `tilewright ops`: the catalogue of operators, statements and library functions.

use std::fmt::Write;
use std::process::ExitCode;

use tilewright_base::{Outcome, bail, nearest};
use tilewright_engine::manual::{self, Item};
use tilewright_engine::ops::catalogue::{ALIASES, own_name};
use tilewright_engine::ops::natives;

use crate::arguments::OpsArguments;
use crate::stdout;

/// Signatures longer than this are cut in the table.
const WIDTH: usize = 40;

/// Lists the catalogue, or explains one name.
///
/// # Errors
/// When the name is unknown and no documentation speaks of it.
pub fn ops(arguments: &OpsArguments) -> Outcome<ExitCode> {
    let text = match (&arguments.name, &arguments.search) {
        (Some(name), _) => help(name)?,
        (None, Some(word)) => search(word)?,
        (None, None) if arguments.missing => missing(),
        (None, None) => manual::items().iter().map(line).collect(),
    };
    Ok(stdout::print(&text))
}

/// One line of the table.
fn line(item: &Item) -> String {
    let signature = item.short_signature();
    let signature = match signature.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", signature[..end].trim_end()),
        None => signature,
    };
    format!("{:<10}  {signature:<43}  {}\n", item.kind, item.summary())
}

/// All that is known of a name (some names have several forms); of a word that is no name, what speaks of it.
///
/// # Errors
/// When nothing does.
pub fn help(wanted: &str) -> Outcome<String> {
    let name = own_name(wanted);
    let items = manual::items();
    let found: Vec<String> = items.iter().filter(|item| item.name == name).map(describe).collect();
    if !found.is_empty() {
        return Ok(found.join("\n"));
    }
    if let Some(group) = natives::find(name) {
        bail!(Unsupported, "`{name}` is a function of the language that is not in this build yet"; hint: "{}", group.instead);
    }
    let known = items.iter().map(|item| item.name.as_str()).chain(ALIASES.iter().map(|(alias, _)| *alias));
    if let Some(near) = nearest(name, known) {
        bail!(Name, "there is no operator or function `{name}`"; hint: "did you mean `{near}`?");
    }
    match speaking_of(&items, name) {
        None => {
            bail!(Name, "there is no operator or function `{name}`"; hint: "`tilewright ops` lists them all")
        }
        Some(lines) => {
            Ok(format!("There is no operator or function `{name}`; these speak of it:\n\n{lines}"))
        }
    }
}

/// What has a word in its name, signature or documentation.
fn search(word: &str) -> Outcome<String> {
    match speaking_of(&manual::items(), word) {
        Some(lines) => Ok(lines),
        None => {
            bail!(Name, "no operator or function speaks of `{word}`"; hint: "`tilewright ops` lists them all")
        }
    }
}

fn speaking_of(items: &[Item], word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let speaks = |text: &str| text.to_lowercase().contains(&word);
    let found = items.iter().filter(|item| speaks(&item.signature) || speaks(&item.doc));
    Some(found.map(line).collect::<String>()).filter(|lines| !lines.is_empty())
}

fn describe(item: &Item) -> String {
    let mut out = format!("{}\n\n", item.signature);
    for line in item.doc.lines() {
        let _ = writeln!(out, "{}", format!("  {line}").trim_end());
    }
    let aliases: Vec<&str> = item.aliases().collect();
    let also = if aliases.is_empty() { String::new() } else { format!("; also `{}`", aliases.join("`, `")) };
    let _ = write!(out, "\n  Kind: {}{also}\n", item.kind);
    if item.results.len() > 1 {
        let _ = writeln!(out, "  Results: {}", item.results.join(", "));
    }
    if let Some(locality) = item.locality {
        let zeros = if item.zeros.is_empty() { String::new() } else { format!("; zeros: {}", item.zeros) };
        let _ = writeln!(out, "  Locality: {locality}{zeros}");
    }
    if let Some(example) = item.example() {
        let _ = write!(out, "\n  > {}\n", example.input);
        for line in example.output.lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    out
}

fn missing() -> String {
    let (names, all) = manual::missing();
    let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
    format!("{lines}{} of {all} native functions are missing\n", names.len())
}
