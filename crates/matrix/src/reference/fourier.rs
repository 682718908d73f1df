//! Discrete Fourier transforms by their definition: a sum for each frequency.

use std::f64::consts::TAU;

use crate::dense::Dense;
use crate::fourier::{Direction, Frames, Parts};
use crate::reference::reorg::transpose;

/// The transform of each row.
pub fn rows(re: &Dense, im: Option<&Dense>, direction: Direction) -> Parts {
    frames(re, im, re.cols(), direction)
}

/// The transform of each row, then of each column.
pub fn plane(re: &Dense, im: Option<&Dense>, direction: Direction) -> Parts {
    let across = rows(re, im, direction);
    let down = rows(&transpose(&across.re), Some(&transpose(&across.im)), direction);
    Parts { re: transpose(&down.re), im: transpose(&down.im) }
}

/// The forward transform of each frame of each row.
pub fn short_time(re: &Dense, im: Option<&Dense>, cut: Frames) -> Parts {
    frames(&cut.cut(re), im.map(|im| cut.cut(im)).as_ref(), cut.window, Direction::Forward)
}

/// The transform of each piece of `n` cells of each row.
fn frames(re: &Dense, im: Option<&Dense>, n: usize, direction: Direction) -> Parts {
    let zeros = Dense::zeros(re.rows(), re.cols());
    let im = im.unwrap_or(&zeros);
    let line = |i: usize, j: usize| {
        let from = j / n * n;
        (&re.row(i)[from..from + n], &im.row(i)[from..from + n])
    };
    let cell = |i: usize, j: usize| {
        let (re, im) = line(i, j);
        frequency(re, im, j % n, direction)
    };
    Parts {
        re: Dense::from_fn(re.rows(), re.cols(), |i, j| cell(i, j).0),
        im: Dense::from_fn(re.rows(), re.cols(), |i, j| cell(i, j).1),
    }
}

/// Real and imaginary part of one frequency.
fn frequency(re: &[f64], im: &[f64], k: usize, direction: Direction) -> (f64, f64) {
    if re.iter().chain(im).any(|x| !x.is_finite()) {
        return (f64::NAN, f64::NAN);
    }
    let n = re.len();
    let (sign, scale) = match direction {
        Direction::Forward => (-1.0, 1.0),
        Direction::Inverse => (1.0, n as f64),
    };
    let mut sum = (0.0, 0.0);
    for j in 0..n {
        // The angle is reduced to one turn first, where sine and cosine are exact to the last bits.
        let (sin, cos) = (sign * TAU * (j * k % n) as f64 / n as f64).sin_cos();
        sum.0 += re[j] * cos - im[j] * sin;
        sum.1 += re[j] * sin + im[j] * cos;
    }
    (sum.0 / scale, sum.1 / scale)
}
