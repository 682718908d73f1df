//! What the tests of elementary functions share: exact values by 128-bit arithmetic, errors in ulp, points to test.

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;

use crate::map::{UnaryCell, apply, unary};

pub(super) const INFINITY: f64 = f64::INFINITY;
pub(super) const NEG_INFINITY: f64 = f64::NEG_INFINITY;
pub(super) const NAN: f64 = f64::NAN;

/// A number of 128 bits.
pub(super) type Exact = FBig<HalfEven, 2>;

/// `x` as it is, with room for the digits of a result.
pub(super) fn exact(x: f64) -> Exact {
    Exact::try_from(x).expect("a finite number").with_precision(128).value()
}

/// The distance of `value` from the exact result, in units of the last place of `value`.
pub(super) fn ulps(value: f64, expected: &Exact) -> f64 {
    let exponent = (value.abs().max(f64::MIN_POSITIVE).to_bits() >> 52) as isize - 1075;
    ((exact(value) - expected) << -exponent).to_f64().value().abs()
}

/// `count` points between `low` and `high`, evenly and at random, the same each time.
pub(super) fn uniform(low: f64, high: f64, count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(move |k| low + (high - low) * noise(k))
}

/// `count` positive points whose exponents spread evenly from `low` to `high`, subnormals included.
pub(super) fn spread(low: i32, high: i32, count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(move |k| {
        let exponent = low + (f64::from(high - low) * noise(k)) as i32;
        (1.0 + noise(k + count)) * 2.0_f64.powi(exponent / 2) * 2.0_f64.powi(exponent - exponent / 2)
    })
}

/// Both signs of each point.
pub(super) fn signed(points: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
    points.flat_map(|x| [x, -x])
}

/// Asserts that `f` is within `bound` ulp of `expected` at each of the points, and that loops and scalars agree.
pub(super) fn check<F: UnaryCell>(
    f: F,
    expected: impl Fn(Exact) -> Exact,
    bound: f64,
    points: impl Iterator<Item = f64>,
) {
    let points: Vec<f64> = points.collect();
    let mut worst = (0.0, 0.0);
    for &x in &points {
        let (value, expected) = (apply(f, x), expected(exact(x)));
        let error = ulps(value, &expected);
        assert!(error <= bound, "{error} ulp at {x:e}: {value:e}, not {:e}", expected.to_f64().value());
        worst = if error > worst.0 { (error, x) } else { worst };
    }
    assert!(worst.0 > 0.25, "points that show no more than {} ulp say little", worst.0);
    same_bits(f, &points);
}

/// Asserts that the loop over `points`, a scalar, and the code without special instructions give the same bits.
pub(super) fn same_bits<F: UnaryCell>(f: F, points: &[f64]) {
    let mut looped = vec![0.0; points.len()];
    unary(points, &mut looped, f);
    for (&x, looped) in points.iter().zip(looped) {
        let plain = if f.covers(x) { f.of(x) } else { f.rare(x) };
        assert!(same(looped, apply(f, x)) && same(looped, plain), "{looped:e} and {plain:e} at {x:e}");
    }
}

/// Asserts the values at points where no rounding is involved; a zero has its sign.
pub(super) fn check_values<F: UnaryCell>(f: F, values: &[(f64, f64)]) {
    for &(x, expected) in values {
        assert!(same(apply(f, x), expected), "{:e} at {x:e}, not {expected:e}", apply(f, x));
    }
    let points: Vec<f64> = values.iter().map(|&(x, _)| x).collect();
    same_bits(f, &points);
}

/// The same bits, or two NaNs.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// From 0 to 1, by the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn noise(k: u64) -> f64 {
    let mut z = k.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
