//! Every rule is sound: both sides have the same shape and, by the oracle's kernels, the same values.
//!
//! For each rule, shapes of its matrices are tried until the left side fits and the guards hold; then cells are drawn
//! and both sides compared. `exact` rules are also compared on cells with NaN and infinities.

use std::collections::BTreeMap;

use tilewright_matrix::Dense;
use tilewright_ops::{Context, Facts, Op};
use tilewright_opt::pattern::{self, CompiledRule, Pattern};
use tilewright_opt::rules::Class;
use tilewright_value::{Block, Scalar, Value};

/// A small generator of numbers (splitmix64, Steele et al. 2014), so that the test needs no seed from outside.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn cell(&mut self, special: bool) -> f64 {
        match self.below(12) {
            0 | 1 => 0.0,
            2 if special => f64::NAN,
            3 if special => f64::INFINITY,
            4 if special => f64::NEG_INFINITY,
            n => (self.below(2001) as f64 - 1000.0) / 128.0 * if n == 5 { 0.01 } else { 1.0 },
        }
    }
}

type Values = BTreeMap<String, Value>;

fn names(pattern: &Pattern, found: &mut BTreeMap<String, bool>) {
    match pattern {
        Pattern::Matrix(name) => _ = found.insert(name.clone(), true),
        Pattern::Scalar(name) => _ = found.insert(name.clone(), false),
        Pattern::Number(_) => {}
        Pattern::Op(_, operands) => operands.iter().for_each(|operand| names(operand, found)),
    }
}

/// Facts and value of a side, or nothing when its operands do not fit.
fn evaluate(pattern: &Pattern, values: &Values) -> Option<(Facts, Value)> {
    match pattern {
        Pattern::Matrix(name) | Pattern::Scalar(name) => {
            let value = values[name].clone();
            Some((Facts::of(&value), value))
        }
        Pattern::Number(number) => Some((Facts::DOUBLE, Value::from(*number))),
        Pattern::Op(op, operands) => {
            let evaluated =
                operands.iter().map(|operand| evaluate(operand, values)).collect::<Option<Vec<_>>>()?;
            let (facts, inputs): (Vec<Facts>, Vec<Value>) = evaluated.into_iter().unzip();
            let results = op.infer(&facts).ok()?;
            let value = run(op, &inputs)?;
            Some((results[0].clone(), value))
        }
    }
}

fn run(op: &Op, inputs: &[Value]) -> Option<Value> {
    op.reference(inputs, &mut Context::new(1)).ok()?.pop()
}

fn draw(rule: &CompiledRule, numbers: &mut Numbers, special: bool) -> Values {
    let mut found = BTreeMap::new();
    names(&rule.before, &mut found);
    let dims = [1 + numbers.below(4), 1 + numbers.below(4), 1 + numbers.below(4)];
    let draw_one = |(name, matrix): (String, bool)| {
        if !matrix {
            return (name, Value::Scalar(Scalar::Integer(1 + numbers.below(2) as i64)));
        }
        let (rows, cols) =
            (dims[numbers.below(3) as usize] as usize, dims[numbers.below(3) as usize] as usize);
        (name, Block::Dense(Dense::from_fn(rows, cols, |_, _| numbers.cell(special))).into())
    };
    found.into_iter().map(draw_one).collect()
}

fn guarded(rule: &CompiledRule, values: &Values) -> bool {
    rule.rule.guards.iter().all(|guard| {
        let facts: Vec<Facts> = guard.on.iter().map(|name| Facts::of(&values[*name])).collect();
        (guard.holds)(&facts.iter().collect::<Vec<_>>())
    })
}

fn cells(value: &Value) -> (usize, usize, Vec<f64>) {
    match value {
        Value::Matrix(matrix) => {
            let dense = matrix.pin().dense().into_owned();
            (dense.rows(), dense.cols(), dense.cells().to_vec())
        }
        other => (0, 0, vec![other.as_scalar().and_then(|scalar| scalar.as_double()).expect("a number")]),
    }
}

fn check(rule: &CompiledRule, numbers: &mut Numbers, special: bool) -> bool {
    let values = draw(rule, numbers, special);
    if !guarded(rule, &values) {
        return false;
    }
    let Some((_, before)) = evaluate(&rule.before, &values) else { return false };
    let after = evaluate(&rule.after, &values);
    let (_, after) =
        after.unwrap_or_else(|| panic!("{}: the right side fails on {values:?}", rule.rule.name));
    let (b, a) = (cells(&before), cells(&after));
    assert_eq!((b.0, b.1), (a.0, a.1), "{}: shapes differ on {values:?}", rule.rule.name);
    let scale = b.2.iter().filter(|x| x.is_finite()).fold(1.0f64, |max, x| max.max(x.abs()));
    for (x, y) in b.2.iter().zip(&a.2) {
        let same = x == y || (x.is_nan() && y.is_nan());
        let close = (x - y).abs() <= 1e-7 * scale;
        let fits = if rule.rule.class == Class::Exact { same } else { same || close };
        assert!(fits, "{}: {x} became {y} on {values:?}", rule.rule.name);
    }
    true
}

#[test]
fn both_sides_of_every_rule_agree() {
    let mut numbers = Numbers(7);
    for rule in pattern::compiled() {
        let special = rule.rule.class != Class::IgnoresNan;
        let mut checked = 0;
        for attempt in 0..20_000 {
            checked += usize::from(check(rule, &mut numbers, special && attempt % 2 == 0));
            if checked == 60 {
                break;
            }
        }
        assert!(checked >= 10, "{}: only {checked} fitting draws", rule.rule.name);
    }
}

#[test]
fn names_are_unique_and_right_sides_bind_nothing_new() {
    let mut seen = Vec::new();
    for rule in pattern::compiled() {
        assert!(!seen.contains(&rule.rule.name), "{} stands twice", rule.rule.name);
        seen.push(rule.rule.name);
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        names(&rule.before, &mut before);
        names(&rule.after, &mut after);
        assert!(
            after.keys().all(|name| before.contains_key(name)),
            "{}: a new name on the right",
            rule.rule.name
        );
        for guard in rule.rule.guards {
            assert!(
                guard.on.iter().all(|name| before.contains_key(*name)),
                "{}: a guard on a new name",
                rule.rule.name
            );
        }
    }
}
