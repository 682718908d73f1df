//! What the functions of [`super`] need beside inputs and results.

use tilewright_matrix::Scratch;
use tilewright_matrix::network::lstm::Sizes;
use tilewright_matrix::network::{Window, batch_norm, bias, convolution, lstm, pooling};

use crate::facts::Facts;
use crate::function::Args;
use crate::scratch::densified;

type Call<'a> = Args<'a, Facts>;

fn sizes<const N: usize>(args: &Call<'_>, name: &str) -> Option<[usize; N]> {
    let mut sizes = [0; N];
    for (size, known) in sizes.iter_mut().zip(args.sizes::<N>(name).ok()?) {
        *size = known.known()? as usize;
    }
    Some(sizes)
}

fn window(args: &Call<'_>, size: [usize; 2]) -> Option<Window> {
    let [_, channels, height, width] = sizes(args, "input_shape")?;
    let pair = |name, absent| match args.get(name) {
        Some(_) => sizes(args, name),
        None => Some([absent; 2]),
    };
    Window::new(channels, [height, width], size, pair("stride", 1)?, pair("padding", 0)?).ok()
}

/// The window of a convolution and the number of filters.
fn filter_window(args: &Call<'_>) -> Option<(Window, usize)> {
    let [filters, _, height, width] = sizes(args, "filter_shape")?;
    Some((window(args, [height, width])?, filters))
}

pub(super) fn convolution(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (window, filters) = filter_window(args)?;
    Some(densified(args.get("filter"))?.and(convolution::convolve_scratch(&window, filters)))
}

pub(super) fn convolution_filter(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let ((window, filters), images) = (filter_window(args)?, args.shape("input")?.rows);
    Some(convolution::backward_filter_scratch(&window, images, filters))
}

pub(super) fn convolution_data(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (window, filters) = filter_window(args)?;
    Some(densified(args.get("filter"))?.and(convolution::backward_data_scratch(&window, filters)))
}

pub(super) fn pool(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    Some(pooling::pool_scratch(&window(args, sizes(args, "pool_size")?)?))
}

pub(super) fn bias_add(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    Some(densified([args.get("input")?, args.get("bias")?])?.and(bias::bias_scratch()))
}

pub(super) fn bias_multiply(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    Some(densified(args.get("bias"))?.and(bias::bias_scratch()))
}

pub(super) fn batch_norm(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (image, channels) = (args.shape("image")?, args.shape("scale")?.rows);
    let kernel = batch_norm::batch_norm_scratch(image.rows, image.cols, channels);
    Some(densified(args.all().iter().filter(|facts| facts.is_matrix()))?.and(kernel))
}

fn layer(args: &Call<'_>) -> Option<(Sizes, Scratch)> {
    let (x, w, state) = (args.shape("X")?, args.shape("W")?, args.shape("out0")?.cols);
    let inputs = w.rows.checked_sub(state).filter(|inputs| *inputs > 0)?;
    let sizes = Sizes { batch: x.rows, steps: x.cols / inputs, inputs, state };
    Some((sizes, densified(args.all().iter().filter(|facts| facts.is_matrix()))?))
}

pub(super) fn lstm(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (sizes, copies) = layer(args)?;
    let last = Scratch::dense(sizes.batch, sizes.state);
    Some(copies.and(last).and(lstm::forward_scratch(sizes)))
}

/// With the outputs, states and gates of a forward pass, given or computed again.
pub(super) fn lstm_backward(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (sizes, copies) = layer(args)?;
    let cells = sizes.batch.saturating_mul(sizes.state);
    let pass = Scratch::dense(sizes.steps, cells) * 2;
    let pass = pass.and(Scratch::dense(sizes.steps, cells.saturating_mul(4)));
    let forward = lstm::forward_scratch(sizes).only_if(args.get("cache_out").is_none());
    Some(copies.and(pass).and(forward.or(lstm::backward_scratch(sizes))))
}
