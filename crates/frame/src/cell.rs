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
        if self == Cell::Missing {
            return Some(self);
        }
        if let (Cell::Text(text), true) = (&self, kind != ColumnType::String)
            && text.trim().is_empty()
        {
            return Some(Cell::Missing);
        }
        let is_exact = matches!(kind, ColumnType::Boolean | ColumnType::Int32 | ColumnType::Int64);
        if is_exact && self.number().is_some_and(f64::is_nan) {
            return Some(Cell::Missing);
        }
        match kind {
            ColumnType::String => self.text().map(Cell::Text),
            ColumnType::Boolean => self.truth().map(Cell::Boolean),
            ColumnType::Int64 => self.integer().map(Cell::Integer),
            ColumnType::Int32 => {
                self.integer().filter(|value| i32::try_from(*value).is_ok()).map(Cell::Integer)
            }
            ColumnType::Fp64 => self.number().map(Cell::Double),
            ColumnType::Fp32 => {
                let value = self.number()?;
                let single = value as f32;
                (single.is_finite() || !value.is_finite()).then(|| Cell::Double(decimal(single)))
            }
        }
    }

    fn truth(&self) -> Option<bool> {
        if let Cell::Text(text) = self {
            return match text.trim().to_lowercase().as_str() {
                "true" | "t" | "1" => Some(true),
                "false" | "f" | "0" => Some(false),
                _ => None,
            };
        }
        match self.number()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Cell::Integer(value) => return Some(*value),
            Cell::Text(text) => {
                if let Ok(value) = text.trim().parse() {
                    return Some(value);
                }
            }
            _ => {}
        }
        let value = self.number()?;
        (value.fract() == 0.0 && value.abs() < 2f64.powi(63)).then_some(value as i64)
    }
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
