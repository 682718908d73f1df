//! The intermediate representation: a program is functions, a function is blocks, a basic block is a DAG.
//!
//! - [`dag`]: nodes and their facts
//! - [`program`]: blocks, functions, variables
//! - [`live`]: sets of variables
//! - [`liveness`]: which variables are read later
//! - [`work`]: bytes and operations of an operator; [`machine`]: the time they take
//! - [`outline`]: programs as data, for other programs; [`dot`]: and for Graphviz
//! - [`print`]: the printed form
//! - [`verify`]: what every pass must keep true

pub mod dag;
pub mod dot;
pub mod live;
pub mod liveness;
pub mod machine;
pub mod outline;
pub mod print;
pub mod program;
pub mod verify;
pub mod work;

pub use dag::{Dag, Node, NodeId, NodeKind, Root};
pub use live::Live;
pub use machine::{Ceilings, Machine, Rates};
pub use program::{Block, Declared, Function, FunctionId, Parallel, Program, Scope, VarId, Variable};
pub use work::{Class, Work};
