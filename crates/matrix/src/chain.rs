//! The least multiply-adds of every stretch of a chain of dense products (dynamic programming; Cormen, Leiserson,
//! Rivest, Stein, "Introduction to Algorithms", section 14.2).
//!
//! For matrices `i..=j` with dimensions `d`, `C[i,j] = min_k C[i,k] + C[k+1,j] + d[i] d[k+1] d[j+1]`. Rows are computed
//! from the last one up. Once `C[i,k]` is settled it offers a split to all `j > k` of its row, a loop over neighbouring
//! cells; several rows take offers together, so that row `k + 1` is read once for all of them.

use pulp::{Arch, Simd, WithSimd};

use crate::buffer::Buffer;
use crate::dense::Dense;

/// Rows that are computed together.
const ROWS: usize = 4;

/// Cells of a cache line. Rows begin at lines, and loops over them do: a vector that spans two lines takes twice as
/// long to load.
const LINE: usize = 8;

/// The least multiply-adds of every stretch of a chain.
#[derive(Debug)]
pub struct StretchCosts {
    /// By first and last matrix; infinite below the diagonal and behind the last matrix.
    costs: Dense,
}

impl StretchCosts {
    /// Of matrices with `dims[k]` rows and `dims[k + 1]` columns.
    pub fn new(dims: &[f64]) -> StretchCosts {
        let count = dims.len().saturating_sub(1);
        let stride = count.next_multiple_of(LINE);
        let mut costs = Dense::filled(count, stride, f64::INFINITY);
        (0..count).for_each(|i| costs.set(i, i, 0.0));
        let mut cols = Buffer::zeroed(stride);
        cols[..count].copy_from_slice(&dims[dims.len() - count..]);
        let mut end = count;
        while end > 0 {
            let start = end.saturating_sub(ROWS);
            Arch::new().dispatch(Block { dims, cols: &cols, costs: costs.cells_mut(), rows: (start, end) });
            end = start;
        }
        StretchCosts { costs }
    }

    /// The number of matrices.
    pub fn count(&self) -> usize {
        self.costs.rows()
    }

    /// The multiply-adds of the matrices `i..=j` (0-based) in the best order.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.costs.get(i, j)
    }
}

/// Computes some rows, of which those below are settled.
struct Block<'a> {
    dims: &'a [f64],
    /// The columns of each matrix.
    cols: &'a [f64],
    costs: &'a mut [f64],
    rows: (usize, usize),
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (start, end) = self.rows;
        let (count, stride) = (self.dims.len() - 1, self.cols.len());
        let (above, below) = self.costs.split_at_mut(end * stride);
        let rows = &mut above[start * stride..];
        for k in start..count {
            for i in (start..end.min(k + 1)).rev() {
                settle(self.dims, rows, (stride, start, i, k));
            }
            if k + 1 >= end && k + 1 < count {
                let right = &below[(k + 1 - end) * stride..][..stride];
                // Cells of the same line up to `k` are offered infinity.
                let from = (k + 1) / LINE * LINE;
                for (i, row) in (start..).zip(rows.chunks_mut(stride)) {
                    let offer = Offer { left: row[k], scale: self.dims[i] * self.dims[k + 1] };
                    offer.to(simd, &mut row[from..], &right[from..], &self.cols[from..]);
                }
            }
        }
    }
}

/// Settles `C[i,k]` of a block from row `start` on: splits between its rows have not been offered.
#[inline(always)]
fn settle(dims: &[f64], rows: &mut [f64], (stride, start, i, k): (usize, usize, usize, usize)) {
    let end = start + rows.len() / stride;
    let mut least = rows[(i - start) * stride + k];
    for split in i..k.min(end - 1) {
        let (left, right) = (rows[(i - start) * stride + split], rows[(split + 1 - start) * stride + k]);
        least = least.min(left + right + dims[i] * dims[split + 1] * dims[k + 1]);
    }
    rows[(i - start) * stride + k] = least;
}

/// A left stretch that is settled.
#[derive(Clone, Copy)]
struct Offer {
    left: f64,
    scale: f64,
}

impl Offer {
    /// `row = min(row, left + right + scale * cols)`, of whole lines.
    #[inline(always)]
    fn to<S: Simd>(self, simd: S, row: &mut [f64], right: &[f64], cols: &[f64]) {
        let (row, _) = S::as_mut_simd_f64s(row);
        let (right, _) = S::as_simd_f64s(right);
        let (cols, _) = S::as_simd_f64s(cols);
        let (left, scale) = (simd.splat_f64s(self.left), simd.splat_f64s(self.scale));
        for ((cell, &right), &cols) in row.iter_mut().zip(right).zip(cols) {
            let offered = simd.add_f64s(simd.mul_f64s(scale, cols), simd.add_f64s(left, right));
            *cell = simd.min_f64s(*cell, offered);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recursion as it is written.
    fn naive(dims: &[f64]) -> Vec<f64> {
        let count = dims.len() - 1;
        let mut costs = vec![0.0; count * count];
        for length in 1..count {
            for i in 0..count - length {
                let j = i + length;
                let split = |k: usize| {
                    costs[i * count + k] + costs[(k + 1) * count + j] + dims[i] * dims[k + 1] * dims[j + 1]
                };
                costs[i * count + j] = (i..j).map(split).fold(f64::INFINITY, f64::min);
            }
        }
        costs
    }

    #[test]
    fn equals_the_recursion() {
        assert_eq!(StretchCosts::new(&[]).count(), 0);
        assert_eq!(StretchCosts::new(&[3.0]).count(), 0);
        for count in (1..24).chain([61, 130]) {
            let dims: Vec<f64> = (0..=count).map(|k| ((k * 7919 + count * 31) % 47) as f64).collect();
            let (costs, expected) = (StretchCosts::new(&dims), naive(&dims));
            for (i, j) in (0..count).flat_map(|i| (i..count).map(move |j| (i, j))) {
                assert_eq!(costs.get(i, j), expected[i * count + j], "{i} to {j} of {count}");
            }
        }
    }

    #[test]
    fn the_example_of_the_book() {
        // Section 14.2: dimensions 30, 35, 15, 5, 10, 20, 25 take 15,125 multiplications.
        let costs = StretchCosts::new(&[30.0, 35.0, 15.0, 5.0, 10.0, 20.0, 25.0]);
        assert_eq!(costs.get(0, 5), 15_125.0);
    }
}
