//! Ctrl-C, and the signals that ask a process to end: no half-written file is left, and the exit code is 130.
//!
//! While a statement of a session runs, the first of them ends the statement only.

use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of an interrupted process: 128 plus the number of the signal.
const INTERRUPTED: i32 = 130;

/// A statement runs that can be interrupted and has not been.
static CATCHING: AtomicBool = AtomicBool::new(false);
/// The running statement is to end.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler. A process that was told to ignore these signals (`nohup`, background jobs) goes on
/// ignoring them.
pub fn install() {
    // The error says that a handler is there already, or that the signal is ignored: both are to stay as they are.
    let _ = ctrlc::try_set_handler(|| {
        if CATCHING.swap(false, Ordering::SeqCst) {
            REQUESTED.store(true, Ordering::SeqCst);
            return;
        }
        crate::stdout::write_if_free();
        tilewright_engine::remove_temporaries();
        std::process::exit(INTERRUPTED);
    });
}

/// Whether the running statement is to end.
pub fn requested() -> &'static AtomicBool {
    &REQUESTED
}

/// Runs a statement; the first signal while it runs is a request, a second one ends the process.
pub fn catching<T>(statement: impl FnOnce() -> T) -> T {
    REQUESTED.store(false, Ordering::SeqCst);
    CATCHING.store(true, Ordering::SeqCst);
    let done = statement();
    CATCHING.store(false, Ordering::SeqCst);
    done
}
