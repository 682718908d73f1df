//! What took the time: counts, bytes and wall time per operator.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::Duration;

use tilewright_base::number::print_bytes;

/// Totals of one operator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Total {
    /// How often it ran.
    pub count: u64,
    /// Wall time.
    pub time: Duration,
    /// Bytes of its inputs and results.
    pub bytes: f64,
}

/// Totals per operator; counting is off unless asked for.
#[derive(Debug, Default)]
pub struct Stats {
    totals: Mutex<HashMap<&'static str, Total>>,
    recompilations: Mutex<(u64, Duration)>,
}

impl Stats {
    /// Adds one run of an operator.
    pub fn add(&self, name: &'static str, time: Duration, bytes: f64) {
        let mut totals = self.totals.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let total = totals.entry(name).or_default();
        total.count += 1;
        total.time += time;
        total.bytes += bytes;
    }

    /// Adds one compilation of a piece of the program while it ran.
    pub fn add_recompilation(&self, time: Duration) {
        let mut recompilations = self.recompilations.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        recompilations.0 += 1;
        recompilations.1 += time;
    }

    /// How often pieces of the program were compiled while it ran, and the time that took.
    pub fn recompilations(&self) -> (u64, Duration) {
        *self.recompilations.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The heaviest operators by time, heaviest first.
    pub fn heaviest(&self, most: usize) -> Vec<(&'static str, Total)> {
        let totals = self.totals.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut sorted: Vec<_> = totals.iter().map(|(name, total)| (*name, *total)).collect();
        sorted.sort_by(|a, b| b.1.time.cmp(&a.1.time).then(a.0.cmp(b.0)));
        sorted.truncate(most);
        sorted
    }

    /// A table of the heaviest operators.
    pub fn table(&self, most: usize) -> String {
        let mut out =
            format!("{:<24} {:>9} {:>12} {:>10} {:>9}\n", "operator", "count", "time", "bytes", "GB/s");
        for (name, total) in self.heaviest(most) {
            let seconds = total.time.as_secs_f64();
            let rate = if seconds > 0.0 { total.bytes / seconds / 1e9 } else { 0.0 };
            let _ = writeln!(
                out,
                "{name:<24} {:>9} {:>9.3} ms {:>10} {rate:>9.2}",
                total.count,
                seconds * 1e3,
                print_bytes(total.bytes)
            );
        }
        out
    }
}
