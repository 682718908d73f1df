//! The header of NumPy's `.npy` format: `{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }`.

use tilewright_base::{Outcome, bail};

/// How files begin.
pub const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header that is read; NumPy itself refuses longer ones.
const LONGEST: usize = 1 << 16;

/// The type of the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// `f`, `i`, `u`, `b` (truth values), or `U` and `S` (texts, of as many characters or bytes as `bytes` says).
    pub kind: u8,
    /// The bytes of a cell.
    pub bytes: usize,
    /// True when the highest byte stands first.
    pub big: bool,
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The type of the cells.
    pub cells: Type,
    /// True when the cells stand column by column.
    pub by_columns: bool,
    /// The sizes of the array.
    pub shape: Vec<usize>,
}
