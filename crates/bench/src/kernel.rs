//! Kernels: statements timed inside processes that hold the data, turn by turn.

use std::time::Duration;

use tilewright_engine::{Fusion, Options};

use crate::case::{Kernel, Setup, UNFUSED};
use crate::ceiling::Roof;
use crate::measure::{Measure, Unit, median};
use crate::neighbours::Neighbours;
use crate::ours::Ours;
use crate::page_cache::PageCache;
use crate::peer::Peers;

/// Before each turn: idle workers of another side's thread pool spin for a while before they sleep (OpenBLAS for 2^26
/// cycles, about 30 ms).
const PAUSE: Duration = Duration::from_millis(40);

/// Seconds of calls in a turn, as long as they are not more than [`MOST_CALLS`].
const TURN: f64 = 0.05;

/// Calls in a turn at most.
const MOST_CALLS: usize = 7;

/// One side of a kernel.
pub trait Side {
    /// Calls it once and returns the line `ns TIME`.
    ///
    /// # Errors
    /// When the side has failed.
    fn turn(&mut self) -> Result<String, String>;
}

/// Measures one kernel: a row for each peer, or one without. Data are those of the case, and those of known sizes.
///
/// # Errors
/// When a side fails.
pub fn measure(
    case: &Kernel,
    (setup, known): (Option<&Setup>, Option<&Setup>),
    peers: &Peers,
    (pairs, threads): (usize, usize),
) -> Result<Vec<Measure>, String> {
    let repetitions = (pairs + 1) * (MOST_CALLS + 1);
    let mut sides: Vec<Box<dyn Side>> =
        vec![Box::new(Ours::start(case, setup, options(case.threads), repetitions)?)];
    let mut rows = Vec::new();
    for kind in peers.of(case) {
        sides.push(Box::new(peers.start(kind, case, setup)?));
        rows.push(row(case, Some(kind.name()), case.asked.ratio(Some(kind))));
    }
    if case.one_thread {
        sides.push(Box::new(Ours::start(case, setup, options(Some(1)), repetitions)?));
        rows.push(row(case, Some("ours, 1 thread"), case.asked.ratio(None)));
    }
    if case.as_written {
        let written = Options { no_rewrite: ["all".to_string()].into(), ..options(case.threads) };
        sides.push(Box::new(Ours::start(case, setup, written, repetitions)?));
        rows.push(row(case, Some("ours, no rewrites"), case.asked.without_rewrites()));
    }
    if case.unfused {
        let alone = Options { fusion: Fusion::None, ..options(case.threads) };
        sides.push(Box::new(Ours::start(case, setup, alone, repetitions)?));
        rows.push(row(case, Some(UNFUSED), case.asked.without_pipelines()));
    }
    if known.is_some() {
        sides.push(Box::new(Ours::start(case, known, options(case.threads), repetitions)?));
        rows.push(row(case, Some("ours, known sizes"), case.asked.with_known_sizes()));
    }
    let threads = case.threads.unwrap_or(threads);
    if let Some(path) = &case.file {
        sides.push(Box::new(PageCache::start(path, threads)?));
    } else if let Some(mix) = case.mix().filter(|_| case.asked.share.is_some()) {
        sides.push(Box::new(Roof::start(&mix, threads)?));
    }
    let neighbours = Neighbours::start(case.neighbours)?;
    let mut samples = rounds(&mut sides, pairs)?.into_iter();
    drop(neighbours);
    let ours = samples.next().unwrap_or_default();
    if rows.is_empty() {
        rows.push(row(case, None, None));
    }
    for row in &mut rows {
        row.ours = ours.clone();
        // Without a peer there is one row and ours is the only side but the roof.
        row.theirs = row.peer.as_ref().and_then(|_| samples.next()).unwrap_or_default();
    }
    rows[0].roof = samples.next().unwrap_or_default();
    // What is asked of ours alone is told once.
    for row in &mut rows[1..] {
        (row.share, row.rate) = (None, None);
    }
    Ok(rows)
}

fn options(threads: Option<usize>) -> Options {
    Options { threads, ..Options::default() }
}

fn row(case: &Kernel, peer: Option<&str>, ratio: Option<f64>) -> Measure {
    Measure {
        threads: case.threads,
        suite: case.suite.clone(),
        peer: peer.map(Into::into),
        reads: case.reads.map(|formula| formula.0),
        writes: case.writes.map(|formula| formula.0),
        flops: case.flops.map(|formula| formula.0),
        ratio,
        share: case.asked.share,
        rate: case.asked.rate,
        reason: case.reason.clone(),
        ..Measure::new(&case.name, &case.what, Unit::Seconds)
    }
}

/// Seconds of each side in each round but the first, which warms up; who begins moves on by one each round.
fn rounds(sides: &mut [Box<dyn Side>], pairs: usize) -> Result<Vec<Vec<f64>>, String> {
    let mut samples = vec![Vec::new(); sides.len()];
    let mut calls = vec![1; sides.len()];
    for round in 0..=pairs {
        for turn in 0..sides.len() {
            let side = (round + turn) % sides.len();
            std::thread::sleep(PAUSE);
            let taken = turn_of(&mut *sides[side], calls[side])?;
            calls[side] = (TURN / taken).clamp(1.0, MOST_CALLS as f64) as usize;
            if round > 0 {
                samples[side].push(taken);
            }
        }
    }
    Ok(samples)
}

/// The seconds of a call: the median of several where they are short, behind one that wakes up cores and fills caches.
fn turn_of(side: &mut dyn Side, calls: usize) -> Result<f64, String> {
    if calls > 1 {
        side.turn()?;
    }
    let taken: Vec<f64> = (0..calls).map(|_| seconds(&side.turn()?)).collect::<Result<_, _>>()?;
    Ok(median(&taken))
}

/// The seconds of a line `ns 123`.
fn seconds(line: &str) -> Result<f64, String> {
    let nanoseconds = line.strip_prefix("ns ").and_then(|text| text.trim().parse::<f64>().ok());
    nanoseconds.map(|nanoseconds| nanoseconds / 1e9).ok_or_else(|| format!("not a time: `{line}`"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    /// Answers with the number of turns that all sides have had.
    struct Counter(Rc<Cell<u32>>);

    impl Side for Counter {
        fn turn(&mut self) -> Result<String, String> {
            self.0.set(self.0.get() + 1);
            Ok(format!("ns {}000000000", self.0.get()))
        }
    }

    #[test]
    fn sides_take_turns_and_who_begins_changes() {
        let turns = Rc::new(Cell::new(0));
        let mut sides: Vec<Box<dyn Side>> = vec![Box::new(Counter(turns.clone())), Box::new(Counter(turns))];
        let samples = rounds(&mut sides, 2).unwrap();
        assert_eq!(samples, [[4.0, 5.0], [3.0, 6.0]]);
    }

    #[test]
    fn other_lines_are_no_times() {
        assert_eq!(seconds("ns 2500000000"), Ok(2.5));
        assert!(seconds("check 12").is_err());
    }
}
