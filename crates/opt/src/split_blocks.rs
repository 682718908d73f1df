//! Splits blocks after operators whose result sizes only the data tell (`removeEmpty`, a table of codes, a read
//! without metadata, calls, ranges by variables), so that what follows can be compiled again when the sizes are there.
//!
//! ```text
//! Y = removeEmpty(target=X, margin="rows")        block 1:  Y = removeEmpty(...)
//! print("cleaned")                          =>              print("cleaned")
//! b = solve(t(Y) %*% Y, t(Y) %*% v)               block 2:  b = solve(t(Y) %*% Y, t(Y) %*% v)
//! ```
//!
//! Effects keep their order, and everything else is computed in the last part that still serves those who need it.
//! Which operators these are is found by a probe: with made-up sizes for all that is unknown at the start of the block,
//! they are the ones whose result is still unknown.

use std::collections::HashMap;

use tilewright_ir::{Block, Dag, Live, Node, NodeId, NodeKind, Program, Root, VarId, Variable};
use tilewright_ops::{Dim, Facts, Kind, Op};
use tilewright_value::{Scalar, ScalarType};

use crate::fold;

/// Splits the blocks of every function, and notes the variables whose sizes only the data tell.
pub fn split_blocks(mut program: Program) -> Program {
    for function in &mut program.functions {
        let mut splitter = Splitter { variables: &mut function.variables, measured: Live::new() };
        let body = std::mem::take(&mut function.body);
        function.body = splitter.blocks(body);
        function.measured = splitter.measured;
    }
    program
}

struct Splitter<'a> {
    variables: &'a mut Vec<Variable>,
    measured: Live,
}

impl Splitter<'_> {
    fn blocks(&mut self, blocks: Vec<Block>) -> Vec<Block> {
        let mut out = Vec::with_capacity(blocks.len());
        for mut block in blocks {
            match &mut block {
                Block::Basic(dag) => {
                    out.extend(self.dag(std::mem::take(dag)).into_iter().map(Block::Basic));
                    continue;
                }
                Block::If { then, otherwise, .. } => {
                    *then = self.blocks(std::mem::take(then));
                    *otherwise = self.blocks(std::mem::take(otherwise));
                }
                Block::While { body, .. } | Block::For { body, .. } => {
                    *body = self.blocks(std::mem::take(body));
                }
            }
            out.push(block);
        }
        out
    }

    fn dag(&mut self, dag: Dag) -> Vec<Dag> {
        let measured = measured(&dag);
        if !measured.contains(&true) {
            return vec![dag];
        }
        for root in &dag.roots {
            if let Root::Assign(variable, node) = root
                && measured[node.0 as usize]
            {
                self.measured.insert(*variable);
            }
        }
        let Some(levels) = levels(&dag, &measured) else { return vec![dag] };
        let last = levels.iter().copied().max().unwrap_or(0);
        if last == 0 {
            return vec![dag];
        }
        let mut cutter = Cutter::new(&dag, &levels, &measured, last);
        (0..=last).map(|level| cutter.part(level, self)).collect()
    }

    fn cut_variable(&mut self, measured: bool) -> VarId {
        let id = VarId(self.variables.len() as u32);
        self.variables.push(Variable { name: format!("%cut{}", id.0) });
        if measured {
            self.measured.insert(id);
        }
        id
    }
}

/// Facts with made-up sizes and values in place of what is unknown, each different from the others.
struct Probe {
    next: u64,
}

impl Probe {
    fn fresh(&mut self) -> u64 {
        self.next += 2;
        self.next
    }

    fn completed(&mut self, facts: &Facts) -> Facts {
        let mut dim = |dim: Dim| dim.known().map_or_else(|| Dim::Known(self.fresh()), Dim::Known);
        let kind = match facts.kind {
            Kind::Matrix { rows, cols } => Kind::Matrix { rows: dim(rows), cols: dim(cols) },
            Kind::Frame { rows, cols } => Kind::Frame { rows: dim(rows), cols: dim(cols) },
            Kind::Unknown => Kind::Matrix { rows: dim(Dim::Unknown), cols: dim(Dim::Unknown) },
            kind @ (Kind::Scalar(_) | Kind::List) => kind,
        };
        Facts { kind, ..facts.clone() }
    }

    /// A variable: a scalar has a value, too.
    fn variable(&mut self, facts: &Facts) -> Facts {
        let value = self.fresh();
        match facts.kind {
            Kind::Scalar(_) if facts.constant.is_some() => facts.clone(),
            Kind::Scalar(None | Some(ScalarType::Integer)) => Facts::constant(Scalar::Integer(value as i64)),
            Kind::Scalar(Some(ScalarType::Double)) => Facts::constant(Scalar::Double(value as f64)),
            _ => self.completed(facts),
        }
    }
}

/// Which nodes have sizes that are unknown even if those of all variables were known.
fn measured(dag: &Dag) -> Vec<bool> {
    let mut probe = Probe { next: 1001 };
    let mut found = vec![false; dag.nodes.len()];
    if !dag.nodes.iter().any(|node| !node.fact().is_sized()) {
        return found;
    }
    let mut facts: Vec<Facts> = Vec::with_capacity(dag.nodes.len());
    // Scalars that follow from variables; ranges by them change from iteration to iteration.
    let mut varies = vec![false; dag.nodes.len()];
    for (id, node) in dag.iter() {
        let at = id.0 as usize;
        varies[at] = match node.kind {
            NodeKind::Variable(_) => node.fact().is_scalar() && node.fact().constant.is_none(),
            _ => node.fact().is_scalar() && node.inputs.iter().any(|input| varies[input.0 as usize]),
        };
        let known = probed(node, &facts, &varies, &mut probe);
        found[at] = !node.fact().is_sized() && known.is_none();
        facts.push(known.unwrap_or_else(|| probe.completed(node.fact())));
    }
    found
}

/// The facts of a node by made-up sizes of its inputs; none if they do not give its own.
fn probed(node: &Node, facts: &[Facts], varies: &[bool], probe: &mut Probe) -> Option<Facts> {
    match &node.kind {
        NodeKind::Variable(_) => Some(probe.variable(node.fact())),
        NodeKind::Op(op) => {
            let is_range = matches!(op, Op::Index(_));
            let input = |input: &NodeId| {
                let at = input.0 as usize;
                if is_range && varies[at] { Facts::INTEGER } else { facts[at].clone() }
            };
            let inputs: Vec<Facts> = node.inputs.iter().map(input).collect();
            match fold::infer(op, &inputs) {
                Ok(found) => Some(found[0].clone()).filter(Facts::is_sized),
                // Made-up sizes do not fit each other, the true ones may.
                Err(_) => Some(probe.completed(node.fact())),
            }
        }
        NodeKind::Literal(_) | NodeKind::Exists(_) | NodeKind::Scatter(..) | NodeKind::Accumulate(_) => {
            Some(node.fact().clone())
        }
        NodeKind::Result(_) | NodeKind::Pipeline(_) | NodeKind::Call(_) | NodeKind::Statement(..) => {
            Some(node.fact().clone()).filter(Facts::is_sized)
        }
    }
}

/// The part that each node belongs to; none if the effects do not stand in order.
fn levels(dag: &Dag, measured: &[bool]) -> Option<Vec<usize>> {
    let effects: Vec<NodeId> = dag
        .roots
        .iter()
        .filter_map(|root| if let Root::Effect(node) = root { Some(*node) } else { None })
        .collect();
    if !effects.is_sorted() {
        return None;
    }
    let is_effect = |id: NodeId| effects.binary_search(&id).is_ok();
    let mut levels = vec![0; dag.nodes.len()];
    let mut reached = 0;
    for (id, node) in dag.iter() {
        let after = |input: &NodeId| {
            let at = input.0 as usize;
            // A further result becomes known together with the first one.
            let together = matches!(node.kind, NodeKind::Result(_));
            levels[at] + usize::from(measured[at] && !together)
        };
        let earliest = node.inputs.iter().map(after).max().unwrap_or(0);
        let level = if is_effect(id) { earliest.max(reached) } else { earliest };
        if is_effect(id) {
            reached = level;
        }
        levels[id.0 as usize] = level;
    }
    delay(dag, measured, &mut levels, is_effect);
    Some(levels)
}

/// Puts what has no effect into the last part in which somebody needs it, so that no error shows before its time.
fn delay(dag: &Dag, measured: &[bool], levels: &mut [usize], is_effect: impl Fn(NodeId) -> bool) {
    let last = levels.iter().copied().max().unwrap_or(0);
    let mut latest = vec![last; levels.len()];
    for at in (0..levels.len()).rev() {
        let node = &dag.nodes[at];
        let with_input = matches!(node.kind, NodeKind::Result(_));
        if !is_effect(NodeId(at as u32)) && !with_input {
            levels[at] = levels[at].max(latest[at]);
        }
        for input in &node.inputs {
            let input = input.0 as usize;
            let before = levels[at].saturating_sub(usize::from(measured[input] && !with_input));
            latest[input] = latest[input].min(before);
        }
    }
}

struct Cutter<'a> {
    dag: &'a Dag,
    levels: &'a [usize],
    measured: &'a [bool],
    /// The nodes and roots of each part.
    nodes: Vec<Vec<NodeId>>,
    roots: Vec<Vec<Root>>,
    /// The last part that needs the value of each node.
    last_use: Vec<usize>,
    /// The variables that carry values from one part to later ones.
    carried: HashMap<NodeId, VarId>,
}

impl<'a> Cutter<'a> {
    fn new(dag: &'a Dag, levels: &'a [usize], measured: &'a [bool], last: usize) -> Cutter<'a> {
        let mut nodes = vec![Vec::new(); last + 1];
        let mut last_use = vec![0; levels.len()];
        for (id, node) in dag.iter() {
            let level = levels[id.0 as usize];
            nodes[level].push(id);
            for input in &node.inputs {
                let input = &mut last_use[input.0 as usize];
                *input = level.max(*input);
            }
        }
        let assigned_last = |node: &NodeKind| matches!(node, NodeKind::Literal(_) | NodeKind::Variable(_));
        for root in &dag.roots {
            if assigned_last(&dag.node(root.node()).kind) {
                last_use[root.node().0 as usize] = last;
            }
        }
        let mut last_read: HashMap<VarId, usize> = HashMap::new();
        for (id, node) in dag.iter() {
            if let NodeKind::Variable(variable) | NodeKind::Exists(variable) = node.kind {
                let read = last_read.entry(variable).or_default();
                *read = last_use[id.0 as usize].max(*read);
            }
        }
        let mut roots = vec![Vec::new(); last + 1];
        for root in &dag.roots {
            let own = levels[root.node().0 as usize];
            let part = match root {
                Root::Effect(_) => own,
                // A variable gets its value where the value is, unless its old value is read later.
                Root::Assign(variable, node) => {
                    let read_later = last_read.get(variable).is_some_and(|read| *read > own);
                    if read_later || assigned_last(&dag.node(*node).kind) { last } else { own }
                }
            };
            roots[part].push(*root);
            let last_use = &mut last_use[root.node().0 as usize];
            *last_use = part.max(*last_use);
        }
        Cutter { dag, levels, measured, nodes, roots, last_use, carried: HashMap::new() }
    }

    fn part(&mut self, level: usize, splitter: &mut Splitter<'_>) -> Dag {
        let mut part = Part::default();
        let mut assigned: HashMap<NodeId, VarId> = HashMap::new();
        for root in std::mem::take(&mut self.roots[level]) {
            let moved = self.node(root.node(), level, &mut part);
            part.dag.roots.push(match root {
                Root::Effect(_) => Root::Effect(moved),
                Root::Assign(variable, node) => {
                    assigned.insert(node, variable);
                    Root::Assign(variable, moved)
                }
            });
        }
        for id in std::mem::take(&mut self.nodes[level]) {
            let is_leaf = matches!(self.dag.node(id).kind, NodeKind::Literal(_) | NodeKind::Variable(_));
            if is_leaf || self.last_use[id.0 as usize] <= level {
                continue;
            }
            let variable = assigned.get(&id).copied().unwrap_or_else(|| {
                let variable = splitter.cut_variable(self.measured[id.0 as usize]);
                let moved = self.node(id, level, &mut part);
                part.dag.roots.push(Root::Assign(variable, moved));
                variable
            });
            self.carried.insert(id, variable);
        }
        part.dag
    }

    /// A node in a part: itself and its inputs, or the variable that carries its value.
    fn node(&self, id: NodeId, level: usize, part: &mut Part) -> NodeId {
        let mut stack = vec![(id, false)];
        while let Some((id, ready)) = stack.pop() {
            if part.moved.contains_key(&id) {
                continue;
            }
            let node = self.dag.node(id);
            let is_carried = self.levels[id.0 as usize] < level;
            if let Some(variable) = self.carried.get(&id).filter(|_| is_carried) {
                let (kind, facts) = (NodeKind::Variable(*variable), vec![node.fact().clone()]);
                part.push(id, Node { kind, inputs: Vec::new(), span: node.span, facts });
            } else if ready || node.inputs.is_empty() {
                let inputs = node.inputs.iter().map(|input| part.moved[input]).collect();
                part.push(id, Node { inputs, ..node.clone() });
            } else {
                stack.push((id, true));
                stack.extend(node.inputs.iter().rev().map(|input| (*input, false)));
            }
        }
        part.moved[&id]
    }
}

/// A part under construction.
#[derive(Default)]
struct Part {
    dag: Dag,
    moved: HashMap<NodeId, NodeId>,
}

impl Part {
    fn push(&mut self, id: NodeId, node: Node) {
        self.dag.nodes.push(node);
        self.moved.insert(id, NodeId(self.dag.nodes.len() as u32 - 1));
    }
}
