//! Facts through blocks, branches, loops and calls.
//!
//! The state maps each variable to its facts (nothing for a variable that has no value yet). Branches are joined;
//! loops run to a fixed point, with facts that change from one iteration to the next given up; calls are analysed
//! once per distinct facts of their arguments, and what holds for all calls of a function is kept for its plan.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use tilewright_base::{At, Diagnostic, Frame, Span};
use tilewright_ir::liveness::FOLLOWED;
use tilewright_ir::{Block, Dag, Function, FunctionId, Node, NodeKind, Program, Root, VarId};
use tilewright_ops::facts::Element;
use tilewright_ops::function::{Params, Present};
use tilewright_ops::statement::{self, Statement};
use tilewright_ops::{Facts, Nnz, Range};
use tilewright_value::Scalar;

use crate::fold;
use crate::narrow::{Test, widen_again};
use crate::variables::Variables;

/// What is known of files before they are read.
pub trait Inputs {
    /// The facts of the matrix or scalar that a `read` with these arguments gives.
    fn facts(&self, read: &dyn Fn(&str) -> Option<Scalar>) -> Facts;
}

/// What is known at a place of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The facts of the variables; `None` for a variable without a value.
    pub variables: Variables,
    /// True where the script has stopped, so that nothing that follows can go wrong.
    pub stopped: bool,
    /// True where the script may have written a file, so that metadata seen now may be out of date.
    pub wrote: bool,
}

impl State {
    /// So many variables without values.
    pub fn of(variables: usize, wrote: bool) -> State {
        State { variables: Variables::new(variables), stopped: false, wrote }
    }

    /// The facts of a variable.
    pub fn get(&self, variable: VarId) -> Option<&Facts> {
        self.variables.get(variable)
    }

    /// Notes what is known of a variable.
    pub fn set(&mut self, variable: VarId, facts: Facts) {
        self.variables.set(variable, facts);
    }
}

/// What is known of a call: its results, whether it never returns, whether it may have written a file.
#[derive(Debug, Clone)]
struct Returned {
    results: Vec<Facts>,
    stops: bool,
    wrote: bool,
}

/// Numbers for the symbols of sizes, shared by all who give them out, so that none is given out twice.
#[derive(Debug, Clone)]
pub struct Symbols(Rc<Cell<u32>>);

impl Default for Symbols {
    fn default() -> Symbols {
        Symbols(Rc::new(Cell::new(Symbols::OWN)))
    }
}

impl Symbols {
    /// Symbols below this one are those of the arguments of a function.
    const OWN: u32 = 64;

    /// Symbols that stand for nothing in a function yet.
    pub fn above(function: &Function) -> Symbols {
        let mut next = Symbols::OWN;
        let mut visit = |dag: &Dag| {
            dag.nodes.iter().flat_map(|node| &node.facts).for_each(|facts| above(facts, &mut next))
        };
        function.body.iter().for_each(|block| block.visit_dags(&mut visit));
        Symbols(Rc::new(Cell::new(next)))
    }

    /// The next symbol.
    fn next(&self) -> u32 {
        self.0.get()
    }

    /// Facts with symbols for what is not known of sizes.
    pub fn completed(&self, facts: Facts) -> Facts {
        facts.with_symbols(&mut || self.0.replace(self.0.get() + 1))
    }

    /// As [`Symbols::completed`], for each of several results.
    pub fn complete(&self, facts: Vec<Facts>) -> Vec<Facts> {
        facts.into_iter().map(|facts| self.completed(facts)).collect()
    }
}

/// Raises `next` above all symbols of facts.
fn above(facts: &Facts, next: &mut u32) {
    facts.renamed(&mut |symbol| {
        *next = symbol.saturating_add(1).max(*next);
        None
    });
    facts
        .elements
        .iter()
        .flat_map(|elements| elements.iter())
        .for_each(|element| above(&element.facts, next));
}

/// What a function was called with: facts of its arguments, and whether a file may have been written before.
type Context = (Vec<Facts>, bool);

/// What is known of a function over all its calls.
#[derive(Debug, Clone)]
pub struct Called {
    /// The joined facts of its arguments.
    pub params: Vec<Facts>,
    /// One of the calls, for the trace of errors.
    pub call: Option<Frame>,
    /// True when a file may have been written before one of the calls.
    pub wrote: bool,
}

/// More distinct argument facts than this share one analysis of the joined facts.
const CONTEXTS: usize = 16;

/// The functions that are reached from the main program, with the facts of their arguments.
pub struct Analysis<'a> {
    program: &'a Program,
    /// What is known of files, and whether calls are followed; without them, calls have the results known before.
    inputs: Option<&'a dyn Inputs>,
    /// What is known of each function that is called.
    pub called: HashMap<FunctionId, Called>,
    /// The symbols of sizes.
    pub symbols: Symbols,
    results: HashMap<FunctionId, Vec<(Context, Option<Returned>)>>,
}

/// An analysis that has seen no call yet.
pub fn analyse_nothing<'a>(program: &'a Program, inputs: &'a dyn Inputs) -> Analysis<'a> {
    Analysis {
        program,
        inputs: Some(inputs),
        called: HashMap::new(),
        symbols: Symbols::default(),
        results: HashMap::new(),
    }
}

/// An analysis that follows no calls and asks no files.
pub fn analyse_alone(program: &Program) -> Analysis<'_> {
    Analysis {
        program,
        inputs: None,
        called: HashMap::new(),
        symbols: Symbols::default(),
        results: HashMap::new(),
    }
}

/// What is known of a loop variable: an integer when the bounds are, and which ones it lies between. Without an increment
/// a loop may run down, so that `1:n` holds 0 where n is 0.
pub fn counter(state: &State, bounds: (VarId, VarId, Option<VarId>)) -> Facts {
    let integer = |id: VarId| state.get(id).is_some_and(Facts::is_integer);
    if !integer(bounds.0) || !bounds.2.is_none_or(integer) {
        return Facts::SCALAR;
    }
    let facts = |id: VarId| state.get(id).unwrap_or(&Facts::UNKNOWN);
    let (from, to) = (facts(bounds.0), facts(bounds.1));
    let (first, last) = (from.bounds(), to.bounds());
    let step = bounds.2.map(|step| facts(step).number());
    let rises = step.map_or(from.is_below(to, 0), |step| step.is_some_and(|step| step > 0.0));
    let falls = step.is_some_and(|step| step.is_some_and(|step| step < 0.0));
    let range = match (rises, falls) {
        (true, _) => Range { low: first.low, high: last.high },
        (_, true) => Range { low: last.low, high: first.high },
        _ => first.join(last),
    };
    Facts::INTEGER.within(range)
}

/// Analyses a program from its main function.
pub fn analyse<'a>(program: &'a Program, inputs: &'a dyn Inputs) -> Analysis<'a> {
    let mut analysis = analyse_nothing(program, inputs);
    let params = program.function(Program::MAIN).param_facts.clone();
    analysis.called.insert(Program::MAIN, Called { params: params.clone(), call: None, wrote: false });
    analysis.function(Program::MAIN, &(params, false));
    // What only calls by a computed name reach, and the function of a library plan.
    analysis.call_any(program.function(Program::MAIN).span);
    analysis
}

impl Analysis<'_> {
    /// The state at the entry of a function.
    pub fn entry(&self, id: FunctionId, params: &[Facts], wrote: bool) -> State {
        let function = self.program.function(id);
        let mut state = State::of(function.variables.len(), wrote);
        for (param, facts) in function.params.iter().zip(params) {
            state.set(*param, facts.clone());
        }
        state
    }

    fn function(&mut self, id: FunctionId, (params, wrote): &Context) -> Returned {
        let program = self.program;
        let function = program.function(id);
        let mut state = self.entry(id, params, *wrote);
        self.blocks(&function.body, &mut state);
        let fact = |id: &VarId| state.get(*id).cloned().unwrap_or(Facts::UNKNOWN);
        Returned {
            results: function.results.iter().map(fact).collect(),
            stops: state.stopped,
            wrote: state.wrote,
        }
    }

    /// What is known of a call. The symbols of its arguments are numbered anew inside, so that calls that differ only in
    /// them share an analysis; those that come up inside mean nothing outside.
    fn call(&mut self, id: FunctionId, args: &[Facts], span: Span, wrote: bool) -> Returned {
        let mut outside: Vec<u32> = Vec::new();
        let mut inside = |symbol: u32| {
            let known = outside.iter().position(|other| *other == symbol);
            let at = known.unwrap_or_else(|| {
                outside.push(symbol);
                outside.len() - 1
            });
            u32::try_from(at).ok().filter(|at| *at < Symbols::OWN)
        };
        let args: Vec<Facts> = args.iter().map(|facts| facts.renamed(&mut inside)).collect();
        let mut returned = self.renamed_call(id, &args, span, wrote);
        for facts in &mut returned.results {
            *facts = facts.renamed(&mut |symbol| outside.get(symbol as usize).copied());
        }
        returned
    }

    /// As [`Analysis::call`], with a note of the arguments.
    fn renamed_call(&mut self, id: FunctionId, args: &[Facts], span: Span, wrote: bool) -> Returned {
        let name = self.program.function(id).name.clone();
        let known = self.called.entry(id).or_insert_with(|| Called {
            params: args.to_vec(),
            call: Some(Frame { function: name, call: span }),
            wrote,
        });
        known.wrote |= wrote;
        for (param, arg) in known.params.iter_mut().zip(args) {
            *param = param.join(arg);
        }
        let contexts = self.results.entry(id).or_default();
        let args = if contexts.len() < CONTEXTS { args.to_vec() } else { vec![Facts::UNKNOWN; args.len()] };
        let context = (args, wrote);
        let unknown = || Returned {
            results: vec![Facts::UNKNOWN; self.program.function(id).results.len()],
            stops: false,
            wrote: true,
        };
        if let Some((_, results)) = contexts.iter().find(|(known, _)| *known == context) {
            // A call of a function that is being analysed is recursive.
            return results.clone().unwrap_or_else(unknown);
        }
        contexts.push((context.clone(), None));
        let results = self.function(id, &context);
        let contexts = self.results.entry(id).or_default();
        if let Some((_, known)) = contexts.iter_mut().find(|(known, _)| *known == context) {
            *known = Some(results.clone());
        }
        results
    }

    /// Facts through blocks.
    pub fn blocks(&mut self, blocks: &[Block], state: &mut State) {
        for block in blocks {
            self.block(block, state);
        }
    }

    fn block(&mut self, block: &Block, state: &mut State) {
        match block {
            Block::Basic(dag) => _ = self.dag(dag, state),
            Block::If { head, condition, then, otherwise, .. } => {
                let facts = self.dag(head, state);
                match known_condition(state, *condition) {
                    Some(true) => self.blocks(then, state),
                    Some(false) => self.blocks(otherwise, state),
                    None => {
                        let test =
                            Test { head, condition: *condition, facts: &|id| &facts[id.0 as usize][0] };
                        let mut other = state.clone();
                        let narrowed = [test.narrow(state, true), test.narrow(&mut other, false)];
                        self.blocks(then, state);
                        self.blocks(otherwise, &mut other);
                        join(state, &other);
                        widen_again(state, narrowed);
                    }
                }
            }
            Block::While { head, condition, body, .. } => {
                give_up(block, state);
                self.while_fixed_point((head, *condition), body, state);
                self.dag(head, state);
            }
            Block::For { head, variable, bounds, body, .. } => {
                self.dag(head, state);
                let counted = counter(state, *bounds);
                give_up(block, state);
                self.fixed_point(state, |analysis, state| {
                    state.set(*variable, counted.clone());
                    analysis.blocks(body, state);
                });
            }
        }
    }

    /// The state that holds before every test of a `while` loop.
    pub fn while_fixed_point(&mut self, (head, condition): (&Dag, VarId), body: &[Block], state: &mut State) {
        self.fixed_point(state, |analysis, state| {
            let facts = analysis.dag(head, state);
            Test { head, condition, facts: &|id| &facts[id.0 as usize][0] }.narrow(state, true);
            analysis.blocks(body, state);
        });
    }

    /// The state that holds before every iteration of a loop.
    pub fn fixed_point(&mut self, state: &mut State, mut iteration: impl FnMut(&mut Self, &mut State)) {
        let outside = self.symbols.next();
        loop {
            let mut after = state.clone();
            iteration(self, &mut after);
            after.stopped = state.stopped;
            // A symbol of an iteration means another size in the next one.
            after.variables.combine(&state.variables, |facts, before| {
                facts.map(|facts| match before {
                    Some(before) if *before == facts => facts,
                    _ => facts.renamed(&mut |symbol| Some(symbol).filter(|symbol| *symbol < outside)),
                })
            });
            let before = state.clone();
            widen(state, &after);
            if *state == before {
                return;
            }
        }
    }

    /// Facts through one DAG and into the variables it assigns; those of the results of its nodes.
    pub fn dag(&mut self, dag: &Dag, state: &mut State) -> Vec<Vec<Facts>> {
        let mut facts: Vec<Vec<Facts>> = Vec::with_capacity(dag.nodes.len());
        for node in &dag.nodes {
            let found = self.node(node, &facts, state).unwrap_or_else(|_| vec![Facts::UNKNOWN]);
            facts.push(found);
        }
        for root in &dag.roots {
            if let Root::Assign(variable, node) = root {
                state.set(*variable, facts[node.0 as usize][0].clone());
            }
        }
        facts
    }

    /// The facts of the results of one node.
    ///
    /// # Errors
    /// When its inputs are known not to fit.
    pub fn node(
        &mut self,
        node: &Node,
        facts: &[Vec<Facts>],
        state: &mut State,
    ) -> Result<Vec<Facts>, Diagnostic> {
        let inputs =
            || node.inputs.iter().map(|input| facts[input.0 as usize][0].clone()).collect::<Vec<_>>();
        Ok(match &node.kind {
            NodeKind::Literal(value) => vec![Facts::constant(value.clone())],
            NodeKind::Variable(variable) => vec![self.variable(*variable, state)],
            NodeKind::Exists(_) => vec![Facts::BOOLEAN],
            NodeKind::Op(op) => self.symbols.complete(fold::infer(op, &inputs()).at(node.span)?),
            NodeKind::Result(at) => {
                vec![facts[node.inputs[0].0 as usize].get(*at).cloned().unwrap_or(Facts::UNKNOWN)]
            }
            _ => {
                let found = self.effect(node, &inputs(), state)?;
                self.symbols.complete(found)
            }
        })
    }

    /// The facts of a variable. Sizes that are not known have symbols from the first read on.
    pub fn variable(&mut self, variable: VarId, state: &mut State) -> Facts {
        let Some(facts) = state.get(variable) else { return Facts::UNKNOWN };
        let completed = self.symbols.completed(facts.clone());
        if completed != *facts {
            state.set(variable, completed.clone());
        }
        completed
    }

    /// The facts of the results of a node with a side effect.
    ///
    /// # Errors
    /// When its inputs are known not to fit.
    pub fn effect(
        &mut self,
        node: &Node,
        inputs: &[Facts],
        state: &mut State,
    ) -> Result<Vec<Facts>, Diagnostic> {
        let span = node.span;
        Ok(match &node.kind {
            NodeKind::Call(_) if self.inputs.is_none() => {
                node.facts.iter().map(|facts| facts.renamed(&mut |_| None)).collect()
            }
            NodeKind::Call(id) => {
                // What an argument check has refused is no finding of the function behind it.
                let refused = vec![Facts::UNKNOWN; inputs.len()];
                let args = if state.stopped { &refused } else { inputs };
                let Returned { mut results, stops, wrote } = self.call(*id, args, span, state.wrote);
                state.stopped |= stops;
                state.wrote |= wrote;
                if results.is_empty() {
                    results.push(Facts::UNKNOWN);
                }
                results
            }
            NodeKind::Statement(statement @ (Statement::Eval | Statement::EvalList), _) => {
                self.call_any(span);
                state.wrote = true;
                vec![if *statement == Statement::Eval { Facts::UNKNOWN } else { Facts::LIST }]
            }
            NodeKind::Statement(Statement::Conform, _) => {
                if let [actual, expected, what, declared] = inputs
                    && let (Some(actual), Some(expected)) = (actual.number(), expected.number())
                {
                    let text =
                        |facts: &Facts| facts.constant.as_ref().map_or(String::new(), Scalar::to_string);
                    statement::conform(actual, expected, &text(what), &text(declared)).at(span)?;
                }
                vec![Facts::UNKNOWN]
            }
            NodeKind::Statement(statement, present) => {
                state.stopped |= *statement == Statement::Stop;
                state.wrote |= *statement == Statement::Write;
                vec![self.statement(*statement, *present, inputs, state.wrote)]
            }
            NodeKind::Scatter(variable, form) => {
                let written = form.infer_assign(inputs).at(span)?;
                vec![merge(state, *variable, written)]
            }
            NodeKind::Accumulate(variable) => vec![merge(state, *variable, Facts::UNKNOWN)],
            _ => vec![Facts::UNKNOWN],
        })
    }

    /// A call of what is known only while running: any function that such calls can name, with any arguments.
    fn call_any(&mut self, span: Span) {
        if self.inputs.is_none() {
            return;
        }
        let scopes = self.program.scopes.iter();
        let ids: BTreeSet<FunctionId> = scopes.flat_map(|scope| scope.values().copied()).collect();
        for id in ids {
            let args = vec![Facts::UNKNOWN; self.program.function(id).params.len()];
            self.call(id, &args, span, true);
        }
    }

    fn statement(&self, statement: Statement, present: Present, inputs: &[Facts], wrote: bool) -> Facts {
        if statement != Statement::Read {
            return Facts::UNKNOWN;
        }
        let Params::Named(params) = statement.params() else { return Facts::UNKNOWN };
        let constants: Option<Vec<Scalar>> = inputs.iter().map(|facts| facts.constant.clone()).collect();
        let (Some(constants), Some(files)) = (constants.filter(|_| !wrote), self.inputs) else {
            return Facts::UNKNOWN;
        };
        files.facts(&|name| {
            let at = params.iter().position(|param| param.name == name)?;
            constants.get(present.position(at)?).cloned()
        })
    }
}

/// What an iteration of a parallel loop may leave in a result of the loop.
fn merge(state: &mut State, variable: VarId, written: Facts) -> Facts {
    let merged = state.get(variable).map_or(written.clone(), |before| before.join(&written));
    state.set(variable, merged);
    written
}

/// The value of a condition, if known.
pub fn known_condition(state: &State, condition: VarId) -> Option<bool> {
    state.get(condition)?.constant.as_ref()?.as_boolean().ok()
}

/// Forgets what is known of all that a loop assigns, if too many loops stand in it to follow their iterations.
pub fn give_up(block: &Block, state: &mut State) {
    if block.loops() <= FOLLOWED {
        return;
    }
    block.visit(&mut |block| {
        let assigned = block.dag().roots.iter().filter_map(|root| match root {
            Root::Assign(variable, _) => Some(*variable),
            Root::Effect(_) => None,
        });
        let counter = if let Block::For { variable, .. } = block { Some(*variable) } else { None };
        let merged = block.dag().nodes.iter().filter_map(|node| match node.kind {
            NodeKind::Scatter(variable, _) | NodeKind::Accumulate(variable) => Some(variable),
            _ => None,
        });
        assigned.chain(counter).chain(merged).for_each(|variable| state.set(variable, Facts::UNKNOWN));
    });
}

/// Facts after one of two ways; a variable without a value on one of them has the facts of the other. A way that
/// stops does not count.
pub fn join(state: &mut State, other: &State) {
    if other.stopped {
        return;
    }
    if state.stopped {
        *state = other.clone();
        return;
    }
    state.wrote |= other.wrote;
    state.variables.combine(&other.variables, |mine, other| match (mine, other) {
        (Some(a), Some(b)) => Some(a.join(b)),
        // Without a value on one of the ways, reading it may fail: what decides comparisons must not hide that.
        (a, b) => a.or(b.cloned()).map(|facts| Facts { constant: None, range: Range::ANY, ..facts }),
    });
}

/// The elements of a list without the numbers of their non-zeros; lists inside of it are not followed.
fn without_nnz(elements: Arc<[Element]>) -> Arc<[Element]> {
    let forget = |element: &Element| Element {
        name: element.name.clone(),
        facts: Facts { nnz: Nnz::Unknown, elements: None, ..element.facts.clone() },
    };
    elements.iter().map(forget).collect()
}

/// As [`join`], but a number of non-zeros or a bound that changes is given up at once, so that loops come to an end.
fn widen(state: &mut State, other: &State) {
    let before = state.clone();
    join(state, other);
    state.variables.combine(&before.variables, |facts, before| {
        let mut facts = facts?;
        let Some(before) = before else { return Some(facts) };
        if facts.nnz != before.nnz {
            facts.nnz = Nnz::Unknown;
        }
        if facts.constant.is_none() {
            let settled = facts.bounds().settled(before.bounds());
            facts = facts.within(settled);
        }
        if facts.elements != before.elements {
            facts.elements = facts.elements.take().map(without_nnz);
        }
        Some(facts)
    });
}
