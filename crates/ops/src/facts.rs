//! What is known of a value before it exists: its kind, its dimensions, its non-zeros, its constant value, its elements.

use std::sync::Arc;

use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_value::block::sparse_bytes;
use tilewright_value::{Block, Scalar, ScalarType, Value};

use crate::range::Range;

/// A size that is not known but stands in a known relation to others: `times * symbol + plus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Symbolic {
    /// A number that is the same wherever the symbol occurs.
    pub symbol: u32,
    /// At least 1.
    pub times: i32,
    /// What is added.
    pub plus: i32,
}

impl Symbolic {
    /// A symbol itself.
    pub fn of(symbol: u32) -> Symbolic {
        Symbolic { symbol, times: 1, plus: 0 }
    }

    fn with(self, times: i64, plus: i64) -> Option<Symbolic> {
        let times = i32::try_from(times).ok().filter(|times| *times > 0)?;
        Some(Symbolic { times, plus: i32::try_from(plus).ok()?, ..self })
    }

    /// `times * self + plus`, if it is a multiple of the symbol and a number that fit.
    pub fn scaled(self, times: i64, plus: i64) -> Option<Symbolic> {
        let scaled = i64::from(self.plus).checked_mul(times)?.checked_add(plus)?;
        self.with(i64::from(self.times).checked_mul(times)?, scaled)
    }

    /// The sum of two of the same symbol.
    pub fn plus(self, other: Symbolic) -> Option<Symbolic> {
        let same = self.symbol == other.symbol;
        let (times, plus) =
            (i64::from(self.times) + i64::from(other.times), i64::from(self.plus) + i64::from(other.plus));
        same.then(|| self.with(times, plus)).flatten()
    }

    /// The difference of two of the same symbol, as a number or a size.
    pub fn minus(self, other: Symbolic) -> Option<Linear> {
        if self.symbol != other.symbol {
            return None;
        }
        let (times, plus) =
            (i64::from(self.times) - i64::from(other.times), i64::from(self.plus) - i64::from(other.plus));
        if times == 0 { Some(Linear::Number(plus)) } else { self.with(times, plus).map(Linear::Symbolic) }
    }
}

impl std::fmt::Display for Symbolic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.times != 1 {
            write!(f, "{}*", self.times)?;
        }
        write!(f, "n{}", self.symbol)?;
        if self.plus == 0 { Ok(()) } else { write!(f, "{:+}", self.plus) }
    }
}

/// The value of an integer, known or in relation to sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linear {
    /// Known.
    Number(i64),
    /// Not known.
    Symbolic(Symbolic),
}

impl Linear {
    /// `self + other`
    pub fn plus(self, other: Linear) -> Option<Linear> {
        match (self, other) {
            (Linear::Number(a), Linear::Number(b)) => a.checked_add(b).map(Linear::Number),
            (Linear::Symbolic(a), Linear::Symbolic(b)) => a.plus(b).map(Linear::Symbolic),
            (Linear::Symbolic(a), Linear::Number(b)) | (Linear::Number(b), Linear::Symbolic(a)) => {
                a.scaled(1, b).map(Linear::Symbolic)
            }
        }
    }

    /// `self - other`
    pub fn minus(self, other: Linear) -> Option<Linear> {
        match (self, other) {
            (Linear::Number(a), Linear::Number(b)) => a.checked_sub(b).map(Linear::Number),
            (Linear::Symbolic(a), Linear::Symbolic(b)) => a.minus(b),
            (Linear::Symbolic(a), Linear::Number(b)) => a.scaled(1, b.checked_neg()?).map(Linear::Symbolic),
            (Linear::Number(_), Linear::Symbolic(_)) => None,
        }
    }

    /// `self * other`
    pub fn times(self, other: Linear) -> Option<Linear> {
        match (self, other) {
            (Linear::Number(a), Linear::Number(b)) => a.checked_mul(b).map(Linear::Number),
            (Linear::Symbolic(_), Linear::Symbolic(_)) => None,
            (Linear::Symbolic(a), Linear::Number(b)) | (Linear::Number(b), Linear::Symbolic(a)) => {
                a.scaled(b, 0).map(Linear::Symbolic)
            }
        }
    }
}

impl std::fmt::Display for Linear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Linear::Number(n) => write!(f, "{n}"),
            Linear::Symbolic(size) => write!(f, "{size}"),
        }
    }
}

/// A number of rows or columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dim {
    /// Known.
    Known(u64),
    /// Not known, in a known relation to others.
    Symbolic(Symbolic),
    /// Not known before running.
    Unknown,
}

impl Dim {
    /// The number, if known.
    pub fn known(self) -> Option<u64> {
        match self {
            Dim::Known(n) => Some(n),
            Dim::Symbolic(_) | Dim::Unknown => None,
        }
    }

    /// The number or its relation to others.
    pub fn linear(self) -> Option<Linear> {
        match self {
            Dim::Known(n) => i64::try_from(n).ok().map(Linear::Number),
            Dim::Symbolic(symbolic) => Some(Linear::Symbolic(symbolic)),
            Dim::Unknown => None,
        }
    }

    /// A size from its value; a negative one counts as none.
    pub fn of(value: Option<Linear>) -> Dim {
        match value {
            Some(Linear::Number(n)) => Dim::Known(n.max(0) as u64),
            Some(Linear::Symbolic(symbolic)) => Dim::Symbolic(symbolic),
            None => Dim::Unknown,
        }
    }

    /// True when both are known to differ.
    pub fn conflicts(self, other: Dim) -> bool {
        match (self, other) {
            (Dim::Known(a), Dim::Known(b)) => a != b,
            (Dim::Symbolic(a), Dim::Symbolic(b)) => {
                a.symbol == b.symbol && a.times == b.times && a.plus != b.plus
            }
            _ => false,
        }
    }

    /// True when both are known to be the same.
    pub fn equals(self, other: Dim) -> bool {
        self == other && self != Dim::Unknown
    }

    /// True when it is known to be `n`.
    pub fn is(self, n: u64) -> bool {
        self == Dim::Known(n)
    }

    /// True when it may be `n`.
    pub fn may_be(self, n: u64) -> bool {
        !self.conflicts(Dim::Known(n))
    }

    /// The better known one of two that are equal.
    pub fn or(self, other: Dim) -> Dim {
        match (self, other) {
            (Dim::Known(_), _) | (_, Dim::Unknown) => self,
            (Dim::Unknown, _) | (_, Dim::Known(_)) => other,
            (Dim::Symbolic(_), Dim::Symbolic(_)) => self,
        }
    }

    /// The sum, as far as it is known.
    pub fn plus(self, other: Dim) -> Dim {
        Dim::of(self.linear().zip(other.linear()).and_then(|(a, b)| a.plus(b)))
    }

    /// The product, as far as it is known.
    pub fn times(self, other: Dim) -> Dim {
        match (self, other) {
            (Dim::Known(a), Dim::Known(b)) => a.checked_mul(b).map_or(Dim::Unknown, Dim::Known),
            _ => Dim::of(self.linear().zip(other.linear()).and_then(|(a, b)| a.times(b))),
        }
    }

    fn join(self, other: Dim) -> Dim {
        if self == other { self } else { Dim::Unknown }
    }

    /// As `explain` shows it: `10`, `n3-1`, `?`.
    pub fn explained(self) -> String {
        match self {
            Dim::Known(n) => n.to_string(),
            Dim::Symbolic(symbolic) => symbolic.to_string(),
            Dim::Unknown => "?".into(),
        }
    }
}

impl std::fmt::Display for Dim {
    /// As messages show it: what is not known is `?`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Dim::Known(n) => write!(f, "{n}"),
            Dim::Symbolic(_) | Dim::Unknown => f.write_str("?"),
        }
    }
}

/// The number of cells that are not zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Nnz {
    /// Not known.
    Unknown,
    /// Known.
    Exact(u64),
    /// A bound that is never exceeded.
    AtMost(u64),
}

impl Nnz {
    /// The upper bound, if any.
    pub fn bound(self) -> Option<u64> {
        match self {
            Nnz::Unknown => None,
            Nnz::Exact(n) | Nnz::AtMost(n) => Some(n),
        }
    }

    /// The same bound, no longer known to be exact.
    pub fn at_most(self) -> Nnz {
        self.bound().map_or(Nnz::Unknown, Nnz::AtMost)
    }

    /// The bound of a sum.
    pub fn plus(self, other: Nnz) -> Nnz {
        match (self, other) {
            (Nnz::Exact(a), Nnz::Exact(b)) => Nnz::Exact(a + b),
            _ => self.bound().zip(other.bound()).map_or(Nnz::Unknown, |(a, b)| Nnz::AtMost(a + b)),
        }
    }

    /// The smaller of two bounds.
    pub fn smaller(self, other: Nnz) -> Nnz {
        match (self.bound(), other.bound()) {
            (Some(a), Some(b)) => Nnz::AtMost(a.min(b)),
            (Some(a), None) | (None, Some(a)) => Nnz::AtMost(a),
            (None, None) => Nnz::Unknown,
        }
    }
}

/// What sort of value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Anything.
    Unknown,
    /// A scalar, of a known type or not.
    Scalar(Option<ScalarType>),
    /// A matrix.
    Matrix {
        /// Its rows.
        rows: Dim,
        /// Its columns.
        cols: Dim,
    },
    /// A frame.
    Frame {
        /// Its rows.
        rows: Dim,
        /// Its columns.
        cols: Dim,
    },
    /// A list.
    List,
}

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its sort and dimensions.
    pub kind: Kind,
    /// Its non-zeros, for a matrix.
    pub nnz: Nnz,
    /// Its value, for a scalar that is known.
    pub constant: Option<Scalar>,
    /// Its value in relation to sizes, for an integer that is not known.
    pub size: Option<Symbolic>,
    /// Bounds of a scalar that is not known, or of all cells of a matrix.
    pub range: Range,
    /// Its elements, for a list of a known length.
    pub elements: Option<Arc<[Element]>>,
    /// Whether it is a matrix of truth values: the result of a comparison or a boolean operator.
    pub logical: Option<bool>,
}

/// What is known of an element of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Its name, if it has one.
    pub name: Option<Arc<str>>,
    /// Its value.
    pub facts: Facts,
}

/// The elements of longer lists are not followed.
const ELEMENTS: usize = 64;

impl Facts {
    /// Nothing is known.
    pub const UNKNOWN: Facts = Facts {
        kind: Kind::Unknown,
        nnz: Nnz::Unknown,
        constant: None,
        size: None,
        range: Range::ANY,
        elements: None,
        logical: None,
    };
    /// A list.
    pub const LIST: Facts = Facts { kind: Kind::List, ..Facts::UNKNOWN };
    /// A scalar of an unknown type.
    pub const SCALAR: Facts = Facts { kind: Kind::Scalar(None), ..Facts::UNKNOWN };
    /// A double.
    pub const DOUBLE: Facts = Facts::scalar(ScalarType::Double);
    /// An integer.
    pub const INTEGER: Facts = Facts::scalar(ScalarType::Integer);
    /// A truth value.
    pub const BOOLEAN: Facts = Facts::scalar(ScalarType::Boolean);
    /// A string.
    pub const STRING: Facts = Facts::scalar(ScalarType::String);

    /// A scalar of a type.
    pub const fn scalar(kind: ScalarType) -> Facts {
        Facts { kind: Kind::Scalar(Some(kind)), ..Facts::UNKNOWN }
    }

    /// A scalar with a known value.
    pub fn constant(value: Scalar) -> Facts {
        Facts { kind: Kind::Scalar(Some(value.kind())), constant: Some(value), ..Facts::UNKNOWN }
    }

    /// An integer of a value that is known, stands in relation to sizes, or is not known.
    pub fn integer(value: Option<Linear>) -> Facts {
        match value {
            Some(Linear::Number(n)) => Facts::constant(Scalar::Integer(n)),
            Some(Linear::Symbolic(size)) => Facts { size: Some(size), ..Facts::INTEGER },
            None => Facts::INTEGER,
        }
    }

    /// The value of an integer, as far as it is known.
    pub fn linear(&self) -> Option<Linear> {
        match (&self.constant, self.size) {
            (Some(Scalar::Integer(n)), _) => Some(Linear::Number(*n)),
            (_, Some(size)) => Some(Linear::Symbolic(size)),
            _ => None,
        }
    }

    /// A matrix of unknown non-zeros.
    pub const fn matrix(rows: Dim, cols: Dim) -> Facts {
        Facts { kind: Kind::Matrix { rows, cols }, ..Facts::UNKNOWN }
    }

    /// A frame.
    pub const fn frame(rows: Dim, cols: Dim) -> Facts {
        Facts { kind: Kind::Frame { rows, cols }, ..Facts::UNKNOWN }
    }

    /// A list of known elements.
    pub fn list(elements: Vec<Element>) -> Facts {
        let elements = (elements.len() <= ELEMENTS).then(|| elements.into());
        Facts { elements, ..Facts::LIST }
    }

    /// A matrix of known dimensions.
    pub const fn shaped(rows: u64, cols: u64) -> Facts {
        Facts::matrix(Dim::Known(rows), Dim::Known(cols))
    }

    /// The same with what is known of its non-zeros. A bound that all cells keep says nothing.
    pub fn with_nnz(self, nnz: Nnz) -> Facts {
        let cells = match self.kind {
            Kind::Matrix { rows, cols } => rows.times(cols).known(),
            _ => None,
        };
        let nnz = match (nnz.bound(), cells) {
            (Some(bound), Some(cells)) if bound > cells => Nnz::Unknown,
            (Some(bound), Some(cells)) if bound == cells => match nnz {
                Nnz::Exact(_) => nnz,
                _ => Nnz::Unknown,
            },
            _ => nnz,
        };
        Facts { nnz, ..self }
    }

    /// What is true of a value that exists.
    pub fn of(value: &Value) -> Facts {
        match value {
            Value::Scalar(scalar) => Facts::constant(scalar.clone()),
            Value::Matrix(matrix) => {
                let facts = Facts {
                    logical: Some(matrix.is_logical()),
                    ..Facts::shaped(matrix.rows() as u64, matrix.cols() as u64)
                };
                match &*matrix.pin() {
                    Block::Sparse(csr) => facts.with_nnz(Nnz::Exact(csr.nnz() as u64)),
                    // Counting would read every cell.
                    Block::Dense(_) => facts,
                }
            }
            Value::Frame(frame) => {
                Facts::frame(Dim::Known(frame.rows() as u64), Dim::Known(frame.cols() as u64))
            }
            Value::List(list) if list.len() > ELEMENTS => Facts::LIST,
            Value::List(list) => Facts::list(
                list.iter()
                    .map(|(name, value)| Element { name: name.map(Arc::from), facts: Facts::of(value) })
                    .collect(),
            ),
        }
    }

    /// What is true of both: after a branch, or over several calls.
    pub fn join(&self, other: &Facts) -> Facts {
        let kind = match (self.kind, other.kind) {
            (Kind::Matrix { rows: r1, cols: c1 }, Kind::Matrix { rows: r2, cols: c2 }) => {
                Kind::Matrix { rows: r1.join(r2), cols: c1.join(c2) }
            }
            (Kind::Frame { rows: r1, cols: c1 }, Kind::Frame { rows: r2, cols: c2 }) => {
                Kind::Frame { rows: r1.join(r2), cols: c1.join(c2) }
            }
            (Kind::Scalar(a), Kind::Scalar(b)) => Kind::Scalar(if a == b { a } else { None }),
            (a, b) if a == b => a,
            _ => Kind::Unknown,
        };
        let nnz = match (self.nnz, other.nnz) {
            (a, b) if a == b => a,
            (a, b) => a.bound().zip(b.bound()).map_or(Nnz::Unknown, |(a, b)| Nnz::AtMost(a.max(b))),
        };
        let constant = if self.constant == other.constant { self.constant.clone() } else { None };
        let elements =
            self.elements.as_ref().zip(other.elements.as_ref()).and_then(|(a, b)| join_elements(a, b));
        let logical = if self.logical == other.logical { self.logical } else { None };
        let size = self.size.filter(|_| self.size == other.size);
        let joined = Facts { kind, nnz, constant, size, range: Range::ANY, elements, logical };
        match kind {
            Kind::Matrix { .. } | Kind::Scalar(Some(ScalarType::Integer | ScalarType::Double)) => {
                joined.within(self.bounds().join(other.bounds()))
            }
            _ => joined,
        }
    }

    /// Rows and columns of a matrix or frame; a scalar counts as 1x1.
    pub fn dims(&self) -> (Dim, Dim) {
        match self.kind {
            Kind::Matrix { rows, cols } | Kind::Frame { rows, cols } => (rows, cols),
            Kind::Scalar(_) => (Dim::Known(1), Dim::Known(1)),
            Kind::Unknown | Kind::List => (Dim::Unknown, Dim::Unknown),
        }
    }

    /// Whether all sizes are known.
    pub fn is_sized(&self) -> bool {
        match self.kind {
            Kind::Matrix { rows, cols } | Kind::Frame { rows, cols } => {
                rows.known().is_some() && cols.known().is_some()
            }
            Kind::Unknown => false,
            Kind::List => self.elements.is_some(),
            Kind::Scalar(_) => true,
        }
    }

    /// The same with other symbols in its sizes; a size whose symbol has no other is unknown.
    pub fn renamed(&self, rename: &mut dyn FnMut(u32) -> Option<u32>) -> Facts {
        let mut symbolic = |size: Symbolic| Some(Symbolic { symbol: rename(size.symbol)?, ..size });
        let mut dim = |dim: Dim| match dim {
            Dim::Symbolic(size) => symbolic(size).map_or(Dim::Unknown, Dim::Symbolic),
            dim => dim,
        };
        let kind = match self.kind {
            Kind::Matrix { rows, cols } => Kind::Matrix { rows: dim(rows), cols: dim(cols) },
            Kind::Frame { rows, cols } => Kind::Frame { rows: dim(rows), cols: dim(cols) },
            kind => kind,
        };
        let size = self.size.and_then(&mut symbolic);
        let range = self.range.renamed(&mut symbolic);
        let elements = self.elements.as_ref().map(|elements| {
            let element = |element: &Element| Element {
                name: element.name.clone(),
                facts: element.facts.renamed(&mut |_| None),
            };
            elements.iter().map(element).collect()
        });
        Facts { kind, size, range, elements, ..self.clone() }
    }

    /// The same with a symbol for each size, and for an integer, of which nothing is known.
    pub fn with_symbols(self, fresh: &mut impl FnMut() -> u32) -> Facts {
        let mut dim = |dim: Dim| match dim {
            Dim::Unknown => Dim::Symbolic(Symbolic::of(fresh())),
            dim => dim,
        };
        match self.kind {
            Kind::Matrix { rows, cols } => {
                Facts { kind: Kind::Matrix { rows: dim(rows), cols: dim(cols) }, ..self }
            }
            Kind::Frame { rows, cols } => {
                Facts { kind: Kind::Frame { rows: dim(rows), cols: dim(cols) }, ..self }
            }
            Kind::Scalar(Some(ScalarType::Integer)) if self.linear().is_none() => {
                Facts { size: Some(Symbolic::of(fresh())), ..self }
            }
            _ => self,
        }
    }

    /// True for a matrix.
    pub fn is_matrix(&self) -> bool {
        matches!(self.kind, Kind::Matrix { .. })
    }

    /// True for a frame.
    pub fn is_frame(&self) -> bool {
        matches!(self.kind, Kind::Frame { .. })
    }

    /// True for a scalar.
    pub fn is_scalar(&self) -> bool {
        matches!(self.kind, Kind::Scalar(_))
    }

    /// The type of a scalar, if known.
    pub fn scalar_type(&self) -> Option<ScalarType> {
        match self.kind {
            Kind::Scalar(kind) => kind,
            _ => None,
        }
    }

    /// The known value as a double.
    pub fn number(&self) -> Option<f64> {
        self.constant.as_ref().and_then(|scalar| scalar.as_double().ok())
    }

    /// Dimensions of an operand that must be a matrix (anything unknown may be one).
    ///
    /// # Errors
    /// When it is known to be no matrix.
    pub fn expect_matrix(&self, what: &str) -> Outcome<(Dim, Dim)> {
        match self.kind {
            Kind::Matrix { .. } | Kind::Unknown => Ok(self.dims()),
            Kind::Scalar(Some(ScalarType::String)) => bail!(Type, "{what} must be a matrix, found a string"),
            Kind::Scalar(_) => {
                bail!(Type, "{what} must be a matrix, found {}", self.describe(); hint: "`as.matrix(x)` makes a 1x1 matrix of a scalar")
            }
            Kind::Frame { .. } => {
                bail!(Type, "{what} must be a matrix, found {}", self.describe(); hint: "`as.matrix(F)` makes a matrix of a frame of numbers")
            }
            Kind::List => bail!(Type, "{what} must be a matrix, found a list"),
        }
    }

    /// Checks an operand that must be a scalar (a 1x1 matrix or frame counts as one).
    ///
    /// # Errors
    /// When it is known to be something else.
    pub fn expect_scalar(&self, what: &str) -> Outcome<()> {
        match self.kind {
            Kind::Scalar(_) | Kind::Unknown => Ok(()),
            Kind::Matrix { rows, cols } | Kind::Frame { rows, cols } if rows.may_be(1) && cols.may_be(1) => {
                Ok(())
            }
            _ => Err(self.not_a_scalar(what)),
        }
    }

    fn not_a_scalar(&self, what: &str) -> Fault {
        let fault = fault!(Type, "{what} must be a scalar, found {}", self.describe());
        if self.is_matrix() {
            fault.hint("take one cell: `as.scalar(X[i,j])`, or aggregate: `sum(X)`")
        } else if self.is_frame() {
            fault.hint("take one cell: `as.scalar(F[i,j])`")
        } else {
            fault
        }
    }

    /// Bytes of a dense matrix of these dimensions, if known.
    pub fn dense_bytes(&self) -> Option<f64> {
        let (rows, cols) = self.dims();
        Some(8.0 * rows.known()? as f64 * cols.known()? as f64)
    }

    /// Bytes of a matrix of these facts in the format of fewer bytes, if its dimensions are known.
    pub fn least_bytes(&self) -> Option<f64> {
        let dense = self.dense_bytes()?;
        let (rows, cols) = self.dims();
        Some(match (self.nnz.bound(), rows) {
            (Some(nnz), Dim::Known(rows)) if !cols.is(1) => dense.min(sparse_bytes(rows as f64, nnz as f64)),
            _ => dense,
        })
    }

    /// The cells that may be other than zero, if the dimensions are known.
    pub fn stored(&self) -> Option<f64> {
        let cells = self.dense_bytes()? / 8.0;
        Some(self.nnz.bound().map_or(cells, |bound| cells.min(bound as f64)))
    }

    /// The part of the cells that may be other than zero, if the dimensions are known; 1 where there are no cells.
    pub fn density(&self) -> Option<f64> {
        let cells = self.dense_bytes()? / 8.0;
        Some(if cells == 0.0 { 1.0 } else { self.stored()? / cells })
    }

    /// What it is, for messages: `a 3x? matrix`, `an integer`.
    pub fn describe(&self) -> String {
        match self.kind {
            Kind::Unknown => "a value".into(),
            Kind::Scalar(kind) => kind.map_or("a scalar", ScalarType::describe).into(),
            Kind::Matrix { rows, cols } => format!("a {rows}x{cols} matrix"),
            Kind::Frame { rows, cols } => format!("a {rows}x{cols} frame"),
            Kind::List => "a list".into(),
        }
    }
}

/// What is true of the elements of both of two lists; nothing when their lengths differ.
fn join_elements(a: &[Element], b: &[Element]) -> Option<Arc<[Element]>> {
    let join = |(a, b): (&Element, &Element)| Element {
        name: a.name.clone().filter(|name| b.name.as_ref() == Some(name)),
        facts: a.facts.join(&b.facts),
    };
    (a.len() == b.len()).then(|| a.iter().zip(b).map(join).collect())
}

impl std::fmt::Display for Facts {
    /// As `explain` shows it: `[442x10, nnz 4420]`, `integer 3`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            Kind::Unknown => f.write_str("?"),
            Kind::List => f.write_str("list"),
            Kind::Frame { rows, cols } => write!(f, "[{}x{} frame]", rows.explained(), cols.explained()),
            Kind::Scalar(kind) => {
                f.write_str(kind.map_or("scalar", |kind| kind.describe().rsplit(' ').next().unwrap_or("")))?;
                match &self.constant {
                    Some(Scalar::String(text)) => write!(f, " {text:?}"),
                    Some(value) => write!(f, " {value}"),
                    None => {
                        self.size.map_or(Ok(()), |size| write!(f, " {size}"))?;
                        // That a size is not negative goes without saying.
                        if self.is_integer() && (self.size.is_none() || self.range.high.is_some()) {
                            write!(f, "{}", self.range)?;
                        }
                        Ok(())
                    }
                }
            }
            Kind::Matrix { rows, cols } => {
                write!(f, "[{}x{}", rows.explained(), cols.explained())?;
                match self.nnz {
                    Nnz::Unknown => f.write_str("]"),
                    Nnz::Exact(n) => write!(f, ", nnz {n}]"),
                    Nnz::AtMost(n) => write!(f, ", nnz <= {n}]"),
                }
            }
        }
    }
}
