//! Reading and writing frames: the format of a file, then its reader, then whether the file is as it was said to be.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, ColumnType, Frame};

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
    Ok(ReadFrame { frame, warnings })
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
