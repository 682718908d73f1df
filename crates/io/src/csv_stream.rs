//! Reading large CSV files of numbers without holding their text: two passes over the file, in pieces.
//!
//! ```text
//! file -> pieces of equal size -> line ends in each -> chunks of whole lines -> cells of as many rows of the result
//! ```
//! The first pass counts lines, the second one parses; each thread holds one piece at a time, so that the memory is that of
//! the matrix and of as many pieces as there are threads. What is not plain (quotes, problems to tell, several or compressed
//! files) is left to [`csv`](crate::csv), which reads the text as a whole and gives the same matrix.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_matrix::Dense;

use crate::compression::Compression;
use crate::csv::{Layout, Reader, Table, shortest_text, width};
use crate::csv_problems::Tally;
use crate::lines;
use crate::metadata::Metadata;
use crate::parts::Parts;
use crate::pieces::Pieces;
use crate::remote::is_remote;
use crate::source::{BYTE_ORDER_MARK, Encoding, check_is_text};

/// Smaller files are read as a whole, in bytes.
pub const LARGE: u64 = 64 << 20;

/// The bytes of a piece.
pub const PIECE: usize = 1 << 20;

/// How much of a file is looked at for its header.
const HEAD: usize = 64 << 10;

/// A large file of plain numbers.
#[derive(Debug)]
pub struct Stream {
    file: Pieces,
    /// Where its rows start, behind the byte-order mark and the header.
    start: u64,
    chunks: Vec<Chunk>,
    cols: usize,
}

/// Whole lines.
#[derive(Debug)]
struct Chunk {
    range: Range<u64>,
    rows: usize,
}

/// The line ends of a piece.
struct Ends {
    /// Behind the first one.
    first: u64,
    count: usize,
}

impl Stream {
    /// The file at `path`, if it is one to be read in pieces of about `piece` bytes: of at least `large` bytes, on this
    /// machine, not compressed, in UTF-8 and without quotes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(
        path: &Path,
        known: &Metadata,
        layout: &Layout,
        (large, piece): (u64, usize),
    ) -> Outcome<Option<Stream>> {
        let is_plain = known.encoding.unwrap_or_default() == Encoding::Utf8
            && !is_remote(path)
            && Compression::promised(path).is_none()
            && path.is_file()
            && matches!(Parts::of(path)?, Parts::File);
        if !is_plain {
            return Ok(None);
        }
        let file = Pieces::open(path)?.in_passes(2);
        let len = file.len();
        if len < large {
            return Ok(None);
        }
        let head = file.bytes(0, len.min(HEAD as u64))?;
        if Compression::of(&head).is_some() {
            return Ok(None);
        }
        let mark = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        check_is_text(path, &head[mark..])?;
        let grammar = layout.grammar()?;
        let header = if layout.header { grammar.row_end(&head[mark..], 0) } else { 0 };
        let (start, end) = ((mark + header) as u64, without_trailing(&file)?);
        // A header that does not end within the head is an unusual one.
        if mark + header == head.len() || end <= start {
            return Ok(None);
        }
        let Some(chunks) = chunks(&file, start..end, piece)? else { return Ok(None) };
        let first = chunks.first().map_or(Ok(Vec::new()), |chunk| read(&file, chunk))?;
        let cols = width(grammar, &first);
        Ok(Some(Stream { file, start, chunks, cols }))
    }

    /// The rows and columns, by the ends of the lines and the cells of the first.
    pub fn shape(&self) -> (usize, usize) {
        (self.chunks.iter().map(|chunk| chunk.rows).sum(), self.cols)
    }

    /// All cells; `None` where something is wrong, which the text as a whole tells.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn parse(&self, layout: &Layout) -> Outcome<Option<Table>> {
        let reader = Reader::new(layout)?;
        let (rows, cols) = self.shape();
        let bytes = self.chunks.last().map_or(0, |chunk| chunk.range.end) - self.start;
        if shortest_text(rows, cols, layout) as u64 > bytes {
            return Ok(None);
        }
        // All cells are written, or the file is refused.
        let mut cells = Dense::unset(rows, cols);
        let mut rest = cells.cells_mut();
        let mut work = Vec::with_capacity(self.chunks.len());
        for chunk in &self.chunks {
            let (part, after) = rest.split_at_mut(chunk.rows * cols);
            rest = after;
            work.push((chunk, part));
        }
        let tallies = work.into_par_iter().map(|(chunk, part)| {
            let text = read(&self.file, chunk)?;
            // Another program may have written to it since the first pass.
            if lines::count(&text) != chunk.rows || memchr::memchr(b'"', &text).is_some() {
                return Ok(None);
            }
            let mut tally = reader.rows(&text, 0..text.len(), cols, part);
            tally.first_empty = tally.first_empty.map(|at| chunk.range.start as usize + at);
            Ok(tally.first.is_none().then_some(tally))
        });
        let tallies: Option<Vec<Tally>> =
            tallies.collect::<Outcome<Vec<Option<Tally>>>>()?.into_iter().collect();
        let Some(tallies) = tallies else { return Ok(None) };
        let tally = tallies.into_iter().fold(Tally::default(), Tally::then);
        Ok(Some(Table { cells, empty: tally.empty, first_empty: tally.first_empty }))
    }

    /// The 1-based line and column of a byte of the file, as text: `2:3`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn position(&self, offset: usize) -> Outcome<String> {
        let offset = offset as u64;
        let head = self.file.bytes(0, self.start)?;
        // An empty cell may stand behind the last byte.
        let at = self.chunks.partition_point(|chunk| chunk.range.start <= offset).saturating_sub(1);
        let before: usize = self.chunks[..at].iter().map(|chunk| chunk.rows).sum();
        let within = self.chunks.get(at);
        let text = within.map_or(Ok(Vec::new()), |chunk| read(&self.file, chunk))?;
        let until = within.map_or(0, |chunk| offset.saturating_sub(chunk.range.start) as usize);
        let text = &text[..until.min(text.len())];
        let line_start = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
        let lines = [&head, text].map(|text| memchr::memchr_iter(b'\n', text).count());
        let column = 1 + String::from_utf8_lossy(&text[line_start..]).chars().count();
        Ok(format!("{}:{column}", 1 + before + lines[0] + lines[1]))
    }
}

fn read(file: &Pieces, chunk: &Chunk) -> Outcome<Vec<u8>> {
    file.bytes(chunk.range.start, chunk.range.end - chunk.range.start)
}

/// Where the text ends without the line ends at its end.
fn without_trailing(file: &Pieces) -> Outcome<u64> {
    let mut end = file.len();
    while end > 0 {
        let start = end.saturating_sub(HEAD as u64);
        let tail = file.bytes(start, end - start)?;
        end = start + lines::without_trailing(&tail).len() as u64;
        if end > start {
            break;
        }
    }
    Ok(end)
}

/// The lines of a part of a file, in chunks that begin behind the first line end of each piece; `None` where there are
/// quotes.
fn chunks(file: &Pieces, range: Range<u64>, piece: usize) -> Outcome<Option<Vec<Chunk>>> {
    let pieces = (range.end - range.start).div_ceil(piece as u64);
    let ends = (0..pieces).into_par_iter().map(|number| {
        let start = range.start + number * piece as u64;
        let text = file.bytes(start, (piece as u64).min(range.end - start))?;
        if memchr::memchr(b'"', &text).is_some() {
            return Ok(None);
        }
        let mut ends = memchr::memchr_iter(b'\n', &text);
        let first = ends.next().map(|at| start + at as u64 + 1);
        Ok(Some(first.map(|first| Ends { first, count: 1 + ends.count() })))
    });
    let ends: Option<Vec<Option<Ends>>> =
        ends.collect::<Outcome<Vec<Option<Option<Ends>>>>>()?.into_iter().collect();
    let Some(ends) = ends else { return Ok(None) };
    // Lines before the first line end, and behind it up to the next piece's: each counts the line end that closes it.
    let mut chunks = Vec::new();
    let mut open = (range.start, 0);
    for Ends { first, count } in ends.into_iter().flatten() {
        chunks.push(Chunk { range: open.0..first, rows: open.1 + 1 });
        open = (first, count - 1);
    }
    // The text does not end in a line end.
    chunks.push(Chunk { range: open.0..range.end, rows: open.1 + 1 });
    Ok(Some(chunks))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::csv;
    use crate::source::Source;

    /// The matrix by pieces of a file, where it is read in pieces at all, and the position of its first empty cell.
    fn streamed(text: &str, layout: &Layout, piece: usize) -> Option<(Table, Option<String>)> {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let unique = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("tilewright-stream-{}-{}.csv", unique.0, unique.1));
        std::fs::write(&path, text).expect("a temporary file");
        let stream = Stream::open(&path, &Metadata::default(), layout, (0, piece)).expect("a file");
        let table = stream.and_then(|stream| {
            let table = stream.parse(layout).expect("a file")?;
            assert_eq!(stream.shape(), (table.cells.rows(), table.cells.cols()));
            let position = table.first_empty.map(|at| stream.position(at).expect("a file"));
            Some((table, position))
        });
        std::fs::remove_file(path).expect("the temporary file");
        table
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same_matrix(
            rows in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["1", "-2.5", "", "1e300", " 7 "]), 3), 1..20),
            (piece, header, end) in (1usize..40, any::<bool>(), prop::sample::select(vec!["", "\n", "\r\n\r\n"])),
            mark in any::<bool>(),
        ) {
            let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
            let names = if header { "ä,b,c\n" } else { "" };
            let text = format!("{}{names}{}{end}", if mark { "\u{feff}" } else { "" }, rows.join("\n"));
            let layout = Layout { header, ..Layout::default() };
            let (table, position) = streamed(&text, &layout, piece).expect("a plain file");
            let source = Source::of(Path::new("x.csv"), text.trim_start_matches('\u{feff}').as_bytes().to_vec());
            let whole = csv::parse(&source, &layout).expect("a plain file");
            prop_assert_eq!(table.cells, whole.cells);
            prop_assert_eq!(table.empty, whole.empty);
            prop_assert_eq!(position, whole.first_empty.map(|at| source.position(at)));
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_whole() {
        for text in ["1,2\n\"3\",4\n", "1,2\n3,x\n", "1,2\n3\n", "1,2\n\n3,4\n", "\n\n", ""] {
            assert!(streamed(text, &Layout::default(), 4).is_none(), "{text:?}");
        }
        assert!(streamed("a,b", &Layout { header: true, ..Layout::default() }, 4).is_none());
        assert!(streamed("1,2\n3,4", &Layout::default(), 4).is_some());
    }
}
