//! The text files of the repository.

use std::path::Path;

/// A text file.
pub struct File {
    /// Its path below the root, with `/` between the parts.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// Folders of results, not of sources.
const SKIPPED: [&str; 7] =
    [".git", "target", "bench/results", "fuzz/target", "fuzz/corpus", "fuzz/artifacts", "fuzz/coverage"];

/// All text files below the root but those in folders of results, by path.
pub fn files(root: &Path) -> Vec<File> {
    let mut files = Vec::new();
    collect(root, "", &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
            files.push(File { path, text });
        }
    }
}
