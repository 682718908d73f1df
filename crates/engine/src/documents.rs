//! Documents that follow from the tables: `docs/operators.md` from the catalogue, `docs/builtins.md` from the functions
//! that the language has, `docs/rules.md` from the rules.
//!
//! [`algorithms`] makes the pages of `docs/algorithms/` from the comments of the library.
//!
//! Written by `cargo xtask docs`; a test fails when a table has changed and its document has not.

mod algorithms;

use std::fmt::Write;

use tilewright_ops::catalogue::{self, Entry};
use tilewright_ops::natives::GROUPS;
use tilewright_ops::product::Product;
use tilewright_ops::statement::Statement;
use tilewright_opt::rules;
use tilewright_opt::rules::coverage::{self, How};

use crate::manual::{self, Item};

pub use algorithms::algorithms;

/// The sections of the operators: kind, heading, what the kind has in common.
const KINDS: [(&str, &str, &str); 6] = [
    (
        "unary",
        "Unary",
        "Of a matrix, the function of each cell; of a scalar, a scalar. Where zeros are kept, only the stored cells \
         of a sparse matrix are visited.",
    ),
    (
        "binary",
        "Binary",
        "Cell by cell; a scalar, a row vector or a column vector is repeated along the other operand.",
    ),
    ("ternary", "Ternary", "Cell by cell, with operands repeated as for binary operators."),
    ("aggregate", "Aggregates", "Of all cells, of each row, of each column."),
    ("cumulative", "Running aggregates", "The result has the shape of the operand."),
    (
        "function",
        "Functions",
        "Arguments by position or by name; `name=value` shows a default, `[name]` an argument that may be absent.",
    ),
];

/// All operators, as Markdown.
pub fn operators() -> String {
    let mut out = String::from(
        "# Operators\n\nMade from the tables of `crates/ops` by `cargo xtask docs`. How far an operator looks \
         (its locality) decides whether it can work on one panel of rows at a time.\n",
    );
    for (kind, heading, what) in KINDS {
        let entries: Vec<Entry> = catalogue::entries().filter(|entry| entry.kind() == kind).collect();
        let _ = write!(out, "\n## {heading}\n\n{what}\n\n");
        entry_table(&mut out, &entries);
    }
    products(&mut out);
    statements(&mut out);
    aliases(&mut out);
    out
}

/// The functions that the language has by itself, by group, and which of them are here, as Markdown.
pub fn builtins() -> String {
    let (missing, all) = manual::missing();
    let mut out = format!(
        "# Functions of the language\n\nMade from the tables of `crates/ops` by `cargo xtask docs`: the functions that \
         the language has by itself, {all} of them, and whether this build has them ({} it has not). `library` is a \
         script of `lib/`; the other functions of the library are not listed here.\n",
        missing.len()
    );
    let items = manual::items();
    for group in GROUPS {
        let _ = write!(out, "\n## {}\n\n", group.name);
        let rows = group.names().map(|name| builtin(&items, name));
        table(&mut out, &["name", "written", "state", "other names"], rows);
    }
    out
}

fn builtin(items: &[Item], name: &str) -> Vec<String> {
    let found: Vec<&Item> = items.iter().filter(|item| item.name == name).collect();
    let state = match &found[..] {
        [] => "not yet",
        [item, ..] if item.kind == "library" => "library",
        _ => "here",
    };
    let written: Vec<String> = found.iter().map(|item| code(&item.short_signature())).collect();
    let aliases = catalogue::ALIASES.iter().filter(|(_, own)| *own == name).map(|(alias, _)| code(alias));
    vec![code(name), written.join(", "), state.into(), aliases.collect::<Vec<_>>().join(", ")]
}

/// All rewrite rules, as Markdown.
pub fn rules() -> String {
    let mut out = String::from(
        "# Rewrite rules\n\nMade from `crates/opt/src/rules/` by `cargo xtask docs`. Capitals are matrices, small \
         letters scalars. What may differ between the two sides: nothing (`exact`), the last digits (`rounding`), or \
         the last digits and what NaN and infinities do (`ignores-nan`). The guard `cheaper` holds where the right side \
         costs no more than what the left side computes for nobody else. `--no-rewrite NAME` switches a rule off, \
         `--no-rewrite all` every one; `--trace rewrites` shows what they do, `--fuel N` stops after the first N.\n\n",
    );
    table(&mut out, &["name", "rule", "may differ", "holds for"], rules::all().map(rule_row));
    out.push_str(
        "\n# What is covered\n\nWhat optimisers of linear algebra are known to simplify, by the numbers of the static and \
         dynamic simplifications of Apache SystemDS, and where it is done here.\n",
    );
    for (title, entries) in coverage::TABLES {
        let _ = write!(out, "\n## {title}\n\n");
        let row =
            |entry: &coverage::Entry| vec![entry.name.into(), entry.algebra.into(), accounted(entry.how)];
        table(&mut out, &["", "what is equal", "how"], entries.iter().map(row));
    }
    out
}

fn rule_row(rule: &rules::Rule) -> Vec<String> {
    let guard = |guard: &tilewright_opt::guards::Guard| format!("{}({})", guard.name, guard.on.join(", "));
    let guards: Vec<String> = rule.guards.iter().map(guard).map(|text| code(&text)).collect();
    let text = match rule.body {
        rules::Body::Sentence => code(rule.text),
        rules::Body::Code { does, .. } => format!("{does} For example {}", code(rule.text)),
    };
    vec![code(rule.name), text, rule.class.word().into(), guards.join(", ")]
}

fn accounted(how: How) -> String {
    let names: Vec<String> = how.rules().iter().map(|name| code(name)).collect();
    let names = names.join(", ");
    match how {
        How::Rules(_) => names,
        How::RulesBut(_, note) => format!("{names}; {note}"),
        How::RulesAndPipelines(_) => format!("{names}; the rest by pipelines, which are not built yet"),
        How::Compiler(pass) => pass.into(),
        How::Pipelines => "by pipelines, which are not built yet".into(),
        How::Later => "by a pass that is not built yet".into(),
        How::Rejected(reason) => format!("rejected: {reason}"),
    }
}

fn entry_table(out: &mut String, entries: &[Entry]) {
    let has_zeros = entries.iter().any(|entry| !entry.zeros().is_empty());
    let mut headings = vec!["name", "written", "what it computes"];
    headings.extend(has_zeros.then_some("zeros"));
    headings.push("locality");
    let rows = entries.iter().map(|entry| {
        let mut cells = vec![code(entry.name()), code(&entry.signature()), entry.doc().to_string()];
        cells.extend(has_zeros.then(|| entry.zeros().to_string()));
        cells.push(entry.locality().word().into());
        cells
    });
    table(out, &headings, rows);
}

fn products(out: &mut String) {
    out.push_str(
        "\n## Matrix products\n\nA script writes `%*%` and `t`; the compiler chooses the form, so that no transpose \
         is made and a chain reads its matrix once. A zero absorbs: 0 times NaN or infinity is 0.\n\n",
    );
    let rows = Product::ALL.iter().map(|form| vec![code(form.name()), form.locality().word().into()]);
    table(out, &["form", "locality"], rows);
}

fn statements(out: &mut String) {
    out.push_str("\n## Statements\n\nCalled like functions, for their effect.\n\n");
    let rows = Statement::ALL.iter().map(|statement| {
        let name = statement.name();
        vec![code(name), code(&statement.params().signature(name)), statement.doc().into()]
    });
    table(out, &["name", "written", "what it does"], rows);
}

fn aliases(out: &mut String) {
    out.push_str("\n## Other names\n\n");
    let rows = catalogue::ALIASES.iter().map(|(alias, name)| vec![code(alias), code(name)]);
    table(out, &["alias", "operator"], rows);
}

fn table(out: &mut String, headings: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |\n|{}", headings.join(" | "), "---|".repeat(headings.len()));
    for cells in rows {
        let cells: Vec<String> =
            cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', "\\n")).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
