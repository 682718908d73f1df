//! Chunks of rows that are filled in any order and placed one behind the other.
//!
//! A chunk that is filled waits until all before it are, which tells where its cells go; whoever brings the one that
//! was missing moves all that waited for it. Nobody waits: a thread whose chunk has no place yet fills the next one.

#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::mem::MaybeUninit;
use std::ops::Range;

use super::Room;
use crate::store::Store;
use crate::stream;

/// The cells of some rows before they have their place.
#[derive(Default)]
pub(super) struct Staged {
    /// The cells up to the end of each row.
    ends: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
}

impl Staged {
    /// Replaces the content by `rows`, which have at most `cells` cells.
    pub(super) fn fill(
        &mut self,
        rows: Range<usize>,
        cells: usize,
        mut append: impl FnMut(usize, &mut Room<'_>),
    ) {
        let Staged { ends, col, val } = self;
        ends.clear();
        col.clear();
        val.clear();
        col.reserve_exact(cells);
        val.reserve_exact(cells);
        ends.reserve_exact(rows.len());
        let (to_col, to_val) =
            (&mut col.spare_capacity_mut()[..cells], &mut val.spare_capacity_mut()[..cells]);
        let mut room = Room { col: to_col, val: to_val, len: 0 };
        ends.extend(rows.map(|i| {
            append(i, &mut room);
            room.len
        }));
        let len = room.len;
        // SAFETY: a room counts cells only after writing them.
        unsafe {
            col.set_len(len);
            val.set_len(len);
        }
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.col.len()
    }

    /// Gives back the room that it does not take.
    fn shrink(&mut self) {
        self.col.shrink_to_fit();
        self.val.shrink_to_fit();
    }

    /// Tells the ends of the rows when `before` cells stand before them.
    fn write_ends(&self, before: usize, to: &mut [usize]) {
        for (to, end) in to.iter_mut().zip(&self.ends) {
            *to = before + end;
        }
    }
}

/// The free places of a result and the chunks on their way to them.
pub(super) struct Queue<'a> {
    /// The chunk that is placed next.
    next: usize,
    /// The cells of all chunks before it.
    before: usize,
    col: &'a mut [MaybeUninit<u32>],
    val: &'a mut [MaybeUninit<f64>],
    ends: &'a mut [usize],
    waiting: BTreeMap<usize, Staged>,
    /// What came when the places were taken, in order.
    late: Vec<Staged>,
    /// Staging to be filled again.
    spare: Vec<Staged>,
}

impl<'a> Queue<'a> {
    /// For the room behind the cells of two stores, and the ends of all rows.
    pub(super) fn new(
        col: &'a mut Store<u32>,
        val: &'a mut Store<f64>,
        ends: &'a mut [usize],
        waiting: BTreeMap<usize, Staged>,
    ) -> Queue<'a> {
        let (col, val) = (col.spare(), val.spare());
        Queue { next: 0, before: 0, col, val, ends, waiting, late: Vec::new(), spare: Vec::new() }
    }

    /// Staging for another chunk.
    pub(super) fn staging(&mut self) -> Staged {
        self.spare.pop().unwrap_or_default()
    }

    /// Takes staging back.
    pub(super) fn give_back(&mut self, staged: Staged) {
        self.spare.push(staged);
    }

    /// Takes a chunk that is filled.
    pub(super) fn arrive(&mut self, chunk: usize, staged: Staged) {
        self.waiting.insert(chunk, staged);
    }

    /// The next chunk, if it is filled, with its place. What finds no place any more is kept apart.
    pub(super) fn place(&mut self) -> Option<Placed<'a>> {
        while let Some(mut staged) = self.waiting.remove(&self.next) {
            self.next += 1;
            let ends = self.ends.split_off_mut(..staged.ends.len()).expect("invariant: an end per row");
            let (before, len) = (self.before, staged.len());
            self.before += len;
            if self.late.is_empty()
                && let Some(col) = self.col.split_off_mut(..len)
                && let Some(val) = self.val.split_off_mut(..len)
            {
                return Some(Placed { staged, before, ends, col, val });
            }
            staged.write_ends(before, ends);
            staged.shrink();
            self.late.push(staged);
        }
        None
    }

    /// What found no place, in order.
    pub(super) fn into_late(self) -> Vec<Staged> {
        self.late
    }
}

/// A chunk and its place in the result.
pub(super) struct Placed<'a> {
    staged: Staged,
    before: usize,
    ends: &'a mut [usize],
    col: &'a mut [MaybeUninit<u32>],
    val: &'a mut [MaybeUninit<f64>],
}

impl Placed<'_> {
    /// Moves the cells to their place; returns the staging.
    pub(super) fn settle(self) -> Staged {
        let Placed { staged, before, ends, col, val } = self;
        staged.write_ends(before, ends);
        stream::copy(col, &staged.col);
        stream::copy(val, &staged.val);
        staged
    }
}

/// Moves what found no place behind the other cells, which takes a larger store.
pub(super) fn append_late(late: &[Staged], col: &mut Store<u32>, val: &mut Store<f64>) {
    if late.is_empty() {
        return;
    }
    let len = col.len() + late.iter().map(Staged::len).sum::<usize>();
    col.resize(len);
    val.resize(len);
    for staged in late {
        col.append(&staged.col);
        val.append(&staged.val);
    }
}
