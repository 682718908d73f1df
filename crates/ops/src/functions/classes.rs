//! Values as classes: estimates of how many there are, and the meet of two partitions.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Dense, Scratch, classes, reference, sketch};
use tilewright_value::{Block, Value};

use super::statistics::{Direction, cells, direction, infer_count_distinct, integer, one};
use crate::facts::{Dim, Facts};
use crate::function::{Args, FunctionRow, Literal, Param, Params, default, required};
use crate::scratch::densified;

const TYPE: Param = default("type", Literal::Text("KMV"));

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $results:expr, $infer:expr, $run:expr, $reference:expr, $scratch:expr) => {
        FunctionRow::pure($name, $doc, Params::Named(&$params), $infer, $run, $reference)
            .with_results(&$results)
            .with_scratch($scratch)
    };
}

/// Values as classes.
pub static TABLE: &[FunctionRow] = &[
    row!(
        "countDistinctApprox",
        "An estimate of `countDistinct` in one pass and little memory; exact below 4096 values, beyond them with a standard error of 1.6 %.",
        [required("X"), TYPE, default("dir", Literal::Text("rc"))],
        ["result"],
        |args| {
            check_type(args.text("type"))?;
            infer_count_distinct(args)
        },
        |args, _| estimate(args, direction(&args.text("dir")?)?),
        |args, _| naive_estimate(args, direction(&args.text("dir")?)?),
        |args, _| estimate_scratch(args, direction(args.text("dir")?).ok()?)
    ),
    row!(
        "rowCountDistinctApprox",
        "An estimate of the number of different values of each row, as `countDistinctApprox`.",
        [required("X"), TYPE],
        ["result"],
        |args| {
            check_type(args.text("type"))?;
            Ok(vec![Facts::matrix(args.dims("X")?.0, Dim::Known(1))])
        },
        |args, _| estimate(args, Direction::Rows),
        |args, _| naive_estimate(args, Direction::Rows),
        |args, _| estimate_scratch(args, Direction::Rows)
    ),
    row!(
        "colCountDistinctApprox",
        "An estimate of the number of different values of each column, as `countDistinctApprox`.",
        [required("X"), TYPE],
        ["result"],
        |args| {
            check_type(args.text("type"))?;
            Ok(vec![Facts::matrix(Dim::Known(1), args.dims("X")?.1)])
        },
        |args, _| estimate(args, Direction::Columns),
        |args, _| naive_estimate(args, Direction::Columns),
        |args, _| estimate_scratch(args, Direction::Columns)
    ),
    row!(
        "rowClassMeet",
        "classes, sizes: which cells of a row are in one class in A and in B (a row of B serves all rows of A), by number, and how many they are; zeros are in no class.",
        [required("A"), required("B")],
        ["classes", "sizes"],
        infer_meet,
        |args, _| meet(args, classes::meet),
        |args, _| meet(args, reference::classes::meet),
        meet_scratch
    ),
];

fn check_type(text: Option<&str>) -> Outcome<()> {
    match text {
        None | Some("KMV") => Ok(()),
        Some(other) => {
            bail!(Value, "`type` is \"{other}\"; the only estimate is \"KMV\", the k smallest hash values")
        }
    }
}

fn estimate(args: &Args<'_, Value>, direction: Direction) -> Outcome<Vec<Value>> {
    check_type(Some(&args.text("type")?))?;
    let x = args.block("X")?;
    match (direction, &*x) {
        (Direction::All, Block::Dense(x)) => integer(sketch::count_dense(x) as usize),
        (Direction::All, Block::Sparse(x)) => integer(sketch::count_sparse(x) as usize),
        (Direction::Rows, x) => one(sketch::count_rows(&x.dense())),
        (Direction::Columns, x) => one(sketch::count_cols(&x.dense())),
    }
}

fn naive_estimate(args: &Args<'_, Value>, direction: Direction) -> Outcome<Vec<Value>> {
    check_type(Some(&args.text("type")?))?;
    let x = cells(args.at("X")?)?;
    match direction {
        Direction::All => integer(reference::sketch::count(&x) as usize),
        Direction::Rows => one(reference::sketch::count_rows(&x)),
        Direction::Columns => one(reference::sketch::count_cols(&x)),
    }
}

fn infer_meet(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let ((rows, cols), (r, c)) = (args.dims("A")?, args.dims("B")?);
    if cols.conflicts(c) || (rows.conflicts(r) && r.conflicts(Dim::Known(1))) {
        bail!(Shape, "`rowClassMeet` of a {rows}x{cols} and a {r}x{c} matrix"; hint: "both have the same shape, or the second is one row");
    }
    Ok(vec![Facts::matrix(rows, cols.or(c)); 2])
}

fn meet(args: &Args<'_, Value>, meet: fn(&Dense, &Dense) -> classes::Meet) -> Outcome<Vec<Value>> {
    let meet = meet(&*cells(args.at("A")?)?, &*cells(args.at("B")?)?);
    Ok(vec![Block::Dense(meet.classes).into(), Block::Dense(meet.sizes).into()])
}

fn estimate_scratch(args: &Args<'_, Facts>, direction: Direction) -> Option<Scratch> {
    let x = args.shape("X")?;
    Some(match direction {
        Direction::All => sketch::count_scratch(x.stored.unwrap_or(x.cells())),
        Direction::Rows => x.densified().and(sketch::count_lines_scratch(x.rows, x.cols)),
        Direction::Columns => x.densified().and(sketch::count_lines_scratch(x.cols, x.rows)),
    })
}

fn meet_scratch(args: &Args<'_, Facts>, _: &Facts) -> Option<Scratch> {
    let x = args.shape("A")?;
    Some(densified([args.get("A")?, args.get("B")?])?.and(classes::meet_scratch(x.rows, x.cols)))
}
