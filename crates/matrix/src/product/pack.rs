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

/// Steps that are copied together.
const STEPS: usize = 8;

/// Cells that the panels of an operand take.
pub(super) fn packed_len(lines: usize, depth: usize, width: usize) -> usize {
    lines.next_multiple_of(width) * depth
}

/// Writes the panels of an operand (depth x lines, contiguous one way or the other) of `W` lines each.
#[inline(always)]
pub(super) fn pack<const W: usize>(operand: MatRef<'_, f64>, out: &mut [f64]) {
    let out = &mut out.as_chunks_mut::<W>().0[..operand.ncols().div_ceil(W) * operand.nrows()];
    if operand.col_stride() == 1 {
        copy_steps(operand, out);
    } else {
        copy_lines(operand.transpose(), out);
    }
}

/// The cells of a step lie side by side. A few steps at a time, so that the operand is read as it lies in memory and
/// every panel gets several cache lines in a row.
#[inline(always)]
fn copy_steps<const W: usize>(operand: MatRef<'_, f64>, out: &mut [[f64; W]]) {
    let depth = operand.nrows();
    for first in (0..depth).step_by(STEPS) {
        for p in 0..operand.ncols().div_ceil(W) {
            for l in first..depth.min(first + STEPS) {
                let step = &row(operand, l)[p * W..];
                let out = &mut out[p * depth + l];
                match step.first_chunk::<W>() {
                    Some(step) => *out = *step,
                    None => {
                        *out = [0.0; W];
                        out[..step.len()].copy_from_slice(step);
                    }
                }
            }
        }
    }
}

/// The cells of a line lie side by side.
#[inline(always)]
fn copy_lines<const W: usize>(lines: MatRef<'_, f64>, out: &mut [[f64; W]]) {
    let depth = lines.ncols();
    let zeros = [0.0; super::block::DEPTH];
    for (first, panel) in (0..lines.nrows()).step_by(W).zip(out.chunks_exact_mut(depth.max(1))) {
        let mut sources = [&zeros[..depth]; W];
        for (source, line) in sources.iter_mut().zip(first..lines.nrows()) {
            *source = &row(lines, line)[..depth];
        }
        for l in 0..depth {
            for c in 0..W {
                panel[l][c] = sources[c][l];
            }
        }
    }
}

/// A row whose cells lie side by side.
#[inline(always)]
fn row(x: MatRef<'_, f64>, i: usize) -> &[f64] {
    x.row(i).try_as_row_major().expect("invariant: operands are contiguous one way").as_slice()
}
