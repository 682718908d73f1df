//! Frames side by side (`cbind`) and on top of each other (`rbind`).

use tilewright_base::{Outcome, bail};

use crate::convert::is_short_integer;
use crate::frame::distinct;
use crate::{Column, ColumnType, Frame};

/// Frames of equally many rows side by side. When two columns have the same name, all of them are named anew:
/// `C1`, `C2`, ...
///
/// # Errors
/// When the numbers of rows differ.
pub fn cbind(parts: &[&Frame]) -> Outcome<Frame> {
    let rows = same_rows(parts)?;
    let names = parts.iter().flat_map(|part| part.names().iter().cloned()).collect();
    let columns = parts.iter().flat_map(|part| part.columns().iter().cloned()).collect();
    Frame::new(rows, columns)?.named(distinct(names))
}

/// Frames of equally many columns on top of each other, named as the first one. A column gets the type that holds
/// the cells of all parts.
///
/// # Errors
/// When the numbers of columns differ.
pub fn rbind(parts: &[&Frame]) -> Outcome<Frame> {
    let cols = same_cols(parts)?;
    let column = |j: usize| {
        let pieces: Vec<&Column> = parts.iter().map(|part| &part.columns()[j]).collect();
        let kind = common(&pieces);
        let pieces = pieces.iter().map(|piece| piece.cast(kind)).collect::<Outcome<Vec<_>>>()?;
        Ok(Column::concat(kind, &pieces))
    };
    let rows = parts.iter().map(|part| part.rows()).sum();
    let columns = (0..cols).map(column).collect::<Outcome<_>>()?;
    let names = parts.first().map(|part| part.names().to_vec()).unwrap_or_default();
    Frame::new(rows, columns)?.named(names)
}

/// The number of rows that all parts of a `cbind` have.
pub(crate) fn same_rows(parts: &[&Frame]) -> Outcome<usize> {
    let rows = parts.first().map_or(0, |part| part.rows());
    match parts.iter().find(|part| part.rows() != rows) {
        Some(other) => bail!(Shape, "`cbind` of frames with {rows} and {} rows", other.rows()),
        None => Ok(rows),
    }
}

/// The number of columns that all parts of an `rbind` have.
pub(crate) fn same_cols(parts: &[&Frame]) -> Outcome<usize> {
    let cols = parts.first().map_or(0, |part| part.cols());
    match parts.iter().find(|part| part.cols() != cols) {
        Some(other) => bail!(Shape, "`rbind` of frames with {cols} and {} columns", other.cols()),
        None => Ok(cols),
    }
}

/// The type that holds the cells of all columns; integers that 32 bits of floating point would round need 64.
pub(crate) fn common(columns: &[&Column]) -> ColumnType {
    let kind = columns.iter().map(|column| column.kind()).max().unwrap_or(ColumnType::String);
    let rounds = |column: &&Column| match column {
        Column::Int32(cells) => cells.iter().flatten().any(|value| !is_short_integer(value.into())),
        Column::Int64(cells) => cells.iter().flatten().any(|value| !is_short_integer(value)),
        _ => false,
    };
    if kind == ColumnType::Fp32 && columns.iter().any(rounds) { ColumnType::Fp64 } else { kind }
}
