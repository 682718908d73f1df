//! Cleaning of frames: types of cells, values of wrong type or length, expressions on cells.

use tilewright_base::number::count;
use tilewright_base::{Outcome, bail, fault};
use tilewright_frame::lambda::{Lambda, Margin};
use tilewright_frame::schema::{self, Dropped};
use tilewright_frame::{Frame, assign, reference, swap};
use tilewright_value::{Scalar, Value};

use super::frames::{frame_dims, frame_of, line, schema_of};
use crate::context::Context;
use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Literal, Params, Run, default, required};

const SCHEMA: Params = Params::Named(&[required("target"), required("schema")]);

/// Cleaning of frames.
pub static TABLE: &[FunctionRow] = &[
    row(
        "detectSchema",
        "The first type that holds all values of each column as they are (BOOLEAN, INT32, INT64, FP32, FP64, STRING), as a frame of one row.",
        Params::Named(&[required("target")]),
        |args| Ok(vec![Facts::frame(Dim::Known(1), frame_dims(args, "target")?.1)]),
        |args, _| names(schema::detect(frame_of(args, "target")?)),
        |args, _| names(reference::detect(frame_of(args, "target")?)),
    ),
    row(
        "applySchema",
        "The frame with columns of the types in `schema`: a frame of one row, a list, or one type for all columns.",
        SCHEMA,
        infer_with_schema,
        |args, _| {
            let frame = frame_of(args, "target")?;
            Ok(vec![schema::apply(frame, &schema_of(args, frame.cols())?)?.into()])
        },
        |args, _| {
            let frame = frame_of(args, "target")?;
            Ok(vec![reference::apply_schema(frame, &schema_of(args, frame.cols())?)?.into()])
        },
    ),
    row(
        "dropInvalidType",
        "The frame without the values that are none of the types in `schema`: such cells are missing, and a warning counts them. Columns keep their types.",
        SCHEMA,
        infer_with_schema,
        |args, context| {
            let frame = frame_of(args, "target")?;
            let kept = schema::drop_invalid_type(frame, &schema_of(args, frame.cols())?)?;
            Ok(vec![told(args, context, frame, kept, "is of another type").into()])
        },
        |args, _| {
            let frame = frame_of(args, "target")?;
            Ok(vec![reference::drop_invalid_type(frame, &schema_of(args, frame.cols())?).into()])
        },
    ),
    row(
        "dropInvalidLength",
        "The frame without the values that have more characters than `length`, a row with one number for each column (-1: any length): such cells are missing, and a warning counts them.",
        Params::Named(&[required("target"), required("length")]),
        |args| {
            let (rows, cols) = frame_dims(args, "target")?;
            let (height, width) = args.dims("length")?;
            if height.conflicts(Dim::Known(1)) || width.conflicts(cols) {
                bail!(Shape, "`length` of `dropInvalidLength` must be 1x{cols}, found {height}x{width}");
            }
            Ok(vec![Facts::frame(rows, cols)])
        },
        |args, context| {
            let frame = frame_of(args, "target")?;
            let kept = schema::drop_invalid_length(frame, &lengths(args, frame)?)?;
            Ok(vec![told(args, context, frame, kept, "is too long").into()])
        },
        |args, _| {
            let frame = frame_of(args, "target")?;
            Ok(vec![reference::drop_invalid_length(frame, &lengths(args, frame)?).into()])
        },
    ),
    row(
        "valueSwap",
        "The frame with values changed back that stand in each other's columns: of a row, two values of which each looks like the type of the other's column in `schema` and not like its own.",
        SCHEMA,
        infer_with_schema,
        swapped,
        swapped,
    ),
    row(
        "freplicate",
        "A frame with as many rows as `target`, all of them the one row of `row`.",
        Params::Named(&[required("target"), required("row")]),
        |args| {
            let (rows, cols) = frame_dims(args, "target")?;
            let (height, width) = frame_dims(args, "row")?;
            if height.conflicts(Dim::Known(1)) || width.conflicts(cols) {
                bail!(Shape, "`row` of `freplicate` must be 1x{cols}, found {height}x{width}");
            }
            Ok(vec![Facts::frame(rows, cols)])
        },
        |args, _| {
            let (frame, row) = replicated(args)?;
            let all: Vec<usize> = (0..frame.rows()).collect();
            let cols: Vec<usize> = (0..frame.cols()).collect();
            Ok(vec![assign::assign(frame.clone(), &all, &cols, assign::Assigned::Frame(row))?.into()])
        },
        |args, _| {
            let (frame, row) = replicated(args)?;
            let all: Vec<usize> = (0..frame.rows()).collect();
            let cols: Vec<usize> = (0..frame.cols()).collect();
            Ok(vec![reference::assign(frame, &all, &cols, assign::Assigned::Frame(row))?.into()])
        },
    ),
    row(
        "map",
        "The texts that an expression such as \"x -> x.trim().toLowerCase()\" gives for each cell (`margin` 0), for the array of each row (1) or column (2); one of two parameters compares each two cells of a column.",
        Params::Named(&[required("target"), required("expression"), default("margin", Literal::Integer(0))]),
        infer_map,
        |args, _| Ok(vec![lambda(args)?.map(frame_of(args, "target")?)?.into()]),
        |args, _| Ok(vec![lambda(args)?.map_in_order(frame_of(args, "target")?)?.into()]),
    ),
];

const fn row(
    name: &'static str,
    doc: &'static str,
    params: Params,
    infer: fn(&Args<'_, Facts>) -> Outcome<Vec<Facts>>,
    run: Run,
    reference: Run,
) -> FunctionRow {
    // Frames tell no bytes before they are there.
    FunctionRow::pure(name, doc, params, infer, run, reference).with_scratch(|_, _| None)
}

fn names(schema: Vec<tilewright_frame::ColumnType>) -> Outcome<Vec<Value>> {
    line(schema.iter().map(|kind| kind.name().to_string()).collect())
}

/// `target` with a schema of as many types.
fn infer_with_schema(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = frame_dims(args, "target")?;
    let schema = args.at("schema")?;
    if matches!(schema.kind, Kind::Matrix { .. }) {
        bail!(Type, "`schema` of `{}` must be names of types, found {}", args.function(), schema.describe(); hint: "`detectSchema(F)`, [\"STRING\", \"INT32\"], or \"STRING\" for all columns")
    }
    if let Kind::Frame { cols: types, .. } = schema.kind
        && types.conflicts(cols)
        && !types.may_be(1)
    {
        bail!(Shape, "`schema` of `{}` has {types} types for {cols} columns", args.function());
    }
    Ok(vec![Facts::frame(rows, cols)])
}

/// The frame, and a warning when values were dropped.
fn told(
    args: &Args<'_, Value>,
    context: &mut Context,
    before: &Frame,
    (frame, dropped): (Frame, Dropped),
    why: &str,
) -> Frame {
    if let Some((i, j)) = dropped.first {
        let (values, name) = (count(dropped.count, "value"), &before.names()[j]);
        let cell = before.cell(i, j);
        let first = if dropped.count == 1 { "row" } else { "the first one, row" };
        context.warnings.push(fault!(
            Value,
            "`{}` makes {values} missing: {first} {} of column {} (\"{name}\"), {cell}, {why}",
            args.function(),
            i + 1,
            j + 1
        ));
    }
    frame
}

fn lengths(args: &Args<'_, Value>, frame: &Frame) -> Outcome<Vec<f64>> {
    let length = args.block("length")?.dense().into_owned();
    if length.rows() != 1 || length.cols() != frame.cols() {
        let (rows, cols) = (length.rows(), length.cols());
        bail!(Shape, "`length` of `dropInvalidLength` must be 1x{}, found {rows}x{cols}", frame.cols());
    }
    Ok(length.cells().to_vec())
}

fn swapped(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let frame = frame_of(args, "target")?;
    let schema = schema_of(args, frame.cols())?;
    Ok(vec![swap::swap(frame, &schema).into()])
}

fn replicated<'a>(args: &Args<'a, Value>) -> Outcome<(&'a Frame, &'a Frame)> {
    let (frame, row) = (frame_of(args, "target")?, frame_of(args, "row")?);
    if row.rows() != 1 || row.cols() != frame.cols() {
        let (rows, cols) = (row.rows(), row.cols());
        bail!(Shape, "`row` of `freplicate` must be 1x{}, found {rows}x{cols}", frame.cols());
    }
    Ok((frame, row))
}

fn margin(of: &Scalar) -> Outcome<Margin> {
    match of.as_integer()? {
        0 => Ok(Margin::Cells),
        1 => Ok(Margin::Rows),
        2 => Ok(Margin::Cols),
        other => bail!(Value, "`margin` of `map` is {other}; it must be 0 (cells), 1 (rows) or 2 (columns)"),
    }
}

fn infer_map(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = frame_dims(args, "target")?;
    args.scalar("expression")?;
    args.scalar("margin")?;
    let margin = args.constant("margin").map(margin).transpose()?;
    let (Some(text), Some(margin)) = (args.text("expression"), margin) else {
        return Ok(vec![Facts::frame(rows, Dim::Unknown)]);
    };
    let is_pairwise = Lambda::parse(text, margin)?.is_pairwise();
    Ok(vec![Facts::frame(rows, if is_pairwise { rows } else { cols })])
}

fn lambda(args: &Args<'_, Value>) -> Outcome<Lambda> {
    Lambda::parse(&args.text("expression")?, margin(&args.scalar("margin")?)?)
}
