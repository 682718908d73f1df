//! The forms of [`RowSums`](super::RowSums) for AVX-512: sums in registers, columns listed without branches.

#![allow(unsafe_code)]

use std::arch::x86_64::*;
use std::mem::MaybeUninit;
use std::ops::Range;

use super::Word;
use crate::assemble::{Room, SLACK};
use crate::compress::x86::{first_columns, store_nonzero};
use crate::csr::Csr;

/// Appends a row of the product that lies in at most 64 columns.
///
/// # Safety
/// The processor has AVX-512 with 32-byte registers, and the rows have no columns outside of `columns`.
#[target_feature(enable = "avx512f,avx512vl,popcnt")]
pub(super) unsafe fn append(row: (&[u32], &[f64]), b: &Csr, columns: Range<usize>, room: &mut Room<'_>) {
    let first = columns.start as u32;
    // SAFETY: as of this function; the registers hold all of `columns`.
    unsafe {
        match columns.len().div_ceil(8) {
            1 => append_in::<1>(row, b, first, room),
            2 => append_in::<2>(row, b, first, room),
            3 => append_in::<3>(row, b, first, room),
            4 => append_in::<4>(row, b, first, room),
            5..=6 => append_in::<6>(row, b, first, room),
            _ => append_in::<8>(row, b, first, room),
        }
    }
}

/// As [`append`], in `N` registers from column `first` on.
///
/// # Safety
/// As of [`append`], for the columns of the registers.
#[target_feature(enable = "avx512f,avx512vl,popcnt")]
unsafe fn append_in<const N: usize>(
    (left, scale): (&[u32], &[f64]),
    b: &Csr,
    first: u32,
    room: &mut Room<'_>,
) {
    let mut sums = [_mm512_setzero_pd(); N];
    for (&l, &x) in left.iter().zip(scale) {
        let (col, val) = b.row(l as usize);
        let (mut mask, mut from) = (mask_of(col, first), val.as_ptr());
        let x = _mm512_set1_pd(x);
        for sum in &mut sums {
            let lanes = mask as u8;
            // SAFETY: the bits of all masks together count the values of the row.
            let y = unsafe { _mm512_maskz_expandloadu_pd(lanes, from) };
            *sum = _mm512_mask_add_pd(*sum, lanes, *sum, _mm512_mul_pd(x, y));
            // SAFETY: as above, this is at most the end of the values.
            from = unsafe { from.add(lanes.count_ones() as usize) };
            mask >>= 8;
        }
    }
    let to = room.spare();
    let (mut len, mut columns) = (0, first_columns(first));
    for sum in sums {
        len = store_nonzero(sum, columns, (&mut *to.0, &mut *to.1), len);
        columns = _mm256_add_epi32(columns, _mm256_set1_epi32(8));
    }
    // SAFETY: `store_nonzero` wrote `len` cells that are not zero.
    unsafe { room.advance(len) };
}

/// Whether the processor has the instructions of [`rank_all`].
#[inline(always)]
pub(super) fn compresses_bytes() -> bool {
    is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("popcnt")
}

/// As [`rank_all`](super::rank_all), without a branch for each column: the marks choose among the numbers 0 to 63.
///
/// # Panics
/// When there is no room for a register behind the columns.
///
/// # Safety
/// The processor has the instructions ([`compresses_bytes`]).
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
pub(super) unsafe fn rank_all(first: usize, words: &mut [Word], col: &mut [MaybeUninit<u32>]) -> usize {
    const { assert!(SLACK >= 16) };
    // SAFETY: the array has the bytes of a register.
    let numbers = unsafe { _mm512_loadu_si512(NUMBERS.as_ptr().cast()) };
    let mut count = 0;
    for (at, word) in (first..).zip(words) {
        word.before = count;
        let chosen = _mm512_maskz_compress_epi8(word.marks, numbers);
        let base = _mm512_set1_epi32((at << 6) as i32);
        let end = count + word.marks.count_ones() as usize;
        let to = &mut col[count..end + 16];
        // SAFETY: there is room for 16 columns.
        unsafe { store_columns(_mm512_castsi512_si128(chosen), base, to) };
        if end - count > 16 {
            let rest = [
                _mm512_extracti32x4_epi32::<1>(chosen),
                _mm512_extracti32x4_epi32::<2>(chosen),
                _mm512_extracti32x4_epi32::<3>(chosen),
            ];
            for (to, chosen) in to[16..].chunks_exact_mut(16).zip(rest) {
                // SAFETY: as above.
                unsafe { store_columns(chosen, base, to) };
            }
        }
        count = end;
    }
    count
}

/// Stores 16 columns, as their distances from `base`.
///
/// # Safety
/// The processor has AVX-512, and there is room for them.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store_columns(distances: __m128i, base: __m512i, to: &mut [MaybeUninit<u32>]) {
    let columns = _mm512_add_epi32(base, _mm512_cvtepu8_epi32(distances));
    // SAFETY: as of this function.
    unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), columns) };
}

/// The bits of a word.
const NUMBERS: [u8; 64] = {
    let mut numbers = [0; 64];
    let mut bit = 0;
    while bit < 64 {
        numbers[bit] = bit as u8;
        bit += 1;
    }
    numbers
};

/// A bit for each column, from `first` on.
#[inline]
#[target_feature(enable = "avx512f,avx512vl,popcnt")]
fn mask_of(col: &[u32], first: u32) -> u64 {
    match col {
        [] => 0,
        [start, .., last] if (last - start) as usize + 1 == col.len() => {
            (u64::MAX >> (64 - col.len())) << (start - first)
        }
        _ => col.iter().fold(0, |mask, &j| mask | 1 << (j - first)),
    }
}
