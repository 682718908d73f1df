//! The density of each row, through the cells of the left matrix: a cell of row `i` of `A %*% B` is zero with
//! probability `prod (1 - s[k])` over the cells `k` of row `i` of A, for row densities `s` of B (Lin et al., "Towards
//! optimal order of sparse matrix chain multiplication", PACMMOD 2024).
//!
//! Chains are taken from right to left through their leaves, without results in between. What is kept of a row is the
//! logarithm of the probability of a zero, which is added up. A left matrix that is `A * B`, `A == 0` or reshaped has
//! no cells to go through: its rows meet the rows of the right one at the mean.

use super::action::{Action, of_inputs};
use super::bounds::{either, share};
use super::counting::{column_counts, row_counts};
use super::panel::{Join, Panel};
use super::{Counted, Estimate, Estimator, Leaf, Op, Shape, Sketch};

/// The density of each row.
#[derive(Debug)]
pub struct RowWise;

/// The rows of a matrix.
#[derive(Debug)]
pub struct Rows<'a> {
    action: Option<Action<'a>>,
    /// The logarithm of the probability that a cell of the row is zero.
    zero: Panel<f64>,
}

/// That independent cells are all zero: the logarithms of their probabilities are added.
#[derive(Clone, Copy)]
struct AllZero;

impl Join for AllZero {
    type Number = f64;
    const NONE: f64 = 0.0;

    #[inline(always)]
    fn join(a: f64, b: f64) -> f64 {
        a + b
    }
}

/// Logarithms of the probabilities of zeros, of densities.
fn zeros(densities: impl Iterator<Item = f64>) -> Panel<f64> {
    Panel { width: 1, numbers: densities.map(|density| (-density.clamp(0.0, 1.0)).ln_1p()).collect() }
}

/// The density of each row.
fn densities(zero: &Panel<f64>) -> impl Iterator<Item = f64> + '_ {
    zero.numbers.iter().map(|zero| -zero.exp_m1())
}

fn counted(counts: &[u32], of: usize) -> Panel<f64> {
    zeros(counts.iter().map(|&count| share(f64::from(count), of as f64)))
}

/// The rows of a matrix that is known by its leaves.
fn rows_of(action: &Action<'_>) -> Panel<f64> {
    match action {
        Action::Leaf(pattern) => counted(&row_counts(&pattern.by_row), pattern.by_row.cols()),
        Action::Transposed(pattern) => counted(&column_counts(&pattern.by_row), pattern.by_row.rows()),
        Action::Diagonal(cells) => {
            zeros(cells.iter().map(|&cell| share(f64::from(cell), cells.len() as f64)))
        }
        Action::Product(parts) => parts[0].apply::<AllZero>(&rows_of(&parts[1])),
        Action::Plus(parts) => super::panel::join_all::<AllZero>(rows_of(&parts[0]), &rows_of(&parts[1])),
        Action::Rbind(parts) => rows_of(&parts[0]).above(rows_of(&parts[1])),
        Action::Cbind(parts, left) => {
            beside((&rows_of(&parts[0]), *left), (&rows_of(&parts[1]), parts[1].cols()))
        }
    }
}

/// Rows side by side, of so many columns each.
fn beside((a, left): (&Panel<f64>, usize), (b, right): (&Panel<f64>, usize)) -> Panel<f64> {
    let (left, right) = (left as f64, right as f64);
    zeros(densities(a).zip(densities(b)).map(|(a, b)| share(a * left + b * right, left + right)))
}

/// Rows of A whose cells are not known, by those of B at the mean.
fn at_the_mean(a: &Panel<f64>, b: &Panel<f64>) -> Panel<f64> {
    let inner = b.numbers.len() as f64;
    let mean = share(densities(b).sum(), inner);
    let numbers =
        densities(a).map(|a| if inner == 0.0 { 0.0 } else { inner * (-(a * mean).min(1.0)).ln_1p() });
    Panel { width: 1, numbers: numbers.collect() }
}

/// The rows of what is uncertain.
fn result(op: Op, a: &Rows<'_>, b: &Rows<'_>) -> Option<Panel<f64>> {
    match (op, &a.action) {
        (Op::Product, Some(action)) => Some(action.apply::<AllZero>(&b.zero)),
        (Op::Product, None) => Some(at_the_mean(&a.zero, &b.zero)),
        (Op::Plus, _) => Some(zeros(densities(&a.zero).zip(densities(&b.zero)).map(|(a, b)| either(a, b)))),
        (Op::Times, _) => Some(zeros(densities(&a.zero).zip(densities(&b.zero)).map(|(a, b)| a * b))),
        _ => None,
    }
}

impl<'a> Estimator<'a> for RowWise {
    type Structure = Rows<'a>;

    fn leaf(&self, leaf: Leaf<'a>) -> Option<Rows<'a>> {
        let action = Action::leaf(leaf)?;
        Some(Rows { zero: rows_of(&action), action: Some(action) })
    }

    fn count(&self, op: Op, inputs: &[Sketch<'_, Rows<'a>>]) -> Option<Counted<Rows<'a>>> {
        let [a, b] = inputs else { return None };
        let zero = result(op, a.structure?, b.structure?)?;
        let nnz = b.shape.cols as f64 * densities(&zero).sum::<f64>();
        let action = Action::result(op, &of_inputs(inputs, |rows| rows.action.as_ref()));
        Some(Counted::about(nnz).with(Rows { action, zero }))
    }

    fn propagate(
        &self,
        op: Op,
        inputs: &[Sketch<'_, Rows<'a>>],
        (shape, estimate): (Shape, Estimate),
    ) -> Option<Rows<'a>> {
        let first = inputs.first()?.structure?;
        let second = || inputs.get(1)?.structure;
        let action = Action::result(op, &of_inputs(inputs, |rows| rows.action.as_ref()));
        let zero = match (op, &action) {
            (Op::Cbind, _) => {
                beside((&first.zero, inputs[0].shape.cols), (&second()?.zero, inputs.get(1)?.shape.cols))
            }
            (Op::Rbind, _) => first.zero.clone().above(second()?.zero.clone()),
            (Op::EqualsZero, _) => zeros(densities(&first.zero).map(|density| 1.0 - density)),
            (_, Some(action)) => rows_of(action),
            _ => zeros(std::iter::repeat_n(share(estimate.nnz, shape.cells()), shape.rows)),
        };
        Some(Rows { action, zero })
    }
}
