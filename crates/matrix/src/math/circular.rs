//! Circular functions of an angle in radians.

use super::{SIGN, WHOLE, fast_two_sum, polynomial};
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
        x.sin()
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
        x.cos()
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
        x.tan()
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

/// Larger angles are left to the system, which knows more digits of pi.
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
        let r = (-k).mul_add(HALF_PI[1], exact);
        let lost = (-k).mul_add(HALF_PI[1], exact - r);
        let low = (-k).mul_add(HALF_PI[2], lost);
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
