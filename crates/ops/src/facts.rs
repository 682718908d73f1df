//! What is known of a value before it exists: its kind, its dimensions, its non-zeros, its constant value, its elements.

use std::sync::Arc;

use tilewright_base::{Fault, Outcome, bail, fault};
use tilewright_value::block::sparse_bytes;
use tilewright_value::{Block, Scalar, ScalarType, Value};

/// A number of rows or columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dim {
    /// Known.
    Known(u64),
    /// Not known before running.
    Unknown,
}

impl Dim {
    /// The number, if known.
    pub fn known(self) -> Option<u64> {
        match self {
            Dim::Known(n) => Some(n),
            Dim::Unknown => None,
        }
    }

    /// True when both are known and differ.
    pub fn conflicts(self, other: Dim) -> bool {
        matches!((self, other), (Dim::Known(a), Dim::Known(b)) if a != b)
    }

    /// True when it is known to be `n`.
    pub fn is(self, n: u64) -> bool {
        self == Dim::Known(n)
    }

    /// True when it may be `n`.
    pub fn may_be(self, n: u64) -> bool {
        !self.conflicts(Dim::Known(n))
    }

    /// The known one of two that are equal.
    pub fn or(self, other: Dim) -> Dim {
        if self == Dim::Unknown { other } else { self }
    }

    /// The sum, if both are known.
    pub fn plus(self, other: Dim) -> Dim {
        self.map2(other, u64::checked_add)
    }

    /// The product, if both are known.
    pub fn times(self, other: Dim) -> Dim {
        self.map2(other, u64::checked_mul)
    }

    fn map2(self, other: Dim, f: fn(u64, u64) -> Option<u64>) -> Dim {
        match (self, other) {
            (Dim::Known(a), Dim::Known(b)) => f(a, b).map_or(Dim::Unknown, Dim::Known),
            _ => Dim::Unknown,
        }
    }

    fn join(self, other: Dim) -> Dim {
        if self == other { self } else { Dim::Unknown }
    }
}

impl std::fmt::Display for Dim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Dim::Known(n) => write!(f, "{n}"),
            Dim::Unknown => f.write_str("?"),
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
    pub const UNKNOWN: Facts =
        Facts { kind: Kind::Unknown, nnz: Nnz::Unknown, constant: None, elements: None, logical: None };
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

    /// The same with what is known of its non-zeros, never more than it has cells.
    pub fn with_nnz(self, nnz: Nnz) -> Facts {
        let cells = match self.kind {
            Kind::Matrix { rows, cols } => rows.times(cols).known(),
            _ => None,
        };
        let nnz = match (nnz.bound(), cells) {
            (Some(bound), Some(cells)) if bound > cells => Nnz::AtMost(cells),
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
        Facts { kind, nnz, constant, elements, logical }
    }

    /// Rows and columns of a matrix or frame; a scalar counts as 1x1.
    pub fn dims(&self) -> (Dim, Dim) {
        match self.kind {
            Kind::Matrix { rows, cols } | Kind::Frame { rows, cols } => (rows, cols),
            Kind::Scalar(_) => (Dim::Known(1), Dim::Known(1)),
            Kind::Unknown | Kind::List => (Dim::Unknown, Dim::Unknown),
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
            Kind::Frame { rows, cols } => write!(f, "[{rows}x{cols} frame]"),
            Kind::Scalar(kind) => {
                f.write_str(kind.map_or("scalar", |kind| kind.describe().rsplit(' ').next().unwrap_or("")))?;
                match &self.constant {
                    Some(Scalar::String(text)) => write!(f, " {text:?}"),
                    Some(value) => write!(f, " {value}"),
                    None => Ok(()),
                }
            }
            Kind::Matrix { rows, cols } => match self.nnz {
                Nnz::Unknown => write!(f, "[{rows}x{cols}]"),
                Nnz::Exact(n) => write!(f, "[{rows}x{cols}, nnz {n}]"),
                Nnz::AtMost(n) => write!(f, "[{rows}x{cols}, nnz <= {n}]"),
            },
        }
    }
}
