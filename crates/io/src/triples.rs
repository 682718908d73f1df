//! Lines `row column value`, 1-based: what the text and Matrix Market formats share.

use rayon::prelude::*;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Csr;
use tilewright_value::Block;

use crate::lines::{self, CHUNK};
use crate::number;
use crate::output::Draft;
use crate::source::Source;

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

/// The cells of one chunk, 0-based.
#[derive(Default)]
struct Cells {
    row: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
    lines: usize,
}

/// Reads the lines of `source` from byte `start` on; the number of lines that name cells comes with the matrix.
///
/// # Errors
/// At the first line that is malformed or names a cell outside of the matrix.
pub fn parse(source: &Source, start: usize, shape: Shape) -> Outcome<(Csr, usize)> {
    parse_in_chunks(source, start, shape, CHUNK)
}

/// As [`parse`], with chunks of about `chunk` bytes.
///
/// # Errors
/// As of [`parse`].
pub fn parse_in_chunks(source: &Source, start: usize, shape: Shape, chunk: usize) -> Outcome<(Csr, usize)> {
    if shape.cols > Csr::MAX_COLS {
        bail!(
            Unsupported,
            "{} has {} columns, more than a sparse matrix can have in this build",
            source.path.display(),
            shape.cols
        );
    }
    let text = &source.bytes[start..];
    if shape.rows > text.len().saturating_mul(ROWS_PER_BYTE).saturating_add(FREE_ROWS) {
        let (name, rows) = (source.path.display(), shape.rows);
        bail!(File, "{name}: {rows} rows are more than {} bytes of cells can fill", text.len());
    }
    let parts: Vec<Outcome<Cells>> = lines::chunks(text, chunk)
        .into_par_iter()
        .map(|chunk| {
            source.parsed(chunk.len(), || chunk_cells(source, start + chunk.start, &text[chunk], shape))
        })
        .collect();
    let parts = parts.into_iter().collect::<Outcome<Vec<Cells>>>()?;
    let lines = parts.iter().map(|part| part.lines).sum();
    Ok((assemble(source, shape, &parts)?, lines))
}

fn chunk_cells(source: &Source, start: usize, text: &[u8], shape: Shape) -> Outcome<Cells> {
    let mut cells = Cells::default();
    for (at, line) in lines::lines(text) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"%") {
            continue;
        }
        let (i, j, value) = cell(line, shape).map_err(|message| source.fault(start + at, message))?;
        cells.lines += 1;
        cells.add(i, j, value);
        match shape.symmetry {
            Symmetry::Symmetric if i != j => cells.add(j, i, value),
            Symmetry::Skew if i != j => cells.add(j, i, -value),
            _ => {}
        }
    }
    Ok(cells)
}

impl Cells {
    fn add(&mut self, i: usize, j: usize, value: f64) {
        if value != 0.0 {
            self.row.push(i);
            self.col.push(j as u32);
            self.val.push(value);
        }
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

/// The matrix of the cells: a counting sort by row, then each row by column.
fn assemble(source: &Source, shape: Shape, parts: &[Cells]) -> Outcome<Csr> {
    let mut row_ptr = Vec::new();
    if row_ptr.try_reserve_exact(shape.rows.saturating_add(1)).is_err() {
        bail!(Memory, "{}: no memory for {} rows", source.path.display(), shape.rows);
    }
    row_ptr.resize(shape.rows + 1, 0);
    parts.iter().flat_map(|part| &part.row).for_each(|&i| row_ptr[i + 1] += 1);
    (0..shape.rows).for_each(|i| row_ptr[i + 1] += row_ptr[i]);
    let mut cells = vec![(0u32, 0f64); row_ptr[shape.rows]];
    let mut next = row_ptr.clone();
    for part in parts {
        for ((&i, &j), &value) in part.row.iter().zip(&part.col).zip(&part.val) {
            cells[next[i]] = (j, value);
            next[i] += 1;
        }
    }
    let (mut col, mut val) = (Vec::with_capacity(cells.len()), Vec::with_capacity(cells.len()));
    for i in 0..shape.rows {
        let row = &mut cells[row_ptr[i]..row_ptr[i + 1]];
        if !row.is_sorted_by_key(|cell| cell.0) {
            row.sort_by_key(|cell| cell.0);
        }
        row_ptr[i] = col.len();
        for same in row.chunk_by(|a, b| a.0 == b.0) {
            if same.len() > 1 && shape.repeated == Repeated::Refuse {
                let (name, j) = (source.path.display(), same[0].0 + 1);
                bail!(File, "{name}: the cell in row {}, column {j} is given {} times", i + 1, same.len());
            }
            let value: f64 = same.iter().map(|cell| cell.1).sum();
            if value != 0.0 {
                col.push(same[0].0);
                val.push(value);
            }
        }
    }
    row_ptr[shape.rows] = col.len();
    Ok(Csr::from_parts(shape.rows, shape.cols, row_ptr, col, val))
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
