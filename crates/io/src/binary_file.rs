//! Our own format as a row of the table of formats.

use std::path::Path;

use tilewright_base::{Outcome, bail};
use tilewright_frame::Frame;
use tilewright_value::{Block, List, Scalar, ScalarType, Value};

use crate::binary::directory::Node;
use crate::binary::{self, Contents, head};
use crate::format::{Counted, Format};
use crate::frame_file::write_frame;
use crate::metadata::{self, DataType, Metadata};
use crate::options::WriteOptions;
use crate::output::Draft;
use crate::pieces::Pieces;
use crate::remote::{is_remote, may_be_file};
use crate::write::{publish, remove_metadata, write_matrix};
use crate::{endings, joined};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "binary",
    extensions: &["tw"],
    is_text: false,
    sniff: |_, bytes| bytes.starts_with(head::MAGIC),
    peek,
    read_matrix: Some(|path, _, _| joined::matrix(path, read_matrix)),
    write_matrix: Some(|draft, block, options| {
        binary::write(draft, Contents::Matrix(block, false), options.compress)
    }),
    read_frame: Some(|path, _, _| joined::frame(path, read_frame)),
    write_frame: Some(|draft, frame, options| binary::write(draft, Contents::Frame(frame), options.compress)),
    read_arguments: &[],
    write_arguments: &["compress"],
    describe: Some(|_| Vec::new()),
};

fn peek(path: &Path, known: &mut Metadata) -> Outcome<()> {
    if !may_be_file(path) {
        return Ok(());
    }
    match binary::describe(path)? {
        Node::Matrix(matrix) => {
            known.rows.get_or_insert(matrix.rows);
            known.cols.get_or_insert(matrix.cols);
            known.nnz.get_or_insert(matrix.nnz());
        }
        Node::Frame(frame) => {
            known.data_type = DataType::Frame;
            known.rows.get_or_insert(frame.rows);
            known.cols.get_or_insert(frame.fields.len());
            known.schema.get_or_insert_with(|| frame.fields.iter().map(|(_, kind)| *kind).collect());
        }
        Node::Scalar(scalar) => {
            known.data_type = DataType::Scalar;
            known.value_type = Some(scalar.kind());
        }
        Node::List(_) => known.data_type = DataType::List,
    }
    Ok(())
}

fn read_matrix(path: &Path) -> Outcome<Counted> {
    match binary::read_matrix(path)? {
        Some(counted) => Ok(counted),
        None => wrong(path, &binary::read(path)?, "matrix"),
    }
}

fn read_frame(path: &Path) -> Outcome<Frame> {
    match binary::read(path)? {
        Value::Frame(frame) => Ok(frame),
        other => wrong(path, &other, "frame"),
    }
}

/// True when the file at `path` is of our own format, by its first bytes.
pub fn is_binary(path: &Path) -> bool {
    // Elsewhere each look is a request, so the ending of the name is believed.
    if is_remote(path) && Format::promised(path).is_some_and(|format| *format != FORMAT) {
        return false;
    }
    let mut start = [0; head::MAGIC.len()];
    Pieces::open(path).is_ok_and(|file| file.read_raw(0, &mut start).is_ok()) && start == *head::MAGIC
}

/// Reads a scalar; numbers and truth values are read as doubles too.
///
/// # Errors
/// When the file does not hold one scalar of the type.
pub fn read_scalar(path: &Path, kind: ScalarType) -> Outcome<Scalar> {
    match binary::read(path)? {
        Value::Scalar(scalar) if scalar.kind() == kind => Ok(scalar),
        Value::Scalar(scalar) if kind == ScalarType::Double => scalar.as_double().map(Scalar::Double),
        other => wrong(path, &other, kind.name()),
    }
}

/// Reads a list.
///
/// # Errors
/// When the file is not of our own format, or holds something else.
pub fn read_list(path: &Path) -> Outcome<List> {
    match binary::read(path)? {
        Value::List(list) => Ok(list),
        other => wrong(path, &other, "list"),
    }
}

/// Writes a list with all its values to one file, and its metadata to `<path>.mtd`.
///
/// # Errors
/// When another format is asked for, or the file cannot be written; an older file at `path` is then still whole.
pub fn write_list(path: &Path, list: &List, options: &WriteOptions) -> Outcome<()> {
    endings::check_compression(path)?;
    let said = options.format.or_else(|| Format::promised(path));
    if said.is_none() {
        endings::check_format(path, "binary")?;
    }
    if let Some(other) = said.filter(|format| **format != FORMAT) {
        bail!(Argument, "{} files hold no lists", other.name; hint: "`format=\"binary\"` or a name that ends in .tw");
    }
    check_no_rows(path, "a list", options)?;
    let mut draft = Draft::create(path)?;
    binary::write(&mut draft, Contents::List(list), options.compress)?;
    publish(draft, path, Some(metadata::of_list(&FORMAT, options)))
}

/// Refuses to add rows of a value that has none.
///
/// # Errors
/// When `options` ask for it.
pub fn check_no_rows(path: &Path, value: &str, options: &WriteOptions) -> Outcome<()> {
    if options.append {
        bail!(Argument, "`append=TRUE` adds rows, and {value} has none; {} stays as it is", path.display(); hint: "matrices and frames are appended; without `append=TRUE` the file is replaced");
    }
    Ok(())
}

/// Adds the rows of a matrix to the matrix at `path`, or makes the file; the metadata beside it follows.
///
/// # Errors
/// When the format has no such thing, the file holds something else, or it cannot be written.
pub fn append_matrix(path: &Path, block: &Block, format: &Format, options: &WriteOptions) -> Outcome<()> {
    append(path, &Contents::Matrix(block, false), format, options, |path, options| {
        write_matrix(path, block, options)
    })
}

/// As [`append_matrix`], for frames.
///
/// # Errors
/// As there.
pub fn append_frame(path: &Path, frame: &Frame, format: &Format, options: &WriteOptions) -> Outcome<()> {
    append(path, &Contents::Frame(frame), format, options, |path, options| write_frame(path, frame, options))
}

fn append(
    path: &Path,
    contents: &Contents<'_>,
    format: &Format,
    options: &WriteOptions,
    write_anew: impl FnOnce(&Path, &WriteOptions) -> Outcome<()>,
) -> Outcome<()> {
    if *format != FORMAT {
        bail!(Argument, "rows are not appended to {} files", format.name; hint: "`format=\"binary\"` or a name that ends in .tw");
    }
    if is_remote(path) {
        bail!(Unsupported, "rows are not appended to {}: what is stored there is replaced as a whole", path.display(); hint: "write the rows to another file of the same folder, and read the folder");
    }
    if !path.exists() {
        return write_anew(path, &WriteOptions { append: false, ..options.clone() });
    }
    binary::append::append(path, contents, options.compress)?;
    // The file itself says what it holds now; what stood beside it says what it held.
    remove_metadata(path)
}

fn wrong<T>(path: &Path, value: &Value, wanted: &str) -> Outcome<T> {
    bail!(Type, "{} holds {}, not a {wanted}", path.display(), value.describe(); hint: "`data_type=` in `read` says what to read")
}
