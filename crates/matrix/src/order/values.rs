//! One sorted column of which only the values are wanted: no positions are moved along.
//!
//! The cells are dealt out to buckets straight into the result, and each bucket is sorted in place. That makes no
//! difference to a stable sort but for zeros, which are equal and may differ in sign: their order is restored.

use rayon::prelude::*;

use super::buckets::Buckets;
use super::{Direction, quicksort};
use crate::build::cut;
use crate::scratch::Scratch;

/// Cells per task of the passes over zeros.
const CHUNK: usize = 1 << 16;

/// Writes the sorted cells to `out`.
pub(super) fn sort(cells: &[f64], direction: Direction, out: &mut [f64]) {
    let buckets = Buckets::new(cells, direction);
    buckets.deal(out, |range| cells[range].iter().copied());
    cut(out, &buckets.ranges()).into_par_iter().with_max_len(1).for_each(|bucket| {
        quicksort::sort(bucket);
        if direction == Direction::Descending {
            bucket.reverse();
        }
    });
    if buckets.has_negative_zero() {
        let missing = buckets.missing();
        let numbers = if missing.start == 0 { &mut out[missing.end..] } else { &mut out[..missing.start] };
        restore_zeros(cells, direction, numbers);
    }
}

/// What [`sort`] needs for `n` cells.
pub(super) fn sort_scratch(n: usize) -> Scratch {
    Buckets::scratch(n)
}

/// Writes the zeros among sorted `numbers` anew, in the order in which they stand among the cells.
fn restore_zeros(cells: &[f64], direction: Direction, numbers: &mut [f64]) {
    let start = match direction {
        Direction::Ascending => numbers.partition_point(|&x| x < 0.0),
        Direction::Descending => numbers.partition_point(|&x| x > 0.0),
    };
    let chunks = cells.par_chunks(CHUNK);
    let counts: Vec<usize> =
        chunks.clone().map(|chunk| chunk.iter().filter(|&&x| x == 0.0).count()).collect();
    let mut at = start;
    let mut ranges = Vec::with_capacity(counts.len());
    for count in counts {
        ranges.push(at..at + count);
        at += count;
    }
    chunks.zip(cut(numbers, &ranges)).for_each(|(chunk, zeros)| {
        let mut places = zeros.iter_mut();
        for zero in chunk.iter().filter(|&&x| x == 0.0) {
            if let Some(place) = places.next() {
                *place = *zero;
            }
        }
    });
}
