//! Codes of values, by first appearance.
//!
//! Each chunk of rows numbers its own values; the chunks are merged in order, which gives the numbers of one pass over all
//! rows. Numbers are compared as numbers: texts are made of distinct values only.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use arrow_array::Array;
use foldhash::fast::RandomState;
use rayon::prelude::*;
use tilewright_base::number::print_double;

use super::{CHUNK, impute};
use crate::cell::{decimal, fit_text, number_of};
use crate::{Column, ColumnType};

/// The distinct values of a column and the code of each row, 0 for missing cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Recoded {
    /// By code, from 1 on.
    pub values: Vec<String>,
    /// By row.
    pub codes: Vec<u32>,
}

/// What identifies a value among those of its column.
pub(super) trait Key: Clone + Eq + Hash + Send + Sync {}

impl<K: Clone + Eq + Hash + Send + Sync> Key for K {}

/// The same expression with the key of a row (`None` if missing), the text of a key, and the key of a text (`None` where
/// no key has that text).
macro_rules! keyed {
    ($column:expr, |$key:ident, $text:ident, $read:ident| $body:expr) => {
        match $column {
            Column::String(cells) => {
                let $key = |at: usize| {
                    if cells.is_null(at) {
                        None
                    } else {
                        Some(cells.value(at)).filter(|text| !text.is_empty())
                    }
                };
                let ($text, $read) = (str::to_string, Some::<&str>);
                $body
            }
            Column::Boolean(cells) => {
                let $key = |at: usize| cells.is_valid(at).then(|| cells.value(at));
                let ($text, $read) =
                    (|value: bool| value.to_string(), |text: &str| text.parse::<bool>().ok());
                $body
            }
            Column::Int32(cells) => {
                let $key = |at: usize| cells.is_valid(at).then(|| cells.value(at));
                let ($text, $read) = (|value: i32| value.to_string(), |text: &str| text.parse::<i32>().ok());
                $body
            }
            Column::Int64(cells) => {
                let $key = |at: usize| cells.is_valid(at).then(|| cells.value(at));
                let ($text, $read) = (|value: i64| value.to_string(), |text: &str| text.parse::<i64>().ok());
                $body
            }
            Column::Fp32(cells) => {
                let $key = |at: usize| {
                    cells
                        .is_valid(at)
                        .then(|| cells.value(at))
                        .filter(|value| !value.is_nan())
                        .map(f32::to_bits)
                };
                let $text = |bits: u32| print_double(decimal(f32::from_bits(bits)));
                let $read = |text: &str| text.parse::<f32>().ok().map(f32::to_bits);
                $body
            }
            Column::Fp64(cells) => {
                let $key = |at: usize| {
                    cells
                        .is_valid(at)
                        .then(|| cells.value(at))
                        .filter(|value| !value.is_nan())
                        .map(f64::to_bits)
                };
                let $text = |bits: u64| print_double(f64::from_bits(bits));
                let $read = |text: &str| text.parse::<f64>().ok().map(f64::to_bits);
                $body
            }
        }
    };
}

/// Numbers the values of a column.
pub fn learn(column: &Column) -> Recoded {
    let rows = column.len();
    keyed!(column, |key, text, _read| {
        let (keys, codes) = first_seen(rows, key);
        Recoded { values: keys.into_iter().map(text).collect(), codes }
    })
}

/// The codes of the rows of a column, where code `c` stands for `values[c - 1]`; 0 for other values.
///
/// A value that the column prints so goes first. Numbers and truth values that were learned in a column of another type, which
/// prints them in another way (`1`, `1.0` and `true`), are found by what they are.
pub fn apply(column: &Column, values: &[String]) -> Vec<u32> {
    let (rows, kind) = (column.len(), column.kind());
    keyed!(column, |key, text, read| {
        let mut known = HashMap::with_capacity_and_hasher(values.len(), RandomState::default());
        let mut others = Vec::new();
        for (value, code) in values.iter().zip(1..) {
            match read(value.as_str()).filter(|&key| text(key) == *value) {
                Some(key) => {
                    known.entry(key).or_insert(code);
                }
                None => others.extend(canonical(value, kind).map(|value| (value, code))),
            }
        }
        for (value, code) in &others {
            if let Some(key) = read(value.as_str()) {
                known.entry(key).or_insert(*code);
            }
        }
        looked_up(rows, key, &known)
    })
}

/// How a column of a type prints the value of a text, if it can hold just that value.
pub(super) fn canonical(value: &str, kind: ColumnType) -> Option<String> {
    let cell = fit_text(value, kind)?;
    let is_same = kind == ColumnType::String || cell.number()? == number_of(value.trim())?;
    cell.text().filter(|_| is_same)
}

/// As [`learn`] with a value in place of missing cells. It has the code that it has among the values that are there, or the
/// one after theirs: values that are there have the same codes, whatever stands for missing ones.
pub fn learn_filled(column: &Column, value: &str) -> Recoded {
    let (column, cell) = impute::holding(column, value);
    let Recoded { mut values, mut codes } = learn(&column);
    let mut alone = learn(&Column::from_cells(column.kind(), std::iter::once(cell))).values;
    if codes.contains(&0)
        && let Some(value) = alone.pop()
    {
        let at = values.iter().position(|known| *known == value).unwrap_or(values.len());
        if at == values.len() {
            values.push(value);
        }
        codes.par_iter_mut().filter(|code| **code == 0).for_each(|code| *code = at as u32 + 1);
    }
    Recoded { values, codes }
}

fn looked_up<K: Key>(
    rows: usize,
    key: impl Fn(usize) -> Option<K> + Sync,
    known: &HashMap<K, u32, RandomState>,
) -> Vec<u32> {
    let mut codes = vec![0; rows];
    codes.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, codes)| {
        for (code, at) in codes.iter_mut().zip(chunk * CHUNK..) {
            *code = key(at).and_then(|key| known.get(&key).copied()).unwrap_or(0);
        }
    });
    codes
}

/// The distinct keys in the order of their first rows, and the code of each row.
fn first_seen<K: Key>(rows: usize, key: impl Fn(usize) -> Option<K> + Sync) -> (Vec<K>, Vec<u32>) {
    let mut codes = vec![0; rows];
    let own: Vec<Vec<K>> = codes
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, codes)| number_chunk(codes, |offset| key(chunk * CHUNK + offset)))
        .collect();
    let (keys, renumbered) = merged(own);
    codes.par_chunks_mut(CHUNK).zip(&renumbered).for_each(|(codes, renumbered)| {
        codes.iter_mut().filter(|code| **code > 0).for_each(|code| *code = renumbered[*code as usize - 1]);
    });
    (keys, codes)
}

/// Codes of a chunk by itself; its keys in order.
fn number_chunk<K: Key>(codes: &mut [u32], key: impl Fn(usize) -> Option<K>) -> Vec<K> {
    let mut seen: HashMap<K, u32, RandomState> = HashMap::default();
    let mut keys = Vec::new();
    for (offset, code) in codes.iter_mut().enumerate() {
        let Some(key) = key(offset) else { continue };
        *code = *seen.entry(key.clone()).or_insert_with(|| {
            keys.push(key);
            keys.len() as u32
        });
    }
    keys
}

/// All keys in order, and for each chunk the code of each of its keys.
pub(super) fn merged<K: Key>(own: Vec<Vec<K>>) -> (Vec<K>, Vec<Vec<u32>>) {
    let mut seen: HashMap<K, u32, RandomState> = HashMap::default();
    let mut all = Vec::new();
    let mut renumber = |key: K| match seen.entry(key) {
        Entry::Occupied(known) => *known.get(),
        Entry::Vacant(new) => {
            all.push(new.key().clone());
            *new.insert(all.len() as u32)
        }
    };
    let renumbered = own.into_iter().map(|keys| keys.into_iter().map(&mut renumber).collect()).collect();
    (all, renumbered)
}
