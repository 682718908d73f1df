//! Primitives of neural networks: convolution, pooling, biases, batch normalisation, LSTM, and their gradients.
//!
//! Images are rows of a matrix, channel after channel. What is checked of the arguments, and what is known of the
//! results, is in [`shape`]; all of it holds when a function runs.

mod scratch;
mod shape;

use tilewright_base::Outcome;
use tilewright_matrix::network::batch_norm::Channels;
use tilewright_matrix::network::lstm::{Layer, Pass};
use tilewright_matrix::network::{Images, Window, batch_norm, bias, convolution, lstm, pooling};
use tilewright_matrix::{Dense, reference::network as naive};
use tilewright_value::{Block, Value};

use crate::function::{Args, FunctionRow, Param, Params, optional, required};
use crate::locality::Locality;
use crate::operand::Cells;

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $results:expr, $locality:ident, $infer:expr, $run:expr, $reference:expr, $scratch:expr) => {
        FunctionRow::pure($name, $doc, Params::Named(&$params), $infer, $run, $reference)
            .with_results(&$results)
            .looking(Locality::$locality)
            .with_scratch($scratch)
    };
}

/// The parameters of a convolution: two matrices and four lists.
const fn convolution(a: &'static str, b: &'static str) -> [Param; 6] {
    let [shape, filter] = [required("input_shape"), required("filter_shape")];
    [required(a), required(b), shape, filter, optional("stride"), optional("padding")]
}

const POOL: [Param; 5] = [
    required("input"),
    required("input_shape"),
    required("pool_size"),
    optional("stride"),
    optional("padding"),
];

const POOL_BACKWARD: [Param; 6] = [
    required("input"),
    required("dout"),
    required("input_shape"),
    required("pool_size"),
    optional("stride"),
    optional("padding"),
];

const LSTM: [Param; 6] = [
    required("X"),
    required("W"),
    required("b"),
    required("out0"),
    required("c0"),
    required("return_sequences"),
];

const LSTM_BACKWARD: [Param; 11] = {
    let [x, w, b, out0, c0, sequences] = LSTM;
    let [outs, states, gates] = [optional("cache_out"), optional("cache_c"), optional("cache_ifog")];
    [x, w, b, out0, c0, sequences, required("dout"), required("dc"), outs, states, gates]
};

/// Primitives of neural networks.
pub static TABLE: &[FunctionRow] = &[
    row!(
        "conv2d",
        "The convolution of `input`, N x (C*H*W), with `filter`, K x (C*R*S): N x (K*P*Q), where P is floor((H + 2*padding - R) / stride) + 1 and Q likewise. `input_shape=[N,C,H,W]`, `filter_shape=[K,C,R,S]`, `stride=[1,1]`, `padding=[0,0]`.",
        convolution("input", "filter"),
        ["out"],
        Broadcast,
        shape::convolution,
        |args, _| {
            let (window, _) = filter_window(args)?;
            matrices([convolution::convolve(
                images(&*args.block("input")?),
                &*dense(args, "filter")?,
                &window,
            )])
        },
        |args, _| {
            let (window, _) = filter_window(args)?;
            matrices([naive::convolve(&*dense(args, "input")?, &*dense(args, "filter")?, &window)])
        },
        scratch::convolution
    )
    .with_flops(shape::convolution_flops),
    row!(
        "conv2d_backward_filter",
        "The gradient of `conv2d` by `filter`, K x (C*R*S), given that by its result, `dout`.",
        convolution("input", "dout"),
        ["dfilter"],
        Partial,
        shape::convolution_filter,
        |args, _| {
            let (window, filters) = filter_window(args)?;
            let (input, dout) = (args.block("input")?, args.block("dout")?);
            matrices([convolution::backward_filter(images(&input), images(&dout), &window, filters)])
        },
        |args, _| {
            let (window, filters) = filter_window(args)?;
            let (input, dout) = (dense(args, "input")?, dense(args, "dout")?);
            matrices([naive::backward_filter(&input, &dout, &window, filters)])
        },
        scratch::convolution_filter
    )
    .with_flops(shape::convolution_flops),
    row!(
        "conv2d_backward_data",
        "The gradient of `conv2d` by `input`, N x (C*H*W), given that by its result, `dout`.",
        convolution("filter", "dout"),
        ["dinput"],
        Collect,
        shape::convolution_data,
        |args, _| {
            let (window, _) = filter_window(args)?;
            let dout = args.block("dout")?;
            matrices([convolution::backward_data(&*dense(args, "filter")?, images(&dout), &window)])
        },
        |args, _| {
            let (window, _) = filter_window(args)?;
            matrices([naive::backward_data(&*dense(args, "filter")?, &*dense(args, "dout")?, &window)])
        },
        scratch::convolution_data
    )
    .with_flops(shape::convolution_flops),
    row!(
        "max_pool",
        "The largest cell of every window of every channel: N x (C*H*W) to N x (C*P*Q). The padding never is the largest; a window in the padding gives minus infinity. `input_shape=[N,C,H,W]`, `pool_size=[R,S]`, `stride=[1,1]`, `padding=[0,0]`.",
        POOL,
        ["out"],
        RowLocal,
        shape::pool,
        |args, _| matrices([pooling::max_pool(images(&*args.block("input")?), &pool_window(args)?)]),
        |args, _| matrices([naive::max_pool(&*dense(args, "input")?, &pool_window(args)?)]),
        scratch::pool
    ),
    row!(
        "max_pool_backward",
        "The gradient of `max_pool` by its input, given that by its result: that of a window goes to its largest cell, the first of several; those of windows that share it are added.",
        POOL_BACKWARD,
        ["dinput"],
        RowLocal,
        shape::pool_backward,
        |args, _| {
            let (input, dout) = (args.block("input")?, args.block("dout")?);
            matrices([pooling::max_pool_backward(images(&input), images(&dout), &pool_window(args)?)])
        },
        |args, _| {
            let (input, dout) = (dense(args, "input")?, dense(args, "dout")?);
            matrices([naive::max_pool_backward(&input, &dout, &pool_window(args)?)])
        },
        scratch::pool
    ),
    row!(
        "avg_pool",
        "The mean of every window of every channel, padding counting as zeros: N x (C*H*W) to N x (C*P*Q). The parameters are those of `max_pool`.",
        POOL,
        ["out"],
        RowLocal,
        shape::pool,
        |args, _| matrices([pooling::avg_pool(images(&*args.block("input")?), &pool_window(args)?)]),
        |args, _| matrices([naive::avg_pool(&*dense(args, "input")?, &pool_window(args)?)]),
        scratch::pool
    ),
    row!(
        "avg_pool_backward",
        "The gradient of `avg_pool` by its input, given that by its result: each cell of a window gets an equal part.",
        POOL_BACKWARD,
        ["dinput"],
        RowLocal,
        shape::pool_backward,
        |args, _| matrices([pooling::avg_pool_backward(images(&*args.block("dout")?), &pool_window(args)?)]),
        |args, _| matrices([naive::avg_pool_backward(&*dense(args, "dout")?, &pool_window(args)?)]),
        scratch::pool
    ),
    row!(
        "bias_add",
        "Adds a number per channel: `input` is N x (K*P*Q), `bias` K x 1.",
        [required("input"), required("bias")],
        ["out"],
        Broadcast,
        shape::bias_add,
        |args, _| matrices([bias::add(&*dense(args, "input")?, dense(args, "bias")?.cells())]),
        |args, _| matrices([naive::bias_add(&*dense(args, "input")?, dense(args, "bias")?.cells())]),
        scratch::bias_add
    ),
    row!(
        "bias_multiply",
        "Multiplies with a number per channel: `input` is N x (K*P*Q), `bias` K x 1. Zeros absorb.",
        [required("input"), required("bias")],
        ["out"],
        Broadcast,
        shape::bias_multiply,
        |args, _| {
            let bias = dense(args, "bias")?;
            Ok(vec![match &*args.block("input")? {
                Block::Dense(input) => Block::Dense(bias::multiply(input, bias.cells())).into(),
                Block::Sparse(input) => Block::Sparse(bias::multiply_sparse(input, bias.cells())).into(),
            }])
        },
        |args, _| matrices([naive::bias_multiply(&*dense(args, "input")?, dense(args, "bias")?.cells())]),
        scratch::bias_multiply
    ),
    row!(
        "batch_norm2d",
        "Normalises every channel of `image`, N x (C*H*W), then scales and shifts it (columns of C numbers): by its own mean and variance (divisor N*H*W) in `mode` \"train\", by the running ones in \"test\". In training a running statistic becomes f times itself plus 1 - f times that of the batch, f being `exponentialAverageFactor`. `cacheInvVar` is 1 / sqrt(variance + epsilon).",
        [
            required("image"),
            required("scale"),
            required("shift"),
            required("runningMean"),
            required("runningVar"),
            required("mode"),
            required("epsilon"),
            required("exponentialAverageFactor"),
        ],
        ["out", "runningMean", "runningVar", "cacheMean", "cacheInvVar"],
        Collect,
        shape::batch_norm,
        |args, _| normalise(args, batch_norm::train, batch_norm::test),
        |args, _| normalise(args, naive::batch_norm_train, naive::batch_norm_test),
        scratch::batch_norm
    ),
    row!(
        "batch_norm2d_backward",
        "The gradients of `batch_norm2d` in training by `image`, `scale` and `shift`, given that by its result and its caches.",
        [
            required("image"),
            required("dout"),
            required("scale"),
            required("epsilon"),
            required("cacheMean"),
            required("cacheInvVar"),
        ],
        ["dimage", "dscale", "dshift"],
        Collect,
        shape::batch_norm_backward,
        |args, _| normalise_backward(args, batch_norm::backward),
        |args, _| normalise_backward(args, naive::batch_norm_backward),
        scratch::batch_norm
    ),
    row!(
        "lstm",
        "Long short-term memory over T steps of D numbers: `X` is N x (T*D), `W` (D+M) x 4M and `b` 1 x 4M with the gates i, f, o, g side by side, `out0` and `c0` N x M. With [i f o g] = [x out] %*% W + b, sigmoid of i, f, o and tanh of g, a step is c = f*c + i*g, out = o*tanh(c). Results: the outputs, N x (T*M) (of the last step alone, N x M, without `return_sequences`), the last state, and for the gradients outputs, states and gates of step t in row t.",
        LSTM,
        ["out", "c", "cache_out", "cache_c", "cache_ifog"],
        Collect,
        shape::lstm,
        |args, _| run_lstm(args, lstm::forward),
        |args, _| run_lstm(args, naive::lstm),
        scratch::lstm
    ),
    row!(
        "lstm_backward",
        "The gradients of `lstm` by X, W, b, out0 and c0, given those by its output and by its last state; without the caches of `lstm` it runs once more.",
        LSTM_BACKWARD,
        ["dX", "dW", "db", "dout0", "dc0"],
        Collect,
        shape::lstm_backward,
        |args, _| run_lstm_backward(args, lstm::forward, lstm::backward),
        |args, _| run_lstm_backward(args, naive::lstm, naive::lstm_backward),
        scratch::lstm_backward
    ),
];

fn dense<'a>(args: &Args<'a, Value>, name: &str) -> Outcome<Cells<'a>> {
    Ok(args.block(name)?.cells())
}

fn owned(args: &Args<'_, Value>, name: &str) -> Outcome<Dense> {
    Ok(args.block(name)?.dense().into_owned())
}

fn images(block: &Block) -> Images<'_> {
    match block {
        Block::Dense(dense) => dense.into(),
        Block::Sparse(sparse) => sparse.into(),
    }
}

fn matrices<const N: usize>(results: [Dense; N]) -> Outcome<Vec<Value>> {
    Ok(results.into_iter().map(|dense| Block::Dense(dense).into()).collect())
}

/// The window of a convolution and the number of filters.
fn filter_window(args: &Args<'_, Value>) -> Outcome<(Window, usize)> {
    let [filters, _, height, width] = args.sizes("filter_shape")?;
    Ok((window(args, [height, width])?, filters))
}

fn pool_window(args: &Args<'_, Value>) -> Outcome<Window> {
    window(args, args.sizes("pool_size")?)
}

fn window(args: &Args<'_, Value>, size: [usize; 2]) -> Outcome<Window> {
    let [_, channels, height, width] = args.sizes("input_shape")?;
    let pair = |name, absent| if args.get(name).is_some() { args.sizes(name) } else { Ok([absent; 2]) };
    Window::new(channels, [height, width], size, pair("stride", 1)?, pair("padding", 0)?)
}

type Train = fn(&Dense, Channels<'_>, f64, f64) -> batch_norm::Normalised;
type Test = fn(&Dense, Channels<'_>, f64) -> batch_norm::Normalised;

fn normalise(args: &Args<'_, Value>, train: Train, test: Test) -> Outcome<Vec<Value>> {
    let image = dense(args, "image")?;
    let (scale, shift) = (dense(args, "scale")?, dense(args, "shift")?);
    let (mean, variance) = (dense(args, "runningMean")?, dense(args, "runningVar")?);
    let channels = Channels {
        scale: scale.cells(),
        shift: shift.cells(),
        mean: mean.cells(),
        variance: variance.cells(),
    };
    let (epsilon, momentum) = (args.double("epsilon")?, args.double("exponentialAverageFactor")?);
    let normalised = match shape::mode(&args.text("mode")?)? {
        shape::Mode::Train => train(&image, channels, epsilon, momentum),
        shape::Mode::Test => test(&image, channels, epsilon),
    };
    let batch_norm::Normalised { out, running_mean, running_variance, mean, inverse } = normalised;
    matrices([out, running_mean, running_variance, mean, inverse])
}

type NormaliseBackward = fn(&Dense, &Dense, &[f64], &[f64], &[f64]) -> batch_norm::Gradients;

fn normalise_backward(args: &Args<'_, Value>, backward: NormaliseBackward) -> Outcome<Vec<Value>> {
    let (image, dout, scale) = (dense(args, "image")?, dense(args, "dout")?, dense(args, "scale")?);
    let (mean, inverse) = (dense(args, "cacheMean")?, dense(args, "cacheInvVar")?);
    let gradients = backward(&image, &dout, scale.cells(), mean.cells(), inverse.cells());
    matrices([gradients.image, gradients.scale, gradients.shift])
}

/// The inputs of a layer, by value.
struct Inputs<'a>([Cells<'a>; 5]);

impl<'a> Inputs<'a> {
    fn of(args: &Args<'a, Value>) -> Outcome<Inputs<'a>> {
        let [x, w, b, out0, c0] = ["X", "W", "b", "out0", "c0"].map(|name| dense(args, name));
        Ok(Inputs([x?, w?, b?, out0?, c0?]))
    }

    fn layer(&self) -> Layer<'_> {
        let [x, w, b, out0, c0] = &self.0;
        Layer { x, w, b: b.cells(), out0, c0 }
    }
}

fn run_lstm(args: &Args<'_, Value>, forward: fn(Layer<'_>) -> Pass) -> Outcome<Vec<Value>> {
    let inputs = Inputs::of(args)?;
    let layer = inputs.layer();
    let (batch, state) = (layer.out0.rows(), layer.out0.cols());
    let pass = forward(layer);
    let last = |all: &Dense| Dense::from_cells(batch, state, all.row(all.rows() - 1));
    let out =
        if args.boolean("return_sequences")? { lstm::sequences(&pass, state) } else { last(&pass.outs) };
    matrices([out, last(&pass.states), pass.outs, pass.states, pass.gates])
}

type LstmBackward = fn(Layer<'_>, &Pass, &Dense, &Dense) -> lstm::Gradients;

fn run_lstm_backward(
    args: &Args<'_, Value>,
    forward: fn(Layer<'_>) -> Pass,
    backward: LstmBackward,
) -> Outcome<Vec<Value>> {
    let inputs = Inputs::of(args)?;
    let layer = inputs.layer();
    let pass = if args.get("cache_out").is_some() {
        let [outs, states, gates] = ["cache_out", "cache_c", "cache_ifog"].map(|name| owned(args, name));
        Pass { outs: outs?, states: states?, gates: gates? }
    } else {
        forward(layer)
    };
    let gradients = backward(layer, &pass, &*dense(args, "dout")?, &*dense(args, "dc")?);
    matrices([gradients.x, gradients.w, gradients.b, gradients.out0, gradients.c0])
}
