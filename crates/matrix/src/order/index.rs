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

use rayon::prelude::*;

use super::buckets::Buckets;
use super::{Direction, key, quicksort};
use crate::buffer::Buffer;
use crate::build::cut;

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

fn sort_bucket<T>(
    values: &[f64],
    positions: &[f64],
    direction: Direction,
    position: &impl Fn(f64) -> T,
    out: &mut [T],
) {
    let keys = || values.iter().map(|&value| key(value, direction));
    let (least, greatest) = keys().fold((u64::MAX, 0), |(a, b), key| (a.min(key), b.max(key)));
    if least >= greatest {
        return out.iter_mut().zip(positions).for_each(|(out, &at)| *out = position(at));
    }
    let (first, last) =
        keys().fold((0, 0), |(a, b), key| (a + usize::from(key == least), b + usize::from(key == greatest)));
    if first.max(last) > values.len() / 4 {
        return sort_between(values, positions, direction, position, (least, greatest), (first, last), out);
    }
    let place_bits = usize::BITS - (values.len() - 1).leading_zeros();
    let order_bits = u64::BITS - (greatest - least).leading_zeros();
    let cut_bits = order_bits.saturating_sub(BITS - place_bits);
    let mut sorted = Buffer::unset(values.len());
    for (place, (number, key)) in sorted.iter_mut().zip(keys()).enumerate() {
        let order = (key - least) >> cut_bits;
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

/// Sorts a bucket of which many cells are equal: to the least, of which there are `counts.0`, or to the greatest, of
/// which there are `counts.1`. They keep their order; the others are sorted.
fn sort_between<T>(
    values: &[f64],
    positions: &[f64],
    direction: Direction,
    position: &impl Fn(f64) -> T,
    ends: (u64, u64),
    counts: (usize, usize),
    out: &mut [T],
) {
    let (first, behind) = out.split_at_mut(counts.0);
    let (between, last) = behind.split_at_mut(behind.len() - counts.1);
    let (mut first, mut last) = (first.iter_mut(), last.iter_mut());
    let (mut others, mut places) = (Vec::with_capacity(between.len()), Vec::with_capacity(between.len()));
    for (&value, &at) in values.iter().zip(positions) {
        let key = key(value, direction);
        if key == ends.0 {
            first.next().into_iter().for_each(|out| *out = position(at));
        } else if key == ends.1 {
            last.next().into_iter().for_each(|out| *out = position(at));
        } else {
            others.push(value);
            places.push(at);
        }
    }
    sort_bucket(&others, &places, direction, position, between);
}
