//! The non-zero cells of a dense stretch, appended to a sparse row: 8 cells per step with AVX-512.

#![allow(unsafe_code)]

use crate::assemble::Room;

/// Appends the cells that are not zero; the first one is in column `first`.
pub(crate) fn append_nonzero(cells: &[f64], first: u32, room: &mut Room<'_>) {
    #[cfg(target_arch = "x86_64")]
    if cells.len() >= 8 && x86::is_available() {
        // SAFETY: the instructions are there.
        return unsafe { x86::append_nonzero(cells, first, room) };
    }
    append_by_blocks(cells, first, room);
}

/// The portable form: blocks of zeros are skipped.
fn append_by_blocks(cells: &[f64], first: u32, room: &mut Room<'_>) {
    for (block, cells) in cells.chunks(8).enumerate() {
        if cells.iter().any(|&x| x != 0.0) {
            let first = first + 8 * block as u32;
            (first..).zip(cells).for_each(|(j, &x)| room.push(j, x));
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    //! The form for AVX-512 with its 32-byte registers.

    use std::arch::x86_64::*;
    use std::mem::MaybeUninit;

    use crate::assemble::Room;

    /// Whether the processor has the instructions of this module.
    #[inline(always)]
    pub(crate) fn is_available() -> bool {
        is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl")
    }

    /// Whole blocks, then the rest under a mask.
    ///
    /// # Safety
    /// The processor has the instructions ([`is_available`]).
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(super) unsafe fn append_nonzero(cells: &[f64], first: u32, room: &mut Room<'_>) {
        let (col, val) = room.spare();
        let mut len = 0;
        let (blocks, rest) = cells.as_chunks::<8>();
        let mut columns = first_columns(first);
        for block in blocks {
            // SAFETY: a block has 8 cells.
            let x = unsafe { _mm512_loadu_pd(block.as_ptr()) };
            len = store_nonzero(x, columns, (col, val), len);
            columns = _mm256_add_epi32(columns, _mm256_set1_epi32(8));
        }
        // SAFETY: the mask has a bit per cell of the rest.
        let x = unsafe { _mm512_maskz_loadu_pd(((1_u32 << rest.len()) - 1) as u8, rest.as_ptr()) };
        len = store_nonzero(x, columns, (col, val), len);
        // SAFETY: `store_nonzero` wrote `len` cells that are not zero.
        unsafe { room.advance(len) };
    }

    /// The columns of a block of 8 cells.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(crate) fn first_columns(first: u32) -> __m256i {
        _mm256_add_epi32(_mm256_set1_epi32(first as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
    }

    /// Stores the non-zero cells of a register behind the first `len` cells; returns how many there are then.
    ///
    /// # Panics
    /// When there is no room for a whole register.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vl")]
    pub(crate) fn store_nonzero(
        x: __m512d,
        columns: __m256i,
        (col, val): (&mut [MaybeUninit<u32>], &mut [MaybeUninit<f64>]),
        len: usize,
    ) -> usize {
        let mask = _mm512_cmp_pd_mask::<_CMP_NEQ_UQ>(x, _mm512_setzero_pd());
        if mask == 0 {
            return len;
        }
        let (col, val) = (&mut col[len..len + 8], &mut val[len..len + 8]);
        // SAFETY: both slices have room for 8 lanes.
        unsafe {
            _mm512_storeu_pd(val.as_mut_ptr().cast(), _mm512_maskz_compress_pd(mask, x));
            _mm256_storeu_si256(col.as_mut_ptr().cast(), _mm256_maskz_compress_epi32(mask, columns));
        }
        len + mask.count_ones() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assemble::sparse_rows;
    use crate::testing::any_dense;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn both_forms_keep_what_is_not_zero(x in any_dense(), first in 0..9_u32) {
            let cols = x.cols();
            for append in [append_nonzero, append_by_blocks] {
                let all = sparse_rows(x.rows(), cols + 9, |i| i * cols, |i, room| append(x.row(i), first, room));
                for i in 0..x.rows() {
                    let expected: Vec<(u32, u64)> = (first..)
                        .zip(x.row(i))
                        .filter(|(_, x)| **x != 0.0)
                        .map(|(j, x)| (j, x.to_bits()))
                        .collect();
                    let (col, val) = all.row(i);
                    let found: Vec<(u32, u64)> =
                        col.iter().zip(val).map(|(&j, x)| (j, x.to_bits())).collect();
                    prop_assert_eq!(found, expected);
                }
            }
        }
    }
}
