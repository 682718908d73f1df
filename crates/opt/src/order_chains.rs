//! Puts chains of matrix products into the order of least work.
//!
//! ```text
//! A %*% B %*% v          ->  A %*% (B %*% v)
//! t(A %*% B) %*% c       ->  t(B) %*% (t(A) %*% c)
//! ```
//!
//! A chain is gathered from products that nobody else needs, through transposes. Work is found from dimensions
//! ([`chain::order_dense`]); where a matrix is known to be mostly zero, by the cells that are not
//! ([`chain::sparse::order_sparse`]): by the cells themselves, if the program runs already and they are there.

use std::collections::HashMap;

use tilewright_ir::{Ceilings, Class, Dag, Node, NodeId, NodeKind, VarId};
use tilewright_matrix::estimate::{Estimate, Leaf, Shape};
use tilewright_ops::product::Product;
use tilewright_ops::{Facts, Op};
use tilewright_value::{Block, Matrix};

use crate::chain::sparse::{Basis, Factor, cost_sparse, order_sparse};
use crate::chain::{self, Order};
use crate::products::{transpose, transposed};
use crate::{Options, cost};

/// The name under which `--no-rewrite` switches this pass off.
pub const NAME: &str = "order-chains";

/// Matrices with fewer than this share of cells that are not zero count by cells.
const SPARSE: f64 = 0.4;

/// Longer chains are ordered by their dimensions alone: sketches are made of every stretch.
const SKETCHED: usize = 24;

/// The matrices that variables hold, as far as they are there.
pub type Matrices<'a> = &'a dyn Fn(VarId) -> Option<Matrix>;

/// Orders the chains of a DAG.
pub fn order_chains(dag: &mut Dag, matrices: Matrices<'_>, options: &Options) {
    if options.as_written || options.disabled.contains(NAME) {
        return;
    }
    let uses = dag.uses();
    let mut inner = vec![false; dag.nodes.len()];
    let mut ordered: Vec<(NodeId, Vec<Operand>, Order)> = Vec::new();
    for at in (0..dag.nodes.len()).rev() {
        let id = NodeId(at as u32);
        if inner[at] || !is_product(dag, id) {
            continue;
        }
        let mut gathered =
            Chain { dag, uses: &uses, operands: Vec::new(), products: Vec::new(), inner: &mut inner };
        gathered.gather(id, false, true);
        let Chain { operands, products, .. } = gathered;
        if operands.len() > 2
            && let Some(order) = better(dag, (&operands, &products), matrices, options)
        {
            ordered.push((id, operands, order));
        }
    }
    if !ordered.is_empty() {
        *dag = rebuilt(dag, ordered);
    }
}

/// A matrix of a chain.
#[derive(Debug, Clone, Copy)]
struct Operand {
    node: NodeId,
    transposed: bool,
}

fn is_product(dag: &Dag, id: NodeId) -> bool {
    dag.node(id).kind == NodeKind::Op(Op::Product(Product::Plain))
}

/// A chain while it is gathered.
struct Chain<'a> {
    dag: &'a Dag,
    uses: &'a [usize],
    operands: Vec<Operand>,
    /// The products as they are written, as in [`Order`], with operands by their position.
    products: Vec<(Part, Part)>,
    inner: &'a mut [bool],
}

/// A side of a product as it is written.
#[derive(Debug, Clone, Copy)]
enum Part {
    Operand(usize),
    Product(usize),
}

impl Chain<'_> {
    /// The operands below a node in order, transposed or not; those below other products only where nobody else needs
    /// them.
    fn gather(&mut self, id: NodeId, is_transposed: bool, is_root: bool) -> Part {
        let alone = is_root || self.uses[id.0 as usize] == 1;
        if let Some(below) = transposed(self.dag, id) {
            let is_chain = is_product(self.dag, below) && alone && self.uses[below.0 as usize] == 1;
            if is_chain {
                return self.gather(below, !is_transposed, false);
            }
            return self.operand(below, !is_transposed);
        }
        if !alone || !is_product(self.dag, id) {
            return self.operand(id, is_transposed);
        }
        self.inner[id.0 as usize] = true;
        let (a, b) = (self.dag.node(id).inputs[0], self.dag.node(id).inputs[1]);
        let (first, second) = if is_transposed { (b, a) } else { (a, b) };
        let left = self.gather(first, is_transposed, false);
        let right = self.gather(second, is_transposed, false);
        self.products.push((left, right));
        Part::Product(self.products.len() - 1)
    }

    fn operand(&mut self, node: NodeId, transposed: bool) -> Part {
        self.operands.push(Operand { node, transposed });
        Part::Operand(self.operands.len() - 1)
    }
}

/// The order of least work, if it is less than that of the order as written.
fn better(
    dag: &Dag,
    (operands, written): (&[Operand], &[(Part, Part)]),
    matrices: Matrices<'_>,
    options: &Options,
) -> Option<Order> {
    let shapes: Vec<Shape> = operands.iter().map(|operand| shape(dag, *operand)).collect::<Option<_>>()?;
    let number = |part: Part| match part {
        Part::Operand(at) => at,
        Part::Product(at) => operands.len() + at,
    };
    let written: Vec<_> = written.iter().map(|(left, right)| (number(*left), number(*right))).collect();
    let sparse = |operand: &Operand| is_sparse(dag.fact(operand.node));
    if operands.len() <= SKETCHED && operands.iter().any(sparse) {
        let held: Vec<Option<Matrix>> =
            operands.iter().map(|operand| held(dag, *operand, matrices)).collect();
        let blocks: Vec<_> = held.iter().map(|matrix| matrix.as_ref().map(Matrix::pin)).collect();
        let factor = |(at, operand): (usize, &Operand)| Factor {
            leaf: leaf(blocks[at].as_deref(), dag.fact(operand.node), shapes[at], operand.transposed),
            transposed: operand.transposed,
        };
        let factors: Vec<Factor<'_>> = operands.iter().enumerate().map(factor).collect();
        let basis = Basis { method: options.estimator, machine: &options.machine };
        let order = order_sparse(&factors, basis)?;
        return Some(order).filter(|order| cost::is_less(order.cost, cost_sparse(&factors, &written, basis)));
    }
    let dims: Vec<f64> = std::iter::once(shapes[0].rows)
        .chain(shapes.iter().map(|shape| shape.cols))
        .map(|n| n as f64)
        .collect();
    let ceilings = options.machine.ceilings(Class::Product);
    let order = chain::order_dense(&dims, &ceilings);
    Some(order).filter(|order| cost::is_less(order.cost, cost_dense(&dims, &written, &ceilings)))
}

fn shape(dag: &Dag, operand: Operand) -> Option<Shape> {
    let (rows, cols) = dag.fact(operand.node).dims();
    let (rows, cols) = (usize::try_from(rows.known()?).ok()?, usize::try_from(cols.known()?).ok()?);
    Some(if operand.transposed { Shape { rows: cols, cols: rows } } else { Shape { rows, cols } })
}

fn is_sparse(facts: &Facts) -> bool {
    let cells = facts.dense_bytes().map(|bytes| bytes / 8.0);
    cells.zip(facts.nnz.bound()).is_some_and(|(cells, nnz)| (nnz as f64) < SPARSE * cells)
}

fn held(dag: &Dag, operand: Operand, matrices: Matrices<'_>) -> Option<Matrix> {
    match dag.node(operand.node).kind {
        NodeKind::Variable(variable) => matrices(variable),
        _ => None,
    }
}

/// A matrix for the estimator, as it is before it is transposed.
fn leaf<'a>(block: Option<&'a Block>, facts: &Facts, shape: Shape, transposed: bool) -> Leaf<'a> {
    let shape = if transposed { Shape { rows: shape.cols, cols: shape.rows } } else { shape };
    match block {
        Some(Block::Sparse(csr)) if (csr.rows(), csr.cols()) == (shape.rows, shape.cols) => Leaf::Sparse(csr),
        _ => {
            let upper = facts.nnz.bound().map_or(shape.cells(), |nnz| nnz as f64);
            Leaf::Known { shape, count: Estimate { nnz: upper, lower: 0.0, upper } }
        }
    }
}

/// The cost of products as they are written.
fn cost_dense(dims: &[f64], products: &[(usize, usize)], ceilings: &Ceilings) -> f64 {
    let mut stretches: Vec<(usize, usize)> = (0..dims.len() - 1).map(|at| (at, at)).collect();
    let cost = |&(left, right): &(usize, usize)| {
        let ((i, k), (_, j)) = (stretches[left], stretches[right]);
        stretches.push((i, j));
        chain::product_dense(ceilings, (dims[i], dims[k + 1], dims[j + 1]))
    };
    products.iter().map(cost).sum()
}

/// The DAG with chains in their new order.
fn rebuilt(dag: &Dag, ordered: Vec<(NodeId, Vec<Operand>, Order)>) -> Dag {
    let moved = Vec::with_capacity(dag.nodes.len());
    let mut builder = Rebuilt { out: Dag::default(), moved, transposes: HashMap::new() };
    let mut chains = ordered.into_iter().rev().peekable();
    for (id, node) in dag.iter() {
        let moved = match chains.next_if(|(root, ..)| *root == id) {
            Some((_, operands, order)) => builder.chain(&operands, &order, node),
            None => {
                let inputs = node.inputs.iter().map(|input| builder.moved[input.0 as usize]).collect();
                builder.push(Node { inputs, ..node.clone() })
            }
        };
        builder.moved.push(moved);
    }
    let moved = |node: NodeId| builder.moved[node.0 as usize];
    builder.out.roots = dag.roots.iter().map(|root| root.with_node(moved(root.node()))).collect();
    builder.out.compact();
    builder.out
}

struct Rebuilt {
    out: Dag,
    moved: Vec<NodeId>,
    /// The transposes of matrices.
    transposes: HashMap<NodeId, NodeId>,
}

impl Rebuilt {
    fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.out.nodes.len() as u32);
        if node.kind == NodeKind::Op(transpose()) {
            self.transposes.entry(node.inputs[0]).or_insert(id);
        }
        self.out.nodes.push(node);
        id
    }

    fn operator(&mut self, op: Op, inputs: Vec<NodeId>, root: &Node) -> NodeId {
        let known: Vec<Facts> = inputs.iter().map(|input| self.out.fact(*input).clone()).collect();
        let facts = op.infer(&known).unwrap_or_else(|_| vec![Facts::UNKNOWN]);
        self.push(Node { kind: NodeKind::Op(op), inputs, span: root.span, facts })
    }

    /// The products of a chain; all of them stand where the chain ends.
    fn chain(&mut self, operands: &[Operand], order: &Order, root: &Node) -> NodeId {
        let moved = |operand: &Operand| Operand { node: self.moved[operand.node.0 as usize], ..*operand };
        let mut values: Vec<Operand> = operands.iter().map(moved).collect();
        for &(left, right) in &order.products {
            let product = self.product(values[left], values[right], root);
            values.push(product);
        }
        let last = values[values.len() - 1];
        self.plain(last, root)
    }

    /// Two transposed matrices are multiplied the other way round where that leaves less to transpose.
    fn product(&mut self, a: Operand, b: Operand, root: &Node) -> Operand {
        let op = Op::Product(Product::Plain);
        let cells = |operand: Operand| self.out.fact(operand.node).dense_bytes().unwrap_or(f64::INFINITY);
        let result = {
            let outer = |operand: Operand, row: bool| {
                let (rows, cols) = self.out.fact(operand.node).dims();
                if row == operand.transposed { cols } else { rows }
            };
            let cells = outer(a, true).times(outer(b, false)).known();
            cells.map_or(f64::INFINITY, |cells| 8.0 * cells as f64)
        };
        if a.transposed && b.transposed && result <= cells(a).min(cells(b)) {
            let node = self.operator(op, vec![b.node, a.node], root);
            return Operand { node, transposed: true };
        }
        let inputs = vec![self.plain(a, root), self.plain(b, root)];
        Operand { node: self.operator(op, inputs, root), transposed: false }
    }

    fn plain(&mut self, operand: Operand, root: &Node) -> NodeId {
        match self.transposes.get(&operand.node) {
            _ if !operand.transposed => operand.node,
            Some(known) => *known,
            None => self.operator(transpose(), vec![operand.node], root),
        }
    }
}
