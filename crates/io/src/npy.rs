//! NumPy's `.npy` format: a header in the syntax of Python, then the cells, by rows or by columns.
//!
//! "A Simple File Format for NumPy Arrays", NumPy Enhancement Proposal 1, versions 1 to 3. A vector is a column.

use std::path::Path;

use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, fault};
use tilewright_matrix::{Dense, transpose};
use tilewright_value::Block;

use crate::format::Format;
use crate::joined;
use crate::npy_header::{CellType, Header, MAGIC};
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
        const CHUNK: usize = 1 << 16;
        let CellType { kind, bytes, big } = self.header.cells;
        if matches!(kind, b'S' | b'U') {
            return Err(self.fault("the array holds texts, and a matrix holds numbers"));
        }
        let mut dense = Dense::unset(rows, cols);
        dense.cells_mut().par_chunks_mut(CHUNK).enumerate().try_for_each(|(at, cells)| {
            let offset = self.start + (at * CHUNK * bytes) as u64;
            if (kind, bytes, big) == (b'f', 8, false) {
                return self.bytes.read(offset, bytemuck::cast_slice_mut(cells));
            }
            let mut raw = vec![0; cells.len() * bytes];
            self.bytes.read(offset, &mut raw)?;
            widen(self.header.cells, &mut raw, cells);
            Ok(())
        })?;
        Ok(dense)
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

/// Numbers of any type as doubles.
fn widen(cell: CellType, raw: &mut [u8], cells: &mut [f64]) {
    if cell.big {
        raw.chunks_exact_mut(cell.bytes).for_each(<[u8]>::reverse);
    }
    macro_rules! of {
        ($type:ty, $double:expr) => {
            for (cell, bytes) in cells.iter_mut().zip(raw.chunks_exact(size_of::<$type>())) {
                let value = <$type>::from_le_bytes(bytes.try_into().unwrap_or_default());
                *cell = $double(value);
            }
        };
    }
    match (cell.kind, cell.bytes) {
        (b'f', 8) => of!(f64, |value| value),
        (b'f', 4) => of!(f32, f64::from),
        (b'f', _) => of!(u16, half_to_double),
        (b'i', 8) => of!(i64, |value| value as f64),
        (b'i', 4) => of!(i32, f64::from),
        (b'i', 2) => of!(i16, f64::from),
        (b'i', _) => of!(i8, f64::from),
        (b'u', 8) => of!(u64, |value| value as f64),
        (b'u', 4) => of!(u32, f64::from),
        (b'u', 2) => of!(u16, f64::from),
        (b'b', _) => of!(u8, |value| f64::from(u8::from(value != 0))),
        (_, _) => of!(u8, f64::from),
    }
}

/// A half float (IEEE 754, binary16): a sign, 5 bits of exponent, 10 bits of fraction.
fn half_to_double(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

fn write_matrix(draft: &mut Draft, block: &Block) -> Outcome<()> {
    draft.append(&header(b'f', 8, &[block.rows(), block.cols()]).encode())?;
    draft.append(bytemuck::cast_slice(block.dense().cells()))
}

/// The header of an array that is written.
pub fn header(kind: u8, bytes: usize, shape: &[usize]) -> Header {
    Header { cells: CellType { kind, bytes, big: false }, by_columns: false, shape: shape.to_vec() }
}
