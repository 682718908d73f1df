//! Discrete Fourier transforms of any length: of rows, of a whole matrix, of overlapping frames of rows.
//!
//! The forward transform of `x` is `y[k] = sum_j x[j] exp(-2 pi i j k / n)`; the inverse has the other sign and divides
//! by `n`. A line with a cell that is not finite becomes NaN everywhere. The definition is in
//! [`crate::reference::fourier`].

use rayon::prelude::*;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::dense::Dense;
use crate::scratch::{Scratch, at_once};

/// From the cells to their frequencies, or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To frequencies.
    Forward,
    /// Back to cells, divided by their number.
    Inverse,
}

/// A complex matrix: real and imaginary parts of equal shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// The real parts.
    pub re: Dense,
    /// The imaginary parts.
    pub im: Dense,
}

/// How rows are cut into frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frames {
    /// Cells of a frame; at least 1.
    pub window: usize,
    /// Cells that a frame shares with the one before; less than `window`.
    pub overlap: usize,
}

impl Frames {
    /// The number of frames that cover a row of `cols` cells; the last may reach beyond its end.
    pub fn count(self, cols: usize) -> usize {
        match cols {
            0 => 0,
            cols => cols.saturating_sub(self.overlap).div_ceil(self.window - self.overlap).max(1),
        }
    }

    /// The frames of each row side by side, with zeros beyond its end.
    pub fn cut(self, x: &Dense) -> Dense {
        let step = self.window - self.overlap;
        Dense::from_fn(x.rows(), self.count(x.cols()) * self.window, |i, at| {
            let j = at / self.window * step + at % self.window;
            x.row(i).get(j).copied().unwrap_or(0.0)
        })
    }
}

type Cell = Complex<f64>;

/// The transform of each row. Without imaginary parts these are zero.
pub fn rows(re: &Dense, im: Option<&Dense>, direction: Direction) -> Parts {
    let mut cells = joined(re, im);
    lines(&mut cells, re.cols(), direction);
    parts(&cells, re.rows(), re.cols())
}

/// The transform in both dimensions: of each row, then of each column of the result.
pub fn plane(re: &Dense, im: Option<&Dense>, direction: Direction) -> Parts {
    let (rows, cols) = (re.rows(), re.cols());
    let mut cells = joined(re, im);
    lines(&mut cells, cols, direction);
    let mut turned = vec![Cell::new(0.0, 0.0); cells.len()];
    transpose(&cells, rows, cols, &mut turned);
    lines(&mut turned, rows, direction);
    transpose(&turned, cols, rows, &mut cells);
    parts(&cells, rows, cols)
}

/// What [`rows`] needs for a `rows x cols` matrix: the complex cells, and what the transforms of its lines need.
pub fn rows_scratch(rows: usize, cols: usize) -> Scratch {
    Scratch::vector::<Cell>(rows.saturating_mul(cols)).and(lines_scratch(rows, cols))
}

/// What [`plane`] needs for a `rows x cols` matrix: the complex cells both ways round.
pub fn plane_scratch(rows: usize, cols: usize) -> Scratch {
    let cells = Scratch::vector::<Cell>(rows.saturating_mul(cols)) * 2;
    cells.and(lines_scratch(rows, cols).or(lines_scratch(cols, rows)))
}

/// What [`short_time`] needs for a `rows x cols` matrix: the frames, real and imaginary, and as complex cells.
pub fn short_time_scratch(rows: usize, cols: usize, frames: Frames) -> Scratch {
    let wide = frames.count(cols).saturating_mul(frames.window);
    let cells = (Scratch::dense(rows, wide) * 2).and(Scratch::vector::<Cell>(rows.saturating_mul(wide)));
    cells.and(lines_scratch(rows.saturating_mul(frames.count(cols)), frames.window))
}

/// What the plan of lines of `n` cells holds, and the room of each task. Lengths with large prime factors are transformed
/// through one of more than twice their length (Bluestein 1970), others need less.
fn lines_scratch(count: usize, n: usize) -> Scratch {
    let through = Scratch::vector::<Cell>(n.saturating_mul(2).next_power_of_two());
    (through * 3).and(through * (2 * at_once(count)))
}

/// The forward transform of each frame of each row; the frames of a row stand side by side.
pub fn short_time(re: &Dense, im: Option<&Dense>, frames: Frames) -> Parts {
    let re = frames.cut(re);
    let im = im.map(|im| frames.cut(im));
    let mut cells = joined(&re, im.as_ref());
    lines(&mut cells, frames.window, Direction::Forward);
    parts(&cells, re.rows(), re.cols())
}

fn joined(re: &Dense, im: Option<&Dense>) -> Vec<Cell> {
    match im {
        Some(im) => re.cells().iter().zip(im.cells()).map(|(&re, &im)| Cell::new(re, im)).collect(),
        None => re.cells().iter().map(|&re| Cell::new(re, 0.0)).collect(),
    }
}

fn parts(cells: &[Cell], rows: usize, cols: usize) -> Parts {
    let part = |pick: fn(&Cell) -> f64| {
        let mut out = Dense::unset(rows, cols);
        out.cells_mut().iter_mut().zip(cells).for_each(|(out, cell)| *out = pick(cell));
        out
    };
    Parts { re: part(|cell| cell.re), im: part(|cell| cell.im) }
}

/// Transforms lines of `n` cells in place, each on its own, so that the result does not depend on threads.
fn lines(cells: &mut [Cell], n: usize, direction: Direction) {
    if n == 0 || cells.is_empty() {
        return;
    }
    let mut planner = FftPlanner::new();
    let plan = match direction {
        Direction::Forward => planner.plan_fft_forward(n),
        Direction::Inverse => planner.plan_fft_inverse(n),
    };
    let scratch = || vec![Cell::new(0.0, 0.0); plan.get_inplace_scratch_len()];
    cells.par_chunks_mut(n).for_each_init(scratch, |scratch, line| {
        if line.iter().any(|cell| !cell.re.is_finite() || !cell.im.is_finite()) {
            line.fill(Cell::new(f64::NAN, f64::NAN));
            return;
        }
        plan.process_with_scratch(line, scratch);
        if direction == Direction::Inverse {
            line.iter_mut().for_each(|cell| *cell /= n as f64);
        }
    });
}

/// Cells of the side of a square that is turned at a time, so that both sides stay in cache.
const TURN: usize = 32;

/// Writes a `rows x cols` matrix the other way round.
fn transpose(cells: &[Cell], rows: usize, cols: usize, out: &mut [Cell]) {
    for top in (0..rows).step_by(TURN) {
        for left in (0..cols).step_by(TURN) {
            for i in top..rows.min(top + TURN) {
                for j in left..cols.min(left + TURN) {
                    out[j * rows + i] = cells[i * cols + j];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::reference::fourier as naive;

    fn close(is: &Parts, should: &Parts) {
        let cells =
            |parts: &Parts| parts.re.cells().iter().chain(parts.im.cells()).copied().collect::<Vec<_>>();
        assert_eq!((is.re.rows(), is.re.cols()), (should.re.rows(), should.re.cols()));
        for (a, b) in cells(is).into_iter().zip(cells(should)) {
            assert!((a - b).abs() < 1e-9 || (a.is_nan() && b.is_nan()), "{a} instead of {b}");
        }
    }

    fn matrix(rows: usize, cols: usize, seed: usize) -> Dense {
        Dense::from_fn(rows, cols, |i, j| ((i * 31 + j * 17 + seed) % 23) as f64 - 11.0)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn agree_with_the_definition(m in 0..9usize, n in 0..70usize, seed in 0..50usize, window in 1..12usize) {
            let (re, im) = (matrix(m, n, seed), matrix(m, n, seed + 7));
            for direction in [Direction::Forward, Direction::Inverse] {
                close(&rows(&re, Some(&im), direction), &naive::rows(&re, Some(&im), direction));
                close(&plane(&re, None, direction), &naive::plane(&re, None, direction));
            }
            let frames = Frames { window, overlap: seed % window };
            close(&short_time(&re, Some(&im), frames), &naive::short_time(&re, Some(&im), frames));
        }
    }

    #[test]
    fn the_inverse_undoes_the_transform() {
        let x = matrix(35, 45, 3);
        let y = plane(&x, None, Direction::Forward);
        close(&plane(&y.re, Some(&y.im), Direction::Inverse), &Parts { re: x, im: Dense::zeros(35, 45) });
    }

    #[test]
    fn frames_cover_each_row() {
        let count = |window, overlap, cols| Frames { window, overlap }.count(cols);
        assert_eq!(
            (count(4, 2, 8), count(4, 0, 8), count(4, 0, 9), count(4, 3, 2), count(4, 2, 0)),
            (3, 2, 3, 1, 0)
        );
    }
}
