//! `docs/algorithms/`: a page for each library function, an index by task, and what the reference has and we have not.

use std::fmt::Write;

use crate::algorithm::{self, Algorithm, TASKS};
use crate::reference_library::{self, NOT_HERE};
use crate::{Interactive, Options};

use super::{code, table};

/// The pages by file name. Examples run in the working directory, which has to be the root of the repository.
///
/// # Errors
/// An example that does not run, with what it says.
pub fn algorithms() -> Result<Vec<(String, String)>, String> {
    let all = algorithm::algorithms();
    let mut pages = vec![("README.md".to_string(), index(&all))];
    for algorithm in &all {
        pages.push((format!("{}.md", algorithm.item.name), page(algorithm)?));
    }
    Ok(pages)
}

fn index(all: &[Algorithm]) -> String {
    let mut out = format!(
        "# Algorithms\n\nMade from the comments of `lib/` by `cargo xtask docs`. Scripts call these {} functions without \
         import, by position or by name; `tilewright ops NAME` shows a page in the terminal, and \
         `tilewright new TASK` writes a script to start from.\n",
        all.len()
    );
    for (task, what) in TASKS {
        let found: Vec<&Algorithm> = all.iter().filter(|algorithm| algorithm.task == task).collect();
        let _ = write!(out, "\n## {}\n\n{}.\n\n", capital(task), capital(what));
        let rows = found.iter().map(|algorithm| {
            let name = &algorithm.item.name;
            vec![format!("[`{name}`]({name}.md)"), summary(&algorithm.about)]
        });
        table(&mut out, &["function", "what it does"], rows);
    }
    coverage(&mut out);
    out
}

fn coverage(out: &mut String) {
    let names = reference_library::names();
    let here = names.iter().filter(|name| reference_library::is_here(name)).count();
    let _ = write!(
        out,
        "\n## What the reference has\n\nApache SystemDS has {} library functions; {here} of them are here, with the same \
         names, parameters, defaults and results.\n\n",
        names.len()
    );
    let rows = names.iter().map(|name| {
        let reason = NOT_HERE.iter().find(|(absent, _)| absent == name).map(|(_, reason)| *reason);
        let state = reason.map_or("here".to_string(), |reason| format!("not here: {reason}"));
        vec![code(name), state]
    });
    table(out, &["function", "state"], rows);
}

fn page(algorithm: &Algorithm) -> Result<String, String> {
    let Algorithm { item, about, source, parameters, results, cost, example, .. } = algorithm;
    let mut out = format!("# {}\n\n{}\n\n```r\n{}\n```\n", item.name, prose(about), item.signature);
    for (heading, entries) in [("Parameters", parameters), ("Results", results)] {
        if !entries.is_empty() {
            let _ = write!(out, "\n## {heading}\n\n");
            table(&mut out, &["name", "what it is"], definitions(entries));
        }
    }
    let printed = printed(&item.name, example)?;
    let _ = write!(out, "\n## Example\n\n```r\n{example}\n{printed}```\n");
    for (heading, text) in [("Cost", cost), ("Source", source)] {
        if !text.is_empty() {
            let _ = write!(out, "\n## {heading}\n\n{}\n", prose(text));
        }
    }
    Ok(out)
}

/// What an example prints, as comments.
fn printed(name: &str, example: &str) -> Result<String, String> {
    let mut session = Interactive::new(Options { seed: Some(1), ..Options::default() });
    let ended = session.run("<example>", example, Vec::new());
    if ended.has_failed() {
        let said: Vec<String> =
            ended.diagnostics.iter().map(|found| session.session().render(found, false)).collect();
        return Err(format!("the example of lib/{name}.dml fails:\n{}", said.join("\n")));
    }
    let text = String::from_utf8_lossy(&ended.stream);
    Ok(text.lines().map(|line| format!("{}\n", format!("#> {line}").trim_end())).collect())
}

/// The first sentence.
fn summary(about: &str) -> String {
    let first = about.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = first.find(". ").map_or(first.len(), |at| at + 1);
    first[..end].trim_end_matches(':').to_string()
}

/// Paragraphs; those that are indented as blocks of code.
fn prose(text: &str) -> String {
    let paragraph = |text: &str| {
        let is_block = text.lines().all(|line| line.starts_with("  "));
        if is_block { format!("```text\n{text}\n```") } else { text.to_string() }
    };
    text.split("\n\n").map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// Entries of a name, two spaces and a text that may go on in indented lines.
fn definitions(entries: &str) -> impl Iterator<Item = Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in entries.lines() {
        match rows.last_mut() {
            Some(row) if line.starts_with(' ') => {
                row[1].push(' ');
                row[1].push_str(line.trim());
            }
            _ => {
                let (name, text) = line.split_once("  ").unwrap_or((line, ""));
                rows.push(vec![code(name.trim()), text.trim().to_string()]);
            }
        }
    }
    rows.into_iter()
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or(String::new(), |first| first.to_uppercase().chain(signs).collect())
}
