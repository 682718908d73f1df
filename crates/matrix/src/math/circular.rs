//! Circular functions of an angle in radians.

use super::{SIGN, WHOLE, fast_two_sum, polynomial};
use crate::aggregate::lanes::two_sum;
use crate::map::{UnaryCell, apply};

/// `sin(x)`: at most 1 ulp.
#[derive(Clone, Copy, Debug)]
pub struct Sin;

/// `cos(x)`: at most 1 ulp.
#[derive(Clone, Copy, Debug)]
pub struct Cos;

/// `tan(x)`: at most 1 ulp.
#[derive(Clone, Copy, Debug)]
pub struct Tan;

impl UnaryCell for Sin {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let angle = Angle::new(x.abs());
        let value = if angle.quadrant & 1 == 0 { angle.sin() } else { angle.cos() };
        flipped(value, x.to_bits() & SIGN ^ angle.quadrant >> 1 << 63)
    }

    #[inline(always)]
    fn covers(self, x: f64) -> bool {
        is_moderate(x)
    }

    fn rare(self, x: f64) -> f64 {
        libm::sin(x)
    }
}

impl UnaryCell for Cos {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let angle = Angle::new(x.abs());
        let value = if angle.quadrant & 1 == 0 { angle.cos() } else { angle.sin() };
        flipped(value, angle.quadrant.wrapping_add(1) >> 1 << 63)
    }

    #[inline(always)]
    fn covers(self, x: f64) -> bool {
        is_moderate(x)
    }

    fn rare(self, x: f64) -> f64 {
        libm::cos(x)
    }
}

impl UnaryCell for Tan {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let angle = Angle::new(x.abs());
        let (sin, cos) = (angle.sin_parts(), angle.cos_parts());
        let even = angle.quadrant & 1 == 0;
        let above = if even { sin } else { cos };
        let below = if even { cos } else { sin };
        let inverse = 1.0 / below.0;
        let quotient = above.0 * inverse;
        let rest = (-quotient).mul_add(below.0, above.0) + (-quotient).mul_add(below.1, above.1);
        // tan(r + pi/2) = -cos(r) / sin(r).
        flipped(rest.mul_add(inverse, quotient), x.to_bits() & SIGN ^ angle.quadrant << 63)
    }

    #[inline(always)]
    fn covers(self, x: f64) -> bool {
        is_moderate(x)
    }

    fn rare(self, x: f64) -> f64 {
        libm::tan(x)
    }
}

/// [`Sin`] of a number.
pub fn sin(x: f64) -> f64 {
    apply(Sin, x)
}

/// [`Cos`] of a number.
pub fn cos(x: f64) -> f64 {
    apply(Cos, x)
}

/// [`Tan`] of a number.
pub fn tan(x: f64) -> f64 {
    apply(Tan, x)
}

/// Larger angles need more digits of pi, by the algorithm of Payne and Hanek (1983), which `libm` has.
const MODERATE: f64 = (1_u64 << 30) as f64;

/// pi/2 in three parts: 161 bits, of which 53 and more are left after the worst cancellation.
const HALF_PI: [f64; 3] =
    [std::f64::consts::FRAC_PI_2, 6.123_233_995_736_766e-17, -1.497_384_904_859_169_8e-33];

/// `(sin(r) - r) / r^3` in `r^2` for |r| <= pi/4; the error is below 2^-57 of sin(r).
const SIN: [f64; 7] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_333_323,
    -0.000_198_412_698_412_551_23,
    2.755_731_921_421_93e-6,
    -2.505_210_491_926_442e-8,
    1.605_836_762_443_606_4e-10,
    -7.578_748_190_936_341e-13,
];

/// `(cos(r) - 1 + r^2/2) / r^4` in `r^2` for |r| <= pi/4; the error is below 2^-59.
const COS: [f64; 6] = [
    0.041_666_666_666_666_6,
    -0.001_388_888_888_887_412_5,
    2.480_158_728_948_282_8e-5,
    -2.755_731_435_249_596e-7,
    2.087_572_329_311_324_5e-9,
    -1.135_964_873_983_263e-11,
];

/// An angle that is `quadrant * pi/2 + r + low`, with |r| up to pi/4.
#[derive(Clone, Copy)]
struct Angle {
    quadrant: u64,
    r: f64,
    low: f64,
    square: f64,
}

impl Angle {
    /// The first product cancels exactly, since its multiples of 2^-53 are few; the others add what pi/2 lacks.
    #[inline(always)]
    fn new(x: f64) -> Angle {
        let near = x.mul_add(std::f64::consts::FRAC_2_PI, WHOLE);
        let k = near - WHOLE;
        let exact = (-k).mul_add(HALF_PI[0], x);
        let small = -k * HALF_PI[1];
        let (r, lost) = two_sum(exact, small);
        let low = lost + (-k).mul_add(HALF_PI[2], (-k).mul_add(HALF_PI[1], -small));
        Angle { quadrant: near.to_bits(), r, low, square: r * r }
    }

    /// `sin(r + low) - r`.
    #[inline(always)]
    fn sin_tail(self) -> f64 {
        let cubic = self.r * (self.square * polynomial(self.square, &SIN));
        cubic + self.low.mul_add(-0.5 * self.square, self.low)
    }

    /// `cos(r + low)` as `1 - square/2` rounded, and the rest.
    #[inline(always)]
    fn cos_sum(self) -> (f64, f64) {
        let (sum, lost) = fast_two_sum(1.0, -0.5 * self.square);
        // What rounding the square lost is not in the sum yet.
        let square_lost = self.r.mul_add(self.r, -self.square);
        let tail = (self.square * self.square).mul_add(polynomial(self.square, &COS), lost);
        (sum, tail - self.r.mul_add(self.low, 0.5 * square_lost))
    }

    #[inline(always)]
    fn sin(self) -> f64 {
        self.r + self.sin_tail()
    }

    #[inline(always)]
    fn cos(self) -> f64 {
        let (sum, tail) = self.cos_sum();
        sum + tail
    }

    #[inline(always)]
    fn sin_parts(self) -> (f64, f64) {
        fast_two_sum(self.r, self.sin_tail())
    }

    #[inline(always)]
    fn cos_parts(self) -> (f64, f64) {
        let (sum, tail) = self.cos_sum();
        fast_two_sum(sum, tail)
    }
}

/// `value`, negated when `sign` is the bit of the sign.
#[inline(always)]
fn flipped(value: f64, sign: u64) -> f64 {
    f64::from_bits(value.to_bits() ^ sign)
}

/// True for angles whose distance to a multiple of pi/2 is exact here, and for NaN.
#[inline(always)]
fn is_moderate(x: f64) -> bool {
    let large = x.abs() > MODERATE;
    !large
}

#[cfg(test)]
mod tests {
    use super::super::precise::{Exact, check, check_values, signed, spread, uniform};
    use super::super::precise::{INFINITY, NAN, NEG_INFINITY};
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    fn points() -> impl Iterator<Item = f64> {
        let moderate = uniform(0.0, 8.0, 1500).chain(spread(-500, 30, 1000));
        // Next to multiples of pi/2 nearly all digits cancel; the last point is the double that is nearest to one.
        let near = (1..1000).map(|k| f64::from(k * k) * FRAC_PI_2);
        let huge = spread(30, 1023, 300).chain([2.0_f64.powi(30), 5.319_372_648_326_541e255]);
        signed(moderate.chain(near).chain(huge))
    }

    #[test]
    fn within_the_bounds() {
        check(Sin, |x: Exact| x.sin(), 1.0, points());
        check(Cos, |x: Exact| x.cos(), 1.0, points());
        check(Tan, |x: Exact| x.tan(), 1.0, points());
    }

    #[test]
    fn special_values() {
        let odd =
            [(0.0, 0.0), (-0.0, -0.0), (5e-324, 5e-324), (INFINITY, NAN), (NEG_INFINITY, NAN), (NAN, NAN)];
        check_values(Sin, &odd);
        check_values(Tan, &odd);
        check_values(Cos, &[(0.0, 1.0), (-0.0, 1.0), (5e-324, 1.0), (INFINITY, NAN), (NAN, NAN)]);
    }
}
