//! The plan: what the runtime executes, in order, over registers.
//!
//! - [`instruction`]: instructions, blocks, functions
//! - [`compiler`]: what a running program asks of the compiler
//! - [`emit`]: from the IR to instructions with lifetimes
//! - [`print`]: the printed form

pub mod compiler;
pub mod emit;
pub mod instruction;
pub mod print;

pub use compiler::Compiler;
pub use emit::emit;
pub use instruction::{Function, Instruction, Kind, Operand, Plan, Register, Step};
