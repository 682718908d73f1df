//! Frames: tables of typed columns with missing cells, on Arrow arrays.
//!
//! ```
//! use tilewright_frame::{Cell, ColumnType, Frame};
//! let frame = Frame::filled(&Cell::Integer(7), 2, &[ColumnType::Int32, ColumnType::String]).expect("7 fits");
//! assert_eq!(frame.cell(0, 1), Cell::Text("7".into()));
//! assert_eq!(frame.names(), ["C1", "C2"]);
//! ```
//!
//! - [`column_type`]: the value types of columns
//! - [`cell`]: one cell by itself, and how it fits a type
//! - [`column`]: the cells of a column
//! - [`frame`]: columns with names, and parts of them
//! - [`mod@bind`], [`mod@assign`], [`convert`]: putting frames together, changing parts, from and to matrices
//! - [`mod@replace`]: a value in place of another one
//! - [`schema`]: the types that cells have, cells that have a wrong one; [`swap`]: values in each other's columns
//! - [`sort`]: rows in the order of their values
//! - [`lambda`]: expressions on cells; [`pattern`]: regular expressions
//! - [`tokenize`]: the tokens of texts
//! - [`transform`]: frames as matrices of numbers and back, by specification
//! - [`reference`]: the definitions, cell by cell
//!
//! Cells are values, not texts: a column of numbers holds numbers, and a cell without a value is missing in every type.

pub mod assign;
pub mod bind;
pub mod cell;
pub mod column;
pub mod column_type;
pub mod convert;
pub mod frame;
mod keys;
pub mod lambda;
mod named;
pub mod pattern;
pub mod reference;
pub mod replace;
pub mod schema;
pub mod sort;
pub mod swap;
pub mod tokenize;
pub mod transform;

pub use cell::Cell;
pub use column::Column;
pub use column_type::ColumnType;
pub use frame::Frame;
