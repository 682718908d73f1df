//! What every other crate stands on: places in source text, diagnostics and small shared types.
//!
//! Low code does not know where in a script it runs. It returns a [`Fault`] (a message, a code word and
//! hints); the caller that knows the place turns it into a [`Diagnostic`] with [`Fault::at`].
//!
//! - [`source`]: files and spans
//! - [`diagnostic`]: what the user is told, and [`render`] how it is printed
//! - [`number`]: how numbers are written and read in scripts

pub mod diagnostic;
pub mod number;
pub mod render;
pub mod source;

pub use diagnostic::{At, Code, Diagnostic, Fault, Frame, Severity, nearest};
pub use source::{FileId, Site, Sites, SourceMap, Span};

/// The result of code that does not know its place in a script.
pub type Outcome<T> = Result<T, Fault>;
