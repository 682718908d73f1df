//! Central moments and covariances of columns, with or without weights.
//!
//! Values are given as slices, as in [`crate::quantile`]. Weights say how often a value occurs. Means come first and
//! deviations from them second (the two-pass algorithm); every sum is compensated and cut into chunks of fixed size,
//! so that results do not depend on the number of threads. The naive definitions are in
//! [`crate::reference::moments`].

use rayon::prelude::*;

use crate::scratch::Scratch;

/// Terms that are added up in one piece.
const CHUNK: usize = 1 << 14;

/// The mean of the deviations from the mean to the power of `order`: 2 gives the variance with divisor n. Of no
/// values it is NaN.
///
/// # Panics
/// When values and weights have different lengths.
pub fn central_moment(values: &[f64], weights: Option<&[f64]>, order: i32) -> f64 {
    let weight = weight_of(values.len(), weights);
    let total = total(values.len(), weights);
    let mean = mean(values, weights);
    sum(values.len(), |k| weight(k) * (values[k] - mean).powi(order)) / total
}

/// The sample covariance of two columns (divisor n - 1, or the total weight - 1); of a single pair it is 0.
///
/// # Panics
/// When the columns or the weights have different lengths.
pub fn covariance(x: &[f64], y: &[f64], weights: Option<&[f64]>) -> f64 {
    assert_eq!(x.len(), y.len(), "pairs of values");
    let weight = weight_of(x.len(), weights);
    let total = total(x.len(), weights);
    let (mean_x, mean_y) = (mean(x, weights), mean(y, weights));
    let deviations = sum(x.len(), |k| weight(k) * (x[k] - mean_x) * (y[k] - mean_y));
    if total == 1.0 && deviations == 0.0 { 0.0 } else { deviations / (total - 1.0) }
}

/// The mean of the values, each as often as its weight says.
///
/// # Panics
/// When there is not a weight per value.
pub fn mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = weight_of(values.len(), weights);
    sum(values.len(), |k| weight(k) * values[k]) / total(values.len(), weights)
}

/// What the functions of this module need for `n` values: a sum for each chunk.
pub fn moment_scratch(n: usize) -> Scratch {
    Scratch::vector::<f64>(n.div_ceil(CHUNK))
}

fn weight_of(len: usize, weights: Option<&[f64]>) -> impl Fn(usize) -> f64 + Sync + Copy {
    assert!(weights.is_none_or(|weights| weights.len() == len), "a weight per value");
    move |k| weights.map_or(1.0, |weights| weights[k])
}

fn total(len: usize, weights: Option<&[f64]>) -> f64 {
    weights.map_or(len as f64, |weights| sum(len, |k| weights[k]))
}

/// The sum of `len` terms.
fn sum(len: usize, term: impl Fn(usize) -> f64 + Sync) -> f64 {
    let chunk = |at: usize| compensated((at..(at + CHUNK).min(len)).map(&term));
    if len <= CHUNK {
        return chunk(0);
    }
    let parts: Vec<f64> = (0..len.div_ceil(CHUNK)).into_par_iter().map(|part| chunk(part * CHUNK)).collect();
    compensated(parts.into_iter())
}

/// The sum with a correction for lost low digits (Neumaier 1974); plain where infinities make that NaN.
fn compensated(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    if lost.is_nan() { sum } else { sum + lost }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference;
    use crate::testing::values;

    fn close(a: f64, b: f64) -> bool {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-10 * b.abs().max(1.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agree_with_the_definitions(x in (0..60_usize).prop_flat_map(values), order in 2..5) {
            let weights: Vec<f64> = (0..x.len()).map(|k| (k % 4) as f64).collect();
            let y: Vec<f64> = x.iter().rev().copied().collect();
            for w in [None, Some(&weights[..])] {
                let (is, should) = (central_moment(&x, w, order), reference::moments::central_moment(&x, w, order));
                prop_assert!(close(is, should), "{is} {should}");
                let (is, should) = (covariance(&x, &y, w), reference::moments::covariance(&x, &y, w));
                prop_assert!(close(is, should), "{is} {should}");
            }
        }
    }

    #[test]
    fn many_values_in_several_chunks() {
        let x: Vec<f64> = (0..3 * CHUNK + 5).map(|k| 1e6 + (k % 7) as f64).collect();
        let centred: Vec<f64> = x.iter().map(|x| x - 1e6).collect();
        assert!(close(central_moment(&x, None, 2), reference::moments::central_moment(&centred, None, 2)));
        assert!(close(
            covariance(&x, &centred, None),
            reference::moments::covariance(&centred, &centred, None)
        ));
    }
}
