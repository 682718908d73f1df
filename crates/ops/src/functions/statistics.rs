//! Order statistics of columns.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::{Dense, quantile, reference};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Params, Purity, optional, required};
use crate::locality::Locality;

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $infer:expr, $run:expr, $reference:expr) => {
        FunctionRow {
            name: $name,
            doc: $doc,
            params: Params::Named(&$params),
            results: &["result"],
            locality: Locality::Collect,
            purity: Purity::Pure,
            infer: $infer,
            run: $run,
            reference: $reference,
        }
    };
}

/// Order statistics of columns.
pub static TABLE: &[FunctionRow] = &[
    row!(
        "median",
        "The middle value of a column; of an even number the mean of the two middle ones.",
        [required("X"), optional("W")],
        column,
        |args, _| number(args, quantile::median),
        |args, _| number(args, reference::quantile::median)
    ),
    row!(
        "quantile",
        "The value below which a fraction `p` of a column lies (a column of fractions gives a column).",
        [required("X"), required("p"), optional("W")],
        infer_quantile,
        |args, _| quantiles(args, quantile::quantile),
        |args, _| quantiles(args, reference::quantile::quantile)
    ),
    row!(
        "interQuartileMean",
        "The mean of the central half of a column.",
        [required("X"), optional("W")],
        column,
        |args, _| number(args, quantile::interquartile_mean),
        |args, _| number(args, reference::quantile::interquartile_mean)
    ),
];

fn column(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("X")?;
    if cols.conflicts(Dim::Known(1)) {
        bail!(Shape, "`{}` needs a column, found a {rows}x{cols} matrix", args.function(); hint: "take one column: `X[,j]`");
    }
    if let Some(weights) = args.get("W") {
        let (r, c) = weights.expect_matrix("the weights")?;
        if r.conflicts(rows) || c.conflicts(Dim::Known(1)) {
            bail!(Shape, "`{}` of {rows} values with a {r}x{c} matrix of weights", args.function());
        }
    }
    Ok(vec![Facts::DOUBLE])
}

fn infer_quantile(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    column(args)?;
    let p = args.at("p")?;
    Ok(vec![match p.kind {
        Kind::Scalar(_) => Facts::DOUBLE,
        Kind::Matrix { rows, cols } => Facts::matrix(rows, cols),
        _ => Facts::UNKNOWN,
    }])
}

fn cells(args: &Args<'_, Value>, name: &str) -> Outcome<Option<Dense>> {
    args.get(name).map(|_| Ok(args.block(name)?.dense().into_owned())).transpose()
}

fn values(args: &Args<'_, Value>) -> Outcome<(Dense, Option<Dense>)> {
    let (x, w) = (args.block("X")?.dense().into_owned(), cells(args, "W")?);
    if x.cells().is_empty() {
        bail!(Value, "`{}` of an empty column", args.function());
    }
    Ok((x, w))
}

fn number(args: &Args<'_, Value>, f: fn(&[f64], Option<&[f64]>) -> f64) -> Outcome<Vec<Value>> {
    let (x, w) = values(args)?;
    Ok(vec![f(x.cells(), w.as_ref().map(Dense::cells)).into()])
}

type Quantile = fn(&[f64], Option<&[f64]>, f64) -> f64;

/// `quantile(X, W, p)` has the weights before the fraction, `quantile(X, p)` has none.
fn quantiles(args: &Args<'_, Value>, f: Quantile) -> Outcome<Vec<Value>> {
    let (x, w) = values(args)?;
    let at = |p: f64| {
        if !(0.0..=1.0).contains(&p) {
            bail!(Value, "`p` of `quantile` is {p}; it must be between 0 and 1");
        }
        Ok(f(x.cells(), w.as_ref().map(Dense::cells), p))
    };
    if let Value::Scalar(p) = args.at("p")? {
        return Ok(vec![at(p.as_double()?)?.into()]);
    }
    let p = args.block("p")?.dense().into_owned();
    let out = p.cells().iter().map(|&p| at(p)).collect::<Outcome<Vec<_>>>()?;
    Ok(vec![Block::Dense(Dense::from_cells(p.rows(), p.cols(), &out)).into()])
}
