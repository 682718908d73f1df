//! Up to 128 doubles sorted in registers, with AVX-512.
//!
//! The values stand in rows of 8 lanes. A network of exchanges between rows sorts every lane as a column; then columns
//! are merged in pairs, fours and eights. Numbered column by column, two sorted runs form a bitonic sequence when
//! one is read backwards (Batcher 1968, "Sorting networks and their applications"), so each merge compares a row with
//! the mirrored row, lanes swapped, and ends with exchanges between rows, which need no shuffles. A transpose puts
//! the columns in order.

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m512d, __mmask8, _mm512_mask_loadu_pd, _mm512_mask_max_pd, _mm512_mask_storeu_pd, _mm512_max_pd,
    _mm512_min_pd, _mm512_permute_pd, _mm512_permutex_pd, _mm512_set1_pd, _mm512_shuffle_f64x2,
    _mm512_unpackhi_pd, _mm512_unpacklo_pd,
};

/// As many values as 16 rows hold.
pub(super) const LEAF: usize = 128;

/// Lanes of a register.
const LANES: usize = 8;

/// Orders pairs of rows: in every lane the lesser value goes to the first.
macro_rules! exchange {
    ($v:ident: $($i:literal $j:literal),* $(,)?) => {$(
        let lesser = _mm512_min_pd($v[$i], $v[$j]);
        $v[$j] = _mm512_max_pd($v[$i], $v[$j]);
        $v[$i] = lesser;
    )*};
}

/// Compares each row with its mirror image in the other half, whose lanes `$swap` reverses within a group; the
/// lanes of `$upper` keep the greater value.
macro_rules! mirror {
    ($v:ident, $swap:ident, $upper:literal: $($i:literal $j:literal),*) => {$(
        let (a, b) = ($v[$i], $v[$j]);
        $v[$i] = keep(a, $swap(b), $upper);
        $v[$j] = keep(b, $swap(a), $upper);
    )*};
}

/// Compares lanes of the same row.
macro_rules! across {
    ($v:ident, $swap:ident, $upper:literal) => {
        for row in &mut $v {
            *row = keep(*row, $swap(*row), $upper);
        }
    };
}

/// The merges of columns, given the pairs of mirrored rows and the exchanges that sort a bitonic column.
macro_rules! merge_columns {
    ($v:ident, ($($mirrored:tt)*), ($($bitonic:tt)*)) => {
        mirror!($v, swap_one, 0b1010_1010: $($mirrored)*);
        exchange!($v: $($bitonic)*);
        mirror!($v, reverse_four, 0b1100_1100: $($mirrored)*);
        across!($v, swap_one, 0b1010_1010);
        exchange!($v: $($bitonic)*);
        mirror!($v, reverse, 0b1111_0000: $($mirrored)*);
        across!($v, swap_two, 0b1100_1100);
        across!($v, swap_one, 0b1010_1010);
        exchange!($v: $($bitonic)*);
    };
}

/// Sorts at most [`LEAF`] values, none of them NaN.
#[target_feature(enable = "avx512f")]
pub(super) fn sort_leaf(values: &mut [f64]) {
    match values.len() {
        0 | 1 => {}
        2..=64 => sort_8_rows(values),
        _ => sort_16_rows(values),
    }
}

#[target_feature(enable = "avx512f")]
fn sort_8_rows(values: &mut [f64]) {
    let mut v: [__m512d; 8] = load(values);
    exchange!(v: 0 4, 1 5, 2 6, 3 7, 0 2, 1 3, 4 6, 5 7, 2 4, 3 5, 0 1, 2 3, 4 5, 6 7, 1 4, 3 6, 1 2, 3 4, 5 6);
    merge_columns!(v, (0 7, 1 6, 2 5, 3 4), (0 4, 1 5, 2 6, 3 7, 0 2, 1 3, 4 6, 5 7, 0 1, 2 3, 4 5, 6 7));
    let columns = transpose([v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]]);
    for (i, column) in columns.into_iter().enumerate() {
        store(values, i, column);
    }
}

#[target_feature(enable = "avx512f")]
fn sort_16_rows(values: &mut [f64]) {
    let mut v: [__m512d; 16] = load(values);
    exchange!(v: 0 8, 1 9, 2 10, 3 11, 4 12, 5 13, 6 14, 7 15, 0 4, 1 5, 2 6, 3 7, 8 12, 9 13, 10 14, 11 15,
        4 8, 5 9, 6 10, 7 11, 0 2, 1 3, 4 6, 5 7, 8 10, 9 11, 12 14, 13 15, 2 8, 3 9, 6 12, 7 13,
        2 4, 3 5, 6 8, 7 9, 10 12, 11 13, 0 1, 2 3, 4 5, 6 7, 8 9, 10 11, 12 13, 14 15,
        1 8, 3 10, 5 12, 7 14, 1 4, 3 6, 5 8, 7 10, 9 12, 11 14, 1 2, 3 4, 5 6, 7 8, 9 10, 11 12, 13 14);
    merge_columns!(v, (0 15, 1 14, 2 13, 3 12, 4 11, 5 10, 6 9, 7 8),
        (0 8, 1 9, 2 10, 3 11, 4 12, 5 13, 6 14, 7 15, 0 4, 1 5, 2 6, 3 7, 8 12, 9 13, 10 14, 11 15,
         0 2, 1 3, 4 6, 5 7, 8 10, 9 11, 12 14, 13 15, 0 1, 2 3, 4 5, 6 7, 8 9, 10 11, 12 13, 14 15));
    let top = transpose([v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]]);
    let bottom = transpose([v[8], v[9], v[10], v[11], v[12], v[13], v[14], v[15]]);
    for (i, (top, bottom)) in top.into_iter().zip(bottom).enumerate() {
        store(values, 2 * i, top);
        store(values, 2 * i + 1, bottom);
    }
}

/// The lesser of two values, or in the lanes of `upper` the greater.
#[inline]
#[target_feature(enable = "avx512f")]
fn keep(own: __m512d, other: __m512d, upper: __mmask8) -> __m512d {
    _mm512_mask_max_pd(_mm512_min_pd(own, other), upper, own, other)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn swap_one(v: __m512d) -> __m512d {
    _mm512_permute_pd::<0b0101_0101>(v)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn swap_two(v: __m512d) -> __m512d {
    _mm512_permutex_pd::<0b0100_1110>(v)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn reverse_four(v: __m512d) -> __m512d {
    _mm512_permutex_pd::<0b0001_1011>(v)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn reverse(v: __m512d) -> __m512d {
    let halves = _mm512_shuffle_f64x2::<0b0100_1110>(v, v);
    reverse_four(halves)
}

/// Sorts the lanes of one register.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn sort_lanes(v: __m512d) -> __m512d {
    let v = keep(v, swap_one(v), 0b1010_1010);
    let v = keep(v, reverse_four(v), 0b1100_1100);
    let v = keep(v, swap_one(v), 0b1010_1010);
    let v = keep(v, reverse(v), 0b1111_0000);
    let v = keep(v, swap_two(v), 0b1100_1100);
    keep(v, swap_one(v), 0b1010_1010)
}

/// The lanes of row `i` that hold one of `len` values.
#[inline]
fn lanes(len: usize, i: usize) -> __mmask8 {
    ((1_u32 << len.saturating_sub(LANES * i).min(LANES)) - 1) as __mmask8
}

/// Rows of values, filled up with infinity.
#[inline]
#[target_feature(enable = "avx512f")]
fn load<const ROWS: usize>(values: &[f64]) -> [__m512d; ROWS] {
    let mut rows = [_mm512_set1_pd(f64::INFINITY); ROWS];
    for (i, row) in rows.iter_mut().enumerate() {
        // SAFETY: only lanes that hold values are read.
        *row = unsafe {
            _mm512_mask_loadu_pd(*row, lanes(values.len(), i), values.as_ptr().wrapping_add(LANES * i))
        };
    }
    rows
}

/// Writes row `i` as far as there are values.
#[inline]
#[target_feature(enable = "avx512f")]
fn store(values: &mut [f64], i: usize, row: __m512d) {
    let mask = lanes(values.len(), i);
    // SAFETY: only lanes that hold values are written.
    unsafe { _mm512_mask_storeu_pd(values.as_mut_ptr().wrapping_add(LANES * i), mask, row) }
}

/// Eight rows as columns.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose(v: [__m512d; 8]) -> [__m512d; 8] {
    // Pairs of rows: lane 2k of `even[p]` and lane 2k + 1 of `odd[p]`, side by side.
    let even = [
        _mm512_unpacklo_pd(v[0], v[1]),
        _mm512_unpacklo_pd(v[2], v[3]),
        _mm512_unpacklo_pd(v[4], v[5]),
        _mm512_unpacklo_pd(v[6], v[7]),
    ];
    let odd = [
        _mm512_unpackhi_pd(v[0], v[1]),
        _mm512_unpackhi_pd(v[2], v[3]),
        _mm512_unpackhi_pd(v[4], v[5]),
        _mm512_unpackhi_pd(v[6], v[7]),
    ];
    let [c0, c2, c4, c6] = gather_pairs(even);
    let [c1, c3, c5, c7] = gather_pairs(odd);
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// Transposes a 4x4 matrix of pairs.
#[inline]
#[target_feature(enable = "avx512f")]
fn gather_pairs(v: [__m512d; 4]) -> [__m512d; 4] {
    const FIRST: i32 = 0b1000_1000;
    const SECOND: i32 = 0b1101_1101;
    let (a, b) = (_mm512_shuffle_f64x2::<FIRST>(v[0], v[1]), _mm512_shuffle_f64x2::<FIRST>(v[2], v[3]));
    let (c, d) = (_mm512_shuffle_f64x2::<SECOND>(v[0], v[1]), _mm512_shuffle_f64x2::<SECOND>(v[2], v[3]));
    [
        _mm512_shuffle_f64x2::<FIRST>(a, b),
        _mm512_shuffle_f64x2::<FIRST>(c, d),
        _mm512_shuffle_f64x2::<SECOND>(a, b),
        _mm512_shuffle_f64x2::<SECOND>(c, d),
    ]
}
