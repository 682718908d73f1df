//! Statistics of columns: order statistics, moments, distinct values, statistics by group.

mod scratch;

use tilewright_base::{Outcome, bail};
use tilewright_matrix::grouped::{self, Statistic};
use tilewright_matrix::{Dense, distinct, moments, order, quantile, reference};
use tilewright_value::{Block, Scalar, ScalarType, Value};

use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Literal, Params, default, optional, required};
use crate::operand::{Cells, as_block};

macro_rules! row {
    ($name:literal, $doc:literal, $params:expr, $infer:expr, $run:expr, $reference:expr, $scratch:expr) => {
        FunctionRow::pure($name, $doc, Params::Named(&$params), $infer, $run, $reference)
            .with_scratch($scratch)
    };
}

/// Statistics of columns.
pub static TABLE: &[FunctionRow] = &[
    row!(
        "median",
        "The middle value of a column; of an even number the mean of the two middle ones.",
        [required("X"), optional("W")],
        |args| weighted_column(args, args.get("W")),
        |args, _| number(args, quantile::median),
        |args, _| number(args, reference::quantile::median),
        scratch::median
    ),
    row!(
        "quantile",
        "The value below which a fraction `p` of a column lies (a column of fractions gives a column).",
        [required("X"), optional("W"), optional("p")],
        infer_quantile,
        |args, _| quantiles(args, quantile::quantiles),
        |args, _| quantiles(args, naive_quantiles),
        scratch::quantiles
    ),
    row!(
        "interQuartileMean",
        "The mean of the central half of a column.",
        [required("X"), optional("W")],
        |args| weighted_column(args, args.get("W")),
        |args, _| number(args, quantile::interquartile_mean),
        |args, _| number(args, reference::quantile::interquartile_mean),
        scratch::interquartile_mean
    ),
    row!(
        "interQuantile",
        "The values of a column from its quantile `p` to its quantile `1 - p`, in ascending order.",
        [required("X"), optional("W"), optional("p")],
        infer_inter_quantile,
        |args, _| inter_quantile(args, quantile::quantiles),
        |args, _| inter_quantile(args, naive_quantiles),
        scratch::inter_quantile
    ),
    row!(
        "mean_weighted",
        "The mean of a column whose values count as often as their weights say; written `mean(X, W)`.",
        [required("X"), required("W")],
        |args| weighted_column(args, args.get("W")),
        |args, _| number(args, moments::mean),
        |args, _| number(args, reference::moments::mean),
        scratch::moment
    ),
    row!(
        "moment",
        "The central moment of order `k` (2, 3 or 4) of a column: the mean of its deviations from the mean to that power.",
        [required("X"), optional("W"), optional("k")],
        infer_moment,
        |args, _| moment(args, moments::central_moment),
        |args, _| moment(args, reference::moments::central_moment),
        scratch::moment
    ),
    row!(
        "cov",
        "The sample covariance of two columns.",
        [required("X"), required("Y"), optional("W")],
        infer_covariance,
        |args, _| covariance(args, moments::covariance),
        |args, _| covariance(args, reference::moments::covariance),
        scratch::covariance
    ),
    row!(
        "countDistinct",
        "The number of different values: of all cells (\"rc\"), of each row (\"r\"), of each column (\"c\").",
        [required("X"), DIR],
        infer_count_distinct,
        |args, _| count_distinct(args, direction(&args.text("dir")?)?),
        |args, _| naive_count_distinct(args, direction(&args.text("dir")?)?),
        scratch::count
    ),
    row!(
        "rowCountDistinct",
        "The number of different values of each row.",
        [required("X")],
        |args| Ok(vec![Facts::matrix(args.dims("X")?.0, Dim::Known(1))]),
        |args, _| count_distinct(args, Direction::Rows),
        |args, _| naive_count_distinct(args, Direction::Rows),
        scratch::count_rows
    ),
    row!(
        "colCountDistinct",
        "The number of different values of each column.",
        [required("X")],
        |args| Ok(vec![Facts::matrix(Dim::Known(1), args.dims("X")?.1)]),
        |args, _| count_distinct(args, Direction::Columns),
        |args, _| naive_count_distinct(args, Direction::Columns),
        scratch::count_cols
    ),
    row!(
        "unique",
        "The different values in the order of their first occurrence: of all cells as a column (\"rc\"), of each row (\"r\") or column (\"c\") filled up with zeros.",
        [required("X"), DIR],
        infer_unique,
        |args, _| unique(args, [distinct::unique, distinct::unique_rows, distinct::unique_cols]),
        |args, _| {
            use reference::distinct::{unique as all, unique_cols, unique_rows};
            unique(args, [all, unique_rows, unique_cols])
        },
        scratch::unique
    ),
    row!(
        "contains",
        "Whether a cell is the number `pattern`, or a row is the row `pattern`; NaN finds NaN.",
        [required("target"), required("pattern")],
        infer_contains,
        |args, _| contains(args),
        |args, _| contains(args),
        scratch::contains
    ),
    row!(
        "aggregate",
        "A statistic of each column of `target` for each group of rows: \"sum\", \"count\", \"mean\", \"variance\", \"centralmoment\" (of an `order`), \"min\" or \"max\".",
        [
            required("target"),
            required("groups"),
            required("fn"),
            optional("weights"),
            optional("ngroups"),
            optional("order")
        ],
        infer_aggregate,
        |args, _| aggregate(args, grouped::aggregate),
        |args, _| aggregate(args, reference::grouped::aggregate),
        scratch::aggregate
    ),
];

const DIR: crate::function::Param = default("dir", Literal::Text("rc"));

fn column(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("X")?;
    if cols.conflicts(Dim::Known(1)) {
        bail!(Shape, "`{}` needs a column, found a {rows}x{cols} matrix", args.function(); hint: "take one column: `X[,j]`");
    }
    Ok(vec![Facts::DOUBLE])
}

fn weighted_column(args: &Args<'_, Facts>, weights: Option<&Facts>) -> Outcome<Vec<Facts>> {
    let column = column(args)?;
    if let Some(weights) = weights {
        let (rows, (r, c)) = (args.dims("X")?.0, weights.expect_matrix("the weights")?);
        if r.conflicts(rows) || c.conflicts(Dim::Known(1)) {
            bail!(Shape, "`{}` of {rows} values with a {r}x{c} matrix of weights", args.function());
        }
    }
    Ok(column)
}

/// The weights, if any, and a further argument: `quantile(X, W, p)` has the weights before the fraction,
/// `quantile(X, p)` has the fraction in their place.
fn weights_and<'a, T>(args: &Args<'a, T>, name: &str) -> Outcome<(Option<&'a T>, &'a T)> {
    match (args.get("W"), args.get(name)) {
        (weights, Some(item)) => Ok((weights, item)),
        (Some(item), None) => Ok((None, item)),
        (None, None) => bail!(Argument, "`{}` needs the argument `{name}`", args.function()),
    }
}

fn infer_quantile(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (weights, p) = weights_and(args, "p")?;
    weighted_column(args, weights)?;
    Ok(vec![match p.kind {
        Kind::Scalar(_) => Facts::DOUBLE,
        Kind::Matrix { rows, cols } => Facts::matrix(rows, cols),
        _ => Facts::UNKNOWN,
    }])
}

/// The cells of a value.
pub(super) fn cells(value: &Value) -> Outcome<Cells<'_>> {
    Ok(as_block(value)?.cells())
}

fn values<'a>(args: &Args<'a, Value>, weights: Option<&'a Value>) -> Outcome<(Cells<'a>, Option<Cells<'a>>)> {
    let (x, w) = (cells(args.at("X")?)?, weights.map(cells).transpose()?);
    if x.cells().is_empty() {
        bail!(Value, "`{}` of an empty column", args.function());
    }
    if let Some(w) = w.as_ref().filter(|w| w.cells().len() != x.cells().len()) {
        let (values, weights) = (x.cells().len(), w.cells().len());
        bail!(Shape, "`{}` of {values} values with {weights} weights", args.function());
    }
    Ok((x, w))
}

fn number(args: &Args<'_, Value>, f: fn(&[f64], Option<&[f64]>) -> f64) -> Outcome<Vec<Value>> {
    let (x, w) = values(args, args.get("W"))?;
    Ok(vec![f(x.cells(), w.as_deref().map(Dense::cells)).into()])
}

type Quantiles = fn(&[f64], Option<&[f64]>, &[f64]) -> Vec<f64>;

fn naive_quantiles(values: &[f64], weights: Option<&[f64]>, probabilities: &[f64]) -> Vec<f64> {
    probabilities.iter().map(|&p| reference::quantile::quantile(values, weights, p)).collect()
}

fn quantiles(args: &Args<'_, Value>, f: Quantiles) -> Outcome<Vec<Value>> {
    let (weights, p) = weights_and(args, "p")?;
    let (x, w) = values(args, weights)?;
    let at = |probabilities: &[f64]| {
        if let Some(p) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            bail!(Value, "`p` of `quantile` is {p}; it must be between 0 and 1");
        }
        Ok(f(x.cells(), w.as_deref().map(Dense::cells), probabilities))
    };
    if let Value::Scalar(p) = p {
        let p = p.as_double()?;
        let count = w.as_ref().map_or(x.cells().len() as f64, |w| w.cells().iter().sum());
        let position = (count * p).ceil();
        // Of an even number the reference takes the mean of two neighbours, for a single fraction only.
        let between = p > 0.0 && count % 2.0 == 0.0 && position < count;
        return Ok(vec![if between {
            let neighbours = at(&[(position - 0.5) / count, (position + 0.5) / count])?;
            neighbours[0].midpoint(neighbours[1]).into()
        } else {
            at(&[p])?[0].into()
        }]);
    }
    let p = cells(p)?;
    one(Dense::from_cells(p.rows(), p.cols(), &at(p.cells())?))
}

pub(super) fn one(x: Dense) -> Outcome<Vec<Value>> {
    Ok(vec![Block::Dense(x).into()])
}

fn infer_inter_quantile(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (weights, p) = weights_and(args, "p")?;
    weighted_column(args, weights)?;
    p.expect_scalar("`p` of `interQuantile`")?;
    Ok(vec![Facts::matrix(Dim::Unknown, Dim::Known(1))])
}

fn inter_quantile(args: &Args<'_, Value>, quantiles: Quantiles) -> Outcome<Vec<Value>> {
    let (weights, p) = weights_and(args, "p")?;
    let (x, w) = values(args, weights)?;
    let p = p.as_scalar()?.as_double()?;
    if !(0.0..=0.5).contains(&p) {
        bail!(Value, "`p` of `interQuantile` is {p}; it must be between 0 and 0.5");
    }
    let weights = w.as_deref().map(Dense::cells);
    let bounds = quantiles(x.cells(), weights, &[p, 1.0 - p]);
    let (low, high) = (bounds[0], bounds[1]);
    let counts = |k: usize| weights.is_none_or(|weights| weights[k] > 0.0);
    let all = x.cells().iter().enumerate();
    let inside: Vec<f64> = all
        .filter(|&(k, &value)| counts(k) && value >= low && (value <= high || high.is_nan()))
        .map(|(_, &value)| value)
        .collect();
    one(order::values(&Dense::from_cells(inside.len(), 1, &inside), order::Direction::Ascending))
}

fn infer_moment(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (weights, k) = weights_and(args, "k")?;
    k.expect_scalar("the order of `moment`")?;
    if let Some(k) = k.number() {
        order(k)?;
    }
    weighted_column(args, weights)
}

fn order(k: f64) -> Outcome<i32> {
    match k {
        2.0 | 3.0 | 4.0 => Ok(k as i32),
        k => {
            bail!(Value, "a central moment of order {k}; the orders are 2, 3 and 4"; hint: "`mean(X)` is the first moment")
        }
    }
}

fn moment(args: &Args<'_, Value>, f: fn(&[f64], Option<&[f64]>, i32) -> f64) -> Outcome<Vec<Value>> {
    let (weights, k) = weights_and(args, "k")?;
    let (x, w) = values(args, weights)?;
    Ok(vec![f(x.cells(), w.as_deref().map(Dense::cells), order(k.as_scalar()?.as_double()?)?).into()])
}

fn infer_covariance(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let ((rows, cols), (r, c)) = (args.dims("X")?, args.dims("Y")?);
    if rows.conflicts(r) || c.conflicts(Dim::Known(1)) {
        bail!(Shape, "`cov` of a {rows}x{cols} and a {r}x{c} matrix: both must be columns of equal length"; hint: "the library function `cor` is made for matrices");
    }
    weighted_column(args, args.get("W"))
}

type Covariance = fn(&[f64], &[f64], Option<&[f64]>) -> f64;

fn covariance(args: &Args<'_, Value>, f: Covariance) -> Outcome<Vec<Value>> {
    let ((x, w), y) = (values(args, args.get("W"))?, cells(args.at("Y")?)?);
    if x.cells().len() != y.cells().len() {
        bail!(Shape, "`cov` of columns with {} and {} values", x.cells().len(), y.cells().len());
    }
    Ok(vec![f(x.cells(), y.cells(), w.as_deref().map(Dense::cells)).into()])
}

/// Along what different values are looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Direction {
    All,
    Rows,
    Columns,
}

pub(super) fn direction(text: &str) -> Outcome<Direction> {
    Ok(match text {
        "rc" => Direction::All,
        "r" => Direction::Rows,
        "c" => Direction::Columns,
        other => bail!(Value, "`dir` is \"{other}\"; it must be \"r\", \"c\" or \"rc\""),
    })
}

pub(super) fn infer_count_distinct(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("X")?;
    args.scalar("dir")?;
    let Some(text) = args.text("dir") else { return Ok(vec![Facts::UNKNOWN]) };
    Ok(vec![match direction(text)? {
        Direction::All => Facts::INTEGER,
        Direction::Rows => Facts::matrix(rows, Dim::Known(1)),
        Direction::Columns => Facts::matrix(Dim::Known(1), cols),
    }])
}

fn count_distinct(args: &Args<'_, Value>, direction: Direction) -> Outcome<Vec<Value>> {
    let x = args.block("X")?;
    match (direction, &*x) {
        (Direction::All, Block::Dense(x)) => integer(distinct::count_dense(x)),
        (Direction::All, Block::Sparse(x)) => integer(distinct::count_sparse(x)),
        (Direction::Rows, x) => one(distinct::count_rows(&x.dense())),
        (Direction::Columns, x) => one(distinct::count_cols(&x.dense())),
    }
}

fn naive_count_distinct(args: &Args<'_, Value>, direction: Direction) -> Outcome<Vec<Value>> {
    let x = cells(args.at("X")?)?;
    match direction {
        Direction::All => integer(reference::distinct::count(&x)),
        Direction::Rows => one(reference::distinct::count_rows(&x)),
        Direction::Columns => one(reference::distinct::count_cols(&x)),
    }
}

pub(super) fn integer(count: usize) -> Outcome<Vec<Value>> {
    Ok(vec![Scalar::Integer(count as i64).into()])
}

fn infer_unique(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("X")?;
    args.scalar("dir")?;
    let Some(text) = args.text("dir") else { return Ok(vec![Facts::matrix(Dim::Unknown, Dim::Unknown)]) };
    Ok(vec![match direction(text)? {
        Direction::All => Facts::matrix(Dim::Unknown, Dim::Known(1)),
        Direction::Rows => Facts::matrix(rows, Dim::Unknown),
        Direction::Columns => Facts::matrix(Dim::Unknown, cols),
    }])
}

/// The different values of all cells, of rows, of columns.
fn unique(args: &Args<'_, Value>, [all, rows, columns]: [fn(&Dense) -> Dense; 3]) -> Outcome<Vec<Value>> {
    let x = cells(args.at("X")?)?;
    one(match direction(&args.text("dir")?)? {
        Direction::All => all(&x),
        Direction::Rows => rows(&x),
        Direction::Columns => columns(&x),
    })
}

fn infer_contains(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("target")?;
    let pattern = args.at("pattern")?;
    let (r, c) = pattern.dims();
    let number = r.may_be(1) && c.may_be(1);
    if pattern.scalar_type() == Some(ScalarType::String) || pattern.kind == Kind::List {
        bail!(Type, "`pattern` of `contains` must be a number or a row, found {}", pattern.describe());
    }
    if !number && (r.conflicts(Dim::Known(1)) || c.conflicts(cols)) {
        bail!(
            Shape,
            "`pattern` of `contains` is a {r}x{c} matrix; a {rows}x{cols} matrix contains numbers and rows of {cols} cells"
        );
    }
    Ok(vec![Facts::BOOLEAN])
}

fn contains(args: &Args<'_, Value>) -> Outcome<Vec<Value>> {
    let (x, pattern) = (args.block("target")?, cells(args.at("pattern")?)?);
    let same = |a: &f64, b: &f64| a == b || (a.is_nan() && b.is_nan());
    if let [wanted] = pattern.cells() {
        let found = match &*x {
            Block::Dense(x) => x.cells().iter().any(|cell| same(cell, wanted)),
            Block::Sparse(x) => {
                let gaps = x.nnz() < x.rows() * x.cols();
                (gaps && *wanted == 0.0) || x.val().iter().any(|cell| same(cell, wanted))
            }
        };
        return Ok(vec![Scalar::Boolean(found).into()]);
    }
    if pattern.rows() != 1 || pattern.cols() != x.cols() {
        let (r, c) = (pattern.rows(), pattern.cols());
        bail!(Shape, "`pattern` of `contains` is a {r}x{c} matrix, the rows have {} cells", x.cols());
    }
    let x = x.dense();
    let is_pattern = |i: usize| x.row(i).iter().zip(pattern.cells()).all(|(a, b)| same(a, b));
    Ok(vec![Scalar::Boolean((0..x.rows()).any(is_pattern)).into()])
}

fn infer_aggregate(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = args.dims("target")?;
    for name in ["groups", "weights"].into_iter().filter(|name| args.get(name).is_some()) {
        let (r, c) = args.dims(name)?;
        if r.conflicts(rows) || c.conflicts(Dim::Known(1)) {
            bail!(
                Shape,
                "`{name}` of `aggregate` is a {r}x{c} matrix for {rows} rows; it must be a column of {rows} cells"
            );
        }
    }
    ["fn", "order"].into_iter().try_for_each(|name| args.scalar(name))?;
    if let Some(name) = args.text("fn") {
        known_statistic(name)?;
    }
    let count = if args.get("ngroups").is_some() { args.dim("ngroups")? } else { Dim::Unknown };
    Ok(vec![Facts::matrix(count, cols)])
}

fn known_statistic(name: &str) -> Outcome<Statistic> {
    Ok(match name {
        "sum" => Statistic::Sum,
        "count" => Statistic::Count,
        "mean" => Statistic::Mean,
        "variance" => Statistic::Variance,
        "centralmoment" => Statistic::CentralMoment(2),
        "min" => Statistic::Min,
        "max" => Statistic::Max,
        other => {
            bail!(Value, "`fn` of `aggregate` is \"{other}\""; hint: "use \"sum\", \"count\", \"mean\", \"variance\", \"centralmoment\", \"min\" or \"max\"")
        }
    })
}

/// The statistic; the order of a moment is a number or, as scripts write it, a string.
fn statistic(args: &Args<'_, Value>) -> Outcome<Statistic> {
    match (known_statistic(&args.text("fn")?)?, args.get("order")) {
        (Statistic::CentralMoment(_), Some(_)) => {
            let text = args.text("order")?;
            Ok(Statistic::CentralMoment(order(text.trim().parse().unwrap_or(f64::NAN))?))
        }
        (Statistic::CentralMoment(_), None) => {
            bail!(Argument, "`aggregate` needs an `order` for central moments"; hint: "order = 2, 3 or 4")
        }
        (Statistic::Min | Statistic::Max, _) if args.get("weights").is_some() => {
            bail!(Argument, "weights have no meaning for the smallest and largest values"; hint: "leave out `weights`")
        }
        (statistic, _) => Ok(statistic),
    }
}

type Aggregate = fn(&Dense, &[usize], Option<&[f64]>, usize, Statistic) -> Dense;

fn aggregate(args: &Args<'_, Value>, f: Aggregate) -> Outcome<Vec<Value>> {
    let statistic = statistic(args)?;
    let (target, codes) = (cells(args.at("target")?)?, cells(args.at("groups")?)?);
    let weights = args.get("weights").map(cells).transpose()?;
    for column in [Some(&codes), weights.as_ref()].into_iter().flatten() {
        if column.cells().len() != target.rows() {
            bail!(
                Shape,
                "`aggregate` of {} rows with {} groups or weights",
                target.rows(),
                column.cells().len()
            );
        }
    }
    let (groups, found) = grouped::groups(codes.cells())?;
    let count = if args.get("ngroups").is_some() { args.size("ngroups")? } else { found };
    one(f(&target, &groups, weights.as_deref().map(Dense::cells), count, statistic))
}
