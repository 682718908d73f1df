//! Our own format: any value in one file, in checksummed panels of rows that are read and written on all threads.
//!
//! ```text
//! head 64 bytes | panel | panel | ... | directory
//! ```
//!
//! The layout is described in `docs/binary-format.md`.
//!
//! - [`head`]: what the file is and where its directory stands; [`directory`]: the value without its cells, in
//!   [`fields`]
//! - [`encode`]: panels to bytes; [`raw`]: the bytes of a panel; [`rows`]: which panels hold which rows
//! - [`decode`], [`decode_frame`]: panels back to values; [`mod@append`]: more rows for a file

pub mod append;
pub mod decode;
pub mod decode_frame;
pub mod directory;
pub mod encode;
pub mod fields;
pub mod head;
pub mod raw;
pub mod rows;

use std::ops::Range;
use std::path::Path;

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::{ColumnType, Frame};
use tilewright_value::list::Entry;
use tilewright_value::{Block, List, Matrix, Scalar, Value};

use self::directory::{FrameNode, MatrixNode, Node};
use self::encode::Sink;
use self::head::Head;
use crate::format::Counted;
use crate::output::Draft;
use crate::pieces::Pieces;

/// What is written.
#[derive(Debug, Clone, Copy)]
pub enum Contents<'a> {
    /// A scalar.
    Scalar(&'a Scalar),
    /// A matrix, and whether its cells are truth values.
    Matrix(&'a Block, bool),
    /// A frame.
    Frame(&'a Frame),
    /// A list.
    List(&'a List),
}

/// Writes a value into an empty draft.
///
/// # Errors
/// When the file cannot be written.
pub fn write(draft: &mut Draft, contents: Contents<'_>, compress: bool) -> Outcome<()> {
    let mut append = |bytes: &[u8]| draft.append(bytes);
    let mut sink = Sink { append: &mut append, at: 0, compress };
    sink.push(&[0; head::BYTES])?;
    let node = write_cells(&mut sink, contents)?;
    let directory = directory::encode(&node)?;
    let (offset, len) = (sink.at, directory.len() as u64);
    sink.push(&directory)?;
    draft.overwrite(&Head { offset, len, crc: crc32fast::hash(&directory) }.encode())
}

fn write_cells(sink: &mut Sink<'_>, contents: Contents<'_>) -> Outcome<Node> {
    Ok(match contents {
        Contents::Scalar(scalar) => Node::Scalar(scalar.clone()),
        Contents::Matrix(block, logical) => {
            let panels = encode::matrix(sink, block)?;
            Node::Matrix(MatrixNode { logical, rows: block.rows(), cols: block.cols(), panels })
        }
        Contents::Frame(frame) => {
            let panels = encode::frame(sink, frame)?;
            Node::Frame(FrameNode { rows: frame.rows(), fields: fields_of(frame), panels })
        }
        Contents::List(list) => {
            let mut entries = Vec::with_capacity(list.len());
            for (name, value) in list.iter() {
                let node = match value {
                    Value::Scalar(scalar) => write_cells(sink, Contents::Scalar(scalar))?,
                    Value::Matrix(matrix) => {
                        write_cells(sink, Contents::Matrix(&matrix.pin(), matrix.is_logical()))?
                    }
                    Value::Frame(frame) => write_cells(sink, Contents::Frame(frame))?,
                    Value::List(list) => write_cells(sink, Contents::List(list))?,
                };
                entries.push((name.map(String::from), node));
            }
            Node::List(entries)
        }
    })
}

fn fields_of(frame: &Frame) -> Vec<(String, ColumnType)> {
    frame.names().iter().cloned().zip(frame.schema()).collect()
}

/// The value in a file, without its cells.
///
/// # Errors
/// When the file is of another format, truncated or corrupted.
pub fn describe(path: &Path) -> Outcome<Node> {
    let file = Pieces::open(path)?;
    let (_, directory) = Head::read(&file)?;
    directory::parse(&file, &directory)
}

/// The value in a file.
///
/// # Errors
/// When the file is of another format, truncated or corrupted.
pub fn read(path: &Path) -> Outcome<Value> {
    let file = Pieces::open(path)?;
    let (_, directory) = Head::read(&file)?;
    read_cells(&file, &directory::parse(&file, &directory)?, "")
}

/// The matrix in a file, whose cells that are not zero its directory counts; `None` when the file holds another value.
///
/// # Errors
/// When the file is of another format, truncated or corrupted.
pub fn read_matrix(path: &Path) -> Outcome<Option<Counted>> {
    let file = Pieces::open(path)?;
    let (_, directory) = Head::read(&file)?;
    let Node::Matrix(node) = directory::parse(&file, &directory)? else { return Ok(None) };
    let block = decode::matrix(&file, &node, 0..node.rows, "the matrix")?;
    Ok(Some(Counted { block, nnz: node.nnz() }))
}

/// Rows of the matrix or frame in a file, counted from 0; other rows are not read, but for those in the same panels.
///
/// # Errors
/// When the file holds something else or has not so many rows, and as of [`read`].
pub fn read_rows(path: &Path, rows: Range<usize>) -> Outcome<Value> {
    let file = Pieces::open(path)?;
    let (_, directory) = Head::read(&file)?;
    let node = directory::parse(&file, &directory)?;
    let check = |total: usize| {
        if rows.start > rows.end || rows.end > total {
            let (name, total) = (path.display(), count(total, "row"));
            bail!(Index, "rows {} to {} of {name}, which has {total}", rows.start + 1, rows.end);
        }
        Ok(rows.clone())
    };
    match &node {
        Node::Matrix(matrix) => Ok(decode::matrix(&file, matrix, check(matrix.rows)?, "the matrix")?.into()),
        Node::Frame(frame) => Ok(decode_frame::frame(&file, frame, check(frame.rows)?, "the frame")?.into()),
        Node::Scalar(_) | Node::List(_) => {
            bail!(Type, "{} holds neither a matrix nor a frame, and has no rows", path.display())
        }
    }
}

/// `place` says where in a list the value stands, for messages.
fn read_cells(file: &Pieces, node: &Node, place: &str) -> Outcome<Value> {
    let what = |noun: &str| if place.is_empty() { format!("the {noun}") } else { format!("{noun} {place}") };
    Ok(match node {
        Node::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Node::Matrix(matrix) => {
            let block = decode::matrix(file, matrix, 0..matrix.rows, &what("matrix"))?;
            Value::Matrix(Matrix::new(block).marked(matrix.logical))
        }
        Node::Frame(frame) => decode_frame::frame(file, frame, 0..frame.rows, &what("frame"))?.into(),
        Node::List(entries) => {
            let entry = |(at, (name, node)): (usize, &(Option<String>, Node))| {
                let own = name.as_ref().map_or_else(|| format!("[{}]", at + 1), |name| format!("${name}"));
                let value = read_cells(file, node, &format!("{place}{own}"))?;
                Ok(Entry { name: name.as_deref().map(Into::into), value })
            };
            Value::List(List::new(entries.iter().enumerate().map(entry).collect::<Outcome<_>>()?))
        }
    })
}
