//! Pipelines: several operators over the same rows in one pass, panel by panel, without what lies between them.
//!
//! ```text
//! drivers X, y   panels of some rows of each, read once
//! sides   v, s   what all rows share: a row, a scalar, a matrix to multiply by
//! steps          operators of the catalogue on registers, which stay in the cache of a core
//! results        rows of a matrix, and aggregates or products that chunks of rows add up to
//! ```
//!
//! - `pipeline`: the value, its roles and what makes it valid
//! - `text`: its printed form, which is also its serialised form
//! - `domain`: what can be computed at the stored cells of sparse drivers alone
//! - `driver`: which cells these are
//! - `functions`: functions that can be steps
//! - `estimate`: what it takes, before it runs
//! - `layout`: widths and registers of a run
//! - `run`: chunks of rows on all cores, merged in a fixed tree
//! - `panel`: the steps of one panel
//! - `scan`: what running results take over from the rows before
//! - `sink`: what chunks add up to
//!
//! Invariant: the cut into chunks and panels follows from shapes and stored cells, so a result does not depend on the
//! number of threads.

mod domain;
mod driver;
mod estimate;
mod functions;
mod layout;
mod panel;
mod pipeline;
mod run;
mod scan;
mod sink;
mod text;

pub use domain::{Domain, Shapes, domains};
pub use estimate::Estimate;
pub use pipeline::{Made, Pipeline, Role, Source, Step, made};
