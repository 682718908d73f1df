//! The text format: a line `row column value` per non-zero cell; sizes come from metadata or the script.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Csr;

use crate::format::Format;
use crate::frame_text;
use crate::large_text::{LARGE, LargeText};
use crate::lines::Lines;
use crate::source::Source;
use crate::triples::{self, Repeated, Shape, Symmetry};

/// The row of the table of formats.
pub static FORMAT: Format = Format {
    name: "text",
    extensions: &["ijv"],
    is_text: true,
    sniff: |extension, head| extension == "txt" && looks_like(head),
    peek: |_, _| Ok(()),
    read_matrix: Some(|path, known, _| {
        let (rows, cols) = (known.rows, known.cols);
        Ok(match LargeText::open(path, known, LARGE)? {
            Some(text) => parse(&text, rows, cols)?,
            None => parse(&Source::load_as(path, known.encoding, None)?, rows, cols)?,
        }
        .into())
    }),
    write_matrix: Some(|draft, block, _| triples::write(draft, block)),
    read_frame: Some(|path, known, _| {
        frame_text::parse(
            &Source::load_as(path, known.encoding, None)?,
            known.rows,
            known.cols,
            known.schema.as_deref(),
        )
    }),
    write_frame: Some(|draft, frame, _| frame_text::write(draft, frame)),
    read_arguments: &["encoding"],
    write_arguments: &[],
    describe: Some(|_| Vec::new()),
};

/// Reads a whole file.
///
/// # Errors
/// When the size is not known, or a line is malformed or outside of it.
pub fn parse(text: &impl Lines, rows: Option<usize>, cols: Option<usize>) -> Outcome<Csr> {
    let (Some(rows), Some(cols)) = (rows, cols) else {
        bail!(File, "{}: the text format does not say how large the matrix is", text.path().display(); hint: "pass `rows=` and `cols=`, or write a .mtd file beside it");
    };
    let shape = Shape { rows, cols, values: true, symmetry: Symmetry::General, repeated: Repeated::Refuse };
    triples::parse(text, 0, shape).map(|(csr, _)| csr)
}

/// True when a text starts with a line `row column value`.
pub fn looks_like(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let is_index = |field: &str| field.parse::<usize>().is_ok_and(|index| index > 0);
    matches!(fields[..], [i, j, value] if is_index(i) && is_index(j) && value.parse::<f64>().is_ok())
}
