//! A side of a rule as a DAG that is built, rewritten and evaluated.

use tilewright_base::{FileId, Span};
use tilewright_ir::{Dag, NodeId, NodeKind, Root, VarId};
use tilewright_ops::{Context, Facts};
use tilewright_opt::builder::Builder;
use tilewright_opt::flow::Symbols;
use tilewright_opt::pattern::Pattern;
use tilewright_opt::{Fired, Options, uses};
use tilewright_value::Value;

fn span() -> Span {
    Span::new(FileId(0), 0, 0)
}

/// The DAG of a side whose names stand for variables of these facts (numbers are literals), as it is written.
pub fn written(pattern: &Pattern, names: &[Facts]) -> Dag {
    let mut dag = Dag::default();
    let root = add(&mut dag, pattern, names);
    dag.roots.push(Root::Assign(VarId(names.len() as u32), root));
    dag
}

fn add(dag: &mut Dag, pattern: &Pattern, names: &[Facts]) -> NodeId {
    let (kind, inputs) = match pattern {
        Pattern::Matrix(name) => (NodeKind::Variable(VarId(*name as u32)), Vec::new()),
        Pattern::Scalar(name) => match names[*name].constant.clone() {
            Some(constant) => (NodeKind::Literal(constant), Vec::new()),
            None => (NodeKind::Variable(VarId(*name as u32)), Vec::new()),
        },
        Pattern::Literal(value) => (NodeKind::Literal(value.clone()), Vec::new()),
        Pattern::Op(op, operands) => {
            (NodeKind::Op(*op), operands.iter().map(|operand| add(dag, operand, names)).collect())
        }
    };
    dag.add(kind, inputs, span())
}

/// The DAG built anew, and how many rules fired; nothing when its operands do not fit.
pub fn built(dag: &Dag, names: &[Facts], options: &Options) -> Option<(Dag, Fired)> {
    let mut fired = Fired::new();
    let mut builder = Builder::new(options, &mut fired, Symbols::default());
    let mut moved: Vec<NodeId> = Vec::new();
    for (node, uses) in dag.nodes.iter().zip(uses::uses(dag, None)) {
        builder.refuel();
        let inputs = node.inputs.iter().map(|input| moved[input.0 as usize]).collect();
        let id = match &node.kind {
            NodeKind::Literal(value) => builder.literal(value.clone(), node.span),
            NodeKind::Variable(id) => builder.variable(*id, names[id.0 as usize].clone(), node.span),
            NodeKind::Op(op) => builder.op(*op, inputs, node.span).ok()?,
            other => unreachable!("sides have no {other:?}"),
        };
        builder.consumed(id, uses);
        moved.push(id);
    }
    for root in &dag.roots {
        let Root::Assign(variable, node) = root else { continue };
        builder.dag.roots.push(Root::Assign(*variable, moved[node.0 as usize]));
    }
    Some((builder.finish(), fired))
}

/// Larger results are not evaluated.
const LARGEST: f64 = 1e6;

/// Evaluates the root by the definitions of the operators; nothing when one of them fails.
pub fn evaluated(dag: &Dag, names: &[Value]) -> Option<Value> {
    let mut values: Vec<Value> = Vec::new();
    for node in &dag.nodes {
        let value = match &node.kind {
            NodeKind::Literal(value) => Value::Scalar(value.clone()),
            NodeKind::Variable(id) => names[id.0 as usize].clone(),
            NodeKind::Op(op) => {
                let inputs: Vec<Value> =
                    node.inputs.iter().map(|input| values[input.0 as usize].clone()).collect();
                let facts: Vec<Facts> = inputs.iter().map(Facts::of).collect();
                let known = op.infer(&facts).ok()?;
                if known[0].dense_bytes().is_some_and(|bytes| bytes > LARGEST) {
                    return None;
                }
                op.reference(&inputs, &mut Context::new(1)).ok()?.pop()?
            }
            other => unreachable!("sides have no {other:?}"),
        };
        values.push(value);
    }
    values.get(dag.roots.first()?.node().0 as usize).cloned()
}
