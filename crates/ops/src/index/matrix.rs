//! Parts of a matrix: rectangles by ranges, rows and columns by position.

use std::borrow::Cow;

use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Dense, reference, select, slice};
use tilewright_value::{Block, Matrix, ScalarType, Value};

use super::choice::{self, Choice, Extent};
use super::{Form, Side};
use crate::facts::{Dim, Facts, Kind, Nnz};

/// Known dimensions of the part.
pub fn part(form: Form, x: &Facts, indices: &[Facts]) -> Outcome<(Dim, Dim)> {
    let (rows, cols) = x.dims();
    let (row_indices, col_indices) = form.split(indices);
    choice::check_kinds(form.rows, row_indices)?;
    choice::check_kinds(form.cols, col_indices)?;
    let whole = || x.describe();
    let side = |side: Side, indices: &[Facts], all: Dim, what| {
        let bounds = choice::known(side, indices, all)?;
        if let (Some((from, to)), Some(n)) = (bounds, all.known()) {
            Extent { what, count: n as usize, whole: &whole }.check(from, to)?;
        }
        Ok(choice::count(side, indices, bounds, all))
    };
    Ok((side(form.rows, row_indices, rows, "row")?, side(form.cols, col_indices, cols, "column")?))
}

/// What is known of `X[...]`.
///
/// # Errors
/// When positions are known to be outside.
pub fn infer(form: Form, x: &Facts, indices: &[Facts]) -> Outcome<Facts> {
    x.expect_matrix("what is indexed")?;
    if form.rows == Side::Element {
        check_vector(x.dims())?;
        return Ok(Facts::DOUBLE);
    }
    let (rows, cols) = part(form, x, indices)?;
    let (row_indices, col_indices) = form.split(indices);
    let repeats = choice::may_repeat(form.rows, row_indices) || choice::may_repeat(form.cols, col_indices);
    let nnz = if repeats { Nnz::Unknown } else { x.nnz.at_most() };
    Ok(Facts::matrix(rows, cols).with_nnz(nnz))
}

/// `X[[i]]` counts the cells of a vector.
fn check_vector((rows, cols): (Dim, Dim)) -> Outcome<()> {
    if rows.may_be(1) || cols.may_be(1) || rows.is(0) || cols.is(0) {
        return Ok(());
    }
    bail!(Shape, "`[[ ]]` takes a cell of a vector or an element of a list, found a {rows}x{cols} matrix"; hint: "`as.scalar(X[i, j])` takes a cell of a matrix");
}

/// What is known of `X` after `X[...] = value`.
///
/// # Errors
/// When positions are known to be outside or the value is known not to fit.
pub fn infer_assign(form: Form, x: &Facts, value: &Facts, indices: &[Facts]) -> Outcome<Facts> {
    let (rows, cols) = x.expect_matrix("what is assigned to")?;
    let (part_rows, part_cols) = match form.rows {
        Side::Element => {
            check_vector((rows, cols))?;
            (Dim::Known(1), Dim::Known(1))
        }
        _ => part(form, x, indices)?,
    };
    match value.kind {
        Kind::Matrix { rows: r, cols: c } => {
            // A vector is repeated along the part.
            let fits = |given: Dim, wanted: Dim| given.may_be(1) || !given.conflicts(wanted);
            if !fits(r, part_rows) || !fits(c, part_cols) {
                return misfit((&r, &c), (&part_rows, &part_cols), &format!(" of a {rows}x{cols} matrix"));
            }
        }
        Kind::Scalar(kind) if kind != Some(ScalarType::String) => {}
        Kind::Unknown => {}
        _ => bail!(Type, "{} cannot be assigned to cells of a matrix", value.describe()),
    }
    let written = match value.kind {
        Kind::Matrix { rows: r, cols: c } if (r, c) == (part_rows, part_cols) => value.nnz,
        _ => part_rows.times(part_cols).known().map_or(Nnz::Unknown, Nnz::AtMost),
    };
    Ok(Facts::matrix(rows, cols).with_nnz(x.nnz.plus(written).at_most()))
}

fn misfit<T, D: std::fmt::Display>(value: (D, D), part: (D, D), whole: &str) -> Outcome<T> {
    let ((r, c), (rows, cols)) = (value, part);
    bail!(Shape, "a {r}x{c} matrix cannot be assigned to a {rows}x{cols} part{whole}")
}

fn chosen(form: Form, x: &Block, indices: &[Value]) -> Outcome<(Choice, Choice)> {
    if form.rows == Side::Element {
        let (i, j) = cell(x, &indices[0])?;
        return Ok((Choice::Range(i..i + 1), Choice::Range(j..j + 1)));
    }
    let (row_indices, col_indices) = form.split(indices);
    let whole = || format!("a {}x{} matrix", x.rows(), x.cols());
    let rows = Extent { what: "row", count: x.rows(), whole: &whole };
    let cols = Extent { what: "column", count: x.cols(), whole: &whole };
    Ok((rows.choose(form.rows, row_indices)?, cols.choose(form.cols, col_indices)?))
}

/// `X[...]`.
///
/// # Errors
/// When positions are outside.
pub fn run(form: Form, x: &Matrix, indices: &[Value]) -> Outcome<Value> {
    let block = x.pin();
    if form.rows == Side::Element {
        let (i, j) = cell(&block, &indices[0])?;
        return Ok(Value::from(block.get(i, j)));
    }
    Ok(match chosen(form, &block, indices)? {
        (Choice::Range(rows), Choice::Range(cols)) => {
            if rows.len() == block.rows() && cols.len() == block.cols() {
                return Ok(Value::Matrix(x.clone()));
            }
            match &*block {
                Block::Dense(dense) => Block::Dense(slice::slice_dense(dense, rows, cols)),
                Block::Sparse(csr) => Block::Sparse(slice::slice_sparse(csr, rows, cols)).compact(),
            }
        }
        (rows, cols) => gather_cols(gather_rows(&block, rows), cols).compact(),
    }
    .into())
}

/// The row and the column of the k-th cell of a vector.
fn cell(block: &Block, index: &Value) -> Outcome<(usize, usize)> {
    let (rows, cols) = (block.rows(), block.cols());
    check_vector((Dim::Known(rows as u64), Dim::Known(cols as u64)))?;
    let whole = || format!("a {rows}x{cols} matrix");
    let at = Extent { what: "cell", count: rows * cols, whole: &whole };
    let Choice::Range(at) = at.choose(Side::Element, std::slice::from_ref(index))? else {
        bail!(Type, "{} as the position of a cell", index.describe())
    };
    Ok(if cols == 1 { (at.start, 0) } else { (0, at.start) })
}

fn gather_rows(block: &Block, rows: Choice) -> Block {
    match (block, rows) {
        (Block::Dense(x), Choice::Positions(rows)) => select::gather_rows_dense(x, &rows).into(),
        (Block::Sparse(x), Choice::Positions(rows)) => select::gather_rows_sparse(x, &rows).into(),
        (Block::Dense(x), Choice::Range(rows)) => slice::slice_dense(x, rows, 0..x.cols()).into(),
        (Block::Sparse(x), Choice::Range(rows)) => slice::slice_sparse(x, rows, 0..x.cols()).into(),
    }
}

fn gather_cols(block: Block, cols: Choice) -> Block {
    match (block, cols) {
        (Block::Dense(x), Choice::Positions(cols)) => select::gather_cols_dense(&x, &cols).into(),
        (Block::Sparse(x), Choice::Positions(cols)) => select::gather_cols_sparse(&x, &cols).into(),
        (block, Choice::Range(cols)) if cols.len() == block.cols() => block,
        (Block::Dense(x), Choice::Range(cols)) => slice::slice_dense(&x, 0..x.rows(), cols).into(),
        (Block::Sparse(x), Choice::Range(cols)) => slice::slice_sparse(&x, 0..x.rows(), cols).into(),
    }
}

/// The value of an assignment: one number for all cells, or a block of the shape of the part.
enum Assigned<'a> {
    Number(f64),
    Block(Cow<'a, Block>),
}

/// The value as it is written to a part; vectors are repeated along it.
fn assigned(value: &Block, part: (usize, usize)) -> Outcome<Assigned<'_>> {
    let (r, c) = (value.rows(), value.cols());
    if (r, c) == part {
        return Ok(Assigned::Block(Cow::Borrowed(value)));
    }
    if (r, c) == (1, 1) {
        return Ok(Assigned::Number(value.get(0, 0)));
    }
    if (r != 1 && r != part.0) || (c != 1 && c != part.1) {
        return misfit((r, c), part, "");
    }
    let at = |i: usize, extent: usize| if extent == 1 { 0 } else { i };
    let repeated = Dense::from_fn(part.0, part.1, |i, j| value.get(at(i, r), at(j, c)));
    Ok(Assigned::Block(Cow::Owned(repeated.into())))
}

/// `X[...] = value`; writes in place when `x` is the last handle of its block.
///
/// # Errors
/// When positions are outside or the value does not fit.
pub fn run_assign(form: Form, x: Matrix, value: &Value, indices: &[Value]) -> Outcome<Value> {
    let (rows, cols) = chosen(form, &x.pin(), indices)?;
    let value = crate::operand::as_block(value)?;
    let value = assigned(&value, (rows.len(), cols.len()))?;
    let (rows, cols) = match (rows, cols) {
        (Choice::Range(rows), Choice::Range(cols)) => (rows, cols),
        (rows, cols) => {
            return Ok(scatter(x.into_block(), &rows.positions(), &cols.positions(), &value).into());
        }
    };
    Ok(match (x.into_block(), value) {
        (Block::Dense(x), Assigned::Number(v)) => slice::assign_scalar_dense(x, rows, cols, v).into(),
        (Block::Sparse(x), Assigned::Number(v)) => slice::assign_scalar_sparse(x, rows, cols, v).into(),
        (Block::Dense(x), Assigned::Block(v)) => match &*v {
            Block::Dense(v) => Block::Dense(slice::assign_dense(x, rows, cols, v)),
            Block::Sparse(v) => Block::Dense(slice::assign_dense_from_sparse(x, rows, cols, v)),
        },
        (Block::Sparse(x), Assigned::Block(v)) => {
            Block::Sparse(slice::assign_sparse(x, rows, cols, &v.sparse())).compact()
        }
    }
    .into())
}

fn scatter(x: Block, rows: &[usize], cols: &[usize], value: &Assigned<'_>) -> Block {
    let cell = |i: usize, j: usize| match value {
        Assigned::Number(v) => *v,
        Assigned::Block(block) => block.get(i, j),
    };
    match x {
        Block::Dense(x) => slice::scatter_dense(x, rows, cols, cell).into(),
        Block::Sparse(x) => Block::Sparse(slice::scatter_sparse(&x, rows, cols, cell)).compact(),
    }
}

/// The definition of `X[...]`.
///
/// # Errors
/// As [`run`].
pub fn reference(form: Form, x: &Matrix, indices: &[Value]) -> Outcome<Value> {
    let block = x.pin();
    if form.rows == Side::Element {
        let (i, j) = cell(&block, &indices[0])?;
        return Ok(Value::from(block.get(i, j)));
    }
    let (rows, cols) = chosen(form, &block, indices)?;
    let picked = reference::reorg::gather_rows(&block.dense(), &rows.positions());
    Ok(Block::Dense(reference::reorg::gather_cols(&picked, &cols.positions())).into())
}

/// The definition of `X[...] = value`.
///
/// # Errors
/// As [`run_assign`].
pub fn reference_assign(form: Form, x: &Matrix, value: &Value, indices: &[Value]) -> Outcome<Value> {
    let block = x.pin();
    let (rows, cols) = chosen(form, &block, indices)?;
    let value = crate::operand::as_block(value)?;
    let value = match assigned(&value, (rows.len(), cols.len()))? {
        Assigned::Number(v) => Dense::filled(rows.len(), cols.len(), v),
        Assigned::Block(v) => v.dense().into_owned(),
    };
    Ok(Block::Dense(reference::reorg::scatter(&block.dense(), &rows.positions(), &cols.positions(), &value))
        .into())
}
