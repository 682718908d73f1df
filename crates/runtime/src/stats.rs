//! What took the time: counts, bytes, operations and wall time per operator, beside what was estimated.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::Duration;

use tilewright_base::number::{print_amount, print_bytes, print_seconds};
use tilewright_ir::{Machine, Work};

/// Totals of one operator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Total {
    /// How often it ran.
    pub count: u64,
    /// Wall time.
    pub time: Duration,
    /// Bytes that it read and wrote.
    pub bytes: f64,
    /// Floating-point operations.
    pub flops: f64,
    /// What was estimated before.
    pub estimated: Estimated,
}

/// What was estimated, as far as sizes were known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimated {
    /// For so many of the runs there was an estimate.
    pub count: u64,
    /// Seconds.
    pub time: f64,
    /// Bytes read and written.
    pub bytes: f64,
    /// Floating-point operations.
    pub flops: f64,
}

/// Totals per operator; counting is off unless asked for.
#[derive(Debug, Default)]
pub struct Stats {
    machine: Machine,
    totals: Mutex<HashMap<String, Total>>,
    /// Bytes that pipelines did not move.
    saved: Mutex<f64>,
    recompilations: Mutex<(u64, Duration)>,
}

impl Stats {
    /// Nothing counted yet; times are estimated for a machine.
    pub fn new(machine: Machine) -> Stats {
        Stats { machine, ..Stats::default() }
    }

    /// Adds one run of an operator: what it did, if that is known, and what the plan said that it would do.
    pub fn add(&self, name: &str, time: Duration, done: Option<Work>, planned: Option<&Work>) {
        let mut totals = self.totals.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !totals.contains_key(name) {
            totals.insert(name.into(), Total::default());
        }
        let Some(total) = totals.get_mut(name) else { return };
        total.count += 1;
        total.time += time;
        if let Some(work) = done {
            total.bytes += work.bytes();
            total.flops += work.flops;
        }
        if let Some(work) = planned {
            let estimated = &mut total.estimated;
            estimated.count += 1;
            estimated.time += self.machine.time(work);
            estimated.bytes += work.bytes();
            estimated.flops += work.flops;
        }
    }

    /// Adds one compilation of a piece of the program while it ran.
    pub fn add_recompilation(&self, time: Duration) {
        let mut recompilations = self.recompilations.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        recompilations.0 += 1;
        recompilations.1 += time;
    }

    /// Adds bytes that a pipeline did not move, which its operators would have one by one.
    pub fn add_saved(&self, bytes: f64) {
        *self.saved.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += bytes;
    }

    /// Bytes that pipelines did not move.
    pub fn saved(&self) -> f64 {
        *self.saved.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// How often pieces of the program were compiled while it ran, and the time that took.
    pub fn recompilations(&self) -> (u64, Duration) {
        *self.recompilations.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The heaviest operators by time, heaviest first.
    pub fn heaviest(&self, most: usize) -> Vec<(String, Total)> {
        let totals = self.totals.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut sorted: Vec<_> = totals.iter().map(|(name, total)| (name.clone(), *total)).collect();
        sorted.sort_by(|a, b| b.1.time.cmp(&a.1.time).then(a.0.cmp(&b.0)));
        sorted.truncate(most);
        sorted
    }

    /// A table of the heaviest operators: what they took, in brackets what was estimated.
    pub fn table(&self, most: usize) -> String {
        let mut out = format!(
            "{:<24} {:>7} {:>9} {:<11} {:>9} {:<11} {:>7} {:<9} {:>7} {:>8}\n",
            "operator", "count", "time", "(est.)", "bytes", "(est.)", "flops", "(est.)", "GB/s", "GFLOP/s"
        );
        for (name, total) in self.heaviest(most) {
            let _ = writeln!(out, "{name:<24} {}", total.columns());
        }
        out
    }
}

impl Total {
    fn columns(&self) -> String {
        let seconds = self.time.as_secs_f64();
        let rate = |amount: f64| if seconds > 0.0 { amount / seconds / 1e9 } else { 0.0 };
        let estimated = &self.estimated;
        format!(
            "{:>7} {:>9} {:<11} {:>9} {:<11} {:>7} {:<9} {:>7.2} {:>8.2}",
            self.count,
            print_seconds(seconds),
            self.bracketed(estimated.time, print_seconds),
            print_bytes(self.bytes),
            self.bracketed(estimated.bytes, print_bytes),
            print_amount(self.flops),
            self.bracketed(estimated.flops, print_amount),
            rate(self.bytes),
            rate(self.flops),
        )
    }

    /// An estimate; a lower bound where some of the runs had none.
    fn bracketed(&self, amount: f64, print: fn(f64) -> String) -> String {
        match self.estimated.count {
            0 => "(?)".into(),
            count if count < self.count => format!("(>{})", print(amount)),
            _ => format!("({})", print(amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use tilewright_ir::Class;

    use super::*;

    /// Reads 3 MB, writes 1 MB, 8 million operations.
    const WORK: Work = Work {
        class: Class::Cellwise,
        inputs: 3e6,
        results: 1e6,
        scratch: 0.0,
        read: 3e6,
        written: 1e6,
        flops: 8e6,
    };

    fn row(planned: [Option<&Work>; 2]) -> String {
        let stats = Stats::default();
        planned.iter().for_each(|work| stats.add("+", Duration::from_millis(1), Some(WORK), *work));
        let words: Vec<String> =
            stats.table(1).lines().last().unwrap().split_whitespace().map(String::from).collect();
        words.join(" ")
    }

    #[test]
    fn what_was_done_stands_beside_what_was_estimated() {
        let time = print_seconds(2.0 * Machine::default().time(&WORK));
        let expected = format!("+ 2 2.0 ms ({time}) 8.0 MB (8.0 MB) 16.0M (16.0M) 4.00 8.00");
        assert_eq!(row([Some(&WORK), Some(&WORK)]), expected);
    }

    #[test]
    fn without_an_estimate_there_is_a_question_mark() {
        assert_eq!(row([None, None]), "+ 2 2.0 ms (?) 8.0 MB (?) 16.0M (?) 4.00 8.00");
        assert!(row([None, Some(&WORK)]).contains("8.0 MB (>4.0 MB) 16.0M (>8.0M)"));
    }
}
