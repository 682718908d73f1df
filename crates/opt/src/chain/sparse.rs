//! Chains of matrices with zeros, by the work on cells that are not zero.
//!
//! A product of matrices takes `sum_k cols(A)[k] rows(B)[k]` of them, for counts of the cells of the columns of A and the rows of B.
//! The counts of leaves are known; those of a stretch come from the sketches of its best split
//! ([`tilewright_matrix::estimate::mnc`] unless another estimator is chosen), each made once and only for stretches that a
//! longer one may use. Where a matrix is known by its size and number of cells only, these are taken to lie evenly. With
//! the numbers of cells of both sides that is its work ([`Work::product`]), of which a machine tells the cost.

use tilewright_ir::work::Size;
use tilewright_ir::{Machine, Work};
use tilewright_matrix::estimate::method::Method;
use tilewright_matrix::estimate::workspace::{Estimates, Node};
use tilewright_matrix::estimate::{Leaf, Op, Shape};

use super::{Costs, Order, order_by};

/// A matrix of a chain.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'a> {
    /// The matrix.
    pub leaf: Leaf<'a>,
    /// Whether its transpose stands in the chain.
    pub transposed: bool,
}

impl Factor<'_> {
    fn shape(&self) -> Shape {
        let Shape { rows, cols } = self.leaf.shape();
        if self.transposed { Shape { rows: cols, cols: rows } } else { Shape { rows, cols } }
    }
}

/// How chains are estimated.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// The estimator of cells that are not zero.
    pub method: Method,
    /// What work costs.
    pub machine: &'a Machine,
}

/// The order of least cost. None where the shapes do not fit to a chain.
///
/// Takes `n^2 / 2` sketches, which are as long as the dimensions, and `n^3 / 6` passes over two of them.
pub fn order_sparse(factors: &[Factor<'_>], basis: Basis<'_>) -> Option<Order> {
    let fits = |pair: &[Factor<'_>]| pair[0].shape().cols == pair[1].shape().rows;
    factors.windows(2).all(fits).then(|| {
        let mut stretches = Stretches::new(factors, basis);
        order_by(factors.len(), &mut stretches)
    })
}

/// The cost of a chain in the order of its products, which are as in [`Order`].
pub fn cost_sparse(factors: &[Factor<'_>], products: &[(usize, usize)], basis: Basis<'_>) -> f64 {
    let mut stretches = Stretches::new(factors, basis);
    let mut places: Vec<(usize, usize)> = (0..factors.len()).map(|at| (at, at)).collect();
    let mut cost = 0.0;
    for &(left, right) in products {
        let ((i, k), (_, j)) = (places[left], places[right]);
        cost += stretches.product(i, k, j);
        stretches.settle(i, k, j);
        places.push((i, j));
    }
    cost
}

/// The sketches of the stretches so far.
struct Stretches<'a, 'm> {
    workspace: Box<dyn Estimates<'a> + 'a>,
    machine: &'m Machine,
    count: usize,
    /// By first and last matrix.
    nodes: Vec<Option<(Node, Size)>>,
}

impl<'a, 'm> Stretches<'a, 'm> {
    fn new(factors: &[Factor<'a>], basis: Basis<'m>) -> Stretches<'a, 'm> {
        let count = factors.len();
        let mut workspace = basis.method.workspace();
        let mut nodes = vec![None; count * count];
        for (i, factor) in factors.iter().enumerate() {
            let leaf = workspace.leaf(factor.leaf);
            let node = if factor.transposed { workspace.apply(Op::Transpose, &[leaf]) } else { leaf };
            workspace.sketch(node);
            nodes[i * count + i] = Some((node, size(&mut *workspace, node)));
        }
        Stretches { workspace, machine: basis.machine, count, nodes }
    }

    fn node(&self, i: usize, j: usize) -> (Node, Size) {
        self.nodes[i * self.count + j].expect("invariant: shorter stretches are settled first")
    }
}

fn size(workspace: &mut dyn Estimates<'_>, node: Node) -> Size {
    let Shape { rows, cols } = workspace.shape(node);
    Size { rows: rows as f64, cols: cols as f64, nnz: workspace.estimate(node).nnz }
}

impl Costs for Stretches<'_, '_> {
    fn product(&mut self, i: usize, k: usize, j: usize) -> f64 {
        let ((left, left_size), (right, right_size)) = (self.node(i, k), self.node(k + 1, j));
        let multiply_adds = self.workspace.multiply_adds(left, right);
        self.machine.cost(&Work::product(left_size, right_size, multiply_adds))
    }

    fn settle(&mut self, i: usize, k: usize, j: usize) {
        // The whole chain is no part of a longer one.
        if j - i + 1 == self.count {
            return;
        }
        let inputs = [self.node(i, k).0, self.node(k + 1, j).0];
        let node = self.workspace.apply(Op::Product, &inputs);
        self.workspace.sketch(node);
        let size = size(&mut *self.workspace, node);
        self.nodes[i * self.count + j] = Some((node, size));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use tilewright_matrix::estimate::Estimate;
    use tilewright_matrix::{Csr, sparse_product};

    use super::super::tests::{brute_force, cost_of, nominal};
    use super::*;

    /// A matrix of ones whose columns (or rows) crowd at the beginning.
    fn skewed(rows: usize, cols: usize, per_row: usize, seed: usize) -> Csr {
        let mut state = seed as u64 + 1;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut row_ptr, mut col) = (vec![0], Vec::new());
        for _ in 0..rows {
            let mut row: Vec<u32> = (0..per_row).map(|_| (cols as f64 * draw().powi(3)) as u32).collect();
            row.sort_unstable();
            row.dedup();
            col.extend(row);
            row_ptr.push(col.len());
        }
        let val = vec![1.0; col.len()];
        Csr::from_parts(rows, cols, row_ptr, col, val)
    }

    /// The true multiply-adds of the product of two stretches.
    fn true_costs(chain: &[Csr]) -> impl Fn(usize, usize, usize) -> f64 + '_ {
        let count = chain.len();
        let mut stretches = vec![None; count * count];
        for i in 0..count {
            let mut product = chain[i].clone();
            stretches[i * count + i] = Some(product.clone());
            for j in i + 1..count {
                product = sparse_product::csr_csr(&product, &chain[j]);
                stretches[i * count + j] = Some(product.clone());
            }
        }
        move |i, k, j| {
            let (a, b) = (&stretches[i * count + k], &stretches[(k + 1) * count + j]);
            let (Some(a), Some(b)) = (a, b) else { panic!("{i} {k} {j} is no stretch") };
            a.col().iter().map(|&k| b.row(k as usize).0.len() as f64).sum()
        }
    }

    static NOMINAL: LazyLock<Machine> = LazyLock::new(Machine::default);

    fn basis(method: Method) -> Basis<'static> {
        Basis { method, machine: &NOMINAL }
    }

    fn order(chain: &[Csr]) -> Order {
        order_sparse(&factors(chain.iter().map(Leaf::Sparse)), basis(Method::Mnc)).unwrap()
    }

    fn factors<'a>(leaves: impl Iterator<Item = Leaf<'a>>) -> Vec<Factor<'a>> {
        leaves.map(|leaf| Factor { leaf, transposed: false }).collect()
    }

    #[test]
    fn close_to_the_best_order_of_real_counts() {
        let (mut chosen, mut least) = (0.0, 0.0);
        for seed in 0..30 {
            let count = 3 + seed % 5;
            let size = |k: usize| 20 + (seed * 37 + k * 53) % 120;
            let chain: Vec<Csr> = (0..count)
                .map(|k| skewed(size(k), size(k + 1), 1 + (seed + 3 * k) % 6, seed * 100 + k))
                .collect();
            let cost = true_costs(&chain);
            let best = brute_force(0, count - 1, &cost);
            let ours = cost_of(&order(&chain), count, &cost);
            assert!(ours <= 2.0 * best, "{seed}: {ours} {best}");
            (chosen, least) = (chosen + ours, least + best);
        }
        assert!(chosen <= 1.1 * least, "{chosen} {least}");
    }

    #[test]
    fn a_selection_comes_first() {
        // Square matrices leave the order open by their dimensions; a matrix of a few cells decides it.
        let graph = || skewed(200, 200, 6, 3);
        let few = Csr::from_parts(200, 200, [vec![0], vec![1; 200]].concat(), vec![7], vec![1.0]);
        let chain = [few, graph(), graph(), graph()];
        assert_eq!(order(&chain).products, [(0, 1), (4, 2), (5, 3)]);
        let turned = chain.iter().rev().map(|matrix| Factor { leaf: Leaf::Sparse(matrix), transposed: true });
        let turned: Vec<Factor<'_>> = turned.collect();
        let mnc = basis(Method::Mnc);
        let order = order_sparse(&turned, mnc).unwrap();
        assert_eq!(order.products, [(2, 3), (1, 4), (0, 5)]);
        assert_eq!(cost_sparse(&turned, &order.products, mnc), order.cost);
        assert!(cost_sparse(&turned, &[(0, 1), (4, 2), (5, 3)], mnc) > 4.0 * order.cost);
    }

    #[test]
    fn sizes_alone_and_full_matrices_are_ordered_as_dense_ones() {
        let dims = [30, 35, 15, 5, 10, 20, 25];
        let known = |pair: &[usize]| Leaf::Known {
            shape: Shape { rows: pair[0], cols: pair[1] },
            count: Estimate::exact((pair[0] * pair[1]) as f64),
        };
        let leaves = factors(dims.windows(2).map(known));
        let dense = super::super::order_dense(&dims.map(|dim| dim as f64), &nominal());
        let check = |order: &Order, what: &str| {
            assert_eq!(order.products, dense.products, "{what}");
            assert!((order.cost - dense.cost).abs() < 1e-12 * dense.cost, "{what}");
        };
        for method in Method::ALL {
            check(&order_sparse(&leaves, basis(*method)).unwrap(), method.name());
        }
        let full: Vec<tilewright_matrix::Dense> =
            dims.windows(2).map(|pair| tilewright_matrix::Dense::filled(pair[0], pair[1], 1.0)).collect();
        let leaves = factors(full.iter().map(Leaf::Dense));
        check(&order_sparse(&leaves, basis(Method::Mnc)).unwrap(), "full");
    }

    #[test]
    fn shapes_must_fit() {
        let (a, b) = (Csr::empty(2, 3), Csr::empty(4, 2));
        assert_eq!(
            order_sparse(&factors([Leaf::Sparse(&a), Leaf::Sparse(&b)].into_iter()), basis(Method::Mnc)),
            None
        );
        assert_eq!(order_sparse(&[], basis(Method::Mnc)).unwrap().products, []);
    }
}
