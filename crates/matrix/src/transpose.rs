//! Transposing: `t(X)`.
//!
//! Dense blocks go through tiles of 8x8 cells, so that every cache line is read and written once:
//!
//! ```text
//!   X            t(X)
//!   a a a a ..   a b c d ..     8 lines of X fill one 8x8 tile, whose columns
//!   b b b b ..   a b c d ..     are 8 whole cache lines of t(X)
//! ```
//!
//! Sparse blocks: `transpose/sparse.rs`.
//! The naive definition is [`crate::reference::reorg::transpose`].

mod sparse;

pub use sparse::{sparse, sparse_scratch};

use rayon::prelude::*;

use crate::Dense;
use crate::build::PARALLEL_CELLS;
use crate::scratch::{Scratch, at_once};

/// The side of a tile: doubles per cache line.
const TILE: usize = 8;

/// Rows of the result per panel.
const PANEL_ROWS: usize = 64;

/// Columns of the result per panel.
const PANEL_COLS: usize = 1 << 11;

/// `t(x)` of a dense matrix.
pub fn dense(x: &Dense) -> Dense {
    let (rows, cols) = (x.rows(), x.cols());
    if rows <= 1 || cols <= 1 {
        return Dense::from_cells(cols, rows, x.cells());
    }
    let mut out = Dense::unset(cols, rows);
    if rows * cols < PARALLEL_CELLS {
        panels(out.cells_mut(), rows, 0).into_iter().for_each(|panel| fill(panel, x));
    } else if rows <= PANEL_COLS {
        let bands = out.cells_mut().par_chunks_mut(PANEL_ROWS * rows).enumerate();
        bands.for_each(|(band, cells)| {
            panels(cells, rows, band * PANEL_ROWS).into_iter().for_each(|panel| fill(panel, x));
        });
    } else {
        panels(out.cells_mut(), rows, 0).into_par_iter().for_each(|panel| fill(panel, x));
    }
    out
}

/// What [`dense`] needs for a `rows x cols` matrix: where the lines of the panels are, of all panels where a line of the
/// result goes through several of them.
pub fn dense_scratch(rows: usize, cols: usize) -> Scratch {
    let lines = if rows <= PANEL_COLS { at_once(cols.div_ceil(PANEL_ROWS)) * PANEL_ROWS } else { cols };
    Scratch::vector::<&mut [f64]>(lines.next_multiple_of(PANEL_ROWS)) * rows.div_ceil(PANEL_COLS)
}

/// A rectangle of the result, written by one task: the parts of its lines from `first_row`, `first_col` on.
struct Panel<'a> {
    first_row: usize,
    first_col: usize,
    lines: Vec<&'a mut [f64]>,
}

/// Cuts row-major cells with `cols` columns, from row `top` of the result on, into panels.
fn panels(cells: &mut [f64], cols: usize, top: usize) -> Vec<Panel<'_>> {
    let mut panels = Vec::new();
    for (band, cells) in cells.chunks_mut(PANEL_ROWS * cols).enumerate() {
        let start = panels.len();
        panels.extend((0..cols).step_by(PANEL_COLS).map(|first_col| Panel {
            first_row: top + band * PANEL_ROWS,
            first_col,
            lines: Vec::with_capacity(PANEL_ROWS),
        }));
        for row in cells.chunks_exact_mut(cols) {
            for (panel, line) in panels[start..].iter_mut().zip(row.chunks_mut(PANEL_COLS)) {
                panel.lines.push(line);
            }
        }
    }
    panels
}

/// Writes one panel of `t(x)`.
fn fill(mut panel: Panel<'_>, x: &Dense) {
    let width = panel.lines[0].len();
    for col in (0..width).step_by(TILE) {
        for (band, lines) in panel.lines.chunks_mut(TILE).enumerate() {
            let row = panel.first_row + band * TILE;
            let col_of_result = panel.first_col + col;
            if lines.len() == TILE && col + TILE <= width {
                fill_tile(lines, col, x, (col_of_result, row));
            } else {
                for (j, line) in lines.iter_mut().enumerate() {
                    for (i, out) in line[col..width.min(col + TILE)].iter_mut().enumerate() {
                        *out = x.get(col_of_result + i, row + j);
                    }
                }
            }
        }
    }
}

/// Writes columns `col..col + 8` of 8 lines from the tile of `x` whose first cell is `origin`.
fn fill_tile(lines: &mut [&mut [f64]], col: usize, x: &Dense, origin: (usize, usize)) {
    let mut tile = [[0.0; TILE]; TILE];
    for i in 0..TILE {
        let line = &x.row(origin.0 + i)[origin.1..origin.1 + TILE];
        for (column, &value) in tile.iter_mut().zip(line) {
            column[i] = value;
        }
    }
    for (line, tile) in lines.iter_mut().zip(&tile) {
        line[col..col + TILE].copy_from_slice(tile);
    }
}
