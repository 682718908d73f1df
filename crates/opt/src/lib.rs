//! The optimiser: what is known flows through the program, and each block is rebuilt better.
//!
//! The order of the passes, for each function that is reached:
//! 1. [`flow`]: facts through blocks, branches, loops (to a fixed point) and calls
//! 2. [`rebuild`]: blocks with a known condition lose the other branch; every DAG is built anew from its roots,
//!    folding constants, sharing common subexpressions and applying the [`rules`] at each node
//! 3. [`remove_dead`]: assignments that nobody reads are dropped
//! 4. [`products`]: matrix products take their physical form
//!
//! [`variables`] holds the facts that flow.
//!
//! The verifier of the IR runs after each pass in debug builds.

pub mod builder;
pub mod cost;
pub mod flow;
pub mod fold;
pub mod guards;
pub mod pattern;
pub mod products;
pub mod rebuild;
pub mod remove_dead;
pub mod rulebook;
pub mod rules;
pub mod sentence;
pub mod steps;
pub mod variables;

use std::collections::BTreeSet;

use tilewright_base::{Diagnostic, Severity};
use tilewright_ir::{Program, verify};

/// What the optimiser may do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rules that are switched off by name.
    pub disabled: BTreeSet<String>,
    /// Nothing but facts: the plan is the program as written.
    pub as_written: bool,
    /// No more than so many rules fire in the whole program.
    pub fuel: Option<usize>,
    /// Tell how each step changed its expression.
    pub trace: bool,
}

pub use steps::Fired;

/// Optimises a program; the facts of its inputs come from [`flow::Inputs`].
///
/// # Errors
/// What is known to fail before running, and a broken invariant as an internal error.
pub fn optimise(
    program: Program,
    inputs: &dyn flow::Inputs,
    options: &Options,
) -> Result<(Program, Vec<Diagnostic>, Fired), Vec<Diagnostic>> {
    let main = program.function(Program::MAIN).span;
    let called = flow::analyse(&program, inputs).called;
    let (program, diagnostics, fired) = rebuild::rebuild(&program, &called, inputs, options);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    check(&program, "rebuild", main)?;
    if options.as_written {
        return Ok((program, diagnostics, fired));
    }
    let program = remove_dead::remove_dead(program);
    check(&program, "remove_dead", main)?;
    let program = products::choose_products(program, options);
    check(&program, "choose_products", main)?;
    Ok((program, diagnostics, fired))
}

fn check(program: &Program, pass: &str, span: tilewright_base::Span) -> Result<(), Vec<Diagnostic>> {
    verify::verify(program).map_err(|what| {
        let message = format!("the pass `{pass}` broke the program: {what}");
        vec![
            Diagnostic::error(tilewright_base::Code::Internal, span, message)
                .hint("this is a defect of Tilewright; `--no-rewrite all` may run the script"),
        ]
    })
}
