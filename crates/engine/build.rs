//! The library folder is part of the binary: a script that is added there has to lead to a new build.

fn main() {
    println!("cargo:rerun-if-changed=../../lib");
}
