//! A row of a sparse product, summed by column: the three ways of collecting the sums in order.
//!
//! - A row that spans at most 64 columns is summed in registers, a sparse row spread by the mask of its columns.
//! - A row that is not much wider than its products is summed in a dense row, which is scanned.
//! - Otherwise columns are marked in a bitmap with a second bitmap of its words, which are emptied in order:
//!
//! ```text
//!   summary  | 0 1 0 1 ..              a bit per word of marks
//!   marks    | 0..0 | 0010..0 | 0..0 | 1000..0 | ..      a bit per column
//! ```
//!
//! Invariant: between rows all sums and marks are zero. Every way adds the products of a column in the same order,
//! from zero and without fused operations, so the bits do not depend on the way or the instruction set.

#![allow(unsafe_code)]

use std::ops::Range;

use crate::assemble::Room;
use crate::compress::append_nonzero;
use crate::csr::Csr;

/// Scanning this many columns costs what marking and finding one does.
const SCAN: usize = 16;

/// Columns of a row that is summed in registers.
#[cfg(target_arch = "x86_64")]
const IN_REGISTERS: usize = 64;

/// Sums rows of products with `b`.
pub(super) struct RowSums<'a> {
    b: &'a Csr,
    /// As many as `b` has columns.
    sums: Vec<f64>,
    /// A bit for each column, and as many for the last word.
    marks: Vec<u64>,
    /// A bit for each word of the marks.
    summary: Vec<u64>,
}

impl<'a> RowSums<'a> {
    pub(super) fn new(b: &'a Csr) -> RowSums<'a> {
        let words = b.cols().div_ceil(64);
        RowSums { b, sums: vec![0.0; b.cols()], marks: vec![0; words], summary: vec![0; words.div_ceil(64)] }
    }

    /// Appends the product of a sparse row with `b`.
    pub(super) fn append(&mut self, row: (&[u32], &[f64]), room: &mut Room<'_>) {
        if let ([l], [x]) = row {
            let (col, val) = self.b.row(*l as usize);
            col.iter().zip(val).for_each(|(&j, &y)| room.push(j, x * y));
            return;
        }
        let (columns, products) = self.extent(row.0);
        if products == 0 {
            return;
        }
        #[cfg(target_arch = "x86_64")]
        if columns.len() <= IN_REGISTERS && crate::compress::x86::is_available() {
            // SAFETY: the instructions are there, and no column of the rows lies outside of `columns`.
            return unsafe { x86::append(row, self.b, columns, room) };
        }
        if columns.len() <= SCAN * products {
            self.add(row);
            append_nonzero(&self.sums[columns.clone()], columns.start as u32, room);
            self.sums[columns].fill(0.0);
        } else {
            self.add_marked(row);
            self.take_marked(columns, room);
        }
    }

    /// From the first to behind the last column of the product, and the number of products.
    fn extent(&self, left: &[u32]) -> (Range<usize>, usize) {
        let (mut first, mut end, mut products) = (usize::MAX, 0, 0);
        for &l in left {
            let (col, val) = self.b.row(l as usize);
            if let ([start, ..], [.., last]) = (col, col) {
                prefetch(val);
                first = first.min(*start as usize);
                end = end.max(*last as usize + 1);
                products += col.len();
            }
        }
        (first.min(end)..end, products)
    }

    fn add(&mut self, (left, scale): (&[u32], &[f64])) {
        for (&l, &x) in left.iter().zip(scale) {
            let (col, val) = self.b.row(l as usize);
            for (&j, &y) in col.iter().zip(val) {
                // SAFETY: the columns of a block lie inside, and there is a sum for each of `b`.
                unsafe { *self.sums.get_unchecked_mut(j as usize) += x * y };
            }
        }
    }

    fn add_marked(&mut self, (left, scale): (&[u32], &[f64])) {
        for (&l, &x) in left.iter().zip(scale) {
            let (col, val) = self.b.row(l as usize);
            for (&j, &y) in col.iter().zip(val) {
                let j = j as usize;
                // SAFETY: the columns of a block lie inside; there is a sum and a mark for each of `b`, and a bit of
                // the summary for each word of marks.
                unsafe {
                    *self.sums.get_unchecked_mut(j) += x * y;
                    *self.marks.get_unchecked_mut(j >> 6) |= 1 << (j & 63);
                    *self.summary.get_unchecked_mut(j >> 12) |= 1 << ((j >> 6) & 63);
                }
            }
        }
    }

    fn take_marked(&mut self, columns: Range<usize>, room: &mut Room<'_>) {
        for at in columns.start >> 12..=(columns.end - 1) >> 12 {
            let mut words = std::mem::take(&mut self.summary[at]);
            while words != 0 {
                let word = at << 6 | words.trailing_zeros() as usize;
                words &= words - 1;
                let mut marks = std::mem::take(&mut self.marks[word]);
                while marks != 0 {
                    let j = word << 6 | marks.trailing_zeros() as usize;
                    marks &= marks - 1;
                    room.push(j as u32, std::mem::take(&mut self.sums[j]));
                }
            }
        }
    }
}

/// Asks for the values of a row before they are needed.
#[inline(always)]
fn prefetch(val: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing, so any address is allowed.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(val.as_ptr().cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = val;
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;
    use std::ops::Range;

    use crate::assemble::Room;
    use crate::compress::x86::{first_columns, store_nonzero};
    use crate::csr::Csr;

    /// Appends a row of the product that lies in at most 64 columns.
    ///
    /// # Safety
    /// The processor has AVX-512 with 32-byte registers, and the rows have no columns outside of `columns`.
    #[target_feature(enable = "avx512f,avx512vl,popcnt")]
    pub(super) unsafe fn append(
        row: (&[u32], &[f64]),
        b: &Csr,
        columns: Range<usize>,
        room: &mut Room<'_>,
    ) {
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
}
