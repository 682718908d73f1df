//! Panels of matrices and frames to bytes, on all threads; what is cut where depends on shapes alone.

use std::borrow::Cow;
use std::ops::Range;

use arrow_ipc::writer::StreamWriter;
use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, fault};
use tilewright_frame::Frame;
use tilewright_matrix::{Csr, Dense, count_nonzero};
use tilewright_value::Block;

use super::directory::{self, Kind, Panel};
use crate::record_batch;

/// The bytes of a panel that more rows do not make larger.
const PANEL_BYTES: usize = 1 << 20;

/// Panels that are in memory at once.
const AT_ONCE: usize = 16;

/// Where a panel begins is a multiple of this.
const ALIGNMENT: u64 = 64;

/// The level of zstd: two thirds of what the highest levels save, at hundreds of megabytes a second.
const LEVEL: i32 = 3;

/// Where panels go: bytes one after the other.
pub struct Sink<'a> {
    /// Appends bytes to the file.
    pub append: &'a mut dyn FnMut(&[u8]) -> Outcome<()>,
    /// Where the next byte stands in the file.
    pub at: u64,
    /// Whether panels are compressed.
    pub compress: bool,
}

impl Sink<'_> {
    /// Appends bytes.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn push(&mut self, bytes: &[u8]) -> Outcome<()> {
        (self.append)(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// Appends panels that `encode` makes of the ranges of rows, in their order.
    fn panels<'b>(
        &mut self,
        cuts: &[Range<usize>],
        encode: impl Fn(&Range<usize>) -> Outcome<Encoded<'b>> + Sync,
    ) -> Outcome<Vec<Panel>> {
        let compress = self.compress;
        let encode = |rows: &Range<usize>| encode(rows)?.finished(compress);
        let mut panels = Vec::with_capacity(cuts.len());
        for batch in cuts.chunks(AT_ONCE) {
            let encoded: Vec<Outcome<Encoded<'b>>> = batch.par_iter().map(encode).collect();
            for one in encoded {
                let one = one?;
                let gap = self.at.next_multiple_of(ALIGNMENT) - self.at;
                self.push(&[0; ALIGNMENT as usize][..gap as usize])?;
                panels.push(Panel { offset: self.at, ..one.panel });
                self.push(&one.bytes)?;
            }
        }
        Ok(panels)
    }
}

/// A panel and its bytes.
struct Encoded<'a> {
    panel: Panel,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Encoded<'a> {
    fn new(kind: Kind, rows: usize, nnz: usize, bytes: Cow<'a, [u8]>) -> Encoded<'a> {
        let raw = bytes.len() as u64;
        Encoded {
            panel: Panel { kind, compressed: false, rows, nnz, offset: 0, stored: raw, raw, crc: 0 },
            bytes,
        }
    }

    /// Compressed where that is asked for and helps, and with its checksum.
    fn finished(mut self, compress: bool) -> Outcome<Encoded<'a>> {
        if compress {
            let small = zstd::bulk::compress(&self.bytes, LEVEL)
                .map_err(|error| fault!(File, "zstd cannot compress a panel: {error}"))?;
            if small.len() < self.bytes.len() {
                self.panel.compressed = true;
                self.bytes = small.into();
            }
        }
        self.panel.stored = self.bytes.len() as u64;
        self.panel.crc = crc32fast::hash(&self.bytes);
        Ok(self)
    }
}

/// Appends the cells of a matrix.
///
/// # Errors
/// When the file cannot be written.
pub fn matrix(sink: &mut Sink<'_>, block: &Block) -> Outcome<Vec<Panel>> {
    if block.rows() == 0 || block.cols() == 0 {
        return Ok(Vec::new());
    }
    match block {
        Block::Dense(dense) => {
            let height = (PANEL_BYTES / 8 / dense.cols()).max(1);
            sink.panels(&even_cuts(dense.rows(), height), |rows| Ok(of_dense(dense, rows.clone())))
        }
        Block::Sparse(csr) => sink.panels(&cuts_by_cells(csr), |rows| Ok(of_sparse(csr, rows.clone()))),
    }
}

fn even_cuts(rows: usize, height: usize) -> Vec<Range<usize>> {
    (0..rows).step_by(height).map(|start| start..rows.min(start + height)).collect()
}

/// Cuts of about [`PANEL_BYTES`], of a row at least.
fn cuts_by_cells(csr: &Csr) -> Vec<Range<usize>> {
    let (row_ptr, mut cuts, mut start) = (csr.row_ptr(), Vec::new(), 0);
    for end in 1..=csr.rows() {
        let bytes = directory::sparse_bytes(end - start, row_ptr[end] - row_ptr[start]);
        if end == csr.rows() || bytes >= PANEL_BYTES as u128 {
            cuts.push(start..end);
            start = end;
        }
    }
    cuts
}

fn is_sparse(rows: usize, cols: usize, nnz: usize) -> bool {
    cols > 1
        && cols <= Csr::MAX_COLS
        && nnz <= u32::MAX as usize
        && directory::sparse_bytes(rows, nnz) < directory::dense_bytes(rows, cols)
}

fn of_dense(dense: &Dense, rows: Range<usize>) -> Encoded<'_> {
    let (cols, height) = (dense.cols(), rows.len());
    let cells = &dense.cells()[rows.start * cols..rows.end * cols];
    let nnz = count_nonzero(cells) as usize;
    let is_signed = nnz < cells.len() && cells.iter().any(|value| value.to_bits() == 1 << 63);
    if is_signed || !is_sparse(height, cols, nnz) {
        let kind = if is_signed { Kind::DenseSigned } else { Kind::Dense };
        return Encoded::new(kind, height, nnz, Cow::Borrowed(bytemuck::cast_slice(cells)));
    }
    let (mut values, mut columns, mut ends) =
        (Vec::with_capacity(nnz), Vec::with_capacity(nnz), Vec::with_capacity(height));
    for row in cells.chunks_exact(cols) {
        for (j, value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            values.push(*value);
            columns.push(j as u32);
        }
        ends.push(values.len() as u32);
    }
    Encoded::new(Kind::Sparse, height, nnz, sparse_panel(&values, &columns, &ends).into())
}

fn of_sparse(csr: &Csr, rows: Range<usize>) -> Encoded<'_> {
    let (cols, height, row_ptr) = (csr.cols(), rows.len(), csr.row_ptr());
    let stored = row_ptr[rows.start]..row_ptr[rows.end];
    let nnz = stored.len();
    if is_sparse(height, cols, nnz) {
        let ends: Vec<u32> =
            row_ptr[rows.start + 1..=rows.end].iter().map(|end| (end - stored.start) as u32).collect();
        let panel = sparse_panel(&csr.val()[stored.clone()], &csr.col()[stored], &ends);
        return Encoded::new(Kind::Sparse, height, nnz, panel.into());
    }
    let mut cells = vec![0.0; height * cols];
    for (i, out) in rows.zip(cells.chunks_exact_mut(cols)) {
        let (columns, values) = csr.row(i);
        columns.iter().zip(values).for_each(|(j, value)| out[*j as usize] = *value);
    }
    Encoded::new(Kind::Dense, height, nnz, bytemuck::cast_slice(&cells).to_vec().into())
}

fn sparse_panel(values: &[f64], columns: &[u32], ends: &[u32]) -> Vec<u8> {
    let parts: [&[u8]; 3] =
        [bytemuck::cast_slice(values), bytemuck::cast_slice(columns), bytemuck::cast_slice(ends)];
    parts.concat()
}

/// Appends the cells of a frame.
///
/// # Errors
/// When the file cannot be written.
pub fn frame(sink: &mut Sink<'_>, frame: &Frame) -> Outcome<Vec<Panel>> {
    if frame.rows() == 0 || frame.cols() == 0 {
        return Ok(Vec::new());
    }
    // Parts of columns count as whole ones in `bytes`, so the rows of a part may be fewer than necessary, but not few.
    let height = (frame.rows() as u128 * (4 * PANEL_BYTES) as u128 / frame.bytes().max(1) as u128) as usize;
    sink.panels(&even_cuts(frame.rows(), height.max(1 << 12)), |rows| {
        let stream = stream(&frame.slice_rows(rows.clone()))?;
        Ok(Encoded::new(Kind::Columns, rows.len(), 0, stream.into()))
    })
}

fn stream(frame: &Frame) -> Outcome<Vec<u8>> {
    let cannot = |error: arrow_schema::ArrowError| -> Fault { fault!(File, "cannot write a frame: {error}") };
    let batch = record_batch::of_frame(frame)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(cannot)?;
    writer.write(&batch).map_err(cannot)?;
    writer.into_inner().map_err(cannot)
}
