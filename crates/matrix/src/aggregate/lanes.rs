//! Sums and extremes of slices in a fixed number of interleaved lanes.
//!
//! Invariant: the number of lanes and the order in which they are merged do not depend on the instruction set, so
//! that all machines give the same bits. `accumulator.rs` builds on these loops.

use pulp::{Arch, Simd, WithSimd};

/// Independent running results: enough to hide the latency of additions, few enough for the registers.
const LANES: usize = 16;

/// As [`LANES`], for choices between two values: they take longer, and there is one register per result.
const PICK_LANES: usize = 64;

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
        let zero = simd.splat_f64s(0.0);
        // As many registers as the narrowest instruction set needs; wider ones use the first few.
        let (mut sum, mut low) = ([zero; LANES], [zero; LANES]);
        let (blocks, tail) = self.xs.as_chunks::<LANES>();
        for block in blocks {
            add_block(simd, self.term, block, &mut sum, &mut low);
        }
        if !tail.is_empty() {
            let mut block = [self.term.root(); LANES];
            block[..tail.len()].copy_from_slice(tail);
            add_block(simd, self.term, &block, &mut sum, &mut low);
        }
        merge_registers(simd, sum, low)
    }
}

/// Adds the terms of a cell per lane. Without inlining, the intrinsics of the instruction set become calls.
#[inline(always)]
fn add_block<S: Simd>(
    simd: S,
    term: impl Term,
    block: &[f64; LANES],
    sum: &mut [S::f64s; LANES],
    low: &mut [S::f64s; LANES],
) {
    let (block, _) = S::as_simd_f64s(block);
    for i in 0..LANES / S::F64_LANES {
        let (next, lost) = two_sum_simd(simd, sum[i], term.of(simd, block[i]));
        sum[i] = next;
        low[i] = simd.add_f64s(low[i], lost);
    }
}

/// The algebra of [`two_sum`] on registers.
#[inline(always)]
fn two_sum_simd<S: Simd>(simd: S, s: S::f64s, x: S::f64s) -> (S::f64s, S::f64s) {
    let sum = simd.add_f64s(s, x);
    let x_seen = simd.sub_f64s(sum, s);
    let s_lost = simd.sub_f64s(s, simd.sub_f64s(sum, x_seen));
    (sum, simd.add_f64s(s_lost, simd.sub_f64s(x, x_seen)))
}

/// Adds the upper half of the lanes to the lower half until one is left: registers first, then what is in one.
#[inline(always)]
fn merge_registers<S: Simd>(simd: S, mut sum: [S::f64s; LANES], mut low: [S::f64s; LANES]) -> Parts {
    let mut width = LANES / S::F64_LANES;
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

/// The fold of `xs` by `pick`, which chooses one of two values, from `start`.
#[inline(always)]
pub fn pick(xs: &[f64], start: f64, pick: impl Fn(f64, f64) -> f64 + Copy) -> f64 {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut best = [start; PICK_LANES];
            let (blocks, tail) = xs.as_chunks::<PICK_LANES>();
            for block in blocks {
                for i in 0..PICK_LANES {
                    best[i] = pick(best[i], block[i]);
                }
            }
            let mut last = start;
            for &x in best.iter().chain(tail) {
                last = pick(last, x);
            }
            last
        },
    )
}

/// The number of cells that are not zero.
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
        }
    }
}
