//! Binary and ternary functions of dense matrices whose shapes are equal or broadcast.
//!
//! A 1x1 matrix, a row vector (1 x columns) and a column vector (rows x 1) stretch over a matrix, on any side.
//! The result is cut into tiles; for a tile each operand gives its cells or one scalar, so that the inner loops
//! are those of `map.rs`. Invariant: a row never meets a column here, `outer` of the language says that.

use crate::dense::Dense;
use crate::map::{BinaryLoops, CHUNK, PARALLEL_FROM, TILE, for_chunks};
use crate::panel::{self, Cells, Space};
use pulp::Arch;
use rayon::prelude::*;

/// The shape (rows, columns) that two shapes broadcast to: one of them, or `None` when neither stretches.
pub fn result_shape(a: (usize, usize), b: (usize, usize)) -> Option<(usize, usize)> {
    if stretches(b, a) {
        Some(a)
    } else if stretches(a, b) {
        Some(b)
    } else {
        None
    }
}

/// `f(a, b)` cell by cell, with broadcasting on either side.
///
/// # Panics
/// When the shapes do not broadcast, as everywhere in this module.
pub fn binary(loops: &BinaryLoops, a: &Dense, b: &Dense) -> Dense {
    let (rows, cols) = shape_of_two(a, b);
    let mut out = Dense::unset(rows, cols);
    let work = rows * cols;
    if shape(a) == (rows, cols) {
        let (a, b) = (a.cells(), Operand::new(b, rows, cols));
        for_tiles(out.cells_mut(), work, |start, out, space| {
            left_full(loops, &a[start..start + out.len()], &b, start, space, out);
        });
    } else {
        let (a, b) = (Operand::new(a, rows, cols), b.cells());
        for_tiles(out.cells_mut(), work, |start, out, space| {
            let b = &b[start..start + out.len()];
            match a.scalar(start, out.len()) {
                Some(a) => (loops.sv)(a, b, out),
                None => (loops.vv)(a.cells(start, out.len(), space), b, out),
            }
        });
    }
    out
}

/// As [`binary`], in the memory of `a` when the result has its shape.
pub fn binary_into(loops: &BinaryLoops, mut a: Dense, b: &Dense) -> Dense {
    let (rows, cols) = shape_of_two(&a, b);
    if shape(&a) != (rows, cols) {
        return binary(loops, &a, b);
    }
    let b = Operand::new(b, rows, cols);
    for_tiles(a.cells_mut(), rows * cols, |start, out, space| {
        let mut copy = [0.0; TILE];
        let copy = &mut copy[..out.len()];
        copy.copy_from_slice(out);
        left_full(loops, copy, &b, start, space, out);
    });
    a
}

/// `f(a, s)` cell by cell.
pub fn binary_scalar(loops: &BinaryLoops, a: &Dense, s: f64) -> Dense {
    let mut out = Dense::unset(a.rows(), a.cols());
    let a = a.cells();
    for_chunks(out.cells_mut(), CHUNK, a.len(), |start, out| {
        (loops.vs)(&a[start..start + out.len()], s, out)
    });
    out
}

/// `f(s, a)` cell by cell.
pub fn scalar_binary(loops: &BinaryLoops, s: f64, a: &Dense) -> Dense {
    let mut out = Dense::unset(a.rows(), a.cols());
    let a = a.cells();
    for_chunks(out.cells_mut(), CHUNK, a.len(), |start, out| {
        (loops.sv)(s, &a[start..start + out.len()], out)
    });
    out
}

/// Makes the IEEE product `out` of `a` and `b` absorbing: a NaN where `a` or `b` is zero becomes 0.
///
/// # Panics
/// When `out` has not the shape that `a` and `b` broadcast to.
pub fn repair_product(out: &mut Dense, a: &Dense, b: &Dense) {
    let (rows, cols) = shape_of_two(a, b);
    assert_eq!(shape(out), (rows, cols), "shape of a product");
    let (a, b) = (Operand::new(a, rows, cols), Operand::new(b, rows, cols));
    for_chunks(out.cells_mut(), TILE, rows * cols, |start, out| {
        if !has_nan(out) {
            return;
        }
        for (k, cell) in out.iter_mut().enumerate().filter(|(_, cell)| cell.is_nan()) {
            if a.cell(start + k) == 0.0 || b.cell(start + k) == 0.0 {
                *cell = 0.0;
            }
        }
    });
}

/// `a` where `cond` is not zero (NaN counts as true), else `b`; each of the three may broadcast.
pub fn select(cond: &Dense, a: &Dense, b: &Dense) -> Dense {
    let (rows, cols) = shape_of_three(cond, a, b);
    let mut out = Dense::unset(rows, cols);
    let [cond, a, b] = [cond, a, b].map(|x| Operand::new(x, rows, cols));
    for_chunks(out.cells_mut(), CHUNK, rows * cols, |start, out| {
        let mut space = [[0.0; TILE]; 3];
        for (k, out) in out.chunks_mut(TILE).enumerate() {
            let (start, len) = (start + k * TILE, out.len());
            let [of_cond, of_a, of_b] = &mut space;
            let cond = cond.cells(start, len, of_cond);
            select_cells(cond, a.cells(start, len, of_a), b.cells(start, len, of_b), out);
        }
    });
    out
}

/// One operand, seen as a matrix of the shape of the result.
enum Operand<'a> {
    Full(&'a [f64]),
    Row(&'a [f64]),
    Column(&'a [f64], usize),
    One(f64),
}

impl<'a> Operand<'a> {
    fn new(x: &'a Dense, rows: usize, cols: usize) -> Operand<'a> {
        match shape(x) {
            own if own == (rows, cols) => Operand::Full(x.cells()),
            (1, 1) => Operand::One(x.get(0, 0)),
            (1, own) if own == cols => Operand::Row(x.cells()),
            (own, 1) if own == rows => Operand::Column(x.cells(), cols),
            (own_rows, own_cols) => {
                panic!("invariant: a {own_rows}x{own_cols} operand broadcasts to {rows}x{cols}")
            }
        }
    }

    /// The scalar that all cells of the tile `start..start + len` equal by shape, if there is one.
    fn scalar(&self, start: usize, len: usize) -> Option<f64> {
        match *self {
            Operand::Full(_) | Operand::Row(_) => None,
            Operand::Column(column, cols) => {
                let i = start / cols;
                (start + len <= (i + 1) * cols).then(|| column[i])
            }
            Operand::One(value) => Some(value),
        }
    }

    /// The cells of the tile `start..start + len` of the result, written to `space` where they are not contiguous.
    fn cells<'t>(&self, start: usize, len: usize, space: &'t mut [f64; TILE]) -> &'t [f64]
    where
        'a: 't,
    {
        let space = &mut space[..len];
        match *self {
            Operand::Full(cells) => return &cells[start..start + len],
            Operand::Row(row) => {
                let j = start % row.len();
                if j + len <= row.len() {
                    return &row[j..j + len];
                }
                repeat_row(row, j, space);
            }
            Operand::Column(column, cols) => repeat_cells(column, cols, start, space),
            Operand::One(value) => space.fill(value),
        }
        space
    }

    /// The cell at place `at` of the row-major result.
    fn cell(&self, at: usize) -> f64 {
        match *self {
            Operand::Full(cells) => cells[at],
            Operand::Row(row) => row[at % row.len()],
            Operand::Column(column, cols) => column[at / cols],
            Operand::One(value) => value,
        }
    }
}

/// A tile whose left operand has the shape of the result.
fn left_full(
    loops: &BinaryLoops,
    a: &[f64],
    b: &Operand,
    start: usize,
    space: &mut [f64; TILE],
    out: &mut [f64],
) {
    match b.scalar(start, out.len()) {
        Some(b) => (loops.vs)(a, b, out),
        None => (loops.vv)(a, b.cells(start, out.len(), space), out),
    }
}

/// `f(u[i], v[j])` for every pair, a row for each cell of `u`.
pub fn outer(loops: &BinaryLoops, u: &[f64], v: &[f64]) -> Dense {
    let width = v.len();
    let mut out = Dense::unset(u.len(), width);
    let Some(height) = CHUNK.checked_div(width).map(|height| height.max(1)) else { return out };
    let rows = |(out, u): (&mut [f64], &[f64])| {
        panel::binary(loops, Cells::Column(u), Cells::Row(v), width, out, &mut Space::default());
    };
    let cells = out.cells_mut();
    if cells.len() < PARALLEL_FROM {
        rows((cells, u));
    } else {
        cells.par_chunks_mut(height * width).zip(u.par_chunks(height)).for_each(rows);
    }
    out
}

/// Runs `body(start, tile, space)` over the tiles of `out`, in parallel when `work` cells are worth it.
fn for_tiles(out: &mut [f64], work: usize, body: impl Fn(usize, &mut [f64], &mut [f64; TILE]) + Send + Sync) {
    for_chunks(out, CHUNK, work, |start, chunk| {
        let mut space = [0.0; TILE];
        for (k, tile) in chunk.chunks_mut(TILE).enumerate() {
            body(start + k * TILE, tile, &mut space);
        }
    });
}

/// Fills `out` with `row[j..]`, then `row` again and again; each copy doubles what is filled.
fn repeat_row(row: &[f64], j: usize, out: &mut [f64]) {
    let head = row.len() - j;
    out[..head].copy_from_slice(&row[j..]);
    let mut filled = row.len().min(out.len());
    out[head..filled].copy_from_slice(&row[..filled - head]);
    while filled < out.len() {
        let len = filled.min(out.len() - filled);
        out.copy_within(..len, filled);
        // What is filled stays a multiple of the row, so that the next copy continues the pattern.
        filled += len;
    }
}

/// Fills `out` with the cells from `start` of a matrix of `cols` columns that repeats `column` in each of them.
fn repeat_cells(column: &[f64], cols: usize, start: usize, out: &mut [f64]) {
    let (mut i, mut rest) = (start / cols, cols - start % cols);
    let mut out = out;
    while !out.is_empty() {
        let (head, tail) = out.split_at_mut(rest.min(out.len()));
        head.fill(column[i]);
        (i, rest, out) = (i + 1, cols, tail);
    }
}

pub(crate) fn select_cells(cond: &[f64], a: &[f64], b: &[f64], out: &mut [f64]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (((out, &cond), &a), &b) in out.iter_mut().zip(cond).zip(a).zip(b) {
                *out = if cond != 0.0 { a } else { b };
            }
        },
    );
}

fn has_nan(cells: &[f64]) -> bool {
    Arch::new().dispatch(
        #[inline(always)]
        || cells.iter().fold(false, |found, x| found | x.is_nan()),
    )
}

fn shape(x: &Dense) -> (usize, usize) {
    (x.rows(), x.cols())
}

/// Whether a matrix of shape `small` broadcasts to `large`.
fn stretches(small: (usize, usize), large: (usize, usize)) -> bool {
    (small.0 == large.0 || small.0 == 1) && (small.1 == large.1 || small.1 == 1)
}

fn shape_of_two(a: &Dense, b: &Dense) -> (usize, usize) {
    let (a, b) = (shape(a), shape(b));
    result_shape(a, b).unwrap_or_else(|| panic!("invariant: shapes {a:?} and {b:?} broadcast"))
}

fn shape_of_three(a: &Dense, b: &Dense, c: &Dense) -> (usize, usize) {
    let shapes = [shape(a), shape(b), shape(c)];
    let fits = |large: &(usize, usize)| shapes.iter().all(|&small| stretches(small, *large));
    shapes.into_iter().find(fits).unwrap_or_else(|| panic!("invariant: shapes {shapes:?} broadcast"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary_loops;
    use crate::reference::cell;
    use crate::testing::{any_dense, assert_same, in_pools, values};
    use proptest::prelude::*;

    /// A matrix and an operand that broadcasts to it: same shape, row, column or scalar.
    fn pair() -> impl Strategy<Value = (Dense, Dense)> {
        (any_dense(), 0..4u8).prop_flat_map(|(x, kind)| {
            let (rows, cols) = (x.rows(), x.cols());
            let (rows, cols) = match kind {
                0 => (rows, cols),
                1 => (1, cols),
                2 => (rows, 1),
                _ => (1, 1),
            };
            let other = values(rows * cols).prop_map(move |cells| Dense::from_cells(rows, cols, &cells));
            (Just(x), other)
        })
    }

    fn minus(x: f64, y: f64) -> f64 {
        x - y
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn binary_matches_the_reference((a, b) in pair()) {
            let loops = binary_loops!(minus);
            assert_same(&binary(&loops, &a, &b), &cell::binary(minus, &a, &b));
            assert_same(&binary(&loops, &b, &a), &cell::binary(minus, &b, &a));
            assert_same(&binary_into(&loops, a.clone(), &b), &cell::binary(minus, &a, &b));
            assert_same(&binary_into(&loops, b.clone(), &a), &cell::binary(minus, &b, &a));
            let s = Dense::filled(1, 1, 2.5);
            assert_same(&binary_scalar(&loops, &a, 2.5), &cell::binary(minus, &a, &s));
            assert_same(&scalar_binary(&loops, 2.5, &a), &cell::binary(minus, &s, &a));
        }

        #[test]
        fn repair_makes_products_absorbing((a, b) in pair()) {
            let loops = binary_loops!(|x, y| x * y);
            let mut out = binary(&loops, &a, &b);
            repair_product(&mut out, &a, &b);
            assert_same(&out, &cell::binary(crate::map::absorbing_product, &a, &b));
        }

        #[test]
        fn select_matches_the_reference((cond, a) in pair(), scalar in -2.0..2.0) {
            let b = Dense::filled(1, 1, scalar);
            let f = |c: f64, a: f64, b: f64| if c != 0.0 { a } else { b };
            assert_same(&select(&cond, &a, &b), &cell::ternary(f, &cond, &a, &b));
            assert_same(&select(&a, &b, &cond), &cell::ternary(f, &a, &b, &cond));
        }
    }

    #[test]
    fn shapes_that_split_agree_for_any_number_of_threads() {
        let loops = binary_loops!(minus);
        for (rows, cols) in [(70_000, 3), (3, 70_000), (300, 700), (1, 100_000), (100_000, 1)] {
            let x = Dense::from_fn(rows, cols, |i, j| (i * 31 + j * 7) as f64);
            for (r, c) in [(rows, cols), (1, cols), (rows, 1), (1, 1)] {
                let y = Dense::from_fn(r, c, |i, j| (i + 5 * j) as f64 * 0.5);
                let expected = [cell::binary(minus, &x, &y), cell::binary(minus, &y, &x)];
                in_pools(|| {
                    assert_same(&binary(&loops, &x, &y), &expected[0]);
                    assert_same(&binary(&loops, &y, &x), &expected[1]);
                });
            }
        }
    }

    #[test]
    fn every_pair_is_combined() {
        for (rows, cols) in [(0, 3), (3, 0), (1, 1), (5, 7), (7, 60), (3000, 33)] {
            let u: Vec<f64> = (0..rows).map(|i| (i * 37 % 11) as f64 - 5.0).collect();
            let v: Vec<f64> = (0..cols).map(|j| (j * 17 % 7) as f64 - 3.0).collect();
            let expected = Dense::from_fn(rows, cols, |i, j| u[i] - v[j]);
            in_pools(|| assert_same(&outer(&crate::binary_loops!(minus), &u, &v), &expected));
        }
    }

    #[test]
    fn rows_do_not_meet_columns() {
        assert_eq!(result_shape((1, 3), (2, 1)), None);
        assert_eq!(result_shape((1, 3), (0, 3)), Some((0, 3)));
        assert_eq!(result_shape((4, 1), (1, 1)), Some((4, 1)));
    }
}
