//! Aggregates of dense matrices: of all cells, of each row, of each column; the extreme's index per row; the trace.
//!
//! What is computed is an [`Accumulator`](accumulator::Accumulator); here is how cells reach it. Invariant: cells
//! are cut into chunks by shape, and the states of chunks are merged in their order, so that the number of threads
//! never shows in the result. Sparse matrices: `sparse_aggregate.rs`.

pub mod accumulator;
pub mod columns;
pub(crate) mod lanes;

use pulp::{Arch, Simd, WithSimd};

use crate::buffer::Buffer;
use crate::dense::Dense;
use crate::map::{CHUNK, collect_parts, for_chunks};
use crate::scratch::{Scratch, at_once};
use accumulator::{Accumulator, Sum};
use columns::Strip;
use lanes::{Largest, Smallest};

/// Cells whose state is computed by one thread.
const RUN: usize = 1 << 16;

/// Columns that are aggregated together: their states fit in the first-level cache.
const STRIP: usize = 1 << 10;

/// Blocks of rows that a strip is cut into at most, which bounds the memory of their states.
const MAX_BLOCKS: usize = 64;

/// Cells of a narrow matrix that are pushed together, as if it had that many columns.
const FOLD: usize = 64;

/// Rows of up to this many cells are aggregated side by side.
const NARROW: usize = 64;

/// Rows that are aggregated side by side at most.
const TILE_ROWS: usize = 256;

/// Rows that are turned together: the lanes of the widest registers.
const TURNED: usize = 8;

/// Cells of such rows at most: they are turned within the first-level cache.
const TILE_CELLS: usize = 1 << 11;

/// The aggregate of all cells.
pub fn full<A: Accumulator>(x: &Dense) -> f64 {
    of_cells::<A>(x.cells()).finish()
}

/// What [`full`] needs for `n` cells: a state for each run of them.
pub fn full_scratch<A: Accumulator>(n: usize) -> Scratch {
    Scratch::vector::<A>(n.div_ceil(RUN))
}

/// What [`rows`] needs: nothing, whatever the shape.
pub fn rows_scratch() -> Scratch {
    Scratch::NONE
}

/// The aggregate of every row (rows x 1).
pub fn rows<A: Accumulator>(x: &Dense) -> Dense {
    column_of(x, rows_of::<A>)
}

/// The aggregate of every row of `cols` cells.
pub fn rows_of<A: Accumulator>(cells: &[f64], cols: usize, out: &mut [f64]) {
    if !is_narrow(cols) {
        return per_row(cells, cols, out, |row| of_cells::<A>(row).finish());
    }
    per_tile(cells, cols, out, A::of_columns);
}

/// A column with a cell for each row of `x`, by a function of cells, columns and the column.
pub fn column_of(x: &Dense, of_rows: fn(&[f64], usize, &mut [f64])) -> Dense {
    let mut out = Dense::unset(x.rows(), 1);
    of_rows(x.cells(), x.cols(), out.cells_mut());
    out
}

/// The aggregate of every column (1 x columns).
pub fn cols<A: Accumulator>(x: &Dense) -> Dense {
    let (rows, cols) = (x.rows(), x.cols());
    let height = (RUN / cols.clamp(1, STRIP)).max(rows.div_ceil(MAX_BLOCKS)).max(1);
    let (strips, blocks) = (cols.div_ceil(STRIP), rows.div_ceil(height));
    let states = collect_parts(strips * blocks, x.cells().len(), |k| {
        let (strip, block) = (k / blocks, k % blocks);
        column_states::<A>(x, block * height..rows.min((block + 1) * height), strip * STRIP)
    });
    let mut out = Dense::filled(1, cols, A::new().finish());
    for (strip, blocks) in states.chunks(blocks.max(1)).enumerate() {
        let merged = merge_all(blocks, A::merge);
        for (out, state) in out.cells_mut()[strip * STRIP..].iter_mut().zip(&merged) {
            *out = state.finish();
        }
    }
    out
}

/// What [`cols`] needs for a `rows x cols` matrix: the states of the columns for each block of rows, those of the result,
/// and the tables of sums of the tasks.
pub fn cols_scratch<A: Accumulator>(rows: usize, cols: usize) -> Scratch {
    let height = (RUN / cols.clamp(1, STRIP)).max(rows.div_ceil(MAX_BLOCKS)).max(1);
    let blocks = rows.div_ceil(height);
    let parts = cols.div_ceil(STRIP).saturating_mul(blocks);
    let tables = (Scratch::vector::<[f64; 8]>(cols.clamp(FOLD, STRIP)) * at_once(parts)).only_if(parts > 0);
    (Scratch::vector::<A>(cols) * blocks.saturating_add(1)).and(tables).and(Scratch::vector::<Vec<A>>(parts))
}

/// The 1-based column of the largest cell of every row (rows x 1), the last one of equals.
///
/// NaN is ignored; a row of nothing but NaN gives 1, a row without columns 0.
pub fn row_index_max(x: &Dense) -> Dense {
    column_of(x, row_index_max_of)
}

/// As [`row_index_max`], of rows of `cols` cells.
pub fn row_index_max_of(cells: &[f64], cols: usize, out: &mut [f64]) {
    if is_narrow(cols) {
        let larger = |strip: Strip<'_>, out: &mut [f64]| {
            index_each(strip, out, |x, best| x >= best, f64::NEG_INFINITY);
        };
        per_tile(cells, cols, out, larger);
    } else {
        per_row(cells, cols, out, index_max);
    }
}

/// The 1-based column of the smallest cell of every row, by the rules of [`row_index_max`].
pub fn row_index_min(x: &Dense) -> Dense {
    column_of(x, row_index_min_of)
}

/// As [`row_index_min`], of rows of `cols` cells.
pub fn row_index_min_of(cells: &[f64], cols: usize, out: &mut [f64]) {
    if is_narrow(cols) {
        let smaller = |strip: Strip<'_>, out: &mut [f64]| {
            index_each(strip, out, |x, best| x <= best, f64::INFINITY);
        };
        per_tile(cells, cols, out, smaller);
    } else {
        per_row(cells, cols, out, index_min);
    }
}

/// The sum of the diagonal of a square matrix.
///
/// # Panics
/// When `x` is not square.
pub fn trace(x: &Dense) -> f64 {
    assert_eq!(x.rows(), x.cols(), "the trace of a square matrix");
    let mut sum = Sum::new();
    (0..x.rows()).for_each(|i| sum.push(x.get(i, i)));
    sum.finish()
}

/// The state of some cells, which may be many.
pub(crate) fn of_cells<A: Accumulator>(cells: &[f64]) -> A {
    let mut merged = A::new();
    if cells.len() <= RUN {
        merged.push_slice(cells);
        return merged;
    }
    let parts = collect_parts(cells.len().div_ceil(RUN), cells.len(), |k| {
        let mut state = A::new();
        state.push_slice(&cells[k * RUN..cells.len().min((k + 1) * RUN)]);
        state
    });
    parts.iter().for_each(|part| merged.merge(part));
    merged
}

/// Merges the states of columns over blocks of rows, in order.
pub(crate) fn merge_all<S: Clone>(blocks: &[Vec<S>], merge: impl Fn(&mut S, &S)) -> Vec<S> {
    let Some((first, others)) = blocks.split_first() else { return Vec::new() };
    let mut merged = first.clone();
    for other in others {
        merged.iter_mut().zip(other).for_each(|(merged, other)| merge(merged, other));
    }
    merged
}

/// The 1-based index of the largest cell, as [`row_index_max`] tells.
fn index_max(cells: &[f64]) -> f64 {
    index_of(lanes::extreme(cells, Largest).0, cells)
}

fn index_min(cells: &[f64]) -> f64 {
    index_of(lanes::extreme(cells, Smallest).0, cells)
}

fn index_of(extreme: f64, cells: &[f64]) -> f64 {
    let last = cells.iter().rposition(|&x| x == extreme).unwrap_or(0);
    if cells.is_empty() { 0.0 } else { (last + 1) as f64 }
}

fn per_row(cells: &[f64], cols: usize, out: &mut [f64], of_row: impl Fn(&[f64]) -> f64 + Send + Sync) {
    for_chunks(out, (CHUNK / cols.max(1)).max(1), cells.len(), |start, out| {
        for (k, out) in out.iter_mut().enumerate() {
            *out = of_row(&cells[(start + k) * cols..][..cols]);
        }
    });
}

/// Whether rows are so short that many of them are aggregated side by side.
fn is_narrow(cols: usize) -> bool {
    (1..=NARROW).contains(&cols)
}

/// Runs `of_tile(strip, out)` over groups of rows of a narrow matrix, which are the columns of the strip.
fn per_tile(
    cells: &[f64],
    cols: usize,
    out: &mut [f64],
    of_tile: impl Fn(Strip<'_>, &mut [f64]) + Send + Sync,
) {
    let tile = (TILE_CELLS / cols).min(TILE_ROWS);
    for_chunks(out, (CHUNK / cols).next_multiple_of(tile), cells.len(), |start, out| {
        let mut turned = Buffer::unset(cols * tile.min(out.len()));
        for (k, out) in out.chunks_mut(tile).enumerate() {
            let (first, width) = (start + k * tile, out.len());
            let cells = &cells[first * cols..(first + width) * cols];
            Arch::new().dispatch(Turn { cells, cols, turned: &mut turned });
            of_tile(Strip { cells: &turned, stride: width, width, height: cols }, out);
        }
    });
}

/// Turns narrow rows: each of the `cols` rows of `turned` is as long as there are rows.
struct Turn<'a> {
    cells: &'a [f64],
    cols: usize,
    turned: &'a mut [f64],
}

impl WithSimd for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Turn { cells, cols, turned } = self;
        let width = cells.len() / cols;
        let mut i = 0;
        while i + TURNED <= width {
            let mut rows = [&cells[..0]; TURNED];
            for r in 0..TURNED {
                rows[r] = &cells[(i + r) * cols..][..cols];
            }
            for j in 0..cols {
                let lanes = &mut turned[j * width + i..][..TURNED];
                for r in 0..TURNED {
                    lanes[r] = rows[r][j];
                }
            }
            i += TURNED;
        }
        while i < width {
            for j in 0..cols {
                turned[j * width + i] = cells[i * cols + j];
            }
            i += 1;
        }
    }
}

/// The 1-based row of the best cell of every column of a strip of up to [`TILE_ROWS`] columns, the last one of equals.
fn index_each(strip: Strip<'_>, out: &mut [f64], better: impl Fn(f64, f64) -> bool + Copy, worst: f64) {
    Arch::new().dispatch(IndexEach { strip, out, better, worst });
}

struct IndexEach<'a, F> {
    strip: Strip<'a>,
    out: &'a mut [f64],
    better: F,
    worst: f64,
}

impl<F: Fn(f64, f64) -> bool + Copy> WithSimd for IndexEach<'_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let IndexEach { strip, out, better, worst } = self;
        let mut best = [worst; TILE_ROWS];
        let best = &mut best[..out.len()];
        out.fill(1.0);
        for k in 0..strip.height {
            let (index, row) = ((k + 1) as f64, &strip.row(k)[..out.len()]);
            for j in 0..row.len() {
                let is_better = better(row[j], best[j]);
                best[j] = if is_better { row[j] } else { best[j] };
                out[j] = if is_better { index } else { out[j] };
            }
        }
    }
}

/// The states of the columns of the strip from `first`, over some rows.
fn column_states<A: Accumulator>(x: &Dense, rows: std::ops::Range<usize>, first: usize) -> Vec<A> {
    let cols = x.cols();
    if cols <= STRIP {
        return narrow_states(&x.cells()[rows.start * cols..rows.end * cols], cols);
    }
    let last = cols.min(first + STRIP);
    let mut states = vec![A::new(); last - first];
    let cells = &x.cells()[rows.start * cols + first..];
    A::push_strip(&mut states, Strip { cells, stride: cols, width: last - first, height: rows.len() });
    states
}

/// As `column_states`, for contiguous rows: a narrow matrix is read as one of several rows side by side.
fn narrow_states<A: Accumulator>(cells: &[f64], cols: usize) -> Vec<A> {
    let width = (FOLD / cols).max(1) * cols;
    let mut states = vec![A::new(); width];
    let (height, rest) = (cells.len() / width, cells.len() % width);
    A::push_strip(&mut states, Strip { cells, stride: width, width, height });
    if rest > 0 {
        let cells = &cells[height * width..];
        A::push_strip(&mut states[..rest], Strip { cells, stride: rest, width: rest, height: 1 });
    }
    let (merged, others) = states.split_at_mut(cols);
    for other in others.chunks(cols) {
        merged.iter_mut().zip(other).for_each(|(merged, other)| merged.merge(other));
    }
    states.truncate(cols);
    states
}

#[cfg(test)]
mod tests {
    use super::accumulator::*;
    use super::*;
    use crate::reference::aggregate as reference;
    use crate::testing::{any_dense, assert_close, assert_same, in_pools};
    use proptest::prelude::*;

    fn scalar(x: f64) -> Dense {
        Dense::filled(1, 1, x)
    }

    fn check<A: Accumulator>(expected: fn(&[f64]) -> f64, x: &Dense) {
        let full_expected = scalar(reference::full(expected, x));
        assert_close(&scalar(full::<A>(x)), &full_expected, 1e-13);
        assert_close(&rows::<A>(x), &reference::rows(expected, x), 1e-13);
        assert_close(&cols::<A>(x), &reference::cols(expected, x), 1e-13);
    }

    fn check_all(x: &Dense) {
        check::<Sum>(reference::sum, x);
        check::<SumOfSquares>(reference::sum_of_squares, x);
        check::<Mean>(reference::mean, x);
        check::<Product>(reference::product, x);
        check::<Min>(reference::min, x);
        check::<Max>(reference::max, x);
        check::<Variance>(reference::variance, x);
        check::<StandardDeviation>(reference::standard_deviation, x);
        check::<CountNonzero>(reference::count_nonzero, x);
        assert_same(&row_index_max(x), &reference::rows(reference::index_max, x));
        assert_same(&row_index_min(x), &reference::rows(reference::index_min, x));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn aggregates_match_the_reference(x in any_dense()) {
            check_all(&x);
            let square = Dense::from_fn(x.rows().min(x.cols()), x.rows().min(x.cols()), |i, j| x.get(i, j));
            assert_close(&scalar(trace(&square)), &scalar(reference::trace(&square)), 1e-13);
        }
    }

    #[test]
    fn shapes_that_split_match_the_reference() {
        for (rows, cols) in [(150_001, 1), (1, 150_001), (50_003, 3), (70, 2100), (401, 300)] {
            check_all(&Dense::from_fn(rows, cols, |i, j| ((i * 31 + j * 17) % 97) as f64 / 9.0 - 4.0));
        }
    }

    #[test]
    fn threads_do_not_show() {
        for (r, c) in [(150_001, 1), (1, 150_001), (50_003, 3), (70, 2100)] {
            let x = Dense::from_fn(r, c, |i, j| ((i * 31 + j * 17) % 97) as f64 / 9.0 - 4.0);
            let all = |x: &Dense| {
                let states = [rows::<Sum>(x), cols::<Sum>(x), rows::<Variance>(x), cols::<Variance>(x)];
                let bits = states.map(|out| out.cells().iter().map(|x| x.to_bits()).collect::<Vec<_>>());
                (bits, full::<Sum>(x), full::<Variance>(x))
            };
            let expected = all(&x);
            in_pools(|| assert_eq!(all(&x), expected));
        }
    }

    #[test]
    fn sums_are_compensated() {
        const HUGE: f64 = (1_u128 << 80) as f64;
        let x = Dense::from_fn(100_000, 3, |i, _| [1.0, HUGE, 1.0, -HUGE][i % 4]);
        assert_eq!(full::<Sum>(&x), 150_000.0);
        assert_eq!(cols::<Sum>(&x).cells(), [50_000.0; 3]);
        let x = Dense::from_cells(1, 4, &[1.0, f64::INFINITY, 1e308, 1e308]);
        assert_eq!(full::<Sum>(&x), f64::INFINITY);
    }

    #[test]
    fn products_overflow_only_at_the_end() {
        let mut cells = vec![1e200; 600];
        cells.extend([1e-200; 600]);
        let x = Dense::from_cells(1200, 1, &cells);
        assert!((full::<Product>(&x) - 1.0).abs() < 1e-12);
        let x = Dense::from_cells(1, 4, &[1e-300, 1e-20, f64::MIN_POSITIVE / 4.0, 1e300]);
        assert_eq!(full::<Product>(&x), 0.0);
        assert_eq!(full::<Product>(&Dense::from_cells(1, 2, &[-5e-324, 2.0])), -1e-323);
    }

    #[test]
    fn constant_columns_have_no_variance() {
        let x = Dense::filled(30_011, 2, 0.1);
        assert_eq!(full::<Variance>(&x), 0.0);
        assert_eq!(cols::<Variance>(&x).cells(), [0.0; 2]);
    }
}
