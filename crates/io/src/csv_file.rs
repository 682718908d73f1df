//! Comma-separated values as a row of the table of formats: readers and writers of matrices and frames together.

use std::fs;
use std::path::Path;

use serde_json::json;
use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;
use tilewright_value::Block;

use crate::format::Format;
use crate::metadata::Metadata;
use crate::options::WriteOptions;
use crate::source::Source;
use crate::{csv, csv_writer, frame_csv};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "tsv"],
    sniff: |extension, head| {
        extension == "txt" && head.split(|byte| *byte == b'\n').next().is_some_and(has_comma)
    },
    peek,
    read_matrix: Some(read_matrix),
    write_matrix: Some(|draft, block, options| csv_writer::write(draft, block, separator(options), options)),
    read_frame: Some(|path, known, _| {
        frame_csv::parse(&Source::load(path)?, &known.csv_layout(path), known.schema.as_deref())
    }),
    write_frame: Some(|draft, frame, options| {
        frame_csv::write(draft, frame, separator(options), options.header)
    }),
    describe: Some(describe),
};

/// The largest file whose lines are counted before it is read, in bytes.
const COUNTED: u64 = 256 << 20;

fn has_comma(line: &[u8]) -> bool {
    line.contains(&b',')
}

fn separator(options: &WriteOptions) -> &str {
    options.separator.as_deref().unwrap_or(",")
}

fn describe(options: &WriteOptions) -> Vec<(&'static str, serde_json::Value)> {
    let mut entries = vec![("header", json!(options.header)), ("sep", json!(separator(options)))];
    if options.sparse {
        entries.extend([("fill", json!(true)), ("default", json!(0))]);
    }
    entries
}

fn peek(path: &Path, known: &mut Metadata) -> Outcome<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() <= COUNTED) {
        let (rows, cols) = csv::shape(&Source::load(path)?, &known.csv_layout(path))?;
        known.rows.get_or_insert(rows);
        known.cols.get_or_insert(cols);
    }
    Ok(())
}

fn read_matrix(path: &Path, known: &Metadata, warnings: &mut Vec<String>) -> Outcome<Block> {
    let source = Source::load(path)?;
    let layout = known.csv_layout(path);
    let table = csv::parse(&source, &layout)?;
    let is_declared = known.fill.is_some() || known.default.is_some();
    if let Some(first) = table.first_empty.filter(|_| !is_declared) {
        let (line, column) = source.position(first);
        let (name, cells) = (path.display(), count(table.empty, "empty cell"));
        warnings.push(format!("{name}: {cells} read as {} (the first at {line}:{column})", layout.default));
    }
    if table.cells.cells().is_empty() {
        // No cell says how wide the rows are, so metadata or the script has to.
        return match (known.rows, known.cols) {
            (rows, Some(cols)) if cols == 0 || rows.unwrap_or(0) == 0 => {
                Ok(Block::Dense(Dense::zeros(rows.unwrap_or(0), cols)))
            }
            (None, None) => {
                bail!(File, "{} has no rows", path.display(); hint: "`rows=0, cols=n` reads it as an empty matrix")
            }
            _ => Ok(Block::Dense(table.cells)),
        };
    }
    Ok(Block::Dense(table.cells))
}
