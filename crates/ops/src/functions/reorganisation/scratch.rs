//! What the functions of [`super`] need beside inputs and result.

use tilewright_matrix::order;
use tilewright_matrix::reorg;
use tilewright_matrix::replace::{self, Values};
use tilewright_matrix::{Scratch, select, table, transpose};

use super::margin;
use crate::facts::{Facts, Kind};
use crate::function::Args;
use crate::scratch::{Shape, densified};

type Call<'a> = Args<'a, Facts>;

pub(super) fn t(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let x = args.shape("target")?;
    Some(match x.stored {
        Some(stored) => transpose::sparse_scratch(x.rows, x.cols, stored),
        None => transpose::dense_scratch(x.rows, x.cols),
    })
}

pub(super) fn roll(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let x = args.shape("target")?;
    Some(reorg::roll_sparse_scratch(x.rows).only_if(x.stored.is_some()))
}

pub(super) fn diag(args: &Call<'_>, result: &Facts) -> Option<Scratch> {
    let (x, result) = (args.shape("target")?, result.shape()?);
    let needed = (x.cols == 1) != x.stored.is_some();
    Some(reorg::diag_scratch(x.rows, result.cols).only_if(needed))
}

/// Of `cbind` and `rbind`: where one part is sparse all become so, and the result is dense again when it is fuller.
pub(super) fn bind(args: &Call<'_>, result: &Facts) -> Option<Scratch> {
    if !result.is_matrix() {
        return result.is_scalar().then_some(Scratch::NONE);
    }
    let parts: Vec<Shape> = match args.all() {
        [Facts { elements: Some(elements), .. }] => {
            elements.iter().map(|element| element.facts.shape()).collect::<Option<_>>()?
        }
        all => all.iter().map(Facts::shape).collect::<Option<_>>()?,
    };
    if parts.iter().all(|part| part.stored.is_none()) {
        return Some(bind_dense());
    }
    let cells = |part: &Shape| part.stored.unwrap_or(part.cells());
    let stored = parts.iter().map(cells).fold(0, usize::saturating_add);
    let before = parts.iter().fold(Scratch::NONE, |sum, part| sum.and(part.sparsified()));
    Some(before.and(result.shape()?.expanded(stored)))
}

fn bind_dense() -> Scratch {
    tilewright_matrix::bind::bind_scratch()
}

pub(super) fn order(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let (x, by) = (args.shape("target")?, args.get("by")?);
    let keys = by.shape()?.cells();
    let (rows, cols) = (x.rows, x.cols);
    if args.boolean("index.return")? {
        return Some(match x.stored {
            Some(_) => order::sparse_positions_scratch(rows, keys),
            None => order::positions_scratch(rows, cols, keys),
        });
    }
    let positions = Scratch::vector::<usize>(rows);
    Some(match x.stored {
        Some(_) => {
            let gathered = select::gather_rows_sparse_scratch(rows);
            positions.and(order::sparse_scratch(rows, keys).or(gathered))
        }
        None if cols == 1 && keys == 1 => order::values_scratch(rows),
        None => positions.and(order::dense_scratch(rows, cols, keys)),
    })
}

pub(super) fn remove_empty(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    if args.get("target")?.is_frame() {
        return None;
    }
    let (x, margin) = (args.shape("target")?, margin(args.text("margin")?).ok()?);
    let kernel = match x.stored {
        Some(stored) => select::remove_empty_sparse_scratch(x.rows, x.cols, stored, margin),
        None => select::remove_empty_dense_scratch(x.rows, x.cols, margin),
    };
    Some(kernel.and(densified(args.get("select"))?))
}

pub(super) fn replace(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let x = args.shape("target")?;
    Some(match x.stored {
        Some(stored) if args.get("pattern").and_then(Facts::number) != Some(0.0) => {
            replace::replace_sparse_scratch(x.rows, x.cols, stored)
        }
        _ => x.densified().and(x.compacted()),
    })
}

pub(super) fn triangle(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    let x = args.shape("target")?;
    let values = if args.boolean("values")? { Values::Keep } else { Values::Ones };
    let sparse = |stored| replace::triangle_sparse_scratch(x.rows, x.cols, stored, values);
    Some(x.stored.map_or(Scratch::NONE, sparse))
}

/// The table is counted as a sparse one and becomes dense when it is fuller.
pub(super) fn tabulate(args: &Call<'_>, result: &Facts) -> Option<Scratch> {
    let (codes, result) = (args.shape("A")?, result.shape()?);
    let n = codes.cells();
    let weighted = args.get("odim1").is_none() || args.get("odim2").is_some_and(|facts| !is_flag(facts));
    let others = ["B", "W"].into_iter().filter(|name| *name == "B" || weighted);
    let mut others = others.filter_map(|name| args.get(name)).map(|facts| match facts.kind {
        Kind::Scalar(_) => Some(Scratch::dense(n, 1)),
        _ => densified([facts]),
    });
    let inputs = others.try_fold(codes.densified(), |sum, scratch| Some(sum.and(scratch?)))?;
    let sparse = result.expanded(n.min(result.cells()));
    Some(inputs.and(table::table_scratch(n, result.rows, result.cols)).and(sparse))
}

pub(super) fn rexpand(args: &Call<'_>, result: &Facts) -> Option<Scratch> {
    let (codes, result) = (args.shape("target")?, result.shape()?);
    let expanded = table::table_expand_scratch(result.rows, result.cols);
    Some(codes.densified().and(expanded).and(result.expanded(result.rows)))
}

fn is_flag(facts: &Facts) -> bool {
    facts.scalar_type() == Some(tilewright_value::ScalarType::Boolean)
}

pub(super) fn outer(args: &Call<'_>, _: &Facts) -> Option<Scratch> {
    densified([args.get("u")?, args.get("v")?])
}
