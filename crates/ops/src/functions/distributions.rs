//! Probabilities and quantiles of distributions: `cdf`, `icdf` and the short names of R.

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;
use tilewright_value::{Block, ScalarType, Value};

use crate::distribution::Distribution;
use crate::facts::{Facts, Kind};
use crate::function::{Args, FunctionRow, Literal, Param, Params, Purity, Run, default, optional, required};
use crate::locality::Locality;
use crate::scratch::densified;

const MEAN: Param = default("mean", Literal::Double(0.0));
const SD: Param = default("sd", Literal::Double(1.0));
const RATE: Param = default("rate", Literal::Double(1.0));
const LOWER: Param = default("lower.tail", Literal::Boolean(true));

const fn row(name: &'static str, doc: &'static str, params: &'static [Param], run: Run) -> FunctionRow {
    FunctionRow {
        name,
        doc,
        params: Params::Named(params),
        results: &["result"],
        locality: Locality::Elementwise,
        purity: Purity::Pure,
        infer,
        run,
        scratch: |args, _| densified(args.get("target")),
        flops: None,
        reference: run,
    }
}

/// Probabilities and quantiles of distributions.
pub static TABLE: &[FunctionRow] = &[
    row(
        "cdf",
        "The probability of values up to `target` (above it without `lower.tail`); `dist` is \"normal\", \"exp\", \"chisq\", \"f\" or \"t\".",
        &[
            required("target"),
            required("dist"),
            MEAN,
            SD,
            RATE,
            optional("df"),
            optional("df1"),
            optional("df2"),
            LOWER,
        ],
        |args, _| probability(args, family(&args.text("dist")?)?),
    ),
    row(
        "icdf",
        "The value up to which values have the probability `target`; `dist` as for `cdf`.",
        &[
            required("target"),
            required("dist"),
            MEAN,
            SD,
            RATE,
            optional("df"),
            optional("df1"),
            optional("df2"),
        ],
        |args, _| quantile(args, family(&args.text("dist")?)?),
    ),
    row(
        "pnorm",
        "The probability of values up to `target` in a normal distribution.",
        &[required("target"), MEAN, SD, LOWER],
        |args, _| probability(args, Family::Normal),
    ),
    row(
        "pexp",
        "The probability of values up to `target` in an exponential distribution.",
        &[required("target"), RATE, LOWER],
        |args, _| probability(args, Family::Exponential),
    ),
    row(
        "pchisq",
        "The probability of values up to `target` in a chi-squared distribution.",
        &[required("target"), required("df"), LOWER],
        |args, _| probability(args, Family::ChiSquared),
    ),
    row(
        "pf",
        "The probability of values up to `target` in an F distribution.",
        &[required("target"), required("df1"), required("df2"), LOWER],
        |args, _| probability(args, Family::F),
    ),
    row(
        "pt",
        "The probability of values up to `target` in Student's t distribution.",
        &[required("target"), required("df"), LOWER],
        |args, _| probability(args, Family::T),
    ),
    row(
        "qnorm",
        "The value of a probability in a normal distribution.",
        &[required("target"), MEAN, SD],
        |args, _| quantile(args, Family::Normal),
    ),
    row(
        "qexp",
        "The value of a probability in an exponential distribution.",
        &[required("target"), RATE],
        |args, _| quantile(args, Family::Exponential),
    ),
    row(
        "qchisq",
        "The value of a probability in a chi-squared distribution.",
        &[required("target"), required("df")],
        |args, _| quantile(args, Family::ChiSquared),
    ),
    row(
        "qf",
        "The value of a probability in an F distribution.",
        &[required("target"), required("df1"), required("df2")],
        |args, _| quantile(args, Family::F),
    ),
    row(
        "qt",
        "The value of a probability in Student's t distribution.",
        &[required("target"), required("df")],
        |args, _| quantile(args, Family::T),
    ),
];

const PARAMETERS: [&str; 6] = ["mean", "sd", "rate", "df", "df1", "df2"];

fn infer(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    PARAMETERS.into_iter().chain(["dist", "lower.tail"]).try_for_each(|name| args.scalar(name))?;
    if let Some(dist) = args.text("dist") {
        family(dist)?.needed().iter().try_for_each(|name| args.at(name).map(drop))?;
    }
    let target = args.at("target")?;
    Ok(vec![match target.kind {
        Kind::Scalar(Some(ScalarType::String)) | Kind::List | Kind::Frame { .. } => {
            bail!(Type, "`target` of `{}` must be a number, found {}", args.function(), target.describe())
        }
        Kind::Scalar(_) => Facts::DOUBLE,
        Kind::Matrix { rows, cols } => Facts::matrix(rows, cols),
        Kind::Unknown => Facts::UNKNOWN,
    }])
}

/// A distribution without its parameters.
#[derive(Debug, Clone, Copy)]
enum Family {
    Normal,
    Exponential,
    ChiSquared,
    F,
    T,
}

/// The family that `dist` names: the letters after `p` in the short name of its function, or `normal`.
fn family(name: &str) -> Outcome<Family> {
    Ok(match format!("p{name}").as_str() {
        "pnorm" | "pnormal" => Family::Normal,
        "pexp" => Family::Exponential,
        "pchisq" => Family::ChiSquared,
        "pf" => Family::F,
        "pt" => Family::T,
        _ => {
            bail!(Value, "there is no distribution \"{name}\""; hint: "use \"normal\", \"exp\", \"chisq\", \"f\" or \"t\"")
        }
    })
}

impl Family {
    /// The parameters that have no default.
    fn needed(self) -> &'static [&'static str] {
        match self {
            Family::Normal | Family::Exponential => &[],
            Family::ChiSquared | Family::T => &["df"],
            Family::F => &["df1", "df2"],
        }
    }
}

fn distribution(args: &Args<'_, Value>, family: Family) -> Outcome<Distribution> {
    Ok(match family {
        Family::Normal => Distribution::Normal { mean: args.double("mean")?, sd: positive(args, "sd")? },
        Family::Exponential => Distribution::Exponential { rate: positive(args, "rate")? },
        Family::ChiSquared => Distribution::ChiSquared { df: positive(args, "df")? },
        Family::F => Distribution::F { df1: positive(args, "df1")?, df2: positive(args, "df2")? },
        Family::T => Distribution::T { df: positive(args, "df")? },
    })
}

fn positive(args: &Args<'_, Value>, name: &str) -> Outcome<f64> {
    let value = args.double(name)?;
    if !(value > 0.0 && value.is_finite()) {
        bail!(Value, "`{name}` of `{}` is {value}; it must be positive", args.function());
    }
    Ok(value)
}

fn probability(args: &Args<'_, Value>, family: Family) -> Outcome<Vec<Value>> {
    let (distribution, lower) = (distribution(args, family)?, args.boolean("lower.tail")?);
    each(args, |x| {
        let tails = distribution.tails(x);
        Ok(if lower { tails.lower } else { tails.upper })
    })
}

fn quantile(args: &Args<'_, Value>, family: Family) -> Outcome<Vec<Value>> {
    let distribution = distribution(args, family)?;
    each(args, |p| {
        if !(0.0..=1.0).contains(&p) {
            bail!(Value, "`target` of `{}` is {p}; a probability is between 0 and 1", args.function());
        }
        Ok(distribution.quantile(p))
    })
}

/// A function of a number or of each cell.
fn each(args: &Args<'_, Value>, f: impl Fn(f64) -> Outcome<f64>) -> Outcome<Vec<Value>> {
    if let Value::Scalar(x) = args.at("target")? {
        return Ok(vec![f(x.as_double()?)?.into()]);
    }
    let x = args.block("target")?.cells();
    let mut out = Dense::unset(x.rows(), x.cols());
    for (out, &x) in out.cells_mut().iter_mut().zip(x.cells()) {
        *out = f(x)?;
    }
    Ok(vec![Block::Dense(out).into()])
}
