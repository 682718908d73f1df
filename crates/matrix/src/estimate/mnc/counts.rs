//! The sketch: counts of rows and columns.

use rayon::prelude::*;

use crate::estimate::Shape;
use crate::estimate::counting::{column_counts, row_counts};
use crate::{Csr, Dense};

/// Rows of one task.
const TASK_ROWS: usize = 1 << 12;

/// Sums side by side, so that they need not wait for each other.
const LANES: usize = 8;

/// The sketch of a matrix.
#[derive(Clone, PartialEq, Debug)]
pub struct Counts {
    /// The rows.
    pub rows: Side,
    /// The columns.
    pub cols: Side,
    /// Whether the counts are true, not estimates.
    pub is_exact: bool,
    /// Whether all cells lie on the diagonal of a square matrix.
    pub is_diagonal: bool,
}

/// The rows of a matrix, or its columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Side {
    /// The cells of each row.
    pub counts: Vec<u32>,
    /// Of the cells of each row those that are alone in their column; none where there are none or it is not known.
    pub alone: Option<Vec<u32>>,
    /// All cells.
    pub total: f64,
    /// The most cells of a row.
    pub max: u32,
    /// How many rows have cells.
    pub nonempty: usize,
    /// How many rows have one cell.
    pub single: usize,
    /// How many rows have cells in more than half of the columns.
    pub over_half: usize,
}

impl Side {
    /// Of counts, with `across` columns.
    pub(super) fn new(counts: Vec<u32>, alone: Option<Vec<u32>>, across: usize) -> Side {
        let mut side = Side { counts, alone, total: 0.0, max: 0, nonempty: 0, single: 0, over_half: 0 };
        let mut total = 0_u64;
        for &count in &side.counts {
            total += u64::from(count);
            side.max = side.max.max(count);
            side.nonempty += usize::from(count > 0);
            side.single += usize::from(count == 1);
            side.over_half += usize::from(2 * u64::from(count) > across as u64);
        }
        side.total = total as f64;
        side
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl Counts {
    /// Of counts alone.
    pub(super) fn new(rows: Vec<u32>, cols: Vec<u32>) -> Counts {
        let (height, width) = (rows.len(), cols.len());
        Counts {
            rows: Side::new(rows, None, width),
            cols: Side::new(cols, None, height),
            is_exact: false,
            is_diagonal: false,
        }
    }

    /// Of a sparse matrix: a scan for the counts, and a second one for what is alone.
    pub fn of_sparse(x: &Csr) -> Counts {
        let mut counts = Counts::new(row_counts(x), column_counts(x));
        counts.is_exact = true;
        counts.is_diagonal = is_diagonal(x, &counts);
        if counts.cols.single > 0 {
            counts.rows.alone = Some(alone_in_column(x, &counts.cols.counts));
        }
        if counts.rows.single > 0 {
            counts.cols.alone = Some(alone_in_row(x));
        }
        counts
    }

    /// Of a dense matrix.
    pub fn of_dense(x: &Dense) -> Counts {
        Counts::of_sparse(&Csr::from_dense(x))
    }

    /// Rows and columns.
    pub fn shape(&self) -> Shape {
        Shape { rows: self.rows.len(), cols: self.cols.len() }
    }

    /// The multiply-adds of `A %*% B`, of cells that are not zero: those of column `k` of A by those of row `k` of B.
    pub fn multiply_adds(&self, b: &Counts) -> f64 {
        let (a, a_rest) = self.cols.counts.as_chunks::<LANES>();
        let (b, b_rest) = b.rows.counts.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (a, b) in a.iter().zip(b) {
            (0..LANES).for_each(|lane| sums[lane] += f64::from(a[lane]) * f64::from(b[lane]));
        }
        let rest: f64 = a_rest.iter().zip(b_rest).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        sums.iter().sum::<f64>() + rest
    }

    /// `t(A)`: the sides change places.
    pub fn transposed(&self) -> Counts {
        Counts { rows: self.cols.clone(), cols: self.rows.clone(), ..*self }
    }

    /// Whether it is a diagonal without gaps.
    pub(super) fn is_full_diagonal(&self) -> bool {
        self.is_diagonal && self.rows.nonempty == self.rows.len()
    }
}

fn is_diagonal(x: &Csr, counts: &Counts) -> bool {
    x.rows() == x.cols()
        && counts.rows.max <= 1
        && (0..x.rows()).all(|i| x.row(i).0.iter().all(|&j| j as usize == i))
}

/// The cells of each row whose column has one cell.
fn alone_in_column(x: &Csr, cols: &[u32]) -> Vec<u32> {
    let mut alone = vec![0_u32; x.rows()];
    alone.par_chunks_mut(TASK_ROWS).enumerate().for_each(|(task, alone)| {
        for (i, alone) in (task * TASK_ROWS..).zip(alone) {
            *alone = x.row(i).0.iter().map(|&j| u32::from(cols[j as usize] == 1)).sum();
        }
    });
    alone
}

/// The cells of each column whose row has one cell.
fn alone_in_row(x: &Csr) -> Vec<u32> {
    let mut alone = vec![0_u32; x.cols()];
    for ends in x.row_ptr().windows(2).filter(|ends| ends[1] - ends[0] == 1) {
        alone[x.col()[ends[0]] as usize] += 1;
    }
    alone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::in_pools;

    #[test]
    fn counts_of_a_small_matrix() {
        // x . . x
        // . x . .
        // . . . x
        let cells = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let counts = Counts::of_dense(&Dense::from_cells(3, 4, &cells));
        assert_eq!(counts.rows.counts, [2, 1, 1]);
        assert_eq!(counts.cols.counts, [1, 1, 0, 2]);
        assert_eq!(counts.rows.alone, Some(vec![1, 1, 0]));
        assert_eq!(counts.cols.alone, Some(vec![0, 1, 0, 1]));
        assert_eq!((counts.rows.nonempty, counts.rows.single, counts.rows.over_half), (3, 2, 0));
        assert_eq!((counts.cols.nonempty, counts.cols.single, counts.cols.over_half), (3, 2, 1));
        assert!(counts.is_exact && !counts.is_diagonal);
    }

    #[test]
    fn the_same_for_any_number_of_threads() {
        let cells = |i: usize| (0..i % 41).map(move |k| (k * 97 + i * 13 % 89) as u32);
        let (mut row_ptr, mut col) = (vec![0], Vec::new());
        for i in 0..20_000 {
            col.extend(cells(i));
            row_ptr.push(col.len());
        }
        let val = vec![1.0; col.len()];
        let x = Csr::from_parts(20_000, 5000, row_ptr, col, val);
        let mut cols = vec![0; 5000];
        x.col().iter().for_each(|&j| cols[j as usize] += 1);
        in_pools(|| assert_eq!(Counts::of_sparse(&x).cols.counts, cols));
    }
}
