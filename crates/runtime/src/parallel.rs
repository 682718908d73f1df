//! Iterations of parallel loops.
//!
//! Each iteration runs in a copy of the frame (values are shared, not copied) and notes its writes to results of the
//! loop; they are merged in the order of the iterations, so that the answer does not depend on the threads. What an
//! iteration prints is kept and printed in order, too.

use rayon::prelude::*;
use tilewright_base::{At, Diagnostic, Span};
use tilewright_ir::Parallel;
use tilewright_ops::binary;
use tilewright_plan::{Function, Register, Step};
use tilewright_value::Value;

use crate::frame::{Frame, Write};
use crate::interpreter::{Interpreter, iteration_path};
use crate::iterations::Iterations;
use crate::output::Buffered;

/// Iterations that are in flight at a time; bounds the copies of what they hold.
const BATCH: usize = 256;

/// Runs all iterations and merges their writes into the frame.
///
/// # Errors
/// The error of the first iteration that fails.
pub fn run(
    interpreter: &Interpreter<'_>,
    frame: &mut Frame,
    function: &Function,
    iterations: &Iterations,
    variable: Register,
    body: &[Step],
    parallel: &Parallel,
    span: Span,
) -> Result<(), Diagnostic> {
    let degree = parallel.degree.and_then(|id| frame.get(Register(id.0)).cloned());
    let degree = degree.map(|value| value.as_scalar()?.as_integer()).transpose().at(span)?;
    let most = degree.map_or(BATCH, |n| n.clamp(1, BATCH as i64) as usize);
    // The dependency test assumes whole steps.
    let batch = if iterations.are_whole() { most } else { 1 };
    let mut values = iterations.values();
    for start in 0.. {
        let part: Vec<Value> = values.by_ref().take(batch).collect();
        let Some(last) = part.last().cloned() else { break };
        let shared: &Frame = frame;
        let run_one = |(at, value): (usize, &Value)| {
            let mut own = shared.clone();
            own.path = iteration_path(shared.path, span, (start * batch + at) as u64);
            own.set(variable, value.clone());
            own.writes.clear();
            let output = Buffered::default();
            let done = interpreter.with_output(&output).steps(&mut own, function, body);
            (done, own.writes, output)
        };
        let finished: Vec<_> = if interpreter.is_oracle() {
            part.iter().enumerate().map(run_one).collect()
        } else {
            part.par_iter().enumerate().map(run_one).collect()
        };
        for (done, writes, output) in finished {
            output.replay(interpreter.output()).at(span)?;
            done?;
            merge(interpreter, frame, function, parallel, writes, span)?;
        }
        frame.set(variable, last);
    }
    Ok(())
}

fn merge(
    interpreter: &Interpreter<'_>,
    frame: &mut Frame,
    function: &Function,
    parallel: &Parallel,
    writes: Vec<Write>,
    span: Span,
) -> Result<(), Diagnostic> {
    for write in writes {
        let (k, merged) = match write {
            Write::Part(k, form, mut inputs) => {
                let target = frame.take(Register(parallel.results[k].0), function).at(span)?;
                inputs.insert(0, target);
                (k, form.run_assign(inputs).at(span)?)
            }
            Write::Sum(k, value) => {
                let target = frame.take(Register(parallel.results[k].0), function).at(span)?;
                let plus = binary::find("+").expect("invariant: `+` is a row");
                let sum = if interpreter.is_oracle() { plus.reference(&target, &value) } else { plus.run(target, value) };
                (k, sum.at(span)?)
            }
        };
        frame.set(Register(parallel.results[k].0), merged);
    }
    Ok(())
}
