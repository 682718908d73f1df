//! The LIBSVM format (Chang, Lin 2011): a line `label index:value index:value ...` per row, with ascending indices from 1.
//!
//! A matrix holds the values in their columns and the label in its last column, so that `cols` counts one column more
//! than there are features.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use serde_json::json;
use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Csr;
use tilewright_value::Block;

use crate::format::Format;
use crate::lines::{self, CHUNK};
use crate::metadata::Metadata;
use crate::number;
use crate::options::WriteOptions;
use crate::output::Draft;
use crate::problems::{Problem, Problems};
use crate::source::Source;

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
        Ok(Layout { separator: separator.into(), index_separator: index_separator.into() })
    }
}

fn read(path: &Path, known: &Metadata, warnings: &mut Vec<String>) -> Outcome<Block> {
    let source = Source::load_as(path, known.encoding, None)?;
    let layout = Layout::new(known.separator.as_deref(), known.index_separator.as_deref())?;
    let table = parse_in_chunks(&source, &layout, known.cols, CHUNK)?;
    if table.queries > 0 {
        let name = path.display();
        warnings.push(format!("{name}: {} left out (`qid`)", count(table.queries, "query number")));
    }
    Ok(Block::Sparse(table.cells))
}

/// The matrix in a file.
#[derive(Debug)]
pub struct Table {
    /// The values, and the labels in the last column.
    pub cells: Csr,
    /// The number of `qid` entries, which are not read.
    pub queries: usize,
}

/// The rows of a chunk.
#[derive(Default)]
struct Rows {
    /// The number of stored cells of each row, without its label.
    lengths: Vec<usize>,
    labels: Vec<f64>,
    col: Vec<u32>,
    val: Vec<f64>,
    /// The largest index, and where it is.
    widest: (usize, usize),
    queries: usize,
    problems: Problems,
}

/// Reads a whole file in chunks of about `chunk` bytes; `cols` includes the column of labels.
///
/// # Errors
/// At the first line without a label, entry that is not `index:value`, or index that is not larger than the one before
/// it or lies outside, with a count of the others.
pub fn parse_in_chunks(
    source: &Source,
    layout: &Layout,
    cols: Option<usize>,
    chunk: usize,
) -> Outcome<Table> {
    let text = &source.bytes;
    let parts: Vec<Rows> = lines::chunks(text, chunk)
        .into_par_iter()
        .map(|range| source.parsed(range.len(), || Rows::parse(text, range, layout)))
        .collect();
    let (mut problems, mut widest) = (Problems::default(), (0, 0));
    let mut queries = 0;
    let mut rows = Vec::with_capacity(parts.len());
    for mut part in parts {
        problems = problems.then(std::mem::take(&mut part.problems));
        widest = if part.widest.0 > widest.0 { part.widest } else { widest };
        queries += part.queries;
        rows.push(part);
    }
    problems.check(source)?;
    let (features, at) = widest;
    let cols = cols.unwrap_or(features + 1);
    if features >= cols {
        let message = format!("index {features} is the column of labels or outside of {cols} columns");
        return Err(source.fault(at, message));
    }
    if cols > Csr::MAX_COLS {
        bail!(
            Unsupported,
            "{}: {cols} columns are more than a sparse matrix can have in this build",
            source.path.display()
        );
    }
    Ok(Table { cells: assemble(&rows, cols), queries })
}

fn assemble(parts: &[Rows], cols: usize) -> Csr {
    let rows = parts.iter().map(|part| part.labels.len()).sum();
    let stored: usize = parts.iter().map(|part| part.val.len() + part.labels.len()).sum();
    let mut row_ptr = Vec::with_capacity(rows + 1);
    row_ptr.push(0);
    let (mut col, mut val) = (Vec::with_capacity(stored), Vec::with_capacity(stored));
    for part in parts {
        let mut at = 0;
        for (length, label) in part.lengths.iter().zip(&part.labels) {
            col.extend_from_slice(&part.col[at..at + length]);
            val.extend_from_slice(&part.val[at..at + length]);
            at += length;
            if *label != 0.0 {
                col.push((cols - 1) as u32);
                val.push(*label);
            }
            row_ptr.push(col.len());
        }
    }
    Csr::from_parts(rows, cols, row_ptr, col, val)
}

impl Rows {
    fn parse(text: &[u8], range: Range<usize>, layout: &Layout) -> Rows {
        let mut rows = Rows::default();
        for (at, line) in lines::lines(&text[range.clone()]) {
            let line = match memchr::memchr(b'#', line) {
                Some(comment) => &line[..comment],
                None => line,
            };
            if line.trim_ascii().is_empty() {
                continue;
            }
            let stored = rows.col.len();
            match rows.line(range.start + at, line, layout) {
                Ok(label) => {
                    rows.lengths.push(rows.col.len() - stored);
                    rows.labels.push(label);
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
        let mut last = 0;
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
            if index == 0 {
                return Err(wrong("index 0: indices count from 1".into()));
            }
            if index == last {
                return Err(wrong(format!("index {index} is given twice")));
            }
            if index < last {
                return Err(wrong(format!("index {index} stands behind {last}: indices ascend")));
            }
            if index >= Csr::MAX_COLS {
                return Err(wrong(format!(
                    "index {index} is larger than a sparse matrix can have in this build"
                )));
            }
            last = index;
            if index > self.widest.0 {
                self.widest = (index, start + at);
            }
            if value != 0.0 {
                self.col.push((index - 1) as u32);
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
