//! The naive definition of [`crate::grouped`]: the values of each group are picked out, then looked at.

use super::{aggregate as plain, moments};
use crate::dense::Dense;
use crate::grouped::Statistic;

/// The statistic of each column for each of `count` groups, a row per group.
pub fn aggregate(
    target: &Dense,
    groups: &[usize],
    weights: Option<&[f64]>,
    count: usize,
    statistic: Statistic,
) -> Dense {
    Dense::from_fn(count, target.cols(), |group, j| {
        let rows: Vec<usize> = (0..target.rows()).filter(|&i| groups[i] == group).collect();
        let values: Vec<f64> = rows.iter().map(|&i| target.get(i, j)).collect();
        let weights: Vec<f64> = rows.iter().map(|&i| weights.map_or(1.0, |weights| weights[i])).collect();
        of_group(&values, &weights, statistic)
    })
}

fn of_group(values: &[f64], weights: &[f64], statistic: Statistic) -> f64 {
    let total: f64 = weights.iter().fold(0.0, |sum, weight| sum + weight);
    let sum = values.iter().zip(weights).fold(0.0, |sum, (value, weight)| sum + value * weight);
    match statistic {
        Statistic::Sum => sum,
        Statistic::Count => total,
        Statistic::Mean if total <= 0.0 => 0.0,
        Statistic::Mean => sum / total,
        Statistic::Variance if total <= 1.0 => 0.0,
        Statistic::Variance => moments::central_moment(values, Some(weights), 2) * total / (total - 1.0),
        Statistic::CentralMoment(order) => moments::central_moment(values, Some(weights), order),
        Statistic::Min | Statistic::Max if values.is_empty() => 0.0,
        Statistic::Min => plain::min(values),
        Statistic::Max => plain::max(values),
    }
}
