//! Frames side by side (`cbind`) and on top of each other (`rbind`).

use tilewright_base::{Outcome, bail};

use crate::frame::distinct;
use crate::{Column, ColumnType, Frame};

/// Frames of equally many rows side by side. When two columns have the same name, all of them are named anew:
/// `C1`, `C2`, ...
///
/// # Errors
/// When the numbers of rows differ.
pub fn cbind(parts: &[&Frame]) -> Outcome<Frame> {
    let rows = parts.first().map_or(0, |part| part.rows());
    if let Some(other) = parts.iter().find(|part| part.rows() != rows) {
        bail!(Shape, "`cbind` of frames with {rows} and {} rows", other.rows());
    }
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
    let Some(first) = parts.first() else { return Frame::new(0, Vec::new()) };
    if let Some(other) = parts.iter().find(|part| part.cols() != first.cols()) {
        bail!(Shape, "`rbind` of frames with {} and {} columns", first.cols(), other.cols());
    }
    let column = |j: usize| {
        let pieces: Vec<&Column> = parts.iter().map(|part| &part.columns()[j]).collect();
        let kind = common(&pieces);
        let pieces = pieces.iter().map(|piece| piece.cast(kind)).collect::<Outcome<Vec<_>>>()?;
        Ok(Column::concat(kind, &pieces))
    };
    let rows = parts.iter().map(|part| part.rows()).sum();
    let columns = (0..first.cols()).map(column).collect::<Outcome<_>>()?;
    Frame::new(rows, columns)?.named(first.names().to_vec())
}

/// The type that holds the cells of all columns; integers that 32 bits of floating point would round need 64.
pub(crate) fn common(columns: &[&Column]) -> ColumnType {
    let kind = columns.iter().map(|column| column.kind()).max().unwrap_or(ColumnType::String);
    let rounds = |column: &&Column| match column {
        Column::Int32(cells) => cells.iter().flatten().any(|value| i64::from(value as f32 as i32) != i64::from(value)),
        Column::Int64(cells) => cells.iter().flatten().any(|value| i128::from(value) != value as f32 as i128),
        _ => false,
    };
    if kind == ColumnType::Fp32 && columns.iter().any(rounds) { ColumnType::Fp64 } else { kind }
}
