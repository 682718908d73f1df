//! Element-wise operators with one operand.
//!
//! A row is added with [`row!`]: name, documentation, the type of a scalar result, and the function of one cell. The
//! vector loop and the function of a scalar are instantiated from it, with the same bits. An operator keeps zeros exactly when `cell(0) == 0`. What is known of signs
//! (`sign`) is tested against the function.

use tilewright_base::{Outcome, bail};
use tilewright_frame::convert;
use tilewright_matrix::map::{self, UnaryLoop};
use tilewright_matrix::math::{circular, exp, hyperbolic, log, sigmoid};
use tilewright_matrix::{Scratch, reference, sparse_map, unary_loop};
use tilewright_value::{Block, Scalar, ScalarType, Value};

use crate::facts::{Facts, Kind, Nnz};
use crate::row::{Named, RowRef};

/// The type of the result for a scalar operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarResult {
    /// Always a double.
    Double,
    /// An integer stays an integer, everything else becomes a double.
    Number,
    /// A truth value.
    Boolean,
    /// A truth value that is the number 1 or 0 when it is a scalar.
    Test,
}

/// What is known of the sign of a result that is no NaN; a negative zero is negative here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Nothing.
    Any,
    /// It is never negative.
    NotNegative,
    /// It is not negative where the operand is not.
    Kept,
}

/// An element-wise operator with one operand.
pub struct UnaryRow {
    name: &'static str,
    sign: Sign,
    doc: &'static str,
    result: ScalarResult,
    cell: fn(f64) -> f64,
    map: UnaryLoop,
    flops: f64,
}

/// A row of [`TABLE`].
pub type UnaryOp = RowRef<UnaryRow>;

impl Named for UnaryRow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

macro_rules! row {
    ($name:literal, $doc:literal, $result:ident, $flops:literal, $cell:expr) => {
        row!($name, $doc, $result, $flops, $cell, sign: Any)
    };
    ($name:literal, $doc:literal, $result:ident, $flops:literal, $cell:expr, sign: $sign:ident) => {
        UnaryRow {
            sign: Sign::$sign,
            name: $name,
            doc: $doc,
            result: ScalarResult::$result,
            cell: |x| map::apply($cell, x),
            map: unary_loop!($cell),
            flops: $flops,
        }
    };
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn sign(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}

/// All element-wise operators with one operand.
pub static TABLE: &[UnaryRow] = &[
    row!("-", "The negated value.", Number, 1.0, |x: f64| -x),
    row!("!", "1 where the value is zero, 0 elsewhere.", Boolean, 1.0, |x: f64| truth(x == 0.0)),
    row!("abs", "The absolute value.", Double, 1.0, f64::abs, sign: NotNegative),
    row!("sqrt", "The square root; NaN below zero.", Double, 2.0, f64::sqrt, sign: Kept),
    row!("exp", "e to the power of the value.", Double, 18.0, exp::Exp, sign: NotNegative),
    row!("log", "The natural logarithm; `log(x, b)` to base b.", Double, 32.0, log::Log),
    row!("sin", "The sine of an angle in radians.", Double, 18.0, circular::Sin),
    row!("cos", "The cosine of an angle in radians.", Double, 22.0, circular::Cos),
    row!("tan", "The tangent of an angle in radians.", Double, 42.0, circular::Tan),
    row!("asin", "The arc sine, in radians.", Double, 93.0, f64::asin),
    row!("acos", "The arc cosine, in radians.", Double, 103.0, f64::acos),
    row!("atan", "The arc tangent, in radians.", Double, 40.0, f64::atan),
    row!("sinh", "The hyperbolic sine.", Double, 93.0, hyperbolic::Sinh),
    row!("cosh", "The hyperbolic cosine.", Double, 103.0, hyperbolic::Cosh),
    row!("tanh", "The hyperbolic tangent.", Double, 40.0, hyperbolic::Tanh),
    row!("logistic", "1 / (1 + exp(-x)), the logistic function, as `sigmoid` has it.", Double, 24.0, sigmoid::Sigmoid, sign: NotNegative),
    row!("sign", "-1, 0 or 1 by the sign of the value.", Double, 1.0, sign),
    row!("round", "The nearest whole number, halves up.", Double, 4.0, |x: f64| x.floor()
        + truth(x - x.floor() >= 0.5), sign: Kept),
    row!("floor", "The largest whole number not above the value.", Double, 1.0, f64::floor, sign: Kept),
    row!("ceil", "The smallest whole number not below the value.", Double, 1.0, f64::ceil, sign: Kept),
    row!(
        "is.na",
        "1 where the value is missing (NaN); of a frame also where a cell is or a text is empty.",
        Test,
        1.0,
        |x: f64| truth(x.is_nan())
    ),
    row!("is.nan", "1 where the value is not a number.", Test, 1.0, |x: f64| truth(x.is_nan())),
    row!("is.infinite", "1 where the value is infinite.", Test, 1.0, |x: f64| truth(x.is_infinite())),
];

/// The operator of a name.
pub fn find(name: &str) -> Option<UnaryOp> {
    TABLE.iter().find(|row| row.name == name).map(RowRef)
}

impl UnaryRow {
    /// True when it gives truth values.
    pub fn is_logical(&self) -> bool {
        matches!(self.result, ScalarResult::Boolean | ScalarResult::Test)
    }

    /// The value of one cell.
    pub fn cell(&self, x: f64) -> f64 {
        (self.cell)(x)
    }

    /// The loop over slices of cells.
    pub fn map(&self) -> UnaryLoop {
        self.map
    }

    /// True when a zero gives a zero, so that only stored cells of a sparse matrix need work.
    pub fn keeps_zero(&self) -> bool {
        (self.cell)(0.0) == 0.0
    }

    /// What is known of the sign of its result.
    pub fn sign(&self) -> Sign {
        self.sign
    }

    /// Floating-point operations per cell.
    pub fn flops(&self) -> f64 {
        self.flops
    }

    /// The value for a scalar.
    ///
    /// # Errors
    /// For strings, and when the negated integer does not fit 64 bits.
    pub fn scalar(&self, x: &Scalar) -> Outcome<Scalar> {
        let value = (self.cell)(x.as_double()?);
        match (self.result, x) {
            (ScalarResult::Boolean, _) => Ok(Scalar::Boolean(value != 0.0)),
            (ScalarResult::Number, Scalar::Integer(i)) => match i.checked_neg() {
                Some(negated) => Ok(Scalar::Integer(negated)),
                None => bail!(Value, "`-` of {i} overflows a 64-bit integer"),
            },
            _ => Ok(Scalar::Double(value)),
        }
    }

    /// The value for each cell of a block.
    pub fn block(&self, x: Block) -> Block {
        match x {
            Block::Dense(dense) => map::map_dense_in_place(self.map, dense).into(),
            sparse @ Block::Sparse(_) => self.shared_block(&sparse),
        }
    }

    /// What the operator needs beside its operand and the result.
    pub fn scratch(&self, x: &Facts) -> Option<Scratch> {
        let x = x.shape()?;
        Some(match x.stored {
            Some(stored) if self.keeps_zero() => sparse_map::map_stored_scratch(x.rows, x.cols, stored),
            _ => Scratch::NONE,
        })
    }

    /// The value for a matrix that others may still read.
    pub fn shared_block(&self, x: &Block) -> Block {
        match x {
            Block::Dense(dense) => map::map_dense(self.map, dense).into(),
            Block::Sparse(csr) if self.keeps_zero() => sparse_map::map_stored(self.map, csr).into(),
            Block::Sparse(csr) => map::map_dense_in_place(self.map, csr.to_dense()).into(),
        }
    }

    /// True when it is about cells of any type, so that a frame becomes a matrix.
    fn takes_frames(&self) -> bool {
        self.name == "is.na"
    }

    /// The value for what is neither a scalar nor a matrix.
    ///
    /// # Errors
    /// When it is not defined for that.
    pub fn other(&self, x: &Value) -> Outcome<Value> {
        match x {
            Value::Frame(frame) if self.takes_frames() => Ok(Block::Dense(convert::missing(frame)).into()),
            other => Ok(Value::Matrix(other.as_matrix()?.clone())),
        }
    }

    /// The definition: cell by cell.
    ///
    /// # Errors
    /// As [`UnaryRow::scalar`].
    pub fn reference(&self, x: &Value) -> Outcome<Value> {
        match x {
            Value::Frame(_) => self.other(x),
            Value::Scalar(scalar) => Ok(self.scalar(scalar)?.into()),
            other => {
                Ok(Block::Dense(reference::cell::unary(self.cell, &other.as_matrix()?.pin().dense())).into())
            }
        }
    }

    /// What is known of the result.
    ///
    /// # Errors
    /// For strings and lists.
    pub fn infer(&self, x: &Facts) -> Outcome<Facts> {
        match x.kind {
            Kind::Unknown => Ok(Facts::UNKNOWN),
            Kind::Matrix { .. } => {
                let nnz = if self.keeps_zero() { x.nnz.at_most() } else { Nnz::Unknown };
                Ok(Facts { nnz, ..x.clone() })
            }
            Kind::Frame { rows, cols } if self.takes_frames() => Ok(Facts::matrix(rows, cols)),
            Kind::Frame { .. } => {
                x.expect_matrix(&format!("the operand of `{}`", self.name))?;
                Ok(Facts::UNKNOWN)
            }
            Kind::List | Kind::Scalar(Some(ScalarType::String)) => {
                bail!(Type, "`{}` needs a number or a matrix, found {}", self.name, x.describe())
            }
            Kind::Scalar(kind) => Ok(match (self.result, kind) {
                (ScalarResult::Boolean, _) => Facts::BOOLEAN,
                (ScalarResult::Number, None) => Facts::SCALAR,
                (ScalarResult::Number, Some(ScalarType::Integer)) => Facts::INTEGER,
                _ => Facts::DOUBLE,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_up_and_integers_stay_integers_under_minus() {
        let round = find("round").expect("a row");
        assert_eq!((round.cell(-2.5), round.cell(2.5)), (-2.0, 3.0));
        assert_eq!((round.cell(0.499_999_999_999_999_94), round.cell(f64::INFINITY)), (0.0, f64::INFINITY));
        let minus = find("-").expect("a row");
        assert_eq!(minus.scalar(&Scalar::Integer(3)).expect("fits"), Scalar::Integer(-3));
        assert!(minus.scalar(&Scalar::Integer(i64::MIN)).is_err());
    }

    #[test]
    fn zeros_are_kept_where_the_cell_function_says_so() {
        let keeps: Vec<_> = TABLE.iter().filter(|row| row.keeps_zero()).map(|row| row.name).collect();
        assert!(keeps.contains(&"sqrt") && keeps.contains(&"sign") && !keeps.contains(&"exp"));
    }
}
