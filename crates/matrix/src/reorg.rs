//! Cells that move as a whole: `rev`, `roll`, `diag` and `matrix(X, rows, cols)`.
//!
//! No value changes; the sparse operations touch stored cells only. Transposing is in [`crate::transpose`], the
//! naive definitions in [`crate::reference::reorg`].

use crate::assemble::{sparse_rows, sparse_rows_exact, sparse_rows_scratch};
use crate::build::{copy_row, dense_rows};
use crate::select::{gather_rows_sparse, gather_rows_sparse_scratch};
use crate::{Csr, Dense, Scratch, transpose};

/// In which order reshaping reads cells, and writes them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellOrder {
    /// Row after row.
    ByRow,
    /// Column after column.
    ByColumn,
}

/// `rev(x)`: the rows from last to first.
pub fn rev_dense(x: &Dense) -> Dense {
    dense_rows(x.rows(), x.cols(), |i, row| copy_row(row, x.row(x.rows() - 1 - i)))
}

/// `rev(x)` of a sparse matrix.
pub fn rev_sparse(x: &Csr) -> Csr {
    let start = |i: usize| x.nnz() - x.row_ptr()[x.rows() - i];
    sparse_rows_exact(x.rows(), x.cols(), start, |i, room| room.extend(x.row(x.rows() - 1 - i)))
}

/// `roll(x, k)`: row `i` becomes row `i + k`, counted around the end; a negative `k` rolls upwards.
pub fn roll_dense(x: &Dense, k: i64) -> Dense {
    let source = rolled(x.rows(), k);
    dense_rows(x.rows(), x.cols(), |i, row| copy_row(row, x.row(source(i))))
}

/// `roll(x, k)` of a sparse matrix.
pub fn roll_sparse(x: &Csr, k: i64) -> Csr {
    let sources: Vec<usize> = (0..x.rows()).map(rolled(x.rows(), k)).collect();
    gather_rows_sparse(x, &sources)
}

/// What [`roll_sparse`] needs for `rows` rows; the dense form needs nothing, and neither does [`rev_sparse`].
pub fn roll_sparse_scratch(rows: usize) -> Scratch {
    Scratch::vector::<usize>(rows).and(gather_rows_sparse_scratch(rows))
}

/// What [`diag_matrix_dense`] and [`diag_vector_sparse`] need for `n` cells on the diagonal and a result of `cols` columns.
pub fn diag_scratch(n: usize, cols: usize) -> Scratch {
    sparse_rows_scratch(n, cols, n, 1)
}

/// `diag(x)` of a column vector: the square matrix with `x` on its diagonal.
///
/// # Panics
/// When `x` has not one column.
pub fn diag_matrix_dense(x: &Dense) -> Csr {
    assert_eq!(x.cols(), 1, "a diagonal matrix is made of a column vector");
    sparse_rows(x.rows(), x.rows(), |i| i, |i, room| room.push(i as u32, x.get(i, 0)))
}

/// `diag(x)` of a sparse column vector: the square matrix with `x` on its diagonal.
///
/// # Panics
/// When `x` has not one column.
pub fn diag_matrix_sparse(x: &Csr) -> Csr {
    assert_eq!(x.cols(), 1, "a diagonal matrix is made of a column vector");
    sparse_rows_exact(x.rows(), x.rows(), |i| x.row_ptr()[i], |i, room| room.extend_moved(x.row(i), i as u32))
}

/// `diag(x)` of a square matrix: its diagonal as a column vector.
///
/// # Panics
/// When `x` is not square.
pub fn diag_vector_dense(x: &Dense) -> Dense {
    assert_eq!(x.rows(), x.cols(), "the diagonal of a square matrix");
    Dense::from_fn(x.rows(), 1, |i, _| x.get(i, i))
}

/// `diag(x)` of a sparse square matrix: its diagonal as a sparse column vector.
///
/// # Panics
/// When `x` is not square.
pub fn diag_vector_sparse(x: &Csr) -> Csr {
    assert_eq!(x.rows(), x.cols(), "the diagonal of a square matrix");
    sparse_rows(x.rows(), 1, |i| i, |i, room| room.push(0, x.get(i, i)))
}

/// `matrix(x, rows, cols, byrow)`: the cells of `x`, read and written in `order`.
///
/// The owner of a matrix that it no longer needs reshapes by row without a copy: [`Dense::reshaped`].
///
/// # Panics
/// When the number of cells differs.
pub fn reshape_dense(x: &Dense, rows: usize, cols: usize, order: CellOrder) -> Dense {
    match order {
        CellOrder::ByRow => Dense::from_cells(rows, cols, x.cells()),
        CellOrder::ByColumn => transpose::dense(&transpose::dense(x).reshaped(cols, rows)),
    }
}

/// What [`reshape_dense`] needs from `from` to `to` rows and columns.
pub fn reshape_dense_scratch(from: (usize, usize), to: (usize, usize), order: CellOrder) -> Scratch {
    let turned = Scratch::dense(from.0, from.1);
    let lines = transpose::dense_scratch(from.0, from.1).or(transpose::dense_scratch(to.1, to.0));
    turned.and(lines).only_if(order == CellOrder::ByColumn)
}

/// What [`reshape_sparse`] needs from `from` to `to` rows and columns, with `stored` cells.
pub fn reshape_sparse_scratch(
    from: (usize, usize),
    to: (usize, usize),
    stored: usize,
    order: CellOrder,
) -> Scratch {
    let turned = Scratch::csr(from.1, stored).and(Scratch::csr(to.1, stored));
    let counts =
        transpose::sparse_scratch(from.0, from.1, stored).or(transpose::sparse_scratch(to.1, to.0, stored));
    turned.and(counts).only_if(order == CellOrder::ByColumn)
}

/// `matrix(x, rows, cols, byrow)` of a sparse matrix.
///
/// # Panics
/// When the number of cells differs.
pub fn reshape_sparse(x: &Csr, rows: usize, cols: usize, order: CellOrder) -> Csr {
    match order {
        CellOrder::ByRow => reshape_by_row(x, rows, cols),
        CellOrder::ByColumn => transpose::sparse(&reshape_by_row(&transpose::sparse(x), cols, rows)),
    }
}

/// From which row the row `i` of the rolled matrix comes.
fn rolled(rows: usize, k: i64) -> impl Fn(usize) -> usize {
    let down = if rows == 0 { 0 } else { k.rem_euclid(rows as i64) as usize };
    move |i| if i < down { i + rows - down } else { i - down }
}

fn reshape_by_row(x: &Csr, rows: usize, cols: usize) -> Csr {
    let cells = |rows: usize, cols: usize| rows as u128 * cols as u128;
    assert_eq!(cells(x.rows(), x.cols()), cells(rows, cols), "reshape keeps the number of cells");
    let mut row_ptr = Vec::with_capacity(rows + 1);
    let mut col = Vec::with_capacity(x.nnz());
    row_ptr.push(0);
    for i in 0..x.rows() {
        for &j in x.row(i).0 {
            let position = cells(i, x.cols()) + u128::from(j);
            let row = (position / cols as u128) as usize;
            row_ptr.resize(row + 1, col.len());
            col.push((position % cols as u128) as u32);
        }
    }
    row_ptr.resize(rows + 1, col.len());
    Csr::from_parts(rows, cols, row_ptr, col, x.val().to_vec())
}
