//! Sizes, casts and text: functions whose result is a scalar, and `as.matrix`.

use tilewright_base::{Outcome, bail};
use tilewright_frame::convert::to_dense;
use tilewright_matrix::Dense;
use tilewright_value::{Block, List, Scalar, ScalarType, Value};

use crate::context::Context;
use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Literal, Params, Purity, default, no_scratch, required};
use crate::locality::Locality;
use crate::text;

macro_rules! scalar_row {
    ($name:literal, $doc:literal, [$($param:expr),*], $infer:expr, $run:expr) => {
        FunctionRow::pure($name, $doc, Params::Named(&[$($param),*]), $infer, $run, $run).looking(Locality::Partial)
    };
}

/// The name of the cast to a declared type, which scripts cannot write.
pub const DECLARED: &str = "declared type";

/// Sizes, casts and text.
pub static TABLE: &[FunctionRow] = &[
    scalar_row!(
        "nrow",
        "The number of rows.",
        [required("target")],
        |args| size(args, |r, _| r),
        |args, _| count(args, |r, _| r)
    ),
    scalar_row!(
        "ncol",
        "The number of columns.",
        [required("target")],
        |args| size(args, |_, c| c),
        |args, _| count(args, |_, c| c)
    ),
    scalar_row!(
        "length",
        "The number of cells of a matrix or frame, or of elements of a list.",
        [required("target")],
        |args| size(args, Dim::times),
        |args, _| count(args, |r, c| r * c)
    ),
    scalar_row!(
        "as.scalar",
        "The only cell of a 1x1 matrix or frame, or the first element of a list, as a scalar.",
        [required("x")],
        infer_as_scalar,
        as_scalar
    ),
    scalar_row!(
        "as.matrix",
        "A scalar as a 1x1 matrix; a matrix as itself; a frame with its texts read as numbers; the matrix in a list of one, or a list of scalars as a column.",
        [required("x")],
        infer_as_matrix,
        as_matrix
    ),
    scalar_row!(
        "as.double",
        "A scalar as a double; reads numbers from strings.",
        [required("x")],
        |args| cast(args, ScalarType::Double),
        |args, _| one(Scalar::Double(number(args)?))
    ),
    scalar_row!(
        "as.integer",
        "A scalar as an integer, decimals cut off; reads numbers from strings.",
        [required("x")],
        |args| cast(args, ScalarType::Integer),
        as_integer
    ),
    scalar_row!(
        "as.logical",
        "A scalar as a truth value: everything but zero is true.",
        [required("x")],
        |args| cast(args, ScalarType::Boolean),
        |args, _| one(Scalar::Boolean(args.scalar("x")?.as_boolean()?))
    ),
    FunctionRow {
        name: DECLARED,
        doc: "What a parameter or result that is declared as a scalar makes of its value; matrices stay what they are.",
        params: Params::Named(&[required("x"), required("type")]),
        results: &["result"],
        locality: Locality::Partial,
        purity: Purity::Pure,
        infer: infer_declared,
        run: declared,
        scratch: no_scratch,
        flops: None,
        reference: declared,
    },
    scalar_row!(
        "toString",
        "A value as text; a matrix with a fixed number of decimals, one line per row.",
        [
            required("target"),
            default("rows", Literal::Integer(100)),
            default("cols", Literal::Integer(100)),
            default("decimal", Literal::Integer(3)),
            default("sparse", Literal::Boolean(false)),
            default("sep", Literal::Text(" ")),
            default("linesep", Literal::Text("\n"))
        ],
        |_| Ok(vec![Facts::STRING]),
        to_string
    ),
    FunctionRow {
        name: "time",
        doc: "Nanoseconds since the script started.",
        params: Params::Named(&[]),
        results: &["result"],
        locality: Locality::Collect,
        purity: Purity::Impure,
        infer: |_| Ok(vec![Facts::INTEGER]),
        run: |_, context| one(Scalar::Integer(context.started.elapsed().as_nanos() as i64)),
        scratch: no_scratch,
        flops: None,
        reference: |_, context| one(Scalar::Integer(context.started.elapsed().as_nanos() as i64)),
    },
];

fn one(scalar: Scalar) -> Outcome<Vec<Value>> {
    Ok(vec![scalar.into()])
}

fn size(args: &Args<'_, Facts>, pick: fn(Dim, Dim) -> Dim) -> Outcome<Vec<Facts>> {
    let target = args.at("target")?;
    let (rows, cols) = match target.kind {
        // A list is a column of its elements.
        Kind::List => {
            let len = target.elements.as_ref().map_or(Dim::Unknown, |list| Dim::Known(list.len() as u64));
            (len, Dim::Known(1))
        }
        Kind::Frame { .. } => target.dims(),
        _ => args.dims("target")?,
    };
    Ok(vec![Facts::integer(pick(rows, cols).linear())])
}

fn count(args: &Args<'_, Value>, pick: fn(usize, usize) -> usize) -> Outcome<Vec<Value>> {
    let (rows, cols) = match args.at("target")? {
        Value::List(list) => (list.len(), 1),
        Value::Frame(frame) => (frame.rows(), frame.cols()),
        other => (other.as_matrix()?.rows(), other.as_matrix()?.cols()),
    };
    one(Scalar::Integer(pick(rows, cols) as i64))
}

fn infer_as_scalar(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let x = args.at("x")?;
    let x = only(x);
    if x.kind != Kind::List {
        x.expect_scalar("the argument of `as.scalar`")?;
    }
    Ok(vec![match x.kind {
        Kind::Scalar(_) => x.clone(),
        Kind::Matrix { .. } => Facts::DOUBLE,
        Kind::Unknown | Kind::List | Kind::Frame { .. } => Facts::SCALAR,
    }])
}

/// The only element of a list, as far as it is known; everything else is itself.
fn only(x: &Facts) -> &Facts {
    match x.elements.as_deref() {
        Some([element]) => &element.facts,
        _ => x,
    }
}

fn as_scalar(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    match args.at("x")? {
        Value::List(list) => match list.get(0) {
            Some(value) => one(value.as_scalar()?),
            None => bail!(Type, "`as.scalar` of an empty list"; hint: "test `length(L) > 0` first"),
        },
        value => one(value.as_scalar()?),
    }
}

fn infer_as_matrix(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let x = args.at("x")?;
    let (x, list) = (only(x), x);
    Ok(vec![match x.kind {
        Kind::Scalar(Some(ScalarType::String)) => bail!(Type, "{} cannot become a matrix", x.describe()),
        Kind::List => match &list.elements {
            Some(elements) if elements.iter().all(|element| element.facts.is_scalar()) => {
                Facts::shaped(elements.len() as u64, 1)
            }
            _ => Facts::matrix(Dim::Unknown, Dim::Unknown),
        },
        Kind::Scalar(_) => Facts::shaped(1, 1),
        Kind::Matrix { .. } => x.clone(),
        Kind::Frame { rows, cols } => Facts::matrix(rows, cols),
        Kind::Unknown => Facts::matrix(Dim::Unknown, Dim::Unknown),
    }])
}

fn as_matrix(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    Ok(vec![match args.at("x")? {
        Value::Scalar(scalar) => one_cell(scalar.as_double()?),
        Value::List(list) => match (list.len(), list.get(0)) {
            (1, Some(Value::Matrix(matrix))) => Value::Matrix(matrix.clone()),
            (1, Some(Value::Frame(frame))) => Block::Dense(to_dense(frame)?).compact().into(),
            _ => column(list)?,
        },
        Value::Frame(frame) => Block::Dense(to_dense(frame)?).compact().into(),
        other => Value::Matrix(other.as_matrix()?.clone()),
    }])
}

/// A number as a 1x1 matrix.
pub fn one_cell(value: f64) -> Value {
    Block::Dense(Dense::filled(1, 1, value)).into()
}

/// A list of scalars as a column.
fn column(list: &List) -> Outcome<Value> {
    let cells = list.values().map(|value| value.as_scalar()?.as_double()).collect::<Outcome<Vec<_>>>()?;
    Ok(Block::Dense(Dense::from_cells(cells.len(), 1, &cells)).into())
}

fn cast(args: &Args<'_, Facts>, to: ScalarType) -> Outcome<Vec<Facts>> {
    args.scalar("x")?;
    Ok(vec![Facts::scalar(to)])
}

fn infer_declared(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (x, to) = (args.at("x")?, args.text("type").and_then(ScalarType::from_name));
    Ok(vec![match (x.kind, to) {
        (Kind::Scalar(from), Some(to)) if from == Some(to) => x.clone(),
        (Kind::Scalar(Some(ScalarType::String)), Some(_)) => x.clone(),
        (Kind::Scalar(None), Some(to)) if to != ScalarType::String => Facts::SCALAR,
        (Kind::Scalar(_), Some(to)) => Facts::scalar(to),
        (Kind::Matrix { rows, cols }, Some(to)) if rows.is(1) && cols.is(1) => Facts::scalar(to),
        (Kind::Matrix { rows, cols }, Some(_)) if rows.may_be(1) && cols.may_be(1) => Facts::UNKNOWN,
        (Kind::Unknown, Some(_)) => Facts::UNKNOWN,
        _ => x.clone(),
    }])
}

fn declared(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let value = args.at("x")?;
    let to = ScalarType::from_name(&args.text("type")?);
    let (Some(to), Ok(scalar)) = (to, value.as_scalar()) else { return Ok(vec![value.clone()]) };
    one(match to {
        to if scalar.kind() == to => scalar,
        ScalarType::String => Scalar::string(scalar.to_string()),
        // A text stays one: what is done with it says whether it is a number.
        _ if scalar.kind() == ScalarType::String => scalar,
        ScalarType::Double => Scalar::Double(scalar.as_double()?),
        ScalarType::Boolean => Scalar::Boolean(scalar.as_boolean()?),
        ScalarType::Integer => truncated(scalar.as_double()?)?,
    })
}

fn number(args: &Args<'_, Value>) -> Outcome<f64> {
    match args.scalar("x")? {
        Scalar::String(text) => match text.trim().parse() {
            Ok(number) => Ok(number),
            Err(_) => bail!(Value, "\"{text}\" is not a number"),
        },
        other => other.as_double(),
    }
}

fn as_integer(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    if let Scalar::Integer(value) = args.scalar("x")? {
        return one(Scalar::Integer(value));
    }
    one(truncated(number(args)?)?)
}

/// The integer without the decimals.
fn truncated(value: f64) -> Outcome<Scalar> {
    if !value.is_finite() || value.abs() >= 9.3e18 {
        bail!(Value, "{} does not fit a 64-bit integer", Scalar::Double(value));
    }
    Ok(Scalar::Integer(value.trunc() as i64))
}

fn to_string(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let format = text::Format {
        rows: args.size("rows")?,
        cols: args.size("cols")?,
        decimal: args.size("decimal")?,
        triples: args.boolean("sparse")?,
        separator: args.text("sep")?,
        line_end: args.text("linesep")?,
    };
    one(Scalar::string(text::print(args.at("target")?, &format)))
}
