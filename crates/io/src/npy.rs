//! NumPy's `.npy` format: a header in the syntax of Python, then the cells, by rows or by columns.
//!
//! "A Simple File Format for NumPy Arrays", NumPy Enhancement Proposal 1, versions 1 to 3. A vector is a column.

use std::path::Path;

use tilewright_base::{Fault, Outcome, fault};
use tilewright_matrix::{Dense, transpose};
use tilewright_value::Block;

use crate::cells::{self, CellType};
use crate::format::Format;
use crate::joined;
use crate::npy_header::{Header, MAGIC};
use crate::output::Draft;
use crate::pieces::Pieces;
use crate::remote::may_be_file;

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "npy",
    extensions: &["npy"],
    is_text: false,
    sniff: |_, head| head.starts_with(MAGIC),
    peek: |path, known| {
        if !may_be_file(path) {
            return Ok(());
        }
        let file = Pieces::open(path)?;
        if let Some((rows, cols)) = Array::open(Bytes::File(&file), &path.display())?.header.rows_and_cols() {
            known.rows.get_or_insert(rows);
            known.cols.get_or_insert(cols);
        }
        Ok(())
    },
    read_matrix: Some(|path, _, _| joined::matrix(path, read_matrix)),
    write_matrix: Some(|draft, block, _| write_matrix(draft, block)),
    read_frame: None,
    write_frame: None,
    read_arguments: &[],
    write_arguments: &[],
    describe: Some(|_| Vec::new()),
};

fn read_matrix(path: &Path) -> Outcome<Block> {
    let file = Pieces::open(path)?;
    Array::open(Bytes::File(&file), &path.display())?.dense().map(Block::Dense)
}

/// The bytes of an array and its header.
#[derive(Clone, Copy)]
pub enum Bytes<'a> {
    /// In a file.
    File(&'a Pieces),
    /// In memory.
    Memory(&'a [u8]),
}

impl Bytes<'_> {
    fn len(&self) -> u64 {
        match self {
            Bytes::File(file) => file.len(),
            Bytes::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Outcome<()> {
        match self {
            Bytes::File(file) => file.read(offset, out),
            Bytes::Memory(bytes) => {
                let bytes = bytes.get(offset as usize..offset as usize + out.len());
                out.copy_from_slice(bytes.ok_or_else(|| fault!(File, "an array is truncated"))?);
                Ok(())
            }
        }
    }
}

/// An array whose header is read and fits the bytes that are there.
pub struct Array<'a> {
    /// What it says of itself.
    pub header: Header,
    bytes: Bytes<'a>,
    /// The first byte of the first cell.
    start: u64,
    name: String,
}

impl<'a> Array<'a> {
    /// Reads the header; `name` is told in messages.
    ///
    /// # Errors
    /// When it is malformed, or there are fewer bytes than it says.
    pub fn open(bytes: Bytes<'a>, name: &dyn std::fmt::Display) -> Outcome<Array<'a>> {
        let wrong = |message: &str| fault!(File, "{name}: {message}");
        let mut head = vec![0; bytes.len().min(12) as usize];
        bytes.read(0, &mut head)?;
        let (len, text) = match head[..] {
            [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => {
                (u64::from(u16::from_le_bytes([a, b])), 10)
            }
            [0x93, b'N', b'U', b'M', b'P', b'Y', 2 | 3, _, a, b, c, d] => {
                (u64::from(u32::from_le_bytes([a, b, c, d])), 12)
            }
            _ => return Err(wrong("not an array of NumPy (.npy), version 1 to 3")),
        };
        let start = text + len;
        if start > bytes.len() {
            return Err(wrong("the header of the array is truncated"));
        }
        let mut header = vec![0; len as usize];
        bytes.read(text, &mut header)?;
        let header = Header::parse(&String::from_utf8_lossy(&header)).map_err(|message| wrong(&message))?;
        let (there, needed) = (bytes.len() - start, header.bytes());
        match needed {
            Some(needed) if needed as u64 == there => {
                Ok(Array { header, bytes, start, name: name.to_string() })
            }
            Some(needed) if needed as u64 <= there => Err(wrong("bytes follow the last cell of the array")),
            _ => Err(wrong(&format!(
                "the array is truncated: {there} bytes of cells for the shape {:?}",
                header.shape
            ))),
        }
    }

    fn fault(&self, message: &str) -> Fault {
        fault!(File, "{}: {message}", self.name)
    }

    /// The cells as doubles.
    ///
    /// # Errors
    /// When they are texts, or the array has more than two dimensions.
    pub fn dense(&self) -> Outcome<Dense> {
        let Some((rows, cols)) = self.header.rows_and_cols() else {
            let dimensions = self.header.shape.len();
            return Err(self.fault(&format!("the array has {dimensions} dimensions, and a matrix has two")));
        };
        if self.header.by_columns && rows > 1 && cols > 1 {
            return Ok(transpose::dense(&self.by_rows(cols, rows)?));
        }
        self.by_rows(rows, cols)
    }

    fn by_rows(&self, rows: usize, cols: usize) -> Outcome<Dense> {
        if matches!(self.header.cells.kind, b'S' | b'U') {
            return Err(self.fault("the array holds texts, and a matrix holds numbers"));
        }
        cells::dense(self.header.cells, rows, cols, |at, out| self.bytes.read(self.start + at, out))
    }

    /// The text of an array that holds one.
    pub fn text(&self) -> Option<String> {
        let mut raw = vec![0; self.header.bytes()?];
        self.bytes.read(self.start, &mut raw).ok()?;
        if self.header.cells.kind == b'U' {
            let code =
                |bytes: &[u8]| char::from_u32(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
            raw.chunks_exact(4).map(code).collect()
        } else {
            String::from_utf8(raw).ok()
        }
    }
}

fn write_matrix(draft: &mut Draft, block: &Block) -> Outcome<()> {
    cells::append(draft, || header(b'f', 8, &[block.rows(), block.cols()]).encode(), block)
}

/// The header of an array that is written.
pub fn header(kind: u8, bytes: usize, shape: &[usize]) -> Header {
    Header { cells: CellType { kind, bytes, big: false }, by_columns: false, shape: shape.to_vec() }
}
