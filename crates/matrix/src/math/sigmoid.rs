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

#[cfg(test)]
mod tests {
    use super::super::precise::{Exact, check, check_values, signed, spread, uniform};
    use super::*;

    #[test]
    fn within_the_bound() {
        let of = |x: Exact| Exact::ONE / (Exact::ONE + (-x).exp());
        check(Sigmoid, of, 2.0, uniform(-40.0, 40.0, 4000));
        check(Sigmoid, of, 2.0, uniform(-745.0, -30.0, 1000));
        check(Sigmoid, of, 2.0, signed(spread(-70, 4, 1000)));
    }

    #[test]
    fn special_values() {
        let values = [
            (0.0, 0.5),
            (-0.0, 0.5),
            (f64::INFINITY, 1.0),
            (f64::NEG_INFINITY, 0.0),
            (1e300, 1.0),
            (-800.0, 0.0),
            (f64::NAN, f64::NAN),
        ];
        check_values(Sigmoid, &values);
    }
}
