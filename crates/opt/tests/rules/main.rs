//! Every rule is sound, does not grow what is computed, and is undone by no other one.
//!
//! Each sentence of each rule is built with random operands: until its left side fits and the rule fires, shapes and
//! cells are drawn. Values are compared by the oracle's kernels; `exact` and `rounding` rules also on cells with NaN
//! and infinities. Costs are compared on facts of large and small matrices.

mod draw;
mod side;

use std::collections::BTreeSet;

use draw::{Draw, Numbers};
use tilewright_ops::Facts;
use tilewright_opt::rulebook::{CompiledRule, rulebook};
use tilewright_opt::rules::Class;
use tilewright_opt::sentence::Sentence;
use tilewright_opt::{Options, cost};
use tilewright_value::Value;

/// Dimensions of matrices with values.
const SMALL: [u64; 9] = [0, 1, 2, 2, 3, 3, 4, 7, 16];
/// Dimensions of matrices of which only facts are drawn.
const LARGE: [u64; 8] = [1, 2, 3, 7, 10, 100, 1000, 30_000];

/// All rules but one are switched off.
fn only(rule: &CompiledRule) -> Options {
    let names = rulebook().rules.iter().map(|rule| rule.rule.name).filter(|name| *name != rule.rule.name);
    Options { disabled: names.map(String::from).collect(), ..Options::default() }
}

fn none() -> Options {
    Options {
        disabled: rulebook().rules.iter().map(|rule| rule.rule.name.into()).collect(),
        ..Options::default()
    }
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

fn kind(value: &Value) -> String {
    match value {
        Value::Matrix(matrix) => format!("a matrix, truth values: {}", matrix.is_logical()),
        other => other.as_scalar().expect("a scalar").kind().describe().to_string(),
    }
}

/// Compares both sides on one draw; false when the rule does not fire.
fn agrees(
    rule: &CompiledRule,
    sentence: &Sentence,
    options: &Options,
    numbers: &mut Numbers,
    special: bool,
) -> Result<bool, String> {
    let draw = Draw::new(numbers, &SMALL, special);
    let values = draw.values(rule.rule, sentence, numbers);
    let facts = Draw::facts_of(rule.rule, sentence, &values, numbers);
    let written = side::written(&sentence.before, &facts);
    let Some((built, fired)) = side::built(&written, &facts, options) else { return Ok(false) };
    if fired.is_empty() {
        return Ok(false);
    }
    let Some(before) = side::evaluated(&written, &values) else { return Ok(false) };
    let Some(after) = side::evaluated(&built, &values) else { return Err(format!("fails on {values:?}")) };
    match differ(&before, &after, rule.rule.class) {
        Some(difference) => Err(format!("{difference} on {values:?}")),
        None => Ok(true),
    }
}

/// How two results differ more than the class of their rule allows.
fn differ(before: &Value, after: &Value, class: Class) -> Option<String> {
    if kind(before) != kind(after) {
        return Some(format!("{} became {}", kind(before), kind(after)));
    }
    let (b, a) = (cells(before), cells(after));
    if (b.0, b.1) != (a.0, a.1) {
        return Some(format!("{}x{} became {}x{}", b.0, b.1, a.0, a.1));
    }
    let scale = b.2.iter().filter(|x| x.is_finite()).fold(1.0f64, |max, x| max.max(x.abs()));
    let fits = |x: f64, y: f64| {
        let same = x == y || (x.is_nan() && y.is_nan());
        let close = (x - y).abs() <= 1e-7 * scale;
        match class {
            Class::Exact => same,
            Class::Rounding => same || close,
            Class::IgnoresNan => close || !x.is_finite(),
        }
    };
    let (x, y) = b.2.iter().zip(&a.2).find(|(x, y)| !fits(**x, **y))?;
    Some(format!("{x} became {y}"))
}

#[test]
fn both_sides_of_every_rule_agree() {
    let mut numbers = Numbers(7);
    let mut wrong = Vec::new();
    for rule in &rulebook().rules {
        // A table of infinite codes is infinite.
        let special = rule.rule.class != Class::IgnoresNan && !rule.rule.text.contains("table(");
        let options = only(rule);
        for (at, sentence) in rule.sentences().iter().enumerate() {
            let mut checked = 0;
            for attempt in 0..40_000 {
                match agrees(rule, sentence, &options, &mut numbers, special && attempt % 2 == 0) {
                    Ok(fired) => checked += usize::from(fired),
                    Err(difference) => {
                        wrong.push(format!("{}: {difference}", rule.rule.name));
                        break;
                    }
                }
                if checked == 25 {
                    break;
                }
            }
            if checked < 10 {
                wrong.push(format!("{}, sentence {at}: {checked} fitting draws", rule.rule.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The costs before and after on one draw of facts, if the rule fires. What is not known costs nothing.
fn costs(
    (rule, sentences): (&CompiledRule, &[Sentence]),
    options: &Options,
    numbers: &mut Numbers,
    attempt: usize,
) -> Option<(f64, f64, Vec<Facts>)> {
    let sentence = &sentences[attempt % sentences.len()];
    let draw = Draw::new(numbers, if attempt.is_multiple_of(4) { &LARGE[..4] } else { &LARGE }, false);
    let facts = draw.facts(rule.rule, sentence, numbers);
    let written = side::written(&sentence.before, &facts);
    let (after, fired) = side::built(&written, &facts, options)?;
    if fired.is_empty() {
        return None;
    }
    let (before, _) = side::built(&written, &facts, &none()).expect("it was built before");
    let (before, after) = cost::total(&before).zip(cost::total(&after)).unwrap_or((0.0, 0.0));
    Some((before, after, facts))
}

#[test]
fn no_rule_grows_what_is_computed() {
    let mut numbers = Numbers(8);
    let mut wrong = Vec::new();
    for rule in &rulebook().rules {
        let (options, sentences) = (only(rule), rule.sentences());
        let mut compared = 0;
        for attempt in 0..20_000 {
            let Some((before, after, facts)) = costs((rule, &sentences), &options, &mut numbers, attempt)
            else {
                continue;
            };
            // A number that becomes a 1x1 matrix, or the other way around, is some bytes.
            if after > before + 64.0 {
                let facts: Vec<String> = facts.iter().map(ToString::to_string).collect();
                wrong.push(format!("{}: {before} became {after} on {facts:?}", rule.rule.name));
                break;
            }
            compared += 1;
            if compared == 150 {
                break;
            }
        }
        if compared == 0 {
            wrong.push(format!("{}: it never fires", rule.rule.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rule_undoes_another_one() {
    let mut numbers = Numbers(9);
    let options = Options::default();
    for rule in &rulebook().rules {
        let sentences = rule.sentences();
        for attempt in 0..1500 {
            let sentence = &sentences[attempt % sentences.len()];
            let draw =
                Draw::new(&mut numbers, if attempt.is_multiple_of(2) { &SMALL } else { &LARGE }, false);
            let facts = draw.facts(rule.rule, sentence, &mut numbers);
            let written = side::written(&sentence.before, &facts);
            let Some((once, fired)) = side::built(&written, &facts, &options) else { continue };
            assert!(fired.len() < 25, "{}: {:?}", rule.rule.name, fired.counts());
            let (twice, again) = side::built(&once, &facts, &options).expect("what was built fits");
            assert!(again.is_empty(), "{}: {:?} after {:?}", rule.rule.name, again.counts(), fired.counts());
            assert_eq!(once.nodes.len(), twice.nodes.len(), "{}", rule.rule.name);
        }
    }
}

#[test]
fn names_are_unique_and_right_sides_bind_nothing_new() {
    let mut seen = BTreeSet::new();
    for rule in &rulebook().rules {
        assert!(seen.insert(rule.rule.name), "{} stands twice", rule.rule.name);
        // A right side with a name of its own does not parse.
        rule.sentences().iter().for_each(|sentence| _ = sentence.after());
        for guard in rule.rule.guards {
            assert!(guard.on.len() <= 4, "{}: a guard on more than four names", rule.rule.name);
        }
    }
}
