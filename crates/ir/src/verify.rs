//! What every pass must keep true of a program.
//!
//! - inputs of a node stand before it; roots name nodes that exist
//! - variables and functions exist; a call passes as many arguments as the function has parameters
//! - a node has as many inputs as its kind takes; `Result(k)` reads a node with more than k results
//! - a variable is assigned at most once per block

use std::collections::HashSet;

use tilewright_ops::Op;
use tilewright_ops::function::Params;
use tilewright_ops::product::Product;

use crate::dag::{Dag, Node, NodeKind, Root};
use crate::program::{Block, Program};

/// Checks a program.
///
/// # Errors
/// What is broken, for the developer of a pass.
pub fn verify(program: &Program) -> Result<(), String> {
    for function in &program.functions {
        let verified = verify_blocks(&function.body, function.variables.len(), program);
        verified.map_err(|what| format!("function {}: {what}", function.name))?;
    }
    Ok(())
}

/// Checks blocks of a function with so many variables.
///
/// # Errors
/// What is broken, for the developer of a pass.
pub fn verify_blocks(blocks: &[Block], variables: usize, program: &Program) -> Result<(), String> {
    let mut result = Ok(());
    for block in blocks {
        block.visit_dags(&mut |dag| {
            if result.is_ok() {
                result = verify_dag(dag, variables, program);
            }
        });
    }
    result
}

fn verify_dag(dag: &Dag, variables: usize, program: &Program) -> Result<(), String> {
    for (id, node) in dag.iter() {
        if node.inputs.iter().any(|input| *input >= id) {
            return Err(format!("%{} uses a later node", id.0));
        }
        verify_node(dag, node, variables, program).map_err(|what| format!("%{}: {what}", id.0))?;
    }
    let mut assigned = HashSet::new();
    for root in &dag.roots {
        if root.node().0 as usize >= dag.nodes.len() {
            return Err(format!("root %{} does not exist", root.node().0));
        }
        if let Root::Assign(variable, _) = root
            && (!assigned.insert(*variable) || variable.0 as usize >= variables)
        {
            return Err(format!("variable {} is assigned twice or unknown", variable.0));
        }
    }
    Ok(())
}

fn verify_node(dag: &Dag, node: &Node, variables: usize, program: &Program) -> Result<(), String> {
    let inputs = node.inputs.len();
    let expect = |wanted: usize| {
        if inputs == wanted { Ok(()) } else { Err(format!("{inputs} inputs instead of {wanted}")) }
    };
    match &node.kind {
        NodeKind::Literal(_) => expect(0),
        NodeKind::Variable(variable) | NodeKind::Exists(variable) if (variable.0 as usize) < variables => {
            expect(0)
        }
        NodeKind::Variable(variable) | NodeKind::Exists(variable) => {
            Err(format!("unknown variable {}", variable.0))
        }
        NodeKind::Op(op) => arity(op).map_or(Ok(()), expect),
        NodeKind::Pipeline(pipeline) => {
            expect(pipeline.inputs.len())?;
            pipeline.verify().map_err(|fault| fault.message().to_string())
        }
        NodeKind::Result(at) => {
            expect(1)?;
            let results = results(dag, node, program);
            if *at < results { Ok(()) } else { Err(format!("result {at} of {results}")) }
        }
        NodeKind::Call(id) => match program.functions.get(id.0 as usize) {
            Some(callee) => expect(callee.params.len()),
            None => Err(format!("unknown function {}", id.0)),
        },
        NodeKind::Statement(..) => Ok(()),
        NodeKind::Scatter(_, form) => expect(2 + form.rows.inputs() + form.cols.inputs()),
        NodeKind::Accumulate(_) => expect(1),
    }
}

fn results(dag: &Dag, node: &Node, program: &Program) -> usize {
    match &dag.node(node.inputs[0]).kind {
        NodeKind::Op(op) => op.results(),
        NodeKind::Pipeline(pipeline) => pipeline.results.len(),
        NodeKind::Call(id) => program.function(*id).results.len(),
        _ => 1,
    }
}

/// The number of inputs of an operator, where it is fixed.
fn arity(op: &Op) -> Option<usize> {
    Some(match op {
        Op::Unary(_)
        | Op::Aggregate(..)
        | Op::Cumulative(_)
        | Op::Product(Product::Gram | Product::GramRows) => 1,
        Op::Binary(_) | Op::Product(_) if *op != Op::Product(Product::WeightedChain) => 2,
        Op::Select | Op::Product(_) => 3,
        Op::Index(form) => 1 + form.rows.inputs() + form.cols.inputs(),
        Op::Assign(form) => 2 + form.rows.inputs() + form.cols.inputs(),
        Op::Function(row, _) if matches!(row.params, Params::Many(_) | Params::Pairs { .. }) => return None,
        Op::Function(_, present) => present.count(),
        Op::Binary(_) => 2,
    })
}
