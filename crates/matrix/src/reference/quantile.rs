//! The naive definitions of [`crate::quantile`]: sort, then walk along the cumulated weights.

/// The middle of the sorted values, or the mean of two neighbours when half of the weight ends between them; NaN when a
/// value is.
pub fn median(values: &[f64], weights: Option<&[f64]>) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let sorted = sorted(values, weights);
    let half = total(&sorted) / 2.0;
    let mut sum = 0.0;
    for (k, &(value, weight)) in sorted.iter().enumerate() {
        sum += weight;
        if sum == half && k + 1 < sorted.len() {
            return value.midpoint(sorted[k + 1].0);
        }
        if sum >= half {
            return value;
        }
    }
    f64::NAN
}

/// The first of the sorted values whose cumulated weight reaches `p` times the total.
pub fn quantile(values: &[f64], weights: Option<&[f64]>, p: f64) -> f64 {
    let sorted = sorted(values, weights);
    let wanted = p * total(&sorted);
    let mut sum = 0.0;
    for (value, weight) in sorted {
        sum += weight;
        if sum >= wanted {
            return value;
        }
    }
    f64::NAN
}

/// The mean of the sorted values between a quarter and three quarters of the weight.
pub fn interquartile_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let sorted = sorted(values, weights);
    let (low, high) = (total(&sorted) * 0.25, total(&sorted) * 0.75);
    let (mut sum, mut start) = (0.0, 0.0);
    for (value, weight) in sorted {
        let end = start + weight;
        let share = f64::min(end, high) - f64::max(start, low);
        if share > 0.0 {
            sum += value * share;
        }
        start = end;
    }
    sum / (high - low)
}

/// Values that occur, with their weights, ascending and NaN last.
fn sorted(values: &[f64], weights: Option<&[f64]>) -> Vec<(f64, f64)> {
    let weight = |k: usize| weights.map_or(1.0, |weights| weights[k]);
    let mut pairs: Vec<(f64, f64)> =
        values.iter().enumerate().map(|(k, &value)| (value, weight(k))).collect();
    pairs.retain(|pair| pair.1 > 0.0);
    pairs.sort_by(|a, b| {
        a.0.is_nan().cmp(&b.0.is_nan()).then(a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal))
    });
    pairs
}

fn total(pairs: &[(f64, f64)]) -> f64 {
    pairs.iter().map(|pair| pair.1).fold(0.0, |sum, weight| sum + weight)
}
