//! From index values to positions.

use std::ops::Range;

use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_matrix::select;
use tilewright_value::{Scalar, Value};

use super::Side;
use crate::facts::{Dim, Facts, Kind, Linear};

/// The chosen positions of one side, counted from 0 and inside of what is indexed.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// Consecutive ones.
    Range(Range<usize>),
    /// Any, in this order, as often as they are named.
    Positions(Vec<usize>),
}

impl Choice {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Choice::Range(range) => range.len(),
            Choice::Positions(positions) => positions.len(),
        }
    }

    /// One by one.
    pub fn positions(&self) -> Vec<usize> {
        match self {
            Choice::Range(range) => range.clone().collect(),
            Choice::Positions(positions) => positions.clone(),
        }
    }
}

/// What is indexed, for checks and messages: `row` 7 of `a 5x3 matrix`.
#[derive(Clone, Copy)]
pub struct Extent<'a> {
    /// What is counted: `row`, `column`, `element`.
    pub what: &'static str,
    /// How many there are.
    pub count: usize,
    /// Describes the whole.
    pub whole: &'a dyn Fn() -> String,
}

impl Extent<'_> {
    /// Checks `from:to`, both ends included; an empty range `n+1:n` chooses nothing.
    pub fn check(&self, from: i64, to: i64) -> Outcome<()> {
        if from >= 1 && to <= self.count as i64 && from <= to + 1 {
            return Ok(());
        }
        let what = self.what;
        let asked = if from == to { format!("{what} {from}") } else { format!("{what}s {from} to {to}") };
        let fault = fault!(Index, "{asked} of {}", (self.whole)());
        Err(match (from, to) {
            (0, 0) => fault.hint("positions count from 1"),
            _ if from > to + 1 => fault.hint("a range runs from the smaller to the larger position"),
            _ if self.count == 0 => fault.hint("it is empty"),
            _ => fault.hint(format!("valid are {what}s 1 to {}", self.count)),
        })
    }

    /// The positions that the values of one side choose.
    ///
    /// # Errors
    /// When one of them is outside.
    pub fn choose(&self, side: Side, indices: &[Value]) -> Outcome<Choice> {
        let (from, to) = match (side, indices) {
            (Side::All, _) => return Ok(Choice::Range(0..self.count)),
            (Side::Range, [from, to]) => (position(from)?, position(to)?),
            (_, [index]) if is_single(index) => (position(index)?, position(index)?),
            (_, [index]) => return self.several(index),
            _ => bail!(Internal, "{} index values of one side", indices.len()),
        };
        self.check(from, to)?;
        Ok(Choice::Range(from as usize - 1..to as usize))
    }

    /// The positions in a vector or list; truth values, one for each of what is indexed, choose where they hold.
    fn several(&self, index: &Value) -> Outcome<Choice> {
        match index {
            Value::Matrix(matrix) => {
                let block = matrix.pin();
                if block.rows() != 1 && block.cols() != 1 && block.rows() * block.cols() > 0 {
                    bail!(Shape, "{} as an index", index.describe(); hint: "an index is a position, a vector of positions, or one truth value per {}", self.what);
                }
                self.positions(block.dense().cells(), matrix.is_logical())
            }
            Value::List(list) => {
                let number = |(_, value): (_, &Value)| value.as_scalar()?.as_double();
                self.positions(&list.iter().map(number).collect::<Outcome<Vec<_>>>()?, false)
            }
            other => {
                bail!(Type, "{} as an index", other.describe(); hint: "an index is a number or a vector of numbers")
            }
        }
    }

    fn positions(&self, values: &[f64], logical: bool) -> Outcome<Choice> {
        if logical && values.len() == self.count {
            return Ok(Choice::Positions((0..self.count).filter(|&at| values[at] != 0.0).collect()));
        }
        let no_position = |at: usize| self.no_position(values[at], logical.then_some(values.len()));
        select::positions(values, self.count).map(Choice::Positions).map_err(no_position)
    }

    /// Why a value is none of several positions, which unlike a single one must be whole numbers.
    fn no_position(&self, value: f64, truths: Option<usize>) -> Fault {
        let (what, count) = (self.what, self.count);
        let shown = Scalar::Double(value).to_string();
        let shown = shown.strip_suffix(".0").unwrap_or(&shown);
        let fault = fault!(Index, "{what} {shown} of {}", (self.whole)());
        match truths {
            Some(given) => {
                fault.hint(format!("{given} truth values select among {given}, there are {count} {what}s"))
            }
            None if value == 0.0 => fault.hint(format!(
                "positions count from 1; to select, compare: `X[v == 1, ]` with one value per {what}"
            )),
            None if value.fract() != 0.0 => fault.hint("positions are whole numbers"),
            None => fault.hint(format!("valid are {what}s 1 to {count}")),
        }
    }
}

fn position(value: &Value) -> Outcome<i64> {
    value.as_scalar()?.as_integer()
}

/// A scalar, or a 1x1 matrix that is no selection.
fn is_single(index: &Value) -> bool {
    match index {
        Value::Scalar(_) => true,
        Value::Matrix(matrix) => matrix.rows() == 1 && matrix.cols() == 1 && !matrix.is_logical(),
        Value::Frame(_) | Value::List(_) => false,
    }
}

/// The known positions of a side, both ends included.
pub fn known(side: Side, indices: &[Facts], extent: Dim) -> Outcome<Option<(i64, i64)>> {
    let at = |k: usize| indices[k].constant.as_ref().map(Scalar::as_integer).transpose();
    Ok(match side {
        Side::All => extent.known().map(|n| (1, n as i64)),
        Side::One | Side::Element => at(0)?.map(|i| (i, i)),
        Side::Range => at(0)?.zip(at(1)?),
    })
}

/// How many positions a side chooses, as far as it is known.
pub fn count(side: Side, indices: &[Facts], bounds: Option<(i64, i64)>, all: Dim) -> Dim {
    match (side, bounds) {
        (Side::All, _) => all,
        (Side::Range, Some((from, to))) => Dim::Known((to - from + 1).max(0) as u64),
        // A range that ends before it begins fails while running.
        (Side::Range, None) => {
            let ends = indices[0].linear().zip(indices[1].linear());
            Dim::of(ends.and_then(|(from, to)| to.minus(from)?.plus(Linear::Number(1))))
        }
        (Side::One | Side::Element, _) => several(&indices[0], all),
    }
}

/// How many positions one index value holds.
fn several(index: &Facts, all: Dim) -> Dim {
    let (rows, cols) = index.dims();
    let cells = rows.times(cols);
    match index.kind {
        Kind::Scalar(_) => Dim::Known(1),
        Kind::List => index.elements.as_ref().map_or(Dim::Unknown, |list| Dim::Known(list.len() as u64)),
        // Truth values select some of them, unless their number tells that they are none of a selection.
        Kind::Matrix { .. } if index.logical == Some(false) || cells.conflicts(all) => cells,
        _ => Dim::Unknown,
    }
}

/// True when a side may name a position more than once.
pub fn may_repeat(side: Side, indices: &[Facts]) -> bool {
    matches!(side, Side::One | Side::Element) && !indices[0].is_scalar()
}

/// Checks that the ends of ranges are scalars and that an index may be one.
///
/// # Errors
/// When they are known to be something else.
pub fn check_kinds(side: Side, indices: &[Facts]) -> Outcome<()> {
    match side {
        Side::All => Ok(()),
        Side::Range => indices.iter().try_for_each(|index| index.expect_scalar("the end of a range")),
        Side::Element => indices[0].expect_scalar("the position of an element"),
        Side::One => {
            let (rows, cols) = indices[0].dims();
            if rows.known().is_some_and(|n| n > 1) && cols.known().is_some_and(|n| n > 1) {
                bail!(Shape, "{} as an index", indices[0].describe(); hint: "an index is a position, a vector of positions, or one truth value per line");
            }
            Ok(())
        }
    }
}
