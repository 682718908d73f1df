//! What an operator does, in bytes and operations, whatever the machine.
//!
//! Bytes are those of the format of fewer bytes by the bounds of the non-zeros: `8rc` dense, `12nnz + 8(r + 1)` sparse.
//! Memory decisions need these worst cases; [`crate::machine`] makes seconds of them.

use serde::{Deserialize, Serialize};
use tilewright_ops::row::Named;
use tilewright_ops::statement::Statement;
use tilewright_ops::{Facts, Kind, Op};

use crate::dag::{Dag, Node, NodeKind};

/// Operators that take time alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Scalars in, scalars out, or only a look at the head of a matrix.
    Scalar,
    /// Cell by cell on dense matrices.
    Cellwise,
    /// Aggregates, also running ones, of dense matrices.
    Aggregate,
    /// Products of dense matrices.
    Product,
    /// Products with a sparse operand.
    SparseProduct,
    /// All else on sparse matrices.
    Sparse,
    /// Cells moved or made: transposes, parts, binding, filling.
    Reorganise,
    /// Factorisations.
    Factor,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 8] = [
        Class::Scalar,
        Class::Cellwise,
        Class::Aggregate,
        Class::Product,
        Class::SparseProduct,
        Class::Sparse,
        Class::Reorganise,
        Class::Factor,
    ];

    /// As tables show it.
    pub fn word(self) -> &'static str {
        match self {
            Class::Scalar => "scalar",
            Class::Cellwise => "cellwise",
            Class::Aggregate => "aggregate",
            Class::Product => "product",
            Class::SparseProduct => "sparse product",
            Class::Sparse => "sparse",
            Class::Reorganise => "reorganise",
            Class::Factor => "factor",
        }
    }

    fn of(op: &Op, inputs: &[&Facts], result: &Facts) -> Class {
        let is_product = matches!(op, Op::Product(_));
        if inputs.iter().any(|facts| is_sparse(facts)) || is_sparse(result) {
            return if is_product { Class::SparseProduct } else { Class::Sparse };
        }
        match op {
            Op::Unary(_) | Op::Binary(_) | Op::Select => Class::Cellwise,
            Op::Aggregate(..) | Op::Cumulative(_) => Class::Aggregate,
            Op::Product(_) => Class::Product,
            Op::Index(_) | Op::Assign(_) => Class::Reorganise,
            Op::Function(..) => Class::Reorganise,
        }
    }
}

/// What an operator does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Work {
    /// What it takes time like.
    pub class: Class,
    /// Bytes of its inputs.
    pub inputs: f64,
    /// Bytes of its results.
    pub results: f64,
    /// Bytes that it needs beside both.
    pub scratch: f64,
    /// Bytes that it reads.
    pub read: f64,
    /// Bytes that it writes.
    pub written: f64,
    /// Floating-point operations.
    pub flops: f64,
}

impl Work {
    /// An instruction on scalars.
    pub const SCALAR: Work = Work {
        class: Class::Scalar,
        inputs: 0.0,
        results: 0.0,
        scratch: 0.0,
        read: 0.0,
        written: 0.0,
        flops: 0.0,
    };

    /// The work of an operator of which some inputs are the same as earlier ones, and count once.
    pub fn of_distinct(
        op: &Op,
        inputs: &[&Facts],
        results: &[Facts],
        is_repeated: impl Fn(usize) -> bool,
    ) -> Option<Work> {
        let work = Work::of(op, inputs, results)?;
        let repeated = (1..inputs.len()).filter(|at| is_repeated(*at));
        let twice: f64 = repeated.map(|at| bytes(inputs[at])).sum::<Option<f64>>()?;
        Some(Work { inputs: work.inputs - twice, read: (work.read - twice).max(0.0), ..work })
    }

    /// The work of an operator, if all sizes are known.
    pub fn of(op: &Op, inputs: &[&Facts], results: &[Facts]) -> Option<Work> {
        let is_scalar = |facts: &&Facts| facts.is_scalar();
        if inputs.iter().all(is_scalar) && results.iter().all(|facts| facts.is_scalar()) {
            return Some(Work::SCALAR);
        }
        let result = results.first()?;
        let held: f64 = inputs.iter().map(|facts| bytes(facts)).sum::<Option<f64>>()?;
        let made: f64 = results.iter().map(bytes).sum::<Option<f64>>()?;
        if only_looks(op) {
            return Some(Work { inputs: held, results: made, ..Work::SCALAR });
        }
        let owned: Vec<Facts> = inputs.iter().map(|facts| (*facts).clone()).collect();
        let (read, written) = match op {
            Op::Index(_) => (made, made),
            // The rest of the first input stays where it is.
            Op::Assign(_) => (held - bytes(inputs[0])?, held - bytes(inputs[0])?),
            _ => (held, made),
        };
        Some(Work {
            class: Class::of(op, inputs, result),
            inputs: held,
            results: made,
            scratch: scratch(op, &owned, result)?,
            read,
            written,
            flops: op.flops(&owned, result)?,
        })
    }

    /// Bytes of inputs, results and what is needed beside them.
    pub fn memory(&self) -> f64 {
        self.inputs + self.results + self.scratch
    }

    /// Bytes that are read or written.
    pub fn bytes(&self) -> f64 {
        self.read + self.written
    }
}

/// The work of a node; an input that stands twice is read once. Nothing is known of calls and files.
pub fn of_node(dag: &Dag, node: &Node) -> Option<Work> {
    let inputs: Vec<&Facts> = node.inputs.iter().map(|input| dag.fact(*input)).collect();
    match &node.kind {
        NodeKind::Op(op) => {
            let is_repeated = |at: usize| node.inputs[..at].contains(&node.inputs[at]);
            Work::of_distinct(op, &inputs, &node.facts, is_repeated)
        }
        // Values are handed on as they are.
        NodeKind::Exists(_) | NodeKind::Scatter(..) | NodeKind::Accumulate(_) => Some(Work::SCALAR),
        NodeKind::Statement(
            Statement::Print | Statement::Stop | Statement::Assert | Statement::Conform,
            _,
        ) => Some(Work::SCALAR),
        NodeKind::Statement(..) | NodeKind::Call(_) => None,
        NodeKind::Literal(_) | NodeKind::Variable(_) | NodeKind::Result(_) => Some(Work::SCALAR),
    }
}

/// Bytes of a value; a scalar has none that count, of a list of unknown length nothing is known.
pub fn bytes(facts: &Facts) -> Option<f64> {
    match facts.kind {
        Kind::Scalar(_) => Some(0.0),
        Kind::Matrix { .. } => facts.least_bytes(),
        Kind::Frame { .. } => facts.dense_bytes(),
        Kind::List => facts.elements.as_ref()?.iter().map(|element| bytes(&element.facts)).sum(),
        Kind::Unknown => None,
    }
}

/// Whether the sparse format takes fewer bytes.
fn is_sparse(facts: &Facts) -> bool {
    facts.is_matrix()
        && facts.least_bytes().zip(facts.dense_bytes()).is_some_and(|(least, dense)| least < dense)
}

/// Sizes and casts of one cell.
fn only_looks(op: &Op) -> bool {
    matches!(op, Op::Function(function, _) if
        ["nrow", "ncol", "length", "as.scalar", "as.matrix"].contains(&function.name()))
}

// TEMP
fn scratch(_: &Op, _: &[Facts], _: &Facts) -> Option<f64> {
    Some(0.0)
}
