//! Ctrl-C, and the signals that ask a process to end: no half-written file is left, and the exit code is 130.
//!
//! While an input of a session runs, the signal ends the input only; the third one ends the process all the same.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Exit code of an interrupted process: 128 plus the number of the signal.
const INTERRUPTED: i32 = 130;

/// How many signals do not end the process: some while an input runs, none otherwise.
static PATIENCE: AtomicUsize = AtomicUsize::new(0);
/// The running input is to end.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Installs the handler. A process that was told to ignore these signals (`nohup`, background jobs) goes on
/// ignoring them.
pub fn install() {
    // The error says that a handler is there already, or that the signal is ignored: both are to stay as they are.
    let _ = ctrlc::try_set_handler(|| {
        let patient = PATIENCE.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if patient.is_ok() {
            REQUESTED.store(true, Ordering::SeqCst);
            return;
        }
        crate::stdout::write_if_free();
        tilewright_engine::remove_temporaries();
        std::process::exit(INTERRUPTED);
    });
}

/// Whether the running input is to end.
pub fn requested() -> &'static AtomicBool {
    &REQUESTED
}

/// An input begins to run: two signals ask it to end.
pub fn input_begins() {
    REQUESTED.store(false, Ordering::SeqCst);
    PATIENCE.store(2, Ordering::SeqCst);
}

/// No input runs: the next signal ends the process.
pub fn input_ended() {
    PATIENCE.store(0, Ordering::SeqCst);
}
