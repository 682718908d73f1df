//! What was measured: samples, medians, and what falls short of what is asked.

use serde::Serialize;

use crate::ceiling::{Ceilings, Mix};

/// The unit of a measure.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Wall time.
    Seconds,
    /// Memory.
    Bytes,
}

impl Unit {
    /// A quantity; nothing for NaN.
    pub fn show(self, value: f64) -> String {
        match self {
            _ if value.is_nan() => String::new(),
            Unit::Bytes => format!("{:.1} MB", value / 1e6),
            Unit::Seconds if value < 1e-3 => format!("{:.0} us", value * 1e6),
            Unit::Seconds if value < 1.0 => format!("{:.1} ms", value * 1e3),
            Unit::Seconds => format!("{value:.2} s"),
        }
    }
}

/// What was measured of one case against one peer; less is better.
#[derive(Serialize)]
pub struct Measure {
    /// The name of the case.
    pub case: String,
    /// What it computes.
    pub what: String,
    /// The suite that it is part of.
    pub suite: Option<String>,
    /// Threads of all sides; as many as there are cores if absent.
    pub threads: Option<usize>,
    /// The unit of the samples.
    pub unit: Unit,
    /// Samples of ours.
    pub ours: Vec<f64>,
    /// The name of the peer.
    pub peer: Option<String>,
    /// Samples of the peer, one for each of ours, or none.
    pub theirs: Vec<f64>,
    /// Samples of the plainest loop that moves as many bytes, one for each of ours, or none.
    pub roof: Vec<f64>,
    /// Bytes that must be read.
    pub reads: Option<f64>,
    /// Bytes that must be written.
    pub writes: Option<f64>,
    /// Operations that must be done.
    pub flops: Option<f64>,
    /// How many times less than the peer ours is asked to take.
    pub ratio: Option<f64>,
    /// The part of the ceiling that is asked for.
    pub share: Option<f64>,
    /// The bytes per second that are asked for.
    pub rate: Option<f64>,
    /// Seconds or bytes that ours is asked not to exceed.
    pub most: Option<f64>,
    /// Why what is asked for is not reached, where it is not.
    pub reason: Option<String>,
}

impl Measure {
    /// A measure without samples.
    pub fn new(case: &str, what: &str, unit: Unit) -> Measure {
        Measure {
            case: case.into(),
            what: what.into(),
            suite: None,
            threads: None,
            unit,
            ours: Vec::new(),
            peer: None,
            theirs: Vec::new(),
            roof: Vec::new(),
            reads: None,
            writes: None,
            flops: None,
            ratio: None,
            share: None,
            rate: None,
            most: None,
            reason: None,
        }
    }

    /// How many times less ours takes than the peer, pair by pair, in ascending order.
    pub fn ratios(&self) -> Vec<f64> {
        beside(&self.theirs, &self.ours)
    }

    /// Bytes per second of ours.
    pub fn bytes_rate(&self) -> Option<f64> {
        let bytes = self.reads.unwrap_or_default() + self.writes.unwrap_or_default();
        (bytes > 0.0).then(|| bytes / median(&self.ours))
    }

    /// Operations per second of ours.
    pub fn flops_rate(&self) -> Option<f64> {
        self.flops.map(|flops| flops / median(&self.ours))
    }

    /// The part of the ceiling that ours reaches: of its own roof, or of the higher one of the machine, where both are
    /// known.
    pub fn ceiling_share(&self, ceilings: &Ceilings) -> Option<f64> {
        if !self.roof.is_empty() {
            return Some(quantile(&beside(&self.roof, &self.ours), 0.5));
        }
        let ceiling = ceilings.of(self.threads)?;
        let reads = self.reads.unwrap_or_default();
        let bytes = self
            .bytes_rate()
            .map(|rate| rate / ceiling.bandwidth(&Mix { reads, writes: self.writes.unwrap_or_default() }));
        let flops = self.flops_rate().map(|rate| rate / ceiling.flops);
        bytes.into_iter().chain(flops).reduce(f64::max)
    }

    /// A case that could not be measured.
    pub fn failed(case: &str, what: &str, reason: String) -> Measure {
        Measure { reason: Some(reason), ..Measure::new(case, what, Unit::Seconds) }
    }

    /// Whether it could not be measured.
    pub fn has_failed(&self) -> bool {
        self.ours.is_empty()
    }

    /// What is asked for and not reached, in words.
    pub fn shortfalls(&self, ceilings: &Ceilings) -> Vec<String> {
        if self.has_failed() {
            return vec!["failed".into()];
        }
        let mut short = Vec::new();
        if let Some(asked) = self.ratio
            && quantile(&self.ratios(), 0.5) < asked
        {
            short.push(format!("below {asked:.2}"));
        }
        if let Some(asked) = self.share
            && self.ceiling_share(ceilings).is_some_and(|share| share < asked)
        {
            short.push(format!("below {:.0} % of the ceiling", asked * 100.0));
        }
        if let Some(asked) = self.rate
            && self.bytes_rate().is_some_and(|rate| rate < asked)
        {
            short.push(format!("below {:.1} GB/s", asked / 1e9));
        }
        if let Some(asked) = self.most
            && median(&self.ours) > asked
        {
            short.push(format!("above {}", self.unit.show(asked)));
        }
        short
    }

    /// What is asked for, in words.
    pub fn asked(&self) -> Vec<String> {
        let ratio = self.ratio.filter(|_| !self.theirs.is_empty()).map(|asked| format!("{asked:.2}"));
        let share = self.share.map(|asked| format!("{:.0} %", asked * 100.0));
        let rate = self.rate.map(|asked| format!("{:.1} GB/s", asked / 1e9));
        let most = self.most.map(|asked| format!("at most {}", self.unit.show(asked)));
        ratio.into_iter().chain(share).chain(rate).chain(most).collect()
    }
}

/// The ratios of samples, pair by pair, in ascending order.
fn beside(theirs: &[f64], ours: &[f64]) -> Vec<f64> {
    sorted(theirs.iter().zip(ours).map(|(theirs, ours)| theirs / ours).collect())
}

/// The samples in ascending order.
pub fn sorted(mut samples: Vec<f64>) -> Vec<f64> {
    samples.sort_by(f64::total_cmp);
    samples
}

/// The middle of samples in any order; NaN of none.
pub fn median(samples: &[f64]) -> f64 {
    quantile(&sorted(samples.to_vec()), 0.5)
}

/// The value below which a part of sorted samples lies, between neighbours in proportion; NaN of none.
pub fn quantile(sorted: &[f64], part: f64) -> f64 {
    let at = part * (sorted.len().max(1) - 1) as f64;
    let value = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    value(low) + (value(high) - value(low)) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ceiling::Ceiling;

    /// Reads at 10 GB/s and everything else at 5; 100 GFLOP/s.
    fn ceilings() -> Ceilings {
        let one = Ceiling { threads: 1, read: 10e9, copy: 5e9, triad: 5e9, write: 5e9, flops: 100e9 };
        Ceilings(vec![one])
    }

    fn measure(ours: f64, theirs: &[f64]) -> Measure {
        Measure {
            ours: vec![ours; theirs.len()],
            theirs: theirs.to_vec(),
            ..Measure::new("a", "b", Unit::Seconds)
        }
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(median(&[10.0, 2.0, 1.0, 3.0]), 2.5);
        assert_eq!(quantile(&[4.0], 0.25), 4.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_ratio_below_what_is_asked_is_marked() {
        let asked = |ratio| Measure { ratio: Some(ratio), ..measure(1.0, &[1.0, 2.0, 9.0]) };
        assert_eq!(asked(2.0).shortfalls(&ceilings()), Vec::<String>::new());
        assert_eq!(asked(2.1).shortfalls(&ceilings()), ["below 2.10"]);
        assert_eq!(asked(2.1).asked(), ["2.10"]);
    }

    #[test]
    fn more_than_what_is_asked_is_marked() {
        let asked = |most| Measure { most: Some(most), ..measure(2.0, &[1.0]) };
        assert_eq!(asked(1.5).shortfalls(&ceilings()), ["above 1.50 s"]);
        assert_eq!(asked(2.0).shortfalls(&ceilings()), Vec::<String>::new());
        assert_eq!(asked(2.0).asked(), ["at most 2.00 s"]);
    }

    #[test]
    fn a_failure_is_marked() {
        let failed = Measure::failed("a", "b", "numba ended early".into());
        assert_eq!(failed.shortfalls(&ceilings()), ["failed"]);
    }

    #[test]
    fn without_a_peer_no_ratio_is_asked() {
        let alone = Measure { ratio: Some(2.0), ours: vec![1.0], ..measure(1.0, &[]) };
        assert!(alone.shortfalls(&ceilings()).is_empty() && alone.asked().is_empty());
    }

    #[test]
    fn a_roof_of_its_own_is_the_ceiling() {
        let own = Measure { roof: vec![0.5, 0.8, 0.7], share: Some(0.9), ..measure(1.0, &[1.0; 3]) };
        assert_eq!(own.ceiling_share(&ceilings()), Some(0.7));
        assert_eq!(own.shortfalls(&ceilings()), ["below 90 % of the ceiling"]);
    }

    #[test]
    fn the_ceiling_is_that_of_the_mix() {
        let read = Measure { reads: Some(8e9), share: Some(0.9), ..measure(1.0, &[1.0]) };
        assert_eq!(read.ceiling_share(&ceilings()), Some(0.8));
        assert_eq!(read.shortfalls(&ceilings()), ["below 90 % of the ceiling"]);
        let both = Measure { writes: Some(2e9), reads: Some(2e9), rate: Some(4e9), ..measure(1.0, &[1.0]) };
        assert_eq!(both.ceiling_share(&ceilings()), Some(0.8));
        assert!(both.shortfalls(&ceilings()).is_empty());
        let product = Measure { flops: Some(95e9), reads: Some(1e9), ..measure(1.0, &[1.0]) };
        assert_eq!(product.ceiling_share(&ceilings()), Some(0.95));
    }
}
