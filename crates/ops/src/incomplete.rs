//! The regularised incomplete gamma and beta functions, both tails at once.
//!
//! The smaller tail is computed and the larger one is its complement, so that neither loses digits. Densities in
//! front of series and continued fractions are saddle-point expansions (Loader, "Fast and Accurate Computation of
//! Binomial Probabilities", 2000), which stay accurate where differences of logarithms of gamma functions cancel.
//! The distributions made of them are in [`crate::distribution`].

use std::f64::consts::TAU;

/// The probability up to a value, and the one above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tails {
    /// Up to the value.
    pub lower: f64,
    /// Above it.
    pub upper: f64,
}

impl Tails {
    /// All of the probability lies above.
    pub const ABOVE: Tails = Tails { lower: 0.0, upper: 1.0 };
    /// All of the probability lies below.
    pub const BELOW: Tails = Tails { lower: 1.0, upper: 0.0 };

    fn of_lower(lower: f64) -> Tails {
        Tails { lower, upper: 1.0 - lower }
    }

    /// The same seen from the other side.
    pub fn swapped(self) -> Tails {
        Tails { lower: self.upper, upper: self.lower }
    }
}

/// Terms of a series or a continued fraction after which it is given up; square roots of the parameters are enough.
const MAX_TERMS: usize = 1_000_000;

/// P(a, x) and Q(a, x) of the incomplete gamma function for `a > 0`: its series below `a + 1`, its continued
/// fraction above (NIST Digital Library of Mathematical Functions 8.11.4 and 8.9.2).
pub fn gamma(a: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails::ABOVE;
    }
    if x == f64::INFINITY {
        return Tails::BELOW;
    }
    let density = (-stirling_error(a) - deviance(a, x)).exp() / (TAU * a).sqrt();
    if x < a + 1.0 {
        let (mut term, mut sum) = (1.0, 1.0);
        for n in 1..MAX_TERMS {
            term *= x / (a + n as f64);
            sum += term;
            if term <= sum * f64::EPSILON {
                break;
            }
        }
        return Tails::of_lower(density * sum);
    }
    let partial = |n: usize| match n {
        0 => (1.0, x + 1.0 - a),
        n => (n as f64 * (a - n as f64), x + 1.0 - a + 2.0 * n as f64),
    };
    Tails::of_lower(density * a * continued_fraction(partial)).swapped()
}

/// I(x; a, b) of the incomplete beta function and its complement for `a, b > 0` and `y = 1 - x`, which is given as
/// well because it may be tiny: the continued fraction of the smaller side (Didonato and Morris, "Algorithm 708",
/// 1992, equation 9).
pub fn beta(a: f64, b: f64, x: f64, y: f64) -> Tails {
    if x <= 0.0 {
        return Tails::ABOVE;
    }
    if y <= 0.0 {
        return Tails::BELOW;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return Tails::of_lower(beta_fraction(b, a, y, x)).swapped();
    }
    Tails::of_lower(beta_fraction(a, b, x, y))
}

fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let exponent =
        stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    let density = exponent.exp() * (a * b / (TAU * n)).sqrt();
    let partial = |n: usize| {
        let m = n as f64;
        let numerator = (a + m - 1.0) * (a + b + m - 1.0) * m * (b - m) * (x / (a + 2.0 * m - 1.0)).powi(2);
        let denominator = m
            + m * (b - m) * x / (a + 2.0 * m - 1.0)
            + (a + m) * (a * y - b * x + 1.0 + m * (1.0 + y)) / (a + 2.0 * m + 1.0);
        if n == 0 { (1.0, a * (a * y - b * x + 1.0) / (a + 1.0)) } else { (numerator, denominator) }
    };
    density * continued_fraction(partial)
}

/// `a0 / (b0 + a1 / (b1 + ...))` of the partial numerators and denominators `(a, b)` (the modified method of Lentz:
/// Thompson and Barnett 1986).
fn continued_fraction(partial: impl Fn(usize) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-290;
    let away = |x: f64| if x.abs() < TINY { TINY } else { x };
    let (a, b) = partial(0);
    let (mut c, mut d) = (f64::INFINITY, 1.0 / away(b));
    let mut value = a * d;
    for n in 1..MAX_TERMS {
        let (a, b) = partial(n);
        (c, d) = (away(b + a / c), 1.0 / away(b + a * d));
        value *= c * d;
        if (c * d - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

/// The error of Stirling's formula: ln(x!) - ln(sqrt(2 pi x) (x/e)^x), by its series from 16 on, below it by the
/// recurrence from x to x + 1.
fn stirling_error(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 16.0 {
        sum += (x + 0.5) * (1.0 / x).ln_1p() - 1.0;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series =
        1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0))));
    sum + series / x
}

/// x ln(x/m) + m - x, by a series where x and m are close (Loader 2000, section 4).
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let (mut sum, mut term) = ((x - m) * v, 2.0 * x * v);
    for j in 1..100 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}
