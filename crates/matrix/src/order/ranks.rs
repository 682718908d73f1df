//! Order statistics without a full sort: the values of a stretch of ranks.
//!
//! Of a sorted sample the neighbours of the wanted ranks, with a margin, enclose the wanted values almost surely (Floyd,
//! Rivest 1975, "Expected time bounds for selection"). One pass counts the values below and collects those
//! inside, which are few and are sorted. Should a wanted value lie outside after all, everything is sorted.

use std::ops::RangeInclusive;

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::{Direction, quicksort};
use crate::scratch::Scratch;

/// Values per task of the pass.
const CHUNK: usize = 1 << 16;

/// Values that are looked at together: mostly none of them is inside.
const GROUP: usize = 16;

/// Up to this many values are sorted at once.
const FEW: usize = 1 << 13;

/// The sample has one of this many values.
const STRIDE: usize = 512;

/// The margin in standard deviations of the rank of a sampled value.
const DEVIATIONS: f64 = 5.0;

/// The values at the 0-based `ranks` in ascending order, NaN last.
///
/// # Panics
/// When a rank is not below the number of values.
pub(crate) fn at(values: &[f64], ranks: RangeInclusive<usize>) -> Vec<f64> {
    let (first, last) = (*ranks.start(), *ranks.end());
    assert!(first <= last && last < values.len(), "ranks {ranks:?} of {} values", values.len());
    if values.len() > FEW {
        let (low, high) = enclose(values, first, last);
        let (below, inside) = inside(values, low, high);
        if below <= first && last < below + inside.len() {
            return sorted(&inside)[first - below..=last - below].to_vec();
        }
    }
    sorted(values)[ranks].to_vec()
}

/// What [`at`] needs for `n` values, when most of them are equal to those wanted; else hardly anything.
pub(crate) fn at_scratch(n: usize) -> Scratch {
    (Scratch::vector::<f64>(n) * 2).and(Scratch::vector::<f64>(n).or(super::values::sort_scratch(n)))
}

/// What [`sorted`] needs for `n` values: a copy.
pub(crate) fn sorted_scratch(n: usize) -> Scratch {
    Scratch::vector::<f64>(n).and(super::values::sort_scratch(n))
}

/// All values in ascending order, NaN last.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = vec![0.0; values.len()];
    super::values::sort(values, Direction::Ascending, &mut sorted);
    sorted
}

/// Bounds of the values from rank `first` to `last`, but for bad luck.
fn enclose(values: &[f64], first: usize, last: usize) -> (f64, f64) {
    let mut sample = super::sample(values, values.len() / STRIDE);
    sample.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = f64::INFINITY);
    quicksort::sort(&mut sample);
    let size = sample.len() as f64;
    let expected = |rank: usize| rank as f64 / values.len() as f64 * size;
    let margin = |at: f64| 1.0 + DEVIATIONS * (at * (1.0 - at / size)).max(0.0).sqrt();
    let (low, high) = (expected(first), expected(last));
    let (low, high) = ((low - margin(low)).floor(), (high + margin(high)).ceil());
    let low = if low < 0.0 { f64::NEG_INFINITY } else { sample[low as usize] };
    (low, sample.get(high as usize).copied().unwrap_or(f64::INFINITY))
}

/// How many values are less than `low`, and those from there to `high`.
fn inside(values: &[f64], low: f64, high: f64) -> (usize, Vec<f64>) {
    let chunks = values.par_chunks(CHUNK);
    let parts = chunks.map(|values| Arch::new().dispatch(Inside { values, low, high }));
    let parts: Vec<(usize, Vec<f64>)> = parts.collect();
    let below = parts.iter().map(|part| part.0).sum();
    let mut inside = Vec::with_capacity(parts.iter().map(|part| part.1.len()).sum());
    parts.iter().for_each(|part| inside.extend_from_slice(&part.1));
    (below, inside)
}

/// Those of one chunk.
struct Inside<'a> {
    values: &'a [f64],
    low: f64,
    high: f64,
}

impl WithSimd for Inside<'_> {
    type Output = (usize, Vec<f64>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> (usize, Vec<f64>) {
        let Inside { values, low, high } = self;
        let (groups, rest) = values.as_chunks::<GROUP>();
        let mut inside = Vec::new();
        let mut below = 0;
        for group in groups {
            let (mut less, mut not_greater) = (0_u64, 0_u64);
            for &x in group {
                less += u64::from(x < low);
                not_greater += u64::from(x <= high);
            }
            below += less;
            if less != not_greater {
                inside.extend(group.iter().filter(|&&x| x >= low && x <= high));
            }
        }
        below += rest.iter().filter(|&&x| x < low).count() as u64;
        inside.extend(rest.iter().filter(|&&x| x >= low && x <= high));
        (below as usize, inside)
    }
}
