//! What indexing a matrix needs beside its inputs and the result.

use tilewright_matrix::{Scratch, select, slice};

use super::{Form, Side, matrix};
use crate::facts::Facts;
use crate::scratch::{Shape, densified};

/// True when a side is given by values that need not be consecutive.
fn is_scattered(side: Side, indices: &[Facts]) -> bool {
    let single = |index: &Facts| index.is_scalar() || (index.dims().0.is(1) && index.dims().1.is(1));
    side == Side::One && !(single(&indices[0]) && index_is_number(&indices[0]))
}

fn index_is_number(index: &Facts) -> bool {
    index.logical != Some(true)
}

/// Values and positions of the vectors that choose; positions are a list that grows.
fn positions(form: Form, indices: &[Facts]) -> Option<(Scratch, [bool; 2])> {
    let (rows, cols) = form.split(indices);
    let mut scratch = Scratch::NONE;
    let mut scattered = [false; 2];
    for (at, (side, indices)) in [(form.rows, rows), (form.cols, cols)].into_iter().enumerate() {
        scattered[at] = is_scattered(side, indices);
        if scattered[at] {
            let cells = if indices[0].is_matrix() { indices[0].shape()?.cells() } else { 0 };
            let lists = Scratch::vector::<f64>(cells).and(Scratch::vector::<usize>(cells) * 2);
            scratch = scratch.and(lists).and(densified(indices)?);
        }
    }
    Some((scratch, scattered))
}

/// Of `X[...]`.
pub(super) fn part(form: Form, x: &Facts, indices: &[Facts], result: &Facts) -> Option<Scratch> {
    if form.rows == Side::Element {
        return Some(Scratch::NONE);
    }
    let (x, (lists, scattered)) = (x.shape()?, positions(form, indices)?);
    let result = result.shape().unwrap_or(x);
    if scattered == [false, false] {
        let whole = (result.rows, result.cols) == (x.rows, x.cols);
        let sliced = |stored| {
            slice::slice_sparse_scratch(result.rows, result.cols, stored).and(result.expanded(stored))
        };
        return Some(x.stored.map_or(Scratch::NONE, sliced).only_if(!whole));
    }
    let rows = Shape { rows: result.rows, ..x };
    Some(lists.and(match x.stored {
        None => Scratch::dense(rows.rows, rows.cols).only_if(scattered[1]).and(result.compacted()),
        Some(stored) => {
            // Positions that are named several times copy their cells as often.
            let times = result.rows.div_ceil(x.rows.max(1)).max(1);
            let chosen = stored.saturating_mul(times).min(rows.cells());
            let most = chosen.saturating_mul(result.cols.div_ceil(x.cols.max(1)).max(1));
            let cols = select::gather_cols_sparse_scratch(rows.rows, x.cols, chosen, result.cols, most);
            let gathered = Scratch::csr(rows.rows, chosen).and(cols).only_if(form.cols != Side::All);
            select::gather_rows_sparse_scratch(rows.rows).or(gathered).and(result.expanded(most))
        }
    }))
}

/// Of `X[...] = value`.
pub(super) fn assign(
    form: Form,
    x: &Facts,
    value: &Facts,
    indices: &[Facts],
    result: &Facts,
) -> Option<Scratch> {
    let (part_rows, part_cols) = matrix::part(form, x, indices).ok()?;
    let (x, value, result) = (x.shape()?, value.shape()?, result.shape()?);
    let rows = part_rows.known().map_or(x.rows, |rows| rows as usize);
    let cols = part_cols.known().map_or(x.cols, |cols| cols as usize);
    let part = Shape { rows, cols, stored: None };
    let (lists, scattered) = positions(form, indices)?;
    let repeated = value.cells() != 1 && (value.rows, value.cols) != (rows, cols);
    let value_scratch = Scratch::dense(rows, cols).only_if(repeated);
    let scatters = scattered != [false, false];
    let places = Scratch::vector::<usize>(rows.saturating_add(cols)).only_if(scatters);
    let Some(stored) = x.stored else { return Some(lists.and(places).and(value_scratch)) };
    let assigned = value.stored.filter(|_| !repeated).unwrap_or(part.cells());
    let sparse = if scatters {
        slice::scatter_sparse_scratch(x.rows, x.cols, stored, part.cells())
    } else {
        let is_dense = repeated || value.stored.is_none();
        let sparse_value = part.sparsified().only_if(is_dense && value.cells() != 1);
        sparse_value.and(slice::assign_sparse_scratch(x.rows, stored, assigned))
    };
    let becomes_dense = result.expanded(stored.saturating_add(assigned));
    Some(lists.and(places).and(value_scratch).and(sparse).and(becomes_dense))
}
