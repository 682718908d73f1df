//! Aggregates of sparse matrices: stored cells are pushed, the others are counted as zeros.
//!
//! Invariant: the same values as `aggregate.rs` on the same cells up to rounding, and the same bits for any number
//! of threads.

use std::ops::Range;

use crate::aggregate::{
    self,
    accumulator::{Accumulator, Sum},
};
use crate::aggregate::{merge_all, of_cells};
use crate::csr::Csr;
use crate::dense::Dense;
use crate::map::{CHUNK, collect_parts, for_chunks};
use crate::scratch::Scratch;
use crate::sparse_map::row_chunks;

/// Chunks whose column states are held at once, at most.
const MAX_CHUNKS: usize = 64;

/// Stored cells for a state: about its bytes.
const CELLS_PER_STATE: usize = 4;

/// The aggregate of all cells.
pub fn full<A: Accumulator>(x: &Csr) -> f64 {
    let mut state = of_cells::<A>(x.val());
    state.push_zeros(x.rows() as u64 * x.cols() as u64 - x.nnz() as u64);
    state.finish()
}

/// The aggregate of every row (rows x 1).
pub fn rows<A: Accumulator>(x: &Csr) -> Dense {
    per_row(x, |_, val| {
        let mut state = A::new();
        state.push_slice(val);
        state.push_zeros((x.cols() - val.len()) as u64);
        state.finish()
    })
}

/// The aggregate of every column (1 x columns).
pub fn cols<A: Accumulator>(x: &Csr) -> Dense {
    let chunks = row_chunks(x.row_ptr());
    let groups = groups(chunks.len(), x.cols(), x.nnz());
    let size = chunks.len().div_ceil(groups);
    let states = collect_parts(chunks.len().div_ceil(size), x.nnz(), |k| {
        let (first, last) = (k * size, chunks.len().min((k + 1) * size) - 1);
        column_states::<A>(x, x.row_ptr()[chunks[first].start]..x.row_ptr()[chunks[last].end])
    });
    let mut merged = merge_all(&states, Column::merge);
    let mut out = Dense::zeros(1, x.cols());
    for (out, column) in out.cells_mut().iter_mut().zip(&mut merged) {
        column.state.push_zeros(x.rows() as u64 - column.stored);
        *out = column.state.finish();
    }
    out
}

/// How many groups the chunks form. Each holds a state per column: their number keeps that below the stored cells.
fn groups(chunks: usize, cols: usize, stored: usize) -> usize {
    chunks.min(MAX_CHUNKS).min(stored / (CELLS_PER_STATE.saturating_mul(cols)).max(1)).max(1)
}

/// What [`full`] needs for a matrix with `stored` cells.
pub fn full_scratch<A: Accumulator>(stored: usize) -> Scratch {
    aggregate::full_scratch::<A>(stored)
}

/// What [`rows`] needs: nothing, whatever the shape.
pub fn rows_scratch() -> Scratch {
    Scratch::NONE
}

/// What [`cols`] needs for a `rows x cols` matrix with `stored` cells: the states of the columns for each group of chunks,
/// and merged.
pub fn cols_scratch<A: Accumulator>(rows: usize, cols: usize, stored: usize) -> Scratch {
    let chunks = stored.saturating_add(rows).div_ceil(CHUNK).max(1);
    Scratch::vector::<Column<A>>(cols) * (groups(chunks, cols, stored) + 1)
}

/// The 1-based column of the largest cell of every row (rows x 1), the last one of equals, by the rules of
/// [`aggregate::row_index_max`](crate::aggregate::row_index_max).
pub fn row_index_max(x: &Csr) -> Dense {
    per_row(x, |col, val| index_max(col, val.iter().copied(), x.cols()))
}

/// The 1-based column of the smallest cell of every row, by the rules of [`row_index_max`].
pub fn row_index_min(x: &Csr) -> Dense {
    per_row(x, |col, val| index_max(col, val.iter().map(|v| -v), x.cols()))
}

/// The sum of the diagonal of a square matrix.
///
/// # Panics
/// When `x` is not square.
pub fn trace(x: &Csr) -> f64 {
    assert_eq!(x.rows(), x.cols(), "the trace of a square matrix");
    let mut sum = Sum::new();
    (0..x.rows()).for_each(|i| sum.push(x.get(i, i)));
    sum.finish()
}

/// The state of a column and how many stored cells it has taken in.
#[derive(Clone, Copy)]
struct Column<A> {
    state: A,
    stored: u64,
}

impl<A: Accumulator> Column<A> {
    fn merge(&mut self, other: &Column<A>) {
        self.state.merge(&other.state);
        self.stored += other.stored;
    }
}

/// The states of all columns over a range of stored cells.
fn column_states<A: Accumulator>(x: &Csr, stored: Range<usize>) -> Vec<Column<A>> {
    let mut columns = vec![Column { state: A::new(), stored: 0 }; x.cols()];
    for (&j, &v) in x.col()[stored.clone()].iter().zip(&x.val()[stored]) {
        let column = &mut columns[j as usize];
        column.state.push(v);
        column.stored += 1;
    }
    columns
}

/// The 1-based column of the last of the largest cells of a row of `cols` cells, of which some are stored.
fn index_max(col: &[u32], val: impl ExactSizeIterator<Item = f64>, cols: usize) -> f64 {
    let mut best = None;
    for (&j, v) in col.iter().zip(val) {
        if !v.is_nan() && best.is_none_or(|(_, largest)| v >= largest) {
            best = Some((j as usize + 1, v));
        }
    }
    match (best, last_zero(col, cols)) {
        (Some((j, largest)), zero) if largest > 0.0 || zero == 0 => j as f64,
        (_, zero) if zero > 0 => zero as f64,
        _ => cols.min(1) as f64,
    }
}

/// The 1-based column of the last cell of a row that is not stored, 0 if all are.
fn last_zero(col: &[u32], cols: usize) -> usize {
    let stored_at_end =
        col.iter().rev().enumerate().take_while(|&(k, &j)| j as usize + k + 1 == cols).count();
    cols - stored_at_end
}

fn per_row(x: &Csr, of_row: impl Fn(&[u32], &[f64]) -> f64 + Send + Sync) -> Dense {
    let mut out = Dense::unset(x.rows(), 1);
    let per_chunk = (CHUNK * x.rows()) / (x.nnz() + x.rows()).max(1);
    for_chunks(out.cells_mut(), per_chunk.max(1), x.nnz() + x.rows(), |start, out| {
        for (k, out) in out.iter_mut().enumerate() {
            let (col, val) = x.row(start + k);
            *out = of_row(col, val);
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate;
    use crate::aggregate::accumulator::*;
    use crate::testing::{any_dense, assert_close, assert_same, in_pools};
    use proptest::prelude::*;

    fn check<A: Accumulator>(x: &Dense) {
        let sparse = Csr::from_dense(x);
        let scalar = |x| Dense::filled(1, 1, x);
        assert_close(&scalar(full::<A>(&sparse)), &scalar(aggregate::full::<A>(x)), 1e-13);
        assert_close(&rows::<A>(&sparse), &aggregate::rows::<A>(x), 1e-13);
        assert_close(&cols::<A>(&sparse), &aggregate::cols::<A>(x), 1e-13);
    }

    fn check_all(x: &Dense) {
        check::<Sum>(x);
        check::<SumOfSquares>(x);
        check::<Mean>(x);
        check::<Product>(x);
        check::<Min>(x);
        check::<Max>(x);
        check::<Variance>(x);
        check::<StandardDeviation>(x);
        check::<CountNonzero>(x);
        let sparse = Csr::from_dense(x);
        assert_same(&row_index_max(&sparse), &aggregate::row_index_max(x));
        assert_same(&row_index_min(&sparse), &aggregate::row_index_min(x));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn sparse_agrees_with_dense(x in any_dense()) {
            check_all(&x);
            let square = Dense::from_fn(x.rows().min(x.cols()), x.rows().min(x.cols()), |i, j| x.get(i, j));
            prop_assert!(
                trace(&Csr::from_dense(&square)).to_bits() == aggregate::trace(&square).to_bits()
                    || aggregate::trace(&square).is_nan()
                    || aggregate::trace(&square) == 0.0
            );
        }
    }

    #[test]
    fn matrices_that_split_agree_for_any_number_of_threads() {
        let x =
            Dense::from_fn(
                2000,
                130,
                |i, j| if (i + j * j) % 3 == 0 { 0.0 } else { (i % 83) as f64 / 7.0 - 5.0 },
            );
        check_all(&x);
        let x = Csr::from_dense(&x);
        let all = |x: &Csr| (full::<Variance>(x), rows::<Sum>(x), cols::<Sum>(x), cols::<Variance>(x));
        let expected = all(&x);
        in_pools(|| assert_eq!(all(&x), expected));
    }
}
