//! Work over row chunks, in parallel and with the same bits for any number of threads.
//!
//! Invariant: the chunks follow from the shape (and the non-zeros) alone, and partial sums are merged in a fixed
//! binary tree over the chunks. Depth first, so a thread holds at most one partial result per level.

use std::ops::Range;

use crate::buffer::Buffer;
use crate::scratch::{Scratch, partials};

/// Dense cells that are worth a task of their own: 2 MiB, about 0.2 ms of reading.
pub(crate) const GRAIN_CELLS: usize = 1 << 18;

/// Row boundaries from 0 to `rows` with chunks of `height` rows, the last one shorter.
pub(crate) fn even_cuts(rows: usize, height: usize) -> Vec<usize> {
    (0..rows).step_by(height.max(1)).chain([rows]).collect()
}

/// Row boundaries from 0 to `rows` such that chunks have about `grain` of the cumulative `weight`.
///
/// `weight(i)` is the weight of all rows before `i`.
pub(crate) fn weighted_cuts(rows: usize, grain: usize, weight: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut cuts = vec![0];
    let mut start = 0;
    while start < rows {
        let limit = weight(start) + grain;
        let (mut low, mut high) = (start + 1, rows);
        while low < high {
            let mid = low.midpoint(high);
            if weight(mid) < limit { low = mid + 1 } else { high = mid }
        }
        cuts.push(low);
        start = low;
    }
    cuts
}

/// Adds `leaf` of every chunk between two `cuts` into `out`, merging partial results in a fixed tree.
///
/// `leaf` adds the contribution of a range of rows to the cells it is given.
pub(crate) fn tree_sum(cuts: &[usize], out: &mut [f64], leaf: &(impl Fn(Range<usize>, &mut [f64]) + Sync)) {
    match cuts {
        [] | [_] => {}
        [start, end] => leaf(*start..*end, out),
        _ => {
            let mid = cuts.len() / 2;
            let mut other = Buffer::zeroed(out.len());
            rayon::join(|| tree_sum(&cuts[..=mid], out, leaf), || tree_sum(&cuts[mid..], &mut other, leaf));
            out.iter_mut().zip(&*other).for_each(|(x, y)| *x += y);
        }
    }
}

/// The partial results of [`tree_sum`] for `cells` cells over `leaves` chunks.
pub(crate) fn tree_scratch(cells: usize, leaves: usize) -> Scratch {
    Scratch::paged::<f64>(cells) * partials(1, leaves)
}

/// Runs `leaf` for every chunk between two `cuts` with its own rows of `out`, which has `width` cells per row.
pub(crate) fn for_rows(
    cuts: &[usize],
    width: usize,
    out: &mut [f64],
    leaf: &(impl Fn(Range<usize>, &mut [f64]) + Sync),
) {
    match cuts {
        [] | [_] => {}
        [start, end] => leaf(*start..*end, out),
        _ => {
            let mid = cuts.len() / 2;
            let (top, bottom) = out.split_at_mut((cuts[mid] - cuts[0]) * width);
            rayon::join(
                || for_rows(&cuts[..=mid], width, top, leaf),
                || for_rows(&cuts[mid..], width, bottom, leaf),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_cover_all_rows_once() {
        assert_eq!(even_cuts(0, 4), [0]);
        assert_eq!(even_cuts(9, 4), [0, 4, 8, 9]);
        assert_eq!(even_cuts(8, 4), [0, 4, 8]);
        let row_ptr = [0, 0, 5, 5, 6, 20, 21];
        assert_eq!(weighted_cuts(6, 5, |i| row_ptr[i]), [0, 2, 5, 6]);
        assert_eq!(weighted_cuts(0, 5, |_| 0), [0]);
    }
}
