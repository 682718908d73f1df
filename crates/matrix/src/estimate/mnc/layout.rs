//! What moves cells: `rbind` (and `cbind`, its transpose), `diag`, reshaping; and `A == 0`.

use super::counts::{Counts, Side};
use crate::estimate::random::{mixed, rounded};
use crate::estimate::{Counted, Shape};

/// `rbind(a, b)`.
///
/// Cells that are alone in their row stay so. Those that are alone in their column do where the other matrix has none
/// there; only if that holds for all of them are they still known row by row.
pub(super) fn above(a: &Counts, b: &Counts) -> Counts {
    let height = a.rows.len() + b.rows.len();
    let rows = a.rows.counts.iter().chain(&b.rows.counts).copied().collect();
    let cols = a.cols.counts.iter().zip(&b.cols.counts).map(|(&a, &b)| a.saturating_add(b)).collect();
    let pairs = || a.cols.counts.iter().zip(&b.cols.counts);
    let stay_alone = pairs().all(|(&a, &b)| !(a == 1 && b > 0 || b == 1 && a > 0));
    let alone = |side: &Side| side.alone.clone().unwrap_or_else(|| vec![0; side.len()]);
    let known = |side: &Side, single: usize| side.alone.is_some() || single == 0;
    let rows_alone = (stay_alone && known(&a.rows, a.cols.single) && known(&b.rows, b.cols.single))
        .then(|| [alone(&a.rows), alone(&b.rows)].concat());
    let cols_alone = (known(&a.cols, a.rows.single) && known(&b.cols, b.rows.single))
        .then(|| alone(&a.cols).iter().zip(alone(&b.cols)).map(|(a, b)| a + b).collect());
    Counts {
        rows: Side::new(rows, rows_alone, a.cols.len()),
        cols: Side::new(cols, cols_alone, height),
        is_exact: a.is_exact && b.is_exact,
        is_diagonal: false,
    }
}

/// `diag(v)` of a column: every cell is alone.
pub(super) fn on_diagonal(v: &Counts) -> Counts {
    let side = || Side::new(v.rows.counts.clone(), Some(v.rows.counts.clone()), v.rows.len());
    Counts { rows: side(), cols: side(), is_exact: v.is_exact, is_diagonal: true }
}

/// The expected cells of the diagonal: a cell `(i, i)` is one of `r[i]` in its row, which are in column `i` with
/// probability `c[i] / nnz`.
fn expected(a: &Counts) -> impl Iterator<Item = f64> + '_ {
    let at = move |(&row, &col): (&u32, &u32)| {
        if a.is_diagonal { f64::from(row) } else { (f64::from(row) * f64::from(col) / a.rows.total).min(1.0) }
    };
    let empty = a.rows.total == 0.0;
    a.rows.counts.iter().zip(&a.cols.counts).map(move |pair| if empty { 0.0 } else { at(pair) })
}

/// The count of `diag(A)`.
pub(super) fn count_diagonal(a: &Counts) -> Counted<Counts> {
    let nnz = expected(a).sum();
    if a.is_diagonal && a.is_exact {
        return Counted::exactly(nnz);
    }
    // A cell of the diagonal needs a row and a column that are not empty.
    let both = a.rows.counts.iter().zip(&a.cols.counts).filter(|(row, col)| **row > 0 && **col > 0).count();
    let full = a
        .rows
        .counts
        .iter()
        .zip(&a.cols.counts)
        .filter(|(row, col)| **row as usize == a.rows.len() || **col as usize == a.cols.len());
    let lower = full.count() as f64;
    let upper = both as f64;
    if a.is_exact { Counted { nnz, lower, upper, structure: None } } else { Counted::about(nnz) }
}

/// The sketch of `diag(A)`.
pub(super) fn diagonal(a: &Counts, seed: u64) -> Counts {
    let salt = mixed(seed ^ a.rows.total.to_bits());
    let rows: Vec<u32> = expected(a).enumerate().map(|(i, x)| rounded(x, i, salt)).collect();
    let cols = vec![rows.iter().sum()];
    Counts { is_exact: a.is_diagonal && a.is_exact, ..Counts::new(rows, cols) }
}

/// `A == 0`.
pub(super) fn complement(a: &Counts) -> Counts {
    let rest = |side: &Side, across: usize| {
        side.counts.iter().map(|&count| (across as u32).saturating_sub(count)).collect()
    };
    let counts = Counts::new(rest(&a.rows, a.cols.len()), rest(&a.cols, a.rows.len()));
    Counts { is_exact: a.is_exact, ..counts }
}

/// The cells row by row in another shape.
///
/// Where new rows are several old ones in a row, they have their cells, and the cells of an old column are spread over
/// as many new ones; where they are pieces of an old one, the other way around. Otherwise the cells of a row go where
/// it goes, evenly over the columns.
pub(super) fn reshaped(a: &Counts, to: Shape, seed: u64) -> Counts {
    let from = a.shape();
    if from == to {
        return a.clone();
    }
    let salt = mixed(seed ^ a.rows.total.to_bits() ^ to.rows as u64);
    let rows = spread(&a.rows.counts, from.cols, to);
    let cols = match (from.cols, to.cols) {
        (0, _) | (_, 0) => vec![0.0; to.cols],
        (old, new) if new % old == 0 => {
            let pieces = (new / old) as f64;
            (0..new).map(|j| f64::from(a.cols.counts[j % old]) / pieces).collect()
        }
        (old, new) if old % new == 0 => {
            let mut cols = vec![0.0; new];
            a.cols.counts.iter().enumerate().for_each(|(j, &count)| cols[j % new] += f64::from(count));
            cols
        }
        (_, new) => vec![a.rows.total / new as f64; new],
    };
    let whole = |counts: Vec<f64>, most: usize, seed: u64| {
        let rounded = |(i, x): (usize, f64)| rounded(x.min(most as f64), i, seed);
        counts.into_iter().enumerate().map(rounded).collect()
    };
    Counts::new(whole(rows, to.cols, salt), whole(cols, to.rows, !salt))
}

/// The cells of each row dealt out to the rows of another shape by the part of it that they take.
fn spread(rows: &[u32], cols: usize, to: Shape) -> Vec<f64> {
    let mut out = vec![0.0; to.rows];
    if cols == 0 || to.cols == 0 {
        return out;
    }
    let (old, new) = (cols as u128, to.cols as u128);
    for (i, &count) in rows.iter().enumerate().filter(|(_, count)| **count > 0) {
        let (mut start, end) = (i as u128 * old, (i as u128 + 1) * old);
        while start < end {
            let row = start / new;
            let until = end.min((row + 1) * new);
            out[row as usize] += f64::from(count) * (until - start) as f64 / old as f64;
            start = until;
        }
    }
    out
}
