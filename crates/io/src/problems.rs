//! What is wrong in a text: the first problem is told, with a count of the others.

use tilewright_base::number::count;
use tilewright_base::{Fault, Outcome};

use crate::lines::Lines;

/// What is wrong at one place.
#[derive(Debug)]
pub struct Problem {
    /// The byte of the text.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem at a byte.
    pub fn new(at: usize, message: impl Into<String>) -> Problem {
        Problem { at, message: message.into(), hint: None }
    }

    /// With what to do about it.
    pub fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// As a fault of a text.
    pub fn fault(self, text: &impl Lines) -> Fault {
        let fault = text.fault(self.at, self.message);
        match self.hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

/// The problem of the least place, and the number of all.
#[derive(Debug, Default)]
pub struct Problems {
    number: usize,
    first: Option<Problem>,
}

impl Problems {
    /// Adds a problem.
    pub fn add(&mut self, problem: Problem) {
        self.number += 1;
        if self.first.as_ref().is_none_or(|first| problem.at < first.at) {
            self.first = Some(problem);
        }
    }

    /// Adds those of `next`, which stand behind.
    pub fn append(&mut self, next: Problems) {
        self.number += next.number;
        self.first = self.first.take().or(next.first);
    }

    /// Nothing, if nothing is wrong.
    ///
    /// # Errors
    /// The first problem, with a count of the others.
    pub fn check(self, text: &impl Lines) -> Outcome<()> {
        let Some(first) = self.first else { return Ok(()) };
        let others = match self.number {
            1 => String::new(),
            number => format!(" (and {})", count(number - 1, "more problem")),
        };
        Err(Problem { message: first.message + &others, ..first }.fault(text))
    }
}
