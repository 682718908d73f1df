//! What no text file of the repository may contain: lines that end in spaces, paths of one machine, too many lines.

use crate::exceptions::Exceptions;
use crate::tree::File;

/// More lines than this need a reason.
const MOST_LINES: usize = 800;

/// Beginnings of paths that exist on one machine only. (In pieces, so that this file passes.)
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wor", "k/"), concat!("/tm", "p/"), concat!("/hom", "e/"), concat!("/roo", "t/")];

/// Complaints about one file.
pub fn check(file: &File, exceptions: &Exceptions) -> Vec<String> {
    let mut complaints = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let mut complain = |text: String| complaints.push(format!("{}:{}: {text}", file.path, at + 1));
        if line.ends_with([' ', '\t']) {
            complain("the line ends in spaces".into());
        }
        if let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
            complain(format!("`{path}` is a path of one machine"));
        }
    }
    if is_long(file) && !exceptions.long.contains_key(&file.path) {
        complaints.push(format!("{}: more than {MOST_LINES} lines need a reason in tidy.toml", file.path));
    }
    complaints
}

/// Whether a file of code or prose (not data) has too many lines.
pub fn is_long(file: &File) -> bool {
    let written = [".rs", ".dml", ".md", ".py"].iter().any(|end| file.path.ends_with(end));
    written && !file.path.starts_with("docs/operators") && file.text.lines().count() > MOST_LINES
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        let exceptions = Exceptions { long: BTreeMap::new(), unsafe_code: BTreeMap::new() };
        check(&File { path: path.into(), text: text.into() }, &exceptions)
    }

    #[test]
    fn spaces_at_the_end_are_found() {
        assert_eq!(complaints("a.md", "fine\nnot fine \n"), ["a.md:2: the line ends in spaces"]);
    }

    #[test]
    fn machine_paths_are_found() {
        assert_eq!(complaints("a.toml", &format!("x = \"{}y\"\n", MACHINE_PATHS[0])).len(), 1);
    }

    #[test]
    fn long_files_are_found_but_not_long_data() {
        let text = "x\n".repeat(MOST_LINES + 1);
        assert_eq!(complaints("a.rs", &text).len(), 1);
        assert!(complaints("a.csv", &text).is_empty());
    }
}
