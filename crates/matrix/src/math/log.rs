//! The natural logarithm.

use super::{WHOLE, polynomial};
use crate::map::{BinaryCell, UnaryCell, apply};

/// `log(x)`: at most 1 ulp; minus infinity of zero, NaN below.
#[derive(Clone, Copy, Debug)]
pub struct Log;

impl UnaryCell for Log {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let (k, f) = split(x);
        // log(1 + f) = f - f^2/2 + s (f^2/2 + r), where s = f / (2 + f): the large terms are exact.
        let s = f / (2.0 + f);
        let z = s * s;
        let r = z * polynomial(z, &ATANH);
        let half_square = 0.5 * f * f;
        let small = s.mul_add(half_square + r, k * LN_2[1]);
        let log = k.mul_add(LN_2[0], f - (half_square - small));
        let log = if x == f64::INFINITY { x } else { log };
        let log = if x == 0.0 { f64::NEG_INFINITY } else { log };
        if x >= 0.0 { log } else { f64::NAN }
    }
}

/// `log(x) / log(base)`: a quotient of two logarithms, each within 1 ulp.
#[derive(Clone, Copy, Debug)]
pub struct LogBase;

impl BinaryCell for LogBase {
    #[inline(always)]
    fn of(self, x: f64, base: f64) -> f64 {
        Log.of(x) / Log.of(base)
    }
}

/// [`Log`] of a number.
pub fn log(x: f64) -> f64 {
    apply(Log, x)
}

/// ln 2 in two parts, the first of 38 bits: its product with an exponent is exact.
const LN_2: [f64; 2] = [0.693_147_180_558_298_7, 1.646_594_958_289_708_2e-12];

/// `(2 atanh(s) / s - 2) / z` in `z = s^2`, for s of mantissas; the error of the logarithm is below 2^-60.
const ATANH: [f64; 8] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_062_4,
    0.285_714_285_690_867_15,
    0.222_222_226_466_899_3,
    0.181_817_756_730_320_3,
    0.153_870_904_610_539_23,
    0.132_501_242_670_888_92,
    0.132_512_772_331_636_22,
];

/// The bits of the root of 1/2.
const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;

/// `x` as `2^k (1 + f)`, with 1 + f from the root of 1/2 to that of 2; for positive finite `x`.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    const TWO_54: f64 = (1_u64 << 54) as f64;
    let subnormal = x < f64::MIN_POSITIVE;
    let bits = if subnormal { x * TWO_54 } else { x }.to_bits();
    let shift = if subnormal { WHOLE + 54.0 } else { WHOLE };
    // Biased, so that the shift is one of unsigned numbers.
    let above = bits.wrapping_sub(ROOT_HALF).wrapping_add(1023 << 52) >> 52;
    let k = f64::from_bits(WHOLE.to_bits() + above) - (shift + 1023.0);
    let mantissa = f64::from_bits(bits.wrapping_sub(above << 52).wrapping_add(1023 << 52));
    (k, mantissa - 1.0)
}

#[cfg(test)]
mod tests {
    use super::super::precise::{Exact, check, check_values, spread, uniform};
    use super::*;

    #[test]
    fn within_the_bound() {
        let of = |x: Exact| x.ln();
        check(Log, of, 1.0, uniform(0.5, 2.0, 6000));
        check(Log, of, 1.0, uniform(0.99, 1.01, 2000));
        check(Log, of, 1.0, spread(-1074, 1023, 4000));
        check(Log, of, 1.0, spread(-60, -1, 1000).map(|x| 1.0 - x));
    }

    #[test]
    fn special_values() {
        let values = [
            (1.0, 0.0),
            (0.0, f64::NEG_INFINITY),
            (-0.0, f64::NEG_INFINITY),
            (-1.0, f64::NAN),
            (-5e-324, f64::NAN),
            (f64::NEG_INFINITY, f64::NAN),
            (f64::INFINITY, f64::INFINITY),
            (f64::NAN, f64::NAN),
            (5e-324, -744.440_071_921_381_2),
            (f64::MAX, 709.782_712_893_384),
        ];
        check_values(Log, &values);
    }
}
