//! What `cargo xtask tidy` checks. The same checks are an ordinary test (`xtask/tests/tidy.rs`).
//!
//! - [`tree`]: the files of the repository
//! - [`edges`]: crates use what `ARCHITECTURE.md` draws, and nothing else
//! - [`text`]: what no file may contain
//! - [`source`]: what Rust files must look like
//! - [`exceptions`]: `tidy.toml`, where exceptions are listed with their reasons

use std::path::Path;

pub mod edges;
pub mod exceptions;
pub mod source;
pub mod text;
pub mod tree;

use exceptions::Exceptions;

/// All complaints about the repository at `root`, in the order of its files.
pub fn tidy(root: &Path) -> Vec<String> {
    let exceptions = match Exceptions::read(root) {
        Ok(exceptions) => exceptions,
        Err(complaint) => return vec![complaint],
    };
    let files = tree::files(root);
    let mut complaints = edges::check(root);
    for file in &files {
        complaints.extend(text::check(file, &exceptions));
        if file.path.ends_with(".rs") {
            complaints.extend(source::check(file, &exceptions));
        }
    }
    complaints.extend(exceptions.stale(&files));
    complaints
}
