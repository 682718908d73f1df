//! Ascending doubles in place, none of them NaN: a vectorised quicksort where the processor has AVX-512.
//!
//! A partition step keeps the invariant that everything left of the write position `left` is below the pivot and
//! everything from the write position `right` on is not, while what lies between was read or is still to be read:
//!
//! ```text
//! | below | free | unread | free | not below |
//!         left   from     to     right
//! ```
//!
//! Eight values at a time are permuted so that those below the pivot come first, and written to both ends of the
//! free space; what is wrong there is overwritten later. (Bramas 2017, "A novel hybrid quicksort algorithm vectorized
//! using AVX-512"; Blacher, Giesen, Kühne 2021, "Fast and robust vectorized in-place sorting of primitive types".)
//! Pieces of at most [`super::leaf::LEAF`] values are sorted in registers.
//!
//! -0 equals 0 here, and which of them comes first, or is even kept, is not defined.

/// Sorts values without NaN.
pub(super) fn sort(values: &mut [f64]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") {
        return avx512::sort(values);
    }
    values.sort_unstable_by(f64::total_cmp);
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    #![allow(unsafe_code)]

    use std::arch::x86_64::{
        __m128i, __m512d, _CMP_LE_OQ, _CMP_LT_OQ, _MM_HINT_T0, _mm_loadl_epi64, _mm_prefetch,
        _mm512_cmp_pd_mask, _mm512_cvtepu8_epi64, _mm512_cvtsd_f64, _mm512_loadu_pd, _mm512_mask_cmp_pd_mask,
        _mm512_mask_compressstoreu_pd, _mm512_maskz_loadu_pd, _mm512_max_pd, _mm512_min_pd,
        _mm512_permutexvar_pd, _mm512_set1_pd, _mm512_storeu_pd,
    };

    use crate::order::leaf::{LEAF, sort_lanes, sort_leaf};

    /// Lanes of a register.
    const LANES: usize = 8;

    /// Registers that are read before one is written, on either side. Twice as many must fit into a leaf.
    const UNROLL: usize = 4;

    /// How far ahead values are fetched: of a piece that is not in the cache yet, the ends are read in turn.
    const AHEAD: usize = 128;

    /// For each mask of lanes below the pivot, the lanes in order: those first, the others behind.
    static PACK: [[u8; LANES]; 256] = {
        let mut table = [[0; LANES]; 256];
        let mut mask = 0;
        while mask < 256 {
            let mut to = 0;
            let mut pass = 0;
            while pass < 2 {
                let mut lane = 0;
                while lane < LANES {
                    if (mask >> lane & 1 == 1) == (pass == 0) {
                        table[mask][to] = lane as u8;
                        to += 1;
                    }
                    lane += 1;
                }
                pass += 1;
            }
            mask += 1;
        }
        table
    };

    pub(super) fn sort(values: &mut [f64]) {
        let depth = 2 * values.len().max(1).ilog2();
        // SAFETY: the caller found AVX-512.
        unsafe { quicksort(values, depth) }
    }

    /// Sorts by at most `depth` nested partitions; a piece that needs more is sorted without vectors.
    #[target_feature(enable = "avx512f")]
    fn quicksort(mut values: &mut [f64], mut depth: u32) {
        while values.len() > LEAF {
            if depth == 0 {
                return values.sort_unstable_by(f64::total_cmp);
            }
            depth -= 1;
            let pivot = pivot(values);
            let below = partition::<_CMP_LT_OQ>(values, pivot);
            if below == 0 {
                // The pivot is the least value: all that equal it are in place.
                let equal = partition::<_CMP_LE_OQ>(values, pivot);
                values = &mut values[equal..];
                continue;
            }
            let (low, high) = values.split_at_mut(below);
            let (short, long) = if low.len() < high.len() { (low, high) } else { (high, low) };
            quicksort(short, depth);
            values = long;
        }
        sort_leaf(values);
    }

    /// About the median: of eight medians of three, the middle.
    #[target_feature(enable = "avx512f")]
    fn pivot(values: &[f64]) -> f64 {
        let last = values.len() - LANES;
        let at = |start: usize| {
            // SAFETY: eight values from `start <= last` on exist.
            unsafe { _mm512_loadu_pd(values.as_ptr().add(start)) }
        };
        let (a, b, c) = (at(last / 4), at(last / 2), at(last / 4 * 3));
        let (low, high) = (_mm512_min_pd(a, b), _mm512_max_pd(a, b));
        let medians = sort_lanes(_mm512_max_pd(low, _mm512_min_pd(high, c)));
        _mm512_cvtsd_f64(_mm512_permutexvar_pd(lanes([4; 8]), medians))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn lanes(order: [u8; LANES]) -> std::arch::x86_64::__m512i {
        // SAFETY: eight bytes are read.
        unsafe { _mm512_cvtepu8_epi64(_mm_loadl_epi64(order.as_ptr().cast::<__m128i>())) }
    }

    /// The two ends of the free space.
    struct Ends {
        start: *mut f64,
        left: usize,
        right: usize,
    }

    impl Ends {
        /// Writes the lanes below the pivot to the left, the others to the right.
        ///
        /// # Safety
        /// At least 8 values are free on the left and 8 on the right, and these are not the same unless the free
        /// space is 8 values.
        #[inline]
        #[target_feature(enable = "avx512f")]
        unsafe fn write<const BELOW: i32>(&mut self, v: __m512d, pivot: __m512d) {
            let mask = _mm512_cmp_pd_mask::<BELOW>(v, pivot);
            let packed = _mm512_permutexvar_pd(lanes(PACK[mask as usize]), v);
            let below = mask.count_ones() as usize;
            // SAFETY: the caller promises the space.
            unsafe {
                _mm512_storeu_pd(self.start.add(self.left), packed);
                _mm512_storeu_pd(self.start.add(self.right - LANES), packed);
            }
            self.left += below;
            self.right -= LANES - below;
        }

        /// Writes the lanes of `kept`, touching nothing else.
        ///
        /// # Safety
        /// As many values as `kept` has lanes are free.
        #[target_feature(enable = "avx512f")]
        unsafe fn write_exactly<const BELOW: i32>(&mut self, v: __m512d, pivot: __m512d, kept: u8) {
            let below = _mm512_mask_cmp_pd_mask::<BELOW>(kept, v, pivot);
            let above = kept & !below;
            self.right -= above.count_ones() as usize;
            // SAFETY: the caller promises the space.
            unsafe {
                _mm512_mask_compressstoreu_pd(self.start.add(self.left), below, v);
                _mm512_mask_compressstoreu_pd(self.start.add(self.right), above, v);
            }
            self.left += below.count_ones() as usize;
        }
    }

    /// Moves the values that compare as `BELOW` with the pivot to the front, and tells how many they are. There
    /// are more than [`LEAF`] values.
    #[target_feature(enable = "avx512f")]
    fn partition<const BELOW: i32>(values: &mut [f64], pivot: f64) -> usize {
        const BATCH: usize = UNROLL * LANES;
        assert!(values.len() >= 2 * BATCH + LANES, "enough values to read ahead");
        let (len, rest) = (values.len(), values.len() % LANES);
        let pivot = _mm512_set1_pd(pivot);
        let start = values.as_mut_ptr();
        let mut ends = Ends { start, left: 0, right: len };
        let (mut from, mut to) = (BATCH, len - rest - BATCH);
        let in_rest = ((1_u32 << rest) - 1) as u8;
        // SAFETY: `from <= to <= len - rest` and what is read lies between 0 and `len`. 2 BATCH + rest values were
        // read and are free; a batch is read on the side with less free space, then either side has BATCH of it.
        // Of the values that were read ahead the last but one still finds 16 + rest.
        unsafe {
            let rest = _mm512_maskz_loadu_pd(in_rest, start.add(len - rest));
            let ahead: [__m512d; UNROLL] = std::array::from_fn(|k| load(start, k * LANES));
            let behind: [__m512d; UNROLL] = std::array::from_fn(|k| load(start, to + k * LANES));
            for _ in 0..(to - from) / LANES % UNROLL {
                let v = read::<1>(&ends, &mut from, &mut to);
                ends.write::<BELOW>(v[0], pivot);
            }
            while from < to {
                let batch = read::<UNROLL>(&ends, &mut from, &mut to);
                for v in batch {
                    ends.write::<BELOW>(v, pivot);
                }
            }
            for v in ahead {
                ends.write::<BELOW>(v, pivot);
            }
            for v in &behind[..UNROLL - 1] {
                ends.write::<BELOW>(*v, pivot);
            }
            ends.write_exactly::<BELOW>(behind[UNROLL - 1], pivot, 0xFF);
            ends.write_exactly::<BELOW>(rest, pivot, in_rest);
        }
        ends.left
    }

    /// Reads from the side that has less free space.
    ///
    /// # Safety
    /// At least `COUNT` registers are unread.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn read<const COUNT: usize>(ends: &Ends, from: &mut usize, to: &mut usize) -> [__m512d; COUNT] {
        let step = COUNT * LANES;
        let (at, ahead) = if ends.right - *to < *from - ends.left {
            *to -= step;
            (*to, to.wrapping_sub(AHEAD))
        } else {
            *from += step;
            (*from - step, *from + AHEAD)
        };
        for k in 0..COUNT {
            _mm_prefetch::<_MM_HINT_T0>(ends.start.wrapping_add(ahead.wrapping_add(k * LANES)).cast());
        }
        // SAFETY: the caller promises as much.
        std::array::from_fn(|k| unsafe { load(ends.start, at + k * LANES) })
    }

    /// # Safety
    /// Eight values from `at` on exist.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load(start: *const f64, at: usize) -> __m512d {
        // SAFETY: the caller promises as much.
        unsafe { _mm512_loadu_pd(start.add(at)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of a multiplicative generator (Park, Miller 1988).
    fn draws(count: usize) -> impl Iterator<Item = f64> {
        let step = |x: &u64| Some(x * 48_271 % 2_147_483_647);
        std::iter::successors(Some(1_u64), step).take(count).map(|x| x as f64)
    }

    #[track_caller]
    fn check(mut values: Vec<f64>) {
        let mut expected = values.clone();
        expected.sort_by(f64::total_cmp);
        sort(&mut values);
        assert!(values == expected, "{} values", values.len());
    }

    #[test]
    fn every_length_up_to_a_few_leaves() {
        for len in 0..600 {
            check(draws(len).collect());
            check(draws(len).map(|x| x % 7.0).collect());
        }
    }

    #[test]
    fn patterns_that_are_hard_for_quicksort() {
        for len in [1_000, 4_099, 70_001] {
            check(draws(len).collect());
            check((0..len).map(|k| k as f64).collect());
            check((0..len).map(|k| -(k as f64)).collect());
            check((0..len).map(|k| (k.min(len - k)) as f64).collect());
            check(vec![1.5; len]);
            check(draws(len).map(|x| x % 2.0).collect());
            check(draws(len).enumerate().map(|(k, x)| if k % 3 == 0 { 0.0 } else { x }).collect());
            check(
                draws(len).map(|x| [f64::INFINITY, f64::NEG_INFINITY, 5e-324, x][x as usize % 4]).collect(),
            );
        }
    }
}
