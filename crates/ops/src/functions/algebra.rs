//! Functions that are told by a string what to compute: `einsum` and `ppred`.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Dense, einsum::Subscripts, reference};
use tilewright_value::{Block, Scalar, Value};

use crate::binary::{self, BinaryOp};
use crate::context::Context;
use crate::einsum;
use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Params, Purity, required};
use crate::locality::Locality;

/// Functions that are told by a string what to compute.
pub static TABLE: &[FunctionRow] = &[
    FunctionRow {
        name: "einsum",
        doc: "The sum of products that `\"ij,jk->ik\"` names: a letter for each dimension of an operand, those of the result behind the arrow, all others summed; a letter that stands twice takes the diagonal.",
        params: Params::Many("subscripts"),
        results: &["result"],
        locality: Locality::Collect,
        purity: Purity::Pure,
        infer: infer_einsum,
        run: run_einsum,
        // It is a series of operators.
        scratch: |_, _| None,
        flops: None,
        reference: reference_einsum,
    },
    FunctionRow {
        name: "ppred",
        doc: "The comparison `op` of each cell: \"==\", \"!=\", \"<\", \"<=\", \">\" or \">=\" (the operators themselves say the same).",
        params: Params::Named(&[required("A"), required("B"), required("op")]),
        results: &["result"],
        locality: Locality::Elementwise,
        purity: Purity::Pure,
        infer: |args| {
            args.scalar("op")?;
            let Some(op) = args.text("op").map(comparison).transpose()? else {
                return Ok(vec![Facts::UNKNOWN]);
            };
            Ok(vec![op.infer(args.at("A")?, args.at("B")?)?])
        },
        run: |args, _| {
            Ok(vec![comparison(&args.text("op")?)?.run(args.at("A")?.clone(), args.at("B")?.clone())?])
        },
        scratch: |args, _| comparison(args.text("op")?).ok()?.scratch(args.get("A")?, args.get("B")?),
        flops: None,
        reference: |args, _| {
            Ok(vec![comparison(&args.text("op")?)?.reference(args.at("A")?, args.at("B")?)?])
        },
    },
];

fn comparison(text: &str) -> Outcome<BinaryOp> {
    match binary::find(text).filter(|op| op.is_comparison()) {
        Some(op) => Ok(op),
        None => bail!(Value, "`ppred` has no comparison \"{text}\""; hint: "==, !=, <, <=, > or >="),
    }
}

fn infer_einsum(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (subscripts, operands) = (&args.all()[0], &args.all()[1..]);
    subscripts.expect_scalar("the first argument of `einsum`")?;
    let text = match &subscripts.constant {
        Some(Scalar::String(text)) => text,
        Some(_) => {
            bail!(Type, "`einsum` begins with its subscripts, found {}", subscripts.describe(); hint: "einsum(\"ij,jk->ik\", A, B)")
        }
        None => return Ok(vec![Facts::UNKNOWN]),
    };
    let subscripts = Subscripts::parse(text)?;
    for (at, operand) in operands.iter().enumerate() {
        if matches!(operand.kind, Kind::List) {
            bail!(Type, "operand {} of `einsum` must be a matrix, found a list", at + 1);
        }
    }
    let shape = |facts: &Facts| (facts.dims().0.known(), facts.dims().1.known());
    let lengths = subscripts.lengths(&operands.iter().map(shape).collect::<Vec<_>>())?;
    let dim = |letter: &char| lengths.get(letter).copied().flatten().map_or(Dim::Unknown, Dim::Known);
    Ok(vec![match &subscripts.result[..] {
        [] => Facts::DOUBLE,
        [letter] => Facts::matrix(dim(letter), Dim::Known(1)),
        [first, second, ..] => Facts::matrix(dim(first), dim(second)),
    }])
}

/// The subscripts and the operands.
fn einsum_arguments<'a>(args: &Args<'a, Value>) -> Outcome<(Subscripts, &'a [Value])> {
    match args.all() {
        [Value::Scalar(Scalar::String(text)), operands @ ..] => Ok((Subscripts::parse(text)?, operands)),
        _ => bail!(Type, "`einsum` begins with its subscripts"; hint: "einsum(\"ij,jk->ik\", A, B)"),
    }
}

fn shapes(operands: &[Value]) -> Vec<(Option<u64>, Option<u64>)> {
    let shape = |facts: Facts| (facts.dims().0.known(), facts.dims().1.known());
    operands.iter().map(|value| shape(Facts::of(value))).collect()
}

fn run_einsum(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let (subscripts, operands) = einsum_arguments(args)?;
    let lengths = subscripts.lengths(&shapes(operands))?;
    Ok(vec![einsum::einsum(&subscripts, operands, &lengths)?])
}

fn reference_einsum(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let (subscripts, operands) = einsum_arguments(args)?;
    let lengths = subscripts.lengths(&shapes(operands))?;
    let blocks = operands.iter().map(crate::operand::as_block).collect::<Outcome<Vec<_>>>()?;
    let dense: Vec<_> = blocks.iter().map(|block| block.dense()).collect();
    let operands: Vec<&Dense> = dense.iter().map(|x| &**x).collect();
    let length = |letter: char| lengths.get(&letter).copied().flatten().unwrap_or(1) as usize;
    let out = reference::einsum::einsum(&subscripts, &operands, length);
    Ok(vec![if subscripts.result.is_empty() { out.get(0, 0).into() } else { Block::Dense(out).into() }])
}
