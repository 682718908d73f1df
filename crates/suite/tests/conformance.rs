//! Every row of every operator table, on dense and sparse operands of all kinds of shapes, against its definition.
//!
//! Rows come from the catalogue, so a new row is covered without a word here; a function whose parameters have new
//! names needs a line in [`arguments`]. Operands that the shape rule refuses are not run, as in a script; both sides
//! must agree on what else is an error. What the shape rule promises of the results is checked as well.

#[path = "conformance/network.rs"]
mod network;
#[path = "conformance/transforms.rs"]
mod transforms;

use std::collections::BTreeMap;

use tilewright_engine::ops::catalogue::{Entry, entries};
use tilewright_engine::ops::function::{FunctionOp, Literal, Need, Params, Present, Purity};
use tilewright_engine::ops::index::{Form, Side};
use tilewright_engine::ops::product::Product;
use tilewright_engine::ops::{Context, Facts, Kind, Op};
use tilewright_frame::Frame;
use tilewright_frame::convert::from_dense;
use tilewright_matrix::{Csr, Dense};
use tilewright_value::{Block, List, Matrix, Scalar, Value};

/// Results may differ by this, relative to the larger of the cell and 1.
const TOLERANCE: f64 = 1e-9;

/// Shapes: empty ones, one cell, vectors, square, tall, wide, and one that is cut into several chunks.
const SHAPES: [(usize, usize); 12] =
    [(0, 0), (0, 3), (3, 0), (1, 1), (1, 5), (5, 1), (4, 4), (5, 2), (7, 3), (3, 7), (2, 60), (300, 4)];

/// Shapes of the operands of factorisations: full rank, so that the factors are unique up to sign.
const FULL_RANK: [(usize, usize); 5] = [(1, 1), (4, 4), (9, 9), (7, 3), (40, 5)];

/// How cells are filled.
#[derive(Debug, Clone, Copy)]
enum Fill {
    Random,
    Zero,
    OneNonZero,
    Special,
    Codes,
}

const FILLS: [Fill; 5] = [Fill::Random, Fill::Zero, Fill::OneNonZero, Fill::Special, Fill::Codes];

/// Numbers that look random and are the same in every run (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn matrix((rows, cols): (usize, usize), fill: Fill, seed: u64) -> Dense {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ (seed + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
    let middle = (rows / 2, cols / 2);
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1.0, -2.5];
    Dense::from_fn(rows, cols, |i, j| match fill {
        Fill::Random if numbers.unit() < 0.4 => 0.0,
        Fill::Random => 8.0 * numbers.unit() - 4.0,
        Fill::Zero => 0.0,
        Fill::OneNonZero => f64::from(u8::from((i, j) == middle)) * 2.5,
        Fill::Special if numbers.unit() < 0.5 => 0.0,
        Fill::Special => special[numbers.next() as usize % special.len()],
        Fill::Codes => (1 + numbers.next() % 3) as f64,
    })
}

/// A matrix in both formats.
fn formats(dense: &Dense) -> [Value; 2] {
    [Block::Dense(dense.clone()), Block::Sparse(Csr::from_dense(dense))]
        .map(|block| Value::Matrix(Matrix::new(block)))
}

fn value(dense: Dense) -> Value {
    Value::Matrix(Matrix::new(Block::Dense(dense)))
}

fn frame(dense: &Dense) -> Value {
    Value::Frame(from_dense(dense))
}

fn number(x: f64) -> Value {
    Value::Scalar(Scalar::Double(x))
}

fn integer(x: i64) -> Value {
    Value::Scalar(Scalar::Integer(x))
}

fn boolean(x: bool) -> Value {
    Value::Scalar(Scalar::Boolean(x))
}

fn text(x: &str) -> Value {
    Value::Scalar(Scalar::string(x))
}

/// Every shape with every fill.
fn operands() -> Vec<Dense> {
    let filled = |(at, shape): (usize, &(usize, usize))| FILLS.map(|fill| matrix(*shape, fill, at as u64));
    SHAPES.iter().enumerate().flat_map(filled).collect()
}

/// What happened to the cases of one operator.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    agreed: usize,
    refused: usize,
}

/// Runs one case and compares it with the definition.
fn check(op: &Op, inputs: &[Value], tally: &mut Tally) -> Result<(), String> {
    let facts: Vec<Facts> = inputs.iter().map(Facts::of).collect();
    let Ok(promised) = op.infer(&facts) else {
        tally.refused += 1;
        return Ok(());
    };
    let ran = op.run(inputs.to_vec(), &mut Context::new(7));
    let defined = op.reference(inputs, &mut Context::new(7));
    let (ran, defined) = match (ran, defined) {
        (Ok(ran), Ok(defined)) => (ran, defined),
        (Err(_), Err(_)) => {
            tally.refused += 1;
            return Ok(());
        }
        (ran, defined) => {
            let state = |result: Result<_, _>| {
                result.map_or_else(|fault| format!("fails: {fault}"), |_| "succeeds".to_string())
            };
            return Err(format!(
                "the kernel {}, the definition {}",
                state(ran.map(drop)),
                state(defined.map(drop))
            ));
        }
    };
    if ran.len() != defined.len() || ran.len() != op.results() {
        return Err(format!(
            "{} results, {} by definition, {} by the table",
            ran.len(),
            defined.len(),
            op.results()
        ));
    }
    let clock = matches!(op, Op::Function(function, _) if function.purity == Purity::Impure);
    for (at, (is, should)) in ran.iter().zip(&defined).enumerate() {
        if !clock {
            compare(is, should).map_err(|problem| format!("result {}: {problem}", at + 1))?;
        }
        keeps(&promised[at], is).map_err(|problem| format!("result {}: {problem}", at + 1))?;
    }
    tally.agreed += 1;
    Ok(())
}

fn close(is: f64, should: f64) -> bool {
    is == should
        || (is.is_nan() && should.is_nan())
        || (is - should).abs() <= TOLERANCE * should.abs().max(1.0)
}

fn compare(is: &Value, should: &Value) -> Result<(), String> {
    match (is, should) {
        (Value::Scalar(Scalar::Double(a)), Value::Scalar(Scalar::Double(b))) if close(*a, *b) => Ok(()),
        (Value::Scalar(a), Value::Scalar(b)) if a == b => Ok(()),
        (Value::Matrix(a), Value::Matrix(b)) => {
            let (a, b) = (a.pin(), b.pin());
            if (a.rows(), a.cols()) != (b.rows(), b.cols()) {
                return Err(format!("{}x{}, by definition {}x{}", a.rows(), a.cols(), b.rows(), b.cols()));
            }
            let (a, b) = (a.dense(), b.dense());
            let differs = a.cells().iter().zip(b.cells()).position(|(x, y)| !close(*x, *y));
            match differs {
                Some(at) => {
                    Err(format!("cell {at} is {:e}, by definition {:e}", a.cells()[at], b.cells()[at]))
                }
                None => Ok(()),
            }
        }
        (Value::List(a), Value::List(b)) if a.len() == b.len() => {
            a.iter().zip(b.iter()).try_for_each(|((x, a), (y, b))| {
                if x == y {
                    compare(a, b)
                } else {
                    Err(format!("an element named {x:?}, by definition {y:?}"))
                }
            })
        }
        (Value::Frame(a), Value::Frame(b)) => same_frames(a, b),
        _ => Err(format!("{is:?}, by definition {should:?}")),
    }
}

fn same_frames(a: &Frame, b: &Frame) -> Result<(), String> {
    if (a.rows(), a.schema(), a.names()) != (b.rows(), b.schema(), b.names()) {
        return Err(format!("{a:?}, by definition {b:?}"));
    }
    let cells = (0..a.rows()).flat_map(|i| (0..a.cols()).map(move |j| (i, j)));
    match cells.into_iter().find(|&(i, j)| a.cell(i, j).text() != b.cell(i, j).text()) {
        Some((i, j)) => Err(format!("cell ({i}, {j}) is {}, by definition {}", a.cell(i, j), b.cell(i, j))),
        None => Ok(()),
    }
}

/// Checks a result against what was known of it before.
fn keeps(facts: &Facts, value: &Value) -> Result<(), String> {
    let holds = match (facts.kind, value) {
        (Kind::Unknown, _) => true,
        (Kind::List, Value::List(list)) => facts.elements.as_ref().is_none_or(|elements| {
            elements.len() == list.len()
                && elements
                    .iter()
                    .zip(list.values())
                    .all(|(element, value)| keeps(&element.facts, value).is_ok())
        }),
        (Kind::Scalar(kind), Value::Scalar(scalar)) => {
            kind.is_none_or(|kind| kind == scalar.kind())
                && facts.constant.as_ref().is_none_or(|known| compare(&known.clone().into(), value).is_ok())
        }
        (Kind::Frame { rows, cols }, Value::Frame(frame)) => {
            rows.may_be(frame.rows() as u64) && cols.may_be(frame.cols() as u64)
        }
        (Kind::Matrix { rows, cols }, Value::Matrix(matrix)) => {
            let bounded = facts.nnz.bound().is_none_or(|bound| matrix.pin().nnz() as u64 <= bound);
            let marked = facts.logical.is_none_or(|logical| logical == matrix.is_logical());
            rows.may_be(matrix.rows() as u64) && cols.may_be(matrix.cols() as u64) && bounded && marked
        }
        _ => false,
    };
    if holds { Ok(()) } else { Err(format!("{} was promised as {facts}", value.describe())) }
}

fn describe(inputs: &[Value]) -> String {
    let each = inputs.iter().map(|input| match input {
        Value::Scalar(scalar) => format!("{scalar}"),
        Value::Matrix(matrix) => {
            let pinned = matrix.pin();
            let format = if matches!(*pinned, Block::Sparse(_)) { "sparse" } else { "dense" };
            let cells = pinned.dense();
            format!(
                "{format} {}x{} {:?}",
                matrix.rows(),
                matrix.cols(),
                &cells.cells()[..cells.cells().len().min(12)]
            )
        }
        other => other.describe(),
    });
    each.collect::<Vec<_>>().join("; ")
}

/// The cases of an entry: operators with inputs.
fn cases(entry: Entry) -> Vec<(Op, Vec<Value>)> {
    match entry {
        Entry::Unary(op) => alone(Op::Unary(op)),
        Entry::Aggregate(op, over) => alone(Op::Aggregate(op, over)),
        Entry::Cumulative(op) => alone(Op::Cumulative(op)),
        Entry::Binary(op) => pairs().into_iter().map(|pair| (Op::Binary(op), pair)).collect(),
        Entry::Select => triples().into_iter().map(|triple| (Op::Select, triple)).collect(),
        Entry::Function(function) => calls(function),
    }
}

fn alone(op: Op) -> Vec<(Op, Vec<Value>)> {
    let scalars = [0.0, -0.0, 1.0, -2.5, f64::NAN, f64::INFINITY].map(number).into_iter();
    let others = [integer(0), integer(-3), boolean(true), text("a")];
    let matrices = operands().into_iter().flat_map(|dense| formats(&dense));
    scalars.chain(others).chain(matrices).map(|input| (op, vec![input])).collect()
}

/// Operands of equal shape, and with a scalar, a row or a column on either side, in all formats.
fn pairs() -> Vec<Vec<Value>> {
    let scalars = [0.0, 1.0, 2.0, -2.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let mut pairs = Vec::new();
    for (at, a) in operands().iter().enumerate() {
        let (rows, cols) = (a.rows(), a.cols());
        let other = |shape, fill: usize| matrix(shape, FILLS[fill % FILLS.len()], at as u64 + 100);
        let shapes = [(rows, cols), (1, cols), (rows, 1), (1, 1), (cols, rows)];
        let right = shapes
            .iter()
            .enumerate()
            .flat_map(|(k, shape)| [other(*shape, at + k), other(*shape, at + k + 2)]);
        let mut sides: Vec<Value> = right.flat_map(|dense| formats(&dense)).collect();
        sides.extend(scalars.map(number));
        for a in formats(a) {
            for b in &sides {
                pairs.push(vec![a.clone(), b.clone()]);
                pairs.push(vec![b.clone(), a.clone()]);
            }
        }
    }
    let plain = [
        number(0.0),
        number(-2.5),
        number(f64::NAN),
        integer(0),
        integer(-7),
        integer(3),
        boolean(true),
        text("ab"),
        text("b"),
    ];
    pairs.extend(plain.iter().flat_map(|a| plain.iter().map(|b| vec![a.clone(), b.clone()])));
    pairs
}

fn triples() -> Vec<Vec<Value>> {
    let scalars = [number(0.0), number(1.0), number(f64::NAN), boolean(true)];
    let conditions = pairs().into_iter().enumerate();
    conditions
        .map(|(at, mut pair)| {
            let third = if at % 3 == 0 { pair[0].clone() } else { scalars[at % scalars.len()].clone() };
            pair.insert(at % 2, third);
            pair
        })
        .collect()
}

/// A matrix whose factors are well defined: far from singular, singular values apart.
fn full_rank((rows, cols): (usize, usize)) -> Dense {
    let mut x = matrix((rows, cols), Fill::Random, (rows * 31 + cols) as u64);
    (0..rows.min(cols)).for_each(|i| x.set(i, i, x.get(i, i) + 9.0 + 3.0 * i as f64));
    x
}

/// A symmetric positive definite one.
fn definite(n: usize) -> Dense {
    let x = full_rank((n, n));
    Dense::from_fn(n, n, |i, j| (0..n).map(|k| x.get(k, i) * x.get(k, j)).sum::<f64>() / 10.0)
}

/// Values for a parameter of a function; nothing for a name that is not known here. `x` is the operand at hand.
/// Linear systems and factorisations have operands of their own, in [`systems`], and so have the primitives of neural
/// networks.
fn arguments(name: &str, x: &Dense) -> Vec<Value> {
    let (rows, cols) = (x.rows(), x.cols());
    let like = |shape, fill| matrix(shape, fill, 5);
    match name {
        "target" | "X" | "x" | "data" => {
            let others = [number(2.0), integer(-3), boolean(true), text("1 2 3 4"), frame(x)];
            formats(x).into_iter().chain(others).collect()
        }
        "A" | "B" => formats(x)
            .into_iter()
            .chain([formats(&like((rows, 1), Fill::Codes))[1].clone(), number(2.0)])
            .collect(),
        "Y" => formats(&like((rows, 1), Fill::Special))
            .into_iter()
            .chain([value(like((rows, 1), Fill::Random)), value(like((rows + 1, 1), Fill::Random))])
            .collect(),
        "W" | "weights" | "groups" => formats(&like((rows, 1), Fill::Codes)).to_vec(),
        "u" => formats(&like((rows, 1), Fill::Special)).to_vec(),
        "v" => formats(&like((1, cols), Fill::Random)).to_vec(),
        "op" => ["+", "*", "<", "==", "min", "?"].map(text).to_vec(),
        "re" | "im" => formats(x).to_vec(),
        "windowSize" => [1, 4, 0].map(integer).to_vec(),
        "overlap" => [0, 3].map(integer).to_vec(),
        "type" => vec![text("HLL")],
        "outputEmptyBlocks" => vec![boolean(false)],
        "s" => ["", "a bc, µ😀 Bc ", "12"]
            .map(text)
            .into_iter()
            .chain([integer(7), formats(x)[0].clone()])
            .collect(),
        "start" | "stop" => [0, 2, 9].map(integer).to_vec(),
        "select" => [like((rows, 1), Fill::Random), like((cols, 1), Fill::Zero)].map(value).to_vec(),
        "margin" => ["rows", "cols"].map(text).to_vec(),
        "dir" => ["r", "c", "x"].map(text).to_vec(),
        "k" | "order" => vec![integer(2), number(3.0), integer(4), integer(5), text("3")],
        "fn" => ["sum", "count", "mean", "variance", "centralmoment", "min", "max"].map(text).to_vec(),
        "ngroups" => vec![integer(0), integer(2), integer(7)],
        "dist" => ["normal", "exp", "chisq", "f", "t", "gamma"].map(text).to_vec(),
        "mean" | "sd" | "rate" | "df" | "df1" | "df2" => [0.5, 3.0, 40.0, -1.0].map(number).to_vec(),
        "by" => vec![integer(1), value(Dense::from_cells(1, 2, &[2.0, 1.0])), integer(9)],
        "p" => vec![number(0.3), number(1.0), value(Dense::from_cells(3, 1, &[0.0, 0.5, 0.9])), number(1.5)],
        "rows" => vec![integer(rows as i64), integer(cols as i64)],
        "cols" => vec![integer(cols as i64), integer(rows as i64)],
        "odim1" | "odim2" => vec![integer(2), integer(4)],
        "shift" => [0, 1, -2, 1_000].map(integer).to_vec(),
        "pattern" | "replacement" => vec![number(0.0), number(f64::NAN), number(2.5)],
        "from" | "to" => [number(-1.5), number(4.0)].to_vec(),
        "incr" => [number(0.5), number(-1.0), number(0.0)].to_vec(),
        "range" => vec![integer(20)],
        "size" | "decimal" => vec![integer(0), integer(5)],
        "pdf" => ["normal", "poisson", "cb_uniform", "cb_normal"].map(text).to_vec(),
        "sparsity" => [0.0, 0.1, 0.7].map(number).to_vec(),
        "seed" => vec![integer(42)],
        "sep" => ["", " ", "bc"].map(text).to_vec(),
        "schema" => ["STRING", "INT32", "FP64", "BOOLEAN"].map(text).to_vec(),
        "expression" => ["x -> x.length()", "x -> x.charAt(2)", "x -> x.foo()"].map(text).to_vec(),
        "length" => [3.0, -1.0].map(|length| value(Dense::from_fn(1, cols, |_, _| length))).to_vec(),
        "row" => vec![frame(&like((1, cols), Fill::Codes)), frame(x)],
        "min" | "max" | "lambda" | "linesep" => Vec::new(),
        "decreasing" | "index.return" | "byrow" | "replace" | "empty.return" | "diag" | "values"
        | "sparse" | "lower.tail" => {
            vec![boolean(true), boolean(false)]
        }
        _ => Vec::new(),
    }
}

/// Operands of linear systems and factorisations, by name.
fn systems(name: &str) -> Option<Vec<Vec<Value>>> {
    let squares = || FULL_RANK.into_iter().filter(|(rows, cols)| rows == cols);
    let each = |all: Vec<Dense>| all.iter().flat_map(formats).map(|value| vec![value]).collect::<Vec<_>>();
    Some(match name {
        "solve" => {
            let right = |rows| [matrix((rows, 1), Fill::Random, 3), matrix((rows, 4), Fill::Random, 4)];
            let systems =
                FULL_RANK.into_iter().flat_map(|shape| right(shape.0).map(|b| (full_rank(shape), b)));
            systems.flat_map(|(a, b)| formats(&a).map(|a| vec![a, formats(&b)[1].clone()])).collect()
        }
        // A `solve` of known structure, which scripts cannot write.
        "structured solve" => {
            let right = |n| [matrix((n, 1), Fill::Random, 3), matrix((n, 4), Fill::Random, 4)];
            let of = |n: usize, a: Dense, structure: &str| {
                let system = |b: &Dense| formats(&a).map(|a| vec![a, formats(b)[1].clone(), text(structure)]);
                right(n).iter().flat_map(system).collect::<Vec<_>>()
            };
            squares()
                .flat_map(|(n, m)| {
                    let (full, symmetric) = (full_rank((n, m)), definite(n));
                    let part = |keep: fn(usize, usize) -> bool| {
                        let diagonal = |i: usize| 2.0 + i as f64;
                        Dense::from_fn(n, n, |i, j| match i == j {
                            true => diagonal(i),
                            false if keep(i, j) => full.get(i, j),
                            false => 0.0,
                        })
                    };
                    let diagonal = Dense::from_fn(n, 1, |i, _| 1.5 - i as f64);
                    let triangles = [("lower", part(|i, j| i > j)), ("upper", part(|i, j| i < j))];
                    let all = [("diagonal", diagonal), ("symmetric", symmetric)].into_iter().chain(triangles);
                    all.flat_map(|(structure, a)| of(n, a, structure)).collect::<Vec<_>>()
                })
                .collect()
        }
        "remove" => {
            let positions = [integer(1), integer(2), integer(0), text("b"), text("c")];
            positions.map(|at| vec![some_list(), at]).to_vec()
        }
        // The cast to a declared type, which scripts cannot write.
        "declared type" => {
            let values =
                [number(3.7), integer(2), boolean(true), text("a"), value(matrix((2, 3), Fill::Random, 1))];
            let types = ["double", "integer", "boolean", "string"].map(text);
            values.into_iter().flat_map(|x| types.clone().map(|to| vec![x.clone(), to])).collect()
        }
        "as.list" => {
            vec![vec![some_list()], vec![Value::List(List::new(vec![some_list().into()]))], vec![number(2.0)]]
        }
        "einsum" => sums(),
        "sprintf" => vec![vec![text("%d: %5.2f"), integer(3), number(0.5)], vec![text("%d")]],
        "gsub" => vec![vec![text("b+"), text("<$0>"), text("abbc")], vec![text("("), text(""), text("a")]],
        "grepl" => vec![vec![text("^a.c$"), text("abc")], vec![text("x"), text("abc")]],
        "inv" | "det" | "lu" => each(squares().map(full_rank).collect()),
        "sqrtMatrixJava" => each(squares().flat_map(|(n, m)| [full_rank((n, m)), definite(n)]).collect()),
        "cholesky" | "eigen" => each(squares().map(|(n, _)| definite(n)).collect()),
        "qr" | "svd" => each(FULL_RANK.into_iter().map(full_rank).collect()),
        _ => return None,
    })
}

/// A list of a number, and a matrix named `b`.
fn some_list() -> Value {
    let named = tilewright_value::list::Entry {
        name: Some("b".into()),
        value: value(matrix((2, 3), Fill::Random, 1)),
    };
    Value::List(List::new(vec![number(2.0).into(), named]))
}

/// Einstein sums over operands that fit, and some that do not.
fn sums() -> Vec<Vec<Value>> {
    let length = |letter| match letter {
        'i' => 4,
        'j' => 3,
        'k' => 5,
        'z' => 0,
        _ => 2,
    };
    let texts = [
        "ij->ij",
        "ij->ji",
        "ij->i",
        "ij->j",
        "ij->",
        "i->i",
        "i->",
        "ii->i",
        "ii->",
        "ij,jk->ik",
        "ij,jk->ki",
        "ij,jk->",
        "ji,jk->ik",
        "ij,kj->ik",
        "ji,kj->ik",
        "ij,ij->ij",
        "ij,ij->",
        "ij,ji->i",
        "ij,j->i",
        "ji,j->i",
        "ij,i->ij",
        "ij,j->ij",
        "i,j->ij",
        "i,i->",
        "i,i->i",
        ",ij->ij",
        ",i->i",
        ",->",
        "ij,jk,kl->il",
        "ij,jk,kl->",
        "ij,jk,k->i",
        "ij,jk,ik->",
        "ij,jk,ik->j",
        "ij,kj,ik->ik",
        "i,ij,j->",
        "i,ij,j->ij",
        "i,j,k->",
        "ab,ac,ad,bc,bd,cd->",
        "ab,ac,ad,bc,bd,cd->ca",
        "iz,zj->ij",
        "zi->i",
        "z->",
        "za,zb,zc,ab,bc,ca->",
        "ij,k->i",
        "jj,jk,kk->jk",
        "ij->k",
    ];
    let operands = |text: &&str, fill: Fill| {
        let parts = text.split("->").next().unwrap_or_default().split(',').enumerate();
        parts
            .map(|(at, part)| {
                let sides: Vec<usize> = part.chars().map(length).collect();
                let shape = match sides[..] {
                    [] => (1, 1),
                    [n] if at % 2 == 0 => (n, 1),
                    [n] => (1, n),
                    _ => (sides[0], sides[1]),
                };
                matrix(shape, fill, at as u64 + 3)
            })
            .collect::<Vec<Dense>>()
    };
    let mut calls = Vec::new();
    for (at, sum) in texts.iter().enumerate() {
        // With infinities it would matter whether sums or products come first.
        let fills = if sum.contains(',') { &FILLS[..3] } else { &FILLS[..] };
        for (k, fill) in fills.iter().enumerate() {
            let values = operands(sum, *fill).into_iter().map(|x| formats(&x)[(at + k) % 2].clone());
            calls.push(std::iter::once(text(sum)).chain(values).collect());
        }
    }
    calls.push(vec![text("ij,jk"), number(1.0), number(2.0)]);
    calls.push(vec![text(",ij->ij"), number(2.0), value(matrix((4, 3), Fill::Random, 1))]);
    calls
}

fn calls(function: FunctionOp) -> Vec<(Op, Vec<Value>)> {
    if let Some(calls) = network::calls(function).or_else(|| transforms::calls(function)) {
        return calls;
    }
    if let Some(systems) = systems(function.name) {
        let op = |inputs: &[Value]| Op::Function(function, Present::new(inputs.iter().map(|_| true)));
        return systems.into_iter().map(|inputs| (op(&inputs), inputs)).collect();
    }
    match function.params {
        Params::Many(_) => several(function),
        Params::Pairs { .. } => pairs().into_iter().map(|inputs| named_pairs(function, inputs)).collect(),
        Params::Named(_) => {
            let operands = operands();
            operands.iter().enumerate().flat_map(|(at, x)| combinations(function, x, at as u64)).collect()
        }
    }
}

/// Frames with frames and matrices of fitting shapes.
fn frame_pairs() -> Vec<Vec<Value>> {
    let pair = |x: &Dense| {
        let other = matrix((x.rows(), x.cols()), Fill::Random, 6);
        [vec![frame(x), frame(&other)], vec![frame(x), value(other)], vec![frame(x), text("a")]]
    };
    operands().iter().flat_map(pair).collect()
}

/// One, two and three operands.
fn several(function: FunctionOp) -> Vec<(Op, Vec<Value>)> {
    let mut all = Vec::new();
    for mut inputs in pairs().into_iter().chain(frame_pairs()) {
        for _ in 0..2 {
            let op = Op::Function(function, Present::new([true]));
            all.push((op, inputs.clone()));
            inputs.push(inputs[0].clone());
        }
    }
    all
}

/// The operands as pairs, the second one with a name.
fn named_pairs(function: FunctionOp, inputs: Vec<Value>) -> (Op, Vec<Value>) {
    let names = ["", "a", ""].map(text);
    let pairs = names.into_iter().zip(inputs).flat_map(|(name, value)| [name, value]);
    (Op::Function(function, Present::new([])), pairs.collect())
}

/// Calls with each value of each parameter, the other parameters drawn at random.
fn combinations(function: FunctionOp, x: &Dense, seed: u64) -> Vec<(Op, Vec<Value>)> {
    let Params::Named(params) = function.params else { return Vec::new() };
    let choices: Vec<Vec<Option<Value>>> = params
        .iter()
        .map(|param| {
            let given = arguments(param.name, x).into_iter().map(Some);
            match param.need {
                Need::Required => given.collect(),
                Need::Optional => [None].into_iter().chain(given).collect(),
                Need::Default(default) => [Some(literal(default))].into_iter().chain(given).collect(),
            }
        })
        .collect();
    let unknown = params.iter().zip(&choices).find(|(_, choices)| choices.is_empty());
    assert!(
        unknown.is_none(),
        "`{}` has a parameter that needs a line in `arguments`: {unknown:?}",
        function.name
    );
    let mut numbers = Numbers(seed.wrapping_mul(77) + 12_345);
    let rounds = choices.iter().map(Vec::len).product::<usize>().min(48);
    (0..rounds)
        .map(|round| {
            let mut left = round;
            let picked: Vec<Option<Value>> = choices
                .iter()
                .map(|choices| {
                    let at = if rounds < 48 {
                        left % choices.len()
                    } else {
                        numbers.next() as usize % choices.len()
                    };
                    left /= choices.len();
                    choices[at].clone()
                })
                .collect();
            let present = Present::new(picked.iter().map(Option::is_some));
            (Op::Function(function, present), picked.into_iter().flatten().collect())
        })
        .collect()
}

fn literal(default: Literal) -> Value {
    Value::Scalar(default.scalar())
}

#[test]
fn every_operator_agrees_with_its_definition() {
    let mut problems: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut rows = 0;
    for entry in entries() {
        rows += 1;
        let mut tally = Tally::default();
        for (op, inputs) in cases(entry) {
            if let Err(problem) = check(&op, &inputs, &mut tally) {
                problems
                    .entry(entry.name())
                    .or_default()
                    .push(format!("{problem}\n    of {}", describe(&inputs)));
            }
        }
        println!("{:20} {:6} agree, {:6} refused", entry.name(), tally.agreed, tally.refused);
        if tally.agreed == 0 {
            problems.entry(entry.name()).or_default().push("no case of it can be run".into());
        }
    }
    assert!(rows > 80, "only {rows} rows in the catalogue");
    assert!(problems.is_empty(), "{}", report(&problems));
}

#[test]
fn every_form_of_product_agrees_with_its_definition() {
    let mut problems: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for form in Product::ALL {
        let mut tally = Tally::default();
        for (at, a) in operands().iter().enumerate() {
            let other =
                |rows, cols, fill: usize| matrix((rows, cols), FILLS[fill % FILLS.len()], at as u64 + 50);
            for (k, narrow) in [1, 3, 20].into_iter().enumerate() {
                let b = match form {
                    Product::TransposedLeft => other(a.rows(), narrow, at + k),
                    Product::TransposedRight => other(narrow, a.cols(), at + k),
                    _ => other(a.cols(), narrow, at + k),
                };
                let w = other(a.rows(), 1, at + k + 1);
                for (a, b) in formats(a).into_iter().flat_map(|a| formats(&b).map(|b| (a.clone(), b))) {
                    let inputs = [a, b, formats(&w)[k % 2].clone()];
                    let count = match form {
                        Product::Gram | Product::GramRows => 1,
                        Product::WeightedChain => 3,
                        _ => 2,
                    };
                    let inputs = &inputs[..count];
                    if let Err(problem) = check(&Op::Product(form), inputs, &mut tally) {
                        problems
                            .entry(form.name())
                            .or_default()
                            .push(format!("{problem}\n    of {}", describe(inputs)));
                    }
                }
            }
        }
        assert!(tally.agreed > 100, "{}: {tally:?}", form.name());
    }
    assert!(problems.is_empty(), "{}", report(&problems));
}

/// Index values for one side of an extent: ranges, positions inside and outside, vectors, selections, lists.
fn indices(side: Side, extent: usize) -> Vec<Vec<Value>> {
    let n = extent as i64;
    let truths = Dense::from_fn(extent, 1, |i, _| f64::from(u8::from(i % 3 != 1)));
    match side {
        Side::All => vec![Vec::new()],
        Side::Range => [(1, n), (1, 1), (2, n - 1), (n, n + 1), (3, 1)]
            .map(|(a, b)| vec![integer(a), integer(b)])
            .to_vec(),
        Side::One | Side::Element => vec![
            vec![integer(1)],
            vec![number(n as f64)],
            vec![integer(n + 1)],
            vec![value(Dense::from_cells(3, 1, &[2.0, 1.0, 2.0]))],
            vec![value(Dense::from_cells(1, 2, &[1.0, 1.5]))],
            vec![Value::Matrix(Matrix::new(Block::Dense(truths)).marked(true))],
            vec![Value::List(List::new(vec![integer(n).into(), integer(1).into()]))],
        ],
    }
}

#[test]
fn every_form_of_index_agrees_with_its_definition() {
    let mut problems: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut read, mut written) = (Tally::default(), Tally::default());
    let sides = [Side::All, Side::One, Side::Range];
    let both = sides.into_iter().flat_map(|rows| sides.map(|cols| Form { rows, cols }));
    for form in both.chain([Form::ELEMENT]) {
        for x in &operands() {
            let rows = indices(form.rows, x.rows());
            let cols = indices(form.cols, x.cols());
            let pairs = rows.iter().flat_map(|r| cols.iter().map(move |c| [&r[..], &c[..]].concat()));
            for (at, index) in pairs.enumerate() {
                for target in formats(x) {
                    let inputs: Vec<Value> = std::iter::once(target.clone()).chain(index.clone()).collect();
                    if let Err(problem) = check(&Op::Index(form), &inputs, &mut read) {
                        problems
                            .entry("[]")
                            .or_default()
                            .push(format!("{problem}\n    {form:?} of {}", describe(&inputs)));
                    }
                    if form == Form::ELEMENT {
                        continue;
                    }
                    let shapes = [(1, 1), (x.rows(), x.cols()), (1, x.cols()), (3, 1), (3, x.cols())];
                    let part = matrix(shapes[at % shapes.len()], Fill::Random, at as u64);
                    for part in [formats(&part).to_vec(), vec![number(2.5)]].concat() {
                        let inputs: Vec<Value> =
                            [target.clone(), part].into_iter().chain(index.clone()).collect();
                        if let Err(problem) = check(&Op::Assign(form), &inputs, &mut written) {
                            problems
                                .entry("[]=")
                                .or_default()
                                .push(format!("{problem}\n    {form:?} of {}", describe(&inputs)));
                        }
                    }
                }
            }
        }
    }
    assert!(read.agreed > 1_000 && written.agreed > 1_000, "{read:?} {written:?}");
    assert!(problems.is_empty(), "{}", report(&problems));
}

/// The first few problems of each operator.
fn report(problems: &BTreeMap<&str, Vec<String>>) -> String {
    let each = problems.iter().map(|(name, all)| {
        format!("\n`{name}`, {} cases:\n  {}", all.len(), all[..all.len().min(3)].join("\n  "))
    });
    each.collect()
}
