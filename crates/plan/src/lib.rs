//! The plan: what the runtime executes, in order, over registers.
//!
//! - [`instruction`]: instructions, blocks, functions
//! - [`compiler`]: what a running program asks of the compiler
//! - [`dynamic`]: pieces that are compiled again when they are reached
//! - [`emit`]: from the IR to instructions with lifetimes
//! - [`cost`]: the time and memory that steps are estimated to take
//! - [`outline`]: plans as data, for other programs
//! - [`print`]: the printed form

pub mod compiler;
pub mod cost;
pub mod dynamic;
pub mod emit;
pub mod instruction;
pub mod outline;
pub mod print;

pub use compiler::Compiler;
pub use cost::{Cost, Costs};
pub use dynamic::{Dynamic, Found, Variant};
pub use emit::{Choose, Recompile, emit, emit_blocks};
pub use instruction::{Function, Instruction, Kind, Operand, Plan, Register, Step};
