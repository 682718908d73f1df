//! Encoded matrices as frames again.
//!
//! A code becomes its value, a bin its middle, a dummy code the value of the largest cell (so that probabilities become the
//! likeliest value), a bag of words the words that are in it, each once and in the order of their codes. A hash stays the
//! number of its bucket, and what was not encoded stays a number. What has no value is missing: NaN, numbers that are no code,
//! dummy codes and bags without a cell above zero.

use std::ops::Range;

use arrow_array::{Float64Array, Int64Array};
use rayon::prelude::*;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Csr, Dense};

use super::bin;
use super::encode::Unseen;
use super::layout::{Place, places};
use super::meta::Learned;
use super::spec::{Coding, Spec};
use crate::{Cell, Column, Frame};

/// The cells of a matrix.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// All of them.
    Dense(&'a Dense),
    /// Those that are not zero.
    Sparse(&'a Csr),
}

impl Cells<'_> {
    fn shape(&self) -> (usize, usize) {
        match self {
            Cells::Dense(dense) => (dense.rows(), dense.cols()),
            Cells::Sparse(csr) => (csr.rows(), csr.cols()),
        }
    }

    fn get(&self, i: usize, j: usize) -> f64 {
        match self {
            Cells::Dense(dense) => dense.get(i, j),
            Cells::Sparse(csr) => csr.get(i, j),
        }
    }

    /// The words whose cells among some columns of a row are above zero, in order; `None` without any.
    fn spoken(&self, i: usize, cols: &Range<usize>, words: &[String]) -> Option<String> {
        let is_there = |&(_, value): &(usize, f64)| value > 0.0;
        let word = |(at, _): (usize, f64)| words[at].as_str();
        let there: Vec<&str> = match self {
            Cells::Dense(dense) => {
                let cells = dense.row(i)[cols.clone()].iter().copied().enumerate();
                cells.filter(is_there).map(word).collect()
            }
            Cells::Sparse(csr) => inside(csr, i, cols).filter(is_there).map(word).collect(),
        };
        (!there.is_empty()).then(|| there.join(" "))
    }

    /// The offset of the largest cell above zero among some columns of a row, the first of equal ones.
    fn largest(&self, i: usize, cols: &Range<usize>) -> Option<usize> {
        let larger = |best: Option<(usize, f64)>, (at, value): (usize, f64)| match best {
            Some((_, largest)) if largest >= value => best,
            _ if value > 0.0 => Some((at, value)),
            _ => best,
        };
        let best = match self {
            Cells::Dense(dense) => dense.row(i)[cols.clone()].iter().copied().enumerate().fold(None, larger),
            Cells::Sparse(csr) => inside(csr, i, cols).fold(None, larger),
        };
        best.map(|(at, _)| at)
    }
}

/// The stored cells among some columns of a row, by their offsets.
fn inside<'a>(csr: &'a Csr, i: usize, cols: &'a Range<usize>) -> impl Iterator<Item = (usize, f64)> + 'a {
    let (col, val) = csr.row(i);
    let from = col.partition_point(|&j| (j as usize) < cols.start);
    let inside = col[from..].iter().zip(&val[from..]).take_while(|(j, _)| (**j as usize) < cols.end);
    inside.map(|(&j, &value)| (j as usize - cols.start, value))
}

/// The frame that a matrix was encoded from, as far as it can be known; the second result tells of the columns with numbers
/// that are no code.
///
/// # Errors
/// When matrix, meta data and specification do not fit, or a column has no inverse.
pub fn decode(cells: Cells<'_>, spec: &Spec, meta: &Frame) -> Outcome<(Frame, Vec<Unseen>)> {
    let rules = spec.rules_of_meta(meta)?;
    if let Some(at) = rules.iter().position(|rule| rule.coding == Coding::WordEmbedding) {
        bail!(
            Value,
            "column {} (\"{}\") is in `word_embedding`: vectors cannot be decoded",
            at + 1,
            meta.names()[at]
        )
    }
    let places = places(meta, spec, None)?;
    let (rows, cols) = cells.shape();
    let expected = places.last().map_or(0, |place| place.cols.end);
    if cols != expected {
        bail!(Shape, "the matrix has {cols} columns; by specification and meta data it has {expected}")
    }
    let columns = places.par_iter().map(|place| column(cells, rows, place)).collect();
    let unseen = places.par_iter().enumerate().filter_map(|(at, place)| no_codes(cells, rows, at, place));
    Ok((Frame::new(rows, columns)?.named(meta.names().to_vec())?, unseen.collect()))
}

/// How far from a whole number a code may be: arithmetic on codes rounds.
pub(super) const NEAR: f64 = 1e-6;

/// The 0-based position of the value that a number stands for, among so many.
fn position(number: f64, codes: usize) -> Option<usize> {
    let code = number.round();
    let is_code = (number - code).abs() <= NEAR && code >= 1.0 && code <= codes as f64;
    is_code.then(|| code as usize - 1)
}

/// The numbers of a column, the one of a 0-based position, that are no code.
fn no_codes(cells: Cells<'_>, rows: usize, at: usize, place: &Place) -> Option<Unseen> {
    if place.rule.dummycode || place.rule.coding == Coding::BagOfWords {
        return None;
    }
    let codes = place.meta.learned.codes()?;
    let numbers = (0..rows).map(|i| cells.get(i, place.cols.start));
    let mut wrong = numbers.filter(|number| !number.is_nan() && position(*number, codes).is_none());
    let first = Cell::Double(wrong.next()?);
    Some(Unseen { column: at, unit: "code", count: 1 + wrong.count(), first })
}

fn column(cells: Cells<'_>, rows: usize, place: &Place) -> Column {
    let first = place.cols.start;
    let codes = place.meta.learned.codes().unwrap_or(0);
    let code = |i: usize| match place.rule.dummycode {
        true => cells.largest(i, &place.cols),
        false => position(cells.get(i, first), codes),
    };
    match &place.meta.learned {
        Learned::Nothing => {
            let number = |i: usize| Some(cells.get(i, first)).filter(|value| !value.is_nan());
            Column::Fp64((0..rows).map(number).collect())
        }
        Learned::Values(words) if place.rule.coding == Coding::BagOfWords => {
            let texts = (0..rows).map(|i| cells.spoken(i, &place.cols, words));
            Column::String(texts.collect())
        }
        Learned::Values(values) => {
            Column::from_texts((0..rows).map(|i| code(i).and_then(|at| values.get(at)).map(String::as_str)))
        }
        Learned::Bins(bins) => {
            let number = |i: usize| code(i).and_then(|at| bins.get(at)).map(|&edges| bin::middle(edges));
            Column::Fp64((0..rows).map(number).collect::<Float64Array>())
        }
        Learned::Buckets(_) => {
            let number = |i: usize| code(i).map(|at| at as i64 + 1);
            Column::Int64((0..rows).map(number).collect::<Int64Array>())
        }
    }
}
