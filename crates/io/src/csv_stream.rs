//! Reading large CSV files of numbers without holding their text.
//!
//! ```text
//! plain        file -> rows of each piece -> chunks of whole rows -> cells of as many rows of the result
//! compressed   file -> whole lines -> cells of their own -> the result
//! ```
//! In a plain file a first pass counts rows, so that a second one parses right into the result. A compressed one is
//! decompressed once: its cells wait in pieces until all rows are known. What is wrong is left to [`csv`](crate::csv), which
//! reads the text as a whole and tells it; so are quotes in compressed files.

use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_matrix::Dense;

use crate::csv::{Layout, Reader, Table, shortest_text, width};
use crate::csv_problems::Tally;
use crate::large_text::{HEAD, LargeText};
use crate::lines::{self, Lines};
use crate::metadata::Metadata;
use crate::records::{Chunk, whole_rows};

/// A large file of plain numbers.
#[derive(Debug)]
pub struct Stream {
    text: LargeText,
    /// Where its rows start, behind the header.
    start: usize,
    rows: Rows,
    cols: usize,
    /// The bytes of a piece.
    piece: usize,
}

/// What is known of the rows before they are parsed.
#[derive(Debug)]
enum Rows {
    /// Where they are.
    Counted(Vec<Chunk>),
    /// Nothing.
    Unknown,
}

/// What is in lines of a compressed file.
struct Part {
    cells: Dense,
    tally: Tally,
    /// True when empty lines stand behind the rows.
    ends_empty: bool,
}

impl Stream {
    /// The file at `path`, if it is one to be read in pieces of about `piece` bytes: one of at least `large` bytes as of
    /// [`LargeText::open`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(
        path: &Path,
        known: &Metadata,
        layout: &Layout,
        (large, piece): (u64, usize),
    ) -> Outcome<Option<Stream>> {
        let Some(text) = LargeText::open(path, known, large)? else { return Ok(None) };
        let grammar = layout.grammar()?;
        let start = if layout.header { grammar.row_end(&text.head(0)?, 0) } else { 0 };
        let text = text.in_passes(2).without_trailing()?;
        let first = text.head(start)?;
        // A header or a first row that long is an unusual one, and a header alone has no first row.
        if start == HEAD || grammar.row_end(&first, 0) == HEAD || layout.header && first.is_empty() {
            return Ok(None);
        }
        let cols = width(grammar, &first);
        if !text.is_plain() {
            return Ok(Some(Stream { text: text.in_passes(1), start, rows: Rows::Unknown, cols, piece }));
        }
        if text.len() <= start {
            return Ok(None);
        }
        let mut scans = Vec::new();
        let take = |scan, _| {
            scans.push(scan);
            Ok(ControlFlow::Continue(()))
        };
        text.in_order((start, piece), |at, lines| grammar.scans(lines, at), take)?;
        let rows = Rows::Counted(whole_rows(scans, text.len()));
        Ok(Some(Stream { text, start, rows, cols, piece }))
    }

    /// The rows and columns, by the ends of the rows and the cells of the first, where they are known.
    pub fn shape(&self) -> Option<(usize, usize)> {
        match &self.rows {
            Rows::Counted(chunks) => Some((chunks.iter().map(|chunk| chunk.rows).sum(), self.cols)),
            Rows::Unknown => None,
        }
    }

    /// All cells; `None` where something is wrong, which the text as a whole tells.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn parse(&self, layout: &Layout) -> Outcome<Option<Table>> {
        let reader = Reader::new(layout)?;
        match &self.rows {
            Rows::Counted(chunks) => self.parse_counted(&reader, layout, chunks),
            Rows::Unknown => self.parse_once(&reader, layout),
        }
    }

    fn parse_counted(
        &self,
        reader: &Reader<'_>,
        layout: &Layout,
        chunks: &[Chunk],
    ) -> Outcome<Option<Table>> {
        let (rows, cols) = (chunks.iter().map(|chunk| chunk.rows).sum(), self.cols);
        if shortest_text(rows, cols, layout) > self.text.len() - self.start {
            return Ok(None);
        }
        let grammar = layout.grammar()?;
        // All cells are written, or the file is refused.
        let mut cells = Dense::unset(rows, cols);
        let mut rest = cells.cells_mut();
        let mut work = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            let (part, after) = rest.split_at_mut(chunk.rows * cols);
            rest = after;
            work.push((chunk, part));
        }
        let tallies = work.into_par_iter().map(|(chunk, part)| {
            let text = self.text.bytes(chunk.range.clone())?;
            // Another program may have written to it since the first pass.
            if grammar.count(&text) != chunk.rows {
                return Ok(None);
            }
            let tally = reader.rows(&text, 0..text.len(), cols, part).behind(chunk.range.start);
            Ok(tally.first.is_none().then_some(tally))
        });
        let tallies: Option<Vec<Tally>> =
            tallies.collect::<Outcome<Vec<Option<Tally>>>>()?.into_iter().collect();
        Ok(tallies.map(|tallies| table(cells, tallies)))
    }

    fn parse_once(&self, reader: &Reader<'_>, layout: &Layout) -> Outcome<Option<Table>> {
        let (mut parts, mut tallies, mut ends_empty, mut is_plain) = (Vec::new(), Vec::new(), false, true);
        let take = |part: Option<Part>, _| {
            // Empty lines are rows where others follow.
            let Some(part) = part.filter(|part| part.cells.rows() == 0 || !ends_empty) else {
                is_plain = false;
                return Ok(ControlFlow::Break(()));
            };
            ends_empty |= part.ends_empty;
            parts.push(part.cells);
            tallies.push(part.tally);
            Ok(ControlFlow::Continue(()))
        };
        let parse = |at: usize, lines: &[u8]| Part::of(at, lines, self.cols, reader, layout);
        self.text.in_order((self.start, self.piece), parse, take)?;
        if !is_plain || parts.iter().all(|part| part.rows() == 0) {
            return Ok(None);
        }
        let mut cells = Dense::unset(parts.iter().map(Dense::rows).sum(), self.cols);
        let mut rest = cells.cells_mut();
        for part in parts {
            let (to, after) = rest.split_at_mut(part.cells().len());
            to.copy_from_slice(part.cells());
            rest = after;
        }
        Ok(Some(table(cells, tallies)))
    }

    /// The 1-based line and column of a byte of the file, as text: `2:3`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn position(&self, offset: usize) -> Outcome<String> {
        self.text.position(offset)
    }
}

impl Part {
    /// The cells of lines that start at byte `at` of the text; `None` where there are quotes, or something is wrong.
    fn of(at: usize, lines: &[u8], cols: usize, reader: &Reader<'_>, layout: &Layout) -> Option<Part> {
        if memchr::memchr(b'"', lines).is_some() {
            return None;
        }
        let text = lines::without_trailing(lines);
        let rows = lines::count(text);
        if shortest_text(rows, cols, layout) > text.len() {
            return None;
        }
        let mut cells = Dense::unset(rows, cols);
        let tally = reader.rows(text, 0..text.len(), cols, cells.cells_mut()).behind(at);
        let ends_empty = rows < lines::count(lines);
        tally.first.is_none().then_some(Part { cells, tally, ends_empty })
    }
}

fn table(cells: Dense, tallies: Vec<Tally>) -> Table {
    let tally = tallies.into_iter().fold(Tally::default(), Tally::then);
    Table { cells, empty: tally.empty, first_empty: tally.first_empty }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::csv;
    use crate::large_text::tests::{gzip, with_file};
    use crate::source::Source;

    /// The matrix by pieces of a file, where it is read in pieces at all, and the position of its first empty cell.
    fn streamed(text: &[u8], layout: &Layout, piece: usize) -> Option<(Table, Option<String>)> {
        with_file(text, |path| {
            let stream = Stream::open(path, &Metadata::default(), layout, (0, piece)).expect("a file")?;
            let table = stream.parse(layout).expect("a file")?;
            if let Some(shape) = stream.shape() {
                assert_eq!(shape, (table.cells.rows(), table.cells.cols()));
            }
            let position = table.first_empty.map(|at| stream.position(at).expect("a file"));
            Some((table, position))
        })
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_matrix(
            rows in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["1", "-2.5", "", "1e300", " 7 ", "\"\n8\"", "\" \""]), 3), 1..20),
            (piece, header, end) in (1usize..40, any::<bool>(), prop::sample::select(vec!["", "\n", "\r\n\r\n"])),
            mark in any::<bool>(),
        ) {
            let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
            let names = if header { "ä,b,c\n" } else { "" };
            let text = format!("{}{names}{}{end}", if mark { "\u{feff}" } else { "" }, rows.join("\n"));
            let layout = Layout { header, ..Layout::default() };
            let source = Source::of(Path::new("x.csv"), text.trim_start_matches('\u{feff}').as_bytes().to_vec());
            let whole = csv::parse(&source, &layout).expect("a plain file");
            let at = whole.first_empty.map(|at| source.position(at));
            for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
                let Some((table, position)) = streamed(&bytes, &layout, piece) else {
                    // Quotes in compressed files are left to the whole.
                    prop_assert!(text.contains('"') && bytes != text.as_bytes());
                    continue;
                };
                prop_assert_eq!(&table.cells, &whole.cells);
                prop_assert_eq!(table.empty, whole.empty);
                prop_assert_eq!(position, at.clone());
            }
        }
    }

    #[test]
    fn what_is_wrong_is_left_to_the_whole() {
        for text in
            ["1,2\n\"3,4\n", "1,2\n3,x\n", "1,2\n3\n", "1,2\n\n3,4\n", "1,2\n\n\n\n\n3,4\n", "\n\n", ""]
        {
            for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
                assert!(streamed(&bytes, &Layout::default(), 4).is_none(), "{text:?}");
            }
        }
        assert!(streamed(b"a,b", &Layout { header: true, ..Layout::default() }, 4).is_none());
        assert!(streamed(b"1,2\n3,4", &Layout::default(), 4).is_some());
        assert!(streamed(&gzip(b"1,2\n3,4"), &Layout::default(), 4).is_some());
    }
}
