//! Probability distributions: how likely values up to a bound are, and the bound of a probability.
//!
//! All rest on [`crate::incomplete`], which gives both tails with full relative accuracy.

use crate::incomplete::{self, Tails};

/// A distribution with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// Normal.
    Normal {
        /// The mean.
        mean: f64,
        /// The standard deviation, positive.
        sd: f64,
    },
    /// Exponential.
    Exponential {
        /// One over the mean, positive.
        rate: f64,
    },
    /// Chi-squared.
    ChiSquared {
        /// Degrees of freedom, positive.
        df: f64,
    },
    /// Of the ratio of two chi-squared values over their degrees of freedom.
    F {
        /// Degrees of freedom of the numerator, positive.
        df1: f64,
        /// Degrees of freedom of the denominator, positive.
        df2: f64,
    },
    /// Student's.
    T {
        /// Degrees of freedom, positive.
        df: f64,
    },
}

impl Distribution {
    /// The probabilities of values up to `x` and above it; NaN for NaN.
    pub fn tails(&self, x: f64) -> Tails {
        if x.is_nan() {
            return Tails { lower: x, upper: x };
        }
        match *self {
            Distribution::Normal { mean, sd } => {
                let z = (x - mean) / sd;
                two_sided(z, incomplete::gamma(0.5, 0.5 * z * z).upper)
            }
            Distribution::Exponential { rate } => {
                let x = rate * x.max(0.0);
                Tails { lower: -(-x).exp_m1(), upper: (-x).exp() }
            }
            Distribution::ChiSquared { df } => incomplete::gamma(0.5 * df, 0.5 * x),
            Distribution::F { df1, df2 } => {
                let ratio = df1 / df2 * x.max(0.0);
                incomplete::beta(0.5 * df1, 0.5 * df2, 1.0 / (1.0 + 1.0 / ratio), 1.0 / (1.0 + ratio))
            }
            Distribution::T { df } => {
                let ratio = (x / df.sqrt()).powi(2);
                let beyond =
                    incomplete::beta(0.5 * df, 0.5, 1.0 / (1.0 + ratio), 1.0 / (1.0 + 1.0 / ratio)).lower;
                two_sided(x, beyond)
            }
        }
    }

    /// The value up to which values have the probability `p`; NaN when `p` is no probability.
    pub fn quantile(&self, p: f64) -> f64 {
        if !(0.0..=1.0).contains(&p) {
            return f64::NAN;
        }
        match *self {
            Distribution::Normal { mean, sd } => mean + sd * Distribution::standard_normal().symmetric(p),
            Distribution::Exponential { rate } => 0.0 - (-p).ln_1p() / rate,
            Distribution::ChiSquared { .. } | Distribution::F { .. } => self.positive(p, 1.0 - p),
            Distribution::T { .. } => self.symmetric(p),
        }
    }

    fn standard_normal() -> Distribution {
        Distribution::Normal { mean: 0.0, sd: 1.0 }
    }

    /// The quantile of a distribution that is symmetric around zero.
    fn symmetric(&self, p: f64) -> f64 {
        if p == 0.5 {
            return 0.0;
        }
        if p < 0.5 { -self.positive(1.0 - p, p) } else { self.positive(p, 1.0 - p) }
    }

    /// The smallest value from 0 on with at least the probability `lower` up to it, or, where that is the smaller
    /// one, at most `upper` above it. Positive doubles are ordered as their bits are, so that halving the range of
    /// the bits ends at neighbours.
    fn positive(&self, lower: f64, upper: f64) -> f64 {
        let reached = |x: f64| {
            let tails = self.tails(x);
            if lower < upper { tails.lower >= lower } else { tails.upper <= upper }
        };
        let (mut below, mut above) = (0, f64::INFINITY.to_bits());
        if upper == 0.0 {
            return f64::INFINITY;
        }
        if reached(0.0) {
            return 0.0;
        }
        while above - below > 1 {
            let middle = below + (above - below) / 2;
            if reached(f64::from_bits(middle)) {
                above = middle;
            } else {
                below = middle;
            }
        }
        f64::from_bits(above)
    }
}

/// The tails at `x` of a distribution that is symmetric around zero, of the probability beyond `x` and `-x`.
fn two_sided(x: f64, beyond: f64) -> Tails {
    let tails = Tails { lower: 1.0 - 0.5 * beyond, upper: 0.5 * beyond };
    if x < 0.0 { tails.swapped() } else { tails }
}

#[cfg(test)]
mod tests {
    use super::Distribution::{self, ChiSquared, Exponential, F, Normal, T};

    const STANDARD: Distribution = Normal { mean: 0.0, sd: 1.0 };

    /// Points `(distribution, value, lower tail, upper tail)`: SciPy 1.17, exact formulas where it is less accurate.
    const POINTS: [(Distribution, f64, f64, f64); 14] = [
        (STANDARD, -37.5, 4.605353009581954e-308, 1.0),
        (STANDARD, -3.0, 0.0013498980316300933, 0.9986501019683699),
        (STANDARD, 8.3, 1.0, 5.2055697448902465e-17),
        (Exponential { rate: 2.0 }, 1e-09, 1.999999998e-09, 0.999999998),
        (ChiSquared { df: 0.1 }, 10.0, 0.999935596633657, 6.440336634295498e-05),
        (ChiSquared { df: 30.0 }, 0.001, 2.332635488014198e-62, 1.0),
        (ChiSquared { df: 1000.0 }, 1100.0, 0.9853855918737048, 0.014614408126295192),
        (ChiSquared { df: 3.0 }, 900.0, 1.0, 8.851690237125443e-195),
        (F { df1: 3.0, df2: 4.0 }, 1e-09, 5.1348989685234675e-14, 0.9999999999999486),
        (F { df1: 500.0, df2: 3.0 }, 0.98, 0.3832319429895736, 0.6167680570104264),
        (F { df1: 1e4, df2: 2e4 }, 1.03, 0.9564826952816261, 0.043517304718373874),
        (T { df: 0.3 }, -60.0, 0.10232921336076586, 0.8976707866392342),
        (T { df: 30.0 }, 35.0, 1.0, 3.4738891805396123e-26),
        (T { df: 1.0 }, -1e-8, 0.49999999681690116, 0.5000000031830989),
    ];

    fn close(is: f64, should: f64) -> bool {
        (is - should).abs() <= 1e-12 * should.abs()
    }

    #[test]
    fn tails_are_accurate_far_out() {
        for (distribution, x, lower, upper) in POINTS {
            let tails = distribution.tails(x);
            assert!(
                close(tails.lower, lower) && close(tails.upper, upper),
                "{distribution:?} at {x}: {tails:?}"
            );
        }
    }

    #[test]
    fn quantiles_lead_back() {
        let all = [
            STANDARD,
            Exponential { rate: 3.0 },
            ChiSquared { df: 2.5 },
            F { df1: 3.0, df2: 9.0 },
            T { df: 4.0 },
        ];
        for distribution in all {
            for p in [1e-200, 1e-12, 0.01, 0.3, 0.5, 0.7, 0.999] {
                let tails = distribution.tails(distribution.quantile(p));
                assert!(close(tails.lower, p), "{distribution:?} of {p}: {tails:?}");
            }
            assert_eq!(distribution.tails(distribution.quantile(0.0)).lower, 0.0);
            assert_eq!(distribution.quantile(1.0), f64::INFINITY);
            assert!(distribution.quantile(1.5).is_nan() && distribution.tails(f64::NAN).lower.is_nan());
        }
    }
}
