//! Sparse rows against a dense matrix of several columns: the result of a row stays in registers.
//!
//! Invariant: terms are added in the order of the stored cells without fused operations, so the bits do not depend
//! on the instruction set.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use crate::csr::Csr;
use crate::dense::Dense;

/// `out = a[rows, ] %*% b`.
pub(super) struct RowsTimes<'a> {
    pub(super) a: &'a Csr,
    pub(super) b: &'a Dense,
    pub(super) rows: Range<usize>,
    pub(super) out: &'a mut [f64],
}

impl WithSimd for RowsTimes<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let RowsTimes { a, b, rows, out } = self;
        let n = b.cols();
        for (i, out) in rows.zip(out.chunks_exact_mut(n)) {
            let mut at = 0;
            // Registers for 12 sums leave some for the cell and the row of `b` even with the older 16.
            while n - at >= 12 * S::F64_LANES {
                sum_block::<12, S>(simd, a.row(i), b, at, out);
                at += 12 * S::F64_LANES;
            }
            while n - at >= 4 * S::F64_LANES {
                sum_block::<4, S>(simd, a.row(i), b, at, out);
                at += 4 * S::F64_LANES;
            }
            while n - at >= S::F64_LANES {
                sum_block::<1, S>(simd, a.row(i), b, at, out);
                at += S::F64_LANES;
            }
            if at < n {
                sum_rest(simd, a.row(i), b, at, out);
            }
        }
    }
}

/// Sums the columns of `W` registers from `at` on.
#[inline(always)]
fn sum_block<const W: usize, S: Simd>(
    simd: S,
    (col, val): (&[u32], &[f64]),
    b: &Dense,
    at: usize,
    out: &mut [f64],
) {
    let mut sums = [simd.splat_f64s(0.0); W];
    for (&l, &x) in col.iter().zip(val) {
        let (row, _) = S::as_simd_f64s(&b.row(l as usize)[at..at + W * S::F64_LANES]);
        let x = simd.splat_f64s(x);
        for w in 0..W {
            sums[w] = simd.add_f64s(sums[w], simd.mul_f64s(x, row[w]));
        }
    }
    let (out, _) = S::as_mut_simd_f64s(&mut out[at..at + W * S::F64_LANES]);
    out.copy_from_slice(&sums);
}

/// Sums the columns from `at` on, fewer than a register has lanes.
#[inline(always)]
fn sum_rest<S: Simd>(simd: S, (col, val): (&[u32], &[f64]), b: &Dense, at: usize, out: &mut [f64]) {
    let mut sums = simd.splat_f64s(0.0);
    for (&l, &x) in col.iter().zip(val) {
        let row = simd.partial_load_f64s(&b.row(l as usize)[at..]);
        sums = simd.add_f64s(sums, simd.mul_f64s(simd.splat_f64s(x), row));
    }
    simd.partial_store_f64s(&mut out[at..], sums);
}

/// `out += t(a[rows, ]) %*% b[rows, ]`.
pub(super) struct AddOuter<'a> {
    pub(super) a: &'a Csr,
    pub(super) b: &'a Dense,
    pub(super) rows: Range<usize>,
    pub(super) out: &'a mut [f64],
}

impl WithSimd for AddOuter<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let AddOuter { a, b, rows, out } = self;
        let n = b.cols();
        for i in rows {
            let (col, val) = a.row(i);
            let (row, rest) = S::as_simd_f64s(b.row(i));
            for (&j, &x) in col.iter().zip(val) {
                let (out, out_rest) = S::as_mut_simd_f64s(&mut out[j as usize * n..][..n]);
                let x = simd.splat_f64s(x);
                for l in 0..row.len() {
                    out[l] = simd.add_f64s(out[l], simd.mul_f64s(x, row[l]));
                }
                if !rest.is_empty() {
                    let y = simd.mul_f64s(x, simd.partial_load_f64s(rest));
                    simd.partial_store_f64s(out_rest, simd.add_f64s(simd.partial_load_f64s(out_rest), y));
                }
            }
        }
    }
}

/// Rows of a dense left side that are taken together: a stored cell meets all of them in one register.
pub(super) const SIDE: usize = 8;

/// `out = a[rows, ] %*% b` for at most [`SIDE`] rows; `sums` has that many cells for every column of `b`.
#[inline(always)]
pub(super) fn side_times(a: &Dense, b: &Csr, rows: Range<usize>, sums: &mut [[f64; SIDE]], out: &mut [f64]) {
    sums.fill([0.0; SIDE]);
    for l in 0..a.cols() {
        let (col, val) = b.row(l);
        if col.is_empty() {
            continue;
        }
        let mut left = [0.0; SIDE];
        for (r, i) in rows.clone().enumerate() {
            left[r] = a.cells()[i * a.cols() + l];
        }
        for (&j, &y) in col.iter().zip(val) {
            let sums = &mut sums[j as usize];
            for r in 0..SIDE {
                sums[r] += left[r] * y;
            }
        }
    }
    for (r, out) in out.chunks_exact_mut(b.cols()).enumerate() {
        for (out, sums) in out.iter_mut().zip(&*sums) {
            *out = sums[r];
        }
    }
}
