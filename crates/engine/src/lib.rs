//! From the text of a script to its results: the one place that knows all the parts.
//!
//! ```no_run
//! use tilewright_engine::{Options, Session};
//! let mut session = Session::new(Options::default());
//! match session.compile("hello.dml", "print(\"hello\")") {
//!     Ok(compiled) => session.run(&compiled, std::io::stdout()).0.expect("prints"),
//!     Err(diagnostics) => diagnostics.iter().for_each(|d| eprintln!("{}", session.render(d, false))),
//! }
//! ```
//!
//! - [`session`]: compile, run, explain
//! - [`interactive`]: inputs one after the other
//! - [`embedded`]: matrices and frames of a Rust program as variables of a script, and back
//! - [`calibration`]: what the machine reaches, for estimates
//! - `compiler`: library functions for a running script
//! - [`library`]: the script library in the binary, and sourced files
//! - [`manual`]: what can be called, by name
//! - [`algorithm`]: a library function as its comment tells it
//! - [`reference_library`]: what the reference's library has
//! - [`inputs`]: what is known of files before they are read
//! - [`documents`]: documents that follow from the tables

pub mod algorithm;
pub mod calibration;
mod compiler;
pub mod documents;
pub mod embedded;
pub mod inputs;
pub mod interactive;
pub mod library;
pub mod manual;
pub mod reference_library;
pub mod session;

pub use embedded::{Cells, Inputs, Ran, Results};
pub use interactive::{Interactive, is_open};
pub use session::{Compiled, Level, Options, Planning, Session, Timings};
pub use tilewright_ir::dot::dot;
pub use tilewright_ir::machine::{Fit, Machine, Rates};
pub use tilewright_ir::outline::Outline;
pub use tilewright_ir::work::{Class, Work};
pub use tilewright_lower::{Arguments, argument_value};
pub use tilewright_matrix::Dense;
pub use tilewright_ops as ops;
pub use tilewright_opt::{Estimator, Fired, Fusion, rules};
pub use tilewright_runtime::activity::{Activity, Round, Running};
pub use tilewright_runtime::{Mode, Stats};
pub use tilewright_syntax::{ast, format};
pub use tilewright_value as value;

/// Deletes files of unfinished writes; called when the process is interrupted.
pub fn remove_temporaries() {
    tilewright_io::remove_temporaries();
}

/// True while a bar for a long read is on the terminal.
pub fn is_progress_shown() -> bool {
    tilewright_io::progress::is_shown()
}

/// Shows no bars for long reads from now on.
pub fn hide_progress() {
    tilewright_io::progress::hide();
}
