//! Values of an expression and their types.

use std::borrow::Cow;

use tilewright_base::number::print_double;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A text.
    Text,
    /// A character.
    Char,
    /// A whole number of 64 bits.
    Whole,
    /// A number of 64 bits.
    Double,
    /// A truth value.
    Truth,
    /// Texts in a row.
    Texts,
    /// Numbers in a row.
    Doubles,
    /// What is not there: only compared.
    Null,
    /// As a parameter: a single value of any type.
    Any,
}

impl Type {
    /// As messages name it.
    pub(super) fn describe(self) -> &'static str {
        match self {
            Type::Text => "a text",
            Type::Char => "a character",
            Type::Whole => "a whole number",
            Type::Double => "a number",
            Type::Truth => "a truth value",
            Type::Texts => "an array of texts",
            Type::Doubles => "an array of numbers",
            Type::Null => "null",
            Type::Any => "a value",
        }
    }

    /// In lists of what there is.
    pub(super) fn short(self) -> &'static str {
        match self {
            Type::Text => "text",
            Type::Char => "char",
            Type::Whole => "int",
            Type::Double => "double",
            Type::Truth => "boolean",
            Type::Texts => "text[]",
            Type::Doubles => "double[]",
            Type::Null => "null",
            Type::Any => "any",
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Type::Char | Type::Whole | Type::Double)
    }

    /// Whether a value of this type may be given where another is taken.
    pub(super) fn goes_to(self, to: Type) -> bool {
        match to {
            _ if self == to => true,
            Type::Double => matches!(self, Type::Char | Type::Whole),
            Type::Whole => self == Type::Char,
            Type::Any => !matches!(self, Type::Texts | Type::Doubles),
            _ => false,
        }
    }
}

/// A value; texts of the frame are borrowed.
#[derive(Debug, Clone, PartialEq)]
pub enum Val<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// A character.
    Char(char),
    /// A whole number.
    Whole(i64),
    /// A number.
    Double(f64),
    /// A truth value.
    Truth(bool),
    /// Texts in a row.
    Texts(Vec<String>),
    /// Numbers in a row.
    Doubles(Vec<f64>),
    /// What is not there.
    Null,
}

impl<'a> Val<'a> {
    pub(super) fn of(text: impl Into<String>) -> Val<'a> {
        Val::Text(Cow::Owned(text.into()))
    }

    /// As a text, as Java writes it.
    pub(super) fn text(self) -> Cow<'a, str> {
        Cow::Owned(match self {
            Val::Text(text) => return text,
            Val::Char(value) => value.to_string(),
            Val::Whole(value) => value.to_string(),
            Val::Double(value) => print_double(value),
            Val::Truth(value) => value.to_string(),
            Val::Null => "null".into(),
            Val::Texts(texts) => format!("[{}]", texts.join(", ")),
            Val::Doubles(numbers) => {
                format!("[{}]", numbers.iter().map(|x| print_double(*x)).collect::<Vec<_>>().join(", "))
            }
        })
    }

    pub(super) fn whole(&self) -> i64 {
        match self {
            Val::Whole(value) => *value,
            Val::Char(value) => i64::from(u32::from(*value)),
            Val::Double(value) => *value as i64,
            _ => 0,
        }
    }

    pub(super) fn double(&self) -> f64 {
        match self {
            Val::Double(value) => *value,
            other => other.whole() as f64,
        }
    }

    pub(super) fn truth(&self) -> bool {
        matches!(self, Val::Truth(true))
    }

    /// The value where one of another type is taken.
    pub(super) fn to(self, kind: Type) -> Val<'a> {
        match (kind, &self) {
            (Type::Text, _) => Val::Text(self.text()),
            (Type::Double, Val::Char(_) | Val::Whole(_)) => Val::Double(self.double()),
            (Type::Whole, Val::Char(_) | Val::Double(_)) => Val::Whole(self.whole()),
            (Type::Char, Val::Whole(_) | Val::Double(_)) => {
                let code = u32::try_from(self.whole()).ok();
                Val::Char(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            _ => self,
        }
    }
}
