//! The directory of a file: the value that it holds, without the cells, and where their panels stand.
//!
//! Invariant: what [`parse`] accepts is consistent: panels add up to the rows of their value and lie inside of the
//! file, and their bytes are those that their shape takes. So whoever reads cells may allocate by it.

use tilewright_base::{Outcome, bail};
use tilewright_frame::ColumnType;
use tilewright_matrix::Csr;
use tilewright_value::Scalar;

use super::fields::{Fields, push_text, push_u32, push_u64};
use crate::pieces::Pieces;

/// How deep lists stand in each other.
pub const DEPTH: usize = 256;

/// A value without its cells.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A scalar, which stands in the directory itself.
    Scalar(Scalar),
    /// A matrix.
    Matrix(MatrixNode),
    /// A frame.
    Frame(FrameNode),
    /// Values, each with its name.
    List(Vec<(Option<String>, Node)>),
}

/// A matrix without its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixNode {
    /// Whether the cells are truth values.
    pub logical: bool,
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// Where the cells are, from the first row on; none when there is no cell.
    pub panels: Vec<Panel>,
}

/// A frame without its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameNode {
    /// The number of rows.
    pub rows: usize,
    /// Names and types of the columns.
    pub fields: Vec<(String, ColumnType)>,
    /// Where the cells are, from the first row on; none when there is no cell.
    pub panels: Vec<Panel>,
}

/// How the cells of a panel stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All cells, row by row.
    Dense,
    /// As `Dense`; some zero is negative, which sparse panels do not keep.
    DenseSigned,
    /// Values that are not zero, their columns, and the number of values up to the end of each row.
    Sparse,
    /// The columns of a frame, as a stream of Arrow's interprocess format.
    Columns,
}

const KINDS: [Kind; 4] = [Kind::Dense, Kind::DenseSigned, Kind::Sparse, Kind::Columns];

/// Consecutive rows in one piece of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panel {
    /// How the cells stand in it.
    pub kind: Kind,
    /// Whether it is compressed by zstd.
    pub compressed: bool,
    /// The number of rows.
    pub rows: usize,
    /// The number of cells that are not zero.
    pub nnz: usize,
    /// The first byte in the file.
    pub offset: u64,
    /// The bytes in the file.
    pub stored: u64,
    /// The bytes before they were compressed.
    pub raw: u64,
    /// The checksum of the bytes in the file.
    pub crc: u32,
}

/// The bytes of a panel in the directory.
const PANEL: usize = 2 + 5 * 8 + 4;

/// The bytes of a sparse panel.
pub fn sparse_bytes(rows: usize, nnz: usize) -> u128 {
    12 * nnz as u128 + 4 * rows as u128
}

/// The bytes of a dense panel.
pub fn dense_bytes(rows: usize, cols: usize) -> u128 {
    8 * rows as u128 * cols as u128
}

impl MatrixNode {
    /// The number of cells that are not zero.
    pub fn nnz(&self) -> usize {
        self.panels.iter().map(|panel| panel.nnz).sum()
    }
}

/// The text of a directory.
///
/// # Errors
/// When lists stand too deep in each other.
pub fn encode(node: &Node) -> Outcome<Vec<u8>> {
    let mut out = Vec::new();
    push(&mut out, node, 0)?;
    Ok(out)
}

fn push(out: &mut Vec<u8>, node: &Node, depth: usize) -> Outcome<()> {
    match node {
        Node::Scalar(scalar) => push_scalar(out, scalar),
        Node::Matrix(matrix) => {
            out.extend([4, u8::from(matrix.logical)]);
            push_u64(out, matrix.rows);
            push_u64(out, matrix.cols);
            push_panels(out, &matrix.panels);
        }
        Node::Frame(frame) => {
            out.push(5);
            push_u64(out, frame.rows);
            push_u64(out, frame.fields.len());
            for (name, kind) in &frame.fields {
                out.push(ColumnType::ALL.iter().position(|of| of == kind).unwrap_or_default() as u8);
                push_text(out, name);
            }
            push_panels(out, &frame.panels);
        }
        Node::List(_) if depth == DEPTH => bail!(Value, "lists in lists go {DEPTH} deep at most in a file"),
        Node::List(entries) => {
            out.push(6);
            push_u64(out, entries.len());
            for (name, value) in entries {
                out.push(u8::from(name.is_some()));
                name.iter().for_each(|name| push_text(out, name));
                push(out, value, depth + 1)?;
            }
        }
    }
    Ok(())
}

fn push_scalar(out: &mut Vec<u8>, scalar: &Scalar) {
    match scalar {
        Scalar::Integer(value) => {
            out.push(0);
            out.extend(value.to_le_bytes());
        }
        Scalar::Double(value) => {
            out.push(1);
            out.extend(value.to_le_bytes());
        }
        Scalar::Boolean(value) => out.extend([2, u8::from(*value)]),
        Scalar::String(text) => {
            out.push(3);
            push_text(out, text);
        }
    }
}

fn push_panels(out: &mut Vec<u8>, panels: &[Panel]) {
    push_u64(out, panels.len());
    for panel in panels {
        out.push(KINDS.iter().position(|kind| *kind == panel.kind).unwrap_or_default() as u8);
        out.push(u8::from(panel.compressed));
        push_u64(out, panel.rows);
        push_u64(out, panel.nnz);
        out.extend(panel.offset.to_le_bytes());
        out.extend(panel.stored.to_le_bytes());
        out.extend(panel.raw.to_le_bytes());
        push_u32(out, panel.crc);
    }
}

/// The value that a directory describes.
///
/// # Errors
/// When the directory contradicts itself or the length of its file.
pub fn parse(file: &Pieces, directory: &[u8]) -> Outcome<Node> {
    let mut fields = Fields::new(file, directory);
    let node = parse_node(&mut fields, 0)?;
    fields.end()?;
    Ok(node)
}

fn parse_node(fields: &mut Fields<'_>, depth: usize) -> Outcome<Node> {
    Ok(match fields.byte()? {
        0 => Node::Scalar(Scalar::Integer(fields.u64()? as i64)),
        1 => Node::Scalar(Scalar::Double(f64::from_bits(fields.u64()?))),
        2 => Node::Scalar(Scalar::Boolean(fields.flag()?)),
        3 => Node::Scalar(Scalar::string(fields.text()?)),
        4 => Node::Matrix(parse_matrix(fields)?),
        5 => Node::Frame(parse_frame(fields)?),
        6 if depth < DEPTH => Node::List(parse_list(fields, depth)?),
        _ => return Err(fields.wrong("a kind of value")),
    })
}

fn parse_list(fields: &mut Fields<'_>, depth: usize) -> Outcome<Vec<(Option<String>, Node)>> {
    // The smallest entry is a byte for the name and two for a truth value.
    let len = fields.count(3)?;
    let entry = |_| {
        let name = if fields.flag()? { Some(fields.text()?) } else { None };
        Ok((name, parse_node(fields, depth + 1)?))
    };
    (0..len).map(entry).collect()
}

fn parse_matrix(fields: &mut Fields<'_>) -> Outcome<MatrixNode> {
    let (logical, rows, cols) = (fields.flag()?, fields.size()?, fields.size()?);
    let panels = parse_panels(fields, rows, cols)?;
    for panel in &panels {
        let bytes = match panel.kind {
            Kind::Sparse => sparse_bytes(panel.rows, panel.nnz),
            _ => dense_bytes(panel.rows, cols),
        };
        let is_narrow = panel.kind != Kind::Sparse || cols <= Csr::MAX_COLS;
        let fits = panel.nnz as u128 <= panel.rows as u128 * cols as u128;
        if panel.kind == Kind::Columns || !is_narrow || !fits || bytes != u128::from(panel.raw) {
            return Err(fields.wrong("the panels of a matrix"));
        }
    }
    let total: u128 = panels.iter().map(|panel| u128::from(panel.raw)).sum();
    if total > isize::MAX as u128 {
        return Err(fields.wrong("a matrix that memory can hold"));
    }
    Ok(MatrixNode { logical, rows, cols, panels })
}

fn parse_frame(fields: &mut Fields<'_>) -> Outcome<FrameNode> {
    let rows = fields.size()?;
    // A column takes a byte for its type and eight for the length of its name.
    let cols = fields.count(9)?;
    let mut columns = Vec::with_capacity(cols);
    for _ in 0..cols {
        let kind = ColumnType::ALL.get(fields.byte()? as usize).copied();
        let kind = kind.ok_or_else(|| fields.wrong("the type of a column"))?;
        columns.push((fields.text()?, kind));
    }
    let panels = parse_panels(fields, rows, cols)?;
    if panels.iter().any(|panel| panel.kind != Kind::Columns) {
        return Err(fields.wrong("the panels of a frame"));
    }
    Ok(FrameNode { rows, fields: columns, panels })
}

fn parse_panels(fields: &mut Fields<'_>, rows: usize, cols: usize) -> Outcome<Vec<Panel>> {
    let panels = (0..fields.count(PANEL)?).map(|_| parse_panel(fields)).collect::<Outcome<Vec<_>>>()?;
    let total: u128 = panels.iter().map(|panel| panel.rows as u128).sum();
    let should = if cols == 0 { 0 } else { rows as u128 };
    if total != should || panels.iter().any(|panel| panel.rows == 0) {
        return Err(fields.wrong("panels of as many rows as there are"));
    }
    Ok(panels)
}

fn parse_panel(fields: &mut Fields<'_>) -> Outcome<Panel> {
    let kind = KINDS.get(fields.byte()? as usize).copied();
    let panel = Panel {
        kind: kind.ok_or_else(|| fields.wrong("a kind of panel"))?,
        compressed: fields.flag()?,
        rows: fields.size()?,
        nnz: fields.size()?,
        offset: fields.u64()?,
        stored: fields.u64()?,
        raw: fields.u64()?,
        crc: fields.u32()?,
    };
    let end = panel.offset.checked_add(panel.stored);
    if end.is_none_or(|end| end > fields.file_len()) || !panel.compressed && panel.raw != panel.stored {
        return Err(fields.wrong("a panel inside of the file"));
    }
    Ok(panel)
}
