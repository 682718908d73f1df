//! The innermost loops of the packed product: tiles of the result in registers.
//!
//! Invariant: registers are named by constants only. An index that is not known would keep all sums in memory.

use pulp::Simd;

use super::ahead::Ahead;
use super::block::Cells;
use super::element::{Element, lanes, registers, registers_mut};
use crate::prefetch::{prefetch_cells, prefetch_near};

/// Registers of a tile side by side; with 8 rows, 24 of the 32 registers of AVX-512 hold sums.
const ACROSS: usize = 3;

/// Steps between two times that cache lines are asked for. A loop that is short in code and long in steps is decoded
/// once, which is worth more here than unrolling.
const GROUP: usize = 64;

/// Rows of the result that are asked for at a time, so that all are before the last step.
const ROWS: usize = 3;

/// Steps before it is needed that the left panel is asked for; the next panel lies behind it.
const NEAR: usize = 24;

/// Packed operands, and what becomes of their product.
pub(super) struct Panels<'a, E> {
    pub left: &'a [E],
    pub right: &'a [E],
    /// Steps of the inner dimension.
    pub depth: usize,
    /// Whether the result has partial sums already.
    pub adds: bool,
    pub cells: Cells,
    /// What is packed next.
    pub ahead: [Ahead; 2],
}

impl<E: Element> Panels<'_, E> {
    /// How often a product of `m` by `n` cells asks for lines ahead.
    pub(super) fn steps<const M: usize, const N: usize>(m: usize, n: usize, depth: usize) -> usize {
        m.div_ceil(M) * n.div_ceil(N) * depth.div_ceil(GROUP)
    }

    /// The products of all left panels, of `W` lines each and from row `i` of the result on, with the `columns` from `j`
    /// on. `W` is a multiple of `M`.
    #[inline(always)]
    pub(super) fn times<const M: usize, const N: usize, const W: usize, S: Simd>(
        &mut self,
        simd: S,
        (i, j, columns): (usize, usize, usize),
        lines: &mut [&mut [f64]],
    ) {
        let end = j + columns;
        for (j, right) in (j..end).step_by(N).zip(self.right.chunks_exact(N * self.depth)) {
            for (at, lines) in (0..).step_by(M).zip(lines.chunks_mut(M)) {
                let end = if self.cells == Cells::Lower { end.min(i + at + M) } else { end };
                if j >= end {
                    continue;
                }
                let (line, width, adds) = (at % W, N.min(end - j), self.adds);
                let left = self.left[(at - line) * self.depth..].as_chunks::<W>().0;
                let mut tile = Tile { left, line, right, lines, j, width, adds };
                match width.div_ceil(lanes::<E, S>()) {
                    1 => tile.add::<M, N, 1, S>(simd, &mut self.ahead),
                    2 => tile.add::<M, N, 2, S>(simd, &mut self.ahead),
                    _ => tile.add::<M, N, ACROSS, S>(simd, &mut self.ahead),
                }
            }
        }
    }
}

/// A part of the result and its operands.
struct Tile<'a, 'b, E, const W: usize> {
    left: &'a [[E; W]],
    /// The first line of the left panel.
    line: usize,
    right: &'a [E],
    /// Rows of the result.
    lines: &'a mut [&'b mut [f64]],
    /// The first column, and how many.
    j: usize,
    width: usize,
    adds: bool,
}

impl<E: Element, const W: usize> Tile<'_, '_, E, W> {
    /// Computes `V` registers of each row.
    ///
    /// Plain loops: closures that standard combinators call are not compiled for the instruction set of `S`.
    #[inline(always)]
    #[expect(clippy::manual_memcpy, reason = "a copy of a slice of registers would keep all sums in memory")]
    fn add<const M: usize, const N: usize, const V: usize, S: Simd>(
        &mut self,
        simd: S,
        ahead: &mut [Ahead; 2],
    ) {
        let right = registers::<E, S>(self.right).as_chunks::<ACROSS>().0;
        let (left, line) = (&self.left[..right.len()], self.line);
        assert!(line + M <= W, "invariant: tiles lie within a panel");
        let mut sums = [[E::splat(simd, E::ZERO); V]; M];
        let mut first = 0;
        while first < right.len() {
            ahead[0].step();
            ahead[1].step();
            let row = first / GROUP * ROWS;
            for line in self.lines.iter().skip(row).take(ROWS) {
                prefetch_cells(&line[self.j..self.j + self.width]);
            }
            for l in first..right.len().min(first + GROUP) {
                prefetch_near(left.as_ptr().wrapping_add(l + NEAR).cast::<E>().wrapping_add(line));
                for r in 0..M {
                    let x = E::splat(simd, left[l][line + r]);
                    for v in 0..V {
                        sums[r][v] = E::multiply_add(simd, x, right[l][v], sums[r][v]);
                    }
                }
            }
            first += GROUP;
        }
        let mut tile = [[E::ZERO; N]; M];
        for r in 0..M {
            let tile = registers_mut::<E, S>(&mut tile[r]);
            for v in 0..V {
                tile[v] = sums[r][v];
            }
        }
        let whole = V * lanes::<E, S>();
        for (line, sums) in self.lines.iter_mut().zip(&tile) {
            if self.width == whole {
                store(&mut line[self.j..self.j + whole], &sums[..whole], self.adds);
            } else {
                store(&mut line[self.j..self.j + self.width], &sums[..self.width], self.adds);
            }
        }
    }
}

/// Writes or adds sums.
#[inline(always)]
fn store<E: Element>(out: &mut [f64], sums: &[E], adds: bool) {
    if adds {
        for k in 0..out.len() {
            out[k] += sums[k].cell();
        }
    } else {
        for k in 0..out.len() {
            out[k] = sums[k].cell();
        }
    }
}
