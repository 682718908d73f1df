//! The positions of the cells of one column in sorted order, stable.
//!
//! Cells and positions are dealt out to buckets. Within one, the order of a cell and its place in the bucket make one
//! number, which is sorted as a double:
//!
//! ```text
//! | order of the cell above the least of the bucket | place |
//!              62 - b bits                              b bits
//! ```
//!
//! No two numbers are equal, so any sort of them is stable. A bucket is narrow, so its cells mostly differ in the
//! bits that fit; where they are cut, runs of equal leading bits are sorted again by whole cells.

use std::cell::Cell;

use rayon::prelude::*;

use super::buckets::Buckets;
use super::{Direction, key, quicksort};
use crate::buffer::Buffer;
use crate::build::cut;
use crate::scratch::Scratch;

/// Bits of a number that is sorted: with [`LEAST`] added it is a positive double, and not infinite.
const BITS: u32 = 62;

/// The bits of the least normal double: arithmetic on smaller ones is slow on some processors.
const LEAST: u64 = 1 << 52;

/// Writes `position(k)` of the cells `k` in sorted order to `out`.
pub(super) fn sort<T: Send>(
    cells: &[f64],
    direction: Direction,
    position: impl Fn(usize) -> T + Sync,
    out: &mut [T],
) {
    let buckets = Buckets::new(cells, direction);
    let mut values = Buffer::unset(cells.len());
    buckets.deal(&mut values, |range| cells[range].iter().copied());
    // As doubles, which are exact to 2^53: there are buffers to recycle for them.
    let mut positions = Buffer::unset(cells.len());
    buckets.deal(&mut positions, |range| range.map(|k| k as f64));
    let position = |at: f64| position(at as usize);
    let missing = buckets.missing();
    out[missing.clone()].iter_mut().zip(&positions[missing]).for_each(|(out, &at)| *out = position(at));
    let ranges = buckets.ranges();
    cut(out, &ranges).into_par_iter().zip(ranges).with_max_len(1).for_each(|(out, range)| {
        sort_bucket(&values[range.clone()], &positions[range], direction, &position, out);
    });
}

/// What [`sort`] needs for `n` cells: cells and positions by bucket, the numbers that are sorted, and where many cells
/// are equal the others.
pub(super) fn sort_scratch(n: usize) -> Scratch {
    let others = Scratch::paged::<f64>(n - n / 4) * 2;
    Buckets::scratch(n).and(Scratch::paged::<f64>(n) * 3).and(others)
}

fn sort_bucket<T>(
    values: &[f64],
    positions: &[f64],
    direction: Direction,
    position: &impl Fn(f64) -> T,
    out: &mut [T],
) {
    let mut ends = Ends::of(values, direction);
    if !ends.are_crowded(values.len()) {
        return sort_cells(values, positions, &ends, position, out);
    }
    let between = values.len().saturating_sub(ends.first + ends.last);
    let (mut others, mut places) = (Vec::with_capacity(between), Vec::with_capacity(between));
    let cells = values.iter().copied().zip(positions.iter().copied());
    let mut out = ends.place(cells, position, out, |value, at| {
        others.push(value);
        places.push(at);
    });
    loop {
        ends = Ends::of(&others, direction);
        if !ends.are_crowded(others.len()) {
            return sort_cells(&others, &places, &ends, position, out);
        }
        // What lies between moves to the front of the same memory.
        let kept = {
            let values = Cell::from_mut(&mut others[..]).as_slice_of_cells();
            let positions = Cell::from_mut(&mut places[..]).as_slice_of_cells();
            let cells = values.iter().zip(positions).map(|(value, at)| (value.get(), at.get()));
            let mut kept = 0;
            out = ends.place(cells, position, out, |value, at| {
                values[kept].set(value);
                positions[kept].set(at);
                kept += 1;
            });
            kept
        };
        others.truncate(kept);
        places.truncate(kept);
    }
}

/// The least and the greatest cell of a bucket, by their order, and how many equal them.
struct Ends {
    direction: Direction,
    least: u64,
    greatest: u64,
    first: usize,
    last: usize,
}

impl Ends {
    fn of(values: &[f64], direction: Direction) -> Ends {
        let keys = || values.iter().map(|&value| key(value, direction));
        let (least, greatest) = keys().fold((u64::MAX, 0), |(a, b), key| (a.min(key), b.max(key)));
        if least >= greatest {
            return Ends { direction, least, greatest, first: 0, last: 0 };
        }
        let (first, last) = keys()
            .fold((0, 0), |(a, b), key| (a + usize::from(key == least), b + usize::from(key == greatest)));
        Ends { direction, least, greatest, first, last }
    }

    /// Whether many of `len` cells are at one end, which keep their order, so that only the others need sorting.
    fn are_crowded(&self, len: usize) -> bool {
        self.first.max(self.last) > len / 4
    }

    /// Writes the positions of the cells at the ends to the ends of `out` and returns what is between; `keep` gets the
    /// other cells.
    fn place<'a, T>(
        &self,
        cells: impl Iterator<Item = (f64, f64)>,
        position: &impl Fn(f64) -> T,
        out: &'a mut [T],
        mut keep: impl FnMut(f64, f64),
    ) -> &'a mut [T] {
        let (first, behind) = out.split_at_mut(self.first);
        let (between, last) = behind.split_at_mut(behind.len() - self.last);
        let (mut first, mut last) = (first.iter_mut(), last.iter_mut());
        for (value, at) in cells {
            let key = key(value, self.direction);
            if key == self.least {
                first.next().into_iter().for_each(|out| *out = position(at));
            } else if key == self.greatest {
                last.next().into_iter().for_each(|out| *out = position(at));
            } else {
                keep(value, at);
            }
        }
        between
    }
}

/// Sorts cells as numbers, whose order is that of the cells and then their places.
fn sort_cells<T>(
    values: &[f64],
    positions: &[f64],
    ends: &Ends,
    position: &impl Fn(f64) -> T,
    out: &mut [T],
) {
    let (direction, least, greatest) = (ends.direction, ends.least, ends.greatest);
    if least >= greatest {
        return out.iter_mut().zip(positions).for_each(|(out, &at)| *out = position(at));
    }
    let place_bits = usize::BITS - (values.len() - 1).leading_zeros();
    let order_bits = u64::BITS - (greatest - least).leading_zeros();
    let cut_bits = order_bits.saturating_sub(BITS - place_bits);
    let mut sorted = Buffer::unset(values.len());
    for (place, (number, &value)) in sorted.iter_mut().zip(values).enumerate() {
        let order = (key(value, direction) - least) >> cut_bits;
        *number = f64::from_bits((order << place_bits | place as u64) + LEAST);
    }
    quicksort::sort(&mut sorted);
    let place_of = |number: f64| ((number.to_bits() - LEAST) & ((1 << place_bits) - 1)) as usize;
    for (out, &number) in out.iter_mut().zip(sorted.iter()) {
        *out = position(positions[place_of(number)]);
    }
    if cut_bits == 0 {
        return;
    }
    let mut start = 0;
    for run in
        sorted.chunk_by(|a, b| (a.to_bits() - LEAST) >> place_bits == (b.to_bits() - LEAST) >> place_bits)
    {
        if run.len() > 1 {
            let mut places: Vec<usize> = run.iter().map(|&number| place_of(number)).collect();
            places.sort_unstable_by_key(|&place| (key(values[place], direction), place));
            for (out, place) in out[start..].iter_mut().zip(places) {
                *out = position(positions[place]);
            }
        }
        start += run.len();
    }
}
