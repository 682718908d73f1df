//! Whether two parts of a matrix can meet in different iterations.
//!
//! Two tests, each sufficient: the *bounds* test (Banerjee 1988, *Dependence Analysis for Supercomputing*)
//! shows that the ranges of different iterations lie behind one another, the *GCD* test that an equation
//! between two index functions has no solution in integers. The range of the loop itself is not looked at.

use super::linear::{Bounds, Form, Symbol};

/// Rows and columns of an access; what is not known may be everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The rows.
    pub rows: Bounds,
    /// The columns.
    pub cols: Bounds,
}

/// The smallest and the largest value of each inner loop's variable, by its number. They are made of the
/// iteration, invariants and inner variables with smaller numbers.
pub type Ranges = Vec<Bounds>;

/// Whether no two different iterations access a common cell, one through `a` and the other through `b`.
pub fn disjoint(a: &Part, b: &Part, ranges: &Ranges) -> bool {
    let apart =
        |a: &Bounds, b: &Bounds| bounds_test(a, b, ranges) == Some(true) || gcd_test(a, b) == Some(true);
    apart(&a.rows, &b.rows) || apart(&a.cols, &b.cols)
}

/// The `d` for which iteration `i + d` accesses through `b` what iteration `i` accesses through `a`, if that
/// is one number other than zero.
pub fn distance(a: &Part, b: &Part) -> Option<i64> {
    let along = |a: &Bounds, b: &Bounds| {
        let (factor, at) = a.form()?.split(&Symbol::Iteration)?;
        let (other, from) = b.form()?.split(&Symbol::Iteration)?;
        let (factor, other) = (factor.as_constant()?, other.as_constant()?);
        let offset = at.minus(&from)?.as_constant()?;
        let steps = offset.checked_div(factor)?;
        (factor == other && steps != 0 && offset == steps.checked_mul(factor)?).then_some(steps)
    };
    along(&a.rows, &b.rows).or_else(|| along(&a.cols, &b.cols))
}

/// With `a = [A i + p, A i + q]` and `b = [A i + r, A i + s]`, iterations `d` apart keep clear of one another
/// if `A d > q - r` and `A d > s - p`, which for all `d >= 1` follows from the case of 1 (ranges are not
/// negative).
fn bounds_test(a: &Bounds, b: &Bounds, ranges: &Ranges) -> Option<bool> {
    let (a, b) = (without_inner(a, ranges), without_inner(b, ranges));
    if always_behind(&a, &b) == Some(true) || always_behind(&b, &a) == Some(true) {
        return Some(true);
    }
    let split = |form: Option<Form>| form?.split(&Symbol::Iteration);
    let ((step, p), (step_q, q)) = (split(a.lower)?, split(a.upper)?);
    let ((step_r, r), (step_s, s)) = (split(b.lower)?, split(b.upper)?);
    if [step_q, step_r, step_s].iter().any(|other| *other != step) {
        return Some(false);
    }
    let (forward, backward) = (q.minus(&r)?, s.minus(&p)?);
    let clear = |step: &Form| Some(exceeds(step, &forward)? && exceeds(step, &backward)?);
    Some(clear(&step)? || clear(&Form::default().minus(&step)?)?)
}

/// Whether `b` begins after the end of `a` whatever the iterations are.
fn always_behind(a: &Bounds, b: &Bounds) -> Option<bool> {
    let (end, begin) = (a.upper.as_ref()?, b.lower.as_ref()?);
    let fixed = [end, begin].iter().all(|form| !form.mentions(&Symbol::Iteration));
    Some(fixed && exceeds(begin, end)?)
}

/// Whether `a >= b + 1`.
fn exceeds(a: &Form, b: &Form) -> Option<bool> {
    Some(a.minus(b)?.as_constant().is_some_and(|gap| gap >= 1))
}

/// The bounds over all values of the variables of inner loops.
fn without_inner(bounds: &Bounds, ranges: &Ranges) -> Bounds {
    let end = |form: &Option<Form>, largest| extreme(form.clone()?, largest, ranges);
    Bounds { lower: end(&bounds.lower, false), upper: end(&bounds.upper, true) }
}

/// The largest, or else smallest, value of a form over the ranges of inner variables, from the inside
/// outwards.
fn extreme(mut form: Form, largest: bool, ranges: &Ranges) -> Option<Form> {
    while let Some(inner) = form.symbols().filter_map(Symbol::inner).max() {
        let (factor, rest) = form.split(&Symbol::Inner(inner))?;
        let factor = factor.as_constant()?;
        let range = &ranges[inner];
        let end = if (factor > 0) == largest { &range.upper } else { &range.lower };
        form = rest.plus(factor, end.as_ref()?)?;
    }
    Some(form)
}

/// `a` and `b` can only meet where a multiple of the greatest common divisor of all factors of loop variables
/// equals the difference of their constant parts, give or take the widths of the ranges.
fn gcd_test(a: &Bounds, b: &Bounds) -> Option<bool> {
    let (from_a, from_b) = (a.lower.as_ref()?, b.lower.as_ref()?);
    let width_a = i128::from(a.upper.as_ref()?.minus(from_a)?.as_constant()?);
    let width_b = i128::from(b.upper.as_ref()?.minus(from_b)?.as_constant()?);
    let ((gcd_a, rest_a), (gcd_b, rest_b)) = (loop_factors(from_a)?, loop_factors(from_b)?);
    let offset = i128::from(rest_b.minus(&rest_a)?.as_constant()?);
    let (low, high) = (offset - width_a, offset + width_b);
    Some(match gcd(gcd_a, gcd_b) {
        0 => low > 0 || high < 0,
        divisor => high.div_euclid(divisor) * divisor < low,
    })
}

/// The greatest common divisor of the factors of all loop variables, and what is left without these.
fn loop_factors(form: &Form) -> Option<(i128, Form)> {
    let is_loop = |symbol: &&Symbol| !matches!(symbol, Symbol::Invariant(_));
    let mut rest = form.clone();
    let mut divisor = 0;
    for symbol in form.symbols().filter(is_loop) {
        let (factor, without) = rest.split(symbol)?;
        divisor = gcd(divisor, i128::from(factor.as_constant()?));
        rest = without;
    }
    Some((divisor, rest))
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}
