//! Every estimator against the definition.

use rayon::prelude::*;

use super::hashing::{Hashing, KEPT};
use super::layered_graph::{DRAWS, LayeredGraph};
use super::method::Method;
use super::mnc::Mnc;
use super::random::hash;
use super::sampling::{Form, Sampling};
use super::workspace::{Estimates, Workspace};
use super::*;
use crate::reference::estimate::{Structure, apply};
use crate::testing::in_pools;

/// Draws of a test.
struct Draws(u64, usize);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.1 += 1;
        (hash(self.1, self.0) % bound.max(1) as u64) as usize
    }

    /// Rows, columns and cells of many kinds: sparse to full, single cells in rows or columns, skewed, diagonal.
    fn structure(&mut self, shape: Shape) -> Structure {
        let (kind, parts) = (self.below(8), 1 + self.below(10));
        let seed = self.below(usize::MAX) as u64;
        let chosen = |at: usize, n: usize| (hash(at, seed) % n.max(1) as u64) as usize;
        Structure::from_fn(shape, |i, j| match kind {
            0 => j == chosen(i, shape.cols),
            1 => i == chosen(j, shape.rows),
            2 => i == j && chosen(i, parts) < 3,
            3 => chosen(i * shape.cols + j, 10) >= parts,
            4 => chosen(i, 3) == 0 && chosen(j, 2) == 0,
            5 => true,
            _ => chosen(i * shape.cols + j, parts) == 0,
        })
    }
}

fn csr(x: &Structure) -> Csr {
    let cells: Vec<f64> = x.cells.iter().map(|&cell| f64::from(cell)).collect();
    Csr::from_dense(&Dense::from_cells(x.shape.rows, x.shape.cols, &cells))
}

fn shape(rows: usize, cols: usize) -> Shape {
    Shape { rows, cols }
}

/// A random expression: the structures of its nodes, and how each is made; leaves have no operation.
type Made = (Option<(Op, Vec<usize>)>, Structure);

fn expression(draws: &mut Draws) -> Vec<Made> {
    let first = shape(draws.below(7), draws.below(7));
    let mut nodes: Vec<Made> = vec![(None, draws.structure(first))];
    for _ in 0..1 + draws.below(4) {
        let last = nodes.len() - 1;
        let of = nodes[last].1.shape;
        let other = draws.below(7);
        let (op, side) = match draws.below(11) {
            0 | 1 => (Op::Product, Some(shape(of.cols, other))),
            2 => (Op::Plus, Some(of)),
            3 => (Op::Times, Some(of)),
            4 => (Op::Cbind, Some(shape(of.rows, other))),
            5 => (Op::Rbind, Some(shape(other, of.cols))),
            6 if of.cols == 1 => (Op::DiagMatrix, None),
            6 | 7 if of.rows == of.cols => (Op::DiagVector, None),
            8 => (Op::Reshape(shape(of.cols, of.rows)), None),
            9 => (Op::EqualsZero, None),
            10 => (Op::NotZero, None),
            _ => (Op::Transpose, None),
        };
        let mut inputs = vec![last];
        if let Some(side) = side {
            nodes.push((None, draws.structure(side)));
            inputs.push(last + 1);
        }
        let structures: Vec<&Structure> = inputs.iter().map(|&at| &nodes[at].1).collect();
        let result = apply(op, &structures).unwrap();
        nodes.push((Some((op, inputs)), result));
    }
    nodes
}

/// The estimates of all nodes.
fn estimates(method: Method, nodes: &[Made]) -> Vec<Estimate> {
    let leaves: Vec<Csr> = nodes.iter().map(|(_, structure)| csr(structure)).collect();
    let mut workspace = method.workspace();
    let mut made = Vec::new();
    for ((source, _), leaf) in nodes.iter().zip(&leaves) {
        made.push(match source {
            None => workspace.leaf(Leaf::Sparse(leaf)),
            Some((op, inputs)) => {
                let inputs: Vec<_> = inputs.iter().map(|&at| made[at]).collect();
                workspace.apply(*op, &inputs)
            }
        });
    }
    made.into_iter().map(|node| workspace.estimate(node)).collect()
}

fn check_bounds(method: Method, nodes: &[Made]) {
    for ((source, structure), estimate) in nodes.iter().zip(estimates(method, nodes)) {
        let (nnz, told) = (structure.nnz() as f64, (method, source, estimate, structure.nnz()));
        assert!(estimate.lower <= nnz && nnz <= estimate.upper, "{told:?}\n{nodes:?}");
        assert!(estimate.lower <= estimate.nnz && estimate.nnz <= estimate.upper, "{told:?}");
        if method == Method::Bitset {
            assert_eq!(estimate, Estimate::exact(nnz), "{told:?}");
        }
    }
}

#[test]
fn bounds_hold_for_100_000_products() {
    (0..100_000_u64).into_par_iter().for_each(|case| {
        let mut draws = Draws(case, 0);
        let (m, n, l) = (draws.below(8), draws.below(8), draws.below(8));
        let (a, b) = (draws.structure(shape(m, n)), draws.structure(shape(n, l)));
        let product = apply(Op::Product, &[&a, &b]).unwrap();
        let nodes = [(None, a), (None, b), (Some((Op::Product, vec![0, 1])), product)];
        let own = [Method::MetadataAverage, Method::Bitset, Method::SamplingBiased, Method::Mnc];
        own.into_iter().for_each(|method| check_bounds(method, &nodes));
    });
}

#[test]
fn bounds_hold_for_expressions() {
    (0..6_000_u64).into_par_iter().for_each(|case| {
        let nodes = expression(&mut Draws(case, 0));
        Method::ALL.iter().for_each(|&method| check_bounds(method, &nodes));
    });
}

#[test]
fn dense_leaves_count_like_sparse_ones() {
    let mut draws = Draws(3, 0);
    let (a, b) = (csr(&draws.structure(shape(40, 30))), csr(&draws.structure(shape(30, 50))));
    let (dense_a, dense_b) = (a.to_dense(), b.to_dense());
    for &method in Method::ALL {
        let nnz = |a: Leaf<'_>, b: Leaf<'_>| product(&mut *method.workspace(), a, b).nnz;
        let sparse = nnz(Leaf::Sparse(&a), Leaf::Sparse(&b));
        assert_eq!(sparse, nnz(Leaf::Dense(&dense_a), Leaf::Dense(&dense_b)), "{method:?}");
    }
}

fn product<'a>(workspace: &mut (dyn Estimates<'a> + 'a), a: Leaf<'a>, b: Leaf<'a>) -> Estimate {
    let inputs = [workspace.leaf(a), workspace.leaf(b)];
    let node = workspace.apply(Op::Product, &inputs);
    workspace.estimate(node)
}

#[test]
fn sizes_alone_give_the_average() {
    let known = |rows, cols, nnz| Leaf::Known { shape: Shape { rows, cols }, count: Estimate::exact(nnz) };
    for &method in Method::ALL {
        let estimate = product(&mut *method.workspace(), known(1000, 500, 5e3), known(500, 2000, 1e4));
        // (1 - (1 - 0.01 * 0.01)^500) * 2e6, of Python.
        let expected = if method == Method::MetadataWorst { 2e6 } else { 97545.90745684877 };
        assert!((estimate.nnz / expected - 1.0).abs() < 1e-12, "{method:?} {estimate:?}");
        assert_eq!(estimate.upper, 2e6);
    }
    let full = product(&mut *Method::Mnc.workspace(), known(3, 4, 12.0), known(4, 5, 17.0));
    // Two columns of B are full at least, and three of its rows have a cell in some other column.
    assert_eq!((full.lower, full.upper), (15.0, 15.0));
}

/// A random structure with about one cell in `parts` not zero.
fn scattered(seed: u64, shape: Shape, parts: u64) -> Structure {
    Structure::from_fn(shape, |i, j| hash(i * shape.cols + j, seed).is_multiple_of(parts))
}

/// The mean of the estimates of `A %*% B` over seeds, relative to the truth.
fn mean_ratio<E: for<'a> Estimator<'a>>(estimator: impl Fn(u64) -> E, seeds: u64, parts: u64) -> f64 {
    let (a, b) = (scattered(1, shape(150, 120), parts), scattered(2, shape(120, 160), parts));
    let truth = apply(Op::Product, &[&a, &b]).unwrap().nnz() as f64;
    let (a, b) = (csr(&a), csr(&b));
    let sum: f64 = (0..seeds)
        .map(|seed| product(&mut Workspace::new(estimator(seed)), Leaf::Sparse(&a), Leaf::Sparse(&b)).nnz)
        .sum();
    sum / seeds as f64 / truth
}

#[test]
fn unbiased_estimates_meet_the_truth_in_the_mean() {
    for parts in [10, 20, 60] {
        // The errors of the rows of one layered graph are not independent: the standard error of a mean of 200 lies
        // below 1 / sqrt(DRAWS * 200) = 1.3 %, that of hashing below 1 / sqrt(KEPT * 200) = 0.2 %.
        let layered = mean_ratio(|seed| LayeredGraph { seed }, 200, parts);
        assert!((layered - 1.0).abs() < 3.0 / (DRAWS as f64 * 200.0).sqrt(), "{parts}: {layered}");
        let hashed = mean_ratio(|seed| Hashing { seed }, 200, parts);
        assert!((hashed - 1.0).abs() < 3.0 / (KEPT as f64 * 200.0).sqrt(), "{parts}: {hashed}");
        // Cells lie evenly, as the formula has it.
        let sampled = mean_ratio(|seed| Sampling { form: Form::Unbiased, seed }, 200, parts);
        assert!((sampled - 1.0).abs() < 0.05, "{parts}: {sampled}");
    }
    let biased = mean_ratio(|seed| Sampling { form: Form::Biased, seed }, 20, 20);
    assert!(biased < 1.0);
}

#[test]
fn few_cells_are_hashed_exactly() {
    for seed in 0..20 {
        let (a, b) = (scattered(seed, shape(60, 50), 30), scattered(seed + 100, shape(50, 70), 30));
        let truth = apply(Op::Product, &[&a, &b]).unwrap().nnz();
        assert!((1..KEPT).contains(&truth), "{truth}");
        let (a, b) = (csr(&a), csr(&b));
        let estimate = product(&mut *Method::Hashing.workspace(), Leaf::Sparse(&a), Leaf::Sparse(&b));
        assert_eq!(estimate.nnz, truth as f64);
    }
}

#[test]
fn one_cell_in_each_row_is_exact_for_counts() {
    for seed in 0..50 {
        let mut draws = Draws(seed, 0);
        let one = Structure::from_fn(shape(60, 40), |i, j| (hash(i, seed) % 40) as usize == j);
        let other = draws.structure(shape(40, 30));
        let mut nodes = vec![(None, one.clone()), (None, other.clone())];
        nodes.push((Some((Op::Product, vec![0, 1])), apply(Op::Product, &[&one, &other]).unwrap()));
        let estimate = estimates(Method::Mnc, &nodes)[2];
        assert_eq!(estimate, Estimate::exact(nodes[2].1.nnz() as f64));
    }
}

/// The formula of the row-wise estimator, cell by cell.
#[test]
fn rows_follow_their_formula() {
    let (a, b) = (scattered(5, shape(30, 20), 4), scattered(6, shape(20, 25), 5));
    let density = |k: usize| (0..25).filter(|j| b.cells[k * 25 + j]).count() as f64 / 25.0;
    let row = |i: usize| {
        let zero: f64 = (0..20).filter(|k| a.cells[i * 20 + k]).map(|k| 1.0 - density(k)).product();
        25.0 * (1.0 - zero)
    };
    let expected: f64 = (0..30).map(row).sum();
    let (a, b) = (csr(&a), csr(&b));
    let estimate = product(&mut *Method::RowWise.workspace(), Leaf::Sparse(&a), Leaf::Sparse(&b));
    assert!((estimate.nnz / expected - 1.0).abs() < 1e-12, "{estimate:?} {expected}");
}

/// The generic and the hybrid formula, written out.
#[test]
fn counts_follow_their_formula() {
    let (a, b) = (scattered(7, shape(30, 20), 12), scattered(8, shape(20, 25), 9));
    let row = |x: &Structure, i: usize| (0..x.shape.cols).filter(|j| x.cells[i * x.shape.cols + j]).count();
    let col = |x: &Structure, j: usize| (0..x.shape.rows).filter(|i| x.cells[i * x.shape.cols + j]).count();
    let (mut certain, mut zero) = (0.0, 1.0);
    let rows = (0..30).filter(|&i| row(&a, i) > 1).count() as f64;
    let cols = (0..25).filter(|&j| col(&b, j) > 1).count() as f64;
    for k in 0..20 {
        let alone_a = (0..30).filter(|&i| a.cells[i * 20 + k] && row(&a, i) == 1).count() as f64;
        let alone_b = (0..25).filter(|&j| b.cells[k * 25 + j] && col(&b, j) == 1).count() as f64;
        let (in_a, in_b) = (col(&a, k) as f64, row(&b, k) as f64);
        certain += alone_a * in_b + (in_a - alone_a) * alone_b;
        zero *= 1.0 - (in_a - alone_a) * (in_b - alone_b) / (rows * cols);
    }
    assert!(certain > 0.0);
    let expected = certain + rows * cols * (1.0 - zero);
    let (a, b) = (csr(&a), csr(&b));
    let estimate = product(&mut *Method::Mnc.workspace(), Leaf::Sparse(&a), Leaf::Sparse(&b));
    assert!((estimate.nnz / expected - 1.0).abs() < 1e-12, "{estimate:?} {expected}");
}

#[test]
fn sketches_of_results_keep_about_their_cells() {
    let (a, b) = (csr(&scattered(1, shape(3000, 400), 300)), csr(&scattered(2, shape(400, 2000), 300)));
    let mut workspace = Workspace::new(Mnc { seed: 1 });
    let inputs = [workspace.leaf(Leaf::Sparse(&a)), workspace.leaf(Leaf::Sparse(&b))];
    let node = workspace.apply(Op::Product, &inputs);
    let nnz = workspace.estimate(node).nnz;
    workspace.sketch(node);
    let counts = workspace.structure(node).unwrap();
    assert!(!counts.is_exact);
    for side in [&counts.rows, &counts.cols] {
        assert!((side.total / nnz - 1.0).abs() < 0.05, "{} {nnz}", side.total);
    }
    // Rows of A without cells stay empty, and of those with few cells only some do not.
    assert!(counts.rows.nonempty < 3000 - (0..3000).filter(|&i| a.row(i).0.is_empty()).count() + 1);
}

#[test]
fn estimates_do_not_depend_on_threads() {
    let (a, b) = (csr(&scattered(1, shape(700, 900), 50)), csr(&scattered(2, shape(900, 600), 40)));
    for &method in Method::ALL {
        let estimate = || product(&mut *method.workspace(), Leaf::Sparse(&a), Leaf::Sparse(&b));
        let expected = estimate();
        in_pools(|| assert_eq!(estimate(), expected, "{method:?}"));
    }
}

#[test]
fn counts_out_of_range_are_put_in_order() {
    let of = shape(4, 5);
    let count = |nnz, lower, upper| Estimate { nnz, lower, upper }.within(of);
    assert_eq!(count(f64::NAN, f64::NAN, f64::NAN), Estimate { nnz: 0.0, lower: 0.0, upper: 20.0 });
    assert_eq!(count(50.0, 30.0, 40.0), Estimate::exact(20.0));
    assert_eq!(count(3.0, 4.0, -1.0), Estimate::exact(0.0));
    let a = Leaf::Known { shape: of, count: Estimate { nnz: 9.0, lower: 0.0, upper: f64::INFINITY } };
    let b = Leaf::Known { shape: shape(5, 2), count: Estimate::exact(10.0) };
    let estimate = product(&mut *Method::Mnc.workspace(), a, b);
    assert_eq!((estimate.lower, estimate.upper), (0.0, 8.0));
}

#[test]
fn names_are_unique_and_found() {
    for &method in Method::ALL {
        assert_eq!(Method::named(method.name()), Some(method));
        assert!(!method.doc().is_empty());
    }
    assert_eq!(Method::named("guess"), None);
}

#[test]
#[should_panic(expected = "does not take inputs")]
fn shapes_that_do_not_fit_are_refused() {
    let (a, b) = (Csr::empty(2, 3), Csr::empty(2, 3));
    let mut workspace = Method::Mnc.workspace();
    let inputs = [workspace.leaf(Leaf::Sparse(&a)), workspace.leaf(Leaf::Sparse(&b))];
    workspace.apply(Op::Product, &inputs);
}
