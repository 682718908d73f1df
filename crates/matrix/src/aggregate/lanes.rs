//! Sums and extremes of slices in a fixed number of interleaved lanes.
//!
//! Invariant: the number of lanes and the order in which they are merged do not depend on the instruction set, so
//! that all machines give the same bits. `accumulator.rs` builds on these loops.

use std::marker::PhantomData;

use pulp::{Arch, Simd, WithSimd};

/// Independent running results: enough to hide the latency of additions, few enough for the registers.
const LANES: usize = 16;

/// As [`LANES`], for choices between two values: they take longer, and there is one register per result.
const PICK_LANES: usize = 32;

/// A sum in two parts: the rounded sum and the sum of the rounding errors.
pub type Parts = (f64, f64);

/// `s + x` rounded, and what the rounding lost (Knuth 1969, "two-sum").
#[inline(always)]
pub fn two_sum(s: f64, x: f64) -> Parts {
    let sum = s + x;
    let x_seen = sum - s;
    (sum, (s - (sum - x_seen)) + (x - x_seen))
}

/// What is summed for a cell.
pub trait Term: Copy {
    /// The terms of a register of cells.
    fn of<S: Simd>(self, simd: S, x: S::f64s) -> S::f64s;

    /// The cell whose term is zero.
    fn root(self) -> f64;
}

/// The distance of a cell from a value.
#[derive(Clone, Copy)]
pub struct Distance(pub f64);

/// The square of the distance of a cell from a value.
#[derive(Clone, Copy)]
pub struct SquaredDistance(pub f64);

impl Term for Distance {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::f64s) -> S::f64s {
        simd.sub_f64s(x, simd.splat_f64s(self.0))
    }

    fn root(self) -> f64 {
        self.0
    }
}

impl Term for SquaredDistance {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::f64s) -> S::f64s {
        let distance = Distance(self.0).of(simd, x);
        simd.mul_f64s(distance, distance)
    }

    fn root(self) -> f64 {
        self.0
    }
}

/// The sum of the terms of `xs`, in two parts.
pub fn sum_of(xs: &[f64], term: impl Term) -> Parts {
    Arch::new().dispatch(LaneSum { xs, term })
}

struct LaneSum<'a, T> {
    xs: &'a [f64],
    term: T,
}

impl<T: Term> WithSimd for LaneSum<'_, T> {
    type Output = Parts;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Parts {
        match S::F64_LANES {
            8 => self.in_registers::<2, S>(simd),
            4 => self.in_registers::<4, S>(simd),
            2 => self.in_registers::<8, S>(simd),
            _ => self.in_registers::<LANES, S>(simd),
        }
    }
}

impl<T: Term> LaneSum<'_, T> {
    /// The sum, whose lanes fill `R` registers: arrays of that length stay in registers.
    #[inline(always)]
    fn in_registers<const R: usize, S: Simd>(self, simd: S) -> Parts {
        let zero = simd.splat_f64s(0.0);
        let (mut sum, mut low) = ([zero; R], [zero; R]);
        let (blocks, tail) = self.xs.as_chunks::<LANES>();
        for block in blocks {
            (sum, low) = add_block(simd, self.term, block, sum, low);
        }
        if !tail.is_empty() {
            let mut block = [self.term.root(); LANES];
            block[..tail.len()].copy_from_slice(tail);
            (sum, low) = add_block(simd, self.term, &block, sum, low);
        }
        merge_registers(simd, sum, low)
    }
}

/// Adds the terms of a cell per lane. Without inlining, the intrinsics of the instruction set become calls.
#[inline(always)]
fn add_block<const R: usize, S: Simd>(
    simd: S,
    term: impl Term,
    block: &[f64; LANES],
    mut sum: [S::f64s; R],
    mut low: [S::f64s; R],
) -> ([S::f64s; R], [S::f64s; R]) {
    let (block, _) = S::as_simd_f64s(block);
    for i in 0..R {
        let (next, lost) = two_sum_simd(simd, sum[i], term.of(simd, block[i]));
        sum[i] = next;
        low[i] = simd.add_f64s(low[i], lost);
    }
    (sum, low)
}

/// The algebra of [`two_sum`] on registers.
#[inline(always)]
pub(super) fn two_sum_simd<S: Simd>(simd: S, s: S::f64s, x: S::f64s) -> (S::f64s, S::f64s) {
    let sum = simd.add_f64s(s, x);
    let x_seen = simd.sub_f64s(sum, s);
    let s_lost = simd.sub_f64s(s, simd.sub_f64s(sum, x_seen));
    (sum, simd.add_f64s(s_lost, simd.sub_f64s(x, x_seen)))
}

/// Adds the upper half of the lanes to the lower half until one is left: registers first, then what is in one.
#[inline(always)]
fn merge_registers<const R: usize, S: Simd>(simd: S, mut sum: [S::f64s; R], mut low: [S::f64s; R]) -> Parts {
    let mut width = R;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            let (next, lost) = two_sum_simd(simd, sum[i], sum[i + width]);
            sum[i] = next;
            low[i] = simd.add_f64s(low[i], simd.add_f64s(low[i + width], lost));
        }
    }
    let (mut sums, mut lows) = ([0.0; LANES], [0.0; LANES]);
    S::as_mut_simd_f64s(&mut sums).0[0] = sum[0];
    S::as_mut_simd_f64s(&mut lows).0[0] = low[0];
    let mut width = S::F64_LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            let (next, lost) = two_sum(sums[i], sums[i + width]);
            sums[i] = next;
            lows[i] += lows[i + width] + lost;
        }
    }
    (sums[0], lows[0])
}

/// Which of two cells an extreme keeps.
pub trait Choice: Copy {
    /// The extreme of nothing.
    const WORST: f64;

    /// Whether `x` beats `best`; a NaN beats nothing.
    fn beats<S: Simd>(simd: S, x: S::f64s, best: S::f64s) -> S::m64s;

    /// As [`Choice::beats`], for numbers.
    fn is_better(x: f64, best: f64) -> bool;
}

/// Keeps the smallest cell.
#[derive(Clone, Copy)]
pub struct Smallest;

/// Keeps the largest cell.
#[derive(Clone, Copy)]
pub struct Largest;

impl Choice for Smallest {
    const WORST: f64 = f64::INFINITY;

    #[inline(always)]
    fn beats<S: Simd>(simd: S, x: S::f64s, best: S::f64s) -> S::m64s {
        simd.less_than_f64s(x, best)
    }

    #[inline(always)]
    fn is_better(x: f64, best: f64) -> bool {
        x < best
    }
}

impl Choice for Largest {
    const WORST: f64 = f64::NEG_INFINITY;

    #[inline(always)]
    fn beats<S: Simd>(simd: S, x: S::f64s, best: S::f64s) -> S::m64s {
        simd.greater_than_f64s(x, best)
    }

    #[inline(always)]
    fn is_better(x: f64, best: f64) -> bool {
        x > best
    }
}

/// The extreme of the cells that are not NaN, and whether there is a NaN.
pub fn extreme<C: Choice>(xs: &[f64], _choice: C) -> (f64, bool) {
    Arch::new().dispatch(Extreme { xs, choice: PhantomData::<C> })
}

struct Extreme<'a, C> {
    xs: &'a [f64],
    choice: PhantomData<C>,
}

impl<C: Choice> WithSimd for Extreme<'_, C> {
    type Output = (f64, bool);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (f64, bool) {
        match S::F64_LANES {
            8 => self.in_registers::<4, S>(simd),
            4 => self.in_registers::<8, S>(simd),
            2 => self.in_registers::<16, S>(simd),
            _ => self.in_registers::<PICK_LANES, S>(simd),
        }
    }
}

impl<C: Choice> Extreme<'_, C> {
    /// As [`LaneSum::in_registers`].
    #[inline(always)]
    fn in_registers<const R: usize, S: Simd>(self, simd: S) -> (f64, bool) {
        let mut best = [simd.splat_f64s(C::WORST); R];
        let mut numbers = [simd.equal_f64s(best[0], best[0]); R];
        let (blocks, tail) = self.xs.as_chunks::<PICK_LANES>();
        for block in blocks {
            (best, numbers) = pick_block::<R, C, S>(simd, block, best, numbers);
        }
        if !tail.is_empty() {
            let mut block = [C::WORST; PICK_LANES];
            block[..tail.len()].copy_from_slice(tail);
            (best, numbers) = pick_block::<R, C, S>(simd, &block, best, numbers);
        }
        let mut all_numbers = numbers[0];
        for some in &numbers[1..] {
            all_numbers = simd.and_m64s(all_numbers, *some);
        }
        let mut width = R;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                best[i] = better::<C, S>(simd, best[i + width], best[i]);
            }
        }
        (last_best::<C, S>(best[0]), simd.first_true_m64s(simd.not_m64s(all_numbers)) < S::F64_LANES)
    }
}

/// Takes in a cell per lane.
#[inline(always)]
fn pick_block<const R: usize, C: Choice, S: Simd>(
    simd: S,
    block: &[f64; PICK_LANES],
    mut best: [S::f64s; R],
    mut numbers: [S::m64s; R],
) -> ([S::f64s; R], [S::m64s; R]) {
    let (block, _) = S::as_simd_f64s(block);
    for i in 0..R {
        best[i] = better::<C, S>(simd, block[i], best[i]);
        numbers[i] = simd.and_m64s(numbers[i], simd.equal_f64s(block[i], block[i]));
    }
    (best, numbers)
}

#[inline(always)]
fn better<C: Choice, S: Simd>(simd: S, x: S::f64s, best: S::f64s) -> S::f64s {
    simd.select_f64s(C::beats(simd, x, best), x, best)
}

/// The best lane of a register, upper halves against lower ones.
#[inline(always)]
fn last_best<C: Choice, S: Simd>(best: S::f64s) -> f64 {
    let mut lanes = [C::WORST; PICK_LANES];
    S::as_mut_simd_f64s(&mut lanes).0[0] = best;
    let mut width = S::F64_LANES;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            if C::is_better(lanes[i + width], lanes[i]) {
                lanes[i] = lanes[i + width];
            }
        }
    }
    lanes[0]
}

/// The number of cells that are not zero (NaN counts).
pub fn count_nonzero(xs: &[f64]) -> u64 {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut count = 0;
            for &x in xs {
                count += u64::from(x != 0.0);
            }
            count
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar;

    #[test]
    fn instruction_sets_give_the_same_bits() {
        for len in [0, 1, 15, 16, 17, 100, 1003] {
            let xs: Vec<f64> = (0..len).map(|k| f64::from(k * 7919 % 1009) / 7.0 - 60.0).collect();
            let widest = sum_of(&xs, SquaredDistance(0.1));
            let scalar = LaneSum { xs: &xs, term: SquaredDistance(0.1) }.with_simd(Scalar);
            assert_eq!(widest.0.to_bits(), scalar.0.to_bits());
            assert_eq!(widest.1.to_bits(), scalar.1.to_bits());
            let zeros: Vec<f64> = xs.iter().map(|x| if *x < 0.0 { -0.0 } else { 0.0 }).collect();
            for xs in [&xs, &zeros] {
                let widest = extreme(xs, Smallest);
                let scalar = Extreme { xs, choice: PhantomData::<Smallest> }.with_simd(Scalar);
                assert_eq!((widest.0.to_bits(), widest.1), (scalar.0.to_bits(), scalar.1));
            }
        }
    }
}
