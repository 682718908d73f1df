//! The smallest hashes of the cells of a product (Amossen, Campagna, Pagh, "Better size estimation for sparse matrix
//! products", 2010).
//!
//! A cell `(i, j)` hashes to `h(i) - g(j)` modulo one. Of a column of A, ordered by `h`, and a row of B, ordered by `g`,
//! the pairs below a threshold lie side by side, so that they are found without touching the others. The threshold is
//! the [`KEPT`]-th smallest hash so far; in the end it tells the count, as in [`crate::sketch`]. Products of fewer cells
//! are counted exactly. The relative standard error is about `1 / sqrt(KEPT)`.
//!
//! Cells are needed: leaves have them, and what only moves them; other results take the average.

use std::borrow::Cow;

use super::random::hash;
use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};
use crate::reorg::{CellOrder, diag_matrix_sparse, reshape_sparse};
use crate::{Csr, bind, transpose};

/// The number of hashes that are kept.
pub const KEPT: usize = 1024;

/// The smallest hashes.
#[derive(Debug)]
pub struct Hashing {
    /// Which hash functions.
    pub seed: u64,
}

/// Lists of places, each ordered by hash.
struct Lists {
    start: Vec<usize>,
    place: Vec<u32>,
}

impl Lists {
    fn get(&self, k: usize) -> &[u32] {
        &self.place[self.start[k]..self.start[k + 1]]
    }

    /// For each column of `x` its rows: dealing out the rows in the order of their hashes leaves every list in it.
    fn of_columns(x: &Csr, hashes: &[u64]) -> Lists {
        let mut order: Vec<u32> = (0..x.rows() as u32).collect();
        order.sort_unstable_by_key(|&i| hashes[i as usize]);
        let mut start = vec![0; x.cols() + 1];
        x.col().iter().for_each(|&k| start[k as usize + 1] += 1);
        (0..x.cols()).for_each(|k| start[k + 1] += start[k]);
        let (mut next, mut place) = (start.clone(), vec![0; x.nnz()]);
        for i in order {
            for &k in x.row(i as usize).0 {
                place[next[k as usize]] = i;
                next[k as usize] += 1;
            }
        }
        Lists { start, place }
    }
}

/// The smallest of the hashes that it has seen.
struct Smallest {
    hashes: Vec<u64>,
    /// What is above is of no use.
    threshold: u64,
}

impl Smallest {
    fn add(&mut self, hash: u64) {
        self.hashes.push(hash);
        if self.hashes.len() == 2 * KEPT {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
        self.hashes.truncate(KEPT);
        if self.hashes.len() == KEPT {
            self.threshold = self.hashes[KEPT - 1];
        }
    }

    fn count(mut self) -> f64 {
        self.settle();
        if self.hashes.len() < KEPT {
            return self.hashes.len() as f64;
        }
        let place = (self.threshold as f64 + 1.0) / 2.0_f64.powi(64);
        (KEPT - 1) as f64 / place
    }
}

impl Hashing {
    fn product(&self, a: &Csr, b: &Csr) -> f64 {
        let h: Vec<u64> = (0..a.rows()).map(|i| hash(i, self.seed)).collect();
        let g: Vec<u64> = (0..b.cols()).map(|j| hash(j, !self.seed)).collect();
        let rows = Lists::of_columns(a, &h);
        let cols = Lists::of_columns(&transpose::sparse(b), &g);
        let mut smallest = Smallest { hashes: Vec::with_capacity(2 * KEPT), threshold: u64::MAX };
        for k in 0..a.cols() {
            pairs((rows.get(k), &h), (cols.get(k), &g), &mut smallest);
        }
        smallest.count()
    }
}

/// The pairs of a column and a row whose hash is below the threshold: for ascending `g(j)` the rows whose `h` follows
/// on it, around the end of the list if need be.
fn pairs((rows, h): (&[u32], &[u64]), (cols, g): (&[u32], &[u64]), smallest: &mut Smallest) {
    let mut first = 0;
    for &j in cols {
        let from = g[j as usize];
        while first < rows.len() && h[rows[first] as usize] < from {
            first += 1;
        }
        for &i in rows[first..].iter().chain(&rows[..first]) {
            let hash = h[i as usize].wrapping_sub(from);
            if hash > smallest.threshold {
                break;
            }
            smallest.add(hash);
        }
    }
}

impl<'a> Estimator<'a> for Hashing {
    type Structure = Cow<'a, Csr>;

    fn leaf(&self, leaf: Leaf<'a>) -> Option<Cow<'a, Csr>> {
        leaf.pattern()
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Cow<'a, Csr>>]) -> Option<Counted<Cow<'a, Csr>>> {
        let (Op::Product, [a, b]) = (op, inputs) else { return None };
        Some(Counted::about(self.product(a.structure?, b.structure?)))
    }

    fn propagate(
        &self,
        op: Op,
        inputs: &[Sketch<'_, Cow<'a, Csr>>],
        (shape, _): (Shape, Estimate),
    ) -> Option<Cow<'a, Csr>> {
        if shape.cols > Csr::MAX_COLS {
            return None;
        }
        let first = inputs.first()?.structure?;
        let second = || inputs.get(1)?.structure.map(|second| second.as_ref());
        match op {
            Op::Transpose => Some(Cow::Owned(transpose::sparse(first))),
            Op::Cbind => Some(Cow::Owned(bind::cbind_sparse(&[first, second()?]))),
            Op::Rbind => Some(Cow::Owned(bind::rbind_sparse(&[first, second()?]))),
            Op::DiagMatrix => Some(Cow::Owned(diag_matrix_sparse(first))),
            Op::Reshape(to) => Some(Cow::Owned(reshape_sparse(first, to.rows, to.cols, CellOrder::ByRow))),
            Op::NotZero => Some(first.clone()),
            Op::Product | Op::Plus | Op::Times | Op::EqualsZero | Op::DiagVector => None,
        }
    }
}
