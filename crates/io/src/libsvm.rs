//! The LIBSVM format (Chang, Lin 2011): a line `label index:value index:value ...` per row, with ascending indices from 1.
//!
//! A matrix holds the values in their columns and the label in its last column, so that `cols` counts one column more
//! than there are features.

use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;
use serde_json::json;
use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Csr;
use tilewright_value::Block;

use crate::format::Format;
use crate::gathered::make_room;
use crate::large_text::{LARGE, LargeText};
use crate::lines::{self, CHUNK, Lines};
use crate::metadata::Metadata;
use crate::number;
use crate::options::WriteOptions;
use crate::output::Draft;
use crate::problems::{Problem, Problems};
use crate::source::{self, Source};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "libsvm",
    extensions: &["libsvm", "svm", "svmlight"],
    is_text: true,
    sniff: |_, _| false,
    peek: |_, _| Ok(()),
    read_matrix: Some(|path, known, warnings| read(path, known, warnings).map(Into::into)),
    write_matrix: Some(write),
    read_frame: None,
    write_frame: None,
    read_arguments: &["sep", "indSep", "encoding"],
    write_arguments: &["sep", "indSep"],
    describe: Some(|options| {
        let said = [("sep", &options.separator), ("indSep", &options.index_separator)];
        said.into_iter().filter_map(|(key, text)| Some((key, json!(text.as_deref()?)))).collect()
    }),
};

/// What stands between the entries of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Between entries; blanks and tabs if it is a blank.
    pub separator: String,
    /// Between an index and its value.
    pub index_separator: String,
    /// The index of the first feature: 1, or 0.
    pub first: usize,
}

impl Layout {
    /// What a script says; a blank and a colon where it says nothing.
    ///
    /// # Errors
    /// When a separator could be part of a number, or the two are one.
    pub fn new(separator: Option<&str>, index_separator: Option<&str>) -> Outcome<Layout> {
        let (separator, index_separator) = (separator.unwrap_or(" "), index_separator.unwrap_or(":"));
        let of_numbers = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.#".contains(&byte);
        for (name, text) in [("sep", separator), ("indSep", index_separator)] {
            if text.is_empty() || text.bytes().any(of_numbers) {
                bail!(Argument, "`{name}` of a LIBSVM file is \"{text}\""; hint: "a sign that no number holds");
            }
        }
        if separator == index_separator {
            bail!(Argument, "`sep` and `indSep` of a LIBSVM file are the same");
        }
        Ok(Layout { separator: separator.into(), index_separator: index_separator.into(), first: 1 })
    }
}

fn read(path: &Path, known: &Metadata, warnings: &mut Vec<String>) -> Outcome<Block> {
    let index_separator = known.index_separator.as_deref();
    let head = source::head(path)?;
    let separator = match known.separator.as_deref() {
        Some(separator) => Some(separator),
        None => found_separator(&head, index_separator.unwrap_or(":")),
    };
    let layout = Layout { first: first_index(&head), ..Layout::new(separator, index_separator)? };
    let table = match LargeText::open(path, known, LARGE)? {
        Some(text) => parse_in_chunks(&text, &layout, known.cols, CHUNK)?,
        None => parse_in_chunks(&Source::load_as(path, known.encoding, None)?, &layout, known.cols, CHUNK)?,
    };
    if table.queries > 0 {
        let name = path.display();
        warnings.push(format!("{name}: {} left out (`qid`)", count(table.queries, "query number")));
    }
    Ok(Block::Sparse(table.cells))
}

/// A comma, where one alone stands between the label and the index of the first line that has an index.
fn found_separator(head: &[u8], index_separator: &str) -> Option<&'static str> {
    let (before, _) = lines::lines(head).find_map(|(_, line)| {
        let line = line.split(|byte| *byte == b'#').next()?;
        split(line, index_separator.as_bytes())
    })?;
    let (label, index) = split(before, b",")?;
    let is_index = !index.is_empty() && index.iter().all(u8::is_ascii_digit);
    (number::parse(label).is_some() && (is_index || index == b"qid")).then_some(",")
}

/// That of the first feature: 0 where the comments at the beginning say so, as scikit-learn writes them.
fn first_index(head: &[u8]) -> usize {
    let comments = lines::lines(head).map(|(_, line)| line).take_while(|line| line.starts_with(b"#"));
    let says_so = |line: &[u8]| memchr::memmem::find(line, b"zero-based").is_some();
    usize::from(!comments.into_iter().any(says_so))
}

/// The matrix in a file.
#[derive(Debug)]
pub struct Table {
    /// The values, and the labels in the last column.
    pub cells: Csr,
    /// The number of `qid` entries, which are not read.
    pub queries: usize,
}

/// What to do where a file counts from 0.
const ZERO_BASED: &str = "if the file counts from 0, begin it with the line `# Column indices are zero-based`, or write it with `zero_based=False` (scikit-learn)";

/// The rows of a chunk.
#[derive(Default)]
struct Rows {
    /// Where each row ends among the stored cells.
    ends: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
    /// The number of features by the largest index, and where that is.
    widest: (usize, usize),
    queries: usize,
    problems: Problems,
}

/// The column of labels as long as it is not known which one that is; no index is as large.
const LABEL: u32 = u32::MAX;

/// Reads a whole file in chunks of about `chunk` bytes; `cols` includes the column of labels.
///
/// # Errors
/// At the first line without a label, entry that is not `index:value`, or index that is not larger than the one before
/// it or lies outside, with a count of the others.
pub fn parse_in_chunks(
    text: &impl Lines,
    layout: &Layout,
    cols: Option<usize>,
    chunk: usize,
) -> Outcome<Table> {
    let mut all = Rows { ends: vec![0], ..Rows::default() };
    let take = |rows, share| {
        all.append(rows, share)?;
        Ok(ControlFlow::Continue(()))
    };
    text.in_order((0, chunk), |start, chunk| Rows::parse(start, chunk, layout), take)?;
    let Rows { ends: row_ptr, mut col, val, widest: (features, at), queries, problems } = all;
    problems.check(text)?;
    let cols = cols.unwrap_or(features + 1);
    if features >= cols {
        let index = (features + layout.first).saturating_sub(1);
        let message = format!("index {index} is the column of labels or outside of {cols} columns");
        return Err(text.fault(at, message));
    }
    if cols > Csr::MAX_COLS {
        let name = text.path().display();
        bail!(Unsupported, "{name}: {cols} columns are more than a sparse matrix can have in this build");
    }
    let labels = (cols - 1) as u32;
    col.par_iter_mut().filter(|col| **col == LABEL).for_each(|col| *col = labels);
    let rows = row_ptr.len() - 1;
    Ok(Table { cells: Csr::from_parts(rows, cols, row_ptr, col, val), queries })
}

impl Rows {
    /// Adds those of the next chunk, with which `share` of 1 of the text is read.
    fn append(&mut self, next: Rows, share: f64) -> Outcome<()> {
        self.problems.append(next.problems);
        self.widest = if next.widest.0 > self.widest.0 { next.widest } else { self.widest };
        self.queries += next.queries;
        let before = self.col.len();
        make_room(&mut self.ends, next.ends.len(), share)?;
        self.ends.extend(next.ends.iter().map(|end| before + end));
        make_room(&mut self.col, next.col.len(), share)?;
        self.col.extend_from_slice(&next.col);
        make_room(&mut self.val, next.val.len(), share)?;
        self.val.extend_from_slice(&next.val);
        Ok(())
    }

    fn parse(start: usize, text: &[u8], layout: &Layout) -> Rows {
        let mut rows = Rows::default();
        for (at, line) in lines::lines(text) {
            let line = match memchr::memchr(b'#', line) {
                Some(comment) => &line[..comment],
                None => line,
            };
            if line.trim_ascii().is_empty() {
                continue;
            }
            let stored = rows.col.len();
            match rows.line(start + at, line, layout) {
                Ok(label) => {
                    if label != 0.0 {
                        rows.col.push(LABEL);
                        rows.val.push(label);
                    }
                    rows.ends.push(rows.col.len());
                }
                Err(problem) => {
                    rows.problems.add(problem);
                    rows.col.truncate(stored);
                    rows.val.truncate(stored);
                }
            }
        }
        rows
    }

    /// Adds the values of a line; its label.
    fn line(&mut self, start: usize, line: &[u8], layout: &Layout) -> Result<f64, Problem> {
        let mut entries = entries(line, layout.separator.as_bytes());
        let (at, label) = entries.next().unwrap_or((0, b""));
        let label = number::parse(label).ok_or_else(|| {
            let shown = String::from_utf8_lossy(label);
            let problem = Problem::new(start + at, format!("the label is \"{shown}\", not a number"));
            if label.contains(&b':') { problem.hint("a line starts with its label") } else { problem }
        })?;
        let mut last = None;
        for (at, entry) in entries {
            let wrong = |message: String| Problem::new(start + at, message);
            let shown = || format!("expected `index:value`, found \"{}\"", String::from_utf8_lossy(entry));
            let (index, value) =
                split(entry, layout.index_separator.as_bytes()).ok_or_else(|| wrong(shown()))?;
            if index == b"qid" {
                self.queries += 1;
                continue;
            }
            let index: usize = std::str::from_utf8(index)
                .ok()
                .and_then(|index| index.parse().ok())
                .ok_or_else(|| wrong(shown()))?;
            let value = number::parse(value).ok_or_else(|| wrong(shown()))?;
            let Some(col) = index.checked_sub(layout.first) else {
                return Err(wrong("index 0: indices count from 1".into()).hint(ZERO_BASED));
            };
            if last == Some(index) {
                return Err(wrong(format!("index {index} is given twice")));
            }
            if let Some(last) = last.filter(|last| index < *last) {
                return Err(wrong(format!("index {index} stands behind {last}: indices ascend")));
            }
            if index >= Csr::MAX_COLS {
                return Err(wrong(format!(
                    "index {index} is larger than a sparse matrix can have in this build"
                )));
            }
            last = Some(index);
            if col >= self.widest.0 {
                self.widest = (col + 1, start + at);
            }
            if value != 0.0 {
                self.col.push(col as u32);
                self.val.push(value);
            }
        }
        Ok(label)
    }
}

/// The entries of a line that are not empty, and where they start.
fn entries<'a>(line: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8])> {
    let mut start = 0;
    std::iter::from_fn(move || {
        while start < line.len() {
            let rest = &line[start..];
            let (end, width) = match separator {
                b" " => (rest.iter().position(|byte| matches!(byte, b' ' | b'\t')), 1),
                _ => (memchr::memmem::find(rest, separator), separator.len()),
            };
            let (at, end) = (start, start + end.unwrap_or(rest.len()));
            start = end + width;
            let entry = line[at..end].trim_ascii();
            if !entry.is_empty() {
                return Some((at, entry));
            }
        }
        None
    })
}

fn split<'a>(entry: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memchr::memmem::find(entry, separator)?;
    Some((entry[..at].trim_ascii(), entry[at + separator.len()..].trim_ascii()))
}

/// Appends a line per row; the last column holds the labels.
///
/// # Errors
/// When the matrix has no column of labels, or the disk is full or fails.
fn write(draft: &mut Draft, block: &Block, options: &WriteOptions) -> Outcome<()> {
    let Some(labels) = block.cols().checked_sub(1) else {
        bail!(Shape, "a matrix without columns has no labels, which a LIBSVM file needs"; hint: "the last column holds the labels")
    };
    let layout = Layout::new(options.separator.as_deref(), options.index_separator.as_deref())?;
    let cells_per_row = block.nnz() / block.rows().max(1) + 1;
    draft.append_rows(block.rows(), cells_per_row, |row, text| {
        let mut cells: Vec<(usize, f64)> = match block {
            Block::Dense(dense) => dense.row(row).iter().copied().enumerate().collect(),
            Block::Sparse(csr) => {
                let (col, val) = csr.row(row);
                col.iter().map(|col| *col as usize).zip(val.iter().copied()).collect()
            }
        };
        let label = cells.pop_if(|(col, _)| *col == labels).map_or(0.0, |(_, label)| label);
        number::push(text, label);
        for (col, value) in cells.into_iter().filter(|(_, value)| *value != 0.0) {
            text.extend_from_slice(layout.separator.as_bytes());
            number::push_count(text, col + 1);
            text.extend_from_slice(layout.index_separator.as_bytes());
            number::push(text, value);
        }
        text.push(b'\n');
    })
}
