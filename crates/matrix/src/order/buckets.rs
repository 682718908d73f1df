//! Cells dealt out to buckets of ascending ranges, stable and in parallel: the first step of a sort.
//!
//! Blocks and chunks of cells follow from their number alone. The cells of each block are counted by bucket; so every chunk
//! of blocks knows its own place within every bucket, and the cells of a bucket keep their order.

use std::ops::Range;

use rayon::prelude::*;

use super::Direction;
use super::splitters::{Splitters, WAYS, path_of};
use crate::scratch::Scratch;

/// Cells per block, as many as fit into the L1 cache: 16 KiB of doubles.
const BLOCK: usize = 2048;

/// Blocks per chunk.
const CHUNK_BLOCKS: usize = 64;

/// From this many cells on there is more than one bucket, besides that of NaN.
const SEVERAL_BUCKETS: usize = 1 << 16;

/// Buckets, with that of NaN.
const BUCKETS: usize = WAYS + 1;

/// A power of two above the number of buckets, so that no bucket is looked up beyond.
const PLACES: usize = 2 * WAYS;

/// How many cells of a block go to each bucket.
type Counts = [u16; BUCKETS];

/// Where each cell goes.
pub(super) struct Buckets {
    direction: Direction,
    ids: Vec<u8>,
    /// Of each block.
    counts: Vec<Counts>,
    has_negative_zero: bool,
}

impl Buckets {
    /// Buckets whose ranges ascend or descend, with NaN as the largest value.
    pub(super) fn new(cells: &[f64], direction: Direction) -> Buckets {
        let splitters =
            if cells.len() < SEVERAL_BUCKETS { Splitters::none() } else { Splitters::sampled(cells) };
        let mut ids = vec![0; cells.len()];
        let blocks = ids.par_chunks_mut(BLOCK).zip(cells.par_chunks(BLOCK)).with_min_len(CHUNK_BLOCKS);
        let (counts, negative_zeros): (Vec<Counts>, Vec<bool>) = blocks
            .map(|(ids, cells)| {
                let has_negative_zero = splitters.classify(cells, ids);
                (count(ids), has_negative_zero)
            })
            .unzip();
        Buckets { direction, ids, counts, has_negative_zero: negative_zeros.contains(&true) }
    }

    /// What the buckets of `n` cells take, while cells are dealt out to them.
    pub(super) fn scratch(n: usize) -> Scratch {
        let blocks = n.div_ceil(BLOCK);
        let places = Scratch::vector::<&mut [f64]>(BUCKETS) * blocks.div_ceil(CHUNK_BLOCKS);
        Scratch::vector::<u8>(n).and(Scratch::vector::<Counts>(blocks)).and(places)
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
            let len = total(&self.counts, bucket);
            if len > 0 && bucket < WAYS {
                ranges.push(start..start + len);
            }
            start += len;
        }
        ranges
    }

    /// The place of the bucket of NaN.
    pub(super) fn missing(&self) -> Range<usize> {
        let len = total(&self.counts, WAYS);
        match self.direction {
            Direction::Ascending => self.ids.len() - len..self.ids.len(),
            Direction::Descending => 0..len,
        }
    }

    /// Writes the items of all cells, each to the next place of its bucket; `items` gives those of a range of cells.
    pub(super) fn deal<T: Copy + Default + Send, I: Iterator<Item = T>>(
        &self,
        out: &mut [T],
        items: impl Fn(Range<usize>) -> I + Sync,
    ) {
        assert_eq!(out.len(), self.ids.len(), "a place per cell");
        let counts = self.counts.chunks(CHUNK_BLOCKS);
        let mut places: Vec<Vec<&mut [T]>> =
            counts.clone().map(|_| (0..BUCKETS).map(|_| Default::default()).collect()).collect();
        let mut rest = out;
        for bucket in self.order() {
            for (places, counts) in places.iter_mut().zip(counts.clone()) {
                (places[bucket], rest) = rest.split_at_mut(total(counts, bucket));
            }
        }
        let chunks = self.ids.par_chunks(CHUNK_BLOCKS * BLOCK).zip(self.counts.par_chunks(CHUNK_BLOCKS));
        chunks.zip(places).enumerate().for_each(|(chunk, ((ids, counts), mut places))| {
            let start = chunk * CHUNK_BLOCKS * BLOCK;
            deal_chunk(ids, counts, &mut places, items(start..start + ids.len()));
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

/// Writes items to the next places of their buckets, a block of them at a time: sorted by bucket in the cache, they
/// go out in stretches and not one by one to as many places as there are buckets.
fn deal_chunk<T: Copy + Default>(
    ids: &[u8],
    counts: &[Counts],
    buckets: &mut [&mut [T]],
    mut items: impl Iterator<Item = T>,
) {
    let (mut places, mut block) = ([0_u16; BLOCK], [T::default(); BLOCK]);
    for (ids, counts) in ids.chunks(BLOCK).zip(counts) {
        let mut next = [0; PLACES];
        for bucket in 1..BUCKETS {
            next[bucket] = next[bucket - 1] + counts[bucket - 1];
        }
        // All places are found before the first is written: a store to an address that is not known yet would hold
        // up the loads of the counters behind it.
        for (place, &id) in places.iter_mut().zip(ids) {
            let next = &mut next[usize::from(id) % PLACES];
            *place = *next;
            *next += 1;
        }
        for (&place, item) in places[..ids.len()].iter().zip(&mut items) {
            block[usize::from(place) % BLOCK] = item;
        }
        let mut sorted = &block[..];
        for (bucket, &count) in buckets.iter_mut().zip(counts) {
            let count = usize::from(count);
            let (stretch, behind) = sorted.split_at(count);
            let (place, rest) = std::mem::take(bucket).split_at_mut(count);
            place.copy_from_slice(stretch);
            (sorted, *bucket) = (behind, rest);
        }
    }
}

/// How many cells of several blocks go to a bucket.
fn total(counts: &[Counts], bucket: usize) -> usize {
    counts.iter().map(|counts| usize::from(counts[bucket])).sum()
}

/// Four counters per bucket in turn: a counter that was just written takes a while to be read.
fn count(ids: &[u8]) -> Counts {
    let mut counts = [[0_u16; 4]; PLACES];
    let (fours, rest) = ids.as_chunks::<4>();
    for four in fours {
        for (k, &id) in four.iter().enumerate() {
            counts[usize::from(id) % PLACES][k] += 1;
        }
    }
    rest.iter().for_each(|&id| counts[usize::from(id) % PLACES][0] += 1);
    std::array::from_fn(|bucket| counts[bucket].iter().sum())
}
