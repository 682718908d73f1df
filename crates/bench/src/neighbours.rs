//! Busy neighbours: processes that keep cores from us while a kernel is measured.

use std::io::Read;
use std::process::{Child, Command, Stdio};

/// The argument that makes this program a neighbour.
pub const ARGUMENT: &str = "--spin";

/// Running neighbours; they end when this is dropped, and when this process ends.
pub struct Neighbours(Vec<Child>);

impl Neighbours {
    /// Starts some.
    ///
    /// # Errors
    /// When a process cannot be started.
    pub fn start(count: usize) -> Result<Neighbours, String> {
        let told = |error: std::io::Error| format!("a busy neighbour: {error}");
        let mut running = Neighbours(Vec::new());
        for _ in 0..count {
            let program = std::env::current_exe().map_err(told)?;
            let child = Command::new(program).arg(ARGUMENT).stdin(Stdio::piped()).spawn().map_err(told)?;
            running.0.push(child);
        }
        Ok(running)
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        for child in &mut self.0 {
            drop(child.stdin.take());
            // It has ended, or ends now.
            let _ = child.wait();
        }
    }
}

/// Keeps a core busy until standard input ends.
pub fn spin() {
    let input = std::thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
    while !input.is_finished() {
        std::hint::spin_loop();
    }
}
