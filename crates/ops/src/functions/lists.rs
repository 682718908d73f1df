//! Lists: making them, taking elements out, joining them. Indexing of lists is in [`crate::index`].

use std::sync::Arc;

use tilewright_base::{Outcome, bail};
use tilewright_value::list::Entry;
use tilewright_value::{List, Scalar, Value};

use crate::context::Context;
use crate::facts::{Element, Facts, Kind};
use crate::function::{Args, FunctionRow, Infer, Params, Run, required};
use crate::index::{Form, Side};

/// There is nothing to be naive about.
const fn row(
    name: &'static str,
    doc: &'static str,
    params: Params,
    results: &'static [&'static str],
    infer: Infer,
    run: Run,
) -> FunctionRow {
    FunctionRow::pure(name, doc, params, infer, run, run).with_results(results)
}

/// Lists.
pub static TABLE: &[FunctionRow] = &[
    row(
        "list",
        "A list of the arguments, each of any kind and with or without a name.",
        Params::Pairs { leading: &[], rest: "x" },
        &["list"],
        infer_list,
        make,
    ),
    row(
        "remove",
        "The list without one element, given by its position or name, and a list of that element.",
        Params::Named(&[required("target"), required("element")]),
        &["list", "removed"],
        infer_remove,
        remove,
    ),
    row(
        "as.list",
        "The list inside of a list of one list; a list as itself; the columns of a frame; any other value as a list of one element.",
        Params::Named(&[required("x")]),
        &["list"],
        infer_as_list,
        as_list,
    ),
];

fn infer_list(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let element = |pair: &[Facts]| {
        let name = match &pair[0].constant {
            Some(Scalar::String(name)) if !name.is_empty() => Some(Arc::clone(name)),
            _ => None,
        };
        Element { name, facts: pair[1].clone() }
    };
    Ok(vec![Facts::list(args.all().chunks_exact(2).map(element).collect())])
}

fn make(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    Ok(vec![Value::List(named(args.all())?)])
}

/// A list of pairs of a name, empty for none, and a value.
///
/// # Errors
/// When a name is no scalar.
pub fn named(pairs: &[Value]) -> Outcome<List> {
    let entry = |pair: &[Value]| {
        let name = pair[0].as_scalar()?.to_string();
        Ok(Entry { name: (!name.is_empty()).then(|| name.into()), value: pair[1].clone() })
    };
    Ok(List::new(pairs.chunks_exact(2).map(entry).collect::<Outcome<_>>()?))
}

/// The form of the index that chooses the element.
const ONE: Form = Form { rows: Side::One, cols: Side::All };

fn infer_remove(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let target = args.at("target")?;
    if !matches!(target.kind, Kind::List | Kind::Unknown) {
        bail!(Type, "`target` of `remove` must be a list, found {}", target.describe(); hint: "`removeEmpty(target=X, margin=\"rows\")` takes rows out of a matrix");
    }
    args.scalar("element")?;
    let removed = ONE.infer(&[target.clone(), args.at("element")?.clone()])?;
    Ok(vec![Facts::LIST, removed])
}

fn remove(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    let (target, element) = (args.at("target")?, args.at("element")?);
    let Value::List(list) = target else {
        bail!(Type, "`target` of `remove` must be a list, found {}", target.describe())
    };
    let removed = ONE.run(&[target.clone(), element.clone()])?;
    let at = match element.as_scalar()? {
        Scalar::String(name) => list.position(&name),
        position => Some(position.as_integer()? as usize - 1),
    };
    let mut entries = list.clone().into_entries();
    entries.remove(at.expect("invariant: the element has been found"));
    Ok(vec![Value::List(List::new(entries)), removed])
}

fn infer_as_list(args: &Args<'_, Facts>) -> Outcome<Vec<Facts>> {
    let x = args.at("x")?;
    Ok(vec![match (x.kind, &x.elements) {
        (Kind::List, Some(elements)) => match &elements[..] {
            [only] if only.facts.kind == Kind::List => only.facts.clone(),
            [only] if only.facts.kind == Kind::Unknown => Facts::LIST,
            _ => x.clone(),
        },
        (Kind::List | Kind::Unknown | Kind::Frame { .. }, _) => Facts::LIST,
        _ => Facts::list(vec![Element { name: None, facts: x.clone() }]),
    }])
}

fn as_list(args: &Args<'_, Value>, _: &mut Context) -> Outcome<Vec<Value>> {
    Ok(vec![match args.at("x")? {
        Value::List(list) => match (list.len(), list.get(0)) {
            (1, Some(Value::List(inner))) => Value::List(inner.clone()),
            _ => Value::List(list.clone()),
        },
        Value::Frame(frame) => Value::List(super::frames::columns(frame)),
        other => Value::List(List::new(vec![other.clone().into()])),
    }])
}

/// `append(L, x)`: the list with a further element; of a list of one element that element, any other list itself.
pub fn append(list: &List, value: &Value) -> Value {
    let mut entries = list.clone().into_entries();
    entries.push(match value {
        Value::List(one) if one.len() == 1 => one.entry(0).clone(),
        value => Entry::from(value.clone()),
    });
    Value::List(List::new(entries))
}

/// What is known of `append(L, x)`.
pub fn infer_append(list: &Facts, value: &Facts) -> Facts {
    let appended = match (value.kind, value.elements.as_deref()) {
        (Kind::List, None) | (Kind::Unknown, _) => Element { name: None, facts: Facts::UNKNOWN },
        (Kind::List, Some([only])) => only.clone(),
        _ => Element { name: None, facts: value.clone() },
    };
    list.elements
        .as_ref()
        .map_or(Facts::LIST, |elements| Facts::list(elements.iter().cloned().chain([appended]).collect()))
}
