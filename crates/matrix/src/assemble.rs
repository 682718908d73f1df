//! Sparse results row by row, in parallel: cells are written once into staging that stays in the cache and copied
//! to their place, or written in place where the length of every row is known before.
//!
//! ```text
//!   rows      | chunk 0 | chunk 1 | chunk 2 | chunk 3 | ...            cut by the most cells they can have
//!   staging               [ ..... ]  waits    [ ....  ]  at work       one per thread, as a rule
//!   result    [..... ....                                         ]    placed in order, past the cache
//! ```
//!
//! How large the result gets is told by some chunks in equal distances, which are filled first, unless it is known.
//! Invariant: the chunks follow from the bounds of the rows, never from the number of threads. The callers are `sparse_product`,
//! `sparse_map`, `bind`, `select`, `slice`, `reorg` and `table`.

#![allow(unsafe_code)]

mod queue;

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::csr::Csr;
use crate::map::PARALLEL_FROM;
use crate::product::tree::weighted_cuts;
use crate::scratch::{Scratch, at_once};
use crate::store::Store;
use queue::{Queue, Staged, append_late};

/// Cells that the rows of a chunk have at most: 384 KiB of staging, which stays in the second-level cache.
const CHUNK_CELLS: usize = 1 << 15;

/// Chunks that are filled first, at most.
const SAMPLES: usize = 32;

/// The estimated size of a result is exceeded by its 32nd part.
const MARGIN: usize = 32;

/// Room behind the last cell of a chunk, so that a whole register may be stored where some of its lanes count.
pub(crate) const SLACK: usize = 16;

/// Where the cells of consecutive rows go, by ascending column within a row.
pub struct Room<'a> {
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

    /// Appends a cell, unless it is zero. Its column lies behind those of the row that are there.
    #[inline(always)]
    pub fn push(&mut self, col: u32, value: f64) {
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
    sparse_rows_with(rows, cols, most, || (), |(), i, room| append(i, room))
}

/// As [`sparse_rows`], for a known number of `stored` cells, so that none have to be filled before the others.
pub(crate) fn sparse_rows_counted(
    rows: usize,
    cols: usize,
    stored: usize,
    most: impl Fn(usize) -> usize + Sync,
    append: impl Fn(usize, &mut Room<'_>) + Sync,
) -> Csr {
    put_together((rows, cols), Some(stored), most, || (), |(), i, room| append(i, room))
}

/// As [`sparse_rows`], with a tool for each thread at work: `append` leaves it as it found it.
pub(crate) fn sparse_rows_with<T: Send>(
    rows: usize,
    cols: usize,
    most: impl Fn(usize) -> usize + Sync,
    tool: impl Fn() -> T + Sync,
    append: impl Fn(&mut T, usize, &mut Room<'_>) + Sync,
) -> Csr {
    put_together((rows, cols), None, most, tool, append)
}

/// What [`sparse_rows`] needs for a `rows x cols` result of at most `most` cells together and `widest` cells per row:
/// the staging of samples and threads, and room for cells that turn out not to be there, or that come when the
/// estimated room is full.
///
/// Chunks are staged for longer while a thread is held up that has one before them: left out.
pub(crate) fn sparse_rows_scratch(rows: usize, cols: usize, most: usize, widest: usize) -> Scratch {
    let reserved = most.min(rows.saturating_mul(cols));
    let reserved = Scratch::paged::<f64>(reserved).and(Scratch::paged::<u32>(reserved));
    let chunks = chunks(rows, most);
    // With the first one that finds no room.
    let staged = chunks.min(SAMPLES + 1) + at_once(chunks.saturating_sub(SAMPLES));
    staging_scratch(staged, rows, most, widest).and(reserved)
}

/// What [`sparse_rows_counted`] needs, as [`sparse_rows_scratch`]: the staging of threads.
pub(crate) fn sparse_rows_counted_scratch(rows: usize, most: usize, widest: usize) -> Scratch {
    staging_scratch(at_once(chunks(rows, most)), rows, most, widest)
}

/// The chunks of so many rows with so many cells, at most: all but the last weigh [`CHUNK_CELLS`].
fn chunks(rows: usize, most: usize) -> usize {
    most.saturating_add(rows).div_ceil(CHUNK_CELLS)
}

/// The staging of some chunks.
fn staging_scratch(chunks: usize, rows: usize, most: usize, widest: usize) -> Scratch {
    let cells =
        chunks.saturating_mul(CHUNK_CELLS.saturating_add(widest)).min(most).saturating_add(chunks * SLACK);
    let ends = Scratch::vector::<usize>(rows.min(chunks * CHUNK_CELLS));
    Scratch::vector::<f64>(cells).and(Scratch::vector::<u32>(cells)).and(ends)
}

/// A matrix of the shape `rows x cols`, with `stored` cells if they are counted.
fn put_together<T: Send>(
    (rows, cols): (usize, usize),
    stored: Option<usize>,
    most: impl Fn(usize) -> usize + Sync,
    tool: impl Fn() -> T + Sync,
    append: impl Fn(&mut T, usize, &mut Room<'_>) + Sync,
) -> Csr {
    assert!(cols <= Csr::MAX_COLS, "{cols} columns are more than a sparse block can address");
    let cuts = weighted_cuts(rows, CHUNK_CELLS, |i| most(i) + i);
    let tools = Mutex::new(Vec::new());
    let fill = |chunk: usize, staged: &mut Staged| {
        let mut tool = locked(&tools).pop().unwrap_or_else(&tool);
        let range = cuts[chunk]..cuts[chunk + 1];
        let cells = most(range.end) - most(range.start) + SLACK;
        staged.fill(range, cells, |i, room| append(&mut tool, i, room));
        locked(&tools).push(tool);
    };
    let chunks = cuts.len() - 1;
    let samples = if stored.is_some() { BTreeMap::new() } else { samples(chunks, &fill) };
    let others: Vec<usize> = (0..chunks).filter(|chunk| !samples.contains_key(chunk)).collect();
    let capacity = match stored {
        Some(stored) => stored,
        None if others.is_empty() => samples.values().map(Staged::len).sum(),
        None => {
            let weight =
                |chunk: usize| most(cuts[chunk + 1]) - most(cuts[chunk]) + cuts[chunk + 1] - cuts[chunk];
            let likely = estimate(&samples, weight, most(rows) + rows);
            likely.min(most(rows)).min(rows.saturating_mul(cols))
        }
    };
    let mut row_ptr = vec![0; rows + 1];
    let (mut col, mut val) = (Store::with_capacity(capacity), Store::with_capacity(capacity));
    let late = {
        let queue = Mutex::new(Queue::new(&mut col, &mut val, &mut row_ptr[1..], samples));
        run_queue(&queue, &others, at_once(chunks), &fill);
        queue.into_inner().unwrap_or_else(PoisonError::into_inner).into_late()
    };
    let placed = row_ptr[rows] - late.iter().map(Staged::len).sum::<usize>();
    // SAFETY: all chunks arrived and were settled, but for the late ones, which are the last.
    unsafe {
        col.set_len(placed);
        val.set_len(placed);
    }
    append_late(&late, &mut col, &mut val);
    if capacity > col.len() + col.len() / 4 {
        col.resize(0);
        val.resize(0);
    }
    Csr::assembled(rows, cols, row_ptr, col, val)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The chunks that are filled first: one of every few, in the middle.
fn samples(chunks: usize, fill: &(impl Fn(usize, &mut Staged) + Sync)) -> BTreeMap<usize, Staged> {
    let filled = |chunk| {
        let mut staged = Staged::default();
        fill(chunk, &mut staged);
        (chunk, staged)
    };
    match chunks {
        0 | 1 => (0..chunks).map(filled).collect(),
        _ => {
            let step = chunks.div_ceil(SAMPLES);
            let chosen: Vec<usize> = (0..chunks).filter(|chunk| chunk % step == step / 2).collect();
            let filled: Vec<_> = chosen.into_par_iter().with_max_len(1).map(filled).collect();
            filled.into_iter().collect()
        }
    }
}

/// The cells that all chunks are likely to have; `total` is the weight of all of them.
fn estimate(samples: &BTreeMap<usize, Staged>, weight: impl Fn(usize) -> usize, total: usize) -> usize {
    let stored: usize = samples.values().map(Staged::len).sum();
    let weighed: usize = samples.keys().map(|&chunk| weight(chunk)).sum();
    let likely = (stored as f64 * (total as f64 / weighed.max(1) as f64)) as usize;
    likely + likely / MARGIN + CHUNK_CELLS
}

/// Fills the `others` beside the samples and places all chunks, in the order of the rows as far as possible.
fn run_queue(
    queue: &Mutex<Queue<'_>>,
    others: &[usize],
    tasks: usize,
    fill: &(impl Fn(usize, &mut Staged) + Sync),
) {
    let unclaimed = AtomicUsize::new(0);
    let work = || {
        loop {
            while let Some(placed) = { locked(queue).place() } {
                let staged = placed.settle();
                locked(queue).give_back(staged);
            }
            let Some(&chunk) = others.get(unclaimed.fetch_add(1, Ordering::Relaxed)) else { return };
            let mut staged = { locked(queue).staging() };
            fill(chunk, &mut staged);
            locked(queue).arrive(chunk, staged);
        }
    };
    if tasks <= 1 {
        work();
    } else {
        (0..tasks).into_par_iter().with_max_len(1).for_each(|_| work());
    }
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
                for stored in [expected.nnz(), expected.nnz() / 2, 2 * expected.nnz()] {
                    let found = sparse_rows_counted(rows, 4000, stored, |i| 2000 * i, push);
                    assert!(found == expected, "{rows} rows, said to have {stored} cells");
                }
                let copy = |i: usize, room: &mut Room<'_>| room.extend(expected.row(i));
                let found = sparse_rows_exact(rows, 4000, |i| expected.row_ptr()[i], copy);
                assert!(found == expected, "{rows} rows of known lengths");
            });
        }
    }

    #[test]
    fn more_cells_than_some_chunks_promise_are_put_together() {
        // Chunks have 17 rows, and the sixth of every twelve is filled first.
        let (rows, cols) = (6000, 2000);
        let length = |i: usize| if (i / 17).is_multiple_of(12) { cols } else { 0 };
        let ends = (0..rows).scan(0, |end, i| {
            *end += length(i);
            Some(*end)
        });
        let row_ptr: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let stored = row_ptr[rows];
        let col = (0..stored).map(|k| (k % cols) as u32).collect();
        let expected = Csr::from_parts(rows, cols, row_ptr, col, (1..=stored).map(|k| k as f64).collect());
        in_pools(|| {
            let found = sparse_rows(rows, cols, |i| cols * i, |i, room| room.extend(expected.row(i)));
            assert!(found == expected);
        });
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
