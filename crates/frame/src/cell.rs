//! One cell by itself, and how it fits the types of columns.

use tilewright_base::number::print_double;

use crate::ColumnType;

/// The value of one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Missing,
    /// A truth value.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number.
    Double(f64),
    /// A text.
    Text(String),
}

impl Cell {
    /// As a text cell; `None` for a missing one.
    pub fn text(&self) -> Option<String> {
        Some(match self {
            Cell::Missing => return None,
            Cell::Boolean(value) => value.to_string(),
            Cell::Integer(value) => value.to_string(),
            Cell::Double(value) => print_double(*value),
            Cell::Text(text) => text.clone(),
        })
    }

    /// As a cell of a matrix: a missing cell and an empty text are NaN, truth values 1 and 0; `None` for a text that
    /// is no number.
    pub fn number(&self) -> Option<f64> {
        Some(match self {
            Cell::Missing => f64::NAN,
            Cell::Boolean(value) => f64::from(u8::from(*value)),
            Cell::Integer(value) => *value as f64,
            Cell::Double(value) => *value,
            Cell::Text(text) => return number_of(text.trim()),
        })
    }

    /// The same value in a column of a type; `None` when the type cannot hold it. A missing cell fits every type, an
    /// empty text is missing among numbers, NaN among integers and truth values, and a double is rounded to 32 bits.
    pub fn fit(self, kind: ColumnType) -> Option<Cell> {
        match self {
            Cell::Missing => Some(Cell::Missing),
            Cell::Text(text) if kind == ColumnType::String => Some(Cell::Text(text)),
            Cell::Text(text) => fit_text(&text, kind),
            other => other.fit_value(kind),
        }
    }

    fn fit_value(self, kind: ColumnType) -> Option<Cell> {
        let is_exact = matches!(kind, ColumnType::Boolean | ColumnType::Int32 | ColumnType::Int64);
        if is_exact && self.number().is_some_and(f64::is_nan) {
            return Some(Cell::Missing);
        }
        match kind {
            ColumnType::String => self.text().map(Cell::Text),
            ColumnType::Boolean => truth(self.number()?).map(Cell::Boolean),
            ColumnType::Int32 | ColumnType::Int64 => match self {
                Cell::Integer(value) => fit_integer(value, kind),
                other => fit_integer(integer(other.number()?)?, kind),
            },
            ColumnType::Fp64 => self.number().map(Cell::Double),
            ColumnType::Fp32 => fit_single(self.number()?),
        }
    }
}

/// What a text is in a column of a type, see [`Cell::fit`].
pub(crate) fn fit_text(text: &str, kind: ColumnType) -> Option<Cell> {
    let trimmed = text.trim();
    match kind {
        ColumnType::String => Some(Cell::Text(text.into())),
        _ if trimmed.is_empty() => Some(Cell::Missing),
        ColumnType::Boolean => match word(trimmed) {
            Some(value) => Some(Cell::Boolean(value)),
            None => Cell::Double(number_of(trimmed)?).fit_value(kind),
        },
        ColumnType::Int32 | ColumnType::Int64 => match trimmed.parse() {
            Ok(value) => fit_integer(value, kind),
            Err(_) => Cell::Double(number_of(trimmed)?).fit_value(kind),
        },
        ColumnType::Fp64 => number_of(trimmed).map(Cell::Double),
        ColumnType::Fp32 => fit_single(number_of(trimmed)?),
    }
}

/// The truth value that a text without blanks around it names.
pub(crate) fn word(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match () {
        () if is("true") || is("t") => Some(true),
        () if is("false") || is("f") => Some(false),
        () => None,
    }
}

fn truth(value: f64) -> Option<bool> {
    match value {
        0.0 => Some(false),
        1.0 => Some(true),
        _ => None,
    }
}

fn integer(value: f64) -> Option<i64> {
    (value.fract() == 0.0 && value.abs() < 2f64.powi(63)).then_some(value as i64)
}

fn fit_integer(value: i64, kind: ColumnType) -> Option<Cell> {
    (kind == ColumnType::Int64 || i32::try_from(value).is_ok()).then_some(Cell::Integer(value))
}

fn fit_single(value: f64) -> Option<Cell> {
    let single = value as f32;
    (single.is_finite() || !value.is_finite()).then(|| Cell::Double(decimal(single)))
}

impl std::fmt::Display for Cell {
    /// As messages show it: texts in quotes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cell::Text(text) => {
                let short: String = text.chars().take(40).collect();
                let more = if short.len() < text.len() { "..." } else { "" };
                write!(f, "\"{short}{more}\"")
            }
            other => f.write_str(other.text().as_deref().unwrap_or("a missing cell")),
        }
    }
}

/// The number in a text without blanks around it; NaN for an empty one, 1 and 0 for truth values.
pub(crate) fn number_of(text: &str) -> Option<f64> {
    if text.is_empty() {
        return Some(f64::NAN);
    }
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) if text.eq_ignore_ascii_case("true") => Some(1.0),
        Err(_) if text.eq_ignore_ascii_case("false") => Some(0.0),
        Err(_) => None,
    }
}

/// The number that the shortest decimal of a single stands for: 0.1, not 0.10000000149.
pub fn decimal(single: f32) -> f64 {
    let exact = f64::from(single);
    if !single.is_finite() || (single.fract() == 0.0 && single.abs() < 16_777_216.0) {
        return exact;
    }
    single.to_string().parse().unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    #[test]
    fn cells_fit_the_types_that_hold_their_value() {
        use ColumnType::*;
        let cases = [
            (text("3"), Int32, Some(Cell::Integer(3))),
            (text(" 3.0 "), Int64, Some(Cell::Integer(3))),
            (text("3.5"), Int64, None),
            (text("3000000000"), Int32, None),
            (text("9007199254740993"), Int64, Some(Cell::Integer(9_007_199_254_740_993))),
            (text(""), Fp64, Some(Cell::Missing)),
            (text(""), String, Some(text(""))),
            (text("TRUE"), Boolean, Some(Cell::Boolean(true))),
            (text("yes"), Boolean, None),
            (text("1.0"), Boolean, Some(Cell::Boolean(true))),
            (text("NaN"), Boolean, Some(Cell::Missing)),
            (Cell::Double(2.0), Boolean, None),
            (Cell::Double(0.1), Fp32, Some(Cell::Double(0.1))),
            (Cell::Double(1e300), Fp32, None),
            (Cell::Double(2.0), String, Some(text("2.0"))),
            (Cell::Boolean(true), Int32, Some(Cell::Integer(1))),
            (Cell::Boolean(true), String, Some(text("true"))),
            (Cell::Double(f64::NAN), Int64, Some(Cell::Missing)),
            (Cell::Missing, Boolean, Some(Cell::Missing)),
        ];
        for (cell, kind, expected) in cases {
            assert_eq!(cell.clone().fit(kind), expected, "{cell} as {kind}");
        }
    }
}
