//! How many consumers each expression of a DAG has, before the DAG is built anew.

use foldhash::{HashMap, HashMapExt};
use tilewright_ir::liveness::{self, Live};
use tilewright_ir::{Dag, Node, NodeKind, Root, VarId};
use tilewright_ops::Op;
use tilewright_ops::function::Purity;
use tilewright_value::{Scalar, ScalarType};

/// What makes nodes equal.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Literal(ScalarType, u64, String),
    Variable(VarId),
    Op(Op, Vec<usize>),
}

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
    let mut known: HashMap<Key, usize> = HashMap::with_capacity(dag.nodes.len());
    let mut uses = vec![0; dag.nodes.len()];
    for (at, node) in dag.nodes.iter().enumerate() {
        let one = key(node, &first).map_or(at, |key| *known.entry(key).or_insert(at));
        first.push(one);
        if needed[at] && one == at {
            node.inputs.iter().for_each(|input| uses[first[input.0 as usize]] += 1);
        }
    }
    (uses, first)
}

fn key(node: &Node, first: &[usize]) -> Option<Key> {
    match &node.kind {
        NodeKind::Literal(value) => Some(match value {
            Scalar::Integer(number) => Key::Literal(ScalarType::Integer, *number as u64, String::new()),
            Scalar::Double(number) => Key::Literal(ScalarType::Double, number.to_bits(), String::new()),
            Scalar::Boolean(truth) => Key::Literal(ScalarType::Boolean, u64::from(*truth), String::new()),
            Scalar::String(text) => Key::Literal(ScalarType::String, 0, text.to_string()),
        }),
        NodeKind::Variable(variable) => Some(Key::Variable(*variable)),
        NodeKind::Op(Op::Function(function, _)) if function.purity != Purity::Pure => None,
        NodeKind::Op(op) => {
            Some(Key::Op(*op, node.inputs.iter().map(|input| first[input.0 as usize]).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tilewright_base::{FileId, Span};
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
