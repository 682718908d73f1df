//! How a running script waits for its turn: it is held in each `print` until it may go on.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

/// The stream of a script that is held at each line.
pub struct Gate {
    line: String,
    lines: Sender<String>,
    turns: Receiver<()>,
}

/// The other end: reads lines and lets the script go on.
pub struct Keeper {
    lines: Receiver<String>,
    turns: Sender<()>,
}

/// A gate and its keeper.
pub fn gate() -> (Gate, Keeper) {
    let (line_sender, lines) = channel();
    let (turns, turn_receiver) = channel();
    (Gate { line: String::new(), lines: line_sender, turns: turn_receiver }, Keeper { lines, turns })
}

impl Keeper {
    /// The next line; nothing when the script has ended.
    pub fn line(&self) -> Option<String> {
        self.lines.recv().ok()
    }

    /// Lets the script go on from the line it is held at.
    pub fn open(&self) {
        // A script that has ended needs no turn; the next line tells.
        let _ = self.turns.send(());
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    /// Hands the line over and waits; without a keeper the script has to end.
    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line).trim_end().to_string();
        let gone = |()| io::Error::from(io::ErrorKind::BrokenPipe);
        self.lines.send(line).map_err(|_| gone(()))?;
        self.turns.recv().map_err(|_| gone(()))
    }
}
