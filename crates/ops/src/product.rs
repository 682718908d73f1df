//! Matrix products in their physical forms.
//!
//! A script only has `%*%` and `t`; the compiler chooses the form, so that no transpose is materialised and
//! `t(X) %*% (X %*% v)` reads X once.

use tilewright_base::Outcome;
use tilewright_matrix::product::{self, Precision};
use tilewright_matrix::{Csr, Scratch, map, reference, sparse_product, transpose};
use tilewright_value::block::prefers_sparse;
use tilewright_value::{Block, Value};

use crate::facts::{Dim, Facts, Nnz};
use crate::locality::Locality;
use crate::scratch::{Shape, densified};

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
        Ok(Facts::matrix(rows, cols).with_nnz(self.nnz(inputs, (rows, cols))))
    }

    /// A cell of a factor reaches one row or column of the result: it makes no more cells than these have.
    fn nnz(self, inputs: &[Facts], (rows, cols): (Dim, Dim)) -> Nnz {
        if inputs.iter().any(|facts| facts.nnz.bound() == Some(0)) {
            return Nnz::Exact(0);
        }
        let reach = |facts: &Facts, cells: Dim| match facts.nnz.bound().zip(cells.known()) {
            Some((nnz, cells)) => nnz.checked_mul(cells).map_or(Nnz::Unknown, Nnz::AtMost),
            None => Nnz::Unknown,
        };
        let left = reach(&inputs[0], cols);
        match self {
            Product::Gram | Product::GramRows | Product::Chain | Product::WeightedChain => left,
            Product::Plain | Product::TransposedLeft | Product::TransposedRight => {
                left.smaller(reach(&inputs[1], rows))
            }
        }
    }

    /// What the product needs beside its inputs and the result.
    pub fn scratch(self, inputs: &[Facts]) -> Option<Scratch> {
        let a = inputs[0].shape()?;
        let b = || inputs.get(1)?.shape();
        Some(match self {
            Product::Plain => plain_scratch(a, b()?),
            Product::TransposedLeft => transposed_left_scratch(a, b()?),
            Product::TransposedRight => transposed_right_scratch(a, b()?),
            Product::Gram => gram_scratch(a),
            Product::GramRows => match a.stored {
                None => product::gram_rows_scratch(a.rows, a.cols),
                Some(_) => transposed_right_scratch(a, a),
            },
            Product::Chain | Product::WeightedChain => {
                let k = b()?.cols;
                let kernel = match a.stored {
                    None => product::chain_scratch(a.rows, a.cols, k),
                    Some(stored) => sparse_product::chain_scratch(a.rows, a.cols, k, stored),
                };
                densified(&inputs[1..])?.and(kernel)
            }
        })
    }

    /// Floating-point operations, if the dimensions are known: of the pairs of cells that meet, those that are zero in
    /// neither factor, as many as there are where non-zeros lie anywhere.
    pub fn flops(self, inputs: &[&Facts]) -> Option<f64> {
        let left = inputs[0].density()?;
        Some(
            self.dense_flops(inputs)?
                * match self {
                    // Each cell meets those of its own row or column.
                    Product::Gram | Product::GramRows => left * left,
                    // The vectors are dense.
                    Product::Chain | Product::WeightedChain => left,
                    Product::Plain | Product::TransposedLeft | Product::TransposedRight => {
                        left * inputs[1].density()?
                    }
                },
        )
    }

    fn dense_flops(self, inputs: &[&Facts]) -> Option<f64> {
        let (rows, cols) = inputs[0].dims();
        let (m, k) = (rows.known()? as f64, cols.known()? as f64);
        let (r2, c2) = inputs.get(1).map_or((Dim::Unknown, Dim::Unknown), |facts| facts.dims());
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
        (Block::Sparse(a), Block::Sparse(b)) => sparse_by_sparse(a, b),
    }
}

/// In the format that the result is likely to have.
fn sparse_by_sparse(a: &Csr, b: &Csr) -> Block {
    let is_sparse = |nnz| prefers_sparse(a.rows(), b.cols(), nnz);
    let product: Block = if is_sparse(sparse_product::likely_nnz(a, b, is_sparse)) {
        sparse_product::csr_csr(a, b).into()
    } else {
        sparse_product::csr_csr_dense(a, b).into()
    };
    product.compact()
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

fn plain_scratch(a: Shape, b: Shape) -> Scratch {
    let (m, n, k) = (a.rows, b.cols, a.cols);
    match (a.stored, b.stored) {
        (None, None) => product::matmul_scratch(m, n, k),
        (Some(_), None) => sparse_product::csr_dense_scratch(),
        (None, Some(stored)) => sparse_product::dense_csr_scratch(m, n, k, stored),
        (Some(_), Some(_)) if n == 1 => b.densified().and(sparse_product::csr_dense_scratch()),
        (Some(left), Some(right)) => {
            // With the rows of a sparse result that becomes dense.
            let sparse = sparse_product::csr_csr_scratch(m, n, left, right).and(Scratch::csr(m, 0));
            // A dense result may become sparse after all.
            let result = Shape { rows: m, cols: n, stored: None };
            let dense = sparse_product::csr_csr_dense_scratch(m).or(result.compacted());
            let stays = prefers_sparse(m, n, left.saturating_mul(n.min(right)));
            sparse_product::likely_nnz_scratch(m, n).or(sparse).or(dense.only_if(!stays))
        }
    }
}

fn transposed_left_scratch(a: Shape, b: Shape) -> Scratch {
    let (m, n, k) = (a.cols, b.cols, a.rows);
    match (a.stored, b.stored) {
        (None, None) => product::matmul_tn_scratch(m, n, k),
        (Some(stored), None) => sparse_product::tcsr_dense_scratch(m, n, k, stored),
        (None, Some(stored)) => sparse_product::tdense_csr_scratch(m, n, k, stored),
        (Some(_), Some(_)) => with_transpose(a, plain_scratch(a.turned(), b)),
    }
}

fn transposed_right_scratch(a: Shape, b: Shape) -> Scratch {
    match (a.stored, b.stored) {
        (None, None) => product::matmul_nt_scratch(a.rows, b.rows, a.cols),
        _ => with_transpose(b, plain_scratch(a, b.turned())),
    }
}

fn gram_scratch(a: Shape) -> Scratch {
    match a.stored {
        None => product::gram_scratch(a.rows, a.cols),
        Some(stored) if a.cols <= DENSE_GRAM => sparse_product::gram_scratch(a.rows, a.cols, stored),
        Some(_) => with_transpose(a, plain_scratch(a.turned(), a)),
    }
}

/// The transpose of `x`, and what is needed to make it or after that.
fn with_transpose(x: Shape, then: Scratch) -> Scratch {
    match x.stored {
        None => Scratch::dense(x.cols, x.rows).and(transpose::dense_scratch(x.rows, x.cols).or(then)),
        Some(stored) => {
            let made = transpose::sparse_scratch(x.rows, x.cols, stored);
            Scratch::csr(x.cols, stored).and(made.or(then))
        }
    }
}
