//! What the rules did: counts, and a log of the steps for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use tilewright_base::Span;
use tilewright_ir::program::Function;
use tilewright_ir::{Dag, NodeId, NodeKind};
use tilewright_ops::Op;
use tilewright_ops::index::Side;
use tilewright_ops::row::Named;
use tilewright_value::Scalar;

/// A rule that fired.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub rule: &'static str,
    /// The place of the expression.
    pub span: Span,
    /// The expression before and after as text, if the steps are traced.
    pub change: Option<(String, String)>,
}

/// The steps of a compilation, in order.
#[derive(Debug, Clone, Default)]
pub struct Fired(Vec<Step>);

impl Fired {
    /// Nothing yet.
    pub fn new() -> Fired {
        Fired::default()
    }

    /// Adds a step.
    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Adds steps of a pass, told by its name and a place.
    pub fn pass(&mut self, name: &'static str, span: Span, times: usize) {
        (0..times).for_each(|_| self.push(Step { rule: name, span, change: None }));
    }

    /// Adds the steps of another log.
    pub fn append(&mut self, mut other: Fired) {
        self.0.append(&mut other.0);
    }

    /// Adds to a step how the expression changed.
    pub fn tell(&mut self, step: usize, change: (String, String)) {
        self.0[step].change = Some(change);
    }

    /// Forgets all but the first steps.
    pub fn truncate(&mut self, steps: usize) {
        self.0.truncate(steps);
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no rule fired.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The steps in order.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// How often each rule fired.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for step in &self.0 {
            *counts.entry(step.rule).or_default() += 1;
        }
        counts
    }
}

/// Expressions that stand deeper than this are not written out.
const DEPTH: usize = 4;

/// An expression as DML, with the facts of what it is made of: `sum(A[20x30] %*% B[30x40])`.
pub fn expression(dag: &Dag, id: NodeId, function: Option<&Function>) -> String {
    let writer = Writer { dag, function };
    writer.text(id, DEPTH)
}

struct Writer<'a> {
    dag: &'a Dag,
    function: Option<&'a Function>,
}

impl Writer<'_> {
    fn text(&self, id: NodeId, depth: usize) -> String {
        let node = self.dag.node(id);
        match &node.kind {
            NodeKind::Literal(Scalar::String(text)) => format!("{text:?}"),
            NodeKind::Literal(scalar) => scalar.to_string(),
            NodeKind::Variable(variable) => {
                let name = self.function.map_or("x", |function| function.name_of(*variable));
                self.leaf(id, name)
            }
            NodeKind::Op(op) if depth > 0 => self.operator(op, &node.inputs, depth - 1),
            _ => self.leaf(id, &format!("%{}", id.0)),
        }
    }

    fn leaf(&self, id: NodeId, name: &str) -> String {
        let facts = self.dag.fact(id);
        if facts.is_matrix() { format!("{name}{facts}") } else { name.into() }
    }

    fn operator(&self, op: &Op, inputs: &[NodeId], depth: usize) -> String {
        let text = |at: usize| self.text(inputs[at], depth);
        match op {
            Op::Binary(row) if !row.name().starts_with(char::is_alphabetic) => {
                format!(
                    "{} {} {}",
                    self.operand(inputs[0], depth),
                    row.name(),
                    self.operand(inputs[1], depth)
                )
            }
            Op::Product(_) if inputs.len() == 2 && *op == crate::pattern::PLAIN => {
                format!("{} %*% {}", self.operand(inputs[0], depth), self.operand(inputs[1], depth))
            }
            Op::Unary(row) if !row.name().starts_with(char::is_alphabetic) => {
                format!("{}{}", row.name(), self.operand(inputs[0], depth))
            }
            Op::Index(form) => {
                let mut at = 1;
                let mut side = |side: Side| {
                    let first = at;
                    at += side.inputs();
                    match side {
                        Side::All => String::new(),
                        Side::One | Side::Element => text(first),
                        Side::Range => format!("{}:{}", text(first), text(first + 1)),
                    }
                };
                let (rows, cols) = (side(form.rows), side(form.cols));
                format!("{}[{rows}, {cols}]", self.operand(inputs[0], depth))
            }
            op => {
                let mut out = format!("{}(", op.name().trim_end_matches("_base"));
                for at in 0..inputs.len() {
                    let _ = write!(out, "{}{}", if at > 0 { ", " } else { "" }, text(at));
                }
                out + ")"
            }
        }
    }

    /// An operand of a sign, in parentheses where it has a sign itself.
    fn operand(&self, id: NodeId, depth: usize) -> String {
        let signed = match &self.dag.node(id).kind {
            NodeKind::Op(Op::Binary(row)) => !row.name().starts_with(char::is_alphabetic),
            NodeKind::Op(Op::Unary(row)) => !row.name().starts_with(char::is_alphabetic),
            NodeKind::Op(Op::Product(_)) => true,
            _ => false,
        };
        let text = self.text(id, depth);
        if signed && depth > 0 { format!("({text})") } else { text }
    }
}
