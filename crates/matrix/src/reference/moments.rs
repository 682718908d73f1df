//! The naive definitions of [`crate::moments`]: the mean, then deviations from it, in plain loops.

/// The weighted mean of the deviations from the mean to the power of `order`.
pub fn central_moment(values: &[f64], weights: Option<&[f64]>, order: i32) -> f64 {
    let mean = mean(values, weights);
    let (mut sum, mut total) = (0.0, 0.0);
    for (k, &value) in values.iter().enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[k]);
        let mut power = 1.0;
        for _ in 0..order {
            power *= value - mean;
        }
        sum += weight * power;
        total += weight;
    }
    sum / total
}

/// The weighted products of deviations from the means, divided by the total weight - 1; of a single pair 0.
pub fn covariance(x: &[f64], y: &[f64], weights: Option<&[f64]>) -> f64 {
    let (mean_x, mean_y) = (mean(x, weights), mean(y, weights));
    let (mut sum, mut total) = (0.0, 0.0);
    for k in 0..x.len() {
        let weight = weights.map_or(1.0, |weights| weights[k]);
        sum += weight * (x[k] - mean_x) * (y[k] - mean_y);
        total += weight;
    }
    if sum == 0.0 && total == 1.0 { 0.0 } else { sum / (total - 1.0) }
}

/// The mean of the values, each as often as its weight says.
pub fn mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for (k, &value) in values.iter().enumerate() {
        let weight = weights.map_or(1.0, |weights| weights[k]);
        sum += weight * value;
        total += weight;
    }
    sum / total
}
