//! The definitions, cell by cell.

use tilewright_base::Outcome;

use crate::assign::{Assigned, misfit};
use crate::bind::common;
use crate::frame::distinct;
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
    let names = distinct(cols.iter().map(|&j| x.names()[j].clone()).collect());
    build(rows.len(), &like, names, |i, j| x.cell(rows[i], cols[j]))
}

/// Two frames of equally many rows side by side.
pub fn cbind(a: &Frame, b: &Frame) -> Frame {
    let like: Vec<&Column> = a.columns().iter().chain(b.columns()).collect();
    let names = distinct(a.names().iter().chain(b.names()).cloned().collect());
    build(a.rows(), &like, names, |i, j| if j < a.cols() { a.cell(i, j) } else { b.cell(i, j - a.cols()) })
}

/// Two frames of equally many columns on top of each other.
pub fn rbind(a: &Frame, b: &Frame) -> Frame {
    let rows = a.rows() + b.rows();
    let column = |j: usize| {
        let kind = common(&[&a.columns()[j], &b.columns()[j]]);
        let cell = |i: usize| if i < a.rows() { a.cell(i, j) } else { b.cell(i - a.rows(), j) };
        Column::from_cells(kind, (0..rows).map(|i| cell(i).fit(kind).unwrap_or(Cell::Missing)))
    };
    Frame::from_parts(rows, a.names().to_vec(), (0..a.cols()).map(column).collect())
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
            let (cell, column) = (value.cell(i, j), &x.columns()[col]);
            let fitting = cell.clone().fit(column.kind());
            cells[col][row] = fitting.ok_or_else(|| misfit(&cell, row, col, &x.names()[col], column))?;
        }
    }
    let like: Vec<&Column> = x.columns().iter().collect();
    Ok(build(x.rows(), &like, x.names().to_vec(), |i, j| cells[j][i].clone()))
}
