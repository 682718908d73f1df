//! Comma-separated values as a row of the table of formats: readers and writers of matrices and frames together.

use std::fs;
use std::path::Path;

use serde_json::json;
use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;
use tilewright_value::Block;

use crate::compression::Compression;
use crate::csv::Layout;
use crate::csv_problems::has_lone_returns;
use crate::csv_stream::Stream;
use crate::format::Format;
use crate::large_text::LARGE;
use crate::lines::CHUNK;
use crate::metadata::Metadata;
use crate::options::WriteOptions;
use crate::parts::Parts;
use crate::remote::is_remote;
use crate::source::{HeaderLength, Source};
use crate::{csv, csv_writer, frame_csv};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "tsv"],
    is_text: true,
    sniff: |extension, head| {
        extension == "txt" && head.split(|byte| *byte == b'\n').next().is_some_and(has_comma)
    },
    peek,
    read_matrix: Some(|path, known, warnings| read_matrix(path, known, warnings).map(Into::into)),
    write_matrix: Some(|draft, block, options| csv_writer::write(draft, block, separator(options), options)),
    read_frame: Some(|path, known, _| {
        let layout = known.csv_layout(path);
        frame_csv::parse(&load(path, known, &layout)?, &layout, known.schema.as_deref())
    }),
    write_frame: Some(|draft, frame, options| {
        frame_csv::write(draft, frame, separator(options), options.header)
    }),
    read_arguments: &["header", "sep", "fill", "default", "naStrings", "decimal", "encoding"],
    write_arguments: &["header", "sep", "sparse"],
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

fn load(path: &Path, known: &Metadata, layout: &Layout) -> Outcome<Source> {
    let grammar = layout.grammar()?;
    let header = |text: &[u8]| grammar.row_end(text, 0);
    let header: Option<HeaderLength<'_>> = if layout.header { Some(&header) } else { None };
    Source::load_as(path, known.encoding, header)
}

/// Counts rows and cells of files that are not large, of this machine.
fn peek(path: &Path, known: &mut Metadata) -> Outcome<()> {
    if is_remote(path) {
        return Ok(());
    }
    let parts = Parts::of(path)?;
    let files = match &parts {
        Parts::File => &[path.to_path_buf()][..],
        Parts::Folder(files) | Parts::Matches(files) => files,
    };
    let is_compressed = files.iter().any(|file| Compression::promised(file).is_some());
    let bytes: u64 = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum();
    if !is_compressed && bytes <= COUNTED {
        let layout = known.csv_layout(path);
        let stream = Stream::open(path, known, &layout, (LARGE, CHUNK))?;
        let (rows, cols) = match stream.and_then(|stream| stream.shape()) {
            Some(shape) => shape,
            None => csv::shape(&load(path, known, &layout)?, &layout)?,
        };
        known.rows.get_or_insert(rows);
        known.cols.get_or_insert(cols);
    }
    Ok(())
}

fn read_matrix(path: &Path, known: &Metadata, warnings: &mut Vec<String>) -> Outcome<Block> {
    let layout = known.csv_layout(path);
    let is_declared = known.fill.is_some() || known.default.is_some();
    let mut warn = |empty: usize, first: String| {
        let (name, cells, value) = (path.display(), count(empty, "empty cell"), layout.default);
        warnings.push(format!("{name}: {cells} read as {value} (the first at {first})"));
    };
    if let Some(stream) = Stream::open(path, known, &layout, (LARGE, CHUNK))?
        && let Some(table) = stream.parse(&layout)?
    {
        if let Some(first) = table.first_empty.filter(|_| !is_declared) {
            warn(table.empty, stream.position(first)?);
        }
        return Ok(Block::Dense(table.cells));
    }
    let source = load(path, known, &layout)?;
    let table = csv::parse(&source, &layout)?;
    if let Some(first) = table.first_empty.filter(|_| !is_declared) {
        warn(table.empty, source.position(first));
    }
    if table.cells.cells().is_empty() {
        // No cell says how wide the rows are, so metadata or the script has to.
        return match (known.rows, known.cols) {
            (rows, Some(cols)) if cols == 0 || rows.unwrap_or(0) == 0 => {
                Ok(Block::Dense(Dense::zeros(rows.unwrap_or(0), cols)))
            }
            (None, None) if has_lone_returns(&source.bytes) => {
                bail!(File, "{} has no rows: its lines end in carriage returns alone", path.display(); hint: "write them with line feeds")
            }
            (None, None) => {
                bail!(File, "{} has no rows", path.display(); hint: "`rows=0, cols=n` reads it as an empty matrix")
            }
            _ => Ok(Block::Dense(table.cells)),
        };
    }
    Ok(Block::Dense(table.cells))
}
