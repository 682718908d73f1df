//! Random matrices against what their distributions promise: moments, equal frequencies, no correlation of
//! neighbours. Seeds are fixed, and limits are at five standard deviations.

use tilewright_matrix::random::{Distribution, Generated, rand};

const COUNT: usize = 1_000_000;

/// A column and the rows of a matrix over several blocks.
fn draws(distribution: Distribution) -> [Vec<f64>; 2] {
    [(COUNT, 1), (800, 1250)].map(|(rows, cols)| match rand(rows, cols, distribution, 1.0, 20_231) {
        Generated::Dense(dense) => dense.cells().to_vec(),
        Generated::Sparse(csr) => csr.to_dense().cells().to_vec(),
    })
}

/// `kurtosis` is the fourth central moment over the squared variance.
#[track_caller]
fn check_moments(values: &[f64], mean: f64, variance: f64, kurtosis: f64) {
    let n = values.len() as f64;
    let moment = |power: i32| values.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let near = |value: f64, deviation: f64| value.abs() <= 5.0 * deviation / n.sqrt();
    assert!(near(moment(1), variance.sqrt()), "mean {}", mean + moment(1));
    assert!(near(moment(2) - variance, variance * (kurtosis - 1.0).sqrt()), "variance {}", moment(2));
    for lag in [1, 2, 1000] {
        let products = values.iter().zip(&values[lag..]).map(|(a, b)| (a - mean) * (b - mean));
        let correlation = products.sum::<f64>() / n / variance;
        assert!(near(correlation, 1.0), "correlation {correlation} at lag {lag}");
    }
}

/// Pearson's statistic of `cells` classes of equal probability, which is about normal for many of them.
#[track_caller]
fn check_frequencies(classes: impl Iterator<Item = usize>, cells: usize) {
    let mut counts = vec![0.0; cells];
    let mut total = 0.0;
    for class in classes {
        counts[class] += 1.0;
        total += 1.0;
    }
    let expected = total / cells as f64;
    let chi: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
    let freedom = (cells - 1) as f64;
    assert!((chi - freedom).abs() <= 5.0 * (2.0 * freedom).sqrt(), "{chi} for {freedom} degrees of freedom");
}

#[test]
fn uniform_numbers() {
    for distribution in
        [Distribution::Uniform { min: 0.0, max: 1.0 }, Distribution::CounterUniform { min: 0.0, max: 1.0 }]
    {
        for values in draws(distribution) {
            check_moments(&values, 0.5, 1.0 / 12.0, 1.8);
            check_frequencies(values.iter().map(|u| ((u * 1000.0) as usize).min(999)), 1000);
            let pairs =
                values.chunks_exact(2).map(|pair| ((pair[0] * 30.0) as usize, (pair[1] * 30.0) as usize));
            check_frequencies(pairs.map(|(a, b)| a.min(29) * 30 + b.min(29)), 900);
        }
    }
}

#[test]
fn normal_numbers() {
    // The eighths of the standard normal distribution (tables of its quantiles).
    let eighths = [-1.150_349_380_376_008, -0.674_489_750_196_081_7, -0.318_639_363_964_375_2];
    for distribution in [Distribution::Normal, Distribution::CounterNormal] {
        for values in draws(distribution) {
            check_moments(&values, 0.0, 1.0, 3.0);
            let half = |x: f64| eighths.iter().filter(|&&bound| -x.abs() > bound).count();
            check_frequencies(values.iter().map(|&x| 4 * usize::from(x > 0.0) + half(x)), 8);
        }
    }
}

#[test]
fn poisson_numbers() {
    for lambda in [0.3, 4.0, 55.5] {
        for values in draws(Distribution::Poisson { lambda }) {
            assert!(values.iter().all(|x| *x >= 0.0 && x.fract() == 0.0));
            check_moments(&values, lambda, lambda, 3.0 + 1.0 / lambda);
        }
    }
}

#[test]
fn sparse_matrices_have_the_share_asked_for_in_every_row() {
    for share in [0.02, 0.3] {
        let uniform = Distribution::Uniform { min: 1.0, max: 2.0 };
        let Generated::Sparse(csr) = rand(1100, 1300, uniform, share, 99) else { panic!("sparse") };
        let cells = 1100.0 * 1300.0;
        let deviation = (cells * share * (1.0 - share)).sqrt();
        assert!((csr.nnz() as f64 - share * cells).abs() <= 5.0 * deviation, "{} of {cells}", csr.nnz());
        check_frequencies((0..1100).flat_map(|i| csr.row(i).0.iter().map(|j| *j as usize / 13)), 100);
        let mean = csr.val().iter().sum::<f64>() / csr.nnz() as f64;
        assert!((mean - 1.5).abs() <= 5.0 / (12.0 * csr.nnz() as f64).sqrt());
    }
}
