//! Readers and writers of matrices and scalars: the only crate below the runtime that opens files.
//!
//! - [`read`]: the format of a file, then its reader; [`write`]: the counterpart
//! - [`options`]: what a script may say about a file; [`metadata`]: what the `.mtd` file beside it says
//! - [`output`]: files appear whole or not at all
//!
//! Every message names the file, and the line and column in it where that is known.

pub mod metadata;
pub mod options;
pub mod output;
pub mod read;
pub mod write;

pub use metadata::{DataType, Metadata, metadata};
pub use options::{Format, ReadOptions, WriteOptions};
pub use output::remove_temporaries;
pub use read::{Read, read_matrix, read_scalar};
pub use write::{write_matrix, write_scalar};
