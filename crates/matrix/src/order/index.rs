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
    let (mut least, mut greatest) = (u64::MAX, 0);
    for &value in values {
        let key = key(value, direction);
        (least, greatest) = (least.min(key), greatest.max(key));
    }
    if least >= greatest {
        return out.iter_mut().zip(positions).for_each(|(out, &at)| *out = position(at));
    }
    let place_bits = usize::BITS - (values.len() - 1).leading_zeros();
    let order_bits = u64::BITS - (greatest - least).leading_zeros();
    let cut_bits = order_bits.saturating_sub(BITS - place_bits);
    let number = |(place, &value): (usize, &f64)| {
        let order = (key(value, direction) - least) >> cut_bits;
        f64::from_bits((order << place_bits | place as u64) + LEAST)
    };
    let mut sorted: Vec<f64> = values.iter().enumerate().map(number).collect();
    quicksort::sort(&mut sorted);
    let place_of = |number: f64| ((number.to_bits() - LEAST) & ((1 << place_bits) - 1)) as usize;
    for (out, &number) in out.iter_mut().zip(&sorted) {
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
