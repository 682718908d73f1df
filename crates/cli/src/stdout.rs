//! Standard output. On a terminal every print appears at once; elsewhere prints are collected for a moment, so that
//! many of them are one write, and nothing stays behind: what is not written by the next print is written by a timer.
//!
//! A closed pipe (`tilewright run s.dml | head -1`) ends the process quietly with exit code 0.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tilewright_base::{Fault, fault};

use crate::{progress, report};

/// How long a print may wait.
const DELAY: Duration = Duration::from_millis(50);
/// How many bytes may wait.
const CAPACITY: usize = 1 << 16;

static WAITING: Mutex<Waiting> = Mutex::new(Waiting { bytes: Vec::new(), timer: false, failure: None });

/// What is printed and not yet written.
struct Waiting {
    bytes: Vec<u8>,
    /// Whether a timer is going to write the bytes.
    timer: bool,
    /// Why the timer could not write.
    failure: Option<io::Error>,
}

/// The standard output of the process.
pub struct Stdout {
    terminal: bool,
}

impl Stdout {
    /// The standard output of the process.
    pub fn new() -> Stdout {
        Stdout { terminal: io::stdout().is_terminal() }
    }

    /// Writes all that waits, so that standard error comes after it.
    ///
    /// # Errors
    /// When a write failed, now or before.
    pub fn finish(self) -> io::Result<()> {
        waiting().write()
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        waiting().bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Ends one print: writes it now on a terminal, elsewhere soon.
    fn flush(&mut self) -> io::Result<()> {
        let mut waiting = waiting();
        if self.terminal || waiting.bytes.len() >= CAPACITY || waiting.failure.is_some() {
            return waiting.write();
        }
        if !waiting.timer {
            waiting.timer = true;
            if thread::Builder::new().spawn(write_later).is_err() {
                return waiting.write();
            }
        }
        Ok(())
    }
}

/// Prints all that a command has to say; returns how the process ends.
pub fn print(text: &str) -> ExitCode {
    let mut stdout = Stdout::new();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.finish());
    written.map_or_else(|error| report::fault(cannot_write(&error), report::FAILED), |()| ExitCode::SUCCESS)
}

/// The fault of standard output that cannot be written.
pub fn cannot_write(error: &io::Error) -> Fault {
    fault!(File, "cannot write to standard output: {error}")
}

/// Writes what waits unless a write is going on; for the handler of Ctrl-C, which must not wait for a reader.
pub fn write_if_free() {
    if let Ok(mut waiting) = WAITING.try_lock() {
        // The process ends: nobody is left to be told of a failure.
        let _ = waiting.write();
    }
}

fn write_later() {
    thread::sleep(DELAY);
    let mut waiting = waiting();
    waiting.timer = false;
    waiting.failure = waiting.write().err();
}

fn waiting() -> MutexGuard<'static, Waiting> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Waiting {
    fn write(&mut self) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let bytes = std::mem::take(&mut self.bytes);
        let mut stdout = io::stdout().lock();
        let written = progress::suspend(|| stdout.write_all(&bytes).and_then(|()| stdout.flush()));
        if written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            tilewright_engine::remove_temporaries();
            std::process::exit(0);
        }
        written
    }
}
