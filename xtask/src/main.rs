//! Cargo commands of the project.
fn main() {}
