//! A bar on the terminal for reads that take longer than a second; nothing where standard error is no terminal.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a read takes before it is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// True once nobody wants to see bars.
static HIDDEN: AtomicBool = AtomicBool::new(false);

/// Shows no bars from now on.
pub fn hide() {
    HIDDEN.store(true, Ordering::Relaxed);
}

/// How far a file has been read; the bar goes when this does.
#[derive(Debug)]
pub struct Progress {
    path: PathBuf,
    /// Bytes in all.
    total: u64,
    done: AtomicU64,
    started: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// None of the `total` bytes of a file are read.
    pub fn new(path: &Path, total: u64) -> Progress {
        let (done, bar) = (AtomicU64::new(0), OnceLock::new());
        Progress { path: path.to_path_buf(), total, done, started: Instant::now(), bar }
    }

    /// So many more bytes are read; any thread may say so, each for a piece that took it a while.
    pub fn advance(&self, bytes: usize) {
        let done = self.done.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if HIDDEN.load(Ordering::Relaxed) || self.started.elapsed() < PATIENCE {
            return;
        }
        // What is nearly read is not worth a bar.
        if self.bar.get().is_some() || done < self.total - self.total / 16 {
            self.bar.get_or_init(|| self.draw()).set_position(done.min(self.total));
        }
    }

    /// The target hides itself where standard error is no terminal.
    fn draw(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes} of {total_bytes}, {eta} left");
        let name = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned();
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(name)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64, done: usize) -> Progress {
        let now = Instant::now();
        let started = now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now);
        let mut progress = Progress::new(Path::new("folder/x.csv"), 1000);
        progress.started = started;
        progress.advance(done);
        progress
    }

    #[test]
    fn only_long_reads_have_a_bar() {
        assert!(after(0, 100).bar.get().is_none(), "just begun");
        assert!(after(5, 990).bar.get().is_none(), "nearly done");
        let long = after(5, 100);
        let bar = long.bar.get().expect("a bar");
        assert_eq!((bar.position(), bar.length(), bar.message()), (100, Some(1000), "x.csv".into()));
        long.advance(2000);
        assert_eq!(bar.position(), 1000);
    }
}
