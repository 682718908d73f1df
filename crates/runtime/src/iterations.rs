//! The values of loop variables: `for (i in from:to)` and `for (i in seq(from, to, increment))`.

use tilewright_base::{Outcome, bail};
use tilewright_value::{Scalar, Value};

/// The values of a loop variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Iterations {
    /// Integers.
    Integers {
        /// The first.
        from: i64,
        /// From one to the next.
        step: i64,
        /// How many.
        count: u64,
    },
    /// Doubles; those that are whole numbers come as integers.
    Doubles {
        /// The first.
        from: f64,
        /// From one to the next.
        step: f64,
        /// How many.
        count: u64,
    },
}

impl Iterations {
    /// From `from` to `to`, both included; without an increment by 1 in the direction of `to`.
    ///
    /// # Errors
    /// For an increment of zero, and for bounds that are no finite numbers.
    pub fn new(from: &Scalar, to: &Scalar, increment: Option<&Scalar>) -> Outcome<Iterations> {
        let whole = |scalar: &Scalar| matches!(scalar, Scalar::Integer(_));
        if whole(from) && increment.is_none_or(whole) {
            let (start, end) = (from.as_integer()?, to.as_integer()?);
            let step = increment.map_or(Ok(if end >= start { 1 } else { -1 }), Scalar::as_integer)?;
            let distance = (i128::from(end) - i128::from(start)) * i128::from(step.signum());
            if step == 0 {
                bail!(Value, "the increment of a loop is 0");
            }
            let count =
                if distance < 0 { 0 } else { (distance / i128::from(step.unsigned_abs()) + 1) as u64 };
            return Ok(Iterations::Integers { from: start, step, count });
        }
        let (start, end) = (from.as_double()?, to.as_double()?);
        let step = increment.map_or(Ok(if end >= start { 1.0 } else { -1.0 }), Scalar::as_double)?;
        // As many values as `seq` has.
        let steps = end / step - start / step;
        if step == 0.0 || !steps.is_finite() {
            bail!(Value, "a loop from {from} to {to} in steps of {step} has no end");
        }
        let count = if steps < 0.0 { 0 } else { steps.floor() as u64 + 1 };
        Ok(Iterations::Doubles { from: start, step, count })
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        match self {
            Iterations::Integers { count, .. } | Iterations::Doubles { count, .. } => *count,
        }
    }

    /// True when all values are whole numbers.
    pub fn are_whole(&self) -> bool {
        match self {
            Iterations::Integers { .. } => true,
            Iterations::Doubles { from, step, .. } => from.fract() == 0.0 && step.fract() == 0.0,
        }
    }

    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = Value> + '_ {
        let count = match self {
            Iterations::Integers { count, .. } | Iterations::Doubles { count, .. } => *count,
        };
        (0..count).map(move |k| match self {
            Iterations::Integers { from, step, .. } => Value::Scalar(Scalar::Integer(from + step * k as i64)),
            Iterations::Doubles { from, step, .. } => {
                let value = from + step * k as f64;
                let whole = from.fract() == 0.0 && step.fract() == 0.0 && value.abs() < 9e15;
                Value::Scalar(if whole { Scalar::Integer(value as i64) } else { Scalar::Double(value) })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(from: Scalar, to: Scalar, step: Option<Scalar>) -> Vec<String> {
        let iterations = Iterations::new(&from, &to, step.as_ref()).expect("a range");
        iterations.values().map(|value| value.as_scalar().expect("a scalar").to_string()).collect()
    }

    #[test]
    fn ranges_count_up_down_and_in_steps() {
        use Scalar::{Double, Integer};
        assert_eq!(values(Integer(1), Integer(3), None), ["1", "2", "3"]);
        assert_eq!(values(Integer(1), Integer(0), None), ["1", "0"]);
        assert_eq!(values(Integer(10), Integer(1), Some(Integer(-4))), ["10", "6", "2"]);
        assert_eq!(values(Integer(1), Integer(3), Some(Integer(-1))), [""; 0]);
        assert_eq!(values(Double(0.0), Integer(1), Some(Double(0.5))), ["0.0", "0.5", "1.0"]);
        assert_eq!(values(Double(1.0), Double(2.0), None), ["1", "2"]);
    }

    #[test]
    fn endless_ranges_are_refused() {
        let zero = Iterations::new(&Scalar::Integer(1), &Scalar::Integer(2), Some(&Scalar::Integer(0)));
        let infinite = Iterations::new(&Scalar::Integer(1), &Scalar::Double(f64::INFINITY), None);
        assert!(zero.is_err() && infinite.is_err());
    }
}
