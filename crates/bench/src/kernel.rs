//! Kernels: statements timed inside two processes that hold the data, ours and Python's, turn by turn.

use std::time::Duration;

use tilewright_engine::{Options, Session};

use crate::case::{Kernel, Setup};
use crate::gate::{Gate, Keeper, gate};
use crate::peer::{Peer, Turns};
use crate::report::{Measure, Unit};

/// Pairs that count; one more before them warms up.
const PAIRS: usize = 9;

/// Between turns: idle workers of the other side's thread pool spin for a while before they sleep.
const PAUSE: Duration = Duration::from_millis(150);

/// Measures one kernel.
///
/// # Errors
/// When a side fails.
pub fn measure(case: &Kernel, setup: &Setup, peer: Option<&Peer>) -> Result<Measure, String> {
    let script = script(case, setup, PAIRS + 1);
    let mut theirs = peer.map(|peer| peer.turns(setup, case)).transpose()?;
    let (held, keeper) = gate();
    std::thread::scope(|scope| {
        let ours = scope.spawn(move || run(&case.name, &script, held));
        let measured = pairs(&keeper, theirs.as_mut());
        drop(keeper);
        ours.join().map_err(|_| "the script panicked".to_string())??;
        let (ours, peer) = measured?;
        Ok(Measure { case: case.name.clone(), what: case.what.clone(), unit: Unit::Seconds, ours, peer })
    })
}

/// Our side. The clock is read in blocks of its own, so that the compiler cannot move work across a reading.
pub fn script(case: &Kernel, setup: &Setup, repetitions: usize) -> String {
    let (data, touch, body) = (&setup.ours, &setup.touch.ours, &case.ours);
    format!(
        "{data}
result = matrix(0, rows=1, cols=1)
check = 0.0
print(\"ready\")
for (r in 1:{repetitions}) {{
  {touch}
  start = time()
  if (start >= 0) {{
    {body}
  }}
  end = time()
  if (end >= start) {{
    check = check + sum(result)
    print(\"ns \" + (end - start))
  }}
}}
print(\"check \" + check)
"
    )
}

fn run(name: &str, script: &str, stream: Gate) -> Result<(), String> {
    let mut session = Session::new(Options::default());
    let compiled = session.compile(name, script).map_err(|diagnostics| {
        diagnostics.iter().map(|diagnostic| session.render(diagnostic, false)).collect::<Vec<_>>().join("\n")
    })?;
    let (done, ..) = session.run(&compiled, stream);
    done.map_err(|diagnostic| session.render(&diagnostic, false))
}

/// Seconds of both sides, pair by pair; who begins alternates.
fn pairs(keeper: &Keeper, mut theirs: Option<&mut Turns>) -> Result<(Vec<f64>, Vec<f64>), String> {
    let (mut ours, mut peers) = (Vec::new(), Vec::new());
    keeper.line().ok_or("the script ended early")?;
    for pair in 0..=PAIRS {
        let own = || {
            std::thread::sleep(PAUSE);
            keeper.open();
            seconds(&keeper.line().ok_or("the script ended early")?)
        };
        let mut other = || {
            std::thread::sleep(PAUSE);
            theirs.as_mut().map(|turns| seconds(&turns.take()?)).transpose()
        };
        let (own, other) = if pair % 2 == 0 {
            (own()?, other()?)
        } else {
            let other = other()?;
            (own()?, other)
        };
        if pair > 0 {
            ours.push(own);
            peers.extend(other);
        }
    }
    Ok((ours, peers))
}

/// The seconds of a line `ns 123`.
fn seconds(line: &str) -> Result<f64, String> {
    let nanoseconds = line.strip_prefix("ns ").and_then(|text| text.trim().parse::<f64>().ok());
    nanoseconds.map(|nanoseconds| nanoseconds / 1e9).ok_or_else(|| format!("not a time: `{line}`"))
}
