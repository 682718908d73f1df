//! Cumulative functions: running sums, products and extremes down columns or along rows.
//!
//! Tall matrices are cut into blocks of rows by shape: a first pass folds every block, the carries between blocks
//! follow in order, a last pass runs every block from its carry. So the step must be associative up to rounding.
//! Invariant: the first row (or column) of the result is that of the operand.

use pulp::Arch;
use rayon::prelude::*;

use crate::dense::Dense;
use crate::map::{CHUNK, binary_vv, collect_parts, for_chunks};
use crate::scratch::Scratch;

/// Cells in a block of rows: large, since every block but the last is read twice.
const BLOCK: usize = 1 << 18;

/// Rows in a block at least, so that the carries take a small part of the memory of the matrix.
const BLOCK_ROWS: usize = 64;

/// Chains of a run along cells, side by side: enough to hide the latency of the steps.
const CHAINS: usize = 8;

/// Cells of a chain. No power of two, so that the chains lie in different sets of the first-level cache.
const CHAIN: usize = 264;

/// Cells that are cut into chains together.
const PIECE: usize = CHAINS * CHAIN;

/// `Y[i,j] = step(Y[i-1,j], X[i,j])` down each column, for an associative step.
pub fn cumulate(step: impl Fn(f64, f64) -> f64 + Copy + Send + Sync, x: &Dense) -> Dense {
    let (rows, cols) = (x.rows(), x.cols());
    let mut out = Dense::unset(rows, cols);
    if rows == 0 || cols == 0 {
        return out;
    }
    let block = (BLOCK / cols).max(BLOCK_ROWS) * cols;
    let carries = carries(step, x.cells(), cols, block);
    out.cells_mut().par_chunks_mut(block).enumerate().for_each(|(k, out)| {
        let x = &x.cells()[k * block..k * block + out.len()];
        match k.checked_sub(1) {
            None => out[..cols].copy_from_slice(&x[..cols]),
            Some(before) => binary_vv(&carries[before], &x[..cols], &mut out[..cols], step),
        }
        run_down(step, x, cols, out);
    });
    out
}

/// What [`cumulate`] needs for a `rows x cols` matrix: a row for each block but the last.
pub fn cumulate_scratch(rows: usize, cols: usize) -> Scratch {
    let height = (BLOCK / cols.max(1)).max(BLOCK_ROWS);
    (Scratch::vector::<f64>(cols).and(Scratch::vector::<Vec<f64>>(1))) * rows.div_ceil(height)
}

/// What [`cumulate_rows`] and [`cumsumprod`] need: nothing, whatever the shape.
pub fn cumulate_rows_scratch() -> Scratch {
    Scratch::NONE
}

/// `Y[i,j] = step(Y[i,j-1], X[i,j])` along each row.
pub fn cumulate_rows(step: impl Fn(f64, f64) -> f64 + Copy + Send + Sync, x: &Dense) -> Dense {
    let mut out = Dense::unset(x.rows(), x.cols());
    let cols = x.cols().max(1);
    let chunk = (CHUNK / cols).max(1) * cols;
    for_chunks(out.cells_mut(), chunk, x.cells().len(), |start, out| {
        along(step, &x.cells()[start..], cols, out);
    });
    out
}

/// `out[i,j] = step(out[i,j-1], x[i,j])` along each row of `cols` cells.
pub fn along(step: impl Fn(f64, f64) -> f64 + Copy, x: &[f64], cols: usize, out: &mut [f64]) {
    for (out, x) in out.chunks_mut(cols).zip(x.chunks(cols)) {
        run_along(step, x[0], x, out);
    }
}

/// Rows of `cols` cells of a running result behind the row `last`, which is empty before the first one and the last of
/// `out` afterwards.
pub fn continue_down(
    step: impl Fn(f64, f64) -> f64 + Copy + Send + Sync,
    last: &mut Vec<f64>,
    x: &[f64],
    cols: usize,
    out: &mut [f64],
) {
    if last.is_empty() {
        out[..cols].copy_from_slice(&x[..cols]);
    } else {
        binary_vv(last, &x[..cols], &mut out[..cols], step);
    }
    run_down(step, x, cols, out);
    last.clear();
    last.extend_from_slice(&out[out.len() - cols..]);
}

/// `last = step(before, last)`: the last row of a running result that starts behind the row `before`, from that of one
/// which starts from nothing.
pub fn join_down(step: impl Fn(f64, f64) -> f64, before: &[f64], last: &mut [f64]) {
    last.iter_mut().zip(before).for_each(|(last, &before)| *last = step(before, *last));
}

/// `y[i] = X[i,1] + X[i,2] * y[i-1]` with 0 before the first row; `x` is rows x 2, the result rows x 1.
///
/// # Panics
/// When `x` has not two columns.
pub fn cumsumprod(x: &Dense) -> Dense {
    assert_eq!(x.cols(), 2, "columns of the operand of cumsumprod");
    let mut out = Dense::unset(x.rows(), 1);
    let mut last = 0.0;
    for (out, pair) in out.cells_mut().iter_mut().zip(x.cells().chunks_exact(2)) {
        last = pair[0] + pair[1] * last;
        *out = last;
    }
    out
}

/// What every block of `block` cells but the last hands to the next: the last row of its result.
fn carries(
    step: impl Fn(f64, f64) -> f64 + Copy + Send + Sync,
    cells: &[f64],
    cols: usize,
    block: usize,
) -> Vec<Vec<f64>> {
    let count = cells.len().div_ceil(block) - 1;
    let mut carries =
        collect_parts(count, cells.len(), |k| fold_down(step, &cells[k * block..(k + 1) * block], cols));
    for k in 1..count {
        let (before, rest) = carries.split_at_mut(k);
        for (carry, &last) in rest[0].iter_mut().zip(&before[k - 1]) {
            *carry = step(last, *carry);
        }
    }
    carries
}

/// The last row of the running result of some rows.
fn fold_down(step: impl Fn(f64, f64) -> f64 + Copy, x: &[f64], cols: usize) -> Vec<f64> {
    if cols == 1 {
        return vec![fold_along(step, x)];
    }
    let mut last = x[..cols].to_vec();
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for row in x[cols..].chunks_exact(cols) {
                for (last, &x) in last.iter_mut().zip(row) {
                    *last = step(*last, x);
                }
            }
        },
    );
    last
}

/// Continues `out` from its first row, which is given.
fn run_down(step: impl Fn(f64, f64) -> f64 + Copy, x: &[f64], cols: usize, out: &mut [f64]) {
    if cols == 1 {
        return run_along(step, out[0], x, out);
    }
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for start in (cols..out.len()).step_by(cols) {
                let (before, rest) = out.split_at_mut(start);
                let row = &x[start..start + cols];
                for ((out, &last), &x) in rest.iter_mut().zip(&before[start - cols..]).zip(row) {
                    *out = step(last, x);
                }
            }
        },
    );
}

/// Continues `out` from its first cell `first`. Long runs are cut into chains: folds of the chains give where each
/// starts, and their steps run side by side.
fn run_along(step: impl Fn(f64, f64) -> f64 + Copy, first: f64, x: &[f64], out: &mut [f64]) {
    let mut last = first;
    out[0] = first;
    let (mut x, mut out) = (&x[1..], &mut out[1..]);
    while x.len() >= PIECE {
        let (piece, rest) = x.split_at(PIECE);
        let (done, rest_out) = out.split_at_mut(PIECE);
        let folds = fold_chains(step, piece);
        let mut starts = [last; CHAINS];
        for c in 1..CHAINS {
            starts[c] = step(starts[c - 1], folds[c - 1]);
        }
        run_chains(step, starts, piece, done);
        last = done[PIECE - 1];
        (x, out) = (rest, rest_out);
    }
    for (out, &x) in out.iter_mut().zip(x) {
        last = step(last, x);
        *out = last;
    }
}

/// The fold of some cells, which are not empty.
fn fold_along(step: impl Fn(f64, f64) -> f64 + Copy, x: &[f64]) -> f64 {
    let (pieces, tail) = x[1..].as_chunks::<PIECE>();
    let mut last = x[0];
    for piece in pieces {
        last = fold_chains(step, piece).into_iter().fold(last, step);
    }
    tail.iter().fold(last, |last, &x| step(last, x))
}

/// The folds of the chains of a piece.
fn fold_chains(step: impl Fn(f64, f64) -> f64 + Copy, piece: &[f64]) -> [f64; CHAINS] {
    let mut folds = [0.0; CHAINS];
    for c in 0..CHAINS {
        folds[c] = piece[c * CHAIN];
    }
    for k in 1..CHAIN {
        for c in 0..CHAINS {
            folds[c] = step(folds[c], piece[c * CHAIN + k]);
        }
    }
    folds
}

/// The running results of the chains of a piece from what comes before each.
fn run_chains(
    step: impl Fn(f64, f64) -> f64 + Copy,
    mut last: [f64; CHAINS],
    piece: &[f64],
    out: &mut [f64],
) {
    let (piece, out) = (&piece[..PIECE], &mut out[..PIECE]);
    for k in 0..CHAIN {
        for c in 0..CHAINS {
            last[c] = step(last[c], piece[c * CHAIN + k]);
            out[c * CHAIN + k] = last[c];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::aggregate as reference;
    use crate::testing::{any_dense, assert_close, assert_same, in_pools};
    use proptest::prelude::*;

    const STEPS: [fn(f64, f64) -> f64; 4] =
        [|x, y| x + y, |x, y| x * y, |x, y| if y < x { y } else { x }, |x, y| if y > x { y } else { x }];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn small_matrices_match_the_reference(x in any_dense()) {
            for step in STEPS {
                assert_same(&cumulate(step, &x), &reference::cumulate(step, &x));
                assert_same(&cumulate_rows(step, &x), &reference::cumulate_rows(step, &x));
            }
        }

        #[test]
        fn recurrences_match_the_reference(x in any_dense()) {
            let x = Dense::from_fn(x.rows(), 2, |i, j| if j < x.cols() { x.get(i, j) } else { 0.5 });
            assert_same(&cumsumprod(&x), &reference::cumsumprod(&x));
        }
    }

    #[test]
    fn blocks_join() {
        for (rows, cols) in [(600_001, 1), (200_003, 3), (150, 5000)] {
            let x = Dense::from_fn(rows, cols, |i, j| ((i * 37 + j * 11) % 101) as f64 - 50.0);
            for step in [STEPS[0], STEPS[2]] {
                let (down, along) = (reference::cumulate(step, &x), reference::cumulate_rows(step, &x));
                in_pools(|| {
                    assert_same(&cumulate(step, &x), &down);
                    assert_same(&cumulate_rows(step, &x), &along);
                });
            }
            let x = Dense::from_fn(rows, cols, |i, j| ((i * 37 + j * 11) % 101) as f64 / 7.0);
            let sums = cumulate(STEPS[0], &x);
            assert_close(&sums, &reference::cumulate(STEPS[0], &x), 1e-12);
            in_pools(|| assert_same(&cumulate(STEPS[0], &x), &sums));
        }
    }
}
