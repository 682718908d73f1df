//! Copies of operands in the order in which the kernel of [`block`](super::block) reads them.
//!
//! ```text
//! operand, depth x lines      panels of W lines, one after the other
//!   a a a a b b b b             a a a a   depth
//!   a a a a b b b b     ->      a a a a   steps
//!   a a a a b b b b             a a a a
//!                               b b b b   ...
//! ```
//!
//! Invariant: the last panel is filled up with zeros, so that the kernel sees whole panels only.

use faer::MatRef;

use super::element::Element;

/// Steps that are copied together: their cells of a line are a cache line.
const STEPS: usize = 8;

/// Steps of an operand at most.
const DEEPEST: usize = <f32 as Element>::DEPTH;

/// Cells that the panels of an operand take.
pub(super) fn packed_len(lines: usize, depth: usize, width: usize) -> usize {
    lines.next_multiple_of(width) * depth
}

/// Writes the panels of an operand (depth x lines, contiguous one way or the other) of `W` lines each.
#[inline(always)]
pub(super) fn pack<E: Element, const W: usize>(operand: MatRef<'_, f64>, out: &mut [E]) {
    let out = &mut out.as_chunks_mut::<W>().0[..operand.ncols().div_ceil(W) * operand.nrows()];
    if operand.col_stride() == 1 {
        copy_steps(operand, out);
    } else if W.is_multiple_of(8) {
        copy_lines::<E, W, 8>(operand.transpose(), out);
    } else if W.is_multiple_of(4) {
        copy_lines::<E, W, 4>(operand.transpose(), out);
    } else {
        copy_lines::<E, W, 3>(operand.transpose(), out);
    }
}

/// The cells of a step lie side by side. A few steps at a time, so that the operand is read as it lies in memory and
/// every panel gets several cache lines in a row.
#[inline(always)]
fn copy_steps<E: Element, const W: usize>(operand: MatRef<'_, f64>, out: &mut [[E; W]]) {
    let depth = operand.nrows();
    for first in (0..depth).step_by(STEPS) {
        for p in 0..operand.ncols().div_ceil(W) {
            for l in first..depth.min(first + STEPS) {
                let step = &row(operand, l)[p * W..];
                let out = &mut out[p * depth + l];
                match step.first_chunk::<W>() {
                    Some(step) => {
                        for c in 0..W {
                            out[c] = E::of(step[c]);
                        }
                    }
                    None => {
                        *out = [E::ZERO; W];
                        for c in 0..step.len() {
                            out[c] = E::of(step[c]);
                        }
                    }
                }
            }
        }
    }
}

/// The cells of a line lie side by side. Tiles of `T` lines, `W` being a multiple of it, and a few steps: of more lines
/// at a distance of a power of two the cache could not hold one cache line each.
#[inline(always)]
fn copy_lines<E: Element, const W: usize, const T: usize>(lines: MatRef<'_, f64>, out: &mut [[E; W]]) {
    let depth = lines.ncols();
    let zeros = [0.0; DEEPEST];
    for (first, panel) in (0..lines.nrows()).step_by(W).zip(out.chunks_exact_mut(depth.max(1))) {
        for c in (0..W).step_by(T) {
            let mut sources = [&zeros[..depth]; T];
            for (source, line) in sources.iter_mut().zip(first + c..lines.nrows()) {
                *source = &row(lines, line)[..depth];
            }
            let whole = depth - depth % STEPS;
            for l in (0..whole).step_by(STEPS) {
                copy_tile(sources, l, &mut panel[l..l + STEPS], c);
            }
            for l in whole..depth {
                for t in 0..T {
                    panel[l][c + t] = E::of(sources[t][l]);
                }
            }
        }
    }
}

/// Steps `l..l + STEPS` of some lines become columns `c..c + T` of a panel.
#[inline(always)]
fn copy_tile<E: Element, const W: usize, const T: usize>(
    sources: [&[f64]; T],
    l: usize,
    panel: &mut [[E; W]],
    c: usize,
) {
    let panel = panel.first_chunk_mut::<STEPS>().expect("invariant: whole tiles");
    let mut tile = [&[0.0; STEPS]; T];
    for t in 0..T {
        tile[t] = sources[t][l..].first_chunk::<STEPS>().expect("invariant: whole tiles");
    }
    for s in 0..STEPS {
        let out = panel[s][c..].first_chunk_mut::<T>().expect("invariant: whole tiles");
        for t in 0..T {
            out[t] = E::of(tile[t][s]);
        }
    }
}

/// A row whose cells lie side by side.
#[inline(always)]
fn row(x: MatRef<'_, f64>, i: usize) -> &[f64] {
    x.row(i).try_as_row_major().expect("invariant: operands are contiguous one way").as_slice()
}
