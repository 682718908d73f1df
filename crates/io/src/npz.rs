//! NumPy's `.npz` format, a zip archive of arrays: sparse matrices of SciPy (CSR, CSC, COO), or one array.

use std::io::{BufReader, Read, Write};
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
    let values = archive.numbers("data")?.cells().to_vec();
    let assembled = match &*format {
        "csr" => {
            coordinates::of_rows(rows, cols, archive.counts("indptr")?, &archive.counts("indices")?, values)
        }
        "csc" => {
            let (starts, indices) = (archive.counts("indptr")?, archive.counts("indices")?);
            coordinates::of_columns(rows, cols, starts, &indices, values)
        }
        "coo" => coordinates::of_cells(rows, cols, &archive.counts("row")?, &archive.counts("col")?, &values),
        other => {
            bail!(Unsupported, "{}: sparse matrices of SciPy's format \"{other}\" are not read", archive.path.display(); hint: "save it with `save_npz(path, a.tocsr())`")
        }
    };
    assembled.map_err(|message| archive.fault(message))
}

/// Writes the arrays of SciPy's `csr_matrix`, indices in 32 bits where they fit.
fn write_matrix(draft: &mut Draft, block: &Block) -> Outcome<()> {
    let csr = block.sparse();
    let shape = [csr.rows() as i64, csr.cols() as i64];
    let mut zip = ZipWriter::new(draft);
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
    zip.finish().map(drop).map_err(cannot)
}

/// Adds an array that is not compressed.
fn add(
    zip: &mut ZipWriter<&mut Draft>,
    name: &str,
    (kind, size): (u8, usize),
    shape: &[usize],
    cells: &[u8],
) -> Outcome<()> {
    const LARGE: usize = u32::MAX as usize - 1024;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(cells.len() > LARGE);
    zip.start_file(format!("{name}.npy"), options).map_err(cannot)?;
    let written = zip.write_all(&header(kind, size, shape).encode()).and_then(|()| zip.write_all(cells));
    written.map_err(|error| cannot(ZipError::Io(error)))
}

fn cannot(error: ZipError) -> Fault {
    fault!(File, "cannot write an archive of arrays: {error}")
}
