//! Operands of the functions that encode and decode frames.

use tilewright_engine::ops::Op;
use tilewright_engine::ops::function::{FunctionOp, Params, Present};
use tilewright_frame::convert::from_dense;
use tilewright_frame::transform::{self, Embedding, Spec};
use tilewright_frame::{Column, Frame};
use tilewright_value::{Scalar, Value};

use crate::{FILLS, Fill, formats, matrix, text};

const SPECS: [&str; 11] = [
    "{}",
    "{ids: true, recode: [1, 3]}",
    "{ids: true, dummycode: [2, 1]}",
    "{recode: [C2], dummycode: [C2, C3]}",
    "{ids: true, bin: [{id: 1, numbins: 3}, {id: 2, method: equi-height, numbins: 2}], dummycode: [2]}",
    "{ids: true, hash: [1], K: 4, dummycode: [1, 3]}",
    "{ids: true, impute: [{id: 1, method: global_mean}, {id: 2, method: constant, value: 7}], omit: [3], recode: [2]}",
    "{ids: true, word_embedding: [2], recode: [1]}",
    "{ids: true, recode: [9]}",
    "{ids: true, bag_of_words: [1], recode: [2], dummycode: [3]}",
    "{ids: true, bag_of_words: [1], impute: [{id: 1, method: constant, value: 'none, Inf'}], omit: [3]}",
];

const TOKENS: [&str; 6] = [
    "{algo: split, out: count, id_cols: [2, 1], tokenize_col: 1}",
    "{algo: split, algo_params: {regex: '[0-9]'}, out: position, id_cols: [C3], tokenize_col: C2}",
    "{algo: ngram, algo_params: {regex: ''}, out: hash, id_cols: [], tokenize_col: 1}",
    "{algo: split, algo_params: {regex: ''}, out: position, format_wide: true, id_cols: [1], tokenize_col: 2}",
    "{algo: ngram, out: hash, out_params: {num_features: 5}, format_wide: true, id_cols: [1], tokenize_col: 2}",
    "{algo: split, out: count, id_cols: [4], tokenize_col: 1}",
];

/// Calls with frames, their meta data, and matrices of codes; nothing for other functions.
pub fn calls(function: FunctionOp) -> Option<Vec<(Op, Vec<Value>)>> {
    let of = match function.name {
        "transformencode" => encode,
        "transformapply" => apply,
        "transformdecode" => decode,
        "transformcolmap" | "getCategoricalMask" => layout,
        "tokenize" => return Some(tokenize(function)),
        _ => return None,
    };
    let mut calls = Vec::new();
    for (seed, fill) in FILLS.into_iter().enumerate() {
        for rows in [0, 1, 7, 40] {
            let numbers = from_dense(&matrix((rows, 3), fill, seed as u64));
            let texts = with_texts(&numbers);
            for spec in SPECS {
                let frame = if spec.contains("bag_of_words") { &texts } else { &numbers };
                calls.extend(of(frame, spec).into_iter().map(|named| call(function, named)));
            }
        }
    }
    Some(calls)
}

/// The same frame with texts of several words in its first column.
fn with_texts(frame: &Frame) -> Frame {
    let words = ["1.5", "a b", "B,a", "", "3"];
    let texts = Column::from_texts((0..frame.rows()).map(|i| Some(words[i * 3 % 5])));
    let columns = std::iter::once(texts).chain(frame.columns()[1..].iter().cloned());
    Frame::new(frame.rows(), columns.collect()).expect("columns of one length")
}

/// All specifications, with few, many and all tokens.
fn tokenize(function: FunctionOp) -> Vec<(Op, Vec<Value>)> {
    let mut calls = Vec::new();
    for (rows, spec) in [0, 1, 7].into_iter().flat_map(|rows| TOKENS.map(|spec| (rows, spec))) {
        let frame = with_texts(&from_dense(&matrix((rows, 3), Fill::Special, 4)));
        let named = vec![("target", Value::Frame(frame)), ("spec", text(spec))];
        let most = |most: i64| [named.clone(), vec![("max_tokens", Scalar::Integer(most).into())]].concat();
        calls.extend([named.clone(), most(0), most(2), most(9)].map(|named| call(function, named)));
    }
    calls
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
    let other = if spec.contains("bag_of_words") { with_texts(&other) } else { other };
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
