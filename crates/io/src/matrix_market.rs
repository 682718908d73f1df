//! The Matrix Market exchange format (Boisvert, Pozo, Remington 1996): a banner, comments, a size line, then cells
//! by coordinates, or all cells column by column.

use std::path::Path;

use tilewright_base::{Outcome, bail, number::count};
use tilewright_matrix::{Csr, Dense};
use tilewright_value::Block;

use crate::format::Format;
use crate::large_text::{LARGE, LargeText};
use crate::lines::{self, Lines};
use crate::metadata::Metadata;
use crate::number;
use crate::output::Draft;
use crate::parts::Parts;
use crate::source::{self, Source};
use crate::triples::{self, Repeated, Shape, Symmetry};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "mm",
    extensions: &["mtx", "mm"],
    is_text: true,
    sniff: |_, head| head.starts_with(BANNER),
    peek: |path, known| {
        let head = head(&Source::of(path, source::head(path)?))?;
        (known.rows, known.cols) = (Some(head.rows), Some(head.cols));
        Ok(())
    },
    read_matrix: Some(|path, known, warnings| read(path, known, warnings).map(Into::into)),
    write_matrix: Some(|draft, block, _| write(draft, block)),
    read_frame: None,
    write_frame: None,
    read_arguments: &[],
    write_arguments: &[],
    describe: None,
};

/// How every file of the format starts.
pub const BANNER: &[u8] = b"%%MatrixMarket";

/// What the head of a file says.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// The number of rows.
    pub rows: usize,
    /// The number of columns.
    pub cols: usize,
    /// The number of lines with cells; `None` in the array format.
    pub entries: Option<usize>,
    values: bool,
    symmetry: Symmetry,
    /// Where the cells start.
    body: usize,
}

/// Reads the banner and the size line.
///
/// # Errors
/// When they are malformed, or announce complex numbers.
pub fn head(source: &Source) -> Outcome<Head> {
    let mut lines = lines::lines(&source.bytes);
    let Some((_, banner)) = lines.next() else { bail!(File, "{} is empty", source.path.display()) };
    let banner = String::from_utf8_lossy(banner).to_lowercase();
    let words: Vec<&str> = banner.split_ascii_whitespace().collect();
    let ["%%matrixmarket", "matrix", layout, field, symmetry] = words[..] else {
        return Err(source
            .fault(0, "not a Matrix Market file")
            .hint("its first line is like `%%MatrixMarket matrix coordinate real general`"));
    };
    let coordinate = match layout {
        "coordinate" => true,
        "array" => false,
        other => return Err(source.fault(0, format!("unknown layout `{other}`"))),
    };
    let values = match field {
        // SciPy says so of integers without a sign.
        "real" | "integer" | "unsigned-integer" | "double" => true,
        "pattern" if coordinate => false,
        "complex" => bail!(Unsupported, "{}: complex matrices cannot be read", source.path.display()),
        other => return Err(source.fault(0, format!("unknown kind of values `{other}`"))),
    };
    let symmetry = match symmetry {
        "general" => Symmetry::General,
        "symmetric" => Symmetry::Symmetric,
        "skew-symmetric" => Symmetry::Skew,
        other => return Err(source.fault(0, format!("unknown symmetry `{other}`"))),
    };
    let Some((at, size)) = lines.find(|(_, line)| !line.trim_ascii().is_empty() && !line.starts_with(b"%"))
    else {
        bail!(File, "{}: the size line is missing", source.path.display());
    };
    let fields = String::from_utf8_lossy(size);
    let sizes: Option<Vec<usize>> = fields.split_ascii_whitespace().map(|field| field.parse().ok()).collect();
    let (rows, cols, entries) = match (sizes.as_deref(), coordinate) {
        (Some(&[rows, cols, entries]), true) => (rows, cols, Some(entries)),
        (Some(&[rows, cols]), false) => (rows, cols, None),
        _ => {
            let expected = if coordinate { "`rows columns entries`" } else { "`rows columns`" };
            return Err(source.fault(at, format!("expected {expected}, found \"{}\"", fields.trim())));
        }
    };
    if symmetry != Symmetry::General && rows != cols {
        return Err(source.fault(at, format!("a symmetric matrix is square, not {rows}x{cols}")));
    }
    let body = memchr::memchr(b'\n', &source.bytes[at..]).map_or(source.bytes.len(), |end| at + end + 1);
    Ok(Head { rows, cols, entries, values, symmetry, body })
}

fn read(path: &Path, known: &Metadata, _: &mut Vec<String>) -> Outcome<Block> {
    if Parts::of(path)? != Parts::File {
        bail!(File, "{} has several files, but a Matrix Market matrix is one", path.display());
    }
    if let Some(text) = LargeText::open(path, &Metadata { encoding: None, ..known.clone() }, LARGE)? {
        let start = source::head(path)?;
        let length = start.len();
        // A head behind a long comment is left to the whole, and so are arrays.
        if let Ok(head) = head(&Source::of(path, start))
            && let Some(entries) = head.entries.filter(|_| head.body < length)
        {
            return coordinates(&text, head, entries).map(Block::Sparse);
        }
    }
    parse(&Source::load(path)?)
}

/// Reads a whole file.
///
/// # Errors
/// When it is malformed, or has more or fewer cells than it says.
pub fn parse(source: &Source) -> Outcome<Block> {
    let head = head(source)?;
    match head.entries {
        Some(entries) => coordinates(source, head, entries).map(Block::Sparse),
        None => array(source, head).map(Block::Dense),
    }
}

/// The cells by their places.
fn coordinates(text: &impl Lines, head: Head, entries: usize) -> Outcome<Csr> {
    let Head { rows, cols, values, symmetry, body, .. } = head;
    let shape = Shape { rows, cols, values, symmetry, repeated: Repeated::Add };
    let (csr, found) = triples::parse(text, body, shape)?;
    if found != entries {
        bail!(File, "{} says {}, but has {found}", text.path().display(), count(entries, "cell line"));
    }
    Ok(csr)
}

/// All cells, column by column; of symmetric matrices only those on and below the diagonal (of skew-symmetric ones
/// below it).
fn array(source: &Source, head: Head) -> Outcome<Dense> {
    let Head { rows, cols, symmetry, .. } = head;
    let first_row = |j: usize| match symmetry {
        Symmetry::General => 0,
        Symmetry::Symmetric => j,
        Symmetry::Skew => j + 1,
    };
    let name = source.path.display();
    let text = &source.bytes[head.body..];
    let expected = match symmetry {
        Symmetry::General => rows.saturating_mul(cols),
        Symmetry::Symmetric => rows.saturating_mul(cols.saturating_add(1)) / 2,
        Symmetry::Skew => rows.saturating_mul(cols.saturating_sub(1)) / 2,
    };
    let is_value = |(_, line): &(usize, &[u8])| !line.trim_ascii().is_empty() && !line.starts_with(b"%");
    let found = lines::lines(text).filter(is_value).count();
    if found != expected {
        bail!(
            File,
            "{name}: a {rows}x{cols} array has {}, but the file has {found}",
            count(expected, "value")
        );
    }
    let mut dense = Dense::zeros(rows, cols);
    let places = (0..cols).flat_map(|j| (first_row(j)..rows).map(move |i| (i, j)));
    for ((at, line), (i, j)) in lines::lines(text).filter(is_value).zip(places) {
        let value = number::parse(line).ok_or_else(|| {
            source.fault(head.body + at, format!("\"{}\" is not a number", String::from_utf8_lossy(line)))
        })?;
        dense.set(i, j, value);
        match symmetry {
            Symmetry::General => {}
            Symmetry::Symmetric => dense.set(j, i, value),
            Symmetry::Skew => dense.set(j, i, -value),
        }
    }
    Ok(dense)
}

/// Appends a whole file: coordinates of real numbers.
///
/// # Errors
/// When the disk is full or fails.
pub fn write(draft: &mut Draft, block: &Block) -> Outcome<()> {
    let (rows, cols, nnz) = (block.rows(), block.cols(), block.nnz());
    draft
        .append(format!("%%MatrixMarket matrix coordinate real general\n{rows} {cols} {nnz}\n").as_bytes())?;
    triples::write(draft, block)
}
