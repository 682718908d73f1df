//! Sparse matrices from indices that others wrote: in any order, repeated (values are added), with zeros among the
//! values.

use tilewright_matrix::{Csr, transpose};

/// From the indices of columns, row by row (CSR).
///
/// # Errors
/// What is wrong with the indices.
pub fn of_rows(
    rows: usize,
    cols: usize,
    starts: Vec<usize>,
    indices: &[usize],
    values: Vec<f64>,
) -> Result<Csr, String> {
    if cols > Csr::MAX_COLS {
        return Err(format!("a sparse matrix has {} columns at most, not {cols}", Csr::MAX_COLS));
    }
    let ascends = starts.windows(2).all(|pair| pair[0] <= pair[1]);
    let is_whole =
        starts.len().checked_sub(1) == Some(rows) && starts[0] == 0 && starts[rows] == values.len();
    if !ascends || !is_whole || indices.len() != values.len() {
        return Err("the starts of rows, the indices and the values do not fit each other".into());
    }
    if let Some(outside) = indices.iter().find(|index| **index >= cols) {
        return Err(format!("the index {outside} is outside of {cols} columns"));
    }
    let columns: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
    let is_ordered = |i: usize| columns[starts[i]..starts[i + 1]].windows(2).all(|pair| pair[0] < pair[1]);
    if (0..rows).all(is_ordered) && !values.contains(&0.0) {
        return Ok(Csr::from_parts(rows, cols, starts, columns, values));
    }
    Ok(ordered(rows, cols, &starts, &columns, &values))
}

/// Rows in order, without repetitions and zeros.
fn ordered(rows: usize, cols: usize, starts: &[usize], columns: &[u32], values: &[f64]) -> Csr {
    let (mut row_ptr, mut col, mut val) =
        (vec![0], Vec::with_capacity(columns.len()), Vec::with_capacity(values.len()));
    let mut row: Vec<(u32, f64)> = Vec::new();
    for i in 0..rows {
        let range = starts[i]..starts[i + 1];
        row.clear();
        row.extend(columns[range.clone()].iter().copied().zip(values[range].iter().copied()));
        // A stable sort: values of one cell are added in the order of the file.
        row.sort_by_key(|(column, _)| *column);
        for cell in row.chunk_by(|a, b| a.0 == b.0) {
            let sum: f64 = cell.iter().map(|(_, value)| value).sum();
            if sum != 0.0 {
                col.push(cell[0].0);
                val.push(sum);
            }
        }
        row_ptr.push(col.len());
    }
    Csr::from_parts(rows, cols, row_ptr, col, val)
}

/// From the indices of rows, column by column (CSC).
///
/// # Errors
/// What is wrong with the indices.
pub fn of_columns(
    rows: usize,
    cols: usize,
    starts: Vec<usize>,
    indices: &[usize],
    values: Vec<f64>,
) -> Result<Csr, String> {
    if cols > Csr::MAX_COLS {
        return Err(format!("a sparse matrix has {} columns at most, not {cols}", Csr::MAX_COLS));
    }
    let transposed =
        of_rows(cols, rows, starts, indices, values).map_err(|message| message.replace("columns", "rows"))?;
    Ok(transpose::sparse(&transposed))
}

/// From the row and column of each value (COO).
///
/// # Errors
/// What is wrong with the indices.
pub fn of_cells(
    rows: usize,
    cols: usize,
    row: &[usize],
    col: &[usize],
    values: &[f64],
) -> Result<Csr, String> {
    if row.len() != values.len() || col.len() != values.len() {
        return Err("the indices and the values do not fit each other".into());
    }
    if let Some(outside) = row.iter().find(|index| **index >= rows) {
        return Err(format!("the index {outside} is outside of {rows} rows"));
    }
    // The number of rows is only a claim where it is larger than what is there.
    let mut starts = Vec::new();
    starts
        .try_reserve_exact(rows.saturating_add(1))
        .map_err(|_| format!("there is no memory for {rows} rows"))?;
    starts.resize(rows + 1, 0usize);
    row.iter().for_each(|i| starts[i + 1] += 1);
    (0..rows).for_each(|i| starts[i + 1] += starts[i]);
    let (mut next, mut indices, mut sorted) =
        (starts.clone(), vec![0; values.len()], vec![0.0; values.len()]);
    for ((i, j), value) in row.iter().zip(col).zip(values) {
        let at = next[*i];
        next[*i] += 1;
        (indices[at], sorted[at]) = (*j, *value);
    }
    of_rows(rows, cols, starts, &indices, sorted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_in_any_order_are_added_up() {
        // 0 5 0
        // 1 0 0, the 5 as 2 + 3, and a 4 that another -4 takes away
        let (row, col) = ([1, 0, 0, 1, 0, 1], [0, 1, 1, 2, 0, 2]);
        let csr = of_cells(2, 3, &row, &col, &[1.0, 2.0, 3.0, 4.0, 0.0, -4.0]).unwrap();
        assert_eq!(csr.to_dense().cells(), [0.0, 5.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(csr.nnz(), 2);
        let csc = of_columns(2, 3, vec![0, 1, 2, 2], &[1, 0], vec![1.0, 5.0]).unwrap();
        assert_eq!(csc, csr);
    }

    #[test]
    fn indices_that_do_not_fit_are_refused() {
        assert!(of_rows(2, 3, vec![0, 1], &[0], vec![1.0]).is_err());
        assert!(of_rows(2, 3, vec![0, 2, 1], &[0], vec![1.0]).is_err());
        assert!(of_rows(1, 3, vec![0, 1], &[3], vec![1.0]).is_err());
        assert!(of_rows(1, 3, vec![0, 2], &[1], vec![1.0]).is_err());
        assert!(of_rows(0, 3, vec![], &[], vec![]).is_err());
        assert!(of_cells(1, 3, &[1], &[0], &[1.0]).is_err());
        assert!(of_cells(1, 3, &[0], &[0, 1], &[1.0]).is_err());
    }
}
