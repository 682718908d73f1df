//! The order of a chain of products `M1 %*% M2 %*% ... %*% Mn`: dynamic programming over its stretches.
//!
//! - [`order_dense`]: by the dimensions, for dense matrices
//! - [`order_by`]: by any cost of a product of two stretches
//! - [`sparse`]: by the cells that are not zero, from sketches
//!
//! A product costs the longer of its operations and of the bytes it moves ([`Ceilings`]): of products with vectors bytes
//! decide, of others operations.

pub mod sparse;

use tilewright_ir::Ceilings;
use tilewright_matrix::chain::{Line, Lines, StretchCosts, highest};

/// How to multiply a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// What it costs.
    pub cost: f64,
    /// The products as they are computed, each of two operands: below the number of matrices `n` an operand is a matrix
    /// of the chain, `n + t` is the result of product `t`. The last one is the result of the chain.
    pub products: Vec<(usize, usize)>,
}

/// The cost of multiplying stretches of a chain.
pub trait Costs {
    /// The cost of the product of the results of the matrices `i..=k` and `k+1..=j` (0-based).
    fn product(&mut self, i: usize, k: usize, j: usize) -> f64;

    /// `i..=j` is best split behind `k`; all shorter stretches have been told before.
    fn settle(&mut self, i: usize, k: usize, j: usize);
}

impl<F: FnMut(usize, usize, usize) -> f64> Costs for F {
    fn product(&mut self, i: usize, k: usize, j: usize) -> f64 {
        self(i, k, j)
    }

    fn settle(&mut self, _: usize, _: usize, _: usize) {}
}

/// The order of least cost of a chain of `count` matrices, in `count^3 / 6` costs of products. Of equal costs the
/// leftmost split wins. A chain of one matrix needs no product.
pub fn order_by(count: usize, costs: &mut impl Costs) -> Order {
    let mut total = vec![0.0; count * count];
    let mut splits = vec![0; count * count];
    for length in 1..count {
        for i in 0..count - length {
            let j = i + length;
            let (mut least, mut best) = (f64::INFINITY, i);
            for k in i..j {
                let cost = total[i * count + k] + total[(k + 1) * count + j] + costs.product(i, k, j);
                if cost < least {
                    (least, best) = (cost, k);
                }
            }
            (total[i * count + j], splits[i * count + j]) = (least, best);
            costs.settle(i, best, j);
        }
    }
    order(count, total.get(count.saturating_sub(1)).copied(), |i, j| splits[i * count + j])
}

/// The cost of a dense product of `m x k` by `k x n` as lines over `n`: of its `2mkn` operations, of its bytes in the
/// caches, and of its bytes in memory, as [`Ceilings::time`] has them.
fn lines(ceilings: &Ceilings, m: f64, k: f64) -> Lines {
    let Ceilings { flop, near, read, write, spared } = *ceilings;
    [
        Line { slope: 2.0 * m * k * flop, offset: 0.0 },
        Line { slope: 8.0 * (m + k) * near, offset: 8.0 * m * k * near },
        Line { slope: 8.0 * (k * read + m * write), offset: 8.0 * m * k * read - spared },
    ]
}

/// The cost of a dense product of `m x k` by `k x n`.
pub fn product_dense(ceilings: &Ceilings, (m, k, n): (f64, f64, f64)) -> f64 {
    highest(&lines(ceilings, m, k), n)
}

/// The order of least cost of a chain of dense matrices, where matrix `k` has `dims[k]` rows and `dims[k + 1]` columns.
pub fn order_dense(dims: &[f64], ceilings: &Ceilings) -> Order {
    let costs = StretchCosts::new(dims, |m, k| lines(ceilings, m, k));
    let count = costs.count();
    // Splits are found again where they are needed, for one stretch per product.
    let split = |i: usize, j: usize| {
        let cost = |k: usize| {
            costs.get(i, k)
                + costs.get(k + 1, j)
                + product_dense(ceilings, (dims[i], dims[k + 1], dims[j + 1]))
        };
        (i + 1..j).fold((i, cost(i)), |best, k| if cost(k) < best.1 { (k, cost(k)) } else { best }).0
    };
    order(count, (count > 0).then(|| costs.get(0, count - 1)), split)
}

/// The products of a chain with the best split of each stretch, operands before their products.
fn order(count: usize, cost: Option<f64>, split: impl Fn(usize, usize) -> usize) -> Order {
    // What is still to be multiplied: a stretch is opened into its halves, and closed when both have been.
    enum Task {
        Open(usize, usize),
        Close,
    }
    let (mut products, mut done) = (Vec::new(), Vec::new());
    let mut tasks = if count > 0 { vec![Task::Open(0, count - 1)] } else { Vec::new() };
    while let Some(task) = tasks.pop() {
        match task {
            Task::Open(i, j) if i == j => done.push(i),
            Task::Open(i, j) => {
                let k = split(i, j);
                tasks.extend([Task::Close, Task::Open(k + 1, j), Task::Open(i, k)]);
            }
            Task::Close => {
                if let (Some(right), Some(left)) = (done.pop(), done.pop()) {
                    done.push(count + products.len());
                    products.push((left, right));
                }
            }
        }
    }
    Order { cost: cost.unwrap_or(0.0), products }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The least cost over all ways to put parentheses, one by one.
    pub(crate) fn brute_force(i: usize, j: usize, cost: &impl Fn(usize, usize, usize) -> f64) -> f64 {
        if i == j {
            return 0.0;
        }
        let way = |k: usize| brute_force(i, k, cost) + brute_force(k + 1, j, cost) + cost(i, k, j);
        (i..j).map(way).fold(f64::INFINITY, f64::min)
    }

    /// The cost of an order, product by product, over stretches of matrices.
    pub(crate) fn cost_of(order: &Order, count: usize, cost: impl Fn(usize, usize, usize) -> f64) -> f64 {
        let mut stretches: Vec<(usize, usize)> = (0..count).map(|i| (i, i)).collect();
        let mut total = 0.0;
        for &(left, right) in &order.products {
            let ((i, k), (next, j)) = (stretches[left], stretches[right]);
            assert_eq!(k + 1, next, "operands lie side by side");
            total += cost(i, k, j);
            stretches.push((i, j));
        }
        assert_eq!(stretches.last(), (count > 0).then(|| (0, count - 1)).as_ref());
        total
    }

    /// Of the nominal machine.
    pub(crate) fn nominal() -> Ceilings {
        tilewright_ir::Machine::default().ceilings(tilewright_ir::Class::Product)
    }

    /// Multiply-adds.
    pub(crate) const MULTIPLY_ADDS: Ceilings =
        Ceilings { flop: 0.5, near: 0.0, read: 0.0, write: 0.0, spared: 0.0 };

    /// Whole numbers for whole products, which add up to the same in any order: 1 a multiply-add, 2 a cell in the caches,
    /// 10 a cell that is read from memory and 12 one that is written, of which 100 are spared.
    const WHOLE: Ceilings = Ceilings { flop: 0.5, near: 0.25, read: 1.25, write: 1.5, spared: 100.0 };

    fn dims(count: usize, seed: usize) -> Vec<f64> {
        (0..=count).map(|k| ((k * 7919 + seed * 104_729 + (k * k * seed) % 83) % 97 + 1) as f64).collect()
    }

    #[test]
    fn equals_all_ways_to_put_parentheses() {
        for count in 1..=12 {
            for seed in 0..if count > 9 { 3 } else { 12 } {
                let dims = dims(count, seed);
                let cost = |i: usize, k: usize, j: usize| {
                    let (m, k, n) = (dims[i], dims[k + 1], dims[j + 1]);
                    let far = 10.0 * (m * k + k * n) + 12.0 * m * n - 100.0;
                    (m * k * n).max(2.0 * (m * k + k * n + m * n)).max(far)
                };
                let least = brute_force(0, count - 1, &cost);
                for order in [order_dense(&dims, &WHOLE), order_by(count, &mut cost.clone())] {
                    assert_eq!(order.cost, least, "{dims:?}");
                    assert_eq!(cost_of(&order, count, cost), least, "{dims:?}");
                }
            }
        }
    }

    #[test]
    fn a_product_costs_what_its_work_costs() {
        use tilewright_ops::{Facts, Op, product::Product};
        let machine = tilewright_ir::Machine::default();
        for (m, k, n) in [(3, 4, 5), (2000, 2000, 1), (2000, 1, 2000), (500, 600, 700), (1, 10_000_000, 1)] {
            let (a, b) = (Facts::shaped(m, k), Facts::shaped(k, n));
            let work =
                tilewright_ir::Work::moved(&Op::Product(Product::Plain), &[&a, &b], &[Facts::shaped(m, n)]);
            let (expected, size) = (machine.cost(&work.unwrap()), (m as f64, k as f64, n as f64));
            let cost = product_dense(&nominal(), size);
            assert!((cost - expected).abs() <= 1e-12 * expected, "{size:?}: {cost} is not {expected}");
        }
    }

    #[test]
    fn bytes_decide_between_thin_products() {
        // From the left 72,000 multiply-adds, and a row of 12,000 that is written and read; from the right 108,000, and
        // a 3 x 3 matrix.
        let dims = [1.0, 3.0, 12_000.0, 3.0];
        assert_eq!(order_dense(&dims, &MULTIPLY_ADDS).products, [(0, 1), (3, 2)]);
        assert_eq!(order_dense(&dims, &nominal()).products, [(1, 2), (0, 3)]);
    }

    #[test]
    fn long_chains_are_ordered_alike() {
        let dims = dims(300, 5);
        let mut cost = |i: usize, k: usize, j: usize| dims[i] * dims[k + 1] * dims[j + 1];
        assert_eq!(order_dense(&dims, &MULTIPLY_ADDS), order_by(300, &mut cost));
    }

    #[test]
    fn chains_without_a_choice() {
        let nothing = Order { cost: 0.0, products: Vec::new() };
        assert_eq!(order_dense(&[], &MULTIPLY_ADDS), nothing);
        assert_eq!(order_dense(&[4.0, 5.0], &MULTIPLY_ADDS), nothing);
        assert_eq!(order_by(0, &mut |_, _, _| 1.0), nothing);
        let pair = Order { cost: 60.0, products: vec![(0, 1)] };
        assert_eq!(order_dense(&[3.0, 4.0, 5.0], &MULTIPLY_ADDS), pair);
    }

    #[test]
    fn without_columns_nothing_costs() {
        let order = order_dense(&[3.0, 0.0, 5.0, 7.0], &MULTIPLY_ADDS);
        assert_eq!((order.cost, order.products.len()), (0.0, 2));
    }
}
