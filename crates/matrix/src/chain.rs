//! The least multiply-adds of every stretch of a chain of dense products (dynamic programming; Cormen, Leiserson,
//! Rivest, Stein, "Introduction to Algorithms", section 14.2).
//!
//! For matrices `i..=j` with dimensions `d`, `C[i,j] = min_k C[i,k] + C[k+1,j] + d[i] d[k+1] d[j+1]`. Rows are computed
//! from the last one up. Once `C[i,k]` is settled it offers a split to all `j > k` of its row, a loop over neighbouring
//! cells; several rows take offers together, so that row `k + 1` is read once for all of them.

use pulp::{Arch, Simd, WithSimd};

/// Rows that are computed together.
const ROWS: usize = 4;

/// The least multiply-adds of every stretch, row-major by first and last matrix; what lies below the diagonal is of
/// no meaning. `dims` are the dimensions of the chain, one more than matrices.
pub fn stretch_costs(dims: &[f64]) -> Vec<f64> {
    let count = dims.len().saturating_sub(1);
    let mut costs = vec![f64::INFINITY; count * count];
    (0..count).for_each(|i| costs[i * count + i] = 0.0);
    let mut end = count;
    while end > 0 {
        let start = end.saturating_sub(ROWS);
        Arch::new().dispatch(Block { dims, costs: &mut costs, rows: (start, end) });
        end = start;
    }
    costs
}

/// Computes some rows, of which those below are settled.
struct Block<'a> {
    dims: &'a [f64],
    costs: &'a mut [f64],
    rows: (usize, usize),
}

impl WithSimd for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (start, end) = self.rows;
        let count = self.dims.len() - 1;
        let (above, below) = self.costs.split_at_mut(end * count);
        let rows = &mut above[start * count..];
        for k in start..count {
            for i in (start..end.min(k + 1)).rev() {
                settle(self.dims, rows, (start, i, k));
            }
            if k + 1 >= end && k + 1 < count {
                let right = &below[(k + 1 - end) * count..][..count];
                for (i, row) in (start..).zip(rows.chunks_mut(count)) {
                    let scale = self.dims[i] * self.dims[k + 1];
                    let offer = Offer { left: row[k], scale };
                    offer.to(simd, &mut row[k + 1..], &right[k + 1..], &self.dims[k + 2..]);
                }
            }
        }
    }
}

/// Settles `C[i,k]` of a block: splits inside of the block's rows have not been offered.
#[inline(always)]
fn settle(dims: &[f64], rows: &mut [f64], (start, i, k): (usize, usize, usize)) {
    let count = dims.len() - 1;
    let end = start + rows.len() / count;
    let mut least = rows[(i - start) * count + k];
    for split in i..k.min(end - 1) {
        let (left, right) = (rows[(i - start) * count + split], rows[(split + 1 - start) * count + k]);
        least = least.min(left + right + dims[i] * dims[split + 1] * dims[k + 1]);
    }
    rows[(i - start) * count + k] = least;
}

/// A left stretch that is settled.
#[derive(Clone, Copy)]
struct Offer {
    left: f64,
    scale: f64,
}

impl Offer {
    /// `row = min(row, left + right + scale * dims)`.
    #[inline(always)]
    fn to<S: Simd>(self, simd: S, row: &mut [f64], right: &[f64], dims: &[f64]) {
        let (row, row_rest) = S::as_mut_simd_f64s(row);
        let (right, right_rest) = S::as_simd_f64s(right);
        let (dims, dims_rest) = S::as_simd_f64s(dims);
        let (left, scale) = (simd.splat_f64s(self.left), simd.splat_f64s(self.scale));
        for ((cell, &right), &dim) in row.iter_mut().zip(right).zip(dims) {
            let offered = simd.add_f64s(simd.mul_f64s(scale, dim), simd.add_f64s(left, right));
            *cell = simd.min_f64s(*cell, offered);
        }
        for ((cell, &right), &dim) in row_rest.iter_mut().zip(right_rest).zip(dims_rest) {
            *cell = cell.min(self.scale * dim + (self.left + right));
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
        assert!(stretch_costs(&[]).is_empty());
        assert!(stretch_costs(&[3.0]).is_empty());
        for count in (1..24).chain([61, 130]) {
            let dims: Vec<f64> = (0..=count).map(|k| ((k * 7919 + count * 31) % 47 + 1) as f64).collect();
            let (costs, expected) = (stretch_costs(&dims), naive(&dims));
            for i in 0..count {
                let row = i * count + i..(i + 1) * count;
                assert_eq!(costs[row.clone()], expected[row], "row {i} of {count}");
            }
        }
    }

    #[test]
    fn the_example_of_the_book() {
        // Section 14.2: dimensions 30, 35, 15, 5, 10, 20, 25 take 15,125 multiplications.
        let costs = stretch_costs(&[30.0, 35.0, 15.0, 5.0, 10.0, 20.0, 25.0]);
        assert_eq!(costs[5], 15_125.0);
    }
}
