//! How values are printed: `print(X)` and `toString(X, ...)`.

use std::fmt::Write;

use tilewright_frame::{Cell, ColumnType, Frame};
use tilewright_value::{Block, Value};

/// The options of `toString`.
#[derive(Debug, Clone)]
pub struct Format {
    /// At most so many rows.
    pub rows: usize,
    /// At most so many columns.
    pub cols: usize,
    /// Digits after the point.
    pub decimal: usize,
    /// Print `i j value` for each non-zero cell instead of rows.
    pub triples: bool,
    /// Between the cells of a row.
    pub separator: String,
    /// After each row.
    pub line_end: String,
}

impl Default for Format {
    fn default() -> Format {
        Format {
            rows: 100,
            cols: 100,
            decimal: 3,
            triples: false,
            separator: " ".into(),
            line_end: "\n".into(),
        }
    }
}

/// The value as text: a scalar as `print` shows it, a matrix row by row, a list element by element.
pub fn print(value: &Value, format: &Format) -> String {
    match value {
        Value::Scalar(scalar) => scalar.to_string(),
        Value::Matrix(matrix) => print_block(&matrix.pin(), format),
        Value::Frame(frame) => print_frame(frame, format),
        Value::List(list) if list.is_empty() => "List containing:]".into(),
        Value::List(list) => {
            let items: Vec<String> = list.values().map(|item| print_element(item, format)).collect();
            format!("List containing:\n[{}]", items.join(", "))
        }
    }
}

/// An element of a list: what takes several lines begins on its own.
fn print_element(value: &Value, format: &Format) -> String {
    let text = print(value, format);
    match value {
        Value::Matrix(_) => format!("\nMatrix:\n{text}"),
        Value::Frame(_) => format!("\n{text}"),
        Value::Scalar(_) | Value::List(_) => text,
    }
}

fn print_block(block: &Block, format: &Format) -> String {
    let mut out = String::new();
    let (rows, cols) = (block.rows().min(format.rows), block.cols().min(format.cols));
    for i in 0..rows {
        if format.triples {
            for j in (0..cols).filter(|&j| block.get(i, j) != 0.0) {
                let (sep, cell) = (&format.separator, print_cell(block.get(i, j), format.decimal));
                let _ = write!(out, "{}{sep}{}{sep}{cell}{}", i + 1, j + 1, format.line_end);
            }
            continue;
        }
        for j in 0..cols {
            if j > 0 {
                out.push_str(&format.separator);
            }
            out.push_str(&print_cell(block.get(i, j), format.decimal));
        }
        out.push_str(&format.line_end);
    }
    out
}

/// Sizes, names and types behind `#`, then the rows; missing cells are `null`.
fn print_frame(frame: &Frame, format: &Format) -> String {
    let (rows, cols) = (frame.rows().min(format.rows), frame.cols().min(format.cols));
    let (sep, end) = (&format.separator, &format.line_end);
    let mut out = format!("# FRAME: nrow = {}, ncol = {}{end}", frame.rows(), frame.cols());
    let head = |words: &mut dyn Iterator<Item = &str>| {
        words.take(cols).fold("#".to_string(), |line, word| line + sep + word) + end
    };
    out += &head(&mut frame.names().iter().map(String::as_str));
    out += &head(&mut frame.columns().iter().map(|column| column.kind().name()));
    for i in 0..rows {
        let cell = |j| print_frame_cell(frame, i, j, format.decimal);
        out += &(0..cols).map(cell).collect::<Vec<_>>().join(sep);
        out += end;
    }
    out
}

/// Doubles have a fixed number of decimals as in matrices, numbers of 32 bits the digits they need.
fn print_frame_cell(frame: &Frame, i: usize, j: usize, decimal: usize) -> String {
    match frame.cell(i, j) {
        Cell::Boolean(value) => if value { "TRUE" } else { "FALSE" }.into(),
        Cell::Double(value) if frame.columns()[j].kind() == ColumnType::Fp64 => print_cell(value, decimal),
        cell => cell.text().unwrap_or_else(|| "null".into()),
    }
}

/// A cell with a fixed number of decimals, halves to the even digit.
fn print_cell(value: f64, decimal: usize) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    // A negative zero has no sign, a small negative number keeps it.
    format!("{:.decimal$}", if value == 0.0 { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_round_half_to_even_and_hide_negative_zero() {
        assert_eq!(print_cell(1000.125, 2), "1000.12");
        assert_eq!((print_cell(-0.0, 3), print_cell(-0.0001, 3)), ("0.000".into(), "-0.000".into()));
        assert_eq!(print_cell(f64::NEG_INFINITY, 3), "-Infinity");
    }
}
