//! Values in place of missing cells.

use rayon::prelude::*;
use tilewright_base::Outcome;
use tilewright_base::number::print_double;

use super::number::numbers;
use super::spec::Impute;
use super::{CHUNK, recode};
use crate::{Cell, Column, ColumnType};

/// The text of the value that stands for missing cells; `None` when there is no value to learn from.
///
/// # Errors
/// When the mean is asked for and a cell is no number.
pub fn learn(column: &Column, impute: &Impute) -> Outcome<Option<String>> {
    Ok(match impute {
        Impute::Constant(value) => Some(value.clone()),
        Impute::Mode => mode(column),
        Impute::Mean => mean(numbers(column)?.values()).map(print_double),
    })
}

fn mode(column: &Column) -> Option<String> {
    let recode::Recoded { values, codes } = recode::learn(column);
    let mut counts = vec![0u64; values.len()];
    codes.iter().filter(|&&code| code > 0).for_each(|&code| counts[code as usize - 1] += 1);
    let most = counts.iter().max()?;
    let at = counts.iter().position(|count| count == most)?;
    values.into_iter().nth(at)
}

/// The mean of the numbers that are not NaN.
fn mean(values: &[f64]) -> Option<f64> {
    let parts: Vec<(Sum, usize)> = values
        .par_chunks(CHUNK)
        .map(|chunk| {
            chunk.iter().filter(|value| !value.is_nan()).fold(
                (Sum::default(), 0),
                |(mut sum, count), &value| {
                    sum.add(value);
                    (sum, count + 1)
                },
            )
        })
        .collect();
    let mut total = Sum::default();
    let mut count = 0;
    for (part, values) in parts {
        total.add(part.sum);
        total.add(part.lost);
        count += values;
    }
    (count > 0).then(|| total.value() / count as f64)
}

/// A sum with the part that rounding lost (Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher
/// Summen", 1974).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sum {
    sum: f64,
    lost: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        let (large, small) =
            if self.sum.abs() >= value.abs() { (self.sum, value) } else { (value, self.sum) };
        // Infinity minus itself is no loss.
        self.lost += if sum.is_finite() { (large - sum) + small } else { 0.0 };
        self.sum = sum;
    }

    pub(crate) fn value(self) -> f64 {
        self.sum + self.lost
    }
}

/// The same column with a value in place of missing cells, in the type that [`holding`] finds.
pub fn fill(column: &Column, value: &str) -> Column {
    let (column, cell) = holding(column, value);
    if (0..column.len()).any(|at| column.lacks_value(at)) { filled(&column, &cell) } else { column }
}

/// The column and a value in the first of its own type, numbers and texts that holds the value. The type does not depend on
/// whether cells are missing, so that equal values have equal texts wherever they are applied.
pub(crate) fn holding(column: &Column, value: &str) -> (Column, Cell) {
    let fitting = |kind: ColumnType| {
        let cell = Cell::Text(value.into()).fit(kind)?;
        let is_value = kind == ColumnType::String || cell.number().is_some_and(|number| !number.is_nan());
        Some((column.cast(kind).ok().filter(|_| is_value)?, cell))
    };
    let kinds = [column.kind(), ColumnType::Fp64];
    kinds.into_iter().find_map(fitting).unwrap_or_else(|| {
        let texts: Vec<Option<String>> = column.cells().map(|cell| cell.text()).collect();
        (Column::from_texts(texts.iter().map(Option::as_deref)), Cell::Text(value.into()))
    })
}

fn filled(column: &Column, cell: &Cell) -> Column {
    let number = cell.number();
    match (column, cell) {
        (Column::Boolean(cells), Cell::Boolean(value)) => {
            Column::Boolean(cells.iter().map(|cell| cell.or(Some(*value))).collect())
        }
        (Column::Int32(cells), Cell::Integer(value)) => {
            Column::Int32(cells.iter().map(|cell| cell.or(Some(*value as i32))).collect())
        }
        (Column::Int64(cells), Cell::Integer(value)) => {
            Column::Int64(cells.iter().map(|cell| cell.or(Some(*value))).collect())
        }
        (Column::Fp32(cells), _) => {
            let value = number.map(|value| value as f32);
            Column::Fp32(cells.iter().map(|cell| cell.filter(|cell| !cell.is_nan()).or(value)).collect())
        }
        (Column::Fp64(cells), _) => {
            Column::Fp64(cells.iter().map(|cell| cell.filter(|cell| !cell.is_nan()).or(number)).collect())
        }
        (Column::String(cells), Cell::Text(value)) => {
            let text = |cell: Option<_>| cell.filter(|text: &&str| !text.is_empty()).or(Some(value.as_str()));
            Column::String(cells.iter().map(text).collect())
        }
        (other, _) => other.clone(),
    }
}

/// The 0-based rows where none of some columns is missing.
pub fn complete_rows(columns: &[&Column], rows: usize) -> Vec<usize> {
    (0..rows).filter(|&at| !columns.iter().any(|column| column.lacks_value(at))).collect()
}
