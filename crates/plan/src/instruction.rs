//! Instructions over the registers of a function's frame.
//!
//! The variables of a function are its first registers, results of instructions follow. A read that is the last one
//! takes the value out of its register, so that the last handle of a matrix can be written in place.

use std::sync::Arc;

use tilewright_base::Span;
use tilewright_ir::{Declared, FunctionId, Parallel, Program, Scope, Work};
use tilewright_ops::function::Present;
use tilewright_ops::index::Form;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Facts, Op};
use tilewright_pipeline::Pipeline;
use tilewright_value::Scalar;

use crate::dynamic::Dynamic;

/// A register of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Register(pub u32);

/// An input of an instruction.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A scalar.
    Literal(Scalar),
    /// The value of a register that is read again later.
    Copy(Register),
    /// The value of a register that is not read again.
    Take(Register),
}

/// What an instruction does.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Runs an operator.
    Op(Op),
    /// Runs several operators in one pass.
    Pipeline(Arc<Pipeline>),
    /// Calls a function.
    Call(FunctionId),
    /// Tells whether the variable of a register has a value.
    Exists(Register),
    /// Executes a statement.
    Statement(Statement, Present),
    /// Moves a value to another register.
    Move,
    /// Notes a write to a part of the k-th result of the enclosing parallel loop.
    Scatter(usize, Form),
    /// Notes an addition to the k-th result of the enclosing parallel loop.
    Accumulate(usize),
}

/// One instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    /// What it does.
    pub kind: Kind,
    /// Its inputs.
    pub inputs: Vec<Operand>,
    /// Where its results go; a result that nobody reads has none.
    pub outputs: Vec<Option<Register>>,
    /// The source it came from.
    pub span: Span,
    /// What is known of its first result.
    pub facts: Facts,
    /// What it does, if the sizes are known; nothing is known of calls here, nor of files.
    pub work: Option<Work>,
}

impl Instruction {
    /// Whether an input is the same as an earlier one.
    pub fn repeats(&self, at: usize) -> bool {
        let register = |operand: &Operand| match operand {
            Operand::Copy(register) | Operand::Take(register) => Some(*register),
            Operand::Literal(_) => None,
        };
        let this = register(&self.inputs[at]);
        this.is_some() && self.inputs[..at].iter().any(|other| register(other) == this)
    }
}

/// Straight-line code or control flow.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Straight-line code.
    Basic(Vec<Instruction>),
    /// Steps that are compiled again when they are reached.
    Dynamic(Arc<Dynamic>),
    /// `if`
    If {
        /// Computes the condition.
        head: Vec<Instruction>,
        /// Holds it.
        condition: Register,
        /// If true.
        then: Vec<Step>,
        /// If false.
        otherwise: Vec<Step>,
        /// The condition's place.
        span: Span,
    },
    /// `while`
    While {
        /// Computes the condition.
        head: Vec<Instruction>,
        /// Holds it.
        condition: Register,
        /// The body.
        body: Vec<Step>,
        /// Ends the loop after an iteration that has left it true.
        leave: Option<Register>,
        /// The condition's place.
        span: Span,
    },
    /// `for` and `parfor`
    For {
        /// Computes the bounds.
        head: Vec<Instruction>,
        /// The loop variable.
        variable: Register,
        /// Hold from, to and increment.
        bounds: (Register, Register, Option<Register>),
        /// The body.
        body: Vec<Step>,
        /// For parallel loops.
        parallel: Option<Parallel>,
        /// Ends the loop after an iteration that has left it true.
        leave: Option<Register>,
        /// The place of the head.
        span: Span,
    },
}

/// A function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The names of its variables, which are its first registers.
    pub variables: Vec<String>,
    /// The registers of its parameters.
    pub params: Vec<Register>,
    /// How each parameter is declared.
    pub declared: Vec<Declared>,
    /// The functions that such calls inside of it can name, one of [`Plan::scopes`].
    pub scope: usize,
    /// The registers of its results.
    pub results: Vec<Register>,
    /// The number of registers.
    pub registers: usize,
    /// The body.
    pub body: Vec<Step>,
    /// Its definition.
    pub span: Span,
}

/// A program ready to run; function 0 is the main program.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// All functions, by id.
    pub functions: Vec<Function>,
    /// What names mean in calls by a name that is computed.
    pub scopes: Vec<Scope>,
    /// The program that it was made from.
    pub program: Arc<Program>,
}
