//! Left indexing: other values in a part of a frame. Columns keep their types.

use tilewright_base::{Fault, Outcome, bail, fault};

use crate::{Cell, Column, ColumnType, Frame};

/// What is written to a part.
#[derive(Debug, Clone, Copy)]
pub enum Assigned<'a> {
    /// One cell, everywhere.
    Cell(&'a Cell),
    /// A frame of the size of the part; a single row or column is repeated along it.
    Frame(&'a Frame),
}

impl Assigned<'_> {
    /// The cell for 0-based `(i, j)` of the part, on its way to a column of a type: a truth value by itself becomes the
    /// text that scripts print for it.
    pub(crate) fn cell(&self, i: usize, j: usize, kind: ColumnType) -> Cell {
        match self {
            Assigned::Cell(Cell::Boolean(value)) if kind == ColumnType::String => {
                Cell::Text(if *value { "TRUE" } else { "FALSE" }.into())
            }
            Assigned::Cell(cell) => (*cell).clone(),
            Assigned::Frame(frame) => {
                let at = |at: usize, extent: usize| if extent == 1 { 0 } else { at };
                frame.cell(at(i, frame.rows()), at(j, frame.cols()))
            }
        }
    }

    /// Checks that it fits a part.
    ///
    /// # Errors
    /// When it is a frame of another size.
    pub(crate) fn check(&self, rows: usize, cols: usize) -> Outcome<()> {
        let Assigned::Frame(frame) = self else { return Ok(()) };
        let fits = |given: usize, wanted: usize| given == wanted || given == 1;
        if !fits(frame.rows(), rows) || !fits(frame.cols(), cols) {
            bail!(
                Shape,
                "a {}x{} frame cannot be assigned to a {rows}x{cols} part",
                frame.rows(),
                frame.cols()
            );
        }
        Ok(())
    }
}

/// The frame with other values in the rows and columns at 0-based positions. Where positions repeat, the last value
/// stays.
///
/// # Errors
/// When the value has another size, or the type of a column cannot hold a cell.
pub fn assign(mut frame: Frame, rows: &[usize], cols: &[usize], value: Assigned<'_>) -> Outcome<Frame> {
    value.check(rows.len(), cols.len())?;
    let names = frame.names().to_vec();
    for (j, &at) in cols.iter().enumerate() {
        let column = &mut frame.columns_mut()[at];
        let kind = column.kind();
        let fit = |i: usize| {
            let cell = value.cell(i, j, kind);
            cell.clone().fit(kind).ok_or_else(|| misfit(&cell, rows[i], at, &names[at], column))
        };
        let cells = (0..rows.len()).map(fit).collect::<Outcome<Vec<_>>>()?;
        let piece = Column::from_cells(kind, cells.into_iter());
        *column = replaced(column, rows, &piece);
    }
    Ok(frame)
}

/// Why a cell cannot stand in a column.
pub(crate) fn misfit(cell: &Cell, row: usize, col: usize, name: &str, column: &Column) -> Fault {
    let kind = column.kind();
    fault!(Type, "{cell} does not fit row {} of column {} (\"{name}\"), which is {kind}", row + 1, col + 1; hint: "columns keep their types; `rbind` and `cbind` make columns of other types")
}

fn replaced(column: &Column, rows: &[usize], piece: &Column) -> Column {
    let len = column.len();
    let consecutive = rows.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    match (rows.first(), rows.last()) {
        (Some(&first), Some(&last)) if consecutive => {
            let parts = [column.slice(0..first), piece.clone(), column.slice(last + 1..len)];
            let parts: Vec<Column> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            Column::concat(column.kind(), &parts)
        }
        _ => {
            let mut positions: Vec<usize> = (0..len).collect();
            rows.iter().enumerate().for_each(|(k, &at)| positions[at] = len + k);
            Column::concat(column.kind(), &[column.clone(), piece.clone()]).take(&positions)
        }
    }
}
