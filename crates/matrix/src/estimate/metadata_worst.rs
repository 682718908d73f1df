//! Counts alone, in the worst case: the upper bound, `min(1, sA n) min(1, sB n)` of the cells of `A %*% B` for densities
//! `sA`, `sB` of square matrices. What memory is reserved by.

use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// The upper bound.
#[derive(Debug)]
pub struct MetadataWorst;

impl Estimator<'_> for MetadataWorst {
    type Structure = ();

    fn leaf(&self, _: Leaf<'_>) -> Option<()> {
        None
    }

    /// More than the bounds allow, which take it back.
    fn count(&self, _: Op, _: &[Sketch<'_, ()>]) -> Option<Counted<()>> {
        Some(Counted::about(f64::INFINITY))
    }

    fn propagate(&self, _: Op, _: &[Sketch<'_, ()>], _: (Shape, Estimate)) -> Option<()> {
        None
    }
}
