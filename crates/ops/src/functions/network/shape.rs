//! What the primitives of neural networks demand of their arguments and what is known of their results.
//!
//! Sizes come as lists (`input_shape=[N,C,H,W]`) or follow from other arguments; matrices are checked against them, and
//! unknown ones fit.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::network::Window;

use crate::facts::{Dim, Facts, Kind};
use crate::function::Args;

type Call<'a> = Args<'a, Facts>;
type Known = Outcome<Vec<Facts>>;

const ONE: Dim = Dim::Known(1);

/// The sizes of images and of what a window makes of them, as far as they are known.
struct Sliding {
    /// C, H, W.
    image: [Dim; 3],
    /// N.
    images: Dim,
    /// P, Q.
    map: [Dim; 2],
}

/// The images of `input_shape` under a window of the size `window`.
fn sliding(args: &Call<'_>, window: [Dim; 2]) -> Outcome<Sliding> {
    let [images, channels, height, width] = args.sizes("input_shape")?;
    let pair = |name, absent| match args.get(name) {
        Some(_) => args.sizes(name),
        None => Ok([Dim::Known(absent); 2]),
    };
    let sizes = [[height, width], window, pair("stride", 1)?, pair("padding", 0)?];
    let [image, size, stride, padding] = sizes.map(known_pair);
    let map = match (channels.known(), image, size, stride, padding) {
        (Some(channels), Some(image), Some(size), Some(stride), Some(padding)) => {
            let window = Window::new(channels as usize, image, size, stride, padding)?;
            window.steps().map(|steps| Dim::Known(steps as u64))
        }
        _ => [Dim::Unknown; 2],
    };
    Ok(Sliding { image: [channels, height, width], images, map })
}

fn known_pair([a, b]: [Dim; 2]) -> Option<[usize; 2]> {
    Some([a.known()? as usize, b.known()? as usize])
}

/// Checks a matrix against the rows and the factors of the columns that `why` states; gives what is known of it.
fn fits<const N: usize>(
    args: &Call<'_>,
    name: &str,
    rows: Dim,
    factors: [Dim; N],
    why: &str,
) -> Outcome<(Dim, Dim)> {
    let (r, c) = args.dims(name)?;
    let cols = factors.into_iter().fold(ONE, Dim::times);
    if r.conflicts(rows) || c.conflicts(cols) {
        let product = factors.map(|factor| factor.to_string()).join("*");
        let product = if N > 1 { format!(" ({cols} = {product})") } else { String::new() };
        bail!(
            Shape,
            "`{name}` of `{}` is a {r}x{c} matrix; {why} say {rows}x{cols}{product}",
            args.function()
        );
    }
    Ok((r.or(rows), c.or(cols)))
}

const INPUT: &str = "the sizes [N,C,H,W] of `input_shape`";
const FILTER: &str = "the sizes [K,C,R,S] of `filter_shape`";
const MAP: &str = "the sizes of images and windows";

/// A convolution: its sizes, K, and the dimensions of its filters.
fn filters(args: &Call<'_>) -> Outcome<(Sliding, Dim, [Dim; 3])> {
    let [count, channels, height, width] = args.sizes("filter_shape")?;
    let sliding = sliding(args, [height, width])?;
    if channels.conflicts(sliding.image[0]) {
        bail!(
            Shape,
            "`{}` of images of {} channels with filters of {channels}: the second sizes of `input_shape` and `filter_shape` must be equal",
            args.function(),
            sliding.image[0]
        );
    }
    let channels = channels.or(sliding.image[0]);
    Ok((sliding, count, [channels, height, width]))
}

pub(super) fn convolution(args: &Call<'_>) -> Known {
    let (Sliding { image, images, map: [p, q] }, count, filter) = filters(args)?;
    let (rows, _) = fits(args, "input", images, image, INPUT)?;
    let (count, _) = fits(args, "filter", count, filter, FILTER)?;
    Ok(vec![Facts::matrix(rows, count.times(p).times(q))])
}

pub(super) fn convolution_filter(args: &Call<'_>) -> Known {
    let (Sliding { image, images, map: [p, q] }, count, filter) = filters(args)?;
    let (rows, _) = fits(args, "input", images, image, INPUT)?;
    fits(args, "dout", rows, [count, p, q], MAP)?;
    Ok(vec![Facts::matrix(count, filter.into_iter().fold(ONE, Dim::times))])
}

pub(super) fn convolution_data(args: &Call<'_>) -> Known {
    let (Sliding { image, images, map: [p, q] }, count, filter) = filters(args)?;
    let (count, _) = fits(args, "filter", count, filter, FILTER)?;
    let (rows, _) = fits(args, "dout", images, [count, p, q], MAP)?;
    Ok(vec![Facts::matrix(rows, image.into_iter().fold(ONE, Dim::times))])
}

/// Operations of a convolution or of one of its gradients: a multiply-add for each cell of a filter under each window.
pub(super) fn convolution_flops(args: &Call<'_>, result: &Facts) -> Option<f64> {
    let outputs = if args.get("dout").is_some() { args.dims("dout").ok()? } else { result.dims() };
    let [_, filter @ ..] = args.sizes::<4>("filter_shape").ok()?;
    let volume = filter.into_iter().fold(ONE, Dim::times);
    Some(2.0 * outputs.0.known()? as f64 * outputs.1.known()? as f64 * volume.known()? as f64)
}

pub(super) fn pool(args: &Call<'_>) -> Known {
    let Sliding { image, images, map: [p, q] } = sliding(args, args.sizes("pool_size")?)?;
    let (rows, _) = fits(args, "input", images, image, INPUT)?;
    Ok(vec![Facts::matrix(rows, image[0].times(p).times(q))])
}

pub(super) fn pool_backward(args: &Call<'_>) -> Known {
    let Sliding { image, images, map: [p, q] } = sliding(args, args.sizes("pool_size")?)?;
    let (rows, cols) = fits(args, "input", images, image, INPUT)?;
    let (rows, _) = fits(args, "dout", rows, [image[0], p, q], MAP)?;
    Ok(vec![Facts::matrix(rows, cols)])
}

/// The dimensions of a matrix with the same number of columns for each row of a column `of`, and these rows.
fn channelled(args: &Call<'_>, name: &str, of: &str) -> Outcome<(Dim, Dim, Dim)> {
    let ((rows, cols), (channels, width)) = (args.dims(name)?, args.dims(of)?);
    if width.conflicts(ONE) {
        bail!(
            Shape,
            "`{of}` of `{}` is a {channels}x{width} matrix; it must be a column, a row per channel",
            args.function()
        );
    }
    if let (Some(cols), Some(channels)) = (cols.known(), channels.known())
        && !cols.is_multiple_of(channels)
    {
        bail!(
            Shape,
            "`{name}` of `{}` has {cols} columns, which are not the same number for each of {channels} channels (the rows of `{of}`)",
            args.function()
        );
    }
    Ok((rows, cols, channels))
}

pub(super) fn bias_add(args: &Call<'_>) -> Known {
    let (rows, cols, _) = channelled(args, "input", "bias")?;
    Ok(vec![Facts::matrix(rows, cols)])
}

pub(super) fn bias_multiply(args: &Call<'_>) -> Known {
    let nnz = args.at("input")?.nnz.at_most();
    Ok(bias_add(args)?.into_iter().map(|facts| facts.with_nnz(nnz)).collect())
}

/// What batch normalisation normalises by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The batch.
    Train,
    /// The running statistics.
    Test,
}

pub(super) fn mode(name: &str) -> Outcome<Mode> {
    match name {
        "train" => Ok(Mode::Train),
        "test" => Ok(Mode::Test),
        other => {
            bail!(Value, "`mode` of `batch_norm2d` is \"{other}\""; hint: "use \"train\" or \"test\"")
        }
    }
}

const CHANNELS: &str = "the rows of `scale`";

pub(super) fn batch_norm(args: &Call<'_>) -> Known {
    let (rows, cols, mut channels) = channelled(args, "image", "scale")?;
    for name in ["shift", "runningMean", "runningVar"] {
        (channels, _) = fits(args, name, channels, [ONE], CHANNELS)?;
    }
    ["mode", "epsilon", "exponentialAverageFactor"].into_iter().try_for_each(|name| args.scalar(name))?;
    if let Some(name) = args.text("mode") {
        mode(name)?;
    }
    let column = Facts::matrix(channels, ONE);
    Ok(vec![Facts::matrix(rows, cols), column.clone(), column.clone(), column.clone(), column])
}

pub(super) fn batch_norm_backward(args: &Call<'_>) -> Known {
    let (rows, cols, mut channels) = channelled(args, "image", "scale")?;
    let (rows, cols) = fits(args, "dout", rows, [cols], "the dimensions of `image`")?;
    for name in ["cacheMean", "cacheInvVar"] {
        (channels, _) = fits(args, name, channels, [ONE], CHANNELS)?;
    }
    args.scalar("epsilon")?;
    let column = Facts::matrix(channels, ONE);
    Ok(vec![Facts::matrix(rows, cols), column.clone(), column])
}

/// N, T and M of an LSTM.
struct Steps {
    batch: Dim,
    steps: Dim,
    state: Dim,
}

fn steps(args: &Call<'_>) -> Outcome<Steps> {
    let ((batch, cols), (height, width)) = (args.dims("X")?, args.dims("W")?);
    if let Some(width) = width.known().filter(|width| *width == 0 || width % 4 != 0) {
        bail!(Shape, "`W` of `{}` has {width} columns; four gates need a multiple of 4", args.function());
    }
    let state = width.known().map_or(Dim::Unknown, |width| Dim::Known(width / 4));
    let mut count = Dim::Unknown;
    if let (Some(height), Some(state)) = (height.known(), state.known()) {
        let Some(inputs) = height.checked_sub(state).filter(|inputs| *inputs > 0) else {
            bail!(
                Shape,
                "`W` of `{}` is a {height}x{width} matrix, which leaves no row for the numbers of a step: it has a row for each of them and for each of {state} outputs",
                args.function()
            );
        };
        if let Some(cols) = cols.known() {
            if cols == 0 || cols % inputs != 0 {
                bail!(
                    Shape,
                    "`X` of `{}` has {cols} columns, which are no steps of {inputs} numbers each ({height} rows of `W` less {state} outputs)",
                    args.function()
                );
            }
            count = Dim::Known(cols / inputs);
        }
    }
    fits(args, "b", ONE, [Dim::Known(4), state], "the columns of `W`")?;
    let (batch, state) = fits(args, "out0", batch, [state], STATE)?;
    let (batch, state) = fits(args, "c0", batch, [state], STATE)?;
    args.scalar("return_sequences")?;
    Ok(Steps { batch, steps: count, state })
}

const STATE: &str = "the rows of `X` and a quarter of the columns of `W`";

impl Steps {
    /// The columns of the output.
    fn width(&self, args: &Call<'_>) -> Dim {
        match args.boolean("return_sequences") {
            Some(true) => self.steps.times(self.state),
            Some(false) => self.state,
            None => Dim::Unknown,
        }
    }

    /// The outputs, states and gates of all steps, a row per step.
    fn caches(&self) -> [(&'static str, Dim); 3] {
        let cells = self.batch.times(self.state);
        [("cache_out", cells), ("cache_c", cells), ("cache_ifog", cells.times(Dim::Known(4)))]
    }
}

pub(super) fn lstm(args: &Call<'_>) -> Known {
    let steps = steps(args)?;
    let results = [Facts::matrix(steps.batch, steps.width(args)), Facts::matrix(steps.batch, steps.state)];
    let caches = steps.caches().map(|(_, cols)| Facts::matrix(steps.steps, cols));
    Ok(results.into_iter().chain(caches).collect())
}

pub(super) fn lstm_backward(args: &Call<'_>) -> Known {
    let steps = steps(args)?;
    fits(args, "dout", steps.batch, [steps.width(args)], "`X`, `W` and `return_sequences`")?;
    fits(args, "dc", steps.batch, [steps.state], STATE)?;
    let given = steps.caches().map(|(name, _)| args.get(name).is_some());
    if given.contains(&true) && given.contains(&false) {
        bail!(
            Argument,
            "`lstm_backward` needs all of `cache_out`, `cache_c` and `cache_ifog`, or none of them"
        );
    }
    if given[0] {
        for (name, cols) in steps.caches() {
            fits(args, name, steps.steps, [cols], "`X` and `W`")?;
        }
    }
    let same = |name: &str| Ok(Facts { kind: kind(args.dims(name)?), ..Facts::UNKNOWN });
    ["X", "W", "b", "out0", "c0"].into_iter().map(same).collect()
}

fn kind((rows, cols): (Dim, Dim)) -> Kind {
    Kind::Matrix { rows, cols }
}
