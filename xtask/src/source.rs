//! What Rust files must look like: they say what they are, do not leave work undone, and give reasons for `unsafe`.
//!
//! Lints of clippy know more of the language; what is here needs none of it and holds without a build.

use crate::exceptions::Exceptions;
use crate::tree::File;

/// Words that may not stand in code. (In pieces, so that this file passes.)
const FORBIDDEN: [(&str, &str); 4] = [
    (concat!("to", "do!"), "is unfinished"),
    (concat!("unimpl", "emented!"), "is unfinished"),
    (concat!("db", "g!("), "is a trace of debugging"),
    (concat!("#[ign", "ore"), "hides a test"),
];

const UNWRAP: &str = concat!(".unw", "rap()");
const UNSAFE: [&str; 3] = [concat!("uns", "afe {"), concat!("uns", "afe fn"), concat!("uns", "afe impl")];

/// How many lines above an unsafe block its reason may stand.
const REASON_WITHIN: usize = 3;

/// Complaints about one Rust file.
pub fn check(file: &File, exceptions: &Exceptions) -> Vec<String> {
    let mut complaints = Vec::new();
    if !file.text.starts_with("//!") {
        complaints.push(format!("{}: must begin with `//!`, saying what it is", file.path));
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let tests_from = tests_from(file, &lines);
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| is_code(line)) {
        let mut complain = |text: String| complaints.push(format!("{}:{}: {text}", file.path, at + 1));
        for (word, why) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            complain(format!("`{word}` {why}"));
        }
        if at < tests_from && line.contains(UNWRAP) {
            complain(format!(
                "`{UNWRAP}` outside tests; `expect(\"invariant: ...\")` says why it cannot fail"
            ));
        }
        if line.contains(UNSAFE[0]) && !has_reason(&lines, at) {
            complain(format!("an unsafe block needs `// SAFETY:` within {REASON_WITHIN} lines above"));
        }
    }
    if has_unsafe(file) && !exceptions.unsafe_code.contains_key(&file.path) {
        complaints.push(format!("{}: unsafe code needs a reason in tidy.toml", file.path));
    }
    complaints
}

/// Whether a file holds unsafe code.
pub fn has_unsafe(file: &File) -> bool {
    file.text.lines().filter(|line| is_code(line)).any(|line| UNSAFE.iter().any(|word| line.contains(word)))
}

fn is_code(line: &str) -> bool {
    !line.trim_start().starts_with("//")
}

/// The line where tests begin; tests stand at the end of a file, or are a file of their own.
fn tests_from(file: &File, lines: &[&str]) -> usize {
    let of_tests = ["/tests/", "/tests.rs", "/testing.rs"].iter().any(|part| file.path.contains(part));
    let first = lines.iter().position(|line| line.trim() == "#[cfg(test)]").unwrap_or(lines.len());
    if of_tests { 0 } else { first }
}

fn has_reason(lines: &[&str], at: usize) -> bool {
    lines[at.saturating_sub(REASON_WITHIN)..=at].iter().any(|line| line.contains("// SAFETY:"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        let unsafe_code = BTreeMap::from([("fast.rs".to_string(), "vectors".to_string())]);
        let exceptions = Exceptions { long: BTreeMap::new(), unsafe_code };
        check(&File { path: path.into(), text: text.into() }, &exceptions)
    }

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(complaints("a.rs", "fn f() {}\n").len(), 1);
        assert!(complaints("a.rs", "//! A.\nfn f() {}\n").is_empty());
    }

    #[test]
    fn forbidden_words_are_found_in_code_only() {
        for (word, _) in FORBIDDEN {
            assert_eq!(complaints("a.rs", &format!("//! A.\n{word}\n")).len(), 1, "{word}");
            assert!(complaints("a.rs", &format!("//! A.\n// {word}\n")).is_empty(), "{word}");
        }
    }

    #[test]
    fn tests_may_unwrap() {
        let line = format!("x{UNWRAP}\n");
        assert_eq!(complaints("a.rs", &format!("//! A.\n{line}")).len(), 1);
        assert!(complaints("a.rs", &format!("//! A.\n#[cfg(test)]\n{line}")).is_empty());
        assert!(complaints("crates/a/tests/b.rs", &format!("//! A.\n{line}")).is_empty());
    }

    #[test]
    fn unsafe_needs_a_reason_and_a_place() {
        let block = format!("let x = {} y }};\n", UNSAFE[0]);
        assert_eq!(complaints("a.rs", &format!("//! A.\n{block}")).len(), 2);
        assert!(complaints("fast.rs", &format!("//! A.\n// SAFETY: y is there.\n{block}")).is_empty());
        assert_eq!(complaints("fast.rs", &format!("//! A.\n{block}")).len(), 1);
    }
}
