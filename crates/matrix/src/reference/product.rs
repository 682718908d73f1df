//! Matrix products by their definition, with absorbing zeros: 0 * NaN = 0 * Inf = 0.

use crate::dense::Dense;

/// `a %*% b`.
///
/// # Panics
/// When the inner dimensions differ.
pub fn matmul(a: &Dense, b: &Dense) -> Dense {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    Dense::from_fn(a.rows(), b.cols(), |i, j| {
        let mut sum = 0.0;
        for l in 0..a.cols() {
            let (x, y) = (a.get(i, l), b.get(l, j));
            if x != 0.0 && y != 0.0 {
                sum += x * y;
            }
        }
        sum
    })
}

/// `t(a) %*% b`.
///
/// # Panics
/// When the numbers of rows differ.
pub fn matmul_tn(a: &Dense, b: &Dense) -> Dense {
    matmul(&transposed(a), b)
}

/// `a %*% t(b)`.
///
/// # Panics
/// When the numbers of columns differ.
pub fn matmul_nt(a: &Dense, b: &Dense) -> Dense {
    matmul(a, &transposed(b))
}

/// `t(a) %*% a`.
pub fn gram(a: &Dense) -> Dense {
    matmul(&transposed(a), a)
}

/// `a %*% t(a)`.
pub fn gram_rows(a: &Dense) -> Dense {
    matmul(a, &transposed(a))
}

/// `t(x) %*% (w * (x %*% v))`, without `w` `t(x) %*% (x %*% v)`.
///
/// # Panics
/// When the shapes do not fit.
pub fn chain(x: &Dense, v: &Dense, w: Option<&Dense>) -> Dense {
    let mut inner = matmul(x, v);
    if let Some(w) = w {
        assert_eq!((w.rows(), w.cols()), (x.rows(), 1), "one weight per row");
        for i in 0..inner.rows() {
            for q in inner.row_mut(i) {
                *q = if *q == 0.0 || w.get(i, 0) == 0.0 { 0.0 } else { *q * w.get(i, 0) };
            }
        }
    }
    matmul_tn(x, &inner)
}

fn transposed(a: &Dense) -> Dense {
    Dense::from_fn(a.cols(), a.rows(), |i, j| a.get(j, i))
}
