//! A value in place of another one.

use tilewright_base::{Outcome, bail};

use crate::{Cell, Column, Frame};

/// The frame with another value in the cells that hold `pattern`. Columns keep their types, and one whose type cannot hold the
/// pattern has no such cell. NaN, the empty text and [`Cell::Missing`] stand for all cells without a value.
///
/// # Errors
/// Names the first cell whose column cannot hold the other value.
pub fn replace(frame: &Frame, pattern: &Cell, replacement: &Cell) -> Outcome<Frame> {
    let column = |(at, column): (usize, &Column)| {
        let rows = holding(column, pattern);
        let Some(&first) = rows.first() else { return Ok(column.clone()) };
        let (kind, name) = (column.kind(), &frame.names()[at]);
        let Some(new) = replacement.clone().fit(kind) else {
            bail!(
                Value,
                "{replacement} does not fit row {} of column {} (\"{name}\"), which is {kind}",
                first + 1,
                at + 1
            )
        };
        let mut cells: Vec<Cell> = column.cells().collect();
        rows.into_iter().for_each(|row| cells[row] = new.clone());
        Ok(Column::from_cells(kind, cells.into_iter()))
    };
    let columns = frame.columns().iter().enumerate().map(column).collect::<Outcome<_>>()?;
    Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())
}

/// The 0-based rows of a column that hold a value.
fn holding(column: &Column, pattern: &Cell) -> Vec<usize> {
    let fitting = pattern.clone().fit(column.kind());
    let is_gap = is_empty(pattern) || fitting.as_ref().is_some_and(is_empty);
    let holds = |row: &usize| match &fitting {
        _ if is_gap => column.lacks_value(*row),
        Some(fitting) => column.cell(*row) == *fitting,
        None => false,
    };
    (0..column.len()).filter(holds).collect()
}

fn is_empty(cell: &Cell) -> bool {
    match cell {
        Cell::Missing => true,
        Cell::Double(value) => value.is_nan(),
        Cell::Text(text) => text.is_empty(),
        Cell::Boolean(_) | Cell::Integer(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnType::{Boolean, Fp64, Int32, String};

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn cells_of_each_type_are_found_by_their_value() {
        let cells = [text("1"), Cell::Integer(1), Cell::Double(1.0), Cell::Boolean(true)];
        let more = [text(""), Cell::Missing, Cell::Double(f64::NAN), Cell::Boolean(false)];
        let frame =
            Frame::from_cells(&[cells, more].concat(), &[String, Int32, Fp64, Boolean]).expect("8 cells");
        let shown = |pattern: Cell, replacement: Cell| {
            let frame =
                replace(&frame, &pattern, &replacement).map_err(|fault| fault.message().to_string())?;
            let cells = frame.columns().iter().flat_map(|column| column.cells().map(|cell| cell.to_string()));
            Ok::<_, std::string::String>(cells.collect::<Vec<_>>().join(" "))
        };
        let gap = "a missing cell";
        assert_eq!(shown(text("1"), text("0")), Ok(format!("\"0\" \"\" 0 {gap} 0.0 NaN false false")));
        assert_eq!(shown(text("x"), text("y")), Ok(format!("\"1\" \"\" 1 {gap} 1.0 NaN true false")));
        for pattern in [text(""), Cell::Missing, Cell::Double(f64::NAN)] {
            assert_eq!(shown(pattern, Cell::Integer(7)), Ok("\"1\" \"7\" 1 7 1.0 7.0 true false".into()));
        }
        let message = "\"y\" does not fit row 1 of column 2 (\"C2\"), which is INT32";
        assert_eq!(shown(text("1"), text("y")), Err(message.into()));
    }
}
