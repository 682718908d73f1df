//! The registers of one call of a function.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use tilewright_base::{Outcome, Span, bail};
use tilewright_ops::index::Form;
use tilewright_plan::{Function, Operand, Register};
use tilewright_value::{Scalar, Value};

/// Which calls and iterations led to a place; the seeds of random operators depend on it, not on execution order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Path {
    start: u64,
    step: Option<(Span, u64)>,
}

impl Path {
    /// The start of the main program.
    pub const START: Path = Path { start: 0, step: None };

    /// The `number`-th of the ways to go on from here at a place: an iteration of a loop, a call.
    pub fn step(self, span: Span, number: u64) -> Path {
        Path { start: self.hashed(), step: Some((span, number)) }
    }

    /// The same place, from which steps are cheap.
    pub fn settled(self) -> Path {
        Path { start: self.hashed(), step: None }
    }

    /// As a number; the last step counts only here, so that stepping through a loop costs nothing.
    pub fn hashed(self) -> u64 {
        match self.step {
            None => self.start,
            Some(step) => hashed(self.start, step),
        }
    }

    /// The seed of a random operator at a place on this way.
    pub fn seed(self, seed: u64, span: Span) -> i64 {
        hashed(self.hashed() ^ seed, (span, 0)) as i64
    }
}

fn hashed(start: u64, (span, number): (Span, u64)) -> u64 {
    let mut hasher = DefaultHasher::new();
    (start, span, number).hash(&mut hasher);
    hasher.finish()
}

/// The registers of a call, and where the call stands for the seeds of random operators.
#[derive(Clone)]
pub struct Frame {
    registers: Vec<Option<Value>>,
    /// The calls and iterations that led here.
    pub path: Path,
    /// Writes to results of the enclosing parallel loop, in order.
    pub writes: Vec<Write>,
    /// How many calls are around this one.
    pub depth: usize,
}

/// A write to a result of a parallel loop, merged after the loop.
#[derive(Debug, Clone)]
pub enum Write {
    /// A value for a part: the k-th result, the form, value and index scalars.
    Part(usize, Form, Vec<Value>),
    /// A value to be added to the k-th result.
    Sum(usize, Value),
}

impl Frame {
    /// The frame of a call with its arguments; one that is left out has no value.
    pub fn new(
        function: &Function,
        args: impl IntoIterator<Item = Option<Value>>,
        path: Path,
        depth: usize,
    ) -> Frame {
        let mut registers = vec![None; function.registers];
        for (param, arg) in function.params.iter().zip(args) {
            registers[param.0 as usize] = arg;
        }
        Frame { registers, path, writes: Vec::new(), depth }
    }

    /// Makes room for so many registers.
    pub fn reserve(&mut self, registers: usize) {
        if self.registers.len() < registers {
            self.registers.resize(registers, None);
        }
    }

    /// The value of an operand.
    ///
    /// # Errors
    /// When its variable has no value.
    pub fn read(&mut self, operand: &Operand, function: &Function) -> Outcome<Value> {
        let (value, register) = match operand {
            Operand::Literal(scalar) => return Ok(Value::Scalar(scalar.clone())),
            Operand::Copy(register) => (self.registers[register.0 as usize].clone(), register),
            Operand::Take(register) => (self.registers[register.0 as usize].take(), register),
        };
        match value {
            Some(value) => Ok(value),
            None => missing(*register, function),
        }
    }

    /// The scalar of an operand, if it is one; it stays where it is.
    pub fn scalar<'a>(&'a self, operand: &'a Operand) -> Option<&'a Scalar> {
        match operand {
            Operand::Literal(scalar) => Some(scalar),
            Operand::Copy(register) | Operand::Take(register) => match self.get(*register) {
                Some(Value::Scalar(scalar)) => Some(scalar),
                _ => None,
            },
        }
    }

    /// The value of a register, if it has one.
    pub fn get(&self, register: Register) -> Option<&Value> {
        self.registers[register.0 as usize].as_ref()
    }

    /// Takes the value of a register.
    ///
    /// # Errors
    /// When it has none.
    pub fn take(&mut self, register: Register, function: &Function) -> Outcome<Value> {
        match self.registers[register.0 as usize].take() {
            Some(value) => Ok(value),
            None => missing(register, function),
        }
    }

    /// Gives a register a value.
    pub fn set(&mut self, register: Register, value: Value) {
        self.registers[register.0 as usize] = Some(value);
    }
}

fn missing<T>(register: Register, function: &Function) -> Outcome<T> {
    match function.variables.get(register.0 as usize) {
        Some(name) => {
            bail!(Name, "the variable `{name}` has no value here"; hint: "it is assigned only in a branch or loop that did not run")
        }
        None => bail!(Internal, "register {} is empty", register.0),
    }
}
