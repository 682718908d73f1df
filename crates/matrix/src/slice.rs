//! Rectangles of a matrix: right indexing `X[a:b, c:d]` and left indexing `X[a:b, c:d] = V`.
//!
//! Ranges are 0-based and half-open. Left indexing takes its matrix by value and changes it in place: whoever
//! shares the matrix clones it before. The naive definitions are in [`crate::reference::reorg`].

use std::ops::Range;

use crate::assemble::{sparse_rows, sparse_rows_exact, sparse_rows_scratch};
use crate::build::{Cells, copy_row, dense_rows};
use crate::{Csr, Dense, Scratch};

/// `x[rows, cols]`.
///
/// # Panics
/// When a range leaves the matrix.
pub fn slice_dense(x: &Dense, rows: Range<usize>, cols: Range<usize>) -> Dense {
    check_region((x.rows(), x.cols()), &rows, &cols);
    dense_rows(rows.len(), cols.len(), |i, row| copy_row(row, &x.row(rows.start + i)[cols.clone()]))
}

/// `x[rows, cols]` of a sparse matrix.
///
/// # Panics
/// When a range leaves the matrix.
pub fn slice_sparse(x: &Csr, rows: Range<usize>, cols: Range<usize>) -> Csr {
    check_region((x.rows(), x.cols()), &rows, &cols);
    let start = |i: usize| x.row_ptr()[rows.start + i] - x.row_ptr()[rows.start];
    if cols.len() == x.cols() {
        return sparse_rows_exact(rows.len(), cols.len(), start, |i, room| {
            room.extend(x.row(rows.start + i))
        });
    }
    sparse_rows(rows.len(), cols.len(), start, |i, room| {
        let (col, val) = x.row(rows.start + i);
        let inside = between(col, &cols);
        room.extend_moved((&col[inside.clone()], &val[inside]), (cols.start as u32).wrapping_neg());
    })
}

/// What [`slice_sparse`] needs for a `rows x cols` result of a matrix with `stored` cells; a dense slice needs nothing.
pub fn slice_sparse_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    sparse_rows_scratch(rows, cols, stored, cols)
}

/// What assigning to a part of a sparse matrix needs: `rows x _` with `stored` cells before, of which `assigned` are
/// written. The cells move to memory that grows, and those that are written are put together before. A dense matrix
/// is written in place.
pub fn assign_sparse_scratch(rows: usize, stored: usize, assigned: usize) -> Scratch {
    let cells = |count: usize| Scratch::vector::<u32>(count).and(Scratch::vector::<f64>(count));
    let new = cells(assigned.saturating_mul(2)).and(cells(stored.min(assigned.saturating_mul(2))));
    cells(stored).and(cells(assigned)).and(new).and(Scratch::vector::<usize>(rows))
}

/// `x[rows, cols] = value`.
///
/// # Panics
/// When a range leaves the matrix, or `value` has another shape than the ranges.
pub fn assign_dense(mut x: Dense, rows: Range<usize>, cols: Range<usize>, value: &Dense) -> Dense {
    check_value((x.rows(), x.cols()), &rows, &cols, (value.rows(), value.cols()));
    for (i, row) in rows.enumerate() {
        copy_row(&mut x.row_mut(row)[cols.clone()], value.row(i));
    }
    x
}

/// `x[rows, cols] = value` with a sparse value.
///
/// # Panics
/// When a range leaves the matrix, or `value` has another shape than the ranges.
pub fn assign_dense_from_sparse(mut x: Dense, rows: Range<usize>, cols: Range<usize>, value: &Csr) -> Dense {
    check_value((x.rows(), x.cols()), &rows, &cols, (value.rows(), value.cols()));
    for (i, row) in rows.enumerate() {
        let to = &mut x.row_mut(row)[cols.clone()];
        to.fill(0.0);
        let (col, val) = value.row(i);
        col.iter().zip(val).for_each(|(&j, &v)| to[j as usize] = v);
    }
    x
}

/// `x[rows, cols] = value` with one value for all cells of the rectangle.
///
/// # Panics
/// When a range leaves the matrix.
pub fn assign_scalar_dense(mut x: Dense, rows: Range<usize>, cols: Range<usize>, value: f64) -> Dense {
    check_region((x.rows(), x.cols()), &rows, &cols);
    for row in rows {
        x.row_mut(row)[cols.clone()].fill(value);
    }
    x
}

/// `x[rows, cols] = value`, both sparse. Costs a move of the stored cells behind the first changed row.
///
/// # Panics
/// When a range leaves the matrix, or `value` has another shape than the ranges.
pub fn assign_sparse(x: Csr, rows: Range<usize>, cols: Range<usize>, value: &Csr) -> Csr {
    check_value((x.rows(), x.cols()), &rows, &cols, (value.rows(), value.cols()));
    splice(x, rows, &cols, |i, cells| cells.extend_right(value.row(i), cols.start))
}

/// `x[rows, cols] = value` of a sparse matrix with a dense value, whose zeros are not stored.
///
/// # Panics
/// When a range leaves the matrix, or `value` has another shape than the ranges.
pub fn assign_sparse_from_dense(x: Csr, rows: Range<usize>, cols: Range<usize>, value: &Dense) -> Csr {
    check_value((x.rows(), x.cols()), &rows, &cols, (value.rows(), value.cols()));
    splice(x, rows, &cols, |i, cells| {
        value.row(i).iter().enumerate().for_each(|(j, &v)| cells.push(cols.start + j, v));
    })
}

/// `x[rows, cols] = value` of a sparse matrix with one value for all cells of the rectangle.
///
/// # Panics
/// When a range leaves the matrix.
pub fn assign_scalar_sparse(x: Csr, rows: Range<usize>, cols: Range<usize>, value: f64) -> Csr {
    check_region((x.rows(), x.cols()), &rows, &cols);
    splice(x, rows, &cols, |_, cells| cols.clone().for_each(|j| cells.push(j, value)))
}

/// `x[rows[i], cols[j]] = cell(i, j)` for any positions, counted from 0; of positions that are named twice the last
/// one counts.
///
/// # Panics
/// When a position leaves the matrix.
pub fn scatter_dense(
    mut x: Dense,
    rows: &[usize],
    cols: &[usize],
    cell: impl Fn(usize, usize) -> f64,
) -> Dense {
    for (i, &row) in rows.iter().enumerate() {
        let to = x.row_mut(row);
        cols.iter().enumerate().for_each(|(j, &col)| to[col] = cell(i, j));
    }
    x
}

/// What [`scatter_sparse`] needs for a `rows x cols` matrix with `stored` cells, of which `assigned` are written: which
/// rows and columns those are.
pub fn scatter_sparse_scratch(rows: usize, cols: usize, stored: usize, assigned: usize) -> Scratch {
    let lines = Scratch::vector::<[usize; 3]>(rows).and(Scratch::vector::<[usize; 6]>(cols));
    lines.and(sparse_rows_scratch(rows, cols, stored.saturating_add(assigned), cols.saturating_mul(2)))
}

/// As [`scatter_dense`] of a sparse matrix, in one pass over its stored cells.
///
/// # Panics
/// When a position leaves the matrix.
pub fn scatter_sparse(
    x: &Csr,
    rows: &[usize],
    cols: &[usize],
    cell: impl Fn(usize, usize) -> f64 + Sync,
) -> Csr {
    let (row_of, col_of) = (sources(x.rows(), rows), sources(x.cols(), cols));
    let changed: Vec<(usize, usize)> =
        col_of.iter().enumerate().filter_map(|(col, from)| Some((col, (*from)?))).collect();
    // The changed rows before each one.
    let mut before = Vec::with_capacity(x.rows() + 1);
    before.push(0);
    before.extend(row_of.iter().scan(0, |count, from| {
        *count += usize::from(from.is_some());
        Some(*count)
    }));
    let most = |i: usize| x.row_ptr()[i] + before[i] * changed.len();
    sparse_rows(x.rows(), x.cols(), most, |row, room| {
        let (col, val) = x.row(row);
        let Some(i) = row_of[row] else { return room.extend((col, val)) };
        let mut new = changed.iter().peekable();
        for (&at, &value) in col.iter().zip(val) {
            while let Some(&(col, j)) = new.next_if(|(col, _)| *col < at as usize) {
                room.push(col as u32, cell(i, j));
            }
            if col_of[at as usize].is_none() {
                room.push(at, value);
            }
        }
        new.for_each(|&(col, j)| room.push(col as u32, cell(i, j)));
    })
}

/// For each of `count` lines which of the named positions writes it last.
fn sources(count: usize, positions: &[usize]) -> Vec<Option<usize>> {
    let mut sources = vec![None; count];
    positions.iter().enumerate().for_each(|(from, &at)| sources[at] = Some(from));
    sources
}

/// Replaces the stored cells inside of a rectangle by what `append(i, cells)` appends for its row `i`.
fn splice(x: Csr, rows: Range<usize>, cols: &Range<usize>, mut append: impl FnMut(usize, &mut Cells)) -> Csr {
    let shape = (x.rows(), x.cols());
    let (mut row_ptr, mut col, mut val) = x.into_parts();
    let old = row_ptr[rows.start]..row_ptr[rows.end];
    let mut new = Cells::default();
    let mut ends = Vec::with_capacity(rows.len());
    for (i, row) in rows.clone().enumerate() {
        let stored = row_ptr[row]..row_ptr[row + 1];
        let inside = between(&col[stored.clone()], cols);
        let (left, right) =
            (stored.start..stored.start + inside.start, stored.start + inside.end..stored.end);
        new.extend((&col[left.clone()], &val[left]));
        append(i, &mut new);
        new.extend((&col[right.clone()], &val[right]));
        ends.push(old.start + new.col.len());
    }
    row_ptr[rows.start + 1..=rows.end].copy_from_slice(&ends);
    for end in &mut row_ptr[rows.end + 1..] {
        *end = *end - old.len() + new.col.len();
    }
    col.splice(old.clone(), new.col);
    val.splice(old, new.val);
    Csr::from_parts(shape.0, shape.1, row_ptr, col, val)
}

/// Which of the ascending columns lie in a range.
fn between(col: &[u32], range: &Range<usize>) -> Range<usize> {
    let before = |bound: usize| col.partition_point(|&j| (j as usize) < bound);
    before(range.start)..before(range.end)
}

fn check_region(shape: (usize, usize), rows: &Range<usize>, cols: &Range<usize>) {
    assert!(rows.start <= rows.end && rows.end <= shape.0, "rows {rows:?} of {}", shape.0);
    assert!(cols.start <= cols.end && cols.end <= shape.1, "columns {cols:?} of {}", shape.1);
}

fn check_value(shape: (usize, usize), rows: &Range<usize>, cols: &Range<usize>, value: (usize, usize)) {
    check_region(shape, rows, cols);
    assert_eq!((rows.len(), cols.len()), value, "the shape of the assigned value");
}
