//! The intermediate representation: a program is functions, a function is blocks, a basic block is a DAG.
//!
//! - [`dag`]: nodes and their facts
//! - [`program`]: blocks, functions, variables
//! - [`live`]: sets of variables
//! - [`liveness`]: which variables are read later
//! - [`print`]: the printed form
//! - [`verify`]: what every pass must keep true

pub mod dag;
pub mod live;
pub mod liveness;
pub mod print;
pub mod program;
pub mod verify;

pub use dag::{Dag, Node, NodeId, NodeKind, Root};
pub use live::Live;
pub use program::{Block, Declared, Function, FunctionId, Parallel, Program, Scope, VarId, Variable};
