//! Cutting CSV text into rows and cells, and into chunks of whole rows for threads, where a quoted cell may hold
//! separators and line ends.
//!
//! A quote opens a quoted cell only at the start of a cell, behind blanks; elsewhere it is a character like any other.
//! Whether a line end stands inside of quotes depends on all text before it. So each chunk is scanned twice, as if it
//! started at a row and as if it started inside of quotes, and one pass over the results tells which was right:
//!
//! ```text
//! chunks of lines -> (ends inside?, first row, rows) for either start -> chunks of rows
//! ```

use std::ops::Range;

use rayon::prelude::*;

use crate::lines;

/// How rows are cut into cells.
#[derive(Debug, Clone, Copy)]
pub struct Grammar<'a> {
    /// What stands between cells; not empty.
    pub separator: &'a [u8],
}

/// Whole rows of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Their bytes.
    pub range: Range<usize>,
    /// How many they are.
    pub rows: usize,
}

/// Where a row stops.
enum Stop {
    /// At this line end.
    Line(usize),
    /// With the text.
    Text,
    /// With the text, in a quoted cell that does not end.
    Quote,
}

/// What a chunk of lines holds if it starts at a row, and if it starts inside of quotes.
pub struct Scans {
    from_row: Scan,
    from_quote: Scan,
}

/// What a chunk of lines holds if it starts in a certain state.
struct Scan {
    /// The start of the first row that starts in it.
    first: Option<usize>,
    /// The rows that start in it.
    rows: usize,
    /// True when it ends inside of quotes.
    inside: bool,
}

impl<'a> Grammar<'a> {
    /// True for what may stand around the quotes of a cell.
    pub fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.separator[0]
    }

    /// The number of cells of a row.
    pub fn cells_in(&self, row: &[u8]) -> usize {
        let mut at = self.cell_end(row, 0);
        let mut cells = 1;
        while at < row.len() {
            at = self.cell_end(row, at + self.separator.len());
            cells += 1;
        }
        cells
    }

    /// Where the cell of a row that starts at `at` ends: at a separator outside of quotes, or with the row.
    pub fn cell_end(&self, row: &[u8], at: usize) -> usize {
        let blank = row[at..].iter().take_while(|byte| self.is_blank(**byte)).count();
        let from = match row[at + blank..].first() {
            Some(b'"') => quoted_end(row, at + blank + 1).unwrap_or(row.len()),
            _ => at,
        };
        memchr::memmem::find(&row[from..], self.separator).map_or(row.len(), |found| from + found)
    }

    /// Where the row that starts at `at` ends, with its line end.
    pub fn row_end(&self, text: &[u8], at: usize) -> usize {
        match self.stop(text, at) {
            Stop::Line(end) => end + 1,
            Stop::Text | Stop::Quote => text.len(),
        }
    }

    /// Where each row starts, and the row without its line end.
    pub fn rows<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = (usize, &'t [u8])> + use<'t, 'a> {
        let grammar = *self;
        let mut start = 0;
        std::iter::from_fn(move || {
            if start == text.len() {
                return None;
            }
            let at = start;
            start = grammar.row_end(text, at);
            let row = &text[at..start];
            let row = row.strip_suffix(b"\n").unwrap_or(row);
            Some((at, row.strip_suffix(b"\r").unwrap_or(row)))
        })
    }

    /// The chunks of a text, of about so many bytes: they cover it in whole rows.
    pub fn chunks(&self, text: &[u8], bytes: usize) -> Vec<Chunk> {
        let pieces = lines::chunks(text, bytes).into_par_iter();
        let scans: Vec<Scans> = pieces.map(|piece| self.scans(&text[piece.clone()], piece.start)).collect();
        whole_rows(scans, text.len())
    }

    /// Scans lines that start at byte `at` of a text.
    pub fn scans(&self, lines: &[u8], at: usize) -> Scans {
        if memchr::memchr(b'"', lines).is_none() {
            let rows = lines::count(lines);
            let from_row = Scan { first: (rows > 0).then_some(at), rows, inside: false };
            return Scans { from_row, from_quote: Scan { first: None, rows: 0, inside: true } };
        }
        let [from_row, from_quote] = [false, true].map(|inside| {
            let scan = self.scan(lines, inside);
            Scan { first: scan.first.map(|first| at + first), ..scan }
        });
        Scans { from_row, from_quote }
    }

    /// The number of rows.
    pub fn count(&self, text: &[u8]) -> usize {
        if memchr::memchr(b'"', text).is_some() { self.rows(text).count() } else { lines::count(text) }
    }

    /// Scans whole lines.
    fn scan(&self, text: &[u8], inside: bool) -> Scan {
        let mut scan = Scan { first: None, rows: 0, inside: false };
        let mut at = 0;
        if inside {
            match self.stop_inside(text, 0) {
                Stop::Quote => return Scan { inside: true, ..scan },
                Stop::Text => return scan,
                Stop::Line(end) => at = end + 1,
            }
        }
        while at < text.len() {
            scan.first.get_or_insert(at);
            scan.rows += 1;
            match self.stop(text, at) {
                Stop::Quote => return Scan { inside: true, ..scan },
                Stop::Text => return scan,
                Stop::Line(end) => at = end + 1,
            }
        }
        scan
    }

    /// Where the row stops whose cell starts at `at`.
    fn stop(&self, text: &[u8], at: usize) -> Stop {
        let mut cell = at;
        let mut line = line_end(text, cell);
        let mut quote = next_quote(text, cell, line);
        loop {
            // Without a quote in the rest of the line, nothing but its end can end the row.
            let Some(at_quote) = quote else {
                return if line < text.len() { Stop::Line(line) } else { Stop::Text };
            };
            let blank = text[cell..line].iter().take_while(|byte| self.is_blank(**byte)).count();
            let mut from = cell;
            if text[cell + blank..line].first() == Some(&b'"') {
                let Some(end) = quoted_end(text, cell + blank + 1) else { return Stop::Quote };
                from = end;
                if from > line {
                    line = line_end(text, from);
                }
            }
            match memchr::memmem::find(&text[from..line], self.separator) {
                Some(found) => cell = from + found + self.separator.len(),
                None => return if line < text.len() { Stop::Line(line) } else { Stop::Text },
            }
            if cell > at_quote {
                quote = next_quote(text, cell, line);
            }
        }
    }

    /// Where the row stops that is inside of a quoted cell at `at`.
    fn stop_inside(&self, text: &[u8], at: usize) -> Stop {
        let Some(from) = quoted_end(text, at) else { return Stop::Quote };
        let line = line_end(text, from);
        match memchr::memmem::find(&text[from..line], self.separator) {
            Some(found) => self.stop(text, from + found + self.separator.len()),
            None if line < text.len() => Stop::Line(line),
            None => Stop::Text,
        }
    }
}

/// The rows of a text of so many bytes, in chunks that start where lines were scanned.
pub fn whole_rows(scans: impl IntoIterator<Item = Scans>, length: usize) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut inside = false;
    for Scans { from_row, from_quote } in scans {
        let scan = if inside { from_quote } else { from_row };
        inside = scan.inside;
        let Some(first) = scan.first else { continue };
        if let Some(last) = chunks.last_mut() {
            last.range.end = first;
        }
        chunks.push(Chunk { range: first..length, rows: scan.rows });
    }
    chunks
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |found| at + found)
}

fn next_quote(text: &[u8], at: usize, end: usize) -> Option<usize> {
    memchr::memchr(b'"', &text[at.min(end)..end]).map(|found| at + found)
}

/// The byte behind the quote that ends the cell whose text starts at `at`; `""` inside stands for one quote.
pub fn quoted_end(text: &[u8], mut at: usize) -> Option<usize> {
    while let Some(found) = memchr::memchr(b'"', &text[at..]) {
        at += found + 1;
        if text.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows by a walk over single bytes.
    fn slow(text: &[u8], separator: u8) -> Vec<usize> {
        let (mut starts, mut at_start, mut inside, mut at) = (vec![], true, false, 0);
        let mut new_row = true;
        while at < text.len() {
            if std::mem::take(&mut new_row) {
                starts.push(at);
            }
            let byte = text[at];
            at += 1;
            if inside {
                if byte == b'"' {
                    if text.get(at) == Some(&b'"') { at += 1 } else { inside = false }
                }
            } else if byte == b'"' && at_start {
                (inside, at_start) = (true, false);
            } else if byte == b'\n' {
                (new_row, at_start) = (true, true);
            } else if byte == separator {
                at_start = true;
            } else if !matches!(byte, b' ' | b'\t') {
                at_start = false;
            }
        }
        starts
    }

    proptest! {
        #[test]
        fn chunks_are_whole_rows(text in "[a,\" \n]{0,60}", bytes in 1usize..30) {
            let text = text.as_bytes();
            let grammar = Grammar { separator: b"," };
            let starts: Vec<usize> = grammar.rows(text).map(|(at, _)| at).collect();
            prop_assert_eq!(&starts, &slow(text, b','));
            let chunks = grammar.chunks(text, bytes);
            prop_assert_eq!(chunks.iter().map(|chunk| chunk.rows).sum::<usize>(), starts.len());
            let mut end = 0;
            for chunk in chunks {
                prop_assert_eq!(chunk.range.start, end);
                prop_assert!(starts.contains(&end));
                let rows = grammar.rows(&text[chunk.range.clone()]).count();
                prop_assert_eq!(rows, chunk.rows);
                end = chunk.range.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
