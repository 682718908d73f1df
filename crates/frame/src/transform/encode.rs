//! Encodes a frame, learning from it or by what was learned from another one.

use std::borrow::Cow;

use arrow_array::Float64Array;
use rayon::prelude::*;
use tilewright_base::{Fault, Outcome, bail};
use tilewright_matrix::Scratch;

use super::encoded::{Encoded, Part};
use super::meta::{self, ColumnMeta, Learned};
use super::number::numbers;
use super::recode::Recoded;
use super::spec::{BinMethod, Coding, ColumnRule, Spec};
use super::words::{self, Bag};
use super::{Embedding, bin, hash, impute, recode};
use crate::{Cell, Column, Frame};

/// Encodes a frame by what it holds; the second result tells what was learned.
///
/// # Errors
/// When the specification does not fit the frame, or a cell cannot be encoded as it says; names the column and the row.
pub fn encode<'a>(
    frame: &Frame,
    spec: &Spec,
    embedding: Option<&'a Embedding<'_>>,
) -> Outcome<(Encoded<'a>, Frame)> {
    let rules = spec.rules(frame.names())?;
    let frame = without_omitted(frame, &rules);
    let learned = each_column(&frame, &rules, |column, rule, _| learn(column, rule, embedding))?;
    let (metas, parts): (Vec<ColumnMeta>, Vec<Part<'a>>) = learned.into_iter().unzip();
    Ok((Encoded::new(frame.rows(), parts)?, meta::to_frame(&metas, frame.names())?))
}

/// What of a column was not learned, be it values without a code or codes without a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Unseen {
    /// The 0-based position of the column.
    pub column: usize,
    /// What is counted: "cell", "word" of bags of words, "code" of matrices.
    pub unit: &'static str,
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Cell,
}

/// Encodes a frame by what was learned. Values that were not learned have no code: they become NaN, or zeros in dummy codes
/// and word vectors, and words are not counted; the second result tells of the columns that have some.
///
/// # Errors
/// As [`encode`], and when the meta data do not fit the specification.
pub fn apply<'a>(
    frame: &Frame,
    spec: &Spec,
    meta: &Frame,
    embedding: Option<&'a Embedding<'_>>,
) -> Outcome<(Encoded<'a>, Vec<Unseen>)> {
    let rules = spec.rules(frame.names())?;
    spec.expect_places(frame, meta)?;
    let metas = meta::from_frame(meta, &rules)?;
    let frame = without_omitted(frame, &rules);
    let parts = each_column(&frame, &rules, |column, rule, at| {
        let meta = &metas[at];
        let filled =
            meta.imputed.as_ref().map_or_else(|| column.clone(), |value| impute::fill(column, value));
        let learned = words_of(rule, &meta.learned, embedding);
        let (coded, unseen) = coded(at, &filled, rule, &learned)?;
        Ok((part(coded, rule, &learned, embedding)?, unseen))
    })?;
    let (parts, unseen): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    Ok((Encoded::new(frame.rows(), parts)?, unseen.into_iter().flatten().collect()))
}

/// The cells with a value and without a code.
fn unseen(at: usize, column: &Column, codes: &[u32]) -> Option<Unseen> {
    let without = || (0..codes.len()).filter(|&i| codes[i] == 0 && !column.lacks_value(i));
    let first = without().next()?;
    Some(Unseen { column: at, unit: "cell", count: without().count(), first: column.cell(first) })
}

/// What [`encode`] needs beside frame and result. Not known where columns are copied (imputed, without omitted rows) or values
/// are learned: both are as large as their texts.
pub fn encode_scratch(rules: &[ColumnRule], rows: usize) -> Option<Scratch> {
    let learns = |rule: &ColumnRule| {
        matches!(rule.coding, Coding::Recode | Coding::WordEmbedding | Coding::BagOfWords)
    };
    if rules.iter().any(learns) { None } else { columns_scratch(rules, rows) }
}

/// What [`apply()`] needs beside frame, meta data of `learned` rows and result; values count as short texts.
pub fn apply_scratch(rules: &[ColumnRule], rows: usize, learned: usize) -> Option<Scratch> {
    /// Bytes of a value that was read from meta data, and of its entry in the table that tells its code.
    const VALUE: usize = 128;
    let values = Scratch::of_bytes(VALUE) * learned * rules.len();
    Some(columns_scratch(rules, rows)?.and(values))
}

/// All columns are there at once. While one is coded another one may be begun, so what coding takes counts for all.
fn columns_scratch(rules: &[ColumnRule], rows: usize) -> Option<Scratch> {
    let (numbers, codes) = (Scratch::vector::<f64>(rows), Scratch::vector::<u32>(rows));
    let of = |rule: &ColumnRule| match rule.coding {
        _ if rule.omit || rule.impute.is_some() => None,
        Coding::PassThrough => Some(numbers),
        Coding::Bin { method: BinMethod::EquiHeight, .. } => Some(codes.and(numbers * 2)),
        Coding::Bin { .. } => Some(codes.and(numbers)),
        Coding::Recode | Coding::Hash { .. } | Coding::WordEmbedding => Some(codes),
        // As many words as the texts have.
        Coding::BagOfWords => None,
    };
    rules.iter().map(of).try_fold(Scratch::NONE, |sum, column| Some(sum.and(column?)))
}

/// The frame without the rows where a column that asks for it is missing.
fn without_omitted<'a>(frame: &'a Frame, rules: &[ColumnRule]) -> Cow<'a, Frame> {
    let omitting = frame.columns().iter().zip(rules).filter(|(_, rule)| rule.omit);
    let omitting: Vec<&Column> = omitting.map(|(column, _)| column).collect();
    if omitting.is_empty() {
        return Cow::Borrowed(frame);
    }
    let kept = impute::complete_rows(&omitting, frame.rows());
    if kept.len() == frame.rows() { Cow::Borrowed(frame) } else { Cow::Owned(frame.take_rows(&kept)) }
}

/// Something of each column, computed at once; the error of the first column that has one.
fn each_column<T: Send>(
    frame: &Frame,
    rules: &[ColumnRule],
    of: impl Fn(&Column, &ColumnRule, usize) -> Outcome<T> + Sync,
) -> Outcome<Vec<T>> {
    let results: Vec<Outcome<T>> = frame
        .columns()
        .par_iter()
        .zip(rules)
        .enumerate()
        .map(|(at, (column, rule))| of(column, rule, at))
        .collect();
    let named = |(at, result): (usize, Outcome<T>)| result.map_err(|fault| in_column(fault, at, frame));
    results.into_iter().enumerate().map(named).collect()
}

/// The fault with the column where it happened.
pub(super) fn in_column(fault: Fault, at: usize, frame: &Frame) -> Fault {
    let told = fault.nowhere();
    let message = format!("column {} (\"{}\"): {}", at + 1, frame.names()[at], told.message);
    told.hints.into_iter().fold(Fault::new(told.code, message), Fault::hint)
}

fn learn<'a>(
    column: &Column,
    rule: &ColumnRule,
    embedding: Option<&'a Embedding<'_>>,
) -> Outcome<(ColumnMeta, Part<'a>)> {
    let imputed = match &rule.impute {
        Some(impute) => impute::learn(column, impute)?,
        None => None,
    };
    let filled = || imputed.as_deref().map_or_else(|| column.clone(), |value| impute::fill(column, value));
    let words = embedding.and_then(|embedding| embedding.words.as_ref());
    let (learned, coded) = match (rule.coding, words) {
        (Coding::PassThrough, _) => (Learned::Nothing, Coded::Numbers(numbers(&filled())?)),
        (Coding::WordEmbedding, Some(words)) => {
            (Learned::Values(words.clone()), Coded::Codes(recode::apply(&filled(), words)))
        }
        (Coding::Recode | Coding::WordEmbedding, _) => {
            let Recoded { values, codes } = match &imputed {
                Some(value) => recode::learn_filled(column, value),
                None => recode::learn(column),
            };
            (Learned::Values(values), Coded::Codes(codes))
        }
        (Coding::Bin { method, bins }, _) => {
            let numbers = numbers(&filled())?;
            let bins = bin::learn(numbers.values(), method, bins)?;
            let codes = bin::apply(numbers.values(), &bins);
            (Learned::Bins(bins), Coded::Codes(codes))
        }
        (Coding::Hash { buckets }, _) => {
            (Learned::Buckets(buckets), Coded::Codes(hash::apply(&filled(), buckets)))
        }
        (Coding::BagOfWords, _) => {
            let (words, bag) = words::learn(&filled())?;
            (Learned::Values(words), Coded::Bag(bag))
        }
    };
    let part = part(coded, rule, &learned, embedding)?;
    Ok((ColumnMeta { learned, imputed }, part))
}

/// What was learned, where an embedding brings words of its own: those.
fn words_of<'a>(
    rule: &ColumnRule,
    learned: &'a Learned,
    embedding: Option<&Embedding<'_>>,
) -> Cow<'a, Learned> {
    match embedding.and_then(|embedding| embedding.words.as_ref()) {
        Some(words) if rule.coding == Coding::WordEmbedding => Cow::Owned(Learned::Values(words.clone())),
        _ => Cow::Borrowed(learned),
    }
}

/// A column by its codes, or by its numbers when it has none.
enum Coded {
    Numbers(Float64Array),
    /// 0 for no code.
    Codes(Vec<u32>),
    Bag(Bag),
}

/// A column, the one of a 0-based position, by what was learned; and what of it was not.
fn coded(
    at: usize,
    column: &Column,
    rule: &ColumnRule,
    learned: &Learned,
) -> Outcome<(Coded, Option<Unseen>)> {
    let codes = match learned {
        Learned::Nothing => return Ok((Coded::Numbers(numbers(column)?), None)),
        Learned::Values(known) if rule.coding == Coding::BagOfWords => {
            let (bag, unknown) = words::apply(column, known)?;
            let unseen = |words::Unknown { count, first }| Unseen {
                column: at,
                unit: "word",
                count,
                first: Cell::Text(first),
            };
            return Ok((Coded::Bag(bag), unknown.map(unseen)));
        }
        Learned::Values(values) => {
            let codes = recode::apply(column, values);
            let unseen = unseen(at, column, &codes);
            return Ok((Coded::Codes(codes), unseen));
        }
        Learned::Bins(bins) => bin::apply(numbers(column)?.values(), bins),
        Learned::Buckets(buckets) => hash::apply(column, *buckets),
    };
    Ok((Coded::Codes(codes), None))
}

/// What a column becomes.
fn part<'a>(
    coded: Coded,
    rule: &ColumnRule,
    learned: &Learned,
    embedding: Option<&'a Embedding<'_>>,
) -> Outcome<Part<'a>> {
    let width = learned.codes().unwrap_or(0);
    let codes = match coded {
        Coded::Numbers(numbers) => return Ok(Part::Numbers(numbers)),
        Coded::Bag(bag) => return Ok(Part::Counts { bag, width }),
        Coded::Codes(codes) => codes,
    };
    if rule.coding == Coding::WordEmbedding {
        let Some(embedding) = embedding else {
            bail!(Argument, "`word_embedding` needs the argument `embedding`, the vectors of the words")
        };
        embedding.reaches(width)?;
        return Ok(Part::Vectors { codes, vectors: &embedding.vectors });
    }
    Ok(if rule.dummycode { Part::OneHot { codes, width } } else { Part::Codes(codes) })
}
