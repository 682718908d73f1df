//! An operator lives in one place: the quoted name of a unary operator stands in one source file.

use std::path::{Path, PathBuf};

use tilewright_engine::ops::catalogue::{ALIASES, Entry, entries};
use tilewright_suite::root;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        // What expressions of `map` call by the names of Java are no operators.
        } else if path.extension().is_some_and(|end| end == "rs")
            && !path.ends_with("tests.rs")
            && !path.ends_with("lambda/math.rs")
        {
            found.push(path);
        }
    }
}

/// The text before the tests in the file, without the lines of the list of aliases, which names each alias of an
/// operator and the operator itself.
fn text(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let alias =
        |line: &&str| ALIASES.iter().any(|(other, own)| line.trim() == format!("(\"{other}\", \"{own}\"),"));
    code.lines().filter(|line| !alias(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_name_of_a_unary_operator_stands_in_one_file() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let texts: Vec<(PathBuf, String)> = files.into_iter().map(|path| (path.clone(), text(&path))).collect();
    let mut checked = 0;
    for entry in entries() {
        let name = entry.name();
        // Names with a dot are words of the grammar as well.
        if !matches!(entry, Entry::Unary(_)) || !name.chars().all(char::is_alphabetic) {
            continue;
        }
        let quoted = format!("\"{name}\"");
        // To look a row up by its name is a use of it.
        let lookup = format!("find({quoted})");
        let named = texts.iter().filter(|(_, text)| text.replace(&lookup, "").contains(&quoted));
        let homes: Vec<_> = named.map(|(path, _)| path).collect();
        assert_eq!(homes.len(), 1, "{quoted} stands in {homes:?}");
        checked += 1;
    }
    assert!(checked > 15, "only {checked} unary operators");
}
