//! The generated documents say what the tables say. `UPDATE=1` (`cargo xtask docs`) writes them.

use std::path::Path;

use tilewright_engine::documents;

fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("the document is written");
    }
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(current == text, "docs/{name} is stale; `cargo xtask docs` writes it anew");
}

#[test]
fn operators_are_documented() {
    check("operators.md", &documents::operators());
}

#[test]
fn functions_of_the_language_are_documented() {
    check("builtins.md", &documents::builtins());
}

#[test]
fn rules_are_documented() {
    check("rules.md", &documents::rules());
}

#[test]
fn algorithms_are_documented() {
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).expect("the root");
    let pages = documents::algorithms().unwrap_or_else(|problem| panic!("{problem}"));
    for (name, text) in &pages {
        check(&format!("algorithms/{name}"), text);
    }
    let folder = std::fs::read_dir("docs/algorithms").expect("the pages");
    let is_stale = |name: &String| !pages.iter().any(|(page, _)| page == name);
    let names = folder.map(|entry| entry.expect("a page").file_name().to_string_lossy().into_owned());
    let stale: Vec<String> = names.filter(is_stale).collect();
    assert!(stale.is_empty(), "no function has the pages {stale:?} of docs/algorithms");
}
