//! The naive definitions of the operations that move, choose and count cells: one loop over indices each.
//!
//! They are the oracle of [`crate::transpose`], [`crate::reorg`], [`crate::bind`], [`crate::slice`],
//! [`crate::select`], [`crate::order`], [`crate::table`] and [`crate::replace`], whose documents hold here too.
//! Nothing here is fast.

use std::ops::Range;

use tilewright_base::{Outcome, bail};

use crate::Dense;
use crate::order::Direction;
use crate::reorg::CellOrder;
use crate::replace::{Diagonal, Part, Values};
use crate::select::{EmptyReturn, Margin};
use crate::table::Weights;

/// `t(x)`.
pub fn transpose(x: &Dense) -> Dense {
    Dense::from_fn(x.cols(), x.rows(), |i, j| x.get(j, i))
}

/// The rows from last to first.
pub fn rev(x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), x.cols(), |i, j| x.get(x.rows() - 1 - i, j))
}

/// Row `i` becomes row `i + k`, counted around the end.
pub fn roll(x: &Dense, k: i64) -> Dense {
    let source = |i: usize| (i as i64 - k % x.rows() as i64).rem_euclid(x.rows() as i64) as usize;
    Dense::from_fn(x.rows(), x.cols(), |i, j| x.get(source(i), j))
}

/// The square matrix with the column vector `x` on its diagonal.
pub fn diag_matrix(x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), x.rows(), |i, j| if i == j { x.get(i, 0) } else { 0.0 })
}

/// The diagonal of a square matrix as a column vector.
pub fn diag_vector(x: &Dense) -> Dense {
    Dense::from_fn(x.rows(), 1, |i, _| x.get(i, i))
}

/// The cells of `x` under another shape, read and written in `order`.
pub fn reshape(x: &Dense, rows: usize, cols: usize, order: CellOrder) -> Dense {
    assert_eq!(x.rows() * x.cols(), rows * cols, "reshape keeps the number of cells");
    Dense::from_fn(rows, cols, |i, j| match order {
        CellOrder::ByRow => {
            let position = i * cols + j;
            x.get(position / x.cols(), position % x.cols())
        }
        CellOrder::ByColumn => {
            let position = j * rows + i;
            x.get(position % x.rows(), position / x.rows())
        }
    })
}

/// The columns of all parts, from left to right.
pub fn cbind(parts: &[&Dense]) -> Dense {
    let transposed: Vec<Dense> = parts.iter().map(|part| transpose(part)).collect();
    transpose(&rbind(&transposed.iter().collect::<Vec<_>>()))
}

/// The rows of all parts, from top to bottom.
pub fn rbind(parts: &[&Dense]) -> Dense {
    let cols = parts[0].cols();
    let mut cells = Vec::new();
    for part in parts {
        assert_eq!(part.cols(), cols, "parts of the same width");
        cells.extend_from_slice(part.cells());
    }
    Dense::from_cells(parts.iter().map(|part| part.rows()).sum(), cols, &cells)
}

/// `x[rows, cols]`, 0-based and half-open.
pub fn slice(x: &Dense, rows: Range<usize>, cols: Range<usize>) -> Dense {
    Dense::from_fn(rows.len(), cols.len(), |i, j| x.get(rows.start + i, cols.start + j))
}

/// `x[rows, cols] = value`.
pub fn assign(x: &Dense, rows: Range<usize>, cols: Range<usize>, value: &Dense) -> Dense {
    assert_eq!((value.rows(), value.cols()), (rows.len(), cols.len()), "the shape of the assigned value");
    Dense::from_fn(x.rows(), x.cols(), |i, j| {
        let inside = rows.contains(&i) && cols.contains(&j);
        if inside { value.get(i - rows.start, j - cols.start) } else { x.get(i, j) }
    })
}

/// `x[rows, cols] = value` with one value for all cells of the rectangle.
pub fn assign_scalar(x: &Dense, rows: Range<usize>, cols: Range<usize>, value: f64) -> Dense {
    assign(x, rows.clone(), cols.clone(), &Dense::filled(rows.len(), cols.len(), value))
}

/// `x[rows[i], cols[j]] = value[i, j]` one after the other.
pub fn scatter(x: &Dense, rows: &[usize], cols: &[usize], value: &Dense) -> Dense {
    let mut out = x.clone();
    for (i, &row) in rows.iter().enumerate() {
        for (j, &col) in cols.iter().enumerate() {
            out.row_mut(row)[col] = value.get(i, j);
        }
    }
    out
}

/// The rows with the given indices.
pub fn gather_rows(x: &Dense, index: &[usize]) -> Dense {
    Dense::from_fn(index.len(), x.cols(), |i, j| x.get(index[i], j))
}

/// The columns with the given indices.
pub fn gather_cols(x: &Dense, index: &[usize]) -> Dense {
    Dense::from_fn(x.rows(), index.len(), |i, j| x.get(i, index[j]))
}

/// The lines that are not empty, or that `select` names.
pub fn remove_empty(x: &Dense, margin: Margin, select: Option<&[f64]>, empty: EmptyReturn) -> Dense {
    if margin == Margin::Cols {
        return transpose(&remove_empty(&transpose(x), Margin::Rows, select, empty));
    }
    let stays = |i: usize| match select {
        Some(select) => select[i] != 0.0,
        None => x.row(i).iter().any(|&value| value != 0.0),
    };
    let kept: Vec<usize> = (0..x.rows()).filter(|&i| stays(i)).collect();
    if kept.is_empty() && empty == EmptyReturn::ZeroLine {
        return Dense::zeros(1, x.cols());
    }
    gather_rows(x, &kept)
}

/// The row indices sorted by the columns `by`: an insertion sort, which is stable.
pub fn order(x: &Dense, by: &[usize], direction: Direction) -> Vec<usize> {
    let mut sorted: Vec<usize> = Vec::new();
    for i in 0..x.rows() {
        let place = sorted.iter().position(|&other| comes_before(x, by, direction, i, other));
        sorted.insert(place.unwrap_or(sorted.len()), i);
    }
    sorted
}

/// The total weight of every pair of 1-based categories.
///
/// # Errors
/// `value`: a code below 1.
pub fn table(
    rows: &[f64],
    cols: &[f64],
    weights: Weights<'_>,
    dims: Option<(usize, usize)>,
) -> Outcome<Dense> {
    for &code in rows.iter().chain(cols) {
        if code < 1.0 {
            bail!(Value, "{code} is no category");
        }
    }
    let largest = |codes: &[f64]| codes.iter().map(|code| code.floor() as usize).max().unwrap_or(0);
    let (height, width) = dims.unwrap_or((largest(rows), largest(cols)));
    let mut table = Dense::zeros(height, width);
    for k in (0..rows.len()).filter(|&k| !rows[k].is_nan() && !cols[k].is_nan()) {
        let (i, j) = (rows[k].floor() as usize - 1, cols[k].floor() as usize - 1);
        let weight = match weights {
            Weights::Ones => 1.0,
            Weights::Constant(weight) => weight,
            Weights::Each(weights) => weights[k],
        };
        if i < height && j < width {
            table.set(i, j, table.get(i, j) + weight);
        }
    }
    Ok(table)
}

/// Every cell that equals `pattern` becomes `replacement`; NaN equals NaN.
pub fn replace(x: &Dense, pattern: f64, replacement: f64) -> Dense {
    Dense::from_fn(x.rows(), x.cols(), |i, j| {
        let value = x.get(i, j);
        let is_match = value == pattern || (value.is_nan() && pattern.is_nan());
        if is_match { replacement } else { value }
    })
}

/// Zero outside of a triangle.
pub fn triangle(x: &Dense, part: Part, diagonal: Diagonal, values: Values) -> Dense {
    Dense::from_fn(x.rows(), x.cols(), |i, j| {
        let inside = match part {
            Part::Lower => j < i,
            Part::Upper => j > i,
        };
        match (inside || (i == j && diagonal == Diagonal::Keep), values) {
            (false, _) => 0.0,
            (true, Values::Keep) => x.get(i, j),
            (true, Values::Ones) => 1.0,
        }
    })
}

/// Whether row `a` must stand before row `b`: at the first column that tells them apart. NaN stands last.
fn comes_before(x: &Dense, by: &[usize], direction: Direction, a: usize, b: usize) -> bool {
    for &j in by {
        let (left, right) = (x.get(a, j), x.get(b, j));
        if left.is_nan() != right.is_nan() {
            return right.is_nan() == (direction == Direction::Ascending);
        }
        if left != right && !left.is_nan() {
            return (left < right) == (direction == Direction::Ascending);
        }
    }
    false
}
