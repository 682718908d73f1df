//! The operator catalogue: one row per operator, from which everything else is derived.
//!
//! An operator belongs to one of the closed kinds of [`Op`]; within a kind, operators are rows of a `const` table.
//! A row says its name, its documentation, how a cell or a scalar is computed and what is known of the result;
//! help, argument checks, constant folding, dense and sparse execution, the oracle and the documents follow.
//!
//! - [`op`]: the kinds, and how an operator is inferred, run and checked against the oracle
//! - [`facts`]: what is known of a value before it exists; [`range`]: the bounds of numbers
//! - tables: [`unary`], [`binary`], [`aggregate`], [`cumulative`], [`functions`]; fixed kinds: [`product`],
//!   [`select`], [`index`]
//! - [`catalogue`]: all rows by name; [`natives`]: all names of the language, [`form`]: what is no function,
//!   [`example`]: calls for help
//! - [`einsum`]: sums of products of many matrices, one pair at a time
//! - [`text`], [`printf`]: how values are printed, and with a format; [`distribution`], [`incomplete`]: what
//!   probabilities are computed with

pub mod aggregate;
pub mod binary;
pub mod catalogue;
pub mod context;
pub mod cumulative;
pub mod distribution;
pub mod einsum;
pub mod example;
pub mod facts;
pub mod form;
pub mod function;
pub mod functions;
pub mod incomplete;
pub mod index;
pub mod locality;
pub mod natives;
pub mod op;
pub mod operand;
pub mod printf;
pub mod product;
pub mod range;
pub mod row;
pub mod scratch;
pub mod select;
pub mod statement;
pub mod text;
pub mod unary;

pub use context::Context;
pub use facts::{Dim, Facts, Kind, Nnz};
pub use locality::Locality;
pub use op::Op;
pub use range::Range;
pub use tilewright_matrix::product::Precision;
