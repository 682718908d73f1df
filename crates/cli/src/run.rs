//! `tilewright run`

use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tilewright_base::Outcome;
use tilewright_base::number::print_bytes;
use tilewright_engine::{Compiled, Fired, Session, Stats};

use crate::arguments::{RunArguments, Trace};
use crate::progress::{self, Display};
use crate::stdout::{Stdout, cannot_write};
use crate::{compile, described, machine, report, words};

/// How many operators `--stats` lists.
const HEAVIEST: usize = 10;

/// Runs a script.
///
/// # Errors
/// When the command line is wrong or the script cannot be read.
pub fn run(arguments: &RunArguments) -> Outcome<ExitCode> {
    let mut options = compile::options(&arguments.compile, &arguments.script)?;
    options.threads = arguments.machine.threads.map(usize::from);
    options.seed = arguments.machine.seed;
    options.trace_rewrites = arguments.trace.contains(&Trace::Rewrites);
    options.precision = arguments.machine.precision.into();
    options.memory = arguments.machine.memory.or_else(machine::memory_budget);
    // Nothing else needs to know what the machine is like.
    if arguments.stats {
        options.machine = described::machine()?;
    }
    options.activity = progress::activity(arguments.compile.quiet);
    let script = words::script(arguments.script.path())?;
    let activity = options.activity;
    let mut session = Session::new(options);
    let failure = format!("could not run {}", script.name);
    let report = |session: &Session, found: &[_]| {
        report::diagnostics(session, found, &failure, arguments.compile.quiet)
    };
    let compiled = match session.compile(&script.name, &script.text) {
        Ok(compiled) => compiled,
        Err(found) => return Ok(report(&session, &found)),
    };
    report(&session, &compiled.warnings);
    if arguments.trace.contains(&Trace::Rewrites) {
        report::print_error(steps(&session, &compiled.fired, "").trim_end());
    }
    let stats = arguments.stats.then(|| Stats::new(session.machine()));
    let display = activity.map(|activity| Display::start(activity, &script));
    let clock = Instant::now();
    let (done, stdout, mut found) = session.run_with(&compiled, Stdout::new(), stats.as_ref());
    let time = clock.elapsed();
    drop(display);
    let written = stdout.finish().map_err(|error| cannot_write(&error).nowhere());
    found.extend(done.and(written).err());
    let code = report(&session, &found);
    let fired = compiled.fired_while_running();
    if arguments.trace.contains(&Trace::Rewrites) && !fired.is_empty() {
        report::print_error(steps(&session, &fired, "while running: ").trim_end());
    }
    if let Some(stats) = stats {
        report::print_error(statistics(&compiled, time, &stats).trim_end());
    }
    Ok(code)
}

/// Each rewrite in a line: when it happened, the rule, its place, and where it has one the expression before and after.
fn steps(session: &Session, fired: &Fired, when: &str) -> String {
    let mut out = String::new();
    for step in fired.steps() {
        let place = session.sources().place(step.span);
        let change = step.change.as_ref();
        let change = change.map_or(String::new(), |(before, after)| format!(": {before} => {after}"));
        let _ = writeln!(out, "{when}{}, {place}{change}", step.rule);
    }
    out
}

/// Phases, heaviest operators and rewrites, as text.
fn statistics(compiled: &Compiled, run: Duration, stats: &Stats) -> String {
    let timings = compiled.timings;
    let phases = [
        ("parse", timings.parse),
        ("lower", timings.lower),
        ("optimise", timings.optimise),
        ("plan", timings.plan),
        ("run", run),
    ];
    let mut out = format!("\n{:<24} {:>22}\n", "phase", "time");
    for (phase, time) in phases {
        let _ = writeln!(out, "{phase:<24} {:>19.3} ms", time.as_secs_f64() * 1e3);
    }
    let recompilations = stats.recompilations();
    if recompilations.count > 0 {
        let _ = writeln!(
            out,
            "{:<24} {:>19.3} ms, {} times",
            "compile while running",
            recompilations.time.as_secs_f64() * 1e3,
            recompilations.count
        );
    }
    let saved = stats.saved();
    if saved > 0.0 {
        let _ = writeln!(out, "{:<24} {:>22}", "not moved by pipelines", print_bytes(saved));
    }
    let _ = write!(out, "\n{}", stats.table(HEAVIEST));
    if !compiled.fired.is_empty() {
        let _ = writeln!(out, "\n{:<34} {:>12}", "rewrite", "fired");
    }
    for (rule, times) in compiled.fired.counts() {
        let _ = writeln!(out, "{rule:<34} {times:>12}");
    }
    out
}
