//! Values that stand in each other's columns, changed back.

use crate::cell::{number_of, word};
use crate::frame::Frame;
use crate::{Cell, Column, ColumnType};

/// What a value looks like, whatever column it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Truth,
    Whole,
    Number,
    Text,
}

impl Look {
    /// Of the values of a type.
    fn of_kind(kind: ColumnType) -> Look {
        match kind {
            ColumnType::Boolean => Look::Truth,
            ColumnType::Int32 | ColumnType::Int64 => Look::Whole,
            ColumnType::Fp32 | ColumnType::Fp64 => Look::Number,
            ColumnType::String => Look::Text,
        }
    }

    /// Of a text without blanks around it.
    fn of_text(text: &str) -> Look {
        match number_of(text) {
            _ if word(text).is_some() => Look::Truth,
            Some(0.0 | 1.0) => Look::Truth,
            Some(value) if value.fract() == 0.0 => Look::Whole,
            Some(_) => Look::Number,
            None => Look::Text,
        }
    }

    /// Whether a value of this look belongs into columns of another: a number of a smaller kind is a number.
    fn belongs(self, column: Look) -> bool {
        self == column || (self < column && column != Look::Text)
    }
}

/// A cell as it is looked at: `None` when it has no value.
fn look(cell: &Cell) -> Option<Look> {
    let text = cell.text()?;
    let text = text.trim();
    (!text.is_empty()).then(|| Look::of_text(text))
}

/// The shortest and the longest text of a column.
fn lengths(column: &Column) -> (usize, usize) {
    let lengths = column.cells().filter_map(|cell| Some(cell.text()?.chars().count()));
    lengths.fold((usize::MAX, 0), |(min, max), length| (min.min(length), max.max(length)))
}

/// The frame with values changed back that stand in each other's columns.
///
/// In each row, from left to right: a value that does not look like the type of its column changes places with that of
/// another column of its own look, if the value there does not look like its column either (or is missing) and may
/// stand in the first one. Of several such columns it is the first one whose shortest and longest texts allow a text
/// of this length, else the first one. Values that find no place stay.
pub fn swap(frame: &Frame, schema: &[ColumnType]) -> Frame {
    let lengths: Vec<(usize, usize)> = frame.columns().iter().map(lengths).collect();
    let mut cells: Vec<Vec<Cell>> = frame.columns().iter().map(|column| column.cells().collect()).collect();
    for i in 0..frame.rows() {
        let mut row: Vec<Cell> = cells.iter().map(|column| column[i].clone()).collect();
        if swap_row(&mut row, schema, &lengths, frame.columns()) {
            row.into_iter().zip(&mut cells).for_each(|(cell, column)| column[i] = cell);
        }
    }
    let column = |(column, cells): (&Column, Vec<Cell>)| Column::from_cells(column.kind(), cells.into_iter());
    let columns = frame.columns().iter().zip(cells).map(column).collect();
    Frame::from_parts(frame.rows(), frame.names().to_vec(), columns)
}

/// Swaps within one row; whether anything was.
fn swap_row(row: &mut [Cell], schema: &[ColumnType], lengths: &[(usize, usize)], columns: &[Column]) -> bool {
    let wanted: Vec<Look> = schema.iter().map(|kind| Look::of_kind(*kind)).collect();
    let fits = |cell: &Cell, at: usize| {
        [schema[at], columns[at].kind()].iter().all(|kind| cell.clone().fit(*kind).is_some())
    };
    let mut found = false;
    for j in 0..row.len() {
        let Some(own) = look(&row[j]) else { continue };
        if own.belongs(wanted[j]) {
            continue;
        }
        let may = |&other: &usize| {
            let is_free = |look: Look| !look.belongs(wanted[other]) && look.belongs(wanted[j]);
            other != j
                && own.belongs(wanted[other])
                && look(&row[other]).is_none_or(is_free)
                && fits(&row[j], other)
                && fits(&row[other], j)
        };
        let length = row[j].text().map_or(0, |text| text.chars().count());
        let is_like = |other: &usize| (lengths[*other].0..=lengths[*other].1).contains(&length);
        let places: Vec<usize> = (0..row.len()).filter(may).collect();
        let Some(&other) = places.iter().find(|other| is_like(other)).or(places.first()) else { continue };
        let (here, there) =
            (row[other].clone().fit(columns[j].kind()), row[j].clone().fit(columns[other].kind()));
        if let (Some(here), Some(there)) = (here, there) {
            (row[j], row[other]) = (here, there);
            found = true;
        }
    }
    found
}
