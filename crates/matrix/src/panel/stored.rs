//! Products of rows with what stands at the stored cells of a sparse row: sampled, or gathered.

use pulp::{Arch, Simd, WithSimd};

use super::has_nan;
use crate::dense::Dense;
use crate::prefetch::prefetch_cells;
use crate::product::repair::absorbing_dot;

/// Stored cells ahead of which memory is asked for.
const AHEAD: usize = 6;

/// `out[p] = u . vectors[columns[p], ]`: the cells of `u %*% t(vectors)` at some columns; a zero absorbs.
///
/// # Panics
/// When lengths differ, or a column is not there.
pub fn dots_at(u: &[f64], vectors: &Dense, columns: &[u32], out: &mut [f64]) {
    assert!(u.len() == vectors.cols() && columns.len() == out.len(), "lengths of a sampled product");
    Arch::new().dispatch(DotsAt { u, vectors, columns, out: &mut *out });
    if has_nan(out) {
        for (column, out) in columns.iter().zip(out).filter(|(_, out)| out.is_nan()) {
            let row = vectors.row(*column as usize);
            *out = absorbing_dot(u.iter().copied().zip(row.iter().copied()));
        }
    }
}

struct DotsAt<'a> {
    u: &'a [f64],
    vectors: &'a Dense,
    columns: &'a [u32],
    out: &'a mut [f64],
}

impl WithSimd for DotsAt<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let DotsAt { u, vectors, columns, out } = self;
        let (heads, tail) = S::as_simd_f64s(u);
        let tail = simd.partial_load_f64s(tail);
        for (p, out) in out.iter_mut().enumerate() {
            if let Some(ahead) = columns.get(p + AHEAD) {
                prefetch_cells(vectors.row(*ahead as usize));
            }
            let row = vectors.row(columns[p] as usize);
            let (row, rest) = S::as_simd_f64s(row);
            let zero = simd.splat_f64s(0.0);
            let mut sums = [zero; 4];
            sums[0] = simd.mul_add_f64s(tail, simd.partial_load_f64s(rest), zero);
            let (blocks, whole) = heads.as_chunks::<4>();
            let (row_blocks, row_whole) = row.as_chunks::<4>();
            for (x, y) in blocks.iter().zip(row_blocks) {
                for k in 0..4 {
                    sums[k] = simd.mul_add_f64s(x[k], y[k], sums[k]);
                }
            }
            for (k, (x, y)) in whole.iter().zip(row_whole).enumerate() {
                sums[k] = simd.mul_add_f64s(*x, *y, sums[k]);
            }
            let sum = simd.add_f64s(simd.add_f64s(sums[0], sums[1]), simd.add_f64s(sums[2], sums[3]));
            *out = simd.reduce_sum_f64s(sum);
        }
    }
}

/// `out[k, ] += scale[p] * rows[columns[p], ]` summed over `p`: a sparse row times a matrix, IEEE.
///
/// # Panics
/// When lengths differ, or a column is not there.
pub fn add_scaled_rows(columns: &[u32], scale: &[f64], rows: &Dense, out: &mut [f64]) {
    assert!(out.len() == rows.cols() && columns.len() == scale.len(), "lengths of a product");
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (column, scale) in columns.iter().zip(scale) {
                for (out, x) in out.iter_mut().zip(rows.row(*column as usize)) {
                    *out += scale * x;
                }
            }
        },
    );
}
