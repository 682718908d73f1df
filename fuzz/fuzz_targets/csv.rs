//! Arbitrary bytes for `bodies::csv`.
#![no_main]

#[path = "../../crates/io/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::csv(bytes));
