//! The least cost of every stretch of a chain of dense products (dynamic programming; Cormen, Leiserson, Rivest, Stein,
//! "Introduction to Algorithms", section 14.2).
//!
//! For matrices `i..=j` with dimensions `d`, `C[i,j] = min_k C[i,k] + C[k+1,j] + cost(d[i], d[k+1], d[j+1])`. A product
//! costs the longest of several times, each of them a line over the columns of the result: operations, bytes moved.
//! Rows are computed from the last one up. Once `C[i,k]` is settled it offers a split to all `j > k` of its row, a loop over neighbouring
//! cells; several rows take offers together, so that row `k + 1` is read once for all of them.

use pulp::{Arch, Simd, WithSimd};

use crate::buffer::Buffer;
use crate::dense::Dense;

/// Rows that are computed together.
const ROWS: usize = 4;

/// Cells of a cache line. Rows begin at lines, and loops over them do: a vector that spans two lines takes twice as
/// long to load.
const LINE: usize = 8;

/// `slope * n + offset`, for a product of `n` columns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// For each column.
    pub slope: f64,
    /// In any case.
    pub offset: f64,
}

/// What products cost: the highest of three lines over the number of columns.
pub type Lines = [Line; 3];

/// The cost of a product of so many columns.
#[inline(always)]
pub fn highest(lines: &Lines, cols: f64) -> f64 {
    let [a, b, c] = lines.map(|line| line.slope * cols + line.offset);
    a.max(b).max(c)
}

/// The least cost of every stretch of a chain.
#[derive(Debug)]
pub struct StretchCosts {
    /// By first and last matrix; infinite below the diagonal and behind the last matrix.
    costs: Dense,
}

impl StretchCosts {
    /// Of matrices with `dims[k]` rows and `dims[k + 1]` columns; `lines` are those of an `m x k` matrix on the left.
    pub fn new(dims: &[f64], lines: impl Fn(f64, f64) -> Lines) -> StretchCosts {
        let count = dims.len().saturating_sub(1);
        let stride = count.next_multiple_of(LINE);
        let mut costs = Dense::filled(count, stride, f64::INFINITY);
        (0..count).for_each(|i| costs.set(i, i, 0.0));
        let mut cols = Buffer::zeroed(stride);
        cols[..count].copy_from_slice(&dims[dims.len() - count..]);
        let mut end = count;
        while end > 0 {
            let start = end.saturating_sub(ROWS);
            let (cols, costs, lines) = (&cols, costs.cells_mut(), &lines);
            Arch::new().dispatch(Block { dims, cols, costs, lines, rows: (start, end) });
            end = start;
        }
        StretchCosts { costs }
    }

    /// The number of matrices.
    pub fn count(&self) -> usize {
        self.costs.rows()
    }

    /// The cost of the matrices `i..=j` (0-based) in the best order.
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.costs.get(i, j)
    }
}

/// Computes some rows, of which those below are settled.
struct Block<'a, L> {
    dims: &'a [f64],
    lines: &'a L,
    /// The columns of each matrix.
    cols: &'a [f64],
    costs: &'a mut [f64],
    rows: (usize, usize),
}

impl<L: Fn(f64, f64) -> Lines> WithSimd for Block<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (start, end) = self.rows;
        let (count, stride) = (self.dims.len() - 1, self.cols.len());
        let (above, below) = self.costs.split_at_mut(end * stride);
        let rows = &mut above[start * stride..];
        for k in start..count {
            for i in (start..end.min(k + 1)).rev() {
                settle(self.dims, self.lines, rows, (stride, start, i, k));
            }
            if k + 1 >= end && k + 1 < count {
                let right = &below[(k + 1 - end) * stride..][..stride];
                // Cells of the same line up to `k` are offered infinity.
                let from = (k + 1) / LINE * LINE;
                for (i, row) in (start..).zip(rows.chunks_mut(stride)) {
                    let offer = Offer { left: row[k], lines: (self.lines)(self.dims[i], self.dims[k + 1]) };
                    offer.to(simd, &mut row[from..], &right[from..], &self.cols[from..]);
                }
            }
        }
    }
}

/// Settles `C[i,k]` of a block from row `start` on: splits between its rows have not been offered.
#[inline(always)]
fn settle(
    dims: &[f64],
    lines: &impl Fn(f64, f64) -> Lines,
    rows: &mut [f64],
    (stride, start, i, k): (usize, usize, usize, usize),
) {
    let end = start + rows.len() / stride;
    let mut least = rows[(i - start) * stride + k];
    for split in i..k.min(end - 1) {
        let (left, right) = (rows[(i - start) * stride + split], rows[(split + 1 - start) * stride + k]);
        least = least.min(left + right + highest(&lines(dims[i], dims[split + 1]), dims[k + 1]));
    }
    rows[(i - start) * stride + k] = least;
}

/// A left stretch that is settled.
#[derive(Clone, Copy)]
struct Offer {
    left: f64,
    lines: Lines,
}

impl Offer {
    /// `row = min(row, left + right + cost of cols)`, of whole lines. Without fused operations, so that every processor
    /// finds the same.
    #[inline(always)]
    fn to<S: Simd>(self, simd: S, row: &mut [f64], right: &[f64], cols: &[f64]) {
        let (row, _) = S::as_mut_simd_f64s(row);
        let (right, _) = S::as_simd_f64s(right);
        let (cols, _) = S::as_simd_f64s(cols);
        let left = simd.splat_f64s(self.left);
        let [a, b, c] = self.lines.map(|line| (simd.splat_f64s(line.slope), simd.splat_f64s(line.offset)));
        for ((cell, &right), &cols) in row.iter_mut().zip(right).zip(cols) {
            let at = |(slope, offset)| simd.add_f64s(simd.mul_f64s(slope, cols), offset);
            let cost = simd.max_f64s(simd.max_f64s(at(a), at(b)), at(c));
            let offered = simd.add_f64s(cost, simd.add_f64s(left, right));
            *cell = simd.min_f64s(*cell, offered);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiply-adds.
    fn flops(m: f64, k: f64) -> Lines {
        [Line { slope: m * k, offset: 0.0 }; 3]
    }

    /// Multiply-adds, cells moved in a cache, and cells of memory of which 500 are spared.
    fn roofline(m: f64, k: f64) -> Lines {
        let moved = Line { slope: 2.0 * (m + k), offset: 2.0 * m * k };
        let far = Line { slope: 3.0 * k + 4.0 * m, offset: 3.0 * m * k - 500.0 };
        [Line { slope: m * k, offset: 0.0 }, moved, far]
    }

    /// The recursion as it is written.
    fn naive(dims: &[f64], cost: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
        let count = dims.len() - 1;
        let mut costs = vec![0.0; count * count];
        for length in 1..count {
            for i in 0..count - length {
                let j = i + length;
                let split = |k: usize| {
                    costs[i * count + k]
                        + costs[(k + 1) * count + j]
                        + cost(dims[i], dims[k + 1], dims[j + 1])
                };
                costs[i * count + j] = (i..j).map(split).fold(f64::INFINITY, f64::min);
            }
        }
        costs
    }

    fn check(dims: &[f64], lines: fn(f64, f64) -> Lines, cost: fn(f64, f64, f64) -> f64) {
        let (costs, expected, count) = (StretchCosts::new(dims, lines), naive(dims, cost), dims.len() - 1);
        for (i, j) in (0..count).flat_map(|i| (i..count).map(move |j| (i, j))) {
            assert_eq!(costs.get(i, j), expected[i * count + j], "{i} to {j} of {count}");
        }
    }

    #[test]
    fn equals_the_recursion() {
        assert_eq!(StretchCosts::new(&[], flops).count(), 0);
        assert_eq!(StretchCosts::new(&[3.0], flops).count(), 0);
        for count in (1..24).chain([61, 130]) {
            let dims: Vec<f64> = (0..=count).map(|k| ((k * 7919 + count * 31) % 47) as f64).collect();
            check(&dims, flops, |m, k, n| m * k * n);
            check(&dims, roofline, |m, k, n| {
                let far = 3.0 * (m * k + k * n) + 4.0 * m * n - 500.0;
                (m * k * n).max(2.0 * (m * k + k * n + m * n)).max(far)
            });
        }
    }

    #[test]
    fn the_example_of_the_book() {
        // Section 14.2: dimensions 30, 35, 15, 5, 10, 20, 25 take 15,125 multiplications.
        let costs = StretchCosts::new(&[30.0, 35.0, 15.0, 5.0, 10.0, 20.0, 25.0], flops);
        assert_eq!(costs.get(0, 5), 15_125.0);
    }
}
