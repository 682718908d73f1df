//! A bar on the terminal for reads that take longer than a second; nothing where standard error is no terminal.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::remote::without_query;

/// How long a read takes before it is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// True once nobody wants to see bars.
static HIDDEN: AtomicBool = AtomicBool::new(false);

/// Bars that are on the terminal.
static SHOWN: AtomicUsize = AtomicUsize::new(0);

/// True while a bar is on the terminal.
pub fn is_shown() -> bool {
    SHOWN.load(Ordering::Relaxed) > 0
}

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
        // The target hides itself where standard error is no terminal.
        self.advance_on(bytes, HIDDEN.load(Ordering::Relaxed), ProgressDrawTarget::stderr);
    }

    /// How much is read, from 0 to 1.
    pub fn share(&self) -> f64 {
        (self.done.load(Ordering::Relaxed) as f64 / self.total.max(1) as f64).min(1.0)
    }

    fn advance_on(&self, bytes: usize, is_hidden: bool, target: impl FnOnce() -> ProgressDrawTarget) {
        let done = self.done.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if is_hidden || self.started.elapsed() < PATIENCE {
            return;
        }
        // What is nearly read is not worth a bar.
        if self.bar.get().is_some() || done < self.total - self.total / 16 {
            self.bar.get_or_init(|| self.draw(target())).set_position(done.min(self.total));
        }
    }

    fn draw(&self, target: ProgressDrawTarget) -> ProgressBar {
        SHOWN.fetch_add(1, Ordering::Relaxed);
        let bar = ProgressBar::with_draw_target(Some(self.total), target);
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes} of {total_bytes}, {eta} left");
        let name = without_query(&self.path);
        let name = name.file_name().unwrap_or(name.as_os_str()).to_string_lossy().into_owned();
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(name)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
            SHOWN.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written on it.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<Vec<String>>>);

    impl Screen {
        fn note(&self, text: &str) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_string());
        }

        fn text(&self) -> String {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).concat()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            100
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.note(text);
            Ok(())
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.note(text);
            Ok(())
        }

        fn clear_line(&self) -> io::Result<()> {
            self.note("<cleared>");
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a terminal shows once so many of 1000 bytes are read, so many seconds after the start.
    fn shown(seconds: u64, done: usize, is_hidden: bool) -> (String, Screen) {
        let screen = Screen::default();
        let now = Instant::now();
        let started = now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now);
        let mut progress = Progress::new(Path::new("https://host/a/x.csv?token=1"), 1000);
        progress.started = started;
        progress.advance_on(done, is_hidden, || ProgressDrawTarget::term_like(Box::new(screen.clone())));
        let text = screen.text();
        drop(progress);
        (text, screen)
    }

    #[test]
    fn only_long_reads_have_a_bar() {
        assert_eq!(shown(0, 100, false).0, "", "just begun");
        assert_eq!(shown(5, 990, false).0, "", "nearly done");
        let (text, screen) = shown(5, 500, false);
        assert!(text.contains("x.csv [") && text.contains("500 B of 1000 B"), "{text}");
        assert!(!text.contains("token"), "{text}");
        assert!(screen.text()[text.len()..].contains("<cleared>"), "{}", screen.text());
    }

    #[test]
    fn hidden_bars_are_not_shown() {
        assert_eq!(shown(5, 500, true).0, "");
    }
}
