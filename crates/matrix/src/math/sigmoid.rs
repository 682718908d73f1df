//! The logistic function.

use super::exp::exp_scaled;
use crate::map::{UnaryCell, apply};

/// `1 / (1 + exp(-x))`: at most 2 ulp, at the far left too.
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid;

impl UnaryCell for Sigmoid {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        let power = exp_scaled(-x.abs(), 0.0, 0.0);
        (if x < 0.0 { power } else { 1.0 }) / (1.0 + power)
    }
}

/// [`Sigmoid`] of a number.
pub fn sigmoid(x: f64) -> f64 {
    apply(Sigmoid, x)
}
