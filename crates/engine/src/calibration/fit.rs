//! Lines with terms that are not negative, fitted by least squares of relative errors.

use std::collections::BTreeMap;

use super::{Class, Fit, SAMPLES, Sample};

/// How often rows are weighted anew.
const ROUNDS: usize = 12;

/// A line for each class with enough samples.
pub fn lines(samples: &[Sample], near: f64) -> BTreeMap<Class, Fit> {
    let of = |class: Class| Some((class, fit(samples.iter().filter(|s| s.work.class == class), near)?));
    Class::ALL.into_iter().filter_map(of).collect()
}

/// The line of the class of a sample, fitted to the others.
pub fn without(samples: &[Sample], at: usize, near: f64) -> Option<Fit> {
    let class = samples[at].work.class;
    let others =
        samples.iter().enumerate().filter(|(other, sample)| *other != at && sample.work.class == class);
    fit(others.map(|(_, sample)| sample), near)
}

fn fit<'s>(samples: impl Iterator<Item = &'s Sample>, near: f64) -> Option<Fit> {
    let row = |sample: &Sample| Fit::features(&sample.work, near).map(|feature| feature / sample.seconds);
    let rows: Vec<[f64; 4]> = samples.map(row).collect();
    (rows.len() + 1 >= SAMPLES).then(|| Fit::of(balanced(&rows)))
}

/// Half as long and twice as long are equally wrong, but not to least squares of `estimated / measured - 1`, which
/// would rather be too short. So each row is weighted by the estimate before, until the weights have settled.
fn balanced(rows: &[[f64; 4]]) -> [f64; 4] {
    let mut weights = vec![1.0; rows.len()];
    let mut terms = [0.0; 4];
    for _ in 0..ROUNDS {
        terms = least_squares(rows, &weights);
        for (weight, row) in weights.iter_mut().zip(rows) {
            let ratio: f64 = row.iter().zip(&terms).map(|(a, x)| a * x).sum();
            *weight = ratio.clamp(0.01, 100.0).powf(-0.5);
        }
    }
    terms
}

/// The terms, none negative, for which the sums of rows are nearest to the weights: of all sets of terms that are not zero, the
/// best whose solution is feasible (the optimum is one of these: Lawson, Hanson, "Solving least squares problems", 1974).
fn least_squares(rows: &[[f64; 4]], weights: &[f64]) -> [f64; 4] {
    let weighted = |(row, weight): (&[f64; 4], &f64)| row.map(|a| a * weight);
    let rows: &[[f64; 4]] = &rows.iter().zip(weights).map(weighted).collect::<Vec<_>>();
    let residual = |terms: &[f64; 4]| -> f64 {
        rows.iter()
            .zip(weights)
            .map(|(row, weight)| (row.iter().zip(terms).map(|(a, x)| a * x).sum::<f64>() - weight).powi(2))
            .sum()
    };
    let sets = (1..16u32).map(|set| (0..4).filter(|at| set >> at & 1 == 1).collect::<Vec<usize>>());
    let feasible = sets
        .filter_map(|set| solve(rows, weights, &set))
        .filter(|terms| terms.iter().all(|term| *term >= 0.0));
    feasible.min_by(|a, b| residual(a).total_cmp(&residual(b))).unwrap_or_default()
}

/// Least squares over a set of terms by the normal equations, columns scaled to length 1; none where they are singular.
fn solve(rows: &[[f64; 4]], targets: &[f64], set: &[usize]) -> Option<[f64; 4]> {
    let scale = |at: usize| rows.iter().map(|row| row[at] * row[at]).sum::<f64>().sqrt();
    let scales: Vec<f64> = set.iter().map(|at| scale(*at)).collect();
    if scales.contains(&0.0) {
        return None;
    }
    let column = |k: usize| -> Vec<f64> { rows.iter().map(|row| row[set[k]] / scales[k]).collect() };
    let columns: Vec<Vec<f64>> = (0..set.len()).map(column).collect();
    let n = set.len();
    let mut system: Vec<Vec<f64>> = (0..n)
        .map(|i| {
            let product = |j: usize| columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum();
            (0..n).map(product).chain([columns[i].iter().zip(targets).map(|(a, b)| a * b).sum()]).collect()
        })
        .collect();
    let solution = eliminate(&mut system)?;
    let mut terms = [0.0; 4];
    set.iter().enumerate().for_each(|(k, at)| terms[*at] = solution[k] / scales[k]);
    Some(terms)
}

/// The solution of a symmetric positive definite system whose last column is the right side.
fn eliminate(system: &mut [Vec<f64>]) -> Option<Vec<f64>> {
    let n = system.len();
    for pivot in 0..n {
        if system[pivot][pivot] < 1e-12 {
            return None;
        }
        let row = system[pivot].clone();
        for other in (0..n).filter(|other| *other != pivot) {
            let factor = system[other][pivot] / row[pivot];
            system[other].iter_mut().zip(&row).for_each(|(a, b)| *a -= factor * b);
        }
    }
    Some((0..n).map(|at| system[at][n] / system[at][at]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Work;

    fn sample(bytes: f64, flops: f64, seconds: f64) -> Sample {
        let work = Work { class: Class::Product, read: bytes, flops, ..Work::SCALAR };
        Sample { name: String::new(), work, seconds, analytic: 0.0, fitted: None }
    }

    #[test]
    fn a_line_is_found_again() {
        let truth = Fit { overhead: 1e-6, near: 2e-11, far: 1e-10, flop: 3e-11 };
        let shapes = [(1e3, 1e3), (1e5, 1e3), (1e5, 1e7), (1e7, 1e6), (1e8, 1e6), (1e8, 1e9), (2e8, 1e4)];
        let samples: Vec<Sample> = shapes
            .iter()
            .map(|(bytes, flops)| {
                let mut sample = sample(*bytes, *flops, 0.0);
                sample.seconds = truth.time(&sample.work, 1e6);
                sample
            })
            .collect();
        let found = lines(&samples, 1e6)[&Class::Product];
        for (a, b) in found.terms().iter().zip(truth.terms()) {
            assert!((a / b - 1.0).abs() < 1e-6, "{found:?}");
        }
    }

    #[test]
    fn no_term_is_negative() {
        // The more operations, the faster: a line without a bound would have a negative term.
        let samples: Vec<Sample> =
            (1..9).map(|at| sample(1e3, 1e6 * f64::from(at), 1e-3 / f64::from(at))).collect();
        let found = lines(&samples, 1e6)[&Class::Product];
        assert!(found.terms().iter().all(|term| *term >= 0.0), "{found:?}");
        assert!(found.overhead + 1e3 * found.near > 0.0, "{found:?}");
    }

    #[test]
    fn too_few_samples_have_no_line() {
        let samples = vec![sample(1.0, 1.0, 1.0); 3];
        assert!(lines(&samples, 1e6).is_empty() && without(&samples, 0, 1e6).is_none());
    }
}
