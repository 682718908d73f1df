//! `tilewright ops`: the catalogue of operators, statements and library functions.

use std::process::ExitCode;

use tilewright_base::{Outcome, bail, nearest};
use tilewright_engine::ops::catalogue::{self, ALIASES, Entry};
use tilewright_engine::ops::statement::Statement;
use tilewright_engine::{NOT_YET, library};

use crate::arguments::OpsArguments;
use crate::stdout;

/// Signatures longer than this are cut in the table.
const WIDTH: usize = 40;

/// What is written with signs of its own or stands outside of expressions: name, form, meaning.
const SYNTAX: &[(&str, &str, &str)] = &[
    ("%*%", "A %*% B", "The matrix product."),
    (
        "[",
        "X[rows, columns]",
        "A part of a matrix, by position or range; each may be left out: `X[2:5, ]`. Also on the left of `=`.",
    ),
    ("ifdef", "x = ifdef($name, default)", "An argument of the script, or a default if it is not given."),
    ("source", "source(\"path\") as name", "The functions of another file, called as `name::function(...)`."),
    ("setwd", "setwd(\"path\")", "The folder in which `source` looks for files."),
];

/// What is told of one name.
struct Item {
    name: String,
    kind: &'static str,
    /// As long as it needs to be; the table cuts it.
    signature: String,
    /// The first line is the summary.
    doc: String,
}

/// Lists the catalogue, or explains one name.
///
/// # Errors
/// When the name is unknown.
pub fn ops(arguments: &OpsArguments) -> Outcome<ExitCode> {
    let text = match &arguments.name {
        Some(name) => help(name)?,
        None if arguments.missing => missing(),
        None => items().iter().map(line).collect(),
    };
    Ok(stdout::print(&text))
}

/// Everything that can be called, in the order of the tables.
fn items() -> Vec<Item> {
    let native = catalogue::entries().map(|entry| operator(&entry));
    let statements = Statement::ALL.into_iter().map(statement);
    let mut library = library::names();
    library.sort();
    let syntax = SYNTAX.iter().map(|(name, form, doc)| Item {
        name: (*name).into(),
        kind: "syntax",
        signature: (*form).into(),
        doc: (*doc).into(),
    });
    native.chain(syntax).chain(statements).chain(library.iter().filter_map(|name| script(name))).collect()
}

fn operator(entry: &Entry) -> Item {
    // The form with two arguments of a unary operator (a logarithm to a base) is the row `<name>_base`.
    let name = entry.name().trim_end_matches("_base");
    let signature = entry.signature().replace(entry.name(), name);
    Item { name: name.into(), kind: entry.kind(), signature, doc: entry.doc().into() }
}

fn statement(statement: Statement) -> Item {
    let name = statement.name();
    Item {
        name: name.into(),
        kind: "statement",
        signature: statement.params().signature(name),
        doc: statement.doc().into(),
    }
}

/// A library function: its head and the comment above it.
fn script(name: &str) -> Option<Item> {
    let text = library::text(name)?;
    let head = text.find(&format!("{name} = function"))?;
    let body = head + text[head..].find('{')?;
    let signature = text[head..body].trim_end().to_string();
    let lines = text[..head].lines().filter_map(|line| line.strip_prefix('#'));
    let doc = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n");
    Some(Item { name: name.into(), kind: "library", signature, doc })
}

/// One line of the table.
fn line(item: &Item) -> String {
    let summary = item.doc.lines().next().unwrap_or_default().trim_end_matches(':');
    let signature = if item.kind == "library" { short_signature(item) } else { item.signature.clone() };
    let signature = match signature.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", signature[..end].trim_end()),
        None => signature,
    };
    format!("{:<10}  {signature:<43}  {summary}\n", item.kind)
}

/// The head of a library function without its types and results: `lm(X, y, icpt=0)`.
fn short_signature(item: &Item) -> String {
    let head = item.signature.rsplit_once("return").map_or(item.signature.as_str(), |(head, _)| head);
    let params = head.split_once('(').map_or("", |(_, rest)| rest.trim_end());
    let params = params.strip_suffix(')').unwrap_or(params);
    let short = params.split(',').map(|param| {
        let (declared, default) =
            param.split_once('=').map_or((param, None), |(name, value)| (name, Some(value)));
        let name = declared.split_whitespace().last().unwrap_or_default();
        default.map_or(name.to_string(), |value| format!("{name}={}", value.trim()))
    });
    format!("{}({})", item.name, short.collect::<Vec<_>>().join(", "))
}

/// All that is known of a name; some names have several forms.
fn help(wanted: &str) -> Outcome<String> {
    let name = ALIASES.iter().find(|(alias, _)| *alias == wanted).map_or(wanted, |(_, name)| name);
    let items = items();
    let found: Vec<String> = items.iter().filter(|item| item.name == name).map(describe).collect();
    if !found.is_empty() {
        return Ok(found.join("\n"));
    }
    if NOT_YET.contains(&name) {
        bail!(Unsupported, "`{name}` is a function of the language that is not in this build yet");
    }
    let known = items.iter().map(|item| item.name.as_str()).chain(ALIASES.iter().map(|(alias, _)| *alias));
    match nearest(name, known) {
        Some(near) => {
            bail!(Name, "there is no operator or function `{name}`"; hint: "did you mean `{near}`?")
        }
        None => {
            bail!(Name, "there is no operator or function `{name}`"; hint: "`tilewright ops` lists them all")
        }
    }
}

fn describe(item: &Item) -> String {
    let aliases: Vec<&str> =
        ALIASES.iter().filter(|(_, name)| *name == item.name).map(|(alias, _)| *alias).collect();
    let also = if aliases.is_empty() { String::new() } else { format!("; also `{}`", aliases.join("`, `")) };
    let doc: String =
        item.doc.lines().map(|line| format!("  {line}").trim_end().to_string() + "\n").collect();
    format!("{}\n\n{doc}\n  Kind: {}{also}\n", item.signature, item.kind)
}

fn missing() -> String {
    let mut names: Vec<&str> = NOT_YET.to_vec();
    names.sort_unstable();
    names.iter().map(|name| format!("{name}\n")).collect()
}
