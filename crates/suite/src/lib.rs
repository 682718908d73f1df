//! Script tests: sections of the files below `tests/suite`, run in every mode of execution.
//!
//! A section is a script with its expectations in comments:
//!
//! ```text
//! --- rows-are-summed eval ---
//! print(sum(rowSums(matrix(2, 3, 4))))
//! #> 24
//! ```
//!
//! - [`section`]: the files and their sections
//! - [`run`]: the modes, and what a section must do in each of them
//! - [`lines`]: when printed text is as expected
//! - [`update`]: writes what is printed into the files

#[cfg(test)]
mod coverage;
pub mod lines;
pub mod run;
pub mod section;
pub mod update;

use std::path::{Path, PathBuf};

/// The root of the repository, which paths in scripts are relative to.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
