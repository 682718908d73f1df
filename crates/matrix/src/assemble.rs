//! Sparse results row by row, in parallel: cells are written once into staging that stays in the cache and copied
//! to their place, or written in place where the length of every row is known before.
//!
//! ```text
//!   rows      | chunk 0 | chunk 1 | ... | chunk 31 | chunk 32 | ...      cut by the most cells they can have
//!   staging   [ .....    ....       ...     ...... ] [ ...                 reused by every round of chunks
//!   result    [..... .... ... ......|... ]                                 copied in parallel, page faults included
//! ```
//!
//! Invariant: the chunks follow from the bounds of the rows, never from the number of threads. The callers are
//! `sparse_product`, `sparse_map`, `bind`, `select`, `slice`, `reorg` and `table`.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::csr::Csr;
use crate::map::PARALLEL_FROM;
use crate::product::tree::weighted_cuts;
use crate::scratch::Scratch;
use crate::store::Store;

/// Cells that the rows of a chunk have at most: 384 KiB of staging, which stays in the second-level cache.
const CHUNK_CELLS: usize = 1 << 15;

/// Chunks between two copies, at most.
const ROUND: usize = 32;

/// Cells that the chunks between two copies can have: 12 MiB of staging. A longer row makes it as long as itself.
const ROUND_CELLS: usize = ROUND * CHUNK_CELLS;

/// Room behind the last cell of a chunk, so that a whole register may be stored where some of its lanes count.
pub(crate) const SLACK: usize = 8;

/// Where the cells of consecutive rows go, by ascending column within a row.
pub(crate) struct Room<'a> {
    col: &'a mut [MaybeUninit<u32>],
    val: &'a mut [MaybeUninit<f64>],
    /// The cells before this are written.
    len: usize,
}

impl<'a> Room<'a> {
    /// Cuts room for `cells` off the front.
    fn cut(
        col: &mut &'a mut [MaybeUninit<u32>],
        val: &mut &'a mut [MaybeUninit<f64>],
        cells: usize,
    ) -> Room<'a> {
        Room {
            col: col.split_off_mut(..cells).expect("invariant: room for all rows"),
            val: val.split_off_mut(..cells).expect("invariant: room for all rows"),
            len: 0,
        }
    }

    /// The cells.
    fn written(&self) -> (&[u32], &[f64]) {
        // SAFETY: a room counts cells only after writing them.
        unsafe { (self.col[..self.len].assume_init_ref(), self.val[..self.len].assume_init_ref()) }
    }

    /// Appends a cell, unless it is zero.
    #[inline(always)]
    pub(crate) fn push(&mut self, col: u32, value: f64) {
        self.col[self.len].write(col);
        self.val[self.len].write(value);
        self.len += usize::from(value != 0.0);
    }

    /// Appends stored cells as they are.
    #[inline(always)]
    pub(crate) fn extend(&mut self, cells: (&[u32], &[f64])) {
        self.extend_moved(cells, 0);
    }

    /// Appends stored cells, `shift` added to their columns (modulo 2^32, so a shift to the left is one too).
    #[inline(always)]
    pub(crate) fn extend_moved(&mut self, (col, val): (&[u32], &[f64]), shift: u32) {
        assert_eq!(col.len(), val.len(), "a value per column");
        let range = self.len..self.len + col.len();
        let (to_col, to_val) = (&mut self.col[range.clone()], &mut self.val[range]);
        for (to, &col) in to_col.iter_mut().zip(col) {
            to.write(col.wrapping_add(shift));
        }
        for (to, &val) in to_val.iter_mut().zip(val) {
            to.write(val);
        }
        self.len += col.len();
    }

    /// The free room.
    #[inline(always)]
    pub(crate) fn spare(&mut self) -> (&mut [MaybeUninit<u32>], &mut [MaybeUninit<f64>]) {
        (&mut self.col[self.len..], &mut self.val[self.len..])
    }

    /// Counts cells that were written to the free room.
    ///
    /// # Safety
    /// The first `count` cells of [`Room::spare`] are written, none of them with a zero.
    #[inline(always)]
    pub(crate) unsafe fn advance(&mut self, count: usize) {
        debug_assert!(self.len + count <= self.col.len());
        self.len += count;
    }
}

/// A sparse matrix whose row `i` is appended by `append(i, room)`. The rows before `i` have at most `most(i)` cells.
///
/// # Panics
/// When there are more columns than a sparse block can address, or a row exceeds its bound.
pub(crate) fn sparse_rows(
    rows: usize,
    cols: usize,
    most: impl Fn(usize) -> usize + Sync,
    append: impl Fn(usize, &mut Room<'_>) + Sync,
) -> Csr {
    put_together(Result::new(rows, cols, 0), most, || (), |(), i, room| append(i, room))
}

/// As [`sparse_rows`], for a known number of `stored` cells, which get their memory at once.
pub(crate) fn sparse_rows_counted(
    rows: usize,
    cols: usize,
    stored: usize,
    most: impl Fn(usize) -> usize + Sync,
    append: impl Fn(usize, &mut Room<'_>) + Sync,
) -> Csr {
    put_together(Result::new(rows, cols, stored), most, || (), |(), i, room| append(i, room))
}

/// As [`sparse_rows`], with a tool for each thread at work: `append` leaves it as it found it.
pub(crate) fn sparse_rows_with<T: Send>(
    rows: usize,
    cols: usize,
    most: impl Fn(usize) -> usize + Sync,
    tool: impl Fn() -> T + Sync,
    append: impl Fn(&mut T, usize, &mut Room<'_>) + Sync,
) -> Csr {
    put_together(Result::new(rows, cols, 0), most, tool, append)
}

fn put_together<T: Send>(
    mut result: Result,
    most: impl Fn(usize) -> usize + Sync,
    tool: impl Fn() -> T + Sync,
    append: impl Fn(&mut T, usize, &mut Room<'_>) + Sync,
) -> Csr {
    let (rows, cols) = (result.row_ptr.len() - 1, result.cols);
    assert!(cols <= Csr::MAX_COLS, "{cols} columns are more than a sparse block can address");
    let tools = Mutex::new(Vec::new());
    let fill = |part: &mut Part<'_>| {
        let kept = tools.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut tool = kept.unwrap_or_else(&tool);
        part.fill(|i, room| append(&mut tool, i, room));
        tools.lock().unwrap_or_else(PoisonError::into_inner).push(tool);
    };
    let cuts = weighted_cuts(rows, CHUNK_CELLS, |i| most(i) + i);
    let rounds = rounds(&cuts, &most);
    let room_of =
        |round: &&[usize]| most(round[round.len() - 1]) - most(round[0]) + SLACK * (round.len() - 1);
    let staged = rounds.iter().map(room_of).max().unwrap_or(0);
    let (mut col, mut val) = (Vec::with_capacity(staged), Vec::with_capacity(staged));
    for round in rounds {
        let mut parts = parts(round, &most, col.spare_capacity_mut(), val.spare_capacity_mut());
        if cuts.len() <= 2 {
            parts.iter_mut().for_each(fill);
        } else {
            parts.par_iter_mut().with_max_len(1).for_each(fill);
        }
        let end = round[round.len() - 1];
        result.append(&parts, end, most(end) + end, most(rows) + rows);
    }
    result.finish()
}

/// What [`sparse_rows`] needs for a `rows x cols` result of at most `most` cells together and `widest` cells per row: the
/// staging, and room for the result that turns out to be too much.
pub(crate) fn sparse_rows_scratch(rows: usize, cols: usize, most: usize, widest: usize) -> Scratch {
    let reserved = most.saturating_add(most / 64).min(rows.saturating_mul(cols));
    let reserved = Scratch::paged::<f64>(reserved).and(Scratch::paged::<u32>(reserved));
    sparse_rows_counted_scratch(rows, most, widest).and(reserved)
}

/// What [`sparse_rows_counted`] needs, as [`sparse_rows_scratch`]: the staging.
pub(crate) fn sparse_rows_counted_scratch(rows: usize, most: usize, widest: usize) -> Scratch {
    let cells = most.min(widest.saturating_add(ROUND_CELLS + CHUNK_CELLS)).saturating_add(ROUND * SLACK);
    let ends = Scratch::vector::<usize>(rows.min(ROUND_CELLS));
    Scratch::vector::<f64>(cells).and(Scratch::vector::<u32>(cells)).and(ends)
}

/// Chunks between two copies: [`ROUND`] of them, or those that reach [`ROUND_CELLS`].
fn rounds<'a>(cuts: &'a [usize], most: &impl Fn(usize) -> usize) -> Vec<&'a [usize]> {
    let (mut rounds, mut first) = (Vec::new(), 0);
    while first + 1 < cuts.len() {
        let limit = most(cuts[first]).saturating_add(ROUND_CELLS);
        let mut last = first + 1;
        while last + 1 < cuts.len() && last < first + ROUND && most(cuts[last]) < limit {
            last += 1;
        }
        rounds.push(&cuts[first..=last]);
        first = last;
    }
    rounds
}

/// The chunks of a round, each with a part of the staging.
fn parts<'a>(
    cuts: &[usize],
    most: impl Fn(usize) -> usize,
    mut col: &'a mut [MaybeUninit<u32>],
    mut val: &'a mut [MaybeUninit<f64>],
) -> Vec<Part<'a>> {
    let mut parts = Vec::with_capacity(cuts.len());
    for pair in cuts.windows(2) {
        let cells = most(pair[1]) - most(pair[0]) + SLACK;
        parts.push(Part {
            rows: pair[0]..pair[1],
            ends: Vec::new(),
            room: Room::cut(&mut col, &mut val, cells),
        });
    }
    parts
}

/// A sparse matrix whose row `i` is appended by `append(i, room)`. The rows before `i` have `start(i)` cells.
///
/// # Panics
/// As [`sparse_rows`], and when a chunk of rows has fewer cells than it should.
pub(crate) fn sparse_rows_exact(
    rows: usize,
    cols: usize,
    start: impl Fn(usize) -> usize + Sync,
    append: impl Fn(usize, &mut Room<'_>) + Sync,
) -> Csr {
    assert!(cols <= Csr::MAX_COLS, "{cols} columns are more than a sparse block can address");
    let stored = start(rows);
    let (mut col, mut val) = (Store::with_capacity(stored), Store::with_capacity(stored));
    let mut row_ptr = vec![0; rows + 1];
    let cuts = weighted_cuts(rows, CHUNK_CELLS, |i| start(i) + i);
    let mut tasks = Vec::with_capacity(cuts.len());
    let (mut to_col, mut to_val) = (&mut col.spare()[..stored], &mut val.spare()[..stored]);
    let mut ends = &mut row_ptr[1..];
    for pair in cuts.windows(2) {
        let cells = start(pair[1]) - start(pair[0]);
        let room = Room::cut(&mut to_col, &mut to_val, cells);
        let ends = ends.split_off_mut(..pair[1] - pair[0]).expect("invariant: an end per row");
        tasks.push((pair[0], room, ends));
    }
    let run = |(first, mut room, ends): (usize, Room<'_>, &mut [usize])| {
        for (i, end) in (first..).zip(ends) {
            append(i, &mut room);
            *end = start(i + 1);
        }
        assert_eq!(room.len, room.col.len(), "rows have as many cells as was told");
    };
    if stored + rows < PARALLEL_FROM {
        tasks.into_iter().for_each(run);
    } else {
        tasks.into_par_iter().with_max_len(1).for_each(run);
    }
    // SAFETY: the rooms of all chunks together are the first `stored` cells, and each is full.
    unsafe {
        col.set_len(stored);
        val.set_len(stored);
    }
    Csr::assembled(rows, cols, row_ptr, col, val)
}

/// A chunk of rows and its staged cells; `ends` counts them up to the end of each row.
struct Part<'a> {
    rows: Range<usize>,
    ends: Vec<usize>,
    room: Room<'a>,
}

impl Part<'_> {
    fn fill(&mut self, mut append: impl FnMut(usize, &mut Room<'_>)) {
        let room = &mut self.room;
        self.ends.extend(self.rows.clone().map(|i| {
            append(i, room);
            room.len
        }));
    }
}

/// The matrix while its parts are appended.
struct Result {
    cols: usize,
    row_ptr: Vec<usize>,
    /// Rows that are complete.
    rows: usize,
    col: Store<u32>,
    val: Store<f64>,
}

impl Result {
    /// Without rows, with room for some cells.
    fn new(rows: usize, cols: usize, room: usize) -> Result {
        Result {
            cols,
            row_ptr: vec![0; rows + 1],
            rows: 0,
            col: Store::with_capacity(room),
            val: Store::with_capacity(room),
        }
    }

    /// Copies the parts up to row `end` behind the others; `done` of the `total` work is behind them then.
    fn append(&mut self, parts: &[Part<'_>], end: usize, done: usize, total: usize) {
        let before = self.col.len();
        let added = parts.iter().map(|part| part.room.len).sum();
        self.reserve(added, done, total);
        let mut col = &mut self.col.spare()[..added];
        let mut val = &mut self.val.spare()[..added];
        let mut ends = &mut self.row_ptr[1 + self.rows..=end];
        let mut base = before;
        let mut copies = Vec::with_capacity(parts.len());
        for part in parts {
            let to = Room::cut(&mut col, &mut val, part.room.len);
            let to_ends = ends.split_off_mut(..part.ends.len()).expect("invariant: an end per row");
            copies.push((part, base, to_ends, to));
            base += part.room.len;
        }
        copies.into_par_iter().with_max_len(1).for_each(|(part, base, ends, to)| {
            for (to, end) in ends.iter_mut().zip(&part.ends) {
                *to = base + end;
            }
            let (col, val) = part.room.written();
            to.col.write_copy_of_slice(col);
            to.val.write_copy_of_slice(val);
        });
        // SAFETY: the copies covered `added` cells behind the first `before` ones.
        unsafe {
            self.col.set_len(before + added);
            self.val.set_len(before + added);
        }
        self.rows = end;
    }

    /// Makes room for `added` cells and, if there is none, for what the rest is likely to need.
    fn reserve(&mut self, added: usize, done: usize, total: usize) {
        let needed = self.col.len() + added;
        if needed > self.col.capacity() {
            let likely = needed as f64 * (total as f64 / done.max(1) as f64) * 1.01;
            let cells = (self.row_ptr.len() - 1).saturating_mul(self.cols);
            let wanted = if done == total { needed } else { needed.max((likely as usize).min(cells)) };
            self.col.resize(wanted);
            self.val.resize(wanted);
        }
    }

    fn finish(mut self) -> Csr {
        if self.col.capacity() > self.col.len() + self.col.len() / 4 {
            self.col.resize(0);
            self.val.resize(0);
        }
        Csr::assembled(self.row_ptr.len() - 1, self.cols, self.row_ptr, self.col, self.val)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::in_pools;

    /// What row `i` of a matrix with 4000 columns holds: nothing, a few cells, or many.
    fn row(i: usize) -> Vec<(u32, f64)> {
        let count = if i.is_multiple_of(5) { 0 } else { i * i % 1999 };
        (0..count as u32).map(|j| (2 * j, f64::from(j % 7) - 3.0)).collect()
    }

    fn expected(rows: usize) -> Csr {
        let (mut row_ptr, mut col, mut val) = (vec![0], vec![], vec![]);
        for i in 0..rows {
            let kept = row(i).into_iter().filter(|(_, x)| *x != 0.0);
            for (j, x) in kept {
                col.push(j);
                val.push(x);
            }
            row_ptr.push(col.len());
        }
        Csr::from_parts(rows, 4000, row_ptr, col, val)
    }

    #[test]
    fn rows_of_any_lengths_are_put_together_by_any_number_of_threads() {
        for rows in [0, 1, 50, 6000] {
            let expected = expected(rows);
            in_pools(|| {
                let push =
                    |i: usize, room: &mut Room<'_>| row(i).into_iter().for_each(|(j, x)| room.push(j, x));
                let found = sparse_rows(rows, 4000, |i| 2000 * i, push);
                assert!(found == expected, "{rows} rows of unknown lengths");
                let copy = |i: usize, room: &mut Room<'_>| room.extend(expected.row(i));
                let found = sparse_rows_exact(rows, 4000, |i| expected.row_ptr()[i], copy);
                assert!(found == expected, "{rows} rows of known lengths");
            });
        }
    }

    #[test]
    fn a_tool_is_handed_on() {
        let count = |calls: &mut usize, i: usize, room: &mut Room<'_>| {
            *calls += 1;
            room.push(0, (i + 1) as f64);
        };
        let found = sparse_rows_with(100_000, 3, |i| i, || 0, count);
        assert_eq!((found.nnz(), found.get(99_999, 0)), (100_000, 100_000.0));
    }

    #[test]
    #[should_panic(expected = "as many cells as was told")]
    fn a_chunk_that_is_not_filled_is_found() {
        sparse_rows_exact(10, 3, |i| 2 * i, |_, room| room.push(0, 1.0));
    }
}
