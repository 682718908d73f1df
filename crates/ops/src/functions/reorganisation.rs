//! Cells in another order or place: transposes, binding, sorting, selection, contingency tables.

mod scratch;

use tilewright_base::{Outcome, bail, fault};
use tilewright_frame as frame;
use tilewright_frame::sort;
use tilewright_matrix::order::Direction;
use tilewright_matrix::replace::{Diagonal, Part, Values};
use tilewright_matrix::select::{EmptyReturn, Margin};
use tilewright_matrix::table::Weights;
use tilewright_matrix::{
    Dense, bind, broadcast, order, panel, reference, reorg, replace, select, table, transpose,
};
use tilewright_value::{Block, Scalar, ScalarType, Value};

use crate::binary;
use crate::facts::{Dim, Facts, Kind, Nnz};
use crate::function::{Args, FunctionRow, Literal, Params, default, no_scratch, optional, required};
use crate::functions::{frames, lists};
use crate::locality::Locality;
use crate::operand::{Cells, Operand, as_block};
use crate::text;

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $locality:ident, $infer:expr, $run:expr, $reference:expr, $scratch:expr) => {
        FunctionRow::pure($name, $doc, $params, $infer, $run, $reference)
            .looking(Locality::$locality)
            .with_scratch($scratch)
    };
}

const TARGET: Params = Params::Named(&[required("target")]);
const BOTH_TRIANGLE: Params = Params::Named(&[
    required("target"),
    default("diag", Literal::Boolean(false)),
    default("values", Literal::Boolean(false)),
]);

/// Cells in another order or place.
pub static TABLE: &[FunctionRow] = &[
    row!(
        "t",
        "The transpose.",
        TARGET,
        Collect,
        infer_t,
        |args, _| one(by_format(&*args.block("target")?, transpose::dense, transpose::sparse)),
        |args, _| one(reference::reorg::transpose(&args.block("target")?.dense())),
        scratch::t
    ),
    row!(
        "rev",
        "The rows in reverse order.",
        TARGET,
        Collect,
        same_shape,
        |args, _| one(by_format(&*args.block("target")?, reorg::rev_dense, reorg::rev_sparse)),
        |args, _| one(reference::reorg::rev(&args.block("target")?.dense())),
        no_scratch
    ),
    row!(
        "roll",
        "The rows moved down by `shift`, the last ones to the top.",
        Params::Named(&[required("target"), required("shift")]),
        Collect,
        same_shape,
        |args, _| {
            let k = args.integer("shift")?;
            one(by_format(&*args.block("target")?, |x| reorg::roll_dense(x, k), |x| reorg::roll_sparse(x, k)))
        },
        |args, _| one(reference::reorg::roll(&args.block("target")?.dense(), args.integer("shift")?)),
        scratch::roll
    ),
    row!(
        "diag",
        "A column as a diagonal matrix, or the diagonal of a square matrix as a column.",
        TARGET,
        Collect,
        infer_diag,
        |args, _| {
            check_diag(&*args.block("target")?)?;
            Ok(vec![diag(&*args.block("target")?).into()])
        },
        |args, _| {
            check_diag(&*args.block("target")?)?;
            one(naive_diag(&args.block("target")?.dense()))
        },
        scratch::diag
    ),
    row!(
        "cbind",
        "Matrices (or scalars) side by side, or frames.",
        Params::Many("X"),
        RowLocal,
        |args| bound(args, "cbind", |(r, c)| (r, c), |r, c| (r, c)),
        |args, _| frames::bound_or(args, frame::bind::cbind, || {
            bind_blocks(args, "cbind", bind::cbind_dense, bind::cbind_sparse)
        }),
        |args, _| frames::bound_or(args, frame::reference::cbind, || {
            bind_reference(args, "cbind", reference::reorg::cbind)
        }),
        scratch::bind
    ),
    row!(
        "rbind",
        "Matrices (or scalars) one below the other, or frames: a column gets the type that holds the cells of all.",
        Params::Many("X"),
        Collect,
        |args| bound(args, "rbind", |(r, c)| (c, r), |c, r| (r, c)),
        |args, _| frames::bound_or(args, frame::bind::rbind, || {
            bind_blocks(args, "rbind", bind::rbind_dense, bind::rbind_sparse)
        }),
        |args, _| frames::bound_or(args, frame::reference::rbind, || {
            bind_reference(args, "rbind", reference::reorg::rbind)
        }),
        scratch::bind
    ),
    row!(
        "order",
        "Rows sorted by one or more columns (of a frame: also by name), stable; a missing value counts as the largest; or the positions they came from.",
        Params::Named(&[
            required("target"),
            default("by", Literal::Integer(1)),
            default("decreasing", Literal::Boolean(false)),
            default("index.return", Literal::Boolean(false))
        ]),
        Collect,
        infer_order,
        |args, _| sorted(args),
        |args, _| sorted_reference(args),
        scratch::order
    ),
    row!(
        "removeEmpty",
        "Without the rows (or columns) that are zero everywhere (in a frame: missing), or for which `select` is zero.",
        Params::Named(&[
            required("target"),
            required("margin"),
            optional("select"),
            default("empty.return", Literal::Boolean(true))
        ]),
        Collect,
        infer_remove_empty,
        |args, _| remove_empty(args, |x, margin, keep, empty| by_format(
            x,
            |x| select::remove_empty_dense(x, margin, keep, empty),
            |x| select::remove_empty_sparse(x, margin, keep, empty)
        )),
        |args, _| remove_empty(args, |x, margin, keep, empty| Block::Dense(reference::reorg::remove_empty(
            &x.dense(),
            margin,
            keep,
            empty
        ))),
        scratch::remove_empty
    ),
    row!(
        "replace",
        "Cells equal to `pattern` become `replacement`; NaN matches NaN, in a frame all cells without a value.",
        Params::Named(&[required("target"), required("pattern"), required("replacement")]),
        Elementwise,
        infer_replace,
        |args, _| {
            if let Value::Frame(frame) = args.at("target")? {
                return frames::replaced(args, frame);
            }
            let (p, r) = (args.double("pattern")?, args.double("replacement")?);
            Ok(vec![replaced(&*args.block("target")?, p, r).into()])
        },
        |args, _| {
            if let Value::Frame(frame) = args.at("target")? {
                return frames::replaced(args, frame);
            }
            let (p, r) = (args.double("pattern")?, args.double("replacement")?);
            one(reference::reorg::replace(&args.block("target")?.dense(), p, r))
        },
        scratch::replace
    ),
    row!(
        "lower.tri",
        "The lower triangle: ones (or the cells with `values`), with or without the diagonal.",
        BOTH_TRIANGLE,
        Collect,
        same_square,
        |args, _| triangle(args, Part::Lower),
        |args, _| reference_triangle(args, Part::Lower),
        scratch::triangle
    ),
    row!(
        "upper.tri",
        "The upper triangle: ones (or the cells with `values`), with or without the diagonal.",
        BOTH_TRIANGLE,
        Collect,
        same_square,
        |args, _| triangle(args, Part::Upper),
        |args, _| reference_triangle(args, Part::Upper),
        scratch::triangle
    ),
    row!(
        "table",
        "How often each pair of codes occurs: cell (i, j) sums the weights of rows where A is i and B is j.",
        Params::Named(&[
            required("A"),
            required("B"),
            optional("W"),
            optional("odim1"),
            optional("odim2"),
            optional("outputEmptyBlocks")
        ]),
        Partial,
        infer_table,
        |args, _| tabulate(args, |a, b, w, dims| Ok(Block::Sparse(table::table(a, b, w, dims)?).compact())),
        |args, _| tabulate(args, |a, b, w, dims| Ok(Block::Dense(reference::reorg::table(a, b, w, dims)?))),
        scratch::tabulate
    ),
    row!(
        "rexpand",
        "One-hot codes: row i of the result, which has `max` columns (as many as the largest code without it), has a one in the column that row i of `target` says, or nothing where that is missing or beyond.",
        Params::Named(&[required("target"), optional("max")]),
        RowLocal,
        infer_rexpand,
        |args, _| expanded(args, |codes, max| Ok(Block::Sparse(table::table_expand(codes, max)?).compact())),
        |args, _| expanded(args, |codes, max| {
            let rows: Vec<f64> = (1..=codes.len()).map(|row| row as f64).collect();
            let dims = max.map(|max| (codes.len(), max));
            Ok(reference::reorg::table(&rows, codes, Weights::Ones, dims)?.into())
        }),
        scratch::rexpand
    ),
    row!(
        "outer",
        "Every pair of a column and a row vector, combined by an operator: `outer(u, t(v), \"*\")`.",
        Params::Named(&[required("u"), required("v"), required("op")]),
        Broadcast,
        infer_outer,
        |args, _| outer(args, |op, u, v| {
            let loops = if op.is_absorbing() { &panel::ABSORBING } else { op.loops() };
            broadcast::outer(loops, u, v)
        }),
        |args, _| outer(args, |op, u, v| Dense::from_fn(u.len(), v.len(), |i, j| op.cell(u[i], v[j]))),
        scratch::outer
    ),
];

fn one(block: impl Into<Block>) -> Outcome<Vec<Value>> {
    Ok(vec![Value::from(block.into())])
}

fn by_format(
    x: &Block,
    dense: impl Fn(&Dense) -> Dense,
    sparse: impl Fn(&tilewright_matrix::Csr) -> tilewright_matrix::Csr,
) -> Block {
    match x {
        Block::Dense(x) => dense(x).into(),
        Block::Sparse(x) => sparse(x).into(),
    }
}

fn same_shape(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("target")?;
    args.scalar("shift")?;
    Ok(vec![Facts::matrix(rows, cols).with_nnz(args.at("target")?.nnz)])
}

fn same_square(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let n = args.square("target")?;
    Ok(vec![Facts::matrix(n, n)])
}

fn infer_t(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("target")?;
    Ok(vec![Facts::matrix(cols, rows).with_nnz(args.at("target")?.nnz)])
}

fn infer_diag(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("target")?;
    let nnz = args.at("target")?.nnz;
    Ok(vec![if cols.is(1) {
        Facts::matrix(rows, rows).with_nnz(nnz)
    } else if cols == Dim::Unknown {
        Facts::matrix(rows, Dim::Unknown)
    } else {
        let n = args.square("target")?;
        Facts::matrix(n, Dim::Known(1)).with_nnz(nnz.at_most())
    }])
}

fn check_diag(x: &Block) -> Outcome<()> {
    if x.cols() != 1 && x.rows() != x.cols() {
        bail!(Shape, "`diag` needs a column or a square matrix, found a {}x{} matrix", x.rows(), x.cols());
    }
    Ok(())
}

fn diag(x: &Block) -> Block {
    match (x, x.cols()) {
        (Block::Dense(x), 1) => Block::Sparse(reorg::diag_matrix_dense(x)).compact(),
        (Block::Sparse(x), 1) => Block::Sparse(reorg::diag_matrix_sparse(x)).compact(),
        (Block::Dense(x), _) => reorg::diag_vector_dense(x).into(),
        (Block::Sparse(x), _) => reorg::diag_vector_sparse(x).into(),
    }
}

fn naive_diag(x: &Dense) -> Dense {
    if x.cols() == 1 { reference::reorg::diag_matrix(x) } else { reference::reorg::diag_vector(x) }
}

/// The shape of bound operands; `turn` brings the shared side first and the summed side second.
fn bound(
    args: &Args<'_, Facts>,
    name: &str,
    turn: fn((Dim, Dim)) -> (Dim, Dim),
    back: fn(Dim, Dim) -> (Dim, Dim),
) -> Outcome<Vec<Facts>> {
    if let Some(facts) = bound_others(args, name)? {
        return Ok(vec![facts]);
    }
    let all = match args.all() {
        [Facts { elements: Some(elements), .. }] => {
            elements.iter().map(|element| element.facts.clone()).collect()
        }
        all => all.to_vec(),
    };
    let frame = all.iter().any(Facts::is_frame);
    let (mut shared, mut sum, mut nnz) = (Dim::Unknown, Dim::Known(0), Nnz::Exact(0));
    for (at, facts) in all.iter().enumerate() {
        let (side, extent) = turn(facts.dims());
        if side.conflicts(shared) {
            let (what, a, b) = (if name == "cbind" { "rows" } else { "columns" }, shared, side);
            let kind = if frame { "frames" } else { "matrices" };
            bail!(Shape, "`{name}` of {kind} with {a} and {b} {what} (argument {})", at + 1);
        }
        (shared, sum, nnz) = (shared.or(side), sum.plus(extent), nnz.plus(facts.nnz));
    }
    let (rows, cols) = back(shared, sum);
    if frame {
        return Ok(vec![Facts::frame(rows, cols)]);
    }
    Ok(vec![Facts::matrix(rows, cols).with_nnz(nnz)])
}

/// What is known of a binding of other things than matrices: strings are joined by line, elements appended to a list.
fn bound_others(args: &Args<'_, Facts>, name: &str) -> Outcome<Option<Facts>> {
    let all = args.all();
    let string = |facts: &Facts| facts.scalar_type() == Some(ScalarType::String);
    Ok(match all {
        [list] if list.kind == Kind::List && list.elements.is_none() => Some(Facts::UNKNOWN),
        [list] if list.kind == Kind::List => None,
        [list, value] if list.kind == Kind::List => Some(lists::infer_append(list, value)),
        _ if all.iter().any(|facts| facts.kind == Kind::List) => {
            bail!(Type, "`{name}` of a list and other values"; hint: "`append(L, x)` adds one element to a list");
        }
        _ if all.iter().any(Facts::is_frame) => None,
        _ if all.iter().all(string) => Some(Facts::STRING),
        _ if all.iter().any(string) && all.iter().all(|facts| facts.is_scalar()) => Some(Facts::STRING),
        _ if all.iter().any(string) && !all.iter().any(|facts| facts.kind == Kind::Unknown) => {
            bail!(Type, "`{name}` of strings and other values")
        }
        _ if all.iter().any(|facts| facts.kind == Kind::Unknown) => Some(Facts::UNKNOWN),
        _ => None,
    })
}

type BindDense = fn(&[&Dense]) -> Dense;
type BindSparse = fn(&[&tilewright_matrix::Csr]) -> tilewright_matrix::Csr;

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Scalar(_))
}

fn is_string(value: &Value) -> bool {
    matches!(value, Value::Scalar(Scalar::String(_)))
}

/// Binds other things than matrices, see [`bound_others`].
fn bind_others(args: &Args<'_, Value>) -> Option<Value> {
    match args.all() {
        [Value::List(list), value] => Some(lists::append(list, value)),
        all if all.iter().all(is_scalar) && all.iter().any(is_string) => {
            let lines: Vec<String> =
                all.iter().map(|value| text::print(value, &text::Format::default())).collect();
            Some(Scalar::string(lines.join("\n")).into())
        }
        _ => None,
    }
}

fn bind_operands<'a>(args: &Args<'a, Value>, name: &str) -> Outcome<Vec<Operand<'a>>> {
    let blocks = match args.all() {
        [Value::List(list)] if list.is_empty() => {
            bail!(Value, "`{name}` of an empty list"; hint: "append a matrix first")
        }
        [Value::List(list)] => list.values().map(as_block).collect::<Outcome<Vec<_>>>()?,
        all => all.iter().map(as_block).collect::<Outcome<Vec<_>>>()?,
    };
    let side = |block: &Block| if name == "cbind" { block.rows() } else { block.cols() };
    if let Some(other) = blocks.iter().find(|block| side(block) != side(&blocks[0])) {
        let what = if name == "cbind" { "rows" } else { "columns" };
        bail!(Shape, "`{name}` of matrices with {} and {} {what}", side(&blocks[0]), side(other));
    }
    Ok(blocks)
}

fn bind_blocks(
    args: &Args<'_, Value>,
    name: &str,
    dense: BindDense,
    sparse: BindSparse,
) -> Outcome<Vec<Value>> {
    if let Some(bound) = bind_others(args) {
        return Ok(vec![bound]);
    }
    let blocks = bind_operands(args, name)?;
    if blocks.iter().any(|block| matches!(**block, Block::Sparse(_))) {
        let parts: Vec<_> = blocks.iter().map(|block| block.sparse()).collect();
        return one(Block::Sparse(sparse(&parts.iter().map(|part| &**part).collect::<Vec<_>>())).compact());
    }
    bind_reference(args, name, dense)
}

fn bind_reference(args: &Args<'_, Value>, name: &str, bind: BindDense) -> Outcome<Vec<Value>> {
    if let Some(bound) = bind_others(args) {
        return Ok(vec![bound]);
    }
    let blocks = bind_operands(args, name)?;
    let parts: Vec<_> = blocks.iter().map(|block| block.dense()).collect();
    one(bind(&parts.iter().map(|part| &**part).collect::<Vec<_>>()))
}

fn infer_order(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let is_frame = args.at("target")?.is_frame();
    let (rows, cols) = if is_frame { args.at("target")?.dims() } else { args.dims("target")? };
    if let (Some(by), Some(cols)) = (args.get("by").and_then(Facts::number), cols.known())
        && (by < 1.0 || by > cols as f64)
    {
        bail!(Index, "`by` of `order` is column {by} of {}", args.at("target")?.describe());
    }
    Ok(vec![match args.boolean("index.return") {
        Some(true) => Facts::matrix(rows, Dim::Known(1)),
        Some(false) if is_frame => Facts::frame(rows, cols),
        None if is_frame => Facts::UNKNOWN,
        Some(false) => Facts::matrix(rows, cols).with_nnz(args.at("target")?.nnz),
        None => Facts::matrix(rows, Dim::Unknown),
    }])
}

fn sorted(args: &Args<'_, Value>) -> Outcome<Vec<Value>> {
    if let Value::Frame(frame) = args.at("target")? {
        return super::frames::sorted(args, frame, sort::order);
    }
    let target = args.block("target")?;
    let (by, direction) = sort_keys(args, target.cols())?;
    if args.boolean("index.return")? {
        return one(match &*target {
            Block::Dense(x) => order::positions(x, &by, direction),
            Block::Sparse(x) => order::sparse_positions(x, &by, direction),
        });
    }
    one(match &*target {
        Block::Dense(x) if x.cols() == 1 && by == [0] => Block::Dense(order::values(x, direction)),
        Block::Dense(x) => Block::Dense(select::gather_rows_dense(x, &order::dense(x, &by, direction))),
        Block::Sparse(x) => Block::Sparse(select::gather_rows_sparse(x, &order::sparse(x, &by, direction))),
    })
}

fn sorted_reference(args: &Args<'_, Value>) -> Outcome<Vec<Value>> {
    if let Value::Frame(frame) = args.at("target")? {
        return super::frames::sorted(args, frame, tilewright_frame::reference::order);
    }
    let target = args.block("target")?;
    let (by, direction) = sort_keys(args, target.cols())?;
    let positions = reference::reorg::order(&target.dense(), &by, direction);
    if args.boolean("index.return")? {
        return one(Dense::from_fn(positions.len(), 1, |i, _| (positions[i] + 1) as f64));
    }
    one(reference::reorg::gather_rows(&target.dense(), &positions))
}

/// The 0-based columns to sort by, of a matrix with `cols` columns, and the direction.
fn sort_keys(args: &Args<'_, Value>, cols: usize) -> Outcome<(Vec<usize>, Direction)> {
    let direction = if args.boolean("decreasing")? { Direction::Descending } else { Direction::Ascending };
    let columns = args.block("by")?.dense().into_owned();
    let by = columns.cells().iter().map(|&column| column_index(column, cols));
    Ok((by.collect::<Outcome<Vec<_>>>()?, direction))
}

fn column_index(column: f64, cols: usize) -> Outcome<usize> {
    if column >= 1.0 && column <= cols as f64 {
        return Ok(column as usize - 1);
    }
    Err(fault!(Index, "`by` of `order` is column {column} of a matrix with {cols} columns"))
}

fn margin(text: &str) -> Outcome<Margin> {
    match text {
        "rows" => Ok(Margin::Rows),
        "cols" => Ok(Margin::Cols),
        other => bail!(Value, "`margin` of `removeEmpty` is \"{other}\"; it must be \"rows\" or \"cols\""),
    }
}

fn infer_remove_empty(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let is_frame = args.at("target")?.is_frame();
    let (rows, cols) = if is_frame { args.at("target")?.dims() } else { args.dims("target")? };
    let result = if is_frame { Facts::frame } else { Facts::matrix };
    let Some(text) = args.text("margin") else { return Ok(vec![result(Dim::Unknown, Dim::Unknown)]) };
    let (side, result) = match margin(text)? {
        Margin::Rows => (rows, result(Dim::Unknown, cols)),
        Margin::Cols => (cols, result(rows, Dim::Unknown)),
    };
    if let Some(select) = args.get("select") {
        let (r, c) = select.expect_matrix("`select` of `removeEmpty`")?;
        let cells = r.times(c);
        if cells.conflicts(side) {
            bail!(Shape, "`select` of `removeEmpty` has {cells} cells for {side} {text} of the target");
        }
    }
    Ok(vec![result.with_nnz(args.at("target")?.nnz.at_most())])
}

type RemoveEmpty = fn(&Block, Margin, Option<&[f64]>, EmptyReturn) -> Block;

fn remove_empty(args: &Args<'_, Value>, remove: RemoveEmpty) -> Outcome<Vec<Value>> {
    let margin = margin(&args.text("margin")?)?;
    if let Value::Frame(frame) = args.at("target")? {
        return frames::remove_empty(args, frame, margin);
    }
    let target = args.block("target")?;
    let empty = if args.boolean("empty.return")? { EmptyReturn::ZeroLine } else { EmptyReturn::NoLine };
    let select = args.get("select").map(|_| args.block("select")).transpose()?.map(Operand::cells);
    let side = if margin == Margin::Rows { target.rows() } else { target.cols() };
    if let Some(select) = select.as_ref().filter(|select| select.cells().len() != side) {
        bail!(
            Shape,
            "`select` of `removeEmpty` has {} cells for {side} rows or columns",
            select.cells().len()
        );
    }
    one(remove(&target, margin, select.as_deref().map(Dense::cells), empty))
}

fn infer_replace(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    args.scalar("pattern")?;
    args.scalar("replacement")?;
    let target = args.at("target")?;
    if target.is_frame() {
        let (rows, cols) = target.dims();
        return Ok(vec![Facts::frame(rows, cols)]);
    }
    if target.kind == Kind::Unknown {
        return Ok(vec![Facts::UNKNOWN]);
    }
    let (rows, cols) = args.dims("target")?;
    let keeps = args.at("pattern")?.number().is_some_and(|pattern| pattern != 0.0);
    let nnz = if keeps { args.at("target")?.nnz.at_most() } else { Nnz::Unknown };
    Ok(vec![Facts::matrix(rows, cols).with_nnz(nnz)])
}

fn replaced(x: &Block, pattern: f64, replacement: f64) -> Block {
    match x {
        Block::Sparse(x) if pattern != 0.0 => replace::replace_sparse(x, pattern, replacement).into(),
        x => Block::Dense(replace::replace_dense(&x.dense(), pattern, replacement)).compact(),
    }
}

fn triangle(args: &Args<'_, Value>, part: Part) -> Outcome<Vec<Value>> {
    let (diagonal, values) = triangle_options(args)?;
    one(by_format(
        &*args.block("target")?,
        |x| replace::triangle_dense(x, part, diagonal, values),
        |x| replace::triangle_sparse(x, part, diagonal, values),
    ))
}

fn reference_triangle(args: &Args<'_, Value>, part: Part) -> Outcome<Vec<Value>> {
    let (diagonal, values) = triangle_options(args)?;
    one(reference::reorg::triangle(&args.block("target")?.dense(), part, diagonal, values))
}

fn triangle_options(args: &Args<'_, Value>) -> Outcome<(Diagonal, Values)> {
    let diagonal = if args.boolean("diag")? { Diagonal::Keep } else { Diagonal::Drop };
    let fill = if args.boolean("values")? { Values::Keep } else { Values::Ones };
    Ok((diagonal, fill))
}

fn infer_table(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("A")?;
    let (r2, c2) = args.at("B")?.dims();
    if args.at("B")?.is_matrix() && (rows.conflicts(r2) || cols.conflicts(c2)) {
        bail!(Shape, "`table` of a {rows}x{cols} and a {r2}x{c2} matrix: both need one code per cell");
    }
    let (first, second) = (args.get("odim1").is_some(), args.get("odim2").is_some());
    let shifted = shifted(args, |facts| facts.scalar_type() == Some(ScalarType::Boolean));
    if (second && !first) || (shifted && args.get("W").is_none()) {
        bail!(Argument, "`table` needs both dimensions of its result or none"; hint: "table(A, B, odim1=rows, odim2=columns)");
    }
    let untyped = args.get("odim2").is_some_and(|facts| facts.scalar_type().is_none());
    let dims = if shifted { ("W", "odim1") } else { ("odim1", "odim2") };
    let (r, c) = if untyped { (Dim::Unknown, Dim::Unknown) } else { (args.dim(dims.0)?, args.dim(dims.1)?) };
    Ok(vec![Facts::matrix(r, c).with_nnz(rows.times(cols).known().map_or(Nnz::Unknown, Nnz::AtMost))])
}

fn infer_rexpand(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("target")?;
    if cols.conflicts(Dim::Known(1)) {
        bail!(Shape, "`rexpand` needs one code for each row, found a {rows}x{cols} matrix");
    }
    let max = args.get("max").map_or(Ok(Dim::Unknown), |_| args.dim("max"))?;
    Ok(vec![Facts::matrix(rows, max).with_nnz(rows.known().map_or(Nnz::Unknown, Nnz::AtMost))])
}

/// What becomes of the codes of the rows and the number of columns, if it is given.
fn expanded(
    args: &Args<'_, Value>,
    expand: impl Fn(&[f64], Option<usize>) -> Outcome<Block>,
) -> Outcome<Vec<Value>> {
    let block = args.block("target")?;
    if block.cols() != 1 {
        let (rows, cols) = (block.rows(), block.cols());
        bail!(Shape, "`rexpand` needs one code for each row, found a {rows}x{cols} matrix");
    }
    let max = args.get("max").map(|_| args.size("max")).transpose()?;
    one(expand(block.dense().cells(), max)?)
}

/// True for `table(A, B, dim1, dim2)`, which has its dimensions where `table(A, B, W, dim1, dim2)` has the weights; the
/// flag `outputEmptyBlocks`, which may follow in the place of the last dimension, says nothing about the cells.
fn shifted<T>(args: &Args<'_, T>, is_flag: fn(&T) -> bool) -> bool {
    args.get("odim1").is_some() && args.get("odim2").is_none_or(is_flag)
}

type Tabulate = fn(&[f64], &[f64], Weights<'_>, Option<(usize, usize)>) -> Outcome<Block>;

fn tabulate(args: &Args<'_, Value>, tabulate: Tabulate) -> Outcome<Vec<Value>> {
    let a = args.block("A")?;
    let n = a.rows() * a.cols();
    let b = repeated(args.at("B")?, n)?;
    let (w, dims) = weights_and_dims(args)?;
    let w = w.map(|w| repeated(w, n)).transpose()?;
    if b.cells().len() != n || w.as_ref().is_some_and(|w| w.cells().len() != n) {
        bail!(Shape, "the arguments of `table` need one code per row: {n} and {}", b.cells().len());
    }
    let weights = w.as_deref().map_or(Weights::Ones, |w| Weights::Each(w.cells()));
    one(tabulate(a.dense().cells(), b.cells(), weights, dims)?)
}

/// The cells of an argument of `table`, a scalar repeated `n` times.
fn repeated(value: &Value, n: usize) -> Outcome<Cells<'_>> {
    Ok(match value {
        Value::Scalar(scalar) => Operand::Cell(Dense::filled(n, 1, scalar.as_double()?).into()).cells(),
        other => as_block(other)?.cells(),
    })
}

/// The asked rows and columns of a table, if any.
type TableDims = Option<(usize, usize)>;

fn weights_and_dims<'a>(args: &Args<'a, Value>) -> Outcome<(Option<&'a Value>, TableDims)> {
    if shifted(args, |value| matches!(value, Value::Scalar(Scalar::Boolean(_)))) {
        return Ok((None, Some((args.size("W")?, args.size("odim1")?))));
    }
    let dims = match args.get("odim1") {
        Some(_) => Some((args.size("odim1")?, args.size("odim2")?)),
        None => None,
    };
    Ok((args.get("W"), dims))
}

fn outer_op(text: &str) -> Outcome<binary::BinaryOp> {
    binary::find(text).ok_or_else(|| fault!(Value, "`outer` has no operator \"{text}\""))
}

fn infer_outer(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let ((rows, one), (single, cols)) = (args.dims("u")?, args.dims("v")?);
    if one.conflicts(Dim::Known(1)) || single.conflicts(Dim::Known(1)) {
        let (u, v) = (args.at("u")?.describe(), args.at("v")?.describe());
        bail!(Shape, "`outer` needs a column and a row vector, found {u} and {v}"; hint: "transpose the second one: `outer(u, t(v), op)`");
    }
    if let Some(Scalar::String(text)) = args.constant("op") {
        outer_op(text)?;
    }
    Ok(vec![Facts::matrix(rows, cols)])
}

fn outer(
    args: &Args<'_, Value>,
    pairs: impl Fn(binary::BinaryOp, &[f64], &[f64]) -> Dense,
) -> Outcome<Vec<Value>> {
    let op = outer_op(&args.text("op")?)?;
    let (u, v) = (args.block("u")?, args.block("v")?);
    if u.cols() != 1 || v.rows() != 1 {
        bail!(
            Shape,
            "`outer` needs a column and a row vector, found a {}x{} and a {}x{} matrix",
            u.rows(),
            u.cols(),
            v.rows(),
            v.cols()
        );
    }
    one(pairs(op, u.dense().cells(), v.dense().cells()))
}
