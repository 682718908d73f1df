//! Nodes that can be steps of a pipeline.

use tilewright_ir::{Dag, Node, NodeId, NodeKind};
use tilewright_ops::product::Product;
use tilewright_ops::{Facts, Op, binary};
use tilewright_pipeline::{Made, Role, made};
use tilewright_value::{Scalar, ScalarType};

/// Matrices of fewer cells stay in the caches anyway.
const SMALL: u64 = 1 << 13;

/// Columns of the result of a product that is computed panel by panel.
const NARROW: u64 = 32;

/// Cells of the right side of such a product: it stays in the second-level cache.
const RIGHT: u64 = 1 << 15;

/// Columns of the narrower side of a sum of products of dense rows.
const THIN: u64 = 16;

/// Columns of the rows that stored cells are multiplied with.
const BESIDE_STORED: u64 = 512;

/// Cells of a register of one row, unless only stored cells are computed.
const WIDEST: u64 = 1 << 16;

/// A node as a step.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The number of rows that it goes over.
    pub(super) rows: u64,
    /// What it makes of a panel.
    pub(super) made: Made,
    /// What its inputs are to it.
    pub(super) roles: Vec<Role>,
    /// Whether it is a step only where some driver's stored cells are all that is computed.
    pub(super) needs_stored: bool,
    /// Whether one of its matrices is so large that moving it takes time.
    pub(super) is_large: bool,
}

/// What the planner knows of the nodes of a DAG.
pub(super) struct Table<'a> {
    pub(super) dag: &'a Dag,
    pub(super) candidates: Vec<Option<Candidate>>,
    /// The nodes that read each node, each once.
    pub(super) readers: Vec<Vec<NodeId>>,
    /// The nodes that are assigned to a variable, or run for their effect.
    pub(super) is_root: Vec<bool>,
    /// Bytes of each value.
    pub(super) bytes: Vec<f64>,
    /// Operations of each node alone.
    pub(super) flops: Vec<f64>,
}

impl<'a> Table<'a> {
    pub(super) fn of(dag: &'a Dag) -> Table<'a> {
        let count = dag.nodes.len();
        let mut readers: Vec<Vec<NodeId>> = vec![Vec::new(); count];
        for (id, node) in dag.iter() {
            for input in &node.inputs {
                let readers = &mut readers[input.0 as usize];
                if readers.last() != Some(&id) {
                    readers.push(id);
                }
            }
        }
        let mut is_root = vec![false; count];
        dag.roots.iter().for_each(|root| is_root[root.node().0 as usize] = true);
        let candidates: Vec<_> = dag.nodes.iter().map(|node| candidate(dag, node)).collect();
        let bytes = dag.nodes.iter().map(|node| bytes(node.fact())).collect();
        let flops = |(node, candidate): (&Node, &Option<Candidate>)| match (candidate, &node.kind) {
            (Some(_), NodeKind::Op(op)) => {
                let inputs: Vec<&Facts> = node.inputs.iter().map(|input| dag.fact(*input)).collect();
                op.flops(&inputs, node.fact()).unwrap_or(0.0)
            }
            _ => 0.0,
        };
        let flops = dag.nodes.iter().zip(&candidates).map(flops).collect();
        Table { dag, candidates, readers, is_root, bytes, flops }
    }

    pub(super) fn candidate(&self, id: NodeId) -> Option<&Candidate> {
        self.candidates[id.0 as usize].as_ref()
    }

    pub(super) fn operator(&self, id: NodeId) -> Option<&Op> {
        match &self.dag.node(id).kind {
            NodeKind::Op(op) => Some(op),
            _ => None,
        }
    }

    /// Whether `reader` can read `of` in a register: rows of the same pipeline.
    pub(super) fn is_fusible(&self, of: NodeId, reader: NodeId) -> bool {
        let (Some(from), Some(to)) = (self.candidate(of), self.candidate(reader)) else { return false };
        let inputs = &self.dag.node(reader).inputs;
        let mut roles = inputs.iter().zip(&to.roles).filter(|(input, _)| **input == of);
        from.made == Made::Panel && from.rows == to.rows && roles.all(|(_, role)| *role == Role::Panel)
    }

    /// Whether a node reads rows that none of some others make.
    pub(super) fn reads_rows(&self, id: NodeId, others: impl Fn(NodeId) -> bool) -> bool {
        let roles = self.candidate(id).map(|candidate| &candidate.roles);
        let mut inputs = roles.into_iter().flat_map(|roles| self.dag.node(id).inputs.iter().zip(roles));
        inputs.any(|(input, role)| *role == Role::Panel && !(others(*input) && self.is_fusible(*input, id)))
    }

    /// Whether a value is held sparse.
    pub(super) fn is_sparse(&self, id: NodeId) -> bool {
        let facts = self.dag.fact(id);
        facts.is_matrix() && facts.least_bytes() < facts.dense_bytes()
    }
}

/// Bytes of a matrix; nothing of scalars and of what is not known.
fn bytes(facts: &Facts) -> f64 {
    if facts.is_matrix() { facts.least_bytes().unwrap_or(0.0) } else { 0.0 }
}

/// Whether a DAG has matrices that are large enough, or of any size.
pub(super) fn is_worth_a_look(dag: &Dag, is_any_size: bool) -> bool {
    let large = |facts: &Facts| match size(facts) {
        Some((rows, cols)) => is_any_size || rows.saturating_mul(cols) >= SMALL,
        None => false,
    };
    dag.nodes.iter().any(|node| large(node.fact()))
}

/// Known rows and columns of a matrix.
fn size(facts: &Facts) -> Option<(u64, u64)> {
    if !facts.is_matrix() {
        return None;
    }
    let (rows, cols) = facts.dims();
    Some((rows.known()?, cols.known()?))
}

fn is_number(facts: &Facts) -> bool {
    facts.is_scalar() && !matches!(facts.scalar_type(), None | Some(ScalarType::String))
}

fn candidate(dag: &Dag, node: &Node) -> Option<Candidate> {
    let NodeKind::Op(op) = &node.kind else { return None };
    let inputs: Vec<&Facts> = node.inputs.iter().map(|input| dag.fact(*input)).collect();
    let (rows, roles) = match op {
        Op::Unary(_) | Op::Binary(_) | Op::Select => cellwise(&inputs, node.fact())?,
        Op::Aggregate(..) | Op::Cumulative(_) => (size(inputs[0])?.0, vec![Role::Panel]),
        Op::Index(_) => (size(inputs[0])?.0, by_kind(&inputs)?),
        Op::Function(row, _) if row.name == "outer" => outer(&inputs)?,
        Op::Function(..) => {
            let roles = by_kind(&inputs)?;
            let rows = if roles.contains(&Role::Panel) { size(inputs[0])?.0 } else { size(node.fact())?.0 };
            (rows, roles)
        }
        Op::Product(Product::Plain | Product::TransposedRight) => {
            size(inputs[1])?;
            (size(inputs[0])?.0, vec![Role::Panel, Role::Whole])
        }
        Op::Product(Product::TransposedLeft | Product::Gram) => {
            (size(inputs[0])?.0, vec![Role::Panel; inputs.len()])
        }
        _ => return None,
    };
    let made = made(op, &roles)?;
    let of_panel = |(facts, role): (&&Facts, &Role)| match (role, size(facts)) {
        (Role::Panel, Some((rows, cols))) => rows.saturating_mul(cols),
        _ => 0,
    };
    let cells = inputs.iter().zip(&roles).map(of_panel).max().unwrap_or(0);
    let own = if made == Made::Panel { size(node.fact())? } else { (0, 0) };
    let is_large = cells.max(own.0.saturating_mul(own.1)) >= SMALL;
    let is_sampled = needs_stored(op, &inputs, node.fact())? && !is_one_hot(dag, node.inputs[0]);
    let needs_stored = is_sampled || own.1 > WIDEST;
    Some(Candidate { rows, made, roles, needs_stored, is_large })
}

/// Whether a node makes one-hot rows, of which a pipeline reads the codes.
fn is_one_hot(dag: &Dag, node: NodeId) -> bool {
    matches!(&dag.node(node).kind, NodeKind::Op(Op::Function(row, _)) if row.name == "rexpand")
}

/// Whether the right side of a product is so small that a panel of rows is multiplied by it at once.
pub(super) fn fits_a_panel(right: &Facts) -> bool {
    size(right).is_some_and(|(rows, cols)| cols <= NARROW && rows.saturating_mul(cols) <= RIGHT)
}

/// Matrices are panels and numbers scalars.
fn by_kind(inputs: &[&Facts]) -> Option<Vec<Role>> {
    let role = |facts: &&Facts| match size(facts) {
        Some(_) => Some(Role::Panel),
        None => is_number(facts).then_some(Role::Scalar),
    };
    inputs.iter().map(role).collect()
}

/// The rows and roles of `outer(u, v, operator)`, if it is known that these are a column, a row and an operator.
fn outer(inputs: &[&Facts]) -> Option<(u64, Vec<Role>)> {
    let ([u, v], Some(Scalar::String(name))) = ([size(inputs[0])?, size(inputs[1])?], &inputs[2].constant)
    else {
        return None;
    };
    let is_outer = u.1 == 1 && v.0 == 1 && binary::find(name).is_some();
    is_outer.then(|| (u.0, vec![Role::Panel, Role::Row, Role::Scalar]))
}

/// The rows and roles of a cell-by-cell operator.
fn cellwise(inputs: &[&Facts], result: &Facts) -> Option<(u64, Vec<Role>)> {
    let (rows, _) = size(result)?;
    let role = |facts: &&Facts| match size(facts) {
        Some((own, _)) if own == rows => Some(Role::Panel),
        Some((1, _)) => Some(Role::Row),
        Some(_) => None,
        None => is_number(facts).then_some(Role::Scalar),
    };
    Some((rows, inputs.iter().map(role).collect::<Option<_>>()?))
}

/// Whether a product can only be a step where stored cells are all that is computed; `None` if not even there.
fn needs_stored(op: &Op, inputs: &[&Facts], result: &Facts) -> Option<bool> {
    let Op::Product(form) = op else { return Some(false) };
    let (rows, cols) = size(result)?;
    let is_sparse = |facts: &Facts| facts.least_bytes() < facts.dense_bytes();
    match form {
        Product::Plain | Product::TransposedRight => {
            let right = size(inputs[1])?;
            Some(cols > NARROW || right.0 * right.1 > RIGHT)
        }
        Product::Gram => (cols <= THIN).then_some(is_sparse(inputs[0])),
        _ if rows.min(cols) <= THIN => Some(false),
        _ => (rows.min(cols) <= BESIDE_STORED).then_some(true),
    }
}
