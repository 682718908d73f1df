//! The definitions, cell by cell.

use std::cmp::Ordering;

use tilewright_base::{Outcome, fault};

use crate::assign::{Assigned, misfit};
use crate::bind::{common, same_cols, same_rows};
use crate::frame::{distinct, names_of};
use crate::{Cell, Column, ColumnType, Frame};

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

/// The first type of which each value of a column stays what it is, see [`crate::schema::detect`].
pub fn detect(x: &Frame) -> Vec<ColumnType> {
    let first = |column: &Column| {
        let values: Vec<Cell> = column.cells().filter(has_value).collect();
        let holds = |kind: &ColumnType| values.iter().all(|cell| stays(cell, *kind));
        match values.is_empty() {
            true => column.kind(),
            false => ColumnType::ALL.into_iter().find(holds).unwrap_or(ColumnType::String),
        }
    };
    x.columns().iter().map(first).collect()
}

fn has_value(cell: &Cell) -> bool {
    cell.text().is_some_and(|text| !text.trim().is_empty())
}

/// Whether a cell is the same value in a column of a type.
fn stays(cell: &Cell, kind: ColumnType) -> bool {
    let text = cell.text().unwrap_or_default().trim().to_lowercase();
    if matches!(text.as_str(), "true" | "false" | "t" | "f") {
        return matches!(kind, ColumnType::Boolean | ColumnType::String);
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
        let whole = text.parse::<i128>().ok();
        return match (kind, whole.filter(|whole| i64::try_from(*whole).is_ok())) {
            (ColumnType::String, _) => true,
            (_, None) => false,
            (ColumnType::Boolean, Some(whole)) => whole == 0 || whole == 1,
            (ColumnType::Int32, Some(whole)) => i32::try_from(whole).is_ok(),
            (ColumnType::Fp32, Some(whole)) => format!("{}", whole as f32) == whole.to_string(),
            (ColumnType::Int64 | ColumnType::Fp64, Some(_)) => true,
        };
    }
    match (cell.number(), cell.clone().fit(kind)) {
        (_, Some(_)) if kind == ColumnType::String => true,
        (Some(number), Some(fitting)) if number.is_nan() => fitting != Cell::Missing,
        (Some(number), Some(fitting)) => fitting.number() == Some(number),
        _ => false,
    }
}

/// The frame with columns of other types, see [`crate::schema::apply`].
///
/// # Errors
/// When a cell does not fit.
pub fn apply_schema(x: &Frame, schema: &[ColumnType]) -> Outcome<Frame> {
    let column = |(j, kind): (usize, &ColumnType)| {
        let cell =
            |i: usize| x.cell(i, j).fit(*kind).ok_or_else(|| fault!(Value, "row {} is no {kind}", i + 1));
        let cells = (0..x.rows()).map(cell).collect::<Outcome<Vec<_>>>()?;
        Ok(Column::from_cells(*kind, cells.into_iter()))
    };
    let columns = schema.iter().enumerate().map(column).collect::<Outcome<_>>()?;
    Ok(Frame::from_parts(x.rows(), x.names().to_vec(), columns))
}

/// The frame without values of other types, see [`crate::schema::drop_invalid_type`].
pub fn drop_invalid_type(x: &Frame, schema: &[ColumnType]) -> Frame {
    let like: Vec<&Column> = x.columns().iter().collect();
    let kept = |i: usize, j: usize| x.cell(i, j).fit(schema[j]).map_or(Cell::Missing, |_| x.cell(i, j));
    build(x.rows(), &like, x.names().to_vec(), kept)
}

/// The frame without values of more characters, see [`crate::schema::drop_invalid_length`].
pub fn drop_invalid_length(x: &Frame, longest: &[f64]) -> Frame {
    let like: Vec<&Column> = x.columns().iter().collect();
    build(x.rows(), &like, x.names().to_vec(), |i, j| {
        let cell = x.cell(i, j);
        let length = cell.text().map_or(0, |text| text.chars().count());
        if longest[j] == -1.0 || length as f64 <= longest[j] { cell } else { Cell::Missing }
    })
}

/// The positions of sorted rows by insertion, see [`crate::sort::order`].
pub fn order(x: &Frame, by: &[usize], decreasing: bool) -> Vec<usize> {
    let mut rows: Vec<usize> = Vec::with_capacity(x.rows());
    for row in 0..x.rows() {
        let before = |other: &usize| {
            let orders = by.iter().map(|&j| compare(&x.cell(*other, j), &x.cell(row, j)));
            let order = orders.fold(Ordering::Equal, Ordering::then);
            if decreasing { order.is_ge() } else { order.is_le() }
        };
        let at = rows.iter().rposition(before).map_or(0, |at| at + 1);
        rows.insert(at, row);
    }
    rows
}

/// How two cells of one column are ordered.
fn compare(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Missing, Cell::Missing) => Ordering::Equal,
        (Cell::Missing, _) => Ordering::Greater,
        (_, Cell::Missing) => Ordering::Less,
        (Cell::Text(a), Cell::Text(b)) => a.chars().cmp(b.chars()),
        (Cell::Integer(a), Cell::Integer(b)) => a.cmp(b),
        (a, b) => {
            let (a, b) = (a.number().unwrap_or(f64::NAN), b.number().unwrap_or(f64::NAN));
            a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
        }
    }
}
