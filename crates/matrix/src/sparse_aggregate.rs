//! Aggregates of sparse matrices: stored cells are pushed, the others are counted as zeros.
//!
//! Invariant: the same values as `aggregate.rs` on the same cells up to rounding, and the same bits for any number
//! of threads.

use std::ops::Range;

use crate::aggregate::accumulator::{Accumulator, Sum};
use crate::aggregate::{self, of_cells};
use crate::csr::Csr;
use crate::dense::Dense;
use crate::map::{CHUNK, collect_parts, for_chunks};
use crate::scratch::Scratch;
use crate::sparse_map::row_chunks;

/// Stored cells of a group for each column that it reaches over, at least, unless it is the last one.
const PER_COLUMN: usize = 4;

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
    let groups = groups(x);
    let states = collect_parts(groups.len(), x.nnz(), |k| column_states::<A>(x, &groups[k]));
    let mut merged = vec![Column { state: A::new(), stored: 0 }; x.cols()];
    for (group, states) in groups.iter().zip(&states) {
        merged[group.columns.clone()].iter_mut().zip(states).for_each(|(column, state)| column.merge(state));
    }
    let mut out = Dense::unset(1, x.cols());
    for_chunks(out.cells_mut(), CHUNK, x.cols(), |start, out| {
        for (out, column) in out.iter_mut().zip(&merged[start..]) {
            let mut state = column.state;
            state.push_zeros(x.rows() as u64 - column.stored);
            *out = state.finish();
        }
    });
    out
}

/// What [`full`] needs for a matrix with `stored` cells.
pub fn full_scratch<A: Accumulator>(stored: usize) -> Scratch {
    aggregate::full_scratch::<A>(stored)
}

/// What [`rows`] needs: nothing, whatever the shape.
pub fn rows_scratch() -> Scratch {
    Scratch::NONE
}

/// What [`cols`] needs for a `rows x cols` matrix with `stored` cells: the states of all columns that the groups reach
/// over, and those of all columns once more to merge them.
pub fn cols_scratch<A: Accumulator>(rows: usize, cols: usize, stored: usize) -> Scratch {
    let chunks = stored.saturating_add(rows).div_ceil(CHUNK).max(1);
    // All groups but the last have several stored cells for each state.
    let grouped = (stored / PER_COLUMN).min(cols.saturating_mul(chunks - 1)).saturating_add(cols);
    Scratch::vector::<Column<A>>(grouped.saturating_add(cols))
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

/// Consecutive stored cells and the columns they lie in.
struct Group {
    stored: Range<usize>,
    columns: Range<usize>,
}

/// Groups of chunks of rows with several stored cells for each column that they reach over: so the states of all
/// groups together take less than the cells, and a band is cut into many groups.
fn groups(x: &Csr) -> Vec<Group> {
    let chunks = row_chunks(x.row_ptr());
    let parts = collect_parts(chunks.len(), x.nnz(), |k| {
        let stored = x.row_ptr()[chunks[k].start]..x.row_ptr()[chunks[k].end];
        let is_narrow = PER_COLUMN * x.cols() <= CHUNK;
        let columns = if is_narrow { 0..x.cols() } else { reach(&x.col()[stored.clone()]) };
        Group { stored, columns }
    });
    let mut groups: Vec<Group> = Vec::new();
    for part in parts.into_iter().filter(|part| !part.stored.is_empty()) {
        match groups.last_mut() {
            Some(last) if last.stored.len() < PER_COLUMN * last.columns.len() => {
                last.stored.end = part.stored.end;
                last.columns =
                    last.columns.start.min(part.columns.start)..last.columns.end.max(part.columns.end);
            }
            _ => groups.push(part),
        }
    }
    groups
}

/// From the first to behind the last column.
fn reach(col: &[u32]) -> Range<usize> {
    let (first, last) = col.iter().fold((u32::MAX, 0), |(first, last), &j| (first.min(j), last.max(j)));
    if col.is_empty() { 0..0 } else { first as usize..last as usize + 1 }
}

/// The states of the columns of a group.
fn column_states<A: Accumulator>(x: &Csr, group: &Group) -> Vec<Column<A>> {
    let mut columns = vec![Column { state: A::new(), stored: 0 }; group.columns.len()];
    for (&j, &v) in x.col()[group.stored.clone()].iter().zip(&x.val()[group.stored.clone()]) {
        let column = &mut columns[j as usize - group.columns.start];
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

    #[test]
    fn columns_of_a_band_and_of_scattered_cells_are_taken_in_group_by_group() {
        for stride in [1, 7919] {
            let (rows, cols) = (60_000, 60_001);
            let columns = |i: usize| {
                let mut row: Vec<usize> = (0..5).map(|k| (i * stride + k * stride) % cols).collect();
                row.sort_unstable();
                row
            };
            let col = (0..rows).flat_map(columns).map(|j| j as u32).collect();
            let row_ptr = (0..=rows).map(|i| 5 * i).collect();
            let val: Vec<f64> = (0..5 * rows).map(|k| (k % 9) as f64 - 4.5).collect();
            let x = Csr::from_parts(rows, cols, row_ptr, col, val);
            assert_eq!(groups(&x).len() > 2, stride == 1);
            let mut expected = vec![0.0; cols];
            (0..rows).for_each(|i| columns(i).iter().zip(x.row(i).1).for_each(|(&j, v)| expected[j] += v));
            in_pools(|| assert_eq!(cols_of(&x), expected));
        }
    }

    /// Sums of halves, which are exact.
    fn cols_of(x: &Csr) -> Vec<f64> {
        cols::<Sum>(x).cells().to_vec()
    }
}
