//! Sparse rows against one dense vector: 8 stored cells per step, gathered where the processor can.
//!
//! Invariant: a dot product is summed in 8 lanes without fused operations and merged by halves, so the bits do not
//! depend on the instruction set.

#![allow(unsafe_code)]

use std::ops::Range;

use crate::csr::Csr;

/// `out = a[rows, ] %*% v`.
///
/// # Panics
/// When `v` has not a cell per column.
pub(super) fn times_vector(a: &Csr, v: &[f64], rows: Range<usize>, out: &mut [f64]) {
    assert!(v.len() == a.cols() && out.len() == rows.len(), "cells of operand and result");
    #[cfg(target_arch = "x86_64")]
    if x86::can_gather(v) {
        // SAFETY: the instructions are there, and `v` has a cell for each column.
        return unsafe { x86::times_vector(a, v, rows, out) };
    }
    for (i, out) in rows.zip(out) {
        *out = dot(a.row(i), v);
    }
}

/// `out += t(a[rows, ]) %*% (w[rows] * (a[rows, ] %*% v))`.
///
/// # Panics
/// When `v` and `out` have not a cell per column.
pub(super) fn chain_vector(a: &Csr, v: &[f64], w: Option<&[f64]>, rows: Range<usize>, out: &mut [f64]) {
    assert!(v.len() == a.cols() && out.len() == a.cols(), "cells of operand and result");
    #[cfg(target_arch = "x86_64")]
    if x86::can_gather(v) {
        // SAFETY: the instructions are there, and `v` and `out` have a cell for each column.
        return unsafe { x86::chain_vector(a, v, w, rows, out) };
    }
    for i in rows {
        let inner = dot(a.row(i), v);
        add_scaled(a.row(i), w.map_or(inner, |w| w[i] * inner), out);
    }
}

/// `out += t(a[rows, ]) %*% y[rows]`.
///
/// # Panics
/// When `out` has not a cell per column.
pub(super) fn vector_times(a: &Csr, y: &[f64], rows: Range<usize>, out: &mut [f64]) {
    assert_eq!(out.len(), a.cols(), "a cell per column");
    for i in rows {
        add_scaled(a.row(i), y[i], out);
    }
}

/// `out += x * row`, whose columns lie in `out`.
#[inline(always)]
fn add_scaled((col, val): (&[u32], &[f64]), x: f64, out: &mut [f64]) {
    for (&j, &y) in col.iter().zip(val) {
        debug_assert!((j as usize) < out.len());
        // SAFETY: the callers give a cell for each column of the block.
        unsafe { *out.get_unchecked_mut(j as usize) += x * y };
    }
}

/// The portable dot product.
fn dot((col, val): (&[u32], &[f64]), v: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    for (col, val) in col.chunks(8).zip(val.chunks(8)) {
        for ((sum, &j), &x) in sums.iter_mut().zip(col).zip(val) {
            *sum += x * v[j as usize];
        }
    }
    let halves = [sums[0] + sums[4], sums[1] + sums[5], sums[2] + sums[6], sums[3] + sums[7]];
    (halves[0] + halves[2]) + (halves[1] + halves[3])
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::ops::Range;

    use crate::compress::x86::is_available;
    use crate::csr::Csr;

    /// Whether cells of `v` can be gathered: by 32-bit indices, which are signed.
    pub(super) fn can_gather(v: &[f64]) -> bool {
        v.len() <= i32::MAX as usize && is_available()
    }

    /// # Safety
    /// [`can_gather`] holds and `v` has a cell for each column of `a`.
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(super) unsafe fn times_vector(a: &Csr, v: &[f64], rows: Range<usize>, out: &mut [f64]) {
        for (i, out) in rows.zip(out) {
            // SAFETY: as of this function.
            *out = unsafe { dot(a.row(i), v) };
        }
    }

    /// # Safety
    /// [`can_gather`] holds, and `v` and `out` have a cell for each column of `a`.
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(super) unsafe fn chain_vector(
        a: &Csr,
        v: &[f64],
        w: Option<&[f64]>,
        rows: Range<usize>,
        out: &mut [f64],
    ) {
        for i in rows {
            // SAFETY: as of this function.
            let inner = unsafe { dot(a.row(i), v) };
            super::add_scaled(a.row(i), w.map_or(inner, |w| w[i] * inner), out);
        }
    }

    /// # Safety
    /// As of [`times_vector`], for the columns of the row.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl")]
    unsafe fn dot((col, val): (&[u32], &[f64]), v: &[f64]) -> f64 {
        let mut sums = _mm512_setzero_pd();
        let ((cols, col), (vals, val)) = (col.as_chunks::<8>(), val.as_chunks::<8>());
        for (col, val) in cols.iter().zip(vals) {
            // SAFETY: 8 columns and values; the columns lie in `v`.
            unsafe {
                let at = _mm256_loadu_si256(col.as_ptr().cast());
                let y = _mm512_i32gather_pd::<8>(at, v.as_ptr().cast());
                sums = _mm512_add_pd(sums, _mm512_mul_pd(_mm512_loadu_pd(val.as_ptr()), y));
            }
        }
        if !val.is_empty() {
            let lanes = ((1_u32 << val.len()) - 1) as u8;
            // SAFETY: the mask has a bit per rest of the columns and values; the columns lie in `v`.
            unsafe {
                let at = _mm256_maskz_loadu_epi32(lanes, col.as_ptr().cast());
                let y = _mm512_mask_i32gather_pd::<8>(sums, lanes, at, v.as_ptr().cast());
                let x = _mm512_maskz_loadu_pd(lanes, val.as_ptr());
                sums = _mm512_mask_add_pd(sums, lanes, sums, _mm512_mul_pd(x, y));
            }
        }
        let halves = _mm256_add_pd(_mm512_castpd512_pd256(sums), _mm512_extractf64x4_pd::<1>(sums));
        let pair = _mm_add_pd(_mm256_castpd256_pd128(halves), _mm256_extractf128_pd::<1>(halves));
        _mm_cvtsd_f64(_mm_add_sd(pair, _mm_unpackhi_pd(pair, pair)))
    }
}
