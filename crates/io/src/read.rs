//! Reading: the format of a file, then its reader, then whether the file is as it was said to be.

use std::path::Path;

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail, fault};
use tilewright_value::{Block, Scalar, ScalarType};

use crate::binary_file;
use crate::format::{Counted, Format, names};
use crate::metadata::{DataType, Metadata, declared, mtd_path};
use crate::number;
use crate::options::ReadOptions;
use crate::source::Source;

/// A matrix read from a file.
#[derive(Debug)]
pub struct Read {
    /// The matrix, in the format of fewer bytes.
    pub block: Block,
    /// What the user should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Reads the matrix at `path`.
///
/// # Errors
/// When the file is missing, malformed or not as its metadata and `options` say.
pub fn read_matrix(path: &Path, options: &ReadOptions) -> Outcome<Read> {
    let known = declared(path, options)?;
    let what = match known.data_type {
        DataType::Matrix => "",
        DataType::Scalar => "a scalar",
        DataType::Frame => "a frame",
        DataType::List => "a list",
    };
    if !what.is_empty() {
        bail!(Type, "{} holds {what}, not a matrix, says its .mtd file", path.display(); hint: "`data_type=` in `read` says what to read");
    }
    let format = Format::of(path, &known)?;
    let Some(reader) = format.read_matrix else {
        let names = names(|format| format.read_matrix.is_some());
        bail!(Argument, "{} files hold frames, not matrices", format.name; hint: "matrices are read from {names}")
    };
    format.check_arguments("read", &options.given(), format.read_arguments)?;
    if options.schema.is_some() {
        bail!(Argument, "`schema` says the types of columns of frames, and {} is read as a matrix", path.display(); hint: "`data_type=\"frame\"` in `read` reads it as a frame");
    }
    let mut warnings = Vec::new();
    let Counted { block, nnz: found } = reader(path, &known, &mut warnings)?;
    check_shape((block.rows(), block.cols()), path, options, &known)?;
    let block = block.compact_counted(found);
    if let Some(nnz) = known.nnz.filter(|nnz| *nnz != found) {
        let (said, mtd) = (count(nnz, "non-zero"), mtd_path(path));
        warnings.push(match options.nnz {
            Some(_) => format!("the script says {said}, but {} has {found}", path.display()),
            None => format!("{} says {said}, but the file has {found}", mtd.display()),
        });
    }
    Ok(Read { block, warnings })
}

/// A wrong declaration never becomes a wrong shape.
///
/// # Errors
/// When the file has other sizes than declared.
pub fn check_shape(
    (rows, cols): (usize, usize),
    path: &Path,
    options: &ReadOptions,
    known: &Metadata,
) -> Outcome<()> {
    let sizes = [
        ("row", rows, known.rows, options.rows.is_some()),
        ("column", cols, known.cols, options.cols.is_some()),
    ];
    for (noun, found, said, by_script) in sizes {
        let Some(said) = said.filter(|said| *said != found) else { continue };
        let name = path.display();
        let who = if by_script { "the script".to_string() } else { mtd_path(path).display().to_string() };
        let fault = fault!(File, "{name} has {}, but {who} says {said}", count(found, noun));
        let header = noun == "row" && said == found + 1 && known.header == Some(true);
        return Err(if header {
            fault.hint("is there no header line? `header=FALSE` reads the first line")
        } else {
            fault
        });
    }
    Ok(())
}

/// Reads the scalar at `path`.
///
/// # Errors
/// When the file is missing or does not hold one scalar of the type.
pub fn read_scalar(path: &Path, value_type: ScalarType) -> Outcome<Scalar> {
    if binary_file::is_binary(path) {
        return binary_file::read_scalar(path, value_type);
    }
    let source = Source::load(path)?;
    let text = String::from_utf8_lossy(&source.bytes);
    let word = text.trim();
    let wrong = || {
        let shown: String = word.chars().take(40).collect();
        source.fault(0, format!("expected {}, found \"{shown}\"", value_type.describe()))
    };
    Ok(match value_type {
        ScalarType::String => match std::str::from_utf8(&source.bytes) {
            Ok(text) => Scalar::string(text.strip_suffix('\n').unwrap_or(text)),
            Err(error) => return Err(source.fault(error.valid_up_to(), "not UTF-8 text")),
        },
        ScalarType::Double => Scalar::Double(number::parse(word.as_bytes()).ok_or_else(wrong)?),
        ScalarType::Integer => Scalar::Integer(integer(word).ok_or_else(wrong)?),
        ScalarType::Boolean => match word.to_lowercase().as_str() {
            "true" | "1" => Scalar::Boolean(true),
            "false" | "0" => Scalar::Boolean(false),
            _ => return Err(wrong()),
        },
    })
}

/// An integer, also written as a double without a fraction.
fn integer(word: &str) -> Option<i64> {
    let from_double = || {
        let value = number::parse(word.as_bytes())?;
        (value.fract() == 0.0 && value.abs() < 2f64.powi(63)).then_some(value as i64)
    };
    word.parse().ok().or_else(from_double)
}
