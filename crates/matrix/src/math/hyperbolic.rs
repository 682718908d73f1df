//! Hyperbolic functions.

use super::exp::{exp_minus_one, exp_scaled};
use super::polynomial;
use crate::map::{UnaryCell, apply};

/// `sinh(x)`: at most 2 ulp.
#[derive(Clone, Copy, Debug)]
pub struct Sinh;

/// `cosh(x)`: at most 2 ulp.
#[derive(Clone, Copy, Debug)]
pub struct Cosh;

/// `tanh(x)`: at most 2 ulp.
#[derive(Clone, Copy, Debug)]
pub struct Tanh;

impl UnaryCell for Sinh {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let size = x.abs();
        let half = exp_scaled(size, 0.0, -1.0);
        let square = size * size;
        let small = (size * square).mul_add(polynomial(square, &SINH), size);
        (if size < 1.0 { small } else { half - 0.25 / half }).copysign(x)
    }
}

impl UnaryCell for Cosh {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let half = exp_scaled(x.abs(), 0.0, -1.0);
        half + 0.25 / half
    }
}

impl UnaryCell for Tanh {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        // Beyond 22 the result rounds to 1.
        let double = x.abs() * 2.0;
        let (power, low) = exp_minus_one(if double > 44.0 { 44.0 } else { double });
        let power = power + low;
        (power / (power + 2.0)).copysign(x)
    }
}

/// [`Sinh`] of a number.
pub fn sinh(x: f64) -> f64 {
    apply(Sinh, x)
}

/// [`Cosh`] of a number.
pub fn cosh(x: f64) -> f64 {
    apply(Cosh, x)
}

/// [`Tanh`] of a number.
pub fn tanh(x: f64) -> f64 {
    apply(Tanh, x)
}

/// `(sinh(x) - x) / x^3` in `x^2` for |x| <= 1; the error is below 2^-56 of sinh.
const SINH: [f64; 8] = [
    0.166_666_666_666_666_66,
    0.008_333_333_333_333_333,
    0.000_198_412_698_412_695_9,
    2.755_731_922_412_031e-6,
    2.505_210_834_562_573_5e-8,
    1.605_905_070_791_876e-10,
    7.646_476_223_680_233e-13,
    2.848_402_003_022_575_3e-15,
];

#[cfg(test)]
mod tests {
    use super::super::precise::{INFINITY, NAN, NEG_INFINITY};
    use super::super::precise::{check, check_values, signed, spread, uniform};
    use super::*;

    fn points() -> impl Iterator<Item = f64> {
        signed(uniform(0.0, 3.0, 1500).chain(uniform(0.0, 710.4, 500)).chain(spread(-400, 9, 500)))
    }

    #[test]
    fn within_the_bounds() {
        check(Sinh, |x| x.sinh(), 2.0, points());
        check(Cosh, |x| x.cosh(), 2.0, points());
        check(Tanh, |x| x.tanh(), 2.0, points());
        check(Tanh, |x| x.tanh(), 2.0, uniform(0.1, 0.6, 2000));
    }

    #[test]
    fn special_values() {
        let sinh = [
            (0.0, 0.0),
            (-0.0, -0.0),
            (5e-324, 5e-324),
            (INFINITY, INFINITY),
            (NEG_INFINITY, NEG_INFINITY),
            (710.5, INFINITY),
            (NAN, NAN),
        ];
        check_values(Sinh, &sinh);
        let cosh =
            [(0.0, 1.0), (-0.0, 1.0), (INFINITY, INFINITY), (NEG_INFINITY, INFINITY), (-710.5, INFINITY)];
        check_values(Cosh, &cosh);
        let tanh = [
            (0.0, 0.0),
            (-0.0, -0.0),
            (-5e-324, -5e-324),
            (INFINITY, 1.0),
            (NEG_INFINITY, -1.0),
            (22.0, 1.0),
            (NAN, NAN),
        ];
        check_values(Tanh, &tanh);
    }
}
