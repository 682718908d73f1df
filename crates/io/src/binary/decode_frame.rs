//! Panels back to frames, each a stream of Arrow's interprocess format with one batch of rows.

use std::io::{self, Cursor};
use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_ipc::reader::StreamReader;
use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_frame::{Column, ColumnType, Frame};

use super::directory::FrameNode;
use super::raw::Raw;
use super::rows::{Part, overlapping, panel_fault, verify_compressed};
use crate::arrow_column;
use crate::pieces::Pieces;

/// The rows of a frame.
///
/// # Errors
/// When a panel is corrupted, named by its rows in `what`.
pub fn frame(file: &Pieces, node: &FrameNode, rows: Range<usize>, what: &str) -> Outcome<Frame> {
    let parts = overlapping(&node.panels, &rows);
    verify_compressed(file, &parts, what)?;
    let read = |part: &Part<'_>| {
        columns(file, part, &node.fields).map_err(|error| panel_fault(file, part, what, &error))
    };
    let panels: Vec<Outcome<Vec<Column>>> = parts.par_iter().map(read).collect();
    let panels = panels.into_iter().collect::<Outcome<Vec<_>>>()?;
    let join = |(j, (_, kind)): (usize, &(String, ColumnType))| {
        let parts: Vec<Column> = panels.iter().map(|columns| columns[j].clone()).collect();
        Column::concat(*kind, &parts)
    };
    let columns = node.fields.par_iter().enumerate().map(join).collect();
    let names = node.fields.iter().map(|(name, _)| name.clone()).collect();
    Frame::new(rows.len(), columns)?.named(names)
}

fn columns(file: &Pieces, part: &Part<'_>, fields: &[(String, ColumnType)]) -> io::Result<Vec<Column>> {
    let mut raw = Raw::open(file, part.panel)?;
    let mut bytes = vec![0; part.panel.raw as usize];
    raw.fill(&mut bytes)?;
    raw.finish()?;
    let mut reader = StreamReader::try_new(Cursor::new(bytes), None).map_err(io::Error::other)?;
    let batch = reader.next().ok_or_else(|| io::Error::other("it has no rows"))?.map_err(io::Error::other)?;
    if batch.num_rows() != part.panel.rows || batch.num_columns() != fields.len() {
        return Err(io::Error::other("its shape is not that of its directory"));
    }
    let column = |(array, (name, kind)): (&ArrayRef, &(String, ColumnType))| {
        let column =
            arrow_column::column(name, array).map_err(|fault| io::Error::other(fault.to_string()))?;
        if column.kind() != *kind {
            return Err(io::Error::other("its types are not those of its directory"));
        }
        Ok(if part.is_whole() { column } else { column.slice(part.rows.clone()) })
    };
    batch.columns().iter().zip(fields).map(column).collect()
}
