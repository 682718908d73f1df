//! Primitives of neural networks: kernels against their definitions, definitions against finite differences.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use tilewright_matrix::network::batch_norm::Channels;
use tilewright_matrix::network::lstm::{Layer, Pass};
use tilewright_matrix::network::{Images, Window, batch_norm, bias, convolution, lstm, pooling};
use tilewright_matrix::reference::network as reference;
use tilewright_matrix::{Csr, Dense};

/// A matrix of a seed (a linear congruential generator): halves are zero, with `special` some are not finite.
fn matrix(rows: usize, cols: usize, seed: u64, special: bool) -> Dense {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    Dense::from_fn(rows, cols, |_, _| match next() % 24 {
        0 if special => f64::NAN,
        1 if special => f64::INFINITY,
        2 if special => f64::NEG_INFINITY,
        3..12 => 0.0,
        _ => next() as f64 / (1u64 << 30) as f64 - 1.0,
    })
}

fn close(found: &Dense, expected: &Dense, what: &str) {
    assert_eq!((found.rows(), found.cols()), (expected.rows(), expected.cols()), "shape of {what}");
    for (at, (x, y)) in found.cells().iter().zip(expected.cells()).enumerate() {
        let same = x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-11 * y.abs().max(1.0);
        assert!(same, "cell {at} of {what}: {x} instead of {y}");
    }
}

/// One case of a window over images.
#[derive(Debug, Clone, Copy)]
struct Case {
    images: usize,
    filters: usize,
    window: Window,
}

fn case() -> impl Strategy<Value = Case> {
    let pair = |range: std::ops::Range<usize>| (range.clone(), range).prop_map(|(a, b)| [a, b]);
    let sizes = (pair(1..8), pair(1..6), pair(1..4), pair(0..3));
    (0..4usize, 1..4usize, 1..4usize, sizes).prop_map(|(images, filters, channels, sizes)| {
        let (image, size, stride, padding) = sizes;
        let fitting = [0, 1].map(|axis| size[axis].min(image[axis] + 2 * padding[axis]));
        let window = Window::new(channels, image, fitting, stride, padding).expect("it fits");
        Case { images, filters, window }
    })
}

/// The operands of a case: images, filters, gradients by the result of a convolution and of a pooling.
fn operands(case: Case, seed: u64, special: bool) -> [Dense; 4] {
    let Case { images, filters, window } = case;
    [
        matrix(images, window.cells(), seed, special),
        matrix(filters, window.volume(), seed ^ 1, special),
        matrix(images, filters * window.map(), seed ^ 2, special),
        matrix(images, window.channels() * window.map(), seed ^ 3, special),
    ]
}

/// All results of kernels on the operands of a case, in one of the formats.
fn results(case: Case, [x, filter, dout, dpool]: &[Dense; 4], sparse: bool) -> [Dense; 7] {
    let (xs, ds, ps) = (Csr::from_dense(x), Csr::from_dense(dout), Csr::from_dense(dpool));
    let (x, dout, dpool): (Images<'_>, Images<'_>, Images<'_>) = if sparse {
        ((&xs).into(), (&ds).into(), (&ps).into())
    } else {
        (x.into(), dout.into(), dpool.into())
    };
    let window = &case.window;
    [
        convolution::convolve(x, filter, window),
        convolution::backward_filter(x, dout, window, case.filters),
        convolution::backward_data(filter, dout, window),
        pooling::max_pool(x, window),
        pooling::max_pool_backward(x, dpool, window),
        pooling::avg_pool(x, window),
        pooling::avg_pool_backward(dpool, window),
    ]
}

fn definitions(case: Case, [x, filter, dout, dpool]: &[Dense; 4]) -> [Dense; 7] {
    let window = &case.window;
    [
        reference::convolve(x, filter, window),
        reference::backward_filter(x, dout, window, case.filters),
        reference::backward_data(filter, dout, window),
        reference::max_pool(x, window),
        reference::max_pool_backward(x, dpool, window),
        reference::avg_pool(x, window),
        reference::avg_pool_backward(dpool, window),
    ]
}

const NAMES: [&str; 7] = [
    "convolve",
    "backward_filter",
    "backward_data",
    "max_pool",
    "max_pool_backward",
    "avg_pool",
    "avg_pool_backward",
];

fn check_windows(case: Case, operands: &[Dense; 4]) {
    let expected = definitions(case, operands);
    for sparse in [false, true] {
        let found = results(case, operands, sparse);
        for ((found, expected), name) in found.iter().zip(&expected).zip(NAMES) {
            close(found, expected, &format!("{name}, sparse: {sparse}, {case:?}"));
        }
    }
}

/// Checks `gradient`, which is that of `sum(weights * f(x))` by `x`, against central differences.
fn check_gradient(x: &Dense, weights: &Dense, gradient: &Dense, f: impl Fn(&Dense) -> Dense, what: &str) {
    const STEP: f64 = 1e-5;
    assert_eq!((gradient.rows(), gradient.cols()), (x.rows(), x.cols()), "shape of the gradient of {what}");
    let loss = |x: &Dense| f(x).cells().iter().zip(weights.cells()).map(|(y, w)| y * w).sum::<f64>();
    for at in 0..x.cells().len() {
        let moved = |by: f64| {
            let mut x = x.clone();
            x.cells_mut()[at] += by;
            loss(&x)
        };
        let (found, slope) = (gradient.cells()[at], (moved(STEP) - moved(-STEP)) / (2.0 * STEP));
        assert!(
            (found - slope).abs() < 1e-6 * slope.abs().max(1.0),
            "cell {at} of {what}: {found}, not {slope}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn windows_agree_with_their_definition(case in case(), seed in any::<u64>(), special in any::<bool>()) {
        check_windows(case, &operands(case, seed, special));
    }

    #[test]
    fn biases_agree_with_their_definition(
        rows in 0..4usize, channels in 1..4usize, plane in 0..5usize, seed in any::<u64>(), special in any::<bool>(),
    ) {
        let x = matrix(rows, channels * plane, seed, special);
        let b = matrix(channels, 1, seed ^ 1, special);
        close(&bias::add(&x, b.cells()), &reference::bias_add(&x, b.cells()), "add");
        let product = reference::bias_multiply(&x, b.cells());
        close(&bias::multiply(&x, b.cells()), &product, "multiply");
        close(&bias::multiply_sparse(&Csr::from_dense(&x), b.cells()).to_dense(), &product, "multiply_sparse");
    }

    #[test]
    fn batch_norms_agree_with_their_definition(
        rows in 0..4usize, count in 1..4usize, plane in 1..9usize, seed in any::<u64>(),
    ) {
        let x = matrix(rows, count * plane, seed, false);
        let [scale, shift, mean, variance] = [1, 2, 3, 4].map(|k| matrix(count, 1, seed ^ k, false));
        let variance = Dense::from_fn(count, 1, |c, _| variance.get(c, 0).powi(2));
        let channels = Channels {
            scale: scale.cells(), shift: shift.cells(), mean: mean.cells(), variance: variance.cells(),
        };
        let (train, test) = (batch_norm::train(&x, channels, 1e-3, 0.9), batch_norm::test(&x, channels, 1e-3));
        let defined = reference::batch_norm_train(&x, channels, 1e-3, 0.9);
        for (found, expected) in [(&train, &defined), (&test, &reference::batch_norm_test(&x, channels, 1e-3))] {
            close(&found.out, &expected.out, "out");
            close(&found.running_mean, &expected.running_mean, "running mean");
            close(&found.running_variance, &expected.running_variance, "running variance");
            close(&found.mean, &expected.mean, "mean");
            close(&found.inverse, &expected.inverse, "inverse");
        }
        let dout = matrix(rows, count * plane, seed ^ 5, false);
        let caches = (defined.mean.cells(), defined.inverse.cells());
        let found = batch_norm::backward(&x, &dout, scale.cells(), caches.0, caches.1);
        let expected = reference::batch_norm_backward(&x, &dout, scale.cells(), caches.0, caches.1);
        close(&found.image, &expected.image, "gradient by the image");
        close(&found.scale, &expected.scale, "gradient by the scale");
        close(&found.shift, &expected.shift, "gradient by the shift");
    }

    #[test]
    fn lstms_agree_with_their_definition(
        n in 0..4usize, d in 1..4usize, t in 0..4usize, m in 1..4usize, seed in any::<u64>(), special in any::<bool>(),
        last_only in any::<bool>(),
    ) {
        let [x, w, b, out0, c0] = lstm_operands([n, d, t, m], seed, special);
        let layer = Layer { x: &x, w: &w, b: b.cells(), out0: &out0, c0: &c0 };
        let (found, expected) = (lstm::forward(layer), reference::lstm(layer));
        close(&found.outs, &expected.outs, "outputs");
        close(&found.states, &expected.states, "states");
        close(&found.gates, &expected.gates, "gates");
        let dout = matrix(n, if last_only { m } else { t * m }, seed ^ 8, special);
        let dc = matrix(n, m, seed ^ 9, special);
        let (found, expected) =
            (lstm::backward(layer, &found, &dout, &dc), reference::lstm_backward(layer, &expected, &dout, &dc));
        close(&found.x, &expected.x, "gradient by X");
        close(&found.w, &expected.w, "gradient by W");
        close(&found.b, &expected.b, "gradient by b");
        close(&found.out0, &expected.out0, "gradient by out0");
        close(&found.c0, &expected.c0, "gradient by c0");
    }
}

fn lstm_operands([n, d, t, m]: [usize; 4], seed: u64, special: bool) -> [Dense; 5] {
    [
        matrix(n, t * d, seed, special),
        matrix(d + m, 4 * m, seed ^ 1, special),
        matrix(1, 4 * m, seed ^ 2, special),
        matrix(n, m, seed ^ 3, special),
        matrix(n, m, seed ^ 4, special),
    ]
}

#[test]
fn gradients_of_windows_are_the_slopes() {
    let shapes = [
        ([3, 4], [2, 3], [1, 1], [0, 0]),
        ([4, 3], [3, 2], [2, 1], [1, 1]),
        ([2, 2], [2, 2], [1, 1], [0, 0]),
        ([3, 3], [1, 1], [2, 2], [0, 0]),
    ];
    for (at, (image, size, stride, padding)) in shapes.into_iter().enumerate() {
        let window = Window::new(2, image, size, stride, padding).expect("it fits");
        let [x, filter, dout, dpool] = operands(Case { images: 2, filters: 3, window }, at as u64, false);
        // No two cells of a window are as near as a step, else the largest one changes.
        let apart = Dense::from_fn(2, window.cells(), |i, j| ((7 * j + 3 * i) % 29) as f64 / 10.0);
        let gradient = convolution::backward_filter((&x).into(), (&dout).into(), &window, 3);
        check_gradient(&filter, &dout, &gradient, |f| reference::convolve(&x, f, &window), "filter");
        let gradient = convolution::backward_data(&filter, (&dout).into(), &window);
        check_gradient(&x, &dout, &gradient, |x| reference::convolve(x, &filter, &window), "image");
        let gradient = pooling::max_pool_backward((&apart).into(), (&dpool).into(), &window);
        check_gradient(&apart, &dpool, &gradient, |x| reference::max_pool(x, &window), "max_pool");
        let gradient = pooling::avg_pool_backward((&dpool).into(), &window);
        check_gradient(&x, &dpool, &gradient, |x| reference::avg_pool(x, &window), "avg_pool");
    }
}

#[test]
fn gradients_of_batch_norm_are_the_slopes() {
    let [x, dout] = [1, 2].map(|seed| matrix(3, 8, seed, false));
    let [scale, shift] = [3, 4].map(|seed| matrix(2, 1, seed, false));
    let start = [0.0, 0.0];
    let forward = |x: &Dense, scale: &[f64], shift: &[f64]| {
        let channels = Channels { scale, shift, mean: &start, variance: &start };
        reference::batch_norm_train(x, channels, 1e-2, 0.9)
    };
    let (scale_cells, shift_cells) = (scale.cells(), shift.cells());
    let pass = forward(&x, scale_cells, shift_cells);
    let found = batch_norm::backward(&x, &dout, scale_cells, pass.mean.cells(), pass.inverse.cells());
    check_gradient(&x, &dout, &found.image, |x| forward(x, scale_cells, shift_cells).out, "image");
    check_gradient(&scale, &dout, &found.scale, |scale| forward(&x, scale.cells(), shift_cells).out, "scale");
    check_gradient(&shift, &dout, &found.shift, |shift| forward(&x, scale_cells, shift.cells()).out, "shift");
}

/// The outputs of all steps (or of the last one) and the last state, side by side.
fn lstm_results(pass: &Pass, n: usize, m: usize, last_only: bool) -> Dense {
    let steps = pass.outs.rows();
    let outs = if last_only { steps - 1..steps } else { 0..steps };
    let cell = |rows: &Dense, t: usize, i: usize, j: usize| rows.get(t, i * m + j);
    Dense::from_fn(n, (outs.len() + 1) * m, |i, j| match outs.clone().nth(j / m) {
        Some(t) => cell(&pass.outs, t, i, j % m),
        None => cell(&pass.states, steps - 1, i, j % m),
    })
}

#[test]
fn gradients_of_lstms_are_the_slopes() {
    let (n, d, t, m) = (2, 2, 3, 2);
    let [x, w, b, out0, c0] = lstm_operands([n, d, t, m], 5, false);
    for last_only in [false, true] {
        let layer = Layer { x: &x, w: &w, b: b.cells(), out0: &out0, c0: &c0 };
        let cols = if last_only { m } else { t * m };
        let (dout, dc) = (matrix(n, cols, 6, false), matrix(n, m, 7, false));
        let weights =
            Dense::from_fn(n, cols + m, |i, j| if j < cols { dout.get(i, j) } else { dc.get(i, j - cols) });
        let found = lstm::backward(layer, &lstm::forward(layer), &dout, &dc);
        let run = |layer: Layer<'_>| lstm_results(&reference::lstm(layer), n, m, last_only);
        check_gradient(&x, &weights, &found.x, |x| run(Layer { x, ..layer }), "X");
        check_gradient(&w, &weights, &found.w, |w| run(Layer { w, ..layer }), "W");
        check_gradient(&b, &weights, &found.b, |b| run(Layer { b: b.cells(), ..layer }), "b");
        check_gradient(&out0, &weights, &found.out0, |out0| run(Layer { out0, ..layer }), "out0");
        check_gradient(&c0, &weights, &found.c0, |c0| run(Layer { c0, ..layer }), "c0");
    }
}

#[test]
fn sequences_are_rows() {
    let pass = Pass {
        outs: Dense::from_cells(2, 4, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]),
        states: Dense::zeros(2, 4),
        gates: Dense::zeros(2, 16),
    };
    let expected = Dense::from_cells(2, 4, &[1.0, 2.0, 5.0, 6.0, 3.0, 4.0, 7.0, 8.0]);
    assert_eq!(lstm::sequences(&pass, 2), expected);
}

#[test]
fn the_first_of_equal_cells_takes_the_gradient() {
    let window = Window::new(1, [2, 3], [2, 2], [1, 1], [0, 0]).expect("it fits");
    let x = Dense::from_cells(1, 6, &[1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    let dout = Dense::from_cells(1, 2, &[1.0, 2.0]);
    let found = pooling::max_pool_backward((&x).into(), (&dout).into(), &window);
    assert_eq!(found.cells(), [1.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn a_window_in_the_padding_has_no_largest_cell() {
    let window = Window::new(1, [1, 1], [1, 1], [1, 1], [1, 0]).expect("it fits");
    let x = Dense::filled(1, 1, -3.0);
    let found = pooling::max_pool((&x).into(), &window);
    assert_eq!(found.cells(), [f64::NEG_INFINITY, -3.0, f64::NEG_INFINITY]);
}

/// Cases that are cut into several tasks: within an image, over images, over strips.
fn large_cases() -> [Case; 3] {
    let window = |channels, image, size, padding| {
        Window::new(channels, image, size, [1, 1], padding).expect("it fits")
    };
    [
        Case { images: 1, filters: 20, window: window(9, [90, 70], [3, 3], [1, 1]) },
        Case { images: 40, filters: 16, window: window(3, [20, 20], [3, 3], [1, 1]) },
        Case { images: 2, filters: 90, window: window(70, [12, 30], [3, 5], [0, 2]) },
    ]
}

#[test]
fn large_images_agree_where_the_work_is_cut() {
    for (at, case) in large_cases().into_iter().enumerate() {
        check_windows(case, &operands(case, at as u64, false));
    }
}

fn bits(all: &[Dense]) -> Vec<u64> {
    all.iter().flat_map(|dense| dense.cells()).map(|x| x.to_bits()).collect()
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let mut cases: Vec<_> = large_cases().into_iter().map(|case| (case, operands(case, 3, false))).collect();
    cases[0].1[0].cells_mut()[17] = f64::NAN;
    let [x, w, b, out0, c0] = lstm_operands([300, 5, 4, 20], 1, false);
    let images = matrix(300, 3_000, 2, false);
    let run = || {
        let mut all: Vec<Dense> =
            cases.iter().flat_map(|(case, operands)| results(*case, operands, false)).collect();
        let layer = Layer { x: &x, w: &w, b: b.cells(), out0: &out0, c0: &c0 };
        let pass = lstm::forward(layer);
        let gradients = lstm::backward(layer, &pass, &out0, &c0);
        all.extend([pass.outs, pass.states, pass.gates, gradients.x, gradients.w, gradients.b]);
        let start = [0.5, 1.5, 2.5];
        let channels = Channels { scale: &start, shift: &start, mean: &start, variance: &start };
        let normalised = batch_norm::train(&images, channels, 1e-3, 0.5);
        let gradients = batch_norm::backward(&images, &images, &start, &start, normalised.inverse.cells());
        all.extend([normalised.out, normalised.inverse, gradients.image, gradients.scale]);
        bits(&all)
    };
    let in_pool = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(run)
    };
    let expected = in_pool(1);
    for threads in [2, 3, 7] {
        assert!(in_pool(threads) == expected, "with {threads} threads");
    }
}
