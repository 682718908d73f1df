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
        (if x < 0.0 { power } else { 1.0 }) * reciprocal(1.0 + power)
    }
}

/// `1 / d` for `d` from 1 to 2, by a quarter of the time of a division: a line that is wrong by at most 1/17 of the value,
/// then with its error `e = 1 - d r` the product `(1 + e) (1 + e²) (1 + e⁴)`, which leaves e⁸, and a step of Newton's.
#[inline(always)]
fn reciprocal(d: f64) -> f64 {
    let mut r = d.mul_add(-8.0 / 17.0, 24.0 / 17.0);
    let mut error = (-d).mul_add(r, 1.0);
    for _ in 0..3 {
        r = r.mul_add(error, r);
        error *= error;
    }
    r.mul_add((-d).mul_add(r, 1.0), r)
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
