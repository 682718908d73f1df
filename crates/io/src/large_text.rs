//! Large texts that are read in pieces, so that memory holds what is parsed and a few pieces, not the text.
//!
//! ```text
//! plain        file -> pieces of equal size, read by any thread -> the lines that start in each
//! compressed   file -> one decompressor                         -> whole lines, as they come
//! ```
//! The lines of a piece go on behind its end where the last one does. Places are told by reading the text again up to
//! there, which only happens where something is wrong.

use std::fmt::Display;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;

use tilewright_base::{Fault, Outcome, fault};

use crate::compression::Compression;
use crate::lines::{self, CHUNK, Lines};
use crate::metadata::Metadata;
use crate::parts::Parts;
use crate::pieces::{Pieces, Reader};
use crate::remote::is_remote;
use crate::source::{BYTE_ORDER_MARK, Encoding, cannot_read, check_is_text};

/// Smaller files are read as a whole, in bytes.
pub const LARGE: u64 = 64 << 20;

/// About how many times as long as a compressed file its text is at least.
const RATIO: u64 = 4;

/// How much of a file is looked at for its first rows, and read at once to find the end of a line.
pub const HEAD: usize = 64 << 10;

/// A large text of one file; its bytes are counted without a byte-order mark, decompressed.
#[derive(Debug)]
pub struct LargeText {
    file: Pieces,
    compression: Option<Compression>,
    /// The bytes of the byte-order mark.
    mark: u64,
    /// Where the text ends in a file that is not compressed.
    end: u64,
}

/// Whole lines of a text.
struct Chunk {
    /// The byte of the text where they start.
    at: usize,
    /// Bytes, of which the first ones may belong to another chunk.
    bytes: Vec<u8>,
    /// How many of them do.
    skip: usize,
    /// How much of the text is read with them.
    share: f64,
}

impl LargeText {
    /// The text at `path`, if it is one to be read in pieces: a file of this machine, of at least `large` bytes, or a
    /// compressed one of a text of about as many, in UTF-8.
    ///
    /// # Errors
    /// When the file cannot be read, or is evidently not text.
    pub fn open(path: &Path, known: &Metadata, large: u64) -> Outcome<Option<LargeText>> {
        let is_one = known.encoding.unwrap_or_default() == Encoding::Utf8
            && !is_remote(path)
            && path.is_file()
            && matches!(Parts::of(path)?, Parts::File);
        if !is_one {
            return Ok(None);
        }
        let file = Pieces::open(path)?;
        let compression = Compression::of(&file.bytes(0, file.len().min(4))?);
        // A file that is not compressed as its name promises is refused elsewhere.
        let is_kept = compression.is_some() || Compression::promised(path).is_none();
        let least = if compression.is_some() { large / RATIO } else { large };
        if !is_kept || file.len() < least {
            return Ok(None);
        }
        let mut text = LargeText { end: file.len(), file, compression, mark: 0 };
        let head = text.head(0)?;
        if head.starts_with(BYTE_ORDER_MARK) {
            text.mark = BYTE_ORDER_MARK.len() as u64;
        }
        check_is_text(path, &head[text.mark as usize..])?;
        Ok(Some(text))
    }

    /// The same text, of which so many passes are made; that counts in how far it has been read.
    pub fn in_passes(self, passes: usize) -> LargeText {
        LargeText { file: self.file.in_passes(passes), ..self }
    }

    /// True where the bytes of the file are those of the text, so that any part of it can be read.
    pub fn is_plain(&self) -> bool {
        self.compression.is_none()
    }

    /// The bytes of a text that is plain.
    pub fn len(&self) -> usize {
        (self.end - self.mark) as usize
    }

    /// True for a plain text of no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes from `start` on, [`HEAD`] at most.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn head(&self, start: usize) -> Outcome<Vec<u8>> {
        let mut head = Vec::new();
        let stream = &mut self.stream(start)?;
        stream.take(HEAD as u64).read_to_end(&mut head).map_err(|error| self.cannot(&error))?;
        Ok(head)
    }

    /// Bytes of a text that is plain.
    ///
    /// # Errors
    /// When the file has become shorter, or cannot be read.
    pub fn bytes(&self, range: std::ops::Range<usize>) -> Outcome<Vec<u8>> {
        self.file.bytes(self.mark + range.start as u64, range.len() as u64)
    }

    /// The text, of a plain one without the line ends at its end.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn without_trailing(self) -> Outcome<LargeText> {
        let mut end = self.end;
        while self.is_plain() && end > self.mark {
            let start = end.saturating_sub(HEAD as u64).max(self.mark);
            let tail = self.file.bytes(start, end - start)?;
            end = start + lines::without_trailing(&tail).len() as u64;
            if end > start {
                break;
            }
        }
        Ok(LargeText { end, ..self })
    }

    /// All bytes from `start` on, one after the other.
    fn stream(&self, start: usize) -> Outcome<Box<dyn Read + Send + '_>> {
        let file = Reader::new(&self.file);
        let mut stream: Box<dyn Read + Send + '_> = match self.compression {
            Some(compression) => compression.decoder(&self.file.path, file)?,
            None => Box::new(file.take(self.end)),
        };
        let before = self.mark + start as u64;
        io::copy(&mut (&mut stream).take(before), &mut io::sink()).map_err(|error| self.cannot(&error))?;
        Ok(stream)
    }

    fn cannot(&self, error: &io::Error) -> Fault {
        match self.compression {
            Some(compression) => compression.broken(&self.file.path, error),
            None => cannot_read(&self.file.path, error),
        }
    }

    fn cut(&self, start: usize, bytes: usize) -> Outcome<Cut<'_>> {
        let (rest, is_done) = (Vec::new(), false);
        Ok(Cut { text: self, stream: self.stream(start)?, at: start, bytes: bytes.max(1), rest, is_done })
    }

    /// The lines that start in the piece of so many bytes at `start` of a plain text whose lines are read from `first`
    /// on.
    fn piece(&self, first: usize, start: usize, bytes: usize) -> Outcome<Chunk> {
        let len = self.len();
        let mut end = (start + bytes).min(len);
        let share = end as f64 / len as f64;
        // The byte before the piece tells whether a line starts with it.
        let from = if start == first { start } else { start - 1 };
        let mut text = self.bytes(from..end)?;
        let skip = match memchr::memchr(b'\n', &text) {
            _ if start == first => 0,
            Some(at) => at + 1,
            None => text.len(),
        };
        while skip < text.len() && end < len && !text.ends_with(b"\n") {
            let more = self.bytes(end..(end + HEAD.min(bytes)).min(len))?;
            let until = memchr::memchr(b'\n', &more).map_or(more.len(), |at| at + 1);
            text.extend_from_slice(&more[..until]);
            end += until;
        }
        Ok(Chunk { at: from + skip, bytes: text, skip, share })
    }

    /// The 1-based line and column of a byte of the text, as text: `2:3`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn position(&self, offset: usize) -> Outcome<String> {
        let mut stream = self.stream(0)?.take(offset as u64);
        let (mut lines, mut line, mut piece) = (1, Vec::new(), vec![0; CHUNK]);
        loop {
            let text = match stream.read(&mut piece).map_err(|error| self.cannot(&error))? {
                0 => break,
                count => &piece[..count],
            };
            let start = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
            if start > 0 {
                lines += memchr::memchr_iter(b'\n', text).count();
                line.clear();
            }
            line.extend_from_slice(&text[start..]);
        }
        Ok(format!("{lines}:{}", 1 + String::from_utf8_lossy(&line).chars().count()))
    }
}

impl Lines for LargeText {
    fn path(&self) -> &Path {
        &self.file.path
    }

    fn fault(&self, offset: usize, message: impl Display) -> Fault {
        let name = self.file.path.display();
        match self.position(offset) {
            Ok(position) => fault!(File, "{name}:{position}: {message}"),
            Err(_) => self.file.fault(message),
        }
    }

    fn in_order<T: Send>(
        &self,
        (start, bytes): (usize, usize),
        parse: impl Fn(usize, &[u8]) -> T + Sync,
        mut take: impl FnMut(T, f64) -> Outcome<ControlFlow<()>> + Send,
    ) -> Outcome<()> {
        let parse = |chunk: Chunk| Ok((parse(chunk.at, &chunk.bytes[chunk.skip..]), chunk.share));
        let take = |(parsed, share)| take(parsed, share);
        if self.is_plain() {
            let pieces = (start..self.len()).step_by(bytes.max(1)).map(Ok);
            return lines::in_order(pieces, |at| self.piece(start, at, bytes.max(1)).and_then(parse), take);
        }
        lines::in_order(self.cut(start, bytes)?, parse, take)
    }
}

/// A stream in chunks of whole lines, of at least so many bytes but the last one.
struct Cut<'a> {
    text: &'a LargeText,
    stream: Box<dyn Read + Send + 'a>,
    at: usize,
    bytes: usize,
    /// The start of a line that goes on.
    rest: Vec<u8>,
    is_done: bool,
}

impl Iterator for Cut<'_> {
    type Item = Outcome<Chunk>;

    fn next(&mut self) -> Option<Outcome<Chunk>> {
        if self.is_done {
            return None;
        }
        let mut bytes = std::mem::take(&mut self.rest);
        if let Err(error) = self.fill(&mut bytes) {
            self.is_done = true;
            return Some(Err(self.text.cannot(&error)));
        }
        let at = self.at;
        self.at += bytes.len();
        let share = if self.is_done { 1.0 } else { self.text.file.share() };
        (!bytes.is_empty()).then_some(Ok(Chunk { at, bytes, skip: 0, share }))
    }
}

impl Cut<'_> {
    /// Reads up to the end of a line; what is behind it waits.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        loop {
            let before = bytes.len();
            bytes.try_reserve(self.bytes).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
            (&mut self.stream).take(self.bytes as u64).read_to_end(bytes)?;
            if bytes.len() == before {
                self.is_done = true;
                return Ok(());
            }
            if let Some(end) = memchr::memrchr(b'\n', &bytes[before..]) {
                self.rest = bytes.split_off(before + end + 1);
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;
    use crate::libsvm;
    use crate::source::Source;
    use crate::triples::{self, Repeated, Shape, Symmetry};

    /// What `read` makes of a file of these bytes.
    pub fn with_file<T>(bytes: &[u8], read: impl FnOnce(&Path) -> T) -> T {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let unique = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("tilewright-large-text-{}-{}", unique.0, unique.1));
        std::fs::write(&path, bytes).expect("a temporary file");
        let result = read(&path);
        std::fs::remove_file(path).expect("the temporary file");
        result
    }

    /// Compressed, in two members.
    pub fn gzip(text: &[u8]) -> Vec<u8> {
        let (start, end) = text.split_at(text.len() / 2);
        [start, end]
            .iter()
            .flat_map(|part| {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(part).and_then(|()| encoder.finish()).expect("memory")
            })
            .collect()
    }

    /// What `read` makes of a text, plain and compressed.
    fn of_both<T>(text: &[u8], read: impl Fn(&LargeText) -> T) -> [T; 2] {
        [text.to_vec(), gzip(text)].map(|bytes| {
            with_file(&bytes, |path| {
                let text = LargeText::open(path, &Metadata::default(), 0).expect("a file");
                read(&text.expect("a text to be read in pieces"))
            })
        })
    }

    /// All lines, and how much was read with each part.
    fn lines_of(text: &impl Lines, start: usize, bytes: usize) -> (Vec<u8>, Vec<f64>) {
        let (mut all, mut shares) = (Vec::new(), Vec::new());
        let take = |(at, lines): (usize, Vec<u8>), share| {
            assert!(lines.is_empty() || at == start + all.len());
            all.extend(lines);
            shares.push(share);
            Ok(ControlFlow::Continue(()))
        };
        text.in_order((start, bytes), |at, lines| (at, lines.to_vec()), take).expect("a file");
        (all, shares)
    }

    /// Without the name of the file.
    fn said<T>(outcome: Outcome<T>, path: &Path) -> Result<T, String> {
        outcome.map_err(|fault| fault.to_string().replace(&path.display().to_string(), "x"))
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_are_the_lines(text in "[abä\n]{0,60}", bytes in 1usize..30, mark in any::<bool>(), start in 0usize..4) {
            let marked = format!("{}{text}", if mark { "\u{feff}" } else { "" });
            let source = Source::of(Path::new("x"), text.clone().into_bytes());
            // Lines are read from a line on.
            let start = text.char_indices().filter(|(_, letter)| *letter == '\n').nth(start).map_or(0, |(at, _)| at + 1);
            for (lines, shares, positions) in of_both(marked.as_bytes(), |large| {
                let (lines, shares) = lines_of(large, start, bytes);
                let positions: Vec<String> =
                    (0..=text.len()).map(|at| large.position(at).expect("a file")).collect();
                (lines, shares, positions)
            }) {
                prop_assert_eq!(lines, &text.as_bytes()[start..]);
                prop_assert!(shares.is_sorted() && shares.last().is_none_or(|last| *last == 1.0), "{:?}", shares);
                let expected: Vec<String> = (0..=text.len()).map(|at| source.position(at)).collect();
                prop_assert_eq!(positions, expected);
            }
        }

        #[test]
        fn cells_are_those_of_the_whole(
            lines in prop::collection::vec("[1-4] [1-4] (-?[1-9]|0|nan)|% x|[1-9] 1 2|", 0..12),
            (bytes, adds) in (1usize..40, any::<bool>()),
        ) {
            let text = lines.join("\n");
            let repeated = if adds { Repeated::Add } else { Repeated::Refuse };
            let shape = Shape { rows: 4, cols: 4, values: true, symmetry: Symmetry::General, repeated };
            let source = Source::of(Path::new("x"), text.clone().into_bytes());
            let whole = said(triples::parse(&source, 0, shape), Path::new("x"));
            for cells in of_both(text.as_bytes(), |large| {
                said(triples::parse_in_chunks(large, 0, shape, bytes), large.path())
            }) {
                prop_assert_eq!(format!("{cells:?}"), format!("{whole:?}"));
            }
        }

        #[test]
        fn labels_and_features_are_those_of_the_whole(
            lines in prop::collection::vec("(-?[0-2])( [1-3]:[0-9])?( [4-6]:[0-9.])?( qid:1)?( # x)?|", 0..12),
            bytes in 1usize..40,
        ) {
            let text = lines.join("\n");
            let layout = libsvm::Layout::new(None, None).expect("a layout");
            let shown = |table: libsvm::Table| format!("{table:?}");
            let source = Source::of(Path::new("x"), text.clone().into_bytes());
            let whole = said(libsvm::parse_in_chunks(&source, &layout, None, usize::MAX >> 1), Path::new("x"));
            let whole = whole.map(shown);
            for table in of_both(text.as_bytes(), |large| {
                said(libsvm::parse_in_chunks(large, &layout, None, bytes), large.path())
            }) {
                prop_assert_eq!(table.map(shown), whole.clone());
            }
        }
    }

    #[test]
    fn small_files_and_unusual_ones_are_read_as_a_whole() {
        with_file(b"1,2\n", |path| {
            let known = Metadata::default();
            let is_large =
                |known: &Metadata, large| LargeText::open(path, known, large).expect("a file").is_some();
            assert!(is_large(&known, 4) && !is_large(&known, 5));
            assert!(!is_large(&Metadata { encoding: Some(Encoding::Latin1), ..known.clone() }, 4));
        });
        with_file(b"PAR1", |path| {
            let fault = LargeText::open(path, &Metadata::default(), 0).expect_err("not text");
            assert!(fault.to_string().contains("is a Parquet file"), "{fault}");
        });
    }

    #[test]
    fn files_that_are_cut_off_are_told_so_behind_what_comes_before() {
        let text = b"1 1 1\n".repeat(100_000);
        let whole = gzip(&text);
        with_file(&whole[..whole.len() - 20], |path| {
            let text = LargeText::open(path, &Metadata::default(), 0).expect("a file").expect("a text");
            let read = |cols| {
                let (values, symmetry, repeated) = (true, Symmetry::General, Repeated::Add);
                triples::parse_in_chunks(&text, 0, Shape { rows: 1, cols, values, symmetry, repeated }, 1000)
            };
            let fault = read(1).expect_err("a file that is cut off").to_string();
            assert!(fault.contains("is cut off: its gzip data ends too early"), "{fault}");
            let fault = read(0).expect_err("a cell outside of the matrix").to_string();
            assert!(fault.contains(":1:1: column 1 is outside of 1 to 0"), "{fault}");
        });
    }
}
