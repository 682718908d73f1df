//! Builds a DAG node by node: infers facts, folds constants, shares common subexpressions, applies rules.
//!
//! What both sides of a rule cost is compared in `cheaper`.
//!
//! A node that a rule replaces stays behind unused; [`Builder::finish`] keeps only what the roots need.

mod cheaper;

use std::hash::BuildHasher;
use std::rc::Rc;

use foldhash::fast::FixedState;
use foldhash::{HashMap, HashMapExt};
use tilewright_base::{At, Diagnostic, Span};
use tilewright_ir::program::Function;
use tilewright_ir::{Dag, Live, Node, NodeId, NodeKind, VarId};
use tilewright_ops::function::Present;
use tilewright_ops::functions::scalars::DECLARED;
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Kind, Op, binary, functions};
use tilewright_value::{Scalar, ScalarType};

use crate::flow::Symbols;
use crate::infallible::{cannot_fail, is_complete};
use crate::pattern::{Bindings, PLAIN, Pattern};
use crate::rulebook::{CompiledRule, rulebook};
use crate::rules::Body;
use crate::steps::{self, Step};
use crate::{Fired, Options, fold, guards, hoist_invariants};

/// No more than so many rules fire for one node of the input, whatever they say.
const FUEL: usize = 32;

/// What makes leaves and further results equal.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Literal(ScalarType, u64, String),
    Variable(VarId),
    Result(usize, NodeId),
}

fn hash(op: &Op, inputs: &[NodeId]) -> u64 {
    FixedState::default().hash_one((op, inputs))
}

/// True for a cast to a declared type.
fn is_declared(op: &Op) -> bool {
    matches!(op, Op::Function(function, _) if function.name == DECLARED)
}

/// The loop in whose straight-line code a DAG stands.
#[derive(Debug)]
pub struct Around {
    /// The variables that it assigns.
    changed: Live,
    iterations: f64,
}

impl Around {
    /// A loop that assigns these variables and runs so often, if that is known.
    pub fn new(changed: Live, iterations: Option<f64>) -> Around {
        Around { changed, iterations: iterations.unwrap_or(hoist_invariants::ITERATIONS) }
    }
}

/// A DAG under construction.
pub struct Builder<'a> {
    /// The DAG so far.
    pub dag: Dag,
    memo: HashMap<Key, NodeId>,
    /// The operators so far by a hash of them and their inputs: the node itself, and what it became.
    operators: HashMap<u64, (NodeId, NodeId)>,
    /// The facts of the inputs of an operator, in a place that is used again.
    operands: Vec<Facts>,
    options: &'a Options,
    fired: &'a mut Fired,
    symbols: Symbols,
    fuel: usize,
    /// How many consumers of the input stand for each node; those that rules made have none.
    consumers: Vec<usize>,
    function: Option<&'a Function>,
    /// The loop that the DAG stands in.
    around: Option<Rc<Around>>,
    /// Which nodes are the same in all iterations of that loop; none outside of loops.
    fixed: Vec<bool>,
    /// Nodes that rules built which did not pay: they are not there until somebody asks for them.
    abandoned: Vec<bool>,
    /// How many rules are building inside of each other.
    depth: usize,
    /// The place of the node that a rule looks at.
    span: Option<Span>,
}

impl<'a> Builder<'a> {
    /// An empty DAG.
    pub fn new(options: &'a Options, fired: &'a mut Fired, symbols: Symbols) -> Builder<'a> {
        Builder {
            dag: Dag::default(),
            memo: HashMap::new(),
            operators: HashMap::new(),
            operands: Vec::new(),
            options,
            fired,
            symbols,
            fuel: FUEL,
            consumers: Vec::new(),
            function: None,
            around: None,
            fixed: Vec::new(),
            abandoned: Vec::new(),
            depth: 0,
            span: None,
        }
    }

    /// The same, for a DAG of about so many nodes.
    pub fn with_room(mut self, nodes: usize) -> Builder<'a> {
        self.dag.nodes.reserve(2 * nodes);
        self.memo.reserve(nodes / 2);
        self.operators.reserve(2 * nodes);
        self
    }

    /// The same, in a loop.
    pub fn inside(self, around: Option<Rc<Around>>) -> Builder<'a> {
        Builder { around, ..self }
    }

    /// The same, which knows the names of a function's variables.
    pub fn in_function(self, function: &'a Function) -> Builder<'a> {
        Builder { function: Some(function), ..self }
    }

    /// Gives the next node its own fuel.
    pub fn refuel(&mut self) {
        self.fuel = FUEL;
    }

    /// Notes that a node of the input with so many consumers became this one. What somebody else needs anyway is not
    /// saved by a rule.
    pub fn consumed(&mut self, id: NodeId, consumers: usize) {
        if self.consumers.len() <= id.0 as usize {
            self.consumers.resize(self.dag.nodes.len(), 0);
        }
        self.consumers[id.0 as usize] += consumers;
        self.adopt(id, self.dag.nodes.len());
    }

    /// Notes that what a rule builds will have so many consumers.
    pub fn expect(&mut self, id: NodeId, consumers: usize) {
        self.consumers.resize(self.dag.nodes.len().max(self.consumers.len()), 0);
        self.consumers[id.0 as usize] += consumers;
    }

    /// Notes that a node is there, with all that it is made of; nodes below `new` were there before, but for those that
    /// were abandoned.
    fn adopt(&mut self, id: NodeId, new: usize) {
        if self.abandoned.is_empty() {
            return;
        }
        let (mut ids, mut seen) = (vec![id], Vec::new());
        while let Some(id) = ids.pop() {
            let abandoned = self.abandoned.get_mut(id.0 as usize).is_some_and(std::mem::take);
            if abandoned || (id.0 as usize >= new && !seen.contains(&id)) {
                seen.push(id);
                ids.extend(&self.dag.node(id).inputs);
            }
        }
    }

    /// Notes that nobody needs the nodes from this one on.
    fn abandon(&mut self, from: usize) {
        self.abandoned.resize(from, false);
        self.abandoned.resize(self.dag.nodes.len(), true);
    }

    /// Takes back one consumer of a node: what consumed it is not there any more.
    pub fn released(&mut self, id: NodeId) {
        if let Some(consumers) = self.consumers.get_mut(id.0 as usize) {
            *consumers = consumers.saturating_sub(1);
        }
    }

    /// Notes a step of a pass, if the pass is switched on and may change something still; its number.
    pub fn begin_step(&mut self, pass: &'static str, span: Span) -> Option<usize> {
        let is_spent = self.options.fuel.is_some_and(|fuel| self.fired.len() >= fuel);
        if self.options.as_written || is_spent || self.options.disabled.contains(pass) {
            return None;
        }
        self.fired.push(Step { rule: pass, span, change: None });
        Some(self.fired.len() - 1)
    }

    /// Tells what a step of a pass made, if steps are traced.
    pub fn end_step(
        &mut self,
        step: usize,
        before: impl Fn(&dyn Fn(NodeId) -> String) -> String,
        after: NodeId,
    ) {
        if self.options.trace {
            let text = |id| steps::expression(&self.dag, id, self.function);
            let change = (before(&text), text(after));
            self.fired.tell(step, change);
        }
    }

    /// Adds an operator.
    ///
    /// # Errors
    /// When its inputs are known not to fit.
    pub fn op(&mut self, op: Op, inputs: Vec<NodeId>, span: Span) -> Result<NodeId, Diagnostic> {
        let hash = hash(&op, &inputs);
        if let Some(id) = self.became(hash, &op, &inputs) {
            return Ok(id);
        }
        let mut operands = std::mem::take(&mut self.operands);
        operands.clear();
        operands.extend(inputs.iter().map(|input| self.dag.fact(*input).clone()));
        let facts = self.symbols.complete(fold::infer(&op, &operands).at(span)?);
        let (kind, is_pure) = (operands.first().map(|facts| facts.kind), op.is_pure(&operands));
        self.operands = operands;
        if self.options.as_written {
            return Ok(self.push(NodeKind::Op(op), inputs, span, facts));
        }
        if let Some(value) = facts[0].constant.clone() {
            return Ok(self.literal(value, span));
        }
        if is_declared(&op) && facts[0].kind != Kind::Unknown && Some(facts[0].kind) == kind {
            return Ok(inputs[0]);
        }
        let id = self.push(NodeKind::Op(op), inputs, span, facts);
        if !is_pure {
            return Ok(id);
        }
        self.operators.insert(hash, (id, id));
        let rewritten = self.rewritten(id);
        if rewritten != id {
            self.operators.insert(hash, (id, rewritten));
        }
        Ok(rewritten)
    }

    /// What an operator became that was added before. (Another one of the same hash only keeps it from being shared.)
    fn became(&self, hash: u64, op: &Op, inputs: &[NodeId]) -> Option<NodeId> {
        let (own, became) = self.operators.get(&hash)?;
        let node = self.dag.node(*own);
        (node.kind == NodeKind::Op(*op) && node.inputs == inputs).then_some(*became)
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
        let id = NodeId(self.dag.nodes.len() as u32 - 1);
        if let Some(around) = &self.around {
            let fixed = self.is_same(around, id);
            self.fixed.push(fixed);
        }
        id
    }

    /// Whether a new node is the same in all iterations of a loop and can be computed before it.
    fn is_same(&self, around: &Around, id: NodeId) -> bool {
        let node = self.dag.node(id);
        match &node.kind {
            NodeKind::Literal(_) => true,
            NodeKind::Variable(variable) => !around.changed.contains(variable) && is_complete(node.fact()),
            NodeKind::Op(op) => {
                let facts = || node.inputs.iter().map(|input| self.dag.fact(*input).clone());
                node.inputs.iter().all(|input| self.fixed[input.0 as usize])
                    && cannot_fail(&self.dag, id)
                    && op.is_pure(&facts().collect::<Vec<_>>())
            }
            _ => false,
        }
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
    fn rewritten(&mut self, id: NodeId) -> NodeId {
        let node = self.dag.node(id);
        let NodeKind::Op(op) = node.kind else { return id };
        // Of operators on scalars only those of truth values have rules: programs without matrices need no rules.
        let has_rules =
            op.is_logical() || self.is_matrix(id) || node.inputs.iter().any(|at| self.is_matrix(*at));
        if !has_rules {
            return id;
        }
        for rule in rulebook().of(&self.dag, &op, node) {
            if self.fuel == 0 || self.options.fuel.is_some_and(|fuel| self.fired.len() >= fuel) {
                return id;
            }
            if self.is_on(rule)
                && let Some(built) = self.applied(rule, id)
            {
                return built;
            }
        }
        id
    }

    fn is_matrix(&self, id: NodeId) -> bool {
        self.dag.fact(id).is_matrix()
    }

    fn is_on(&self, rule: &CompiledRule) -> bool {
        self.options.disabled.is_empty() || !self.options.disabled.contains(rule.rule.name)
    }

    /// What a rule makes of a node, if it applies and both can stand for each other.
    fn applied(&mut self, rule: &CompiledRule, id: NodeId) -> Option<NodeId> {
        let (before, fired) = (self.dag.nodes.len(), self.fired.len());
        let bindings = match rule.rule.body {
            Body::Code { .. } => Bindings::default(),
            Body::Sentence => self.matched(rule, id)?,
        };
        let span = self.dag.node(id).span;
        self.span = Some(span);
        self.fuel -= usize::from(matches!(rule.rule.body, Body::Sentence));
        // The step stands before those that building its right side takes.
        self.fired.push(Step { rule: rule.rule.name, span, change: None });
        self.depth += 1;
        let built = match rule.rule.body {
            Body::Sentence => self.instantiate(rule.after(), &bindings, span).ok(),
            Body::Code { apply, .. } => apply(self, id),
        };
        self.depth -= 1;
        let taken = built.filter(|built| {
            *built != id
                && self.interchangeable(id, *built)
                && (!rule.cheaper || self.is_cheaper(id, *built, before))
        });
        let Some(taken) = taken else {
            self.fired.truncate(fired);
            self.abandon(before);
            return None;
        };
        // What a rule inside of another one has built counts for the outer one.
        if self.depth == 0 {
            self.adopt(taken, before);
        }
        if self.options.trace {
            let text = |id| steps::expression(&self.dag, id, self.function);
            self.fired.tell(fired, (text(id), text(taken)));
        }
        Some(taken)
    }

    fn matched(&self, rule: &CompiledRule, id: NodeId) -> Option<Bindings> {
        let mut found = None;
        rule.before().matches(&self.dag, id, &mut Bindings::default(), &mut |bindings| {
            let holds = rule.guarded(bindings, |id| self.dag.fact(id));
            found = holds.then_some(*bindings);
            holds
        });
        found
    }

    /// Whether two nodes of equal values also select the same as an index and print the same: `(A > 0) * 1` holds row
    /// numbers, `A > 0` truth values, and an integer is written without a decimal point.
    fn interchangeable(&self, a: NodeId, b: NodeId) -> bool {
        let (a, b) = (self.dag.fact(a), self.dag.fact(b));
        match (a.kind, b.kind) {
            (Kind::Matrix { .. }, Kind::Matrix { .. }) => a.logical == b.logical,
            (Kind::Scalar(Some(a)), Kind::Scalar(Some(b))) => a == b,
            (Kind::Scalar(_), Kind::Scalar(_)) => true,
            _ => false,
        }
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
                Ok(bindings.get(*name).expect("invariant: the left side of a rule binds all names"))
            }
            Pattern::Literal(value) => Ok(self.literal(value.clone(), span)),
            Pattern::Op(op, operands) => {
                let mut inputs = Vec::with_capacity(operands.len());
                for operand in operands {
                    inputs.push(self.instantiate(operand, bindings, span)?);
                }
                self.op(*op, inputs, span)
            }
        }
    }

    /// The node of an operator on inputs, if it is there already.
    pub fn known(&self, op: Op, inputs: &[NodeId]) -> Option<NodeId> {
        self.became(hash(&op, inputs), &op, inputs)
    }

    /// Whether a node is the same in all iterations of the loop that the DAG stands in.
    pub fn is_fixed(&self, id: NodeId) -> bool {
        self.fixed.get(id.0 as usize).copied().unwrap_or(false)
    }

    /// Value, rows and columns of a matrix of one number.
    pub fn filled(&self, id: NodeId) -> Option<(NodeId, NodeId, NodeId)> {
        let node = self.dag.node(id);
        let [value, rows, cols, _] = node.inputs[..] else { return None };
        let filled = matches!(node.kind, NodeKind::Op(Op::Function(function, _)) if function.name() == "matrix")
            && guards::number(&[self.dag.fact(value)]);
        filled.then_some((value, rows, cols))
    }

    /// A matrix of one number.
    pub fn constant(&mut self, value: NodeId, rows: u64, cols: u64) -> Option<NodeId> {
        let mut inputs = vec![value];
        for number in [rows, cols] {
            inputs.push(self.literal(Scalar::Integer(i64::try_from(number).ok()?), self.span?));
        }
        inputs.push(self.literal(Scalar::Boolean(true), self.span?));
        self.call("matrix", inputs, [true; 4])
    }

    /// Zeros.
    pub fn zeros(&mut self, rows: u64, cols: u64) -> Option<NodeId> {
        let zero = self.literal(Scalar::Double(0.0), self.span?);
        self.constant(zero, rows, cols)
    }

    /// An operator of a symbol or name with two operands, for a rule in code.
    pub fn binary(&mut self, name: &str, a: NodeId, b: NodeId) -> Option<NodeId> {
        self.op(Op::Binary(binary::find(name)?), vec![a, b], self.span?).ok()
    }

    /// A product, for a rule in code.
    pub fn product(&mut self, a: NodeId, b: NodeId) -> Option<NodeId> {
        self.again(PLAIN, vec![a, b])
    }

    /// An operator that stands there on other inputs, for a rule in code.
    pub fn again(&mut self, op: Op, inputs: Vec<NodeId>) -> Option<NodeId> {
        self.op(op, inputs, self.span?).ok()
    }

    /// A function of inputs for the parameters that are present, for a rule in code.
    pub fn call(
        &mut self,
        name: &str,
        inputs: Vec<NodeId>,
        present: impl IntoIterator<Item = bool>,
    ) -> Option<NodeId> {
        let op = Op::Function(functions::find(name)?, Present::new(present));
        self.op(op, inputs, self.span?).ok()
    }

    /// The DAG with only what its roots need.
    pub fn finish(mut self) -> Dag {
        self.dag.compact();
        self.dag
    }
}
