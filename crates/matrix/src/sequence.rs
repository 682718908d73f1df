//! Arithmetic sequences: `seq(from, to, incr)`.

use crate::{Dense, Scratch};

/// The number of values of `seq(from, to, incr)`: `1 + floor(to/incr - from/incr)` in doubles, as the reference counts
/// them: `seq(0, 1, 0.1)` has 11 values, `seq(0, 0.3, 0.1)` has 3 since 0.3/0.1 falls short of 3.
///
/// Zero when `incr` leads away from `to`, is zero between different ends, or an argument is NaN.
pub fn length(from: f64, to: f64, incr: f64) -> usize {
    if from == to {
        return 1;
    }
    let steps = to / incr - from / incr;
    if steps >= 0.0 && incr != 0.0 { steps.floor() as usize + 1 } else { 0 }
}

/// The increment where none is given: towards `to`.
pub fn unit_step(from: f64, to: f64) -> f64 {
    if from <= to { 1.0 } else { -1.0 }
}

/// `seq(from, to, incr)` as a column vector: `from + i * incr`, never beyond `to`.
pub fn seq(from: f64, to: f64, incr: f64) -> Dense {
    let mut out = Dense::unset(length(from, to, incr), 1);
    fill((from, to, incr), 0, out.cells_mut());
    out
}

/// Values of `seq(from, to, incr)`, from the one at `start` on, counted from 0.
pub fn fill((from, to, incr): (f64, f64, f64), start: usize, out: &mut [f64]) {
    let within = |value: f64| if incr > 0.0 { value.min(to) } else { value.max(to) };
    for (at, out) in out.iter_mut().enumerate() {
        *out = within(from + (start + at) as f64 * incr);
    }
}

/// What [`seq`] needs: nothing, whatever the length.
pub fn seq_scratch() -> Scratch {
    Scratch::NONE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_formula() {
        assert_eq!(seq(0.0, 0.3, 0.1).cells(), [0.0, 0.1, 0.2]);
        assert_eq!(length(0.0, 1.0, 0.1), 11);
        assert_eq!(length(0.0, 0.95, 0.1), 10);
        assert_eq!(length(1.0, 1e6, 1.0), 1_000_000);
    }

    #[test]
    fn both_directions_and_no_way() {
        assert_eq!(seq(10.0, 1.0, -3.0).cells(), [10.0, 7.0, 4.0, 1.0]);
        assert_eq!(seq(1.0, 2.5, 1.0).cells(), [1.0, 2.0]);
        assert_eq!(seq(2.0, 2.0, 1.0).cells(), [2.0]);
        assert_eq!(length(1.0, 2.0, -1.0), 0);
        assert_eq!(length(1.0, 2.0, 0.0), 0);
        assert_eq!(length(1.0, f64::NAN, 1.0), 0);
    }
}
