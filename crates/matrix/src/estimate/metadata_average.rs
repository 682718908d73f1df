//! Counts alone, as if cells lay evenly and independently: a cell of `A %*% B` is zero with probability
//! `(1 - sA sB)^n` for densities `sA`, `sB` and the inner dimension `n`.

use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// The average, which is what every estimator falls back to.
#[derive(Debug)]
pub struct MetadataAverage;

impl Estimator<'_> for MetadataAverage {
    type Structure = ();

    fn leaf(&self, _: Leaf<'_>) -> Option<()> {
        None
    }

    fn count(&self, _: Op, _: &[Sketch<'_, ()>]) -> Option<Counted<()>> {
        None
    }

    fn propagate(&self, _: Op, _: &[Sketch<'_, ()>], _: (Shape, Estimate)) -> Option<()> {
        None
    }
}
