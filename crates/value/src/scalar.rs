//! Scalars: 64-bit integers, doubles, truth values and strings.

use std::sync::Arc;

use tilewright_base::{Outcome, bail, number::print_double};
use tilewright_frame::{Cell, ColumnType, Frame};

/// A scalar value.
#[derive(Debug, Clone, PartialEq)]
pub enum Scalar {
    /// A 64-bit integer.
    Integer(i64),
    /// A double.
    Double(f64),
    /// A truth value.
    Boolean(bool),
    /// A text.
    String(Arc<str>),
}

/// The type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ScalarType {
    /// `Boolean`
    Boolean,
    /// `Integer`
    Integer,
    /// `Double`
    Double,
    /// `String`
    String,
}

impl ScalarType {
    /// All types.
    pub const ALL: [ScalarType; 4] =
        [ScalarType::Boolean, ScalarType::Integer, ScalarType::Double, ScalarType::String];

    /// The word for it: `integer`.
    pub fn name(self) -> &'static str {
        match self {
            ScalarType::Boolean => "boolean",
            ScalarType::Integer => "integer",
            ScalarType::Double => "double",
            ScalarType::String => "string",
        }
    }

    /// The type of a word.
    pub fn from_name(name: &str) -> Option<ScalarType> {
        ScalarType::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// With its article, for messages.
    pub fn describe(self) -> &'static str {
        match self {
            ScalarType::Boolean => "a boolean",
            ScalarType::Integer => "an integer",
            ScalarType::Double => "a double",
            ScalarType::String => "a string",
        }
    }
}

impl Scalar {
    /// A string scalar.
    pub fn string(text: impl Into<Arc<str>>) -> Scalar {
        Scalar::String(text.into())
    }

    /// The first cell of a frame, of the type of its column; a missing number is NaN, a missing text `null`, as frames
    /// print it.
    pub(crate) fn of_cell(frame: &Frame) -> Scalar {
        match frame.cell(0, 0) {
            Cell::Missing if frame.columns()[0].kind() == ColumnType::String => Scalar::string("null"),
            Cell::Missing => Scalar::Double(f64::NAN),
            Cell::Boolean(value) => Scalar::Boolean(value),
            Cell::Integer(value) => Scalar::Integer(value),
            Cell::Double(value) => Scalar::Double(value),
            Cell::Text(text) => Scalar::string(text),
        }
    }

    /// As a cell of a frame.
    pub fn to_cell(&self) -> Cell {
        match self {
            Scalar::Integer(value) => Cell::Integer(*value),
            Scalar::Double(value) => Cell::Double(*value),
            Scalar::Boolean(value) => Cell::Boolean(*value),
            Scalar::String(text) => Cell::Text(text.to_string()),
        }
    }

    /// Its type.
    pub fn kind(&self) -> ScalarType {
        match self {
            Scalar::Integer(_) => ScalarType::Integer,
            Scalar::Double(_) => ScalarType::Double,
            Scalar::Boolean(_) => ScalarType::Boolean,
            Scalar::String(_) => ScalarType::String,
        }
    }

    /// As a double; `TRUE` is 1.
    ///
    /// # Errors
    /// For strings.
    pub fn as_double(&self) -> Outcome<f64> {
        match self {
            Scalar::Integer(value) => Ok(*value as f64),
            Scalar::Double(value) => Ok(*value),
            Scalar::Boolean(value) => Ok(f64::from(u8::from(*value))),
            Scalar::String(text) => {
                bail!(Type, "expected a number, found the string \"{text}\""; hint: "`as.double(s)` reads a number from a string")
            }
        }
    }

    /// As a 0-based index or a count: doubles are floored after adding 2^-53.
    ///
    /// # Errors
    /// For strings, NaN and numbers beyond 64 bits.
    pub fn as_integer(&self) -> Outcome<i64> {
        if let Scalar::Integer(value) = self {
            return Ok(*value);
        }
        let value = self.as_double()?;
        if !value.is_finite() || value.abs() >= 9.3e18 {
            bail!(Value, "{} is not a whole number", print_double(value));
        }
        Ok((value + f64::EPSILON / 2.0).floor() as i64)
    }

    /// As a truth value: numbers other than zero are true, and so are the strings `TRUE` and `true`.
    ///
    /// # Errors
    /// For other strings and for NaN.
    pub fn as_boolean(&self) -> Outcome<bool> {
        match self {
            Scalar::Boolean(value) => Ok(*value),
            Scalar::Integer(value) => Ok(*value != 0),
            Scalar::Double(value) if value.is_nan() => {
                bail!(Value, "NaN is neither true nor false"; hint: "test with `is.nan(x)` first")
            }
            Scalar::Double(value) => Ok(*value != 0.0),
            Scalar::String(text) => match &**text {
                "TRUE" | "true" => Ok(true),
                "FALSE" | "false" => Ok(false),
                other => bail!(Type, "expected a truth value, found the string \"{other}\""),
            },
        }
    }
}

impl std::fmt::Display for Scalar {
    /// As `print` shows it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scalar::Integer(value) => write!(f, "{value}"),
            Scalar::Double(value) => f.write_str(&print_double(*value)),
            Scalar::Boolean(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
            Scalar::String(text) => f.write_str(text),
        }
    }
}
