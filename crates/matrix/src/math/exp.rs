//! The exponential function, and what powers and hyperbolic functions share with it.

use super::{WHOLE, fast_two_sum, polynomial};
use crate::map::{UnaryCell, apply};

/// `exp(x)`: at most 0.7 ulp, 1 ulp where the result is subnormal.
#[derive(Clone, Copy, Debug)]
pub struct Exp;

impl UnaryCell for Exp {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        exp_scaled(x, 0.0, 0.0)
    }
}

/// [`Exp`] of a number.
pub fn exp(x: f64) -> f64 {
    apply(Exp, x)
}

/// ln 2 in two parts.
pub(super) const LN_2: [f64; 2] = [std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17];

/// `(e^r - 1 - r - r^2/2) / r^3` for |r| <= ln(2)/2; the error of e^r is below 2^-60.
const TAIL: [f64; 10] = [
    0.166_666_666_666_666_82,
    0.041_666_666_666_666_7,
    0.008_333_333_333_316_859,
    0.001_388_888_888_886_516,
    0.000_198_412_698_968_214_2,
    2.480_158_736_512_716e-5,
    2.755_723_443_596_1e-6,
    2.755_723_864_921_045_4e-7,
    2.511_217_988_807_415e-8,
    2.092_568_886_768_637e-9,
];

/// Below and above this, the result underflows to zero and overflows, for every `shift` from -1 to 0.
const RANGE: (f64, f64) = (-746.0, 711.0);

/// `exp(x + low) * 2^shift` for a `low` that is tiny beside 1, and a shift of 0 or -1.
///
/// The scale is applied in two steps, so that results near both ends of the range round once.
#[inline(always)]
pub(super) fn exp_scaled(x: f64, low: f64, shift: f64) -> f64 {
    let x = clamp(x);
    let (k, r, low) = reduced(x, low);
    let (sum, lost) = fast_two_sum(1.0, r);
    let fraction = sum + (lost + tail(r, low));
    let k = k + shift;
    let (whole, half) = ((k + WHOLE).to_bits(), k.mul_add(0.5, WHOLE).to_bits());
    fraction * power_of_two(half) * power_of_two(whole.wrapping_sub(half))
}

/// `exp(x) - 1` as a sum of two parts, for `x` from 0 to 44.
#[inline(always)]
pub(super) fn exp_minus_one(x: f64) -> (f64, f64) {
    let (k, r, low) = reduced(x, 0.0);
    let (high, low) = fast_two_sum(r, tail(r, low));
    let scale = power_of_two((k + WHOLE).to_bits());
    let sum = scale.mul_add(high, scale - 1.0);
    // At k = 0 the second term is zero, else it is the larger one: what the sum lost is exact.
    let lost = scale.mul_add(high, (scale - 1.0) - sum);
    (sum, scale.mul_add(low, lost))
}

/// `x + low` as `k ln 2 + r + low` with a whole `k` and |r| up to ln(2)/2.
///
/// `x - k * LN_2[0]` is exact: a multiple of 2^-54 below 1.
#[inline(always)]
fn reduced(x: f64, low: f64) -> (f64, f64, f64) {
    let k = x.mul_add(std::f64::consts::LOG2_E, WHOLE) - WHOLE;
    let exact = (-k).mul_add(LN_2[0], x);
    let small = (-k).mul_add(LN_2[1], low);
    let r = exact + small;
    (k, r, (exact - r) + small)
}

/// `exp(r + low) - 1 - r`, for a `low` that is tiny beside `r`.
#[inline(always)]
fn tail(r: f64, low: f64) -> f64 {
    (r * r).mul_add(polynomial(r, &TAIL).mul_add(r, 0.5), low)
}

/// `x` within the range where something happens; NaN stays.
#[inline(always)]
fn clamp(x: f64) -> f64 {
    let x = if x < RANGE.0 { RANGE.0 } else { x };
    if x > RANGE.1 { RANGE.1 } else { x }
}

/// Two to the power of the whole number in the low bits, which must be that of a normal double.
#[inline(always)]
fn power_of_two(bits: u64) -> f64 {
    f64::from_bits((bits << 52).wrapping_add(1.0_f64.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::super::precise::{Exact, check, check_values, signed, spread, uniform};
    use super::*;
    use std::f64::consts::E;

    const NEAR_OVERFLOW: f64 = 709.782_712_893_384;

    #[test]
    fn within_the_bound() {
        let of = |x: Exact| x.exp();
        check(Exp, of, 0.7, uniform(-708.0, NEAR_OVERFLOW, 4000));
        check(Exp, of, 0.7, uniform(-1.5, 1.5, 4000));
        check(Exp, of, 1.0, uniform(-745.1, -708.3, 1000));
        check(Exp, of, 0.7, signed(spread(-60, 9, 1000)));
        let borders = (-1020..1020).map(|k| (f64::from(k) + 0.5) * std::f64::consts::LN_2);
        check(Exp, of, 0.7, borders);
    }

    #[test]
    fn special_values() {
        let values = [
            (0.0, 1.0),
            (-0.0, 1.0),
            (5e-324, 1.0),
            (1.0, E),
            (f64::INFINITY, f64::INFINITY),
            (f64::NEG_INFINITY, 0.0),
            (709.782_712_893_384_1, f64::INFINITY),
            (1e300, f64::INFINITY),
            (-745.133_219_101_941_1, 5e-324),
            (-745.133_219_101_941_2, 0.0),
            (-1e300, 0.0),
            (f64::NAN, f64::NAN),
        ];
        check_values(Exp, &values);
        assert!(exp(NEAR_OVERFLOW).is_finite());
    }
}
