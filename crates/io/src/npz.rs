//! NumPy's `.npz` format, a zip archive of arrays: sparse matrices of SciPy (CSR, CSC, COO), or one array.

use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_matrix::{Csr, Dense};
use tilewright_value::Block;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::coordinates;
use crate::format::Format;
use crate::npy::{Array, Bytes, header};
use crate::output::Draft;
use crate::pieces::{Pieces, Reader};
use crate::{guard, joined};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "npz",
    extensions: &["npz"],
    is_text: false,
    sniff: |extension, head| extension != "zip" && head.starts_with(b"PK\x03\x04") && has_array(head),
    peek: |_, _| Ok(()),
    read_matrix: Some(|path, _, _| joined::matrix(path, |file| guard::malformed(file, || read_matrix(file)))),
    write_matrix: Some(|draft, block, _| write_matrix(draft, block)),
    read_frame: None,
    write_frame: None,
    read_arguments: &[],
    write_arguments: &[],
    describe: Some(|_| Vec::new()),
};

/// True when the first file of an archive is an array.
fn has_array(head: &[u8]) -> bool {
    let len = head.get(26..28).map_or(0, |len| usize::from(u16::from_le_bytes([len[0], len[1]])));
    head.get(30..30 + len).is_some_and(|name| name.ends_with(b".npy"))
}

/// An archive of arrays.
struct Archive<'a> {
    path: &'a Path,
    zip: ZipArchive<BufReader<Reader>>,
}

impl Archive<'_> {
    fn fault(&self, message: impl std::fmt::Display) -> Fault {
        fault!(File, "{}: {message}", self.path.display())
    }

    /// The names of the arrays.
    fn names(&self) -> Vec<String> {
        self.zip
            .file_names()
            .flatten()
            .filter_map(|name| name.strip_suffix(".npy").map(String::from))
            .collect()
    }

    fn bytes(&mut self, name: &str) -> Outcome<Vec<u8>> {
        let path = self.path;
        let wrong = |error: &dyn std::fmt::Display| {
            fault!(File, "{}: the array \"{name}\" is malformed: {error}", path.display())
        };
        let mut file = match self.zip.by_name(&format!("{name}.npy")) {
            Ok(file) => file,
            Err(ZipError::FileNotFound) => {
                bail!(File, "{}: the sparse matrix has no array \"{name}\"", path.display())
            }
            Err(error) => return Err(wrong(&error)),
        };
        let mut bytes = Vec::new();
        // What the archive says of the size is not believed.
        file.read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
        Ok(bytes)
    }

    fn with<T>(&mut self, name: &str, use_it: impl FnOnce(&Array<'_>) -> Outcome<T>) -> Outcome<T> {
        let place = format!("{}: array \"{name}\"", self.path.display());
        let bytes = self.bytes(name)?;
        use_it(&Array::open(Bytes::Memory(&bytes), &place)?)
    }

    fn numbers(&mut self, name: &str) -> Outcome<Dense> {
        self.with(name, |array| array.dense())
    }

    /// Numbers that count: none is negative or has a fraction.
    fn counts(&mut self, name: &str) -> Outcome<Vec<usize>> {
        let numbers = self.numbers(name)?;
        let is_count = |value: &f64| *value >= 0.0 && value.fract() == 0.0 && *value < 2f64.powi(53);
        if !numbers.cells().iter().all(is_count) {
            return Err(self.fault(format!("the array \"{name}\" holds something else than indices")));
        }
        Ok(numbers.cells().iter().map(|value| *value as usize).collect())
    }
}

fn read_matrix(path: &Path) -> Outcome<Block> {
    let file = Reader::new(Pieces::open(path)?);
    let zip = ZipArchive::new(BufReader::new(file))
        .map_err(|error| fault!(File, "{} is not an archive of arrays: {error}", path.display()))?;
    let mut archive = Archive { path, zip };
    let names = archive.names();
    match &names[..] {
        _ if names.iter().any(|name| name == "format") => read_sparse(&mut archive).map(Block::Sparse),
        [only] => archive.numbers(only).map(Block::Dense),
        [] => bail!(File, "{} holds no array", path.display()),
        _ => {
            let name = path.display();
            bail!(File, "{name} holds {} arrays ({}), and `read` reads one", names.len(), names.join(", "); hint: "save each with `numpy.save` in a file of its own")
        }
    }
}

fn read_sparse(archive: &mut Archive<'_>) -> Outcome<Csr> {
    let format = archive.with("format", |array| Ok(array.text()))?.unwrap_or_default();
    let [rows, cols] = archive.counts("shape")?[..] else {
        return Err(archive.fault("the sparse array has another number of dimensions than two"));
    };
    if !["csr", "csc", "coo"].contains(&&*format) {
        bail!(Unsupported, "{}: sparse matrices of SciPy's format \"{format}\" are not read", archive.path.display(); hint: "save it with `save_npz(path, a.tocsr())`");
    }
    let values = archive.numbers("data")?.cells().to_vec();
    let assembled = match &*format {
        "csr" => {
            coordinates::of_rows(rows, cols, archive.counts("indptr")?, &archive.counts("indices")?, values)
        }
        "csc" => {
            let (starts, indices) = (archive.counts("indptr")?, archive.counts("indices")?);
            coordinates::of_columns(rows, cols, starts, &indices, values)
        }
        _ => coordinates::of_cells(rows, cols, &archive.counts("row")?, &archive.counts("col")?, &values),
    };
    assembled.map_err(|message| archive.fault(message))
}

/// Writes the arrays of SciPy's `csr_matrix`, indices in 32 bits where they fit.
fn write_matrix(draft: &mut Draft, block: &Block) -> Outcome<()> {
    let mut file = Quiet { draft, failure: None };
    let written = write_arrays(&mut file, block);
    match file.failure {
        Some(error) => bail!(File, "{error}"),
        None => written.map_err(|error| fault!(File, "cannot write an archive of arrays: {error}")),
    }
}

/// A file whose first failure is kept, and which then takes what comes: a library that cannot complete an archive
/// complains on the standard error.
struct Quiet<'a> {
    draft: &'a mut Draft,
    failure: Option<io::Error>,
}

impl Quiet<'_> {
    fn attempt<T>(&mut self, or: T, act: impl FnOnce(&mut Draft) -> io::Result<T>) -> io::Result<T> {
        if self.failure.is_some() {
            return Ok(or);
        }
        act(self.draft).map_err(|error| {
            let kind = error.kind();
            self.failure = Some(error);
            kind.into()
        })
    }
}

impl Write for Quiet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attempt(bytes.len(), |draft| draft.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt((), Draft::flush)
    }
}

impl Seek for Quiet<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.attempt(0, |draft| draft.seek(to))
    }
}

fn write_arrays(file: &mut Quiet<'_>, block: &Block) -> Result<(), ZipError> {
    let csr = block.sparse();
    let shape = [csr.rows() as i64, csr.cols() as i64];
    let mut zip = ZipWriter::new(file);
    if csr.nnz().max(csr.cols()) <= i32::MAX as usize {
        let indices: Vec<i32> = csr.col().iter().map(|column| *column as i32).collect();
        let starts: Vec<i32> = csr.row_ptr().iter().map(|start| *start as i32).collect();
        add(&mut zip, "indices", (b'i', 4), &[indices.len()], bytemuck::cast_slice(&indices))?;
        add(&mut zip, "indptr", (b'i', 4), &[starts.len()], bytemuck::cast_slice(&starts))?;
    } else {
        let indices: Vec<i64> = csr.col().iter().map(|column| i64::from(*column)).collect();
        let starts: Vec<i64> = csr.row_ptr().iter().map(|start| *start as i64).collect();
        add(&mut zip, "indices", (b'i', 8), &[indices.len()], bytemuck::cast_slice(&indices))?;
        add(&mut zip, "indptr", (b'i', 8), &[starts.len()], bytemuck::cast_slice(&starts))?;
    }
    add(&mut zip, "format", (b'S', 3), &[], b"csr")?;
    add(&mut zip, "shape", (b'i', 8), &[2], bytemuck::cast_slice(&shape))?;
    add(&mut zip, "data", (b'f', 8), &[csr.nnz()], bytemuck::cast_slice(csr.val()))?;
    zip.finish().map(drop)
}

/// Adds an array that is not compressed.
fn add(
    zip: &mut ZipWriter<&mut Quiet<'_>>,
    name: &str,
    (kind, size): (u8, usize),
    shape: &[usize],
    cells: &[u8],
) -> Result<(), ZipError> {
    const LARGE: usize = u32::MAX as usize - 1024;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(cells.len() > LARGE);
    zip.start_file(format!("{name}.npy"), options)?;
    zip.write_all(&header(kind, size, shape).encode())?;
    Ok(zip.write_all(cells)?)
}
