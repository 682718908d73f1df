//! How exactly dense products are computed: [`Precision`].

use super::element::Element;
use super::multiply::{multiply_as, multiply_triangle, view, view_mut};
use super::repair::{absorbing_dot, repair};
use super::{mirror_lower, small, thin, vector};
use crate::dense::Dense;

/// The type of numbers in which products of dense matrices multiply and add.
///
/// Matrices are doubles in memory whatever the precision. In single precision the cells of the operands are rounded to
/// singles, the products of 384 steps of the inner dimension are summed in singles, and these sums are added in
/// doubles. With `u = 2^-24` the error of a cell is to first order at most `387 u` times the sum of the magnitudes of
/// its terms: `2 u` for rounding the operands, `385 u` for multiplying and summing (Higham 2002, "Accuracy and
/// Stability of Numerical Algorithms", section 3.1). Magnitudes above 3.4e38 round to infinity, those below 1.2e-38 lose
/// digits.
///
/// What memory holds up rather than arithmetic stays in doubles, as it would gain nothing: products with a vector, those
/// of thin operands of at most 16 columns that are read in place, small products, and the chain
/// `t(X) %*% (w * (X %*% v))`. So do result cells that come out NaN, as infinities of the rounding may cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// 64 bits.
    #[default]
    Double,
    /// 32 bits, at up to twice the speed.
    Single,
}

impl Precision {
    /// `a %*% b`, `m x k` by `k x n`.
    ///
    /// # Panics
    /// When the inner dimensions differ.
    pub fn matmul(self, a: &Dense, b: &Dense) -> Dense {
        match self {
            Precision::Double => matmul::<f64>(a, b),
            Precision::Single => matmul::<f32>(a, b),
        }
    }

    /// `t(a) %*% b` without the transpose, `k x m` and `k x n` give `m x n`.
    ///
    /// # Panics
    /// When the numbers of rows differ.
    pub fn matmul_tn(self, a: &Dense, b: &Dense) -> Dense {
        match self {
            Precision::Double => matmul_tn::<f64>(a, b),
            Precision::Single => matmul_tn::<f32>(a, b),
        }
    }

    /// `a %*% t(b)` without the transpose, `m x k` and `n x k` give `m x n`.
    ///
    /// # Panics
    /// When the numbers of columns differ.
    pub fn matmul_nt(self, a: &Dense, b: &Dense) -> Dense {
        match self {
            Precision::Double => matmul_nt::<f64>(a, b),
            Precision::Single => matmul_nt::<f32>(a, b),
        }
    }

    /// `t(a) %*% a`: half the work of a product, exactly symmetric.
    pub fn gram(self, a: &Dense) -> Dense {
        match self {
            Precision::Double => gram::<f64>(a),
            Precision::Single => gram::<f32>(a),
        }
    }

    /// `a %*% t(a)`: half the work of a product, exactly symmetric.
    pub fn gram_rows(self, a: &Dense) -> Dense {
        match self {
            Precision::Double => gram_rows::<f64>(a),
            Precision::Single => gram_rows::<f32>(a),
        }
    }
}

fn matmul<E: Element>(a: &Dense, b: &Dense) -> Dense {
    assert_eq!(a.cols(), b.rows(), "inner dimensions");
    let (m, n, k) = (a.rows(), b.cols(), a.cols());
    let mut c = if n == 1 {
        vector::times_vector(a, b.cells())
    } else if m == 1 {
        vector::vector_times(b, a.cells()).reshaped(1, n)
    } else if small::is_small(m, n, k) {
        small::multiply_small(a, b)
    } else if thin::is_thin(n, k) {
        thin::multiply_thin(a, b)
    } else {
        let mut c = Dense::unset(m, n);
        multiply_as::<E>(view_mut(&mut c), view(a), view(b));
        c
    };
    repair(&mut c, |i, j| absorbing_dot((0..k).map(|l| (a.get(i, l), b.get(l, j)))));
    c
}

fn matmul_tn<E: Element>(a: &Dense, b: &Dense) -> Dense {
    assert_eq!(a.rows(), b.rows(), "inner dimensions");
    let (m, n, k) = (a.cols(), b.cols(), a.rows());
    let mut c = if n == 1 {
        vector::vector_times(a, b.cells())
    } else if m == 1 {
        vector::vector_times(b, a.cells()).reshaped(1, n)
    } else if thin::are_thin(m, n, k) {
        thin::multiply_tn_thin::<E>(a, b)
    } else {
        let mut c = Dense::unset(m, n);
        multiply_as::<E>(view_mut(&mut c), view(a).transpose(), view(b));
        c
    };
    repair(&mut c, |i, j| absorbing_dot((0..k).map(|l| (a.get(l, i), b.get(l, j)))));
    c
}

fn matmul_nt<E: Element>(a: &Dense, b: &Dense) -> Dense {
    assert_eq!(a.cols(), b.cols(), "inner dimensions");
    let (m, n) = (a.rows(), b.rows());
    let mut c = if n == 1 {
        vector::times_vector(a, b.cells())
    } else if m == 1 {
        vector::times_vector(b, a.cells()).reshaped(1, n)
    } else {
        let mut c = Dense::unset(m, n);
        multiply_as::<E>(view_mut(&mut c), view(a), view(b).transpose());
        c
    };
    repair(&mut c, |i, j| absorbing_dot(a.row(i).iter().copied().zip(b.row(j).iter().copied())));
    c
}

fn gram<E: Element>(a: &Dense) -> Dense {
    let mut c = if a.cols() <= thin::SIDE {
        thin::gram_thin::<E>(a)
    } else {
        let mut c = Dense::unset(a.cols(), a.cols());
        multiply_triangle::<E>(view_mut(&mut c), view(a));
        c
    };
    mirror_lower(&mut c);
    repair(&mut c, |i, j| absorbing_dot((0..a.rows()).map(|l| (a.get(l, i), a.get(l, j)))));
    c
}

fn gram_rows<E: Element>(a: &Dense) -> Dense {
    let mut c = Dense::unset(a.rows(), a.rows());
    multiply_triangle::<E>(view_mut(&mut c), view(a).transpose());
    mirror_lower(&mut c);
    repair(&mut c, |i, j| absorbing_dot(a.row(i).iter().copied().zip(a.row(j).iter().copied())));
    c
}
