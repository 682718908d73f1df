//! Pooling: the largest cell or the mean of each window of a channel, and the gradients.
//!
//! Invariant: channels are independent, so work is cut over all channels of all images. The padding never holds the
//! largest cell; it counts as zeros in a mean.

use crate::dense::Dense;
use crate::product::tree::{even_cuts, for_rows};
use crate::scratch::{Scratch, at_once};

use super::{Images, Window};

/// Cells of the image and the window positions that are worth a task of their own.
const GRAIN: usize = 1 << 15;

/// The largest cell of every window: N x (C*H*W) to N x (C*P*Q). A window that lies in the padding has none, so its
/// result is minus infinity; a NaN is larger than everything.
///
/// # Panics
/// When the images have other sizes than the window expects.
pub fn max_pool(input: Images<'_>, window: &Window) -> Dense {
    assert_eq!(input.cols(), window.cells(), "cells of an image");
    planes(input.rows(), window, window.map(), |at, scratch, out| {
        let plane = channel(input, at, window.plane(), scratch);
        each_window(window, |step, [rows, cols]| {
            let mut best = f64::NEG_INFINITY;
            for h in rows {
                for &x in &plane[h * window.image()[1]..][cols.clone()] {
                    best = if x > best || x.is_nan() { x } else { best };
                }
            }
            out[step] = best;
        });
    })
}

/// The gradient of [`max_pool`]: the gradient of a window goes to its largest cell, to the first of several in
/// row-major order. `dout` is N x (C*P*Q), the result N x (C*H*W).
///
/// # Panics
/// When the images or gradients have other sizes than the window expects.
pub fn max_pool_backward(input: Images<'_>, dout: Images<'_>, window: &Window) -> Dense {
    assert_eq!(input.cols(), window.cells(), "cells of an image");
    assert_eq!((dout.rows(), dout.cols()), (input.rows(), window.channels() * window.map()), "gradients");
    let width = window.image()[1];
    planes(input.rows(), window, window.plane(), |at, scratch, out| {
        let mut other = Vec::new();
        let plane = channel(input, at, window.plane(), scratch);
        let gradients = channel(dout, at, window.map(), &mut other);
        each_window(window, |step, [rows, cols]| {
            let mut best: Option<usize> = None;
            for cell in rows.flat_map(|h| cols.clone().map(move |w| h * width + w)) {
                let x = plane[cell];
                let larger = |best: usize| x > plane[best] || (x.is_nan() && !plane[best].is_nan());
                best = best.filter(|&best| !larger(best)).or(Some(cell));
            }
            if let Some(best) = best {
                out[best] += gradients[step];
            }
        });
    })
}

/// The mean of every window, the padding counting as zeros: N x (C*H*W) to N x (C*P*Q).
///
/// # Panics
/// When the images have other sizes than the window expects.
pub fn avg_pool(input: Images<'_>, window: &Window) -> Dense {
    assert_eq!(input.cols(), window.cells(), "cells of an image");
    let area = window.area() as f64;
    planes(input.rows(), window, window.map(), |at, scratch, out| {
        let plane = channel(input, at, window.plane(), scratch);
        each_window(window, |step, [rows, cols]| {
            let row = |h: usize| &plane[h * window.image()[1]..][cols.clone()];
            let sum: f64 = rows.map(|h| row(h).iter().sum::<f64>()).sum();
            out[step] = sum / area;
        });
    })
}

/// The gradient of [`avg_pool`]: each cell of a window gets an equal part of its gradient. `dout` is N x (C*P*Q), the
/// result N x (C*H*W).
///
/// # Panics
/// When the gradients have another size than the window expects.
pub fn avg_pool_backward(dout: Images<'_>, window: &Window) -> Dense {
    assert_eq!(dout.cols(), window.channels() * window.map(), "gradients");
    let area = window.area() as f64;
    planes(dout.rows(), window, window.plane(), |at, scratch, out| {
        let gradients = channel(dout, at, window.map(), scratch);
        each_window(window, |step, [rows, cols]| {
            let part = gradients[step] / area;
            for h in rows {
                out[h * window.image()[1]..][cols.clone()].iter_mut().for_each(|x| *x += part);
            }
        });
    })
}

/// What pooling and its gradients need: a channel of the images and of the gradients for each task, when they are sparse.
pub fn pool_scratch(window: &Window) -> Scratch {
    Scratch::vector::<f64>(window.plane().saturating_add(window.map())) * at_once(usize::MAX)
}

/// A matrix of `images` rows with `width` cells per channel; `fill(channel, scratch, cells)` adds to zeros.
fn planes(
    images: usize,
    window: &Window,
    width: usize,
    fill: impl Fn(usize, &mut Vec<f64>, &mut [f64]) + Sync,
) -> Dense {
    let channels = window.channels();
    let mut out = Dense::zeros(images, channels * width);
    let work = window.plane() + window.map() * window.area();
    let cuts = even_cuts(images * channels, GRAIN / work);
    for_rows(&cuts, width, out.cells_mut(), &|channels, out| {
        let mut scratch = Vec::new();
        for (at, out) in channels.zip(out.chunks_exact_mut(width)) {
            fill(at, &mut scratch, out);
        }
    });
    out
}

/// Channel `at` of all channels of all images, each of `len` cells.
fn channel<'s, 'a: 's>(images: Images<'a>, at: usize, len: usize, scratch: &'s mut Vec<f64>) -> &'s [f64] {
    let channels = images.cols() / len;
    let start = at % channels * len;
    images.cells(at / channels, start..start + len, scratch)
}

/// Calls `visit` with every position of the window and the rows and columns of the image that it covers there.
fn each_window(window: &Window, mut visit: impl FnMut(usize, [std::ops::Range<usize>; 2])) {
    let [down, across] = window.steps();
    for p in 0..down {
        for q in 0..across {
            visit(p * across + q, [window.cover(0, p), window.cover(1, q)]);
        }
    }
}
