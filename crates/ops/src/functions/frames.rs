//! Frames: making them, what their columns are, and how they are bound. Indexing of frames is in [`crate::index`].

use tilewright_base::{Outcome, bail};
use tilewright_frame::{Cell, ColumnType, Frame, convert};
use tilewright_matrix::Dense;
use tilewright_matrix::select::Margin;
use tilewright_value::list::Entry;
use tilewright_value::{Block, List, Scalar, Value};

use crate::context::Context;
use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Params, Purity, Run, no_scratch, optional, required};
use crate::locality::Locality;

const fn row(
    name: &'static str,
    doc: &'static str,
    params: Params,
    infer: fn(&Args<'_, Facts>) -> Outcome<Vec<Facts>>,
    run: Run,
) -> FunctionRow {
    let (locality, purity) = (Locality::Collect, Purity::Pure);
    let (results, scratch) = (&["result"], no_scratch);
    FunctionRow {
        name,
        doc,
        params,
        results,
        locality,
        purity,
        infer,
        run,
        scratch,
        flops: None,
        reference: run,
    }
}

/// Frames.
pub static TABLE: &[FunctionRow] = &[
    row(
        "as.frame",
        "A matrix, a scalar or a list of columns as a frame; each column of a matrix gets the first type that holds it: BOOLEAN, INT32, INT64, FP32, FP64.",
        Params::Named(&[required("x"), optional("names")]),
        infer_as_frame,
        as_frame,
    ),
    row(
        "frame",
        "A frame of one value, of a value for each column, or of all cells row by row; its columns are of the types in `schema`, else STRING.",
        Params::Named(&[required("data"), required("rows"), required("cols"), optional("schema")]),
        infer_frame,
        frame,
    ),
    row(
        "typeof",
        "The types of the columns of a frame, as a frame of one row.",
        Params::Named(&[required("target")]),
        infer_row,
        |args, _| {
            let schema = frame_of(args, "target")?.schema();
            line(schema.iter().map(|kind| kind.name().to_string()).collect())
        },
    ),
    row(
        "colnames",
        "The names of the columns of a frame, as a frame of one row. `colnames(F) = names` gives it others.",
        Params::Named(&[required("target")]),
        infer_row,
        |args, _| line(frame_of(args, "target")?.names().to_vec()),
    ),
];

fn infer_as_frame(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let x = args.at("x")?;
    let (rows, cols) = match (x.kind, &x.elements) {
        (Kind::List, Some(elements)) => {
            let dims = elements.iter().map(|element| element.facts.dims());
            dims.fold((Dim::Unknown, Dim::Known(0)), |(rows, cols), (r, c)| (rows.or(r), cols.plus(c)))
        }
        _ => x.dims(),
    };
    if let Some(names) = args.get("names")
        && let (Some(given), Some(cols)) = (count(names), cols.known())
        && given != cols
    {
        bail!(Shape, "{given} names for {cols} columns");
    }
    Ok(vec![Facts::frame(rows, cols)])
}

/// How many texts a value holds.
fn count(facts: &Facts) -> Option<u64> {
    let (rows, cols) = facts.dims();
    facts.elements.as_ref().map_or_else(|| rows.times(cols).known(), |elements| Some(elements.len() as u64))
}

fn as_frame(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let frame = match args.at("x")? {
        Value::List(list) => {
            let parts = list.iter().map(|(name, value)| column(name, value)).collect::<Outcome<Vec<_>>>()?;
            tilewright_frame::bind::cbind(&parts.iter().collect::<Vec<_>>())?
        }
        other => framed(other)?,
    };
    let frame = match args.get("names") {
        Some(names) => frame.named(texts(names)?)?,
        None => frame,
    };
    Ok(vec![frame.into()])
}

/// An element of a list as a part of a frame, under the name of the element if it is one column.
fn column(name: Option<&str>, value: &Value) -> Outcome<Frame> {
    let frame = framed(value)?;
    match name {
        Some(name) if frame.cols() == 1 => frame.named(vec![name.into()]),
        _ => Ok(frame),
    }
}

/// A scalar or matrix as a frame.
fn framed(value: &Value) -> Outcome<Frame> {
    Ok(match value {
        Value::Frame(frame) => frame.clone(),
        Value::Matrix(matrix) => convert::from_dense(&matrix.pin().dense()),
        Value::Scalar(scalar) => {
            let kind = match scalar {
                Scalar::Boolean(_) => ColumnType::Boolean,
                Scalar::Integer(_) => ColumnType::Int64,
                Scalar::Double(_) => ColumnType::Fp64,
                Scalar::String(_) => ColumnType::String,
            };
            Frame::filled(&scalar.to_cell(), 1, &[kind])?
        }
        Value::List(_) => bail!(Type, "a list inside of a list cannot become a column"),
    })
}

fn infer_frame(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = (args.dim("rows")?, args.dim("cols")?);
    if let (Some(given), Some(cells)) = (count(args.at("data")?), rows.times(cols).known())
        && given != 1
        && given != cells
        && !cols.is(given)
    {
        return wrong_count(given, &rows, &cols);
    }
    Ok(vec![Facts::frame(rows, cols)])
}

fn wrong_count<T, D: std::fmt::Display>(given: u64, rows: &D, cols: &D) -> Outcome<T> {
    bail!(Shape, "{given} values for a {rows}x{cols} frame"; hint: "give one value, one for each column, or one for each cell, row by row")
}

fn frame(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let (rows, cols) = (args.size("rows")?, args.size("cols")?);
    let schema = match args.get("schema") {
        Some(_) => schema_of(args, cols)?,
        None => vec![ColumnType::String; cols],
    };
    let given = cells(args.at("data")?)?;
    let frame = match given.len() {
        1 => Frame::filled(&given[0], rows, &schema)?,
        _ if rows * cols == 0 => Frame::filled(&Cell::Missing, rows, &schema)?,
        n if n == rows * cols => Frame::from_cells(&given, &schema)?,
        n if n == cols => Frame::from_cells(&vec![given; rows].concat(), &schema)?,
        n => return wrong_count(n as u64, &rows, &cols),
    };
    Ok(vec![frame.into()])
}

/// The argument `schema`: one type for all columns, or one for each.
pub(super) fn schema_of(args: &Args<'_, Value>, cols: usize) -> Outcome<Vec<ColumnType>> {
    let schema: Vec<ColumnType> = match args.at("schema")? {
        Value::Scalar(Scalar::String(text)) => ColumnType::schema(text)?,
        other => texts(other)?.iter().map(|name| ColumnType::from_name(name)).collect::<Outcome<_>>()?,
    };
    match schema[..] {
        [only] => Ok(vec![only; cols]),
        _ if schema.len() == cols => Ok(schema),
        _ => bail!(Shape, "`schema` of `{}` has {} types for {cols} columns", args.function(), schema.len()),
    }
}

/// All cells of a value, row by row.
fn cells(value: &Value) -> Outcome<Vec<Cell>> {
    if let Value::List(list) = value {
        return list.values().map(|value| Ok(value.as_scalar()?.to_cell())).collect();
    }
    let frame = framed(value)?;
    let row = |i| (0..frame.cols()).map(move |j| (i, j));
    Ok((0..frame.rows()).flat_map(row).map(|(i, j)| frame.cell(i, j)).collect())
}

/// The texts in a list or a frame, or a text alone.
fn texts(value: &Value) -> Outcome<Vec<String>> {
    Ok(cells(value)?.iter().map(|cell| cell.text().unwrap_or_default()).collect())
}

fn infer_row(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let target = args.at("target")?;
    if !matches!(target.kind, Kind::Frame { .. } | Kind::Unknown) {
        bail!(Type, "`{}` needs a frame, found {}", args.function(), target.describe(); hint: "`as.frame(X)` makes a frame");
    }
    Ok(vec![Facts::frame(Dim::Known(1), target.dims().1)])
}

/// Texts as a frame of one row.
pub(super) fn line(texts: Vec<String>) -> Outcome<Vec<Value>> {
    let column = |text: String| tilewright_frame::Column::from_texts(std::iter::once(Some(text.as_str())));
    Ok(vec![Frame::new(1, texts.into_iter().map(column).collect())?.into()])
}

/// An argument that must be a frame.
pub(super) fn frame_of<'a>(args: &Args<'a, Value>, name: &str) -> Outcome<&'a Frame> {
    match args.at(name)? {
        Value::Frame(frame) => Ok(frame),
        other => bail!(Type, "`{name}` of `{}` must be a frame, found {}", args.function(), other.describe()),
    }
}

/// Rows and columns of an argument that must be a frame.
pub(super) fn frame_dims(args: &Args<'_, Facts>, name: &str) -> Outcome<(Dim, Dim)> {
    let facts = args.at(name)?;
    if !matches!(facts.kind, Kind::Frame { .. } | Kind::Unknown) {
        bail!(Type, "`{name}` of `{}` must be a frame, found {}", args.function(), facts.describe(); hint: "`as.frame(X)` makes a frame")
    }
    Ok(facts.dims())
}

/// The columns of a frame as a list of frames under their names.
pub fn columns(frame: &Frame) -> List {
    let entry = |j: usize| Entry {
        name: Some(frame.names()[j].as_str().into()),
        value: frame.take_cols(&[j]).into(),
    };
    List::new((0..frame.cols()).map(entry).collect())
}

/// Puts frames together.
pub type Bind = fn(&[&Frame]) -> Outcome<Frame>;

/// The arguments of `cbind` or `rbind` put together if one of them is a frame (matrices and scalars among them become
/// frames), else what `otherwise` gives.
///
/// # Errors
/// When their sizes do not fit.
pub fn bound_or(
    args: &Args<'_, Value>,
    bind: Bind,
    otherwise: impl FnOnce() -> Outcome<Vec<Value>>,
) -> Outcome<Vec<Value>> {
    let is_append = matches!(args.all(), [Value::List(_), _]);
    let all: Vec<&Value> = match args.all() {
        [Value::List(list)] => list.values().collect(),
        all => all.iter().collect(),
    };
    if is_append || !all.iter().any(|value| matches!(value, Value::Frame(_))) {
        return otherwise();
    }
    let frames = all.into_iter().map(framed).collect::<Outcome<Vec<_>>>()?;
    Ok(vec![bind(&frames.iter().collect::<Vec<_>>())?.into()])
}

/// `removeEmpty` of a frame: without the rows (or columns) whose cells are all missing, or that are not selected.
///
/// # Errors
/// When the selection has another size.
pub fn remove_empty(args: &Args<'_, Value>, frame: &Frame, margin: Margin) -> Outcome<Vec<Value>> {
    let (count, across) = match margin {
        Margin::Rows => (frame.rows(), frame.cols()),
        Margin::Cols => (frame.cols(), frame.rows()),
    };
    let is_missing = |line: usize, at: usize| match margin {
        Margin::Rows => frame.columns()[at].is_missing(line),
        Margin::Cols => frame.columns()[line].is_missing(at),
    };
    let kept: Vec<usize> = match args.get("select") {
        None => (0..count).filter(|&line| !(0..across).all(|at| is_missing(line, at))).collect(),
        Some(_) => {
            let select = args.block("select")?.dense().into_owned();
            if select.cells().len() != count {
                bail!(
                    Shape,
                    "`select` of `removeEmpty` has {} cells for {count} rows or columns",
                    select.cells().len()
                );
            }
            (0..count).filter(|&line| select.cells()[line] != 0.0).collect()
        }
    };
    let nothing_left = kept.is_empty() && args.boolean("empty.return")?;
    let part = match margin {
        // As of a matrix, a line without values.
        Margin::Rows if nothing_left => {
            Frame::filled(&Cell::Missing, 1, &frame.schema())?.named(frame.names().to_vec())?
        }
        Margin::Cols if nothing_left => Frame::filled(&Cell::Missing, frame.rows(), &[ColumnType::String])?,
        Margin::Rows => frame.take_rows(&kept),
        Margin::Cols => frame.take_cols(&kept),
    };
    Ok(vec![part.into()])
}

/// `replace` of a frame.
///
/// # Errors
/// When a column cannot hold the replacement.
pub fn replaced(args: &Args<'_, Value>, frame: &Frame) -> Outcome<Vec<Value>> {
    let (pattern, replacement) = (args.scalar("pattern")?.to_cell(), args.scalar("replacement")?.to_cell());
    Ok(vec![tilewright_frame::replace::replace(frame, &pattern, &replacement)?.into()])
}

/// `order` of a frame: its rows sorted by columns that are given by number or name, or the positions they came from.
///
/// # Errors
/// When there is no such column.
pub fn sorted(args: &Args<'_, Value>, frame: &Frame, order: Order) -> Outcome<Vec<Value>> {
    let by = cells(args.at("by")?)?.iter().map(|cell| key(frame, cell)).collect::<Outcome<Vec<_>>>()?;
    let rows = order(frame, &by, args.boolean("decreasing")?);
    if args.boolean("index.return")? {
        let positions = Dense::from_fn(rows.len(), 1, |i, _| (rows[i] + 1) as f64);
        return Ok(vec![Value::from(Block::Dense(positions))]);
    }
    Ok(vec![frame.take_rows(&rows).into()])
}

/// The 0-based positions of sorted rows.
pub type Order = fn(&Frame, &[usize], bool) -> Vec<usize>;

fn key(frame: &Frame, cell: &Cell) -> Outcome<usize> {
    if let Cell::Text(name) = cell {
        return frame.position(name);
    }
    match cell.number() {
        Some(column) if column >= 1.0 && column < frame.cols() as f64 + 1.0 => Ok(column as usize - 1),
        _ => bail!(Index, "`by` of `order` is column {cell} of a frame with {} columns", frame.cols()),
    }
}
