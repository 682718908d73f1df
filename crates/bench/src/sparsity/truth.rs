//! The number of non-zero cells of a case, by computing it. Cells are positive, so nothing cancels.

use tilewright_matrix::estimate::Op;
use tilewright_matrix::reorg::{self, CellOrder};
use tilewright_matrix::{Csr, Dense, bind, sparse_map, sparse_product, transpose};

use super::cases::Case;

/// The cells of its result that are not zero.
pub fn nnz(case: &Case) -> f64 {
    let mut results: Vec<Csr> = Vec::new();
    for (op, inputs) in &case.steps {
        let input = |at: usize| {
            let at = inputs[at];
            if at < case.leaves.len() { &case.leaves[at].1 } else { &results[at - case.leaves.len()] }
        };
        let result = apply(*op, input);
        results.push(result);
    }
    results.last().map_or(0.0, |last| last.nnz() as f64)
}

fn apply<'a>(op: Op, input: impl Fn(usize) -> &'a Csr) -> Csr {
    let a = input(0);
    match op {
        Op::Product => ones(sparse_product::csr_csr(a, input(1))),
        Op::Plus => ones(sparse_map::binary_both(|a, b| a + b, a, input(1))),
        Op::Times => ones(sparse_map::binary_intersect(|a, b| a * b, a, input(1))),
        Op::Transpose => transpose::sparse(a),
        Op::Cbind => bind::cbind_sparse(&[a, input(1)]),
        Op::Rbind => bind::rbind_sparse(&[a, input(1)]),
        Op::DiagMatrix => reorg::diag_matrix_sparse(a),
        Op::DiagVector => reorg::diag_vector_sparse(a),
        Op::Reshape(shape) => reorg::reshape_sparse(a, shape.rows, shape.cols, CellOrder::ByRow),
        Op::NotZero => a.clone(),
        Op::EqualsZero => {
            let cell = |i: usize, j: usize| f64::from(a.get(i, j) == 0.0);
            Csr::from_dense(&Dense::from_fn(a.rows(), a.cols(), cell))
        }
    }
}

/// Ones in place of sums, which would grow along a chain.
fn ones(x: Csr) -> Csr {
    sparse_map::map_stored(|_, out| out.fill(1.0), &x)
}
