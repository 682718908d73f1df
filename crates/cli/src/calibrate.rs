//! `tilewright calibrate`

use std::fmt::Write;
use std::process::ExitCode;

use tilewright_base::Outcome;
use tilewright_base::number::{print_amount, print_bytes, print_seconds};
use tilewright_engine::calibration::{Calibration, calibrate as measure};
use tilewright_engine::{Class, Machine, Rates};

use crate::arguments::CalibrateArguments;
use crate::{described, report, stdout};

/// A rate as it is shown.
type Shown = fn(&Rates) -> String;

/// Measures the machine and keeps its description, or shows the one in use.
///
/// # Errors
/// When the description cannot be read or written.
pub fn calibrate(arguments: &CalibrateArguments) -> Outcome<ExitCode> {
    if arguments.show {
        return Ok(stdout::print(&(origin() + &ceilings(&described::machine()?))));
    }
    report::print_error("measuring, about half a minute; let nothing else run meanwhile");
    let calibration = measure(described::detected())?;
    let mut out = ceilings(&calibration.machine) + "\n" + &errors(&calibration);
    if arguments.samples {
        let _ = write!(out, "\n{}", samples(&calibration));
    }
    if !arguments.dry_run {
        let path = described::write(&calibration.machine)?;
        let _ = writeln!(out, "\nwritten to {}", path.display());
    }
    Ok(stdout::print(&out))
}

/// Where the description comes from.
fn origin() -> String {
    match described::path().filter(|path| path.is_file()) {
        Some(path) => format!("as measured, from {}\n\n", path.display()),
        None => "not measured: nominal rates; `tilewright calibrate` measures them\n\n".into(),
    }
}

fn ceilings(machine: &Machine) -> String {
    let Machine { cores, caches, overhead, one, all, .. } = machine;
    let caches = caches.map(print_bytes).join(", ");
    let mut out = format!("{:<24} {cores}\n{:<24} {caches}\n", "cores", "caches");
    let _ = writeln!(out, "{:<24} {}\n", "overhead of an operator", print_seconds(*overhead));
    let _ = writeln!(out, "{:<24} {:>14} {:>14}", "ceiling", "one thread", "all threads");
    let rows: [(&str, Shown); 5] = [
        ("memory read", |rates| print_bytes(rates.read) + "/s"),
        ("memory written", |rates| print_bytes(rates.write) + "/s"),
        ("second cache", |rates| print_bytes(rates.cached) + "/s"),
        ("dense products", |rates| print_amount(rates.flops) + "FLOP/s"),
        ("classes fitted", |rates| rates.fitted.len().to_string()),
    ];
    for (name, rate) in rows {
        let _ = writeln!(out, "{name:<24} {:>14} {:>14}", rate(one), rate(all));
    }
    out
}

/// How far estimates are from what was measured, by both models.
fn errors(calibration: &Calibration) -> String {
    let mut out = format!(
        "{:<24} {:>8} {:>10} {:>10} {:>10} {:>10}\n",
        "error of estimates", "samples", "roofline", "90 %", "fitted", "90 %"
    );
    let classes = Class::ALL.into_iter().map(|class| (class.word(), Some(class)));
    for (name, class) in classes.chain([("all", None)]) {
        let Some([analytic, fitted]) = calibration.errors(class) else { continue };
        let is_chosen = |other: Class| class.is_none_or(|class| class == other);
        let count = calibration.samples.iter().filter(|sample| is_chosen(sample.work.class)).count();
        let percent = |part: f64| format!("{:.0} %", part * 100.0);
        let [a, b, c, d] = [analytic.0, analytic.1, fitted.0, fitted.1].map(percent);
        let _ = writeln!(out, "{name:<24} {count:>8} {a:>10} {b:>10} {c:>10} {d:>10}");
    }
    out + "median and 90th percentile of |estimated / measured - 1|; a line is judged by samples it was not fitted to\n"
}

fn samples(calibration: &Calibration) -> String {
    let mut out = format!(
        "{:<40} {:>10} {:>10} {:>10} {:>10}\n",
        "operator", "bytes", "measured", "roofline", "fitted"
    );
    for sample in &calibration.samples {
        let fitted = sample.fitted.map_or("?".into(), print_seconds);
        let (bytes, measured) = (print_bytes(sample.work.bytes()), print_seconds(sample.seconds));
        let analytic = print_seconds(sample.analytic);
        let _ = writeln!(out, "{:<40} {bytes:>10} {measured:>10} {analytic:>10} {fitted:>10}", sample.name);
    }
    out
}
