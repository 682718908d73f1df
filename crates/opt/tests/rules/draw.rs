//! Random matrices and numbers for the names of a rule.

use tilewright_matrix::{Csr, Dense};
use tilewright_ops::{Facts, Nnz, Range};
use tilewright_opt::rules::Rule;
use tilewright_opt::sentence::Sentence;
use tilewright_value::{Block, Matrix, Scalar, Value};

/// A small generator of numbers (splitmix64, Steele et al. 2014), so that the test needs no seed from outside.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
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

/// What to draw: some dimensions to choose from, and whether cells may be NaN or infinite.
pub struct Draw {
    pub dims: [u64; 3],
    pub special: bool,
}

impl Draw {
    /// Dimensions out of some choices, so that shapes fit each other often.
    pub fn new(numbers: &mut Numbers, choices: &[u64], special: bool) -> Draw {
        Draw { dims: [numbers.of(choices), numbers.of(choices), numbers.of(choices)], special }
    }

    fn scalar(&self, numbers: &mut Numbers) -> Scalar {
        match numbers.below(20) {
            0 => Scalar::Boolean(true),
            1 => Scalar::Boolean(false),
            2 => Scalar::string(numbers.of(&["rows", "cols"])),
            3 => Scalar::Double(numbers.cell(self.special)),
            4..9 => Scalar::Integer(numbers.of(&self.dims) as i64),
            _ => Scalar::Integer(1 + numbers.below(3) as i64),
        }
    }

    fn shape(&self, numbers: &mut Numbers) -> (u64, u64) {
        let one = |numbers: &mut Numbers| if numbers.below(5) == 0 { 1 } else { numbers.of(&self.dims) };
        (one(numbers), one(numbers))
    }

    fn matrix(&self, numbers: &mut Numbers, truth: bool, positive: bool) -> Matrix {
        let (rows, cols) = self.shape(numbers);
        let (rows, cols) = (rows as usize, cols as usize);
        if truth {
            let cells = Dense::from_fn(rows, cols, |_, _| numbers.below(2) as f64);
            return Matrix::new(Block::Dense(cells)).marked(true);
        }
        let stored = numbers.of(&[1, 1, 1, 3, 20]);
        let cells = Dense::from_fn(rows, cols, |_, _| {
            let cell = if numbers.below(stored) == 0 { numbers.cell(self.special) } else { 0.0 };
            if positive { cell.abs() } else { cell }
        });
        let block = if stored > 1 { Block::Sparse(Csr::from_dense(&cells)) } else { Block::Dense(cells) };
        Matrix::new(block)
    }

    /// A value for each name of a rule: capitals are matrices, of truth values where the rule asks for them.
    pub fn values(&self, rule: &Rule, sentence: &Sentence, numbers: &mut Numbers) -> Vec<Value> {
        let draw = |name: &String| {
            if !name.starts_with(char::is_uppercase) {
                return Value::Scalar(self.scalar(numbers));
            }
            let positive = asks(rule, "not_negative", name);
            Value::Matrix(self.matrix(numbers, asks(rule, "truth", name), positive))
        };
        sentence.names.iter().map(draw).collect()
    }

    /// The facts of values that were drawn, as a script may know them: not every number is a constant.
    pub fn facts_of(rule: &Rule, sentence: &Sentence, values: &[Value], numbers: &mut Numbers) -> Vec<Facts> {
        let facts = |(value, name): (&Value, &String)| {
            bounded(unknown_sometimes(Facts::of(value), numbers), rule, name)
        };
        values.iter().zip(&sentence.names).map(facts).collect()
    }

    /// Facts for each name of a rule, without values of matrices.
    pub fn facts(&self, rule: &Rule, sentence: &Sentence, numbers: &mut Numbers) -> Vec<Facts> {
        let draw = |name: &String| {
            if !name.starts_with(char::is_uppercase) {
                return unknown_sometimes(Facts::constant(self.scalar(numbers)), numbers);
            }
            let (rows, cols) = self.shape(numbers);
            let facts = Facts { logical: Some(asks(rule, "truth", name)), ..Facts::shaped(rows, cols) };
            let bound = rows * cols / numbers.of(&[10, 100, 1000]);
            let facts = bounded(facts, rule, name);
            if asks(rule, "sparse", name) { facts.with_nnz(Nnz::AtMost(bound)) } else { facts }
        };
        sentence.names.iter().map(draw).collect()
    }
}

/// The facts of a scalar without its value in one of four cases.
fn unknown_sometimes(facts: Facts, numbers: &mut Numbers) -> Facts {
    if numbers.below(4) == 0 { Facts { constant: None, ..facts } } else { facts }
}

/// Facts with bounds where the rule asks for them.
fn bounded(facts: Facts, rule: &Rule, name: &str) -> Facts {
    if asks(rule, "not_negative", name) { facts.within(Range::NOT_NEGATIVE) } else { facts }
}

/// Whether a guard of a rule asks about a name.
fn asks(rule: &Rule, guard: &str, name: &str) -> bool {
    rule.guards.iter().any(|own| own.name == guard && own.on.contains(&name))
}
