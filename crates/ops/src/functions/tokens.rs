//! Texts as tokens: [`tilewright_frame::tokenize`].

use tilewright_base::Outcome;
use tilewright_frame::tokenize::{Spec, reference, tokenize};
use tilewright_value::Value;

use super::frames::{frame_dims, frame_of};
use super::transforms::json_of_list;
use crate::facts::{Dim, Facts, Kind};
use crate::function::{Args, FunctionRow, Params, optional, required};

/// Tokens of texts.
pub static TABLE: &[FunctionRow] = &[FunctionRow::pure(
    "tokenize",
    "The tokens of a column of texts, split as `spec` says, a row for each with its count, position or hash, or side by side; of each text at most `max_tokens`.",
    Params::Named(&[required("target"), required("spec"), optional("max_tokens")]),
    infer,
    |args, _| Ok(vec![tokenize(frame_of(args, "target")?, &spec(args)?, most(args)?)?.into()]),
    |args, _| Ok(vec![reference::tokenize(frame_of(args, "target")?, &spec(args)?, most(args)?)?.into()]),
)
.with_scratch(|_, _| None)];

fn infer(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let (rows, cols) = frame_dims(args, "target")?;
    let facts = args.at("spec")?;
    if !matches!(facts.kind, Kind::List | Kind::Unknown) {
        args.scalar("spec")?;
    }
    args.scalar("max_tokens")?;
    let most = match args.get("max_tokens") {
        None => None,
        Some(_) => args.dim("max_tokens")?.known().map(|most| most as usize),
    };
    let Some(text) = args.text("spec") else { return Ok(vec![Facts::frame(Dim::Unknown, Dim::Unknown)]) };
    let spec = Spec::parse(text)?;
    if let Some(cols) = cols.known().filter(|_| spec.is_by_number()) {
        spec.places(&vec![String::new(); cols as usize])?;
    }
    let is_known = args.get("max_tokens").is_none() || most.is_some();
    let own = if is_known { spec.own_columns(most)? } else { None };
    let own = own.or((!spec.is_wide()).then_some(2));
    let cols = own.map_or(Dim::Unknown, |own| Dim::Known((spec.ids() + own) as u64));
    Ok(vec![Facts::frame(if spec.is_wide() { rows } else { Dim::Unknown }, cols)])
}

fn spec(args: &Args<'_, Value>) -> Outcome<Spec> {
    match args.at("spec")? {
        Value::List(list) => Spec::from_json(&json_of_list(list)?),
        _ => Spec::parse(&args.text("spec")?),
    }
}

fn most(args: &Args<'_, Value>) -> Outcome<Option<usize>> {
    args.get("max_tokens").map(|_| args.size("max_tokens")).transpose()
}
