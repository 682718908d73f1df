//! Runs plans: the interpreter, its files and output, parallel loops, statistics.
//!
//! - [`interpreter`]: steps and instructions
//! - `eval`: calls by a computed name
//! - [`frame`]: the registers of one call
//! - [`iterations`]: the values of loop variables
//! - [`parallel`]: iterations of parallel loops
//! - [`statement`]: print, stop, assert, read, write
//! - [`stats`]: what took the time; [`activity`]: which loops are running

pub mod activity;
mod eval;
pub mod frame;
pub mod interpreter;
pub mod iterations;
pub mod output;
pub mod parallel;
pub mod statement;
pub mod stats;

pub use activity::Activity;
pub use interpreter::{Config, Interpreter, Mode};
pub use output::Output;
pub use stats::{Recompilations, Stats};
