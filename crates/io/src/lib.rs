//! Readers and writers of matrices, frames and scalars: the only crate below the runtime that opens files.
//!
//! - [`mod@format`]: the table of formats, a row each; [`read`]: the format of a file, then its reader; [`mod@write`]:
//!   the counterpart; [`frame_file`]: both of frames
//! - [`options`]: what a script may say about a file; [`mod@metadata`]: what the `.mtd` file beside it says
//! - [`csv_file`] ([`csv`], [`csv_writer`], [`frame_csv`]), [`json_lines`], [`libsvm`], [`matrix_market`], [`text`]
//!   ([`frame_text`]): the formats; [`triples`]: what the last two share; [`gathered`]: their cells on
//!   the way to a matrix
//! - [`source`]: a text and places in it; [`parts`]: the files of folders and patterns; [`compression`], [`bytes`]: what
//!   is in a file
//! - [`records`]: rows, cells and chunks of CSV; [`lines`]: chunks of other
//!   text, parsed in their order; [`number`]: numeric text
//! - [`mod@binary`] ([`binary_file`]): our own format; [`pieces`]: files that threads read at their own places
//! - [`npy`] ([`npy_header`]), [`npz`] ([`coordinates`]): the formats of NumPy and SciPy; [`hdf5`]; [`cells`]: numbers
//!   of a fixed size
//! - [`arrow_file`] ([`arrow_message`]), [`parquet_file`]: columns on disk; [`record_batch`], [`arrow_column`]: their types and ours;
//!   [`guard`]: what their libraries do with malformed files
//! - [`joined`] (`by_name`): files in parts, for formats whose files are complete by themselves
//! - [`large_text`]: large texts that are read in pieces; [`csv_stream`]: CSV from them
//! - [`remote`]: files that services of the net store; [`access`]: what other crates call
//! - [`progress`]: a bar for long reads
//! - [`output`]: files appear whole or not at all; `endings`: names that promise something else
//!
//! Every message names the file, and the line and column in it where that is known. Results do not depend on the
//! number of threads: text is cut by its length alone.

pub mod access;
pub mod arrow_column;
pub mod arrow_file;
pub mod arrow_message;
pub mod binary;
pub mod binary_file;
mod by_name;
pub mod bytes;
pub mod cells;
pub mod compression;
pub mod coordinates;
pub mod csv;
pub mod csv_file;
mod csv_problems;
pub mod csv_stream;
pub mod csv_writer;
mod endings;
pub mod format;
pub mod frame_csv;
pub mod frame_file;
pub mod frame_text;
pub mod gathered;
pub mod guard;
pub mod hdf5;
pub mod joined;
pub mod json_lines;
pub mod large_text;
pub mod libsvm;
pub mod lines;
pub mod matrix_market;
pub mod metadata;
pub mod npy;
pub mod npy_header;
pub mod npz;
pub mod number;
pub mod options;
pub mod output;
pub mod parquet_file;
pub mod parts;
pub mod pieces;
mod problems;
pub mod progress;
pub mod read;
pub mod record_batch;
pub mod records;
pub mod remote;
pub mod source;
pub mod text;
pub mod triples;
pub mod write;

pub use access::{
    data_type, declared, metadata, read_frame, read_list, read_matrix, read_scalar, write_frame, write_list,
    write_matrix, write_scalar,
};
pub use format::Format;
pub use frame_file::ReadFrame;
pub use metadata::{DataType, Metadata};
pub use options::{ReadOptions, WriteOptions, split_missing};
pub use output::remove_temporaries;
pub use read::Read;
pub use source::Encoding;
