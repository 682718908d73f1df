//! Reading comma-separated values into a dense matrix, chunk by chunk on all threads.
//!
//! ```text
//! file -> header | body -> chunks of whole lines -> cells of as many rows of the result
//! ```
//! A quoted cell may hold separators and line ends. The first row of the body says how many columns there are. What is
//! wrong is collected, and told as the first problem with a count of the others.

use rayon::prelude::*;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;

use crate::csv_problems::{Problem, Tally, Teller, shortened};
use crate::lines::{self, CHUNK};
use crate::number;
use crate::records::Grammar;
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
    /// `.` or `,` before the fraction of a number.
    pub decimal: u8,
}

impl Layout {
    /// How rows are cut into cells.
    ///
    /// # Errors
    /// When the separator is empty, or means the fraction of numbers too.
    pub fn grammar(&self) -> Outcome<Grammar<'_>> {
        if self.separator.is_empty() {
            bail!(Argument, "the separator of a CSV file is at least one character");
        }
        if self.separator.as_bytes() == [self.decimal] {
            bail!(Argument, "`sep` and `decimal` of a CSV file are the same"; hint: "usually cells are separated by `;` where the decimal sign is `,`");
        }
        Ok(Grammar { separator: self.separator.as_bytes() })
    }

    /// The bytes of all rows but the header and blank lines at the end.
    pub fn body(&self, grammar: Grammar<'_>, text: &[u8]) -> std::ops::Range<usize> {
        let end = lines::without_trailing(text).len();
        let start = if self.header { grammar.row_end(text, 0).min(end) } else { 0 };
        start..end
    }
}

impl Default for Layout {
    fn default() -> Layout {
        let (separator, missing) = (",".into(), Vec::new());
        Layout { separator, header: false, fill: true, default: 0.0, missing, decimal: b'.' }
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

/// The rows and columns of a file, by the ends of its rows and the cells of the first.
///
/// # Errors
/// When the separator cannot be one.
pub fn shape(source: &Source, layout: &Layout) -> Outcome<(usize, usize)> {
    let grammar = layout.grammar()?;
    let text = &source.bytes[layout.body(grammar, &source.bytes)];
    let rows = grammar.chunks(text, CHUNK).iter().map(|chunk| chunk.rows).sum();
    Ok((rows, width(grammar, text)))
}

/// The number of cells in the first row.
pub(crate) fn width(grammar: Grammar<'_>, text: &[u8]) -> usize {
    grammar.rows(text).next().map_or(0, |(_, row)| grammar.cells_in(row))
}

/// As [`parse`], with chunks of about `chunk` bytes.
///
/// # Errors
/// As of [`parse`].
pub fn parse_in_chunks(source: &Source, layout: &Layout, chunk: usize) -> Outcome<Table> {
    let reader = Reader::new(layout)?;
    let body = layout.body(reader.grammar, &source.bytes);
    let (start, text) = (body.start, &source.bytes[body]);
    let cols = width(reader.grammar, text);
    let chunks = reader.grammar.chunks(text, chunk);
    let rows = chunks.iter().map(|chunk| chunk.rows).sum();
    let teller = Teller { source, layout, grammar: reader.grammar, body: start, cols };
    if shortest_text(rows, cols, layout) > text.len() {
        return Err(teller.fault(&reader.ragged_rows(text, cols)));
    }
    // All cells are written, or the file is refused.
    let mut cells = Dense::unset(rows, cols);
    let mut rest = cells.cells_mut();
    let mut work = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        let (part, after) = rest.split_at_mut(chunk.rows * cols);
        rest = after;
        work.push((chunk.range, part));
    }
    let tallies: Vec<Tally> = work
        .into_par_iter()
        .map(|(chunk, part)| source.parsed(chunk.len(), || reader.rows(text, chunk, cols, part)))
        .collect();
    let tally = tallies.into_iter().fold(Tally::default(), Tally::then);
    if tally.first.is_some() {
        return Err(teller.fault(&tally));
    }
    Ok(Table { cells, empty: tally.empty, first_empty: tally.first_empty.map(|at| start + at) })
}

/// The bytes that rows of that many cells take at least, all of them empty: a bound that an honest file keeps, so
/// that no file makes us allocate much more than its own size.
pub(crate) fn shortest_text(rows: usize, cols: usize, layout: &Layout) -> usize {
    let row = cols.saturating_sub(1).saturating_mul(layout.separator.len());
    rows.saturating_mul(row).saturating_add(rows.saturating_sub(1))
}

/// A layout, prepared.
pub(crate) struct Reader<'a> {
    layout: &'a Layout,
    grammar: Grammar<'a>,
    /// The separator when a cell can be parsed up to it without looking for it first.
    simple: Option<u8>,
}

impl<'a> Reader<'a> {
    /// Prepares a layout.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub fn new(layout: &'a Layout) -> Outcome<Reader<'a>> {
        let grammar = layout.grammar()?;
        let numeric_missing = layout.missing.iter().any(|text| number::parse(text.as_bytes()).is_some());
        let simple = match grammar.separator {
            [byte] if !byte.is_ascii_alphanumeric() && !b"+-.\"".contains(byte) => Some(*byte),
            _ => None,
        };
        let is_simple = !numeric_missing && layout.decimal == b'.';
        Ok(Reader { layout, grammar, simple: simple.filter(|_| is_simple) })
    }

    /// Parses the lines of a chunk into as many rows of cells.
    pub fn rows(&self, text: &[u8], chunk: std::ops::Range<usize>, cols: usize, out: &mut [f64]) -> Tally {
        let mut tally = Tally::default();
        for ((at, line), row) in self.grammar.rows(&text[chunk.clone()]).zip(out.chunks_mut(cols.max(1))) {
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
                    let end = self.grammar.cell_end(line, at);
                    *out = self.cell(start + at, &line[at..end], j + 1, tally);
                    end
                }
            };
            if (end == line.len()) != (j + 1 == cols) {
                return tally.add(start, self.ragged(line));
            }
            at = end + self.grammar.separator.len();
        }
    }

    /// A plain number from `at` up to a separator or the end of the line, and where that is.
    fn number(&self, line: &[u8], at: usize, separator: u8) -> Option<(f64, usize)> {
        let blanks =
            |from: usize| line[from..].iter().take_while(|byte| self.grammar.is_blank(**byte)).count();
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
        number::parse_with(inner, self.layout.decimal).unwrap_or_else(|| {
            tally.add(at, Problem::Cell { column, text: shortened(inner) });
            0.0
        })
    }

    /// Only the rows of another length, where that is known to be wrong.
    fn ragged_rows(&self, text: &[u8], cols: usize) -> Tally {
        let mut tally = Tally::default();
        for (at, line) in self.grammar.rows(text) {
            if self.grammar.cells_in(line) != cols || line.is_empty() && cols > 1 {
                tally.add(at, self.ragged(line));
            }
        }
        tally
    }

    fn ragged(&self, line: &[u8]) -> Problem {
        let found = if line.is_empty() { 0 } else { self.grammar.cells_in(line) };
        Problem::Ragged { found, text: shortened(line) }
    }
}
