//! What stands for HDF5 where the program is built without it: it says so.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_value::Block;

use crate::options::WriteOptions;
use crate::output::Draft;

fn absent<T>(what: &str) -> Outcome<T> {
    bail!(Unsupported, "{what} HDF5, and this program was built without it"; hint: "build it with the feature `hdf5`, or use another format: \"npy\", \"parquet\"")
}

/// Knows no size.
///
/// # Errors
/// Always.
pub fn size(path: &Path, _data_set: Option<&str>) -> Outcome<(usize, usize)> {
    absent(&format!("{} is", path.display()))
}

/// Reads nothing.
///
/// # Errors
/// Always.
pub fn read_matrix(path: &Path, _data_set: Option<&str>) -> Outcome<Block> {
    absent(&format!("{} is", path.display()))
}

/// Writes nothing.
///
/// # Errors
/// Always.
pub fn write_matrix(_draft: &mut Draft, _block: &Block, _options: &WriteOptions) -> Outcome<()> {
    absent("the file would be")
}
