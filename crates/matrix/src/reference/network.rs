//! Primitives of neural networks by their definition; zeros absorb in every product.
//!
//! Images are rows, channel after channel; shapes are those of [`crate::network`].

use super::product::{matmul, matmul_nt, matmul_tn};
use crate::dense::Dense;
use crate::network::batch_norm::{Channels, Normalised};
use crate::network::lstm::{Layer, Pass};
use crate::network::{Window, batch_norm, lstm};

/// `x * y`, where a zero on either side gives zero.
fn times(x: f64, y: f64) -> f64 {
    if x == 0.0 || y == 0.0 { 0.0 } else { x * y }
}

/// Calls `visit(position, cell of the window, cell of the channel)` for what the window covers of a channel.
fn each_covered(window: &Window, mut visit: impl FnMut(usize, usize, usize)) {
    let ([down, across], [height, width]) = (window.steps(), window.size());
    for p in 0..down {
        for q in 0..across {
            for r in 0..height {
                for s in 0..width {
                    if let (Some(h), Some(w)) = (window.at(0, p, r), window.at(1, q, s)) {
                        visit(p * across + q, r * width + s, h * window.image()[1] + w);
                    }
                }
            }
        }
    }
}

/// Calls `visit(cell of the result, cell of the filter, cell of the image)` for filter `k` and what it meets.
fn each_product(window: &Window, k: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for c in 0..window.channels() {
        each_covered(window, |position, offset, cell| {
            visit(k * window.map() + position, c * window.area() + offset, c * window.plane() + cell);
        });
    }
}

/// The convolution of images with filters.
pub fn convolve(input: &Dense, filter: &Dense, window: &Window) -> Dense {
    let mut out = Dense::zeros(input.rows(), filter.rows() * window.map());
    for n in 0..input.rows() {
        for k in 0..filter.rows() {
            each_product(window, k, |to, weight, cell| {
                out.row_mut(n)[to] += times(filter.get(k, weight), input.get(n, cell));
            });
        }
    }
    out
}

/// The gradient of [`convolve`] by the filters.
pub fn backward_filter(input: &Dense, dout: &Dense, window: &Window, filters: usize) -> Dense {
    let mut out = Dense::zeros(filters, window.volume());
    for n in 0..input.rows() {
        for k in 0..filters {
            each_product(window, k, |to, weight, cell| {
                out.row_mut(k)[weight] += times(dout.get(n, to), input.get(n, cell));
            });
        }
    }
    out
}

/// The gradient of [`convolve`] by the images.
pub fn backward_data(filter: &Dense, dout: &Dense, window: &Window) -> Dense {
    let mut out = Dense::zeros(dout.rows(), window.cells());
    for n in 0..dout.rows() {
        for k in 0..filter.rows() {
            each_product(window, k, |to, weight, cell| {
                out.row_mut(n)[cell] += times(filter.get(k, weight), dout.get(n, to));
            });
        }
    }
    out
}

/// The largest cell of every window and where in the image it is; the first of several, a NaN before all.
fn largest(input: &Dense, window: &Window, n: usize) -> Vec<(f64, Option<usize>)> {
    let mut best = vec![(f64::NEG_INFINITY, None); window.channels() * window.map()];
    for c in 0..window.channels() {
        each_covered(window, |position, _, cell| {
            let at = c * window.plane() + cell;
            let (x, best) = (input.get(n, at), &mut best[c * window.map() + position]);
            if best.1.is_none() || x > best.0 || (x.is_nan() && !best.0.is_nan()) {
                *best = (x, Some(at));
            }
        });
    }
    best
}

/// The largest cell of every window.
pub fn max_pool(input: &Dense, window: &Window) -> Dense {
    let mut out = Dense::zeros(input.rows(), window.channels() * window.map());
    for n in 0..input.rows() {
        let best = largest(input, window, n);
        out.row_mut(n).iter_mut().zip(best).for_each(|(out, (x, _))| *out = x);
    }
    out
}

/// The gradient of [`max_pool`].
pub fn max_pool_backward(input: &Dense, dout: &Dense, window: &Window) -> Dense {
    let mut out = Dense::zeros(input.rows(), input.cols());
    for n in 0..input.rows() {
        for (to, (_, at)) in largest(input, window, n).into_iter().enumerate() {
            if let Some(at) = at {
                out.row_mut(n)[at] += dout.get(n, to);
            }
        }
    }
    out
}

/// The mean of every window, the padding counting as zeros.
pub fn avg_pool(input: &Dense, window: &Window) -> Dense {
    let mut out = Dense::zeros(input.rows(), window.channels() * window.map());
    for (n, c) in (0..input.rows()).flat_map(|n| (0..window.channels()).map(move |c| (n, c))) {
        each_covered(window, |position, _, cell| {
            let x = input.get(n, c * window.plane() + cell);
            out.row_mut(n)[c * window.map() + position] += x / window.area() as f64;
        });
    }
    out
}

/// The gradient of [`avg_pool`].
pub fn avg_pool_backward(dout: &Dense, window: &Window) -> Dense {
    let mut out = Dense::zeros(dout.rows(), window.cells());
    for (n, c) in (0..dout.rows()).flat_map(|n| (0..window.channels()).map(move |c| (n, c))) {
        each_covered(window, |position, _, cell| {
            let gradient = dout.get(n, c * window.map() + position);
            out.row_mut(n)[c * window.plane() + cell] += gradient / window.area() as f64;
        });
    }
    out
}

/// Adds a number per channel.
pub fn bias_add(input: &Dense, bias: &[f64]) -> Dense {
    Dense::from_fn(input.rows(), input.cols(), |n, j| input.get(n, j) + bias[j * bias.len() / input.cols()])
}

/// Multiplies with a number per channel.
pub fn bias_multiply(input: &Dense, bias: &[f64]) -> Dense {
    Dense::from_fn(input.rows(), input.cols(), |n, j| {
        times(input.get(n, j), bias[j * bias.len() / input.cols()])
    })
}

/// The cells of channel `c` of all images.
fn channel(x: &Dense, count: usize, c: usize) -> Vec<f64> {
    let plane = x.cols() / count;
    (0..x.rows()).flat_map(|n| x.row(n)[c * plane..(c + 1) * plane].iter().copied()).collect()
}

fn mean(xs: &[f64]) -> f64 {
    xs.iter().fold(0.0, |sum, x| sum + x) / xs.len() as f64
}

/// Batch normalisation by the statistics of the batch.
pub fn batch_norm_train(image: &Dense, channels: Channels<'_>, epsilon: f64, momentum: f64) -> Normalised {
    let count = channels.scale.len();
    let means: Vec<f64> = (0..count).map(|c| mean(&channel(image, count, c))).collect();
    let variance = |c: usize| {
        let squares: Vec<f64> = channel(image, count, c).iter().map(|x| (x - means[c]).powi(2)).collect();
        mean(&squares)
    };
    let variances: Vec<f64> = (0..count).map(variance).collect();
    let running = |old: &[f64], new: &[f64]| {
        Dense::from_fn(count, 1, |c, _| momentum * old[c] + (1.0 - momentum) * new[c])
    };
    let batch = Channels { mean: &means, variance: &variances, ..channels };
    Normalised {
        running_mean: running(channels.mean, &means),
        running_variance: running(channels.variance, &variances),
        ..batch_norm_test(image, batch, epsilon)
    }
}

/// Batch normalisation by the running statistics.
pub fn batch_norm_test(image: &Dense, channels: Channels<'_>, epsilon: f64) -> Normalised {
    let count = channels.scale.len();
    let inverse = |c: usize| 1.0 / (channels.variance[c] + epsilon).sqrt();
    let column = |number: &dyn Fn(usize) -> f64| Dense::from_fn(count, 1, |c, _| number(c));
    Normalised {
        out: Dense::from_fn(image.rows(), image.cols(), |n, j| {
            let c = j * count / image.cols();
            (image.get(n, j) - channels.mean[c]) * inverse(c) * channels.scale[c] + channels.shift[c]
        }),
        running_mean: column(&|c| channels.mean[c]),
        running_variance: column(&|c| channels.variance[c]),
        mean: column(&|c| channels.mean[c]),
        inverse: column(&inverse),
    }
}

/// The gradient of [`batch_norm_train`], by the chain rule through x' = (x - mean) * inverse, the variance and the mean.
pub fn batch_norm_backward(
    image: &Dense,
    dout: &Dense,
    scale: &[f64],
    means: &[f64],
    inverse: &[f64],
) -> batch_norm::Gradients {
    let count = scale.len();
    let (mut by_image, plane) = (Dense::zeros(image.rows(), image.cols()), image.cols() / count.max(1));
    let (mut by_scale, mut by_shift) = (Dense::zeros(count, 1), Dense::zeros(count, 1));
    for c in 0..count {
        let (x, dy) = (channel(image, count, c), channel(dout, count, c));
        let centred: Vec<f64> = x.iter().map(|x| x - means[c]).collect();
        let sum = |f: &dyn Fn(usize) -> f64| (0..x.len()).map(f).fold(0.0, |sum, x| sum + x);
        by_shift.set(c, 0, sum(&|k| dy[k]));
        by_scale.set(c, 0, sum(&|k| dy[k] * centred[k] * inverse[c]));
        let dnormal = |k: usize| dy[k] * scale[c];
        let dvariance = sum(&|k| dnormal(k) * centred[k]) * -0.5 * inverse[c].powi(3);
        let dmean = -sum(&dnormal) * inverse[c];
        for (k, centred) in centred.iter().enumerate() {
            let dx =
                dnormal(k) * inverse[c] + dvariance * 2.0 * centred / x.len() as f64 + dmean / x.len() as f64;
            by_image.set(k / plane, c * plane + k % plane, dx);
        }
    }
    batch_norm::Gradients { image: by_image, scale: by_scale, shift: by_shift }
}

/// All steps of an LSTM, each as one product of its numbers and the output before with all weights.
pub fn lstm(layer: Layer<'_>) -> Pass {
    let (n, m) = (layer.x.rows(), layer.w.cols() / 4);
    let steps = layer.x.cols() / (layer.w.rows() - m);
    let (mut h, mut c) = (layer.out0.clone(), layer.c0.clone());
    let (mut outs, mut states) = (Dense::zeros(steps, n * m), Dense::zeros(steps, n * m));
    let mut gates = Dense::zeros(steps, n * 4 * m);
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    for t in 0..steps {
        let sums = matmul(&step_inputs(layer, &h, t), layer.w);
        let gate = |i: usize, j: usize| {
            let sum = sums.get(i, j) + layer.b[j];
            if j < 3 * m { sigmoid(sum) } else { sum.tanh() }
        };
        let ifog = Dense::from_fn(n, 4 * m, gate);
        let kept = |i, j| times(ifog.get(i, m + j), c.get(i, j));
        c = Dense::from_fn(n, m, |i, j| kept(i, j) + times(ifog.get(i, j), ifog.get(i, 3 * m + j)));
        h = Dense::from_fn(n, m, |i, j| times(ifog.get(i, 2 * m + j), c.get(i, j).tanh()));
        outs.row_mut(t).copy_from_slice(h.cells());
        states.row_mut(t).copy_from_slice(c.cells());
        gates.row_mut(t).copy_from_slice(ifog.cells());
    }
    Pass { outs, states, gates }
}

/// The numbers of step `t` beside the output before it, N x (D+M).
fn step_inputs(layer: Layer<'_>, h: &Dense, t: usize) -> Dense {
    let inputs = layer.w.rows() - h.cols();
    Dense::from_fn(layer.x.rows(), layer.w.rows(), |i, j| {
        if j < inputs { layer.x.get(i, t * inputs + j) } else { h.get(i, j - inputs) }
    })
}

/// The gradient of [`lstm`], step by step.
pub fn lstm_backward(layer: Layer<'_>, pass: &Pass, dout: &Dense, dc: &Dense) -> lstm::Gradients {
    let (n, m) = (layer.x.rows(), layer.w.cols() / 4);
    let (inputs, steps) = (layer.w.rows() - m, pass.outs.rows());
    let row = |all: &Dense, t: usize, cols| Dense::from_cells(n, cols, all.row(t));
    let (mut by_x, mut by_w) = (Dense::zeros(n, layer.x.cols()), Dense::zeros(layer.w.rows(), 4 * m));
    let (mut by_b, mut dh, mut dc) = (Dense::zeros(1, 4 * m), Dense::zeros(n, m), dc.clone());
    for t in (0..steps).rev() {
        let (ifog, c) = (row(&pass.gates, t, 4 * m), row(&pass.states, t, m));
        let h_before = if t == 0 { layer.out0.clone() } else { row(&pass.outs, t - 1, m) };
        let c_before = if t == 0 { layer.c0.clone() } else { row(&pass.states, t - 1, m) };
        let given = |i: usize, j: usize| match (dout.cols() == m, t + 1 == steps) {
            (true, true) => dout.get(i, j),
            (true, false) => 0.0,
            (false, _) => dout.get(i, t * m + j),
        };
        let total = Dense::from_fn(n, m, |i, j| dh.get(i, j) + given(i, j));
        let tanh = |i, j| c.get(i, j).tanh();
        let dstate = Dense::from_fn(n, m, |i, j| {
            let through_output =
                times(times(total.get(i, j), ifog.get(i, 2 * m + j)), 1.0 - tanh(i, j).powi(2));
            dc.get(i, j) + through_output
        });
        let dsums = Dense::from_fn(n, 4 * m, |i, at| {
            let (gate, j, value) = (at / m, at % m, ifog.get(i, at));
            let by_gate = match gate {
                0 => times(dstate.get(i, j), ifog.get(i, 3 * m + j)),
                1 => times(dstate.get(i, j), c_before.get(i, j)),
                2 => times(total.get(i, j), tanh(i, j)),
                _ => times(dstate.get(i, j), ifog.get(i, j)),
            };
            times(by_gate, if gate < 3 { value * (1.0 - value) } else { 1.0 - value * value })
        });
        let dinputs = matmul_nt(&dsums, layer.w);
        add(&mut by_w, &matmul_tn(&step_inputs(layer, &h_before, t), &dsums));
        (0..n).for_each(|i| (0..4 * m).for_each(|j| by_b.row_mut(0)[j] += dsums.get(i, j)));
        (0..n).for_each(|i| (0..inputs).for_each(|j| by_x.set(i, t * inputs + j, dinputs.get(i, j))));
        dh = Dense::from_fn(n, m, |i, j| dinputs.get(i, inputs + j));
        dc = Dense::from_fn(n, m, |i, j| times(dstate.get(i, j), ifog.get(i, m + j)));
    }
    lstm::Gradients { x: by_x, w: by_w, b: by_b, out0: dh, c0: dc }
}

fn add(to: &mut Dense, from: &Dense) {
    to.cells_mut().iter_mut().zip(from.cells()).for_each(|(x, y)| *x += y);
}
