//! Optimises a piece of a function for the sizes that a running program has come to.
//!
//! 1. [`rebuild`]: facts and rules
//! 2. [`remove_dead`]: what the piece and those after it do not read
//! 3. [`merge_blocks`]: the sides that are left of branches on sizes, with what stands beside them
//! 4. [`hoist_invariants`]: out of the loops of the piece
//! 5. [`order_chains`]: by the matrices that are there
//!
//! Vectorised loops asked for no sizes and are not looked at again: the branch on what had to hold for them is gone
//! after step 1. Steps 3 and 4 take no time where there is nothing for them to do.

use tilewright_base::{Diagnostic, Severity};
use tilewright_ir::{Block, Dag, Function, FunctionId, Live, Program, VarId, Variable, verify};
use tilewright_ops::{Facts, Kind};

use crate::flow::Symbols;
use crate::optimise::{Broken, Verify};
use crate::order_chains::{self, Matrices};
use crate::{Fired, Options, hoist_invariants, merge_blocks, rebuild, remove_dead};

/// A piece of a function, with what is known when it is reached.
#[derive(Clone)]
pub struct Piece<'a> {
    /// The program.
    pub program: &'a Program,
    /// Its function.
    pub function: FunctionId,
    /// The number of the function's variables, with those that pieces around this one have added.
    pub variables: usize,
    /// Its blocks.
    pub blocks: &'a [Block],
    /// The variables that are read after it.
    pub after: &'a Live,
    /// The facts of the variables that it reads; nothing is known of one that has no value.
    pub entry: Vec<(VarId, Facts)>,
    /// The matrices that are there.
    pub matrices: Matrices<'a>,
}

/// A piece for the sizes that are there.
pub struct Specialised {
    /// Its blocks.
    pub blocks: Vec<Block>,
    /// The number of variables, with those that were added.
    pub variables: usize,
    /// What the rules did.
    pub fired: Fired,
}

/// A piece while it goes through the passes.
struct Work<'a> {
    piece: &'a Piece<'a>,
    /// The function's own facts and names, with the blocks of the piece as its body.
    function: Function,
    symbols: Symbols,
    fired: Fired,
}

#[derive(Clone, Copy)]
struct Pass {
    name: &'static str,
    run: fn(&mut Work<'_>, &Options),
}

/// The passes after `rebuild`, in order.
const PASSES: &[Pass] = &[
    Pass { name: "remove_dead", run: remove_unread },
    Pass { name: "merge_blocks", run: merge },
    Pass { name: "hoist_invariants", run: hoist },
    Pass { name: "order_chains", run: order },
];

/// Optimises a piece. What is known to fail there is left to the run, which comes to it in order.
///
/// # Errors
/// A pass that broke it: an error where the verifier looks after each pass, and otherwise a warning, with which the run
/// goes on by the steps for any sizes.
pub fn specialise(piece: &Piece<'_>, options: &Options) -> Result<Specialised, Diagnostic> {
    specialise_by(PASSES, piece, options)
}

fn specialise_by(passes: &[Pass], piece: &Piece<'_>, options: &Options) -> Result<Specialised, Diagnostic> {
    let span = piece.program.function(piece.function).span;
    through(passes, piece, options).map_err(|broken| {
        if options.verify == Verify::EachPass {
            return broken.defect(Severity::Error, span);
        }
        let each = Options { verify: Verify::EachPass, ..options.clone() };
        through(passes, piece, &each).err().unwrap_or(broken).defect(Severity::Warning, span)
    })
}

fn through(passes: &[Pass], piece: &Piece<'_>, options: &Options) -> Result<Specialised, Broken> {
    let (blocks, symbols, fired) = rebuild::rebuild_blocks(piece, options);
    let has_loops = blocks.iter().any(|block| block.loops() > 0);
    let own = piece.program.function(piece.function);
    // Only what is hoisted out of loops asks for names.
    let variables = if has_loops { names(own, piece.variables) } else { Vec::new() };
    let function = Function { variables, ..own.with_nothing(blocks) };
    let mut work = Work { piece, function, symbols, fired };
    let verify_each = options.verify == Verify::EachPass;
    if verify_each {
        work.check(Some("rebuild"))?;
    }
    for pass in passes {
        (pass.run)(&mut work, options);
        if verify_each {
            work.check(Some(pass.name))?;
        }
    }
    if !verify_each {
        work.check(None)?;
    }
    Ok(Specialised { variables: work.variables(), blocks: work.function.body, fired: work.fired })
}

fn names(function: &Function, count: usize) -> Vec<Variable> {
    let added = (function.variables.len()..count).map(|at| Variable { name: format!("%added{at}") });
    function.variables.iter().cloned().chain(added).collect()
}

impl Work<'_> {
    fn variables(&self) -> usize {
        self.function.variables.len().max(self.piece.variables)
    }

    fn check(&self, pass: Option<&'static str>) -> Result<(), Broken> {
        let broken = |what| Broken { pass, what };
        verify::verify_blocks(&self.function.body, self.variables(), self.piece.program).map_err(broken)
    }
}

fn remove_unread(work: &mut Work<'_>, _: &Options) {
    remove_dead::remove_dead_in(&mut work.function.body, work.piece.after);
}

fn merge(work: &mut Work<'_>, options: &Options) {
    merge_blocks::merge_in(&mut work.function, &work.symbols, options, &mut work.fired);
}

fn hoist(work: &mut Work<'_>, options: &Options) {
    if work.function.body.iter().all(|block| block.loops() == 0) {
        return;
    }
    let known = work.piece.entry.iter().filter(|(_, facts)| facts.kind != Kind::Unknown);
    let assigned = known.map(|(variable, _)| *variable).collect();
    hoist_invariants::hoist_in(&mut work.function, assigned, &work.symbols, options, &mut work.fired);
    remove_unread(work, options);
}

fn order(work: &mut Work<'_>, options: &Options) {
    let matrices = work.piece.matrices;
    let order = &mut |dag: &mut Dag| order_chains::order_chains(dag, matrices, options);
    work.function.body.iter_mut().for_each(|block| block.visit_dags_mut(order));
}

#[cfg(test)]
mod tests {
    use tilewright_base::Code;
    use tilewright_ir::NodeId;

    use super::*;
    use crate::optimise::tests::program;

    const BREAKING: Pass = Pass {
        name: "breaking",
        run: |work, _| {
            let body = work.function.body.iter_mut();
            body.for_each(|block| block.dag_mut().assign(VarId(7), NodeId(0)));
        },
    };

    fn specialised(passes: &[Pass], verify: Verify) -> Result<Specialised, Diagnostic> {
        let program = program();
        let main = program.function(Program::MAIN);
        let after = main.results.iter().copied().collect();
        let piece = Piece {
            program: &program,
            function: Program::MAIN,
            variables: main.variables.len(),
            blocks: &main.body,
            after: &after,
            entry: Vec::new(),
            matrices: &|_| None,
        };
        specialise_by(passes, &piece, &Options { verify, ..Options::default() })
    }

    #[test]
    fn a_pass_that_breaks_a_piece_is_named() {
        for (verify, severity) in [(Verify::EachPass, Severity::Error), (Verify::AtEnd, Severity::Warning)] {
            let found = specialised(&[PASSES[0], BREAKING], verify).err().unwrap();
            assert_eq!((found.severity, found.code), (severity, Code::Internal));
            assert!(found.message.starts_with("the pass `breaking` broke the program: "), "{found:?}");
            assert_eq!(specialised(PASSES, verify).unwrap().variables, 1);
        }
    }
}
