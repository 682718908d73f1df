//! Iterations of parallel loops.
//!
//! Each iteration runs in a copy of the frame (values are shared, not copied) and notes its writes to results of the
//! loop; they are merged in the order of the iterations, so that the answer does not depend on the threads. What an
//! iteration prints is kept and printed in order, too.

use rayon::prelude::*;
use tilewright_base::{At, Diagnostic, Outcome, Span};
use tilewright_ir::Parallel;
use tilewright_ops::binary;
use tilewright_plan::{Function, Register, Step};
use tilewright_value::Value;

use crate::frame::{Frame, Write};
use crate::interpreter::Interpreter;
use crate::iterations::Iterations;
use crate::output::Buffered;

/// Iterations that are in flight at a time; bounds the copies of what they hold.
const BATCH: usize = 256;

/// A parallel loop about to run.
pub struct ParallelLoop<'a> {
    /// Runs the body.
    pub interpreter: &'a Interpreter<'a>,
    /// The function that the loop stands in.
    pub function: &'a Function,
    /// The loop variable.
    pub variable: Register,
    /// The body.
    pub body: &'a [Step],
    /// How iterations come together.
    pub parallel: &'a Parallel,
    /// The place of the loop's head.
    pub span: Span,
}

/// What an iteration leaves: how it ended, its writes, what it printed.
type Finished = (Result<(), Diagnostic>, Vec<Write>, Buffered);

impl ParallelLoop<'_> {
    /// Runs all iterations and merges their writes into the frame.
    ///
    /// # Errors
    /// The error of the first iteration that fails.
    pub fn run(&self, frame: &mut Frame, iterations: &Iterations) -> Result<(), Diagnostic> {
        let degree = self.parallel.degree.and_then(|id| frame.get(Register(id.0)).cloned());
        let degree = degree.map(|value| value.as_scalar()?.as_integer()).transpose().at(self.span)?;
        let most = degree.map_or(BATCH, |n| n.clamp(1, BATCH as i64) as usize);
        // The dependency test assumes whole steps.
        let batch = if iterations.are_whole() { most } else { 1 };
        let mut values = iterations.values();
        let running = self.interpreter.running(self.span, self.function, Some(iterations.count()));
        for start in (0..).step_by(batch) {
            let part: Vec<Value> = values.by_ref().take(batch).collect();
            let Some(last) = part.last().cloned() else { break };
            let run_one = |(at, value): (usize, &Value)| {
                let finished = self.iteration(frame, start + at, value);
                running.advance();
                finished
            };
            let finished: Vec<Finished> = if self.interpreter.is_oracle() {
                part.iter().enumerate().map(run_one).collect()
            } else {
                part.par_iter().enumerate().map(run_one).collect()
            };
            for (done, writes, output) in finished {
                output.replay(self.interpreter.output()).at(self.span)?;
                done?;
                self.merge(frame, writes).at(self.span)?;
            }
            frame.set(self.variable, last);
        }
        Ok(())
    }

    fn iteration(&self, shared: &Frame, number: usize, value: &Value) -> Finished {
        let mut own = shared.clone();
        own.path = shared.path.step(self.span, number as u64);
        own.set(self.variable, value.clone());
        own.writes.clear();
        let output = Buffered::default();
        let done = self.interpreter.with_output(&output).steps(&mut own, self.function, self.body);
        (done, own.writes, output)
    }

    fn merge(&self, frame: &mut Frame, writes: Vec<Write>) -> Outcome<()> {
        for write in writes {
            let (Write::Part(k, ..) | Write::Sum(k, _)) = &write;
            let register = Register(self.parallel.results[*k].0);
            let target = frame.take(register, self.function)?;
            let merged = match write {
                Write::Part(_, form, mut inputs) => {
                    inputs.insert(0, target);
                    form.run_assign(inputs)?
                }
                Write::Sum(_, value) => {
                    let plus = binary::find("+").expect("invariant: `+` is a row");
                    if self.interpreter.is_oracle() {
                        plus.reference(&target, &value)?
                    } else {
                        plus.run(target, value)?
                    }
                }
            };
            frame.set(register, merged);
        }
        Ok(())
    }
}
