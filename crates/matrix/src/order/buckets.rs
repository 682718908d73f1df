//! Cells dealt out to buckets of ascending ranges, stable and in parallel: the first step of a sort.
//!
//! Chunks of cells follow from their number alone. Each chunk counts how many of its cells go to which bucket; so
//! every chunk knows its own place within every bucket, and the cells of a bucket keep their order.

#![allow(unsafe_code)]

use std::ops::Range;

use rayon::prelude::*;

use super::Direction;
use super::splitters::{Splitters, WAYS, path_of};

/// Cells per chunk.
const CHUNK: usize = 1 << 17;

/// From this many cells on there is more than one bucket, besides that of NaN.
const SEVERAL_BUCKETS: usize = 1 << 16;

/// Buckets, with that of NaN.
const BUCKETS: usize = WAYS + 1;

/// Items whose places are found together.
const BLOCK: usize = 512;

/// A power of two above the number of buckets, so that no bucket is looked up beyond.
const PLACES: usize = 2 * WAYS;

/// How many cells of a chunk go to each bucket.
type Counts = [usize; BUCKETS];

/// Where each cell goes.
pub(super) struct Buckets {
    direction: Direction,
    ids: Vec<u8>,
    /// Of each chunk.
    counts: Vec<Counts>,
    has_negative_zero: bool,
}

impl Buckets {
    /// Buckets whose ranges ascend or descend, with NaN as the largest value.
    pub(super) fn new(cells: &[f64], direction: Direction) -> Buckets {
        let splitters =
            if cells.len() < SEVERAL_BUCKETS { Splitters::none() } else { Splitters::sampled(cells) };
        let mut ids = vec![0; cells.len()];
        let chunks = ids.par_chunks_mut(CHUNK).zip(cells.par_chunks(CHUNK));
        let (counts, negative_zeros): (Vec<Counts>, Vec<bool>) = chunks
            .map(|(ids, cells)| {
                let has_negative_zero = splitters.classify(cells, ids);
                (count(ids), has_negative_zero)
            })
            .unzip();
        Buckets { direction, ids, counts, has_negative_zero: negative_zeros.contains(&true) }
    }

    /// Whether any cell is -0.
    pub(super) fn has_negative_zero(&self) -> bool {
        self.has_negative_zero
    }

    /// The places of the buckets, in order; not of the one for NaN.
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let mut ranges = Vec::new();
        for bucket in self.order() {
            let len: usize = self.counts.iter().map(|counts| counts[bucket]).sum();
            if len > 0 && bucket < WAYS {
                ranges.push(start..start + len);
            }
            start += len;
        }
        ranges
    }

    /// The place of the bucket of NaN.
    pub(super) fn missing(&self) -> Range<usize> {
        let len: usize = self.counts.iter().map(|counts| counts[WAYS]).sum();
        match self.direction {
            Direction::Ascending => self.ids.len() - len..self.ids.len(),
            Direction::Descending => 0..len,
        }
    }

    /// Writes the items of all cells, each to the next place of its bucket; `items` gives those of a range of cells.
    pub(super) fn deal<T: Copy + Send, I: Iterator<Item = T>>(
        &self,
        out: &mut [T],
        items: impl Fn(Range<usize>) -> I + Sync,
    ) {
        assert_eq!(out.len(), self.ids.len(), "a place per cell");
        let mut next = vec![[0; PLACES]; self.counts.len()];
        let mut start = 0;
        for bucket in self.order() {
            for (next, counts) in next.iter_mut().zip(&self.counts) {
                next[bucket] = start;
                start += counts[bucket];
            }
        }
        let out = Places(out.as_mut_ptr());
        let chunks = self.ids.par_chunks(CHUNK).zip(next).enumerate();
        chunks.for_each(|(chunk, (ids, mut next))| {
            let start = chunk * CHUNK;
            deal_chunk(ids, &mut next, items(start..start + ids.len()), &out);
        });
    }

    fn order(&self) -> Box<dyn Iterator<Item = usize>> {
        let ascending = (0..WAYS).map(path_of).chain([WAYS]);
        match self.direction {
            Direction::Ascending => Box::new(ascending),
            Direction::Descending => Box::new(ascending.rev()),
        }
    }
}

/// Where the items of all chunks go, each to a place of its own.
struct Places<T>(*mut T);

// SAFETY: no two threads write the same place, see `deal_chunk`.
unsafe impl<T: Send> Sync for Places<T> {}

/// Writes items to the places that are `next` in their buckets.
///
/// The places of a block of items are found before the first is written: a store to an address that is not known
/// yet would hold up the loads of the counters behind it.
fn deal_chunk<T>(
    ids: &[u8],
    next: &mut [usize; PLACES],
    mut items: impl Iterator<Item = T>,
    out: &Places<T>,
) {
    let mut places = [0; BLOCK];
    for ids in ids.chunks(BLOCK) {
        for (place, &id) in places.iter_mut().zip(ids) {
            let next = &mut next[usize::from(id) % PLACES];
            *place = *next;
            *next += 1;
        }
        for (&place, item) in places[..ids.len()].iter().zip(&mut items) {
            // SAFETY: the counts of the same `ids` are non-overlapping stretches of as many places as `out` has.
            unsafe { out.0.add(place).write(item) }
        }
    }
}

/// Four counters per bucket in turn: a counter that was just written takes a while to be read.
fn count(ids: &[u8]) -> Counts {
    let mut counts = [[0_u32; 4]; PLACES];
    let (fours, rest) = ids.as_chunks::<4>();
    for four in fours {
        for (k, &id) in four.iter().enumerate() {
            counts[usize::from(id) % PLACES][k] += 1;
        }
    }
    rest.iter().for_each(|&id| counts[usize::from(id) % PLACES][0] += 1);
    std::array::from_fn(|bucket| counts[bucket].iter().map(|&count| count as usize).sum())
}
