//! The repository is tidy.

use std::path::Path;

#[test]
fn the_repository_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let complaints = xtask::tidy(root);
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}
