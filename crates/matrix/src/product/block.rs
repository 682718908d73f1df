//! `c = a %*% b` of one task, on the calling thread: packed panels, and tiles of `c` in registers.
//!
//! The loops follow Goto and van de Geijn (2008), "Anatomy of high-performance matrix multiplication": a panel of `a`
//! stays in the first-level cache while the panels of a block of `b` stream from the second.
//!
//! ```text
//!              right panel   b b b | b b b        registers of b
//! left panel   a             c c c                c: ACROSS registers by M rows of the result,
//!              a             c c c                   kept over all steps of the depth
//! ```
//!
//! Invariant: a cell of the result adds its products in the order of the inner dimension, in runs of [`DEPTH`], so its
//! bits depend neither on the instruction set's tile nor on how the result was cut.

use std::ops::Range;

use faer::{Accum, MatMut, MatRef, RowMut};
use pulp::{Arch, Simd, WithSimd};

use super::pack::{pack, packed_len};
use crate::buffer::Buffer;
use crate::prefetch::prefetch_line;
use crate::scratch::Scratch;

/// Registers of a tile side by side; with 8 rows, 24 of the 32 registers of AVX-512 hold sums.
const ACROSS: usize = 3;

/// Steps of the inner dimension that are packed together: a left panel of them fits the first-level cache.
pub(super) const DEPTH: usize = 256;

/// Columns of `b` that are packed together: half of a second-level cache.
const COLUMNS: usize = 504;

/// Rows of `a` that are packed together.
const ROWS: usize = 64;

/// Doubles in a cache line.
const LINE: usize = 8;

/// Which cells of the result are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cells {
    /// All.
    All,
    /// Those on and below the diagonal; others may be written or not.
    Lower,
}

/// `c = a %*% b` or `c += a %*% b`. `c` is row-major, the operands are contiguous one way or the other.
pub(super) fn multiply_block(
    c: MatMut<'_, f64>,
    accum: Accum,
    a: MatRef<'_, f64>,
    b: MatRef<'_, f64>,
    cells: Cells,
) {
    Arch::new().dispatch(Multiply { c, accum, a, b, cells });
}

/// The packed panels of [`multiply_block`] for `m x k` by `k x n`; those of the widest tile.
pub(super) fn multiply_block_scratch(m: usize, n: usize, k: usize) -> Scratch {
    let panels = |lines, width| Scratch::paged::<f64>(packed_len(lines, k.min(DEPTH), width));
    let lines = Scratch::vector::<&mut [f64]>(m);
    panels(n.min(COLUMNS), 24).and(panels(m.min(ROWS), 8)).and(lines)
}

struct Multiply<'a> {
    c: MatMut<'a, f64>,
    accum: Accum,
    a: MatRef<'a, f64>,
    b: MatRef<'a, f64>,
    cells: Cells,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F64_LANES {
            8 => self.run::<8, 24, S>(simd),
            4 => self.run::<4, 12, S>(simd),
            2 => self.run::<8, 6, S>(simd),
            _ => self.run::<4, 3, S>(simd),
        }
    }
}

impl Multiply<'_> {
    /// With tiles of `M` rows by `N` columns.
    #[inline(always)]
    fn run<const M: usize, const N: usize, S: Simd>(self, simd: S) {
        let Multiply { c, accum, a, b, cells } = self;
        let (m, n, k) = (c.nrows(), c.ncols(), a.ncols());
        let mut lines = lines(c);
        let mut right = Buffer::unset(packed_len(n.min(COLUMNS), k.min(DEPTH), N));
        let mut left = Buffer::unset(packed_len(m.min(ROWS), k.min(DEPTH), M));
        for l in (0..k).step_by(DEPTH) {
            let depth = DEPTH.min(k - l);
            let adds = l > 0 || accum == Accum::Add;
            for j in (0..n).step_by(COLUMNS) {
                let columns = COLUMNS.min(n - j);
                pack::<N>(b.submatrix(l, j, depth, columns), &mut right);
                let is_run = columns == n && b.row_stride() == n as isize && l + depth < k;
                let ahead = is_run.then(|| b.row(l + depth).as_ptr());
                let mut right = Right { panels: &right, depth, columns: j..j + columns, adds, cells, ahead };
                for (i, lines) in (0..).step_by(ROWS).zip(lines.chunks_mut(ROWS)) {
                    pack::<M>(a.submatrix(i, l, lines.len(), depth).transpose(), &mut left);
                    right.times::<M, N, S>(simd, &left, i, lines);
                }
            }
        }
    }
}

/// The rows of a row-major matrix.
fn lines(c: MatMut<'_, f64>) -> Vec<&mut [f64]> {
    c.row_iter_mut().map(line).collect()
}

fn line(row: RowMut<'_, f64>) -> &mut [f64] {
    row.try_as_row_major_mut().expect("invariant: results are row-major").as_slice_mut()
}

/// Packed columns of the right operand, and what becomes of products with them.
struct Right<'a> {
    panels: &'a [f64],
    depth: usize,
    /// Where in the result its columns are.
    columns: Range<usize>,
    /// Whether the result has partial sums already.
    adds: bool,
    cells: Cells,
    /// What is packed next of a thin operand, which lies in memory as one run: brought in while tiles are computed.
    ahead: Option<*const f64>,
}

impl Right<'_> {
    /// The products with packed rows of `a`, from row `first` on.
    #[inline(always)]
    fn times<const M: usize, const N: usize, S: Simd>(
        &mut self,
        simd: S,
        left: &[f64],
        first: usize,
        lines: &mut [&mut [f64]],
    ) {
        let Range { start, end } = self.columns.clone();
        let lefts = left.chunks_exact(M * self.depth);
        for (i, (left, lines)) in (first..).step_by(M).zip(lefts.zip(lines.chunks_mut(M))) {
            let end = if self.cells == Cells::Lower { end.min(i + M) } else { end };
            for (j, right) in (start..end).step_by(N).zip(self.panels.chunks_exact(N * self.depth)) {
                let (mut tile, operands) = ([[0.0; N]; M], Operands { left, right, ahead: self.ahead });
                match (end - j).div_ceil(S::F64_LANES) {
                    1 => operands.sum::<M, N, 1, S>(simd, &mut tile),
                    2 => operands.sum::<M, N, 2, S>(simd, &mut tile),
                    _ => operands.sum::<M, N, ACROSS, S>(simd, &mut tile),
                }
                self.ahead = self.ahead.map(|line| line.wrapping_add(LINE * self.depth));
                for (line, sums) in lines.iter_mut().zip(&tile) {
                    store(simd, &mut line[j..end.min(j + N)], sums, self.adds);
                }
            }
        }
    }
}

/// Writes or adds a row of a tile, which the edge of the result may cut off.
#[inline(always)]
fn store<const N: usize, S: Simd>(simd: S, out: &mut [f64], sums: &[f64; N], adds: bool) {
    if !adds {
        out.copy_from_slice(&sums[..out.len()]);
    } else if out.len() == N {
        let (out, sums) = (S::as_mut_simd_f64s(out).0, S::as_simd_f64s(sums).0);
        for v in 0..ACROSS {
            out[v] = simd.add_f64s(out[v], sums[v]);
        }
    } else {
        out.iter_mut().zip(sums).for_each(|(c, sum)| *c += sum);
    }
}

/// What a tile is computed from.
struct Operands<'a> {
    left: &'a [f64],
    right: &'a [f64],
    ahead: Option<*const f64>,
}

impl Operands<'_> {
    /// The sums of the first `V` registers of each row of a tile.
    ///
    /// Plain loops: closures that standard combinators call are not compiled for the instruction set of `S`. Registers
    /// are named by constants only: an index that is not known would keep all sums in memory.
    #[inline(always)]
    #[expect(clippy::manual_memcpy, reason = "a copy of a slice of registers would keep all sums in memory")]
    fn sum<const M: usize, const N: usize, const V: usize, S: Simd>(
        &self,
        simd: S,
        tile: &mut [[f64; N]; M],
    ) {
        let right = S::as_simd_f64s(self.right).0.as_chunks::<ACROSS>().0;
        let left = &self.left.as_chunks::<M>().0[..right.len()];
        // Lines that are in the cache anyway cost nothing.
        let ahead = self.ahead.unwrap_or(self.left.as_ptr());
        let mut sums = [[simd.splat_f64s(0.0); V]; M];
        for l in 0..right.len() {
            prefetch_line(ahead.wrapping_add(LINE * l));
            for r in 0..M {
                let x = simd.splat_f64s(left[l][r]);
                for v in 0..V {
                    sums[r][v] = simd.mul_add_e_f64s(x, right[l][v], sums[r][v]);
                }
            }
        }
        for r in 0..M {
            let registers = S::as_mut_simd_f64s(&mut tile[r]).0;
            for v in 0..V {
                registers[v] = sums[r][v];
            }
        }
    }
}
