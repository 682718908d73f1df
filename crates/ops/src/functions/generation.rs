//! Matrices from nothing: `matrix`, `rand`, `sample`, `seq`.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::random::{self, Distribution, Generated, Replacement};
use tilewright_matrix::reorg::{self, CellOrder};
use tilewright_matrix::{Csr, Dense, Scratch, sequence};
use tilewright_value::{Block, Scalar, ScalarType, Value};

use crate::context::Context;
use crate::facts::{Dim, Facts, Kind, Nnz};
use crate::function::{Args, FunctionRow, Literal, Params, Purity, default, no_scratch, optional, required};
use crate::locality::Locality;
use crate::scratch::Shape;

/// Zeros of more cells than this (1 GB) are stored sparse.
const LARGE: usize = 1 << 27;

/// Matrices from nothing.
pub static TABLE: &[FunctionRow] = &[
    FunctionRow {
        name: "matrix",
        doc: "A matrix of one value, of the numbers in a string, or of the cells of a matrix in a new shape.",
        params: Params::Named(&[
            required("data"),
            optional("rows"),
            optional("cols"),
            default("byrow", Literal::Boolean(true)),
        ]),
        results: &["result"],
        locality: Locality::Collect,
        purity: Purity::Pure,
        infer: infer_matrix,
        run: |args, _| matrix(args, reshape),
        scratch: matrix_scratch,
        flops: None,
        reference: |args, _| {
            matrix(args, |x, rows, cols, order| {
                Block::Dense(tilewright_matrix::reference::reorg::reshape(&x.dense(), rows, cols, order))
            })
        },
    },
    FunctionRow {
        name: "rand",
        doc: "A matrix of random numbers: uniform in [min, max], normal, Poisson, or counter-based (cb_uniform, cb_normal).",
        params: Params::Named(&[
            required("rows"),
            required("cols"),
            default("min", Literal::Double(0.0)),
            default("max", Literal::Double(1.0)),
            default("sparsity", Literal::Double(1.0)),
            default("pdf", Literal::Text("uniform")),
            default("lambda", Literal::Double(1.0)),
            default("seed", Literal::Integer(-1)),
        ]),
        results: &["result"],
        locality: Locality::RowLocal,
        purity: Purity::Seeded,
        infer: infer_rand,
        run: rand,
        scratch: rand_scratch,
        flops: None,
        reference: rand,
    },
    FunctionRow {
        name: "sample",
        doc: "A column of `size` random numbers out of 1 to `range`, without or with replacement.",
        params: Params::Named(&[
            required("range"),
            required("size"),
            default("replace", Literal::Boolean(false)),
            default("seed", Literal::Integer(-1)),
        ]),
        results: &["result"],
        locality: Locality::Collect,
        purity: Purity::Seeded,
        infer: |args| Ok(vec![Facts::matrix(args.dim("size")?, Dim::Known(1))]),
        run: sample,
        scratch: sample_scratch,
        flops: None,
        reference: sample,
    },
    FunctionRow {
        name: "seq",
        doc: "A column from `from` to `to` in steps of `incr` (1 or -1 if not given).",
        params: Params::Named(&[required("from"), required("to"), optional("incr")]),
        results: &["result"],
        locality: Locality::RowLocal,
        purity: Purity::Pure,
        infer: infer_seq,
        run: seq,
        scratch: no_scratch,
        flops: None,
        reference: reference_seq,
    },
];

fn infer_matrix(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let data = args.at("data")?;
    let (mut rows, mut cols) = (args.dim("rows")?, args.dim("cols")?);
    let cells = data.dims().0.times(data.dims().1);
    let absent = (args.get("rows").is_none(), args.get("cols").is_none());
    if data.kind == Kind::List {
        bail!(Type, "`matrix` needs a number, a string or a matrix, found a list");
    }
    if data.is_scalar() && data.scalar_type() != Some(ScalarType::String) && (absent.0 || absent.1) {
        bail!(Argument, "`matrix` of a scalar needs `rows` and `cols`"; hint: "matrix(0, rows=3, cols=2)");
    }
    if data.is_matrix() {
        if let (Some(cells), Some(asked)) = (cells.known(), rows.times(cols).known())
            && absent == (false, false)
            && cells != asked
        {
            bail!(Shape, "`matrix` of {} has {cells} cells, {rows}x{cols} needs {asked}", data.describe());
        }
        let other = |side: Dim| {
            cells
                .known()
                .zip(side.known())
                .filter(|(_, n)| *n > 0)
                .map_or(Dim::Unknown, |(all, n)| Dim::Known(all / n))
        };
        (rows, cols) = match absent {
            (true, false) => (other(cols), cols),
            (false, true) => (rows, other(rows)),
            _ => (rows, cols),
        };
    }
    let nnz = match data.number() {
        Some(0.0) => Nnz::Exact(0),
        Some(_) => rows.times(cols).known().map_or(Nnz::Unknown, Nnz::Exact),
        None if data.is_matrix() => data.nnz,
        None => Nnz::Unknown,
    };
    Ok(vec![Facts::matrix(rows, cols).with_nnz(nnz)])
}

fn reshape(x: &Block, rows: usize, cols: usize, order: CellOrder) -> Block {
    match x {
        Block::Dense(x) => reorg::reshape_dense(x, rows, cols, order).into(),
        Block::Sparse(x) => Block::Sparse(reorg::reshape_sparse(x, rows, cols, order)).compact(),
    }
}

/// A matrix of one value; a very large one of zeros stores nothing, smaller ones are dense to be written to.
fn filled(rows: usize, cols: usize, value: f64) -> Block {
    let large = rows.checked_mul(cols).is_none_or(|cells| cells > LARGE);
    if value == 0.0 && large && cols > 1 && cols <= Csr::MAX_COLS {
        return Csr::empty(rows, cols).into();
    }
    Dense::filled(rows, cols, value).into()
}

type Reshape = fn(&Block, usize, usize, CellOrder) -> Block;

fn matrix(args: &Args<'_, Value>, reshape: Reshape) -> Outcome<Vec<Value>> {
    let order = if args.boolean("byrow")? { CellOrder::ByRow } else { CellOrder::ByColumn };
    let data = args.at("data")?;
    if let Value::Scalar(scalar) = data {
        if let Scalar::String(text) = scalar {
            let cells = numbers(text)?;
            let (rows, cols) = shape(args, cells.len())?;
            let column = Block::Dense(Dense::from_cells(cells.len(), 1, &cells));
            return Ok(vec![reshape(&column, rows, cols, order).into()]);
        }
        let (rows, cols, value) = (args.size("rows")?, args.size("cols")?, scalar.as_double()?);
        return Ok(vec![filled(rows, cols, value).into()]);
    }
    let x = data.as_matrix()?;
    let (rows, cols) = shape(args, x.rows() * x.cols())?;
    Ok(vec![reshape(&x.pin(), rows, cols, order).into()])
}

fn matrix_scratch(args: &Args<'_, Facts>, result: &Facts) -> Option<Scratch> {
    let (data, to) = (args.get("data")?, result.shape()?);
    let order = if args.boolean("byrow")? { CellOrder::ByRow } else { CellOrder::ByColumn };
    let size = |shape: Shape| (shape.rows, shape.cols);
    if data.is_scalar() {
        // The numbers of a string as a list that grows, and as a column.
        let column = reorg::reshape_dense_scratch((to.cells(), 1), size(to), order);
        let parsed = (Scratch::vector::<f64>(to.cells()) * 2).and(Scratch::dense(to.cells(), 1)).and(column);
        return Some(parsed.only_if(data.scalar_type() == Some(ScalarType::String)));
    }
    let from = data.shape()?;
    Some(match from.stored {
        Some(stored) => {
            let reshaped = reorg::reshape_sparse_scratch(size(from), size(to), stored, order);
            // A sparse result may become dense.
            reshaped.and(to.expanded(stored))
        }
        None => reorg::reshape_dense_scratch(size(from), size(to), order),
    })
}

fn numbers(text: &str) -> Outcome<Vec<f64>> {
    let parse = |word: &str| match word.parse() {
        Ok(number) => Ok(number),
        Err(_) => {
            bail!(Value, "\"{word}\" in the string of `matrix` is not a number"; hint: "separate numbers by blanks: \"1 2 3\"")
        }
    };
    text.split_whitespace().map(parse).collect()
}

/// The asked shape for a number of cells; a side that is not given follows from the other.
fn shape(args: &Args<'_, Value>, cells: usize) -> Outcome<(usize, usize)> {
    let side = |name: &str| args.get(name).map(|_| args.size(name)).transpose();
    let (rows, cols) = match (side("rows")?, side("cols")?) {
        (Some(rows), Some(cols)) => (rows, cols),
        (Some(rows), None) => (rows, cells / rows.max(1)),
        (None, Some(cols)) => (cells / cols.max(1), cols),
        (None, None) => (cells, 1),
    };
    if rows.checked_mul(cols) != Some(cells) {
        bail!(Shape, "`matrix` got {cells} cells for {rows}x{cols}");
    }
    Ok((rows, cols))
}

fn infer_rand(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let facts = Facts::matrix(args.dim("rows")?, args.dim("cols")?);
    let constant = |name: &str| args.get(name).and_then(Facts::number);
    let cells = facts.dense_bytes().map(|bytes| bytes / 8.0);
    if let (Some(sparsity), Some(cells)) = (constant("sparsity").filter(|s| *s > 0.0 && *s < 1.0), cells) {
        return Ok(vec![facts.with_nnz(drawn(cells, sparsity))]);
    }
    let zero =
        constant("sparsity") == Some(0.0) || (constant("min") == Some(0.0) && constant("max") == Some(0.0));
    Ok(vec![if zero { facts.with_nnz(Nnz::Exact(0)) } else { facts }])
}

/// A bound of the non-zeros that are drawn: ten standard deviations of the binomial distribution above its mean, which
/// no draw of any size will exceed.
fn drawn(cells: f64, sparsity: f64) -> Nnz {
    let mean = cells * sparsity;
    Nnz::AtMost((mean + 10.0 * mean.sqrt() + 10.0).min(cells) as u64)
}

fn rand_scratch(args: &Args<'_, Facts>, result: &Facts) -> Option<Scratch> {
    let (shape, sparsity) = (result.shape()?, args.get("sparsity")?.number()?);
    Some(random::rand_scratch(shape.rows, shape.cols, sparsity))
}

fn sample_scratch(args: &Args<'_, Facts>, result: &Facts) -> Option<Scratch> {
    let range = args.get("range")?.constant.as_ref()?.as_integer().ok()?;
    let replacement = match args.boolean("replace") {
        Some(true) => Replacement::With,
        _ => Replacement::Without,
    };
    Some(random::sample_scratch(range, result.shape()?.rows, replacement))
}

fn seed(args: &Args<'_, Value>, context: &Context) -> Outcome<i64> {
    Ok(match args.integer("seed")? {
        -1 => context.seed,
        given => given,
    })
}

fn rand(args: &Args<'_, Value>, context: &mut Context) -> Outcome<Vec<Value>> {
    let (min, max, sparsity) = (args.double("min")?, args.double("max")?, args.double("sparsity")?);
    if !(0.0..=1.0).contains(&sparsity) {
        bail!(Value, "`sparsity` of `rand` is {sparsity}; it must be between 0 and 1");
    }
    if min > max || !min.is_finite() || !max.is_finite() {
        bail!(Value, "`rand` needs finite `min` <= `max`, found {min} and {max}");
    }
    let lambda = args.double("lambda")?;
    let distribution = match args.text("pdf")?.as_str() {
        "uniform" => Distribution::Uniform { min, max },
        "normal" => Distribution::Normal,
        "poisson" if lambda > 0.0 && lambda.is_finite() => Distribution::Poisson { lambda },
        "poisson" => bail!(Value, "`lambda` of `rand` is {lambda}; it must be above 0"),
        "cb_uniform" => Distribution::CounterUniform { min, max },
        "cb_normal" => Distribution::CounterNormal,
        other => {
            bail!(Value, "`rand` has no distribution \"{other}\""; hint: "uniform, normal, poisson, cb_uniform or cb_normal")
        }
    };
    let generated =
        random::rand(args.size("rows")?, args.size("cols")?, distribution, sparsity, seed(args, context)?);
    Ok(vec![match generated {
        Generated::Dense(dense) => Value::from(Block::from(dense)),
        Generated::Sparse(csr) => Block::from(csr).into(),
    }])
}

/// `sample(range, size, seed)` has the seed in the place of `replace`, told apart by its type.
fn sample(args: &Args<'_, Value>, context: &mut Context) -> Outcome<Vec<Value>> {
    let (replace, seed) = match args.scalar("replace")? {
        Scalar::Boolean(replace) => (replace, seed(args, context)?),
        given => (false, given.as_integer()?),
    };
    let replacement = if replace { Replacement::With } else { Replacement::Without };
    let drawn = random::sample(args.integer("range")?, args.size("size")?, replacement, seed)?;
    Ok(vec![Block::Dense(drawn).into()])
}

fn step(from: f64, to: f64, incr: Option<f64>) -> Outcome<f64> {
    let incr = incr.unwrap_or(if to >= from { 1.0 } else { -1.0 });
    let towards = if to >= from { incr > 0.0 } else { incr < 0.0 };
    if from.is_finite() && to.is_finite() && (towards || (from == to && incr != 0.0)) {
        return Ok(incr);
    }
    bail!(Value, "`seq` never gets from {from} to {to} in steps of {incr}");
}

fn infer_seq(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    for name in ["from", "to", "incr"] {
        args.scalar(name)?;
    }
    let known = |name: &str| args.get(name).map(Facts::number);
    let rows = match (known("from").flatten(), known("to").flatten(), known("incr")) {
        (Some(_), Some(_), Some(None)) => Dim::Unknown,
        (Some(from), Some(to), incr) => {
            Dim::Known(sequence::length(from, to, step(from, to, incr.flatten())?) as u64)
        }
        _ => Dim::Unknown,
    };
    Ok(vec![Facts::matrix(rows, Dim::Known(1))])
}

fn bounds(args: &Args<'_, Value>) -> Outcome<(f64, f64, f64)> {
    let (from, to) = (args.double("from")?, args.double("to")?);
    let incr = args.get("incr").map(|_| args.double("incr")).transpose()?;
    Ok((from, to, step(from, to, incr)?))
}

fn seq(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let (from, to, incr) = bounds(args)?;
    Ok(vec![Block::Dense(sequence::seq(from, to, incr)).into()])
}

fn reference_seq(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let (from, to, incr) = bounds(args)?;
    let rows = sequence::length(from, to, incr);
    Ok(vec![Block::Dense(Dense::from_fn(rows, 1, |i, _| from + i as f64 * incr)).into()])
}
