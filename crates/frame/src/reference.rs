//! The definitions, cell by cell.

use tilewright_base::Outcome;

use crate::assign::{Assigned, misfit};
use crate::bind::{common, same_cols, same_rows};
use crate::frame::{distinct, names_of};
use crate::{Cell, Column, Frame};

/// A frame of given types and names whose cell `(i, j)` is computed.
fn build(rows: usize, like: &[&Column], names: Vec<String>, cell: impl Fn(usize, usize) -> Cell) -> Frame {
    let column = |j: usize| {
        let cells: Vec<Cell> = (0..rows).map(|i| cell(i, j)).collect();
        Column::from_cells(like[j].kind(), cells.into_iter())
    };
    Frame::from_parts(rows, names, (0..like.len()).map(column).collect())
}

/// The part of rows and columns at 0-based positions.
pub fn gather(x: &Frame, rows: &[usize], cols: &[usize]) -> Frame {
    let like: Vec<&Column> = cols.iter().map(|&j| &x.columns()[j]).collect();
    let names = names_of(x, cols);
    build(rows.len(), &like, names, |i, j| x.cell(rows[i], cols[j]))
}

/// Frames side by side, see [`crate::bind::cbind`].
///
/// # Errors
/// When the numbers of rows differ.
pub fn cbind(parts: &[&Frame]) -> Outcome<Frame> {
    let rows = same_rows(parts)?;
    let places: Vec<(&Frame, usize)> =
        parts.iter().flat_map(|part| (0..part.cols()).map(|j| (*part, j))).collect();
    let like: Vec<&Column> = places.iter().map(|(part, j)| &part.columns()[*j]).collect();
    let names = distinct(places.iter().map(|(part, j)| part.names()[*j].clone()).collect());
    Ok(build(rows, &like, names, |i, j| places[j].0.cell(i, places[j].1)))
}

/// Frames on top of each other, see [`crate::bind::rbind`].
///
/// # Errors
/// When the numbers of columns differ.
pub fn rbind(parts: &[&Frame]) -> Outcome<Frame> {
    let cols = same_cols(parts)?;
    let places: Vec<(&Frame, usize)> =
        parts.iter().flat_map(|part| (0..part.rows()).map(|i| (*part, i))).collect();
    let column = |j: usize| {
        let kind = common(&parts.iter().map(|part| &part.columns()[j]).collect::<Vec<_>>());
        let fit = |(part, i): &(&Frame, usize)| part.cell(*i, j).fit(kind).unwrap_or(Cell::Missing);
        Column::from_cells(kind, places.iter().map(fit))
    };
    let names = parts.first().map(|part| part.names().to_vec()).unwrap_or_default();
    Ok(Frame::from_parts(places.len(), names, (0..cols).map(column).collect()))
}

/// The frame with other values in a part.
///
/// # Errors
/// When the value has another size, or the type of a column cannot hold a cell.
pub fn assign(x: &Frame, rows: &[usize], cols: &[usize], value: Assigned<'_>) -> Outcome<Frame> {
    value.check(rows.len(), cols.len())?;
    let mut cells: Vec<Vec<Cell>> = x.columns().iter().map(|column| column.cells().collect()).collect();
    for (j, &col) in cols.iter().enumerate() {
        for (i, &row) in rows.iter().enumerate() {
            let column = &x.columns()[col];
            let cell = value.cell(i, j, column.kind());
            let fitting = cell.clone().fit(column.kind());
            cells[col][row] = fitting.ok_or_else(|| misfit(&cell, row, col, &x.names()[col], column))?;
        }
    }
    let like: Vec<&Column> = x.columns().iter().collect();
    Ok(build(x.rows(), &like, x.names().to_vec(), |i, j| cells[j][i].clone()))
}
