//! What other crates read and write with: the functions of this crate, whose messages are without the secrets of links.

use std::path::Path;

use tilewright_base::Outcome;
use tilewright_frame::Frame;
use tilewright_value::{Block, List, Scalar, ScalarType};

use crate::frame_file::ReadFrame;
use crate::metadata::{DataType, Metadata};
use crate::options::{ReadOptions, WriteOptions};
use crate::read::Read;
use crate::remote::{hide_secrets, resolved, without_secrets};
use crate::{binary_file, frame_file, metadata as beside, read, write};

/// As [`read::read_matrix`].
///
/// # Errors
/// The same.
pub fn read_matrix(path: &Path, options: &ReadOptions) -> Outcome<Read> {
    let path = &*resolved(path)?;
    let Read { block, warnings } = without_secrets(path, read::read_matrix(path, options))?;
    Ok(Read { block, warnings: warnings.iter().map(|text| hide_secrets(path, text)).collect() })
}

/// As [`frame_file::read_frame`].
///
/// # Errors
/// The same.
pub fn read_frame(path: &Path, options: &ReadOptions) -> Outcome<ReadFrame> {
    let path = &*resolved(path)?;
    let ReadFrame { frame, warnings } = without_secrets(path, frame_file::read_frame(path, options))?;
    Ok(ReadFrame { frame, warnings: warnings.iter().map(|text| hide_secrets(path, text)).collect() })
}

/// As [`read::read_scalar`].
///
/// # Errors
/// The same.
pub fn read_scalar(path: &Path, value_type: ScalarType) -> Outcome<Scalar> {
    let path = &*resolved(path)?;
    without_secrets(path, read::read_scalar(path, value_type))
}

/// As [`binary_file::read_list`].
///
/// # Errors
/// The same.
pub fn read_list(path: &Path) -> Outcome<List> {
    let path = &*resolved(path)?;
    without_secrets(path, binary_file::read_list(path))
}

/// As [`metadata`](beside::metadata).
///
/// # Errors
/// The same.
pub fn metadata(path: &Path, options: &ReadOptions) -> Outcome<Option<Metadata>> {
    let path = &*resolved(path)?;
    without_secrets(path, beside::metadata(path, options))
}

/// As [`declared`](beside::declared).
///
/// # Errors
/// The same.
pub fn declared(path: &Path, options: &ReadOptions) -> Outcome<Metadata> {
    let path = &*resolved(path)?;
    without_secrets(path, beside::declared(path, options))
}

/// As [`data_type`](beside::data_type).
///
/// # Errors
/// The same.
pub fn data_type(path: &Path) -> Outcome<(DataType, Option<ScalarType>)> {
    let path = &*resolved(path)?;
    without_secrets(path, beside::data_type(path))
}

/// As [`write::write_matrix`].
///
/// # Errors
/// The same.
pub fn write_matrix(path: &Path, block: &Block, options: &WriteOptions) -> Outcome<()> {
    let path = &*resolved(path)?;
    without_secrets(path, write::write_matrix(path, block, options))
}

/// As [`frame_file::write_frame`].
///
/// # Errors
/// The same.
pub fn write_frame(path: &Path, frame: &Frame, options: &WriteOptions) -> Outcome<()> {
    let path = &*resolved(path)?;
    without_secrets(path, frame_file::write_frame(path, frame, options))
}

/// As [`write::write_scalar`].
///
/// # Errors
/// The same.
pub fn write_scalar(path: &Path, scalar: &Scalar, options: &WriteOptions) -> Outcome<()> {
    let path = &*resolved(path)?;
    without_secrets(path, write::write_scalar(path, scalar, options))
}

/// As [`binary_file::write_list`].
///
/// # Errors
/// The same.
pub fn write_list(path: &Path, list: &List, options: &WriteOptions) -> Outcome<()> {
    let path = &*resolved(path)?;
    without_secrets(path, binary_file::write_list(path, list, options))
}
