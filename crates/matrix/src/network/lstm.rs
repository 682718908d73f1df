//! Long short-term memory (Hochreiter and Schmidhuber 1997), with forget gates (Gers, Schmidhuber, Cummins 2000).
//!
//! A batch of N sequences of T steps with D numbers each is an N x (T*D) matrix; M is the size of the state. The gates
//! of a step follow from its numbers x and the output h of the step before:
//!
//! ```text
//!   [i f o g] = [x h] %*% W + b      W is (D+M) x 4M, b is 1 x 4M
//!   i, f, o through the sigmoid, g through tanh
//!   c = f * c + i * g                h = o * tanh(c)
//! ```
//!
//! The products with x are one product for all steps, those with h one per step. Products absorb.

use rayon::prelude::*;

use crate::dense::Dense;
use crate::map::unary_in_place;
use crate::math::hyperbolic::Tanh;
use crate::math::sigmoid::Sigmoid;
use crate::product::repair::absorbing_product;
use crate::product::{matmul, matmul_nt, matmul_nt_scratch, matmul_scratch, matmul_tn, matmul_tn_scratch};
use crate::scratch::Scratch;

/// Cells of the state in a task: each takes several exponentials.
const GRAIN: usize = 1 << 11;

/// The inputs of a network of one layer.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// The sequences, N x (T*D).
    pub x: &'a Dense,
    /// The weights, (D+M) x 4M: gates i, f, o, g side by side.
    pub w: &'a Dense,
    /// The biases, 4M numbers.
    pub b: &'a [f64],
    /// The output before the first step, N x M.
    pub out0: &'a Dense,
    /// The state before the first step, N x M.
    pub c0: &'a Dense,
}

/// The results of a forward pass.
#[derive(Debug, Clone)]
pub struct Pass {
    /// The outputs of all steps, T x (N*M).
    pub outs: Dense,
    /// The states of all steps, T x (N*M).
    pub states: Dense,
    /// The gates of all steps, T x (N*4M).
    pub gates: Dense,
}

/// The gradients of a forward pass, in the shapes of what they are by; `b` is 1 x 4M.
#[derive(Debug, Clone)]
pub struct Gradients {
    /// By the sequences.
    pub x: Dense,
    /// By the weights.
    pub w: Dense,
    /// By the biases.
    pub b: Dense,
    /// By the output before the first step.
    pub out0: Dense,
    /// By the state before the first step.
    pub c0: Dense,
}

/// N, T, D and M.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// N, the sequences.
    pub batch: usize,
    /// T, their steps.
    pub steps: usize,
    /// D, the numbers of a step.
    pub inputs: usize,
    /// M, the numbers of the state.
    pub state: usize,
}

impl Layer<'_> {
    fn sizes(&self) -> Sizes {
        let state = self.w.cols() / 4;
        let inputs = self.w.rows() - state;
        let (batch, steps) = (self.x.rows(), self.x.cols() / inputs);
        assert_eq!((self.w.cols(), self.b.len()), (4 * state, 4 * state), "four gates");
        assert_eq!(self.x.cols(), steps * inputs, "whole steps");
        for start in [self.out0, self.c0] {
            assert_eq!((start.rows(), start.cols()), (batch, state), "a state per sequence");
        }
        Sizes { batch, steps, inputs, state }
    }

    /// The weights of the numbers of a step, D x 4M, and of the output before it, M x 4M.
    fn weights(&self, sizes: Sizes) -> (Dense, Dense) {
        let (upper, lower) = self.w.cells().split_at(sizes.inputs * self.w.cols());
        let part = |cells: &[f64]| Dense::from_cells(cells.len() / self.w.cols(), self.w.cols(), cells);
        (part(upper), part(lower))
    }

    /// The numbers of all steps, (N*T) x D: row `n * T + t` is step t of sequence n.
    fn numbers(&self, sizes: Sizes) -> Dense {
        self.x.clone().reshaped(sizes.batch * sizes.steps, sizes.inputs)
    }
}

/// Runs all steps, keeping what the gradients need.
///
/// # Panics
/// When the shapes do not fit, or D or M is zero.
pub fn forward(layer: Layer<'_>) -> Pass {
    let sizes = layer.sizes();
    let Sizes { batch, steps, state, .. } = sizes;
    let (wx, wh) = layer.weights(sizes);
    let from_numbers = matmul(&layer.numbers(sizes), &wx);
    let (mut outs, mut states) = (Dense::zeros(steps, batch * state), Dense::zeros(steps, batch * state));
    let mut gates = Dense::zeros(steps, batch * 4 * state);
    let (mut out, mut c) = (layer.out0.clone(), layer.c0.clone());
    for t in 0..steps {
        let from_out = matmul(&out, &wh);
        let rows = rows_of_task(state);
        let parts = (
            gates.row_mut(t).par_chunks_mut(rows * 4 * state),
            c.cells_mut().par_chunks_mut(rows * state),
            out.cells_mut().par_chunks_mut(rows * state),
        );
        parts.into_par_iter().enumerate().for_each(|(task, (gates, c, out))| {
            for (row, gates) in gates.chunks_exact_mut(4 * state).enumerate() {
                let n = task * rows + row;
                let sums = from_numbers.row(n * steps + t).iter().zip(from_out.row(n)).zip(layer.b);
                gates.iter_mut().zip(sums).for_each(|(gate, ((x, h), b))| *gate = x + h + b);
                let cells = row * state..(row + 1) * state;
                step(gates, &mut c[cells.clone()], &mut out[cells]);
            }
        });
        outs.row_mut(t).copy_from_slice(out.cells());
        states.row_mut(t).copy_from_slice(c.cells());
    }
    Pass { outs, states, gates }
}

/// What [`forward`] needs: the weights in two parts, the numbers of all steps and their part of the gates, and of one step
/// the state, the output and their part of the gates.
pub fn forward_scratch(sizes: Sizes) -> Scratch {
    let Sizes { batch, steps, inputs, state } = sizes;
    let (all, gates) = (batch.saturating_mul(steps), state.saturating_mul(4));
    let weights = Scratch::dense(inputs, gates).and(Scratch::dense(state, gates));
    let step = (Scratch::dense(batch, state) * 2).and(Scratch::dense(batch, gates));
    let numbers = Scratch::dense(all, inputs).and(matmul_scratch(all, gates, inputs));
    let each = step.and(matmul_scratch(batch, gates, state));
    weights.and(Scratch::dense(all, gates)).and(numbers.or(each))
}

/// One step of one sequence: sums to gates, the state to the next one, the output.
fn step(gates: &mut [f64], c: &mut [f64], out: &mut [f64]) {
    let state = c.len();
    let (sigmoids, g) = gates.split_at_mut(3 * state);
    unary_in_place(sigmoids, Sigmoid);
    unary_in_place(g, Tanh);
    for j in 0..state {
        let (i, f) = (sigmoids[j], sigmoids[state + j]);
        c[j] = absorbing_product(f, c[j]) + absorbing_product(i, g[j]);
    }
    out.copy_from_slice(c);
    unary_in_place(out, Tanh);
    for (out, &o) in out.iter_mut().zip(&sigmoids[2 * state..]) {
        *out = absorbing_product(o, *out);
    }
}

/// The outputs of all steps side by side, N x (T*M).
pub fn sequences(pass: &Pass, state: usize) -> Dense {
    let (steps, batch) = (pass.outs.rows(), pass.outs.cols() / state);
    let cell = |n: usize, t: usize| &pass.outs.row(t)[n * state..(n + 1) * state];
    let mut out = Dense::zeros(batch, steps * state);
    for n in 0..batch {
        let row = out.row_mut(n).chunks_exact_mut(state).enumerate();
        row.for_each(|(t, out)| out.copy_from_slice(cell(n, t)));
    }
    out
}

/// The gradients, backwards through all steps. `dout` is the gradient by the outputs of all steps, N x (T*M), or of the
/// last one, N x M; `dc` that by the last state, N x M.
///
/// # Panics
/// When the shapes do not fit, or D or M is zero.
pub fn backward(layer: Layer<'_>, pass: &Pass, dout: &Dense, dc: &Dense) -> Gradients {
    let sizes = layer.sizes();
    let Sizes { batch, steps, state, .. } = sizes;
    let (wx, wh) = layer.weights(sizes);
    let last_only = dout.cols() == state;
    let mut dsums = Dense::zeros(batch * steps, 4 * state);
    let (mut dout_next, mut dc) = (Dense::zeros(batch, state), dc.clone());
    for t in (0..steps).rev() {
        let given = (!last_only || t + 1 == steps).then(|| if last_only { 0 } else { t * state });
        let before = if t == 0 { layer.c0.cells() } else { pass.states.row(t - 1) };
        let mut dsum = Dense::zeros(batch, 4 * state);
        let rows = rows_of_task(state);
        let parts =
            (dsum.cells_mut().par_chunks_mut(rows * 4 * state), dc.cells_mut().par_chunks_mut(rows * state));
        parts.into_par_iter().enumerate().for_each(|(task, (dsum, dc))| {
            for (row, dsum) in dsum.chunks_exact_mut(4 * state).enumerate() {
                let n = task * rows + row;
                let cells = n * state..(n + 1) * state;
                let mut dh = dout_next.row(n).to_vec();
                if let Some(at) = given {
                    dh.iter_mut().zip(&dout.row(n)[at..at + state]).for_each(|(dh, given)| *dh += given);
                }
                let gates = &pass.gates.row(t)[n * 4 * state..(n + 1) * 4 * state];
                let states = (&before[cells.clone()], &pass.states.row(t)[cells]);
                step_back(gates, states, &dh, &mut dc[row * state..(row + 1) * state], dsum);
            }
        });
        dout_next = matmul_nt(&dsum, &wh);
        (0..batch).for_each(|n| dsums.row_mut(n * steps + t).copy_from_slice(dsum.row(n)));
    }
    let before = outputs_before(layer, pass, sizes);
    let dw = [matmul_tn(&layer.numbers(sizes), &dsums), matmul_tn(&before, &dsums)];
    let dw: Vec<f64> = dw.iter().flat_map(|part| part.cells().iter().copied()).collect();
    Gradients {
        x: matmul_nt(&dsums, &wx).reshaped(batch, layer.x.cols()),
        w: Dense::from_cells(layer.w.rows(), layer.w.cols(), &dw),
        b: matmul_tn(&Dense::filled(batch * steps, 1, 1.0), &dsums),
        out0: dout_next,
        c0: dc,
    }
}

/// What [`backward`] needs: the weights in two parts, the gradients by the sums behind all gates, of one step those and
/// what they come from, then the numbers and outputs of all steps.
pub fn backward_scratch(sizes: Sizes) -> Scratch {
    let Sizes { batch, steps, inputs, state } = sizes;
    let (all, gates) = (batch.saturating_mul(steps), state.saturating_mul(4));
    let weights = Scratch::dense(inputs, gates).and(Scratch::dense(state, gates));
    let step = (Scratch::dense(batch, state) * 3).and(Scratch::dense(batch, gates));
    let step = step.and(matmul_nt_scratch(batch, state, gates));
    let dw = (Scratch::dense(inputs.saturating_add(state), gates) * 3)
        .and(Scratch::dense(all, state))
        .and(Scratch::dense(all, inputs))
        .and(matmul_tn_scratch(inputs, gates, all).or(matmul_tn_scratch(state, gates, all)));
    let by_numbers = Scratch::dense(all, 1).and(matmul_nt_scratch(all, inputs, gates));
    weights.and(Scratch::dense(all, gates)).and(step.or(dw.or(by_numbers)))
}

/// One step of one sequence backwards. `dh` is the gradient by its output; `dc` comes as that by its state from later
/// steps and leaves as that by the state before; `dsum` receives that by the sums behind the gates.
fn step_back(gates: &[f64], (before, c): (&[f64], &[f64]), dh: &[f64], dc: &mut [f64], dsum: &mut [f64]) {
    let (state, times) = (c.len(), absorbing_product);
    let tanhs = 2 * state..3 * state;
    dsum[tanhs.clone()].copy_from_slice(c);
    unary_in_place(&mut dsum[tanhs], Tanh);
    for j in 0..state {
        let [i, f, o, g] = [0, 1, 2, 3].map(|gate| gates[gate * state + j]);
        let tanh = dsum[2 * state + j];
        let total = dc[j] + times(times(dh[j], o), 1.0 - tanh * tanh);
        dsum[j] = times(times(total, g), i * (1.0 - i));
        dsum[state + j] = times(times(total, before[j]), f * (1.0 - f));
        dsum[2 * state + j] = times(times(dh[j], tanh), o * (1.0 - o));
        dsum[3 * state + j] = times(times(total, i), 1.0 - g * g);
        dc[j] = times(total, f);
    }
}

/// The output before each step, (N*T) x M, in the order of [`Layer::numbers`].
fn outputs_before(layer: Layer<'_>, pass: &Pass, Sizes { batch, steps, state, .. }: Sizes) -> Dense {
    let mut before = Dense::zeros(batch * steps, state);
    for n in 0..batch {
        for t in 0..steps {
            let outs = if t == 0 { layer.out0.cells() } else { pass.outs.row(t - 1) };
            before.row_mut(n * steps + t).copy_from_slice(&outs[n * state..(n + 1) * state]);
        }
    }
    before
}

/// Sequences in a task.
fn rows_of_task(state: usize) -> usize {
    (GRAIN / state).max(1)
}
