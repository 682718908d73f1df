//! Counts of the cells of every row and column, and of those that are alone in theirs (matrix non-zero count sketches;
//! Sommer, Boehm, Evfimievski, Reinwald, Haas, "MNC: structure-exploiting sparsity estimation for matrix expressions",
//! SIGMOD 2019).
//!
//! Products are exact where the rows of A or the columns of B have one cell at most, as selections, permutations,
//! scalings and one-hot matrices do. Otherwise cells that are alone in their row of A (or column of B) are counted, and
//! the rest is estimated over the rows and columns that can hold it. Counts of results are scaled counts of inputs,
//! rounded at random, such that rows of A with few cells leave rows empty.
//!
//! - [`counts`]: the sketch, two scans of the cells
//! - `product`, `cells`, `layout`: the operations
//!
//! Invariant: a sketch that is marked `is_exact` has the true counts; only those make bounds.

mod cells;
pub mod counts;
mod layout;
mod product;

use counts::Counts;

use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// Counts of rows and columns.
#[derive(Debug)]
pub struct Mnc {
    /// How counts are rounded.
    pub seed: u64,
}

/// The longest dimension whose counts a sketch holds; longer ones only come from shapes that are no blocks.
const LONGEST: usize = 1 << 32;

impl Estimator<'_> for Mnc {
    type Structure = Counts;

    fn leaf(&self, leaf: Leaf<'_>) -> Option<Counts> {
        match leaf {
            Leaf::Sparse(x) => Some(Counts::of_sparse(x)),
            Leaf::Dense(x) => Some(Counts::of_dense(x)),
            Leaf::Known { .. } => None,
        }
    }

    fn multiply_adds(&self, a: &Counts, b: &Counts) -> Option<f64> {
        Some(a.multiply_adds(b))
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Counts>]) -> Option<Counted<Counts>> {
        let first = inputs.first()?.structure?;
        let second = || inputs.get(1)?.structure;
        match op {
            Op::Product => Some(product::count(first, second()?)),
            Op::Times => Some(cells::count_common(first, second()?)),
            Op::Plus => Some(cells::count_either(first, second()?)),
            Op::DiagVector => Some(layout::count_diagonal(first)),
            _ => None,
        }
    }

    fn propagate(
        &self,
        op: Op,
        inputs: &[Sketch<'_, Counts>],
        (shape, estimate): (Shape, Estimate),
    ) -> Option<Counts> {
        let first = inputs.first()?.structure?;
        let second = || inputs.get(1)?.structure;
        if shape.rows >= LONGEST || shape.cols >= LONGEST {
            return None;
        }
        match op {
            Op::Product => Some(product::counts(first, second()?, estimate.nnz, self.seed)),
            Op::Times => Some(cells::common(first, second()?, self.seed)),
            Op::Plus => Some(cells::either(first, second()?, self.seed)),
            Op::Transpose => Some(first.transposed()),
            Op::Cbind => Some(layout::above(&first.transposed(), &second()?.transposed()).transposed()),
            Op::Rbind => Some(layout::above(first, second()?)),
            Op::DiagMatrix => Some(layout::on_diagonal(first)),
            Op::DiagVector => Some(layout::diagonal(first, self.seed)),
            Op::Reshape(to) => Some(layout::reshaped(first, to, self.seed)),
            Op::NotZero => Some(first.clone()),
            Op::EqualsZero => Some(layout::complement(first)),
        }
    }
}
