//! Element-wise functions that touch only the stored cells of sparse matrices.
//!
//! Which function suits which entry point (what it makes of zeros) is the caller's knowledge, stated per entry.
//! Rows are cut into chunks of about equal numbers of stored cells; every chunk builds its part of the result and
//! the parts are joined in order. Invariant: results that became zero are dropped, so that the CSR stays clean.
//! The same functions on dense matrices: `map.rs`, `broadcast.rs`.

use std::ops::Range;

use crate::csr::Csr;
use crate::dense::Dense;
use crate::map::{CHUNK, collect_parts, for_chunks};

/// The function of the stored cells that `loop_` computes from slices, for one that keeps zeros.
pub fn map_stored(loop_: impl Fn(&[f64], &mut [f64]) + Send + Sync, x: &Csr) -> Csr {
    let mut val = vec![0.0; x.nnz()];
    for_chunks(&mut val, CHUNK, x.nnz(), |start, out| loop_(&x.val()[start..start + out.len()], out));
    if val.iter().all(|&v| v != 0.0) {
        return Csr::from_parts(x.rows(), x.cols(), x.row_ptr().to_vec(), x.col().to_vec(), val);
    }
    build(x.rows(), x.cols(), &row_chunks(x.row_ptr()), x.nnz(), |i, part| {
        let range = x.row_ptr()[i]..x.row_ptr()[i + 1];
        for (&j, &v) in x.col()[range.clone()].iter().zip(&val[range]) {
            part.push(j, v);
        }
    })
}

/// `f(a, b)` where either is stored, for `f(0, 0) = 0`.
///
/// # Panics
/// When the shapes differ, as in [`binary_intersect`].
pub fn binary_both(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Csr, b: &Csr) -> Csr {
    assert_same_shape(a, b);
    build(a.rows(), a.cols(), &row_chunks_of_two(a, b), a.nnz() + b.nnz(), |i, part| {
        let ((a_col, a_val), (b_col, b_val)) = (a.row(i), b.row(i));
        let (mut p, mut q) = (0, 0);
        while p < a_col.len() && q < b_col.len() {
            let j = a_col[p].min(b_col[q]);
            let (in_a, in_b) = (a_col[p] == j, b_col[q] == j);
            part.push(j, f(if in_a { a_val[p] } else { 0.0 }, if in_b { b_val[q] } else { 0.0 }));
            p += usize::from(in_a);
            q += usize::from(in_b);
        }
        a_col[p..].iter().zip(&a_val[p..]).for_each(|(&j, &v)| part.push(j, f(v, 0.0)));
        b_col[q..].iter().zip(&b_val[q..]).for_each(|(&j, &v)| part.push(j, f(0.0, v)));
    })
}

/// `f(a, b)` where both are stored, for `f(x, 0) = f(0, y) = 0`.
pub fn binary_intersect(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Csr, b: &Csr) -> Csr {
    assert_same_shape(a, b);
    build(a.rows(), a.cols(), &row_chunks_of_two(a, b), a.nnz() + b.nnz(), |i, part| {
        let ((a_col, a_val), (b_col, b_val)) = (a.row(i), b.row(i));
        let (mut p, mut q) = (0, 0);
        while p < a_col.len() && q < b_col.len() {
            match a_col[p].cmp(&b_col[q]) {
                std::cmp::Ordering::Less => p += 1,
                std::cmp::Ordering::Greater => q += 1,
                std::cmp::Ordering::Equal => {
                    part.push(a_col[p], f(a_val[p], b_val[q]));
                    (p, q) = (p + 1, q + 1);
                }
            }
        }
    })
}

/// `f(a, b)` where `a` is stored, for `f(0, y) = 0` whatever `y` is; `b` has the shape of `a` or broadcasts to it.
///
/// # Panics
/// When `b` does not broadcast to the shape of `a`.
pub fn binary_left(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Csr, b: &Dense) -> Csr {
    assert!(b.rows() == a.rows() || b.rows() == 1, "{} rows against {}", b.rows(), a.rows());
    assert!(b.cols() == a.cols() || b.cols() == 1, "{} columns against {}", b.cols(), a.cols());
    build(a.rows(), a.cols(), &row_chunks(a.row_ptr()), a.nnz(), |i, part| {
        let b = b.row(if b.rows() == 1 { 0 } else { i });
        let (col, val) = a.row(i);
        for (&j, &v) in col.iter().zip(val) {
            part.push(j, f(v, if b.len() == 1 { b[0] } else { b[j as usize] }));
        }
    })
}

/// `f(a, b)` where `b` is stored, for `f(x, 0) = 0` whatever `x` is; the mirror of [`binary_left`].
pub fn binary_right(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Dense, b: &Csr) -> Csr {
    binary_left(|y, x| f(x, y), b, a)
}

/// Consecutive ranges of rows with about [`CHUNK`] stored cells and rows each, which depend on the pattern only.
pub(crate) fn row_chunks(row_ptr: &[usize]) -> Vec<Range<usize>> {
    balanced_chunks(row_ptr.len() - 1, |i| row_ptr[i])
}

/// As [`row_chunks`], by the stored cells of two matrices of the same shape.
fn row_chunks_of_two(a: &Csr, b: &Csr) -> Vec<Range<usize>> {
    balanced_chunks(a.rows(), |i| a.row_ptr()[i] + b.row_ptr()[i])
}

fn balanced_chunks(rows: usize, stored_before: impl Fn(usize) -> usize) -> Vec<Range<usize>> {
    let weight = |i: usize| stored_before(i) + i;
    let count = weight(rows).div_ceil(CHUNK).max(1);
    let first_row = |k: usize| {
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = low.midpoint(high);
            if weight(middle) < k * CHUNK { low = middle + 1 } else { high = middle }
        }
        low
    };
    (0..count).map(|k| first_row(k)..if k + 1 == count { rows } else { first_row(k + 1) }).collect()
}

/// The rows of a result that one chunk builds.
#[derive(Default)]
struct Part {
    row_end: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
}

impl Part {
    fn push(&mut self, j: u32, value: f64) {
        if value != 0.0 {
            self.col.push(j);
            self.val.push(value);
        }
    }
}

/// The matrix whose row `i` is what `row(i, part)` pushes, by ascending column.
fn build(
    rows: usize,
    cols: usize,
    chunks: &[Range<usize>],
    work: usize,
    row: impl Fn(usize, &mut Part) + Send + Sync,
) -> Csr {
    let parts = collect_parts(chunks.len(), work + rows, |k| {
        let mut part = Part::default();
        for i in chunks[k].clone() {
            row(i, &mut part);
            part.row_end.push(part.col.len());
        }
        part
    });
    join(rows, cols, parts)
}

fn join(rows: usize, cols: usize, parts: Vec<Part>) -> Csr {
    let nnz = parts.iter().map(|part| part.col.len()).sum();
    let mut row_ptr = Vec::with_capacity(rows + 1);
    let (mut col, mut val) = (Vec::with_capacity(nnz), Vec::with_capacity(nnz));
    row_ptr.push(0);
    for part in parts {
        let before = col.len();
        row_ptr.extend(part.row_end.iter().map(|end| before + end));
        col.extend_from_slice(&part.col);
        val.extend_from_slice(&part.val);
    }
    Csr::from_parts(rows, cols, row_ptr, col, val)
}

fn assert_same_shape(a: &Csr, b: &Csr) {
    assert_eq!((a.rows(), a.cols()), (b.rows(), b.cols()), "shapes of sparse operands");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::absorbing_product;
    use crate::reference::cell;
    use crate::testing::{any_dense, assert_same, in_pools, values};
    use crate::unary_loop;
    use proptest::prelude::*;

    fn minus(x: f64, y: f64) -> f64 {
        x - y
    }

    fn pair() -> impl Strategy<Value = (Dense, Dense)> {
        any_dense().prop_flat_map(|x| {
            let (rows, cols) = (x.rows(), x.cols());
            let other = values(rows * cols).prop_map(move |cells| Dense::from_cells(rows, cols, &cells));
            (Just(x), other)
        })
    }

    fn assert_matches(actual: &Csr, expected: &Dense) {
        assert!(actual.val().iter().all(|&v| v != 0.0));
        assert_same(&actual.to_dense(), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn stored_cells_match_the_reference((x, y) in pair()) {
            let (a, b) = (Csr::from_dense(&x), Csr::from_dense(&y));
            assert_matches(&map_stored(unary_loop!(f64::trunc), &a), &cell::unary(f64::trunc, &x));
            assert_matches(&map_stored(unary_loop!(f64::sqrt), &a), &cell::unary(f64::sqrt, &x));
            assert_matches(&binary_both(minus, &a, &b), &cell::binary(minus, &x, &y));
            let product = cell::binary(absorbing_product, &x, &y);
            assert_matches(&binary_intersect(|x, y| x * y, &a, &b), &product);
            assert_matches(&binary_left(absorbing_product, &a, &y), &product);
            assert_matches(&binary_right(absorbing_product, &x, &b), &product);
        }

        #[test]
        fn vectors_broadcast(x in any_dense(), scalar in -2.0..2.0) {
            let a = Csr::from_dense(&x);
            let row = Dense::from_fn(1, x.cols(), |_, j| j as f64 - 1.0);
            let column = Dense::from_fn(x.rows(), 1, |i, _| i as f64 + 0.5);
            for vector in [row, column, Dense::filled(1, 1, scalar)] {
                let expected = cell::binary(absorbing_product, &x, &vector);
                assert_matches(&binary_left(absorbing_product, &a, &vector), &expected);
                assert_matches(&binary_right(absorbing_product, &vector, &a), &expected);
            }
        }
    }

    #[test]
    fn threads_do_not_show() {
        let x =
            Dense::from_fn(900, 400, |i, j| if (i * j) % 3 == i % 2 { (i + j) as f64 - 400.0 } else { 0.0 });
        let y = Dense::from_fn(900, 400, |i, j| if (i + j) % 5 < 3 { i as f64 - j as f64 } else { 0.0 });
        let (a, b) = (Csr::from_dense(&x), Csr::from_dense(&y));
        assert!(row_chunks(a.row_ptr()).len() > 2);
        in_pools(|| {
            assert_matches(&binary_both(minus, &a, &b), &cell::binary(minus, &x, &y));
            assert_matches(
                &binary_intersect(|x, y| x * y, &a, &b),
                &cell::binary(|x, y| x * y + 0.0, &x, &y),
            );
            assert_matches(
                &map_stored(unary_loop!(|v: f64| v.max(0.0)), &a),
                &cell::unary(|v| v.max(0.0), &x),
            );
        });
    }
}
