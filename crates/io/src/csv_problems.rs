//! What is wrong in a CSV file: collected in all chunks, told as the first problem with a count of the others.

use tilewright_base::Fault;
use tilewright_base::number::count;

use crate::csv::Layout;
use crate::number;
use crate::records::Grammar;
use crate::source::Source;

/// What is wrong at one place.
pub enum Problem {
    /// A cell that is not a number: its 1-based column and its text.
    Cell { column: usize, text: String },
    /// An empty cell where they are not allowed.
    Empty { column: usize },
    /// A row of another length.
    Ragged { found: usize, text: String },
    /// A quote without its end.
    OpenQuote,
}

/// What a chunk has besides numbers.
#[derive(Default)]
pub struct Tally {
    /// The number of empty cells.
    pub empty: usize,
    /// Where in the body the first one is.
    pub first_empty: Option<usize>,
    /// The number of cells with a problem.
    pub bad_cells: usize,
    /// The number of rows of another length.
    pub bad_rows: usize,
    /// The first problem, and where in the body it is.
    pub first: Option<(usize, Problem)>,
}

impl Tally {
    /// Both, where `next` is behind.
    pub fn then(self, next: Tally) -> Tally {
        Tally {
            empty: self.empty + next.empty,
            first_empty: self.first_empty.or(next.first_empty),
            bad_cells: self.bad_cells + next.bad_cells,
            bad_rows: self.bad_rows + next.bad_rows,
            first: self.first.or(next.first),
        }
    }

    /// The same of a text that starts at byte `start` of the body.
    pub fn behind(self, start: usize) -> Tally {
        let first = self.first.map(|(at, problem)| (start + at, problem));
        Tally { first_empty: self.first_empty.map(|at| start + at), first, ..self }
    }

    /// Adds what is wrong at a byte of the body.
    pub fn add(&mut self, at: usize, problem: Problem) {
        match problem {
            Problem::Ragged { .. } => self.bad_rows += 1,
            _ => self.bad_cells += 1,
        }
        if self.first.is_none() {
            self.first = Some((at, problem));
        }
    }
}

/// Tells what is wrong in a file.
pub struct Teller<'a> {
    /// The file.
    pub source: &'a Source,
    /// How it should be written.
    pub layout: &'a Layout,
    /// How its rows are cut into cells.
    pub grammar: Grammar<'a>,
    /// Where its rows start, behind the header.
    pub body: usize,
    /// The number of cells of its first row.
    pub cols: usize,
}

impl Teller<'_> {
    /// The first problem in words, with a count of the others and a hint.
    pub fn fault(&self, tally: &Tally) -> Fault {
        let (source, cols) = (self.source, self.cols);
        let Some((at, problem)) = &tally.first else {
            return source.fault(self.body, "the rows differ in length");
        };
        let text = match problem {
            Problem::Cell { column, text } => format!("cell {column} is \"{text}\", not a number"),
            Problem::Empty { column } => format!("cell {column} is empty"),
            Problem::OpenQuote => "the quoted cell does not end".into(),
            Problem::Ragged { found: 0, .. } => {
                format!("the line is empty, expected {}", count(cols, "cell"))
            }
            Problem::Ragged { found, text } => {
                let only = if *found < cols { "only " } else { "" };
                format!(
                    "expected {} as in the first row, found {only}{found}: \"{text}\"",
                    count(cols, "cell")
                )
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
        let fault = source.fault(self.body + at, format!("{text}{others}"));
        match self.advice(*at, problem) {
            Some(advice) => fault.hint(advice),
            None => fault,
        }
    }

    fn advice(&self, at: usize, problem: &Problem) -> Option<String> {
        let (_, first) = self.grammar.rows(&self.source.bytes[self.body..]).next()?;
        let in_first_line = at <= first.len();
        if has_lone_returns(&self.source.bytes[self.body..]) {
            return Some("the lines end in carriage returns alone: write them with line feeds".into());
        }
        match problem {
            Problem::Empty { .. } => Some("`fill=TRUE` reads empty cells as 0, or as `default`".into()),
            Problem::Cell { text, .. } => {
                if let Some(separator) = other_separator(text).filter(|_| self.cols == 1) {
                    return Some(format!("is the separator {separator}? Say so with `sep=`"));
                }
                if in_first_line && !self.layout.header && self.is_header(first) {
                    return Some("the first line looks like column names: `header=TRUE` skips it".into());
                }
                let comma = text.replacen(',', ".", 1);
                if is_grouped(text) {
                    return Some("numbers are written without separators of thousands".into());
                }
                if text.contains(',') && number::parse(comma.as_bytes()).is_some() {
                    return Some("`decimal=\",\"` reads a comma before the fraction".into());
                }
                means_missing(text).then(|| format!("`naStrings=\"{text}\"` reads it as NaN"))
            }
            _ => None,
        }
    }

    /// True when each cell of the line is like a name: it begins with a letter.
    fn is_header(&self, line: &[u8]) -> bool {
        let mut at = 0;
        loop {
            let end = self.grammar.cell_end(line, at);
            let text = line[at..end].trim_ascii();
            let inner = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text);
            let text = String::from_utf8_lossy(inner);
            let is_name = text.starts_with(|first: char| first.is_alphabetic() || first == '_');
            if !is_name || means_missing(&text) || number::parse_with(inner, self.layout.decimal).is_some() {
                return false;
            }
            if end == line.len() {
                return true;
            }
            at = end + self.grammar.separator.len();
        }
    }
}

/// True for a text without any line feed, but with what old programs end lines with.
pub fn has_lone_returns(text: &[u8]) -> bool {
    memchr::memchr(b'\n', text).is_none() && memchr::memchr(b'\r', text.trim_ascii_end()).is_some()
}

/// True for what people write where a value is missing.
fn means_missing(text: &str) -> bool {
    let names = ["na", "n/a", "null", "none", "?", "-", "nil", "missing"];
    names.contains(&text.to_lowercase().as_str())
}

/// True for a number whose thousands are grouped: `1,000` or `-12,345,678.5`.
fn is_grouped(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole).trim_start_matches(['-', '+']);
    let mut groups = whole.split(',');
    let has_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let is_first = (1..=3).contains(&first.len()) && has_digits(first) && first != "0";
    is_first && whole.contains(',') && groups.all(|group| group.len() == 3 && has_digits(group))
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

/// A cell as messages show it: on one line that is not long.
pub fn shortened(text: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(text).replace(['\r', '\n'], " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
