//! Matrices side by side (`cbind`) and on top of each other (`rbind`).
//!
//! Parts without columns (or rows) are legal and add nothing. The naive definitions are in
//! [`crate::reference::reorg`].

use crate::build::{copy_row, dense_rows, sparse_rows};
use crate::{Csr, Dense};

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
    let nnz = parts.iter().map(|part| part.nnz()).sum();
    sparse_rows(rows, cols, nnz, |i, cells| {
        let mut offset = 0;
        for part in parts {
            cells.extend_right(part.row(i), offset);
            offset += part.cols();
        }
    })
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
    let nnz = parts.iter().map(|part| part.nnz()).sum();
    let (mut col, mut val) = (Vec::with_capacity(nnz), Vec::with_capacity(nnz));
    let mut row_ptr = Vec::with_capacity(rows + 1);
    row_ptr.push(0);
    for part in parts {
        row_ptr.extend(part.row_ptr()[1..].iter().map(|end| col.len() + end));
        col.extend_from_slice(part.col());
        val.extend_from_slice(part.val());
    }
    Csr::from_parts(rows, cols, row_ptr, col, val)
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
