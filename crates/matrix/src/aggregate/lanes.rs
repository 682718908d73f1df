//! Sums and extremes of slices in a fixed number of interleaved lanes.
//!
//! Invariant: the number of lanes and the order in which they are merged do not depend on the instruction set, so
//! that all machines give the same bits. `accumulator.rs` builds on these loops.

use pulp::Arch;

/// Independent running results: enough to hide the latency of additions, few enough for the registers.
const LANES: usize = 16;

/// A sum in two parts: the rounded sum and the sum of the rounding errors.
pub type Parts = (f64, f64);

/// `s + x` rounded, and what the rounding lost (Knuth 1969, "two-sum").
#[inline(always)]
pub fn two_sum(s: f64, x: f64) -> Parts {
    let sum = s + x;
    let x_seen = sum - s;
    (sum, (s - (sum - x_seen)) + (x - x_seen))
}

/// The sum of `term(x)` over `xs`, in two parts.
#[inline(always)]
pub fn sum_of(xs: &[f64], term: impl Fn(f64) -> f64 + Copy) -> Parts {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let (mut sum, mut low) = ([0.0; LANES], [0.0; LANES]);
            let (blocks, tail) = xs.as_chunks::<LANES>();
            for block in blocks {
                for i in 0..LANES {
                    let (next, lost) = two_sum(sum[i], term(block[i]));
                    sum[i] = next;
                    low[i] += lost;
                }
            }
            for (i, &x) in tail.iter().enumerate() {
                let (next, lost) = two_sum(sum[i], term(x));
                sum[i] = next;
                low[i] += lost;
            }
            let mut width = LANES;
            while width > 1 {
                width /= 2;
                for i in 0..width {
                    let (next, lost) = two_sum(sum[i], sum[i + width]);
                    sum[i] = next;
                    low[i] += low[i + width] + lost;
                }
            }
            (sum[0], low[0])
        },
    )
}

/// The fold of `xs` by `pick`, which chooses one of two values, from `start`.
#[inline(always)]
pub fn pick(xs: &[f64], start: f64, pick: impl Fn(f64, f64) -> f64 + Copy) -> f64 {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            let mut best = [start; LANES];
            let (blocks, tail) = xs.as_chunks::<LANES>();
            for block in blocks {
                for i in 0..LANES {
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
