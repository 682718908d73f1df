//! Reading and writing frames: the format of a file, then its reader, then whether the file is as it was said to be.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, ColumnType, Frame};

use crate::metadata::{self, DataType, declared, usual_separator};
use crate::options::{Format, ReadOptions, WriteOptions};
use crate::output::Draft;
use crate::read::{check_shape, format};
use crate::source::Source;
use crate::write::{publish, usual_format};
use crate::{frame_csv, frame_text};

/// Reads the frame at `path`.
///
/// # Errors
/// When the file is missing, malformed or not as its metadata and `options` say.
pub fn read_frame(path: &Path, options: &ReadOptions) -> Outcome<Frame> {
    let known = declared(path, options)?;
    if matches!(known.data_type, DataType::Scalar | DataType::List) {
        bail!(Type, "{} holds no frame, says its .mtd file", path.display(); hint: "`data_type=` in `read` says what to read");
    }
    let format = format(path, &known)?;
    let source = Source::load(path)?;
    let schema = known.schema.as_deref();
    let frame = match format {
        Format::Csv => frame_csv::parse(&source, &known.csv_layout(path), schema)?,
        Format::Text => frame_text::parse(&source, known.rows, known.cols, schema)?,
        Format::MatrixMarket => return no_matrix_market(),
    };
    // No cell says how wide the rows of an empty file are, so metadata or the script has to.
    let frame = match known.cols {
        Some(cols) if (frame.rows(), frame.cols()) == (0, 0) => {
            Frame::filled(&Cell::Missing, 0, &vec![ColumnType::String; cols])?
        }
        _ => frame,
    };
    check_shape((frame.rows(), frame.cols()), path, options, &known)?;
    Ok(frame)
}

fn no_matrix_market<T>() -> Outcome<T> {
    bail!(Argument, "Matrix Market files hold matrices, not frames"; hint: "`format=\"csv\"` or `format=\"text\"`")
}

/// Writes a frame to `path`, and its metadata to `<path>.mtd`.
///
/// # Errors
/// When the file cannot be written; an older file at `path` is then still whole.
pub fn write_frame(path: &Path, frame: &Frame, options: &WriteOptions) -> Outcome<()> {
    let format = options.format.unwrap_or_else(|| usual_format(path));
    let separator = options.separator.as_deref().unwrap_or_else(|| usual_separator(path));
    if separator.is_empty() || separator.contains(['"', '\n', '\r']) {
        bail!(Argument, "a separator of CSV cells has at least one character, and no quote or line end");
    }
    let mut draft = Draft::create(path)?;
    match format {
        Format::Csv => frame_csv::write(&mut draft, frame, separator, options.header)?,
        Format::Text => frame_text::write(&mut draft, frame)?,
        Format::MatrixMarket => return no_matrix_market(),
    }
    publish(draft, path, Some(metadata::of_frame(frame, format, separator, options)))
}
