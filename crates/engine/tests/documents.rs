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
