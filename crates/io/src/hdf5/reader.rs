//! Reading a data set: cells that stand together as they are, others by windows of rows on all threads.

use std::path::Path;

use hdf5_pure::Layout;
use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_matrix::Dense;
use tilewright_value::Block;

use super::data_set::{DataSet, wrong};
use crate::{cells, guard};

/// The bytes of cells that are decoded at once, about; whole chunks are.
const WINDOW: usize = 4 << 20;

/// The number of rows and columns of a data set, which is the only matrix of the file or has that name.
///
/// # Errors
/// When there is no such one, or the file is malformed.
pub fn size(path: &Path, data_set: Option<&str>) -> Outcome<(usize, usize)> {
    guard::malformed(path, || DataSet::open(path, data_set).map(|set| (set.rows, set.cols)))
}

/// Reads a data set, which is the only matrix of the file or has that name.
///
/// # Errors
/// When there is no such one, or the file is malformed.
pub fn read_matrix(path: &Path, data_set: Option<&str>) -> Outcome<Block> {
    guard::malformed(path, || {
        let set = DataSet::open(path, data_set)?;
        let dense = match set.layout {
            Layout::Contiguous { address: Some(start), .. } => {
                cells::dense(set.cell, set.rows, set.cols, |at, out| set.file.read(start + at, out))
            }
            _ => by_windows(&set),
        };
        dense.map(Block::Dense)
    })
}

fn by_windows(set: &DataSet) -> Outcome<Dense> {
    let mut dense = Dense::unset(set.rows, set.cols);
    if set.rows == 0 || set.cols == 0 {
        return Ok(dense);
    }
    let chunk = match &set.layout {
        Layout::Chunked { chunk_shape, .. } => chunk_shape.first().map_or(1, |rows| *rows as usize),
        _ => 1,
    };
    let row = set.cols * set.cell.bytes;
    let height = (WINDOW / row).max(1).next_multiple_of(chunk.clamp(1, set.rows));
    dense.cells_mut().par_chunks_mut(height * set.cols).enumerate().try_for_each(|(at, cells)| {
        let rows = cells.len() / set.cols;
        let raw = set.found.read_raw_rows((at * height) as u64, rows as u64);
        let mut raw = raw.map_err(|error| wrong(&set.file, &error))?;
        if raw.len() != rows * row {
            return Err(set.fault(format!("{} bytes of cells are {}", rows * row, raw.len())));
        }
        cells::widen(set.cell, &mut raw, cells);
        Ok(())
    })?;
    Ok(dense)
}
