//! Compilation alone: text to plan, in a process that is already running.

use tilewright_engine::{Options, Session};

use crate::case::Compile;
use crate::measure::{Measure, Unit};

/// Measures one script; once more before what counts warms up.
///
/// # Errors
/// When it does not compile.
pub fn measure(case: &Compile, times: usize) -> Result<Measure, String> {
    let mut measure = Measure::new(&case.name, &case.what, Unit::Seconds);
    let text = case.text();
    for time in 0..=times {
        let mut session = Session::new(Options::default());
        let compiled = session.compile(&case.name, &text).map_err(|diagnostics| {
            diagnostics
                .iter()
                .map(|diagnostic| session.render(diagnostic, false))
                .collect::<Vec<_>>()
                .join("\n")
        })?;
        let timings = compiled.timings;
        if time > 0 {
            measure
                .ours
                .push((timings.parse + timings.lower + timings.optimise + timings.plan).as_secs_f64());
        }
    }
    Ok(measure)
}
