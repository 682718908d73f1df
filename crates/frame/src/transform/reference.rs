//! The definition of encoding and decoding, cell by cell, on texts.

use tilewright_base::number::print_double;
use tilewright_base::{Outcome, bail};
use tilewright_matrix::Dense;

use super::decode::NEAR;
use super::encode::in_column;
use super::meta::{self, ColumnMeta, Learned};
use super::number::not_a_number;
use super::recode::canonical;
use super::spec::{BinMethod, Coding, ColumnRule, Impute, Spec};
use super::words::expect_texts;
use super::{Embedding, bin, hash, impute, impute::Sum};
use crate::{Cell, Column, ColumnType, Frame};

/// The text of a cell, `None` if it is missing.
type Text = Option<String>;

/// As [`super::encode()`].
///
/// # Errors
/// As [`super::encode()`].
pub fn encode(frame: &Frame, spec: &Spec, embedding: Option<&Embedding<'_>>) -> Outcome<(Dense, Frame)> {
    let rules = spec.rules(frame.names())?;
    let mut columns = columns(frame, &rules);
    let mut metas = Vec::new();
    for (at, (column, rule)) in columns.iter_mut().zip(&rules).enumerate() {
        metas.push(learned(column, rule, embedding).map_err(|fault| in_column(fault, at, frame))?);
    }
    let dense = assembled(frame, &columns, &rules, &metas, embedding)?;
    Ok((dense, meta::to_frame(&metas, frame.names())?))
}

/// What is learned from a column, in which missing cells get their values.
fn learned(column: &mut Column, rule: &ColumnRule, embedding: Option<&Embedding<'_>>) -> Outcome<ColumnMeta> {
    let imputed = match &rule.impute {
        Some(impute) => imputed(&texts(column), impute)?,
        None => None,
    };
    let there = match &imputed {
        Some(value) => texts(&impute::holding(column, value).0),
        None => texts(column),
    };
    *column = filled(column, &imputed);
    let texts = texts(column);
    let learned = match rule.coding {
        Coding::PassThrough => Learned::Nothing,
        // What stands for missing cells comes after the values that are there.
        Coding::Recode | Coding::WordEmbedding => Learned::Values(distinct(&[there, texts].concat())),
        Coding::BagOfWords => {
            let words: Vec<Text> = texts.iter().flatten().flat_map(|text| words(text)).map(Some).collect();
            Learned::Values(distinct(&words))
        }
        Coding::Bin { method, bins } => Learned::Bins(edges(&numbers(&texts)?, method, bins)?),
        Coding::Hash { buckets } => Learned::Buckets(buckets),
    };
    Ok(ColumnMeta { learned: with_words(learned, rule, embedding), imputed })
}

/// As [`super::apply()`].
///
/// # Errors
/// As [`super::apply()`].
pub fn apply(frame: &Frame, spec: &Spec, meta: &Frame, embedding: Option<&Embedding<'_>>) -> Outcome<Dense> {
    let rules = spec.rules(frame.names())?;
    spec.expect_places(frame, meta)?;
    let mut metas = meta::from_frame(meta, &rules)?;
    for (meta, rule) in metas.iter_mut().zip(&rules) {
        meta.learned = with_words(meta.learned.clone(), rule, embedding);
    }
    let columns = columns(frame, &rules);
    let filled: Vec<Column> =
        columns.iter().zip(&metas).map(|(column, meta)| filled(column, &meta.imputed)).collect();
    assembled(frame, &filled, &rules, &metas, embedding)
}

fn with_words(learned: Learned, rule: &ColumnRule, embedding: Option<&Embedding<'_>>) -> Learned {
    match embedding.and_then(|embedding| embedding.words.clone()) {
        Some(words) if rule.coding == Coding::WordEmbedding => Learned::Values(words),
        _ => learned,
    }
}

/// The columns, without the rows that are left out.
fn columns(frame: &Frame, rules: &[ColumnRule]) -> Vec<Column> {
    let is_kept = |i: &usize| (0..rules.len()).all(|j| !rules[j].omit || text(frame.cell(*i, j)).is_some());
    let kept: Vec<usize> = (0..frame.rows()).filter(is_kept).collect();
    frame.columns().iter().map(|column| column.take(&kept)).collect()
}

fn text(cell: Cell) -> Text {
    match cell {
        Cell::Double(value) if value.is_nan() => None,
        cell => cell.text().filter(|text| !text.is_empty()),
    }
}

fn texts(column: &Column) -> Vec<Text> {
    column.cells().map(text).collect()
}

fn numbers(texts: &[Text]) -> Outcome<Vec<f64>> {
    let number =
        |(at, text): (usize, &Text)| text.as_deref().map_or(Ok(f64::NAN), |text| number_in(at, text));
    texts.iter().enumerate().map(number).collect()
}

fn number_in(row: usize, text: &str) -> Outcome<f64> {
    let cell = Cell::Text(text.into());
    cell.number().ok_or_else(|| not_a_number(row, &cell))
}

/// The words of a text, letter by letter.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        match words.last_mut() {
            Some(word) if c.is_alphabetic() => word.push(c),
            _ => words.push(String::new()),
        }
    }
    words.iter().filter(|word| !word.is_empty()).map(|word| word.to_lowercase()).collect()
}

fn distinct(texts: &[Text]) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for text in texts.iter().flatten() {
        if !values.contains(text) {
            values.push(text.clone());
        }
    }
    values
}

fn imputed(texts: &[Text], impute: &Impute) -> Outcome<Text> {
    Ok(match impute {
        Impute::Constant(value) => Some(value.clone()),
        Impute::Mode => {
            let count = |value: &String| texts.iter().flatten().filter(|text| *text == value).count();
            let mut best: Option<(String, usize)> = None;
            for value in distinct(texts) {
                if best.as_ref().is_none_or(|(_, most)| count(&value) > *most) {
                    best = Some((value.clone(), count(&value)));
                }
            }
            best.map(|(value, _)| value)
        }
        Impute::Mean => {
            let numbers: Vec<f64> = numbers(texts)?.into_iter().filter(|number| !number.is_nan()).collect();
            let mut sum = Sum::default();
            numbers.iter().for_each(|&number| sum.add(number));
            (!numbers.is_empty()).then(|| print_double(sum.value() / numbers.len() as f64))
        }
    })
}

fn filled(column: &Column, imputed: &Text) -> Column {
    let Some(value) = imputed else { return column.clone() };
    let (column, value) = impute::holding(column, value);
    let cells = column.cells().map(|cell| if text(cell.clone()).is_none() { value.clone() } else { cell });
    Column::from_cells(column.kind(), cells)
}

fn edges(numbers: &[f64], method: BinMethod, bins: usize) -> Outcome<Vec<(f64, f64)>> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|number| !number.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else {
        return Ok(vec![(f64::NAN, f64::NAN); bins]);
    };
    if method == BinMethod::EquiWidth && (low.is_infinite() || high.is_infinite()) {
        bail!(Value, "bins of equal width need finite numbers")
    }
    let upper = |at: usize| match method {
        BinMethod::EquiWidth if at == 0 => low,
        BinMethod::EquiWidth if at == bins => high,
        BinMethod::EquiWidth => low + at as f64 * (high - low) / bins as f64,
        // The least value that so large a part of the values does not exceed.
        BinMethod::EquiHeight => {
            let enough = |value: &&f64| {
                sorted.iter().filter(|other| other.total_cmp(value).is_le()).count() * bins
                    >= at * sorted.len()
            };
            sorted.iter().find(enough).copied().unwrap_or(high)
        }
    };
    Ok((1..=bins).map(|at| (upper(at - 1), upper(at))).collect())
}

/// All columns beside each other; without columns there are as many rows as in the frame.
fn assembled(
    frame: &Frame,
    columns: &[Column],
    rules: &[ColumnRule],
    metas: &[ColumnMeta],
    embedding: Option<&Embedding<'_>>,
) -> Outcome<Dense> {
    let rows = columns.first().map_or(frame.rows(), Column::len);
    let mut lines = vec![Vec::new(); rows];
    for (at, ((column, rule), meta)) in columns.iter().zip(rules).zip(metas).enumerate() {
        if rule.coding == Coding::BagOfWords {
            expect_texts(column).map_err(|fault| in_column(fault, at, frame))?;
        }
        for (i, (line, text)) in lines.iter_mut().zip(&texts(column)).enumerate() {
            let cells = cells((i, text.as_deref()), column.kind(), rule, &meta.learned, embedding);
            line.extend(cells.map_err(|fault| in_column(fault, at, frame))?);
        }
    }
    let mut cols = 0;
    for (at, (rule, meta)) in rules.iter().zip(metas).enumerate() {
        cols += width(rule, &meta.learned, embedding).map_err(|fault| in_column(fault, at, frame))?;
    }
    Ok(Dense::from_cells(rows, cols, &lines.concat()))
}

fn width(rule: &ColumnRule, learned: &Learned, embedding: Option<&Embedding<'_>>) -> Outcome<usize> {
    let codes = learned.codes().unwrap_or(0);
    match (rule.coding, embedding) {
        (Coding::WordEmbedding, None) => {
            bail!(Argument, "`word_embedding` needs the argument `embedding`")
        }
        (Coding::WordEmbedding, Some(embedding)) => embedding.reaches(codes).map(|()| embedding.width()),
        _ => Ok(if rule.dummycode || rule.coding == Coding::BagOfWords { codes } else { 1 }),
    }
}

/// What one cell becomes.
fn cells(
    (row, text): (usize, Option<&str>),
    kind: ColumnType,
    rule: &ColumnRule,
    learned: &Learned,
    embedding: Option<&Embedding<'_>>,
) -> Outcome<Vec<f64>> {
    if let (Coding::BagOfWords, Learned::Values(known)) = (rule.coding, learned) {
        let words = words(text.unwrap_or_default());
        let count = |known: &String| words.iter().filter(|word| *word == known).count() as f64;
        return Ok(known.iter().map(count).collect());
    }
    let code = match (learned, text) {
        (Learned::Nothing, None) => return Ok(vec![f64::NAN]),
        (Learned::Nothing, Some(text)) => return Ok(vec![number_in(row, text)?]),
        (_, None) => None,
        (Learned::Values(values), Some(text)) => {
            let by_value = || values.iter().position(|value| canonical(value, kind).as_deref() == Some(text));
            values.iter().position(|value| value == text).or_else(by_value)
        }
        (Learned::Bins(bins), Some(text)) => {
            let value = number_in(row, text)?;
            let is_inside = |&(_, high): &(f64, f64)| value <= high;
            match bins.iter().position(is_inside) {
                Some(at) => Some(at),
                None if value.is_nan() || bins[0].0.is_nan() => None,
                None => Some(bins.len() - 1),
            }
        }
        (Learned::Buckets(buckets), Some(text)) => Some(hash::bucket(text, *buckets) as usize - 1),
    };
    let mut cells = vec![0.0; width(rule, learned, embedding)?];
    match (embedding, code) {
        (Some(embedding), Some(at)) if rule.coding == Coding::WordEmbedding => {
            cells.copy_from_slice(embedding.vectors.row(at));
        }
        _ if rule.coding == Coding::WordEmbedding => {}
        (_, Some(at)) if rule.dummycode => cells[at] = 1.0,
        (_, None) if rule.dummycode => {}
        (_, code) => cells[0] = code.map_or(f64::NAN, |at| (at + 1) as f64),
    }
    Ok(cells)
}

/// As [`super::decode()`].
///
/// # Errors
/// As [`super::decode()`].
pub fn decode(x: &Dense, spec: &Spec, meta: &Frame) -> Outcome<Frame> {
    // The checks, and the types of the columns.
    let (like, _) = super::decode(super::Cells::Dense(&Dense::zeros(0, x.cols())), spec, meta)?;
    let places = super::layout::places(meta, spec, None)?;
    let columns = places.iter().zip(like.columns()).map(|(place, like)| {
        let cells =
            (0..x.rows()).map(|i| value(&x.row(i)[place.cols.clone()], &place.rule, &place.meta.learned));
        Column::from_cells(like.kind(), cells.collect::<Vec<_>>().into_iter())
    });
    Frame::new(x.rows(), columns.collect())?.named(meta.names().to_vec())
}

/// What the cells of one column stand for.
fn value(cells: &[f64], rule: &ColumnRule, learned: &Learned) -> Cell {
    if let (Coding::BagOfWords, Learned::Values(words)) = (rule.coding, learned) {
        let there: Vec<&str> =
            words.iter().zip(cells).filter(|(_, cell)| **cell > 0.0).map(|(word, _)| word.as_str()).collect();
        return if there.is_empty() { Cell::Missing } else { Cell::Text(there.join(" ")) };
    }
    let code = if rule.dummycode {
        let most = cells.iter().copied().fold(0.0, f64::max);
        cells.iter().position(|&cell| cell == most && most > 0.0).map(|at| at + 1)
    } else {
        (1..=learned.codes().unwrap_or(0)).find(|&code| (cells[0] - code as f64).abs() <= NEAR)
    };
    match (learned, code) {
        (Learned::Nothing, _) if cells[0].is_nan() => Cell::Missing,
        (Learned::Nothing, _) => Cell::Double(cells[0]),
        (_, None) => Cell::Missing,
        (Learned::Values(values), Some(code)) => Cell::Text(values[code - 1].clone()),
        (Learned::Bins(bins), Some(code)) => Cell::Double(bin::middle(bins[code - 1])),
        (Learned::Buckets(_), Some(code)) => Cell::Integer(code as i64),
    }
}
