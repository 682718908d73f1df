//! What a running operator may use besides its inputs.

use std::time::Instant;

use tilewright_base::Fault;
use tilewright_matrix::product::Precision;

/// Seeds, clock, precision and warnings of one running instruction.
#[derive(Debug)]
pub struct Context {
    /// The seed for a random operator that names none.
    pub seed: i64,
    /// When the script started.
    pub started: Instant,
    /// How exactly products of dense matrices are computed.
    pub precision: Precision,
    /// Warnings to be shown with the place of the instruction.
    pub warnings: Vec<Fault>,
}

impl Context {
    /// A context with a seed, in double precision, starting now.
    pub fn new(seed: i64) -> Context {
        Context { seed, started: Instant::now(), precision: Precision::Double, warnings: Vec::new() }
    }
}
