//! Frames as comma-separated values, read chunk by chunk on all threads.
//!
//! ```text
//! file -> header | body -> chunks of whole rows -> columns of each chunk -> columns
//! ```
//! A cell is quoted when it holds the separator, a quote or a line end; two quotes stand for one inside of quotes. What
//! is not quoted loses the blanks around it, and is missing when nothing is left: `""` is an empty text.

use std::borrow::Cow;

use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_base::number::count;
use tilewright_frame::{Cell, Column, ColumnType, Frame};

use crate::csv::Layout;
use crate::csv_problems::shortened;
use crate::lines::{self, CHUNK};
use crate::number;
use crate::output::Draft;
use crate::problems::{Problem, Problems};
use crate::records::{Chunk, Grammar, quoted_end};
use crate::source::Source;

/// A cell of a file: its text if it has one, and the byte where it starts.
struct Field<'a> {
    text: Option<Cow<'a, str>>,
    at: usize,
}

/// Reads a whole file; without types all columns are texts.
///
/// # Errors
/// At the first cell that is not of its type, row of another length, or quote without its end, with a count of others.
pub fn parse(source: &Source, layout: &Layout, schema: Option<&[ColumnType]>) -> Outcome<Frame> {
    parse_in_chunks(source, layout, schema, CHUNK)
}

/// As [`parse`], with chunks of about `chunk` bytes.
///
/// # Errors
/// As of [`parse`].
pub fn parse_in_chunks(
    source: &Source,
    layout: &Layout,
    schema: Option<&[ColumnType]>,
    chunk: usize,
) -> Outcome<Frame> {
    let grammar = layout.grammar()?;
    let mut reader = Reader { source, layout, grammar, schema: Vec::new(), names: None };
    let header = reader.header()?;
    let start = if layout.header { grammar.row_end(&source.bytes, 0) } else { 0 };
    let first = grammar.rows(&source.bytes[start..]).next().map(|(_, row)| grammar.cells_in(row));
    let cols = header.as_ref().map(Vec::len).or(first).or(schema.map(<[_]>::len)).unwrap_or(0);
    reader.schema = schema.map_or_else(|| vec![ColumnType::String; cols], <[_]>::to_vec);
    if reader.schema.len() != cols {
        let types = count(reader.schema.len(), "type");
        return Err(source.fault(0, format!("{types} for {}", count(cols, "column"))));
    }
    reader.names = header;
    // A row of a single column may be empty, so only there blank lines at the end are rows.
    let end =
        if cols > 1 { lines::without_trailing(&source.bytes).len().max(start) } else { source.bytes.len() };
    let parts: Vec<Part> = grammar
        .chunks(&source.bytes[start..end], chunk)
        .into_par_iter()
        .map(|Chunk { range, .. }| {
            source.parsed(range.len(), || reader.chunk(start + range.start..start + range.end))
        })
        .collect();
    reader.whole(parts)
}

/// The columns of a chunk, and what is wrong in it.
struct Part {
    rows: usize,
    columns: Vec<Column>,
    problems: Problems,
}

struct Reader<'a> {
    source: &'a Source,
    layout: &'a Layout,
    grammar: Grammar<'a>,
    schema: Vec<ColumnType>,
    names: Option<Vec<String>>,
}

impl<'a> Reader<'a> {
    /// The names in a header; a column without one is named by its position.
    fn header(&self) -> Outcome<Option<Vec<String>>> {
        if !self.layout.header || self.source.bytes.is_empty() {
            return Ok(None);
        }
        let Some((_, row)) = self.grammar.rows(&self.source.bytes).next() else { return Ok(None) };
        let mut fields = Vec::new();
        self.fields(0, row, &mut fields).map_err(|problem| problem.fault(self.source))?;
        let name = |(at, field): (usize, &Field<'_>)| match &field.text {
            Some(text) if !text.is_empty() => text.to_string(),
            _ => format!("C{}", at + 1),
        };
        Ok(Some(fields.iter().enumerate().map(name).collect()))
    }

    fn whole(self, parts: Vec<Part>) -> Outcome<Frame> {
        let (mut rows, mut pieces) = (0, vec![Vec::with_capacity(parts.len()); self.schema.len()]);
        let mut problems = Problems::default();
        for part in parts {
            problems.append(part.problems);
            rows += part.rows;
            part.columns.into_iter().zip(&mut pieces).for_each(|(column, pieces)| pieces.push(column));
        }
        problems.check(self.source)?;
        let columns = self.schema.par_iter().zip(pieces).map(|(kind, pieces)| Column::concat(*kind, &pieces));
        let frame = Frame::new(rows, columns.collect())?;
        match self.names {
            Some(names) => frame.named(names),
            None => Ok(frame),
        }
    }

    fn chunk(&self, range: std::ops::Range<usize>) -> Part {
        let (mut fields, mut rows, mut problems) = (Vec::new(), 0, Problems::default());
        let cols = self.schema.len();
        for (at, row) in self.grammar.rows(&self.source.bytes[range.clone()]) {
            let (start, before) = (range.start + at, fields.len());
            if let Err(problem) = self.fields(start, row, &mut fields) {
                problems.add(problem);
                fields.truncate(before);
            } else if fields.len() - before != cols {
                let found = fields.len() - before;
                problems.add(self.ragged(start, row, found));
                fields.truncate(before);
            } else {
                rows += 1;
            }
        }
        let column = |(j, kind): (usize, &ColumnType)| {
            let of_column = fields.iter().skip(j).step_by(cols.max(1));
            if *kind == ColumnType::String {
                return Column::from_texts(of_column.map(|field| field.text.as_deref()));
            }
            let cells = of_column.map(|field| {
                self.typed(field, *kind).unwrap_or_else(|shown| {
                    problems.add(self.mistyped(field.at, j, *kind, &shown));
                    Cell::Missing
                })
            });
            Column::from_cells(*kind, cells)
        };
        let columns = self.schema.iter().enumerate().map(column).collect();
        Part { rows, columns, problems }
    }

    fn ragged(&self, at: usize, row: &[u8], found: usize) -> Problem {
        let (wanted, text) = (count(self.schema.len(), "cell"), shortened(row));
        let only = if found < self.schema.len() { "only " } else { "" };
        let message = format!("expected {wanted} as in the first row, found {only}{found}: \"{text}\"");
        Problem::new(at, message).hint("a cell that holds the separator or a line end stands in quotes")
    }

    fn mistyped(&self, at: usize, j: usize, kind: ColumnType, shown: &str) -> Problem {
        let name = self
            .names
            .as_ref()
            .map_or_else(|| format!("cell {}", j + 1), |names| format!("\"{}\"", names[j]));
        let advice = format!("`naStrings={shown}` reads it as a missing cell, a STRING in `schema` as it is");
        Problem::new(at, format!("{name} is {shown}, which is no {kind}")).hint(advice)
    }

    /// The cell of a type, or how the text is shown that is none of it.
    fn typed(&self, field: &Field<'_>, kind: ColumnType) -> Result<Cell, String> {
        let Some(text) = &field.text else { return Ok(Cell::Missing) };
        let decimal = self.layout.decimal;
        let quick = match kind {
            ColumnType::Fp64 => number::parse_with(text.as_bytes(), decimal).map(Cell::Double),
            ColumnType::Int64 => text.parse().ok().map(Cell::Integer),
            _ => None,
        };
        if let Some(cell) = quick {
            return Ok(cell);
        }
        let has_fraction = matches!(kind, ColumnType::Fp32 | ColumnType::Fp64);
        let cell = Cell::Text(text.to_string());
        let fitted = match decimal {
            b',' if has_fraction && text.contains('.') => None,
            b',' if has_fraction => Cell::Text(text.replace(',', ".")).fit(kind),
            _ => cell.clone().fit(kind),
        };
        fitted.ok_or_else(|| cell.to_string())
    }

    /// Appends the cells of a row that starts at a byte of the file.
    fn fields(&self, start: usize, row: &'a [u8], fields: &mut Vec<Field<'a>>) -> Result<(), Problem> {
        let mut at = 0;
        loop {
            let end = self.grammar.cell_end(row, at);
            let blank = row[at..end].iter().take_while(|byte| self.grammar.is_blank(**byte)).count();
            let (text, from) = (&row[at + blank..end], start + at + blank);
            let text = match text.first() {
                Some(b'"') => Some(self.quoted(from, text)?),
                _ => Some(self.text(from, text.trim_ascii_end())?).filter(|text| !text.is_empty()),
            };
            let is_missing = |text: &Cow<'_, str>| self.layout.missing.iter().any(|missing| missing == text);
            fields.push(Field { text: text.filter(|text| !is_missing(text)), at: from });
            if end == row.len() {
                return Ok(());
            }
            at = end + self.grammar.separator.len();
        }
    }

    /// The text of a quoted cell, which starts with its quote.
    fn quoted(&self, at: usize, cell: &'a [u8]) -> Result<Cow<'a, str>, Problem> {
        let Some(end) = quoted_end(cell, 1) else {
            return Err(Problem::new(at, "the quoted cell does not end"));
        };
        if !cell[end..].trim_ascii().is_empty() {
            let message = "a separator or the end of the line must follow the quoted cell";
            return Err(Problem::new(at + end, message).hint("inside of quotes, two quotes stand for one"));
        }
        let text = self.text(at + 1, &cell[1..end - 1])?;
        Ok(if text.contains("\"\"") { text.replace("\"\"", "\"").into() } else { text })
    }

    fn text(&self, start: usize, bytes: &'a [u8]) -> Result<Cow<'a, str>, Problem> {
        std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            Problem::new(start + error.valid_up_to(), "not UTF-8 text")
                .hint("`encoding=\"latin-1\"` reads each byte as a character")
        })
    }
}

/// Appends all rows; with a header, the names of the columns first.
///
/// # Errors
/// When the disk is full or fails.
pub fn write(draft: &mut Draft, frame: &Frame, separator: &str, header: bool) -> Outcome<()> {
    if header {
        let mut line = Vec::new();
        for (j, name) in frame.names().iter().enumerate() {
            push_separator(&mut line, separator, j);
            push_text(&mut line, name, separator);
        }
        line.push(b'\n');
        draft.append(&line)?;
    }
    draft.append_rows(frame.rows(), frame.cols(), |i, line| {
        for (j, column) in frame.columns().iter().enumerate() {
            push_separator(line, separator, j);
            push_cell(line, column, i, separator);
        }
        line.push(b'\n');
    })
}

fn push_separator(line: &mut Vec<u8>, separator: &str, j: usize) {
    if j > 0 {
        line.extend_from_slice(separator.as_bytes());
    }
}

fn push_cell(line: &mut Vec<u8>, column: &Column, i: usize, separator: &str) {
    if let Some(text) = column.str(i) {
        return push_text(line, text, separator);
    }
    match column.cell(i) {
        Cell::Double(value) => number::push(line, value),
        cell => line.extend_from_slice(cell.text().unwrap_or_default().as_bytes()),
    }
}

/// A text in quotes where it would not read back as it is.
fn push_text(line: &mut Vec<u8>, text: &str, separator: &str) {
    let plain = !text.is_empty()
        && text.trim() == text
        && !text.contains(|symbol| separator.contains(symbol) || matches!(symbol, '"' | '\n' | '\r'));
    if plain {
        return line.extend_from_slice(text.as_bytes());
    }
    line.push(b'"');
    line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    line.push(b'"');
}
