//! What a condition that holds, or does not, says of the integers that it compares.
//!
//! ```text
//! while (i <= n) { ... }      inside: i <= n, n >= i
//! if (i < n & j < 10) { ... } inside: i <= n-1, n >= i+1, j <= 9
//! ```
//!
//! It is said inside of the branch or loop only: what stands behind a branch that stops may be computed before it, where
//! the condition may not hold.

use tilewright_ir::{Dag, NodeId, NodeKind, VarId};
use tilewright_ops::facts::Linear;
use tilewright_ops::range::{larger, smaller};
use tilewright_ops::row::Named;
use tilewright_ops::{Facts, Op, Range};

use crate::flow::State;

/// A condition.
pub struct Test<'a> {
    /// The DAG that computes it.
    pub head: &'a Dag,
    /// The variable that holds it.
    pub condition: VarId,
    /// What is known of the nodes.
    pub facts: &'a dyn Fn(NodeId) -> &'a Facts,
}

/// A variable that a condition says something of: its facts without that and with it.
type Narrowed = (VarId, Facts, Facts);

impl Test<'_> {
    /// Notes what a condition says of variables where it holds or does not; what was known before.
    pub fn narrow(&self, state: &mut State, holds: bool) -> Vec<Narrowed> {
        let mut narrowed = Vec::new();
        if let Some(node) = self.head.assigned(self.condition) {
            self.node(node, holds, state, &mut narrowed);
        }
        narrowed
    }

    fn node(&self, id: NodeId, holds: bool, state: &mut State, narrowed: &mut Vec<Narrowed>) {
        let node = self.head.node(id);
        let NodeKind::Op(op) = &node.kind else { return };
        match (op, &node.inputs[..]) {
            (Op::Unary(row), [x]) if row.name() == "!" => self.node(*x, !holds, state, narrowed),
            (Op::Binary(row), [a, b]) => match row.name() {
                "&" if holds => [a, b].into_iter().for_each(|x| self.node(*x, true, state, narrowed)),
                "|" if !holds => [a, b].into_iter().for_each(|x| self.node(*x, false, state, narrowed)),
                name => self.comparison(name, holds, (*a, *b), &mut |variable, range| {
                    tighten(variable, range, state, narrowed);
                }),
            },
            _ => {}
        }
    }

    /// Calls `tell` with the bounds that a comparison of integers says of its sides.
    fn comparison(
        &self,
        name: &str,
        holds: bool,
        (a, b): (NodeId, NodeId),
        tell: &mut dyn FnMut(VarId, Range),
    ) {
        let (left, right) = ((self.facts)(a), (self.facts)(b));
        if !left.is_integer() || !right.is_integer() {
            return;
        }
        let mut at_most = |small: NodeId, large: NodeId, distance: i64| {
            let shifted = |bound: Option<Linear>, by: i64| bound?.plus(Linear::Number(by));
            let high = shifted((self.facts)(large).bounds().high, -distance);
            let low = shifted((self.facts)(small).bounds().low, distance);
            self.variable(small).into_iter().for_each(|id| tell(id, Range { low: None, high }));
            self.variable(large).into_iter().for_each(|id| tell(id, Range { low, high: None }));
        };
        match (name, holds) {
            ("<", true) | (">=", false) => at_most(a, b, 1),
            ("<=", true) | (">", false) => at_most(a, b, 0),
            (">", true) | ("<=", false) => at_most(b, a, 1),
            (">=", true) | ("<", false) => at_most(b, a, 0),
            ("==", true) | ("!=", false) => {
                at_most(a, b, 0);
                at_most(b, a, 0);
            }
            _ => {}
        }
    }

    /// The variable that a node reads, if it still holds that value after the head.
    fn variable(&self, id: NodeId) -> Option<VarId> {
        match self.head.node(id).kind {
            NodeKind::Variable(variable) => Some(variable).filter(|id| self.head.assigned(*id).is_none()),
            _ => None,
        }
    }
}

/// Adds bounds to what is known of a variable.
fn tighten(variable: VarId, range: Range, state: &mut State, narrowed: &mut Vec<Narrowed>) {
    let Some(before) = state.get(variable).cloned() else { return };
    let known = before.range;
    // Of two bounds that do not compare the new one is about what stands inside.
    let tighter =
        |old: Option<Linear>, new: Option<Linear>, better: fn(Linear, Linear) -> Option<Linear>| match (
            old, new,
        ) {
            (Some(old), Some(new)) => better(old, new).or(Some(new)),
            (old, new) => old.or(new),
        };
    let range =
        Range { low: tighter(known.low, range.low, larger), high: tighter(known.high, range.high, smaller) };
    let after = before.clone().within(range);
    if after != before {
        state.set(variable, after.clone());
        narrowed.push((variable, before, after));
    }
}

/// Takes back what a condition said of variables, behind its branches.
pub fn widen_again(state: &mut State, narrowed: [Vec<Narrowed>; 2]) {
    // What was said last is taken back first.
    for (variable, before, after) in narrowed.into_iter().flat_map(|narrowed| narrowed.into_iter().rev()) {
        if state.get(variable) == Some(&after) {
            state.set(variable, before);
        }
    }
}
