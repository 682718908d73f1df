//! Probability distributions: how likely values up to a bound are, and the bound of a probability.
//!
//! The normal distribution rests on the error function of `statrs`, the others on [`crate::incomplete`].

use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc;

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
                let z = (x - mean) / sd / SQRT_2;
                Tails { lower: 0.5 * erfc(-z), upper: 0.5 * erfc(z) }
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
                let tails = Tails { lower: 1.0 - 0.5 * beyond, upper: 0.5 * beyond };
                if x < 0.0 { tails.swapped() } else { tails }
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
