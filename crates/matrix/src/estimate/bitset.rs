//! The structure itself, a bit per cell: exact, at `m n l / 64` word operations for a product.
//!
//! A structure of more than [`MOST_BITS`] is not kept; what depends on it falls back to the average.

use rayon::prelude::*;

use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// The largest structure: 128 MiB.
pub const MOST_BITS: usize = 1 << 30;

/// The exact structure.
#[derive(Debug)]
pub struct Bitset;

/// Rows of bits, each from a word of its own on.
#[derive(Clone, PartialEq, Debug)]
pub struct Bits {
    shape: Shape,
    stride: usize,
    words: Vec<u64>,
}

impl Bits {
    /// All bits clear; none above [`MOST_BITS`].
    fn clear(shape: Shape) -> Option<Bits> {
        let stride = shape.cols.div_ceil(64);
        let words = stride.checked_mul(shape.rows).filter(|words| *words <= MOST_BITS / 64)?;
        Some(Bits { shape, stride, words: vec![0; words] })
    }

    fn of(shape: Shape, cells: impl Iterator<Item = (usize, usize)>) -> Option<Bits> {
        let mut bits = Bits::clear(shape)?;
        cells.for_each(|(i, j)| bits.words[i * bits.stride + j / 64] |= 1 << (j % 64));
        Some(bits)
    }

    fn count(&self) -> f64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() as f64
    }

    fn row(&self, i: usize) -> &[u64] {
        &self.words[i * self.stride..(i + 1) * self.stride]
    }

    /// Row and column of each set bit.
    fn cells(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.shape.rows).flat_map(|i| ones(self.row(i)).map(move |j| (i, j)))
    }

    /// Word by word.
    fn zip(&self, other: &Bits, f: impl Fn(u64, u64) -> u64) -> Bits {
        let words = self.words.iter().zip(&other.words).map(|(&a, &b)| f(a, b)).collect();
        Bits { shape: self.shape, stride: self.stride, words }
    }

    /// The product of both as matrices of truth values.
    fn product(&self, other: &Bits) -> Option<Bits> {
        let mut out = Bits::clear(Shape { rows: self.shape.rows, cols: other.shape.cols })?;
        out.words.par_chunks_mut(out.stride.max(1)).enumerate().for_each(|(i, row)| {
            for k in ones(self.row(i)) {
                row.iter_mut().zip(other.row(k)).for_each(|(word, &more)| *word |= more);
            }
        });
        Some(out)
    }

    fn complement(&self) -> Option<Bits> {
        let mut out = Bits::clear(self.shape)?;
        for (at, (word, &bits)) in out.words.iter_mut().zip(&self.words).enumerate() {
            let left = self.shape.cols - at % self.stride * 64;
            *word = !bits & (u64::MAX >> (64 - left.min(64)));
        }
        Some(out)
    }
}

/// The places of the set bits.
fn ones(words: &[u64]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(at, &word)| {
        let next = |word: &u64| Some(word & word.wrapping_sub(1)).filter(|&word| word != 0);
        std::iter::successors(Some(word).filter(|&word| word != 0), next)
            .map(move |word| at * 64 + word.trailing_zeros() as usize)
    })
}

impl Estimator<'_> for Bitset {
    type Structure = Bits;

    fn leaf(&self, leaf: Leaf<'_>) -> Option<Bits> {
        let shape = leaf.shape();
        Bits::clear(shape)?;
        let pattern = leaf.pattern()?;
        let cells = |i: usize| pattern.row(i).0.iter().map(move |&j| (i, j as usize));
        Bits::of(shape, (0..shape.rows).flat_map(cells))
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Bits>]) -> Option<Counted<Bits>> {
        let first = inputs.first()?.structure?;
        let second = || inputs.get(1)?.structure;
        let bits = match op {
            Op::Product => first.product(second()?)?,
            Op::Plus => first.zip(second()?, |a, b| a | b),
            Op::Times => first.zip(second()?, |a, b| a & b),
            Op::DiagVector => {
                let shape = Shape { rows: first.shape.rows, cols: 1 };
                Bits::of(shape, first.cells().filter(|(i, j)| i == j).map(|(i, _)| (i, 0)))?
            }
            _ => return None,
        };
        Some(Counted::exactly(bits.count()).with(bits))
    }

    fn propagate(&self, op: Op, inputs: &[Sketch<'_, Bits>], result: (Shape, Estimate)) -> Option<Bits> {
        let (shape, _) = result;
        let first = inputs.first()?.structure?;
        let below = || Some(first.cells().chain(inputs.get(1)?.structure?.cells()));
        match op {
            Op::Transpose => Bits::of(shape, first.cells().map(|(i, j)| (j, i))),
            Op::DiagMatrix => Bits::of(shape, first.cells().map(|(i, _)| (i, i))),
            Op::NotZero => Some(first.clone()),
            Op::EqualsZero => first.complement(),
            Op::Reshape(_) => Bits::of(
                shape,
                first.cells().map(|(i, j)| {
                    let at = i * first.shape.cols + j;
                    (at / shape.cols, at % shape.cols)
                }),
            ),
            Op::Cbind | Op::Rbind => {
                let (down, right) =
                    if op == Op::Rbind { (first.shape.rows, 0) } else { (0, first.shape.cols) };
                let before = first.count() as usize;
                let moved = |(at, (i, j)): (usize, (usize, usize))| {
                    if at < before { (i, j) } else { (i + down, j + right) }
                };
                Bits::of(shape, below()?.enumerate().map(moved))
            }
            Op::Product | Op::Plus | Op::Times | Op::DiagVector => None,
        }
    }
}
