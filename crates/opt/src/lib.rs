//! The optimiser: what is known flows through the program, and each block is rebuilt better.
//!
//! The order of the passes, for each function that is reached:
//! 1. [`flow`]: facts through blocks, branches, loops (to a fixed point) and calls
//! 2. [`rebuild`]: blocks with a known condition lose the other branch; every DAG is built anew from its roots,
//!    folding constants, sharing common subexpressions and applying the [`rules`] at each node
//! 3. [`remove_dead`]: assignments that nobody reads are dropped
//! 4. [`merge_blocks`]: straight-line blocks that follow each other become one
//! 5. [`vectorise_loops`]: loops over cells become operators on ranges
//! 6. [`hoist_invariants`]: what does not change in a loop is computed before it
//! 7. [`order_chains`]: chains of products take the order of least work
//! 8. [`split_blocks`]: what follows operators whose result sizes only the data tell stands in blocks of its own
//!
//! While steps are made of a DAG, [`products`] gives matrix products their physical form. A piece of unknown sizes goes
//! through passes 2, 3 and 7 again when a running program reaches it ([`specialise`]).
//!
//! The passes over the blocks of a function share a [`context`]. [`variables`] holds the facts that flow, [`versions`] the functions that calls come to; [`chain`] orders products.
//!
//! The verifier of the IR runs after each pass in debug builds.

pub mod builder;
pub mod chain;
pub mod context;
pub mod cost;
pub mod flow;
pub mod fold;
pub mod guards;
pub mod hoist_invariants;
pub mod infallible;
pub mod merge_blocks;
pub mod order_chains;
pub mod pattern;
pub mod products;
pub mod rebuild;
pub mod remove_dead;
pub mod rulebook;
pub mod rules;
pub mod sentence;
pub mod split_blocks;
pub mod steps;
pub mod uses;
pub mod variables;
pub mod vectorise_loops;
pub mod versions;

use std::collections::BTreeSet;

use tilewright_base::{Diagnostic, Severity};
use tilewright_ir::{Block, Dag, FunctionId, Live, Machine, Program, VarId, verify};
use tilewright_ops::Facts;

pub use tilewright_matrix::estimate::method::Method as Estimator;

use order_chains::Matrices;

/// What the optimiser may do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rules that are switched off by name.
    pub disabled: BTreeSet<String>,
    /// Nothing but facts: the plan is the program as written.
    pub as_written: bool,
    /// How the cells of products that are not zero are estimated.
    pub estimator: Estimator,
    /// What alternatives are compared for: the nominal machine, so that a script has the same plan everywhere.
    pub machine: Machine,
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
    let (program, diagnostics, mut fired) = rebuild::rebuild(&program, &called, inputs, options);
    if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(diagnostics);
    }
    check(&program, "rebuild", main)?;
    if options.as_written {
        return Ok((program, diagnostics, fired));
    }
    let program = remove_dead::remove_dead(program);
    check(&program, "remove_dead", main)?;
    let program = merge_blocks::merge_blocks(program, options, &mut fired);
    check(&program, "merge_blocks", main)?;
    let program = vectorise_loops::vectorise_loops(program, options, &mut fired);
    check(&program, "vectorise_loops", main)?;
    let program = hoist_invariants::hoist_invariants(program, options, &mut fired);
    check(&program, "hoist_invariants", main)?;
    let mut program = remove_dead::remove_dead(program);
    check(&program, "remove_dead", main)?;
    program.visit_dags_mut(&mut |dag| order_chains::order_chains(dag, &|_| None, options));
    check(&program, "order_chains", main)?;
    let program = split_blocks::split_blocks(program);
    check(&program, "split_blocks", main)?;
    Ok((program, diagnostics, fired))
}

/// A piece of a function with what is known of the variables at its entry; what is known to fail there is left to the
/// run, which comes to it in order.
pub fn specialise(
    (program, function): (&Program, FunctionId),
    blocks: &[Block],
    after: &Live,
    entry: Vec<(VarId, Facts)>,
    matrices: Matrices<'_>,
    options: &Options,
) -> Vec<Block> {
    let mut blocks = rebuild::rebuild_blocks((program, function), blocks, entry, options);
    remove_dead::remove_dead_in(&mut blocks, after);
    let order = &mut |dag: &mut Dag| order_chains::order_chains(dag, matrices, options);
    blocks.iter_mut().for_each(|block| block.visit_dags_mut(order));
    blocks
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
