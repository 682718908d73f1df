//! Cells as numbers of a fixed size, row by row: what `.npy` and HDF5 files hold.

use rayon::prelude::*;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;
use tilewright_matrix::slice::slice_sparse;
use tilewright_value::Block;

use crate::output::Draft;

/// The type of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellType {
    /// `f`, `i`, `u`, `b` (truth values), or `U` and `S` (texts).
    pub kind: u8,
    /// The bytes of a cell.
    pub bytes: usize,
    /// True when the highest byte stands first.
    pub big: bool,
}

/// Doubles as this machine has them.
pub const DOUBLE: CellType = CellType { kind: b'f', bytes: 8, big: false };

/// Cells that are read, or written, at once.
const CHUNK: usize = 1 << 16;

/// The cells of a sparse matrix that are written one by one, at most: 1 TiB. A disk would be full before it is refused.
const MOST: u64 = 1 << 37;

/// The matrix whose cells stand one behind the other, row by row; `read` fills a slice with the bytes from a place on.
///
/// # Errors
/// Those of `read`.
pub fn dense(
    cell: CellType,
    rows: usize,
    cols: usize,
    read: impl Fn(u64, &mut [u8]) -> Outcome<()> + Sync,
) -> Outcome<Dense> {
    let mut dense = Dense::unset(rows, cols);
    dense.cells_mut().par_chunks_mut(CHUNK).enumerate().try_for_each(|(at, cells)| {
        let offset = (at * CHUNK * cell.bytes) as u64;
        if cell == DOUBLE {
            return read(offset, bytemuck::cast_slice_mut(cells));
        }
        let mut raw = vec![0; cells.len() * cell.bytes];
        read(offset, &mut raw)?;
        widen(cell, &mut raw, cells);
        Ok(())
    })?;
    Ok(dense)
}

/// Appends what stands before the cells, and the cells as doubles, row by row; a sparse matrix is never dense as a whole.
///
/// # Errors
/// As of [`Draft::append`], and when a sparse matrix has too many cells.
pub fn append(draft: &mut Draft, head: impl FnOnce() -> Vec<u8>, block: &Block) -> Outcome<()> {
    let csr = match block {
        Block::Dense(dense) => {
            draft.append(&head())?;
            return draft.append(bytemuck::cast_slice(dense.cells()));
        }
        Block::Sparse(csr) => csr,
    };
    if (csr.rows() as u64).saturating_mul(csr.cols() as u64) > MOST {
        bail!(Unsupported, "all {}x{} cells of a sparse matrix are too many for a file", csr.rows(), csr.cols(); hint: "\"npz\" and \"binary\" files hold the cells that are not zero")
    }
    draft.append(&head())?;
    let height = (CHUNK / csr.cols().max(1)).max(1);
    for start in (0..csr.rows()).step_by(height) {
        let piece = slice_sparse(csr, start..csr.rows().min(start + height), 0..csr.cols()).to_dense();
        draft.append(bytemuck::cast_slice(piece.cells()))?;
    }
    Ok(())
}

/// Numbers of any type as doubles.
pub fn widen(cell: CellType, raw: &mut [u8], cells: &mut [f64]) {
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
