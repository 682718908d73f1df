//! Dense matrix products: general, transposed, symmetric, and the chain `t(X) %*% (w * (X %*% v))`.
//!
//! Plain IEEE arithmetic at full speed, then repair: a zero absorbs (0 * NaN = 0 * Inf = 0), and as both surface
//! as NaN only result cells that came out NaN are computed again (`repair`). Work is cut by shape and partial
//! sums are merged in a fixed tree (`tree`), so the bits of a result do not depend on the number of threads.
//!
//! - `multiply`: matrix by matrix, recursive cut around the sequential product of `block` and `pack`
//! - `small`: what is not worth cutting
//! - `thin`: operands with few columns, around `tile`
//! - `vector`: matrix by vector, vector by matrix and the chain with one vector, at memory bandwidth

mod ahead;
mod block;
mod element;
pub(crate) mod lanes;
pub(crate) mod multiply;
pub(crate) mod narrow;
mod pack;
pub(crate) mod panel;
mod precision;
mod register_tile;
pub(crate) mod repair;
mod small;
mod thin;
mod tile;
pub(crate) mod tree;
mod vector;

use crate::dense::Dense;
use crate::scratch::Scratch;
use multiply::{multiply_scratch, multiply_triangle_scratch};
pub use precision::Precision;

/// `a %*% b`, `m x k` by `k x n`.
///
/// # Panics
/// When the inner dimensions differ.
pub fn matmul(a: &Dense, b: &Dense) -> Dense {
    Precision::Double.matmul(a, b)
}

/// What [`matmul`] needs for `m x k` by `k x n`.
pub fn matmul_scratch(m: usize, n: usize, k: usize) -> Scratch {
    if n == 1 {
        Scratch::NONE
    } else if m == 1 {
        vector::vector_times_scratch(k, n)
    } else if thin::is_thin(n, k) {
        thin::multiply_thin_scratch(n, k)
    } else {
        multiply_scratch(m, n, k)
    }
}

/// `t(a) %*% b` without the transpose, `k x m` and `k x n` give `m x n`.
///
/// # Panics
/// When the numbers of rows differ.
pub fn matmul_tn(a: &Dense, b: &Dense) -> Dense {
    Precision::Double.matmul_tn(a, b)
}

/// What [`matmul_tn`] needs for `t(k x m)` by `k x n`.
pub fn matmul_tn_scratch(m: usize, n: usize, k: usize) -> Scratch {
    if n == 1 || m == 1 {
        vector::vector_times_scratch(k, m.max(n))
    } else if thin::are_thin(m, n, k) {
        thin::multiply_tn_thin_scratch(m, n, k)
    } else {
        multiply_scratch(m, n, k)
    }
}

/// `a %*% t(b)` without the transpose, `m x k` and `n x k` give `m x n`.
///
/// # Panics
/// When the numbers of columns differ.
pub fn matmul_nt(a: &Dense, b: &Dense) -> Dense {
    Precision::Double.matmul_nt(a, b)
}

/// What [`matmul_nt`] needs for `m x k` by `t(n x k)`.
pub fn matmul_nt_scratch(m: usize, n: usize, k: usize) -> Scratch {
    multiply_scratch(m, n, k).only_if(m != 1 && n != 1)
}

/// `t(a) %*% a`: half the work of a product, exactly symmetric.
pub fn gram(a: &Dense) -> Dense {
    Precision::Double.gram(a)
}

/// What [`gram`] needs for a `rows x cols` matrix.
pub fn gram_scratch(rows: usize, cols: usize) -> Scratch {
    if cols <= thin::SIDE {
        thin::gram_thin_scratch(cols, rows)
    } else {
        multiply_triangle_scratch(cols, rows)
    }
}

/// `a %*% t(a)`: half the work of a product, exactly symmetric.
pub fn gram_rows(a: &Dense) -> Dense {
    Precision::Double.gram_rows(a)
}

/// What [`gram_rows`] needs for a `rows x cols` matrix.
pub fn gram_rows_scratch(rows: usize, cols: usize) -> Scratch {
    multiply_triangle_scratch(rows, cols)
}

/// `t(x) %*% (w * (x %*% v))` reading `x` once; without `w`, `t(x) %*% (x %*% v)`.
///
/// `v` is `cols x k` for a small `k`, `w` is `rows x 1`, the result is `cols x k`.
///
/// # Panics
/// When the shapes do not fit.
pub fn chain(x: &Dense, v: &Dense, w: Option<&Dense>) -> Dense {
    assert_eq!(x.cols(), v.rows(), "inner dimensions");
    assert!(w.is_none_or(|w| (w.rows(), w.cols()) == (x.rows(), 1)), "one weight per row");
    let weights = w.map(Dense::cells);
    let c = if v.cols() == 1 {
        vector::chain_vector(x, v.cells(), weights)
    } else {
        thin::chain_thin(x, v, weights)
    };
    if !repair::has_nan(c.cells()) {
        return c;
    }
    let mut inner = matmul(x, v);
    scale_rows(inner.cells_mut(), v.cols(), weights);
    matmul_tn(x, &inner)
}

/// What [`chain`] needs for a `rows x cols` matrix and `k` vectors. When the result has a NaN it is computed again
/// through the inner product, which takes `rows x k` cells.
pub fn chain_scratch(rows: usize, cols: usize, k: usize) -> Scratch {
    let direct = if k == 1 {
        vector::chain_vector_scratch(rows, cols)
    } else {
        thin::chain_thin_scratch(rows, cols, k)
    };
    let products = matmul_scratch(rows, k, cols).or(matmul_tn_scratch(cols, k, rows));
    let again = Scratch::dense(rows, k).and(Scratch::dense(cols, k)).and(products);
    direct.or(again)
}

/// Row `i` of the row-major `cells` times `w[i]`; a zero weight absorbs.
fn scale_rows(cells: &mut [f64], cols: usize, w: Option<&[f64]>) {
    let Some(w) = w else { return };
    for (row, &w) in cells.chunks_exact_mut(cols.max(1)).zip(w) {
        for x in row {
            *x = repair::absorbing_product(*x, w);
        }
    }
}

/// Copies the lower triangle to the upper one, block by block to stay in the cache.
pub(crate) fn mirror_lower(c: &mut Dense) {
    const BLOCK: usize = 32;
    let n = c.rows();
    for top in (0..n).step_by(BLOCK) {
        for left in (0..=top).step_by(BLOCK) {
            for i in top..n.min(top + BLOCK) {
                for j in left..i.min(left + BLOCK) {
                    c.set(j, i, c.get(i, j));
                }
            }
        }
    }
}
