//! A graph of the chain: its layers are the dimensions, its edges the cells of the leaves (Cohen, "Structure prediction
//! and matrix multiplication", 1998).
//!
//! Every column of the last matrix draws [`DRAWS`] numbers from the exponential distribution. The smallest number that
//! a row reaches along the edges is exponential too, with as many times the rate as columns are reached, so that `r` of
//! them tell how many these are: `(r - 1) / sum`, without bias. Sums of matrices are unions of edges. Of `A * B` the
//! part of the draws whose minima agree tells the part of the union that both reach (Broder 1997); the result, and
//! that of `A == 0`, has no edges, so that what depends on it takes the average.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::action::{Action, of_inputs};
use super::panel::{Join, Panel, join_into};
use super::random::uniform;
use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// Draws of each column.
pub const DRAWS: usize = 32;

/// The minima of exponential draws.
#[derive(Debug)]
pub struct LayeredGraph {
    /// Which draws.
    pub seed: u64,
}

/// The edges of a matrix, and what its rows reach.
#[derive(Debug)]
pub struct Edges<'a> {
    action: Action<'a>,
    minima: OnceLock<Panel<f32>>,
}

/// The smaller one.
#[derive(Clone, Copy)]
struct Least;

impl Join for Least {
    type Number = f32;
    const NONE: f32 = f32::INFINITY;

    #[inline(always)]
    fn join(a: f32, b: f32) -> f32 {
        if b < a { b } else { a }
    }
}

impl LayeredGraph {
    /// What the rows of a matrix reach.
    fn minima<'s>(&self, sketch: &Sketch<'s, Edges<'_>>) -> Option<&'s Panel<f32>> {
        let edges = sketch.structure?;
        Some(edges.minima.get_or_init(|| edges.action.apply::<Least>(&self.draws(sketch.shape.cols))))
    }

    fn draws(&self, cols: usize) -> Panel<f32> {
        let draw = |at: usize| -uniform(at, self.seed).ln() as f32;
        Panel { width: DRAWS, numbers: (0..cols * DRAWS).into_par_iter().map(draw).collect() }
    }

    fn product<'a>(&self, inputs: &[Sketch<'_, Edges<'a>>]) -> Option<Counted<Edges<'a>>> {
        let (a, b) = (inputs.first()?, inputs.get(1)?);
        let minima = a.structure?.action.apply::<Least>(self.minima(b)?);
        let action = Action::result(Op::Product, &of_inputs(inputs, |edges| Some(&edges.action)))?;
        let nnz = reached(&minima, b.shape.cols);
        Some(Counted::about(nnz).with(Edges { action, minima: OnceLock::from(minima) }))
    }

    /// Of a union the structure, of an intersection the count.
    fn cells<'a>(&self, op: Op, inputs: &[Sketch<'_, Edges<'a>>]) -> Option<Counted<Edges<'a>>> {
        let (a, b) = (inputs.first()?, inputs.get(1)?);
        let (of_a, of_b, cols) = (self.minima(a)?, self.minima(b)?, a.shape.cols);
        let mut union = of_a.clone();
        join_into::<Least>(&mut union.numbers, &of_b.numbers);
        if op == Op::Times {
            let rows = 0..union.rows();
            let common = rows.map(|i| agreeing(of_a.row(i), of_b.row(i)) * count(union.row(i), cols));
            return Some(Counted::about(common.sum()));
        }
        let action = Action::result(op, &of_inputs(inputs, |edges| Some(&edges.action)))?;
        let nnz = reached(&union, cols);
        Some(Counted::about(nnz).with(Edges { action, minima: OnceLock::from(union) }))
    }
}

/// The part of the draws whose minima agree, of rows that reach anything.
fn agreeing(a: &[f32], b: &[f32]) -> f64 {
    let same = a.iter().zip(b).filter(|(a, b)| a == b && a.is_finite()).count();
    same as f64 / DRAWS as f64
}

/// How many columns all rows reach.
fn reached(minima: &Panel<f32>, cols: usize) -> f64 {
    (0..minima.rows()).map(|i| count(minima.row(i), cols)).sum()
}

/// How many columns a row reaches, of so many.
fn count(minima: &[f32], cols: usize) -> f64 {
    let sum: f64 = minima.iter().map(|&x| f64::from(x)).sum();
    // A row that reaches nothing has infinite minima; the others reach a column at least.
    if sum.is_finite() { ((DRAWS - 1) as f64 / sum).clamp(1.0, cols as f64) } else { 0.0 }
}

impl<'a> Estimator<'a> for LayeredGraph {
    type Structure = Edges<'a>;

    fn leaf(&self, leaf: Leaf<'a>) -> Option<Edges<'a>> {
        Some(Edges { action: Action::leaf(leaf)?, minima: OnceLock::new() })
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Edges<'a>>]) -> Option<Counted<Edges<'a>>> {
        match op {
            Op::Product => self.product(inputs),
            Op::Plus | Op::Times => self.cells(op, inputs),
            _ => None,
        }
    }

    fn propagate(&self, op: Op, inputs: &[Sketch<'_, Edges<'a>>], _: (Shape, Estimate)) -> Option<Edges<'a>> {
        let action = Action::result(op, &of_inputs(inputs, |edges| Some(&edges.action)))?;
        Some(Edges { action, minima: OnceLock::new() })
    }
}
