//! Element-wise functions that touch only the stored cells of sparse matrices.
//!
//! Which function suits which entry point (what it makes of zeros) is the caller's knowledge, stated per entry.
//! Rows are cut into chunks of about equal numbers of stored cells (`assemble.rs`). Invariant: results that became
//! zero are dropped, so that the CSR stays clean.
//! The same functions on dense matrices: `map.rs`, `broadcast.rs`.

#![allow(unsafe_code)]

use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::assemble::{sparse_rows, sparse_rows_scratch};
use crate::csr::Csr;
use crate::dense::Dense;
use crate::map::{CHUNK, PARALLEL_FROM, TILE};
use crate::scratch::Scratch;
use crate::store::Store;

/// The function of the stored cells that `loop_` computes from slices, for one that keeps zeros.
pub fn map_stored(loop_: impl Fn(&[f64], &mut [f64]) + Send + Sync, x: &Csr) -> Csr {
    let mut val = Store::with_capacity(x.nnz());
    let zeros = AtomicBool::new(false);
    let map = |(to, from): (&mut [MaybeUninit<f64>], &[f64])| {
        let mut space = [0.0; TILE];
        for (to, from) in to.chunks_mut(TILE).zip(from.chunks(TILE)) {
            let values = &mut space[..from.len()];
            loop_(from, values);
            if values.contains(&0.0) {
                zeros.store(true, Ordering::Relaxed);
            }
            to.write_copy_of_slice(values);
        }
    };
    let room = &mut val.spare()[..x.nnz()];
    if x.nnz() < PARALLEL_FROM {
        map((room, x.val()));
    } else {
        room.par_chunks_mut(CHUNK).zip(x.val().par_chunks(CHUNK)).for_each(map);
    }
    // SAFETY: all of them were written.
    unsafe { val.set_len(x.nnz()) };
    if zeros.into_inner() { without_zeros(x, &val) } else { x.with_val(val) }
}

/// Other values at the stored cells of `x`, in their order.
///
/// # Panics
/// When there are not as many.
pub fn with_values(x: &Csr, values: Vec<f64>) -> Csr {
    assert_eq!(values.len(), x.nnz(), "a value for each stored cell");
    if values.contains(&0.0) { without_zeros(x, &values) } else { x.with_val(Store::from(values)) }
}

/// Of `val` at the stored cells of `x`, what is not zero.
fn without_zeros(x: &Csr, val: &[f64]) -> Csr {
    sparse_rows(
        x.rows(),
        x.cols(),
        |i| x.row_ptr()[i],
        |i, room| {
            let range = x.row_ptr()[i]..x.row_ptr()[i + 1];
            for (&j, &v) in x.col()[range.clone()].iter().zip(&val[range]) {
                room.push(j, v);
            }
        },
    )
}

/// What [`map_stored`] needs for a `rows x cols` matrix with `stored` cells, when some of them become zero; else nothing.
pub fn map_stored_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    Scratch::paged::<f64>(stored).and(sparse_rows_scratch(rows, cols, stored, cols))
}

/// What [`binary_both`] and [`binary_intersect`] need for `rows x cols` matrices with `stored` cells together, and
/// [`binary_left`] for one with that many: room as if none became zero or met.
pub fn binary_scratch(rows: usize, cols: usize, stored: usize) -> Scratch {
    sparse_rows_scratch(rows, cols, stored, cols.saturating_mul(2))
}

/// `f(a, b)` where either is stored, for `f(0, 0) = 0`.
///
/// # Panics
/// When the shapes differ, as in [`binary_intersect`].
pub fn binary_both(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Csr, b: &Csr) -> Csr {
    assert_same_shape(a, b);
    sparse_rows(
        a.rows(),
        a.cols(),
        |i| a.row_ptr()[i] + b.row_ptr()[i],
        |i, room| {
            let ((a_col, a_val), (b_col, b_val)) = (a.row(i), b.row(i));
            let (mut p, mut q) = (0, 0);
            while p < a_col.len() && q < b_col.len() {
                let j = a_col[p].min(b_col[q]);
                let (in_a, in_b) = (a_col[p] == j, b_col[q] == j);
                room.push(j, f(if in_a { a_val[p] } else { 0.0 }, if in_b { b_val[q] } else { 0.0 }));
                p += usize::from(in_a);
                q += usize::from(in_b);
            }
            a_col[p..].iter().zip(&a_val[p..]).for_each(|(&j, &v)| room.push(j, f(v, 0.0)));
            b_col[q..].iter().zip(&b_val[q..]).for_each(|(&j, &v)| room.push(j, f(0.0, v)));
        },
    )
}

/// `f(a, b)` where both are stored, for `f(x, 0) = f(0, y) = 0`.
pub fn binary_intersect(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Csr, b: &Csr) -> Csr {
    assert_same_shape(a, b);
    sparse_rows(
        a.rows(),
        a.cols(),
        |i| a.row_ptr()[i] + b.row_ptr()[i],
        |i, room| {
            let ((a_col, a_val), (b_col, b_val)) = (a.row(i), b.row(i));
            let (mut p, mut q) = (0, 0);
            while p < a_col.len() && q < b_col.len() {
                match a_col[p].cmp(&b_col[q]) {
                    std::cmp::Ordering::Less => p += 1,
                    std::cmp::Ordering::Greater => q += 1,
                    std::cmp::Ordering::Equal => {
                        room.push(a_col[p], f(a_val[p], b_val[q]));
                        (p, q) = (p + 1, q + 1);
                    }
                }
            }
        },
    )
}

/// `f(a, b)` where `a` is stored, for `f(0, y) = 0` whatever `y` is; `b` has the shape of `a` or broadcasts to it.
///
/// # Panics
/// When `b` does not broadcast to the shape of `a`.
pub fn binary_left(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Csr, b: &Dense) -> Csr {
    assert!(b.rows() == a.rows() || b.rows() == 1, "{} rows against {}", b.rows(), a.rows());
    assert!(b.cols() == a.cols() || b.cols() == 1, "{} columns against {}", b.cols(), a.cols());
    sparse_rows(
        a.rows(),
        a.cols(),
        |i| a.row_ptr()[i],
        |i, room| {
            let b = b.row(if b.rows() == 1 { 0 } else { i });
            let (col, val) = a.row(i);
            for (&j, &v) in col.iter().zip(val) {
                room.push(j, f(v, if b.len() == 1 { b[0] } else { b[j as usize] }));
            }
        },
    )
}

/// `f(a, b)` where `b` is stored, for `f(x, 0) = 0` whatever `x` is; the mirror of [`binary_left`].
pub fn binary_right(f: impl Fn(f64, f64) -> f64 + Send + Sync, a: &Dense, b: &Csr) -> Csr {
    binary_left(|y, x| f(x, y), b, a)
}

/// Consecutive ranges of rows with about [`CHUNK`] stored cells and rows each, which depend on the pattern only.
pub(crate) fn row_chunks(row_ptr: &[usize]) -> Vec<Range<usize>> {
    let rows = row_ptr.len() - 1;
    let weight = |i: usize| row_ptr[i] + i;
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
