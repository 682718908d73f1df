//! Matrices side by side (`cbind`) and on top of each other (`rbind`).
//!
//! Parts without columns (or rows) are legal and add nothing. The naive definitions are in
//! [`crate::reference::reorg`].

use crate::assemble::sparse_rows_exact;
use crate::build::{copy_row, dense_rows};
use crate::{Csr, Dense, Scratch};

/// The columns of all parts, from left to right.
///
/// # Panics
/// When there is no part, or the numbers of rows differ.
pub fn cbind_dense(parts: &[&Dense]) -> Dense {
    let rows = same(parts.iter().map(|part| part.rows()));
    let cols = parts.iter().map(|part| part.cols()).sum();
    dense_rows(rows, cols, |i, mut rest| {
        for part in parts {
            let (row, right) = rest.split_at_mut(part.cols());
            copy_row(row, part.row(i));
            rest = right;
        }
    })
}

/// The columns of all sparse parts, from left to right.
///
/// # Panics
/// When there is no part, or the numbers of rows differ.
pub fn cbind_sparse(parts: &[&Csr]) -> Csr {
    let rows = same(parts.iter().map(|part| part.rows()));
    let cols = parts.iter().map(|part| part.cols()).sum();
    let start = |i: usize| parts.iter().map(|part| part.row_ptr()[i]).sum();
    sparse_rows_exact(rows, cols, start, |i, room| {
        let mut offset = 0;
        for part in parts {
            room.extend_moved(part.row(i), offset as u32);
            offset += part.cols();
        }
    })
}

/// What binding needs: nothing, whatever the shapes.
pub fn bind_scratch() -> Scratch {
    Scratch::NONE
}

/// The rows of all parts, from top to bottom.
///
/// # Panics
/// When there is no part, or the numbers of columns differ.
pub fn rbind_dense(parts: &[&Dense]) -> Dense {
    let cols = same(parts.iter().map(|part| part.cols()));
    let rows = parts.iter().map(|part| part.rows()).sum();
    let starts: Vec<usize> = starts(parts.iter().map(|part| part.rows()));
    dense_rows(rows, cols, |i, row| {
        let part = starts.partition_point(|&start| start <= i) - 1;
        copy_row(row, parts[part].row(i - starts[part]));
    })
}

/// The rows of all sparse parts, from top to bottom.
///
/// # Panics
/// When there is no part, or the numbers of columns differ.
pub fn rbind_sparse(parts: &[&Csr]) -> Csr {
    let cols = same(parts.iter().map(|part| part.cols()));
    let rows = parts.iter().map(|part| part.rows()).sum();
    let first_rows = starts(parts.iter().map(|part| part.rows()));
    let first_cells = starts(parts.iter().map(|part| part.nnz()));
    let part_of = |i: usize| first_rows.partition_point(|&start| start <= i) - 1;
    // Behind the last row of all this is the end of the last part.
    let start = |i: usize| {
        let part = part_of(i);
        first_cells[part] + parts[part].row_ptr()[i - first_rows[part]]
    };
    sparse_rows_exact(rows, cols, start, |i, room| {
        let part = part_of(i);
        room.extend(parts[part].row(i - first_rows[part]));
    })
}

/// The one length that all parts have.
fn same(lengths: impl Iterator<Item = usize>) -> usize {
    lengths
        .reduce(|a, b| if a == b { a } else { panic!("parts of {a} and {b} do not fit") })
        .expect("parts to bind")
}

/// Where each part starts. Of empty parts at one place the last is found, which has the row.
fn starts(lengths: impl Iterator<Item = usize>) -> Vec<usize> {
    lengths
        .scan(0, |next, length| {
            let start = *next;
            *next += length;
            Some(start)
        })
        .collect()
}
