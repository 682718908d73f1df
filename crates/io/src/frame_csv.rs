//! Frames as comma-separated values.
//!
//! A cell is quoted when it holds the separator, a quote or a line end; two quotes stand for one inside of quotes. What
//! is not quoted loses the blanks around it, and is missing when nothing is left: `""` is an empty text.

use std::borrow::Cow;

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, Column, ColumnType, Frame};

use crate::csv::Layout;
use crate::number;
use crate::output::Draft;
use crate::source::Source;

/// A cell of a file: its text if it has one, and the byte where it starts.
struct Field<'a> {
    text: Option<Cow<'a, str>>,
    at: usize,
}

/// Reads a whole file; without types all columns are texts.
///
/// # Errors
/// At the first cell that is not of its type, row of another length, or quote without its end.
pub fn parse(source: &Source, layout: &Layout, schema: Option<&[ColumnType]>) -> Outcome<Frame> {
    if layout.separator.is_empty() {
        bail!(Argument, "the separator of a CSV file is at least one character");
    }
    let mut reader = Reader { source, layout, at: 0 };
    let header = if layout.header { reader.record()? } else { None };
    let (mut fields, mut rows, mut cols) = (Vec::new(), 0, header.as_ref().map(Vec::len));
    while let Some(record) = reader.record()? {
        let is_blank = matches!(&record[..], [Field { text: None, .. }]);
        if is_blank && reader.rest_is_blank() && cols.unwrap_or(1) > 1 {
            break;
        }
        check_width(source, &record, *cols.get_or_insert(record.len()))?;
        fields.extend(record);
        rows += 1;
    }
    let cols = cols.or(schema.map(<[_]>::len)).unwrap_or(0);
    let schema = schema.map_or_else(|| vec![ColumnType::String; cols], <[_]>::to_vec);
    if schema.len() != cols {
        return Err(source.fault(0, format!("{} for {}", count(schema.len(), "type"), count(cols, "column"))));
    }
    let names = header.map(|record| names(&record));
    let column = |(j, kind): (usize, &ColumnType)| {
        let of_column = fields.iter().skip(j).step_by(cols.max(1));
        if *kind == ColumnType::String {
            return Ok(Column::from_texts(of_column.map(|field| field.text.as_deref())));
        }
        let name =
            names.as_ref().map_or_else(|| format!("cell {}", j + 1), |names| format!("\"{}\"", names[j]));
        let cells = of_column.map(|field| typed(source, field, *kind, &name));
        Ok(Column::from_cells(*kind, cells.collect::<Outcome<Vec<_>>>()?.into_iter()))
    };
    let frame = Frame::new(rows, schema.iter().enumerate().map(column).collect::<Outcome<_>>()?)?;
    match names {
        Some(names) => frame.named(names),
        None => Ok(frame),
    }
}

fn check_width(source: &Source, record: &[Field<'_>], cols: usize) -> Outcome<()> {
    if record.len() == cols {
        return Ok(());
    }
    let (wanted, found) = (count(cols, "cell"), record.len());
    let only = if found < cols { "only " } else { "" };
    let fault =
        source.fault(record[0].at, format!("expected {wanted} as in the first row, found {only}{found}"));
    Err(fault.hint("a cell that holds the separator or a line end stands in quotes"))
}

/// The names in a header; a column without one is named by its position.
fn names(record: &[Field<'_>]) -> Vec<String> {
    let name = |(at, field): (usize, &Field<'_>)| match &field.text {
        Some(text) if !text.is_empty() => text.to_string(),
        _ => format!("C{}", at + 1),
    };
    record.iter().enumerate().map(name).collect()
}

fn typed(source: &Source, field: &Field<'_>, kind: ColumnType, name: &str) -> Outcome<Cell> {
    let Some(text) = &field.text else { return Ok(Cell::Missing) };
    let cell = Cell::Text(text.to_string());
    let shown = cell.to_string();
    cell.fit(kind).ok_or_else(|| {
        source
            .fault(field.at, format!("{name} is {shown}, which is no {kind}"))
            .hint(format!("`naStrings={shown}` reads it as a missing cell, a STRING in `schema` as it is"))
    })
}

/// Walks through a file, cell by cell.
struct Reader<'a> {
    source: &'a Source,
    layout: &'a Layout,
    at: usize,
}

/// What follows a cell.
#[derive(PartialEq)]
enum End {
    Separator,
    Line,
}

impl<'a> Reader<'a> {
    /// The cells of the next line; `None` behind the last one.
    fn record(&mut self) -> Outcome<Option<Vec<Field<'a>>>> {
        if self.at == self.source.bytes.len() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            let (field, end) = self.field()?;
            fields.push(field);
            if end == End::Line {
                return Ok(Some(fields));
            }
        }
    }

    /// True when nothing but line ends follows.
    fn rest_is_blank(&self) -> bool {
        self.source.bytes[self.at..].iter().all(|byte| matches!(byte, b'\n' | b'\r'))
    }

    fn field(&mut self) -> Outcome<(Field<'a>, End)> {
        let (bytes, separator) = (&self.source.bytes, self.layout.separator.as_bytes());
        let is_blank = |byte: &&u8| matches!(**byte, b' ' | b'\t') && **byte != separator[0];
        let start = self.at + bytes[self.at..].iter().take_while(is_blank).count();
        let (text, end) = match bytes.get(start) {
            Some(b'"') => self.quoted(start)?,
            _ => {
                let end = self.end_of_plain(start);
                let text = self.text(start, bytes[start..end].trim_ascii_end())?;
                ((!text.is_empty()).then_some(text), end)
            }
        };
        let is_missing =
            text.as_ref().is_some_and(|text| self.layout.missing.iter().any(|missing| missing == text));
        let (next, what) = match &bytes[end..] {
            rest if rest.starts_with(separator) => (end + separator.len(), End::Separator),
            rest if rest.starts_with(b"\r\n") => (end + 2, End::Line),
            rest => (end + usize::from(!rest.is_empty()), End::Line),
        };
        self.at = next;
        Ok((Field { text: text.filter(|_| !is_missing), at: start }, what))
    }

    /// Where a cell without quotes ends: at the separator or the end of the line.
    fn end_of_plain(&self, start: usize) -> usize {
        let bytes = &self.source.bytes[start..];
        let line = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        let line = if line > 0 && bytes.get(line) == Some(&b'\n') && bytes[line - 1] == b'\r' {
            line - 1
        } else {
            line
        };
        start + memchr::memmem::find(&bytes[..line], self.layout.separator.as_bytes()).unwrap_or(line)
    }

    /// The text of a quoted cell, and where the cell ends.
    fn quoted(&self, start: usize) -> Outcome<(Option<Cow<'a, str>>, usize)> {
        let bytes = &self.source.bytes;
        let mut at = start + 1;
        loop {
            let Some(found) = memchr::memchr(b'"', &bytes[at..]) else {
                return Err(self.source.fault(start, "the quoted cell does not end"));
            };
            at += found + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        let end = self.end_of_plain(at);
        if !bytes[at..end].trim_ascii().is_empty() {
            let fault =
                self.source.fault(at, "a separator or the end of the line must follow the quoted cell");
            return Err(fault.hint("inside of quotes, two quotes stand for one"));
        }
        let text = self.text(start + 1, &bytes[start + 1..at - 1])?;
        Ok((Some(if text.contains("\"\"") { text.replace("\"\"", "\"").into() } else { text }), end))
    }

    fn text(&self, start: usize, bytes: &'a [u8]) -> Outcome<Cow<'a, str>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => Err(self.source.fault(start + error.valid_up_to(), "not UTF-8 text")),
        }
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
