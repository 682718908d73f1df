//! Powers with real exponents.

use super::exp::exp_scaled;
use super::log::split;
use super::{fast_two_sum, polynomial};
use crate::map::{BinaryCell, WithRight, apply_two, unary};

/// `x^y`: at most 1 ulp, and exact where the result is a double. Zeros, infinities and NaN as in C: `x^0` and `1^y`
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
        let half = 0.5 * y;
        let signed = if half.floor() == half { power } else { -power };
        let of_negative = if y.floor() == y { signed } else { f64::NAN };
        if x < 0.0 { of_negative } else { power }
    }

    #[inline(always)]
    fn covers(self, x: f64, y: f64) -> bool {
        (x != 0.0) & (x.abs() < f64::INFINITY) & (y.abs() < f64::INFINITY) & !is_short(y)
    }

    fn rare(self, x: f64, y: f64) -> f64 {
        match y {
            2.0 => square(x),
            3.0 => cube(x),
            -1.0 => inverse(x),
            0.5 => root(x),
            _ => x.powf(y),
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
