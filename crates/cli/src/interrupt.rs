//! Ctrl-C, and the signals that ask a process to end: no half-written file is left, and the exit code is 130.

/// Exit code of an interrupted process: 128 plus the number of the signal.
const INTERRUPTED: i32 = 130;

/// Installs the handler. A process that was told to ignore these signals (`nohup`, background jobs) goes on
/// ignoring them.
pub fn install() {
    // The error says that a handler is there already, or that the signal is ignored: both are to stay as they are.
    let _ = ctrlc::try_set_handler(|| {
        crate::stdout::write_if_free();
        tilewright_engine::remove_temporaries();
        std::process::exit(INTERRUPTED);
    });
}
