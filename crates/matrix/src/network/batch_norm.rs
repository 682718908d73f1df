//! Batch normalisation of images per channel (Ioffe and Szegedy 2015, "Batch normalization").
//!
//! Columns of C numbers: the scale and shift that are learned, mean and variance per channel. A batch is N x (C*H*W).
//! Sums over a channel are cut over images by shape and merged in a fixed tree.

use crate::aggregate::lanes::{Distance, SquaredDistance, Term, sum_of};
use crate::build::dense_rows;
use crate::dense::Dense;
use crate::product::tree::{GRAIN_CELLS, even_cuts, tree_scratch, tree_sum};
use crate::scratch::Scratch;

/// Learned numbers and running statistics per channel.
#[derive(Debug, Clone, Copy)]
pub struct Channels<'a> {
    /// What normalised cells are multiplied with.
    pub scale: &'a [f64],
    /// What is added then.
    pub shift: &'a [f64],
    /// The running mean.
    pub mean: &'a [f64],
    /// The running variance.
    pub variance: &'a [f64],
}

/// The results of a forward pass; all but the first are columns with a number per channel.
#[derive(Debug, Clone)]
pub struct Normalised {
    /// The normalised batch.
    pub out: Dense,
    /// The new running mean.
    pub running_mean: Dense,
    /// The new running variance.
    pub running_variance: Dense,
    /// The mean that was subtracted.
    pub mean: Dense,
    /// `1 / sqrt(variance + epsilon)`, which the cells were multiplied with.
    pub inverse: Dense,
}

/// The gradients of [`train`].
#[derive(Debug, Clone)]
pub struct Gradients {
    /// By the batch.
    pub image: Dense,
    /// By the scale, a number per channel.
    pub scale: Dense,
    /// By the shift, a number per channel.
    pub shift: Dense,
}

/// Normalises by the mean and the (biased) variance of the batch; each running statistic becomes `momentum` times
/// itself plus `1 - momentum` times that of the batch.
///
/// # Panics
/// When the columns are no multiple of the number of channels.
pub fn train(image: &Dense, channels: Channels<'_>, epsilon: f64, momentum: f64) -> Normalised {
    let count = channels.scale.len();
    let cells = (image.rows() * plane(image, count)) as f64;
    let divided = |sums: Vec<f64>| sums.into_iter().map(|sum| sum / cells).collect::<Vec<_>>();
    let mean = divided(sums(image, count, |_, xs| total(xs, Distance(0.0))));
    let variance = divided(sums(image, count, |c, xs| total(xs, SquaredDistance(mean[c]))));
    let running = |old: &[f64], new: &[f64]| {
        column(old.iter().zip(new).map(|(old, new)| momentum * old + (1.0 - momentum) * new).collect())
    };
    Normalised {
        running_mean: running(channels.mean, &mean),
        running_variance: running(channels.variance, &variance),
        ..normalise(image, channels, mean, &variance, epsilon)
    }
}

/// Normalises by the running statistics, which stay as they are.
///
/// # Panics
/// When the columns are no multiple of the number of channels.
pub fn test(image: &Dense, channels: Channels<'_>, epsilon: f64) -> Normalised {
    normalise(image, channels, channels.mean.to_vec(), channels.variance, epsilon)
}

/// The gradients of [`train`], given `mean` and `inverse` of the forward pass. With x' the normalised cell and n the
/// cells of a channel, the gradient of a cell is `scale * inverse / n * (n * dout - sum(dout) - x' * sum(dout * x'))`.
///
/// # Panics
/// When the shapes do not fit.
pub fn backward(image: &Dense, dout: &Dense, scale: &[f64], mean: &[f64], inverse: &[f64]) -> Gradients {
    assert_eq!((image.rows(), image.cols()), (dout.rows(), dout.cols()), "gradients");
    let (count, plane) = (scale.len(), plane(image, scale.len()));
    let cells = (image.rows() * plane) as f64;
    let normal = |c: usize, x: f64| (x - mean[c]) * inverse[c];
    let shift = sums(dout, count, |_, gradients| total(gradients, Distance(0.0)));
    let scale_sums = channel_sums(image, count, |c, cells| {
        let gradients = &dout.cells()[cells.clone()];
        let xs = &image.cells()[cells];
        xs.iter().zip(gradients).map(|(&x, &gradient)| gradient * normal(c, x)).sum()
    });
    let out = dense_rows(image.rows() * count, plane, |at, out| {
        let (c, cells_of) = (at % count, at * plane..(at + 1) * plane);
        let factor = scale[c] * inverse[c] / cells;
        let pairs = image.cells()[cells_of.clone()].iter().zip(&dout.cells()[cells_of]);
        for (out, (&x, &gradient)) in out.iter_mut().zip(pairs) {
            *out = factor * (cells * gradient - shift[c] - normal(c, x) * scale_sums[c]);
        }
    });
    let image = out.reshaped(image.rows(), image.cols());
    Gradients { image, scale: column(scale_sums), shift: column(shift) }
}

/// What [`train`], [`test`] and [`backward`] need for an `images x cols` batch of `count` channels: numbers per channel,
/// and partial sums of them.
pub fn batch_norm_scratch(images: usize, cols: usize, count: usize) -> Scratch {
    let leaves = images.div_ceil((GRAIN_CELLS / 4 / cols.max(1)).max(1));
    (Scratch::vector::<f64>(count) * 5).and(tree_scratch(count, leaves))
}

/// Normalises by given statistics; the running ones are those of `channels`.
fn normalise(
    image: &Dense,
    channels: Channels<'_>,
    mean: Vec<f64>,
    variance: &[f64],
    epsilon: f64,
) -> Normalised {
    let (count, plane) = (mean.len(), plane(image, mean.len()));
    let inverse: Vec<f64> = variance.iter().map(|variance| 1.0 / (variance + epsilon).sqrt()).collect();
    let out = dense_rows(image.rows() * count, plane, |at, out| {
        let (c, xs) = (at % count, &image.cells()[at * plane..(at + 1) * plane]);
        let (mean, inverse, scale, shift) = (mean[c], inverse[c], channels.scale[c], channels.shift[c]);
        out.iter_mut().zip(xs).for_each(|(out, x)| *out = (x - mean) * inverse * scale + shift);
    });
    Normalised {
        out: out.reshaped(image.rows(), image.cols()),
        running_mean: column(channels.mean.to_vec()),
        running_variance: column(channels.variance.to_vec()),
        mean: column(mean),
        inverse: column(inverse),
    }
}

/// The sum over all images of `part(channel, its cells)`.
fn sums(x: &Dense, count: usize, part: impl Fn(usize, &[f64]) -> f64 + Sync) -> Vec<f64> {
    channel_sums(x, count, |c, cells| part(c, &x.cells()[cells]))
}

/// The sum over all images of `part(channel, where its cells are)`.
fn channel_sums(
    x: &Dense,
    count: usize,
    part: impl Fn(usize, std::ops::Range<usize>) -> f64 + Sync,
) -> Vec<f64> {
    let (mut out, plane) = (vec![0.0; count], plane(x, count));
    let cuts = even_cuts(x.rows(), GRAIN_CELLS / 4 / x.cols().max(1));
    tree_sum(&cuts, &mut out, &|images, out| {
        for (n, c) in images.flat_map(|n| (0..count).map(move |c| (n, c))) {
            let start = (n * count + c) * plane;
            out[c] += part(c, start..start + plane);
        }
    });
    out
}

/// The compensated sum of terms; plain where infinities make the compensation NaN.
fn total(xs: &[f64], term: impl Term) -> f64 {
    let (sum, low) = sum_of(xs, term);
    if low.is_nan() { sum } else { sum + low }
}

/// The cells of a channel.
fn plane(image: &Dense, count: usize) -> usize {
    assert!(image.cols().is_multiple_of(count), "columns of {count} channels");
    image.cols() / count.max(1)
}

fn column(numbers: Vec<f64>) -> Dense {
    Dense::from_cells(numbers.len(), 1, &numbers)
}
