//! Numbers of bins.
//!
//! A bin holds what is above its lower edge up to its upper edge; the first one holds its lower edge too. What lies below the
//! first bin belongs to it, what lies above the last one to that.

use rayon::prelude::*;
use tilewright_base::{Outcome, bail};

use super::CHUNK;
use super::spec::BinMethod;

/// The lower and upper edge of each bin; NaN when there are no values.
pub type Bins = Vec<(f64, f64)>;

/// Finds the edges of `count` bins over the values that are not NaN.
///
/// # Errors
/// When bins of equal width would have to reach to infinity.
pub fn learn(values: &[f64], method: BinMethod, count: usize) -> Outcome<Bins> {
    let edges = match method {
        BinMethod::EquiWidth => equi_width(values, count)?,
        BinMethod::EquiHeight => equi_height(values, count),
    };
    Ok(edges.windows(2).map(|pair| (pair[0], pair[1])).collect())
}

/// Edges in equal distances from the least to the largest value.
fn equi_width(values: &[f64], count: usize) -> Outcome<Vec<f64>> {
    let Some((low, high)) = extremes(values) else { return Ok(vec![f64::NAN; count + 1]) };
    if low.is_infinite() || high.is_infinite() {
        let row = values.iter().position(|value| value.is_infinite()).unwrap_or(0) + 1;
        bail!(Value, "row {row} is infinite: bins of equal width need finite numbers"; hint: "`equi-height` takes them")
    }
    let edge = |at: usize| match at {
        0 => low,
        _ if at == count => high,
        _ => low + at as f64 * (high - low) / count as f64,
    };
    Ok((0..=count).map(edge).collect())
}

/// The least and the largest value, if there are any; -0.0 is less than 0.0.
fn extremes(values: &[f64]) -> Option<(f64, f64)> {
    let both = |(low, high): (f64, f64), (a, b): (f64, f64)| {
        (if a.total_cmp(&low).is_lt() { a } else { low }, if b.total_cmp(&high).is_gt() { b } else { high })
    };
    values
        .par_iter()
        .with_min_len(CHUNK)
        .filter(|value| !value.is_nan())
        .map(|&value| (value, value))
        .reduce_with(both)
}

/// Upper edges at the values of rank `n * i / count`, rounded up: the quantiles of the empirical distribution (type 1 of
/// Hyndman and Fan, "Sample quantiles in statistical packages", 1996).
fn equi_height(values: &[f64], count: usize) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.par_sort_unstable_by(f64::total_cmp);
    let Some(&first) = sorted.first() else { return vec![f64::NAN; count + 1] };
    let rank = |at: usize| (sorted.len() as u128 * at as u128).div_ceil(count as u128) as usize;
    std::iter::once(first).chain((1..=count).map(|at| sorted[rank(at) - 1])).collect()
}

/// The bin of each value, counted from 1; 0 for NaN, and for all values when there are no edges.
pub fn apply(values: &[f64], bins: &[(f64, f64)]) -> Vec<u32> {
    let upper: Vec<f64> = bins.iter().map(|bin| bin.1).collect();
    let is_empty = upper.iter().all(|edge| edge.is_nan());
    let code = |value: f64| {
        if value.is_nan() || is_empty {
            return 0;
        }
        upper.partition_point(|&edge| edge < value).min(upper.len() - 1) as u32 + 1
    };
    let mut codes = vec![0; values.len()];
    codes.par_chunks_mut(CHUNK).zip(values.par_chunks(CHUNK)).for_each(|(codes, values)| {
        codes.iter_mut().zip(values).for_each(|(to, &value)| *to = code(value));
    });
    codes
}

/// What a code stands for: the middle of its bin.
pub fn middle((low, high): (f64, f64)) -> f64 {
    if low == high { low } else { low + (high - low) / 2.0 }
}
