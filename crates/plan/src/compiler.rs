//! Compiling while a program runs.

use std::sync::Arc;

use tilewright_base::Diagnostic;
use tilewright_ir::{Program, VarId};
use tilewright_ops::Facts;
use tilewright_value::Matrix;

use crate::dynamic::{Dynamic, Variant};
use crate::instruction::Plan;

/// Compiles what is known only while a program runs.
pub trait Compiler: Sync {
    /// The plan of a library function, which the first scope of the plan names; none if the library has no such
    /// function. Compiled once.
    ///
    /// # Errors
    /// What is wrong with the script of the function.
    fn library(&self, name: &str) -> Result<Option<Arc<Plan>>, Diagnostic>;

    /// The steps of a piece of a program for the facts of what it asks of its variables; the matrices that variables
    /// hold help to estimate.
    ///
    /// # Errors
    /// A defect of the compiler. As a warning it lets the run go on by the steps for any sizes.
    fn variant(
        &self,
        program: &Program,
        piece: &Dynamic,
        asked: &[Facts],
        matrices: &dyn Fn(VarId) -> Option<Matrix>,
    ) -> Result<Variant, Diagnostic>;
}
