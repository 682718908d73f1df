//! Reading and writing frames: the format of a file, then its reader, then whether the file is as it was said to be.

use std::path::Path;

use rayon::prelude::*;
use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, Column, ColumnType, Frame};

use crate::binary_file;
use crate::format::{Format, names};
use crate::metadata::{self, DataType, declared};
use crate::options::{ReadOptions, WriteOptions};
use crate::output::Draft;
use crate::read::check_shape;
use crate::write::{publish, settle};

/// The most columns that metadata alone gives an empty frame.
const WIDEST_EMPTY: usize = 1 << 20;

/// A frame read from a file.
#[derive(Debug)]
pub struct ReadFrame {
    /// The frame.
    pub frame: Frame,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads the frame at `path`.
///
/// # Errors
/// When the file is missing, malformed or not as its metadata and `options` say.
pub fn read_frame(path: &Path, options: &ReadOptions) -> Outcome<ReadFrame> {
    let known = declared(path, options)?;
    if matches!(known.data_type, DataType::Scalar | DataType::List) {
        bail!(Type, "{} holds no frame, says its .mtd file", path.display(); hint: "`data_type=` in `read` says what to read");
    }
    let format = Format::of(path, &known)?;
    let Some(reader) = format.read_frame else { return no_frames(format) };
    format.check_arguments("read", &options.given(), format.read_arguments)?;
    let mut warnings = Vec::new();
    let frame = reader(path, &known, &mut warnings)?;
    // No cell says how wide the rows of an empty file are, so metadata or the script has to.
    let frame = match (&known.schema, known.cols) {
        _ if (frame.rows(), frame.cols()) != (0, 0) => frame,
        (Some(schema), _) => Frame::filled(&Cell::Missing, 0, schema)?,
        (None, Some(cols)) if cols <= WIDEST_EMPTY => {
            Frame::filled(&Cell::Missing, 0, &vec![ColumnType::String; cols])?
        }
        _ => frame,
    };
    check_shape((frame.rows(), frame.cols()), path, options, &known)?;
    // Files with types of their own need no .mtd file for them, and that of one part says nothing of the others.
    let schema = if format.is_text { &known.schema } else { &options.schema };
    let frame = match schema {
        Some(schema) => typed(path, frame, schema)?,
        None => frame,
    };
    Ok(ReadFrame { frame, warnings })
}

/// A frame with columns of other types, where they hold its cells; a double may be rounded to 32 bits.
fn typed(path: &Path, frame: Frame, schema: &[ColumnType]) -> Outcome<Frame> {
    if frame.schema() == schema {
        return Ok(frame);
    }
    if schema.len() != frame.cols() {
        let (types, columns) = (count(schema.len(), "type"), count(frame.cols(), "column"));
        bail!(Shape, "{}: {types} for {columns}", path.display());
    }
    let retyped = |((column, kind), name): ((&Column, &ColumnType), &String)| {
        let cells = column.cast(*kind).and_then(|cells| same_integers(column, cells));
        cells.map_err(|fault| fault.of(format!("{}: column \"{name}\"", path.display())))
    };
    let columns: Vec<Outcome<Column>> =
        frame.columns().par_iter().zip(schema).zip(frame.names()).map(retyped).collect();
    let columns = columns.into_iter().collect::<Outcome<_>>()?;
    Frame::new(frame.rows(), columns)?.named(frame.names().to_vec())
}

/// Integers that became floating point have to be the same numbers.
fn same_integers(integers: &Column, cells: Column) -> Outcome<Column> {
    let is_integer = matches!(integers.kind(), ColumnType::Int32 | ColumnType::Int64);
    if !is_integer || !matches!(cells.kind(), ColumnType::Fp32 | ColumnType::Fp64) {
        return Ok(cells);
    }
    let is_other = |at: &usize| match (integers.cell(*at), cells.cell(*at)) {
        (Cell::Integer(integer), Cell::Double(double)) => double as i128 != i128::from(integer),
        _ => false,
    };
    match (0..cells.len()).find(is_other) {
        Some(at) => {
            bail!(Value, "row {} is {}, which {} rounds", at + 1, integers.cell(at), cells.kind(); hint: "`schema` may say INT64 or STRING there")
        }
        None => Ok(cells),
    }
}

fn no_frames<T>(format: &Format) -> Outcome<T> {
    let names = names(|format| format.read_frame.is_some());
    bail!(Argument, "{} files hold matrices, not frames", format.name; hint: "frames are in files of {names}")
}

/// Writes a frame to `path`, and its metadata to `<path>.mtd`.
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_frame(path: &Path, frame: &Frame, options: &WriteOptions) -> Outcome<()> {
    let (format, options) = settle(path, options)?;
    let Some(writer) = format.write_frame else { return no_frames(format) };
    if options.append {
        return binary_file::append_frame(path, frame, format, &options);
    }
    let mut draft = Draft::create(path)?;
    writer(&mut draft, frame, &options)?;
    let metadata =
        format.describe.map(|describe| metadata::of_frame(frame, format, describe(&options), &options));
    publish(draft, path, metadata)
}
