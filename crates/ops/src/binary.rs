//! Element-wise operators with two operands.
//!
//! Matrices of equal shape work cell by cell; a scalar, a row vector or a column vector is repeated along the
//! matrix on either side. The `zero` column says on which side a zero makes the result zero whatever the other side
//! is, so that only the stored cells of that side need work; it is tested against the cell function.

use std::cmp::Ordering;

use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_matrix::map::{BinaryLoops, absorbing_product, apply_two};
use tilewright_matrix::math::{log::LogBase, power::Power};
use tilewright_matrix::{Csr, Scratch, binary_loops, broadcast, reference, sparse_map};
use tilewright_value::{Block, Matrix, Scalar, ScalarType, Value};

use crate::facts::{Dim, Facts, Kind, Linear, Nnz};
use crate::operand::{as_block, one_cell};
use crate::row::{Named, RowRef};
use crate::scratch::Shape;
use Typing::{Arithmetic, Comparison, Logical, Real};

/// On which side a zero makes the result zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// On neither.
    No,
    /// On the left.
    Left,
    /// On the right.
    Right,
    /// On each.
    Both,
}

/// How two scalars combine.
#[derive(Debug, Clone, Copy)]
pub enum Typing {
    /// Two integers give an integer (none on overflow), everything else a double.
    Arithmetic(fn(i64, i64) -> Option<i64>),
    /// Always a double.
    Real,
    /// Numbers or strings compare to a truth value.
    Comparison(fn(std::cmp::Ordering) -> bool),
    /// Truth values combine to a truth value.
    Logical,
}

/// An element-wise operator with two operands.
pub struct BinaryRow {
    name: &'static str,
    doc: &'static str,
    typing: Typing,
    zero: Zero,
    cell: fn(f64, f64) -> f64,
    plain: fn(f64, f64) -> f64,
    loops: BinaryLoops,
    flops: f64,
    neutral: Option<f64>,
}

/// A row of [`TABLE`].
pub type BinaryOp = RowRef<BinaryRow>;

impl Named for BinaryRow {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }
}

macro_rules! row {
    ($name:literal, $doc:literal, $typing:expr, $zero:ident, $flops:literal, $cell:expr) => {
        row!($name, $doc, $typing, $zero, $flops, $cell, plain: $cell, neutral: None)
    };
    ($name:literal, $doc:literal, $typing:expr, $zero:ident, $flops:literal, $cell:expr, neutral: $neutral:expr) => {
        row!($name, $doc, $typing, $zero, $flops, $cell, plain: $cell, neutral: Some($neutral))
    };
    ($name:literal, $doc:literal, $typing:expr, $zero:ident, $flops:literal, $cell:expr, plain: $plain:expr, neutral: $neutral:expr) => {
        BinaryRow {
            name: $name,
            doc: $doc,
            typing: $typing,
            zero: Zero::$zero,
            cell: |a, b| apply_two($cell, a, b),
            plain: |a, b| apply_two($plain, a, b),
            loops: binary_loops!($plain),
            flops: $flops,
            neutral: $neutral,
        }
    };
}

/// All element-wise operators with two operands. `*` has two functions: a cell of a matrix is zero when either
/// factor is, and the plain product of scalars.
pub static TABLE: &[BinaryRow] = &[
    row!(
        "+",
        "The sum; of strings the concatenation.",
        Arithmetic(i64::checked_add),
        No,
        1.0,
        |a: f64, b: f64| a + b
    ),
    row!("-", "The difference.", Arithmetic(i64::checked_sub), No, 1.0, |a: f64, b: f64| a - b),
    row!("*", "The product; in a matrix a zero absorbs NaN and infinities.", Arithmetic(i64::checked_mul), Both, 1.0, absorbing_product, plain: |a: f64, b: f64| a * b, neutral: None),
    row!("/", "The quotient.", Real, No, 1.0, |a: f64, b: f64| a / b),
    row!("^", "The left value to the power of the right one.", Real, No, 16.0, Power),
    row!(
        "%%",
        "The remainder of the division truncated towards zero.",
        Arithmetic(remainder),
        No,
        8.0,
        |a: f64, b: f64| if b == 0.0 { f64::NAN } else { a % b }
    ),
    row!(
        "%/%",
        "The quotient truncated towards zero.",
        Arithmetic(i64::checked_div),
        No,
        8.0,
        |a: f64, b: f64| (a / b).trunc()
    ),
    row!("==", "1 where both are equal.", Comparison(Ordering::is_eq), No, 1.0, |a: f64, b: f64| truth(
        a == b
    )),
    row!("!=", "1 where both differ.", Comparison(Ordering::is_ne), No, 1.0, |a: f64, b: f64| truth(a != b)),
    row!(
        "<",
        "1 where the left value is smaller.",
        Comparison(Ordering::is_lt),
        No,
        1.0,
        |a: f64, b: f64| truth(a < b)
    ),
    row!(
        "<=",
        "1 where the left value is smaller or equal.",
        Comparison(Ordering::is_le),
        No,
        1.0,
        |a: f64, b: f64| truth(a <= b)
    ),
    row!(">", "1 where the left value is larger.", Comparison(Ordering::is_gt), No, 1.0, |a: f64, b: f64| {
        truth(a > b)
    }),
    row!(
        ">=",
        "1 where the left value is larger or equal.",
        Comparison(Ordering::is_ge),
        No,
        1.0,
        |a: f64, b: f64| truth(a >= b)
    ),
    row!("&", "1 where both are not zero.", Logical, Both, 1.0, |a: f64, b: f64| truth(a != 0.0 && b != 0.0)),
    row!("|", "1 where one of both is not zero.", Logical, No, 1.0, |a: f64, b: f64| truth(
        a != 0.0 || b != 0.0
    )),
    row!("xor", "1 where exactly one of both is not zero.", Logical, No, 1.0, |a: f64, b: f64| truth(
        (a != 0.0) != (b != 0.0)
    )),
    row!(
        "min",
        "The smaller value; NaN if one is.",
        Arithmetic(|a, b| Some(a.min(b))),
        No,
        1.0,
        |a: f64, b: f64| if a < b || a.is_nan() { a } else { b },
        neutral: f64::INFINITY
    ),
    row!(
        "max",
        "The larger value; NaN if one is.",
        Arithmetic(|a, b| Some(a.max(b))),
        No,
        1.0,
        |a: f64, b: f64| if a > b || a.is_nan() { a } else { b },
        neutral: f64::NEG_INFINITY
    ),
    row!(
        "log_base",
        "The logarithm of the left value to the base of the right one: `log(x, b)`.",
        Real,
        No,
        64.0,
        LogBase
    ),
    row!(
        "bitwAnd",
        "The bits that both have, as 32-bit integers (decimals cut off, larger values cut to the range).",
        Arithmetic(|a, b| Some(i64::from(clamped(a) & clamped(b)))),
        Both,
        2.0,
        |a: f64, b: f64| f64::from(a as i32 & b as i32)
    ),
    row!(
        "bitwOr",
        "The bits that one of both has, as 32-bit integers.",
        Arithmetic(|a, b| Some(i64::from(clamped(a) | clamped(b)))),
        No,
        2.0,
        |a: f64, b: f64| f64::from(a as i32 | b as i32)
    ),
    row!(
        "bitwXor",
        "The bits that exactly one of both has, as 32-bit integers.",
        Arithmetic(|a, b| Some(i64::from(clamped(a) ^ clamped(b)))),
        No,
        2.0,
        |a: f64, b: f64| f64::from(a as i32 ^ b as i32)
    ),
    row!(
        "bitwShiftL",
        "The bits of a 32-bit integer moved up, zeros after them; the distance counts modulo 32.",
        Arithmetic(|a, b| Some(i64::from(clamped(a).wrapping_shl(clamped(b) as u32)))),
        Left,
        2.0,
        |a: f64, b: f64| f64::from((a as i32).wrapping_shl(b as i32 as u32))
    ),
    row!(
        "bitwShiftR",
        "The bits of a 32-bit integer moved down, the sign kept; the distance counts modulo 32.",
        Arithmetic(|a, b| Some(i64::from(clamped(a).wrapping_shr(clamped(b) as u32)))),
        Left,
        2.0,
        |a: f64, b: f64| f64::from((a as i32).wrapping_shr(b as i32 as u32))
    ),
];

/// The nearest 32-bit integer.
fn clamped(value: i64) -> i32 {
    value.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

fn truth(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn remainder(a: i64, b: i64) -> Option<i64> {
    if b == 0 { Some(0) } else { a.checked_rem(b) }
}

/// The operator of a name or symbol.
pub fn find(name: &str) -> Option<BinaryOp> {
    TABLE.iter().find(|row| row.name == name).map(RowRef)
}

impl BinaryRow {
    /// True when it gives truth values.
    pub fn is_logical(&self) -> bool {
        matches!(self.typing, Comparison(_) | Logical)
    }

    /// The value of one cell of a matrix.
    pub fn cell(&self, a: f64, b: f64) -> f64 {
        (self.cell)(a, b)
    }

    /// The loops over slices of cells; of an [absorbing](BinaryRow::is_absorbing) operator the plain ones.
    pub fn loops(&self) -> &BinaryLoops {
        &self.loops
    }

    /// True when a NaN that its loops make beside a zero has to become zero.
    pub fn is_absorbing(&self) -> bool {
        self.zero == Zero::Both && (self.plain)(0.0, f64::INFINITY).is_nan()
    }

    /// On which side a zero makes the result zero.
    pub fn zero(&self) -> Zero {
        self.zero
    }

    /// The double that leaves the other operand as it is, for an operator that takes three and more operands.
    pub fn neutral(&self) -> Option<f64> {
        self.neutral
    }

    /// True for comparisons, whose cells are 0 or 1.
    pub fn is_comparison(&self) -> bool {
        matches!(self.typing, Comparison(_))
    }

    /// Floating-point operations per cell.
    pub fn flops(&self) -> f64 {
        self.flops
    }

    /// True when two zeros give zero, so that cells stored on neither side stay empty.
    pub fn keeps_zero(&self) -> bool {
        (self.cell)(0.0, 0.0) == 0.0
    }

    /// True when a zero of the left side gives zero.
    pub fn zero_left(&self) -> bool {
        matches!(self.zero, Zero::Left | Zero::Both)
    }

    /// True when a zero of the right side gives zero.
    pub fn zero_right(&self) -> bool {
        matches!(self.zero, Zero::Right | Zero::Both)
    }

    /// The value for two scalars.
    ///
    /// # Errors
    /// For operands of the wrong type, and when integers overflow.
    pub fn scalar(&self, a: &Scalar, b: &Scalar) -> Outcome<Scalar> {
        if let (Scalar::Double(a), Scalar::Double(b), Arithmetic(_) | Real) = (a, b, self.typing) {
            return Ok(Scalar::Double((self.plain)(*a, *b)));
        }
        if matches!(a, Scalar::String(_)) || matches!(b, Scalar::String(_)) {
            return self.strings(a, b);
        }
        match (self.typing, a, b) {
            (Arithmetic(integer), Scalar::Integer(a), Scalar::Integer(b)) => self.integers(integer, *a, *b),
            (Arithmetic(_) | Real, ..) => Ok(Scalar::Double((self.plain)(a.as_double()?, b.as_double()?))),
            (Comparison(holds), Scalar::Integer(a), Scalar::Integer(b)) => {
                Ok(Scalar::Boolean(holds(a.cmp(b))))
            }
            (Comparison(_) | Logical, ..) => {
                Ok(Scalar::Boolean((self.cell)(a.as_double()?, b.as_double()?) != 0.0))
            }
        }
    }

    fn integers(&self, f: fn(i64, i64) -> Option<i64>, a: i64, b: i64) -> Outcome<Scalar> {
        match f(a, b) {
            Some(value) => Ok(Scalar::Integer(value)),
            None if b == 0 => {
                bail!(Value, "integer division of {a} by zero"; hint: "`/` divides as doubles and gives Infinity")
            }
            None => {
                bail!(Value, "`{a} {} {b}` overflows a 64-bit integer", self.written(); hint: "use doubles: `as.double(x)`")
            }
        }
    }

    fn strings(&self, a: &Scalar, b: &Scalar) -> Outcome<Scalar> {
        match (self.typing, a, b) {
            _ if self.name == "+" => Ok(Scalar::string(format!("{a}{b}"))),
            (Comparison(holds), ..) => Ok(Scalar::Boolean(holds(a.to_string().cmp(&b.to_string())))),
            _ => Err(self.no_strings(&Facts::constant(a.clone()), &Facts::constant(b.clone()))),
        }
    }

    fn no_strings(&self, a: &Facts, b: &Facts) -> Fault {
        let is_string = |x: &Facts| x.scalar_type() == Some(ScalarType::String);
        let fault =
            fault!(Type, "`{}` needs numbers, found {} and {}", self.written(), a.describe(), b.describe());
        if is_string(a) || is_string(b) {
            fault.hint("`as.double(s)` reads a number from a string; `+` concatenates")
        } else {
            fault
        }
    }

    fn no_frames(&self, a: &Facts, b: &Facts) -> Fault {
        let (a, b) = (a.describe(), b.describe());
        fault!(Type, "`{}` of {a} and {b}", self.written(); hint: "`as.scalar(F[i,j])` takes one cell, `as.matrix(F)` makes a matrix of a frame of numbers")
    }

    /// The value for each cell of two blocks of equal or repeatable shapes.
    pub fn blocks(&self, a: &Block, b: &Block) -> Block {
        let same_shape = (a.rows(), a.cols()) == (b.rows(), b.cols());
        match (a, b) {
            (Block::Sparse(a), Block::Sparse(b)) if same_shape && self.zero == Zero::Both => {
                sparse_map::binary_intersect(self.cell, a, b).into()
            }
            (Block::Sparse(a), Block::Sparse(b)) if same_shape && self.keeps_zero() => {
                sparse_map::binary_both(self.cell, a, b).into()
            }
            (Block::Sparse(a), b) if self.zero_left() && repeats(size(b), (a.rows(), a.cols())) => {
                sparse_map::binary_left(self.cell, a, &b.dense()).into()
            }
            (a, Block::Sparse(b)) if self.zero_right() && repeats(size(a), (b.rows(), b.cols())) => {
                sparse_map::binary_right(self.cell, &a.dense(), b).into()
            }
            (a, b) => self.dense(a, b),
        }
    }

    fn dense(&self, a: &Block, b: &Block) -> Block {
        let (a, b) = (a.dense(), b.dense());
        let mut out = broadcast::binary(&self.loops, &a, &b);
        if self.zero == Zero::Both {
            broadcast::repair_product(&mut out, &a, &b);
        }
        out.into()
    }

    /// The stored cells of `x` with a scalar, by a loop; the loops of a product do not know that zeros absorb.
    fn of_stored(&self, x: &Csr, scalar: f64, loop_: impl Fn(&[f64], &mut [f64]) + Send + Sync) -> Block {
        let absorbed = self.zero == Zero::Both && scalar == 0.0;
        sparse_map::map_stored(|x, out| if absorbed { out.fill(0.0) } else { loop_(x, out) }, x).into()
    }

    /// A block with a scalar on the right.
    pub fn block_scalar(&self, a: &Block, b: f64) -> Block {
        match a {
            Block::Sparse(a) if (self.cell)(0.0, b) == 0.0 => {
                self.of_stored(a, b, |x, out| (self.loops.vs)(x, b, out))
            }
            a if self.zero == Zero::Both && (b == 0.0 || !b.is_finite()) => self.blocks(a, &one_cell(b)),
            Block::Sparse(a) => {
                let cell = tilewright_matrix::Dense::filled(1, 1, b);
                broadcast::binary_into(&self.loops, a.to_dense(), &cell).into()
            }
            Block::Dense(a) => broadcast::binary_scalar(&self.loops, a, b).into(),
        }
    }

    /// A block with a scalar on the left.
    pub fn scalar_block(&self, a: f64, b: &Block) -> Block {
        match b {
            Block::Sparse(b) if (self.cell)(a, 0.0) == 0.0 => {
                self.of_stored(b, a, |x, out| (self.loops.sv)(a, x, out))
            }
            b if self.zero == Zero::Both && (a == 0.0 || !a.is_finite()) => self.blocks(&one_cell(a), b),
            Block::Sparse(b) => broadcast::scalar_binary(&self.loops, a, &b.to_dense()).into(),
            Block::Dense(b) => broadcast::scalar_binary(&self.loops, a, b).into(),
        }
    }

    /// What the operator needs beside its operands and the result.
    pub fn scratch(&self, a: &Facts, b: &Facts) -> Option<Scratch> {
        Some(match (a.is_matrix(), b.is_matrix()) {
            (true, true) => self.blocks_scratch(a.shape()?, b.shape()?),
            (true, false) => {
                self.scalar_scratch(a.shape()?, b.number().map(|b| self.cell(0.0, b)), Scratch::NONE)
            }
            (false, true) => {
                let b = b.shape()?;
                self.scalar_scratch(b, a.number().map(|a| self.cell(a, 0.0)), b.densified())
            }
            (false, false) => Scratch::NONE,
        })
    }

    /// As [`BinaryRow::blocks`] goes.
    fn blocks_scratch(&self, a: Shape, b: Shape) -> Scratch {
        let (size_a, size_b) = ((a.rows, a.cols), (b.rows, b.cols));
        let stored = sparse_map::binary_scratch;
        match (a.stored, b.stored) {
            (Some(x), Some(y)) if size_a == size_b && (self.zero == Zero::Both || self.keeps_zero()) => {
                stored(a.rows, a.cols, x.saturating_add(y))
            }
            (Some(x), _) if self.zero_left() && repeats(size_b, size_a) => {
                stored(a.rows, a.cols, x).and(b.densified())
            }
            (_, Some(y)) if self.zero_right() && repeats(size_a, size_b) => {
                stored(b.rows, b.cols, y).and(a.densified())
            }
            _ => a.densified().and(b.densified()),
        }
    }

    /// A matrix with a scalar that makes `at_zero` of a zero, and what the dense form needs.
    fn scalar_scratch(&self, x: Shape, at_zero: Option<f64>, dense: Scratch) -> Scratch {
        match (x.stored, at_zero) {
            (Some(stored), Some(0.0)) => sparse_map::map_stored_scratch(x.rows, x.cols, stored),
            (Some(_), Some(_)) => dense,
            (Some(stored), None) => dense.or(sparse_map::map_stored_scratch(x.rows, x.cols, stored)),
            (None, _) => Scratch::NONE,
        }
    }

    /// Two values of any kinds that fit.
    ///
    /// # Errors
    /// As [`BinaryRow::scalar`]; the shapes of matrices are checked by [`BinaryRow::infer`].
    pub fn run(&self, a: Value, b: Value) -> Outcome<Value> {
        match (a, b) {
            (Value::Scalar(a), Value::Scalar(b)) => Ok(self.scalar(&a, &b)?.into()),
            (Value::Matrix(a), Value::Scalar(b @ Scalar::String(_))) => {
                Ok(self.scalar(&self.one_cell_of(&a)?, &b)?.into())
            }
            (Value::Scalar(a @ Scalar::String(_)), Value::Matrix(b)) => {
                Ok(self.scalar(&a, &self.one_cell_of(&b)?)?.into())
            }
            (Value::Matrix(a), Value::Scalar(b)) => Ok(self.block_scalar(&a.pin(), b.as_double()?).into()),
            (Value::Scalar(a), Value::Matrix(b)) => Ok(self.scalar_block(a.as_double()?, &b.pin()).into()),
            (Value::Matrix(a), Value::Matrix(b)) => Ok(match (a.into_unique(), &*b.pin()) {
                // Nobody else holds the left operand: its memory takes the result. A product still needs both.
                (Ok(Block::Dense(a)), Block::Dense(b)) if self.zero == Zero::No => {
                    Block::Dense(broadcast::binary_into(&self.loops, a, b))
                }
                (Ok(a), b) => self.blocks(&a, b),
                (Err(a), b) => self.blocks(&a.pin(), b),
            }
            .into()),
            (a, b) => Err(self.no_strings(&Facts::of(&a), &Facts::of(&b))),
        }
    }

    /// The definition: cell by cell.
    ///
    /// # Errors
    /// As [`BinaryRow::run`].
    pub fn reference(&self, a: &Value, b: &Value) -> Outcome<Value> {
        match (a, b) {
            (Value::Scalar(a), Value::Scalar(b)) => return Ok(self.scalar(a, b)?.into()),
            (Value::Matrix(_), Value::Scalar(Scalar::String(_)))
            | (Value::Scalar(Scalar::String(_)), Value::Matrix(_)) => return self.run(a.clone(), b.clone()),
            _ => {}
        }
        let (a, b) = (as_block(a)?, as_block(b)?);
        Ok(Block::Dense(reference::cell::binary(self.cell, &a.dense(), &b.dense())).into())
    }

    /// What is known of the result.
    ///
    /// # Errors
    /// When shapes do not fit, or for operands of the wrong type.
    pub fn infer(&self, a: &Facts, b: &Facts) -> Outcome<Facts> {
        match (a.kind, b.kind) {
            (Kind::Frame { .. }, _) | (_, Kind::Frame { .. }) => Err(self.no_frames(a, b)),
            (Kind::List, _) | (_, Kind::List) => Err(self.no_strings(a, b)),
            (Kind::Scalar(x), Kind::Scalar(y)) => self.infer_scalars(a, b, x, y),
            (Kind::Scalar(x @ Some(ScalarType::String)), Kind::Matrix { rows, cols })
            | (Kind::Matrix { rows, cols }, Kind::Scalar(x @ Some(ScalarType::String))) => {
                if rows.may_be(1) && cols.may_be(1) {
                    return self.infer_scalars(a, b, x, Some(ScalarType::Double));
                }
                Err(self.matrix_and_string())
            }
            (Kind::Matrix { .. }, _) | (_, Kind::Matrix { .. })
                if a.kind != Kind::Unknown && b.kind != Kind::Unknown =>
            {
                let (rows, cols) = repeated_shape(self.written(), a, b)?;
                Ok(Facts::matrix(rows, cols).with_nnz(self.nnz(a, b, (rows, cols))))
            }
            _ => Ok(Facts::UNKNOWN),
        }
    }

    /// The cell of a 1x1 matrix, which counts as a scalar beside a string.
    fn one_cell_of(&self, matrix: &Matrix) -> Outcome<Scalar> {
        match (matrix.rows(), matrix.cols()) {
            (1, 1) => Ok(Scalar::Double(matrix.pin().get(0, 0))),
            _ => Err(self.matrix_and_string()),
        }
    }

    fn matrix_and_string(&self) -> Fault {
        let fault = fault!(Type, "`{}` needs numbers, found a matrix and a string", self.written());
        if self.name == "+" { fault.hint("`toString(X)` turns a matrix into a string") } else { fault }
    }

    fn infer_scalars(
        &self,
        a: &Facts,
        b: &Facts,
        x: Option<ScalarType>,
        y: Option<ScalarType>,
    ) -> Outcome<Facts> {
        use ScalarType::{Integer, String};
        let string = x == Some(String) || y == Some(String);
        Ok(match self.typing {
            Comparison(_) => Facts::BOOLEAN,
            Arithmetic(_) if string && self.name == "+" => Facts::STRING,
            _ if string => return Err(self.no_strings(a, b)),
            Logical => match self.settled(a.number(), b.number()) {
                Some(value) => Facts::constant(Scalar::Boolean(value)),
                None => Facts::BOOLEAN,
            },
            Real => Facts::DOUBLE,
            Arithmetic(_) => match (x, y) {
                (Some(Integer), Some(Integer)) => Facts::integer(self.linear(a, b)),
                (Some(_), Some(_)) => Facts::DOUBLE,
                _ => Facts::SCALAR,
            },
        })
    }

    /// The result for integers that stand in relation to sizes.
    fn linear(&self, a: &Facts, b: &Facts) -> Option<Linear> {
        let (a, b) = (a.linear()?, b.linear()?);
        match (self.name, a, b) {
            // The operator itself knows about overflows.
            (_, Linear::Number(_), Linear::Number(_)) => None,
            ("+", ..) => a.plus(b),
            ("-", ..) => a.minus(b),
            ("*", ..) => a.times(b),
            _ => None,
        }
    }

    /// The truth value of a logical operator when one side alone settles it: `TRUE | b`.
    fn settled(&self, a: Option<f64>, b: Option<f64>) -> Option<bool> {
        let left = a.filter(|&a| self.cell(a, 0.0) == self.cell(a, 1.0)).map(|a| self.cell(a, 0.0));
        let right = b.filter(|&b| self.cell(0.0, b) == self.cell(1.0, b)).map(|b| self.cell(0.0, b));
        left.or(right).map(|value| value != 0.0)
    }

    /// The non-zeros of a result of this shape; a side that is repeated bounds nothing.
    fn nnz(&self, a: &Facts, b: &Facts, (rows, cols): (Dim, Dim)) -> Nnz {
        let fits = |(r, c): (Dim, Dim)| r.equals(rows) && c.equals(cols);
        let is_whole = |side: &Facts| side.is_matrix() && fits(side.dims());
        let (left, right) = (is_whole(a), is_whole(b));
        let at_zero = |value: Option<f64>, side: &Facts| match value {
            Some(0.0) => side.nnz.at_most(),
            _ => Nnz::Unknown,
        };
        match (left && self.zero_left(), right && self.zero_right()) {
            (true, true) => a.nnz.smaller(b.nnz),
            (true, false) => a.nnz.at_most(),
            (false, true) => b.nnz.at_most(),
            (false, false) if left && right && self.keeps_zero() => a.nnz.plus(b.nnz).at_most(),
            (false, false) if left => at_zero(b.number().map(|b| (self.cell)(0.0, b)), a),
            (false, false) if right => at_zero(a.number().map(|a| (self.cell)(a, 0.0)), b),
            (false, false) => Nnz::Unknown,
        }
    }
}

fn repeats(side: (usize, usize), whole: (usize, usize)) -> bool {
    (side.0 == whole.0 || side.0 == 1) && (side.1 == whole.1 || side.1 == 1)
}

fn size(x: &Block) -> (usize, usize) {
    (x.rows(), x.cols())
}

/// The shape of an element-wise result, where scalars, row and column vectors are repeated.
///
/// # Errors
/// When the shapes do not fit.
pub fn repeated_shape(name: &str, a: &Facts, b: &Facts) -> Outcome<(Dim, Dim)> {
    let ((r1, c1), (r2, c2)) = (a.dims(), b.dims());
    if a.is_scalar() || (r1.is(1) && c1.is(1)) {
        return Ok((r2, c2));
    }
    if b.is_scalar() || (r2.is(1) && c2.is(1)) {
        return Ok((r1, c1));
    }
    let side = |x: Dim, y: Dim| x.conflicts(y) && !x.may_be(1) && !y.may_be(1);
    let outer = (c1.is(1) && r2.is(1) && r1.conflicts(r2) && c1.conflicts(c2))
        || (r1.is(1) && c2.is(1) && r1.conflicts(r2) && c1.conflicts(c2));
    if side(r1, r2) || side(c1, c2) || outer {
        let fault = fault!(Shape, "`{name}` of a {r1}x{c1} and a {r2}x{c2} matrix: the shapes do not fit");
        return Err(fault.hint(if outer {
            format!("every pair of a column and a row vector: `outer(u, v, \"{name}\")`")
        } else if r1 == c2 && c1 == r2 {
            "transpose one of them with `t(X)`".into()
        } else {
            "shapes must be equal, or one side a vector of the other's rows or columns".into()
        }));
    }
    Ok((longer(r1, r2), longer(c1, c2)))
}

/// The repeated dimension of two that fit: 1 yields to anything.
fn longer(x: Dim, y: Dim) -> Dim {
    match (x, y) {
        (Dim::Known(1), other) | (other, Dim::Known(1)) => other,
        (known @ Dim::Known(_), _) | (_, known @ Dim::Known(_)) => known,
        (same, other) if same == other => same,
        _ => Dim::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [f64; 9] = [0.0, -0.0, 1.0, -1.0, 2.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-310];

    #[test]
    fn the_zero_column_is_what_the_cell_function_does() {
        for row in TABLE {
            let left = EDGES.iter().all(|&y| row.cell(0.0, y) == 0.0);
            let right = EDGES.iter().all(|&x| row.cell(x, 0.0) == 0.0);
            assert_eq!((left, right), (row.zero_left(), row.zero_right()), "zero column of `{}`", row.name);
        }
    }

    #[test]
    fn scalars_follow_the_language() {
        let run = |name: &str, a: Scalar, b: Scalar| find(name).expect("a row").scalar(&a, &b);
        use Scalar::{Boolean, Double, Integer};
        let cases = [
            ("%%", Integer(-7), Integer(3), Integer(-1)),
            ("%/%", Integer(-7), Integer(3), Integer(-2)),
            ("%%", Double(7.5), Integer(-2), Double(1.5)),
            ("/", Integer(6), Integer(2), Double(3.0)),
            ("^", Integer(2), Integer(3), Double(8.0)),
            ("+", Boolean(true), Boolean(true), Double(2.0)),
            ("==", Integer(1), Double(1.0), Boolean(true)),
            ("+", Scalar::string("a"), Integer(1), Scalar::string("a1")),
        ];
        for (name, a, b, expected) in cases {
            assert_eq!(run(name, a, b).expect("fits"), expected);
        }
        assert!(
            run("%/%", Integer(5), Integer(0)).is_err() && run("*", Integer(i64::MAX), Integer(2)).is_err()
        );
    }

    #[test]
    fn vectors_repeat_on_either_side_but_column_with_row_does_not() {
        let shape = |a: (u64, u64), b: (u64, u64)| {
            repeated_shape("+", &Facts::shaped(a.0, a.1), &Facts::shaped(b.0, b.1))
        };
        assert_eq!(shape((3, 4), (1, 4)).expect("fits"), (Dim::Known(3), Dim::Known(4)));
        assert_eq!(shape((3, 1), (3, 4)).expect("fits"), (Dim::Known(3), Dim::Known(4)));
        assert!(shape((3, 1), (1, 4)).is_err() && shape((3, 4), (4, 3)).is_err());
    }

    #[test]
    fn a_repeated_vector_keeps_the_zeros_of_the_other_side() {
        let sparse = Facts::shaped(300, 200).with_nnz(Nnz::Exact(50));
        let nnz =
            |name: &str, a: &Facts, b: &Facts| find(name).expect("a row").infer(a, b).expect("fits").nnz;
        let (row, column) = (Facts::shaped(1, 200), Facts::shaped(300, 1).with_nnz(Nnz::Exact(2)));
        assert_eq!(nnz("*", &sparse, &row), Nnz::AtMost(50));
        // Each of the two cells is repeated.
        assert_eq!(nnz("*", &column, &sparse), Nnz::AtMost(50));
        assert_eq!(nnz("+", &sparse, &row), Nnz::Unknown);
        assert_eq!(nnz("/", &sparse, &row), Nnz::Unknown);
        assert_eq!(nnz("*", &sparse, &Facts::DOUBLE), Nnz::AtMost(50));
    }
}
