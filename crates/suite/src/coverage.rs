//! Every operator, alias, statement and form of the catalogue occurs in the suite: in a section that runs, and in one
//! whose error names it.

use std::collections::BTreeSet;

use tilewright_engine::library;
use tilewright_engine::ops::catalogue::{ALIASES, Entry, entries};
use tilewright_engine::ops::form::FORMS;
use tilewright_engine::ops::row::Named;
use tilewright_engine::ops::statement::Statement;

use crate::root;
use crate::section::{self, Kind, Section};

/// Words and signs of the grammar that are in no table.
const GRAMMAR: [&str; 21] = [
    "=", "<-", "+=", "-=", "*=", "/=", "if", "else", "for", "in", "while", "parfor", "function", "::", "as",
    "$", ";", "{", "-", "+", "!",
];

/// Signs of more than one character, the longer ones first.
const SIGNS: [&str; 17] =
    ["%*%", "%/%", "%%", "==", "!=", "<=", ">=", "<-", "+=", "-=", "*=", "/=", "&&", "||", "::", "[[", "/*"];

/// A name and how many arguments it is called with, if that matters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    name: String,
    arguments: Option<usize>,
}

fn any(name: &str) -> Use {
    Use { name: name.into(), arguments: None }
}

/// How scripts write an entry: `log_base` is `log` of two arguments, and `min(X)` is not `min(a, b)`.
fn written(entry: Entry) -> Option<Use> {
    let name = entry.name();
    let written = match entry {
        Entry::Binary(op) => op.written(),
        Entry::Function(op) => op.written(),
        _ => name,
    };
    if written != name {
        return Some(Use { name: written.into(), arguments: Some(2) });
    }
    let arguments = match entry {
        Entry::Unary(_) | Entry::Aggregate(..) => Some(1),
        Entry::Binary(_) => Some(2),
        _ => None,
    };
    // `declared type` is no name of a script.
    (!name.contains(' ')).then(|| Use { name: name.into(), arguments })
}

fn all() -> BTreeSet<Use> {
    let words = FORMS.iter().map(|form| any(form.name));
    let statements = Statement::ALL.iter().map(|statement| any(statement.name()));
    let aliases = ALIASES.iter().map(|(alias, _)| any(alias));
    let library = library::names().into_iter().map(|name| any(&name));
    entries().filter_map(written).chain(words).chain(statements).chain(aliases).chain(library).collect()
}

/// The words, numbers and signs of a script; a string is `"`, comments are left out.
fn tokens(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => string(rest, first),
            _ if word(first) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            _ => {
                SIGNS.iter().find(|sign| rest.starts_with(**sign)).map_or(first.len_utf8(), |sign| sign.len())
            }
        };
        let (token, behind) = rest.split_at(length);
        rest = behind;
        match first {
            '#' => {}
            '"' | '\'' => found.push("\""),
            _ if token == "/*" => rest = rest.split_once("*/").map_or("", |(_, behind)| behind),
            _ => found.push(token),
        }
        rest = rest.trim_start();
    }
    found
}

/// The length of the string that a text begins with.
fn string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' => escaped = !escaped,
            c if c == quote && !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

/// The number of arguments of a call whose bracket is the first token.
fn arguments(tokens: &[&str]) -> usize {
    let (mut depth, mut commas, mut length) = (0, 0, 0);
    for token in tokens {
        match *token {
            "(" | "[" | "{" => depth += 1,
            "[[" => depth += 2,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 1 => commas += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        length += 1;
    }
    if length > 1 { commas + 1 } else { 0 }
}

/// What a script uses, with and without the number of arguments.
fn uses(text: &str) -> BTreeSet<Use> {
    let tokens = tokens(text);
    let mut found = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_word = token.starts_with(char::is_alphabetic);
        let called = tokens.get(at + 1) == Some(&"(");
        let ends_operand =
            |token: &&str| token.ends_with(|c: char| c.is_alphanumeric() || ")]\"".contains(c));
        let count = match is_word {
            true => called.then(|| arguments(&tokens[at + 1..])),
            false => Some(if at.checked_sub(1).is_some_and(|at| ends_operand(&tokens[at])) { 2 } else { 1 }),
        };
        // A variable may have the name of a function.
        let name = token.to_string();
        if called || !is_word || is_form(token) || GRAMMAR.contains(token) {
            found.insert(Use { name: name.clone(), arguments: count });
            found.insert(Use { name, arguments: None });
        }
    }
    found
}

/// Whether it is a form, whose errors speak of its parts.
fn is_form(name: &str) -> bool {
    FORMS.iter().any(|form| form.name == name)
}

/// Whether an expectation of an error names it: a word as such, a sign in quotes.
fn is_named(section: &Section, name: &str) -> bool {
    let expected = section.errors.iter().map(|message| &message.part).chain(&section.hints);
    let is_word = name.starts_with(char::is_alphabetic);
    expected.into_iter().any(|text| match is_word {
        true => text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').any(|word| word == name),
        false => text.contains(&format!("`{name}`")),
    })
}

fn sections() -> Vec<Section> {
    let files = section::files(&root().join("tests/suite")).expect("the suite");
    let parse = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).expect("a file of the suite");
        section::parse(file, &text).expect("sections")
    };
    files.iter().flat_map(parse).collect()
}

#[test]
fn everything_occurs_in_a_section_that_runs() {
    let sections = sections();
    let runs =
        sections.iter().filter(|section| matches!(section.kind, Kind::Eval | Kind::Compare | Kind::Alike));
    let found: BTreeSet<Use> = runs.flat_map(|section| uses(&section.text)).collect();
    let grammar = GRAMMAR.iter().map(|sign| any(sign));
    let missing: Vec<Use> = all().into_iter().chain(grammar).filter(|one| !found.contains(one)).collect();
    assert!(missing.is_empty(), "in no section `eval`: {}", shown(&missing));
}

#[test]
fn everything_occurs_in_an_error_that_names_it() {
    let sections = sections();
    let mut found = BTreeSet::new();
    for section in sections.iter().filter(|section| section.kind == Kind::Error) {
        let told = |one: &Use| is_form(&one.name) || is_named(section, &one.name);
        found.extend(uses(&section.text).into_iter().filter(told));
    }
    let aliased = |one: &Use| ALIASES.iter().any(|(alias, _)| *alias == one.name);
    let missing: Vec<Use> = all().into_iter().filter(|one| !aliased(one) && !found.contains(one)).collect();
    assert!(missing.is_empty(), "in no section `error` with an error that names it: {}", shown(&missing));
}

fn shown(missing: &[Use]) -> String {
    let one = |missing: &Use| match missing.arguments {
        Some(count) => format!("{} of {count}", missing.name),
        None => missing.name.clone(),
    };
    missing.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_use_is_told_from_a_variable_a_string_and_a_comment() {
    let found = uses("sum = 3 # rowSums(X)\nx = min(a[1, 2], f(b, c)) - -\"max(y)\" /* prod(2) */ % 2");
    let has = |name: &str, arguments| found.contains(&Use { name: name.into(), arguments });
    assert!(has("min", Some(2)) && has("f", Some(2)) && has("-", Some(1)) && has("-", Some(2)));
    assert!(["sum", "rowSums", "max"].iter().all(|name| !has(name, None)));
}
