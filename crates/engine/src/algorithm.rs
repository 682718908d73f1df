//! A library function as its comment tells it: what it does, its source, parameters, results, cost, task and example.
//!
//! The comment above a function of `lib/` has paragraphs, then parts of fixed names. A part begins with its name: some
//! go on on the same line behind a colon (`Source`, `Cost`, `Task`), the others are blocks indented by two
//! (`Parameters`, `Results`, `Example`). [`crate::documents`] makes a page of it.

use crate::library;
use crate::manual::{self, Item};

/// The tasks that functions are for, in the order of the index, with what is meant.
pub const TASKS: [(&str, &str); 21] = [
    ("regression", "a number is predicted"),
    ("classification", "one of several classes is predicted"),
    ("clustering", "rows are grouped without labels"),
    ("reduction", "many columns become few"),
    ("factorisation", "a matrix as a product of two thin ones"),
    ("time series", "values in the order of time"),
    ("survival", "times until an event, some of them cut off"),
    ("networks", "layers of neurons"),
    ("optimisation", "minima of functions, and what to minimise"),
    ("statistics", "what a table is like, and whether it matters"),
    ("evaluation", "how good predictions are"),
    ("search", "the best parameters of an algorithm"),
    ("debugging", "where and why a model is wrong"),
    ("cleaning", "missing, wrong and doubled cells and rows"),
    ("encoding", "categories and scales as numbers"),
    ("sampling", "rows are chosen, split or made"),
    ("weak supervision", "labels from rules of thumb"),
    ("text", "words and sentences"),
    ("graphs", "nodes and edges, as adjacency matrices"),
    ("sets", "values and tables as sets and relations"),
    ("images", "pictures as matrices"),
];

/// What the comment of a library function tells.
pub struct Algorithm {
    /// Name, head and summary.
    pub item: Item,
    /// What it does: Markdown, with formulas as indented blocks.
    pub about: String,
    /// Where it is from; empty if it is from nowhere.
    pub source: String,
    /// A line for each parameter, and lines that go on.
    pub parameters: String,
    /// A line for each result, and lines that go on.
    pub results: String,
    /// Time and memory; empty if there is nothing to say.
    pub cost: String,
    /// One of [`TASKS`].
    pub task: String,
    /// A script that runs at the root of the repository.
    pub example: String,
}

/// The names of the parts, in their order.
const PARTS: [&str; 6] = ["Source", "Parameters", "Results", "Cost", "Task", "Example"];

/// All library functions, by name.
pub fn algorithms() -> Vec<Algorithm> {
    let mut names = library::names();
    names.sort_by_key(|name| name.to_lowercase());
    names.iter().filter_map(|name| Some(of_item(manual::script(name)?))).collect()
}

fn of_item(item: Item) -> Algorithm {
    let part = |name: &str| part(&item.doc, name);
    Algorithm {
        about: about(&item.doc),
        source: part("Source"),
        parameters: part("Parameters"),
        results: part("Results"),
        cost: part("Cost"),
        task: part("Task"),
        example: part("Example"),
        item,
    }
}

/// The name of the part that begins with a line, and the rest of the line.
fn head(line: &str) -> Option<(&'static str, &str)> {
    let begins = |name: &&'static str| {
        let rest = line.strip_prefix(*name)?;
        (rest.is_empty() || rest.starts_with(':')).then(|| (*name, rest.trim_start_matches(':').trim_start()))
    };
    PARTS.iter().find_map(begins)
}

/// The paragraphs before the first part.
fn about(doc: &str) -> String {
    let lines: Vec<&str> = doc.lines().take_while(|line| head(line).is_none()).collect();
    lines.join("\n").trim().to_string()
}

/// A part without its name; blocks lose their indentation.
fn part(doc: &str, name: &str) -> String {
    let mut lines = doc.lines().skip_while(|line| head(line).is_none_or(|(found, _)| found != name));
    let first = lines.next().and_then(head).map_or("", |(_, rest)| rest);
    let rest = lines.take_while(|line| head(line).is_none());
    let lines = std::iter::once(first).chain(rest.map(|line| line.strip_prefix("  ").unwrap_or(line)));
    lines.collect::<Vec<_>>().join("\n").trim_matches('\n').trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_where_the_next_begins() {
        let doc = "Doubles.\n\n  Y = 2 X\n\nSource: nobody,\n  anywhere\n\nParameters\n  X  n x m\n\nResults\n  Y  n x m\n\nTask: sets\n\nExample\n  Y = X\n  if (y)\n    print(Y)";
        assert_eq!(about(doc), "Doubles.\n\n  Y = 2 X");
        assert_eq!(part(doc, "Source"), "nobody,\nanywhere");
        assert_eq!(part(doc, "Parameters"), "X  n x m");
        assert_eq!(part(doc, "Cost"), "");
        assert_eq!(part(doc, "Example"), "Y = X\nif (y)\n  print(Y)");
    }

    #[test]
    fn every_function_of_the_library_is_described() {
        let missing: Vec<String> = algorithms().iter().flat_map(lacks).collect();
        assert!(missing.is_empty(), "{}", missing.join("\n"));
    }

    fn lacks(algorithm: &Algorithm) -> Vec<String> {
        let is_task = TASKS.iter().any(|(task, _)| *task == algorithm.task);
        let parts = [
            ("a summary", !algorithm.about.is_empty()),
            ("Parameters", !algorithm.parameters.is_empty()),
            ("Results", !algorithm.results.is_empty() || !algorithm.item.signature.contains("return")),
            ("a known Task", is_task),
            ("Example", !algorithm.example.is_empty()),
        ];
        let absent = parts.into_iter().filter(|(_, is_there)| !is_there);
        absent.map(|(part, _)| format!("lib/{}.dml lacks {part}", algorithm.item.name)).collect()
    }
}
