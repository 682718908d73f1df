//! Frames as matrices of numbers and back, by specification: [`tilewright_frame::transform`].

use serde_json::{Map, Value as Json};
use tilewright_base::number::count;
use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_frame::Frame;
use tilewright_frame::transform::spec::{Coding, ColumnRule};
use tilewright_frame::transform::{self, Cells, Embedding, Encoded, Spec, Unseen, encode, reference};
use tilewright_matrix::Dense;
use tilewright_value::block::prefers_sparse;
use tilewright_value::{Block, List, Scalar, Value};

use super::frames::{frame_dims, frame_of};
use crate::facts::{Dim, Facts, Kind, Nnz};
use crate::function::{Args, FunctionRow, Params, Run, optional, required};

const LEARN: Params = Params::Named(&[required("target"), required("spec"), optional("embedding")]);
const APPLY: Params =
    Params::Named(&[required("target"), required("spec"), required("meta"), optional("embedding")]);
const DECODE: Params = Params::Named(&[required("target"), required("spec"), required("meta")]);

/// Encoding and decoding of frames.
pub static TABLE: &[FunctionRow] = &[
    FunctionRow::pure(
        "transformencode",
        "X, meta: a frame as a matrix, as `spec` says (recode, dummycode, bin, hash, bag_of_words, word_embedding, impute, omit), and what was learned from it, to encode other frames and to decode.",
        LEARN,
        |args| {
            let (rows, cols) = frame_dims(args, "target")?;
            Ok(vec![encoded_facts(args, rows, cols)?, Facts::frame(Dim::Unknown, cols)])
        },
        |args, _| {
            with_embedding(args, |embedding| {
                let (encoded, meta) = transform::encode(frame_of(args, "target")?, &spec(args)?, embedding)?;
                Ok(vec![stored(&encoded), meta.into()])
            })
        },
        |args, _| {
            with_embedding(args, |embedding| {
                let (dense, meta) = reference::encode(frame_of(args, "target")?, &spec(args)?, embedding)?;
                Ok(vec![dense_value(dense), meta.into()])
            })
        },
    )
    .with_results(&["X", "meta"])
    .with_scratch(|args, _| {
        let (rules, rows) = known_rules(args)?;
        encode::encode_scratch(&rules, rows)
    }),
    FunctionRow::pure(
        "transformapply",
        "A frame as a matrix, by what `transformencode` has learned from another one; values that were not there have no code: NaN, zeros among dummy codes and word vectors; a warning counts them.",
        APPLY,
        |args| {
            let (rows, cols) = frame_dims(args, "target")?;
            let (_, known) = frame_dims(args, "meta")?;
            if cols.conflicts(known) {
                bail!(Shape, "`target` of `transformapply` has {cols} columns, `meta` has {known}")
            }
            Ok(vec![encoded_facts(args, rows, cols.or(known))?])
        },
        |args, context| {
            with_embedding(args, |embedding| {
                let (target, meta) = (frame_of(args, "target")?, frame_of(args, "meta")?);
                let (encoded, unseen) = transform::apply(target, &spec(args)?, meta, embedding)?;
                context.warnings.extend(other_name(target, meta));
                context.warnings.extend(unseen.iter().map(|unseen| without_code(target, unseen)));
                Ok(vec![stored(&encoded)])
            })
        },
        |args, _| {
            with_embedding(args, |embedding| {
                let (target, meta) = (frame_of(args, "target")?, frame_of(args, "meta")?);
                Ok(vec![dense_value(reference::apply(target, &spec(args)?, meta, embedding)?)])
            })
        },
    )
    .with_scratch(|args, _| {
        let (rules, rows) = known_rules(args)?;
        encode::apply_scratch(&rules, rows, args.get("meta")?.shape()?.rows)
    }),
    FunctionRow::pure(
        "transformdecode",
        "The frame that a matrix was encoded from: codes become values, bins their middles, of dummy codes the largest counts; what has no value is missing.",
        DECODE,
        |args| {
            let (rows, _) = args.dims("target")?;
            let (_, cols) = frame_dims(args, "meta")?;
            if let (Some(spec), Some(cols)) = (known_spec(args)?, cols.known()) {
                spec.rules_by_number(cols as usize)?;
            }
            Ok(vec![Facts::frame(rows, cols)])
        },
        |args, context| {
            let block = args.block("target")?;
            let cells = match &*block {
                Block::Dense(dense) => Cells::Dense(dense),
                Block::Sparse(csr) => Cells::Sparse(csr),
            };
            let (frame, unseen) = transform::decode(cells, &spec(args)?, frame_of(args, "meta")?)?;
            context.warnings.extend(unseen.iter().map(|unseen| without_value(&frame, unseen)));
            Ok(vec![frame.into()])
        },
        |args, _| {
            let dense = args.block("target")?.dense().into_owned();
            Ok(vec![reference::decode(&dense, &spec(args)?, frame_of(args, "meta")?)?.into()])
        },
    )
    .with_scratch(|_, _| None),
    layout(
        "transformcolmap",
        "A row for each column of the frame whose meta data `target` are: its number, the first and the last of its columns in the encoded matrix.",
        |args| {
            let (_, cols) = frame_dims(args, "target")?;
            encoded_facts(args, Dim::Unknown, cols)?;
            Ok(vec![Facts::matrix(cols, Dim::Known(3))])
        },
        |args, _| laid_out(args, transform::column_map),
    ),
    layout(
        "getCategoricalMask",
        "A row with 1 for each column of the encoded matrix that holds categories (codes of values, hash buckets, dummy codes), 0 for the others; `target` are the meta data.",
        |args| {
            let (_, cols) = frame_dims(args, "target")?;
            let (_, cols) = encoded_facts(args, Dim::Unknown, cols)?.dims();
            Ok(vec![Facts::matrix(Dim::Known(1), cols)])
        },
        |args, _| laid_out(args, transform::categorical_mask),
    ),
];

const fn layout(
    name: &'static str,
    doc: &'static str,
    infer: fn(&Args<'_, Facts>) -> Outcome<Vec<Facts>>,
    run: Run,
) -> FunctionRow {
    FunctionRow::pure(name, doc, LEARN, infer, run, run)
}

/// The specification, if it is a known text.
fn known_spec(args: &Args<'_, Facts>) -> Outcome<Option<Spec>> {
    let facts = args.at("spec")?;
    if !matches!(facts.kind, Kind::List | Kind::Unknown) {
        facts.expect_scalar(&format!("`spec` of `{}`", args.function()))?;
    }
    args.text("spec").map(Spec::parse).transpose()
}

/// The rules of the columns and the number of rows, where both are known.
fn known_rules(args: &Args<'_, Facts>) -> Option<(Vec<ColumnRule>, usize)> {
    let target = args.get("target")?.shape()?;
    let rules = Spec::parse(args.text("spec")?).ok()?.rules_by_number(target.cols).ok()??;
    Some((rules, target.rows))
}

/// The matrix that a frame of these dimensions becomes, as far as the specification is known.
fn encoded_facts(args: &Args<'_, Facts>, rows: Dim, cols: Dim) -> Outcome<Facts> {
    let Some(spec) = known_spec(args)? else { return Ok(Facts::matrix(Dim::Unknown, Dim::Unknown)) };
    let rows = if spec.omits() { Dim::Unknown } else { rows };
    let Some(known) = cols.known() else {
        return Ok(Facts::matrix(rows, if spec.widens() { Dim::Unknown } else { cols }));
    };
    let rules = spec.rules_by_number(known as usize)?;
    let width = match rules {
        Some(rules) => {
            let widths = rules.iter().map(|rule| match (rule.coding, args.get("embedding")) {
                (Coding::WordEmbedding, Some(embedding)) => vector_length(embedding),
                _ => rule.width().map_or(Dim::Unknown, |width| Dim::Known(width as u64)),
            });
            widths.fold(Dim::Known(0), Dim::plus)
        }
        None if spec.widens() => Dim::Unknown,
        None => cols,
    };
    let facts = Facts::matrix(rows, width);
    // A dummy code has one cell that is not zero.
    let stored = rows.times(cols).known().filter(|_| !spec.spreads());
    Ok(match stored {
        Some(stored) => facts.with_nnz(Nnz::AtMost(stored)),
        None => facts,
    })
}

/// The length of the vectors of an embedding; in a frame, words stand before them.
fn vector_length(embedding: &Facts) -> Dim {
    match (embedding.kind, embedding.dims().1) {
        (Kind::Matrix { .. }, cols) => cols,
        (Kind::Frame { .. }, Dim::Known(cols)) => Dim::Known(cols.saturating_sub(1)),
        _ => Dim::Unknown,
    }
}

fn spec(args: &Args<'_, Value>) -> Outcome<Spec> {
    match args.at("spec")? {
        Value::List(list) => Spec::from_json(&json_of_list(list)?),
        _ => Spec::parse(&args.text("spec")?),
    }
}

/// A list of named values as an object, one of values without names as an array.
pub(super) fn json_of_list(list: &List) -> Outcome<Json> {
    let named = list.iter().filter(|(name, _)| name.is_some()).count();
    if named == 0 && !list.is_empty() {
        return list.values().map(json).collect::<Outcome<Vec<_>>>().map(Json::Array);
    }
    let mut object = Map::new();
    for (name, value) in list.iter() {
        let Some(name) = name else {
            bail!(Value, "a specification has values with names and without in one list")
        };
        object.insert(name.into(), json(value)?);
    }
    Ok(Json::Object(object))
}

fn json(value: &Value) -> Outcome<Json> {
    match value {
        Value::List(list) => json_of_list(list),
        other => Ok(match other.as_scalar()? {
            Scalar::Boolean(value) => value.into(),
            Scalar::Integer(value) => value.into(),
            Scalar::Double(value) => value.into(),
            Scalar::String(text) => text.to_string().into(),
        }),
    }
}

/// Does something with the word vectors, if they are given.
fn with_embedding<T>(
    args: &Args<'_, Value>,
    run: impl FnOnce(Option<&Embedding<'_>>) -> Outcome<T>,
) -> Outcome<T> {
    match args.get("embedding") {
        None => run(None),
        Some(Value::Frame(frame)) => run(Some(&Embedding::of_frame(frame)?)),
        Some(_) => run(Some(&Embedding::of_codes(args.block("embedding")?.dense()))),
    }
}

/// The first column whose name is not the one that was learned from: columns that no name leads to go by their place.
fn other_name(target: &Frame, meta: &Frame) -> Option<Fault> {
    if !target.is_named() || !meta.is_named() {
        return None;
    }
    let (at, (name, learned)) =
        target.names().iter().zip(meta.names()).enumerate().find(|(_, (name, learned))| name != learned)?;
    Some(fault!(
        Value,
        "`transformapply` encodes column {} (\"{name}\") by what was learned from \"{learned}\": columns go by their place",
        at + 1;
        hint: "bring the columns into the order in which they were learned, each by its name: `cbind(F[, \"a\"], F[, \"b\"])`"
    ))
}

fn without_code(target: &Frame, Unseen { column, unit, count: unseen, first }: &Unseen) -> Fault {
    let (unseen, name) = (count(*unseen, unit), &target.names()[*column]);
    let what = if *unit == "cell" { "values" } else { "words" };
    fault!(
        Value,
        "`transformapply` has no code for {unseen} of column {} (\"{name}\"): {what} such as {first} were not learned",
        column + 1
    )
}

fn without_value(decoded: &Frame, Unseen { column, unit, count: unseen, first }: &Unseen) -> Fault {
    let (unseen, name) = (count(*unseen, unit), &decoded.names()[*column]);
    fault!(
        Value,
        "`transformdecode` has no value for {unseen} of column {} (\"{name}\"), such as {first}",
        column + 1
    )
}

/// Something about the columns of the matrix.
type Layout = fn(&Frame, &Spec, Option<&Embedding<'_>>) -> Outcome<Dense>;

fn laid_out(args: &Args<'_, Value>, of: Layout) -> Outcome<Vec<Value>> {
    let of = |embedding: Option<&Embedding<'_>>| of(frame_of(args, "target")?, &spec(args)?, embedding);
    Ok(vec![dense_value(with_embedding(args, of)?)])
}

/// The encoded columns in the format of fewer bytes.
fn stored(encoded: &Encoded<'_>) -> Value {
    match prefers_sparse(encoded.rows(), encoded.cols(), encoded.nnz()) {
        true => Value::from(Block::Sparse(encoded.to_csr())),
        false => dense_value(encoded.to_dense()),
    }
}

fn dense_value(dense: Dense) -> Value {
    Value::from(Block::Dense(dense))
}
