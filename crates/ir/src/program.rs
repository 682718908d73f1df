//! Programs: functions of statement blocks over numbered variables.

use std::collections::BTreeMap;

use tilewright_base::{Sites, Span};
use tilewright_ops::{Facts, Kind};

use crate::dag::Dag;
use crate::live::Live;

/// A function of a [`Program`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

/// A variable of one [`Function`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// A variable of a function; names that start with `%` are the compiler's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
}

/// A statement block.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Straight-line code.
    Basic(Dag),
    /// `if`: the head assigns the condition.
    If {
        /// Computes the condition.
        head: Dag,
        /// Holds it.
        condition: VarId,
        /// If it is true.
        then: Vec<Block>,
        /// If it is false.
        otherwise: Vec<Block>,
        /// The condition's place.
        span: Span,
    },
    /// `while`: the head assigns the condition before each iteration.
    While {
        /// Computes the condition.
        head: Dag,
        /// Holds it.
        condition: VarId,
        /// The body.
        body: Vec<Block>,
        /// Ends the loop after an iteration that has left it true.
        leave: Option<VarId>,
        /// The condition's place.
        span: Span,
    },
    /// `for` and `parfor`: the head assigns the bounds once.
    For {
        /// Computes the bounds.
        head: Dag,
        /// The loop variable.
        variable: VarId,
        /// Hold from, to and increment (1 or -1 by direction where there is none).
        bounds: (VarId, VarId, Option<VarId>),
        /// The body.
        body: Vec<Block>,
        /// Present when iterations run in parallel.
        parallel: Option<Parallel>,
        /// Ends the loop after an iteration that has left it true.
        leave: Option<VarId>,
        /// The place of the loop's head.
        span: Span,
    },
}

/// How the iterations of a parallel loop come together again.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parallel {
    /// Variables that iterations write parts of or add to.
    pub results: Vec<VarId>,
    /// At most so many iterations at a time, if given.
    pub degree: Option<VarId>,
}

/// A function, or the main program. The main program of a script has neither parameters nor results; that of an input
/// of a session has the session's variables as both.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name; `main` for the main program.
    pub name: String,
    /// All variables, by id.
    pub variables: Vec<Variable>,
    /// The parameters.
    pub params: Vec<VarId>,
    /// How each parameter is declared.
    pub declared: Vec<Declared>,
    /// The functions that such calls inside of it can name, one of [`Program::scopes`].
    pub scope: usize,
    /// The results.
    pub results: Vec<VarId>,
    /// The body.
    pub body: Vec<Block>,
    /// Its definition.
    pub span: Span,
    /// What is known of the arguments of all calls together; empty until inferred (known before for the main program).
    pub param_facts: Vec<Facts>,
    /// Variables that hold results whose sizes only the data tell; what follows their assignment is compiled again
    /// while running.
    pub measured: Live,
}

impl Function {
    /// The same with another body and other facts of its arguments.
    pub fn with_body(&self, body: Vec<Block>, param_facts: Vec<Facts>) -> Function {
        Function {
            name: self.name.clone(),
            variables: self.variables.clone(),
            params: self.params.clone(),
            declared: self.declared.clone(),
            scope: self.scope,
            results: self.results.clone(),
            body,
            span: self.span,
            param_facts,
            measured: self.measured.clone(),
        }
    }

    /// The same without variables, and with nothing known of its arguments.
    pub fn with_nothing(&self, body: Vec<Block>) -> Function {
        Function {
            name: self.name.clone(),
            variables: Vec::new(),
            params: Vec::new(),
            declared: Vec::new(),
            scope: self.scope,
            results: Vec::new(),
            body,
            span: self.span,
            param_facts: Vec::new(),
            measured: self.measured.clone(),
        }
    }

    /// The name of a variable; those that were added while running have none of their own.
    pub fn name_of(&self, variable: VarId) -> &str {
        self.variables.get(variable.0 as usize).map_or("%added", |variable| &variable.name)
    }
}

/// A program; function 0 is the main program.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// All functions, by id.
    pub functions: Vec<Function>,
    /// What names mean in calls by a name that is computed (`eval`), for each file; empty for files without one.
    pub scopes: Vec<Scope>,
    /// The calls in whose places functions were put.
    pub sites: Sites,
}

/// How a parameter is declared.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Its type; unknown if none is written.
    pub kind: Kind,
    /// A call by a computed name may leave it out.
    pub optional: bool,
}

/// Functions by name.
pub type Scope = BTreeMap<String, FunctionId>;

impl Program {
    /// The main program.
    pub const MAIN: FunctionId = FunctionId(0);

    /// The function of an id.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// All DAGs, to change.
    pub fn visit_dags_mut(&mut self, visit: &mut impl FnMut(&mut Dag)) {
        let blocks = self.functions.iter_mut().flat_map(|function| &mut function.body);
        blocks.for_each(|block| block.visit_dags_mut(visit));
    }
}

impl Block {
    /// The DAG of straight-line code or of the head.
    pub fn dag(&self) -> &Dag {
        match self {
            Block::Basic(dag) => dag,
            Block::If { head, .. } | Block::While { head, .. } | Block::For { head, .. } => head,
        }
    }

    /// The DAG of straight-line code or of the head, to change.
    pub fn dag_mut(&mut self) -> &mut Dag {
        match self {
            Block::Basic(dag) => dag,
            Block::If { head, .. } | Block::While { head, .. } | Block::For { head, .. } => head,
        }
    }

    /// The blocks inside.
    pub fn children(&self) -> impl Iterator<Item = &Block> {
        let (first, second): (&[Block], &[Block]) = match self {
            Block::Basic(_) => (&[], &[]),
            Block::If { then, otherwise, .. } => (then, otherwise),
            Block::While { body, .. } | Block::For { body, .. } => (body, &[]),
        };
        first.iter().chain(second)
    }

    /// How many loops stand inside of each other here, this block included.
    pub fn loops(&self) -> usize {
        let own = usize::from(matches!(self, Block::While { .. } | Block::For { .. }));
        own + self.children().map(Block::loops).max().unwrap_or(0)
    }

    /// This DAG and all inside, in program order, to change.
    pub fn visit_dags_mut(&mut self, visit: &mut impl FnMut(&mut Dag)) {
        visit(self.dag_mut());
        let (first, second): (&mut [Block], &mut [Block]) = match self {
            Block::Basic(_) => (&mut [], &mut []),
            Block::If { then, otherwise, .. } => (then, otherwise),
            Block::While { body, .. } | Block::For { body, .. } => (body, &mut []),
        };
        first.iter_mut().chain(second).for_each(|block| block.visit_dags_mut(visit));
    }

    /// This block and all inside.
    pub fn visit<'a>(&'a self, visit: &mut impl FnMut(&'a Block)) {
        visit(self);
        for child in self.children() {
            child.visit(visit);
        }
    }

    /// This DAG and all inside, in program order.
    pub fn visit_dags<'a>(&'a self, visit: &mut impl FnMut(&'a Dag)) {
        visit(self.dag());
        for child in self.children() {
            child.visit_dags(visit);
        }
    }
}
