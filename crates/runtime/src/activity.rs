//! Which loops a run is in, for a display beside it.
//!
//! Nothing is noted unless somebody looks: a run without an [`Activity`] only tests for its absence.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tilewright_base::Span;

/// The loops that a run is in, the outermost first.
#[derive(Debug, Default)]
pub struct Activity(Mutex<Vec<Arc<Round>>>);

/// How far a loop is.
#[derive(Debug)]
pub struct Round {
    /// The place of the loop's head.
    pub span: Span,
    /// The function that it stands in; none of the main program.
    pub function: Option<String>,
    /// Iterations in all, where they are counted before.
    pub total: Option<u64>,
    done: AtomicU64,
}

impl Round {
    /// Iterations that are done.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

/// A loop that is running; it ends when this does.
pub struct Running<'a>(Option<(&'a Activity, Arc<Round>)>);

impl Activity {
    /// A run that is in no loop.
    pub const fn new() -> Activity {
        Activity(Mutex::new(Vec::new()))
    }

    /// The loops, the outermost first.
    pub fn rounds(&self) -> Vec<Arc<Round>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<'a> Running<'a> {
    /// Notes the begin of a loop, if somebody looks.
    pub fn new(
        activity: Option<&'a Activity>,
        span: Span,
        function: Option<&str>,
        total: Option<u64>,
    ) -> Running<'a> {
        Running(activity.map(|activity| {
            let function = function.map(String::from);
            let round = Round { span, function, total, done: AtomicU64::new(0) };
            let round = Arc::new(round);
            activity.0.lock().unwrap_or_else(PoisonError::into_inner).push(round.clone());
            (activity, round)
        }))
    }

    /// One more iteration is done; any thread may say so.
    pub fn advance(&self) {
        if let Some((_, round)) = &self.0 {
            round.done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some((activity, round)) = &self.0 {
            let mut rounds = activity.0.lock().unwrap_or_else(PoisonError::into_inner);
            rounds.retain(|other| !Arc::ptr_eq(other, round));
        }
    }
}

#[cfg(test)]
mod tests {
    use tilewright_base::FileId;

    use super::*;

    #[test]
    fn loops_come_and_go() {
        let activity = Activity::new();
        let span = Span::new(FileId(0), 1, 2);
        let outer = Running::new(Some(&activity), span, None, Some(3));
        outer.advance();
        {
            let inner = Running::new(Some(&activity), span, Some("lm"), None);
            inner.advance();
            inner.advance();
            let seen = |round: &Arc<Round>| (round.function.clone(), round.done(), round.total);
            let seen: Vec<_> = activity.rounds().iter().map(seen).collect();
            assert_eq!(seen, [(None, 1, Some(3)), (Some("lm".into()), 2, None)]);
        }
        assert_eq!(activity.rounds().len(), 1);
        drop(outer);
        assert!(activity.rounds().is_empty());
        Running::new(None, span, None, None).advance();
    }
}
