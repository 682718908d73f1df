//! Arbitrary bytes for `bodies::libsvm`.
#![no_main]

#[path = "../../crates/io/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::libsvm(bytes));
