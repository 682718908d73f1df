//! JSON lines: a row of a frame is an object on a line of its own, whose keys are the names of the columns.
//!
//! Columns are the keys in the order in which they first appear. Without a schema their types are found from all values:
//! whole numbers are INT64, numbers FP64, truth values BOOLEAN, and texts, or values of several kinds, STRING. A key that
//! a line lacks, and `null`, are missing cells.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use rayon::prelude::*;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, Column, ColumnType, Frame};

use crate::format::Format;
use crate::large_text::{LARGE, LargeText};
use crate::lines::{self, CHUNK, Lines};
use crate::metadata::Metadata;
use crate::output::Draft;
use crate::problems::{Problem, Problems};
use crate::source::Source;

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "jsonl",
    extensions: &["jsonl", "ndjson"],
    is_text: true,
    sniff: |_, head| head.starts_with(b"{\""),
    peek: |_, _| Ok(()),
    read_matrix: None,
    write_matrix: None,
    read_frame: Some(read),
    write_frame: Some(|draft, frame, _| write(draft, frame)),
    read_arguments: &["encoding"],
    write_arguments: &[],
    describe: Some(|_| Vec::new()),
};

fn read(path: &Path, known: &Metadata, _: &mut Vec<String>) -> Outcome<Frame> {
    let schema = known.schema.as_deref();
    match LargeText::open(path, known, LARGE)? {
        Some(text) => parse_in_chunks(&text, schema, CHUNK),
        None => parse_in_chunks(&Source::load_as(path, known.encoding, None)?, schema, CHUNK),
    }
}

/// The cells of the lines of a chunk, column by column.
#[derive(Default)]
struct Rows {
    /// Where each line starts.
    starts: Vec<usize>,
    names: Vec<String>,
    /// The places of the names.
    places: HashMap<String, usize>,
    columns: Vec<Vec<Cell>>,
    problems: Problems,
}

/// Reads a whole file in chunks of about `chunk` bytes; blank lines are left out.
///
/// # Errors
/// At the first line that is no object, key that is given twice, nested value, or value that is not of the type of its
/// column, with a count of the others.
pub fn parse_in_chunks(text: &impl Lines, schema: Option<&[ColumnType]>, chunk: usize) -> Outcome<Frame> {
    let (mut names, mut seen, mut problems) = (Vec::<String>::new(), HashSet::new(), Problems::default());
    let mut rows = Vec::new();
    let take = |mut part: Rows, _| {
        problems.append(std::mem::take(&mut part.problems));
        names.extend(part.names.iter().filter(|name| seen.insert((*name).clone())).cloned());
        rows.push(part);
        Ok(ControlFlow::Continue(()))
    };
    text.in_order((0, chunk), Rows::parse, take)?;
    problems.check(text)?;
    if let Some(schema) = schema.filter(|schema| schema.len() != names.len() && !rows.is_empty()) {
        let (types, keys) = (count(schema.len(), "type"), count(names.len(), "key"));
        return Err(text.fault(0, format!("{types} for {keys}")));
    }
    let number = rows.iter().map(|part| part.starts.len()).sum();
    let columns: Vec<Outcome<Column>> = names
        .par_iter()
        .enumerate()
        .map(|(j, name)| column(text, &rows, name, schema.map(|schema| schema[j])))
        .collect();
    Frame::new(number, columns.into_iter().collect::<Outcome<_>>()?)?.named(names)
}

/// The column of a name.
fn column(text: &impl Lines, parts: &[Rows], name: &str, kind: Option<ColumnType>) -> Outcome<Column> {
    let pieces: Vec<Option<&Vec<Cell>>> = parts.iter().map(|part| part.cells(name)).collect();
    let kind = kind.unwrap_or_else(|| found_type(pieces.iter().flatten().flat_map(|cells| cells.iter())));
    let mut problems = Problems::default();
    let mut cells = Vec::with_capacity(parts.iter().map(|part| part.starts.len()).sum());
    for (part, piece) in parts.iter().zip(pieces) {
        for (row, at) in part.starts.iter().enumerate() {
            let cell = piece.and_then(|cells| cells.get(row)).cloned().unwrap_or(Cell::Missing);
            let shown = cell.to_string();
            cells.push(cell.fit(kind).unwrap_or_else(|| {
                problems.add(Problem::new(*at, format!("\"{name}\" is {shown}, which is no {kind}")));
                Cell::Missing
            }));
        }
    }
    problems.check(text)?;
    Ok(Column::from_cells(kind, cells.into_iter()))
}

/// The type that holds all cells.
fn found_type<'a>(cells: impl Iterator<Item = &'a Cell>) -> ColumnType {
    let mut found = None;
    for cell in cells {
        let kind = match cell {
            Cell::Missing => continue,
            Cell::Boolean(_) => ColumnType::Boolean,
            Cell::Integer(_) => ColumnType::Int64,
            Cell::Double(_) => ColumnType::Fp64,
            Cell::Text(_) => ColumnType::String,
        };
        found = Some(match (found, kind) {
            (None, kind) => kind,
            (Some(found), kind) if found == kind => kind,
            (Some(ColumnType::Int64 | ColumnType::Fp64), ColumnType::Int64 | ColumnType::Fp64) => {
                ColumnType::Fp64
            }
            _ => return ColumnType::String,
        });
    }
    found.unwrap_or(ColumnType::String)
}

impl Rows {
    fn parse(start: usize, text: &[u8]) -> Rows {
        let mut rows = Rows::default();
        for (at, line) in lines::lines(text) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let start = start + at;
            match serde_json::from_slice::<Entries>(line) {
                Ok(entries) => rows.add(start, entries),
                Err(error) => {
                    // The column of an error counts bytes of the line, and its text tells the place again.
                    let text = error.to_string();
                    let text = text.split(" at line ").next().unwrap_or_default();
                    let at = start + error.column().saturating_sub(1).min(line.len());
                    rows.problems.add(Problem::new(at, format!("not a JSON object of a row: {text}")));
                }
            }
        }
        let number = rows.starts.len();
        rows.columns.iter_mut().for_each(|column| column.resize(number, Cell::Missing));
        rows
    }

    fn cells(&self, name: &str) -> Option<&Vec<Cell>> {
        self.places.get(name).map(|at| &self.columns[*at])
    }

    fn add(&mut self, start: usize, entries: Entries) {
        let row = self.starts.len();
        self.starts.push(start);
        for (position, (key, value)) in entries.0.into_iter().enumerate() {
            // Most lines have the same keys in the same order.
            let same = self.names.get(position).is_some_and(|name| *name == key).then_some(position);
            let at = same.or_else(|| self.places.get(&key).copied()).unwrap_or_else(|| {
                self.places.insert(key.clone(), self.names.len());
                self.names.push(key.clone());
                self.columns.push(Vec::new());
                self.names.len() - 1
            });
            if self.columns[at].len() > row {
                self.problems.add(Problem::new(start, format!("the key \"{key}\" is given twice")));
                continue;
            }
            match cell(value) {
                Ok(cell) => {
                    self.columns[at].resize(row, Cell::Missing);
                    self.columns[at].push(cell);
                }
                Err(what) => {
                    let problem = Problem::new(start, format!("\"{key}\" holds {what}, not a single value"));
                    self.problems.add(problem.hint("columns of frames hold numbers, texts and truth values"));
                }
            }
        }
    }
}

fn cell(value: Value) -> Result<Cell, &'static str> {
    Ok(match value {
        Value::Null => Cell::Missing,
        Value::Bool(value) => Cell::Boolean(value),
        Value::Number(number) => match number.as_i64() {
            Some(value) => Cell::Integer(value),
            None => Cell::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Cell::Text(text),
        Value::Array(_) => return Err("a list"),
        Value::Object(_) => return Err("an object"),
    })
}

/// The entries of an object in their order, also those whose key is given twice.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`{\"name\": value, ...}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// Appends a line per row; missing cells, NaN and infinity are `null`.
///
/// # Errors
/// When two columns have one name, or the disk is full or fails.
fn write(draft: &mut Draft, frame: &Frame) -> Outcome<()> {
    let names = frame.names();
    let mut seen = HashSet::new();
    if let Some((j, name)) = names.iter().enumerate().find(|(_, name)| !seen.insert(*name)) {
        bail!(Value, "column {} is named \"{name}\" like one before it, but the keys of JSON lines differ", j + 1; hint: "`colnames(F) = ...` names columns");
    }
    let keys: Vec<String> = names.iter().map(|name| Value::from(name.as_str()).to_string()).collect();
    draft.append_rows(frame.rows(), frame.cols(), |i, text| {
        for (j, (key, column)) in keys.iter().zip(frame.columns()).enumerate() {
            text.push(if j == 0 { b'{' } else { b',' });
            text.extend_from_slice(key.as_bytes());
            text.push(b':');
            let value = match column.cell(i) {
                Cell::Missing => Value::Null,
                Cell::Boolean(value) => value.into(),
                Cell::Integer(value) => value.into(),
                Cell::Double(value) => value.into(),
                Cell::Text(value) => value.into(),
            };
            text.extend_from_slice(value.to_string().as_bytes());
        }
        text.extend_from_slice(if keys.is_empty() { b"{}\n" } else { b"}\n" });
    })
}
