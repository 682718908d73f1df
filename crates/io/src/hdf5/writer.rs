//! Writing a data set of doubles: a header and the cells, or compressed chunks.

use hdf5_pure::{DatasetBuilder, Error, FileBuilder, FinishedGroup, GroupBuilder};
use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_matrix::Dense;
use tilewright_value::Block;

use super::header;
use crate::cells;
use crate::options::WriteOptions;
use crate::output::Draft;

/// The name of a data set that the script does not name.
const USUAL: &str = "X";

/// The cells of a chunk, about, and how hard they are compressed: 1 MiB, and as other programs do.
const CHUNK: usize = 1 << 17;
const LEVEL: u32 = 4;

/// Writes a matrix as the data set that the options name, compressed if they say so.
///
/// # Errors
/// When the name cannot be one, or the file cannot be written.
pub fn write_matrix(draft: &mut Draft, block: &Block, options: &WriteOptions) -> Outcome<()> {
    let names = names(options.data_set.as_deref().unwrap_or(USUAL))?;
    let is_empty = block.rows() == 0 || block.cols() == 0;
    if options.compress && !is_empty {
        return compressed(draft, &block.dense(), &names);
    }
    cells::append(draft, || header::encode(&names, block.rows(), block.cols()), block)
}

/// The names of groups, and that of the data set in them, in `/group/X`.
fn names(text: &str) -> Outcome<Vec<&str>> {
    let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
    if names.is_empty() || text.ends_with('/') || text.contains('\0') || names.contains(&".") {
        bail!(Argument, "`dataset` of `write` is \"{text}\""; hint: "it is the name of the matrix in the file: \"X\", or \"/group/X\"")
    }
    Ok(names)
}

fn compressed(draft: &mut Draft, dense: &Dense, names: &[&str]) -> Outcome<()> {
    let cols = dense.cols().min(CHUNK);
    let rows = (CHUNK / cols).clamp(1, dense.rows());
    let fill = |set: &mut DatasetBuilder| {
        set.with_f64_data(dense.cells())
            .with_shape(&[dense.rows() as u64, dense.cols() as u64])
            .with_chunks(&[rows as u64, cols as u64])
            .with_shuffle()
            .with_deflate(LEVEL);
    };
    let mut builder = FileBuilder::new();
    match names {
        [name] => fill(builder.create_dataset(name)),
        [group, inner @ ..] => {
            let group = builder.create_group(group);
            builder.add_group(group_with(group, inner, &fill));
        }
        [] => {}
    }
    builder.finish_to(draft).map_err(cannot)
}

fn group_with(mut group: GroupBuilder, names: &[&str], fill: &dyn Fn(&mut DatasetBuilder)) -> FinishedGroup {
    match names {
        [name] => fill(group.create_dataset(name)),
        [inner, names @ ..] => {
            let inner = group.create_group(inner);
            group.add_group(group_with(inner, names, fill));
        }
        [] => {}
    }
    group.finish()
}

fn cannot(error: Error) -> Fault {
    match error {
        // What a draft says names the file.
        Error::Io(error) => fault!(File, "{error}"),
        error => fault!(File, "cannot write an HDF5 file: {error}"),
    }
}
