//! Order statistics of one column: median, quantiles and the interquartile mean.
//!
//! Values are given as a slice: a sparse column has a row pointer per cell and is no smaller than its dense form, so
//! callers pass `x.to_dense().cells()`. NaN counts as the largest value. Weights say how often a value occurs;
//! values with a weight of zero do not occur. Of no values every statistic is NaN.
//!
//! Without weights few quantiles are selected in linear time, with weights values are sorted. The naive definitions are in
//! [`crate::reference::quantile`].

use rayon::prelude::*;

use crate::Scratch;
use crate::order::{self, ranks};

/// Values per task of a pass.
const CHUNK: usize = 1 << 16;

/// From this many quantiles on, one sort is cheaper than a selection for each.
const MANY_QUANTILES: usize = 12;

/// Whether values have weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighting {
    /// They have none.
    None,
    /// Each has one.
    PerValue,
}

/// The middle value, or the mean of the two middle values. With weights: the first value whose cumulated weight
/// exceeds half of the total, or its mean with the value before when that one reaches exactly half. NaN when a value is.
pub fn median(values: &[f64], weights: Option<&[f64]>) -> f64 {
    if values.par_chunks(CHUNK).any(|chunk| chunk.iter().any(|value| value.is_nan())) {
        return f64::NAN;
    }
    if let Some(weights) = weights {
        return weighted_median(&Weighted::new(values, weights));
    }
    let middle = values.len() / 2;
    if values.is_empty() {
        f64::NAN
    } else if values.len().is_multiple_of(2) {
        let middle = ranks::at(values, middle - 1..=middle);
        middle[0].midpoint(middle[1])
    } else {
        ranks::at(values, middle..=middle)[0]
    }
}

/// What [`median`] needs for `n` values.
pub fn median_scratch(n: usize, weighted: Weighting) -> Scratch {
    match weighted {
        Weighting::None => ranks::at_scratch(n),
        Weighting::PerValue => Weighted::scratch(n),
    }
}

/// The value at position `ceil(n * p)` in sorted order, from 1 on, and the minimum for `p = 0`. With weights: the
/// first value whose cumulated weight reaches `p` times the total.
///
/// # Panics
/// When `p` is not between 0 and 1.
pub fn quantile(values: &[f64], weights: Option<&[f64]>, p: f64) -> f64 {
    quantiles(values, weights, &[p])[0]
}

/// The [`quantile`] for each of several probabilities.
///
/// # Panics
/// When a probability is not between 0 and 1.
pub fn quantiles(values: &[f64], weights: Option<&[f64]>, probabilities: &[f64]) -> Vec<f64> {
    assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "probabilities lie between 0 and 1");
    if let Some(weights) = weights {
        let sorted = Weighted::new(values, weights);
        return probabilities.iter().map(|p| sorted.value_at(p * sorted.total())).collect();
    }
    if values.is_empty() {
        return vec![f64::NAN; probabilities.len()];
    }
    let count = values.len();
    let position = |p: f64| ((p * count as f64).ceil() as usize).clamp(1, count) - 1;
    if probabilities.len() < MANY_QUANTILES {
        return probabilities.iter().map(|&p| ranks::at(values, position(p)..=position(p))[0]).collect();
    }
    let sorted = ranks::sorted(values);
    probabilities.iter().map(|&p| sorted[position(p)]).collect()
}

/// What [`quantiles`] needs for `n` values and `count` probabilities.
pub fn quantiles_scratch(n: usize, count: usize, weighted: Weighting) -> Scratch {
    match weighted {
        Weighting::None if count >= MANY_QUANTILES => ranks::sorted_scratch(n),
        weighted => median_scratch(n, weighted),
    }
}

/// The mean of the central half of the values; the values at its edges count with the part that lies inside
/// (<https://en.wikipedia.org/wiki/Interquartile_mean>).
pub fn interquartile_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    if let Some(weights) = weights {
        return weighted_central_mean(&Weighted::new(values, weights));
    }
    if values.is_empty() {
        return f64::NAN;
    }
    let count = values.len() as f64;
    let (low, high) = (0.25 * count, 0.75 * count);
    let (first, last) = (low.floor() as usize, high.ceil() as usize - 1);
    let (least, greatest) = (ranks::at(values, first..=first)[0], ranks::at(values, last..=last)[0]);
    if greatest.is_nan() {
        return f64::NAN;
    }
    let centre = Centre::between(values, least, greatest);
    // The ranks of values equal to `least` end at `to_least`, those of `greatest` begin at `to_greatest`.
    let to_least = (values.len() - centre.above_least) as f64;
    let to_greatest = (values.len() - centre.from_greatest) as f64;
    let edges = if least < greatest {
        least * (to_least - low) + greatest * (high - to_greatest)
    } else {
        least * (high - low)
    };
    (centre.sum + edges) / (high - low)
}

/// What [`interquartile_mean`] needs for `n` values.
pub fn interquartile_mean_scratch(n: usize, weighted: Weighting) -> Scratch {
    median_scratch(n, weighted)
}

/// What lies between two values, and counts of what does not.
struct Centre {
    sum: f64,
    /// How many are greater than the lesser value, with NaN.
    above_least: usize,
    /// How many are not less than the greater value, with NaN.
    from_greatest: usize,
}

impl Centre {
    fn between(values: &[f64], least: f64, greatest: f64) -> Centre {
        let parts = values.par_chunks(CHUNK).map(|chunk| {
            let between = chunk.iter().copied().filter(|&x| least < x && x < greatest);
            let count = |is: &dyn Fn(f64) -> bool| chunk.iter().filter(|&&x| !is(x)).count();
            (compensated_sum(between), count(&|x| x <= least), count(&|x| x < greatest))
        });
        let parts: Vec<(f64, usize, usize)> = parts.collect();
        Centre {
            sum: compensated_sum(parts.iter().map(|part| part.0)),
            above_least: parts.iter().map(|part| part.1).sum(),
            from_greatest: parts.iter().map(|part| part.2).sum(),
        }
    }
}

/// Values of positive weight in ascending order, with the weight of each and all before it.
struct Weighted {
    values: Vec<f64>,
    cumulated: Vec<f64>,
}

impl Weighted {
    fn new(values: &[f64], weights: &[f64]) -> Weighted {
        assert_eq!(values.len(), weights.len(), "a weight per value");
        let pairs = values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
        let (mut values, mut weights) = (Vec::with_capacity(values.len()), Vec::with_capacity(values.len()));
        pairs.for_each(|(&value, &weight)| {
            values.push(value);
            weights.push(weight);
        });
        let positions = order::ascending(&values);
        let cumulate = |sum: &mut f64, weight| {
            *sum += weight;
            Some(*sum)
        };
        Weighted {
            values: positions.iter().map(|&k| values[k]).collect(),
            cumulated: positions.iter().map(|&k| weights[k]).scan(0.0, cumulate).collect(),
        }
    }

    /// What [`Weighted::new`] needs for `n` values, with its result: those of positive weight and their positions, then
    /// the result.
    fn scratch(n: usize) -> Scratch {
        let result = Scratch::vector::<f64>(n) * 3;
        (Scratch::vector::<f64>(n) * 3).and(result.or(order::ascending_scratch(n)))
    }

    fn total(&self) -> f64 {
        self.cumulated.last().copied().unwrap_or(0.0)
    }

    /// The first value whose cumulated weight reaches `weight`.
    fn value_at(&self, weight: f64) -> f64 {
        let at = self.cumulated.partition_point(|&sum| sum < weight);
        self.values.get(at).copied().unwrap_or(f64::NAN)
    }
}

fn weighted_median(sorted: &Weighted) -> f64 {
    let half = 0.5 * sorted.total();
    let at = sorted.cumulated.partition_point(|&sum| sum < half);
    match (sorted.values.get(at), sorted.values.get(at + 1)) {
        (Some(lower), Some(&upper)) if sorted.cumulated[at] == half => lower.midpoint(upper),
        (value, _) => value.copied().unwrap_or(f64::NAN),
    }
}

fn weighted_central_mean(sorted: &Weighted) -> f64 {
    let (low, high) = (0.25 * sorted.total(), 0.75 * sorted.total());
    let starts = std::iter::once(0.0).chain(sorted.cumulated.iter().copied());
    let shares = starts.zip(&sorted.cumulated).map(|(start, &end)| overlap(start, end, low, high));
    let central = sorted.values.iter().zip(shares).filter(|(_, share)| *share > 0.0);
    compensated_sum(central.map(|(value, share)| value * share)) / (high - low)
}

/// How much of the interval from `start` to `end` lies between `low` and `high`.
fn overlap(start: f64, end: f64, low: f64, high: f64) -> f64 {
    end.min(high) - start.max(low)
}

/// The sum with a correction for lost low digits (Neumaier 1974); plain where infinities make that NaN.
fn compensated_sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    if lost.is_nan() { sum } else { sum + lost }
}
