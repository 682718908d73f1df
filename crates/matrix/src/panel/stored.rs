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

/// `out = Σ scale[p] * rows[columns[p], ]`: a sparse row times a matrix; a zero absorbs.
///
/// # Panics
/// When lengths differ, or a column is not there.
pub fn times_stored(columns: &[u32], scale: &[f64], rows: &Dense, out: &mut [f64]) {
    assert!(out.len() == rows.cols() && columns.len() == scale.len(), "lengths of a product");
    if let [out] = out {
        let rows = rows.cells();
        *out = columns.iter().zip(scale).map(|(column, scale)| scale * rows[*column as usize]).sum();
    } else {
        out.fill(0.0);
        columns
            .iter()
            .zip(scale)
            .for_each(|(column, scale)| add_scaled(*scale, rows.row(*column as usize), out));
    }
    if has_nan(out) {
        for (j, out) in out.iter_mut().enumerate().filter(|(_, out)| out.is_nan()) {
            let pairs = columns.iter().map(|column| rows.get(*column as usize, j)).zip(scale.iter().copied());
            *out = absorbing_dot(pairs);
        }
    }
}

/// `out += scale * row`, IEEE.
///
/// # Panics
/// When lengths differ.
pub fn add_scaled(scale: f64, row: &[f64], out: &mut [f64]) {
    assert_eq!(row.len(), out.len(), "lengths of rows");
    Arch::new().dispatch(AddScaled { scale, row, out });
}

struct AddScaled<'a> {
    scale: f64,
    row: &'a [f64],
    out: &'a mut [f64],
}

impl WithSimd for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let AddScaled { scale, row, out } = self;
        let (row, rest) = S::as_simd_f64s(row);
        let (out, out_rest) = S::as_mut_simd_f64s(out);
        let scales = simd.splat_f64s(scale);
        for k in 0..row.len() {
            out[k] = simd.mul_add_f64s(scales, row[k], out[k]);
        }
        if !rest.is_empty() {
            let sum =
                simd.mul_add_f64s(scales, simd.partial_load_f64s(rest), simd.partial_load_f64s(out_rest));
            simd.partial_store_f64s(out_rest, sum);
        }
    }
}

/// `out[code - 1, ] += row` for each code and its row, for rows as long as those of `out`; codes are whole numbers from 1, and those that are
/// missing or beyond the rows of `out` do nothing.
///
/// # Panics
/// When lengths differ.
pub fn add_rows_at(codes: &[f64], rows: &[f64], out: &mut Dense) {
    assert_eq!(codes.len() * out.cols(), rows.len(), "a row for each code");
    Arch::new().dispatch(AddRowsAt { codes, rows, out });
}

struct AddRowsAt<'a> {
    codes: &'a [f64],
    rows: &'a [f64],
    out: &'a mut Dense,
}

impl WithSimd for AddRowsAt<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let AddRowsAt { codes, rows, out } = self;
        let (height, width) = (out.rows(), out.cols());
        for (code, row) in codes.iter().zip(rows.chunks_exact(width)) {
            // A missing code is 0 as an integer.
            let Some(at) = (*code as usize).checked_sub(1).filter(|at| *at < height) else { continue };
            let (row, rest) = S::as_simd_f64s(row);
            let (out, out_rest) = S::as_mut_simd_f64s(out.row_mut(at));
            for k in 0..row.len() {
                out[k] = simd.add_f64s(out[k], row[k]);
            }
            for (out, cell) in out_rest.iter_mut().zip(rest) {
                *out += cell;
            }
        }
    }
}
