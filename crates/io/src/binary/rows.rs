//! Which panels hold the rows that are asked for, and what is said about them.

use std::io;
use std::ops::Range;

use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, fault};

use super::directory::Panel;
use super::raw::Raw;
use crate::pieces::Pieces;
use crate::source::cannot_read;

/// The rows of a panel that are asked for.
#[derive(Debug)]
pub struct Part<'a> {
    /// The panel.
    pub panel: &'a Panel,
    /// The rows asked for, counted from its first one.
    pub rows: Range<usize>,
    /// The row of the whole value with which the panel begins.
    pub first: usize,
}

impl Part<'_> {
    /// Whether all rows of the panel are asked for.
    pub fn is_whole(&self) -> bool {
        self.rows.len() == self.panel.rows
    }
}

/// The parts of panels that hold `rows`.
pub fn overlapping<'a>(panels: &'a [Panel], rows: &Range<usize>) -> Vec<Part<'a>> {
    let mut first = 0;
    let mut parts = Vec::new();
    for panel in panels {
        let end = first + panel.rows;
        let asked = rows.start.max(first)..rows.end.min(end);
        if asked.start < asked.end {
            parts.push(Part { panel, rows: asked.start - first..asked.end - first, first });
        }
        first = end;
    }
    parts
}

/// Why a panel is refused, with its rows.
pub fn panel_fault(file: &Pieces, part: &Part<'_>, what: &str, error: &io::Error) -> Fault {
    let (name, first, last) = (file.path.display(), part.first + 1, part.first + part.panel.rows);
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
            let reason = match error.kind() {
                io::ErrorKind::UnexpectedEof => "it ends before its last cell".to_string(),
                _ => error.to_string(),
            };
            let offset = part.panel.offset;
            fault!(
                File,
                "{name}: rows {first} to {last} of {what} (the panel at byte {offset}) are corrupted: {reason}"
            )
        }
        _ => cannot_read(&file.path, error),
    }
}

/// How many times larger than the file compressed panels may claim to be before they are believed.
const BELIEVED: u64 = 16;

/// Decompresses panels that claim to hold much more than the file once for nothing, before memory is taken for them.
///
/// # Errors
/// When a panel does not hold what it claims.
pub fn verify_compressed(file: &Pieces, parts: &[Part<'_>], what: &str) -> Outcome<()> {
    let claimed = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.panel.raw));
    if claimed <= file.len().saturating_mul(BELIEVED) {
        return Ok(());
    }
    parts
        .par_iter()
        .filter(|part| part.panel.compressed)
        .try_for_each(|part| verify(file, part.panel).map_err(|error| panel_fault(file, part, what, &error)))
}

fn verify(file: &Pieces, panel: &Panel) -> io::Result<()> {
    let mut scratch = vec![0; 1 << 16];
    let mut raw = Raw::open(file, panel)?;
    let mut left = panel.raw;
    while left > 0 {
        let len = left.min(scratch.len() as u64);
        raw.fill(&mut scratch[..len as usize])?;
        left -= len;
    }
    raw.finish()
}
