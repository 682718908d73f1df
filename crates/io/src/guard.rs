//! Libraries that read files of others may give up on a malformed one by a panic; here it becomes an error.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use tilewright_base::{Outcome, fault};
use tilewright_value::OutOfMemory;

/// What `read` gives, or an error when it panics.
///
/// # Errors
/// Those of `read`, and that the file is malformed.
pub fn malformed<T>(path: &Path, read: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        // Whoever runs kernels knows what to do when memory is short.
        if panic.is::<OutOfMemory>() {
            resume_unwind(panic);
        }
        Err(fault!(File, "{} is malformed", path.display()))
    })
}
