//! The definition of tokens, text by text.

use tilewright_base::Outcome;

use super::Spec;
use super::spec::{Output, gram};
use crate::transform::hash::bucket;
use crate::{Cell, Column, ColumnType, Frame, pattern};

/// As [`super::tokenize`].
///
/// # Errors
/// As [`super::tokenize`].
pub fn tokenize(frame: &Frame, spec: &Spec, most: Option<usize>) -> Outcome<Frame> {
    let places = spec.places(frame.names())?;
    let width = spec.width(most)?;
    let mut told: Vec<Vec<[Cell; 2]>> = Vec::new();
    for i in 0..frame.rows() {
        let mut own = of_tokens(&tokens(&frame.cell(i, places.column), spec), spec);
        own.truncate(most.unwrap_or(usize::MAX));
        told.push(own);
    }
    let width = width.unwrap_or_else(|| told.iter().map(Vec::len).max().unwrap_or(0));
    let mut lines: Vec<(usize, Vec<Cell>)> = Vec::new();
    for (i, own) in told.iter().enumerate() {
        match spec.is_wide {
            true => lines.push((i, side_by_side(own, spec, width))),
            false => lines.extend(own.iter().map(|pair| (i, pair.to_vec()))),
        }
    }
    let own = if spec.is_wide { width } else { 2 };
    let id = |&id: &usize| {
        Column::from_cells(frame.columns()[id].kind(), lines.iter().map(|(i, _)| frame.cell(*i, id)))
    };
    let mut columns: Vec<Column> = places.ids.iter().map(id).collect();
    let cells = |j: usize| lines.iter().map(move |(_, cells)| cells[j].clone());
    columns.extend((0..own).map(|j| Column::from_cells(kind(spec, j), cells(j))));
    Frame::new(lines.len(), columns)?.named(spec.names(frame, &places, width))
}

/// The type of a column behind those that are copied.
fn kind(spec: &Spec, j: usize) -> ColumnType {
    let is_text = match spec.output {
        Output::Count { .. } => j == 0,
        Output::Position => spec.is_wide || j == 1,
        Output::Hash { .. } => false,
    };
    if is_text { ColumnType::String } else { ColumnType::Int64 }
}

/// Tokens and their positions.
fn tokens(cell: &Cell, spec: &Spec) -> Vec<(String, i64)> {
    let text = match cell {
        Cell::Double(value) if value.is_nan() => String::new(),
        cell => cell.text().unwrap_or_default(),
    };
    let mut parts: Vec<(&str, i64)> = Vec::new();
    for part in pattern::split(&spec.regex, -1, &text).into_iter().filter(|part| !part.is_empty()) {
        // Parts are slices of the text: where they lie tells how many characters are before them.
        let before = part.as_ptr() as usize - text.as_ptr() as usize;
        parts.push((part, text[..before].chars().count() as i64 + 1));
    }
    let mut tokens = Vec::new();
    for length in spec.lengths.clone() {
        for start in 0..(parts.len() + 1).saturating_sub(length) {
            let window = &parts[start..start + length];
            let token = if length == 1 { window[0].0.into() } else { gram(window.iter().map(|part| part.0)) };
            tokens.push((token, window[0].1));
        }
    }
    tokens
}

/// What is told of the tokens of one text.
fn of_tokens(tokens: &[(String, i64)], spec: &Spec) -> Vec<[Cell; 2]> {
    let count = |is: &dyn Fn(&str) -> bool| {
        Cell::Integer(tokens.iter().filter(|(token, _)| is(token)).count() as i64)
    };
    match spec.output {
        Output::Position => {
            let pair = |(token, at): &(String, i64)| [Cell::Integer(*at), Cell::Text(token.clone())];
            tokens.iter().map(pair).collect()
        }
        Output::Count { sorted } => {
            let mut distinct: Vec<&String> = Vec::new();
            for (token, _) in tokens {
                if !distinct.contains(&token) {
                    distinct.push(token);
                }
            }
            if sorted {
                distinct.sort();
            }
            let pair = |token: &String| [Cell::Text(token.clone()), count(&|other| other == token)];
            distinct.into_iter().map(pair).collect()
        }
        Output::Hash { buckets } => {
            let mut hashes: Vec<u32> = tokens.iter().map(|(token, _)| bucket(token, buckets)).collect();
            hashes.sort_unstable();
            hashes.dedup();
            let pair =
                |hash: u32| [Cell::Integer(i64::from(hash)), count(&|token| bucket(token, buckets) == hash)];
            hashes.into_iter().map(pair).collect()
        }
    }
}

/// Tokens in the order of their positions, or the counts of all hashes.
fn side_by_side(own: &[[Cell; 2]], spec: &Spec, width: usize) -> Vec<Cell> {
    let cell = |j: usize| match spec.output {
        Output::Hash { .. } => {
            let count = own.iter().find(|[hash, _]| *hash == Cell::Integer(j as i64 + 1));
            count.map_or(Cell::Integer(0), |[_, count]| count.clone())
        }
        _ => own.get(j).map_or(Cell::Missing, |[_, token]| token.clone()),
    };
    (0..width).map(cell).collect()
}
