//! Products with a thin side, at memory bandwidth or near the peak of the cores, whichever is nearer.

use faer::{Accum, MatMut};
use pulp::Arch;

use super::block::{Cells, multiply_block, multiply_block_scratch};
use super::element::Element;
use super::multiply::view;
use super::tile::AddProduct;
use super::tree::{GRAIN_CELLS, even_cuts, for_rows, tree_scratch, tree_sum};
use super::vector::times_few;
use crate::dense::Dense;
use crate::scratch::{Scratch, at_once};

/// Results of this side or smaller are summed over row chunks from thin operands.
pub(super) const SIDE: usize = 256;

/// Operands of this width or narrower are read in place: packing them would cost more than it gains.
const NARROW: usize = 16;

/// Right-hand sides of this width or narrower count as thin.
const WIDTH: usize = 16;

/// Cells of a right-hand side that stays in the L1 cache.
const RIGHT_CELLS: usize = 1 << 12;

/// Cells of a panel of rows, which is read once per column of tiles: 64 KiB.
const PANEL_CELLS: usize = 1 << 13;

/// Whether `m x k` by `k x n` is a product with a thin right-hand side.
pub(super) fn is_thin(n: usize, k: usize) -> bool {
    n <= WIDTH && n * k <= RIGHT_CELLS
}

/// Whether `t(k x m)` by `k x n` is a product of thin operands.
pub(super) fn are_thin(m: usize, n: usize, k: usize) -> bool {
    m.max(n) <= SIDE && k >= 4 * m.max(n)
}

/// `a %*% b` for a thin `b`.
pub(super) fn multiply_thin(a: &Dense, b: &Dense) -> Dense {
    let (n, depth) = (b.cols(), a.cols());
    let mut c = Dense::unset(a.rows(), n);
    let vectors = transposed(b);
    let cuts = even_cuts(a.rows(), GRAIN_CELLS / (depth + n).max(1));
    for_rows(&cuts, n, c.cells_mut(), &|rows, out| times_few(a.cells(), &vectors, rows, out));
    c
}

/// What [`multiply_thin`] needs: the right-hand side the other way round.
pub(super) fn multiply_thin_scratch(n: usize, k: usize) -> Scratch {
    Scratch::dense(n, k)
}

/// `t(a) %*% b` for thin operands; the registers run along the wider one.
pub(super) fn multiply_tn_thin<E: Element>(a: &Dense, b: &Dense) -> Dense {
    if a.cols() > b.cols() {
        return transposed(&multiply_tn_thin::<E>(b, a));
    }
    let (m, n) = (a.cols(), b.cols());
    let mut c = Dense::zeros(m, n);
    if m > NARROW {
        let cuts = even_cuts(a.rows(), chunk(E::DEPTH, m * n, m + n));
        tree_sum(&cuts, c.cells_mut(), &|rows, out| {
            let left = view(a).subrows(rows.start, rows.len()).transpose();
            let right = view(b).subrows(rows.start, rows.len());
            let out = MatMut::from_row_major_slice_mut(out, m, n);
            multiply_block::<E>(out, Accum::Add, left, right, Cells::All);
        });
        return c;
    }
    let height = (PANEL_CELLS / (m + n).max(1)).max(16);
    tree_sum(&even_cuts(a.rows(), chunk(height, m * n, m + n)), c.cells_mut(), &|rows, out| {
        for start in rows.clone().step_by(height) {
            let depth = height.min(rows.end - start);
            let left = &a.cells()[start * m..][..depth * m];
            let right = &b.cells()[start * n..][..depth * n];
            Arch::new().dispatch(AddProduct { left, right, m, n, depth, lower: false, out });
        }
    });
    c
}

/// What [`multiply_tn_thin`] needs for `t(k x m)` by `k x n`: partial results and packed panels, and the result the
/// other way round.
pub(super) fn multiply_tn_thin_scratch(m: usize, n: usize, k: usize) -> Scratch {
    let turned = Scratch::dense(m, n).only_if(m > n);
    sum_scratch(m.min(n), m.max(n), k).and(turned)
}

/// Partial results and packed panels of sums over chunks of rows: `t(k x m)` by `k x n` with `m <= n`.
fn sum_scratch(m: usize, n: usize, k: usize) -> Scratch {
    if m > NARROW {
        let height = chunk(f64::DEPTH, m * n, m + n);
        let leaves = k.div_ceil(height);
        let packed = multiply_block_scratch(m, n, height.min(k)) * at_once(leaves);
        return tree_scratch(m * n, leaves).and(packed);
    }
    let height = (PANEL_CELLS / (m + n).max(1)).max(16);
    tree_scratch(m * n, k.div_ceil(chunk(height, m * n, m + n)))
}

/// What [`gram_thin`] needs for a `k x n` operand.
pub(super) fn gram_thin_scratch(n: usize, k: usize) -> Scratch {
    // A single operand is read, so chunks have up to twice the rows of those of a product.
    sum_scratch(n, n, k)
}

/// The lower triangle of `t(a) %*% a` for a thin `a`.
pub(super) fn gram_thin<E: Element>(a: &Dense) -> Dense {
    let n = a.cols();
    let mut c = Dense::zeros(n, n);
    let height = (PANEL_CELLS / n.max(1)).max(16);
    if n > NARROW {
        let cuts = even_cuts(a.rows(), chunk(E::DEPTH, n * n, n));
        tree_sum(&cuts, c.cells_mut(), &|rows, out| {
            let part = view(a).subrows(rows.start, rows.len());
            let out = MatMut::from_row_major_slice_mut(out, n, n);
            multiply_block::<E>(out, Accum::Add, part.transpose(), part, Cells::Lower);
        });
        return c;
    }
    tree_sum(&even_cuts(a.rows(), chunk(height, n * n, n)), c.cells_mut(), &|rows, out| {
        for start in rows.clone().step_by(height) {
            let depth = height.min(rows.end - start);
            let right = &a.cells()[start * n..][..depth * n];
            Arch::new().dispatch(AddProduct { left: right, right, m: n, n, depth, lower: true, out });
        }
    });
    c
}

/// `t(x) %*% (w * (x %*% v))` panel by panel, for a thin `v`.
pub(super) fn chain_thin(x: &Dense, v: &Dense, w: Option<&[f64]>) -> Dense {
    let (cols, k) = (x.cols(), v.cols());
    let (mut c, vectors) = (Dense::zeros(k, cols), transposed(v));
    let height = (PANEL_CELLS / cols.max(1)).max(16);
    tree_sum(&even_cuts(x.rows(), chunk(height, cols * k, cols)), c.cells_mut(), &|rows, out| {
        let mut inner = Dense::zeros(height.min(rows.len()), k);
        for start in rows.clone().step_by(height) {
            let len = height.min(rows.end - start);
            let inner = &mut inner.cells_mut()[..len * k];
            times_few(x.cells(), &vectors, start..start + len, inner);
            super::scale_rows(inner, k, w.map(|w| &w[start..start + len]));
            let (left, right) = (&*inner, &x.cells()[start * cols..][..len * cols]);
            Arch::new().dispatch(AddProduct {
                left,
                right,
                m: k,
                n: cols,
                depth: len,
                lower: false,
                out: &mut *out,
            });
        }
    });
    transposed(&c)
}

/// What [`chain_thin`] needs for a `rows x cols` operand and `k` vectors: the vectors and the result the other way
/// round, partial results, the inner products of a panel.
pub(super) fn chain_thin_scratch(rows: usize, cols: usize, k: usize) -> Scratch {
    let height = (PANEL_CELLS / cols.max(1)).max(16);
    let cells = cols.saturating_mul(k);
    let leaves = rows.div_ceil(chunk(height, cells, cols));
    let inner = Scratch::dense(height.min(rows), k) * at_once(leaves);
    (Scratch::dense(cols, k) * 2).and(tree_scratch(cells, leaves)).and(inner)
}

/// Rows of a task, whole panels: enough cells to be worth a task and to outweigh merging a partial result.
fn chunk(height: usize, result: usize, cols: usize) -> usize {
    let rows = GRAIN_CELLS.max(result.saturating_mul(4)) / cols.max(1);
    rows.next_multiple_of(height).max(height)
}

fn transposed(a: &Dense) -> Dense {
    Dense::from_fn(a.cols(), a.rows(), |i, j| a.get(j, i))
}
