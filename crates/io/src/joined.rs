//! Files in parts, for formats whose files are complete by themselves: the rows of the parts follow each other.

use std::path::{Path, PathBuf};

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::{Frame, bind};
use tilewright_matrix::bind::{rbind_dense, rbind_sparse};
use tilewright_value::Block;

use crate::format::Counted;
use crate::parts::Parts;

fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(match Parts::of(path)? {
        Parts::File => vec![path.to_path_buf()],
        Parts::Folder(files) | Parts::Matches(files) => files,
    })
}

/// The matrix in a file, or in the files of a folder or pattern.
///
/// # Errors
/// When a part cannot be read, or has another number of columns than the first.
pub fn matrix<M: Into<Counted>>(path: &Path, read: impl Fn(&Path) -> Outcome<M>) -> Outcome<Counted> {
    let files = files(path)?;
    let read = |file: &PathBuf| read(file).map(Into::into);
    let mut parts = files.iter().map(read).collect::<Outcome<Vec<Counted>>>()?;
    if parts.len() == 1 {
        return Ok(parts.remove(0));
    }
    same_columns(&files, parts.iter().map(|part| part.block.cols()))?;
    let nnz = parts.iter().map(|part| part.nnz).sum();
    Ok(Counted { block: rbind(parts.iter().map(|part| &part.block)), nnz })
}

fn rbind<'a>(blocks: impl Iterator<Item = &'a Block> + Clone) -> Block {
    if blocks.clone().all(|block| matches!(block, Block::Sparse(_))) {
        let parts: Vec<_> = blocks.map(Block::sparse).collect();
        return Block::Sparse(rbind_sparse(&parts.iter().map(|part| &**part).collect::<Vec<_>>()));
    }
    let parts: Vec<_> = blocks.map(Block::dense).collect();
    Block::Dense(rbind_dense(&parts.iter().map(|part| &**part).collect::<Vec<_>>()))
}

/// The frame in a file, or in the files of a folder or pattern; names are those of the first part, and a column has the
/// type that holds the cells of all parts.
///
/// # Errors
/// When a part cannot be read, or has another number of columns than the first.
pub fn frame(path: &Path, read: impl Fn(&Path) -> Outcome<Frame>) -> Outcome<Frame> {
    let files = files(path)?;
    let mut frames = files.iter().map(|file| read(file)).collect::<Outcome<Vec<_>>>()?;
    if frames.len() == 1 {
        return Ok(frames.remove(0));
    }
    same_columns(&files, frames.iter().map(Frame::cols))?;
    bind::rbind(&frames.iter().collect::<Vec<_>>())
}

/// The rows and columns of a file, or of the files of a folder or pattern.
///
/// # Errors
/// When a part cannot be read, or has another number of columns than the first.
pub fn size(path: &Path, size: impl Fn(&Path) -> Outcome<(usize, usize)>) -> Outcome<(usize, usize)> {
    let files = files(path)?;
    let sizes = files.iter().map(|file| size(file)).collect::<Outcome<Vec<_>>>()?;
    same_columns(&files, sizes.iter().map(|(_, cols)| *cols))?;
    let rows = sizes.iter().fold(0, |sum: usize, (rows, _)| sum.saturating_add(*rows));
    Ok((rows, sizes.first().map_or(0, |(_, cols)| *cols)))
}

fn same_columns(files: &[PathBuf], cols: impl Iterator<Item = usize>) -> Outcome<()> {
    let cols: Vec<usize> = cols.collect();
    if let Some(at) = cols.iter().position(|other| *other != cols[0]) {
        let (own, first) = (count(cols[at], "column"), count(cols[0], "column"));
        bail!(Shape, "{} has {own}, and {} has {first}", files[at].display(), files[0].display());
    }
    Ok(())
}
