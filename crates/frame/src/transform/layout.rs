//! Which columns of the matrix belong to which column of the frame.

use std::ops::Range;

use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;

use super::Embedding;
use super::meta::{self, ColumnMeta};
use super::spec::{Coding, ColumnRule, Spec};
use crate::Frame;

/// A column of the frame, and where it is in the matrix.
pub(crate) struct Place {
    pub(crate) rule: ColumnRule,
    pub(crate) meta: ColumnMeta,
    /// 0-based columns of the matrix.
    pub(crate) cols: Range<usize>,
}

/// All columns of a frame, in order.
///
/// # Errors
/// When meta data and specification do not fit, or the length of word vectors is not known.
pub(crate) fn places(meta: &Frame, spec: &Spec, embedding: Option<&Embedding<'_>>) -> Outcome<Vec<Place>> {
    let rules = spec.rules_of_meta(meta)?;
    let metas = meta::from_frame(meta, &rules)?;
    let mut next = 0;
    let place = |(at, (rule, meta)): (usize, (ColumnRule, ColumnMeta))| {
        let width = match (rule.coding, embedding) {
            (Coding::WordEmbedding, Some(embedding)) => embedding.width(),
            (Coding::WordEmbedding, None) => {
                bail!(
                    Argument,
                    "column {} is in `word_embedding`: how many columns it has, only the argument `embedding` tells",
                    at + 1
                )
            }
            _ if rule.dummycode || rule.coding == Coding::BagOfWords => meta.learned.codes().unwrap_or(0),
            _ => 1,
        };
        next += width;
        Ok(Place { rule, meta, cols: next - width..next })
    };
    rules.into_iter().zip(metas).enumerate().map(place).collect()
}

/// A row for each column of the frame: its number, and the first and the last of its columns in the matrix, all 1-based.
///
/// # Errors
/// When meta data and specification do not fit.
pub fn column_map(meta: &Frame, spec: &Spec, embedding: Option<&Embedding<'_>>) -> Outcome<Dense> {
    let places = places(meta, spec, embedding)?;
    Ok(Dense::from_fn(places.len(), 3, |i, j| match j {
        0 => (i + 1) as f64,
        1 => (places[i].cols.start + 1) as f64,
        _ => places[i].cols.end as f64,
    }))
}

/// A row with 1 for each column of the matrix that holds categories (codes of values, hash buckets, dummy codes), 0 for others.
///
/// # Errors
/// When meta data and specification do not fit.
pub fn categorical_mask(meta: &Frame, spec: &Spec, embedding: Option<&Embedding<'_>>) -> Outcome<Dense> {
    let places = places(meta, spec, embedding)?;
    let is_categorical =
        |rule: &ColumnRule| rule.dummycode || matches!(rule.coding, Coding::Recode | Coding::Hash { .. });
    let cells = |place: &Place| vec![f64::from(u8::from(is_categorical(&place.rule))); place.cols.len()];
    let cells: Vec<f64> = places.iter().flat_map(cells).collect();
    Ok(Dense::from_cells(1, cells.len(), &cells))
}
