//! A tenth of the inner dimension: outer products of columns of A by rows of B, of which only the counts are needed.
//!
//! The largest of them is a lower bound of `A %*% B`. If cells lay evenly within each, the count would be
//! `m l (1 - prod_k (1 - v_k))` for `v_k = cols(A)[k] rows(B)[k] / (m l)`; those that are not in the sample are taken to
//! have the mean of the `v_k`.
//!
//! Counts of sampled rows and columns pass through transposing, comparing and `diag(v)`, and through binding where the
//! sample is the same; elsewhere the average is taken, and so it is for everything but products.

use super::counting::{column_counts, row_counts};
use super::random::hash;
use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// One of so many places is in the sample.
const STRIDE: usize = 10;

/// So many places are, if there are as many.
const LEAST: usize = 16;

/// What the sample is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The lower bound.
    Biased,
    /// Scaled up.
    Unbiased,
}

/// A sample of the inner dimension.
#[derive(Debug)]
pub struct Sampling {
    /// What the sample is used for.
    pub form: Form,
    /// Which sample.
    pub seed: u64,
}

/// The counts of the sampled rows and columns, where they are known.
#[derive(Clone, Debug)]
pub struct Sampled {
    rows: Option<Vec<u32>>,
    cols: Option<Vec<u32>>,
}

impl Sampling {
    /// Places in a dimension, one in each of equal stretches.
    fn places(&self, len: usize) -> impl Iterator<Item = usize> {
        let seed = self.seed;
        let count = len.div_ceil(STRIDE).max(LEAST.min(len));
        let start = move |s: usize| (s as u128 * len as u128 / count as u128) as usize;
        (0..count).map(move |s| {
            let width = start(s + 1) - start(s);
            start(s) + (hash(s, seed) % width as u64) as usize
        })
    }

    fn at_places(&self, counts: &[u32]) -> Vec<u32> {
        self.places(counts.len()).map(|at| counts[at]).collect()
    }

    /// `A %*% B` of the counts in the sample.
    fn product(&self, a: &[u32], b: &[u32], inner: usize, cells: f64) -> Counted<Sampled> {
        let outer = || a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
        let largest = outer().fold(0.0, f64::max);
        let nnz = match self.form {
            Form::Biased => largest,
            Form::Unbiased if cells == 0.0 || a.is_empty() => 0.0,
            Form::Unbiased => {
                let misses: f64 = outer().map(|v| (-(v / cells).min(1.0)).ln_1p()).sum();
                let mean = outer().sum::<f64>() / cells / a.len() as f64;
                // All of them are in the sample: nothing is left to scale, not even where one is certain.
                let others = (inner - a.len()) as f64;
                let rest = if others > 0.0 { others * (-mean.min(1.0)).ln_1p() } else { 0.0 };
                -cells * (misses + rest).exp_m1()
            }
        };
        Counted { lower: largest, ..Counted::about(nnz) }
    }
}

impl Estimator<'_> for Sampling {
    type Structure = Sampled;

    fn leaf(&self, leaf: Leaf<'_>) -> Option<Sampled> {
        let pattern = leaf.pattern()?;
        let rows = self.at_places(&row_counts(&pattern));
        Some(Sampled { rows: Some(rows), cols: Some(self.at_places(&column_counts(&pattern))) })
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Sampled>]) -> Option<Counted<Sampled>> {
        let (Op::Product, [a, b]) = (op, inputs) else { return None };
        let (cols, rows) = (a.structure?.cols.as_ref()?, b.structure?.rows.as_ref()?);
        Some(self.product(cols, rows, a.shape.cols, a.shape.rows as f64 * b.shape.cols as f64))
    }

    fn propagate(&self, op: Op, inputs: &[Sketch<'_, Sampled>], _: (Shape, Estimate)) -> Option<Sampled> {
        let first = inputs.first()?.structure?.clone();
        let second = || inputs.get(1)?.structure.cloned();
        let shape = inputs.first()?.shape;
        match op {
            Op::Transpose => Some(Sampled { rows: first.cols, cols: first.rows }),
            Op::NotZero => Some(first),
            Op::EqualsZero => Some(Sampled {
                rows: first.rows.map(|counts| rest(counts, shape.cols)),
                cols: first.cols.map(|counts| rest(counts, shape.rows)),
            }),
            Op::DiagMatrix => Some(Sampled { cols: first.rows.clone(), rows: first.rows }),
            Op::Cbind => Some(Sampled { rows: sum(first.rows, second()?.rows), cols: None }),
            Op::Rbind => Some(Sampled { rows: None, cols: sum(first.cols, second()?.cols) }),
            Op::Reshape(to) if to == shape => Some(first),
            _ => None,
        }
    }
}

/// The cells that are not counted.
fn rest(counts: Vec<u32>, of: usize) -> Vec<u32> {
    counts.into_iter().map(|count| (of - count as usize) as u32).collect()
}

fn sum(a: Option<Vec<u32>>, b: Option<Vec<u32>>) -> Option<Vec<u32>> {
    Some(a?.into_iter().zip(b?).map(|(a, b)| a + b).collect())
}
