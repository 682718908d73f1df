//! Frames of mixed columns as matrices, by a specification, and back.
//!
//! ```text
//!   frame ──omit rows──▶ frame ──impute──▶ columns ──recode | bin | hash | embed | count──▶ codes ──dummycode──▶ matrix
//!                                  │                        │
//!                                  └───────── meta ◀────────┘          what `apply` and `decode` read
//! ```
//!
//! ```
//! use tilewright_frame::{Cell, ColumnType, Frame, transform};
//! let text = |text: &str| Cell::Text(text.into());
//! let cells = [text("b"), text("a"), Cell::Missing, text("b")];
//! let frame = Frame::from_cells(&cells, &[ColumnType::String]).expect("one column");
//! let spec = transform::Spec::parse("{ids: true, dummycode: [1]}").expect("a specification");
//! let (encoded, meta) = transform::encode(&frame, &spec, None).expect("all columns can be encoded");
//! assert_eq!(encoded.to_csr().to_dense().cells(), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]);
//! assert_eq!(meta.cell(0, 0), text("b·1"));
//! ```
//!
//! - [`spec`]: which columns are encoded how; [`json`]: how that is written
//! - [`mod@encode`]: learns from a frame, or applies what was learned, column by column
//! - [`recode`], [`bin`], [`hash`], [`words`], [`embedding`], [`impute`], [`number`]: what happens to one column
//! - [`encoded`]: the encoded columns, as a dense or sparse matrix
//! - [`meta`]: what was learned, as a frame that can be written and read
//! - [`mod@decode`]: matrices as frames again; [`layout`]: which columns of the matrix belong to which of the frame
//! - [`reference`]: the definitions, cell by cell
//!
//! Invariants: a cell without a value, NaN and the empty text are missing. Codes count from 1; code 0 stands for no code: a
//! missing cell or a value that was not learned. Chunks of rows follow from the number of rows and are merged in order, so
//! nothing depends on the number of threads.

pub mod bin;
pub mod decode;
pub mod embedding;
pub mod encode;
pub mod encoded;
pub mod hash;
pub mod impute;
pub mod json;
pub mod layout;
pub mod meta;
pub mod number;
pub mod recode;
pub mod reference;
pub mod spec;
pub mod words;

pub use decode::{Cells, decode};
pub use embedding::Embedding;
pub use encode::{Unseen, apply, encode};
pub use encoded::Encoded;
pub use layout::{categorical_mask, column_map};
pub use spec::Spec;

pub(crate) use crate::frame::CHUNK;

#[cfg(test)]
mod tests;
