//! Panels back to matrices, on all threads, right into the memory of the result where no row is left out.

use std::io;
use std::ops::Range;

use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_matrix::{Csr, Dense, count_nonzero};
use tilewright_value::Block;
use tilewright_value::block::prefers_sparse;

use super::directory::{Kind, MatrixNode, Panel};
use super::raw::{PIECE, Raw};
use super::rows::{Part, overlapping, panel_fault, verify_compressed};
use crate::pieces::Pieces;

const MORE_CELLS: &str = "it has more cells that are not zero than its directory says";

const FEWER_CELLS: &str = "it has fewer cells that are not zero than its directory says";

/// The rows of a matrix, in the format of fewer bytes; negative zeros stay where they were.
///
/// # Errors
/// When a panel is corrupted, named by its rows in `what`.
pub fn matrix(file: &Pieces, node: &MatrixNode, rows: Range<usize>, what: &str) -> Outcome<Block> {
    let parts = overlapping(&node.panels, &rows);
    verify_compressed(file, &parts, what)?;
    if rows.is_empty() || node.cols == 0 {
        return Ok(Block::Dense(Dense::zeros(rows.len(), node.cols)));
    }
    // What is cut off from a panel is not counted, so a cut part is read before the format is chosen.
    let sources = parts.par_iter().map(|part| Source::of(file, part, node.cols, what)).collect::<Vec<_>>();
    let sources = sources.into_iter().collect::<Outcome<Vec<_>>>()?;
    let nnz = sources.iter().map(Source::nnz).sum();
    let signed = sources.iter().any(|source| source.part.panel.kind == Kind::DenseSigned);
    if !signed && prefers_sparse(rows.len(), node.cols, nnz) {
        sparse(file, &sources, (rows.len(), node.cols, nnz), what).map(Block::Sparse)
    } else {
        dense(file, &sources, (rows.len(), node.cols), what).map(Block::Dense)
    }
}

/// Part of a panel, with its cells when they were read already.
struct Source<'a> {
    part: &'a Part<'a>,
    cut: Option<Cells>,
}

/// The cells of rows that are cut out of a panel.
struct Cells {
    values: Vec<f64>,
    columns: Vec<u32>,
    ends: Vec<usize>,
}

impl<'a> Source<'a> {
    fn of(file: &Pieces, part: &'a Part<'a>, cols: usize, what: &str) -> Outcome<Source<'a>> {
        if part.is_whole() {
            return Ok(Source { part, cut: None });
        }
        let cut = read_cut(file, part, cols).map_err(|error| panel_fault(file, part, what, &error))?;
        Ok(Source { part, cut: Some(cut) })
    }

    fn nnz(&self) -> usize {
        self.cut.as_ref().map_or(self.part.panel.nnz, |cells| cells.values.len())
    }
}

/// Reads a whole panel and keeps the cells of some rows that are not zero, or negative zeros.
fn read_cut(file: &Pieces, part: &Part<'_>, cols: usize) -> io::Result<Cells> {
    let panel = part.panel;
    let mut raw = Raw::open(file, panel)?;
    let mut cells = Cells { values: Vec::new(), columns: Vec::new(), ends: Vec::new() };
    if panel.kind == Kind::Sparse {
        let (mut values, mut columns, mut ends) =
            (vec![0.0; panel.nnz], vec![0; panel.nnz], vec![0; panel.rows]);
        read_sparse(&mut raw, cols, &mut values, &mut columns, &mut ends)?;
        let start = if part.rows.start == 0 { 0 } else { ends[part.rows.start - 1] };
        let kept = start..ends[part.rows.end - 1];
        cells.values = values[kept.clone()].to_vec();
        cells.columns = columns[kept].to_vec();
        cells.ends = ends[part.rows.clone()].iter().map(|end| end - start).collect();
    } else {
        let mut row = vec![0.0; cols];
        for i in 0..panel.rows {
            raw.fill(bytemuck::cast_slice_mut(&mut row))?;
            if part.rows.contains(&i) {
                cells.push_row(&row, panel.kind == Kind::DenseSigned);
            }
        }
    }
    raw.finish()?;
    Ok(cells)
}

impl Cells {
    fn push_row(&mut self, row: &[f64], signed: bool) {
        let counts = |value: f64| value != 0.0 || signed && value.is_sign_negative();
        for (j, value) in row.iter().enumerate().filter(|(_, value)| counts(**value)) {
            self.values.push(*value);
            self.columns.push(j as u32);
        }
        self.ends.push(self.values.len());
    }
}

fn dense(file: &Pieces, sources: &[Source<'_>], (rows, cols): (usize, usize), what: &str) -> Outcome<Dense> {
    let mut out = Dense::unset(rows, cols);
    let mut rest = out.cells_mut();
    let mut jobs = Vec::with_capacity(sources.len());
    for source in sources {
        let (cells, after) = std::mem::take(&mut rest).split_at_mut(source.part.rows.len() * cols);
        rest = after;
        jobs.push((source, cells));
    }
    jobs.into_par_iter().try_for_each(|(source, cells)| {
        dense_part(file, source, cols, cells).map_err(|error| panel_fault(file, source.part, what, &error))
    })?;
    Ok(out)
}

fn dense_part(file: &Pieces, source: &Source<'_>, cols: usize, cells: &mut [f64]) -> io::Result<()> {
    let panel = source.part.panel;
    if let Some(cut) = &source.cut {
        scatter(&cut.values, &cut.columns, &cut.ends, cols, cells);
        return Ok(());
    }
    let mut raw = Raw::open(file, panel)?;
    if panel.kind == Kind::Sparse {
        let (mut values, mut columns, mut ends) =
            (vec![0.0; panel.nnz], vec![0; panel.nnz], vec![0; panel.rows]);
        read_sparse(&mut raw, cols, &mut values, &mut columns, &mut ends)?;
        scatter(&values, &columns, &ends, cols, cells);
    } else {
        fill_counted(&mut raw, cells, panel.nnz)?;
    }
    raw.finish()
}

/// Reads cells, of which `nnz` are not zero; they are counted while they are in the cache.
fn fill_counted(raw: &mut Raw<'_>, cells: &mut [f64], nnz: usize) -> io::Result<()> {
    let mut found = 0;
    for piece in cells.chunks_mut(PIECE / size_of::<f64>()) {
        raw.fill(bytemuck::cast_slice_mut(piece))?;
        found += count_nonzero(piece) as usize;
    }
    if found > nnz {
        Err(wrong(MORE_CELLS))
    } else if found < nnz {
        Err(wrong(FEWER_CELLS))
    } else {
        Ok(())
    }
}

fn scatter(values: &[f64], columns: &[u32], ends: &[usize], cols: usize, cells: &mut [f64]) {
    cells.fill(0.0);
    let mut start = 0;
    for (row, &end) in cells.chunks_exact_mut(cols).zip(ends) {
        columns[start..end].iter().zip(&values[start..end]).for_each(|(j, value)| row[*j as usize] = *value);
        start = end;
    }
}

/// Where the cells of a part go in a sparse result.
struct Room<'a> {
    source: &'a Source<'a>,
    values: &'a mut [f64],
    columns: &'a mut [u32],
    ends: &'a mut [usize],
    /// The cells of the parts before.
    before: usize,
}

fn sparse(
    file: &Pieces,
    sources: &[Source<'_>],
    (rows, cols, nnz): (usize, usize, usize),
    what: &str,
) -> Outcome<Csr> {
    Csr::filled(rows, cols, nnz, |mut all_ends, mut all_columns, mut all_values| {
        let (mut jobs, mut before) = (Vec::with_capacity(sources.len()), 0);
        for source in sources {
            let values = all_values.split_off_mut(..source.nnz()).unwrap_or_default();
            let columns = all_columns.split_off_mut(..source.nnz()).unwrap_or_default();
            let ends = all_ends.split_off_mut(..source.part.rows.len()).unwrap_or_default();
            jobs.push(Room { source, values, columns, ends, before });
            before += source.nnz();
        }
        jobs.into_par_iter().try_for_each(|room| {
            let part = room.source.part;
            sparse_part(file, room, cols).map_err(|error| panel_fault(file, part, what, &error))
        })
    })
}

fn sparse_part(file: &Pieces, room: Room<'_>, cols: usize) -> io::Result<()> {
    let Room { source, values, columns, ends, before } = room;
    if let Some(cut) = &source.cut {
        values.copy_from_slice(&cut.values);
        columns.copy_from_slice(&cut.columns);
        ends.copy_from_slice(&cut.ends);
    } else {
        let panel = source.part.panel;
        let mut raw = Raw::open(file, panel)?;
        if panel.kind == Kind::Sparse {
            read_sparse(&mut raw, cols, values, columns, ends)?;
        } else {
            sparse_of_dense(&mut raw, panel, cols, (values, columns, ends))?;
        }
        raw.finish()?;
    }
    ends.iter_mut().for_each(|end| *end += before);
    Ok(())
}

fn sparse_of_dense(
    raw: &mut Raw<'_>,
    panel: &Panel,
    cols: usize,
    (values, columns, ends): (&mut [f64], &mut [u32], &mut [usize]),
) -> io::Result<()> {
    let (mut row, mut at) = (vec![0.0; cols], 0);
    for end in ends {
        raw.fill(bytemuck::cast_slice_mut(&mut row))?;
        for (j, value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            if at == panel.nnz {
                return Err(wrong(MORE_CELLS));
            }
            (values[at], columns[at]) = (*value, j as u32);
            at += 1;
        }
        *end = at;
    }
    if at == panel.nnz { Ok(()) } else { Err(wrong(FEWER_CELLS)) }
}

/// Reads a sparse panel and checks that it is one.
fn read_sparse(
    raw: &mut Raw<'_>,
    cols: usize,
    values: &mut [f64],
    columns: &mut [u32],
    ends: &mut [usize],
) -> io::Result<()> {
    raw.fill(bytemuck::cast_slice_mut(values))?;
    raw.fill(bytemuck::cast_slice_mut(columns))?;
    let mut short = vec![0u32; ends.len()];
    raw.fill(bytemuck::cast_slice_mut(&mut short))?;
    let mut start = 0;
    let mut is_right = !values.contains(&0.0);
    for (end, short) in ends.iter_mut().zip(short) {
        *end = short as usize;
        let Some(row) = columns.get(start..*end) else { return Err(wrong("its rows do not ascend")) };
        let ascends = row.windows(2).fold(true, |ascends, pair| ascends & (pair[0] < pair[1]));
        is_right &= ascends && row.last().is_none_or(|last| (*last as usize) < cols);
        start = *end;
    }
    if is_right && start == values.len() { Ok(()) } else { Err(wrong("its cells are not in order")) }
}

fn wrong(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.to_string())
}
