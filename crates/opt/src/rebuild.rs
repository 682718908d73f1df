//! Rebuilds every block of every function that is reached, with what is known at its entry.
//!
//! A branch whose condition is known is replaced by the side that is taken, a call of a small function by its body
//! ([`crate::inline_functions`]). What is known to fail is reported here,
//! with the shapes of the operands and where they came from.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tilewright_base::{Code, Diagnostic, Sites, Span};
use tilewright_ir::liveness::{self, Live};
use tilewright_ir::program::Function;
use tilewright_ir::{Block, Dag, FunctionId, Node, NodeId, NodeKind, Program, Root, VarId};
use tilewright_ops::{Facts, Kind};

use crate::builder::{Around, Builder};
use crate::flow::{self, Analysis, Called, Inputs, State, Symbols};
use crate::hoist_invariants::{self, changed_by};
use crate::inline_functions::{Inlined, Inlining, SmallFunctions};
use crate::narrow::{Test, widen_again};
use crate::specialise::Piece;
use crate::versions::{Version, Versions};
use crate::{Fired, Options, uses};

/// Rebuilds a program.
pub fn rebuild(
    program: &Program,
    called: &HashMap<FunctionId, Called>,
    inputs: &dyn Inputs,
    options: &Options,
) -> (Program, Vec<Diagnostic>, Fired) {
    let mut fired = Fired::new();
    let mut versions = Versions::new(program, called);
    let (mut sites, small) = (Sites::default(), SmallFunctions::of(program));
    let mut functions: BTreeMap<FunctionId, Function> = BTreeMap::new();
    let mut diagnostics: BTreeMap<FunctionId, Vec<Diagnostic>> = BTreeMap::new();
    while let Some(id) = versions.take_next() {
        let Some(Version { source, called }) = versions.version(id) else { continue };
        let function = program.function(source);
        let mut analysis = flow::analyse_nothing(program, inputs);
        let mut state = analysis.entry(source, &called.params, called.wrote);
        let mut rebuilder = Rebuilder {
            program,
            function: source,
            analysis: &mut analysis,
            options,
            versions: Some(&mut versions),
            inlining: Some(Inlining { sites: &mut sites, small: &small }),
            fired: &mut fired,
            diagnostics: Vec::new(),
            live: live(function),
            origins: HashMap::new(),
            around: None,
        };
        let body = rebuilder.blocks(&function.body, &mut state);
        let found = rebuilder.diagnostics.into_iter().map(|mut diagnostic| {
            let calls = diagnostic.span.into_iter().flat_map(|span| sites.calls(span)).cloned();
            diagnostic.trace.extend(calls.chain(called.call.clone()));
            diagnostic
        });
        diagnostics.insert(id, found.collect());
        functions.insert(id, function.with_body(body, called.params));
    }
    let unreached = |id: FunctionId| program.function(id).with_body(Vec::new(), Vec::new());
    let ids = (0..versions.count() as u32).map(FunctionId);
    let functions = ids.map(|id| functions.remove(&id).unwrap_or_else(|| unreached(id))).collect();
    let out = Program { functions, scopes: program.scopes.clone(), sites };
    (out, without_repetition(diagnostics.into_values().flatten()), fired)
}

/// Versions of a function find the same.
fn without_repetition(found: impl Iterator<Item = Diagnostic>) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = Vec::new();
    for diagnostic in found {
        if !told.contains(&diagnostic) {
            told.push(diagnostic);
        }
    }
    told
}

/// The variables that are read after each DAG of a function.
pub(crate) fn live(function: &Function) -> HashMap<*const Dag, Live> {
    let results: Live = function.results.iter().copied().collect();
    let mut live = HashMap::new();
    liveness::visit(&function.body, &results, &mut |dag, after| {
        live.insert(std::ptr::from_ref(dag), after.clone());
    });
    live
}

/// Rebuilds the blocks of a piece with the facts of variables at its entry. Calls have the results that were known
/// before. Returns the blocks, symbols that stand for nothing in them, and what the rules did.
pub fn rebuild_blocks(piece: &Piece<'_>, options: &Options) -> (Vec<Block>, Symbols, Fired) {
    let (program, function) = (piece.program, piece.function);
    let mut analysis = flow::analyse_alone(program);
    // Files may have been written since: metadata is not asked again.
    let mut state = flow::State::of(piece.variables, true);
    // Symbols of the analysis before mean nothing in this one.
    let entry = piece.entry.iter();
    entry.for_each(|(variable, facts)| state.set(*variable, facts.renamed(&mut |_| None)));
    let (mut fired, origins, live) = (Fired::new(), HashMap::new(), HashMap::new());
    let mut rebuilder = Rebuilder {
        program,
        function,
        analysis: &mut analysis,
        options,
        versions: None,
        inlining: None,
        fired: &mut fired,
        diagnostics: Vec::new(),
        live,
        origins,
        around: None,
    };
    let blocks = rebuilder.blocks(piece.blocks, &mut state);
    (blocks, analysis.symbols, fired)
}

/// Rebuilds blocks of one function.
pub(crate) struct Rebuilder<'a, 'p> {
    pub(crate) program: &'p Program,
    function: FunctionId,
    analysis: &'a mut Analysis<'p>,
    options: &'a Options,
    /// Where calls go; where they went before if there is none.
    versions: Option<&'a mut Versions<'p>>,
    /// What calls become that give way to the bodies of their functions; none do if there is none.
    pub(crate) inlining: Option<Inlining<'a>>,
    fired: &'a mut Fired,
    diagnostics: Vec<Diagnostic>,
    /// The variables that are read after each DAG of the function.
    live: HashMap<*const Dag, Live>,
    /// Where each variable was last assigned.
    origins: HashMap<VarId, Span>,
    /// The loop whose straight-line code is rebuilt.
    around: Option<Rc<Around>>,
}

impl Rebuilder<'_, '_> {
    fn blocks(&mut self, blocks: &[Block], state: &mut State) -> Vec<Block> {
        let mut out = Vec::with_capacity(blocks.len());
        for block in blocks {
            self.block(block, state, &mut out);
        }
        out
    }

    fn block(&mut self, block: &Block, state: &mut State, out: &mut Vec<Block>) {
        match block {
            Block::Basic(dag) => out.push(Block::Basic(self.dag(dag, state))),
            Block::If { head, condition, then, otherwise, span } => {
                let head = self.dag(head, state);
                self.check_condition(&head, *condition, *span, state);
                let known = flow::known_condition(state, *condition);
                if let Some(taken) = known.filter(|_| !self.options.as_written) {
                    if head.roots.iter().any(|root| matches!(root, Root::Effect(_))) {
                        out.push(Block::Basic(head));
                    }
                    out.extend(self.blocks(if taken { then } else { otherwise }, state));
                    return;
                }
                let mut other = state.clone();
                // What cannot go wrong in a branch that is never taken is not reported.
                state.stopped |= known == Some(false);
                other.stopped |= known == Some(true);
                let test = Test { head: &head, condition: *condition, facts: &|id| head.fact(id) };
                let narrowed = [test.narrow(state, true), test.narrow(&mut other, false)];
                // Nothing is hoisted out of branches.
                let around = self.around.take();
                let then = self.blocks(then, state);
                let otherwise = self.blocks(otherwise, &mut other);
                self.around = around;
                flow::join(state, &other);
                widen_again(state, narrowed);
                out.push(Block::If { head, condition: *condition, then, otherwise, span: *span });
            }
            Block::While { head, condition, body, leave, span } => {
                flow::give_up(block, state);
                self.analysis.while_fixed_point((head, *condition), body, state);
                let head = self.dag(head, state);
                self.check_condition(&head, *condition, *span, state);
                let never = flow::known_condition(state, *condition) == Some(false);
                let effects = head.roots.iter().any(|root| matches!(root, Root::Effect(_)));
                if never && !effects && !self.options.as_written {
                    return;
                }
                let mut inside = state.clone();
                inside.stopped |= never;
                let test = Test { head: &head, condition: *condition, facts: &|id| head.fact(id) };
                test.narrow(&mut inside, true);
                let body = self.body(block, None, body, &mut inside);
                out.push(Block::While { head, condition: *condition, body, leave: *leave, span: *span });
            }
            Block::For { head, variable, bounds, body, parallel, leave, span } => {
                let head = self.dag(head, state);
                let counted = flow::counter(state, *bounds);
                flow::give_up(block, state);
                self.analysis.fixed_point(state, |analysis, state| {
                    state.set(*variable, counted.clone());
                    analysis.blocks(body, state);
                });
                let mut inside = state.clone();
                inside.set(*variable, counted);
                let iterations = hoist_invariants::counted(&head, *bounds);
                let body = self.body(block, iterations, body, &mut inside);
                let (variable, bounds, parallel) = (*variable, *bounds, parallel.clone());
                let (leave, span) = (*leave, *span);
                out.push(Block::For { head, variable, bounds, body, parallel, leave, span });
            }
        }
    }

    /// The body of a loop of so many iterations, if they are known.
    fn body(
        &mut self,
        block: &Block,
        iterations: Option<f64>,
        body: &[Block],
        inside: &mut State,
    ) -> Vec<Block> {
        let is_hoisted = !self.options.as_written && !self.options.disabled.contains(hoist_invariants::NAME);
        let around = is_hoisted.then(|| Rc::new(Around::new(changed_by(block), iterations)));
        let outer = std::mem::replace(&mut self.around, around);
        let body = self.blocks(body, inside);
        self.around = outer;
        body
    }

    fn check_condition(&mut self, head: &Dag, condition: VarId, span: Span, state: &State) {
        if let Some(node) = head.assigned(condition).filter(|_| !state.stopped)
            && let Err(fault) = head.fact(node).expect_scalar("a condition")
        {
            self.diagnostics.push(fault.at(span));
        }
    }

    fn dag(&mut self, dag: &Dag, state: &mut State) -> Dag {
        let mut fired = std::mem::take(self.fired);
        let uses = uses::uses(dag, self.live.get(&std::ptr::from_ref(dag)));
        let function = self.program.function(self.function);
        let symbols = self.analysis.symbols.clone();
        let builder = Builder::new(self.options, &mut fired, symbols).in_function(function);
        let mut builder = builder.inside(self.around.clone()).with_room(dag.nodes.len());
        let mut moved: Vec<NodeId> = Vec::with_capacity(dag.nodes.len());
        let mut inlined = Inlined::default();
        for (at, (node, uses)) in dag.nodes.iter().zip(uses).enumerate() {
            builder.refuel();
            let id = match self.inlined((at, node), &moved, &mut inlined, &mut builder, state) {
                Some(id) => id,
                None => self.node(&mut builder, node, &moved, state),
            };
            builder.consumed(id, uses);
            moved.push(id);
        }
        for root in dag.roots.iter().filter(|root| !inlined.is_call(**root)) {
            let node = moved[root.node().0 as usize];
            builder.dag.roots.push(match root {
                Root::Assign(variable, original) => {
                    state.set(*variable, builder.dag.fact(node).clone());
                    self.origins.insert(*variable, dag.node(*original).span);
                    Root::Assign(*variable, node)
                }
                Root::Effect(_) => Root::Effect(node),
            });
        }
        let out = builder.finish();
        *self.fired = fired;
        out
    }

    /// Adds what a node becomes.
    pub(crate) fn node(
        &mut self,
        builder: &mut Builder<'_>,
        node: &Node,
        moved: &[NodeId],
        state: &mut State,
    ) -> NodeId {
        let (kind, span) = (&node.kind, node.span);
        let inputs = || node.inputs.iter().map(|input| moved[input.0 as usize]).collect::<Vec<NodeId>>();
        match kind {
            NodeKind::Literal(value) => builder.literal(value.clone(), span),
            NodeKind::Variable(variable) => {
                let facts = self.analysis.variable(*variable, state);
                builder.variable(*variable, facts, span)
            }
            NodeKind::Exists(_) => builder.push(kind.clone(), inputs(), span, vec![Facts::BOOLEAN]),
            NodeKind::Pipeline(_) => builder.push(kind.clone(), inputs(), span, node.facts.clone()),
            NodeKind::Result(at) => builder.result(*at, inputs()[0], span),
            NodeKind::Op(op) => match builder.op(*op, inputs(), span) {
                Ok(id) => id,
                Err(diagnostic) => {
                    let inputs = inputs();
                    self.report(builder, diagnostic, &inputs, state);
                    builder.push(kind.clone(), inputs, span, vec![Facts::UNKNOWN; op.results()])
                }
            },
            NodeKind::Call(_) | NodeKind::Statement(..) | NodeKind::Scatter(..) | NodeKind::Accumulate(_) => {
                let inputs = inputs();
                if let NodeKind::Call(callee) = kind {
                    self.check_declared(builder, *callee, &inputs, span, state);
                }
                let facts: Vec<Facts> = inputs.iter().map(|input| builder.dag.fact(*input).clone()).collect();
                // What an argument check has refused makes no version: its constants would fail there.
                let kind = self.directed(kind, if state.stopped { &[] } else { &facts });
                let found = match self.analysis.effect(node, &facts, state) {
                    Ok(found) => found,
                    Err(diagnostic) => {
                        self.report(builder, diagnostic, &inputs, state);
                        vec![Facts::UNKNOWN]
                    }
                };
                builder.push(kind, inputs, span, self.analysis.symbols.complete(found))
            }
        }
    }

    /// A call goes to the version of its function for its constants.
    fn directed(&mut self, kind: &NodeKind, args: &[Facts]) -> NodeKind {
        match (kind, &mut self.versions) {
            (NodeKind::Call(callee), Some(versions)) if self.options.as_written => {
                versions.reach(*callee);
                NodeKind::Call(*callee)
            }
            (NodeKind::Call(callee), Some(versions)) => NodeKind::Call(versions.of_call(*callee, args)),
            (kind, _) => kind.clone(),
        }
    }

    /// Warns of arguments of another kind than their parameters are declared as.
    pub(crate) fn check_declared(
        &mut self,
        builder: &Builder<'_>,
        callee: FunctionId,
        inputs: &[NodeId],
        span: Span,
        state: &State,
    ) {
        let function = self.program.function(callee);
        for ((declared, param), input) in function.declared.iter().zip(&function.params).zip(inputs) {
            let facts = builder.dag.fact(*input);
            let fits = match (declared.kind, facts.kind) {
                (Kind::Unknown, _) | (_, Kind::Unknown) => true,
                (Kind::Scalar(_), Kind::Matrix { rows, cols }) => rows.may_be(1) && cols.may_be(1),
                (declared, given) => std::mem::discriminant(&declared) == std::mem::discriminant(&given),
            };
            if fits || state.stopped {
                continue;
            }
            let (name, of) = (function.name_of(*param), &function.name);
            let declared = Facts { kind: declared.kind, ..Facts::UNKNOWN }.describe().replace("?x? ", "");
            let message =
                format!("`{name}` of `{of}` is declared as {declared}, {} is passed", facts.describe());
            let warning = Diagnostic::warning(Code::Type, span, message);
            if !self.diagnostics.contains(&warning) {
                self.diagnostics.push(warning);
            }
        }
    }

    /// Reports an error with the operands' shapes and where they came from.
    fn report(
        &mut self,
        builder: &Builder<'_>,
        mut diagnostic: Diagnostic,
        inputs: &[NodeId],
        state: &State,
    ) {
        if state.stopped {
            return;
        }
        let mut labelled = Vec::new();
        for input in inputs {
            let node = builder.dag.node(*input);
            let facts = node.fact();
            if !facts.is_matrix() || labelled.contains(input) {
                continue;
            }
            labelled.push(*input);
            let described = facts.describe();
            diagnostic = match &node.kind {
                NodeKind::Variable(variable) => {
                    let name = self.program.function(self.function).name_of(*variable);
                    match self.origins.get(variable) {
                        Some(origin) => diagnostic.label(*origin, format!("`{name}` is {described}")),
                        None => diagnostic.label(node.span, format!("`{name}` is {described}")),
                    }
                }
                _ => diagnostic.label(node.span, format!("this is {described}")),
            };
        }
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }
}
