//! Arbitrary bytes for `bodies::matrix_market`.
#![no_main]

#[path = "../../crates/io/tests/bodies/mod.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::matrix_market(bytes));
