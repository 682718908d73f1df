//! The operators and shapes that are measured: for each class some operators, from a few cells to what no cache holds.

use std::fmt;

use tilewright_base::{Outcome, bail};
use tilewright_ops::catalogue::{Entry, find};
use tilewright_ops::function::Present;
use tilewright_ops::index::{Form, Side};
use tilewright_ops::product::Product;
use tilewright_ops::{Op, binary};
use tilewright_value::{Scalar, Value};

/// An operator with its inputs.
pub struct Recipe {
    /// The operator.
    pub op: Op,
    /// What it is given.
    pub inputs: Vec<Given>,
}

/// An input.
#[derive(Clone, Copy)]
pub enum Given {
    /// Random cells: rows, columns, the part that is not zero.
    Matrix(usize, usize, f64),
    /// A well-conditioned symmetric matrix.
    Definite(usize),
    /// A number.
    Number(f64),
    /// A position.
    At(i64),
}

impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.op.name())?;
        self.inputs.iter().try_for_each(|input| match input {
            Given::Matrix(rows, cols, 1.0) => write!(f, " {rows}x{cols}"),
            Given::Matrix(rows, cols, part) => write!(f, " {rows}x{cols}:{part}"),
            Given::Definite(n) => write!(f, " {n}x{n}"),
            Given::Number(x) => write!(f, " {x}"),
            Given::At(at) => write!(f, " {at}"),
        })
    }
}

impl Given {
    /// The value.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn value(&self) -> Outcome<Value> {
        match *self {
            Given::Number(x) => Ok(Scalar::Double(x).into()),
            Given::At(at) => Ok(Scalar::Integer(at).into()),
            Given::Matrix(rows, cols, part) => random(rows, cols, part),
            // Twice as many rows as columns.
            Given::Definite(n) => {
                let gram = Op::Product(Product::Gram);
                Ok(super::run(&gram, &[random(2 * n, n, 1.0)?])?.swap_remove(0))
            }
        }
    }
}

/// Random numbers from 0 to 1, by the operator that makes them.
fn random(rows: usize, cols: usize, part: f64) -> Outcome<Value> {
    let Some(Entry::Function(rand)) = find("rand", 8) else { bail!(Internal, "there is no `rand`") };
    let size = |n: usize| Value::from(Scalar::Integer(n as i64));
    let number = |x: f64| Value::from(Scalar::Double(x));
    let distribution = Value::from(Scalar::String("uniform".into()));
    let (low, high, lambda) = (number(0.0), number(1.0), number(1.0));
    let values = [size(rows), size(cols), low, high, number(part), distribution, lambda, size(1)];
    Ok(super::run(&Op::Function(rand, Present::new([true; 8])), &values)?.swap_remove(0))
}

fn matrix(rows: usize, cols: usize) -> Given {
    Given::Matrix(rows, cols, 1.0)
}

/// An operator by its name; of a function the first parameters are present.
fn named(name: &str, inputs: usize) -> Option<Op> {
    Some(match find(name, inputs)? {
        Entry::Unary(op) => Op::Unary(op),
        Entry::Binary(op) => Op::Binary(op),
        Entry::Select => Op::Select,
        Entry::Aggregate(op, over) => Op::Aggregate(op, over),
        Entry::Cumulative(op) => Op::Cumulative(op),
        Entry::Function(op) => Op::Function(op, Present::new(vec![true; inputs])),
    })
}

fn recipe(name: &str, inputs: &[Given]) -> Option<Recipe> {
    let op = binary::find(name).map(Op::Binary).or_else(|| named(name, inputs.len()))?;
    Some(Recipe { op, inputs: inputs.to_vec() })
}

fn product(form: Product, inputs: &[Given]) -> Recipe {
    Recipe { op: Op::Product(form), inputs: inputs.to_vec() }
}

fn add(rows: usize, cols: usize) -> Recipe {
    let plus = binary::find("+").expect("invariant: `+` is a row");
    Recipe { op: Op::Binary(plus), inputs: vec![matrix(rows, cols), Given::Number(1.0)] }
}

/// Next to no work.
pub fn overhead() -> Recipe {
    add(2, 2)
}

/// Reads what no cache holds.
pub fn read() -> Recipe {
    product(Product::Plain, &[matrix(40_000, 400), matrix(400, 1)])
}

/// Writes as much as it reads.
pub fn read_and_write() -> Recipe {
    add(40_000, 400)
}

/// Is bound by arithmetic.
pub fn arithmetic() -> Recipe {
    product(Product::Plain, &[matrix(768, 768), matrix(768, 768)])
}

/// Input and result fill half of a cache of so many bytes.
pub fn within(cache: f64) -> Recipe {
    add(((cache / 4.0 / 8.0 / 64.0) as usize).max(1), 64)
}

/// Shapes of dense matrices, from a few cells to 48 MB.
const SHAPES: [(usize, usize); 7] =
    [(10, 10), (100, 30), (1_000, 20), (200, 500), (100_000, 8), (1_000, 1_500), (20_000, 300)];

/// What is measured.
pub fn all() -> Vec<Recipe> {
    let mut all = Vec::new();
    for (rows, cols) in SHAPES {
        let (x, column, row) = (matrix(rows, cols), matrix(rows, 1), matrix(1, cols));
        for name in "abs exp round".split(' ') {
            all.extend(recipe(name, &[x]));
        }
        for (name, other) in [("*", x), ("+", column), (">", Given::Number(0.5)), ("max", row)] {
            all.extend(recipe(name, &[x, other]));
        }
        for name in ["sum", "rowSums", "colSums", "colMaxs", "mean", "cumsum"] {
            all.extend(recipe(name, &[x]));
        }
        all.extend(recipe("t", &[x]));
        all.extend(recipe("rev", &[x]));
        all.extend(recipe("cbind", &[x, column]));
        all.extend(recipe("rbind", &[x, row]));
        let part = Op::Index(Form { rows: Side::Range, cols: Side::All });
        all.push(Recipe { op: part, inputs: vec![x, Given::At(1), Given::At(rows as i64 / 2)] });
    }
    all.extend(products());
    all.extend(sparse());
    for n in [8, 30, 100, 200, 400] {
        all.extend(recipe("solve", &[Given::Definite(n), matrix(n, 1)]));
        all.extend(recipe("inv", &[Given::Definite(n)]));
        all.extend(recipe("cholesky", &[Given::Definite(n)]));
    }
    all
}

fn products() -> Vec<Recipe> {
    let plain = [
        (8, 8, 8),
        (30, 30, 30),
        (100, 100, 100),
        (300, 300, 300),
        (768, 768, 768),
        (20_000, 50, 50),
        (20_000, 300, 1),
        (1_000, 20, 1),
        (50, 20_000, 50),
    ];
    let mut all: Vec<Recipe> =
        plain.into_iter().map(|(m, k, n)| product(Product::Plain, &[matrix(m, k), matrix(k, n)])).collect();
    for (rows, cols) in [(100, 10), (2_000, 50), (20_000, 100), (20_000, 300)] {
        let x = matrix(rows, cols);
        all.push(product(Product::Gram, &[x]));
        all.push(product(Product::TransposedLeft, &[x, matrix(rows, 1)]));
        all.push(product(Product::TransposedLeft, &[x, matrix(rows, 16)]));
        all.push(product(Product::Chain, &[x, matrix(cols, 1)]));
    }
    all
}

fn sparse() -> Vec<Recipe> {
    let mut all = Vec::new();
    for (rows, cols, part) in [
        (100, 100, 0.05),
        (1_000, 1_000, 0.01),
        (1_000, 1_000, 0.1),
        (20_000, 1_000, 0.01),
        (50_000, 200, 0.1),
    ] {
        let x = Given::Matrix(rows, cols, part);
        for name in "abs sum rowSums colSums t".split(' ') {
            all.extend(recipe(name, &[x]));
        }
        all.extend(recipe("*", &[x, matrix(rows, 1)]));
        all.extend(recipe("*", &[x, Given::Number(3.0)]));
        all.push(product(Product::Plain, &[x, matrix(cols, 1)]));
        all.push(product(Product::Plain, &[x, matrix(cols, 16)]));
        all.push(product(Product::TransposedLeft, &[x, matrix(rows, 1)]));
        all.push(product(Product::Chain, &[x, matrix(cols, 1)]));
        all.push(product(Product::Plain, &[x, Given::Matrix(cols, 100, 0.05)]));
    }
    all
}
