//! Versions of functions for constant arguments.
//!
//! A function that is called with different constants (`icpt=0` here, `icpt=1` there) loses the branches that a constant
//! decides only where each constant has a version of its own. Versions are made when a call asks for them; functions
//! that no call comes to are not compiled.

use std::collections::{HashMap, HashSet};

use tilewright_ir::{Block, FunctionId, Program};
use tilewright_ops::Facts;
use tilewright_value::Scalar;

use crate::flow::Called;

/// So many versions of a function are made; further constants share the function for any of them.
const VERSIONS: usize = 4;

/// A function as it is to be compiled.
#[derive(Debug, Clone)]
pub struct Version {
    /// The function of the program that it is made of.
    pub source: FunctionId,
    /// What is known of its arguments, and of its calls.
    pub called: Called,
}

/// The functions that calls come to.
pub struct Versions<'a> {
    program: &'a Program,
    called: &'a HashMap<FunctionId, Called>,
    /// Those beside the functions of the program, with the constants that they are for.
    made: Vec<(FunctionId, Vec<Option<Scalar>>)>,
    reached: HashSet<FunctionId>,
    pending: Vec<FunctionId>,
}

impl<'a> Versions<'a> {
    /// The main program, and what calls by a computed name may come to.
    pub fn new(program: &'a Program, called: &'a HashMap<FunctionId, Called>) -> Versions<'a> {
        let (reached, pending) = (HashSet::new(), Vec::new());
        let mut versions = Versions { program, called, made: Vec::new(), reached, pending };
        versions.reach(Program::MAIN);
        program.scopes.iter().flat_map(|scope| scope.values()).for_each(|id| versions.reach(*id));
        versions
    }

    /// Notes that a function is called.
    pub fn reach(&mut self, id: FunctionId) {
        if self.reached.insert(id) {
            self.pending.push(id);
        }
    }

    /// The next function to be compiled.
    pub fn take_next(&mut self) -> Option<FunctionId> {
        self.pending.pop()
    }

    /// What a function is made of; none where the analysis has not come to it.
    pub fn version(&self, id: FunctionId) -> Option<Version> {
        let made = (id.0 as usize).checked_sub(self.program.functions.len()).map(|at| &self.made[at]);
        let Some((source, constants)) = made else {
            return Some(Version { source: id, called: self.called.get(&id)?.clone() });
        };
        let mut called = self.called.get(source)?.clone();
        for (facts, constant) in called.params.iter_mut().zip(constants) {
            if let Some(constant) = constant {
                *facts = Facts::constant(constant.clone());
            }
        }
        Some(Version { source: *source, called })
    }

    /// The function that a call with such arguments goes to.
    pub fn of_call(&mut self, callee: FunctionId, args: &[Facts]) -> FunctionId {
        let id = self.for_constants(callee, args).unwrap_or(callee);
        self.reach(id);
        id
    }

    fn for_constants(&mut self, callee: FunctionId, args: &[Facts]) -> Option<FunctionId> {
        let known = &self.called.get(&callee)?.params;
        // A constant that all calls have is known anyway.
        let differs =
            |(arg, known): (&Facts, &Facts)| arg.constant.clone().filter(|_| known.constant.is_none());
        let constants: Vec<Option<Scalar>> = args.iter().zip(known).map(differs).collect();
        if constants.iter().all(Option::is_none) || !decides(&self.program.function(callee).body) {
            return None;
        }
        let first = self.program.functions.len();
        let wanted = (callee, constants);
        if let Some(at) = self.made.iter().position(|made| *made == wanted) {
            return Some(FunctionId((first + at) as u32));
        }
        if self.made.iter().filter(|(source, _)| *source == callee).count() >= VERSIONS {
            return None;
        }
        self.made.push(wanted);
        Some(FunctionId((first + self.made.len() - 1) as u32))
    }

    /// How many functions there are together with those of the program.
    pub fn count(&self) -> usize {
        self.program.functions.len() + self.made.len()
    }
}

/// Whether blocks have a branch that a constant may decide.
fn decides(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| {
        matches!(block, Block::If { .. })
            || block.children().any(|child| decides(std::slice::from_ref(child)))
    })
}
