//! DML text to a syntax tree with spans and comments, and back.
//!
//! Parsing never reads files, reports many errors in one go and always returns a tree; names, types and
//! arguments are checked by the crate that lowers the tree.
//!
//! - [`ast`]: the tree
//! - [`parse`](mod@parse): text to tree (`lexer` cuts the text into tokens, `precedence` ranks operators)
//! - [`print`](mod@print): tree to canonical text
//! - [`portable`]: what the reference's DML does not have
//! - [`format`](mod@format): text to the same text in one layout, comments and spelling kept

pub mod ast;
pub mod format;
mod lexer;
pub mod parse;
pub mod portable;
mod precedence;
pub mod print;
mod token;

pub use format::format;
pub use parse::{Input, parse, parse_input};
pub use print::print;
