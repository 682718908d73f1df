//! Data sets of HDF5 files: which one is meant, its size, and what its cells are.

use std::path::Path;
use std::sync::Arc;

use hdf5_pure::{
    ChunkCacheConfig, ChunkIndex, Dataset, Error, File, FileAccessProperties, FormatError, Group, Layout,
    MetadataCacheConfig, Source,
};
use tilewright_base::number::count;
use tilewright_base::{Fault, Outcome, bail, nearest};

use super::datatype::cell_type;
use crate::cells::CellType;
use crate::pieces::Pieces;

/// The data sets of a file that are looked at, and how deep its groups may lie in each other; a group may be in itself.
const MOST: usize = 10_000;
const DEEPEST: usize = 32;

/// The data sets that messages name.
const TOLD: usize = 20;

/// The bytes of cells for a byte of the file, at most, and how many are always believed: deflate makes 1032 of one.
const BELIEVED: u64 = 1032;
const SMALL: u64 = 16 << 20;

/// The bytes of a file, for the library.
struct Bytes(Arc<Pieces>);

impl Source for Bytes {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> Result<(), FormatError> {
        self.0.read(offset, out).map_err(|fault| FormatError::Source(fault.message().to_string()))
    }
}

/// A data set of numbers.
pub struct DataSet {
    /// Its file.
    pub file: Arc<Pieces>,
    /// What the library knows of it.
    pub found: Dataset,
    /// Where it is in the file: `/group/X`.
    pub name: String,
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// What its cells are.
    pub cell: CellType,
    /// Where they stand.
    pub layout: Layout,
}

impl DataSet {
    /// The data set of that name, or the only one that is a matrix.
    ///
    /// # Errors
    /// When there is none, or several without a name, or it is no matrix of numbers, or the file is malformed.
    pub fn open(path: &Path, name: Option<&str>) -> Outcome<DataSet> {
        let pieces = Arc::new(Pieces::open(path)?);
        let options = FileAccessProperties::new()
            .with_metadata_cache(MetadataCacheConfig::new(1 << 20))
            .with_chunk_cache(ChunkCacheConfig::new().with_max_bytes(0));
        let file = File::from_source_with_options(Bytes(Arc::clone(&pieces)), options)
            .map_err(|error| wrong(&pieces, &error))?;
        match name {
            Some(name) => named(&pieces, &file, name),
            None => only(&pieces, &file),
        }
    }

    /// A fault of this data set.
    pub fn fault(&self, message: impl std::fmt::Display) -> Fault {
        self.file.fault(format!("data set \"{}\": {message}", self.name))
    }

    fn of(file: &Arc<Pieces>, name: String, found: Dataset) -> Outcome<DataSet> {
        let told = |why: String| file.fault(format!("data set \"{name}\" {why}"));
        let shape = found.shape().map_err(|error| wrong(file, &error))?;
        let (rows, cols) = rows_and_cols(&shape).map_err(told)?;
        let datatype = found.datatype().map_err(|error| wrong(file, &error))?;
        let cell = cell_type(&datatype).map_err(told)?;
        let layout = found.layout().map_err(|error| wrong(file, &error))?;
        let set = DataSet { file: Arc::clone(file), found, name, rows, cols, cell, layout };
        set.check_size()?;
        Ok(set)
    }

    /// No memory is taken for cells that the file cannot hold.
    fn check_size(&self) -> Outcome<()> {
        let (rows, cols) = (self.rows as u64, self.cols as u64);
        let bytes = rows.checked_mul(cols).and_then(|cells| cells.checked_mul(self.cell.bytes as u64));
        let len = self.file.len();
        let most = match &self.layout {
            Layout::Compact { size } => *size,
            Layout::Contiguous { address: Some(at), size } => (*size).min(len.saturating_sub(*at)),
            Layout::Contiguous { size: 0, .. } => 0,
            Layout::Chunked { index: ChunkIndex::Implicit, .. } => len,
            Layout::Virtual => return Err(self.fault("it is a view of data sets in other files")),
            _ => len.saturating_mul(BELIEVED).max(SMALL),
        };
        if most == 0 && bytes == Some(self.cell.bytes as u64) {
            return Err(self.fault("it has no cells, and no shape"));
        }
        if bytes.is_none_or(|bytes| bytes > most) {
            let size = format!("{rows}x{cols} cells of {}", count(self.cell.bytes, "byte"));
            return Err(self.fault(format!(
                "it says that it has {size}, more than the {len} bytes of the file can hold"
            )));
        }
        Ok(())
    }
}

/// What the library says of a file.
pub fn wrong(file: &Pieces, error: &Error) -> Fault {
    match error {
        Error::FileMarkedInUse(_) => file
            .fault("another program is writing it, or ended without closing it")
            .hint("close it there; `h5clear -s` removes the mark"),
        Error::Format(FormatError::InvalidLayoutVersion(version)) if *version > 4 => file
            .fault("its chunks are in the form of HDF5 2.0, which is not read")
            .hint("write it for older versions: `h5py.File(path, \"w\", libver=\"earliest\")`"),
        error => file.fault(format!("a malformed HDF5 file, or one that is not read: {error}")),
    }
}

fn named(file: &Arc<Pieces>, opened: &File, name: &str) -> Outcome<DataSet> {
    match opened.dataset(name) {
        Ok(found) => DataSet::of(file, name.to_string(), found),
        Err(Error::NotADataset(_) | Error::NotAGroup(_) | Error::Format(FormatError::PathNotFound(_))) => {
            let names: Vec<String> = all(file, opened)?.into_iter().map(|(name, _)| name).collect();
            let sought = format!("/{}", name.trim_start_matches('/'));
            let fault = file.fault(format!("there is no data set \"{name}\""));
            Err(match nearest(&sought, names.iter().map(String::as_str)) {
                Some(meant) => fault.hint(format!("did you mean \"{meant}\"?")),
                None if names.is_empty() => fault.hint("the file has none"),
                None => fault.hint(format!("the file has {}", listed(&names))),
            })
        }
        Err(error) => Err(wrong(file, &error)),
    }
}

fn only(file: &Arc<Pieces>, opened: &File) -> Outcome<DataSet> {
    let (mut matrices, mut others) = (Vec::new(), Vec::new());
    for (name, found) in all(file, opened)? {
        match DataSet::of(file, name, found) {
            Ok(set) => matrices.push(set),
            Err(fault) => others.push(fault),
        }
    }
    if matrices.len() > 1 {
        let names: Vec<String> =
            matrices.iter().map(|set| format!("\"{}\" ({}x{})", set.name, set.rows, set.cols)).collect();
        let hint = format!("say which: `read(..., dataset = \"{}\")`", matrices[0].name);
        bail!(File, "{} holds {} matrices, and `read` reads one: {}", file.path.display(), names.len(), listed(&names); hint: "{hint}")
    }
    match (matrices.pop(), others.len()) {
        (Some(only), _) => Ok(only),
        (None, 0) => bail!(File, "{} holds no data set", file.path.display()),
        (None, 1) => Err(others.remove(0)),
        (None, sets) => {
            let first = others.remove(0);
            bail!(File, "none of the {sets} data sets is a matrix of numbers; {first}")
        }
    }
}

/// The first names of a list.
fn listed(names: &[String]) -> String {
    let more = names.len().saturating_sub(TOLD);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// All data sets of a file with their names.
fn all(file: &Pieces, opened: &File) -> Outcome<Vec<(String, Dataset)>> {
    let mut sets = Vec::new();
    collect(file, &opened.root(), "", DEEPEST, &mut sets)?;
    Ok(sets)
}

fn collect(
    file: &Pieces,
    group: &Group,
    above: &str,
    depth: usize,
    sets: &mut Vec<(String, Dataset)>,
) -> Outcome<()> {
    let named = |name: String| format!("{above}/{name}");
    let hint = "a data set that is named is read nevertheless: `dataset=`";
    // The library does not list groups of the oldest version that have soft links.
    let unlisted = |error| wrong(file, &error).hint(hint);
    for (name, set) in group.iter_datasets().map_err(unlisted)? {
        sets.push((named(name), set));
    }
    for (name, inner) in group.iter_groups().map_err(unlisted)? {
        if depth == 0 || sets.len() > MOST {
            return Err(file.fault("too many data sets, or groups that contain themselves").hint(hint));
        }
        collect(file, &inner, &named(name), depth - 1, sets)?;
    }
    Ok(())
}

/// Rows and columns of a shape; the message says what it is instead.
fn rows_and_cols(shape: &[u64]) -> Result<(usize, usize), String> {
    let (rows, cols) = match *shape {
        [] => (1, 1),
        [rows] => (rows, 1),
        [rows, cols] => (rows, cols),
        _ => {
            let sizes: Vec<String> = shape.iter().map(u64::to_string).collect();
            return Err(format!(
                "has {} dimensions ({}), and a matrix has two",
                sizes.len(),
                sizes.join("x")
            ));
        }
    };
    let sizes = (usize::try_from(rows), usize::try_from(cols));
    let (Ok(rows), Ok(cols)) = sizes else { return Err(format!("has {rows}x{cols} cells")) };
    Ok((rows, cols))
}
