//! What the passes over the blocks of a function share: what they may do, where they note what they did, and what
//! new expressions and variables take their names from.

use tilewright_ir::{Block, Function, Live, VarId, Variable};

use crate::builder::Builder;
use crate::flow::Symbols;
use crate::{Fired, Options};

/// A pass in a function.
pub struct Context<'a> {
    /// What the optimiser may do.
    pub options: &'a Options,
    /// The steps so far.
    pub fired: &'a mut Fired,
    /// Symbols that stand for nothing in the function yet.
    pub symbols: Symbols,
    /// The variables of the function.
    pub variables: &'a mut Vec<Variable>,
    /// What follows the assignment of one of these is compiled again when it is reached, and stays apart.
    pub measured: &'a Live,
}

impl Context<'_> {
    /// Lets a pass change the blocks of a function.
    pub fn change(
        function: &mut Function,
        symbols: &Symbols,
        (options, fired): (&Options, &mut Fired),
        pass: impl FnOnce(&mut Context<'_>, Vec<Block>) -> Vec<Block>,
    ) {
        let blocks = std::mem::take(&mut function.body);
        let (symbols, measured) = (symbols.clone(), &function.measured);
        let mut context = Context { options, fired, symbols, variables: &mut function.variables, measured };
        function.body = pass(&mut context, blocks);
    }

    /// A builder of a DAG, whose steps are noted.
    pub fn builder(&mut self) -> Builder<'_> {
        Builder::new(self.options, self.fired, self.symbols.clone())
    }

    /// A new variable, whose name begins so.
    pub fn variable(&mut self, name: &str) -> VarId {
        new_variable(self.variables, name)
    }
}

/// A new variable, whose name begins so.
pub fn new_variable(variables: &mut Vec<Variable>, name: &str) -> VarId {
    let id = VarId(variables.len() as u32);
    variables.push(Variable { name: format!("{name}{}", id.0) });
    id
}
