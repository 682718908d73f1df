//! HDF5: the data sets of a file that are numbers in at most two dimensions; a vector is a column.
//!
//! `data_set` finds the one that is meant, `datatype` tells what its cells are, `reader` reads them; `header` is what
//! stands before the cells of a file that is written, `writer` writes it, or leaves that to the library where cells are
//! compressed. Without the feature `hdf5` there is `absent` in their place, which says so.

#[cfg(not(feature = "hdf5"))]
mod absent;
#[cfg(feature = "hdf5")]
mod data_set;
#[cfg(feature = "hdf5")]
mod datatype;
#[cfg(feature = "hdf5")]
mod header;
#[cfg(feature = "hdf5")]
mod reader;
#[cfg(feature = "hdf5")]
mod writer;

use serde_json::json;

#[cfg(not(feature = "hdf5"))]
use absent::{read_matrix, size, write_matrix};
#[cfg(feature = "hdf5")]
use reader::{read_matrix, size};
#[cfg(feature = "hdf5")]
use writer::write_matrix;

use crate::format::Format;
use crate::joined;

/// How files begin.
const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "hdf5",
    extensions: &["h5", "hdf5", "hdf"],
    is_text: false,
    sniff: |_, head| head.starts_with(MAGIC),
    peek: |path, known| {
        let (rows, cols) = joined::size(path, |file| size(file, known.data_set.as_deref()))?;
        known.rows.get_or_insert(rows);
        known.cols.get_or_insert(cols);
        Ok(())
    },
    read_matrix: Some(|path, known, _| {
        joined::matrix(path, |file| read_matrix(file, known.data_set.as_deref()))
    }),
    write_matrix: Some(write_matrix),
    read_frame: None,
    write_frame: None,
    read_arguments: &["dataset"],
    write_arguments: &["dataset", "compress"],
    describe: Some(|options| options.data_set.iter().map(|name| ("dataset", json!(name))).collect()),
};
