//! What the functions of [`super`] need beside inputs and result.

use tilewright_matrix::quantile::{self, Weighting};
use tilewright_matrix::{Scratch, distinct, grouped, moments, order};

use super::{Direction, direction, known_statistic, weights_and};
use crate::facts::Facts;
use crate::function::Args;
use crate::scratch::densified;

type Call<'a> = Args<'a, Facts>;

fn weighting(weights: Option<&Facts>) -> Weighting {
    if weights.is_some() { Weighting::PerValue } else { Weighting::None }
}

/// Values and weights that are sparse, and what a kernel needs for so many values.
fn column(args: &Call<'_>, weights: Option<&Facts>, kernel: impl Fn(usize) -> Scratch) -> Option<Scratch> {
    let copies = densified(args.get("X").into_iter().chain(weights))?;
    Some(copies.and(kernel(args.shape("X")?.cells())))
}

pub(super) fn median(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let weights = args.get("W");
    column(args, weights, |n| quantile::median_scratch(n, weighting(weights)))
}

pub(super) fn interquartile_mean(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let weights = args.get("W");
    column(args, weights, |n| quantile::interquartile_mean_scratch(n, weighting(weights)))
}

pub(super) fn quantiles(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (weights, p) = weights_and(args, "p").ok()?;
    // Of a single fraction both neighbours are looked for.
    let count = p.shape()?.cells().max(2);
    let results = Scratch::vector::<f64>(count);
    column(args, weights, |n| results.and(quantile::quantiles_scratch(n, count, weighting(weights))))
}

pub(super) fn inter_quantile(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (weights, _) = weights_and(args, "p").ok()?;
    column(args, weights, |n| {
        let inside = Scratch::vector::<f64>(n) * 2;
        let sorted = inside.and(Scratch::dense(n, 1)).and(order::values_scratch(n));
        quantile::quantiles_scratch(n, 2, weighting(weights)).or(sorted)
    })
}

pub(super) fn moment(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    column(args, args.get("W"), moments::moment_scratch)
}

pub(super) fn covariance(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    Some(densified(args.get("Y"))?.and(column(args, args.get("W"), moments::moment_scratch)?))
}

fn along(args: &Call<'_>) -> Option<Direction> {
    direction(args.text("dir")?).ok()
}

pub(super) fn count(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    count_along(args, along(args)?)
}

pub(super) fn count_rows(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    count_along(args, Direction::Rows)
}

pub(super) fn count_cols(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    count_along(args, Direction::Columns)
}

fn count_along(args: &Call<'_>, direction: Direction) -> Option<Scratch> {
    let x = args.shape("X")?;
    Some(match (direction, x.stored) {
        (Direction::All, Some(stored)) => distinct::count_sparse_scratch(stored),
        (Direction::All, None) => distinct::count_scratch(x.cells()),
        (Direction::Rows, _) => x.densified().and(distinct::count_lines_scratch(x.cols)),
        (Direction::Columns, _) => x.densified().and(distinct::count_lines_scratch(x.rows)),
    })
}

pub(super) fn unique(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let x = args.shape("X")?;
    Some(x.densified().and(match along(args)? {
        Direction::All => distinct::unique_scratch(x.cells()),
        Direction::Rows => distinct::unique_lines_scratch(x.rows, x.cols),
        Direction::Columns => distinct::unique_lines_scratch(x.cols, x.rows),
    }))
}

pub(super) fn contains(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (x, pattern) = (args.get("target")?, args.get("pattern")?);
    // Rows are compared as dense ones, a number with what is stored.
    if pattern.shape()?.cells() == 1 { Some(Scratch::NONE) } else { densified([x, pattern]) }
}

/// The number of groups may be known only while running.
pub(super) fn aggregate(args: &Call<'_>, result: &Facts) -> Option<Scratch> {
    let (x, count) = (args.shape("target")?, result.dims().0.known()? as usize);
    let statistic = known_statistic(args.text("fn")?).ok()?;
    let inputs = ["target", "groups", "weights"].into_iter().filter_map(|name| args.get(name));
    Some(densified(inputs)?.and(grouped::aggregate_scratch(x.rows, x.cols, count, statistic)))
}
