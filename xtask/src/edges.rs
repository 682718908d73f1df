//! Crates use what `ARCHITECTURE.md` draws, and nothing else.
//!
//! The drawing is a block fenced as `edges`, one crate a line:
//!
//! ```text
//! opt -> base, syntax, value, ops, ir, lower
//! ```
//!
//! Invariant: manifests and drawing say the same, in both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Crates by name, each with the crates it uses.
pub type Edges = BTreeMap<String, BTreeSet<String>>;

const DOCUMENT: &str = "ARCHITECTURE.md";
const PREFIX: &str = "tilewright-";

/// Complaints about edges that are only drawn or only there.
pub fn check(root: &Path) -> Vec<String> {
    disagreements(root).unwrap_or_else(|complaint| vec![complaint])
}

fn disagreements(root: &Path) -> Result<Vec<String>, String> {
    let text =
        std::fs::read_to_string(root.join(DOCUMENT)).map_err(|error| format!("{DOCUMENT}: {error}"))?;
    Ok(compare(&drawn(&text)?, &built(root)?))
}

/// The edges of the drawing.
///
/// # Errors
/// A complaint when there is no drawing or a line of it is not `crate -> a, b`.
pub fn drawn(text: &str) -> Result<Edges, String> {
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| line.trim() != "```edges");
    if lines.next().is_none() {
        return Err(format!("{DOCUMENT}: there is no block fenced as ```edges"));
    }
    let mut edges = Edges::new();
    for (at, line) in lines.take_while(|(_, line)| !line.starts_with("```")) {
        let (name, uses) = match line.split_once("->") {
            Some((name, uses)) => (name.trim(), uses),
            None if line.trim().is_empty() => continue,
            None => {
                return Err(format!("{DOCUMENT}:{}: not an edge: `{line}` (write `crate -> a, b`)", at + 1));
            }
        };
        let uses = uses.split(',').map(str::trim).filter(|name| !name.is_empty()).map(String::from).collect();
        edges.insert(name.to_string(), uses);
    }
    Ok(edges)
}

/// The edges of the manifests.
fn built(root: &Path) -> Result<Edges, String> {
    let folders = std::fs::read_dir(root.join("crates")).map_err(|error| format!("crates: {error}"))?;
    let mut manifests: Vec<_> = folders.flatten().map(|entry| entry.path().join("Cargo.toml")).collect();
    manifests.push(root.join("xtask/Cargo.toml"));
    manifests.iter().filter(|path| path.exists()).map(|path| manifest(path)).collect()
}

/// The name of a crate and the crates of the workspace it uses, in any of its tables of dependencies.
fn manifest(path: &Path) -> Result<(String, BTreeSet<String>), String> {
    let complain = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| complain(&error))?;
    let table: toml::Table = text.parse().map_err(|error| complain(&error))?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let name = name.ok_or_else(|| complain(&"a package needs a name"))?;
    let uses = ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|kind| table.get(kind)?.as_table())
        .flat_map(|dependencies| dependencies.keys())
        .filter_map(|dependency| dependency.strip_prefix(PREFIX))
        .map(String::from);
    Ok((name.strip_prefix(PREFIX).unwrap_or(name).to_string(), uses.collect()))
}

fn compare(drawn: &Edges, built: &Edges) -> Vec<String> {
    let none = BTreeSet::new();
    let names: BTreeSet<&String> = drawn.keys().chain(built.keys()).collect();
    let mut complaints = Vec::new();
    for name in names {
        if !built.contains_key(name) {
            complaints.push(format!("{DOCUMENT}: draws the crate `{name}`, which is not there"));
            continue;
        }
        let (should, does) = (drawn.get(name).unwrap_or(&none), &built[name]);
        let extra = does.difference(should);
        complaints.extend(
            extra.map(|other| format!("crates/{name}: uses `{other}`, which {DOCUMENT} does not draw")),
        );
        let unused = should.difference(does);
        complaints
            .extend(unused.map(|other| format!("{DOCUMENT}: draws `{name} -> {other}`, which is not used")));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_read() {
        let edges =
            drawn("text\n```edges\nbase ->\nsyntax -> base\nir -> base, ops\n```\nother -> x\n").unwrap();
        assert_eq!(edges.len(), 3);
        assert!(edges["base"].is_empty());
        assert!(edges["ir"].contains("ops"));
    }

    #[test]
    fn a_missing_drawing_and_a_wrong_line_are_told() {
        assert!(drawn("nothing").unwrap_err().contains("edges"));
        assert!(drawn("```edges\nbase\n```").unwrap_err().contains(":2:"));
    }

    #[test]
    fn edges_must_agree_in_both_directions() {
        let edges = |text: &str| drawn(&format!("```edges\n{text}\n```")).unwrap();
        let complaints = compare(&edges("a -> b\nb ->\ngone ->"), &edges("a ->\nb -> a"));
        assert_eq!(
            complaints,
            [
                "ARCHITECTURE.md: draws `a -> b`, which is not used",
                "crates/b: uses `a`, which ARCHITECTURE.md does not draw",
                "ARCHITECTURE.md: draws the crate `gone`, which is not there",
            ]
        );
    }
}
