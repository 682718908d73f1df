//! Bounds of numbers: of a scalar, or of all cells of a matrix.
//!
//! Integers have bounds on both sides, numbers or sizes (`1` and `n3-1` for the variable of a loop). Of doubles and cells it
//! is only known that they are not negative, which is what rules ask for. Bounds are true of numbers that are no NaN. A
//! bound that is not below zero also excludes the negative zero.

use tilewright_value::{Scalar, ScalarType};

use crate::facts::{Dim, Facts, Kind, Linear, Symbolic};
use crate::functions::scalars::DECLARED;
use crate::op::Op;
use crate::row::Named;
use crate::unary::Sign;

/// The bounds of a number, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// It is not smaller.
    pub low: Option<Linear>,
    /// It is not larger.
    pub high: Option<Linear>,
}

impl Range {
    /// Nothing is known.
    pub const ANY: Range = Range { low: None, high: None };
    /// At least zero.
    pub const NOT_NEGATIVE: Range = Range { low: Some(Linear::Number(0)), high: None };

    /// Only this number.
    fn only(value: Linear) -> Range {
        Range { low: Some(value), high: Some(value) }
    }

    /// What is true of numbers of both.
    pub fn join(self, other: Range) -> Range {
        let both = |a: Option<Linear>, b: Option<Linear>| a.zip(b);
        Range {
            low: both(self.low, other.low).and_then(|(a, b)| smaller(a, b)),
            high: both(self.high, other.high).and_then(|(a, b)| larger(a, b)),
        }
    }

    /// The same with other symbols; a bound whose symbol has no other is unknown.
    pub fn renamed(self, rename: &mut dyn FnMut(Symbolic) -> Option<Symbolic>) -> Range {
        let mut bound = |bound: Option<Linear>| match bound? {
            Linear::Symbolic(size) => rename(size).map(Linear::Symbolic),
            number => Some(number),
        };
        Range { low: bound(self.low), high: bound(self.high) }
    }

    /// The bounds that it shares with another one; a bound that grows from one iteration to the next would grow on.
    pub fn settled(self, before: Range) -> Range {
        let same = |a: Option<Linear>, b: Option<Linear>| a.filter(|_| a == b);
        Range { low: same(self.low, before.low), high: same(self.high, before.high) }
    }

    /// Whether both bounds are numbers.
    pub fn is_finite(self) -> bool {
        matches!((self.low, self.high), (Some(Linear::Number(_)), Some(Linear::Number(_))))
    }

    fn plus(self, other: Range) -> Range {
        let sum = |a: Option<Linear>, b: Option<Linear>| a.zip(b).and_then(|(a, b)| a.plus(b));
        Range { low: sum(self.low, other.low), high: sum(self.high, other.high) }
    }

    fn minus(self, other: Range) -> Range {
        let difference = |a: Option<Linear>, b: Option<Linear>| a.zip(b).and_then(|(a, b)| a.minus(b));
        Range { low: difference(self.low, other.high), high: difference(self.high, other.low) }
    }

    /// The product; of bounds that are no numbers only by a number that is not negative.
    fn times(self, other: Range) -> Range {
        let numbers = |range: Range| match (range.low, range.high) {
            (Some(Linear::Number(low)), Some(Linear::Number(high))) => Some((low, high)),
            _ => None,
        };
        match (numbers(self), numbers(other)) {
            (Some((a, b)), Some((c, d))) => {
                let corners = [(a, c), (a, d), (b, c), (b, d)].map(|(x, y)| i128::from(x) * i128::from(y));
                let number = |n: Option<&i128>| n.and_then(|n| i64::try_from(*n).ok()).map(Linear::Number);
                Range { low: number(corners.iter().min()), high: number(corners.iter().max()) }
            }
            (None, Some((n, m))) if n == m && n >= 0 => self.scaled(n),
            (Some((n, m)), None) if n == m && n >= 0 => other.scaled(n),
            _ if self.is_not_negative() && other.is_not_negative() => Range::NOT_NEGATIVE,
            _ => Range::ANY,
        }
    }

    fn scaled(self, times: i64) -> Range {
        let bound = |bound: Option<Linear>| bound?.times(Linear::Number(times));
        Range { low: bound(self.low), high: bound(self.high) }
    }

    /// Whether no number below zero is inside.
    pub fn is_not_negative(self) -> bool {
        self.low.is_some_and(|low| is_at_most(Linear::Number(0), low))
    }
}

impl std::fmt::Display for Range {
    /// As `explain` shows it: ` in 1:n3`, ` >= 0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.low, self.high) {
            (Some(low), Some(high)) => write!(f, " in {low}:{high}"),
            (Some(low), None) => write!(f, " >= {low}"),
            (None, Some(high)) => write!(f, " <= {high}"),
            (None, None) => Ok(()),
        }
    }
}

/// Whether `a <= b` for certain.
fn is_at_most(a: Linear, b: Linear) -> bool {
    matches!(b.minus(a), Some(Linear::Number(distance)) if distance >= 0)
}

/// The smaller of two, if that is known.
pub fn smaller(a: Linear, b: Linear) -> Option<Linear> {
    if is_at_most(a, b) { Some(a) } else { is_at_most(b, a).then_some(b) }
}

/// The larger of two, if that is known.
pub fn larger(a: Linear, b: Linear) -> Option<Linear> {
    if is_at_most(a, b) { Some(b) } else { is_at_most(b, a).then_some(a) }
}

/// The bounds of a number that is known: a double lies between whole numbers.
fn of_constant(value: &Scalar) -> Range {
    match value {
        Scalar::Integer(n) => Range::only(Linear::Number(*n)),
        Scalar::Boolean(truth) => Range::only(Linear::Number(i64::from(*truth))),
        Scalar::Double(x) if x.abs() < 2f64.powi(52) && !(*x == 0.0 && x.is_sign_negative()) => {
            let bound = |x: f64| Some(Linear::Number(x as i64));
            // The smallest whole number above a negative fraction is a negative zero, which is a zero here.
            Range { low: bound(x.floor()), high: bound(x.ceil()) }
        }
        Scalar::Double(_) | Scalar::String(_) => Range::ANY,
    }
}

impl Facts {
    /// The bounds of a number or of the cells of a matrix.
    pub fn bounds(&self) -> Range {
        if let Some(value) = &self.constant {
            return of_constant(value);
        }
        if self.scalar_type() == Some(ScalarType::Boolean) {
            return Range { low: Some(Linear::Number(0)), high: Some(Linear::Number(1)) };
        }
        let itself = self.size.map(Linear::Symbolic);
        Range { low: self.range.low.or(itself), high: self.range.high.or(itself) }
    }

    /// The same with bounds; those that say nothing new are left out.
    pub fn within(self, range: Range) -> Facts {
        let itself = self.size.map(Linear::Symbolic);
        let new = |bound: Option<Linear>| bound.filter(|_| bound != itself);
        let range = if self.constant.is_some() {
            Range::ANY
        } else {
            Range { low: new(range.low), high: new(range.high) }
        };
        Facts { range, ..self }
    }

    /// Whether it is an integer for certain.
    pub fn is_integer(&self) -> bool {
        self.scalar_type() == Some(ScalarType::Integer)
    }

    /// Whether `self + distance <= other` for certain, for integers.
    pub fn is_below(&self, other: &Facts, distance: i64) -> bool {
        let mine = [self.bounds().high, self.linear()];
        let others = [other.bounds().low, other.linear()];
        let fits = |a: Linear, b: Linear| {
            a.plus(Linear::Number(distance)).is_some_and(|shifted| is_at_most(shifted, b))
        };
        mine.iter().flatten().any(|a| others.iter().flatten().any(|b| fits(*a, *b)))
    }

    /// Whether no cell is below zero for certain; NaN may be there.
    pub fn is_not_negative(&self) -> bool {
        self.bounds().is_not_negative()
    }

    /// Whether positions `from` to `to` lie in a side of such an extent for certain, with `from` no more than one behind
    /// `to`.
    pub fn are_inside(from: &Facts, to: &Facts, extent: Dim) -> bool {
        let one = Facts::integer(Some(Linear::Number(1)));
        let last = Facts::integer(extent.linear());
        from.is_integer()
            && to.is_integer()
            && one.is_below(from, 0)
            && to.is_below(&last, 0)
            && from.is_below(to, -1)
    }
}

/// What the bounds of the inputs say of a result: its bounds, and the value of a comparison that they decide.
pub fn bounded(op: &Op, inputs: &[Facts], result: Facts) -> Facts {
    if result.constant.is_some() {
        return result;
    }
    match result.kind {
        Kind::Scalar(Some(ScalarType::Integer)) => {
            let range = of_integers(op, inputs);
            if range == Range::ANY { result } else { result.within(range) }
        }
        Kind::Scalar(Some(ScalarType::Boolean)) => match decided(op, inputs) {
            Some(truth) => Facts::constant(Scalar::Boolean(truth)),
            None => result,
        },
        Kind::Scalar(Some(ScalarType::Double)) | Kind::Matrix { .. } if stays_positive(op, inputs) => {
            result.within(Range::NOT_NEGATIVE)
        }
        _ => result,
    }
}

/// The value of a comparison of integers that their bounds decide.
fn decided(op: &Op, inputs: &[Facts]) -> Option<bool> {
    let Op::Binary(row) = op else { return None };
    let [a, b] = inputs else { return None };
    if !a.is_integer() || !b.is_integer() {
        return None;
    }
    let (below, above) = (|distance| a.is_below(b, distance), |distance| b.is_below(a, distance));
    let either = |yes: bool, no: bool| if yes { Some(true) } else { no.then_some(false) };
    match row.name() {
        "<" => either(below(1), above(0)),
        "<=" => either(below(0), above(1)),
        ">" => either(above(1), below(0)),
        ">=" => either(above(0), below(1)),
        "==" => either(below(0) && above(0), below(1) || above(1)),
        "!=" => either(below(1) || above(1), below(0) && above(0)),
        _ => None,
    }
}

/// The bounds of an integer that an operator makes.
fn of_integers(op: &Op, inputs: &[Facts]) -> Range {
    let bounds: Vec<Range> = inputs.iter().map(Facts::bounds).collect();
    match (op, &bounds[..]) {
        (Op::Function(function, _), _) if ["nrow", "ncol", "length"].contains(&function.name) => {
            Range::NOT_NEGATIVE
        }
        (Op::Function(function, _), [x, ..]) if ["as.integer", DECLARED].contains(&function.name) => *x,
        (Op::Unary(row), [x]) if row.name() == "-" => Range::only(Linear::Number(0)).minus(*x),
        (Op::Binary(row), [a, b]) => of_two(row.name(), *a, *b),
        _ => Range::ANY,
    }
}

fn of_two(name: &str, a: Range, b: Range) -> Range {
    match name {
        "+" => a.plus(b),
        "-" => a.minus(b),
        "*" => a.times(b),
        // The result is not larger than either, and not smaller than both.
        "min" => Range { low: a.join(b).low, high: nearest(a.high, b.high, smaller) },
        "max" => Range { low: nearest(a.low, b.low, larger), high: a.join(b).high },
        _ => match (name, b.low, b.high) {
            ("%%", Some(Linear::Number(n)), Some(Linear::Number(m))) if n == m && n > 0 => {
                let low = if a.is_not_negative() { 0 } else { 1 - n };
                Range { low: Some(Linear::Number(low)), high: Some(Linear::Number(n - 1)) }
            }
            ("%/%", Some(Linear::Number(n)), Some(Linear::Number(m))) if n == m && n > 0 => {
                let part = |bound: Option<Linear>| match bound? {
                    Linear::Number(x) => Some(Linear::Number(x / n)),
                    Linear::Symbolic(_) => None,
                };
                Range { low: part(a.low), high: part(a.high) }
            }
            _ => Range::ANY,
        },
    }
}

/// Of two bounds that both hold the one that says more; the first where that is not known.
fn nearest(
    a: Option<Linear>,
    b: Option<Linear>,
    better: fn(Linear, Linear) -> Option<Linear>,
) -> Option<Linear> {
    match (a, b) {
        (Some(a), Some(b)) => better(a, b).or(Some(a)),
        (a, b) => a.or(b),
    }
}

/// Aggregates of numbers that are not negative of which none is negative, even of no cells.
const AGGREGATES: [&str; 7] = ["sum", "mean", "prod", "rowSums", "colSums", "rowMeans", "colMeans"];
/// Functions that move cells, or put zeros around them.
const MOVES: [&str; 8] = ["t", "rev", "cbind", "rbind", "diag", "as.matrix", "as.scalar", "as.double"];

/// Whether doubles that an operator makes are not negative.
fn stays_positive(op: &Op, inputs: &[Facts]) -> bool {
    let all = || inputs.iter().all(Facts::is_not_negative);
    match op {
        Op::Unary(row) => match row.sign() {
            Sign::NotNegative => true,
            Sign::Kept => all(),
            Sign::Any => op.is_logical(),
        },
        Op::Binary(row) => match row.name() {
            "+" | "*" | "/" | "min" | "max" => all(),
            "^" => all() || inputs[1].number().is_some_and(|exponent| exponent == 2.0),
            _ => op.is_logical(),
        },
        Op::Aggregate(row, over) => AGGREGATES.contains(&row.name_over(*over)) && all(),
        Op::Index(_) => inputs[0].is_not_negative(),
        Op::Assign(_) => inputs[..2].iter().all(Facts::is_not_negative),
        Op::Select => inputs[1..].iter().all(Facts::is_not_negative),
        Op::Function(function, _) if function.name == "matrix" => inputs[0].is_not_negative(),
        Op::Function(function, _) => MOVES.contains(&function.name) && all(),
        Op::Product(_) | Op::Cumulative(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::Present;
    use crate::{binary, functions, unary};

    fn integer(low: i64, high: i64) -> Facts {
        let range = Range { low: Some(Linear::Number(low)), high: Some(Linear::Number(high)) };
        Facts::INTEGER.within(range)
    }

    fn sized(symbol: u32) -> Facts {
        Facts::integer(Some(Linear::Symbolic(Symbolic::of(symbol))))
    }

    fn infer(name: &str, a: &Facts, b: &Facts) -> Facts {
        let op = Op::Binary(binary::find(name).expect("a row"));
        op.infer(&[a.clone(), b.clone()]).expect("fits").remove(0)
    }

    /// Every result of integers between bounds lies between those of the result, and comparisons are decided only as all
    /// of them decide.
    #[test]
    fn bounds_hold_for_all_integers_between_them() {
        let names = ["+", "-", "*", "%%", "%/%", "min", "max", "<", "<=", ">", ">=", "==", "!="];
        let sides = [(-3, -1), (-2, 2), (0, 0), (0, 3), (1, 4), (2, 2), (3, 5)];
        for name in names {
            for (a, b) in sides.iter().flat_map(|a| sides.iter().map(move |b| (*a, *b))) {
                let known = infer(name, &integer(a.0, a.1), &integer(b.0, b.1));
                for (x, y) in (a.0..=a.1).flat_map(|x| (b.0..=b.1).map(move |y| (x, y))) {
                    let row = binary::find(name).expect("a row");
                    let Ok(value) = row.scalar(&Scalar::Integer(x), &Scalar::Integer(y)) else { continue };
                    if let Some(decided) = &known.constant {
                        assert_eq!(*decided, value, "{x} {name} {y} in {a:?}, {b:?}");
                    } else if let Scalar::Integer(n) = value {
                        let value = Facts::constant(Scalar::Integer(n));
                        let bound = |bound: Option<Linear>| bound.map(|bound| Facts::integer(Some(bound)));
                        let fits = bound(known.range.low).is_none_or(|low| low.is_below(&value, 0))
                            && bound(known.range.high).is_none_or(|high| value.is_below(&high, 0));
                        assert!(fits, "{x} {name} {y} = {n} in {a:?}, {b:?}: {}", known.range);
                    }
                }
            }
        }
        assert_eq!(infer("+", &integer(1, 3), &integer(2, 5)).range, integer(3, 8).range);
        assert_eq!(infer("*", &integer(-2, 3), &integer(-1, 5)).range, integer(-10, 15).range);
        assert_eq!(infer("max", &integer(1, 3), &integer(2, 5)).range, integer(2, 5).range);
        assert_eq!(infer("<", &integer(1, 3), &integer(4, 5)).constant, Some(Scalar::Boolean(true)));
        assert_eq!(infer("<", &integer(1, 4), &integer(4, 5)).constant, None);
    }

    #[test]
    fn signs_hold_for_cells() {
        let edges = [0.0, f64::MIN_POSITIVE, 0.3, 0.5, 1.0, 2.5, 1e300, f64::INFINITY];
        let is_negative = |x: f64| !x.is_nan() && x.is_sign_negative();
        for row in unary::TABLE {
            let negative = |x: f64| is_negative(row.cell(x));
            match row.sign() {
                Sign::NotNegative => {
                    assert!(!edges.iter().any(|x| negative(*x) || negative(-*x)), "{}", row.name());
                }
                Sign::Kept => assert!(!edges.iter().any(|x| negative(*x)), "{}", row.name()),
                Sign::Any => {}
            }
        }
        let positive = Facts::shaped(2, 2).within(Range::NOT_NEGATIVE);
        for row in binary::TABLE {
            let op = Op::Binary(binary::find(row.name()).expect("a row"));
            if stays_positive(&op, &[positive.clone(), positive.clone()]) {
                let mut pairs = edges.iter().flat_map(|x| edges.iter().map(move |y| (*x, *y)));
                assert!(!pairs.any(|(x, y)| is_negative(row.cell(x, y))), "{}", row.name());
            }
        }
        assert!(infer("^", &Facts::shaped(2, 2), &Facts::constant(Scalar::Integer(2))).is_not_negative());
        assert!(!infer("^", &Facts::shaped(2, 2), &Facts::constant(Scalar::Integer(3))).is_not_negative());
        assert!(!infer("-", &positive, &positive).is_not_negative());
    }

    #[test]
    fn positions_are_inside_of_sizes_that_are_not_known() {
        let one = Facts::constant(Scalar::Integer(1));
        let rows = Dim::Symbolic(Symbolic::of(3));
        let nrow = Op::Function(functions::find("nrow").expect("a row"), Present::new([true]));
        let n = nrow.infer(&[Facts::matrix(rows, Dim::Known(2))]).expect("fits").remove(0);
        assert_eq!((n.linear(), n.range), (rows.linear(), Range::NOT_NEGATIVE));
        // The variable of `while (i <= n)` from 1 on.
        let i = sized(7).within(Range { low: Some(Linear::Number(1)), high: n.linear() });
        let next = infer("+", &i, &one);
        assert_eq!(next.to_string(), "integer n7+1 in 2:n3+1");
        assert!(Facts::are_inside(&i, &i, rows) && Facts::are_inside(&one, &i, rows));
        assert!(!Facts::are_inside(&next, &next, rows) && !Facts::are_inside(&i, &next, rows));
        let before = infer("-", &i, &one);
        assert!(!Facts::are_inside(&before, &before, rows));
        // An empty range stands directly behind what comes before it.
        assert!(Facts::are_inside(&i, &before, rows));
        assert_eq!(
            infer("<", &n, &Facts::constant(Scalar::Integer(0))).constant,
            Some(Scalar::Boolean(false))
        );
        assert_eq!(infer("<", &n, &one).constant, None);
    }

    #[test]
    fn bounds_that_change_are_given_up() {
        let before = integer(0, 0).join(&Facts::constant(Scalar::Integer(0)));
        let joined = before.join(&integer(0, 1));
        assert_eq!(joined.range, integer(0, 1).range);
        assert_eq!(joined.bounds().settled(before.bounds()), Range::NOT_NEGATIVE);
    }
}
