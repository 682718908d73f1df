//! Which types the cells of a frame have, frames of other types, and cells that have the wrong type or length.

use rayon::prelude::*;
use tilewright_base::number::count;
use tilewright_base::{Fault, Outcome, bail, fault};

use crate::cell::{self, number_of};
use crate::convert::{is_short_fraction, is_short_integer, kind_of_value};
use crate::frame::CHUNK;
use crate::{Cell, Column, ColumnType, Frame};

/// For each column the first type that holds its values as they are: BOOLEAN, INT32, INT64, FP32, FP64, STRING.
///
/// Missing cells and empty texts fit every type. `true`, `false`, `t`, `f` and the numbers 0 and 1 are truth values;
/// such a word beside other numbers makes a column of texts. A whole number may be written with zeros behind a point;
/// one of more digits than 64 bits hold is a text, since a floating-point number would lose some. FP32 is chosen
/// where 32 bits read back as the same decimals. A column of texts without any value stays a column of texts.
pub fn detect(frame: &Frame) -> Vec<ColumnType> {
    frame.columns().iter().map(detect_column).collect()
}

fn detect_column(column: &Column) -> ColumnType {
    let chunks = column.len().div_ceil(CHUNK);
    let seen = (0..chunks).into_par_iter().map(|chunk| {
        let cells = chunk * CHUNK..column.len().min((chunk + 1) * CHUNK);
        cells.fold(Seen::NOTHING, |seen, at| seen.and(Seen::of(column, at)))
    });
    // Taking more in is a join: the order does not matter.
    seen.reduce(|| Seen::NOTHING, Seen::and).kind().unwrap_or(column.kind())
}

/// What is among some cells.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// The first type that holds the numbers, or STRING.
    kind: Option<ColumnType>,
    /// A truth value as a word.
    word: bool,
    /// 32 bits read back as the same decimals for all numbers.
    short: bool,
}

impl Seen {
    const NOTHING: Seen = Seen { kind: None, word: false, short: true };
    const TEXT: Seen = Seen { kind: Some(ColumnType::String), ..Seen::NOTHING };
    const WORD: Seen = Seen { word: true, ..Seen::NOTHING };

    fn of(column: &Column, at: usize) -> Seen {
        match column.str(at) {
            Some(text) => Seen::of_text(text.trim()),
            None => match column.cell(at) {
                Cell::Missing | Cell::Text(_) => Seen::NOTHING,
                Cell::Boolean(_) => Seen::WORD,
                Cell::Integer(value) => Seen::of_integer(value),
                Cell::Double(value) => Seen::of_number(value),
            },
        }
    }

    fn of_text(text: &str) -> Seen {
        if text.is_empty() {
            return Seen::NOTHING;
        }
        if cell::word(text).is_some() {
            return Seen::WORD;
        }
        if let Ok(value) = text.parse() {
            return Seen::of_integer(value);
        }
        let is_long = text.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
        match number_of(text) {
            Some(value) if !is_long => Seen::of_number(value),
            _ => Seen::TEXT,
        }
    }

    fn of_integer(value: i64) -> Seen {
        let kind = match (value, i32::try_from(value)) {
            (0 | 1, _) => ColumnType::Boolean,
            (_, Ok(_)) => ColumnType::Int32,
            _ => ColumnType::Int64,
        };
        Seen { kind: Some(kind), short: is_short_integer(value), word: false }
    }

    fn of_number(value: f64) -> Seen {
        Seen { kind: Some(kind_of_value(value)), short: is_short_fraction(value), word: false }
    }

    fn and(self, other: Seen) -> Seen {
        Seen {
            kind: self.kind.max(other.kind),
            word: self.word || other.word,
            short: self.short && other.short,
        }
    }

    fn kind(self) -> Option<ColumnType> {
        match self.kind {
            None => self.word.then_some(ColumnType::Boolean),
            Some(ColumnType::Boolean) => Some(ColumnType::Boolean),
            Some(_) if self.word => Some(ColumnType::String),
            Some(ColumnType::Fp32) if !self.short => Some(ColumnType::Fp64),
            kind => kind,
        }
    }
}

/// The frame with columns of other types.
///
/// # Errors
/// When there are not as many types as columns; names the first cell that its new type cannot hold, and how many more
/// there are in its column.
pub fn apply(frame: &Frame, schema: &[ColumnType]) -> Outcome<Frame> {
    same_cols(frame, schema.len())?;
    let columns = (0..frame.cols()).into_par_iter().map(|j| cast(frame, j, schema[j])).collect::<Vec<_>>();
    let columns = columns.into_iter().collect::<Outcome<Vec<_>>>()?;
    Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())
}

fn cast(frame: &Frame, j: usize, kind: ColumnType) -> Outcome<Column> {
    let column = &frame.columns()[j];
    if column.kind() == kind {
        return Ok(column.clone());
    }
    let cells: Vec<Option<Cell>> =
        (0..column.len()).into_par_iter().with_min_len(CHUNK).map(|i| column.fitted(i, kind)).collect();
    let misfits = cells.iter().filter(|cell| cell.is_none()).count();
    match cells.iter().position(Option::is_none) {
        Some(first) => Err(misfit(frame, first, j, kind, misfits - 1)),
        None => Ok(Column::from_cells(kind, cells.into_iter().flatten())),
    }
}

fn misfit(frame: &Frame, i: usize, j: usize, kind: ColumnType, others: usize) -> Fault {
    let (cell, name) = (frame.cell(i, j), &frame.names()[j]);
    let more = if others == 0 { String::new() } else { format!(", and {others} more in this column") };
    fault!(Value, "row {} of column {} (\"{name}\") is {cell}, which is no {kind}{more}", i + 1, j + 1; hint: "`dropInvalidType(F, schema)` makes such cells missing, `detectSchema(F)` finds types that hold all cells")
}

fn same_cols(frame: &Frame, given: usize) -> Outcome<()> {
    if given != frame.cols() {
        bail!(Shape, "{} for {}", count(given, "type"), count(frame.cols(), "column"));
    }
    Ok(())
}

/// How many cells became missing, and the first of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dropped {
    /// How many.
    pub count: usize,
    /// 0-based row and column of the first one, column by column.
    pub first: Option<(usize, usize)>,
}

/// The frame without the values that do not fit types: such cells are missing. Columns keep their own types.
///
/// # Errors
/// When there are not as many types as columns.
pub fn drop_invalid_type(frame: &Frame, schema: &[ColumnType]) -> Outcome<(Frame, Dropped)> {
    same_cols(frame, schema.len())?;
    let fits = |column: &Column, i: usize, j: usize| {
        column.kind() == schema[j] || column.fitted(i, schema[j]).is_some()
    };
    keep(frame, fits)
}

/// The frame without the values whose texts have more than so many characters: such cells are missing; -1 allows any
/// length.
///
/// # Errors
/// When there are not as many lengths as columns.
pub fn drop_invalid_length(frame: &Frame, longest: &[f64]) -> Outcome<(Frame, Dropped)> {
    if longest.len() != frame.cols() {
        bail!(Shape, "{} for {}", count(longest.len(), "length"), count(frame.cols(), "column"));
    }
    let fits = |column: &Column, i: usize, j: usize| {
        let length = |text: &str| text.chars().count() as f64;
        longest[j] == -1.0
            || match column.str(i) {
                Some(text) => length(text) <= longest[j].floor(),
                None => column.cell(i).text().is_none_or(|text| length(&text) <= longest[j].floor()),
            }
    };
    keep(frame, fits)
}

/// The frame with the cells that fit, the others missing.
fn keep(frame: &Frame, fits: impl Fn(&Column, usize, usize) -> bool + Sync) -> Outcome<(Frame, Dropped)> {
    let (mut columns, mut dropped) = (Vec::new(), Dropped::default());
    for (j, column) in frame.columns().iter().enumerate() {
        let kept: Vec<bool> = (0..column.len())
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(|i| column.is_missing(i) || fits(column, i, j))
            .collect();
        let Some(first) = kept.iter().position(|kept| !kept) else {
            columns.push(column.clone());
            continue;
        };
        dropped.count += kept.iter().filter(|kept| !**kept).count();
        dropped.first = dropped.first.or(Some((first, j)));
        let cells =
            kept.iter().enumerate().map(|(i, kept)| if *kept { column.cell(i) } else { Cell::Missing });
        columns.push(Column::from_cells(column.kind(), cells));
    }
    Ok((Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())?, dropped))
}
