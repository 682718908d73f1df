//! Matrix by matrix: a recursive cut, in parallel, around the sequential product of [`block`](super::block).
//!
//! Invariant: the cut depends on the shape alone. Outputs are cut into tiles first (disjoint, no merging), then a
//! long inner dimension is halved and the halves are added, so that tall inputs run in parallel too.

use faer::{Accum, MatMut, MatRef};

use super::block::{Cells, multiply_block, multiply_block_scratch};
use super::element::Element;
use crate::dense::Dense;
use crate::scratch::{Scratch, at_once, partials};

/// Multiply-adds that are worth a task of their own: a fraction of a millisecond.
const GRAIN: usize = 1 << 25;

/// Sides of output tiles, at least and at most: a large tile packs its operands cheaply, many tiles keep many cores
/// busy.
const SIDES: [usize; 2] = [256, 1024];

/// Tiles that a result is cut into where their sides allow.
const TILES: usize = 16;

/// Multiples of it are whole tiles of registers, of doubles and of singles.
const WHOLE: usize = 48;

/// The inner dimension is cut only when it is this many times longer than the output is wide.
const INNER: usize = 16;

/// A dense matrix as the library sees it.
pub(crate) fn view(a: &Dense) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(a.cells(), a.rows(), a.cols())
}

/// A dense matrix to write, as the library sees it.
pub(super) fn view_mut(a: &mut Dense) -> MatMut<'_, f64> {
    let (rows, cols) = (a.rows(), a.cols());
    MatMut::from_row_major_slice_mut(a.cells_mut(), rows, cols)
}

/// `c = a %*% b`, whatever `c` comes in as.
pub(crate) fn multiply(c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    multiply_as::<f64>(c, a, b);
}

/// As [`multiply`], in the precision of `E`.
pub(super) fn multiply_as<E: Element>(c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let side = side(c.nrows(), c.ncols());
    multiply_tiles::<E>(c, Accum::Replace, (a, b), side);
}

/// `c += a %*% b`.
pub(crate) fn multiply_add(c: MatMut<'_, f64>, a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let side = side(c.nrows(), c.ncols());
    multiply_tiles::<f64>(c, Accum::Add, (a, b), side);
}

/// The side of the tiles of an `m x n` result.
fn side(m: usize, n: usize) -> usize {
    (m.saturating_mul(n) / TILES).isqrt().clamp(SIDES[0], SIDES[1]).next_multiple_of(WHOLE)
}

fn multiply_tiles<E: Element>(
    mut c: MatMut<'_, f64>,
    accum: Accum,
    (a, b): (MatRef<'_, f64>, MatRef<'_, f64>),
    side: usize,
) {
    let (m, n, k) = (c.nrows(), c.ncols(), a.ncols());
    if m * n * k == 0 {
        if accum == Accum::Replace {
            c.fill(0.0);
        }
    } else if m * n * k <= GRAIN || (m.max(n) <= side && k <= INNER * m.max(n)) {
        multiply_block::<E>(c, accum, a, b, Cells::All);
    } else if m.max(n) <= side {
        let mid = half(k);
        let ((a0, a1), (b0, b1)) = (a.split_at_col(mid), b.split_at_row(mid));
        add_halves(
            c,
            |c| multiply_tiles::<E>(c, accum, (a0, b0), side),
            |c| multiply_tiles::<E>(c, Accum::Replace, (a1, b1), side),
        );
    } else if m >= n {
        let mid = half(m);
        let ((c0, c1), (a0, a1)) = (c.split_at_row_mut(mid), a.split_at_row(mid));
        let tiles = |c, a| multiply_tiles::<E>(c, accum, (a, b), side);
        rayon::join(|| tiles(c0, a0), || tiles(c1, a1));
    } else {
        let mid = half(n);
        let ((c0, c1), (b0, b1)) = (c.split_at_col_mut(mid), b.split_at_col(mid));
        let tiles = |c, b| multiply_tiles::<E>(c, accum, (a, b), side);
        rayon::join(|| tiles(c0, b0), || tiles(c1, b1));
    }
}

/// What [`multiply`] and [`multiply_add`] need for `m x k` by `k x n`: packed panels for each task that runs, and
/// partial results where a long inner dimension is cut.
pub(crate) fn multiply_scratch(m: usize, n: usize, k: usize) -> Scratch {
    let side = side(m, n);
    let work = |m: usize, n: usize, k: usize| m.saturating_mul(n).saturating_mul(k);
    let (mut m, mut n, mut tiles) = (m, n, 1_usize);
    while m.max(n) > side && work(m, n, k) > GRAIN {
        let longer = if m >= n { &mut m } else { &mut n };
        *longer = larger_half(*longer);
        tiles = tiles.saturating_mul(2);
    }
    let (mut k, mut leaves) = (k, 1_usize);
    while work(m, n, k) > GRAIN && k > INNER * m.max(n) {
        k = larger_half(k);
        leaves = leaves.saturating_mul(2);
    }
    let tasks = at_once(tiles.saturating_mul(leaves));
    let packed = multiply_block_scratch(m, n, k) * tasks;
    packed.and(Scratch::dense(m, n) * partials(tiles, leaves))
}

/// What [`multiply_triangle`] needs for an `n x n` result of `k` rows: as for all of its tiles.
pub(super) fn multiply_triangle_scratch(n: usize, k: usize) -> Scratch {
    multiply_scratch(n, n, k)
}

/// The lower triangle of `c = t(a) %*% a`, whatever `c` comes in as.
pub(super) fn multiply_triangle<E: Element>(c: MatMut<'_, f64>, a: MatRef<'_, f64>) {
    let side = side(c.nrows(), c.ncols());
    triangle_tiles::<E>(c, a, side);
}

fn triangle_tiles<E: Element>(mut c: MatMut<'_, f64>, a: MatRef<'_, f64>, side: usize) {
    let (n, k) = (c.nrows(), a.nrows());
    if n * k == 0 {
        c.fill(0.0);
    } else if n > side {
        let mid = half(n);
        let (c00, _, c10, c11) = c.split_at_mut(mid, mid);
        let (a0, a1) = a.split_at_col(mid);
        rayon::join(
            || multiply_tiles::<E>(c10, Accum::Replace, (a1.transpose(), a0), side),
            || rayon::join(|| triangle_tiles::<E>(c00, a0, side), || triangle_tiles::<E>(c11, a1, side)),
        );
    } else if n * n * k > GRAIN && k > INNER * n {
        let (a0, a1) = a.split_at_row(half(k));
        add_halves(c, |c| triangle_tiles::<E>(c, a0, side), |c| triangle_tiles::<E>(c, a1, side));
    } else {
        multiply_block::<E>(c, Accum::Replace, a.transpose(), a, Cells::Lower);
    }
}

/// The sum of what `first` makes of `c` and of `second`.
fn add_halves(
    mut c: MatMut<'_, f64>,
    first: impl FnOnce(MatMut<'_, f64>) + Send,
    second: impl FnOnce(MatMut<'_, f64>) + Send,
) {
    let mut other = Dense::unset(c.nrows(), c.ncols());
    rayon::join(|| first(c.as_mut()), || second(view_mut(&mut other)));
    for i in 0..c.nrows() {
        c.as_mut().row_mut(i).iter_mut().zip(other.row(i)).for_each(|(x, y)| *x += y);
    }
}

/// The larger one of the parts that a dimension is cut into.
fn larger_half(n: usize) -> usize {
    half(n).max(n - half(n))
}

/// Half of a dimension, rounded up to whole tiles of registers and cache lines.
fn half(n: usize) -> usize {
    (n / 2).next_multiple_of(WHOLE)
}
