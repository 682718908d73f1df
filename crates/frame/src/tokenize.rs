//! Texts as tokens: a row for each token, beside the columns that tell where it comes from, or the tokens of a text side
//! by side.
//!
//! - [`spec`]: how texts are split, and what is told of the tokens
//! - [`reference`]: the definition, token by token
//!
//! Invariants: a missing cell has no tokens, and no token is empty. Positions count characters from 1. Chunks of rows are
//! merged in order, so nothing depends on the number of threads.

pub mod reference;
pub mod spec;

pub use spec::Spec;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;
use rayon::prelude::*;
use tilewright_base::Outcome;

use crate::frame::CHUNK;
use crate::transform::hash;
use crate::{Column, Frame};
use spec::{Output, Places};

/// The tokens of a column of a frame, as the specification says; of each row the first `most`, if it is given.
///
/// # Errors
/// When a column does not exist, or the tokens side by side would be too many or too few columns.
pub fn tokenize(frame: &Frame, spec: &Spec, most: Option<usize>) -> Outcome<Frame> {
    let places = spec.places(frame.names())?;
    let width = spec.width(most)?;
    let column = &frame.columns()[places.column];
    let chunks: Vec<Tokens> = (0..frame.rows().div_ceil(CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let rows = chunk * CHUNK..frame.rows().min((chunk + 1) * CHUNK);
            tokens_of(column, rows, spec, most.unwrap_or(usize::MAX))
        })
        .collect();
    let tokens = Tokens::concat(chunks);
    if spec.is_wide { wide(frame, &places, &tokens, spec, width) } else { long(frame, &places, tokens, spec) }
}

/// Tokens of some rows, in order, and what is told of them.
#[derive(Debug, Default)]
struct Tokens {
    rows: Vec<usize>,
    /// None of hashes.
    texts: Vec<String>,
    /// Counts, or positions.
    numbers: Vec<i64>,
    /// Of hashes.
    buckets: Vec<i64>,
}

impl Tokens {
    fn concat(parts: Vec<Tokens>) -> Tokens {
        let mut all = Tokens::default();
        for part in parts {
            all.rows.extend(part.rows);
            all.texts.extend(part.texts);
            all.numbers.extend(part.numbers);
            all.buckets.extend(part.buckets);
        }
        all
    }
}

/// A part of a text, and the 1-based position of its first character.
struct Token<'a> {
    text: Cow<'a, str>,
    at: i64,
}

fn tokens_of(column: &Column, rows: Range<usize>, spec: &Spec, most: usize) -> Tokens {
    let mut out = Tokens::default();
    for row in rows.filter(|&row| !column.lacks_value(row)) {
        let text: Cow<'_, str> = match column.str(row) {
            Some(text) => text.into(),
            None => column.cell(row).text().unwrap_or_default().into(),
        };
        let tokens = grams(&parts(&text, spec), spec);
        match spec.output {
            Output::Position => {
                for token in tokens.into_iter().take(most) {
                    out.numbers.push(token.at);
                    out.texts.push(token.text.into_owned());
                }
            }
            Output::Count { sorted } => {
                for (text, count) in counted(tokens, sorted).into_iter().take(most) {
                    out.numbers.push(count);
                    out.texts.push(text.into_owned());
                }
            }
            Output::Hash { buckets } => {
                let mut counts: BTreeMap<u32, i64> = BTreeMap::new();
                tokens
                    .iter()
                    .for_each(|token| *counts.entry(hash::bucket(&token.text, buckets)).or_default() += 1);
                for (bucket, count) in counts.into_iter().take(most) {
                    out.buckets.push(i64::from(bucket));
                    out.numbers.push(count);
                }
            }
        }
        out.rows.resize(out.numbers.len(), row);
    }
    out
}

/// What is between the matches of the expression, without empty parts.
fn parts<'a>(text: &'a str, spec: &Spec) -> Vec<Token<'a>> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 1);
    let ends =
        spec.regex.find_iter(text).map(|found| found.range()).chain(std::iter::once(text.len()..text.len()));
    for found in ends {
        let part = &text[start..found.start];
        if !part.is_empty() {
            parts.push(Token { text: part.into(), at });
        }
        at += text[start..found.end].chars().count() as i64;
        start = found.end;
    }
    parts
}

/// The sequences of parts, the short ones first; one part alone stands for itself.
fn grams<'a>(parts: &[Token<'a>], spec: &Spec) -> Vec<Token<'a>> {
    let mut all = Vec::new();
    for length in spec.lengths.clone().take_while(|&length| length <= parts.len()) {
        all.extend(parts.windows(length).map(|window| match window {
            [alone] => Token { text: alone.text.clone(), at: alone.at },
            _ => Token { text: spec::gram(window.iter().map(|part| &*part.text)).into(), at: window[0].at },
        }));
    }
    all
}

/// How often each token is there, by first appearance or in the order of their characters.
fn counted(tokens: Vec<Token<'_>>, sorted: bool) -> Vec<(Cow<'_, str>, i64)> {
    let mut seen: HashMap<Cow<'_, str>, usize, RandomState> = HashMap::default();
    let mut counts: Vec<(Cow<'_, str>, i64)> = Vec::new();
    for token in tokens {
        let at = *seen.entry(token.text.clone()).or_insert_with(|| {
            counts.push((token.text, 0));
            counts.len() - 1
        });
        counts[at].1 += 1;
    }
    if sorted {
        counts.sort_unstable();
    }
    counts
}

/// A row for each token.
fn long(frame: &Frame, places: &Places, tokens: Tokens, spec: &Spec) -> Outcome<Frame> {
    let rows = tokens.rows.len();
    let mut columns: Vec<Column> =
        places.ids.iter().map(|&id| frame.columns()[id].take(&tokens.rows)).collect();
    let texts = || Column::from_texts(tokens.texts.iter().map(|text| Some(text.as_str())));
    columns.extend(match spec.output {
        Output::Count { .. } => [texts(), Column::Int64(tokens.numbers.into())],
        Output::Position => [Column::Int64(tokens.numbers.into()), texts()],
        Output::Hash { .. } => [Column::Int64(tokens.buckets.into()), Column::Int64(tokens.numbers.into())],
    });
    Frame::new(rows, columns)?.named(spec.names(frame, places, 0))
}

/// A row for each row of the frame: its tokens, or the counts of all buckets.
fn wide(
    frame: &Frame,
    places: &Places,
    tokens: &Tokens,
    spec: &Spec,
    width: Option<usize>,
) -> Outcome<Frame> {
    // Where the tokens of each row begin.
    let mut starts = vec![0; frame.rows() + 1];
    tokens.rows.iter().for_each(|row| starts[row + 1] += 1);
    (0..frame.rows()).for_each(|row| starts[row + 1] += starts[row]);
    let width = width.unwrap_or_else(|| starts.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0));
    let mut columns: Vec<Column> = places.ids.iter().map(|&id| frame.columns()[id].clone()).collect();
    if matches!(spec.output, Output::Hash { .. }) {
        let mut counts = vec![vec![0; frame.rows()]; width];
        for ((&row, &bucket), &count) in tokens.rows.iter().zip(&tokens.buckets).zip(&tokens.numbers) {
            counts[bucket as usize - 1][row] = count;
        }
        columns.extend(counts.into_iter().map(|counts| Column::Int64(counts.into())));
    } else {
        let text =
            |row: usize, j: usize| tokens.texts[starts[row]..starts[row + 1]].get(j).map(String::as_str);
        let column = |j: usize| Column::from_texts((0..frame.rows()).map(|row| text(row, j)));
        columns.extend((0..width).into_par_iter().map(column).collect::<Vec<_>>());
    }
    Frame::new(frame.rows(), columns)?.named(spec.names(frame, places, width))
}

#[cfg(test)]
mod tests;
