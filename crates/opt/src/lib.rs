//! The optimiser: what is known flows through the program, and each block is rebuilt better.
//!
//! The order of the passes, for each function that is reached:
//! 1. [`flow`]: facts through blocks, branches, loops (to a fixed point) and calls
//! 2. [`rebuild`]: blocks with a known condition lose the other branch; every DAG is built anew from its roots,
//!    folding constants, sharing common subexpressions and applying the [`rules`] at each node; calls of small functions
//!    give way to their bodies ([`inline_functions`])
//! 3. [`remove_dead`]: assignments that nobody reads are dropped, and calls without effects
//! 4. [`remove_unused_results`]: functions do not compute what no call reads
//! 5. [`merge_blocks`]: straight-line blocks that follow each other become one
//! 6. [`vectorise_loops`]: loops over cells become operators on ranges
//! 7. [`hoist_invariants`]: what does not change in a loop is computed before it
//! 8. [`order_chains`]: chains of products take the order of least work
//! 9. [`split_blocks`]: what follows operators whose result sizes only the data tell stands in blocks of its own
//!
//! While steps are made of a DAG, [`products`] gives matrix products their physical form and [`choose_solves`] linear
//! systems ([`choose_forms`]). A piece of unknown sizes goes through passes 2, 3, 5, 7 and 8 again when a running program
//! reaches it ([`specialise`]).
//!
//! The passes over the blocks of a function share a [`context`]. [`variables`] holds the facts that flow, [`narrow`] adds
//! what conditions say, [`versions`] holds the functions that calls come to; [`silent`] tells which of them have no
//! effects, [`chain`] orders products.
//!
//! The verifier of the IR looks at the program after each pass in debug builds, and once at the end in release builds
//! ([`optimise::Verify`]).

pub mod builder;
pub mod chain;
pub mod choose_solves;
pub mod context;
pub mod cost;
pub mod flow;
pub mod fold;
pub mod fuse;
pub mod guards;
pub mod hoist_invariants;
pub mod infallible;
pub mod inline_functions;
pub mod merge_blocks;
pub mod narrow;
pub mod optimise;
pub mod order_chains;
pub mod pattern;
pub mod products;
pub mod rebuild;
pub mod remove_dead;
pub mod remove_unused_results;
pub mod rulebook;
pub mod rules;
pub mod sentence;
pub mod silent;
pub mod specialise;
pub mod split_blocks;
pub mod steps;
pub mod uses;
pub mod variables;
pub mod vectorise_loops;
pub mod versions;

use std::collections::BTreeSet;

use tilewright_ir::{Dag, Machine};

pub use tilewright_matrix::estimate::method::Method as Estimator;

pub use fuse::Fusion;

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
    /// How operators are grouped into pipelines.
    pub fusion: Fusion,
    /// Tell how each step changed its expression.
    pub trace: bool,
    /// When the verifier looks at the program.
    pub verify: optimise::Verify,
}

pub use optimise::{Optimised, optimise};
pub use specialise::{Piece, Specialised, specialise};
pub use steps::Fired;

/// Gives each operator of a DAG its own physical form: all of [`choose_forms`] but pipelines.
pub fn choose_operators(dag: &mut Dag, options: &Options) {
    products::choose_products(dag, options);
    choose_solves::choose_solves(dag, options);
}

/// Gives the operators of a DAG the form in which they run: products without transposes, systems by their structure,
/// pipelines.
pub fn choose_forms(dag: &mut Dag, options: &Options) {
    choose_operators(dag, options);
    fuse::fuse_pipelines(dag, options);
}
