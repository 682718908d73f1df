//! How many consumers each expression of a DAG has, before the DAG is built anew.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use foldhash::{HashMap, HashMapExt};
use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Dag, Node, NodeKind, Root};
use tilewright_ops::Op;
use tilewright_ops::function::Purity;
use tilewright_value::Scalar;

/// How often each node is an input of another one, or assigned to a variable that is read after the DAG (any variable,
/// where nothing is known of that). Equal expressions, which will be one, are counted at the first of them.
pub fn uses(dag: &Dag, live: Option<&Live>) -> Vec<usize> {
    let (mut uses, first) = by_nodes(dag, live);
    let read = |root: &Root| match (root, live) {
        (Root::Assign(variable, _), Some(live)) => live.contains(variable),
        _ => true,
    };
    for root in dag.roots.iter().filter(|root| read(root)) {
        uses[first[root.node().0 as usize]] += 1;
    }
    uses
}

/// How often each needed node is an input of another one, and the first of the nodes that each one equals.
pub fn by_nodes(dag: &Dag, live: Option<&Live>) -> (Vec<usize>, Vec<usize>) {
    let needed = live.map_or_else(|| dag.needed(), |live| liveness::needed(dag, live));
    let mut first: Vec<usize> = Vec::with_capacity(dag.nodes.len());
    let mut known: HashMap<u64, usize> = HashMap::with_capacity(dag.nodes.len());
    let mut uses = vec![0; dag.nodes.len()];
    for (at, node) in dag.nodes.iter().enumerate() {
        let before = hash(node, &first).map_or(at, |hash| *known.entry(hash).or_insert(at));
        let one = if are_equal(node, &dag.nodes[before], &first) { before } else { at };
        first.push(one);
        if needed[at] && one == at {
            node.inputs.iter().for_each(|input| uses[first[input.0 as usize]] += 1);
        }
    }
    (uses, first)
}

/// A hash that equal nodes share; none of nodes that are equal to no other one.
fn hash(node: &Node, first: &[usize]) -> Option<u64> {
    let mut hasher = FixedState::default().build_hasher();
    match &node.kind {
        NodeKind::Literal(Scalar::Integer(number)) => (1, number).hash(&mut hasher),
        NodeKind::Literal(Scalar::Double(number)) => (2, number.to_bits()).hash(&mut hasher),
        NodeKind::Literal(Scalar::Boolean(truth)) => (3, truth).hash(&mut hasher),
        NodeKind::Literal(Scalar::String(text)) => (4, text).hash(&mut hasher),
        NodeKind::Variable(variable) => (5, variable).hash(&mut hasher),
        NodeKind::Op(Op::Function(function, _)) if function.purity != Purity::Pure => return None,
        NodeKind::Op(op) => {
            op.hash(&mut hasher);
            node.inputs.iter().for_each(|input| first[input.0 as usize].hash(&mut hasher));
        }
        _ => return None,
    }
    Some(hasher.finish())
}

fn are_equal(a: &Node, b: &Node, first: &[usize]) -> bool {
    let kinds = match (&a.kind, &b.kind) {
        (NodeKind::Literal(Scalar::Double(a)), NodeKind::Literal(Scalar::Double(b))) => {
            a.to_bits() == b.to_bits()
        }
        (a, b) => a == b,
    };
    let mut inputs = a.inputs.iter().zip(&b.inputs);
    kinds
        && a.inputs.len() == b.inputs.len()
        && inputs.all(|(a, b)| first[a.0 as usize] == first[b.0 as usize])
}

#[cfg(test)]
mod tests {
    use tilewright_base::{FileId, Span};
    use tilewright_ir::VarId;
    use tilewright_ops::unary;

    use super::*;

    #[test]
    fn equal_expressions_are_counted_together_and_unread_ones_not() {
        let span = Span::new(FileId(0), 0, 0);
        let exp = NodeKind::Op(Op::Unary(unary::find("exp").unwrap()));
        let abs = NodeKind::Op(Op::Unary(unary::find("abs").unwrap()));
        let mut dag = Dag::default();
        let x = dag.add(NodeKind::Variable(VarId(0)), Vec::new(), span);
        let one = dag.add(exp.clone(), vec![x], span);
        let a = dag.add(abs.clone(), vec![one], span);
        let two = dag.add(exp, vec![x], span);
        let b = dag.add(NodeKind::Op(Op::Unary(unary::find("!").unwrap())), vec![two], span);
        let c = dag.add(abs, vec![x], span);
        dag.roots = vec![Root::Assign(VarId(1), a), Root::Assign(VarId(2), b), Root::Assign(VarId(3), c)];
        let live: Live = [VarId(1), VarId(2)].into_iter().collect();
        assert_eq!(uses(&dag, Some(&live)), [1, 2, 1, 0, 1, 0]);
        assert_eq!(uses(&dag, None), [2, 2, 1, 0, 1, 1]);
    }
}
