//! The 48-bit linear congruential generator of Java's `java.util.Random` (Knuth, TAOCP 2, 3.2.1).
//!
//! `s' = (a s + c) mod 2^48`; a draw is the upper bits of `s'`. Steps compose: k of them are again
//! `s' = A s + C`, so that [`JavaRandom::fill`] runs independent chains side by side in vectors.

use pulp::{Arch, Simd, WithSimd};

/// The multiplier `a` and increment `c` of one step.
const STEP: Step = Step { a: 0x5DEECE66D, c: 0xB };
const MASK: u64 = (1 << 48) - 1;
/// The chains of [`JavaRandom::fill`]; a double takes two steps.
const LANES: usize = 32;
const JUMP: Step = STEP.repeated(2 * LANES);
/// From the state of a generator to where each chain starts.
const STARTS: [Step; LANES] = {
    let mut starts = [STEP; LANES];
    let mut lane = 0;
    while lane < LANES {
        starts[lane] = STEP.repeated(2 * lane);
        lane += 1;
    }
    starts
};

/// `s -> a s + c`, modulo 2^48.
#[derive(Clone, Copy)]
struct Step {
    a: u64,
    c: u64,
}

impl Step {
    const fn apply(self, s: u64) -> u64 {
        s.wrapping_mul(self.a).wrapping_add(self.c) & MASK
    }

    /// As [`Step::apply`], with bits above the 48 left in: they do not reach those below.
    #[inline(always)]
    const fn advance(self, s: u64) -> u64 {
        s.wrapping_mul(self.a).wrapping_add(self.c)
    }

    const fn repeated(self, times: usize) -> Step {
        let mut all = Step { a: 1, c: 0 };
        let mut done = 0;
        while done < times {
            all = Step { a: all.a.wrapping_mul(self.a) & MASK, c: self.apply(all.c) };
            done += 1;
        }
        all
    }
}

/// The generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JavaRandom {
    state: u64,
}

impl JavaRandom {
    /// Seeded by the lower 48 bits of `seed`.
    pub fn new(seed: i64) -> JavaRandom {
        JavaRandom { state: (seed as u64 ^ STEP.a) & MASK }
    }

    /// The next draw of `count` (at most 32) bits, as an unsigned number.
    pub fn bits(&mut self, count: u32) -> u64 {
        self.state = STEP.apply(self.state);
        self.state >> (48 - count)
    }

    /// The next double in [0, 1): 53 bits of two draws.
    pub fn next_f64(&mut self) -> f64 {
        let double = double(self.state);
        self.state = STEP.apply(STEP.apply(self.state));
        double
    }

    /// The next 64-bit integer: two signed draws of 32 bits.
    pub fn next_i64(&mut self) -> i64 {
        let high = self.bits(32) as i32 as i64;
        let low = self.bits(32) as i32 as i64;
        (high << 32).wrapping_add(low)
    }

    /// The next integer in `0..bound`.
    ///
    /// # Panics
    /// When `bound` is not above 0.
    pub fn below_i32(&mut self, bound: i32) -> i32 {
        assert!(bound > 0, "a bound is above 0");
        if bound & (bound - 1) == 0 {
            return ((bound as u64 * self.bits(31)) >> 31) as i32;
        }
        loop {
            let bits = self.bits(31) as i32;
            let value = bits % bound;
            // Draws from the last incomplete run of `bound` numbers would favour small values.
            if bits.wrapping_sub(value).wrapping_add(bound - 1) >= 0 {
                return value;
            }
        }
    }

    /// The next integer in `0..bound`, of 63 bits.
    ///
    /// # Panics
    /// When `bound` is not above 0.
    pub fn below_i64(&mut self, bound: i64) -> i64 {
        assert!(bound > 0, "a bound is above 0");
        loop {
            let bits = self.next_i64() & i64::MAX;
            let value = bits % bound;
            if (bits - value).wrapping_add(bound - 1) >= 0 {
                return value;
            }
        }
    }

    /// Fills `out` with `min + range * u` of the next doubles `u`.
    pub fn fill(&mut self, out: &mut [f64], min: f64, range: f64) {
        let (whole, rest) = out.as_chunks_mut::<LANES>();
        self.state = Arch::new().dispatch(Chains { state: self.state, rows: whole, min, range });
        rest.iter_mut().for_each(|cell| *cell = min + range * self.next_f64());
    }

    /// Leaves out the next `count` draws.
    pub fn skip(&mut self, mut count: u64) {
        let mut step = STEP;
        while count > 0 {
            if count & 1 == 1 {
                self.state = step.apply(self.state);
            }
            step = Step { a: step.a.wrapping_mul(step.a) & MASK, c: step.apply(step.c) };
            count >>= 1;
        }
    }
}

/// Fills rows of one double per chain, and gives the state behind them.
struct Chains<'a> {
    state: u64,
    rows: &'a mut [[f64; LANES]],
    min: f64,
    range: f64,
}

impl WithSimd for Chains<'_> {
    type Output = u64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> u64 {
        let mut lanes = [self.state; LANES];
        for (lane, start) in lanes.iter_mut().zip(&STARTS) {
            *lane = start.advance(*lane);
        }
        for row in self.rows {
            for (cell, lane) in row.iter_mut().zip(&mut lanes) {
                let first = STEP.advance(*lane);
                *cell = self.min + self.range * join(first, STEP.advance(first));
                *lane = JUMP.advance(*lane);
            }
        }
        lanes[0] & MASK
    }
}

/// The double that the two steps after `state` make.
fn double(state: u64) -> f64 {
    let first = STEP.advance(state);
    join(first, STEP.advance(first))
}

/// The upper 26 and 27 bits of two states, whatever lies above their 48, over 2^53.
#[inline(always)]
fn join(first: u64, second: u64) -> f64 {
    const ULP: f64 = 1.0 / (1u64 << 53) as f64;
    let upper = first << 5 & ((1 << 26) - 1) << 27;
    let lower = second >> 21 & ((1 << 27) - 1);
    // Signed numbers, of which there are none here, convert faster where there is no AVX-512.
    (upper | lower) as i64 as f64 * ULP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_draws_of_seed_42() {
        let mut random = JavaRandom::new(42);
        assert_eq!(random.bits(32) as i32, -1_170_105_035);
        assert_eq!(random.bits(32) as i32, 234_785_527);
        assert_eq!(JavaRandom::new(42).next_f64(), 0.7275636800328681);
        assert_eq!(JavaRandom::new(42).below_i32(10), 0);
        assert_eq!(JavaRandom::new(42).next_i64(), -5_025_562_857_975_149_833);
    }

    #[test]
    fn skipping_equals_drawing() {
        for count in [0, 1, 2, 7, 1000] {
            let (mut skipped, mut drawn) = (JavaRandom::new(11), JavaRandom::new(11));
            skipped.skip(count);
            (0..count).for_each(|_| _ = drawn.bits(31));
            assert_eq!(skipped.next_f64(), drawn.next_f64());
        }
    }

    #[test]
    fn filling_equals_drawing_one_by_one() {
        for len in [0, 1, 3, 31, 32, 33, 64, 65, 1000] {
            let (mut filled, mut drawn) = (JavaRandom::new(-7), JavaRandom::new(-7));
            let mut out = vec![0.0; len];
            filled.fill(&mut out, -1.0, 3.0);
            let expected: Vec<f64> = (0..len).map(|_| -1.0 + 3.0 * drawn.next_f64()).collect();
            assert_eq!(out, expected);
            assert_eq!(filled.next_f64(), drawn.next_f64());
        }
    }
}
