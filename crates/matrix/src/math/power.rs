//! Powers with real exponents.

use super::exp::exp_scaled;
use super::log::split;
use super::{fast_two_sum, polynomial};
use crate::map::{BinaryCell, WithRight, apply_two, unary};

/// `x^y`: at most 1 ulp (a cube 1.5), and exact where the result is a double. Zeros, infinities and NaN as in C: `x^0` and `1^y`
/// are 1 for every operand, a negative number has powers with whole exponents only.
///
/// The exponents 2, 3, -1 and 0.5 are products, quotients and roots, in matrices and for scalars.
#[derive(Clone, Copy, Debug)]
pub struct Power;

impl BinaryCell for Power {
    #[inline(always)]
    fn of(self, x: f64, y: f64) -> f64 {
        let (log, log_low) = log_parts(x.abs());
        let product = y * log;
        let lost = y.mul_add(log, -product) + y * log_low;
        let power = exp_scaled(product, if product.abs() < 1000.0 { lost } else { 0.0 }, 0.0);
        let size = x.abs();
        let power = if size == 0.0 { of_extreme(-y) } else { power };
        let power = if size == f64::INFINITY { of_extreme(y) } else { power };
        let (whole, half) = (y.floor() == y, 0.5 * y);
        let power = if whole & (half.floor() != half) { power.copysign(x) } else { power };
        let power = if (x < 0.0) & (size < f64::INFINITY) & !whole { f64::NAN } else { power };
        if x.is_nan() & (y != 0.0) { x } else { power }
    }

    #[inline(always)]
    fn covers(self, _x: f64, y: f64) -> bool {
        (y.abs() < f64::INFINITY) & !is_short(y)
    }

    fn rare(self, x: f64, y: f64) -> f64 {
        match y {
            2.0 => square(x),
            3.0 => cube(x),
            -1.0 => inverse(x),
            0.5 => root(x),
            _ => libm::pow(x, y),
        }
    }

    #[inline(always)]
    fn with_right(self, x: &[f64], y: f64, out: &mut [f64]) {
        match y {
            2.0 => unary(x, out, square),
            3.0 => unary(x, out, cube),
            -1.0 => unary(x, out, inverse),
            0.5 => unary(x, out, root),
            _ => unary(x, out, WithRight(self, y)),
        }
    }
}

/// [`Power`] of numbers.
pub fn power(x: f64, y: f64) -> f64 {
    apply_two(Power, x, y)
}

/// Infinity to the power of `y`.
#[inline(always)]
fn of_extreme(y: f64) -> f64 {
    let value = if y > 0.0 { f64::INFINITY } else { 0.0 };
    if y == 0.0 { 1.0 } else { value }
}

/// True for the exponents that have loops of their own.
#[inline(always)]
fn is_short(y: f64) -> bool {
    (y == 2.0) | (y == 3.0) | (y == -1.0) | (y == 0.5)
}

#[inline(always)]
fn square(x: f64) -> f64 {
    x * x
}

#[inline(always)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[inline(always)]
fn inverse(x: f64) -> f64 {
    1.0 / x
}

/// The root, which a power makes infinite at minus infinity and 0 at -0.
#[inline(always)]
fn root(x: f64) -> f64 {
    if x == f64::NEG_INFINITY { f64::INFINITY } else { (x + 0.0).sqrt() }
}

/// ln 2 in two parts, the first of 38 bits: its product with an exponent is exact.
const LN_2: [f64; 2] = [0.693_147_180_558_298_7, 1.646_594_958_289_708_2e-12];

/// 1/3 in two parts.
const THIRD: [f64; 2] = [0.333_333_333_333_333_3, 1.850_371_707_708_594e-17];

/// `(atanh(s) / s - 1 - z/3) / z^2` in `z = s^2`, for s of mantissas; the error of the logarithm is below 2^-66.
const ATANH: [f64; 8] = [
    0.199_999_999_999_999_93,
    0.142_857_142_857_209_96,
    0.111_111_111_090_832_09,
    0.090_909_094_020_987_6,
    0.076_922_804_060_302_79,
    0.066_680_913_870_234_63,
    0.058_386_384_946_667_404,
    0.059_852_020_330_169_5,
];

/// The natural logarithm of a positive finite number in two parts, with a relative error near 2^-65.
///
/// As in `log.rs`, `log(1 + f) = 2 atanh(f / (2 + f))`; the first terms of the series are sums of two doubles.
#[inline(always)]
fn log_parts(x: f64) -> (f64, f64) {
    let (k, f) = split(x);
    let (sum, sum_low) = fast_two_sum(2.0, f);
    let inverse = 1.0 / sum;
    let s = f * inverse;
    let s_low = (-s).mul_add(sum_low, (-s).mul_add(sum, f)) * inverse;
    let z = s * s;
    let z_low = (2.0 * s).mul_add(s_low, s.mul_add(s, -z));
    let (w, w_low) = fast_two_sum(THIRD[0], z * polynomial(z, &ATANH));
    let (c, c_low) = product((z, z_low), (w, w_low + THIRD[1]));
    let (cubic, cubic_low) = product((s, s_low), (c, c_low));
    let (atanh, atanh_low) = fast_two_sum(s, cubic);
    let atanh_low = atanh_low + (s_low + cubic_low);
    let (log, lost) = fast_two_sum(k * LN_2[0], 2.0 * atanh);
    fast_two_sum(log, lost + k.mul_add(LN_2[1], 2.0 * atanh_low))
}

/// The product of two numbers in two parts each.
#[inline(always)]
fn product(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let high = a.0 * b.0;
    (high, a.0.mul_add(b.0, -high) + a.0.mul_add(b.1, a.1 * b.0))
}

#[cfg(test)]
mod tests {
    use super::super::precise::{self, Exact, check, check_values, spread, uniform};
    use super::super::precise::{INFINITY, NAN, NEG_INFINITY};
    use super::*;
    use crate::map::{UnaryLoop, binary_sv, binary_vs, binary_vv};

    const EXPONENTS: [f64; 14] =
        [0.0, 1.0, -1.0, 2.0, 3.0, 0.5, -0.5, 5.0, 1.7, -2.3, 1e300, INFINITY, NEG_INFINITY, NAN];

    const BASES: [f64; 12] =
        [0.0, -0.0, 1.0, -1.0, 2.0, -8.0, 5e-324, f64::MAX, INFINITY, NEG_INFINITY, NAN, 0.3];

    #[test]
    fn within_the_bound() {
        for y in [2.0, 3.0, -1.0, 0.5, 1.0 / 3.0, -2.7, 7.0, 11.0, 100.5] {
            let of = |x: Exact| x.powf(&precise::exact(y));
            let bound = if y == 3.0 { 1.5 } else { 1.0 };
            check(WithRight(Power, y), of, bound, uniform(0.01, 100.0, 400));
            check(WithRight(Power, y), of, bound, spread(-9, 9, 200));
        }
        for x in [2.0_f64, 10.0, 0.37, 1.000_1] {
            let of = |y: Exact| precise::exact(x).powf(&y);
            let most = 709.0 / x.ln().abs();
            check(Base(x), of, 1.0, uniform(-most, most, 400));
        }
    }

    #[test]
    fn loops_and_scalars_agree() {
        for y in EXPONENTS {
            let mut out = [0.0; BASES.len()];
            binary_vs(&BASES, y, &mut out, Power);
            let mut both = out;
            binary_vv(&BASES, &[y; BASES.len()], &mut both, Power);
            for (k, x) in BASES.into_iter().enumerate() {
                let mut cell = [0.0];
                binary_sv(x, &[y], &mut cell, Power);
                let bits =
                    [out[k], both[k], cell[0], power(x, y)].map(|x| if x.is_nan() { 0 } else { x.to_bits() });
                assert_eq!(bits, [bits[0]; 4], "{x} ^ {y}");
            }
        }
    }

    #[test]
    fn special_values_are_those_of_c() {
        for y in EXPONENTS {
            for x in BASES {
                let (value, expected) = (power(x, y), x.powf(y));
                let close = value == expected && value.is_sign_negative() == expected.is_sign_negative();
                let near = (value - expected).abs() <= expected.abs() * f64::EPSILON;
                assert!(
                    close || near || (value.is_nan() && expected.is_nan()),
                    "{x} ^ {y} = {value}, not {expected}"
                );
            }
        }
    }

    #[test]
    fn whole_powers_are_exact() {
        let fifth = WithRight(Power, 5.0);
        check_values(fifth, &[(3.0, 243.0), (-3.0, -243.0), (10.0, 1e5), (-0.5, -0.031_25)]);
        assert_eq!(power(10.0, 22.0), 1e22);
        assert_eq!(power(2.0, -1074.0), 5e-324);
        assert_eq!(power(2.0, -1075.0), 0.0);
        assert_eq!(power(4.0, 1.5), 8.0);
        let square: UnaryLoop = |x, out| Power.with_right(x, 2.0, out);
        let mut out = [0.0; 2];
        square(&[-3.0, 1e200], &mut out);
        assert_eq!(out, [9.0, INFINITY]);
    }

    /// A power of a fixed base.
    #[derive(Clone, Copy)]
    struct Base(f64);

    impl crate::map::UnaryCell for Base {
        #[inline(always)]
        fn of(self, y: f64) -> f64 {
            Power.of(self.0, y)
        }
    }
}
