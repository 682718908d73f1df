//! Frames as text cells: a line `row column value` per cell, 1-based; the value is the rest of the line.
//!
//! As in matrices of this format, what no line names is 0 among numbers, and so FALSE among truth values; among texts it
//! is missing. A missing number has a line without a value.

use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, Column, ColumnType, Frame};

use crate::lines;
use crate::number;
use crate::output::Draft;
use crate::source::Source;

/// How many cells, most of them missing, a byte of a file may stand for, and an empty file: what a file says of its size
/// costs no more memory than that.
const CELLS_PER_BYTE: usize = 256;
const FREE_CELLS: usize = 1 << 20;

/// Reads a whole file.
///
/// # Errors
/// When the size is not known, or a line is malformed, outside of the frame, or not of the type of its column.
pub fn parse(
    source: &Source,
    rows: Option<usize>,
    cols: Option<usize>,
    schema: Option<&[ColumnType]>,
) -> Outcome<Frame> {
    let (Some(rows), Some(cols)) = (rows, cols) else {
        bail!(File, "{}: the text format does not say how large the frame is", source.path.display(); hint: "pass `rows=` and `cols=`, or write a .mtd file beside it");
    };
    let allowed = source.bytes.len().saturating_mul(CELLS_PER_BYTE).saturating_add(FREE_CELLS);
    if rows.max(1).saturating_mul(cols.max(1)) > allowed {
        bail!(
            File,
            "{}: a {rows}x{cols} frame has more cells than its {} bytes can fill",
            source.path.display(),
            source.bytes.len()
        );
    }
    let schema = schema.map_or_else(|| vec![ColumnType::String; cols], <[_]>::to_vec);
    if schema.len() != cols {
        return Err(source.fault(0, format!("{} types for {cols} columns", schema.len())));
    }
    let mut cells: Vec<Vec<Cell>> = schema.iter().map(|kind| vec![unnamed(*kind); rows]).collect();
    for (at, line) in lines::lines(&source.bytes).filter(|(_, line)| !line.trim_ascii().is_empty()) {
        let wrong = |message: String| source.fault(at, message);
        let Ok(line) = std::str::from_utf8(line) else { return Err(wrong("not UTF-8 text".into())) };
        let (i, j, text) =
            split(line).ok_or_else(|| wrong("expected a line `row column value`, counted from 1".into()))?;
        if i > rows || j > cols {
            return Err(wrong(format!("cell ({i}, {j}) of a {rows}x{cols} frame")));
        }
        let (cell, kind) = (Cell::Text(text.into()), schema[j - 1]);
        let shown = cell.to_string();
        cells[j - 1][i - 1] =
            cell.fit(kind).ok_or_else(|| wrong(format!("cell ({i}, {j}) is {shown}, which is no {kind}")))?;
    }
    let columns = schema.iter().zip(cells).map(|(kind, cells)| Column::from_cells(*kind, cells.into_iter()));
    Frame::new(rows, columns.collect())
}

/// 1-based row and column, and the text behind them.
fn split(line: &str) -> Option<(usize, usize, &str)> {
    let (i, rest) = line.split_once(' ')?;
    let (j, text) = rest.split_once(' ')?;
    let index = |field: &str| field.parse::<usize>().ok().filter(|index| *index > 0);
    Some((index(i)?, index(j)?, text))
}

/// What a cell holds that no line names.
fn unnamed(kind: ColumnType) -> Cell {
    match kind {
        ColumnType::String => Cell::Missing,
        ColumnType::Boolean => Cell::Boolean(false),
        ColumnType::Int32 | ColumnType::Int64 => Cell::Integer(0),
        ColumnType::Fp32 | ColumnType::Fp64 => Cell::Double(0.0),
    }
}

/// Appends a line for each cell, without one for missing texts.
///
/// # Errors
/// When a text has several lines, or the disk is full or fails.
pub fn write(draft: &mut Draft, frame: &Frame) -> Outcome<()> {
    for (j, column) in frame.columns().iter().enumerate() {
        let broken =
            (0..frame.rows()).find(|i| column.str(*i).is_some_and(|text| text.contains(['\n', '\r'])));
        if let Some(i) = broken {
            bail!(Value, "row {} of column {} (\"{}\") has several lines, which the text format cannot hold", i + 1, j + 1, frame.names()[j]; hint: "`format=\"csv\"` quotes it");
        }
    }
    draft.append_rows(frame.rows(), frame.cols(), |i, out| {
        let is_named = |column: &Column| !column.is_missing(i) || column.kind() != ColumnType::String;
        for (j, column) in frame.columns().iter().enumerate().filter(|(_, column)| is_named(column)) {
            number::push_count(out, i + 1);
            out.push(b' ');
            number::push_count(out, j + 1);
            out.push(b' ');
            match column.cell(i) {
                Cell::Double(value) => number::push(out, value),
                cell => out.extend_from_slice(cell.text().unwrap_or_default().as_bytes()),
            }
            out.push(b'\n');
        }
    })
}
