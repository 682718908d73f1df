//! Medians, the table, and the file of results.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::machine::Machine;

/// The unit of a measure.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Wall time.
    Seconds,
    /// Memory.
    Bytes,
}

/// What was measured of one case; less is better.
#[derive(Serialize)]
pub struct Measure {
    /// The name of the case.
    pub case: String,
    /// What it computes.
    pub what: String,
    /// The unit of the samples.
    pub unit: Unit,
    /// Samples of ours.
    pub ours: Vec<f64>,
    /// Samples of the peer, one for each of ours, or none.
    pub peer: Vec<f64>,
}

impl Measure {
    /// A measure without samples.
    pub fn new(case: &str, what: &str, unit: Unit) -> Measure {
        Measure { case: case.into(), what: what.into(), unit, ours: Vec::new(), peer: Vec::new() }
    }

    /// How many times less ours takes than the peer, pair by pair, in ascending order.
    fn ratios(&self) -> Vec<f64> {
        sorted(self.peer.iter().zip(&self.ours).map(|(peer, ours)| peer / ours).collect())
    }
}

/// The table, below a line on the machine.
pub fn markdown(machine: &Machine, measures: &[Measure]) -> String {
    let mut out = format!("{}, {} cores, {} threads", machine.processor, machine.cores, machine.threads);
    if let Some(memory) = machine.memory {
        let _ = write!(out, ", {:.0} GB", memory / 1e9);
    }
    let _ = writeln!(out, "; peer: {}\n", machine.peer.as_deref().unwrap_or("none"));
    out.push_str("| case | what | ours | peer | peer / ours | quartiles |\n|---|---|--:|--:|--:|--:|\n");
    for measure in measures {
        let _ = writeln!(out, "| {} | {} | {} |", measure.case, measure.what, figures(measure).join(" | "));
    }
    out
}

/// Ours, the peer, the ratio and its spread; without a peer the spread is that of ours.
fn figures(measure: &Measure) -> [String; 4] {
    let show = |samples: &[f64], part: f64| quantity(quantile(samples, part), measure.unit);
    let ours = sorted(measure.ours.clone());
    let ratios = measure.ratios();
    if ratios.is_empty() {
        let spread = format!("{} to {}", show(&ours, 0.25), show(&ours, 0.75));
        return [show(&ours, 0.5), String::new(), String::new(), spread];
    }
    let spread = format!("{:.2} to {:.2}", quantile(&ratios, 0.25), quantile(&ratios, 0.75));
    let peer = sorted(measure.peer.clone());
    [show(&ours, 0.5), show(&peer, 0.5), format!("{:.2}", quantile(&ratios, 0.5)), spread]
}

/// Writes everything that was measured to `bench/results`.
///
/// # Errors
/// When the file cannot be written.
pub fn write(machine: &Machine, measures: &[Measure]) -> Result<PathBuf, String> {
    let folder = PathBuf::from("bench/results");
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let path = folder.join(format!("{seconds}.json"));
    let value = serde_json::json!({ "time": seconds, "machine": machine, "measures": measures });
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, format!("{value:#}\n")))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

fn sorted(mut samples: Vec<f64>) -> Vec<f64> {
    samples.sort_by(f64::total_cmp);
    samples
}

/// The value below which a part of sorted samples lies, between neighbours in proportion; NaN of none.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let at = part * (sorted.len().max(1) - 1) as f64;
    let value = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    value(low) + (value(high) - value(low)) * at.fract()
}

fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Bytes => format!("{:.1} MB", value / 1e6),
        Unit::Seconds if value < 1e-3 => format!("{:.0} us", value * 1e6),
        Unit::Seconds if value < 1.0 => format!("{:.1} ms", value * 1e3),
        Unit::Seconds => format!("{value:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 10.0], 0.5), 2.5);
        assert_eq!(quantile(&[4.0], 0.25), 4.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_ratio_above_one_is_in_our_favour() {
        let mut measure = Measure::new("a", "b", Unit::Seconds);
        measure.ours = vec![0.1, 0.2];
        measure.peer = vec![0.2, 0.4];
        assert_eq!(figures(&measure), ["150.0 ms", "300.0 ms", "2.00", "2.00 to 2.00"]);
    }

    #[test]
    fn without_a_peer_the_spread_is_of_ours() {
        let mut measure = Measure::new("a", "b", Unit::Bytes);
        measure.ours = vec![1e6, 2e6, 3e6];
        assert_eq!(figures(&measure), ["2.0 MB", "", "", "1.5 MB to 2.5 MB"]);
    }
}
