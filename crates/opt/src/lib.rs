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
//! While steps are made of a DAG, [`products`] gives matrix products their physical form, and [`choose_solves`] linear
//! systems ([`choose_forms`]). A piece of unknown sizes goes
//! through passes 2, 3, 4, 6 and 7 again when a running program reaches it ([`specialise`]).
//!
//! [`variables`] holds the facts that flow, [`versions`] the functions that calls come to; [`chain`] orders products.
//!
//! The verifier of the IR looks at the program after each pass in debug builds, and once at the end in release builds
//! ([`optimise::Verify`]).

pub mod builder;
pub mod chain;
pub mod choose_solves;
pub mod cost;
pub mod flow;
pub mod fold;
pub mod guards;
pub mod hoist_invariants;
pub mod infallible;
pub mod merge_blocks;
pub mod optimise;
pub mod order_chains;
pub mod pattern;
pub mod products;
pub mod rebuild;
pub mod remove_dead;
pub mod rulebook;
pub mod rules;
pub mod sentence;
pub mod specialise;
pub mod split_blocks;
pub mod steps;
pub mod uses;
pub mod variables;
pub mod vectorise_loops;
pub mod versions;

use std::collections::BTreeSet;

pub use tilewright_matrix::estimate::method::Method as Estimator;

/// What the optimiser may do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Rules that are switched off by name.
    pub disabled: BTreeSet<String>,
    /// Nothing but facts: the plan is the program as written.
    pub as_written: bool,
    /// How the cells of products that are not zero are estimated.
    pub estimator: Estimator,
    /// No more than so many rules fire in the whole program.
    pub fuel: Option<usize>,
    /// Tell how each step changed its expression.
    pub trace: bool,
    /// When the verifier looks at the program.
    pub verify: optimise::Verify,
}

pub use optimise::{Optimised, optimise};
pub use specialise::{Piece, Specialised, specialise};
pub use steps::Fired;

/// Gives the operators of a DAG their physical form.
pub fn choose_forms(dag: &mut tilewright_ir::Dag, options: &Options) {
    products::choose_products(dag, options);
    choose_solves::choose_solves(dag, options);
}
