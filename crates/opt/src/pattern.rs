//! One side of a rule as a tree: the left side is matched against nodes, the right side is built.
//!
//! Matching backtracks: operands of operators that commute are tried in both orders until the whole pattern fits and
//! the guards hold.

use tilewright_ir::{Dag, NodeId, NodeKind};
use tilewright_ops::row::Named;
use tilewright_ops::{Op, product::Product};
use tilewright_value::Scalar;

/// One side of a rule. Names are numbered in the order in which the left side speaks of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Pattern {
    /// Any matrix.
    Matrix(usize),
    /// Any scalar.
    Scalar(usize),
    /// A scalar of this value; numbers of different types are equal by value.
    Literal(Scalar),
    /// An operator with all of its inputs.
    Op(Op, Vec<Pattern>),
}

/// No rule has more names than this.
pub const NAMES: usize = 8;

/// What the names of a pattern stand for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bindings([Option<NodeId>; NAMES]);

impl Bindings {
    /// The node of a name.
    pub fn get(&self, name: usize) -> Option<NodeId> {
        self.0[name]
    }

    /// Whether a name stands for a node.
    pub fn holds(&self, id: NodeId) -> bool {
        self.0.contains(&Some(id))
    }
}

/// What is asked of a match; it is not taken when the answer is no.
pub type Accept<'a> = &'a mut dyn FnMut(&mut Bindings) -> bool;

impl Pattern {
    /// Matches a node, until `accept` takes a match. The bindings stay as they were.
    pub fn matches(&self, dag: &Dag, id: NodeId, bindings: &mut Bindings, accept: Accept<'_>) -> bool {
        let node = dag.node(id);
        match self {
            Pattern::Matrix(name) => node.fact().is_matrix() && bind(*name, id, bindings, accept),
            Pattern::Scalar(name) => node.fact().is_scalar() && bind(*name, id, bindings, accept),
            Pattern::Literal(value) => match &node.kind {
                NodeKind::Literal(own) => equal(own, value) && accept(bindings),
                _ => false,
            },
            Pattern::Op(op, operands) => match &node.kind {
                NodeKind::Op(own) if own == op && node.inputs.len() == operands.len() => {
                    let inputs = &node.inputs[..];
                    if all_match(operands, dag, inputs, bindings, accept) {
                        return true;
                    }
                    commutes(op) && all_match(operands, dag, &[inputs[1], inputs[0]], bindings, accept)
                }
                _ => false,
            },
        }
    }
}

fn all_match(
    operands: &[Pattern],
    dag: &Dag,
    inputs: &[NodeId],
    bindings: &mut Bindings,
    accept: Accept<'_>,
) -> bool {
    match (operands, inputs) {
        ([operand, operands @ ..], [input, inputs @ ..]) => {
            operand.matches(dag, *input, bindings, &mut |bindings| {
                all_match(operands, dag, inputs, bindings, accept)
            })
        }
        _ => accept(bindings),
    }
}

fn bind(name: usize, id: NodeId, bindings: &mut Bindings, accept: Accept<'_>) -> bool {
    if let Some(bound) = bindings.0[name] {
        return bound == id && accept(bindings);
    }
    bindings.0[name] = Some(id);
    let taken = accept(bindings);
    bindings.0[name] = None;
    taken
}

/// Equal texts, or numbers and truth values of equal value.
pub fn equal(a: &Scalar, b: &Scalar) -> bool {
    match (a, b) {
        (Scalar::String(a), Scalar::String(b)) => a == b,
        (Scalar::String(_), _) | (_, Scalar::String(_)) => false,
        (a, b) => a.as_double().is_ok_and(|a| b.as_double() == Ok(a)),
    }
}

/// Whether the operands of an operator may change places. (The sum of strings is none of matrices.)
pub fn commutes(op: &Op) -> bool {
    matches!(op, Op::Binary(op) if matches!(op.name(), "+" | "*" | "min" | "max" | "==" | "!=" | "&" | "|" | "xor"))
}

/// What a node is asked for its rules by: its operator, without the form of an index and which arguments are present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// An operator of a table.
    Op(Op),
    /// `X[...]`
    Index,
    /// `X[...] = value`
    Assign,
    /// A named function.
    Function(tilewright_ops::function::FunctionOp),
}

impl Root {
    /// The root of an operator.
    pub fn of(op: &Op) -> Root {
        match *op {
            Op::Index(_) => Root::Index,
            Op::Assign(_) => Root::Assign,
            Op::Function(function, _) => Root::Function(function),
            op => Root::Op(op),
        }
    }
}

/// The plain product.
pub const PLAIN: Op = Op::Product(Product::Plain);
