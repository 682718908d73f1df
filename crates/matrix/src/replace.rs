//! Cells by value or by place: `replace`, `lower.tri` and `upper.tri`.
//!
//! The naive definitions are in [`crate::reference::reorg`].

use std::ops::Range;

use crate::assemble::{sparse_rows, sparse_rows_scratch};
use crate::build::{dense_map, dense_rows};
use crate::{Csr, Dense, Scratch};

/// One of the two triangles of a matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Below the diagonal.
    Lower,
    /// Above the diagonal.
    Upper,
}

/// Whether the diagonal belongs to the triangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagonal {
    /// It does.
    Keep,
    /// It does not.
    Drop,
}

/// What the cells of the triangle hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// The cells of the matrix.
    Keep,
    /// Ones, whatever the matrix holds there.
    Ones,
}

/// `replace(x, pattern, replacement)`: every cell that equals `pattern` becomes `replacement`; NaN equals NaN.
pub fn replace_dense(x: &Dense, pattern: f64, replacement: f64) -> Dense {
    if pattern.is_nan() {
        dense_map(x, |v| if v.is_nan() { replacement } else { v })
    } else {
        dense_map(x, |v| if v == pattern { replacement } else { v })
    }
}

/// `out = replace(x, pattern, replacement)` of some cells.
pub fn replace_cells(x: &[f64], pattern: f64, replacement: f64, out: &mut [f64]) {
    let cells = out.iter_mut().zip(x);
    if pattern.is_nan() {
        cells.for_each(|(out, &v)| *out = if v.is_nan() { replacement } else { v });
    } else {
        cells.for_each(|(out, &v)| *out = if v == pattern { replacement } else { v });
    }
}

/// `replace(x, pattern, replacement)` of a sparse matrix.
///
/// When zeros are replaced nearly all cells of the result are stored: callers prefer the dense operation then.
pub fn replace_sparse(x: &Csr, pattern: f64, replacement: f64) -> Csr {
    if pattern == 0.0 {
        return Csr::from_dense(&replace_dense(&x.to_dense(), pattern, replacement));
    }
    let is_match = |v: f64| v == pattern || v.is_nan() && pattern.is_nan();
    sparse_rows(
        x.rows(),
        x.cols(),
        |i| x.row_ptr()[i],
        |i, room| {
            let (col, val) = x.row(i);
            for (&j, &v) in col.iter().zip(val) {
                room.push(j, if is_match(v) { replacement } else { v });
            }
        },
    )
}

/// What [`replace_sparse`] needs for a pattern other than zero, a `rows x cols` matrix and `stored` cells; the dense form
/// needs nothing.
pub fn replace_sparse_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    sparse_rows_scratch(rows, cols, stored, cols)
}

/// `lower.tri(x)` or `upper.tri(x)`: zero outside of the triangle. The matrix need not be square.
pub fn triangle_dense(x: &Dense, part: Part, diagonal: Diagonal, values: Values) -> Dense {
    dense_rows(x.rows(), x.cols(), |i, row| {
        let inside = columns(part, diagonal, i, x.cols());
        row[..inside.start].fill(0.0);
        row[inside.end..].fill(0.0);
        match values {
            Values::Keep => row[inside.clone()].copy_from_slice(&x.row(i)[inside]),
            Values::Ones => row[inside].fill(1.0),
        }
    })
}

/// `lower.tri(x)` or `upper.tri(x)` of a sparse matrix. Ones fill the whole triangle, stored cells or not.
pub fn triangle_sparse(x: &Csr, part: Part, diagonal: Diagonal, values: Values) -> Csr {
    let most = |i: usize| match values {
        Values::Ones => i * x.cols(),
        Values::Keep => x.row_ptr()[i],
    };
    sparse_rows(x.rows(), x.cols(), most, |i, room| {
        let inside = columns(part, diagonal, i, x.cols());
        match values {
            Values::Ones => inside.for_each(|j| room.push(j as u32, 1.0)),
            Values::Keep => {
                let (col, val) = x.row(i);
                let at = |bound: usize| col.partition_point(|&j| (j as usize) < bound);
                let stored = at(inside.start)..at(inside.end);
                room.extend((&col[stored.clone()], &val[stored]));
            }
        }
    })
}

/// What [`triangle_sparse`] needs for a `rows x cols` matrix with `stored` cells; the dense form needs nothing.
pub fn triangle_sparse_scratch(rows: usize, cols: usize, stored: usize, values: Values) -> Scratch {
    let most = match values {
        Values::Ones => rows.saturating_mul(cols),
        Values::Keep => stored,
    };
    sparse_rows_scratch(rows, cols, most, cols)
}

/// The columns of row `i` that belong to the triangle.
fn columns(part: Part, diagonal: Diagonal, i: usize, cols: usize) -> Range<usize> {
    match (part, diagonal) {
        (Part::Lower, Diagonal::Keep) => 0..cols.min(i + 1),
        (Part::Lower, Diagonal::Drop) => 0..cols.min(i),
        (Part::Upper, Diagonal::Keep) => cols.min(i)..cols,
        (Part::Upper, Diagonal::Drop) => cols.min(i + 1)..cols,
    }
}
