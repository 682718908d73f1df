//! Operands of the functions that encode and decode frames.

use tilewright_engine::ops::Op;
use tilewright_engine::ops::function::{FunctionOp, Params, Present};
use tilewright_frame::Frame;
use tilewright_frame::convert::from_dense;
use tilewright_frame::transform::{self, Embedding, Spec};
use tilewright_value::Value;

use crate::{FILLS, Fill, formats, matrix, text};

const SPECS: [&str; 9] = [
    "{}",
    "{ids: true, recode: [1, 3]}",
    "{ids: true, dummycode: [2, 1]}",
    "{recode: [C2], dummycode: [C2, C3]}",
    "{ids: true, bin: [{id: 1, numbins: 3}, {id: 2, method: equi-height, numbins: 2}], dummycode: [2]}",
    "{ids: true, hash: [1], K: 4, dummycode: [1, 3]}",
    "{ids: true, impute: [{id: 1, method: global_mean}, {id: 2, method: constant, value: 7}], omit: [3], recode: [2]}",
    "{ids: true, word_embedding: [2], recode: [1]}",
    "{ids: true, recode: [9]}",
];

/// Calls with frames, their meta data, and matrices of codes; nothing for other functions.
pub fn calls(function: FunctionOp) -> Option<Vec<(Op, Vec<Value>)>> {
    let of = match function.name {
        "transformencode" => encode,
        "transformapply" => apply,
        "transformdecode" => decode,
        "transformcolmap" | "getCategoricalMask" => layout,
        _ => return None,
    };
    let mut calls = Vec::new();
    for (seed, fill) in FILLS.into_iter().enumerate() {
        for rows in [0, 1, 7, 40] {
            let frame = from_dense(&matrix((rows, 3), fill, seed as u64));
            for spec in SPECS {
                calls.extend(of(&frame, spec).into_iter().map(|named| call(function, named)));
            }
        }
    }
    Some(calls)
}

type Named = Vec<(&'static str, Value)>;

fn call(function: FunctionOp, named: Named) -> (Op, Vec<Value>) {
    let Params::Named(params) = function.params else { panic!("{} has named parameters", function.name) };
    let is_given = |name: &str| named.iter().any(|(given, _)| *given == name);
    let present = Present::new(params.iter().map(|param| is_given(param.name)));
    let value = |name: &str| named.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone());
    (Op::Function(function, present), params.iter().filter_map(|param| value(param.name)).collect())
}

fn vectors() -> [Value; 2] {
    formats(&matrix((40, 3), Fill::Random, 3))
}

fn encode(frame: &Frame, spec: &str) -> Vec<Named> {
    let named = vec![("target", Value::Frame(frame.clone())), ("spec", text(spec))];
    let [dense, sparse] = vectors().map(|vectors| [named.clone(), vec![("embedding", vectors)]].concat());
    vec![named, dense, sparse]
}

/// What is learned from a frame; from its words by an embedding too short for them, nothing.
fn learned(frame: &Frame, spec: &str) -> Option<(Value, Frame)> {
    let vectors = matrix((40, 3), Fill::Random, 3);
    let embedding = Embedding::of_codes(std::borrow::Cow::Borrowed(&vectors));
    let (encoded, meta) = transform::encode(frame, &Spec::parse(spec).ok()?, Some(&embedding)).ok()?;
    let [_, sparse] = formats(&encoded.to_dense());
    Some((sparse, meta))
}

fn apply(frame: &Frame, spec: &str) -> Vec<Named> {
    let other = from_dense(&matrix((9, 3), Fill::Codes, 5));
    let Some((_, meta)) = learned(frame, spec) else { return Vec::new() };
    let named = |target: &Frame| {
        vec![
            ("target", Value::Frame(target.clone())),
            ("spec", text(spec)),
            ("meta", Value::Frame(meta.clone())),
        ]
    };
    let [dense, _] = vectors();
    vec![named(frame), named(&other), [named(&other), vec![("embedding", dense)]].concat()]
}

fn decode(frame: &Frame, spec: &str) -> Vec<Named> {
    let Some((encoded, meta)) = learned(frame, spec) else { return Vec::new() };
    let named = |target| vec![("target", target), ("spec", text(spec)), ("meta", Value::Frame(meta.clone()))];
    let other = formats(&matrix((5, 3), Fill::Special, 8));
    std::iter::once(encoded).chain(other).map(named).collect()
}

fn layout(frame: &Frame, spec: &str) -> Vec<Named> {
    let Some((_, meta)) = learned(frame, spec) else { return Vec::new() };
    let named = vec![("target", Value::Frame(meta)), ("spec", text(spec))];
    let [dense, _] = vectors();
    vec![named.clone(), [named, vec![("embedding", dense)]].concat()]
}
