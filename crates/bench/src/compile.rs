//! Compilation alone: text to plan, or a piece of a running program for the sizes that are there, in a process that is
//! already running.

use tilewright_engine::{Compiled, Options, Session, Stats};

use crate::case::{Compile, WhileRunning};
use crate::measure::{Measure, Unit};

/// Measures one script; once more before what counts warms up.
///
/// # Errors
/// When it does not compile or run.
pub fn measure(case: &Compile, times: usize) -> Result<Measure, String> {
    let mut measure = Measure::new(&case.name, &case.what, Unit::Seconds);
    measure.most = case.asked_time.map(|formula| formula.0);
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
        let taken = seconds(case, &session, &compiled)?;
        if time > 0 {
            measure.ours.push(taken);
        }
    }
    Ok(measure)
}

/// Seconds of what counts of a compiled script.
fn seconds(case: &Compile, session: &Session, compiled: &Compiled) -> Result<f64, String> {
    if case.pipelines {
        let slowest = session.fusion(compiled).into_iter().map(|planning| planning.time).max();
        return Ok(slowest.unwrap_or_default().as_secs_f64());
    }
    let Some(while_running) = case.while_running else {
        let timings = compiled.timings;
        return Ok((timings.parse + timings.lower + timings.optimise + timings.plan).as_secs_f64());
    };
    let stats = Stats::default();
    let (done, ..) = session.run_with(compiled, std::io::sink(), Some(&stats));
    done.map_err(|diagnostic| session.render(&diagnostic, false))?;
    let taken = stats.recompilations();
    Ok(match while_running {
        WhileRunning::Mean => taken.time.as_secs_f64() / taken.count.max(1) as f64,
        WhileRunning::Longest => taken.longest.as_secs_f64(),
    })
}
