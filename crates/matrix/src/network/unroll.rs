//! Unrolled images: the cells under every position of a window as the columns of a matrix, and the way back.
//!
//! ```text
//!   positions:      (0,0) (0,1) .. (1,0) (1,1) ..
//!   channel 1, cell (0,0):  a     b   ..   d     e   ..     a row per cell of the window in each channel
//!   channel 1, cell (0,1):  b     c   ..   e     f   ..     a column per position
//!   ..
//! ```

use std::ops::Range;

use super::Window;

/// Writes the cells under the window at some rows of positions to the columns of `strip`: a row per cell of the window
/// in each channel, a column per position, zeros in the padding.
pub(super) fn unroll(image: &[f64], window: &Window, rows: Range<usize>, strip: &mut Vec<f64>) {
    let (across, width) = (window.steps()[1], window.image()[1]);
    strip.resize(window.volume() * rows.len() * across, 0.0);
    let mut lines = strip.chunks_exact_mut(across);
    for plane in image.chunks_exact(window.plane()) {
        for (r, s) in offsets(window) {
            let cols = window.inside(1, s);
            for (p, line) in rows.clone().zip(&mut lines) {
                let Some(h) = window.at(0, p, r).filter(|_| !cols.is_empty()) else {
                    line.fill(0.0);
                    continue;
                };
                line[..cols.start].fill(0.0);
                line[cols.end..].fill(0.0);
                let from = &plane[h * width..(h + 1) * width];
                gather(&mut line[cols.clone()], &from[first_col(window, &cols, s)..], window.stride(1));
            }
        }
    }
}

/// Adds the columns of `strip` to the cells under the window that they belong to: the adjoint of [`unroll`].
pub(super) fn roll(strip: &[f64], window: &Window, rows: Range<usize>, image: &mut [f64]) {
    let (across, width) = (window.steps()[1], window.image()[1]);
    let mut lines = strip.chunks_exact(across);
    for plane in image.chunks_exact_mut(window.plane()) {
        for (r, s) in offsets(window) {
            let cols = window.inside(1, s);
            for (p, line) in rows.clone().zip(&mut lines) {
                let Some(h) = window.at(0, p, r).filter(|_| !cols.is_empty()) else { continue };
                let to = &mut plane[h * width..(h + 1) * width];
                let to = to[first_col(window, &cols, s)..].iter_mut().step_by(window.stride(1));
                to.zip(&line[cols.clone()]).for_each(|(x, y)| *x += y);
            }
        }
    }
}

/// The rows and columns of the cells of the window.
pub(super) fn offsets(window: &Window) -> impl Iterator<Item = (usize, usize)> {
    let [height, width] = window.size();
    (0..height).flat_map(move |r| (0..width).map(move |s| (r, s)))
}

/// The column of the image under column `s` of the window at the first of some positions, all of them in the image.
fn first_col(window: &Window, cols: &Range<usize>, s: usize) -> usize {
    window.at(1, cols.start, s).expect("invariant: the positions are those inside the image")
}

/// Every `stride`-th cell.
fn gather(to: &mut [f64], from: &[f64], stride: usize) {
    match stride {
        1 => to.copy_from_slice(&from[..to.len()]),
        _ => to.iter_mut().zip(from.iter().step_by(stride)).for_each(|(to, from)| *to = *from),
    }
}
