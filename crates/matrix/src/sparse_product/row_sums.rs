//! A row of a sparse product, summed by column: the three ways of collecting the sums in order.
//!
//! - A row that spans at most 64 columns is summed in registers, a sparse row spread by the mask of its columns.
//! - A row that is not much wider than its products is summed in a dense row, which is scanned.
//! - Otherwise the columns are marked in a bitmap, with a second bitmap of its words where marks are rare. Read in
//!   order, they give the columns, and the number of marks before a product's is where its sum stands: all of it
//!   stays in the first-level cache, however wide the result is.
//!
//! ```text
//!   summary  | 0 1 0 1 ..                                      a bit per word of marks
//!   words    | 0..0, - | 0010..0, 0 | 0..0, - | 1000..0, 1 |   a mark per column, and the marks before the word
//! ```
//!
//! Invariant: between rows all sums and marks are zero. Every way adds the products of a column in the same order,
//! from zero and without fused operations, so the bits do not depend on the way or the instruction set.

#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod x86;

use std::mem::MaybeUninit;
use std::ops::Range;

use pulp::Arch;

use crate::assemble::{Room, SLACK};
use crate::compress::append_nonzero;
use crate::csr::Csr;
use crate::scratch::Scratch;

/// Scanning this many columns costs what marking and finding one does.
const SCAN: usize = 16;

/// Looking at this many words costs what finding one in the summary does.
const SCAN_WORDS: usize = 4;

/// Columns of a row that is summed in registers.
#[cfg(target_arch = "x86_64")]
const IN_REGISTERS: usize = 64;

/// Doubles in a cache line.
const CACHE_LINE: usize = 8;

/// Sums rows of products with `b`.
pub(super) struct RowSums<'a> {
    b: &'a Csr,
    /// The sums from the first column of a row on, as many as the widest row that was scanned needed.
    sums: Vec<f64>,
    /// The marks of 64 columns each.
    words: Vec<Word>,
    /// A bit for each word with marks.
    summary: Vec<u64>,
}

/// The marks of 64 columns.
#[derive(Clone, Copy, Default)]
struct Word {
    marks: u64,
    /// The marks of all words before.
    before: usize,
}

impl Word {
    /// The marks before column `j`.
    #[inline(always)]
    fn rank(self, j: usize) -> usize {
        self.before + (self.marks & ((1 << (j & 63)) - 1)).count_ones() as usize
    }
}

/// What [`RowSums`] takes for `n` columns and rows of at most `products`: marks, and sums that grow by doubling.
pub(super) fn row_sums_scratch(n: usize, products: usize) -> Scratch {
    let words = n.div_ceil(64);
    let marks = Scratch::vector::<Word>(words).and(Scratch::vector::<u64>(words.div_ceil(64)));
    marks.and(Scratch::vector::<f64>(n.min(products.saturating_mul(SCAN))) * 2)
}

impl<'a> RowSums<'a> {
    pub(super) fn new(b: &'a Csr) -> RowSums<'a> {
        let words = b.cols().div_ceil(64);
        RowSums {
            b,
            sums: Vec::new(),
            words: vec![Word::default(); words],
            summary: vec![0; words.div_ceil(64)],
        }
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
        Arch::new().dispatch(
            #[inline(always)]
            || {
                if columns.len() <= SCAN * products {
                    self.append_scanned(row, columns, room);
                } else {
                    self.append_ranked(row, columns, products, room);
                }
            },
        );
    }

    /// From the first to behind the last column of the product, and the number of products.
    fn extent(&self, left: &[u32]) -> (Range<usize>, usize) {
        let (mut first, mut end, mut products) = (usize::MAX, 0, 0);
        for &l in left {
            let col = self.b.row(l as usize).0;
            if let ([start, ..], [.., last]) = (col, col) {
                first = first.min(*start as usize);
                end = end.max(*last as usize + 1);
                products += col.len();
            }
        }
        (first.min(end)..end, products)
    }

    #[inline(always)]
    fn append_scanned(
        &mut self,
        (left, scale): (&[u32], &[f64]),
        columns: Range<usize>,
        room: &mut Room<'_>,
    ) {
        let width = columns.len();
        if self.sums.len() < width {
            self.sums.resize(width, 0.0);
        }
        let sums = &mut self.sums[..width];
        for (&l, &x) in left.iter().zip(scale) {
            let (col, val) = self.b.row(l as usize);
            for (&j, &y) in col.iter().zip(val) {
                sums[j as usize - columns.start] += x * y;
            }
        }
        append_nonzero(sums, columns.start as u32, room);
        sums.fill(0.0);
    }

    #[inline(always)]
    fn append_ranked(
        &mut self,
        row: (&[u32], &[f64]),
        columns: Range<usize>,
        products: usize,
        room: &mut Room<'_>,
    ) {
        let words = columns.start >> 6..((columns.end - 1) >> 6) + 1;
        let most = products.min(columns.len());
        let (col, val) = room.spare();
        let (col, val) = (&mut col[..most + SLACK], &mut val[..most]);
        let by_word = words.len() <= SCAN_WORDS * products;
        let count = if by_word {
            self.mark(row.0, |_, _| {});
            rank_all(words.start, &mut self.words[words.clone()], col)
        } else {
            self.mark(row.0, |summary, word| summary[word >> 6] |= 1 << (word & 63));
            self.rank(words.start >> 6..((words.end - 1) >> 6) + 1, col)
        };
        for sum in &mut val[..count] {
            sum.write(0.0);
        }
        // SAFETY: all of them were just written.
        let sums = unsafe { val[..count].assume_init_mut() };
        self.add_ranked(row, sums);
        // SAFETY: as many columns were written as counted.
        let col = unsafe { col[..count].assume_init_mut() };
        if by_word {
            self.words[words].fill(Word::default());
        } else {
            for &j in &*col {
                self.words[j as usize >> 6].marks = 0;
                self.summary[j as usize >> 12] = 0;
            }
        }
        let kept = without_zeros(col, sums);
        // SAFETY: the first `kept` columns and sums are written, and no sum is zero.
        unsafe { room.advance(kept) };
    }

    /// Marks the columns of a product; `also` does what else is to be done for each word.
    #[inline(always)]
    fn mark(&mut self, left: &[u32], also: impl Fn(&mut [u64], usize)) {
        let RowSums { b, words, summary, .. } = self;
        for &l in left {
            let (col, val) = b.row(l as usize);
            // Scattered rows are far away; their values are needed when all columns are ranked.
            for line in val.chunks(CACHE_LINE) {
                prefetch(line);
            }
            for &j in col {
                let word = j as usize >> 6;
                // SAFETY: the columns of a block lie inside; there is a mark for each.
                unsafe { words.get_unchecked_mut(word).marks |= 1 << (j & 63) };
                also(summary, word);
            }
        }
    }

    /// Writes the marked columns in order, and what is before each word; returns how many there are.
    #[inline(always)]
    fn rank(&mut self, summary: Range<usize>, col: &mut [MaybeUninit<u32>]) -> usize {
        let mut count = 0;
        for at in summary {
            let mut words = self.summary[at];
            while words != 0 {
                let at = at << 6 | words.trailing_zeros() as usize;
                words &= words - 1;
                count = rank_word(at, &mut self.words[at], col, count);
            }
        }
        count
    }

    #[inline(always)]
    fn add_ranked(&mut self, (left, scale): (&[u32], &[f64]), sums: &mut [f64]) {
        for (&l, &x) in left.iter().zip(scale) {
            let (col, val) = self.b.row(l as usize);
            for (&j, &y) in col.iter().zip(val) {
                // SAFETY: the columns of a block lie inside, and there is a mark for each.
                let word = unsafe { self.words.get_unchecked(j as usize >> 6) };
                sums[word.rank(j as usize)] += x * y;
            }
        }
    }
}

/// As [`RowSums::rank`] for all words from number `first` on.
#[inline(always)]
fn rank_all(first: usize, words: &mut [Word], col: &mut [MaybeUninit<u32>]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if x86::compresses_bytes() {
        // SAFETY: the instructions are there.
        return unsafe { x86::rank_all(first, words, col) };
    }
    (first..).zip(words).fold(0, |count, (at, word)| rank_word(at, word, col, count))
}

/// Writes the marked columns of word number `at` behind `count` others; returns how many there are then.
#[inline(always)]
fn rank_word(at: usize, word: &mut Word, col: &mut [MaybeUninit<u32>], mut count: usize) -> usize {
    word.before = count;
    let mut marks = word.marks;
    while marks != 0 {
        col[count].write((at << 6) as u32 | marks.trailing_zeros());
        marks &= marks - 1;
        count += 1;
    }
    count
}

/// Asks for the cache line of a cell before it is needed.
#[inline(always)]
fn prefetch(cells: &[f64]) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing, so any address is allowed.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(cells.as_ptr().cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = cells;
}

/// Moves cells that are not zero to the front; returns how many there are.
#[inline(always)]
fn without_zeros(col: &mut [u32], val: &mut [f64]) -> usize {
    let mut zeros = 0;
    for x in &*val {
        zeros += usize::from(*x == 0.0);
    }
    if zeros == 0 {
        return val.len();
    }
    let mut kept = 0;
    for at in 0..val.len() {
        (col[kept], val[kept]) = (col[at], val[at]);
        kept += usize::from(val[at] != 0.0);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_listed_in_order_by_either_form() {
        let full =
            [0, u64::MAX, 1, 1 << 63, 0, 0xffff, 0x1_ffff, 0x1_ffff_ffff, 0xffff_ffff_ffff, 0x8000_0001];
        for first in [0, 3] {
            let expected: Vec<u32> = (first * 64..(first + full.len()) * 64)
                .filter(|j| full[j / 64 - first] >> (j % 64) & 1 == 1)
                .map(|j| j as u32)
                .collect();
            let loop_ = |first: usize, words: &mut [Word], col: &mut [MaybeUninit<u32>]| {
                (first..).zip(words).fold(0, |count, (at, word)| rank_word(at, word, col, count))
            };
            for rank in [rank_all, loop_] {
                let mut words = full.map(|marks| Word { marks, before: 99 });
                let mut col = vec![MaybeUninit::new(7); expected.len() + SLACK];
                assert_eq!(rank(first, &mut words, &mut col), expected.len());
                // SAFETY: all of them were written above.
                assert_eq!(unsafe { col[..expected.len()].assume_init_ref() }, expected);
                let mut before = 0;
                for word in words {
                    assert_eq!(word.before, before);
                    before += word.marks.count_ones() as usize;
                }
            }
        }
    }
}
