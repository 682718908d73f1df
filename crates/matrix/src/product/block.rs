//! `c = a %*% b` of one task, on the calling thread: packed panels, and tiles of `c` in registers.
//!
//! The loops follow Goto and van de Geijn (2008), "Anatomy of high-performance matrix multiplication": a panel of `b`
//! stays in the first-level cache while the panels of a block of `a` stream from the second.
//!
//! ```text
//!              right panel   b b b | b b b        registers of b
//! left panel   a             c c c                c: ACROSS registers by M rows of the result,
//!              a             c c c                   kept over all steps of the depth
//! ```
//!
//! Invariant: a cell of the result adds its products in the order of the inner dimension, in runs of [`Element::DEPTH`], so its
//! bits depend neither on the instruction set's tile nor on how the result was cut.

use std::marker::PhantomData;

use faer::{Accum, MatMut, MatRef, RowMut};
use pulp::bytemuck::cast_slice_mut;
use pulp::{Arch, Simd};

use super::ahead::Ahead;
use super::element::Element;
use super::pack::{pack, packed_len};
use super::register_tile::Panels;
use crate::buffer::{Buffer, LARGE};
use crate::scratch::Scratch;

/// Columns of `b` that are packed together: what they take is read once per block of `a`.
const COLUMNS: usize = 1056;

/// Rows of `a` that are packed together: a part of the second-level cache.
const ROWS: usize = 128;

/// Which cells of the result are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// All.
    All,
    /// Those on and below the diagonal of the product of an operand's transpose with itself; others may be written or
    /// not.
    Lower,
}

/// `c = a %*% b` or `c += a %*% b`, multiplied as `E`. `c` is row-major, the operands are contiguous one way or the
/// other.
pub(super) fn multiply_block<E: Element>(
    c: MatMut<'_, f64>,
    accum: Accum,
    a: MatRef<'_, f64>,
    b: MatRef<'_, f64>,
    cells: Cells,
) {
    let element = PhantomData;
    Arch::new().dispatch(Multiply::<E> { c, accum, a, b, cells, element });
}

/// The packed panels of [`multiply_block`] for `m x k` by `k x n`; those of the widest tile. Singles are packed twice as
/// deep and take half of the memory each.
pub(super) fn multiply_block_scratch(m: usize, n: usize, k: usize) -> Scratch {
    let panels = |lines, width| Scratch::paged::<f64>(room(packed_len(lines, k.min(f64::DEPTH), width)));
    let lines = Scratch::vector::<&mut [f64]>(m);
    panels(n.min(COLUMNS), 24).and(panels(m.min(ROWS), 8)).and(lines)
}

/// The product of one task.
pub(crate) struct Multiply<'a, E> {
    c: MatMut<'a, f64>,
    accum: Accum,
    a: MatRef<'a, f64>,
    b: MatRef<'a, f64>,
    cells: Cells,
    element: PhantomData<E>,
}

impl<E: Element> Multiply<'_, E> {
    /// With tiles of `M` rows by `N` columns.
    #[inline(always)]
    pub(super) fn run<const M: usize, const N: usize, S: Simd>(self, simd: S) {
        let Multiply { c, accum, a, b, cells, .. } = self;
        let (m, n, k) = (c.nrows(), c.ncols(), a.ncols());
        let mut lines = lines(c);
        let mut right = packed::<E>(packed_len(n.min(COLUMNS), k.min(E::DEPTH), N));
        let mut left = packed::<E>(packed_len(m.min(ROWS), k.min(E::DEPTH), M));
        let (right, left) = (cast_slice_mut::<f64, E>(&mut right), cast_slice_mut::<f64, E>(&mut left));
        for j in (0..n).step_by(COLUMNS) {
            let columns = COLUMNS.min(n - j);
            for l in (0..k).step_by(E::DEPTH) {
                let (depth, next) = (E::DEPTH.min(k - l), k.min(l + E::DEPTH));
                let adds = l > 0 || accum == Accum::Add;
                pack::<E, N>(b.submatrix(l, j, depth, columns), right);
                let next_right = b.submatrix(next, j, E::DEPTH.min(k - next), columns);
                if cells == Cells::Lower && N.is_multiple_of(M) && columns == n {
                    // The panels of the transpose are those of the operand.
                    let steps = Panels::<E>::steps::<M, N>(m, n, depth) / 2;
                    let ahead = [next_right, next_right.subcols(0, 0)].map(|part| Ahead::new(part, steps));
                    let mut panels = Panels { left: right, right, depth, adds, cells, ahead };
                    panels.times::<M, N, N, S>(simd, (0, 0, n), &mut lines);
                    continue;
                }
                for (i, lines) in (0..).step_by(ROWS).zip(lines.chunks_mut(ROWS)) {
                    pack::<E, M>(a.submatrix(i, l, lines.len(), depth).transpose(), left);
                    let after = i + lines.len();
                    let next_left = if after == m {
                        a.submatrix(0, next, ROWS.min(m), E::DEPTH.min(k - next))
                    } else {
                        a.submatrix(after, l, ROWS.min(m - after), depth)
                    };
                    // All columns would not stay in the cache for long.
                    let next_right = if after == m { next_right } else { next_right.subrows(0, 0) };
                    let steps = Panels::<E>::steps::<M, N>(lines.len(), columns, depth);
                    let ahead = [next_left, next_right].map(|part| Ahead::new(part, steps));
                    let mut panels = Panels { left, right, depth, adds, cells, ahead };
                    panels.times::<M, N, M, S>(simd, (i, j, columns), lines);
                }
            }
        }
    }
}

/// Memory for packed elements, which is not zeroed where that would cost anything.
fn packed<E>(elements: usize) -> Buffer {
    Buffer::unset(room((elements * size_of::<E>()).div_ceil(size_of::<f64>())))
}

/// The doubles of a buffer for so many.
fn room(doubles: usize) -> usize {
    /// From so many on zeroing costs more than taking a large buffer.
    const FEW: usize = 1 << 12;
    if doubles < FEW { doubles } else { doubles.max(LARGE) }
}

/// The rows of a row-major matrix.
fn lines(c: MatMut<'_, f64>) -> Vec<&mut [f64]> {
    c.row_iter_mut().map(line).collect()
}

fn line(row: RowMut<'_, f64>) -> &mut [f64] {
    row.try_as_row_major_mut().expect("invariant: results are row-major").as_slice_mut()
}
