//! Expressions on cells, `x -> x.trim().toLowerCase()`, as scripts give them to `map`: a small part of Java, in which the
//! scripts of the reference write them.
//!
//! ```
//! use tilewright_frame::{Cell, ColumnType, Frame, lambda::{Lambda, Margin}};
//! let frame = Frame::filled(&Cell::Text("a-7".into()), 1, &[ColumnType::String]).expect("a text");
//! let lambda = Lambda::parse("x -> Integer.parseInt(x.split(\"-\")[1]) + 1", Margin::Cells).expect("fits");
//! assert_eq!(lambda.map(&frame).expect("a number").cell(0, 0), Cell::Text("8".into()));
//! ```
//!
//! - `token`, `tree`: the text and what it says
//! - `check`: the types of everything; [`method`]: what can be called, by rows; `math`, `date`: some of it
//! - `eval`: the value for a cell
//!
//! As in Java, `/` of whole numbers is whole, `+` with a text joins, a character counts as a number in arithmetic, and a
//! double is written with a point. Unlike there, whole numbers have 64 bits, positions count characters, and dates are in
//! universal time.

mod check;
mod date;
mod eval;
mod math;
pub mod method;
mod token;
mod tree;
pub mod value;

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;
use tilewright_base::number::count;
use tilewright_base::{Fault, Outcome, bail, fault};

use crate::frame::default_names;
use crate::{Column, Frame};
use eval::Expr;
use value::{Type, Val};

/// The rows that one task goes over.
const ROWS: usize = 1 << 12;

/// What an expression is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Margin {
    /// Each cell.
    Cells,
    /// Each row, as an array of texts.
    Rows,
    /// Each column, as an array of texts.
    Cols,
}

/// Something wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    at: Range<usize>,
    what: String,
    hint: Option<String>,
}

impl Problem {
    pub(crate) fn new(at: Range<usize>, what: impl Into<String>) -> Problem {
        Problem { at, what: what.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    /// The piece of the text, and the number of its first character.
    fn place(&self, text: &str) -> String {
        let character = text[..self.at.start].chars().count() + 1;
        match &text[self.at.clone()] {
            "" => format!("at its end (character {character})"),
            piece => format!("at `{piece}` (character {character})"),
        }
    }
}

/// An expression that can be applied.
#[derive(Debug)]
pub struct Lambda {
    text: String,
    margin: Margin,
    params: usize,
    body: Expr,
}

impl Lambda {
    /// From its text.
    ///
    /// # Errors
    /// Says what is wrong, where in the text, and what there is instead.
    pub fn parse(text: &str, margin: Margin) -> Outcome<Lambda> {
        Lambda::checked(text, margin).map_err(|problem| {
            let fault = fault!(
                Value,
                "`map` does not understand \"{text}\" {}: {}",
                problem.place(text),
                problem.what
            );
            fault.hint(
                problem.hint.unwrap_or_else(|| {
                    "an expression is written as in \"x -> x.trim().toLowerCase()\"".into()
                }),
            )
        })
    }

    fn checked(text: &str, margin: Margin) -> Result<Lambda, Problem> {
        let (params, tree) = tree::parse(text)?;
        let most = if margin == Margin::Cells { 2 } else { 1 };
        if params.len() > most {
            let what = format!("{} where {most} can be", count(params.len(), "parameter"));
            return Err(Problem::new(0..tree.at.start, what));
        }
        let kind = if margin == Margin::Cells { Type::Text } else { Type::Texts };
        let typed = check::check(&tree, &check::Params { names: &params, kind })?;
        let is_array = matches!(typed.kind, Type::Texts | Type::Doubles);
        if is_array != (margin != Margin::Cells) {
            let wanted = if is_array { "one value for a cell" } else { "an array, one value for each cell" };
            let what = format!("the result is {}, not {wanted}", typed.kind.describe());
            return Err(Problem::new(tree.at, what));
        }
        let body = if is_array { typed.expr } else { typed.to(Type::Text) };
        Ok(Lambda { text: text.into(), margin, params: params.len(), body })
    }

    /// Whether it compares two rows: the result has a row and a column for each row.
    pub fn is_pairwise(&self) -> bool {
        self.params == 2
    }

    /// The frame of the results, as texts. Missing cells stay missing; in a row or column they are empty texts. An
    /// expression with two parameters compares the cells of the first column: row `i` and column `j > i` of the result
    /// are its value for cells `i` and `j`, all others are "0.0".
    ///
    /// # Errors
    /// Names the cell for which the expression has no value, and why.
    pub fn map(&self, frame: &Frame) -> Outcome<Frame> {
        match self.margin {
            Margin::Cells if self.is_pairwise() => self.pairs(frame),
            Margin::Cells => self.cells(frame),
            Margin::Rows => self.rows(frame),
            Margin::Cols => self.cols(frame),
        }
    }

    /// The definition of [`Lambda::map`]: cell after cell.
    ///
    /// # Errors
    /// As `map`.
    pub fn map_in_order(&self, frame: &Frame) -> Outcome<Frame> {
        if self.margin != Margin::Cells || self.is_pairwise() {
            return self.map(frame);
        }
        let column = |j: usize| {
            let texts = (0..frame.rows()).map(|i| self.cell(frame, i, j)).collect::<Outcome<Vec<_>>>()?;
            Ok(texts_column(&texts))
        };
        let columns = (0..frame.cols()).map(column).collect::<Outcome<Vec<_>>>()?;
        Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())
    }

    fn cells(&self, frame: &Frame) -> Outcome<Frame> {
        let column = |j: usize| {
            let chunks: Vec<_> = (0..frame.rows().div_ceil(ROWS))
                .into_par_iter()
                .map(|chunk| {
                    let rows = chunk * ROWS..frame.rows().min((chunk + 1) * ROWS);
                    rows.map(|i| self.cell(frame, i, j)).collect::<Outcome<Vec<_>>>()
                })
                .collect();
            // The first failure in order, whichever was found first.
            let texts = chunks.into_iter().collect::<Outcome<Vec<_>>>()?.concat();
            Ok(texts_column(&texts))
        };
        let columns = (0..frame.cols()).map(column).collect::<Outcome<Vec<_>>>()?;
        Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())
    }

    fn cell(&self, frame: &Frame, i: usize, j: usize) -> Outcome<Option<String>> {
        let Some(text) = text(&frame.columns()[j], i) else { return Ok(None) };
        match self.body.eval(&[Val::Text(text)]) {
            Ok(value) => Ok(Some(value.text().into_owned())),
            Err(problem) => {
                let (cell, name) = (frame.cell(i, j), &frame.names()[j]);
                let whose = format!("row {} of column {} (\"{name}\") is {cell}", i + 1, j + 1);
                Err(self.fault(&whose, &problem))
            }
        }
    }

    fn fault(&self, whose: &str, problem: &Problem) -> Fault {
        let hint = "`c ? a : b` chooses, so that only cells that can be are looked at: \"x -> x.length() > 3 ? x.substring(3) : x\"";
        fault!(Value, "{whose}: in \"{}\" {} {}", self.text, problem.place(&self.text), problem.what; hint: "{hint}")
    }

    fn pairs(&self, frame: &Frame) -> Outcome<Frame> {
        let rows = frame.rows();
        let Some(column) = frame.columns().first() else {
            bail!(Shape, "an expression of two parameters compares the cells of a column; the frame has none")
        };
        let cell = |i: usize, j: usize| {
            let (Some(a), Some(b)) = (text(column, i), text(column, j)) else { return Ok("0.0".into()) };
            let value = self.body.eval(&[Val::Text(a), Val::Text(b)]);
            value.map(|value| value.text().into_owned()).map_err(|problem| {
                self.fault(
                    &format!("rows {} and {} are {} and {}", i + 1, j + 1, column.cell(i), column.cell(j)),
                    &problem,
                )
            })
        };
        let texts_of = |j: usize| {
            let of = |i: usize| if i < j { cell(i, j).map(Some) } else { Ok(Some("0.0".to_string())) };
            (0..rows).map(of).collect::<Outcome<Vec<_>>>().map(|texts| texts_column(&texts))
        };
        let columns: Vec<_> = (0..rows).into_par_iter().map(texts_of).collect();
        let columns = columns.into_iter().collect::<Outcome<Vec<_>>>()?;
        Frame::new(rows, columns)?.named(default_names(rows))
    }

    fn rows(&self, frame: &Frame) -> Outcome<Frame> {
        let result = |i: usize| {
            let row = frame.columns().iter().map(|column| owned(column, i)).collect();
            self.array(row, frame.cols(), || format!("row {}", i + 1))
        };
        let rows = (0..frame.rows()).map(result).collect::<Outcome<Vec<_>>>()?;
        let column = |j: usize| Column::from_texts(rows.iter().map(|row| Some(row[j].as_str())));
        Frame::new(frame.rows(), (0..frame.cols()).map(column).collect())?.named(frame.names().to_vec())
    }

    fn cols(&self, frame: &Frame) -> Outcome<Frame> {
        let result = |(j, column): (usize, &Column)| {
            let cells = (0..frame.rows()).map(|i| owned(column, i)).collect();
            let whose = || format!("column {} (\"{}\")", j + 1, frame.names()[j]);
            let texts = self.array(cells, frame.rows(), whose)?;
            Ok(Column::from_texts(texts.iter().map(|text| Some(text.as_str()))))
        };
        let columns = frame.columns().iter().enumerate().map(result).collect::<Outcome<Vec<_>>>()?;
        Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())
    }

    /// The array for a row or column, which has as many cells.
    fn array(&self, cells: Vec<String>, length: usize, whose: impl Fn() -> String) -> Outcome<Vec<String>> {
        let value = self.body.eval(&[Val::Texts(cells)]).map_err(|problem| self.fault(&whose(), &problem))?;
        let texts = match value {
            Val::Texts(texts) => texts,
            Val::Doubles(numbers) => {
                numbers.into_iter().map(|x| Val::Double(x).text().into_owned()).collect()
            }
            other => vec![other.text().into_owned()],
        };
        if texts.len() != length {
            let found = count(texts.len(), "value");
            bail!(Shape, "{}: \"{}\" gives {found} for {}", whose(), self.text, count(length, "cell"));
        }
        Ok(texts)
    }
}

fn texts_column(texts: &[Option<String>]) -> Column {
    Column::from_texts(texts.iter().map(Option::as_deref))
}

/// The text of a cell that is not missing.
fn text(column: &Column, at: usize) -> Option<Cow<'_, str>> {
    match column.str(at) {
        Some(text) => Some(Cow::Borrowed(text)),
        None => column.cell(at).text().map(Cow::Owned),
    }
}

fn owned(column: &Column, at: usize) -> String {
    text(column, at).map(Cow::into_owned).unwrap_or_default()
}
