//! Reading comma-separated values into a dense matrix, chunk by chunk on all threads.
//!
//! ```text
//! file -> header | body -> chunks of whole lines -> cells of as many rows of the result
//! ```
//! A line is a row; a quoted cell may hold the separator but no line end. The first line of the body says how many
//! columns there are. What is wrong is collected, and told as the first problem with a count of the others.

use rayon::prelude::*;
use tilewright_base::number::count;
use tilewright_base::{Fault, Outcome, bail};
use tilewright_matrix::Dense;

use crate::lines::{self, CHUNK};
use crate::number;
use crate::source::Source;

/// How a CSV file is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// What stands between cells; not empty.
    pub separator: String,
    /// True when the first line holds column names.
    pub header: bool,
    /// True when empty cells are allowed.
    pub fill: bool,
    /// The value of empty cells.
    pub default: f64,
    /// Cell texts that read as NaN.
    pub missing: Vec<String>,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout { separator: ",".into(), header: false, fill: true, default: 0.0, missing: Vec::new() }
    }
}

/// The matrix in a CSV file.
#[derive(Debug)]
pub struct Table {
    /// All cells.
    pub cells: Dense,
    /// The number of empty cells.
    pub empty: usize,
    /// Where the first empty cell is.
    pub first_empty: Option<usize>,
}

/// Reads a whole file.
///
/// # Errors
/// At the first cell that is not a number and the first row of another length, whichever comes first.
pub fn parse(source: &Source, layout: &Layout) -> Outcome<Table> {
    parse_in_chunks(source, layout, CHUNK)
}

/// The rows and columns of a file, by its lines and the cells of the first.
///
/// # Errors
/// When the separator is empty.
pub fn shape(source: &Source, layout: &Layout) -> Outcome<(usize, usize)> {
    let reader = Reader::new(layout)?;
    let body = &source.bytes[body(source, layout)];
    Ok((lines::count(body), reader.width(body)))
}

/// As [`parse`], with chunks of about `chunk` bytes.
///
/// # Errors
/// As of [`parse`].
pub fn parse_in_chunks(source: &Source, layout: &Layout, chunk: usize) -> Outcome<Table> {
    let reader = Reader::new(layout)?;
    let body = body(source, layout);
    let (start, text) = (body.start, &source.bytes[body]);
    let cols = reader.width(text);
    let chunks = lines::chunks(text, chunk);
    let heights: Vec<usize> = chunks.par_iter().map(|chunk| lines::count(&text[chunk.clone()])).collect();
    let rows = heights.iter().sum();
    if shortest_text(rows, cols, layout) > text.len() {
        let problems = reader.ragged_rows(text, cols);
        return Err(reader.fault(source, start, cols, &problems));
    }
    let mut cells = Dense::zeros(rows, cols);
    let mut rest = cells.cells_mut();
    let mut work = Vec::with_capacity(chunks.len());
    for (chunk, height) in chunks.into_iter().zip(heights) {
        let (part, after) = rest.split_at_mut(height * cols);
        rest = after;
        work.push((chunk, part));
    }
    let tallies: Vec<Tally> =
        work.into_par_iter().map(|(chunk, part)| reader.rows(text, chunk, cols, part)).collect();
    let tally = tallies.into_iter().fold(Tally::default(), Tally::then);
    if tally.first.is_some() {
        return Err(reader.fault(source, start, cols, &tally));
    }
    Ok(Table { cells, empty: tally.empty, first_empty: tally.first_empty.map(|at| start + at) })
}

/// The bytes of all lines but the header and blank lines at the end.
fn body(source: &Source, layout: &Layout) -> std::ops::Range<usize> {
    let end = lines::without_trailing(&source.bytes).len();
    let header_end = || memchr::memchr(b'\n', &source.bytes[..end]).map_or(end, |at| at + 1);
    let start = if layout.header { header_end() } else { 0 };
    start..end
}

/// The bytes that rows of that many cells take at least, all of them empty: a bound that an honest file keeps, so
/// that no file makes us allocate much more than its own size.
fn shortest_text(rows: usize, cols: usize, layout: &Layout) -> usize {
    let row = cols.saturating_sub(1).saturating_mul(layout.separator.len());
    rows.saturating_mul(row).saturating_add(rows.saturating_sub(1))
}

/// What is wrong at one place.
enum Problem {
    /// A cell that is not a number: its 1-based column and its text.
    Cell { column: usize, text: String },
    /// An empty cell where they are not allowed.
    Empty { column: usize },
    /// A row of another length.
    Ragged { found: usize },
    /// A quote without its end.
    OpenQuote,
}

/// What a chunk has besides numbers.
#[derive(Default)]
struct Tally {
    empty: usize,
    first_empty: Option<usize>,
    bad_cells: usize,
    bad_rows: usize,
    /// The first problem, and where in the body it is.
    first: Option<(usize, Problem)>,
}

impl Tally {
    fn then(self, next: Tally) -> Tally {
        Tally {
            empty: self.empty + next.empty,
            first_empty: self.first_empty.or(next.first_empty),
            bad_cells: self.bad_cells + next.bad_cells,
            bad_rows: self.bad_rows + next.bad_rows,
            first: self.first.or(next.first),
        }
    }

    fn add(&mut self, at: usize, problem: Problem) {
        match problem {
            Problem::Ragged { .. } => self.bad_rows += 1,
            _ => self.bad_cells += 1,
        }
        if self.first.is_none() {
            self.first = Some((at, problem));
        }
    }
}

/// A layout, prepared.
struct Reader<'a> {
    layout: &'a Layout,
    separator: &'a [u8],
    /// The separator when a cell can be parsed up to it without looking for it first.
    simple: Option<u8>,
}

impl<'a> Reader<'a> {
    fn new(layout: &'a Layout) -> Outcome<Reader<'a>> {
        let separator = layout.separator.as_bytes();
        if separator.is_empty() {
            bail!(Argument, "the separator of a CSV file is at least one character");
        }
        let numeric_missing = layout.missing.iter().any(|text| number::parse(text.as_bytes()).is_some());
        let simple = match separator {
            [byte] if !byte.is_ascii_alphanumeric() && !b"+-.\"".contains(byte) => Some(*byte),
            _ => None,
        };
        Ok(Reader { layout, separator, simple: simple.filter(|_| !numeric_missing) })
    }

    /// The number of cells in the first line.
    fn width(&self, text: &[u8]) -> usize {
        lines::lines(text).next().map_or(0, |(_, line)| self.cells_in(line))
    }

    fn cells_in(&self, line: &[u8]) -> usize {
        let mut at = self.cell_end(line, 0);
        let mut cells = 1;
        while at < line.len() {
            at = self.cell_end(line, at + self.separator.len());
            cells += 1;
        }
        cells
    }

    /// Where the cell that starts at `at` ends: at a separator outside of quotes, or with the line.
    fn cell_end(&self, line: &[u8], at: usize) -> usize {
        let blank = line[at..].iter().take_while(|byte| self.is_blank(**byte)).count();
        let from = match line[at + blank..].first() {
            Some(b'"') => at + blank + quoted_length(&line[at + blank..]),
            _ => at,
        };
        memchr::memmem::find(&line[from..], self.separator).map_or(line.len(), |found| from + found)
    }

    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.separator[0]
    }

    /// Parses the lines of a chunk into as many rows of cells.
    fn rows(&self, text: &[u8], chunk: std::ops::Range<usize>, cols: usize, out: &mut [f64]) -> Tally {
        let mut tally = Tally::default();
        for ((at, line), row) in lines::lines(&text[chunk.clone()]).zip(out.chunks_mut(cols.max(1))) {
            self.row(chunk.start + at, line, row, &mut tally);
        }
        tally
    }

    fn row(&self, start: usize, line: &[u8], row: &mut [f64], tally: &mut Tally) {
        let cols = row.len();
        let mut at = 0;
        for (j, out) in row.iter_mut().enumerate() {
            let end = match self.simple.and_then(|separator| self.number(line, at, separator)) {
                Some((value, end)) => {
                    *out = value;
                    end
                }
                None => {
                    let end = self.cell_end(line, at);
                    *out = self.cell(start + at, &line[at..end], j + 1, tally);
                    end
                }
            };
            if (end == line.len()) != (j + 1 == cols) {
                let found = if line.is_empty() { 0 } else { self.cells_in(line) };
                return tally.add(start, Problem::Ragged { found });
            }
            at = end + self.separator.len();
        }
    }

    /// A plain number from `at` up to a separator or the end of the line, and where that is.
    fn number(&self, line: &[u8], at: usize, separator: u8) -> Option<(f64, usize)> {
        let blanks = |from: usize| line[from..].iter().take_while(|byte| self.is_blank(**byte)).count();
        let start = at + blanks(at);
        let (value, length) = fast_float2::parse_partial(&line[start..]).ok()?;
        let after = start + length;
        let end = after + blanks(after);
        (end == line.len() || line[end] == separator).then_some((value, end))
    }

    /// The value of a cell that may be quoted, missing, empty or wrong.
    fn cell(&self, at: usize, text: &[u8], column: usize, tally: &mut Tally) -> f64 {
        let text = text.trim_ascii();
        let inner = match text {
            [b'"', inner @ .., b'"'] => inner.trim_ascii(),
            [b'"', ..] => {
                tally.add(at, Problem::OpenQuote);
                return 0.0;
            }
            _ => text,
        };
        let is_missing = |missing: &String| missing.as_bytes() == inner || missing.as_bytes() == text;
        if self.layout.missing.iter().any(is_missing) {
            return f64::NAN;
        }
        if inner.is_empty() {
            if !self.layout.fill {
                tally.add(at, Problem::Empty { column });
            }
            tally.empty += 1;
            tally.first_empty = tally.first_empty.or(Some(at));
            return self.layout.default;
        }
        number::parse(inner).unwrap_or_else(|| {
            tally.add(at, Problem::Cell { column, text: shortened(inner) });
            0.0
        })
    }

    /// Only the rows of another length, where that is known to be wrong.
    fn ragged_rows(&self, text: &[u8], cols: usize) -> Tally {
        let mut tally = Tally::default();
        for (at, line) in lines::lines(text) {
            let found = if line.is_empty() && cols > 1 { 0 } else { self.cells_in(line) };
            if found != cols {
                tally.add(at, Problem::Ragged { found });
            }
        }
        tally
    }

    /// The first problem in words, with a count of the others and a hint.
    fn fault(&self, source: &Source, body: usize, cols: usize, tally: &Tally) -> Fault {
        let Some((at, problem)) = &tally.first else {
            return source.fault(body, "the rows differ in length");
        };
        let text = match problem {
            Problem::Cell { column, text } => format!("cell {column} is \"{text}\", not a number"),
            Problem::Empty { column } => format!("cell {column} is empty"),
            Problem::OpenQuote => "a quoted cell does not end on its line".into(),
            Problem::Ragged { found: 0 } => format!("the line is empty, expected {}", count(cols, "cell")),
            Problem::Ragged { found } => {
                let only = if *found < cols { "only " } else { "" };
                format!("expected {} as in the first row, found {only}{found}", count(cols, "cell"))
            }
        };
        let is_ragged = matches!(problem, Problem::Ragged { .. });
        let cells = tally.bad_cells - usize::from(!is_ragged);
        let rows = tally.bad_rows - usize::from(is_ragged);
        let others = match (cells, rows) {
            (0, 0) => String::new(),
            (cells, 0) => format!(" (and {})", count(cells, "more bad cell")),
            (0, rows) => format!(" (and {} of another length)", count(rows, "more row")),
            _ => {
                let (cells, rows) = (count(cells, "more bad cell"), count(rows, "more row"));
                format!(" (and {cells}, {rows} of another length)")
            }
        };
        let fault = source.fault(body + at, format!("{text}{others}"));
        match self.advice(&source.bytes[body..], *at, problem, cols) {
            Some(advice) => fault.hint(advice),
            None => fault,
        }
    }

    fn advice(&self, body: &[u8], at: usize, problem: &Problem, cols: usize) -> Option<String> {
        let (_, first) = lines::lines(body).next()?;
        let in_first_line = at <= first.len();
        match problem {
            Problem::Empty { .. } => Some("`fill=TRUE` reads empty cells as 0, or as `default`".into()),
            Problem::Cell { text, .. } => {
                if let Some(separator) = other_separator(text).filter(|_| cols == 1) {
                    return Some(format!("is the separator {separator}? Say so with `sep=`"));
                }
                if in_first_line && !self.layout.header && self.is_header(first) {
                    return Some("the first line looks like column names: `header=TRUE` skips it".into());
                }
                let names = ["na", "n/a", "null", "none", "?", "-", "nil", "missing"];
                names
                    .contains(&text.to_lowercase().as_str())
                    .then(|| format!("`naStrings=\"{text}\"` reads it as NaN"))
            }
            _ => None,
        }
    }

    /// True when no cell of the line is a number and none is empty.
    fn is_header(&self, line: &[u8]) -> bool {
        let mut at = 0;
        loop {
            let end = self.cell_end(line, at);
            let text = line[at..end].trim_ascii();
            let inner = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
            if inner.is_empty() || number::parse(inner).is_some() {
                return false;
            }
            if end == line.len() {
                return true;
            }
            at = end + self.separator.len();
        }
    }
}

/// The length of a quoted text with its quotes; `""` inside stands for one quote.
fn quoted_length(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr::memchr(b'"', &text[at.min(text.len())..]) {
        at += found + 1;
        if text.get(at) != Some(&b'"') {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// A separator that splits a text into numbers, if there is one.
fn other_separator(text: &str) -> Option<&'static str> {
    [(';', "\";\""), ('\t', "a tab"), ('|', "\"|\""), (',', "\",\""), (' ', "a blank")].into_iter().find_map(
        |(separator, name)| {
            let numeric = text.split(separator).all(|part| number::parse(part.as_bytes()).is_some());
            (text.contains(separator) && numeric).then_some(name)
        },
    )
}

/// A cell as messages show it: not longer than a line.
fn shortened(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into_owned(),
    }
}
