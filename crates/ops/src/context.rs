//! What a running operator may use besides its inputs.

use std::time::Instant;

use tilewright_base::Fault;

/// Seeds, clock and warnings of one running instruction.
#[derive(Debug)]
pub struct Context {
    /// The seed for a random operator that names none.
    pub seed: i64,
    /// When the script started.
    pub started: Instant,
    /// Warnings to be shown with the place of the instruction.
    pub warnings: Vec<Fault>,
}

impl Context {
    /// A context with a seed, starting now.
    pub fn new(seed: i64) -> Context {
        Context { seed, started: Instant::now(), warnings: Vec::new() }
    }
}
