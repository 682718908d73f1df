//! Files in parts, for formats whose files are complete by themselves: the rows of the parts follow each other.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail};
use tilewright_frame::{Frame, bind};
use tilewright_matrix::Dense;
use tilewright_matrix::bind::{rbind_dense, rbind_sparse};
use tilewright_value::Block;

use crate::by_name::{self, Names};
use crate::format::Counted;
use crate::parts::Parts;

fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(match Parts::of(path)? {
        Parts::File => vec![path.to_path_buf()],
        Parts::Folder(files) | Parts::Matches(files) => files,
    })
}

/// As [`matrix`], of files whose columns have names, which are matched.
///
/// # Errors
/// When a part cannot be read, or has other columns than the first.
pub fn named_matrix(path: &Path, read: impl Fn(&Path) -> Outcome<(Vec<String>, Dense)>) -> Outcome<Counted> {
    let first: OnceCell<(PathBuf, Vec<String>)> = OnceCell::new();
    matrix(path, |file| {
        let (names, cells) = read(file)?;
        let (path, wanted) = first.get_or_init(|| (file.to_path_buf(), names.clone()));
        if names.len() != wanted.len() {
            // That is told for all formats in the same way.
            return Ok(Block::Dense(cells));
        }
        let order = Names { path: file, names: &names }.order(&Names { path, names: wanted })?;
        Ok(Block::Dense(match order {
            Some(order) => columns(&cells, &order),
            None => cells,
        }))
    })
}

/// Columns of a matrix, in the order of their places.
fn columns(cells: &Dense, places: &[usize]) -> Dense {
    let mut ordered = Dense::unset(cells.rows(), places.len());
    for i in 0..cells.rows() {
        let row = cells.row(i);
        ordered.row_mut(i).iter_mut().zip(places).for_each(|(cell, place)| *cell = row[*place]);
    }
    ordered
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

/// The frame in a file, or in the files of a folder or pattern; columns are matched by
/// their names and stand in the order of the first part, and a column has the type that holds the cells of all parts.
///
/// # Errors
/// When a part cannot be read, or has other columns than the first.
pub fn frame(path: &Path, read: impl Fn(&Path) -> Outcome<Frame>) -> Outcome<Frame> {
    let files = files(path)?;
    let mut frames = files.iter().map(|file| read(file)).collect::<Outcome<Vec<_>>>()?;
    if frames.len() == 1 {
        return Ok(frames.remove(0));
    }
    same_columns(&files, frames.iter().map(Frame::cols))?;
    let wanted = frames[0].names().to_vec();
    let wanted = Names { path: &files[0], names: &wanted };
    let frames = files.iter().zip(frames).map(|(file, frame)| by_name::ordered(file, frame, &wanted));
    let frames = frames.collect::<Outcome<Vec<_>>>()?;
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
