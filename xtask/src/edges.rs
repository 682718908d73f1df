//! Crates use what `ARCHITECTURE.md` draws, and nothing else.
//!
//! The drawing is a block fenced as `edges`, one crate a line:
//!
//! ```text
//! opt -> base, syntax, value, ops, ir, lower
//! ```
//!
//! Invariant: manifests and drawing say the same, in both directions. Tests may also use what the drawing leads to in
//! several steps.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Names of crates.
type Names = BTreeSet<String>;

/// Crates by name, each with the crates it uses.
pub type Edges = BTreeMap<String, Names>;

/// What a manifest says.
#[derive(Default)]
struct Manifest {
    /// The crates that it uses.
    uses: Names,
    /// The crates that its tests use besides.
    tests_use: Names,
}

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

/// The manifests by the names of their crates.
fn built(root: &Path) -> Result<BTreeMap<String, Manifest>, String> {
    let folders = std::fs::read_dir(root.join("crates")).map_err(|error| format!("crates: {error}"))?;
    let paths = folders.flatten().map(|entry| entry.path().join("Cargo.toml"));
    let paths = paths.chain([root.join("xtask/Cargo.toml")]).filter(|path| path.exists());
    paths.map(|path| manifest(&path).map_err(|error| format!("{}: {error}", path.display()))).collect()
}

fn manifest(path: &Path) -> Result<(String, Manifest), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let name = name.ok_or("a package needs a name")?;
    let of = |kind: &str| {
        let names =
            table.get(kind).and_then(toml::Value::as_table).into_iter().flat_map(|table| table.keys());
        names.filter_map(|name| name.strip_prefix(PREFIX)).map(String::from).collect::<Names>()
    };
    let uses = of("dependencies").into_iter().chain(of("build-dependencies")).collect();
    Ok((
        name.strip_prefix(PREFIX).unwrap_or(name).into(),
        Manifest { uses, tests_use: of("dev-dependencies") },
    ))
}

fn compare(drawn: &Edges, built: &BTreeMap<String, Manifest>) -> Vec<String> {
    let none = Names::new();
    let gone = drawn.keys().filter(|name| !built.contains_key(*name));
    let mut complaints: Vec<String> =
        gone.map(|name| format!("{DOCUMENT}: draws the crate `{name}`, which is not there")).collect();
    for (name, manifest) in built {
        let should = drawn.get(name).unwrap_or(&none);
        let extra = manifest.uses.difference(should);
        complaints.extend(
            extra.map(|other| format!("crates/{name}: uses `{other}`, which {DOCUMENT} does not draw")),
        );
        let unused = should.difference(&manifest.uses);
        complaints
            .extend(unused.map(|other| format!("{DOCUMENT}: draws `{name} -> {other}`, which is not used")));
        let below = below(drawn, name);
        let sideways = manifest.tests_use.difference(&below);
        complaints.extend(
            sideways.map(|other| format!("crates/{name}: tests use `{other}`, which is not below it")),
        );
    }
    complaints
}

/// Everything that arrows lead to from a crate.
fn below(drawn: &Edges, name: &str) -> Names {
    let mut reached = Names::new();
    let mut next = vec![name];
    while let Some(name) = next.pop() {
        for other in drawn.get(name).into_iter().flatten() {
            if reached.insert(other.clone()) {
                next.push(other);
            }
        }
    }
    reached
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

    fn manifests(lines: &[(&str, &str, &str)]) -> BTreeMap<String, Manifest> {
        let names = |text: &str| text.split_whitespace().map(String::from).collect();
        let manifest = |uses: &str, tests: &str| Manifest { uses: names(uses), tests_use: names(tests) };
        lines.iter().map(|(name, uses, tests)| (name.to_string(), manifest(uses, tests))).collect()
    }

    #[test]
    fn edges_must_agree_in_both_directions() {
        let edges = drawn("```edges\na -> b\nb ->\ngone ->\n```").unwrap();
        let complaints = compare(&edges, &manifests(&[("a", "", ""), ("b", "a", "")]));
        assert_eq!(
            complaints,
            [
                "ARCHITECTURE.md: draws the crate `gone`, which is not there",
                "ARCHITECTURE.md: draws `a -> b`, which is not used",
                "crates/b: uses `a`, which ARCHITECTURE.md does not draw",
            ]
        );
    }

    #[test]
    fn tests_may_use_what_is_further_below() {
        let edges = drawn("```edges\na -> b\nb -> c\nc ->\n```").unwrap();
        assert!(compare(&edges, &manifests(&[("a", "b", "c"), ("b", "c", ""), ("c", "", "")])).is_empty());
        let complaints = compare(&edges, &manifests(&[("a", "b", ""), ("b", "c", ""), ("c", "", "a")]));
        assert_eq!(complaints, ["crates/c: tests use `a`, which is not below it"]);
    }
}
