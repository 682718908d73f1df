//! Elements of a list: by position, by name, by range.

use std::sync::Arc;

use tilewright_base::{Outcome, bail, fault, nearest, number};
use tilewright_value::list::Entry;
use tilewright_value::{List, Scalar, ScalarType, Value};

use super::choice::{self, Choice, Extent};
use super::{Form, Side};
use crate::facts::{Dim, Element, Facts, Kind};

/// A list has no columns: `L[i, 1]` is accepted, for scripts that write it.
fn check_columns(form: Form) -> Outcome<()> {
    match form.cols {
        Side::All | Side::One => Ok(()),
        _ => bail!(Index, "a list has elements, and no columns"; hint: "`L[a:b]` takes several elements"),
    }
}

/// The known position of a single index: a number that counts from 1, or a name.
fn known_position(elements: &[Element], index: &Facts) -> Outcome<Option<usize>> {
    let Some(constant) = &index.constant else { return Ok(None) };
    if let Scalar::String(name) = constant {
        let names = || elements.iter().filter_map(|element| element.name.as_deref());
        let known = elements.iter().all(|element| element.name.is_some());
        return match elements.iter().position(|element| element.name.as_ref() == Some(name)) {
            None if known => Err(unknown_name(name, names())),
            at => Ok(at),
        };
    }
    let at = constant.as_integer()?;
    let whole = || described(elements.len());
    Extent { what: "element", count: elements.len(), whole: &whole }.check(at, at)?;
    Ok(Some(at as usize - 1))
}

fn described(len: usize) -> String {
    format!("a list of {}", number::count(len, "element"))
}

fn unknown_name<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> tilewright_base::Fault {
    let fault = fault!(Index, "the list has no element named `{name}`");
    match nearest(name, names) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("names are given by `list(name=value)`"),
    }
}

/// What is known of `L[...]` and `L[[i]]`.
///
/// # Errors
/// When positions are known to be outside.
pub fn infer(form: Form, x: &Facts, indices: &[Facts]) -> Outcome<Facts> {
    check_columns(form)?;
    let (rows, _) = form.split(indices);
    choice::check_kinds(form.rows, rows)?;
    let element = form.rows == Side::Element;
    let unknown = if element { Facts::UNKNOWN } else { Facts::LIST };
    let Some(elements) = &x.elements else { return Ok(unknown) };
    match form.rows {
        Side::All => Ok(x.clone()),
        Side::One | Side::Element => match known_position(elements, &rows[0])? {
            Some(at) if element => Ok(elements[at].facts.clone()),
            Some(at) => Ok(Facts::list(vec![elements[at].clone()])),
            None => Ok(unknown),
        },
        Side::Range => {
            if rows.iter().any(|end| end.scalar_type() == Some(ScalarType::String)) {
                return Ok(unknown);
            }
            let bounds = choice::known(Side::Range, rows, Dim::Known(elements.len() as u64))?;
            let Some((from, to)) = bounds else { return Ok(unknown) };
            let whole = || described(elements.len());
            Extent { what: "element", count: elements.len(), whole: &whole }.check(from, to)?;
            Ok(Facts::list(elements[from as usize - 1..to as usize].to_vec()))
        }
    }
}

/// What is known of `L` after `L[...] = value`.
///
/// # Errors
/// When positions are known to be outside.
pub fn infer_assign(form: Form, x: &Facts, value: &Facts, indices: &[Facts]) -> Outcome<Facts> {
    check_columns(form)?;
    let (rows, _) = form.split(indices);
    choice::check_kinds(form.rows, rows)?;
    let (Side::One | Side::Element, Some(elements)) = (form.rows, &x.elements) else {
        return Ok(Facts::LIST);
    };
    let named = matches!(rows[0].constant, Some(Scalar::String(_)));
    let position = if named {
        known_position(elements, &rows[0]).unwrap_or(None)
    } else {
        known_position(elements, &rows[0])?
    };
    Ok(match position {
        Some(at) => {
            let mut elements = elements.to_vec();
            elements[at].facts = element_of(form, value);
            Facts::list(elements)
        }
        None => Facts::LIST,
    })
}

/// What an element is after `L[i] = value`, which takes the element out of a list of one, or `L[[i]] = value`.
fn element_of(form: Form, value: &Facts) -> Facts {
    match (form.rows, value.kind, value.elements.as_deref()) {
        (Side::One, Kind::List, Some([only])) => only.facts.clone(),
        (Side::One, Kind::List | Kind::Unknown, _) => Facts::UNKNOWN,
        _ => value.clone(),
    }
}

fn choose(form: Form, x: &List, indices: &[Value]) -> Outcome<Choice> {
    let position = |index: &Value| match index {
        Value::Scalar(Scalar::String(name)) => match x.position(name) {
            Some(at) => Ok(Scalar::Integer(at as i64 + 1).into()),
            None => Err(unknown_name(name, x.iter().filter_map(|(name, _)| name))),
        },
        index => Ok(index.clone()),
    };
    let rows = form.split(indices).0.iter().map(position).collect::<Outcome<Vec<Value>>>()?;
    let whole = || described(x.len());
    Extent { what: "element", count: x.len(), whole: &whole }.choose(form.rows, &rows)
}

/// `L[...]` is a list, `L[[i]]` the element itself.
///
/// # Errors
/// When positions are outside.
pub fn run(form: Form, x: &List, indices: &[Value]) -> Outcome<Value> {
    check_columns(form)?;
    let chosen = choose(form, x, indices)?.positions();
    if form.rows == Side::Element {
        let element = chosen.first().and_then(|at| x.get(*at));
        return Ok(element.expect("invariant: a position inside of the list").clone());
    }
    Ok(Value::List(List::new(chosen.iter().map(|at| x.entry(*at).clone()).collect())))
}

/// `L[...] = value`: the chosen elements become the value or, for a list, its elements one by one; `L[[i]] = value`
/// puts any value into an element. A new name is added at the end.
///
/// # Errors
/// When positions are outside or the number of values differs.
pub fn run_assign(form: Form, x: List, value: Value, indices: &[Value]) -> Outcome<Value> {
    check_columns(form)?;
    let mut entries = x.into_entries();
    if let ([Value::Scalar(Scalar::String(name))], Side::One | Side::Element) =
        (form.split(indices).0, form.rows)
        && !entries.iter().any(|entry| entry.name.as_ref() == Some(name))
    {
        entries.push(Entry { name: Some(Arc::clone(name)), value });
        return Ok(Value::List(List::new(entries)));
    }
    let list = List::new(entries);
    let chosen = choose(form, &list, indices)?.positions();
    let mut entries = list.into_entries();
    match (form.rows, value) {
        (Side::Range | Side::All | Side::One, Value::List(values)) => {
            if values.len() != chosen.len() {
                let count = number::count(chosen.len(), "element");
                bail!(Shape, "{} cannot be assigned to {count}", described(values.len()); hint: "`L[[i]] = list(...)` puts a list into an element");
            }
            for (at, (_, value)) in chosen.into_iter().zip(values.iter()) {
                entries[at].value = value.clone();
            }
        }
        (_, value) => chosen.into_iter().for_each(|at| entries[at].value = value.clone()),
    }
    Ok(Value::List(List::new(entries)))
}
