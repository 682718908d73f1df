//! A line on the terminal with the loops that a run is in, once it takes longer than a second.
//!
//! A thread looks at what the run notes and draws; prints of the script clear the line first. Without a terminal on
//! standard error, or with `--quiet`, nothing is noted and nothing drawn.

use std::io::{self, IsTerminal};
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tilewright_engine::{Activity, Round};

use crate::words::Script;

/// How long a run takes before its loops are shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// From one drawing to the next.
const TICK: Duration = Duration::from_millis(200);
/// Loops inside each other that are shown.
const DEPTH: usize = 3;

static ACTIVITY: Activity = Activity::new();
static LINE: OnceLock<ProgressBar> = OnceLock::new();

/// Where a run notes its loops, if they are to be shown.
pub fn activity(quiet: bool) -> Option<&'static Activity> {
    (!quiet && io::stderr().is_terminal()).then_some(&ACTIVITY)
}

/// Does something to the terminal while the line is not there.
pub fn suspend<T>(work: impl FnOnce() -> T) -> T {
    match LINE.get() {
        Some(line) => line.suspend(work),
        None => work(),
    }
}

/// Draws until it is dropped.
pub struct Display {
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    /// Draws the loops of a script that is about to run.
    pub fn start(activity: &'static Activity, script: &Script) -> Display {
        let (stop, stopped) = mpsc::channel();
        let script = Script { name: script.name.clone(), text: script.text.clone() };
        let draw = move || {
            let started = Instant::now();
            let mut pause = PATIENCE;
            while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                show(&line(&script, &activity.rounds()), started);
                pause = TICK;
            }
            if let Some(line) = LINE.get() {
                line.finish_and_clear();
            }
        };
        Display { stop, thread: thread::Builder::new().spawn(draw).ok() }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // A thread that is gone has nothing to be told.
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn show(text: &str, started: Instant) {
    if text.is_empty() || tilewright_engine::is_progress_shown() {
        LINE.get().inspect(|line| line.finish_and_clear());
        return;
    }
    let line = LINE.get_or_init(|| {
        let style =
            ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        ProgressBar::new_spinner().with_style(style)
    });
    line.reset();
    line.set_message(format!("{} s  {text}", started.elapsed().as_secs()));
    line.tick();
}

/// The outermost loops: `train.dml:12: 3 of 10 > kmeans: 41`.
fn line(script: &Script, rounds: &[impl AsRef<Round>]) -> String {
    let told = |round: &Round| {
        let place = round.function.clone().unwrap_or_else(|| {
            let before = script.text.get(..round.span.start as usize).unwrap_or_default();
            format!("{}:{}", script.name, before.matches('\n').count() + 1)
        });
        let of = round.total.map_or(String::new(), |total| format!(" of {total}"));
        format!("{place}: {}{of}", round.done())
    };
    rounds.iter().take(DEPTH).map(|round| told(round.as_ref())).collect::<Vec<_>>().join(" > ")
}

#[cfg(test)]
mod tests {
    use tilewright_base::{FileId, Span};
    use tilewright_engine::Running;

    use super::*;

    #[test]
    fn loops_are_told_from_the_outside_in() {
        static NOTED: Activity = Activity::new();
        let script = Script { name: "a.dml".into(), text: "x = 1\nfor (i in 1:9) f(i)\n".into() };
        assert_eq!(line(&script, &NOTED.rounds()), "");
        let outer = Running::new(Some(&NOTED), Span::new(FileId(0), 6, 9), None, Some(9));
        let inner = Running::new(Some(&NOTED), Span::new(FileId(1), 70, 75), Some("f"), None);
        outer.advance();
        (0..3).for_each(|_| inner.advance());
        assert_eq!(line(&script, &NOTED.rounds()), "a.dml:2: 1 of 9 > f: 3");
    }
}
