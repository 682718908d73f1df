//! Builds a DAG node by node: infers facts, folds constants, shares common subexpressions, applies rules.
//!
//! A node that a rule replaces stays behind unused; [`Builder::finish`] keeps only what the roots need.

use std::collections::HashMap;

use tilewright_base::{At, Diagnostic, Span};
use tilewright_ir::{Dag, Node, NodeId, NodeKind, VarId};
use tilewright_ops::function::{Need, Params};
use tilewright_ops::functions::scalars::DECLARED;
use tilewright_ops::{Facts, Kind, Op};
use tilewright_value::{Scalar, ScalarType};

use crate::flow::Symbols;
use crate::fold;
use crate::pattern::{self, Bindings, Pattern};
use crate::{Fired, Options};

/// No more than so many rules fire for one node of the input, whatever they say.
const FUEL: usize = 32;

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Literal(ScalarType, u64, String),
    Variable(VarId),
    Op(Op, Vec<NodeId>),
    Result(usize, NodeId),
}

/// True for a cast to a declared type.
fn is_declared(op: &Op) -> bool {
    matches!(op, Op::Function(function, _) if function.name == DECLARED)
}

/// A DAG under construction.
pub struct Builder<'a> {
    /// The DAG so far.
    pub dag: Dag,
    memo: HashMap<Key, NodeId>,
    options: &'a Options,
    fired: &'a mut Fired,
    symbols: Symbols,
    fuel: usize,
}

impl<'a> Builder<'a> {
    /// An empty DAG.
    pub fn new(options: &'a Options, fired: &'a mut Fired, symbols: Symbols) -> Builder<'a> {
        Builder { dag: Dag::default(), memo: HashMap::new(), options, fired, symbols, fuel: FUEL }
    }

    /// Gives the next node its own fuel.
    pub fn refuel(&mut self) {
        self.fuel = FUEL;
    }

    /// Adds an operator.
    ///
    /// # Errors
    /// When its inputs are known not to fit.
    pub fn op(&mut self, op: Op, inputs: Vec<NodeId>, span: Span) -> Result<NodeId, Diagnostic> {
        let input_facts: Vec<Facts> = inputs.iter().map(|input| self.dag.fact(*input).clone()).collect();
        let facts = self.symbols.complete(fold::infer(&op, &input_facts).at(span)?);
        if self.options.as_written {
            return Ok(self.push(NodeKind::Op(op), inputs, span, facts));
        }
        if let Some(value) = facts[0].constant.clone() {
            return Ok(self.literal(value, span));
        }
        if is_declared(&op) && facts[0].kind != Kind::Unknown && facts[0].kind == input_facts[0].kind {
            return Ok(inputs[0]);
        }
        let pure = op.is_pure(&input_facts);
        if !pure {
            return Ok(self.push(NodeKind::Op(op), inputs, span, facts));
        }
        let id = self.shared(Key::Op(op, inputs.clone()), NodeKind::Op(op), inputs, span, facts);
        Ok(self.rewritten(id, span))
    }

    /// Adds a literal.
    pub fn literal(&mut self, value: Scalar, span: Span) -> NodeId {
        let (bits, text) = match &value {
            Scalar::Integer(value) => (*value as u64, String::new()),
            Scalar::Double(value) => (value.to_bits(), String::new()),
            Scalar::Boolean(value) => (u64::from(*value), String::new()),
            Scalar::String(text) => (0, text.to_string()),
        };
        let key = Key::Literal(value.kind(), bits, text);
        let facts = vec![Facts::constant(value.clone())];
        self.shared(key, NodeKind::Literal(value), Vec::new(), span, facts)
    }

    /// Adds the value of a variable at the start of the block.
    pub fn variable(&mut self, variable: VarId, facts: Facts, span: Span) -> NodeId {
        match facts.constant.clone().filter(|_| !self.options.as_written) {
            Some(value) => self.literal(value, span),
            None => self.shared(
                Key::Variable(variable),
                NodeKind::Variable(variable),
                Vec::new(),
                span,
                vec![facts],
            ),
        }
    }

    /// Adds a further result of a node.
    pub fn result(&mut self, at: usize, of: NodeId, span: Span) -> NodeId {
        let facts = vec![self.dag.node(of).facts.get(at).cloned().unwrap_or(Facts::UNKNOWN)];
        self.shared(Key::Result(at, of), NodeKind::Result(at), vec![of], span, facts)
    }

    /// Adds a node as it is.
    pub fn push(&mut self, kind: NodeKind, inputs: Vec<NodeId>, span: Span, facts: Vec<Facts>) -> NodeId {
        self.dag.nodes.push(Node { kind, inputs, span, facts });
        NodeId(self.dag.nodes.len() as u32 - 1)
    }

    fn shared(
        &mut self,
        key: Key,
        kind: NodeKind,
        inputs: Vec<NodeId>,
        span: Span,
        facts: Vec<Facts>,
    ) -> NodeId {
        if let Some(id) = self.memo.get(&key) {
            return *id;
        }
        let id = self.push(kind, inputs, span, facts);
        self.memo.insert(key, id);
        id
    }

    /// The node after the first rule that matches it, or the node itself.
    fn rewritten(&mut self, id: NodeId, span: Span) -> NodeId {
        let node = self.dag.node(id);
        let NodeKind::Op(root) = node.kind else { return id };
        let touches_matrix = node.inputs.iter().any(|input| self.dag.fact(*input).is_matrix());
        if !touches_matrix || self.fuel == 0 {
            return id;
        }
        for rule in pattern::compiled() {
            let same_root = matches!(&rule.before, Pattern::Op(op, _) if *op == root);
            if !same_root || self.options.disabled.contains(rule.rule.name) {
                continue;
            }
            let mut bindings = Bindings::new();
            if rule.before.matches(&self.dag, id, &mut bindings) && self.guarded(rule.rule.guards, &bindings)
            {
                self.fuel -= 1;
                if let Ok(built) = self.instantiate(&rule.after, &bindings, span)
                    && self.selects_alike(id, built)
                {
                    *self.fired.entry(rule.rule.name).or_default() += 1;
                    return built;
                }
            }
        }
        id
    }

    /// Whether two nodes of equal values also select the same as an index: `(A > 0) * 1` holds row numbers, `A > 0`
    /// truth values.
    fn selects_alike(&self, a: NodeId, b: NodeId) -> bool {
        let (a, b) = (self.dag.fact(a), self.dag.fact(b));
        !a.is_matrix() || a.logical == b.logical
    }

    fn guarded(&self, guards: &[crate::guards::Guard], bindings: &Bindings) -> bool {
        guards.iter().all(|guard| {
            let operand = |name: &&str| {
                bindings.iter().find(|(bound, _)| bound == name).map(|(_, id)| self.dag.fact(*id))
            };
            let facts: Option<Vec<&Facts>> = guard.on.iter().map(operand).collect();
            facts.is_some_and(|facts| (guard.holds)(&facts))
        })
    }

    /// Builds the right side of a rule.
    fn instantiate(
        &mut self,
        pattern: &Pattern,
        bindings: &Bindings,
        span: Span,
    ) -> Result<NodeId, Diagnostic> {
        match pattern {
            Pattern::Matrix(name) | Pattern::Scalar(name) => {
                let bound = bindings.iter().find(|(bound, _)| bound == name);
                Ok(bound.expect("invariant: the left side of a rule binds all names").1)
            }
            Pattern::Number(value) => Ok(self.literal(Scalar::Double(*value), span)),
            Pattern::Op(op, operands) => {
                let mut inputs = Vec::with_capacity(operands.len());
                for operand in operands {
                    inputs.push(self.instantiate(operand, bindings, span)?);
                }
                inputs.extend(self.defaults(op, operands.len(), span));
                self.op(*op, inputs, span)
            }
        }
    }

    /// The defaults of a function's parameters that a rule does not write.
    fn defaults(&mut self, op: &Op, given: usize, span: Span) -> Vec<NodeId> {
        let Op::Function(function, _) = op else { return Vec::new() };
        let Params::Named(params) = function.params else { return Vec::new() };
        let values = params.iter().skip(given).filter_map(|param| match param.need {
            Need::Default(value) => Some(value.scalar()),
            Need::Required | Need::Optional => None,
        });
        values.map(|value| self.literal(value, span)).collect()
    }

    /// The DAG with only what its roots need.
    pub fn finish(mut self) -> Dag {
        self.dag.compact();
        self.dag
    }
}
