//! Puts the bodies of small functions in the place of their calls, so that rules, common subexpressions and chains work
//! across them.
//!
//! ```text
//! f = function(X, v) { y = t(X) %*% v }        s = sum(t(t(X) %*% v))   =>   s = sum(t(X) %*% v)
//! s = sum(t(f(X, v)))
//! ```
//!
//! It happens while the caller is rebuilt, where the facts of this call's arguments are known, and ends in the verification
//! behind that pass. A function is small if it is straight-line code of at most [`OPERATORS`] operators, those of the
//! functions it calls included, has no effects, and draws no random numbers (each call draws others). A body
//! of that size costs less to plan than a call costs to prepare for, and a program grows by no more per call.
//!
//! What fails in such a body still tells its own place and the calls that led there: the span of a node carries the call
//! that it stands for ([`Sites`]). Casts to declared types are nodes of the caller and of the body.

use std::collections::HashMap;

use tilewright_base::{Frame, Site, Sites, Span};
use tilewright_ir::{Block, Dag, Function, FunctionId, Live, Node, NodeId, NodeKind, Program, Root, VarId};
use tilewright_ops::Op;
use tilewright_ops::function::Purity;

use crate::builder::Builder;
use crate::flow::State;
use crate::rebuild::{Rebuilder, live};
use crate::silent::silent_functions;
use crate::uses;

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "inline-functions";

/// A function of more operators keeps its calls.
const OPERATORS: usize = 16;

/// The functions whose calls give way to their bodies.
pub(crate) struct SmallFunctions(Vec<bool>);

impl SmallFunctions {
    /// Those of a program.
    pub(crate) fn of(program: &Program) -> SmallFunctions {
        let silent = silent_functions(program);
        let ids = (0..program.functions.len() as u32).map(FunctionId);
        // Functions without effects are not recursive: the count comes to an end.
        let is_small = |id: FunctionId| {
            let count = if silent[id.0 as usize] { operators(program, id, OPERATORS) } else { None };
            id != Program::MAIN && count.is_some()
        };
        SmallFunctions(ids.map(is_small).collect())
    }
}

/// The operators of straight-line code with all it calls; none if they are more than `most` or it is something else.
fn operators(program: &Program, id: FunctionId, most: usize) -> Option<usize> {
    let function = program.function(id);
    let mut assigned: Live = function.params.iter().copied().collect();
    let mut count = 0;
    for block in &function.body {
        let Block::Basic(dag) = block else { return None };
        for node in &dag.nodes {
            count += match &node.kind {
                NodeKind::Op(Op::Function(row, _)) if row.purity != Purity::Pure => return None,
                NodeKind::Op(_) => 1,
                NodeKind::Call(callee) => operators(program, *callee, most.checked_sub(count)?)?,
                NodeKind::Variable(variable) if !assigned.contains(variable) => return None,
                NodeKind::Literal(_) | NodeKind::Variable(_) | NodeKind::Result(_) => 0,
                NodeKind::Exists(_) | NodeKind::Statement(..) | NodeKind::Pipeline(_) => return None,
                NodeKind::Scatter(..) | NodeKind::Accumulate(_) => return None,
            };
        }
        assigned.extend(dag.roots.iter().filter_map(|root| match root {
            Root::Assign(variable, _) => Some(*variable),
            Root::Effect(_) => None,
        }));
    }
    let gives =
        !function.results.is_empty() && function.results.iter().all(|result| assigned.contains(result));
    (gives && count <= most).then_some(count)
}

/// What a rebuilder needs to put functions in the place of calls.
pub(crate) struct Inlining<'a> {
    /// The calls that gave way so far.
    pub(crate) sites: &'a mut Sites,
    /// The functions.
    pub(crate) small: &'a SmallFunctions,
}

/// The calls of one DAG that gave way, with the nodes of their results.
#[derive(Default)]
pub(crate) struct Inlined(HashMap<NodeId, Vec<NodeId>>);

impl Inlined {
    /// Whether a root is the effect of a call that gave way.
    pub(crate) fn is_call(&self, root: Root) -> bool {
        matches!(root, Root::Effect(node) if self.0.contains_key(&node))
    }
}

impl Rebuilder<'_, '_> {
    /// The node of a call of a small function, or of a result of such a call; none for all others.
    pub(crate) fn inlined(
        &mut self,
        (at, node): (usize, &Node),
        inputs: &[NodeId],
        inlined: &mut Inlined,
        builder: &mut Builder<'_>,
        state: &mut State,
    ) -> Option<NodeId> {
        match node.kind {
            NodeKind::Result(result) => inlined.0.get(&node.inputs[0])?.get(result).copied(),
            NodeKind::Call(callee) => {
                let results = self.inline(callee, inputs, node.span, builder, state)?;
                let first = results.first().copied();
                inlined.0.insert(NodeId(at as u32), results);
                first
            }
            _ => None,
        }
    }

    /// The results of a call, by the nodes of its function; none where the call stays.
    fn inline(
        &mut self,
        callee: FunctionId,
        args: &[NodeId],
        span: Span,
        builder: &mut Builder<'_>,
        state: &mut State,
    ) -> Option<Vec<NodeId>> {
        let inlining = self.inlining.as_mut().filter(|inlining| inlining.small.0[callee.0 as usize])?;
        let step = builder.begin_step(NAME, span)?;
        let program = self.program;
        let function = program.function(callee);
        let site = inlining.sites.add(Frame { function: function.name.clone(), call: span });
        self.check_declared(builder, callee, args, span, state);
        args.iter().for_each(|arg| builder.released(*arg));
        let mut body = Body {
            values: function.params.iter().copied().zip(args.iter().copied()).collect(),
            live: live(function),
            site,
        };
        for block in &function.body {
            self.append(block.dag(), &mut body, builder, state);
        }
        let results: Vec<NodeId> = function.results.iter().map(|result| body.values[result]).collect();
        builder.end_step(step, |text| call_text(function, args, text), results[0]);
        Some(results)
    }

    fn append(&mut self, dag: &Dag, body: &mut Body, builder: &mut Builder<'_>, state: &mut State) {
        let (uses, _) = uses::by_nodes(dag, body.live.get(&std::ptr::from_ref(dag)));
        let mut moved: Vec<NodeId> = Vec::with_capacity(dag.nodes.len());
        let mut inlined = Inlined::default();
        for (at, (node, uses)) in dag.nodes.iter().zip(uses).enumerate() {
            builder.refuel();
            let inputs: Vec<NodeId> = node.inputs.iter().map(|input| moved[input.0 as usize]).collect();
            let node = Node { span: node.span.inside(body.site), ..node.clone() };
            let id = match node.kind {
                NodeKind::Variable(variable) => body.values[&variable],
                _ => match self.inlined((at, &node), &inputs, &mut inlined, builder, state) {
                    Some(id) => id,
                    None => self.node(builder, &node, inputs, state),
                },
            };
            builder.consumed(id, uses);
            moved.push(id);
        }
        for root in &dag.roots {
            if let Root::Assign(variable, node) = root {
                body.values.insert(*variable, moved[node.0 as usize]);
            }
        }
    }
}

/// A function that takes the place of a call.
struct Body {
    /// What its variables hold.
    values: HashMap<VarId, NodeId>,
    /// The variables that are read after each of its DAGs.
    live: HashMap<*const Dag, Live>,
    site: Site,
}

/// A call as DML.
fn call_text(function: &Function, args: &[NodeId], text: &dyn Fn(NodeId) -> String) -> String {
    let args: Vec<String> = args.iter().map(|arg| text(*arg)).collect();
    format!("{}({})", function.name, args.join(", "))
}
