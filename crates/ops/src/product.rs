//! Matrix products in their physical forms.
//!
//! A script only has `%*%` and `t`; the compiler chooses the form, so that no transpose is materialised and
//! `t(X) %*% (X %*% v)` reads X once.

use tilewright_base::Outcome;
use tilewright_matrix::product::{self, Precision};
use tilewright_matrix::{map, reference, sparse_product, transpose};
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts, Nnz};
use crate::locality::Locality;

/// A form of product; each says what it computes of its inputs in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// `A %*% B`
    Plain,
    /// `t(A) %*% B`
    TransposedLeft,
    /// `A %*% t(B)`
    TransposedRight,
    /// `t(A) %*% A`
    Gram,
    /// `A %*% t(A)`
    GramRows,
    /// `t(X) %*% (X %*% v)`
    Chain,
    /// `t(X) %*% (w * (X %*% v))`, inputs X, v, w
    WeightedChain,
}

impl Product {
    /// All forms.
    pub const ALL: [Product; 7] = [
        Product::Plain,
        Product::TransposedLeft,
        Product::TransposedRight,
        Product::Gram,
        Product::GramRows,
        Product::Chain,
        Product::WeightedChain,
    ];

    /// The name in plans and statistics.
    pub fn name(self) -> &'static str {
        match self {
            Product::Plain => "%*%",
            Product::TransposedLeft => "t(A)%*%B",
            Product::TransposedRight => "A%*%t(B)",
            Product::Gram => "t(A)%*%A",
            Product::GramRows => "A%*%t(A)",
            Product::Chain => "t(X)%*%(X%*%v)",
            Product::WeightedChain => "t(X)%*%(w*(X%*%v))",
        }
    }

    /// Row-local on the aligned side, or a merge of partial products.
    pub fn locality(self) -> Locality {
        match self {
            Product::Plain | Product::TransposedRight => Locality::Broadcast,
            Product::TransposedLeft | Product::Gram | Product::Chain | Product::WeightedChain => {
                Locality::Partial
            }
            Product::GramRows => Locality::Collect,
        }
    }

    /// Computes the product. The precision is that of products of dense matrices; sparse ones and chains are computed
    /// in doubles.
    ///
    /// # Errors
    /// When an input is not a matrix.
    pub fn run(self, inputs: &[Value], precision: Precision) -> Outcome<Value> {
        let a = inputs[0].as_matrix()?.pin();
        let out = match self {
            Product::Plain => plain(&a, &inputs[1].as_matrix()?.pin(), precision),
            Product::TransposedLeft => transposed_left(&a, &inputs[1].as_matrix()?.pin(), precision),
            Product::TransposedRight => transposed_right(&a, &inputs[1].as_matrix()?.pin(), precision),
            Product::Gram => gram(&a, precision),
            Product::GramRows => gram_rows(&a, precision),
            Product::Chain => chain(&a, &inputs[1].as_matrix()?.pin(), None),
            Product::WeightedChain => {
                chain(&a, &inputs[1].as_matrix()?.pin(), Some(&inputs[2].as_matrix()?.pin()))
            }
        };
        Ok(out.into())
    }

    /// The definition: three nested loops.
    ///
    /// # Errors
    /// When an input is not a matrix.
    pub fn reference(self, inputs: &[Value]) -> Outcome<Value> {
        use reference::{product::matmul, reorg};
        let pinned = inputs.iter().map(|input| Ok(input.as_matrix()?.pin())).collect::<Outcome<Vec<_>>>()?;
        let dense = |at: usize| pinned[at].dense();
        let out = match self {
            Product::Plain => matmul(&dense(0), &dense(1)),
            Product::TransposedLeft => matmul(&reorg::transpose(&dense(0)), &dense(1)),
            Product::TransposedRight => matmul(&dense(0), &reorg::transpose(&dense(1))),
            Product::Gram => matmul(&reorg::transpose(&dense(0)), &dense(0)),
            Product::GramRows => matmul(&dense(0), &reorg::transpose(&dense(0))),
            Product::Chain => matmul(&reorg::transpose(&dense(0)), &matmul(&dense(0), &dense(1))),
            Product::WeightedChain => {
                let inner = matmul(&dense(0), &dense(1));
                matmul(
                    &reorg::transpose(&dense(0)),
                    &reference::cell::binary(map::absorbing_product, &dense(2), &inner),
                )
            }
        };
        Ok(Block::Dense(out).into())
    }

    /// What is known of the result.
    ///
    /// # Errors
    /// When inner dimensions differ or an operand is no matrix.
    pub fn infer(self, inputs: &[Facts]) -> Outcome<Facts> {
        let (r1, c1) = inputs[0].expect_matrix("the left side of `%*%`")?;
        let right = || inputs[1].expect_matrix("the right side of `%*%`");
        let (rows, cols) = match self {
            Product::Plain => {
                let (r2, c2) = right()?;
                inner((r1, c1), (r2, c2), c1, r2)?;
                (r1, c2)
            }
            Product::TransposedLeft => {
                let (r2, c2) = right()?;
                inner((c1, r1), (r2, c2), r1, r2)?;
                (c1, c2)
            }
            Product::TransposedRight => {
                let (r2, c2) = right()?;
                inner((r1, c1), (c2, r2), c1, c2)?;
                (r1, r2)
            }
            Product::Gram => (c1, c1),
            Product::GramRows => (r1, r1),
            Product::Chain | Product::WeightedChain => {
                let (r2, c2) = right()?;
                inner((r1, c1), (r2, c2), c1, r2)?;
                (c1, c2)
            }
        };
        let empty = inputs.iter().any(|facts| facts.nnz.bound() == Some(0));
        let nnz = if empty { Nnz::Exact(0) } else { Nnz::Unknown };
        Ok(Facts::matrix(rows, cols).with_nnz(nnz))
    }

    /// Floating-point operations, if the dimensions are known (dense).
    pub fn flops(self, inputs: &[Facts]) -> Option<f64> {
        let (rows, cols) = inputs[0].dims();
        let (m, k) = (rows.known()? as f64, cols.known()? as f64);
        let (r2, c2) = inputs.get(1).map_or((Dim::Unknown, Dim::Unknown), Facts::dims);
        Some(match self {
            Product::Plain | Product::TransposedLeft => 2.0 * m * k * c2.known()? as f64,
            Product::TransposedRight => 2.0 * m * k * r2.known()? as f64,
            Product::Gram => m * k * k,
            Product::GramRows => m * m * k,
            Product::Chain | Product::WeightedChain => 4.0 * m * k * c2.known()? as f64,
        })
    }
}

fn inner(left: (Dim, Dim), right: (Dim, Dim), a: Dim, b: Dim) -> Outcome<()> {
    if a.conflicts(b) {
        let fault = tilewright_base::fault!(
            Shape,
            "`%*%` of a {}x{} and a {}x{} matrix: the {a} columns of the left do not match the {b} rows of the right",
            left.0,
            left.1,
            right.0,
            right.1
        );
        return Err(if left == right {
            fault.hint("`*` multiplies cell by cell")
        } else if a == right.1 {
            fault.hint("transpose the right side: `A %*% t(B)`")
        } else if b == left.0 {
            fault.hint("transpose the left side: `t(A) %*% B`")
        } else {
            fault
        });
    }
    Ok(())
}

/// The product of a sparse matrix with itself is accumulated densely up to this many columns.
const DENSE_GRAM: usize = 4096;

fn plain(a: &Block, b: &Block, precision: Precision) -> Block {
    match (a, b) {
        (Block::Dense(a), Block::Dense(b)) => precision.matmul(a, b).into(),
        (Block::Sparse(a), Block::Dense(b)) => sparse_product::csr_dense(a, b).into(),
        (Block::Dense(a), Block::Sparse(b)) => sparse_product::dense_csr(a, b).into(),
        // A single column is dense in the end.
        (Block::Sparse(a), Block::Sparse(b)) if b.cols() == 1 => {
            sparse_product::csr_dense(a, &b.to_dense()).into()
        }
        (Block::Sparse(a), Block::Sparse(b)) => Block::Sparse(sparse_product::csr_csr(a, b)).compact(),
    }
}

fn transposed_left(a: &Block, b: &Block, precision: Precision) -> Block {
    match (a, b) {
        (Block::Dense(a), Block::Dense(b)) => precision.matmul_tn(a, b).into(),
        (Block::Sparse(a), Block::Dense(b)) => sparse_product::tcsr_dense(a, b).into(),
        (Block::Dense(a), Block::Sparse(b)) => sparse_product::tdense_csr(a, b).into(),
        (Block::Sparse(a), b) => plain(&transpose::sparse(a).into(), b, precision),
    }
}

fn transposed_right(a: &Block, b: &Block, precision: Precision) -> Block {
    match (a, b) {
        (Block::Dense(a), Block::Dense(b)) => precision.matmul_nt(a, b).into(),
        (a, Block::Dense(b)) => plain(a, &transpose::dense(b).into(), precision),
        (a, Block::Sparse(b)) => plain(a, &transpose::sparse(b).into(), precision),
    }
}

fn gram(a: &Block, precision: Precision) -> Block {
    match a {
        Block::Dense(a) => precision.gram(a).into(),
        Block::Sparse(a) if a.cols() <= DENSE_GRAM => sparse_product::gram(a).into(),
        sparse @ Block::Sparse(a) => plain(&transpose::sparse(a).into(), sparse, precision),
    }
}

fn gram_rows(a: &Block, precision: Precision) -> Block {
    match a {
        Block::Dense(a) => precision.gram_rows(a).into(),
        Block::Sparse(csr) => plain(a, &transpose::sparse(csr).into(), precision),
    }
}

fn chain(x: &Block, v: &Block, w: Option<&Block>) -> Block {
    let w = w.map(Block::dense);
    match x {
        Block::Dense(x) => product::chain(x, &v.dense(), w.as_deref()).into(),
        Block::Sparse(x) => sparse_product::chain(x, &v.dense(), w.as_deref()).into(),
    }
}
