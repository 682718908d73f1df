//! Lines `row column value`, 1-based: what the text and Matrix Market formats share.

use std::ops::ControlFlow;

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Csr;
use tilewright_value::Block;

use crate::gathered::{Cells, Gathered};
use crate::lines::{self, CHUNK, Lines};
use crate::number;
use crate::output::Draft;
use crate::problems::{Problem, Problems};

/// Which cells a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symmetry {
    /// The one it names.
    General,
    /// Also the one across the diagonal.
    Symmetric,
    /// Also the one across the diagonal, negated.
    Skew,
}

/// What the lines of a file hold.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// False when lines name cells without values, which are 1.
    pub values: bool,
    /// Which cells a line stands for.
    pub symmetry: Symmetry,
    /// What follows when a cell is named twice.
    pub repeated: Repeated,
}

/// What follows when a cell is named twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The values add up.
    Add,
    /// The file is refused.
    Refuse,
}

/// How many rows, most of them empty, a byte of a file may stand for, and an empty file: what a file says of its size costs
/// no more memory than that.
const ROWS_PER_BYTE: usize = 64;
const FREE_ROWS: usize = 1 << 23;

fn rows_of(bytes: usize) -> usize {
    bytes.saturating_mul(ROWS_PER_BYTE).saturating_add(FREE_ROWS)
}

/// What is on the lines of a chunk.
#[derive(Default)]
struct Part {
    cells: Cells,
    lines: usize,
    bytes: usize,
    problems: Problems,
}

/// Reads the lines of a text from byte `start` on; the number of lines that name cells comes with the matrix.
///
/// # Errors
/// At the first line that is malformed or names a cell outside of the matrix, with a count of the others.
pub fn parse(text: &impl Lines, start: usize, shape: Shape) -> Outcome<(Csr, usize)> {
    parse_in_chunks(text, start, shape, CHUNK)
}

/// As [`parse`], with chunks of about `chunk` bytes.
///
/// # Errors
/// As of [`parse`].
pub fn parse_in_chunks(text: &impl Lines, start: usize, shape: Shape, chunk: usize) -> Outcome<(Csr, usize)> {
    let name = text.path().display();
    let Shape { rows, cols, .. } = shape;
    if cols > Csr::MAX_COLS {
        bail!(Unsupported, "{name} has {cols} columns, more than a sparse matrix can have in this build");
    }
    let (mut gathered, mut problems, mut lines, mut bytes) = (Gathered::default(), Problems::default(), 0, 0);
    let take = |part: Part, share: f64| {
        problems.append(part.problems);
        lines += part.lines;
        bytes += part.bytes;
        gathered.add(&part.cells, share, rows_of(bytes))?;
        Ok(ControlFlow::Continue(()))
    };
    let read = text.in_order((start, chunk), |at, chunk| Part::of(at, chunk, shape), take);
    // What is wrong with the cells stands before the place where a file is cut off.
    problems.check(text)?;
    read?;
    if rows > rows_of(bytes) {
        bail!(File, "{name}: {rows} rows are more than {bytes} bytes of cells can fill");
    }
    let matrix = gathered.matrix((rows, cols), |(i, j), times| match shape.repeated {
        Repeated::Add => Ok(()),
        Repeated::Refuse => {
            bail!(File, "{name}: the cell in row {}, column {} is given {times} times", i + 1, j + 1)
        }
    })?;
    Ok((matrix, lines))
}

impl Part {
    fn of(start: usize, text: &[u8], shape: Shape) -> Part {
        let mut part = Part { bytes: text.len(), ..Part::default() };
        for (at, line) in lines::lines(text) {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"%") {
                continue;
            }
            part.lines += 1;
            let (i, j, value) = match cell(line, shape) {
                Ok(cell) => cell,
                Err(message) => {
                    part.problems.add(Problem::new(start + at, message));
                    continue;
                }
            };
            part.cells.add(i, j, value);
            match shape.symmetry {
                Symmetry::Symmetric if i != j => part.cells.add(j, i, value),
                Symmetry::Skew if i != j => part.cells.add(j, i, -value),
                _ => {}
            }
        }
        part
    }
}

/// The 0-based place and the value on a line, or what is wrong with it.
fn cell(line: &[u8], shape: Shape) -> Result<(usize, usize, f64), String> {
    let mut fields = line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|field| !field.is_empty());
    let expected = if shape.values { "`row column value`" } else { "`row column`" };
    let shown = || format!("expected {expected}, found \"{}\"", String::from_utf8_lossy(line));
    let mut index = |what: &str, size: usize| {
        let field = fields.next().ok_or_else(shown)?;
        let number =
            std::str::from_utf8(field).ok().and_then(|text| text.parse::<usize>().ok()).ok_or_else(shown)?;
        if number == 0 || number > size {
            return Err(format!("{what} {number} is outside of 1 to {size}"));
        }
        Ok(number - 1)
    };
    let (i, j) = (index("row", shape.rows)?, index("column", shape.cols)?);
    let value = match fields.next() {
        Some(field) if shape.values => number::parse(field).ok_or_else(shown)?,
        None if !shape.values => 1.0,
        _ => return Err(shown()),
    };
    match shape.symmetry {
        _ if fields.next().is_some() => Err(shown()),
        Symmetry::Symmetric | Symmetry::Skew if j > i => {
            Err("a cell above the diagonal, but of symmetric matrices the lower half is stored".into())
        }
        Symmetry::Skew if j == i && value != 0.0 => {
            Err("a cell on the diagonal of a skew-symmetric matrix, which is zero".into())
        }
        _ => Ok((i, j, value)),
    }
}

/// Appends a line per cell that is not zero.
///
/// # Errors
/// When the disk is full or fails.
pub fn write(draft: &mut Draft, block: &Block) -> Outcome<()> {
    let cells_per_row = block.nnz() / block.rows().max(1) + 1;
    draft.append_rows(block.rows(), cells_per_row, |row, text| match block {
        Block::Dense(dense) => {
            let cells = dense.row(row).iter().enumerate();
            cells.filter(|(_, value)| **value != 0.0).for_each(|(j, value)| push_line(text, row, j, *value));
        }
        Block::Sparse(csr) => {
            let (col, val) = csr.row(row);
            col.iter().zip(val).for_each(|(j, value)| push_line(text, row, *j as usize, *value));
        }
    })
}

fn push_line(text: &mut Vec<u8>, i: usize, j: usize, value: f64) {
    number::push_count(text, i + 1);
    text.push(b' ');
    number::push_count(text, j + 1);
    text.push(b' ');
    number::push(text, value);
    text.push(b'\n');
}
