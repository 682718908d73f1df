//! Convolution of images with filters and its gradients, by products with unrolled images.
//!
//! The cells under every position of the window become a column of a matrix (`unroll`), so that a convolution is the
//! product of the filters with it (Chellapilla, Puri, Simard 2006, "High performance convolutional neural networks"):
//!
//! ```text
//!   filter           unrolled image n        row n of the result
//!   K x (C*R*S)  x   (C*R*S) x (P*Q)    =    K x (P*Q)
//! ```
//!
//! Invariant: an image is unrolled in strips, some rows of positions at a time, so that no more than one strip per
//! task is in memory; strips follow from the shape alone. Cells that came out NaN are computed again by the
//! definition, in which zeros absorb; the padding is zero.

use std::ops::Range;

use faer::{MatMut, MatRef};

use super::unroll::{offsets, roll, unroll};
use super::{Images, Window};
use crate::dense::Dense;
use crate::product::multiply::{multiply, multiply_add, multiply_scratch, view};
use crate::product::repair::{absorbing_product, has_nan, repair};
use crate::product::tree::{even_cuts, for_rows, tree_scratch, tree_sum};
use crate::scratch::{Scratch, at_once};

/// Multiply-adds that are worth a task of their own.
const GRAIN: usize = 1 << 20;

/// Cells of a strip, as far as its columns are enough for an efficient product: 256 KiB.
const STRIP_CELLS: usize = 1 << 15;

/// Columns of a strip at least, so that reading the filters is a small part of a product.
const STRIP_COLS: usize = 256;

/// The convolution of N x (C*H*W) images with K x (C*R*S) filters: N x (K*P*Q). Cell (k, p, q) of an image is the sum of
/// the products of filter k with the cells under the window at (p, q); the filter is not flipped.
///
/// # Panics
/// When the images or filters have other sizes than the window expects.
pub fn convolve(input: Images<'_>, filter: &Dense, window: &Window) -> Dense {
    assert_eq!(
        (input.cols(), filter.cols()),
        (window.cells(), window.volume()),
        "cells of images and filters"
    );
    let (filters, plan) = (filter.rows(), Plan::new(filter.rows(), window));
    let width = filters * window.map();
    let mut out = Dense::zeros(input.rows(), width);
    if width == 0 {
        return out;
    }
    for_rows(&even_cuts(input.rows(), plan.images), width, out.cells_mut(), &|images, out| {
        let (mut scratch, mut strip) = (Vec::new(), Vec::new());
        for (n, out) in images.zip(out.chunks_exact_mut(width)) {
            let image = input.image(n, &mut scratch);
            let result = MatMut::from_row_major_slice_mut(&mut *out, filters, window.map());
            let convolve_rows = |rows: Range<usize>, result: MatMut<'_, f64>, strip: &mut Vec<f64>| {
                convolve_strips(image, filter, window, plan.strip, rows, result, strip);
            };
            split_rows(window, plan.rows, 0..window.steps()[0], result, &mut strip, &convolve_rows);
            repair_cells(out, |cell| {
                result_cell(image, filter.row(cell / window.map()), window, cell % window.map())
            });
        }
    });
    out
}

/// The gradient of [`convolve`] by the filters: images N x (C*H*W) and the gradient `dout` of the result, N x (K*P*Q), give
/// K x (C*R*S).
///
/// # Panics
/// When the images or gradients have other sizes than the window expects.
pub fn backward_filter(input: Images<'_>, dout: Images<'_>, window: &Window, filters: usize) -> Dense {
    assert_eq!(input.cols(), window.cells(), "cells of an image");
    assert_eq!((dout.rows(), dout.cols()), (input.rows(), filters * window.map()), "gradients");
    let (down, across) = (window.steps()[0], window.steps()[1]);
    let mut out = Dense::zeros(filters, window.volume());
    let plan = Plan::new(filters, window);
    let strips = down.div_ceil(plan.strip);
    // A partial result is worth its merging when many columns went into it.
    let grain = GRAIN.max(STRIP_COLS * out.cells().len());
    let work = out.cells().len() * plan.strip * across;
    let cuts = even_cuts(input.rows() * strips, grain / work.max(1));
    tree_sum(&cuts, out.cells_mut(), &|range, sum| {
        let (mut scratch, mut other, mut strip) = (Vec::new(), Vec::new(), Vec::new());
        for (n, at) in range.map(|unit| (unit / strips, unit % strips)) {
            let rows = at * plan.strip..((at + 1) * plan.strip).min(down);
            unroll(input.image(n, &mut scratch), window, rows.clone(), &mut strip);
            let gradients = MatRef::from_row_major_slice(dout.image(n, &mut other), filters, window.map());
            let gradients = gradients.subcols(rows.start * across, rows.len() * across);
            let unrolled = MatRef::from_row_major_slice(&strip, window.volume(), rows.len() * across);
            let sum = MatMut::from_row_major_slice_mut(&mut *sum, filters, window.volume());
            multiply_add(sum, gradients, unrolled.transpose());
        }
    });
    repair(&mut out, |k, cell| filter_cell(input, dout, window, k, cell));
    out
}

/// The gradient of [`convolve`] by the images: filters K x (C*R*S) and the gradient `dout` of the result, N x (K*P*Q), give
/// N x (C*H*W).
///
/// # Panics
/// When the filters or gradients have other sizes than the window expects.
pub fn backward_data(filter: &Dense, dout: Images<'_>, window: &Window) -> Dense {
    let filters = filter.rows();
    assert_eq!(filter.cols(), window.volume(), "cells of a filter");
    assert_eq!(dout.cols(), filters * window.map(), "gradients");
    let (plan, width) = (Plan::new(filters, window), window.cells());
    let mut out = Dense::zeros(dout.rows(), width);
    if filters == 0 {
        return out;
    }
    for_rows(&even_cuts(dout.rows(), plan.images), width, out.cells_mut(), &|images, out| {
        let (mut scratch, mut strip) = (Vec::new(), Vec::new());
        for (n, out) in images.zip(out.chunks_exact_mut(width)) {
            let gradients = dout.image(n, &mut scratch);
            let add = |channels: Range<usize>, out: &mut [f64], strip: &mut Vec<f64>| {
                scatter_strips(gradients, filter, window, plan.strip, channels, out, strip);
            };
            split_channels(window, plan.channels, 0..window.channels(), out, &mut strip, &add);
            repair_cells(out, |cell| image_cell(gradients, filter, window, cell));
        }
    });
    out
}

/// What [`convolve`] needs for `filters` filters, whatever the number of images: for each task a strip, packed panels of
/// products with it, and an image of a sparse input.
pub fn convolve_scratch(window: &Window, filters: usize) -> Scratch {
    strip_scratch(window, filters).and(Scratch::vector::<f64>(window.cells())) * at_once(usize::MAX)
}

/// What [`backward_filter`] needs for `images` images and `filters` filters: as [`convolve`], and partial results.
pub fn backward_filter_scratch(window: &Window, images: usize, filters: usize) -> Scratch {
    let plan = Plan::new(filters, window);
    let [down, across] = window.steps();
    let cells = filters.saturating_mul(window.volume());
    let strips = down.div_ceil(plan.strip).saturating_mul(images);
    let work = cells.saturating_mul(plan.strip).saturating_mul(across);
    let leaves = strips.div_ceil((GRAIN.max(STRIP_COLS.saturating_mul(cells)) / work.max(1)).max(1));
    let image = Scratch::vector::<f64>(window.cells().saturating_add(filters.saturating_mul(window.map())));
    tree_scratch(cells, leaves).and(strip_scratch(window, filters).and(image) * at_once(leaves))
}

/// What [`backward_data`] needs for `filters` filters: as [`convolve`].
pub fn backward_data_scratch(window: &Window, filters: usize) -> Scratch {
    let image = Scratch::vector::<f64>(filters.saturating_mul(window.map()));
    strip_scratch(window, filters).and(image) * at_once(usize::MAX)
}

/// A strip of a task and what a product with it needs.
fn strip_scratch(window: &Window, filters: usize) -> Scratch {
    let cols = Plan::new(filters, window).strip.saturating_mul(window.steps()[1]);
    let volume = window.volume();
    let data = multiply_scratch(filters, cols, volume).or(multiply_scratch(volume, cols, filters));
    let product = data.or(multiply_scratch(filters, volume, cols));
    Scratch::vector::<f64>(volume.saturating_mul(cols)).and(product)
}

/// How the work is cut.
struct Plan {
    /// Rows of positions in a strip.
    strip: usize,
    /// Images in a task.
    images: usize,
    /// Rows of positions in a task, whole strips, where an image is worth several.
    rows: usize,
    /// Channels in a task, where an image is worth several.
    channels: usize,
}

impl Plan {
    fn new(filters: usize, window: &Window) -> Plan {
        let [down, across] = window.steps();
        let cols = (STRIP_CELLS / window.volume()).max(STRIP_COLS);
        let strip = (cols / across).clamp(1, down);
        let row = filters.max(1).saturating_mul(window.volume()).saturating_mul(across);
        let image = row.saturating_mul(down);
        let cut = image > 4 * GRAIN;
        let rows = if cut { (GRAIN / row).max(1).next_multiple_of(strip) } else { down };
        let channel = image / window.channels();
        let channels = if cut { (GRAIN / channel.max(1)).max(1) } else { window.channels() };
        Plan { strip, images: GRAIN / image, rows, channels }
    }
}

/// Calls `leaf` for groups of `height` rows of positions, in parallel, with their columns of the result.
fn split_rows(
    window: &Window,
    height: usize,
    rows: Range<usize>,
    result: MatMut<'_, f64>,
    strip: &mut Vec<f64>,
    leaf: &(impl Fn(Range<usize>, MatMut<'_, f64>, &mut Vec<f64>) + Sync),
) {
    if rows.len() <= height {
        return leaf(rows, result, strip);
    }
    let top = (rows.len() / 2).next_multiple_of(height);
    let (upper, lower) = result.split_at_col_mut(top * window.steps()[1]);
    let mid = rows.start + top;
    rayon::join(
        || split_rows(window, height, rows.start..mid, upper, strip, leaf),
        || split_rows(window, height, mid..rows.end, lower, &mut Vec::new(), leaf),
    );
}

/// Calls `leaf` for groups of `count` channels, in parallel, with their cells of an image.
fn split_channels(
    window: &Window,
    count: usize,
    channels: Range<usize>,
    image: &mut [f64],
    strip: &mut Vec<f64>,
    leaf: &(impl Fn(Range<usize>, &mut [f64], &mut Vec<f64>) + Sync),
) {
    if channels.len() <= count {
        return leaf(channels, image, strip);
    }
    let mid = channels.start + channels.len() / 2;
    let (first, second) = image.split_at_mut((mid - channels.start) * window.plane());
    rayon::join(
        || split_channels(window, count, channels.start..mid, first, strip, leaf),
        || split_channels(window, count, mid..channels.end, second, &mut Vec::new(), leaf),
    );
}

/// The convolution at some rows of positions, strip by strip.
fn convolve_strips(
    image: &[f64],
    filter: &Dense,
    window: &Window,
    height: usize,
    rows: Range<usize>,
    mut result: MatMut<'_, f64>,
    strip: &mut Vec<f64>,
) {
    let across = window.steps()[1];
    for start in rows.clone().step_by(height) {
        let end = (start + height).min(rows.end);
        unroll(image, window, start..end, strip);
        let cols = (end - start) * across;
        let unrolled = MatRef::from_row_major_slice(strip, window.volume(), cols);
        let result = result.as_mut().subcols_mut((start - rows.start) * across, cols);
        multiply(result, view(filter), unrolled);
    }
}

/// Adds the gradient by some channels of an image, whose cells are `out`, strip by strip.
fn scatter_strips(
    gradients: &[f64],
    filter: &Dense,
    window: &Window,
    height: usize,
    channels: Range<usize>,
    out: &mut [f64],
    strip: &mut Vec<f64>,
) {
    let [down, across] = window.steps();
    let gradients = MatRef::from_row_major_slice(gradients, filter.rows(), window.map());
    let volume = channels.len() * window.area();
    let filter = view(filter).subcols(channels.start * window.area(), volume).transpose();
    for start in (0..down).step_by(height) {
        let rows = start..(start + height).min(down);
        let cols = rows.len() * across;
        strip.resize(volume * cols, 0.0);
        let gradients = gradients.subcols(start * across, cols);
        multiply(MatMut::from_row_major_slice_mut(strip, volume, cols), filter, gradients);
        roll(strip, window, rows, out);
    }
}

/// Computes the cells that came out NaN again.
fn repair_cells(cells: &mut [f64], cell: impl Fn(usize) -> f64) {
    if has_nan(cells) {
        cells.iter_mut().enumerate().filter(|(_, x)| x.is_nan()).for_each(|(at, x)| *x = cell(at));
    }
}

/// A cell of the result at one position, by definition.
fn result_cell(image: &[f64], filter: &[f64], window: &Window, position: usize) -> f64 {
    let (p, q) = (position / window.steps()[1], position % window.steps()[1]);
    let mut sum = 0.0;
    for (plane, filter) in image.chunks_exact(window.plane()).zip(filter.chunks_exact(window.area())) {
        for ((r, s), &weight) in offsets(window).zip(filter) {
            if let (Some(h), Some(w)) = (window.at(0, p, r), window.at(1, q, s)) {
                sum += absorbing_product(weight, plane[h * window.image()[1] + w]);
            }
        }
    }
    sum
}

/// A cell of the gradient by filter `k`, by definition.
fn filter_cell(input: Images<'_>, dout: Images<'_>, window: &Window, k: usize, cell: usize) -> f64 {
    let (channel, r, s) =
        (cell / window.area(), cell % window.area() / window.size()[1], cell % window.size()[1]);
    let [down, across] = window.steps();
    let mut sum = 0.0;
    for (n, p) in (0..input.rows()).flat_map(|n| (0..down).map(move |p| (n, p))) {
        for q in 0..across {
            if let (Some(h), Some(w)) = (window.at(0, p, r), window.at(1, q, s)) {
                let x = input.get(n, channel * window.plane() + h * window.image()[1] + w);
                sum += absorbing_product(x, dout.get(n, k * window.map() + p * across + q));
            }
        }
    }
    sum
}

/// A cell of the gradient by an image, by definition.
fn image_cell(gradients: &[f64], filter: &Dense, window: &Window, cell: usize) -> f64 {
    let [down, across] = window.steps();
    let (channel, at) = (cell / window.plane(), cell % window.plane());
    let (h, w) = (at / window.image()[1], at % window.image()[1]);
    let mut sum = 0.0;
    for (r, s) in offsets(window) {
        let weight = channel * window.area() + r * window.size()[1] + s;
        for p in (0..down).filter(|&p| window.at(0, p, r) == Some(h)) {
            for q in (0..across).filter(|&q| window.at(1, q, s) == Some(w)) {
                for k in 0..filter.rows() {
                    let gradient = gradients[k * window.map() + p * across + q];
                    sum += absorbing_product(filter.get(k, weight), gradient);
                }
            }
        }
    }
    sum
}
